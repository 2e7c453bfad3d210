"""Printed numbers as the dossier compares them: shares of people and medians in weeks, with the dose in label doses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from endplate.catalogue import catalogue

INDICATIONS = {
    "glabella": "glabellar_lines",
    "lateral_canthus": "lateral_canthal_lines",
    "forehead": "forehead_lines",
}
WEEKS = {"weeks": 1.0, "d": 1.0 / 7.0}
FITTED_USES = ("calibrate", "sets_prior")


@dataclass(frozen=True)
class Fact:
    """One printed number.

    Attributes:
        units, multiple: what was injected for this area, in units of the product and in label doses; 0 for placebo.
        negated: the endpoint counts those in whom the effect is lost, so that `success` is one minus the share.
        median: `value` is a time in weeks, otherwise a share of `n` people.
        day: of the visit; None for medians.
    """

    id: str
    study: str
    arm: str
    product: str
    area: str
    endpoint: str
    family: str
    kind: str
    use: str
    tag: str
    negated: bool
    median: bool
    day: float | None
    units: float
    multiple: float
    value: float
    n: int
    events: int

    @property
    def active(self) -> bool:
        return self.kind == "active"

    @property
    def success(self) -> float:
        """Share in whom the effect is there, never 0 or 1."""
        share = (self.events + 0.5) / (self.n + 1.0)
        return 1.0 - share if self.negated else share

    @property
    def own_rate(self) -> float:
        """The printed share, kept off 0 and 1: (events + 1/2) / (n + 1)."""
        return (self.events + 0.5) / (self.n + 1.0)

    @property
    def score(self) -> float:
        """What spreads between studies: logit of the success with half a person added, or logarithm of the weeks."""
        if self.median:
            return math.log(self.value)
        lost = self.n - self.events
        logit = math.log((self.events + 0.5) / (lost + 0.5))
        return -logit if self.negated else logit

    @property
    def variance(self) -> float:
        """Sampling variance of `score`."""
        if self.median:
            return 0.81 / self.n  # as the fit takes it: about 0.9 / sqrt(n) for a log-normal time
        return 1.0 / (self.events + 0.5) + 1.0 / (self.n - self.events + 0.5)


def fact_of(result: Any) -> Fact:
    """The fact behind a result that has an endpoint, a value and n."""
    endpoint = catalogue().endpoints[result.endpoint]
    arm: Any = catalogue().studies[result.study].arm_of(result.arm)
    median = endpoint.statistic == "median"
    units, multiple = (0.0, 0.0) if result.kind == "placebo" else dose_of(arm, result.area)
    value = float(result.value) * (WEEKS[result.unit] if median else 1.0)
    n = int(result.n)
    events = 0 if median else (result.events if result.events is not None else round(value * n))
    return Fact(
        id=result.id,
        study=result.study,
        arm=result.arm,
        product=arm.product,
        area=result.area,
        endpoint=endpoint.id,
        family=endpoint.family,
        kind=result.kind,
        use=result.use,
        tag=result.tag,
        negated=endpoint.negated,
        median=median,
        day=result.day,
        units=units,
        multiple=multiple,
        value=value,
        n=n,
        events=events,
    )


def dose_of(arm: Any, area: str) -> tuple[float, float]:
    """Units for an area and the same in label doses: of the arm's pattern for that area, else of its first pattern."""
    parts = [(arm.pattern, arm.scale), *((part.pattern, part.scale) for part in arm.also)]
    known = [(catalogue().pattern(name), float(scale)) for name, scale in parts if name is not None]
    mine = [pair for pair in known if pair[0].indication == INDICATIONS.get(area)] or known[:1]
    units = sum(scale * pattern.total_u for pattern, scale in mine)
    label = sum(pattern.label_total_u or pattern.total_u for pattern, _ in mine)
    return units, units / label


def facts_of(ids: Iterable[str]) -> list[Fact]:
    """Facts of these results, in their order."""
    results = catalogue().results
    return [fact_of(results[name]) for name in ids]


def remaining(facts: Sequence[Fact], study: str) -> list[Fact]:
    """The fitted facts of all other studies: all that a prediction of this study may use."""
    return [fact for fact in facts if fact.use == "calibrate" and fact.study != study]


def group_of(fact: Fact, rest: Sequence[Fact]) -> tuple[str | None, bool]:
    """ "a": another fitted study has the product at the same family of endpoints; "b": none has; None for placebo.

    The second value says whether such a study also treated the same area.
    """
    if not fact.active:
        return None, False
    like = [r for r in rest if r.active and r.product == fact.product and r.family == fact.family]
    return ("a" if like else "b"), any(r.area == fact.area for r in like)
