"""Which voxels a muscle fills: its sheet sampled finely, as many voxels kept as its volume asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endplate.anatomy import curves
from endplate.anatomy.frames import Array, unit
from endplate.anatomy.shape import MuscleShape
from endplate.anatomy.voxels.grid import VoxelGrid

SAMPLES_PER_VOXEL = 2.5
"""Along each direction of a muscle's sheet and through it."""


@dataclass(frozen=True, eq=False)
class Fill:
    """Voxels of one muscle: flat index (k,), share filled (k,), fibre (k, 3), thickness of the muscle there (k,)."""

    cell: np.ndarray
    share: Array
    fibre: Array
    thickness_mm: Array


def fill(shape: MuscleShape, grid: VoxelGrid) -> Fill:
    """The voxels that a muscle fills best, their number times h^3 being its volume inside the grid."""
    points, volume, fibre, thickness = _samples(shape, grid.h_mm / SAMPLES_PER_VOXEL)
    cell = grid.cells_of(points)
    inside = cell >= 0
    cell, place = np.unique(cell[inside], return_inverse=True)
    weight = volume[inside]
    filled = np.bincount(place, weight)

    def mean(values: Array) -> Array:
        return np.bincount(place, weight * values[inside]) / np.maximum(filled, 1e-12)

    share = filled / grid.h_mm**3
    kept = np.argsort(-share, kind="stable")[: max(1, round(share.sum()))] if len(cell) else slice(0)
    along = np.stack([mean(fibre[:, k]) for k in range(3)], axis=-1) if len(cell) else np.zeros((0, 3))
    thick = mean(thickness) if len(cell) else np.zeros(0)
    return Fill(cell[kept], share[kept], unit(along[kept]), thick[kept])


def _samples(shape: MuscleShape, step_mm: float) -> tuple[Array, Array, Array, Array]:
    """Points through the muscle (n, 3), volume of each (n,), fibre (n, 3) and thickness there (n,)."""
    rows, columns = shape.grid_mm.shape[:2]
    lengths = [np.linalg.norm(np.diff(shape.grid_mm, axis=k), axis=-1).sum(axis=k).max() for k in (0, 1)]
    count = [
        max(n - 1, int(np.ceil(length / step_mm))) for n, length in zip((rows, columns), lengths, strict=True)
    ]
    u, v = (a.ravel() for a in np.meshgrid(*[(np.arange(n) + 0.5) / n for n in count], indexing="ij"))
    middle, normal = curves.on_grid(shape.grid_mm, u, v), unit(curves.on_grid(shape.normal, u, v))
    thick = curves.on_grid(shape.thickness_mm, u, v)
    fibre = unit(curves.on_grid(shape.fibre, u, v))
    grid = middle.reshape(*count, 3)
    area = np.linalg.norm(np.cross(np.gradient(grid, axis=0), np.gradient(grid, axis=1)), axis=-1).ravel()
    slices = max(2, int(np.ceil(thick.max() / step_mm)))
    below = ((np.arange(slices) + 0.5) / slices - 0.5)[:, None] * thick
    points = (middle[None] + below[..., None] * normal[None]).reshape(-1, 3)
    repeat = (slices, 1)
    return points, np.tile(area * thick / slices, slices), np.tile(fibre, repeat), np.tile(thick, slices)
