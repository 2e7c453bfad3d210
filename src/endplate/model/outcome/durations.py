"""How long: the share of people in whom a state has lasted, on the grid of visits, and its median.

A "duration" of the catalogue begins with those in whom another endpoint holds at a stated day and ends at the first
later visit where its own rule fires. Visits have independent noise, so given the person the shares multiply.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from endplate.model.outcome.raters import RATERS, Scale, at_most

Array = Any


def ended(duration: Any, base: np.ndarray, grade: np.ndarray, scale: Scale) -> np.ndarray:
    """Whether the rule that ends a duration fires at a visit: base, grade (..., 2) -> (...,)."""
    named = [k for k, rater in enumerate(RATERS) if rater in duration.raters]
    above = grade[..., named] > _allowed(duration, base[..., named], scale)
    return above.all(axis=-1) if duration.require == "both" else above.any(axis=-1)


def _allowed(duration: Any, base: np.ndarray, scale: Scale) -> np.ndarray:
    """Highest grade that does not yet end it: below one's own baseline, or at a stated grade."""
    if duration.until == "back":
        return np.asarray(base, dtype=int) - 1
    return np.full(np.shape(base), duration.at_most)


def back_probability(
    xp: Any,
    duration: Any,
    base: tuple[int, int],
    severity: Array,
    offset: tuple[Array, Array],
    scale: Scale,
    noise: Array,
) -> Array:
    """Probability that the rule fires at each visit, (n, visit), for people with these baseline grades."""
    fires, spared = xp.ones_like(severity), xp.ones_like(severity)
    for k, rater in enumerate(RATERS):
        if rater not in duration.raters:
            continue
        limit = int(_allowed(duration, np.array(base[k]), scale))
        stays = at_most(xp, limit, scale, severity + offset[k][:, None], noise)
        fires, spared = fires * (1.0 - stays), spared * stays
    return fires if duration.require == "both" else 1.0 - spared


def kept(xp: Any, fires: Array) -> Array:
    """Share in whom nothing has ended by each visit, (n, visit), from the chance at each visit."""
    return xp.cumprod(1.0 - fires, axis=-1)


def median_weeks(xp: Any, lasting: Array, days: np.ndarray, share: float = 0.5) -> Array:
    """Week at which the share that lasts falls to one half, linear between visits; infinite where it never does.

    Args:
        lasting: (visit,) share at each visit, not rising. days: (visit,), ascending; all last on day 0.
    """
    share_at = xp.concatenate([xp.ones(1), lasting])
    day_at = xp.asarray(np.concatenate([[0.0], np.asarray(days, dtype=float)]))
    crossed = share_at[1:] <= share
    first = xp.argmax(crossed)
    drop = xp.maximum(share_at[first] - share_at[first + 1], 1e-12)
    at = day_at[first] + (day_at[first + 1] - day_at[first]) * (share_at[first] - share) / drop
    return xp.where(crossed.any(), at, xp.inf) / 7.0
