"""Skin and bone as walls that nothing crosses: mirror images in the depth coordinate.

A Gaussian of variance v between a wall at depth 0 and one at depth H stays between them if every point behind a
wall is given a mirror image. Seen from a point at depth z a source at depth z' then counts as

    sum over n of  g(z - z' + 2 n H) + g(z + z' + 2 n H),

so that all tissue together still takes up each unit once. Of these we keep the source itself and the four nearest
images: in the skin, in bone, and in both, either one first. What is missed is below 1e-6 of the total while the SD
is at most 0.4 H, 0.2 % at 0.7 H and 2.4 % at H (tested).

Tissue is not equally deep everywhere. Each image is written with the distances of both points from the wall in
their own place, which is the formula above where the depth is the same, and needs no common depth where it is not:
a point never lies behind its own bone, and source and point can change places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any
Product = tuple[Array, Array]
"""A table (draw, k) as the product of (draw, r) and (r, k): most cost goes into exponentials, little into sums."""

FAINTEST = 1e-7
"""An image that adds less than this share of a unit's uptake, at every point of a draw, is left out there."""

LEAST_EXPONENT = -40.0
"""Exponents of an image stop here (4e-18 of the source): numbers too small for the machine are slow."""


@dataclass(frozen=True)
class Walls:
    """Depth below the skin and depth of bone below the skin, mm: of the tip (numbers), of the points (k,)."""

    tip_mm: float
    tip_bone_mm: float
    point_mm: np.ndarray
    point_bone_mm: np.ndarray

    def only(self, keep: np.ndarray) -> Walls:
        """The walls of some of the points."""
        return Walls(self.tip_mm, self.tip_bone_mm, self.point_mm[keep], self.point_bone_mm[keep])

    def tip_depth_mm(self, xp: Any, outward_mm: Array) -> Array:
        """Depth of a tip displaced outward: a needle stops at bone, and nobody injects above the skin."""
        return xp.clip(self.tip_mm - xp.asarray(outward_mm), 0.0, self.tip_bone_mm)


def images(xp: Any, walls: Walls, tip_mm: Array) -> list[Product]:
    """How much further away each image of a source is than the source itself, in squared distance.

    Args:
        tip_mm: depth of the tip below the skin, (draw, 1).

    Returns:
        four tables (draw, k), mm^2, as products of factors >= 0.
    """
    point, deep = walls.point_mm, walls.point_bone_mm
    below = deep - point
    tip_below, tip_deep = walls.tip_bone_mm - tip_mm, xp.zeros_like(tip_mm) + walls.tip_bone_mm
    two = xp.concatenate([tip_deep, tip_mm], axis=1), xp.concatenate([tip_below, tip_deep], axis=1)
    found = [
        (tip_mm, point[None]),
        (tip_below, below[None]),
        (two[0], np.stack([below, deep])),
        (two[1], np.stack([deep, point])),
    ]
    return [(4.0 * left, right) for left, right in found]


def strength(xp: Any, found: list[Product], variance: Array, share: float) -> Array:
    """The source and its images in multiples of the source, for one variance along the normal (draw, 1), mm^2.

    Args:
        share: of a unit's uptake that happens at this variance; the smaller, the less an image matters.

    Returns:
        (draw, k), at least 1; the number 1.0 where no image matters.
    """
    total, faintest = 1.0, math.log(FAINTEST / share)
    for left, right in found:
        left = left * (-0.5 / variance)
        rows = np.flatnonzero(np.asarray(left) @ right.min(axis=1) > faintest)
        if not len(rows):
            continue
        some = len(rows) < 0.8 * len(left)
        image = xp.exp(xp.maximum((left[rows] if some else left) @ xp.asarray(right), LEAST_EXPONENT))
        total = _add_rows(xp, total + xp.zeros((len(left), 1)), rows, image) if some else total + image
    return total


def _add_rows(xp: Any, total: Array, rows: np.ndarray, value: Array) -> Array:
    if total.shape[1] != value.shape[1]:
        total = total + xp.zeros((1, value.shape[1]))
    if xp is np:
        total[rows] += value
        return total
    return total.at[rows].add(value)
