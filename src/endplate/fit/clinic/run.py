"""Run the fit: chains side by side in processes, left-out studies one after another, draws put together.

Every job is one chain with one set of rows; its key depends on the seed, the job and the chain alone, so the numbers do
not depend on how many processes there are. JAX must not be forked: processes are spawned.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from endplate.errors import ModelError
from endplate.fit.clinic.persons import SENSITIVITIES
from endplate.fit.clinic.problem import Problem
from endplate.fit.clinic.sampler import Settings

METRIC = Path(__file__).parent / "data" / "metric.npz"
Progress = Callable[[int, int], None]
FITTED = "calibrate"


@dataclass(frozen=True)
class Job:
    """One chain without the rows of one study ("" for none)."""

    left_out: str
    chain: int


@dataclass(frozen=True)
class Fit:
    """Draws of all chains for one set of rows.

    Attributes:
        names: fitted parameters. values (chain, draw, name): in their units; scores: their normal
            scores. effects (chain, draw, effect, study): normal
            scores. expected (chain, draw, row): predicted share or median weeks of every row.
        rows: their ids. studies: names. used (row,): whether a row was fitted. diverging (chain,): count.
        seconds: of all chains together.
    """

    names: tuple[str, ...]
    studies: tuple[str, ...]
    rows: tuple[str, ...]
    used: np.ndarray
    values: np.ndarray
    scores: np.ndarray
    effects: np.ndarray
    expected: np.ndarray
    diverging: np.ndarray
    steps: np.ndarray
    seconds: float
    settings: Settings


def problem_of_catalogue(sensitivities: int = SENSITIVITIES, uses: Sequence[str] = (FITTED,)) -> Problem:
    """The problem of all rows of these uses that can be predicted, through the stored banks.

    Args:
        sensitivities: classes of people behind each rate.
    """
    from endplate.fit.clinic import banks
    from endplate.fit.clinic.build import build, predicted_results

    return build(predicted_results(uses), banks.load(), sensitivities)


def weights(problem: Problem, left_out: str) -> np.ndarray:
    """Weight of each row: 0 where its study is left out, (row,)."""
    if left_out and left_out not in problem.studies:
        raise ModelError(f"No study `{left_out}` is predicted.", "", "Names: `endplate list studies`.")
    kept = np.array([problem.studies[row.study] != left_out for row in problem.rows])
    return kept.astype(float)


_KEPT: dict[str, Any] = {}


def _one_thread() -> None:
    """Keep JAX to one thread in each process: there is one chain a core, and threads would only wait for each other."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def _one(
    job: Job, settings: Settings, sensitivities: int, start: Any
) -> tuple[Job, dict[str, np.ndarray], float]:
    """Run a job in this process; the compiled sampler is kept for the next."""
    from endplate.fit.clinic.sampler import make_sampler, run_again

    begun = time.perf_counter()
    tag = f"{settings}{sensitivities}{start is None}"
    if tag not in _KEPT:
        problem = problem_of_catalogue(sensitivities)
        _KEPT[tag] = problem, make_sampler(problem, settings, start)
    problem, sampler = _KEPT[tag]
    seed = settings.seed + crc32(job.left_out.encode()) if job.left_out else settings.seed
    found = run_again(sampler, weights(problem, job.left_out), seed % 2**31, job.chain)
    return job, found, time.perf_counter() - begun


def run_jobs(
    jobs: Sequence[Job],
    settings: Settings,
    *,
    sensitivities: int = SENSITIVITIES,
    workers: int = 2,
    start: Any = None,
) -> Iterator[tuple[Job, dict[str, np.ndarray], float]]:
    """Jobs as they are done."""
    if workers <= 1:
        yield from (_one(job, settings, sensitivities, start) for job in jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_one_thread) as pool:
        waiting = [pool.submit(_one, job, settings, sensitivities, start) for job in jobs]
        for done in as_completed(waiting):
            yield done.result()


def fit(
    settings: Settings = Settings(),
    *,
    left_out: Sequence[str] = ("",),
    sensitivities: int = SENSITIVITIES,
    workers: int = 2,
    progress: Progress | None = None,
    start: Any = None,
) -> dict[str, Fit]:
    """Fit all rows for calibration, or all but those of one study after another.

    Args:
        left_out: names of studies; "" is the fit of everything.
        sensitivities: classes of people behind each rate.
        start: centre and covariance of the unknowns (`metric_of` another fit), which saves most of the warm-up.

    Returns:
        a Fit for each name.
    """
    if start is None:
        start = stored_metric(problem_of_catalogue(sensitivities))
    jobs = [Job(name, chain) for name in left_out for chain in range(settings.chains)]
    found: dict[Job, dict[str, np.ndarray]] = {}
    spent: dict[Job, float] = {}
    for job, draws, seconds in run_jobs(
        jobs, settings, sensitivities=sensitivities, workers=workers, start=start
    ):
        found[job], spent[job] = draws, seconds
        if progress is not None:
            progress(len(found), len(jobs))
    problem = problem_of_catalogue(sensitivities)
    return {name: _together(problem, name, settings, found, spent) for name in left_out}


def _together(
    problem: Problem,
    name: str,
    settings: Settings,
    found: dict[Job, Any],
    spent: dict[Job, float],
) -> Fit:
    from endplate.fit.clinic.sampler import values_of

    mine = [found[Job(name, chain)] for chain in range(settings.chains)]
    z = np.stack([draws["z"] for draws in mine])
    drawn = values_of(np, problem, np.moveaxis(z, -1, 0))
    return Fit(
        problem.names,
        problem.studies,
        tuple(row.id for row in problem.rows),
        weights(problem, name) > 0,
        np.stack([drawn[n] for n in problem.names], axis=-1),
        z,
        np.stack([draws["raw"] for draws in mine]),
        np.stack([draws["expected"] for draws in mine]),
        np.array([draws["diverging"].sum() for draws in mine]),
        np.array([draws["num_steps"].mean() for draws in mine]),
        sum(spent[Job(name, chain)] for chain in range(settings.chains)),
        settings,
    )


def metric_of(found: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Centre and covariance of a fit's unknowns, to start another from."""
    effects = found.effects.reshape(*found.effects.shape[:2], -1)
    flat = np.concatenate([effects, found.scores], axis=-1).reshape(-1, effects.shape[-1] + len(found.names))
    drawn = np.cov(flat.T)
    # Drawn towards its diagonal: what few independent draws say about thousands of pairs is mostly noise.
    return flat.mean(axis=0), 0.85 * drawn + 0.15 * np.diag(np.diag(drawn))


def stored_metric(problem: Problem) -> tuple[np.ndarray, np.ndarray] | None:
    """The shipped centre and covariance (of an earlier fit), unless the problem has other unknowns by now."""
    from endplate.fit.clinic.sampler import flat_size

    if not METRIC.exists():
        return None
    with np.load(METRIC) as file:
        centre, covariance = (
            np.asarray(file["centre"], dtype=float),
            np.asarray(file["covariance"], dtype=float),
        )
    return (centre, covariance) if len(centre) == flat_size(problem) else None


def diagnostics(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split R-hat and effective sample size of (chain, draw, name) values, (name,) each."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    rhat = np.array([float(split_gelman_rubin(values[..., k])) for k in range(values.shape[-1])])
    size = np.array([float(effective_sample_size(values[..., k])) for k in range(values.shape[-1])])
    return rhat, size
