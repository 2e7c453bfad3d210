"""The tissue of every voxel of a head: skin and fat, muscle, orbit, globe, and what stops toxin (bone, mouth)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.anatomy.face import Face
from endplate.anatomy.frames import MIRROR, Array
from endplate.anatomy.voxels.grid import VoxelGrid
from endplate.anatomy.voxels.muscles import fill
from endplate.anatomy.voxels.orbit import GLOBE_RADIUS_MM, in_cone, in_globe, in_hull
from endplate.anatomy.voxels.shell import SkinCloud, skin_cloud

OUTSIDE, FAT, MUSCLE, ORBIT, GLOBE, BONE = range(6)
BLOCK = 8  # voxels: empty air and the inside of the skull are passed over in blocks
CHUNK = 400_000
WALL_MM = 1.0
"""Fat left between an eye muscle and the wall of the orbit; declared."""


@dataclass(frozen=True, eq=False)
class HeadLabels:
    """A head in voxels.

    Attributes:
        grid: where the voxels are; kind (X, Y, Z): OUTSIDE .. BONE.
        cell (n,): flat index of every tissue voxel (FAT, MUSCLE, ORBIT), ascending; the rest is per tissue voxel:
        muscle (n,): index into face.muscles, -1 in fat; layer (n,): of the nearest muscle, 0 in the orbit.
        normal (n, 3): outward normal of the nearest skin; fibre (n, 3): of the muscle it lies in, 0 in fat.
        thickness_mm (n,): of the nearest muscle; depth_mm (n,): below the skin; bone_mm (n,): depth of bone there.
    """

    grid: VoxelGrid
    kind: np.ndarray
    cell: np.ndarray
    muscle: np.ndarray
    layer: np.ndarray
    normal: Array
    fibre: Array
    thickness_mm: Array
    depth_mm: Array
    bone_mm: Array

    @property
    def tissue(self) -> np.ndarray:
        """Which voxels toxin can enter (X, Y, Z)."""
        return (self.kind >= FAT) & (self.kind <= ORBIT)

    @property
    def in_orbit(self) -> np.ndarray:
        """Tissue voxels of an orbit, muscle or not (n,)."""
        return self.layer == 0

    def part(self, low_mm: Array, high_mm: Array) -> HeadLabels:
        """The voxels of a box, as a head of its own: no flux leaves it."""
        grid, slices = self.grid.part(low_mm, high_mm)
        row = np.full(self.grid.size, -1, dtype=np.int32)
        row[self.cell] = np.arange(len(self.cell), dtype=np.int32)
        row = row.reshape(self.grid.shape)[slices].ravel()
        cell = np.flatnonzero(row >= 0)
        row = row[cell]
        return HeadLabels(
            grid,
            self.kind[slices],
            cell,
            self.muscle[row],
            self.layer[row],
            self.normal[row],
            self.fibre[row],
            self.thickness_mm[row],
            self.depth_mm[row],
            self.bone_mm[row],
        )


def label_head(face: Face, grid: VoxelGrid) -> HeadLabels:
    """Give every voxel of a grid its tissue.

    The shell of soft tissue lies between the skin and the depth of bone (a declared prior, see `bone`). Behind the lids
    an orbit is what its rim, its apex and its muscles span, without the globe. Muscles keep their published volume.
    Crumbs that do not hang together with the rest are dropped.
    """
    cloud = skin_cloud(face, grid)
    kind = np.full(grid.size, OUTSIDE, dtype=np.int8)
    near, deep = _candidates(grid, cloud)
    kind[deep] = BONE
    depth, normal, bone = _below(cloud, grid, near)
    kind[near[(depth > 0.0) & (depth < bone)]] = FAT
    kind[near[depth >= bone]] = BONE
    orbits = _open_orbits(face, grid, kind)
    muscle, fibre, thickness = _fills(face, grid, kind, orbits)
    _drop_crumbs(grid, kind, muscle)
    cell = np.flatnonzero((kind >= FAT) & (kind <= ORBIT))
    source, _ = _nearest_muscle(grid, cell, muscle, orbits)
    layer_of = np.array([s.layer for s in face.muscles], dtype=np.int8)
    seen = np.minimum(np.searchsorted(near, cell), len(near) - 1)
    back = np.flatnonzero(near[seen] != cell)  # of an orbit: too deep to have been looked at
    depth, normal, bone = depth[seen], normal[seen], bone[seen]
    depth[back], normal[back], bone[back] = _below(cloud, grid, cell[back])
    return HeadLabels(
        grid,
        kind.reshape(grid.shape),
        cell,
        muscle[cell],
        np.where(orbits[cell], np.int8(0), layer_of[muscle[source]]),
        normal,
        fibre[cell],
        thickness[source],
        depth,
        bone,
    )


def _candidates(grid: VoxelGrid, cloud: SkinCloud) -> tuple[np.ndarray, np.ndarray]:
    """Flat indices, ascending, of voxels that may lie in the shell or just behind it, and of those far below it."""
    counts = [-(-n // BLOCK) for n in grid.shape]
    corner = np.stack(np.meshgrid(*[np.arange(n) for n in counts], indexing="ij"), axis=-1).reshape(-1, 3)
    middle = np.asarray(grid.origin_mm) + (corner.astype(np.float64) + 0.5) * BLOCK * grid.h_mm
    reach = 0.5 * BLOCK * grid.h_mm * np.sqrt(3.0) + 2.0
    depth, _, bone = cloud.below(middle)
    deep = depth >= bone + 2.0 * reach
    near = (depth > -reach) & ~deep
    return _cells_of(corner[near], grid), _cells_of(corner[deep], grid)


def _cells_of(blocks: np.ndarray, grid: VoxelGrid) -> np.ndarray:
    inner = np.stack(np.meshgrid(*[np.arange(BLOCK)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    cells = (blocks[:, None] * BLOCK + inner[None]).reshape(-1, 3)
    cells = cells[(cells < np.asarray(grid.shape)).all(axis=1)]
    return np.sort(np.ravel_multi_index(tuple(cells.T), grid.shape))


def _below(cloud: SkinCloud, grid: VoxelGrid, flat: np.ndarray) -> tuple[Array, Array, Array]:
    parts = [cloud.below(grid.centres(flat[k : k + CHUNK])) for k in range(0, len(flat), CHUNK)]
    if not parts:
        return np.zeros(0), np.zeros((0, 3)), np.zeros(0)
    depth, normal, bone = (np.concatenate(p) for p in zip(*parts, strict=True))
    return depth, normal, bone


def _open_orbits(face: Face, grid: VoxelGrid, kind: np.ndarray) -> np.ndarray:
    """Label the orbits and globes in place; returns which voxels belong to an orbit (flat, bool)."""
    found = np.zeros(grid.size, dtype=bool)
    for side, turn in (("left", np.ones(3)), ("right", MIRROR)):
        apex, globe, rim = face.points["apex"] * turn, face.points["globe"] * turn, face.rim_mm[side]
        reach = np.vstack([_walls(face, side, rim, apex), globe + GLOBE_RADIUS_MM, globe - GLOBE_RADIUS_MM])
        box, slices = grid.part(reach.min(axis=0) - 1.0, reach.max(axis=0) + 8.0)
        if 0 in box.shape:
            continue
        flat = np.arange(grid.size).reshape(grid.shape)[slices].ravel()
        points = grid.centres(flat)
        kind[flat[in_globe(points, globe)]] = GLOBE
        covered = _covered(kind[flat].reshape(box.shape)).ravel()
        space = in_cone(points, rim, apex) | in_hull(points, _walls(face, side, rim, apex))
        inside = space & covered & np.isin(kind[flat], (OUTSIDE, BONE))
        kind[flat[inside]] = ORBIT
        found[flat[inside]] = True
    return found


def _walls(face: Face, side: str, rim: Array, apex: Array) -> Array:
    """Points that the walls of an orbit enclose: rim, apex, and the surfaces of its muscles."""
    inner = [s for s in face.muscles if s.compartment == "orbit" and s.side == side]
    surfaces = [
        (s.grid_mm + k * (0.5 * s.thickness_mm + WALL_MM)[..., None] * s.normal).reshape(-1, 3)
        for s in inner
        for k in (-1.0, 1.0)
    ]
    return np.vstack([rim, apex[None], *surfaces])


def _covered(kind: np.ndarray) -> np.ndarray:
    """Voxels with lid or globe somewhere before them: air before the lids is no orbit."""
    solid = (kind == FAT) | (kind == GLOBE)
    return np.maximum.accumulate(solid[:, :, ::-1], axis=2)[:, :, ::-1] & ~solid


def _fills(face: Face, grid: VoxelGrid, kind: np.ndarray, orbits: np.ndarray) -> tuple[np.ndarray, ...]:
    """The muscle that fills each voxel best: its index or -1 (flat), fibre (flat, 3), thickness (flat,).

    A muscle may reach beyond the shell by the coarseness of the grid, and eye muscles beyond the cone, whose walls are
    straight: such voxels become tissue. The globe stays what it is, and skin muscles stay out of air and orbit.
    """
    owner = np.full(grid.size, -1, dtype=np.int16)
    best = np.zeros(grid.size, dtype=np.float32)
    fibre = np.zeros((grid.size, 3), dtype=np.float32)
    thickness = np.zeros(grid.size, dtype=np.float32)
    for index, shape in enumerate(face.muscles):
        if shape.frame != "head" or not grid.meets(shape.grid_mm.reshape(-1, 3)):
            continue
        own = fill(shape, grid)
        in_orbit = shape.compartment == "orbit"
        open_to = kind[own.cell] != GLOBE if in_orbit else np.isin(kind[own.cell], (FAT, BONE))
        wins = open_to & (own.share > best[own.cell])
        cell = own.cell[wins]
        owner[cell], best[cell], thickness[cell] = index, own.share[wins], own.thickness_mm[wins]
        fibre[cell] = own.fibre[wins]
        if in_orbit:
            orbits[cell] = True
    kind[owner >= 0] = MUSCLE
    return owner, fibre, thickness


def _drop_crumbs(grid: VoxelGrid, kind: np.ndarray, owner: np.ndarray) -> None:
    """Make air of tissue that hangs together with less than a tenth of it."""
    from scipy.ndimage import label

    found: Any = label(((kind >= FAT) & (kind <= ORBIT)).reshape(grid.shape))
    number, count = found
    size = np.bincount(number.ravel(), minlength=count + 1)
    small = (size < 0.1 * size[1:].sum())[number.ravel()] & (number.ravel() > 0)
    kind[small], owner[small] = OUTSIDE, -1


def _nearest_muscle(
    grid: VoxelGrid, cell: np.ndarray, owner: np.ndarray, orbits: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For tissue voxels: flat index of the nearest voxel of a skin muscle, and the distance to it (n,), mm."""
    from scipy.spatial import KDTree

    filled = np.flatnonzero((owner >= 0) & ~orbits)
    away, nearest = KDTree(grid.centres(filled)).query(grid.centres(cell))
    return filled[nearest], away
