"""The pieces of sculpted expressions that move brow, lids and mouth, and the marks on a skin that they move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.anatomy.frames import MIRROR, Array
from endplate.anatomy.rims import lid_rims

if TYPE_CHECKING:
    from endplate.anatomy.skin import Skin

SIDES = ("left", "right")
MARKS = (
    "brow_medial", "brow_mid", "brow_lateral", "upper_lid_margin", "lower_lid_margin", "cheilion", "lower_lip",
)  # fmt: skip
_LOWER_LIP = {"left": 402, "right": 178}
"""Points of the MediaPipe mesh on the free edge of the lower lip, half-way to the corners."""

_FURROW_MM = (2.0, 14.0)
"""From the midline outwards the sideways pull on the brow sets in, so that the furrow does not fold over."""

PIECES: dict[str, tuple[str, tuple[float, float]]] = {
    "brow_down": ("brow", (0.0, 2.0)),
    "brow_in": ("brow", (-1.2, 2.8)),
    "brow_inner_up": ("brow", (0.0, 3.2)),
    "brow_outer_up": ("brow", (0.0, 3.2)),
    "smile": ("mouth", (0.0, 1.2)),
    "dimple": ("mouth", (-0.6, 1.2)),
    "stretch": ("mouth", (0.0, 1.2)),
    "frown": ("mouth", (0.0, 1.2)),
    "lower_lip_down": ("mouth", (-0.5, 1.5)),
    "blink": ("lid", (0.0, 1.0)),
    "eye_wide": ("lid", (0.0, 1.2)),
    "squint": ("lid", (-0.6, 1.2)),
}
"""Targets, the part of the face they serve, and the weights allowed: judged by eye on the template (grade D,
declared). `brow_in` is the sideways motion of `brow_down` alone."""

PARTS: dict[str, tuple[str, ...]] = {
    "brow": ("brow_height_medial", "brow_height_mid", "brow_height_lateral", "frown_shift"),
    "mouth": ("mouth_corner_lateral", "mouth_corner_height", "lower_lip_show"),
    "lid": ("mrd1", "fissure_height"),
}
"""Measures that each part settles, in this order: the lids allow for what brow and cheek have done to them."""

ROWS = tuple(name for names in PARTS.values() for name in names)

_MIDLINE_MM = 8.0
"""Over this distance to either side of the midline a target of both sides passes from one to the other."""


def other_side(side: str) -> str:
    """left for right and right for left."""
    return SIDES[1 - SIDES.index(side)]


def target_of(piece: str) -> str:
    return piece.partition("/")[0]


@dataclass(frozen=True, eq=False)
class Basis:
    """Pieces of targets on one skin.

    Args:
        fields: side -> (P, V, 3) mm per unit weight.
        own: side -> (R, P) mm that the rows of a side move by its own pieces; cross: by those of the other side.
        bounds: (2, P). smile_deg: direction of the sculpted smile. bone: see `_bone`.
    """

    pieces: tuple[str, ...]
    fields: Mapping[str, Array]
    own: Mapping[str, Array]
    cross: Mapping[str, Array]
    bounds: Array
    smile_deg: float
    bone: Any


@lru_cache(maxsize=4)
def basis_of(skin: Skin) -> Basis:
    left = _fields(skin)
    fields = {"left": np.stack(list(left.values()))}
    fields["right"] = fields["left"][:, skin.partner] * MIRROR
    triangle, share = feet(skin)
    moved = {side: (share[..., None] * fields[side][:, triangle]).sum(axis=2) for side in SIDES}
    own = {side: _rows(moved[side], side) for side in SIDES}
    cross = {side: _rows(moved[other_side(side)], side) for side in SIDES}
    names = tuple(left)
    bounds = np.array([PIECES[target_of(name)][1] for name in names]).T
    smile = own["left"][:, names.index("smile")]
    outwards, up = (smile[ROWS.index(f"mouth_corner_{way}")] for way in ("lateral", "height"))
    return Basis(names, fields, own, cross, bounds, float(np.degrees(np.arctan2(up, outwards))), _bone(skin))


def feet(skin: Skin) -> tuple[Any, Array]:
    """Vertices (M, 3) and shares (M, 3) that carry the marks: those of the skin, and of the lids the rims one sees."""
    triangle, share = _feet_of(skin, "left")
    # The right foot is the mirror image of the left one, to the bit, unless the face is uneven.
    other = _feet_of(skin, "right") if skin.asymmetric else (skin.partner[triangle], share)
    return (
        np.stack([triangle, other[0]], axis=1).reshape(-1, 3),
        np.stack([share, other[1]], axis=1).reshape(-1, 3),
    )


def _feet_of(skin: Skin, side: str) -> tuple[Any, Array]:
    points = {**skin.landmarks, f"lower_lip.{side}": skin.mediapipe_mm[_LOWER_LIP[side]]}
    triangle, share = skin.barycentric(np.array([points[f"{name}.{side}"] for name in MARKS]))
    pupil = abs(float(skin.landmarks[f"pupil.{side}"][0]))
    for name, rim in zip(("upper_lid_margin", "lower_lid_margin"), lid_rims(skin)[side], strict=True):
        out = np.abs(skin.vertices_mm[rim, 0])
        k = int(np.clip(np.searchsorted(out, pupil), 1, len(rim) - 1))
        far = (pupil - out[k - 1]) / (out[k] - out[k - 1])
        triangle[MARKS.index(name)] = [rim[k - 1], rim[k], rim[k]]
        share[MARKS.index(name)] = [1.0 - far, far, 0.0]
    return triangle, share


def _rows(moved: Array, side: str) -> Array:
    """What marks moved by (P, M, 3) mean for the measures of a side, (R, P)."""
    at = {name: moved[:, 2 * k + SIDES.index(side)] for k, name in enumerate(MARKS)}
    away = -1.0 if side == "right" else 1.0
    rows = {
        "brow_height_medial": at["brow_medial"][:, 1],
        "brow_height_mid": at["brow_mid"][:, 1],
        "brow_height_lateral": at["brow_lateral"][:, 1],
        "frown_shift": -away * at["brow_mid"][:, 0],
        "mrd1": at["upper_lid_margin"][:, 1],
        "fissure_height": at["upper_lid_margin"][:, 1] - at["lower_lid_margin"][:, 1],
        "mouth_corner_lateral": away * at["cheilion"][:, 0],
        "mouth_corner_height": at["cheilion"][:, 1],
        "lower_lip_show": -at["lower_lip"][:, 1],
    }
    return np.stack([rows[name] for name in ROWS])


def _fields(skin: Skin) -> dict[str, Array]:
    """Displacement (V, 3) of each piece of the left side per unit weight, by `target` or `target/part`."""
    place = _template()
    x = place.vertices_mm[:, 0]
    parts = _brow_parts(
        x, [float(place.landmarks[f"brow_{p}.left"][0]) for p in ("medial", "mid", "lateral")]
    )
    out = {}
    for name, (serves, _) in PIECES.items():
        whole = _whole(skin, name, x)
        for part, share in parts.items() if serves == "brow" else [("", np.ones_like(x))]:
            piece = whole * share[:, None]
            if name.endswith("_up"):
                piece = _up_the_forehead(place, piece)
            elif name == "blink":
                piece = piece * _evenly_shut(place)[:, None]
            elif name == "brow_in":
                piece = piece * _step(x, *_FURROW_MM)[:, None]
            if np.abs(piece).max() > 0.5:
                out[f"{name}/{part}" if part else name] = piece
    return out


def _evenly_shut(skin: Skin) -> Array:
    """Share (V,) of the sculpted blink that brings the lids together everywhere at once.

    As sculpted the outer part of the upper lid runs past the lower one before the middle is shut.
    """
    upper, lower = (skin.vertices_mm[rim] for rim in lid_rims(skin)["left"])
    fall = -skin.targets["blink.left"][lid_rims(skin)["left"][0], 1]
    gap = upper[:, 1] - np.interp(upper[:, 0], lower[:, 0], lower[:, 1])
    share = np.clip(gap, 0.0, None) / np.maximum(fall, 1.0)
    share /= np.interp(skin.landmarks["pupil.left"][0], upper[:, 0], share)
    return np.interp(skin.vertices_mm[:, 0], upper[:, 0], np.minimum(share, 3.0))


def _whole(skin: Skin, name: str, x: Array) -> Array:
    """Displacement (V, 3) of a target of the left side; one of both sides fades at the midline."""
    if name == "brow_in":
        return skin.targets["brow_down.left"] * np.array([1.0, 0.0, 0.0])
    if f"{name}.left" in skin.targets:
        return skin.targets[f"{name}.left"]
    return skin.targets[name] * _step(x, -_MIDLINE_MM, _MIDLINE_MM)[:, None]


def _up_the_forehead(skin: Skin, piece: Array) -> Array:
    """A lift of the brow (V, 3) carried on to the hairline, falling evenly.

    The sculpted lift ends a finger's breadth above the brow; twice as strong it would pile up there. In life
    the frontalis draws the whole forehead up to where it meets the galea.
    """
    free, pulled, solve = _forehead(skin)
    held = np.where(free[:, None], 0.0, piece)
    even = piece.copy()
    even[free] = solve(pulled @ held)
    return even


@lru_cache(maxsize=2)
def _forehead(skin: Skin) -> tuple[Any, Any, Any]:
    """Vertices (V,) that slide between brow and hairline, what the others pull them by, and the solver of their
    balance: springs along the edges of the mesh, the stiffer the shorter.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import splu

    x, y, z = skin.vertices_mm.T
    free = (_above_brow(skin) > 2.0) & (y < skin.landmarks["trichion"][1]) & (z > 0.0) & (np.abs(x) < 66.0)
    edge = np.unique(np.sort(skin.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1), axis=0)
    stiff = 1.0 / np.maximum(np.linalg.norm(np.subtract(*skin.vertices_mm[edge.T]), axis=1), 1e-3)
    i, j = np.concatenate([edge, edge[:, ::-1]]).T
    links = csr_array((np.concatenate([stiff, stiff]), (i, j)), shape=(len(x), len(x)))
    total = csr_array((links.sum(axis=1), (np.arange(len(x)), np.arange(len(x)))), shape=links.shape)
    return free, links[free], splu((total - links)[free][:, free].tocsc()).solve


