"""Distances from a needle tip to endplates: along the skin in the face, round the rim into the orbit.

Three kinds of pair, by where the tip and the endplate lie:

- same side of every barrier under the skin: distance along the skin, split into fibre and cross-fibre parts,
  and the difference of depth below the skin (a forehead is curved; its muscles follow it), between the walls that
  skin and bone are;
- both within one orbit: the straight line;
- one inside the orbit, the other outside: the shortest way through the orbital opening, never through bone, and
  one more fascia (the septum) to cross.

The muscles of the orbit, the levator and the six eye muscles, are not left to the last two, which know no bony wall, no
globe and no way round a rim: their exposure comes from a table of the reference engine (`barrier`). Six sheet
muscles under the skin keep the closed form, with groups of their endplates raised or lowered (`target_table`).

Two orbits, or the head and the foot, do not reach each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from endplate.model.spread.barrier import PROTECTED, Behind, FaceBarrier, FacePoints
from endplate.model.spread.walls import Walls

SKIN, ORBIT_LEFT, ORBIT_RIGHT, FOOT_LEFT, FOOT_RIGHT = range(5)
ORBITS = (("left", ORBIT_LEFT), ("right", ORBIT_RIGHT))
LEAST_MM = 0.5  # tissue left between a point and bone
GATE_STEP, GATE_RINGS = 2, (1.0, 0.5)  # every second rim point, and the same ring drawn in by half


@dataclass(frozen=True)
class Endplates:
    """Every endplate of a face, muscle after muscle.

    Attributes:
        points_mm (q, 3), depth_mm (q,), bone_mm (q,): depth of bone, layer (q,), compartment (q,), weight (q,),
        quantile (q,), muscle (q,); names: (muscle, side) of each muscle index.
    """

    points_mm: np.ndarray
    depth_mm: np.ndarray
    bone_mm: np.ndarray
    layer: np.ndarray
    compartment: np.ndarray
    weight: np.ndarray
    quantile: np.ndarray
    muscle: np.ndarray
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Passage:
    """The opening of one orbit as seen from a set of points.

    Attributes:
        gates_mm (g, 3): places where a path may pass; index (k,): the points; beyond_mm (k, g): gate to point.
    """

    gates_mm: np.ndarray
    index: np.ndarray
    beyond_mm: np.ndarray


@dataclass(frozen=True)
class Targets:
    """Points to be reached, with the openings of both orbits as seen from inside and outside; once per face.

    `face` is needed for the table behind the barriers, `sheets` for that of the sheet muscles (`target_table`);
    without them every pair is reached in closed form.
    """

    points: Endplates
    rim_mm: dict[str, np.ndarray]
    face: FacePoints | None = None
    sheets: Any = None

    @cached_property
    def protected(self) -> np.ndarray:
        """Points whose exposure from outside the orbit is tabulated, (q,)."""
        mine = [self.face is not None and muscle in PROTECTED for muscle, _ in self.points.names]
        return np.array(mine)[self.points.muscle]

    @cached_property
    def barrier(self) -> FaceBarrier:
        """The table, laid on this face."""
        assert self.face is not None
        return FaceBarrier.of(self.face)

    @cached_property
    def protected_columns(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """For each side the points in protected muscles and their column of the table: that of the nearest endplate."""
        assert self.face is not None
        table, found = self.barrier.table, {}
        for side, _ in ORBITS:
            index, column = [], []
            for row, muscle in enumerate(PROTECTED):
                mine = np.flatnonzero(self.points.muscle == self.points.names.index((muscle, side)))
                plates = self.face.endplates_mm[muscle, side]
                nearest = np.argmin(_distances(self.points.points_mm[mine], plates), axis=1)
                index.append(mine)
                column.append(row * table.groups + table.group[row, nearest])
            found[side] = np.concatenate(index), np.concatenate(column)
        return found

    @cached_property
    def balls(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A ball round each muscle, to pass over far ones: centres (m, 3), radii (m,), first points (m + 1,)."""
        first = np.searchsorted(self.points.muscle, np.arange(len(self.points.names) + 1))
        lows = np.minimum.reduceat(self.points.points_mm, first[:-1])
        highs = np.maximum.reduceat(self.points.points_mm, first[:-1])
        return 0.5 * (lows + highs), 0.5 * np.linalg.norm(highs - lows, axis=1), first

    def near(self, tip_mm: np.ndarray, compartment: int, reach_mm: float) -> np.ndarray:
        """Indices of the points of one compartment within a straight distance of a tip."""
        centre, radius, first = self.balls
        close = np.linalg.norm(centre - tip_mm, axis=1) - radius < reach_mm
        close &= self.points.compartment[first[:-1]] == compartment
        spans = [np.arange(first[m], first[m + 1]) for m in np.flatnonzero(close)]
        index = np.concatenate(spans) if spans else np.zeros(0, dtype=int)
        if not np.isfinite(reach_mm):
            return index
        return index[((self.points.points_mm[index] - tip_mm) ** 2).sum(axis=1) < reach_mm**2]

    @cached_property
    def inward(self) -> dict[int, Passage]:
        """Each orbit's opening and the points inside that orbit."""
        return {
            code: passage(self.points, self.rim_mm[side], (self.points.compartment == code) & ~self.protected)
            for side, code in ORBITS
        }

    @cached_property
    def outward(self) -> dict[int, Passage]:
        """Each orbit's opening and the points outside the orbits."""
        return {
            code: passage(self.points, self.rim_mm[side], self.points.compartment == SKIN)
            for side, code in ORBITS
        }


