"""How likely the reported counts are, given what the model says of each.

    count ~ beta-binomial(n, 1 - (1 - p)(1 - q))     p of the model, q what happens without toxin
    logit of a report's own rate has SD `report_sd`  injectors, raters and ways of asking differ; its prior is declared

q has the beta distribution that the placebo arms leave (Jeffreys), taken at some of its quantiles, equally likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from endplate.fit.clinic.sampler import concentration
from endplate.fit.effects.rows import Row, Table, table
from endplate.population.draws import Z95

BACKGROUNDS = 5
Array = Any


def background_points(counts: tuple[int, int] | None) -> np.ndarray:
    """Rates without toxin, equally likely, (point,); 0 where none was told."""
    if counts is None:
        return np.zeros(BACKGROUNDS)
    from scipy.stats import beta

    events, n = counts
    at = (np.arange(BACKGROUNDS) + 0.5) / BACKGROUNDS
    return np.asarray(beta.ppf(at, events + 0.5, n - events + 0.5))


def points_of(rows: Sequence[Row], whole: Table) -> np.ndarray:
    """Rates without toxin of some rows, (row, point)."""
    return np.stack([background_points(whole.background.get(row.background)) for row in rows])


def with_background(rate: Array, points: Array) -> Array:
    """Chance of the event by toxin or without, (..., point)."""
    return 1.0 - (1.0 - rate[..., None]) * (1.0 - points)


def report_sd_of(xp: Any, score: Array) -> Array:
    """SD of log odds between reports from its normal score; the prior stands in `rows.toml`."""
    given = table().settings["report_sd"]
    below, above = np.log(given["value"] / given["low"]), np.log(given["high"] / given["value"])
    return given["value"] * xp.exp(xp.where(score < 0, below, above) * score / Z95)


def log_terms(xp: Any, betaln: Any, counts: Array, points: Array, rate: Array, report_sd: Array) -> Array:
    """ln probability of each count, the binomial coefficient left out, (..., row).

    Args:
        xp, betaln: numpy and scipy's, or those of JAX.
        counts: events and number treated, (2, row). points: (row, point). rate: by toxin, (..., row).
        report_sd: broadcasts with the rate.
    """
    share = xp.clip(with_background(rate, points), 1e-6, 1.0 - 1e-6)
    size = concentration(xp, share, xp.asarray(report_sd)[..., None])
    a, b = share * size, (1.0 - share) * size
    events, n = counts[0][:, None], counts[1][:, None]
    found = betaln(a + events, b + n - events) - betaln(a, b)
    top = found.max(axis=-1)
    return top + xp.log(xp.exp(found - top[..., None]).mean(axis=-1))
