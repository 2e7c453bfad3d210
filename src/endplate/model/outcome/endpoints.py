"""Endpoints at one visit, as definitions of the catalogue say them: of sampled grades, or as probabilities.

A probability is over the noise of that visit alone: severity, offsets and baseline grades of the person are given. The
raters' noises are independent, so where both must agree their probabilities multiply.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from endplate.model.backend import normal_cdf
from endplate.model.outcome.raters import RATERS, Scale, at_most, entry_probability, exactly

Array = Any


def grade_limits(endpoint: Any, base: np.ndarray, scale: Scale) -> np.ndarray:
    """Highest grade that still satisfies a "grade" endpoint, from baseline grades of any shape."""
    limit = np.full(np.shape(base), scale.highest)
    if endpoint.at_most is not None:
        limit = np.minimum(limit, endpoint.at_most)
    if endpoint.improved_by is not None:
        limit = np.minimum(limit, np.asarray(base, dtype=int) - endpoint.improved_by)
    return limit


def holds(endpoint: Any, base: np.ndarray, grade: np.ndarray, scale: Scale) -> np.ndarray:
    """Whether a "grade" endpoint holds.

    Args:
        base: (..., 2) grades at entry by investigator and subject; grade: the same shape at a visit.

    Returns:
        (...,) of bool.
    """
    named = [k for k, rater in enumerate(RATERS) if rater in endpoint.raters]
    return (grade[..., named] <= grade_limits(endpoint, base[..., named], scale)).all(axis=-1)


def holds_probability(
    xp: Any, endpoint: Any, base: np.ndarray, severity: Array, offset: Array, scale: Scale, noise: Array
) -> Array:
    """Probability that a "grade" endpoint holds at a visit, for people whose baseline grades are known.

    Args:
        base: (n, 2) grades. severity: (n, day). offset: (n, 2). noise: SD of one reading.

    Returns:
        (n, day).
    """
    out = xp.ones_like(severity)
    for k, rater in enumerate(RATERS):
        if rater not in endpoint.raters:
            continue
        limit = xp.asarray(grade_limits(endpoint, base[:, k], scale))[:, None]
        below = normal_cdf(xp, (limit + 0.5 - severity - offset[:, k : k + 1]) / noise)
        out = out * xp.where(limit >= scale.highest, 1.0, xp.where(limit < scale.lowest, 0.0, below))
    return out


def grade_probability(
    xp: Any,
    endpoint: Any,
    start: Array,
    severity: Array,
    offset: tuple[Array, Array],
    scale: Scale,
    noise: Array,
) -> tuple[Array, Array]:
    """Probability of entry and of entry with the endpoint, over the noise of screening and visit.

    Args:
        start: (n,) severity before treatment. severity: (n, day). offset: (n,) of each rater.

    Returns:
        entry (n,), entry and endpoint (n, day). Their sums over people divide to the rate among those let in.
    """
    entry, both = xp.ones_like(start), xp.ones_like(severity)
    for rater, lean in zip(RATERS, offset, strict=True):
        let_in = entry_probability(xp, scale, start + lean, noise)
        entry = entry * let_in
        if rater not in endpoint.raters:
            both = both * let_in[:, None]
            continue
        total = xp.zeros_like(severity)
        for base in range(scale.entry, scale.highest + 1):
            limit = int(grade_limits(endpoint, np.array(base), scale))
            seen = severity + lean[:, None]
            total = total + exactly(xp, base, scale, start + lean, noise)[:, None] * at_most(
                xp, limit, scale, seen, noise
            )
        both = both * total
    return entry, both


def change_probability(xp: Any, fall: Array, cut: Array, noise: Array) -> Array:
    """Probability that a person reports a fall of severity beyond a cut, at a visit or by a day; any shape."""
    return normal_cdf(xp, (fall - cut) / noise)


def onset_reached(fall: np.ndarray, error: np.ndarray, cut: float) -> np.ndarray:
    """Whether a diary has noted the beginning by each day: fall (n, day), error of the person (n,) -> (n, day)."""
    return np.maximum.accumulate(fall, axis=1) + error[:, None] > cut
