"""The lines of a drawn face: lids, lips, brows, folds and wrinkles, laid on the resting skin and carried by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endplate.anatomy.rims import lid_rims, lip_rims

Array = NDArray[np.float64]
Index = NDArray[np.int64]

HAIRS, HAIR_SEED = 130, 7
SKETCH = 13
"""Points of a stroke."""

RAYS = ((4, 6.5, 15.0, 1.2), (-19, 6.0, 16.0, -0.4), (27, 7.0, 13.0, 1.8), (-42, 6.5, 14.0, -0.6))
"""Crow's feet: direction (degrees above the level), start and length (mm) from the corner of the eye, bend (mm)."""

NEAR_MM = 1e-6
"""So far beyond its corners a triangle is looked at: rounding."""

CREASE = (414, 286, 258, 257, 259, 260, 467)
"""Crease of the left upper lid from the nose outwards, points of the MediaPipe mesh."""


@dataclass(frozen=True, eq=False)
class Carried:
    """Paths on the skin: they go where it goes.

    Args:
        triangle: (N, 3) vertices. share: (N, 3) barycentric. starts: first point of each path and the end (P + 1,).
    """

    triangle: Index
    share: Array
    starts: tuple[int, ...]

    def on(self, vertices_mm: Array) -> list[Array]:
        """The paths (K, 3) on the skin as it is now."""
        points = (self.share[..., None] * vertices_mm[self.triangle]).sum(axis=1)
        return [points[a:b] for a, b in zip(self.starts[:-1], self.starts[1:], strict=True)]


@dataclass(frozen=True, eq=False)
class Sketch:
    """All lines of one skin, those of a side under `name.left` and `name.right`."""

    paths: dict[str, Carried]
    lids: dict[str, tuple[Index, Index]]
    mouth: tuple[Index, Index]


@lru_cache(maxsize=4)
def sketch(skin: Any) -> Sketch:
    """Lay the lines on a skin: from its landmarks, on both sides alike."""
    paths: dict[str, Carried] = {}
    drawn = {
        "hair": _hairs(skin.landmarks),
        "brow": [_brow_outline(skin.landmarks)],
        "browline": [_brow_line(skin.landmarks)],
        "glabella": _furrows(skin.landmarks),
        "lateral_canthus": _crows_feet(skin.landmarks),
        "nasolabial": [_nasolabial(skin.landmarks)],
        "nostril": [_nostril(skin.landmarks)],
        "wing": [_wing(skin.landmarks)],
        "crease": [_smooth(skin.mediapipe_mm[list(CREASE), :2])],
        "forehead": _forehead(skin.landmarks),
        "upper_lip": [_lip(skin.landmarks, True)],
        "lower_lip": [_lip(skin.landmarks, False)],
        "procerus": _across_the_nose(skin.landmarks),
    }
    for name, lines in drawn.items():
        for side in ("left", "right"):
            paths[f"{name}.{side}"] = _laid(skin, lines, side)
    return Sketch(paths, lid_rims(skin), lip_rims(skin))


