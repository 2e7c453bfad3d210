"""A regular grid of cubic voxels in the head frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endplate.anatomy.face import Face
from endplate.anatomy.frames import Array

ACROSS_MIDLINE_MM = 25.0
"""The grid reaches this far to the right: what is given in the midline spreads to both sides."""

MARGIN_MM = 6.0


@dataclass(frozen=True)
class VoxelGrid:
    """Cell centres lie at origin_mm + (i + 0.5) h_mm, i from 0 to shape - 1 on each axis."""

    origin_mm: tuple[float, float, float]
    h_mm: float
    shape: tuple[int, int, int]

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    def centres(self, flat: np.ndarray) -> Array:
        """Centres (n, 3) of cells given by flat index (n,), mm."""
        ijk = np.stack(np.unravel_index(flat, self.shape), axis=-1).astype(np.float64)
        return np.asarray(self.origin_mm) + (ijk + 0.5) * self.h_mm

    def cells_of(self, points_mm: Array) -> np.ndarray:
        """Flat index (n,) of the cell that holds each point (n, 3); -1 outside the grid."""
        ijk = np.floor((points_mm - np.asarray(self.origin_mm)) / self.h_mm).astype(np.int64)
        inside = ((ijk >= 0) & (ijk < np.asarray(self.shape))).all(axis=-1)
        flat = np.full(len(ijk), -1, dtype=np.int64)
        flat[inside] = np.ravel_multi_index(tuple(ijk[inside].T), self.shape)
        return flat

    def meets(self, points_mm: Array) -> bool:
        """Whether the box of some points (n, 3), with a margin, and the grid overlap."""
        low, high = points_mm.min(axis=0) - MARGIN_MM, points_mm.max(axis=0) + MARGIN_MM
        first = np.asarray(self.origin_mm)
        return bool((low < first + np.asarray(self.shape) * self.h_mm).all() and (high > first).all())

    def part(self, low_mm: Array, high_mm: Array) -> tuple[VoxelGrid, tuple[slice, slice, slice]]:
        """The cells whose centres lie in a box, as a grid of its own and as slices of this one."""
        first = np.ceil((np.asarray(low_mm) - self.origin_mm) / self.h_mm - 0.5).astype(int)
        last = np.floor((np.asarray(high_mm) - self.origin_mm) / self.h_mm - 0.5).astype(int) + 1
        first, last = np.clip(first, 0, self.shape), np.clip(last, 0, self.shape)
        x, y, z = (float(o + i * self.h_mm) for o, i in zip(self.origin_mm, first, strict=True))
        a, b, c = (int(n) for n in last - first)
        i, j, k = (slice(int(p), int(q)) for p, q in zip(first, last, strict=True))
        return VoxelGrid((x, y, z), self.h_mm, (a, b, c)), (i, j, k)


def head_grid(face: Face, h_mm: float) -> VoxelGrid:
    """A grid over the left half of the head and a strip beyond the midline, as far as its muscles go."""
    shapes = [s for s in face.muscles if s.frame == "head" and s.side != "right"]
    points = np.concatenate([s.grid_mm.reshape(-1, 3) for s in shapes])
    skin = face.skin.vertices_mm
    low, high = (
        points.min(axis=0) - MARGIN_MM,
        np.minimum(points.max(axis=0), skin.max(axis=0)) + 3 * MARGIN_MM,
    )
    low[0] = -ACROSS_MIDLINE_MM
    count = np.ceil((high - low) / h_mm).astype(int)
    x, y, z = (float(v) for v in low)
    a, b, c = (int(v) for v in count)
    return VoxelGrid((x, y, z), h_mm, (a, b, c))
