"""One face treated once: the needles, the slip and the run of fluid are drawn, so one stratum is worked out, not three.

The equations are those of `risk_faces`. A face with the plan laid on it is kept, so that the same plan may be asked
about again.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

import numpy as np

from endplate.anatomy import place
from endplate.errors import PlaceError
from endplate.model.parameters import ParameterSet
from endplate.model.setup import PreparedSite, Setup, prepare
from endplate.population import risk_faces
from endplate.population.draws import stream
from endplate.population.exposed import drawn_face, face_seed
from endplate.population.narrow import site_within
from endplate.population.risk_needles import Rows, Task, drawn_rows
from endplate.population.risk_run import TRIES


@dataclass(frozen=True)
class Laid:
    """A plan on one face: endplates that are watched (q,) and their weight in each group, (q, group)."""

    own: int
    setup: Setup
    index: np.ndarray
    weight: np.ndarray
    sites: tuple[PreparedSite, ...]
    replaced: bool


@dataclass(frozen=True)
class Treated:
    """One face after treatment.

    Attributes:
        reached: rows of the task's groups that lose anything. share (reached, x): endplates by ln drive.
        stratum: 0 no slip, 1 a needle slipped, 2 fluid ran off in an orbit.
    """

    own: int
    reached: np.ndarray
    share: np.ndarray
    stratum: int
    replaced: bool


class _Kept:
    """Faces with one plan laid on them; those of another plan go."""

    def __init__(self) -> None:
        self._plan: Hashable = None
        self._faces: dict[int, Laid] = {}
        self._lock = Lock()

    def get(self, plan: Hashable, number: int) -> Laid | None:
        with self._lock:
            if plan != self._plan:
                self._plan, self._faces = plan, {}
            return self._faces.get(number)

    def put(self, plan: Hashable, number: int, laid: Laid) -> None:
        with self._lock:
            if plan == self._plan:
                self._faces[number] = laid


_KEPT = _Kept()


def laid_on(task: Task, number: int, faces: int) -> Laid:
    """The plan on a face, or on one in its place where that has no room for it.

    Raises:
        PlaceError: none of the faces tried has room.
    """
    sessions = tuple((session.product, session.injections) for session in task.plan.sessions)
    plan = (task.sex, task.age, task.seed, faces, sessions, task.groups)
    found = _KEPT.get(plan, number)
    if found is None:
        found = _laid(task, number, faces)
        _KEPT.put(plan, number, found)
    return found


def _laid(task: Task, number: int, faces: int) -> Laid:
    for attempt in range(TRIES + 1):
        own = face_seed(task.seed, number + attempt * faces)
        face = drawn_face(task.sex, task.age, own)
        try:
            setup = prepare(task.plan, face, place(task.plan, face), 1)
        except PlaceError:
            if attempt == TRIES:
                raise
            continue
        index, weight = risk_faces.watched(setup, task.groups)
        sites = tuple(site_within(site, index) for site in setup.sites)
        return Laid(own, setup, index, weight, sites, attempt > 0)
    raise AssertionError  # not reached: the last attempt returns or raises


def treated(task: Task, number: int, faces: int) -> Treated:
    """One face, treated once under the outer draw of its own number."""
    laid = laid_on(task, number, faces)
    draw, chance = np.array([number]), stream(laid.own, "slip")
    rows = drawn_rows(task, laid.setup, laid.sites, laid.own, draw, int(chance.integers(2**20)))
    u, weight = float(chance.random()), rows.weight[0]
    stratum = 2 if u < weight[2] else 1 if u < weight[1] + weight[2] else 0
    spread, points = task.outer.spread_of(draw), laid.weight
    total = _exposure(task, laid, rows, spread, stratum)
    throat = risk_faces._throat(task, laid.setup, laid.own, rows, spread)
    if throat is not None:
        total = np.concatenate([total, throat.sum(axis=0)], axis=1)
        points = np.concatenate([points, risk_faces._throat_weight(task.groups)])
    log = np.log(np.maximum(total, 1e-30))
    place_of = risk_faces._positions(task, draw)
    reached = risk_faces._reached([log], points, place_of, task.cut)
    share = risk_faces._histogram(log, points[:, reached], place_of[:, reached], task.cut[reached])
    return Treated(laid.own, reached, share[0], stratum, laid.replaced)


def _exposure(task: Task, laid: Laid, rows: Rows, spread: ParameterSet, stratum: int) -> np.ndarray:
    """Exposure over threshold of the watched endplates, (1, q)."""
    away = int(rows.slipped[0]) if stratum > 0 else -1
    total = np.zeros((1, len(laid.index)))
    for i, site in enumerate(laid.sites):
        kept = 1.0 - risk_faces.behind_of(task, rows) if i == away else 1.0
        total += kept * risk_faces._given(task, site, i, rows, spread, len(laid.index))
    if away >= 0:
        total += risk_faces._slipped(task, laid.setup, laid.sites, rows, spread, len(laid.index))
    if stratum > 1:
        total += risk_faces._ran_off(task, laid.setup, laid.sites, rows, laid.index)
    return total
