"""How often an effect comes after a treatment, for given outer draws, by the laws and strata of the risk engine.

All draws of a block meet the same faces, one needle set on each. A rate stays a function of what `grids` holds:
thresholds and the chance p of a slip, at the nodes of their grids, and the chance c that fluid runs off:

    rate = A + (1 - c) B + c C          A no slip; B a slip, or a needle in the orbit, without a run-off; C with one

and D is the rate without any slip. Draws are worked out at the centre of p's prior; at another p the chance that no
needle slips is that chance to the power p / centre, as for slips that do not hang together. A law that reads several
thresholds (the eye muscles of three kinds, blur by lid or ring) gives its event where any of its parts passes its own;
all of them grow with a person's sensitivity, so that the chance of any is the largest of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.effects.grids import BLUR, LIDS, SLIP, grid
from endplate.fit.effects.rows import Condition, effect_of, plan_of, table
from endplate.model.junction import firing_share, mean_light_chain, quantal_course
from endplate.model.parameters import ParameterSet
from endplate.population import risk_tables
from endplate.population.risk_chance import chance_above
from endplate.population.risk_course import Material
from endplate.population.risk_draws import Outer
from endplate.population.risk_laws import KINDS, LAWS, Losses
from endplate.population.risk_losses import cuts, peak_columns
from endplate.population.risk_needles import Task
from endplate.population.risk_parts import groups_of
from endplate.population.risk_run import Job, Size, aimed_at, all_sites, by_draw, first_day, on_faces
from endplate.population.risk_tables import PEAK_DAYS, SHIFTS

CHUNK = 32
COEFFICIENTS = ("A", "B", "C", "D")
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Asked:
    """Effects and levels wanted of one condition."""

    condition: str
    wanted: tuple[tuple[str, str], ...]


def asked_of(rows: Sequence[Any]) -> tuple[Asked, ...]:
    """What some rows ask of each condition."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for row in rows:
        found.setdefault(row.condition, {})[row.effect, row.level] = None
    return tuple(Asked(name, tuple(wanted)) for name, wanted in found.items())


def axes_of(effect: str, level: str) -> tuple[str, ...]:
    """Thresholds that the chance of an effect depends on, one axis each."""
    one = effect_of(effect)
    if one.law == "blur":
        return BLUR, LIDS[2]
    if one.law == "eye_reach":
        kinds = dict.fromkeys(KINDS[muscle] for muscle in one.muscles)
        return tuple(f"effect.diplopia.{k}_loss" for k in ("vertical", "horizontal", "oblique") if k in kinds)
    return (one.levels[level],)


