"""The course as rows, one a muscle and side, in the order of interest: targets, at risk, others that weaken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from endplate.report.names import muscle_name, with_side

if TYPE_CHECKING:
    from endplate.model.course import Course

Role = Literal["target", "at_risk", "other"]
ROLE_WORDS: dict[Role, str] = {"target": "target", "at_risk": "at risk", "other": ""}
ORDER: dict[Role, int] = {"target": 0, "at_risk": 1, "other": 2}
LEVATOR = "levator_palpebrae_superioris"
"""The muscle of the best-known unwanted effect; it is shown even where nothing reaches it."""

SIDES = {"left": 0, "right": 1, "midline": 2}

WEAKENED = 0.99
"""Muscles that are neither target nor at risk are listed once their force falls below this."""


@dataclass(frozen=True)
class MuscleRow:
    """One line of the table. Forces are shares of full force; NaN where something never happens.

    Attributes:
        index: row of the course.
        low, high: 90 % band of the force on the nadir day; NaN without draws.
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
    high: float
    nadir_day: float
    duration_days: float
    over_threshold: float
    grade: str
    prior_share: float


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
    at = int(np.argmin(course.force[index]))
    low, high = (
        float("nan") if table is None else float(table[index, at])
        for table in (course.force_low, course.force_high)
    )
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
        high=high,
        nadir_day=metrics["nadir_day"] if metrics["nadir"] < 1.0 else float("nan"),
        duration_days=metrics["duration_days"],
        over_threshold=float(course.median_over_threshold[index]),
        grade=course.grades[index],
        # A share of no variance is no number; without draws none was looked for.
        prior_share=float(course.prior_share[index]) if high > low else float("nan"),
    )
