"""The skin in an expression: how much of each sculpted target moves brow, lids and mouth by the wanted millimetres.

Numbers drive the mesh, never the other way: given the shift of each landmark, the weights of the targets of either
side are solved for by bounded least squares. Where a target acts on several landmarks it is cut into pieces that
add up to it, so that the middle of a brow can move without its ends. What lies beyond the reach of the targets is
clipped and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.anatomy.expression_pieces import (
    MARKS,
    PARTS,
    PIECES,
    ROWS,
    SIDES,
    Basis,
    basis_of,
    feet,
    other_side,
    over_bone,
    target_of,
)
from endplate.anatomy.frames import Array
from endplate.errors import CatalogueError, unknown_name

if TYPE_CHECKING:
    from endplate.anatomy.skin import Skin

TOLERANCE_MM = 0.3
"""A landmark that misses its shift by more than this is reported as clipped; half a pixel of the pictures."""

DRIVES: dict[str, str] = {
    "brow_height_medial": "the brow's medial end goes up",
    "brow_height_mid": "the middle of the brow goes up",
    "brow_height_lateral": "the brow's lateral end goes up",
    "frown_shift": "the skin at the middle of the brow goes towards the midline",
    "mrd1": "the margin of the upper lid goes up",
    "fissure_height": "the lids part",
    "mouth_corner_lateral": "the corner of the mouth goes outwards",
    "mouth_corner_height": "the corner of the mouth goes up",
    "mouth_corner_excursion": "the corner of the mouth goes outwards and up, in the frontal plane",
    "lower_lip_show": "the lower lip goes down, half-way between midline and corner",
}
"""What each shift in mm means when it is positive; also `mouth_corner_angle` in degrees above the horizontal."""

ANGLE = "mouth_corner_angle"
_RIDGE = 0.05
"""Pull of the weights to 0 (mm per unit), and of the pieces of a target to each other: settles what is left open."""

_SWEEPS = 4
"""Passes in which each side allows for what the other does at the midline; the rest is under 0.01 mm."""


@dataclass(frozen=True)
class Clipped:
    """A shift that the targets cannot show: wanted and reached, mm."""

    measure: str
    side: str
    wanted_mm: float
    reached_mm: float

    def __str__(self) -> str:
        return f"{self.measure.replace('_', ' ')} {self.side} {self.wanted_mm:+.1f} mm, drawn {self.reached_mm:+.1f} mm"


@dataclass(frozen=True, eq=False)
class Pose:
    """A skin in an expression.

    Args:
        vertices_mm: (V, 3).
        reached_mm: shift of each landmark measure that was asked for, as the mesh shows it.
        weights: (piece, side) -> weight.
        clipped: what lies beyond the targets.
    """

    vertices_mm: Array
    reached_mm: Mapping[tuple[str, str], float]
    weights: Mapping[tuple[str, str], float]
    clipped: tuple[Clipped, ...]


def expression_mesh(face_or_skin: Any, displacements: Mapping[tuple[str, str], float]) -> Array:
    """Skin vertices (V, 3) mm with the landmarks shifted by (measure, side) -> mm; see `pose`."""
    return pose(face_or_skin, displacements).vertices_mm


def pose(face_or_skin: Any, displacements: Mapping[tuple[str, str], float]) -> Pose:
    """Solve for the expression in which each landmark has moved by the wanted mm.

    Measures are those of `DRIVES`, sides left and right; what is not named goes along with its surroundings.
    `mouth_corner_excursion` takes its direction from `mouth_corner_angle`, else from the sculpted smile. Mirrored
    shifts give the mirrored mesh, and no shift the skin itself, bit for bit. Within the reach of the targets a
    landmark of the mesh misses its shift by less than 0.3 mm.

    Raises:
        CatalogueError: unknown measure or side, or a shift that is no number.
    """
    skin = getattr(face_or_skin, "skin", face_or_skin)
    basis = basis_of(skin)
    wanted = _wanted(displacements, basis.smile_deg)
    weights = _solve(basis, wanted)
    if not any(w.any() for w in weights.values()):
        return Pose(skin.vertices_mm.copy(), dict.fromkeys(_keys(wanted), 0.0), {}, _clipped(wanted, {}))
    moved = {side: _sum(weights[side], basis.fields[side]) for side in SIDES}
    reached = {
        side: basis.own[side] @ weights[side] + basis.cross[side] @ weights[other_side(side)]
        for side in SIDES
    }
    shown = {(name, side): float(reached[side][ROWS.index(name)]) for name, side in _keys(wanted)}
    named = {(p, s): float(w) for s in SIDES for p, w in zip(basis.pieces, weights[s], strict=True) if w}
    vertices = over_bone(skin, skin.vertices_mm + (moved["left"] + moved["right"]), basis.bone)
    return Pose(vertices, shown, named, _clipped(wanted, shown))


def reach(face_or_skin: Any, measure: str, side: str = "left") -> tuple[float, float]:
    """Lowest and highest shift (mm) of one landmark alone, the others free."""
    basis = basis_of(getattr(face_or_skin, "skin", face_or_skin))
    if measure not in ROWS:
        raise unknown_name("measure", measure, ROWS)
    ends = basis.own[side][ROWS.index(measure)] * basis.bounds
    return float(ends.min(axis=0).sum()), float(ends.max(axis=0).sum())


def marks_of(skin: Skin, vertices_mm: Array | None = None) -> dict[str, Array]:
    """The points that the measures speak of, `name.side` -> (3,), on this skin or on its vertices in an expression."""
    keys = [f"{name}.{side}" for name in MARKS for side in SIDES]
    triangle, share = feet(skin)
    points = skin.vertices_mm if vertices_mm is None else vertices_mm
    return dict(zip(keys, (share[..., None] * points[triangle]).sum(axis=1), strict=True))


def _sum(weights: Array, fields: Array) -> Array:
    """Weighted sum (V, 3) in one order on both sides (a matrix product may differ in the last bit)."""
    out = np.zeros_like(fields[0])
    for k in np.flatnonzero(weights):
        out += weights[k] * fields[k]
    return out


# ------------------------------------------------------------------------------------------------------- solving


def _keys(wanted: Mapping[str, Mapping[str, float]]) -> list[tuple[str, str]]:
    return [(name, side) for side in SIDES for name in wanted[side]]


def _wanted(displacements: Mapping[tuple[str, str], float], smile_deg: float) -> dict[str, dict[str, float]]:
    """Side -> row -> mm: excursion and angle become outwards and up."""
    out: dict[str, dict[str, float]] = {side: {} for side in SIDES}
    for (name, side), value in displacements.items():
        if name not in DRIVES and name != ANGLE:
            raise unknown_name("measure", name, [*DRIVES, ANGLE])
        if side not in SIDES:
            raise CatalogueError(f"Unknown side `{side}` of {name}.", "", "Give left or right.")
        if not np.isfinite(value):
            raise CatalogueError(f"{name} {side} is {value}.", "A shift is a number of mm.", "Give a number.")
        out[side][name] = float(value)
    for row in out.values():
        angle = np.radians(row.pop(ANGLE, smile_deg))
        if "mouth_corner_excursion" in row:
            way = row.pop("mouth_corner_excursion")
            row["mouth_corner_lateral"] = row.get("mouth_corner_lateral", 0.0) + way * float(np.cos(angle))
            row["mouth_corner_height"] = row.get("mouth_corner_height", 0.0) + way * float(np.sin(angle))
    return out


def _clipped(
    wanted: Mapping[str, Mapping[str, float]], shown: Mapping[tuple[str, str], float]
) -> tuple[Clipped, ...]:
    every = ((name, side, wanted[side][name], shown.get((name, side), 0.0)) for name, side in _keys(wanted))
    return tuple(Clipped(*one) for one in every if abs(one[2] - one[3]) > TOLERANCE_MM)


def _solve(basis: Basis, wanted: Mapping[str, Mapping[str, float]]) -> dict[str, Array]:
    """Weights (pieces,) of either side. Both sides are renewed together, so that mirrored wishes stay mirrored."""
    weights = {side: np.zeros(len(basis.pieces)) for side in SIDES}
    if not any(value for row in wanted.values() for value in row.values()):
        return weights
    for part, _ in product(PARTS, range(_SWEEPS)):
        columns = [k for k, name in enumerate(basis.pieces) if PIECES[target_of(name)][0] == part]
        fresh = {side: _solve_part(basis, wanted[side], weights, side, part, columns) for side in SIDES}
        for side in SIDES:
            weights[side][columns] = fresh[side]
    return weights


def _solve_part(
    basis: Basis,
    wanted: Mapping[str, float],
    weights: Mapping[str, Array],
    side: str,
    part: str,
    columns: list[int],
) -> Array:
    """Weights of the pieces (columns) that serve one part of the face, all others as they are."""
    from scipy.optimize import lsq_linear

    names = [name for name in PARTS[part] if name in wanted]
    if not names:
        return np.zeros(len(columns))
    rows = [ROWS.index(name) for name in names]
    others = weights[side].copy()
    others[columns] = 0.0
    done = basis.own[side][rows] @ others + basis.cross[side][rows] @ weights[other_side(side)]
    aim = np.array([wanted[name] for name in names]) - done
    if not aim.any():
        return np.zeros(len(columns))
    ridge = _ridge([basis.pieces[k] for k in columns])
    matrix = np.concatenate([basis.own[side][np.ix_(rows, columns)], ridge])
    found = lsq_linear(
        matrix, np.concatenate([aim, np.zeros(len(ridge))]), basis.bounds[:, columns], method="bvls"
    )
    return np.asarray(found.x)


def _ridge(names: list[str]) -> Array:
    """Rows that pull each weight to 0 and the weights of neighbouring pieces of one target to each other."""
    count = len(names)
    rows = [np.eye(count)]
    for k in range(count - 1):
        if "/" in names[k] and target_of(names[k]) == target_of(names[k + 1]):
            rows.append((np.eye(count)[k + 1] - np.eye(count)[k])[None])
    return _RIDGE * np.concatenate(rows)