def rates(asked: Asked, outer: Outer, faces: int, seed: int) -> dict[Key, np.ndarray]:
    """Coefficients by (condition, effect, level), (draw, coefficient, slip, *nodes of its axes).

    The axis of the chance of a slip has one entry where no needle comes near a rim.
    """
    condition = table().conditions[asked.condition]
    share = max(faces // len(condition.settings), 2)
    parts = [_of_setting(condition, k, asked, outer, share, seed) for k in range(len(condition.settings))]
    return {(condition.id, *name): np.mean([part[name] for part in parts], axis=0) for name in asked.wanted}


def _of_setting(
    condition: Condition, number: int, asked: Asked, outer: Outer, faces: int, seed: int
) -> dict[tuple[str, str], np.ndarray]:
    plan = plan_of(condition, condition.settings[number])
    size = Size(faces, outer.draws, faces, seed)
    job = job_of(plan, asked, outer, seed)
    groups, share, weight, _ = by_draw(on_faces([job], size, None)[0], job.task.groups, size)
    material = Material(share, groups, job.tables, outer.values, job.aimed, job.palsy)
    found: dict[tuple[str, str], list[np.ndarray]] = {name: [] for name in asked.wanted}
    for start in range(0, outer.draws, CHUNK):
        rows = np.arange(start, min(start + CHUNK, outer.draws))
        losses = material.losses(share[rows], rows, SHIFTS, peak_columns(PEAK_DAYS))
        sd = outer["person.sensitivity_sd"][rows]
        for effect, level in asked.wanted:
            chance = chances(losses, effect, level, sd, weight.shape[2])
            found[effect, level].append(coefficients(chance, weight[rows], job.in_orbit))
    return {name: np.concatenate(value) for name, value in found.items()}


def coefficients(chance: np.ndarray, weight: np.ndarray, in_orbit: bool) -> np.ndarray:
    """A, B, C, D from chances and weights of the strata, (draw, coefficient, slip, *node).

    Args:
        chance: (*node, draw, r, stratum). weight: (draw, r, stratum) at the centre of the chance of a slip.
    """
    plain, slip, leak = (chance[..., k] for k in range(3))
    if in_orbit:  # a slip beside a needle that aims at an eye muscle is left out
        parts = np.stack([np.zeros_like(plain), plain, leak, plain]).mean(axis=-1)[:, None]
    else:
        sites = grid(SLIP).value / float(catalogue().parameter(SLIP).value)
        none = np.clip(weight[..., 0], 1e-9, 1.0) ** sites[:, None, None]
        most = np.maximum(1.0 - weight[..., 0], 1e-12)
        slips = (weight[..., 1] + weight[..., 2]) * (1.0 - none) / most
        alone = np.repeat(plain.mean(axis=-1)[None], len(sites), axis=0)
        parts = np.stack([_mean(none, plain), _mean(slips, slip), _mean(slips, leak), alone])
    return np.moveaxis(parts, -1, 0)


def _mean(weight: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Weights (slip, draw, r) on chances (*node, draw, r), the mean over rows: (slip, *node, draw)."""
    flat = chance.reshape(-1, *chance.shape[-2:])
    found = np.einsum("sdr,ndr->snd", weight, flat, optimize=True) / chance.shape[-1]
    return found.reshape(len(weight), *chance.shape[:-1])


def rate_of(coefficient: np.ndarray, leak: np.ndarray) -> np.ndarray:
    """Rates from coefficients (coefficient, ...) at chances of a run-off that broadcast."""
    return np.asarray(coefficient[0] + (1.0 - leak) * coefficient[1] + leak * coefficient[2])


def chances(losses: Losses, effect: str, level: str, sd: np.ndarray, strata: int) -> np.ndarray:
    """Chance on either side at every node of the effect's thresholds, (*node, draw, r, stratum)."""
    parts = []
    for name, index in parts_of(losses, effect, level):
        worst = index.max(axis=(-1, -2))
        parts.append(np.stack([_above(worst, float(least), sd) for least in grid(name).value]))
    axes = len(parts)
    shaped = [
        part.reshape((1,) * k + (len(part),) + (1,) * (axes - 1 - k) + part.shape[1:])
        for k, part in enumerate(parts)
    ]
    found = reduce(np.maximum, shaped)
    return found.reshape(*found.shape[:-1], -1, strata)


def _above(worst: np.ndarray, least: float, sd: np.ndarray) -> np.ndarray:
    """Chance that an index (draw, row, shift) passes a threshold; most rows never come near, in whatever person."""
    out = np.zeros(worst.shape[:2])
    draw, row = np.nonzero(worst.max(axis=2) >= least)
    if len(draw):
        out[draw, row] = chance_above(worst[draw, row], np.full(len(draw), least), SHIFTS, sd[draw])
    return out


def parts_of(losses: Losses, effect: str, level: str) -> list[tuple[str, np.ndarray]]:
    """What is held against each threshold, (draw, row, shift, side, day), in the order of `axes_of`."""
    one, axes = effect_of(effect), axes_of(effect, level)
    if one.law == "blur":
        return [(axes[0], LAWS["lid_ring"](losses, ())), (axes[1], LAWS["lid_margin"](losses, ()))]
    if one.law == "eye_reach":
        return [
            (name, np.max([losses.beside_aim(m) for m in one.muscles if _borne(m) == name], axis=0))
            for name in axes
        ]
    return [(axes[0], LAWS[one.law](losses, one.muscles))]


def _borne(muscle: str) -> str:
    return f"effect.diplopia.{KINDS[muscle]}_loss"


def job_of(plan: Any, asked: Asked, outer: Outer, seed: int) -> Job:
    """A plan for given outer draws; `risk_run.job_of` draws its own."""
    from endplate.model.face import palsy_of

    chosen = tuple(effect_of(name) for name in dict.fromkeys(effect for effect, _ in asked.wanted))
    today = first_day(plan)
    product = today.sessions[0].product
    groups = groups_of([muscle for one in chosen for muscle in one.muscles])
    classes = tuple(sorted({group.muscle_class for group in groups}))
    tables = loss_tables(outer, catalogue().product(product).serotype.lower(), classes)
    operators = tuple(
        (session.operator.experience, session.guidance or "none")
        for session in today.sessions
        for _ in session.injections
    )
    who = plan.patient
    task = Task(today, who.sex, float(who.age), seed, operators, groups, cuts(groups, tables), outer)
    in_orbit = any(catalogue().muscle(site.muscle).group == "eye" for site in all_sites(today))
    return Job(plan, today, chosen, task, tables, aimed_at(today), palsy_of(who), in_orbit)


_KEPT: dict[tuple[Any, ...], np.ndarray] = {}


def loss_tables(outer: Outer, serotype: str, classes: Sequence[str]) -> Mapping[str, np.ndarray]:
    """As `risk_tables.loss_tables`, for outer draws that are given; those of a block are kept for its conditions."""
    own = hash(outer["junction.lag"].tobytes() + outer["junction.sensitivity_sd"].tobytes())
    if len(_KEPT) > 24 and not any(key[0] == own for key in _KEPT):  # another block begins
        _KEPT.clear()
    missing = [name for name in classes if (own, serotype, name) not in _KEPT]
    if missing:
        grid_, kept = risk_tables.grid(), risk_tables.days_kept()
        start = np.arange(risk_tables.DAYS, dtype=float)[:, None]
        names = (
            "junction.supply_half_life",
            f"junction.light_chain_half_life.{serotype}",
            "junction.lag",
        )
        steps = mean_light_chain(np, start, 1.0, *(outer[name][None] for name in names))
        values = ParameterSet(outer.values)
        drive = steps[:, :, None] * np.exp(grid_)[None, None]
        untouched = np.ones((1, outer.draws, len(grid_)))
        quantal = np.concatenate([untouched, quantal_course(np, drive, values)])[kept]
        blur = risk_tables._blur(outer["junction.sensitivity_sd"])
        sd = outer["junction.safety_factor_log_sd"][None, :, None]
        for name in missing:
            firing = firing_share(np, quantal, outer[f"junction.safety_factor.{name}"][None, :, None], sd)
            lost = np.matmul(blur, np.moveaxis(1.0 - firing, 0, -1))
            _KEPT[own, serotype, name] = lost.astype(np.float32)
    return {name: _KEPT[own, serotype, name] for name in classes}
