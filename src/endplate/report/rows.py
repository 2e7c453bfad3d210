"""The course as rows, one a muscle and side, in the order of interest: targets, at risk, others that weaken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from endplate.report import numerals
from endplate.report.names import muscle_name, with_side

if TYPE_CHECKING:
    from endplate.model.course import Course

Role = Literal["target", "at_risk", "other"]
ROLE_WORDS: dict[Role, str] = {"target": "target", "at_risk": "at risk", "other": ""}
ORDER: dict[Role, int] = {"target": 0, "at_risk": 1, "other": 2}
LEVATOR = "levator_palpebrae_superioris"
"""The muscle of the best-known unwanted effect; it is shown even where nothing reaches it."""

SIDES = {"left": 0, "right": 1, "midline": 2}

STILL_WEAK = 0.9
"""A muscle counts as weakened while it lacks a tenth of its force (as in the metrics of the course)."""

ENDS = ("low", "median", "high")
NOTHING = (float("nan"), float("nan"), float("nan"))

WEAKENED = 0.99
"""Muscles that are neither target nor at risk are listed once their force falls below this."""


@dataclass(frozen=True)
class MuscleRow:
    """One line of the table. Forces are shares of full force; NaN where something never happens.

    Attributes:
        index: row of the course.
        nadir, nadir_day, onset_day, duration_days: of the plan carried out exactly, as planned. A duration is infinite
            where the muscle is still weak on the last day, and NaN where it never weakens.
        low, median, high: 5 %, 50 % and 95 % points of the weakest force of each draw; NaN without draws.
        lasting: the same three points of the duration; 0 stands for draws that never weaken.
        last_day: of the course.
        over_threshold: median exposure of the endplates over the muscle's own threshold.
        grade: weakest grade behind the number; prior_share: share of its variance that comes from C and D priors.
    """

    index: int
    muscle: str
    side: str
    name: str
    label: str
    role: Role
    onset_day: float
    nadir: float
    low: float
    median: float
    high: float
    nadir_day: float
    duration_days: float
    lasting: tuple[float, float, float]
    last_day: float
    over_threshold: float
    grade: str
    prior_share: float

    @property
    def drawn(self) -> str:
        """Weakest force over the draws: `46 % (8 to 90 %)`, median and 90 % band."""
        return numerals.drawn(self.median, self.low, self.high)

    @property
    def lasts(self) -> str:
        """Days of weakness as planned: `105`, `>365`, or a dash where it never weakens."""
        return numerals.lasts(self.duration_days, self.last_day)

    @property
    def lasts_drawn(self) -> str:
        """Days of weakness over the draws: `85 (0 to 209)`; nothing without draws, a dash where hardly any weakens."""
        low, median, high = self.lasting
        if np.isnan(high):
            return ""
        if high == 0.0:
            return numerals.DASH
        bottom, middle, top = (numerals.lasts(value, self.last_day) for value in (low, median, high))
        return middle if bottom == top else f"{middle} ({bottom} to {top})"


def role_of(course: Course, pair: tuple[str, str]) -> Role:
    """Target if a site names it, at risk if the course says so."""
    if pair in course.targets:
        return "target"
    return "at_risk" if pair in course.at_risk else "other"


def muscle_rows(course: Course, every: bool = False) -> list[MuscleRow]:
    """Rows in order: targets, at risk, others; within each the weakest first, left before right.

    Args:
        every: also muscles that keep more than 99 % of their force.
    """
    rows = [_row(course, index) for index in range(len(course.muscles))]
    kept = [row for row in rows if every or row.role != "other" or row.nadir < WEAKENED]
    weakest = {row.muscle: min(r.nadir for r in kept if r.muscle == row.muscle) for row in kept}
    return sorted(kept, key=lambda r: (ORDER[r.role], weakest[r.muscle], r.muscle, SIDES[r.side]))


def _row(course: Course, index: int) -> MuscleRow:
    muscle, side = course.muscles[index]
    metrics = {name: float(values[index]) for name, values in course.metrics.items()}
    low, median, high = _weakest(course, index, metrics)
    return MuscleRow(
        index=index,
        muscle=muscle,
        side=side,
        name=muscle_name(muscle),
        label=with_side(muscle, side),
        role=role_of(course, (muscle, side)),
        onset_day=metrics["onset_day"],
        nadir=metrics["nadir"],
        low=low,
        median=median,
        high=high,
        nadir_day=metrics["nadir_day"] if metrics["nadir"] < 1.0 else float("nan"),
        duration_days=_or_beyond(metrics["duration_days"], bool(course.force[index, -1] < STILL_WEAK)),
        lasting=_lasting(course, index, metrics),
        last_day=float(course.days[-1]),
        over_threshold=float(course.median_over_threshold[index]),
        grade=course.grades[index],
        # A share of no variance is no number; without draws none was looked for.
        prior_share=float(course.prior_share[index]) if high > low else float("nan"),
    )


def _weakest(course: Course, index: int, metrics: dict[str, float]) -> tuple[float, float, float]:
    """Low, median and high of the weakest force; muscles that no draw moves keep the line. NaN without draws."""
    found = []
    for name, table in zip(ENDS, (course.force_low, course.force_median, course.force_high), strict=True):
        if table is None:
            return NOTHING
        value = metrics.get(f"nadir_{name}", float("nan"))
        found.append(value if np.isfinite(value) else float(table[index].min()))
    return found[0], found[1], found[2]


def _lasting(course: Course, index: int, metrics: dict[str, float]) -> tuple[float, float, float]:
    if course.force_low is None or "duration_days_low" not in metrics:
        return NOTHING
    # Where some draws weaken, a missing end of the band means that those draws were still weak on the last day.
    weakens = bool(course.force_low[index].min() < STILL_WEAK)
    low, median, high = (_or_beyond(metrics[f"duration_days_{name}"], weakens) for name in ENDS)
    return low, median, high


def _or_beyond(duration: float, still_weak: bool) -> float:
    """Infinity where a missing duration means that the course ends before the weakness does."""
    return float("inf") if np.isnan(duration) and still_weak else duration
