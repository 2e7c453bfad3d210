"""Bands: the chain over many draws, in chunks, and what part of the variance is prior.

Chunks keep memory small and let two threads work; results do not depend on how many there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.model import chain
from endplate.model.backend import namespace
from endplate.model.course import course_metrics
from endplate.model.face.parts import with_parts
from endplate.model.parameters import ParameterSet
from endplate.model.setup import Setup, sparse
from endplate.model.simulate import daily_force
from endplate.population.draws import draw_needles, draw_parameters
from endplate.population.face import Key, face_bands

CHUNK = 50  # draws at a time, fewer where they would need too much memory
CHUNK_BYTES = 3e8
MOST_WORK = 4e10  # steps x draws x points; about a quarter of an hour
TABLE_BINS = 120
MAX_DRAWS = 100_000
LEVELS = {"low": 0.05, "median": 0.5, "high": 0.95}
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Bands:
    """What the draws say.

    Attributes:
        force: "low", "median" and "high", the 5 %, 50 % and 95 % points over the active muscles, (muscle, day) each.
        metrics: `<name>_low`, `_median` and `_high` of each metric, (muscle,).
        prior_share (muscle,): share of the variance of force at the nadir that A and B graded parameters leave.
        draws: how many there were.
        face: "low" and "high" of each measure of the face, (measure, side) -> (day,) each; empty where not asked for.
    """

    force: dict[str, np.ndarray]
    metrics: dict[str, np.ndarray]
    prior_share: np.ndarray
    draws: int
    face: dict[Key, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)


def check_draws(draws: int) -> None:
    """Raises ModelError unless a band can be made of so many draws."""
    if not 2 <= draws <= MAX_DRAWS:
        raise ModelError(
            f"{draws} samples were asked for.",
            f"Allowed: 0 (no bands), or 2 to {MAX_DRAWS}.",
            "Give --samples.",
        )


def chunk_size(setup: Setup, draws: int) -> int:
    """Draws at a time that keep the light chain of every point and day within a fixed memory.

    Raises:
        ModelError: more work than anyone would wait for.
    """
    several = len(setup.used_sessions) > 1
    per_draw = (setup.days - setup.start) * (max(len(setup.active), 1) if several else TABLE_BINS)
    if per_draw * draws > MOST_WORK:
        raise ModelError(
            f"{draws} samples of {len(setup.sessions)} session(s) over {setup.days - setup.start} days take very long.",
            "",
            f"Give at most {max(2, int(MOST_WORK / per_draw))} --samples, or fewer --days.",
        )
    return max(1, min(CHUNK, int(CHUNK_BYTES / (per_draw * 8 * 3))))


def draw_forces(
    setup: Setup,
    parameters: ParameterSet,
    needle: chain.Needle,
    *,
    engine: str = "numpy",
    progress: Progress | None = None,
) -> np.ndarray:
    """Force of the active muscles at the kept days for every draw, (draw, muscle, node)."""
    draws = parameters.draws
    size = chunk_size(setup, draws)
    done = [0]

    def one(start: int) -> np.ndarray:
        xp, scope = namespace(engine)
        with scope:
            part = chain.forces(
                xp, setup, parameters.chunk(start, start + size), needle.chunk(start, start + size)
            )
            result = np.asarray(part)
        done[0] += len(result)
        if progress is not None:
            progress(min(done[0], draws), draws)
        return result

    # JAX runs its own threads; NumPy lets go of the interpreter inside each large operation.
    workers = 1 if engine != "numpy" else min(2, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(one, range(0, draws, size))))


def force_bands(
    setup: Setup,
    operators: list[tuple[str, str]],
    *,
    draws: int = 200,
    seed: int = 0,
    nadir_day: np.ndarray | None = None,
    engine: str = "numpy",
    progress: Progress | None = None,
    with_face: bool = False,
    patient: Any = None,
) -> Bands:
    """90 % bands of force and metrics over `draws` draws of parameters and needles.

    Args:
        operators: (experience, guidance) of each site.
        nadir_day: day of the point estimate's nadir per active muscle, where the prior share is taken.
        with_face: whether to band the measures of the face too, from the same draws. patient: the plan's, whose nerves
            and grades before treatment they read.

    Raises:
        ModelError: fewer than 2 or more than 100,000 draws, or more work than can be waited for.
    """
    check_draws(draws)
    setup = sparse(setup)
    parameters = draw_parameters(draws, seed)
    needle = draw_needles(setup, operators, parameters, seed)
    wide, parts = with_parts(setup) if with_face else (setup, ())
    every = draw_forces(wide, parameters, needle, engine=engine, progress=progress)
    at_nodes = every[:, : len(setup.active_muscles)]
    from_zero = setup.nodes >= 0
    nodes, kept = setup.nodes[from_zero], at_nodes[..., from_zero]
    # Quantiles and crossings are taken at the kept days (daily at first); only the band itself is interpolated.
    edges = np.quantile(at_nodes, list(LEVELS.values()), axis=0)
    force = {
        name: np.clip(daily_force(setup, edge), 0.0, 1.0) for name, edge in zip(LEVELS, edges, strict=True)
    }
    metrics: dict[str, np.ndarray] = {}
    share = np.zeros(kept.shape[1])
    for m in range(kept.shape[1]):
        _collect(metrics, course_metrics(nodes, kept[:, m]), m, kept.shape[1])
        if nadir_day is not None:
            nearest = int(np.abs(nodes - nadir_day[m]).argmin())
            share[m] = prior_share(kept[:, m, nearest], parameters)
    face = {}
    if with_face:
        names = (*(setup.endplates.names[row] for row in setup.active_muscles), *parts)
        face = face_bands(setup, names, every, seed, patient)
    return Bands(force, metrics, share, draws, face)


def _collect(into: dict[str, np.ndarray], found: dict[str, np.ndarray], row: int, rows: int) -> None:
    """Quantiles of each metric over all draws; NaN where the quantile falls among draws without a value.

    A draw that never weakens has no onset and a duration of zero; one still weak on the last day lasts longer than
    any that ended.
    """
    never = np.isnan(found["onset_day"])
    filled = {
        **found,
        "onset_day": np.where(never, np.inf, found["onset_day"]),
        "duration_days": np.where(
            never, 0.0, np.where(np.isnan(found["duration_days"]), np.inf, found["duration_days"])
        ),
    }
    for name, values in filled.items():
        ordered = np.sort(values)
        for suffix, level in LEVELS.items():
            column = into.setdefault(f"{name}_{suffix}", np.full(rows, np.nan))
            at = ordered[round(level * (len(ordered) - 1))]
            column[row] = at if np.isfinite(at) else np.nan


def prior_share(outcome: np.ndarray, parameters: ParameterSet) -> float:
    """1 - adjusted R^2 of a linear regression of the outcome on the A and B graded parameters.

    What those do not explain (other parameters, needles, interactions) counts as prior: the cautious side.
    """
    variance = float(outcome.var())
    if variance < 1e-18:
        return 0.0
    table = catalogue().parameters
    columns = [
        np.log(v) if table[n].scale == "log" else v
        for n, v in parameters.values.items()
        if table[n].grade in "AB" and np.ptp(v) > 0
    ]
    if not columns:
        return 1.0
    design = np.column_stack([np.ones(len(outcome)), *[(c - c.mean()) / c.std() for c in columns]])
    coefficients, *_ = np.linalg.lstsq(design, outcome, rcond=None)
    residual = float(((outcome - design @ coefficients) ** 2).mean())
    freedom = (len(outcome) - 1) / max(len(outcome) - design.shape[1], 1)
    return float(np.clip(freedom * residual / variance, 0.0, 1.0))
