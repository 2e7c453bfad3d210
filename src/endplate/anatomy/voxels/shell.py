"""How deep a point lies below the skin, and how deep the soft tissue is there: a dense cloud of skin points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.anatomy.bone import soft_tissue
from endplate.anatomy.face import Face
from endplate.anatomy.frames import Array, unit
from endplate.anatomy.skin import Skin
from endplate.anatomy.voxels.grid import VoxelGrid

SAMPLE_MM = 1.0
"""Skin points lie about this far apart; depth is measured to the tangent plane of the nearest one."""


FAR_MM = 8.0
"""Deeper than this a coarse cloud is enough: the nearest of points 4 mm apart misses the distance by under 0.3 mm."""

CLEAR_MM = 2.5
"""So far outside the skin, or below bone, by the coarse cloud, the fine one changes nothing."""

COARSE_MM = 4.0

ROUND_MM = 40.0
"""Skin this far round a grid is kept: the deepest tissue of the neck lies so far from it."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points on the skin (n, 3) with outward normals (n, 3) and depth of soft tissue below them (n,), mm."""

    points_mm: Array
    normals: Array
    bone_mm: Array
    tree: Any

    def below(self, points_mm: Array) -> tuple[Array, Array, Array, Array]:
        """Depth below the tangent plane (n,), > 0 inside; normal (n, 3); tissue (n,); distance (n,)."""
        away, nearest = self.tree.query(points_mm)
        step = points_mm - self.points_mm[nearest]
        depth = -np.sum(step * self.normals[nearest], axis=1)
        # Beside an open edge (lid, lip) or a sharp one the tangent plane says too little: there the distance counts.
        depth = np.where(away > np.abs(depth) + SAMPLE_MM, np.copysign(away, depth), depth)
        return depth, self.normals[nearest], self.bone_mm[nearest], away


@dataclass(frozen=True, eq=False)
class SkinCloud:
    """The skin as a dense cloud, and as a coarse one for what lies far from it."""

    fine: Cloud
    coarse: Cloud

    def below(self, points_mm: Array) -> tuple[Array, Array, Array]:
        """Depth below the skin (n,), > 0 inside; outward normal of the nearest skin (n, 3); tissue there (n,), mm."""
        depth, normal, bone, away = self.coarse.below(points_mm)
        near = (away < FAR_MM) & (depth > -CLEAR_MM) & (depth < bone + CLEAR_MM)
        depth[near], normal[near], bone[near], _ = self.fine.below(points_mm[near])
        return depth, normal, bone


def skin_cloud(face: Face, grid: VoxelGrid) -> SkinCloud:
    """The skin of a face on and round a grid as clouds of points."""
    skin = face.skin
    low = np.asarray(grid.origin_mm) - ROUND_MM
    high = np.asarray(grid.origin_mm) + np.asarray(grid.shape) * grid.h_mm + ROUND_MM
    used: np.ndarray = np.all((skin.vertices_mm > low) & (skin.vertices_mm < high), axis=1)
    corner = skin.triangles[used[skin.triangles].all(axis=1)]
    bone = np.zeros(len(used))
    bone[used], _ = soft_tissue(face, skin.vertices_mm[used])
    return SkinCloud(*(_cloud(skin, corner, bone, step) for step in (SAMPLE_MM, COARSE_MM)))


def _cloud(skin: Skin, corner: np.ndarray, bone: Array, step_mm: float) -> Cloud:
    from scipy.spatial import KDTree

    at = skin.vertices_mm[corner]
    edge = np.sqrt(((at - np.roll(at, 1, axis=1)) ** 2).sum(axis=-1)).max(axis=1)
    points, normals, depths = [], [], []
    parts = np.ceil(edge / step_mm).astype(int)
    for count in np.unique(parts):
        weights = _inner(int(count))
        chosen = corner[parts == count]
        points.append(np.einsum("wk,tkx->twx", weights, skin.vertices_mm[chosen]).reshape(-1, 3))
        normals.append(np.einsum("wk,tkx->twx", weights, skin.vertex_normals[chosen]).reshape(-1, 3))
        depths.append((bone[chosen] @ weights.T).ravel())
    places = np.concatenate(points)
    return Cloud(places, unit(np.concatenate(normals)), np.concatenate(depths), KDTree(places))


def _inner(count: int) -> Array:
    """Barycentric weights of the middles of the count^2 small triangles of a triangle (count^2, 3)."""
    rows = []
    for i in range(count):
        for j in range(count - i):
            rows.append((i + 1 / 3, j + 1 / 3))
            if j < count - i - 1:
                rows.append((i + 2 / 3, j + 2 / 3))
    first = np.array(rows) / count
    return np.column_stack([1.0 - first.sum(axis=1), first])
