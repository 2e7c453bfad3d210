"""How long: the share of people in whom a state has lasted, on the grid of visits, and its median.

A "duration" of the catalogue begins with those in whom another endpoint holds at a stated day and ends at the first
later visit where its own rule fires. Visits have independent noise, so given the person the shares multiply.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from endplate.model.backend import normal_cdf
from endplate.model.outcome.endpoints import FAR
from endplate.model.outcome.raters import RATERS, Scale

Array = Any


def ended(duration: Any, base: np.ndarray, grade: np.ndarray, scale: Scale) -> np.ndarray:
    """Whether the rule that ends a duration fires at a visit: base, grade (..., 2) -> (...,)."""
    named = [k for k, rater in enumerate(RATERS) if rater in duration.raters]
    above = grade[..., named] > _allowed(duration, base[..., named], scale)
    return above.all(axis=-1) if duration.require == "both" else above.any(axis=-1)  # type: ignore


def _allowed(duration: Any, base: np.ndarray, scale: Scale) -> np.ndarray:
    """Highest grade that does not yet end it: below one's own baseline, or at a stated grade."""
    if duration.rule == "back":
        return np.asarray(base, dtype=int) - 1
    return np.full(np.shape(base), duration.at_most)


def end_cuts(duration: Any, scale: Scale) -> np.ndarray:
    """For every pair of baseline grades: above which reading each rater lets it end, (pair, 2).

    A rater who is not asked never stands in the way: the cut lies far below where both must agree, far above where
    one is enough. Pairs are in the order of `baseline_pairs`.
    """
    cuts = []
    for pair in baseline_pairs(scale):
        allowed = _allowed(duration, np.array(pair), scale)
        cut = np.where(allowed < scale.lowest, -FAR, np.where(allowed >= scale.highest, FAR, allowed + 0.5))
        asked = np.array([rater in duration.raters for rater in RATERS])
        cuts.append(np.where(asked, cut, -FAR if duration.require == "both" else FAR))
    return np.array(cuts, dtype=float)


def baseline_pairs(scale: Scale) -> list[tuple[int, int]]:
    """Pairs of grades, investigator and subject, that let a person in."""
    grades = range(scale.entry, scale.highest + 1)
    return [(one, other) for one in grades for other in grades]


def pair_probability(
    xp: Any,
    base: Array,
    limit: Array,
    start: Array,
    now: Array,
    offset: Sequence[Array],
    noise: Sequence[Array],
) -> Array:
    """Probability of one pair of baseline grades and of both raters' satisfaction at a visit.

    Args:
        base: (..., rater, 2) cuts about each rater's baseline grade. limit: (..., rater) cut at the visit. start, now,
            offset: (..., n) of each rater. noise: SD of each rater's reading.

    Returns:
        (..., n).
    """
    out = 1.0
    for k, lean in enumerate(offset):
        graded = normal_cdf(xp, (base[..., k, 1, None] - start - lean) / noise[k])
        graded = graded - normal_cdf(xp, (base[..., k, 0, None] - start - lean) / noise[k])
        out = out * graded * normal_cdf(xp, (limit[..., k, None] - now - lean) / noise[k])
    return out


def end_probability(
    xp: Any,
    cuts: Array,
    severity: Array,
    offset: Sequence[Array],
    noise: Sequence[Array],
    both: Array | bool,
) -> Array:
    """Probability that a duration's rule fires at each visit.

    Args:
        cuts: (..., 2) of a pair of baseline grades, of `end_cuts`. severity: (..., n, visit). offset: (..., n) of each
            rater; noise: SD of each rater's reading. both: whether both raters must see it, else one is enough;
            broadcasts with the answer.

    Returns:
        (..., n, visit).
    """
    stays = [
        normal_cdf(xp, (cuts[..., k, None, None] - severity - lean[..., None]) / noise[k])
        for k, lean in enumerate(offset)
    ]
    return xp.where(both, (1.0 - stays[0]) * (1.0 - stays[1]), 1.0 - stays[0] * stays[1])


def kept(xp: Any, fires: Array) -> Array:
    """Share in whom nothing has ended by each visit, (n, visit), from the chance at each visit."""
    return xp.cumprod(1.0 - fires, axis=-1)


def median_weeks(xp: Any, lasting: Array, days: np.ndarray, share: float = 0.5) -> Array:
    """Week at which the share that lasts falls to one half, linear between visits; infinite where it never does.

    Args:
        lasting: (..., visit) share at each visit, not rising. days: (..., visit), ascending; all last on day 0.

    Returns:
        (...,).
    """
    days = np.broadcast_to(np.asarray(days, dtype=float), lasting.shape)
    share_at = xp.concatenate([xp.ones_like(lasting[..., :1]), lasting], axis=-1)
    day_at = xp.asarray(np.concatenate([np.zeros_like(days[..., :1]), days], axis=-1))
    crossed = share_at[..., 1:] <= share
    first = xp.argmax(crossed, axis=-1)[..., None]

    def at(values: Array, place: Array) -> Array:
        return xp.take_along_axis(values, place, axis=-1)[..., 0]

    drop = xp.maximum(at(share_at, first) - at(share_at, first + 1), 1e-12)
    gap = at(day_at, first + 1) - at(day_at, first)
    day = at(day_at, first) + gap * (at(share_at, first) - share) / drop
    return xp.where(crossed.any(axis=-1), day, xp.inf) / 7.0
