"""The openings of the skin: along which vertices the rims of lids and lips run."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.anatomy.frames import Array

if TYPE_CHECKING:
    from endplate.anatomy.skin import Skin


@lru_cache(maxsize=4)
def lid_rims(skin: Skin) -> dict[str, tuple[Any, Any]]:
    """Vertices along the rim of the upper and of the lower lid of each side, from the nose outwards."""
    loops = openings(np.asarray(skin.triangles))
    pupil = skin.landmarks["pupil.left"]
    away = [np.linalg.norm(skin.vertices_mm[loop].mean(axis=0) - pupil) for loop in loops]
    left = _halves(skin.vertices_mm, loops[int(np.argmin(away))])
    return {"left": left, "right": (skin.partner[left[0]], skin.partner[left[1]])}


@lru_cache(maxsize=4)
def lip_rims(skin: Skin) -> tuple[Any, Any]:
    """Vertices along the rim of the upper and of the lower lip from the right corner to the left."""
    loops = openings(np.asarray(skin.triangles))
    away = [np.linalg.norm(skin.vertices_mm[loop].mean(axis=0) - skin.landmarks["stomion"]) for loop in loops]
    return _halves(skin.vertices_mm, loops[int(np.argmin(away))])


def openings(triangles: Any) -> list[Any]:
    """The openings of a mesh (lids, lips, lower cut) as rings of vertices."""
    edge = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    _, which, count = np.unique(np.sort(edge, axis=1), axis=0, return_inverse=True, return_counts=True)
    after = dict(edge[count[which.ravel()] == 1].tolist())
    rings = []
    while after:
        ring = [next(iter(after))]
        while (following := after.pop(ring[-1], None)) is not None:
            ring.append(following)
        rings.append(np.array(ring[:-1]))
    return rings


def _halves(vertices: Array, ring: Any) -> tuple[Any, Any]:
    """Upper and lower half of a rim by growing x (from the nose outwards on the left), without steps back."""
    x = vertices[ring, 0]
    ring = np.roll(ring, -int(np.argmin(x)))
    outer = int(np.argmax(vertices[ring, 0]))
    halves = [ring[: outer + 1], np.concatenate([ring[outer:], ring[:1]])[::-1]]
    halves.sort(key=lambda half: -float(vertices[half, 1].mean()))
    upper, lower = (half[_outwards(vertices[half])] for half in halves)
    return upper, lower


def _outwards(points: Array) -> list[int]:
    """Indices of the points (K, 3) that lie at least 0.3 mm farther out than all before them; both ends stay."""
    keep, far = [0], points[0, 0]
    for k in range(1, len(points) - 1):
        if far + 0.3 < points[k, 0] < points[-1, 0] - 0.3:
            keep.append(k)
            far = points[k, 0]
    return [*keep, len(points) - 1]
