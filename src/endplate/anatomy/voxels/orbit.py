"""The orbit: the space spanned by its rim, its apex and its muscles, ahead as far as the lids."""

from __future__ import annotations

import numpy as np

from endplate.anatomy.frames import Array

GLOBE_RADIUS_MM = 12.0
"""Half of the axial length of an adult eye (about 24 mm); the atlas bends the eye muscles round the same globe."""


def in_cone(points_mm: Array, rim_mm: Array, apex_mm: Array) -> np.ndarray:
    """Whether points (n, 3) lie inside the cone from the apex through the closed rim polygon (r, 3), (n,) bool.

    The cone is open ahead: what ends it there is the tissue of the lids. The rim is seen from the apex, so that
    its polygon is flat in the projection and the test is the usual one of crossings.
    """
    axis = rim_mm.mean(axis=0) - apex_mm
    axis = axis / np.linalg.norm(axis)
    first = np.cross(axis, np.array([0.0, 1.0, 0.0]))
    first /= np.linalg.norm(first)
    frame = np.stack([first, np.cross(axis, first)], axis=1)

    def seen(at: Array) -> tuple[Array, Array]:
        ray = at - apex_mm
        ahead = ray @ axis
        return (ray @ frame) / np.maximum(ahead, 1e-6)[:, None], ahead

    rim, _ = seen(rim_mm)
    flat, ahead = seen(points_mm)
    inside = np.zeros(len(flat), dtype=bool)
    x, y = flat.T
    for (x0, y0), (x1, y1) in zip(rim, np.roll(rim, -1, axis=0), strict=True):
        crosses = (y0 > y) != (y1 > y)
        if crosses.any():
            inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / np.where(y1 == y0, 1e-12, y1 - y0))
    return inside & (ahead > 0.5)


def in_hull(points_mm: Array, corners_mm: Array) -> np.ndarray:
    """Whether points (n, 3) lie in the convex hull of corners (c, 3): the pear behind the rim, wider than the cone."""
    from scipy.spatial import ConvexHull

    planes = ConvexHull(corners_mm).equations
    inside = np.ones(len(points_mm), dtype=bool)
    for plane in planes:
        some = np.flatnonzero(inside)
        inside[some] = points_mm[some] @ plane[:3] + plane[3] <= 0.0
    return inside


def in_globe(points_mm: Array, centre_mm: Array) -> np.ndarray:
    """Whether points (n, 3) lie in the globe."""
    return ((points_mm - centre_mm) ** 2).sum(axis=1) < GLOBE_RADIUS_MM**2
