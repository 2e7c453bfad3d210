"""Plans that the demonstrations simulate, and their courses: the average face of one woman of 45.

Every parameter is at the centre of its prior and every needle where the plan says. The plans show how the model
behaves; they propose no treatment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from endplate.check.facts_record import Line, line
from endplate.model.course import LOSS, Course
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.simulate import course_of, prepared
from endplate.plan import Plan, plan_from_dict
from endplate.population.face import point_face

PERSON = {"age": 45, "sex": "female"}
FIRST_DAY = date(2026, 3, 2)
ONA = "onabotulinumtoxin_a"
GLABELLA = f"glabellar_lines.{ONA}"
MUSCLE = "corrugator_supercilii"
FULL = 1.0 - LOSS
"""Above this share of its force a muscle no longer counts as weakened."""

NOTE = (
    "Average face of a woman of 45, parameters at the centre of their priors, needles where planned: how the model "
    "behaves, not what one person may expect."
)


@dataclass(frozen=True)
class Ran:
    """A course and the measures of the face by (measure, side), each (day,)."""

    course: Course
    face: dict[tuple[str, str], np.ndarray]

    def force(self, muscle: str, side: str = "left") -> np.ndarray:
        """Force of a muscle by day over that before treatment, (day,)."""
        return self.course.force[self.course.row(muscle, side)]

    def lowest(self, muscle: str, side: str = "left") -> float:
        """The lowest force of a muscle."""
        return float(self.force(muscle, side).min())

    def metric(self, name: str, muscle: str, side: str = "left") -> float:
        """onset_day, nadir_day or duration_days of a muscle."""
        return float(self.course.metrics[name][self.course.row(muscle, side)])


def plan_of(sessions: Sequence[dict[str, Any]], **patient: Any) -> Plan:
    """A plan of sessions as a plan file has them, `day` in place of their date."""
    dated = [
        {key: value for key, value in one.items() if key != "day"}
        | {"date": str(FIRST_DAY + timedelta(days=one.get("day", 0)))}
        for one in sessions
    ]
    return plan_from_dict(
        {
            "schema": "endplate/plan/1",
            "title": "Demonstration",
            "patient": PERSON | patient,
            "sessions": dated,
        }
    )


def pattern_plan(*patterns: str, days: Sequence[int] = (0,)) -> Plan:
    """Whole patterns of the catalogue, on one or several days."""
    return plan_of([{"day": day, "pattern": list(patterns)} for day in days])


def needle_plan(needles: Sequence[dict[str, Any]], indication: str = "glabellar_lines") -> Plan:
    """Single needles of one product, 4 U in 0.1 mL unless they say otherwise."""
    filled = [{"units": 4, "volume_ml": 0.1, "side": "left", **one} for one in needles]
    return plan_of([{"product": ONA, "indication": indication, "injections": filled}])


def needle(muscle: str, landmark: str, lateral_mm: float, up_mm: float, **more: Any) -> dict[str, Any]:
    """A needle at a landmark; in the muscle unless `layer` says otherwise."""
    return {
        "muscle": muscle,
        "landmark": landmark,
        "offset_mm": [lateral_mm, up_mm],
        "layer": "muscle",
        **more,
    }


def ran(
    plan: Plan, days: int = 200, neutralised_share: float = 0.0, parameters: ParameterSet | None = None
) -> Ran:
    """The course of a plan and what the face shows."""
    setup = prepared(plan, None, days, neutralised_share)
    course = course_of(plan, setup, parameters or point_parameters())
    return Ran(course, point_face(course, setup, plan.patient))


def course_line(name: str, found: Ran, last: int | None = None) -> Line:
    """Force of the frown muscle by day, every second day, up to `last`."""
    force = found.force(MUSCLE)[:last]
    return line(name, np.arange(len(force)), force, 2)
