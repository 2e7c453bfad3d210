"""What a trial found, by arm: rates, durations, curves, unwanted effects; and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.model.course import BANNER
from endplate.trial.tally import Failure

if TYPE_CHECKING:
    from endplate.population.risk_record import Unwanted as Risk

NOT_ASKED = "Risks by mechanism were not asked for."
Interval = tuple[float, float]
Maybe = tuple[float | None, float | None]


@dataclass(frozen=True)
class Rate:
    """Share of an arm in whom an endpoint holds on a day.

    Attributes:
        rate: mean over draws. interval90: model. predictive90: what n people may show.
        simulated: share of the simulated patients seen on that day, as sampled; None where nobody was.
        draws (draw,): the rate under each draw, model only. studied (draw, k, m): what studies may print, under each
            of their effects and off by what single rates are off.
    """

    endpoint: str
    area: str
    day: int
    rate: float
    interval90: Interval
    predictive90: Interval
    simulated: float | None
    draws: np.ndarray
    studied: np.ndarray


@dataclass(frozen=True)
class Duration:
    """A median in weeks from the first injection; None where it lies beyond the last visit.

    `reached` is the share of draws in which it does not.
    """

    definition: str
    area: str
    median_weeks: float | None
    interval90: Maybe
    reached: float


@dataclass(frozen=True)
class Curve:
    """Share of responders by day, (day,): mean over draws, and the model's 90 % band."""

    endpoint: str
    area: str
    days: np.ndarray
    rate: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Expected:
    """How many people of an arm have an effect: the mean, and 5 % and 95 % points of what may be counted."""

    people: float
    interval90: tuple[int, int]


@dataclass(frozen=True)
class Unwanted:
    """An unwanted effect of an arm: its risk by mechanism, or a reported rate of which nothing is simulated.

    Attributes:
        effect: id. area: where the counted people were treated; None by mechanism, which takes the whole treatment.
        probability: per patient. interval90: by mechanism over what is not known of the model, else for another trial.
        note: by mechanism what counts as the effect, else the reports.
        mechanism: whether it follows from toxin in a muscle of the model.
        basis: "mechanism" or "reported".
        counts_as: effect by mechanism that is counted so; None where there is none.
        source: ids of sources. evidence: weakest_grade and prior_share, as `population.risk` gives them.
        record: the risk engine's own record, and levels: those of the effect's other definitions; by mechanism alone.
    """

    effect: str
    area: str | None
    probability: float
    interval90: Interval
    note: str
    mechanism: bool
    basis: str = "reported"
    counts_as: str | None = None
    source: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    expected: Expected | None = None
    record: Risk | None = None
    levels: Mapping[str, Risk] = field(default_factory=dict)


@dataclass(frozen=True)
class ArmResult:
    """Everything about one arm.

    Attributes:
        n: people of the real trial. patients: simulated. product: None for a placebo.
        basis: which parameters came from the posterior, which from a prior, and which were held.
        retreated: by visit, share of the simulated patients treated once more.
        unwanted: risks by mechanism first, where they were asked for, then reported rates.
        unsimulated: why no risk by mechanism stands there; None where it does.
    """

    name: str
    n: int
    patients: int
    product: str | None
    units: float
    rates: tuple[Rate, ...]
    durations: tuple[Duration, ...]
    curves: tuple[Curve, ...]
    unwanted: tuple[Unwanted, ...]
    basis: Mapping[str, tuple[str, ...]]
    retreated: tuple[tuple[int, float], ...]
    unsimulated: str | None = None

    def rate(self, endpoint: str, day: int, area: str | None = None) -> Rate:
        """One of its rates; KeyError where it was not asked for."""
        for one in self.rates:
            if (one.endpoint, one.day) == (endpoint, day) and area in (None, one.area):
                return one
        raise KeyError((endpoint, day, area))

    def by(self, basis: str) -> tuple[Unwanted, ...]:
        """Its unwanted effects of one basis, "mechanism" or "reported"."""
        return tuple(one for one in self.unwanted if one.basis == basis)

    def reported_as(self, effect: str) -> tuple[Unwanted, ...]:
        """Reported rates of an effect by mechanism, under its own name where it was counted so."""
        found = [one for one in self.by("reported") if one.counts_as == effect]
        own = [one for one in found if one.effect == effect]
        return tuple(own or found)


@dataclass(frozen=True)
class TrialResult:
    """A virtual trial.

    Attributes:
        patients: simulated, per arm. powers: by comparison of the design.
        failed: patients who could not be simulated; failures names the first thousand of each arm.
        kept: grades of every patient by name of the array, None beyond 100,000 patients.
    """

    title: str
    design: Mapping[str, Any]
    arms: tuple[ArmResult, ...]
    powers: tuple[Any, ...]
    patients: int
    draws: int
    seed: int
    failed: int
    failures: tuple[Failure, ...]
    kept: Mapping[str, np.ndarray] | None
    versions: Mapping[str, Any]
    limits: tuple[str, ...]
    banner: str = BANNER

    def arm(self, name: str) -> ArmResult:
        """One arm; KeyError where there is none of this name."""
        for one in self.arms:
            if one.name == name:
                return one
        raise KeyError(name)

    def to_json_dict(self) -> dict[str, Any]:
        """The published JSON form, `schema = "endplate/trial-result/1"`."""
        from endplate.trial.document import to_json_dict

        return to_json_dict(self)
