"""Endplates of a muscle: points of equal standing drawn without chance from its Gaussian patches.

Endplates of face muscles lie in eccentric patches near the nerve entry (spread_anatomy 2.1), not in a band at
mid-belly. A low-discrepancy sequence stands for them: the same points on every run, even cover at small numbers.
"""

from __future__ import annotations

import numpy as np

from endplate.anatomy.atlas import Patch
from endplate.anatomy.frames import Array

COUNT = 128
"""Points per muscle and side."""

_ROOT = 1.1673039782614187
"""Root of x^5 = x + 1: the base of the additive recurrence in four dimensions (R4)."""

_KNOTS = 513


def sequence(count: int) -> Array:
    """The first `count` points of the R4 additive recurrence in (0, 1)^4: (count, 4)."""
    steps = _ROOT ** -np.arange(1.0, 5.0)
    return (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1.0


def levelled(points: Array) -> Array:
    """Points (N, D) moved to the middles of N equal steps in every coordinate, their order kept."""
    return (np.argsort(np.argsort(points, axis=0), axis=0) + 0.5) / len(points)


def truncated_normal(share: Array, mean: float, sd: float) -> Array:
    """Quantiles of a normal distribution cut to 0..1, by table (error below 1e-5 for sd >= 0.02)."""
    knots = np.linspace(0.0, 1.0, _KNOTS)
    density = np.exp(-0.5 * ((knots - mean) / sd) ** 2)
    cumulated = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    return np.interp(share, cumulated / cumulated[-1], knots)


def draw(patches: tuple[Patch, ...], count: int, shift_along: float = 0.0) -> tuple[Array, Array]:
    """Endplates in muscle coordinates.

    Args:
        patches: the mixture; weights sum to 1.
        count: number of points; each patch gets its share, at least one.
        shift_along: moves every patch along the fibres (fraction of their length), one person's layout.

    Returns:
        coordinates (count, 4): along, across, depth across the thickness, sensitivity quantile, each in 0..1;
        weights (count,), summing to 1.
    """
    points = levelled(sequence(count))
    ends = np.rint(np.cumsum([patch.weight for patch in patches]) * count).astype(int)
    weights = np.empty(count)
    start = 0
    for patch, end in zip(patches, ends, strict=True):
        part = slice(start, end)
        points[part, :3] = levelled(points[part, :3])
        mean = min(max(patch.along + shift_along, 0.02), 0.98)
        points[part, 0] = truncated_normal(points[part, 0], mean, patch.sd_along)
        points[part, 1] = truncated_normal(points[part, 1], patch.across, patch.sd_across)
        weights[part] = patch.weight / (end - start)
        start = end
    return points, weights / weights.sum()
