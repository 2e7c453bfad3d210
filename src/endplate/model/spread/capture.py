"""Units taken up inside each muscle: the exposure integrated over the muscle's volume, endplates or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from endplate.model.spread.geometry import Endplates, compartment_code

# The footprint of 0.01 mL has an SD of about 1 mm across the fibres. A midpoint sum over a Gaussian of SD s with
# cells of width h is off by about exp(-2 pi^2 s^2 / h^2): below one per cent at h = 2 s.
CELL_MM, SLICE_MM = 2.0, 1.5


def volume_points(
    shapes: Sequence[Any],
    tissue: Mapping[tuple[str, str], np.ndarray],
    cell_mm: float = CELL_MM,
    slice_mm: float = SLICE_MM,
) -> Endplates:
    """Points that fill muscles evenly, in the form of an endplate table; weights are volumes in mm^3.

    The grid of each muscle is divided until no cell is wider than `cell_mm`, and cut into slices of at most `slice_mm`
    (three at least) through its thickness. `tissue` is the depth of bone over the grid of each muscle.
    """
    parts = [_cells(shape, tissue[shape.muscle, shape.side], cell_mm, slice_mm) for shape in shapes]
    count = [len(part[0]) for part in parts]
    return Endplates(
        points_mm=np.concatenate([part[0] for part in parts]),
        depth_mm=np.concatenate([part[1] for part in parts]),
        bone_mm=np.concatenate([part[2] for part in parts]),
        layer=np.repeat([s.layer for s in shapes], count),
        compartment=np.repeat([compartment_code(s.compartment, s.side) for s in shapes], count),
        weight=np.concatenate([part[3] for part in parts]),
        quantile=np.full(sum(count), 0.5),
        muscle=np.repeat(np.arange(len(shapes)), count),
        names=tuple((s.muscle, s.side) for s in shapes),
    )


def _cells(
    shape: Any, tissue_mm: np.ndarray, cell_mm: float, slice_mm: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Points (n, 3), their depth, depth of bone there, volume (n,)."""
    steps = [np.linalg.norm(np.diff(shape.grid_mm, axis=axis), axis=-1).max() for axis in (0, 1)]
    parts = [max(1, int(np.ceil(step / cell_mm))) for step in steps]
    fields = (shape.grid_mm, shape.normal, shape.thickness_mm, shape.depth_mm, tissue_mm)
    grid, normal, thickness, depth, tissue = (_denser(values, parts) for values in fields)
    along = 0.5 * (grid[1:, :-1] - grid[:-1, :-1] + grid[1:, 1:] - grid[:-1, 1:])
    across = 0.5 * (grid[:-1, 1:] - grid[:-1, :-1] + grid[1:, 1:] - grid[1:, :-1])
    middle, outward, thick, deep, bone = (
        _middle(values) for values in (grid, normal, thickness, depth, tissue)
    )
    outward = outward / np.linalg.norm(outward, axis=-1, keepdims=True)
    volume = np.linalg.norm(np.cross(along, across), axis=-1) * thick
    slices = max(3, int(np.ceil(thick.max() / slice_mm)))
    below = ((np.arange(slices) + 0.5) / slices - 0.5)[:, None, None] * thick[None]
    points = middle[None] - below[..., None] * outward[None]
    weights = np.broadcast_to(volume / slices, below.shape)
    deep = np.maximum(deep[None] + below, 0.05)
    return points.reshape(-1, 3), deep.ravel(), np.maximum(bone[None], deep).ravel(), weights.ravel()


def _denser(values: np.ndarray, parts: Sequence[int]) -> np.ndarray:
    """A grid (u, v, ...) with every cell divided, by linear interpolation along both axes."""
    for axis, number in enumerate(parts):
        wanted = np.linspace(0.0, values.shape[axis] - 1.0, number * (values.shape[axis] - 1) + 1)
        low = np.minimum(wanted.astype(int), values.shape[axis] - 2)
        share = (wanted - low).reshape([-1 if a == axis else 1 for a in range(values.ndim)])
        values = (1.0 - share) * np.take(values, low, axis) + share * np.take(values, low + 1, axis)
    return values


def _middle(values: np.ndarray) -> np.ndarray:
    return 0.25 * (values[1:, 1:] + values[1:, :-1] + values[:-1, 1:] + values[:-1, :-1])
