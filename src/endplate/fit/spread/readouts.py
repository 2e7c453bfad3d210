"""How each kind of study turns exposure into what it reports: shares over a threshold, and where a profile ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

TINY = 1e-30


def share_over(exposure: np.ndarray, threshold: np.ndarray, log_sd: np.ndarray) -> np.ndarray:
    """Share of end plates (or glands) whose own threshold, log-normal about `threshold`, is exceeded."""
    return ndtr((np.log(np.maximum(exposure, TINY)) - np.log(threshold)) / log_sd)


def last_crossing(profile: np.ndarray, level: np.ndarray, distance_mm: np.ndarray) -> np.ndarray:
    """The furthest distance at which a profile still lies over a level, mm, (draw,).

    Args:
        profile: (draw, z), positive; level: (draw,); distance_mm: (z,), rising from 0.

    Linear in the logarithm between nodes; 0.1 mm where the profile is nowhere over the level, the last distance where
    it never falls below.
    """
    above = np.log(np.maximum(profile, TINY)) - np.log(level)[:, None]
    over = above > 0.0
    last = profile.shape[1] - 1 - np.argmax(over[:, ::-1], axis=1)
    rows, after = np.arange(len(profile)), np.minimum(last + 1, profile.shape[1] - 1)
    high, low = above[rows, last], above[rows, after]
    part = np.where(high > low, high / np.maximum(high - low, TINY), 0.0)
    found = distance_mm[last] + np.clip(part, 0.0, 1.0) * (distance_mm[after] - distance_mm[last])
    return np.where(over.any(axis=1), np.maximum(found, 0.1), 0.1)


def dose_for(
    reading: Callable[[np.ndarray], np.ndarray], wanted: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """The dose at which a rising reading reaches `wanted`, by bisection on the log scale, (draw,)."""
    a, b = np.log(low), np.log(high)
    for _ in range(22):
        middle = 0.5 * (a + b)
        short = reading(np.exp(middle)) < wanted
        a, b = np.where(short, middle, a), np.where(short, b, middle)
    return np.exp(0.5 * (a + b))
