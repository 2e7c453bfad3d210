"""Endpoints at one visit, as definitions of the catalogue say them: of sampled grades, or as probabilities.

A probability is over the noise of that visit alone: severity, offsets and baseline grades of the person are given. The
raters' noises are independent, so where both must agree their probabilities multiply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.model.backend import normal_cdf
from endplate.model.outcome.raters import RATERS, Scale

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
    found = (grade[..., named] <= grade_limits(endpoint, base[..., named], scale)).all(axis=-1)
    return ~found if endpoint.negated else found  # type: ignore


def holds_probability(
    xp: Any,
    endpoint: Any,
    base: np.ndarray,
    severity: Array,
    offset: Array,
    scale: Scale,
    noise: Sequence[Array],
) -> Array:
    """Probability that a "grade" endpoint holds at a visit, for people whose baseline grades are known.

    Args:
        base: (n, 2) grades. severity: (n, day). offset: (n, 2). noise: SD of one reading of
            each rater.

    Returns:
        (n, day).
    """
    out = xp.ones_like(severity)
    for k, rater in enumerate(RATERS):
        if rater not in endpoint.raters:
            continue
        limit = xp.asarray(grade_limits(endpoint, base[:, k], scale))[:, None]
        below = normal_cdf(xp, (limit + 0.5 - severity - offset[:, k : k + 1]) / noise[k])
        out = out * xp.where(limit >= scale.highest, 1.0, xp.where(limit < scale.lowest, 0.0, below))
    return 1.0 - out if endpoint.negated else out


@dataclass(frozen=True)
class Cuts:
    """A "grade" endpoint as cuts on the latent scale, for every baseline grade that lets a person in.

    Attributes:
        base (grade, 2): between which readings a rater gives that grade. limit (2, grade): below which reading each
            rater's grade satisfies the endpoint; a rater who is not asked is always satisfied.
    """

    base: np.ndarray
    limit: np.ndarray
    negated: bool


FAR = 60.0  # no reading lies so far out; finite, so that derivatives stay so


def entry_cuts(scale: Scale) -> np.ndarray:
    """Readings between which a rater gives each grade that lets a person in, (grade, 2)."""
    grades = np.arange(scale.entry, scale.highest + 1)
    base = np.stack([grades - 0.5, grades + 0.5], axis=-1).astype(float)
    base[grades == scale.lowest, 0], base[grades == scale.highest, 1] = -FAR, FAR
    return base


def cuts_of(endpoint: Any, scale: Scale) -> Cuts:
    """The cuts of a "grade" endpoint on the scale of an area."""
    grades = np.arange(scale.entry, scale.highest + 1)
    allowed = grade_limits(endpoint, grades, scale)
    limit = np.where(allowed < scale.lowest, -FAR, np.where(allowed >= scale.highest, FAR, allowed + 0.5))
    asked = np.array([rater in endpoint.raters for rater in RATERS])
    return Cuts(entry_cuts(scale), np.where(asked[:, None], limit[None], FAR), endpoint.negated)


def entry_grades(
    xp: Any, base: Array, start: Array, offset: Sequence[Array], noise: Sequence[Array]
) -> list[Array]:
    """Probability that each rater gives each of the grades that let a person in, at screening.

    Args:
        base: (..., grade, 2) as `cuts_of` gives it. start: (..., n). offset: of each rater, (..., n). noise:
            SD of each rater's reading.

    Returns:
        of each rater, (..., grade, n).
    """
    out = []
    for lean, sd in zip(offset, noise, strict=True):
        before = (start + lean)[..., None, :]
        below = normal_cdf(xp, (base[..., 1][..., None] - before) / sd)
        out.append(below - normal_cdf(xp, (base[..., 0][..., None] - before) / sd))
    return out


def grade_probability(
    xp: Any,
    graded: Sequence[Array],
    limit: Array,
    severity: Array,
    offset: Sequence[Array],
    noise: Sequence[Array],
) -> Array:
    """Probability of entry and of a "grade" endpoint at a visit, over the noise of screening and visit.

    Args:
        graded: of `entry_grades`. limit: (..., 2, grade) of `cuts_of`. severity: (..., n) at the visit.

    Returns:
        (..., n). Summed over people and divided by the sum of the probability of entry, it is the rate.
    """
    both = 1.0
    for k, lean in enumerate(offset):
        seen = (severity + lean)[..., None, :]
        met = normal_cdf(xp, (limit[..., k, :][..., None] - seen) / noise[k])
        both = both * (graded[k] * met).sum(axis=-2)
    return both


def change_probability(xp: Any, fall: Array, cut: Array, noise: Array) -> Array:
    """Probability that a person reports a fall of severity beyond a cut, at a visit or by a day; any shape.

    `noise` is the subject's: nobody else is asked.
    """
    return normal_cdf(xp, (fall - cut) / noise)


def onset_reached(fall: np.ndarray, error: np.ndarray, cut: float) -> np.ndarray:
    """Whether a diary has noted the beginning by each day: fall (n, day), error of the person (n,) -> (n, day)."""
    return np.maximum.accumulate(fall, axis=1) + error[:, None] > cut