@dataclass(frozen=True)
class Tabled:
    """Points behind the barriers of one side: the table as seen from the tip, and the column of each point, (m,)."""

    behind: Behind
    column: np.ndarray


@dataclass(frozen=True)
class Gain:
    """What the table of the sheet muscles makes of pairs in closed form: factors exp(log + slope (size / v - 1)).

    Attributes:
        log (k,), slope (k,): zero where nothing changes; v is the in-plane variance of the footprint in a draw, and
        size_mm2 that of the plan.
    """

    log: np.ndarray
    slope: np.ndarray
    size_mm2: float

    @cached_property
    def changed(self) -> np.ndarray:
        """Pairs that change."""
        return np.flatnonzero((self.log != 0.0) | (self.slope != 0.0))


@dataclass(frozen=True)
class SiteGeometry:
    """Where one needle tip lies with respect to the endplates it can reach: directed pairs, round ones, tabulated ones.

    Attributes:
        index (k,): the endplates in reach.
        offset_mm (k, 3): from the tip, along fibre, across, outward; for pairs through the orbital opening the
            offset of the gate from the tip.
        beyond_mm (k,): length of the second leg, gate to endplate; 0 for direct pairs.
        isotropic (k,): True where direction is lost (orbit, opening).
        through_opening (k,): True where the orbital opening is passed.
        crossings (k,): fasciae between tip and endplate.
        thickness_mm: thickness of the layer that the fluid fills.
        walls: skin and bone as the directed pairs see them; None where there are none.
        tabled: what the table says of the last pairs, whose offsets mean nothing.
        gain: what a table makes of the pairs in closed form.
    """

    index: np.ndarray
    offset_mm: np.ndarray
    beyond_mm: np.ndarray
    isotropic: np.ndarray
    through_opening: np.ndarray
    crossings: np.ndarray
    thickness_mm: float
    walls: Walls | None = None
    tabled: tuple[Tabled, ...] = ()
    gain: Gain | None = None

    @property
    def directed(self) -> int:
        """Number of pairs whose direction is known; they come first."""
        return int((~self.isotropic).sum())

    @property
    def closed(self) -> int:
        """Number of pairs in closed form; the tabulated ones follow."""
        return len(self.index) - sum(len(part.column) for part in self.tabled)

    def only(self, keep: np.ndarray) -> SiteGeometry:
        """Some of the endplates, (k,) of bool."""
        ends = np.cumsum([len(part.column) for part in self.tabled])
        kept = np.split(keep[self.closed :], ends[:-1]) if self.tabled else []
        gain, near = self.gain, keep[: self.closed]
        return SiteGeometry(
            self.index[keep],
            self.offset_mm[keep],
            self.beyond_mm[keep],
            self.isotropic[keep],
            self.through_opening[keep],
            self.crossings[keep],
            self.thickness_mm,
            None if self.walls is None else self.walls.only(keep[: self.directed]),
            tuple(Tabled(p.behind, p.column[k]) for p, k in zip(self.tabled, kept, strict=True)),
            None if gain is None else Gain(gain.log[near], gain.slope[near], gain.size_mm2),
        )


