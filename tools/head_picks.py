"""Where the landmarks lie on the base mesh: read off shaded views, in mm, pupil level at y = 0.

BEFORE and PROFILE are coordinates of the unwarped left half (z as in the base mesh); AFTER those of the finished
template. "front": the foremost skin at (x, y). "side": the outermost skin at (z, y). PROFILE: the midline at about
(y, z).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Rules = dict[str, tuple[str, float, float]]

BEFORE: Rules = {
    "medial_canthus": ("front", 16.5, -3.2),
    "lateral_canthus": ("front", 41.4, -1.0),
    "upper_lid_margin": ("front", 29.0, 2.9),
    "lower_lid_margin": ("front", 29.0, -5.2),
    "brow_medial": ("front", 11.5, 11.5),
    "brow_mid": ("front", 29.0, 13.0),
    "brow_lateral": ("front", 50.0, 10.0),
    "rim_inferior": ("front", 29.0, -20.0),
    "alare": ("front", 17.2, -37.5),
    "cheilion": ("front", 22.6, -67.6),
    "zygion": ("side", 78.0, -20.0),
    "tragion": ("side", 57.5, -16.0),
    "gonion": ("side", 68.0, -74.0),
    "mastoid": ("side", 30.0, -38.0),
    "clavicle_medial": ("front", 22.0, -183.0),
}
PROFILE: dict[str, tuple[float, float]] = {
    "trichion": (72.0, 124.0),
    "glabella": (18.0, 144.0),
    "nasion": (7.0, 142.0),
    "sellion": (0.8, 141.0),
    "pronasale": (-37.0, 160.0),
    "subnasale": (-47.3, 149.5),
    "labrale_superius": (-57.8, 153.5),
    "stomion": (-67.4, 146.6),
    "labrale_inferius": (-77.0, 149.0),
    "pogonion": (-91.5, 142.5),
    "menton": (-107.2, 131.5),
    "hyoid": (-114.4, 86.7),
    "suprasternal_notch": (-181.0, 69.0),
}
# (on the side?, y, z): skin that no distance moves
HELD = [
    (False, 106.0, 50.0),
    (False, 33.8, -48.6),
    (False, -100.0, -16.0),
    (False, -165.0, -35.0),
    (True, 60.0, 50.0),
]
AFTER: Rules = {
    "upper_lid_medial": ("front", 24.5, 6.5),
    "upper_lid_lateral": ("front", 39.0, 6.0),
    "lower_lid_medial": ("front", 24.5, -9.0),
    "lower_lid_lateral": ("front", 39.0, -8.5),
    "rim_superior": ("front", 31.75, 13.0),
    "rim_superior_medial": ("front", 17.5, 12.0),
    "rim_lateral": ("front", 51.0, -1.0),
    "rim_medial": ("front", 11.5, -3.0),
    "temporal_line": ("front", 55.0, 45.0),
    "brow_temporal_line": ("front", 51.0, 20.0),
    "modiolus": ("front", 37.0, -76.0),
    "malar": ("front", 45.0, -27.0),
    "jaw_mid": ("side", 46.0, -95.5),
}


def _hit(vertices: Array, triangles: Index, axes: tuple[int, int, int], a: float, b: float) -> Array:
    """The outermost point along axis 3 whose coordinates on axes 1 and 2 are a and b; else the nearest vertex."""
    u, v, w = axes
    p, q, r = (vertices[triangles[:, k]] for k in range(3))
    e, f, g = q[:, [u, v]] - p[:, [u, v]], r[:, [u, v]] - p[:, [u, v]], np.array([a, b]) - p[:, [u, v]]
    area = e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0]
    area = np.where(np.abs(area) < 1e-9, np.nan, area)
    s = (g[:, 0] * f[:, 1] - g[:, 1] * f[:, 0]) / area
    t = (e[:, 0] * g[:, 1] - e[:, 1] * g[:, 0]) / area
    hit = (s >= 0) & (t >= 0) & (s + t <= 1)
    points = p + s[:, None] * (q - p) + t[:, None] * (r - p)
    if hit.any():
        return points[hit][points[hit, w].argmax()]
    used = np.unique(triangles)
    flat = vertices[used][:, [u, v]] - [a, b]
    return vertices[used[(flat * flat).sum(1).argmin()]].copy()


def pick_front(vertices: Array, triangles: Index, x: float, y: float) -> Array:
    """The foremost skin point (3,) at (x, y)."""
    return _hit(vertices, triangles, (0, 1, 2), x, y)


def pick_side(vertices: Array, triangles: Index, z: float, y: float) -> Array:
    """The outermost skin point (3,) of the left side at (z, y)."""
    return _hit(vertices, triangles, (2, 1, 0), z, y)


def pick_profile(
    rules: dict[str, tuple[float, float]], vertices: Array, triangles: Index
) -> dict[str, Array]:
    """Points of the midline edges closest to the given (y, z)."""
    edge = np.unique(np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1), axis=0)
    edge = edge[(np.abs(vertices[edge, 0]) < 1e-9).all(1)]
    a, b = vertices[edge[:, 0]], vertices[edge[:, 1]]
    out = {}
    for name, (y, z) in rules.items():
        way = np.array([0.0, y, z]) - a
        share = np.clip((way * (b - a)).sum(1) / ((b - a) ** 2).sum(1), 0, 1)
        foot = a + share[:, None] * (b - a)
        out[name] = foot[((foot - [0.0, y, z]) ** 2).sum(1).argmin()] * [0.0, 1.0, 1.0]
    return out


def pick_held(rule: tuple[bool, float, float], vertices: Array, triangles: Index) -> Array:
    """A point (3,) that warps leave in place: on the side or in the profile, at (y, z)."""
    side, y, z = rule
    if side:
        return pick_side(vertices, triangles, z, y)
    return pick_profile({"held": (y, z)}, vertices, triangles)["held"]