def tapered(path: Array, width: float) -> Array:
    """The outline (2 K, 2) of a stroke along a path (K, 2), `width` in the middle and pointed at its ends."""
    along = np.gradient(path, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    share = np.linspace(0.0, 1.0, len(path))
    half = 0.5 * width * np.sin(np.pi * np.clip(share, 0.02, 0.98))[:, None] ** 0.7
    return np.concatenate([path + half * across, (path - half * across)[::-1]])


def rounded(path: Array, closed: bool = False, passes: int = 2) -> Array:
    """A path (K, 2) with its corners cut (Chaikin); the ends of an open one stay."""
    for _ in range(passes):
        if closed:
            path = np.concatenate([path, path[:1]])
        first, second = path[:-1], path[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1).reshape(
            -1, path.shape[1]
        )
        path = cut if closed else np.concatenate([path[:1], cut, path[-1:]])
    return path


# --------------------------------------------------------------------------------------- where the lines lie (left)


def _brow(marks: Any, share: Array) -> tuple[Array, Array]:
    """Points (K, 2) on the middle line of the left brow, from nose to temple, and its half height (K,), mm."""
    at = np.array([marks[f"brow_{part}.left"][:2] for part in ("medial", "mid", "lateral")])
    start = at[0] + 0.12 * (at[0] - at[1])
    end = at[2] + np.array([1.8, -1.2])
    return (
        _through(np.array([start, *at, end]), share),
        np.interp(share, [0.0, 0.12, 0.5, 0.8, 1.0], [1.7, 2.5, 2.1, 1.2, 0.3]),
    )


def _brow_line(marks: Any) -> Array:
    return _brow(marks, np.linspace(0.0, 1.0, 25))[0]


def _brow_outline(marks: Any) -> Array:
    middle, half = _brow(marks, np.linspace(0.0, 1.0, 25))
    up = np.stack([np.zeros_like(half), 0.8 * half], axis=1)
    return np.concatenate([middle + up, (middle - up)[::-1]])


def _hairs(marks: Any) -> list[Array]:
    """Short bent hairs: upright at the nose, flat towards the temple, the upper ones leaning down."""
    random = np.random.default_rng(HAIR_SEED)
    share = (np.arange(HAIRS) + random.uniform(0, 1, HAIRS)) / HAIRS * 0.96
    level = random.uniform(-1.0, 1.0, HAIRS)
    middle, half = _brow(marks, share)
    ahead, _ = _brow(marks, np.minimum(share + 0.02, 1.0))
    run = np.arctan2(*(ahead - middle)[:, ::-1].T)
    lean = np.radians(np.interp(share, [0.0, 0.1, 0.35, 1.0], [62, 44, 24, 4]) - 20.0 * level)
    length = np.interp(share, [0.0, 0.12, 0.6, 1.0], [2.6, 4.0, 4.2, 2.8]) * random.uniform(0.75, 1.1, HAIRS)
    way = run + lean
    middle = middle + np.stack([np.zeros(HAIRS), level * half], axis=1)
    root = middle - 0.5 * length[:, None] * np.stack([np.cos(way), np.sin(way)], axis=1)
    t = np.linspace(0.0, 1.0, 3)[:, None, None]
    turn = way - 0.25 * (t[..., 0] - 0.5)
    step = np.stack([np.cos(turn), np.sin(turn)], axis=-1) * length[:, None] * t
    return list(np.swapaxes(root + step, 0, 1))


def _forehead(marks: Any) -> list[Array]:
    """Level furrows from the midline outwards, with the dip that most have in the middle."""
    low, high = marks["brow_mid.left"][1] + 10.5, marks["trichion"][1]
    x = np.linspace(0.0, 1.0, 17)
    dip = 0.5 - 0.5 * np.cos(np.pi * np.minimum(x / 0.55, 1.0))
    fall = np.clip(x - 0.55, 0.0, None) ** 2
    return [
        np.stack([reach * x, low + (high - low) * 0.205 * k + deep * dip - 9.0 * fall], axis=1)
        for k, (reach, deep) in enumerate(((36.0, 1.5), (44.0, 2.1), (42.0, 2.6), (33.0, 2.4)))
    ]


def _furrows(marks: Any) -> list[Array]:
    """Upright furrows between the brows: the two of every frown, and those that join them when it is deep."""
    x, y = marks["brow_medial.left"][:2]
    lines = [
        [(0.66 * x, y - 5.5), (0.56 * x, y + 1.0), (0.57 * x, y + 7.0), (0.72 * x, y + 13.0)],
        [(1.06 * x, y + 3.4), (1.02 * x, y + 8.0), (1.22 * x, y + 12.5)],
    ]
    return [_smooth(np.array(line)) for line in lines]


def _across_the_nose(marks: Any) -> list[Array]:
    """Level furrows over the root of the nose, from the midline outwards: the procerus's."""
    y = marks["nasion"][1]
    t = np.linspace(0.0, 1.0, 9)
    return [np.stack([reach * t, y + up - 1.3 * t**2], axis=1) for up, reach in ((-0.5, 8.5), (-4.2, 7.5))]


def _crows_feet(marks: Any) -> list[Array]:
    """Rays beside the eye, bent along the ring of the orbicularis."""
    corner = marks["lateral_canthus.left"][:2]
    t = np.linspace(0.0, 1.0, SKETCH)
    out = []
    for degrees, start, length, bend in RAYS:
        angle = np.radians(degrees)
        # Seen from the front the temple turns away: the way outwards is foreshortened.
        far = start + length * t
        run = np.stack([0.7 * np.cos(angle) * far, np.sin(angle) * far + bend * t**2], axis=1)
        out.append(corner + run)
    return out


def _nasolabial(marks: Any) -> Array:
    wing, corner = marks["alare.left"][:2], marks["cheilion.left"][:2]
    way = corner - wing
    nose = np.array([2.2, 3.0])
    return _smooth(
        np.array([wing + nose, wing + 0.28 * way + [5.6, 1.5], wing + 0.62 * way + [8.3, 2.0],
                  wing + 0.92 * way + [9.2, 2.0]])
    )  # fmt: skip


def _wing(marks: Any) -> Array:
    x, y = marks["alare.left"][:2]
    return _smooth(np.array([(x - 3.4, y + 6.8), (x - 0.7, y + 4.0), (x, y - 0.5), (x - 1.6, y - 5.0)]))


def _nostril(marks: Any) -> Array:
    x, y = marks["alare.left"][:2]
    return _smooth(
        np.array([(0.76 * x, y - 6.2), (0.62 * x, y - 5.0), (0.42 * x, y - 5.2), (0.26 * x, y - 7.4)])
    )


def _lip(marks: Any, upper: bool) -> Array:
    """Outer edge of a lip from the midline to the left corner: a bow above, an even curve below."""
    x, y = marks["cheilion.left"][:2]
    middle = marks["labrale_superius" if upper else "labrale_inferius"][1]
    rise = middle - y
    at = (
        [
            (0.0, middle - 1.3),
            (0.20 * x, middle + 0.1),
            (0.42 * x, middle - 0.17 * rise),
            (0.74 * x, y + 0.42 * rise),
        ]
        if upper
        else [
            (0.0, middle),
            (0.30 * x, middle - 0.03 * rise),
            (0.58 * x, y + 0.80 * rise),
            (0.84 * x, y + 0.38 * rise),
        ]
    )
    return _smooth(np.array([*at, (x, y)]))


def _through(points: Array, share: Array) -> Array:
    """Points (K, 2) on a smooth curve through given ones, by share of its length."""
    from scipy.interpolate import PchipInterpolator

    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return np.asarray(PchipInterpolator(length / length[-1], points)(share))


def _smooth(points: Array) -> Array:
    return _through(np.asarray(points), np.linspace(0.0, 1.0, SKETCH))


# ------------------------------------------------------------------------------------------------ laid on the skin


def _laid(skin: Any, lines: Sequence[Array], side: str) -> Carried:
    """Lines given from the front, x and y of the left side, on the skin of a side."""
    flat = np.concatenate(lines)
    starts = tuple(np.concatenate([[0], np.cumsum([len(line) for line in lines])]).tolist())
    if skin.asymmetric and side == "right":
        return Carried(*_under(skin, flat * [-1.0, 1.0]), starts)
    triangle, share = _under(skin, flat)
    return Carried(triangle if side == "left" else skin.partner[triangle], share, starts)


def _under(skin: Any, flat: Array) -> tuple[Index, Array]:
    """Triangle (N, 3) and shares (N, 3) of the foremost skin under points (N, 2) seen from the front."""
    vertices, triangles = np.asarray(skin.vertices_mm), np.asarray(skin.triangles)
    triangles = triangles[(vertices[triangles, 2] > -10.0).all(axis=1)]
    a, b, c = (vertices[triangles[:, k], :2] for k in range(3))
    area = _turn(a, b, c)
    facing = area > 1e-9
    triangles, a, b, c, area = triangles[facing], a[facing], b[facing], c[facing], area[facing]
    low, high = np.minimum(np.minimum(a, b), c) - NEAR_MM, np.maximum(np.maximum(a, b), c) + NEAR_MM
    out_triangle, out_share = np.zeros((len(flat), 3), np.int64), np.zeros((len(flat), 3))

    def shares(k: Any, point: Array) -> Array:
        turns = [_turn(b[k], c[k], point), _turn(c[k], a[k], point), _turn(a[k], b[k], point)]
        return np.stack(turns, axis=1) / area[k, None]

    for number, point in enumerate(flat):
        near = np.flatnonzero(((low <= point) & (point <= high)).all(axis=1))
        share = shares(near, point)
        inside = (share >= -1e-9).all(axis=1)
        if inside.any():
            near, share = near[inside], share[inside]
            best = int(np.argmax((share * vertices[triangles[near], 2]).sum(axis=1)))
        else:  # over an opening: the nearest skin
            near, share = np.arange(len(area)), shares(slice(None), point)
            best = int(np.argmax(share.min(axis=1)))
        out_triangle[number], out_share[number] = triangles[near[best]], np.clip(share[best], 0.0, 1.0)
    return out_triangle, out_share / out_share.sum(axis=1, keepdims=True)


def _turn(a: Array, b: Array, c: Array) -> Array:
    return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (
        c[..., 0] - a[..., 0]
    )
