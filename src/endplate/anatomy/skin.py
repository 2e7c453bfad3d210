"""The skin of head, neck and ears: a mirror-exact triangle mesh with named points, and how to move on it.

Frame "head": mm, origin mid-sagittal at pupil level in the coronal plane of the two tragions, x to the subject's
left, y up, z forward, Frankfort-level. The mesh is open at the lids, lips, nostrils and the lower cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endplate.anatomy.landmarks import landmark_key
from endplate.errors import PlaceError

Array = NDArray[np.float64]
Index = NDArray[np.int64]
MIRROR = np.array([-1.0, 1.0, 1.0])
STEP_MM = 1.0  # of a walk: curvature of brow and ala turns by under 10 degrees in it
CHUNK = 512  # query points at once: bounds the distance table to 14 MB


@dataclass(frozen=True, eq=False)
class Skin:
    """One skin.

    Args:
        vertices_mm: (V, 3).
        triangles: (T, 3) vertex indices, counter-clockwise seen from outside.
        partner: (V,) index of each vertex's mirror image.
        landmarks: key -> (3,); all on the skin but the pupils.
    """

    vertices_mm: Array
    triangles: Index
    partner: Index
    landmarks: Mapping[str, Array]
    asymmetric: bool = field(default=False)

    @cached_property
    def targets(self) -> dict[str, Array]:
        """Expression displacements (V, 3) mm by name; left and right apart where the face can move one side.

        As sculpted on the template: not rescaled to this face (the difference is that of the faces, under a tenth).
        """
        return _template_targets(len(self.vertices_mm))

    @cached_property
    def mediapipe_mm(self) -> Array:
        """The 468 points of the MediaPipe face mesh, by index (468, 3): a tracked face registers by them.

        Laid on the template once and carried by the mesh; between the shared landmarks their place is
        interpolated, not measured.
        """
        with _archive() as data:
            return _blend(
                data["mediapipe_weights"].astype(float), self.vertices_mm[data["mediapipe_vertices"]]
            )

    @cached_property
    def vertex_normals(self) -> Array:
        """Outward unit normals (V, 3), area-weighted over the triangles round each vertex, mirror-exact."""
        corner = self.vertices_mm[self.triangles]
        face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        out = np.zeros_like(self.vertices_mm)
        for k in range(3):
            for axis in range(3):
                out[:, axis] += np.bincount(self.triangles[:, k], face[:, axis], len(out))
        if not self.asymmetric:
            out = (out + out[self.partner] * MIRROR) / 2
        return _unit(out)

    @cached_property
    def _rings(self) -> Index:
        return _rings(self.triangles, len(self.vertices_mm))

    @cached_property
    def _seed_table(self) -> NDArray[np.float32]:
        v = self.vertices_mm.astype(np.float32)
        return np.concatenate([-2 * v, (v * v).sum(1, keepdims=True)], 1).T.copy()

    def nearest(self, points_mm: Array) -> tuple[Array, Array]:
        """Closest skin points (N, 3) and outward unit normals (N, 3) of points (N, 3).

        The point lies on a triangle (so a second call returns it unchanged); the normal is interpolated between
        the vertex normals, hence continuous. The search starts at the nearest vertex and slides over neighbouring
        triangles: exact on face, scalp and neck, up to 1 mm too far in the clefts (lips, lids, ear). Mirrored
        points give mirrored answers, bit for bit; a point of the midline stays on it.
        """
        points = np.atleast_2d(np.asarray(points_mm, dtype=float))
        if self.asymmetric:
            return self._nearest(points)
        flip = np.where(points[:, :1] < 0, MIRROR, 1.0)
        found, normal = self._nearest(points * flip)
        middle = points[:, 0] == 0
        if middle.any():
            found[middle], normal[middle] = self._nearest_of_midline(points[middle])
        return found * flip, normal * flip

    def _nearest_of_midline(self, points: Array) -> tuple[Array, Array]:
        """A midline point keeps to the midline: closest point of the mesh edges with x = 0, and the normal there."""
        a, b = (self.vertices_mm[self._midline[:, k]] for k in (0, 1))
        way = b - a
        share = ((points[:, None] - a) * way).sum(2) / (way * way).sum(1)
        share = np.clip(share, 0.0, 1.0)[..., None]
        foot = a + share * way
        best = ((foot - points[:, None]) ** 2).sum(2).argmin(1)
        row = np.arange(len(points))
        share = share[row, best]
        ends = self.vertex_normals[self._midline[best]]
        return foot[row, best], _unit((1 - share) * ends[:, 0] + share * ends[:, 1])

    @cached_property
    def _midline(self) -> Index:
        edge = np.sort(self.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1)
        return np.unique(edge[(self.vertices_mm[edge, 0] == 0).all(1)], axis=0)

    def _nearest(self, points: Array) -> tuple[Array, Array]:
        found, normal = np.empty_like(points), np.empty_like(points)
        for start in range(0, len(points), CHUNK):
            part = points[start : start + CHUNK]
            triangle, bary = self._locate(part)
            corner = self.triangles[triangle]
            found[start : start + CHUNK] = _blend(bary, self.vertices_mm[corner])
            normal[start : start + CHUNK] = _blend(bary, self.vertex_normals[corner])
        return found, _unit(normal)

    def _locate(self, points: Array) -> tuple[Index, Array]:
        """Triangle (N,) and barycentric weights (N, 3) of the closest skin point."""
        single = points.astype(np.float32)
        table = np.concatenate([single, np.ones((len(points), 1), np.float32)], 1) @ self._seed_table
        seed = table.argmin(1)
        triangle = np.zeros(len(points), dtype=np.int64)
        bary = np.zeros((len(points), 3))
        todo = np.arange(len(points))
        for _ in range(4):
            ring = self._rings[seed[todo]]
            best, weight = _closest_of(points[todo], ring, self.vertices_mm, self.triangles)
            triangle[todo], bary[todo] = best, weight
            nearer = self.triangles[best, weight.argmax(1)]
            moved = nearer != seed[todo]
            todo = todo[moved]
            if not len(todo):
                break
            seed[todo] = nearer[moved]
        return triangle, bary

    def barycentric(self, points_mm: Array) -> tuple[Index, Array]:
        """Vertex triples (N, 3) and weights (N, 3) of the closest skin points: to carry points through a warp."""
        triangle, bary = self._locate(np.atleast_2d(np.asarray(points_mm, dtype=float)))
        return self.triangles[triangle], bary

    def walk(self, start_mm: Array, lateral_mm: Any, up_mm: Any, side: str = "midline") -> Array:
        """The skin point reached by walking from a point along the skin in a constant direction.

        Lateral is away from the midline for side left or right, towards the subject's left for midline; up is the
        skin-tangent upward. The way is hypot(lateral_mm, up_mm) long, in steps of about 1 mm, each set back on
        the skin. `start_mm` (3,) or (N, 3) with offsets that broadcast; the shape of the answer is that of start.
        """
        start = np.asarray(start_mm, dtype=float)
        here = np.atleast_2d(start)
        away = -1.0 if side == "right" else 1.0
        lateral, up = (np.broadcast_to(np.asarray(v, float), (len(here),)) for v in (lateral_mm, up_mm))
        length = np.hypot(lateral, up)
        steps = max(1, int(np.ceil(length.max(initial=0.0) / STEP_MM)))
        here, normal = self.nearest(here)
        for _ in range(steps if length.any() else 0):
            up_way, side_way = tangents(normal)
            ahead = here + (away * lateral[:, None] * side_way + up[:, None] * up_way) / steps
            here, normal = self.nearest(ahead)
        return here.reshape(start.shape)

    def landmark(self, name: str, side: str = "midline") -> Array:
        """A landmark by name and side (3,). Raises CatalogueError with the nearest names."""
        return self.landmarks[landmark_key(name, side)]

    def distance(self, points_mm: Array) -> Array:
        """Distance (N,) mm to the skin."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=float))
        return np.sqrt(((points - self.nearest(points)[0]) ** 2).sum(1))

    def on_head(self, point_mm: Array, tol_mm: float = 2.0) -> bool:
        """Whether a point lies on the skin within a tolerance."""
        return bool(self.distance(point_mm)[0] <= tol_mm)

    def snap(self, point_mm: Array, tol_mm: float = 5.0) -> Array:
        """The skin point under a given point (3,).

        Raises:
            PlaceError: the point is farther from the skin than `tol_mm`.
        """
        point = np.asarray(point_mm, dtype=float)
        if point.shape != (3,) or not np.isfinite(point).all():
            raise PlaceError(
                f"Point {point_mm!r} is not three finite coordinates.", "", "Give [x, y, z] in mm."
            )
        found = self.nearest(point)[0][0]
        away = float(np.linalg.norm(found - point))
        if away > tol_mm:
            x, y, z = point
            raise PlaceError(
                f"Point ({x:.1f}, {y:.1f}, {z:.1f}) mm is {away:.1f} mm off the head.",
                f"A skin point may miss the skin by {tol_mm:g} mm.",
                "Give frame-head coordinates of the skin, or a landmark and an offset.",
            )
        return found


