"""Distances from a needle tip to endplates: along the skin in the face, round the rim into the orbit.

Three kinds of pair, by where the tip and the endplate lie:

- same side of every barrier under the skin: distance along the skin, split into fibre and cross-fibre parts,
  and the difference of depth below the skin (a forehead is curved; its muscles follow it);
- both within one orbit: the straight line;
- one inside the orbit, the other outside: the shortest way through the orbital opening, never through bone, and
  one more fascia (the septum) to cross.

Two orbits, or the head and the foot, do not reach each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SKIN, ORBIT_LEFT, ORBIT_RIGHT, FOOT_LEFT, FOOT_RIGHT = range(5)
GATE_RINGS = (1.0, 0.66, 0.33)


@dataclass(frozen=True)
class Endplates:
    """Every endplate of a face, muscle after muscle.

    Attributes:
        points_mm (q, 3), depth_mm (q,), layer (q,), compartment (q,), weight (q,), quantile (q,), muscle (q,);
        names: (muscle, side) of each muscle index.
    """

    points_mm: np.ndarray
    depth_mm: np.ndarray
    layer: np.ndarray
    compartment: np.ndarray
    weight: np.ndarray
    quantile: np.ndarray
    muscle: np.ndarray
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SiteGeometry:
    """Where one needle tip lies with respect to the endplates it can reach.

    Attributes:
        index (k,): the endplates in reach.
        offset_mm (k, 3): from the tip, along fibre, across, outward; for pairs through the orbital opening the
            offset of the gate from the tip.
        beyond_mm (k,): length of the second leg, gate to endplate; 0 for direct pairs.
        isotropic (k,): True where direction is lost (orbit, opening).
        through_opening (k,): True where the orbital opening is passed.
        crossings (k,): fasciae between tip and endplate.
        thickness_mm: thickness of the layer that the fluid fills.
    """

    index: np.ndarray
    offset_mm: np.ndarray
    beyond_mm: np.ndarray
    isotropic: np.ndarray
    through_opening: np.ndarray
    crossings: np.ndarray
    thickness_mm: float


def compartment_code(compartment: str, side: str) -> int:
    if compartment == "orbit":
        return ORBIT_LEFT if side == "left" else ORBIT_RIGHT
    if compartment == "foot":
        return FOOT_LEFT if side == "left" else FOOT_RIGHT
    return SKIN


def collect_endplates(face: Any) -> Endplates:
    """The endplates of all muscles of a face in one table."""
    muscles = face.muscles
    repeat = [len(m.endplates_mm) for m in muscles]

    def spread(values: Sequence[float]) -> np.ndarray:
        return np.repeat(np.asarray(values), repeat)

    return Endplates(
        points_mm=np.concatenate([m.endplates_mm for m in muscles]),
        depth_mm=np.concatenate([m.endplate_depth_mm for m in muscles]),
        layer=spread([m.layer for m in muscles]),
        compartment=spread([compartment_code(m.compartment, m.side) for m in muscles]),
        weight=np.concatenate([m.endplate_weight for m in muscles]),
        quantile=np.concatenate([m.endplate_quantile for m in muscles]),
        muscle=np.repeat(np.arange(len(muscles)), repeat),
        names=tuple((m.muscle, m.side) for m in muscles),
    )


def opening_gates(rim_mm: np.ndarray) -> np.ndarray:
    """Points of the orbital opening through which a path may pass: the rim and two rings inside it, (g, 3)."""
    centre = rim_mm.mean(axis=0)
    return np.concatenate([centre + ring * (rim_mm - centre) for ring in GATE_RINGS] + [centre[None]])


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
    endplates: Endplates,
    rim_mm: dict[str, np.ndarray],
    tip_mm: np.ndarray,
    normal: np.ndarray,
    fibre: np.ndarray,
    depth_mm: float,
    layer: int,
    compartment: int,
    thickness_mm: float,
    reach_mm: float,
) -> SiteGeometry:
    """Offsets from one tip to the endplates within `reach_mm` of it (path length)."""
    frame = site_frame(normal, fibre)
    if compartment in (FOOT_LEFT, FOOT_RIGHT):
        groups = [
            _direct(endplates, frame, tip_mm, depth_mm, endplates.compartment == compartment, flat=True)
        ]
    elif compartment == SKIN:
        groups = [_direct(endplates, frame, tip_mm, depth_mm, endplates.compartment == SKIN, flat=True)]
        groups += [
            _through(endplates, frame, tip_mm, rim_mm[side], endplates.compartment == code)
            for side, code in (("left", ORBIT_LEFT), ("right", ORBIT_RIGHT))
        ]
    else:
        side = "left" if compartment == ORBIT_LEFT else "right"
        groups = [
            _direct(endplates, frame, tip_mm, depth_mm, endplates.compartment == compartment, flat=False),
            _through(endplates, frame, tip_mm, rim_mm[side], endplates.compartment == SKIN),
        ]
    index, offset, beyond, through = (np.concatenate(parts) for parts in zip(*groups, strict=True))
    near = np.linalg.norm(offset, axis=1) + beyond < reach_mm
    index, offset, beyond, through = index[near], offset[near], beyond[near], through[near]
    in_orbit = endplates.compartment[index] != SKIN if compartment in (ORBIT_LEFT, ORBIT_RIGHT) else False
    crossings = np.where(through, 1, np.abs(endplates.layer[index] - layer))
    crossings = np.where(in_orbit & ~through, 0, crossings)
    return SiteGeometry(index, offset, beyond, through | in_orbit, through, crossings, thickness_mm)


Group = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _direct(
    endplates: Endplates,
    frame: np.ndarray,
    tip_mm: np.ndarray,
    depth_mm: float,
    which: np.ndarray,
    *,
    flat: bool,
) -> Group:
    index = np.flatnonzero(which)
    offset = (endplates.points_mm[index] - tip_mm) @ frame.T
    if flat:
        # Along a curved skin the straight line cuts the corner in depth but hardly in length: keep its length and
        # take the normal part from the depths below the skin.
        outward = depth_mm - endplates.depth_mm[index]
        tangent2 = (offset[:, :2] ** 2).sum(axis=1)
        along2 = np.maximum((offset**2).sum(axis=1) - outward**2, tangent2)
        scale = np.where(tangent2 > 1e-12, np.sqrt(along2 / np.maximum(tangent2, 1e-12)), 1.0)
        offset = np.column_stack([offset[:, :2] * scale[:, None], outward])
    return index, offset, np.zeros(len(index)), np.zeros(len(index), dtype=bool)


def _through(
    endplates: Endplates, frame: np.ndarray, tip_mm: np.ndarray, rim_mm: np.ndarray, which: np.ndarray
) -> Group:
    index = np.flatnonzero(which)
    gates = opening_gates(rim_mm)
    first = np.linalg.norm(gates - tip_mm, axis=1)
    second = np.linalg.norm(endplates.points_mm[index][:, None] - gates[None], axis=2)
    best = np.argmin(first[None] + second, axis=1)
    offset = (gates[best] - tip_mm) @ frame.T
    return index, offset, second[np.arange(len(index)), best], np.ones(len(index), dtype=bool)
