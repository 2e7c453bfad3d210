"""One run of the risk engine: which faces carry which outer draws, and the chance of every effect in every row."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.effects import UNIT, Mechanism, mechanism, mechanisms
from endplate.errors import ModelError, PlaceError
from endplate.model.face import Palsy, palsy_of
from endplate.population.risk_chance import chance_above
from endplate.population.risk_course import Material
from endplate.population.risk_draws import Outer, outer_draws
from endplate.population.risk_faces import FaceResult, on_face
from endplate.population.risk_laws import index_of
from endplate.population.risk_losses import cuts, peak_columns
from endplate.population.risk_needles import Task
from endplate.population.risk_parts import Group, groups_of
from endplate.population.risk_tables import PEAK_DAYS, SHIFTS, loss_tables

STRATA = 3  # of `risk_needles`
CHUNK = 32  # outer draws at a time
TRIES = 3  # faces tried in place of one without room for the plan


@dataclass(frozen=True)
class Size:
    """How much is drawn; see `risk.risk_of`."""

    faces: int
    draws: int
    per_draw: int
    seed: int

    def __post_init__(self) -> None:
        if self.per_draw < 2 or self.faces % self.per_draw or self.draws < 8:
            raise ModelError(
                f"{self.faces} faces, {self.draws} draws and {self.per_draw} faces for each draw do not fit.",
                "At least 8 draws, 2 faces for each, and a number of faces that these divide.",
                "Change the numbers.",
            )

    @property
    def stride(self) -> int:
        return self.faces // self.per_draw

    def visited(self) -> np.ndarray:
        """Number of the face of each row, (draw, r)."""
        return np.arange(self.draws)[:, None] % self.stride + self.stride * np.arange(self.per_draw)[None]


@dataclass(frozen=True)
class Job:
    """One plan, ready for its faces.

    Attributes:
        today: the sessions of the first planned day. aimed: (muscle, side) that needles name.
        in_orbit: whether any needle aims at an eye muscle. tables: loss by class, (draw, x, day).
    """

    plan: Any
    today: Any
    chosen: tuple[Mechanism, ...]
    task: Task
    tables: Mapping[str, np.ndarray]
    aimed: frozenset[tuple[str, str]]
    palsy: Palsy
    in_orbit: bool

    @property
    def outer(self) -> Outer:
        return self.task.outer


def job_of(plan: Any, size: Size, only: Sequence[str] | None) -> Job:
    """A plan with the draws and tables that it needs."""
    chosen = tuple(mechanism(name) for name in (mechanisms() if only is None else only))
    today = first_day(plan)
    products = tuple(sorted({session.product for session in today.sessions}))
    outer = outer_draws(products, size.draws, size.seed)
    groups = groups_of([muscle for one in chosen for muscle in one.muscles])
    classes = tuple(sorted({group.muscle_class for group in groups}))
    tables = loss_tables(products, _serotype(products), size.draws, size.seed, classes)
    operators = tuple(
        (session.operator.experience, session.guidance or "none")
        for session in today.sessions
        for _ in session.injections
    )
    who = plan.patient
    task = Task(today, who.sex, float(who.age), size.seed, operators, groups, cuts(groups, tables), outer)
    in_orbit = any(catalogue().muscle(site.muscle).group == "eye" for site in all_sites(today))
    return Job(plan, today, chosen, task, tables, aimed_at(today), palsy_of(who), in_orbit)


def first_day(plan: Any) -> Any:
    """The plan with the sessions of its first planned day alone."""
    planned = [session for session in plan.sessions if not session.given]
    if not planned:
        raise ModelError("The plan holds past treatments only.", "", "Plan a session to ask for its risk.")
    day = min(session.date for session in planned)
    return plan.model_copy(update={"sessions": tuple(s for s in planned if s.date == day)})


def _serotype(products: Sequence[str]) -> str:
    found = sorted({catalogue().product(name).serotype.lower() for name in products})
    if len(found) > 1:
        raise ModelError(
            f"The first day has toxins of types {' and '.join(found)}.",
            "Their courses differ, so their block cannot be added up here.",
            "Ask for each by itself.",
        )
    return found[0]


def all_sites(plan: Any) -> list[Any]:
    """Every injection of a plan, in order."""
    return [site for session in plan.sessions for site in session.injections]


def aimed_at(plan: Any) -> frozenset[tuple[str, str]]:
    """(muscle, side) that needles with toxin name; a midline needle aims at both sides."""
    found = set()
    for site in all_sites(plan):
        if site.units <= 0.0:
            continue
        sides = ("left", "right", "midline") if site.side == "midline" else (site.side,)
        found |= {(site.muscle, side) for side in sides}
    return frozenset(found)


def on_faces(
    jobs: Sequence[Job], size: Size, progress: Callable[[int, int], None] | None
) -> list[list[FaceResult]]:
    """Every job on every face, by job; a face without room for a plan is replaced for that plan.

    Raises:
        PlaceError: no face in the place of one had room.
    """
    visited, done = size.visited(), [0]

    def one(number: int) -> list[FaceResult]:
        mine = np.flatnonzero((visited == number).any(axis=1))
        found = [_with_room(job.task, number, size, mine) for job in jobs]
        done[0] += 1
        if progress is not None:
            progress(done[0], size.faces)
        return found

    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        parts = list(pool.map(one, range(size.faces)))
    return [list(column) for column in zip(*parts, strict=True)]


def _with_room(task: Task, number: int, size: Size, mine: np.ndarray) -> FaceResult:
    for attempt in range(TRIES + 1):
        try:
            found = on_face(task, number + attempt * size.faces, mine, number // size.stride)
            return replace(found, replaced=attempt > 0)
        except PlaceError:
            if attempt == TRIES:
                raise
    raise AssertionError  # not reached: the last attempt returns or raises


def by_draw(
    found: Sequence[FaceResult], groups: tuple[Group, ...], size: Size
) -> tuple[tuple[Group, ...], np.ndarray, np.ndarray, np.ndarray]:
    """Rows of all faces by outer draw, and the groups that any face reaches.

    Returns:
        groups, share (draw, r, stratum, group, x), weight (draw, r, stratum), brought (draw, r, stratum, site, group).
    """
    reached = np.unique(np.concatenate([one.reached for one in found]))
    cells, sites = found[0].share.shape[-1], found[0].brought.shape[2]
    rows_of = (size.draws, size.per_draw, STRATA)
    share = np.zeros((*rows_of, len(reached), cells), dtype=np.float32)
    brought = np.zeros((*rows_of, sites, len(reached)), dtype=np.float32)
    weight = np.zeros(rows_of)
    for number, one in enumerate(found):
        r, rows = number // size.stride, one.rows.draw
        mine = np.searchsorted(reached, one.reached)
        share[rows[:, None], r, :, mine] = np.moveaxis(one.share, (1, 2), (0, 1))
        brought[rows[:, None], r, :, :, mine] = np.moveaxis(one.brought, (1, 3), (0, 1))
        weight[rows, r] = one.rows.weight
    return tuple(groups[k] for k in reached), share, weight, brought


def chances_of(job: Job, material: Material, size: Size) -> dict[tuple[str, str], np.ndarray]:
    """Chance by (effect, level), (draw, r, stratum, whose)."""
    shape = (size.draws, size.per_draw, STRATA, 3)
    found = {(one.id, level): np.zeros(shape) for one in job.chosen for level in one.levels}
    for start in range(0, size.draws, CHUNK):
        part = np.arange(start, min(start + CHUNK, size.draws))
        sd = job.outer["person.sensitivity_sd"][part]
        losses = material.losses(material.share[part], part, SHIFTS, peak_columns(PEAK_DAYS))
        for one in job.chosen:
            index = index_of(one, losses)
            for level, name in one.levels.items():
                least = np.ones(len(sd)) if name == UNIT else job.outer[name][part]
                found[one.id, level][part] = _chances(index, least, sd)
    return found


def _chances(index: np.ndarray, least: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Chance by row and stratum for the left, the right and either, (draw, r, stratum, whose).

    Args:
        index: (draw, r x stratum, shift, 2, day).
    """
    worst = index.max(axis=-1)
    rows = index.shape[1]
    out = np.zeros((len(sd), rows, 3))
    # Most rows never come near an event, in whatever person.
    draw, row = np.nonzero(worst.max(axis=(2, 3)) >= least[:, None])
    if len(draw):
        some = worst[draw, row]
        three = np.stack([some[..., 0], some[..., 1], some.max(axis=-1)], axis=1)
        out[draw, row] = chance_above(three, least[draw], SHIFTS, sd[draw])
    return out.reshape(len(sd), -1, STRATA, 3)
