"""Behind bone and septum: exposures of the levator and the eye muscles, read from a table.

What little reaches these muscles goes round the bony rim and through the septum, ways that no closed form follows.
`python -m tools.barrier_table` solves them with the reference engine on the average female face and stores, for
groups of endplates of each muscle, the log of the exposure that a unit given at any node would bring, for several
sizes of the footprint. Here it is read: between nodes by a local quadratic fit in the log, between sizes by a line
in 1/size, which is how the tail of a Gaussian goes.

A face other than the table's is laid on it by the affine map that fits its rim, apex, globe and landmarks best; a
density per mm^3 then changes with the determinant of the map, an area with its two-thirds power. The right side is
the mirror image of the left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

PATH = Path(__file__).parent / "data" / "barrier.npz"
PROTECTED = (
    "levator_palpebrae_superioris",
    "superior_rectus",
    "inferior_rectus",
    "medial_rectus",
    "lateral_rectus",
    "superior_oblique",
    "inferior_oblique",
)
SIDES = {"left": 1.0, "right": -1.0}

NEIGHBOURS = 30
WIDTH = 0.7  # of the weights of the fit, in steps of the table's lattice
RIDGE = 1e-4  # keeps the fit from tilting and bending where nodes lie in a plane
FAINT_LOG = (
    -21.0
)  # a group is passed over if no node near the tip, at any size of the footprint, brings so much
FAR_MM = 4.0  # from every node: a tip under the skin that lies so far off brings nothing
LEAST_LEVEL, SHARES = (
    0.5,
    (-1.0, 1.5),
)  # smallest footprint over the least tabulated; how far a line is followed
DISPLACED_MM = 15.0  # how far from the planned tip the draws are looked up

Array = Any


@dataclass(frozen=True, eq=False)
class BarrierTable:
    """The table on its face, left side.

    Attributes:
        group (muscle, endplate): group of each endplate; nodes_mm (node, 3); in_orbit (node,).
        level_mm2 (level,): in-plane variance of the footprint, a^2 / 5.
        log_exposure (level, node, column): ln of 1/mm^3 per unit, half precision; column = muscle * groups + group.
        strongest (node, column): the largest of them over levels.
        frame_mm (point, 3), frame_names: points by which another face is laid on this one.
        half_thickness_mm: of the layer that the levels were computed for; step_mm: between nodes, under the skin
            and in the orbit; transmission: of one fascia, and reach2_mm2: D / k, as the table has them.
    """

    group: np.ndarray
    nodes_mm: np.ndarray
    in_orbit: np.ndarray
    level_mm2: np.ndarray
    log_exposure: np.ndarray
    strongest: np.ndarray
    frame_mm: np.ndarray
    frame_names: tuple[str, ...]
    half_thickness_mm: float
    step_mm: tuple[float, float]
    transmission: float
    reach2_mm2: float

    @property
    def groups(self) -> int:
        return self.log_exposure.shape[2] // len(PROTECTED)


@lru_cache(maxsize=1)
def barrier_table() -> BarrierTable:
    """The table that comes with the program; read once."""
    with np.load(PATH, allow_pickle=False) as file:
        return table_of({name: file[name] for name in file.files})


def table_of(arrays: dict[str, np.ndarray]) -> BarrierTable:
    """A table from its stored arrays (see `tools.barrier_table`)."""
    assert tuple(arrays["muscles"]) == PROTECTED
    assert (arrays["log_exposure"] < 0.0).all()
    meta = json.loads(str(arrays["meta"]))
    level = np.asarray(arrays["levels_mm2"], dtype=float)
    logs, nodes = arrays["log_exposure"].astype(np.float16), np.asarray(arrays["nodes_mm"], dtype=float)
    in_orbit = np.asarray(arrays["nodes_in_orbit"], dtype=bool)
    return BarrierTable(
        group=np.asarray(arrays["group"], dtype=int),
        nodes_mm=nodes,
        in_orbit=in_orbit,
        level_mm2=level,
        log_exposure=logs.reshape(*logs.shape[:2], -1),
        strongest=_highest(logs.reshape(*logs.shape[:2], -1)),
        frame_mm=np.asarray(arrays["frame_mm"], dtype=float),
        frame_names=tuple(str(name) for name in arrays["frame_names"]),
        half_thickness_mm=float(meta["half_thickness_mm"]),
        step_mm=(_step(nodes[~in_orbit]), _step(nodes[in_orbit])),
        transmission=float(meta["spread"]["transmission"]),
        reach2_mm2=float(meta["spread"]["reach2_mm2"]),
    )


def _highest(logs: np.ndarray) -> np.ndarray:
    """Maximum over the first axis of half-precision numbers below zero: the least bit pattern, which is far quicker."""
    return logs.view(np.uint16).min(axis=0).view(np.float16)


def _step(nodes_mm: np.ndarray) -> float:
    """Distance from a node of a lattice to the nearest other one: the median of some twenty; 1 for no lattice."""
    if len(nodes_mm) < 2:
        return 1.0
    some = nodes_mm[:: -(-len(nodes_mm) // 20)]
    away = np.linalg.norm(some[:, None] - nodes_mm[None], axis=2)
    return float(np.median(np.sort(away, axis=1)[:, 1]))


@dataclass(frozen=True, eq=False)
class FacePoints:
    """What the table needs to know of a face: its left points by the table's names, the endplates behind barriers."""

    left_mm: dict[str, np.ndarray]
    endplates_mm: dict[tuple[str, str], np.ndarray]

    @classmethod
    def of(cls, face: Any) -> FacePoints:
        points = dict(face.points) | {f"rim_{i}": point for i, point in enumerate(face.rim_mm["left"])}
        plates = {(m.muscle, m.side): m.endplates_mm for m in face.muscles if m.muscle in PROTECTED}
        return cls(points, plates)