def compartment_code(compartment: str, side: str) -> int:
    if compartment == "orbit":
        return ORBIT_LEFT if side == "left" else ORBIT_RIGHT
    if compartment == "foot":
        return FOOT_LEFT if side == "left" else FOOT_RIGHT
    return SKIN


def collect_endplates(face: Any, tissue: Mapping[tuple[str, str], np.ndarray]) -> Endplates:
    """The endplates of all muscles of a face in one table.

    Args:
        tissue: depth of bone over the grid of each muscle (`anatomy.bone.tissue_grids`).
    """
    muscles = face.muscles
    repeat = [len(m.endplates_mm) for m in muscles]

    def spread(values: Sequence[float]) -> np.ndarray:
        return np.repeat(np.asarray(values), repeat)

    return Endplates(
        points_mm=np.concatenate([m.endplates_mm for m in muscles]),
        depth_mm=np.concatenate([m.endplate_depth_mm for m in muscles]),
        bone_mm=np.concatenate([_bone_at_endplates(m, tissue[m.muscle, m.side]) for m in muscles]),
        layer=spread([m.layer for m in muscles]),
        compartment=spread([compartment_code(m.compartment, m.side) for m in muscles]),
        weight=np.concatenate([m.endplate_weight for m in muscles]),
        quantile=np.concatenate([m.endplate_quantile for m in muscles]),
        muscle=np.repeat(np.arange(len(muscles)), repeat),
        names=tuple((m.muscle, m.side) for m in muscles),
    )


def _bone_at_endplates(shape: Any, tissue_mm: np.ndarray) -> np.ndarray:
    """Depth of bone at each endplate (q,): the muscle's grid points by distance, and no less than lies over it."""
    away2 = _distances(shape.endplates_mm, shape.grid_mm.reshape(-1, 3)) ** 2
    weight = (away2 + 1.0) ** -2.0
    mean = weight @ tissue_mm.ravel() / weight.sum(axis=1)
    return np.maximum(mean, shape.endplate_depth_mm + LEAST_MM)


def opening_gates(rim_mm: np.ndarray) -> np.ndarray:
    """Points of the orbital opening through which a path may pass: rim, a ring inside it, the centre; (g, 3)."""
    centre = rim_mm.mean(axis=0)
    ring = rim_mm[::GATE_STEP] - centre
    return np.concatenate([centre + scale * ring for scale in GATE_RINGS] + [centre[None]])


def passage(points: Endplates, rim_mm: np.ndarray, which: np.ndarray) -> Passage:
    """The opening of one orbit and its distances to some of the points."""
    gates, index = opening_gates(rim_mm), np.flatnonzero(which)
    return Passage(gates, index, _distances(points.points_mm[index], gates))


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2.0 * a @ b.T
    return np.sqrt(np.maximum(squared, 0.0))


def site_frame(normal: np.ndarray, fibre: np.ndarray) -> np.ndarray:
    """Orthonormal axes (fibre, across, outward) as rows."""
    outward = normal / np.linalg.norm(normal)
    along = fibre - (fibre @ outward) * outward
    length = np.linalg.norm(along)
    if length < 1e-9:  # fibre along the needle: any tangent will do
        along = np.cross(outward, np.eye(3)[np.argmin(np.abs(outward))])
        length = np.linalg.norm(along)
    along = along / length
    return np.stack([along, np.cross(outward, along), outward])