def tangents(normal: Array) -> tuple[Array, Array]:
    """Unit tangents (N, 3) upward and to the subject's left of skin with outward normals (N, 3).

    Where the skin is level "up" means towards the vertex over the crown and towards the chin below the jaw.
    """
    up = -normal[:, 1:2] * normal
    up[:, 1] += 1.0
    up[:, 2] -= 0.05 * normal[:, 1]
    up -= (up * normal).sum(1, keepdims=True) * normal
    up = _unit(up)
    return up, np.cross(up, normal)


def _unit(vectors: Array) -> Array:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _blend(bary: Array, corner: Array) -> Array:
    return bary[:, :1] * corner[:, 0] + bary[:, 1:2] * corner[:, 1] + bary[:, 2:] * corner[:, 2]


def _rings(triangles: Index, count: int) -> Index:
    """Triangles round each vertex (V, R), short rows padded with their first entry."""
    vertex = triangles.ravel()
    order = np.argsort(vertex, kind="stable")
    size = np.bincount(vertex, minlength=count)
    first = np.cumsum(size) - size
    slot = np.minimum(np.arange(size.max())[None, :], np.maximum(size - 1, 0)[:, None])
    return order[np.minimum(first[:, None] + slot, len(order) - 1)] // 3


def _closest_of(points: Array, ring: Index, vertices: Array, triangles: Index) -> tuple[Index, Array]:
    """Best triangle (N,) out of ring (N, R) and its barycentric weights (N, 3)."""
    corner = vertices[triangles[ring]]
    bary = _closest_weights(points[:, None, :], corner[:, :, 0], corner[:, :, 1], corner[:, :, 2])
    spot = (bary[..., None] * corner).sum(2) - points[:, None, :]
    best = (spot * spot).sum(2).argmin(1)
    row = np.arange(len(points))
    return ring[row, best], bary[row, best]


