"""Unwanted effects as reported rates: published counts of the same product and area, pooled with their spread.

    m    = (events + 1/2) / (people + 1) over the reports            mean rate
    tau2 = moment estimate of the variance of true rates between reports, 0 for a single one
    rate of another trial ~ Beta with mean m and variance m (1 - m) / (people + 2) + tau2

The interval is the 5 % and 95 % point of that beta. Nothing here is simulated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.errors import CatalogueError
from endplate.trial.rates import LEVELS
from endplate.trial.result import Unwanted

LATER = "reported rate; mechanism not simulated yet"


def unwanted_of(product: str | None, areas: Sequence[str]) -> tuple[Unwanted, ...]:
    """Reported rates for one arm: of its product, or of the placebo arms where it is one."""
    wanted = [*areas, "upper_face"] if len(areas) > 1 else list(areas)
    rows = [row for row in _rows() if row.area in wanted and (product is None or row.product == product)]
    out = []
    for area in wanted:
        for effect in dict.fromkeys(row.effect for row in rows if row.area == area):
            counts = _counts([r for r in rows if r.area == area and r.effect == effect], product is None)
            if counts:
                out.append(_pooled(effect, area, counts))
    return tuple(out)


def _rows() -> Iterable[Any]:
    try:
        return catalogue().adverse.values()
    except CatalogueError:
        return ()


def _counts(rows: Sequence[Any], placebo: bool) -> list[tuple[Any, float, int]]:
    """Reports with events and people, of one definition: the one that most people stand behind."""
    found = []
    for row in rows:
        people = row.placebo_n if placebo else row.n
        rate = row.placebo_rate if placebo else row.rate
        if people and rate is not None:
            found.append((row, rate * people, int(people)))
    groups: dict[tuple[str, str], list[tuple[Any, float, int]]] = {}
    for one in found:
        groups.setdefault((one[0].definition, one[0].per), []).append(one)
    best = max(groups.values(), key=lambda group: sum(people for *_, people in group), default=[])
    # One report a study and dose: a second one counts the same people over another time.
    own: dict[tuple[str, float | None], tuple[Any, float, int]] = {}
    for one in best:
        key = (one[0].study or one[0].source, None if placebo else one[0].units)
        if key not in own or (one[2], one[1]) > own[key][1:][::-1]:
            own[key] = one
    return list(own.values())


def _pooled(effect: str, area: str, counts: Sequence[tuple[Any, float, int]]) -> Unwanted:
    events = np.array([e for _, e, _ in counts])
    people = np.array([n for *_, n in counts], dtype=float)
    mean, variance = pooled_rate(events, people)
    low, high = beta_interval(mean, variance)
    first = counts[0][0]
    each = "sessions" if first.per == "session" else "people"
    kind = {"all_cause": "all causes", "related": "called related", "not_stated": "cause not stated"}[
        first.definition
    ]
    told = "; ".join(f"{row.id} ({events:.0f}/{n}, {row.tag})" for row, events, n in counts)
    basis = f"reported in {len(counts)} source(s), {people.sum():.0f} {each}, {kind}: {told}"
    mechanism = any(row.mechanism for row, *_ in counts)
    if mechanism:
        basis = f"{LATER}; {basis}"
    return Unwanted(effect, area, mean, (low, high), basis, mechanism)


def pooled_rate(events: np.ndarray, people: np.ndarray) -> tuple[float, float]:
    """Mean rate of some reports, and the variance of the rate that another report may have."""
    total = people.sum()
    mean = float((events.sum() + 0.5) / (total + 1.0))
    spread = 0.0
    if len(people) > 1:
        # Moments: what rates vary beyond binomial chance, weighted by people.
        apart = float((people * (events / people - mean) ** 2).sum())
        chance = mean * (1.0 - mean) * (len(people) - 1)
        spread = max((apart - chance) / (total - (people**2).sum() / total), 0.0)
    return mean, mean * (1.0 - mean) / (total + 2.0) + spread


def beta_interval(mean: float, variance: float) -> tuple[float, float]:
    """5 % and 95 % points of the beta distribution of this mean and variance."""
    from scipy.stats import beta

    weight = max(mean * (1.0 - mean) / variance - 1.0, 1.0)
    low, high = beta.ppf(LEVELS, mean * weight, (1.0 - mean) * weight)
    return float(low), float(high)