def site_geometry(
    targets: Targets,
    tip_mm: np.ndarray,
    normal: np.ndarray,
    fibre: np.ndarray,
    depth_mm: float,
    layer: int,
    compartment: int,
    thickness_mm: float,
    reach_mm: float,
    bone_mm: float = np.inf,
) -> SiteGeometry:
    """Offsets from one tip to the points within `reach_mm` of it (path length); directed pairs come first.

    Args:
        bone_mm: depth of bone under the tip; infinite where there are no walls.
    """
    frame, points = site_frame(normal, fibre), targets.points
    inside = compartment in (ORBIT_LEFT, ORBIT_RIGHT)
    index = targets.near(tip_mm, compartment, reach_mm)
    tabled = _tabled(targets, tip_mm, frame, compartment) if inside or compartment == SKIN else []
    if inside and tabled:
        index = index[~targets.protected[index]]
    groups = [_direct(points, frame, tip_mm, depth_mm, index, flat=not inside)]
    straight = len(index)
    if compartment == SKIN:
        groups += [_through(way, frame, tip_mm, reach_mm) for way in targets.inward.values()]
    elif inside:
        groups.append(_through(targets.outward[compartment], frame, tip_mm, reach_mm))
    groups += [_nowhere(index) for _, index in tabled]
    index, offset, beyond, through = (np.concatenate(parts) for parts in zip(*groups, strict=True))
    walls, direct = None, np.arange(len(index)) < straight
    if not inside and np.isfinite(bone_mm):
        plates = index[:straight]
        walls = Walls(depth_mm, bone_mm, points.depth_mm[plates], points.bone_mm[plates])
    between = np.abs(points.layer[index] - layer) * (direct & (not inside))
    return SiteGeometry(
        index=index,
        offset_mm=offset,
        beyond_mm=beyond,
        isotropic=~direct | inside,
        through_opening=through,
        crossings=np.where(through, 1, between),
        thickness_mm=thickness_mm,
        walls=walls,
        tabled=tuple(part for part, _ in tabled),
    )


def _tabled(
    targets: Targets, tip_mm: np.ndarray, frame: np.ndarray, compartment: int
) -> list[tuple[Tabled, np.ndarray]]:
    """What the table says for each side, and of which points. From inside an orbit nothing reaches the other."""
    if targets.face is None or not targets.protected.any():
        return []
    found = []
    for side, code in ORBITS:
        if compartment not in (SKIN, code):
            continue
        behind = targets.barrier.behind(tip_mm, frame, side, in_orbit=compartment == code)
        if behind is not None:
            index, column = targets.protected_columns[side]
            matters = behind.matters[column]
            found.append((Tabled(behind, column[matters]), index[matters]))
    return found


def _nowhere(index: np.ndarray) -> Group:
    none = np.zeros(len(index))
    return index, np.zeros((len(index), 3)), none, none.astype(bool)


Group = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _direct(
    points: Endplates,
    frame: np.ndarray,
    tip_mm: np.ndarray,
    depth_mm: float,
    index: np.ndarray,
    *,
    flat: bool,
) -> Group:
    offset = (points.points_mm[index] - tip_mm) @ frame.T
    if flat:
        # Along a curved skin the straight line cuts the corner in depth but hardly in length: keep its length and
        # take the normal part from the depths below the skin.
        outward = depth_mm - points.depth_mm[index]
        tangent2 = (offset[:, :2] ** 2).sum(axis=1)
        along2 = np.maximum((offset**2).sum(axis=1) - outward**2, tangent2)
        scale = np.where(tangent2 > 1e-12, np.sqrt(along2 / np.maximum(tangent2, 1e-12)), 1.0)
        offset = np.column_stack([offset[:, :2] * scale[:, None], outward])
    return index, offset, np.zeros(len(index)), np.zeros(len(index), dtype=bool)


def _through(way: Passage, frame: np.ndarray, tip_mm: np.ndarray, reach_mm: float) -> Group:
    first = np.linalg.norm(way.gates_mm - tip_mm, axis=1)
    if first.min() > reach_mm:
        none = np.zeros(0)
        return none.astype(int), np.zeros((0, 3)), none, none.astype(bool)
    legs = way.beyond_mm + first
    best = np.argmin(legs, axis=1)
    rows = np.arange(len(best))
    near = legs[rows, best] < reach_mm
    rows, best = rows[near], best[near]
    offset = (way.gates_mm[best] - tip_mm) @ frame.T
    return way.index[near], offset, way.beyond_mm[rows, best], np.ones(len(rows), dtype=bool)