def _closest_weights(p: Array, a: Array, b: Array, c: Array) -> Array:
    """Barycentric weights (..., 3) of the points of triangles closest to p: the face, else the best edge."""
    ab, ac, ap = b - a, c - a, p - a
    d1, d2 = (ab * ap).sum(-1), (ac * ap).sum(-1)
    bb, cc, bc = (ab * ab).sum(-1), (ac * ac).sum(-1), (ab * ac).sum(-1)
    area = np.maximum(bb * cc - bc * bc, 1e-12)
    v, w = (cc * d1 - bc * d2) / area, (bb * d2 - bc * d1) / area
    on_ab, on_ac = np.clip(d1 / np.maximum(bb, 1e-12), 0, 1), np.clip(d2 / np.maximum(cc, 1e-12), 0, 1)
    side = bb + cc - 2 * bc
    on_bc = np.clip((d2 - d1 + bb - bc) / np.maximum(side, 1e-12), 0, 1)
    zero = np.zeros_like(v)
    choice = np.stack([np.stack(x, -1) for x in ((on_ab, zero), (zero, on_ac), (1 - on_bc, on_bc))], -2)
    x, y = choice[..., 0], choice[..., 1]
    # squared distance up to the constant |ap|^2
    far = x * x * bb[..., None] + y * y * cc[..., None] + 2 * x * y * bc[..., None]
    far = far - 2 * x * d1[..., None] - 2 * y * d2[..., None]
    edge = np.take_along_axis(choice, far.argmin(-1)[..., None, None], -2)[..., 0, :]
    inside = ((v >= 0) & (w >= 0) & (v + w <= 1))[..., None]
    vw = np.where(inside, np.stack([v, w], -1), edge)
    return np.concatenate([1 - vw.sum(-1, keepdims=True), vw], -1)


def _archive() -> Any:
    return np.load(str(files("endplate.anatomy") / "data" / "head.npz"), allow_pickle=False)


@lru_cache(maxsize=1)
def template_skin() -> Skin:
    """The template: half-way between the norms of women and men (norms.toml). Cached; its arrays are read-only."""
    with _archive() as data:
        names, points = data["landmark_names"].tolist(), data["landmarks_mm"]
        skin = Skin(
            data["vertices_mm"].astype(float),
            data["triangles"].astype(np.int64),
            data["partner"].astype(np.int64),
            dict(zip(names, points, strict=True)),
        )
    for array in (skin.vertices_mm, skin.triangles, skin.partner, points):
        array.flags.writeable = False
    return skin


@lru_cache(maxsize=1)
def held_points() -> Array:
    """Points (H, 3) mm of crown, occiput, nape and temple that no norm moves: they hold a warp still there."""
    with _archive() as data:
        return data["held_mm"]


@lru_cache(maxsize=1)
def _template_targets(count: int) -> dict[str, Array]:
    out: dict[str, Array] = {}
    with _archive() as data:
        for name in data["target_names"].tolist():
            field_mm = np.zeros((count, 3))
            field_mm[data[f"{name}_index"]] = data[f"{name}_mm"]
            out[name] = field_mm
    return out