@dataclass(frozen=True, eq=False)
class FaceBarrier:
    """The table laid on one face: its points x (left side, mm) are at turn @ x + shift on the table's face."""

    table: BarrierTable
    turn: np.ndarray
    shift: np.ndarray

    @classmethod
    def of(cls, face: FacePoints, table: BarrierTable | None = None) -> FaceBarrier:
        """The best affine map in the sense of least squares; that of the table's own face is the identity."""
        table = table or barrier_table()
        own = np.array([face.left_mm[name] for name in table.frame_names])
        middle, goal = own.mean(axis=0), table.frame_mm.mean(axis=0)
        turn = np.linalg.lstsq(own - middle, table.frame_mm - goal, rcond=None)[0].T
        return cls(table, turn, goal - turn @ middle)

    @cached_property
    def volume_ratio(self) -> float:
        """Volume on the table's face of 1 mm^3 of this one."""
        return float(abs(np.linalg.det(self.turn)))

    @cached_property
    def _square_mm2(self) -> np.ndarray:
        return (self.table.nodes_mm**2).sum(axis=1)

    def behind(self, tip_mm: np.ndarray, frame: np.ndarray, side: str, *, in_orbit: bool) -> Behind | None:
        """What a tip gives the protected muscles of one side; None if that is nothing.

        Args:
            tip_mm: on this face; frame (3, 3): rows along fibre, across and outward, in which needles are displaced.
        """
        mirror = np.array([SIDES[side], 1.0, 1.0])
        at = self.turn @ (tip_mm * mirror) + self.shift
        away2 = self._square_mm2 - 2.0 * self.table.nodes_mm @ at + at @ at
        near = np.flatnonzero((self.table.in_orbit == in_orbit) & (away2 < DISPLACED_MM**2))
        if len(near) < NEIGHBOURS or (away2[near].min() > FAR_MM**2 and not in_orbit):
            return None
        most = _highest(self.table.strongest[near])
        if most.max() < FAINT_LOG:
            return None
        axes = (frame * mirror) @ self.turn.T
        return Behind(self, near, self.table.nodes_mm[near] - at, axes, in_orbit, most >= FAINT_LOG)


