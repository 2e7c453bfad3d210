"""The floor: what sampling and differences between studies alone leave unpredictable, without any model.

The spread between studies is taken once, by moments: groups of studies with one product, dose, area, endpoint and
visit; in each the variance of the logits less their sampling variance, pooled over the groups by their degrees of
freedom, never below 0. It is taken anew without the study that is predicted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from endplate.fit.dossier.facts import Fact
from endplate.fit.dossier.predictive import Counted, logit_normal_counts

SAME_VISIT = 0.1
"""Visits whose days differ by no more than this share of the earlier one are one visit: "week 4" is printed as day 28
by some and as day 30 by others, while days 2 and 3 of an onset are two."""
_Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Spread:
    """Spread between studies: SD of logits (`rate`) and of ln median (`time`), groups and rows each rests on."""

    rate: float
    time: float
    rate_groups: tuple[tuple[str, ...], ...]
    time_groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Floor:
    """Of one row: ends of the 90 % interval about its own value, its width and the mean error; shares or weeks."""

    interval: tuple[float, float]
    width: float
    error: float
    sd: float


def repeated(facts: Sequence[Fact], median: bool, same_visit: float = SAME_VISIT) -> list[list[Fact]]:
    """Groups of two or more studies that printed the same number: product, label doses, area, endpoint, visit."""
    by_kind: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        if fact.active and fact.median == median:
            key = (fact.product, round(fact.multiple, 3), fact.area, fact.endpoint)
            by_kind.setdefault(key, []).append(fact)
    groups = []
    for alike in by_kind.values():
        for near in _visits(sorted(alike, key=lambda f: f.day or 0.0), same_visit):
            if len({f.study for f in near}) > 1:
                groups.append(near)
    return groups


def _visits(facts: Sequence[Fact], same_visit: float) -> list[list[Fact]]:
    """Facts in order of day, cut where the next lies further from the first of its group than one visit allows."""
    groups: list[list[Fact]] = []
    for fact in facts:
        if groups and (fact.day or 0.0) <= (1.0 + same_visit) * (groups[-1][0].day or 0.0) + 1e-9:
            groups[-1].append(fact)
        else:
            groups.append([fact])
    return groups


def pooled_variance(groups: Sequence[Sequence[Fact]]) -> float:
    """Variance between studies by moments: sum of (k - 1)(s2 - sampling variance) over groups of k, by sum of (k - 1).

    s2 is the variance of the scores of a group, the sampling variance the mean of its rows'.
    """
    freedom = sum(len(group) - 1 for group in groups)
    if not freedom:
        return 0.0
    total = 0.0
    for group in groups:
        k = len(group)
        mean = sum(f.score for f in group) / k
        total += sum((f.score - mean) ** 2 for f in group) - (k - 1) * sum(f.variance for f in group) / k
    return max(total / freedom, 0.0)


def spread_of(facts: Sequence[Fact], same_visit: float = SAME_VISIT) -> Spread:
    """The spread between these studies."""
    rates, times = repeated(facts, False, same_visit), repeated(facts, True, same_visit)
    return Spread(
        math.sqrt(pooled_variance(rates)),
        math.sqrt(pooled_variance(times)),
        tuple(tuple(f.id for f in group) for group in rates),
        tuple(tuple(f.id for f in group) for group in times),
    )


def floor_of(fact: Fact, spread: Spread) -> Floor:
    """The floor of a row at its own value: a share about (events + 1/2) / (n + 1), a median about itself."""
    if fact.median:
        sd = math.sqrt(spread.time**2 + fact.variance)
        low, high = fact.value * math.exp(-_Z90 * sd), fact.value * math.exp(_Z90 * sd)
        # Mean of |exp(sd Z) - 1| for a normal Z.
        error = fact.value * math.exp(0.5 * sd**2) * math.erf(sd / math.sqrt(2.0))
        return Floor((low, high), high - low, error, spread.time)
    rate = fact.own_rate
    counts: Counted = logit_normal_counts(fact.n, fact.events, math.log(rate / (1.0 - rate)), spread.rate)
    low, high = counts.interval()
    return Floor((low, high), high - low, counts.mean_error(rate), spread.rate)
