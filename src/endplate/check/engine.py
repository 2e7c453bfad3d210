"""The door of the room: all findings about a plan, stops first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from endplate.catalogue.labels import PLACES
from endplate.check.amounts import amounts
from endplate.check.concerns import concerns
from endplate.check.finding import Finding, by_severity
from endplate.check.people import people
from endplate.check.places import places
from endplate.check.record import record
from endplate.check.sense import sense
from endplate.check.simulated import effects_of, of_course, of_risk
from endplate.check.times import times
from endplate.check.use import use
from endplate.check.visit import visits
from endplate.errors import CatalogueError, PlanError
from endplate.plan import Plan

if TYPE_CHECKING:
    from endplate.model.course import Course


def check(
    plan: Plan,
    course: Course | None = None,
    *,
    jurisdiction: str | None = None,
    on: date | None = None,
    risk: Any = None,
) -> list[Finding]:
    """Whether a plan is allowed and sensible, by its labels, its patient, its places and its course.

    Every planned day is judged; given sessions count as history. Units of different products are judged apart.

    Args:
        plan: a Plan, as `read_plan` gives it.
        course: its course, from `simulate`; None leaves out what a simulation shows.
        jurisdiction: whose labels count (us, eu, uk, ca, sg, au); None takes the session's own.
        on: the day whose texts count; None takes the day of each session.
        risk: its risk, from `endplate.risk`; None leaves it out.

    Returns:
        Findings, stops first; an empty list never means that nothing was looked at, since uses are always told.

    Raises:
        PlanError: nothing is planned. CatalogueError: an unknown jurisdiction.
    """
    if jurisdiction is not None and jurisdiction not in PLACES:
        raise CatalogueError(
            f"Unknown jurisdiction `{jurisdiction[:40]}`.",
            f"There are {', '.join(PLACES)}.",
            "Give one of these.",
        )
    planned = visits(plan, jurisdiction, on)
    if not planned:
        raise PlanError(
            "nothing is planned: every session is given, or brings no toxin.",
            "",
            "Add a session that is not given, with units.",
        )
    found: list[Finding] = []
    for visit in planned:
        found += use(visit)
        found += times(visit)
        found += amounts(visit)
        found += people(visit)
        found += places(visit)
        found += sense(visit, planned)
        found += record(visit)
    found += concerns(planned[0], on)
    if course is not None:
        found += of_course(planned[0], course)
    if risk is not None:
        found += of_risk(planned[0], effects_of(risk))
    return by_severity(found)
