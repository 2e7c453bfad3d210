"""Unwanted effects of an arm as reported rates: `population.reported` pools published counts of its product and area.

Nothing here is simulated; risks by mechanism come from `trial.risks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.catalogue.effects import mechanisms
from endplate.catalogue.persistence import effects
from endplate.population.reported import (
    CAUSES,
    GRADE_OF_TAG,
    SEVERAL,
    adverse_rows,
    beta_interval,
    counts_of,
    pooled_rate,
)
from endplate.trial.rates import predictive
from endplate.trial.result import Expected, Unwanted

POINTS = 200  # of the beta distribution of a reported rate
__all__ = ["beta_interval", "expected_of", "pooled_rate", "unwanted_of"]


def unwanted_of(product: str | None, areas: Sequence[str], people: int) -> tuple[Unwanted, ...]:
    """Reported rates for one arm of so many people: of its product, or of the placebo arms where it is one."""
    wanted = [*areas, SEVERAL] if len(areas) > 1 else list(areas)
    rows = [
        row for row in adverse_rows() if row.area in wanted and (product is None or row.product == product)
    ]
    out = []
    for area in wanted:
        for effect in dict.fromkeys(row.effect for row in rows if row.area == area):
            counts = counts_of([r for r in rows if r.area == area and r.effect == effect], product is None)
            if counts:
                out.append(_pooled(effect, area, counts, people))
    return tuple(out)


def expected_of(rates: np.ndarray, people: int) -> Expected:
    """How many of an arm have an effect, from rates that are equally likely, (rate,): binomial at each of them."""
    low, high = predictive(rates, people)
    return Expected(float(rates.mean()) * people, (round(low * people), round(high * people)))


def _pooled(effect: str, area: str, counts: Sequence[tuple[Any, float, int]], people: int) -> Unwanted:
    events = np.array([e for _, e, _ in counts])
    seen = np.array([n for *_, n in counts], dtype=float)
    mean, variance = pooled_rate(events, seen)
    first = counts[0][0]
    each = "sessions" if first.per == "session" else "people"
    told = "; ".join(f"{row.id} ({events:.0f}/{n}, {row.tag})" for row, events, n in counts)
    return Unwanted(
        effect=effect,
        area=area,
        probability=mean,
        interval90=beta_interval(mean, variance),
        note=f"reported in {len(counts)} source(s), {seen.sum():.0f} {each}, {CAUSES[first.definition]}: {told}",
        mechanism=any(row.mechanism for row, *_ in counts),
        counts_as=_counted().get(effect),
        source=", ".join(dict.fromkeys(row.source for row, *_ in counts)),
        evidence={"weakest_grade": max(GRADE_OF_TAG[row.tag] for row, *_ in counts), "prior_share": 0.0},
        expected=expected_of(_beta_points(mean, variance), people),
    )


def _beta_points(mean: float, variance: float) -> np.ndarray:
    """Equally likely rates of the beta distribution that `beta_interval` takes its ends from, (POINTS,)."""
    from scipy.special import betaincinv

    weight = max(mean * (1.0 - mean) / variance - 1.0, 1.0)
    middles = (np.arange(POINTS) + 0.5) / POINTS
    return np.asarray(betaincinv(mean * weight, (1.0 - mean) * weight, middles))


@lru_cache(maxsize=1)
def _counted() -> dict[str, str]:
    """Effect by mechanism of each name under which reports count it."""
    return {name: one.id for one in effects().values() if one.id in mechanisms() for name in one.counted_as}
