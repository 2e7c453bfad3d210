"""Three simple predictions that a model has to beat. Each sees the remaining studies only, as ours does.

`label_mean`: the mean of what others printed, weighted with n: same product and endpoint at about the same visit; else
    the same family of endpoints over all products at about that visit; else same product and endpoint, whatever visit.
    Within each, the same area and label doses where there are any, then the nearest visit.
`emax`: a dose-response curve without space, dose in multiples of the product's own label dose (`emax.py`).
`conversion`: the same curve over the products together with doses converted by fixed factors, same area where there is
    one. The factors below are a habit of the field. We do not endorse them: units belong to their product, and nothing
    outside this file converts them.

The predictive of a baseline is its point with sampling and the spread between studies of the floor, or its own residual
spread over the remaining studies where that is larger.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from endplate.fit.dossier.emax import Curve, fit_curve
from endplate.fit.dossier.facts import Fact, remaining
from endplate.fit.dossier.floor import Spread
from endplate.fit.dossier.predictive import Predictive, logit_normal_counts, median_times

NAMES = ("label_mean", "emax", "conversion")
CONVENTIONAL = {
    "onabotulinumtoxin_a": 1.0,
    "incobotulinumtoxin_a": 1.0,
    "prabotulinumtoxin_a": 1.0,
    "letibotulinumtoxin_a": 1.0,
    "abobotulinumtoxin_a": 2.5,
    "relabotulinumtoxin_a": 2.5,
    "daxibotulinumtoxin_a": 2.0,
}
"""Units taken for one unit of onabotulinumtoxinA: the habit of 2.5 to 1, and label doses (40 U for 20 U)."""
REFERENCE_U = 20.0
SAME_TIME = 0.25  # a visit this near, as a share of the day asked for, is about the same visit
LABEL = 0.05  # a dose this near to the label's, as a share of it, is the label dose


@dataclass(frozen=True)
class Point:
    """A prediction on the scale of `Fact.score`, and its spread beyond sampling."""

    score: float
    sd: float


class Baselines:
    """The three baselines over these facts; what they learn for a study left out is worked out once.

    Args:
        facts: every predicted fact. spreads: the floor's spread without each study.
    """

    def __init__(self, facts: Sequence[Fact], spreads: Callable[[str], Spread]) -> None:
        self._facts, self._spread = tuple(facts), spreads
        self._curves: dict[tuple[object, ...], Curve | None] = {}
        self._residuals: dict[tuple[object, ...], float] = {}

    def predict(self, name: str, fact: Fact) -> Point | None:
        """Prediction of a fact by the studies that remain without its own."""
        spread = self._spread(fact.study)
        least = spread.time if fact.median else spread.rate
        if name == "label_mean":
            score = label_mean(fact, remaining(self._facts, fact.study))
            own = self._label_residual(fact) if score is not None else 0.0
        else:
            curve = self._curve(name, fact, least)
            score, own = (None, 0.0) if curve is None else (curve.at(fact), curve.residual_sd)
        return None if score is None else Point(score, max(least, own))

    def _curve(self, name: str, fact: Fact, spread: float) -> Curve | None:
        rest = [f for f in remaining(self._facts, fact.study) if f.family == fact.family]
        if name == "emax":
            dose, area = label_doses, ""
        else:
            dose = converted
            here = [f for f in rest if f.area == fact.area]
            area = fact.area if any(f.active for f in here) else ""
            rest = here if area else rest
        key = (name, fact.study, fact.family, fact.median, area)
        if key not in self._curves:
            self._curves[key] = fit_curve(rest, fact.median, dose, spread)
        return self._curves[key]

    def _label_residual(self, fact: Fact) -> float:
        """Spread beyond sampling of the label mean itself, tried on the remaining studies of the family."""
        key = (fact.study, fact.family, fact.median)
        if key not in self._residuals:
            rest = remaining(self._facts, fact.study)
            excess = []
            for other in rest:
                if other.active and (other.family, other.median) == key[1:]:
                    found = label_mean(other, [f for f in rest if f.study != other.study])
                    if found is not None:
                        excess.append((other.score - found) ** 2 - other.variance)
            self._residuals[key] = math.sqrt(max(sum(excess) / len(excess), 0.0)) if excess else 0.0
        return self._residuals[key]


def label_doses(fact: Fact) -> float | None:
    """Dose in label doses; None for what is no dose of a median."""
    return fact.multiple if fact.multiple > 0 or not fact.median else None


def converted(fact: Fact) -> float | None:
    """Dose by the conventional factors, in label doses of onabotulinumtoxinA in the glabella."""
    if not fact.active:
        return None if fact.median else 0.0
    if fact.product not in CONVENTIONAL:
        return None
    return fact.units / CONVENTIONAL[fact.product] / REFERENCE_U


def label_mean(fact: Fact, rest: Sequence[Fact]) -> float | None:
    """Mean of the nearest printed numbers on the scale of `Fact.score`, weighted with n; None where there is none."""
    alike = [f for f in rest if f.active and f.median == fact.median and f.family == fact.family]
    same = [f for f in alike if f.product == fact.product and f.endpoint == fact.endpoint]
    pool = _near(fact, same) or _near(fact, alike) or same or alike
    if not pool:
        return None
    for keep in (lambda f: f.area == fact.area, lambda f: abs(f.multiple - 1.0) <= LABEL):
        pool = [f for f in pool if keep(f)] or pool
    nearest = min(_apart(fact, f) for f in pool)
    pool = [f for f in pool if _apart(fact, f) <= nearest + 1e-9]
    n = np.array([f.n for f in pool], dtype=float)
    value = np.array([f.score if f.median else f.success for f in pool])
    mean = float((n * value).sum() / n.sum())
    return mean if fact.median else math.log(mean / (1.0 - mean))


def _near(fact: Fact, facts: Sequence[Fact]) -> list[Fact]:
    return [f for f in facts if _apart(fact, f) <= SAME_TIME * (fact.day or 1.0)]


def _apart(fact: Fact, other: Fact) -> float:
    """Days between two visits; 0 between medians, which have none."""
    return abs((fact.day or 0.0) - (other.day or 0.0))


def predictive_of(fact: Fact, point: Point) -> Predictive:
    """What a printed number may be if a baseline is right."""
    if fact.median:
        return median_times(fact.n, fact.value, np.array([math.exp(point.score)]), np.array([point.sd]))
    logit = -point.score if fact.negated else point.score
    return logit_normal_counts(fact.n, fact.events, logit, point.sd)


def value_of(fact: Fact, point: Point) -> float:
    """The point as a share of the printed endpoint, or as weeks."""
    if fact.median:
        return math.exp(point.score)
    share = 1.0 / (1.0 + math.exp(-point.score))
    return 1.0 - share if fact.negated else share
