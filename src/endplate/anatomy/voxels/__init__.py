"""What lies where: a head cut into voxels, each with its tissue, for solvers that need walls and layers."""

from __future__ import annotations

from endplate.anatomy.voxels.grid import VoxelGrid, head_grid
from endplate.anatomy.voxels.labels import BONE, FAT, GLOBE, MUSCLE, ORBIT, OUTSIDE, HeadLabels, label_head

__all__ = [
    "BONE",
    "FAT",
    "GLOBE",
    "MUSCLE",
    "ORBIT",
    "OUTSIDE",
    "HeadLabels",
    "VoxelGrid",
    "head_grid",
    "label_head",
]
