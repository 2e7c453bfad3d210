"""What a trial found, by arm: rates, durations, curves, unwanted effects; and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.model.course import BANNER
from endplate.trial.tally import Failure

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
class Unwanted:
    """Reported rate of an unwanted effect; nothing simulated. `basis` names the reports."""

    effect: str
    area: str
    rate: float
    interval90: Interval
    basis: str
    mechanism: bool


@dataclass(frozen=True)
class ArmResult:
    """Everything about one arm.

    Attributes:
        n: people of the real trial. patients: simulated. product: None for a placebo.
        basis: which parameters came from the posterior, which from a prior, and which were held.
        retreated: by visit, share of the simulated patients treated once more.
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

    def rate(self, endpoint: str, day: int, area: str | None = None) -> Rate:
        """One of its rates; KeyError where it was not asked for."""
        for one in self.rates:
            if (one.endpoint, one.day) == (endpoint, day) and area in (None, one.area):
                return one
        raise KeyError((endpoint, day, area))


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
