"""House-Brackmann in words: the band of grades on the shown days, where one side of the face is affected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from endplate.model.course import Course


@dataclass(frozen=True)
class Grades:
    """Bands of grades by day, as text.

    Attributes:
        planned: of the plan carried out exactly. drawn: over 90 % of the draws; empty without draws.
    """

    planned: str
    drawn: str


def grades_of_course(course: Course, days: Sequence[float]) -> Grades | None:
    """The bands on the given days; None where no single side is affected."""
    from endplate.model.face.grading import AFFECTED_SIDE, HOUSE_BRACKMANN, house_brackmann_bands

    found = {one.measure: one for one in course.face if one.measure in (AFFECTED_SIDE, HOUSE_BRACKMANN)}
    if len(found) < 2:
        return None
    score, grade = found[AFFECTED_SIDE], found[HOUSE_BRACKMANN]
    at = np.searchsorted(score.day, days)
    planned = _words(days, *house_brackmann_bands(score.value[at], score.value[at]))
    drawn = _words(days, grade.low[at], grade.high[at]) if course.force_low is not None else ""
    return Grades(planned, drawn)


def _words(days: Sequence[float], mildest: Any, worst: Any) -> str:
    """`III on day 0; II to III on days 14 and 60`: days on end with the same band together.

    Args:
        mildest, worst: grade by day, 1 (I) to 6 (VI), as long as `days`.
    """
    by_day = zip(days, mildest, worst, strict=True)
    return "; ".join(_group(list(group)) for _, group in groupby(by_day, key=lambda row: row[1:]))


def _group(rows: Sequence[tuple[float, float, float]]) -> str:
    from endplate.model.face.grading import GRADES

    best, worst = (GRADES[int(number) - 1] for number in rows[0][1:])
    names = [f"{row[0]:g}" for row in rows]
    when = f"day {names[0]}" if len(names) == 1 else f"days {', '.join(names[:-1])} and {names[-1]}"
    return f"{best if best == worst else f'{best} to {worst}'} on {when}"
