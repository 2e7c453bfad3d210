"""What one unit of work is told: the trial as arrays and records, and which part of it to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.model.outcome import NOISES
from endplate.trial.design import Asked, Lasting


@dataclass(frozen=True)
class Cohort:
    """People of one sex and about one age: their share of the arm, and which entries of its bank are theirs."""

    share: float
    first: int = 0
    count: int = 1

    @property
    def entries(self) -> np.ndarray:
        return np.arange(self.first, self.first + self.count)


@dataclass(frozen=True)
class ArmWork:
    """One arm: who is in it, and what is done to them.

    Attributes:
        n: people of the real trial.
        bank: `population.bank.Bank` of the sites, the entries of all cohorts one after another; None where nobody ever
            had toxin. product: of the bank; None without one.
        treated: the trial's own injections hold toxin (false: a placebo).
        earlier_share, earlier_days: people who come with an earlier treatment, and how long ago it was.
    """

    name: str
    n: int
    product: str | None
    treated: bool
    bank: Any
    cohorts: tuple[Cohort, ...]
    earlier_share: float = 0.0
    earlier_days: int = 0


@dataclass(frozen=True)
class Trial:
    """What all units share.

    Attributes:
        areas: names; scales: their records. days (day,): on which people are graded; visits: positions in `days`.
        retained (day,): share still in the trial. curve_days: of the responder curves.
        asked, endpoints: rows of rates with their records. lasting, durations: the same of durations.
        only: by area, whether the investigator's grade of everybody lies above the entry grade (or is it); absent where
            both are let in.
        retreat: (least days between treatments, most of them) or None.
        keep: whether grades are kept.
    """

    seed: int
    areas: tuple[str, ...]
    scales: tuple[Any, ...]
    arms: tuple[ArmWork, ...]
    days: np.ndarray
    visits: tuple[int, ...]
    retained: np.ndarray
    curve_days: np.ndarray
    asked: tuple[Asked, ...]
    endpoints: Mapping[str, Any]
    lasting: tuple[Lasting, ...]
    only: Mapping[str, bool]
    retreat: tuple[int, int] | None
    keep: bool

    @property
    def rows(self) -> tuple[tuple[Asked, int], ...]:
        """Every rate asked for: the question and its day."""
        return tuple((one, day) for one in self.asked for day in one.days)


@dataclass(frozen=True)
class Job:
    """One unit: `count` people of one arm under one draw.

    Attributes:
        first: number of the first of them within the arm. values: the draw, a number by parameter id.
        means (area,): mean severity of candidates. effects (k, 2): study effects of exposure and severity; starts
            (k, area): those of the candidates' mean severity.
    """

    arm: int
    draw: int
    block: int
    first: int
    count: int
    values: Mapping[str, np.ndarray]
    means: np.ndarray
    effects: np.ndarray
    starts: np.ndarray

    def __getitem__(self, name: str) -> float:
        return float(self.values[name][0])

    @property
    def noise(self) -> list[float]:
        """SD of one visit's reading of either rater, in the order of the raters."""
        return [self[name] for name in NOISES]
