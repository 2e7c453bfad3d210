"""Units taken up inside each muscle: the exposure integrated over the muscle's volume, endplates or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from endplate.model.spread.geometry import Endplates, compartment_code

# Gauss-Legendre points and weights through the thickness, on (-1/2, 1/2).
_DEPTHS = np.array([-0.5, 0.0, 0.5]) * np.sqrt(0.6)
_SHARES = np.array([5.0, 8.0, 5.0]) / 18.0


def volume_points(shapes: Sequence[Any]) -> Endplates:
    """Points that fill muscles evenly, in the form of an endplate table; weights are volumes in mm^3.

    Each cell of a muscle's grid gives three points through its thickness, weighted by the cell's volume.
    """
    parts = [_cells(shape) for shape in shapes]
    count = [len(points) for points, _, _ in parts]
    return Endplates(
        points_mm=np.concatenate([p for p, _, _ in parts]),
        depth_mm=np.concatenate([d for _, d, _ in parts]),
        layer=np.repeat([s.layer for s in shapes], count),
        compartment=np.repeat([compartment_code(s.compartment, s.side) for s in shapes], count),
        weight=np.concatenate([w for _, _, w in parts]),
        quantile=np.full(sum(count), 0.5),
        muscle=np.repeat(np.arange(len(shapes)), count),
        names=tuple((s.muscle, s.side) for s in shapes),
    )


def _cells(shape: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    centre, normal = _middle(shape.grid_mm), _middle(shape.normal)
    normal = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    thickness, depth = _middle(shape.thickness_mm), _middle(shape.depth_mm)
    along = 0.5 * (
        shape.grid_mm[1:, :-1] - shape.grid_mm[:-1, :-1] + shape.grid_mm[1:, 1:] - shape.grid_mm[:-1, 1:]
    )
    across = 0.5 * (
        shape.grid_mm[:-1, 1:] - shape.grid_mm[:-1, :-1] + shape.grid_mm[1:, 1:] - shape.grid_mm[1:, :-1]
    )
    volume = np.linalg.norm(np.cross(along, across), axis=-1) * thickness
    deeper = _DEPTHS[:, None, None] * thickness[None]
    points = centre[None] - deeper[..., None] * normal[None]
    depths = np.maximum(depth[None] + deeper, 0.05)
    weights = _SHARES[:, None, None] * volume[None]
    return points.reshape(-1, 3), depths.ravel(), weights.ravel()


def _middle(values: np.ndarray) -> np.ndarray:
    return 0.25 * (values[1:, 1:] + values[1:, :-1] + values[:-1, 1:] + values[:-1, :-1])