@dataclass(frozen=True, eq=False)
class Behind:
    """The nodes round one tip.

    Attributes:
        near (n,): rows of the table; from_tip_mm (n, 3): where they lie, seen from the tip, on the table's face.
        axes (3, 3): rows, displacements of 1 mm along fibre, across and outward on the table's face.
        in_orbit: the tip lies inside the orbit. matters (column,): groups that get anything worth counting.
    """

    face: FaceBarrier
    near: np.ndarray
    from_tip_mm: np.ndarray
    axes: np.ndarray
    in_orbit: bool
    matters: np.ndarray

    def exposure(
        self,
        xp: Any,
        needle_mm: np.ndarray,
        variances: tuple[Array, Array, Array],
        reach2_mm2: Array,
        transmission: Array,
    ) -> Array:
        """Exposure of each group per unit, (draw, column), 1/mm^3.

        Args:
            needle_mm: displacement of the tip along fibre, across and outward, (draw, 3).
            variances: of the footprint along, across and in depth, each (draw, 1), mm^2.
            reach2_mm2: D / k, (draw, 1); away from the table's it counts as a larger or smaller footprint.
            transmission: of one fascia, (draw, 1).
        """
        table, ratio = self.face.table, self.face.volume_ratio
        if self.in_orbit:  # a ball of the same volume, told by the level that the table gives this volume
            ball = (variances[0] * variances[1] * variances[2]) ** (1.0 / 3.0)
            level = (5.0 * ball) ** 1.5 / (5.0 * table.half_thickness_mm)
        else:
            level = xp.sqrt(variances[0] * variances[1])
        level = (level + 2.0 * (reach2_mm2 - table.reach2_mm2)) * ratio ** (2.0 / 3.0)
        level = xp.maximum(level, LEAST_LEVEL * table.level_mm2[0])
        low, share = self._between_levels(xp, level[:, 0])
        rows, weight, away = self._fit(np.asarray(needle_mm))
        lower, upper = (self._raised(xp, rows, weight, low + step) for step in (0, 1))
        logs = lower + share[:, None] * (upper - lower) - 1.5 * xp.log(level)
        there = xp.asarray(self.in_orbit | (away < FAR_MM), dtype=float)[:, None]
        through = there if self.in_orbit else there * transmission / table.transmission
        return ratio * through * xp.exp(logs)

    def _between_levels(self, xp: Any, level: Array) -> tuple[np.ndarray, Array]:
        """The tabulated size below each one asked for (draw,), and how far towards the next, in 1 / level."""
        inverse = 1.0 / self.face.table.level_mm2
        low = np.searchsorted(self.face.table.level_mm2, np.asarray(level), side="right") - 1
        low = np.clip(low, 0, len(inverse) - 2)
        share = (1.0 / level - inverse[low]) / (inverse[low + 1] - inverse[low])
        return low, xp.clip(share, *SHARES)

    def _fit(self, needle_mm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nodes round each displaced tip and their weights in a local quadratic fit, (draw, n); mm to the nearest.

        A tip off the lattice is drawn back to within one step of its nearest node.
        """
        length = np.linalg.norm(needle_mm, axis=1, keepdims=True)
        moved = needle_mm * np.minimum(1.0, DISPLACED_MM / np.maximum(length, 1e-9)) @ self.axes
        offset = self.from_tip_mm[None] - moved[:, None]
        away2 = (offset**2).sum(axis=2)
        rows = np.argpartition(away2, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
        rows.sort(axis=1)
        offset = np.take_along_axis(offset, rows[:, :, None], axis=1)
        away2 = np.take_along_axis(away2, rows, axis=1)
        nearest = np.argmin(away2, axis=1)[:, None]
        to_nearest = np.take_along_axis(offset, nearest[:, :, None], axis=1)
        away = np.sqrt(np.take_along_axis(away2, nearest, axis=1))
        step = self.face.table.step_mm[int(self.in_orbit)]
        offset = offset - to_nearest * (1.0 - np.minimum(1.0, step / np.maximum(away, 1e-9)))[:, :, None]
        away2, width = (offset**2).sum(axis=2), WIDTH * step
        weight = np.exp(-0.5 * (away2 - away2.min(axis=1, keepdims=True)) / width**2)
        offset = offset / width
        squares = offset[:, :, [0, 0, 0, 1, 1, 2]] * offset[:, :, [0, 1, 2, 1, 2, 2]]
        terms = np.concatenate([np.ones_like(away2)[:, :, None], offset, squares], axis=2)
        moments = np.swapaxes(terms * weight[:, :, None], 1, 2) @ terms
        moments += RIDGE * np.diag([0.0] + 9 * [1.0])
        value = np.linalg.solve(moments, np.eye(10)[None, :, :1])
        return rows, weight * (terms @ value)[:, :, 0], away[:, 0]

    def _raised(self, xp: Any, rows: np.ndarray, weight: np.ndarray, level: np.ndarray) -> Array:
        """ln exposure + 1.5 ln level at one size per draw, never above the largest node used; (draw, column)."""
        nodes = self.face.table.log_exposure[level[:, None], self.near[rows]].astype(float)
        fitted = np.minimum((weight[:, None] @ nodes)[:, 0], nodes.max(axis=1))
        return xp.asarray(fitted + 1.5 * np.log(self.face.table.level_mm2)[level, None])