def over_bone(skin: Skin, vertices: Array, bone: Any) -> Array:
    """Vertices (V, 3) of which those of brow and forehead that have gone up lie on the form of the bone again.

    The lifted skin slides over the brow ridge and does not take it along. Only z changes, so no measure does.
    """
    share, form = bone
    lift = vertices[:, 1] - skin.vertices_mm[:, 1]
    share = share * _step(lift, 0.0, 4.0)
    moved = np.flatnonzero(share > 0.0)
    if not len(moved):
        return vertices
    at = vertices[moved, :2].copy()
    if not skin.asymmetric:
        at[:, 0] = np.abs(at[:, 0])
    out = vertices.copy()
    out[moved, 2] += share[moved] * (form(at) - vertices[moved, 2])
    return out


def _bone(skin: Skin) -> Any:
    """Which vertices slide over bone (V,), and the height z of the resting skin over (x, y) there."""
    from scipy.interpolate import CloughTocher2DInterpolator

    place = _template()
    x, y, z = place.vertices_mm.T
    above = _above_brow(place)
    share = _step(above, -7.0, 0.0) * _step(-np.abs(x), -66.0, -58.0) * (z > 0.0)
    share *= _step(-y, -95.0, -75.0)
    near = (above > -9.0) & (z > -10.0)
    points, first = np.unique(skin.vertices_mm[near, :2], axis=0, return_index=True)
    return share, CloughTocher2DInterpolator(points, skin.vertices_mm[near][first, 2], fill_value=0.0)


def _above_brow(skin: Skin) -> Array:
    """Height (V,) mm above the line of the brow, which runs on level at both ends."""
    at = np.array([skin.landmarks[f"brow_{part}.left"] for part in ("medial", "mid", "lateral")])
    return skin.vertices_mm[:, 1] - np.interp(np.abs(skin.vertices_mm[:, 0]), at[:, 0], at[:, 1])


def _template() -> Skin:
    """On it the pieces are cut, so that the right side has exactly the mirrored ones whoever the person is."""
    from endplate.anatomy.skin import template_skin

    return template_skin()


def _brow_parts(x: Array, at: list[float]) -> dict[str, Array]:
    """Shares (V,) of the medial, middle and lateral brow at a distance from the midline; they add up to 1."""
    outside = _step(x, at[0], at[1]), _step(x, at[1], at[2])
    return {"medial": 1.0 - outside[0], "mid": outside[0] - outside[1], "lateral": outside[1]}


def _step(value: Array, start: float, end: float) -> Array:
    """A smooth step from 0 at `start` to 1 at `end`."""
    part = np.clip((value - start) / (end - start), 0.0, 1.0)
    return part * part * (3.0 - 2.0 * part)
