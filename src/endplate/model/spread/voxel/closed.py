"""The homogeneous field in closed form: a Gaussian in a box, the walls as mirrors.

In homogeneous tissue a Gaussian stays Gaussian, so a field on a million cells is the product of three lists of numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from endplate.model.spread.voxel.grid import Grid


def gaussian_field(
    grid: Grid,
    tip_mm: Any,
    variances_mm2: Any,
    *,
    mirrors: int = 2,
    scale: float = 1.0,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """scale * N(x; tip, variances) with no flux through the six walls of the grid's box, at cell centres.

    Args:
        variances_mm2: along the grid's axes, (3,).
        mirrors: images behind each wall; 0 is free space. What is left out is below exp(-(mirrors * length)^2 / 2 v).
        out: array of the grid's shape to fill.

    Returns:
        the grid's shape, 1/mm^3 times the unit of scale. Exact but for the images left out.
    """
    x, y, z = (
        _line(
            grid.shape[a],
            grid.h_mm[a],
            float(tip_mm[a]) - grid.origin_mm[a],
            float(variances_mm2[a]),
            mirrors,
        )
        for a in range(3)
    )
    plane = (scale * y)[:, None] * z
    if out is None:
        return (x[:, None] * plane.ravel()).reshape(grid.shape)
    np.multiply(x[:, None], plane.ravel(), out=out.reshape(len(x), -1))
    return out


def _line(cells: int, h_mm: float, tip_mm: float, variance_mm2: float, mirrors: int) -> np.ndarray:
    """One axis: the tip and its images, (cells,), 1/mm."""
    centre, length = (np.arange(cells) + 0.5) * h_mm, cells * h_mm
    shift = 2.0 * length * np.arange(-mirrors, mirrors + 1)
    places = np.concatenate([shift + tip_mm, shift - tip_mm]) if mirrors else np.array([tip_mm])
    power = (centre[:, None] - places) ** 2 * (-0.5 / variance_mm2)
    return np.exp(power).sum(axis=1) / math.sqrt(2.0 * math.pi * variance_mm2)
