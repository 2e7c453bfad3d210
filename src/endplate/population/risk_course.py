"""When an effect begins and ends: courses of a sample of events, drawn by their chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from endplate.catalogue.effects import UNIT, Mechanism
from endplate.model.backend import normal_cdf
from endplate.model.face.palsy import Palsy
from endplate.population.draws import stream
from endplate.population.risk_laws import NAMING, SIDES, Losses, by_muscle, index_of
from endplate.population.risk_losses import losses_of, peak_columns
from endplate.population.risk_parts import Group
from endplate.population.risk_tables import PEAK_DAYS, SHIFTS, STEP, days_kept

EVENTS = 96  # events followed for each effect and level


@dataclass(frozen=True)
class Course:
    """Medians over events; None where half of them outlast the days of the table.

    Attributes:
        by_muscle: share of the events that each muscle carries, where the effect names them.
    """

    onset_day: float | None
    resolution_day: float | None
    by_muscle: Mapping[str, float]


@dataclass(frozen=True)
class Material:
    """What courses are made of.

    Attributes:
        share (draw, r, stratum, group, x): histograms.
        tables: by class, (draw, x, day). values: of the outer draws, (draw,).
    """

    share: np.ndarray
    groups: tuple[Group, ...]
    tables: Mapping[str, np.ndarray]
    values: Mapping[str, np.ndarray]
    aimed: frozenset[tuple[str, str]]
    palsy: Palsy

    def losses(self, share: np.ndarray, draw: np.ndarray, shifts: np.ndarray, columns: np.ndarray) -> Losses:
        """Losses from histograms (n, r, stratum, group, x) of the draws `draw` (n,)."""
        found = losses_of(share, self.groups, self.tables, draw, shifts, columns)
        values = {name: value[draw, None, None] for name, value in self.values.items()}
        return Losses({g: k for k, g in enumerate(self.groups)}, found, values, self.aimed, self.palsy)


def courses_of(
    one: Mechanism, level: str, chance: np.ndarray, material: Material, seed: int
) -> dict[str, Course]:
    """Courses of one effect by side ("left", "right", "either"); nothing where there are no events.

    Args:
        chance: of the event on either side in each row, weighted with its stratum, (draw, r, stratum).
    """
    flat = chance.ravel()
    if flat.sum() <= 0.0:
        return {}
    rng = stream(seed, f"events {one.id} {level}")
    place = (np.arange(EVENTS) + rng.random()) / EVENTS * flat.sum()
    cell = np.minimum(np.searchsorted(np.cumsum(flat), place), len(flat) - 1)
    draw, r, stratum = np.unravel_index(cell, chance.shape)
    name = one.levels[level]
    least = np.ones(EVENTS) if name == UNIT else material.values[name][draw]
    share = material.share[draw, r, stratum]
    losses = material.losses(share[:, None, None], draw, SHIFTS, peak_columns(PEAK_DAYS))
    worst = index_of(one, losses).max(axis=(-1, -2))[:, 0]
    shift = drawn_shift(worst, least, material.values["person.sensitivity_sd"][draw], rng)
    days = np.arange(len(days_kept()))
    losses = material.losses(shifted(share, shift)[:, None, None], draw, np.zeros(1), days)
    index = index_of(one, losses)[:, 0, 0]
    over = index >= least[:, None, None]
    named = _named(one, losses, index)
    three = {"left": over[:, 0], "right": over[:, 1], "either": over.any(axis=1)}
    return {side: _course(found, named if side == "either" else {}) for side, found in three.items()}


def drawn_shift(worst: np.ndarray, least: np.ndarray, sd: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A step of `SHIFTS` for each event, drawn among those at which it happens, by how many people have it."""
    mass = normal_cdf(np, (SHIFTS + STEP / 2) / sd[:, None]) - normal_cdf(
        np, (SHIFTS - STEP / 2) / sd[:, None]
    )
    mass = np.where(worst >= least[:, None], mass, 0.0)
    none = mass.sum(axis=1) <= 0.0
    mass[none, worst[none].argmax(axis=1)] = 1.0
    up_to = np.cumsum(mass, axis=1) / mass.sum(axis=1, keepdims=True)
    return (up_to < rng.random(len(worst))[:, None]).sum(axis=1)


def shifted(share: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Histograms (n, group, x) of persons of another sensitivity; what leaves the top stays in the last cell."""
    out = np.zeros_like(share)
    cells = share.shape[-1]
    for row, steps in enumerate(np.rint(SHIFTS[shift] / STEP).astype(int)):
        if steps >= 0:
            out[row, :, steps:] = share[row, :, : cells - steps]
            out[row, :, -1] += share[row, :, cells - steps :].sum(axis=-1)
        else:
            out[row, :, :steps] = share[row, :, -steps:]
    return out


def _named(one: Mechanism, losses: Losses, index: np.ndarray) -> dict[str, float]:
    """Share of events by the muscle that carries them."""
    if one.law not in NAMING:
        return {}
    parts = by_muscle(losses, one.muscles)[:, :, 0, 0].max(axis=(-1, -2))
    counts = np.bincount(parts.argmax(axis=0), minlength=len(one.muscles)) / parts.shape[1]
    return {name: float(c) for name, c in zip(one.muscles, counts, strict=True) if c > 0.0}


def _course(over: np.ndarray, named: Mapping[str, float]) -> Course:
    """Median first day, and first day after the last, of the events that happen: over (n, day)."""
    days, happened = days_kept().astype(float), over.any(axis=1)
    if not happened.any():
        return Course(None, None, named)
    mine = over[happened]
    last = mine.shape[1] - 1 - mine[:, ::-1].argmax(axis=1)
    after = np.append(days, np.inf)
    end = float(np.median(after[last + 1]))
    return Course(float(np.median(days[mine.argmax(axis=1)])), end if np.isfinite(end) else None, named)


__all__ = ["SIDES", "Course", "Material", "courses_of"]
