"""The plan as the marks allow it, simulated beside the plan as written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from endplate.check.prepare_records import Lowest, Point, Sheet
from endplate.errors import EndplateError
from endplate.plan import Plan, muscle_sides
from endplate.plan.atlas import in_atlas
from endplate.plan.session import Injection, Session

DAYS = 120  # the lowest force of every class lies before


def as_pushed(plan: Plan, sheets: Sequence[Sheet]) -> Plan:
    """The plan with what the marks allow in place of what was planned; nothing else changes."""
    by_session = {sheet.session: sheet for sheet in sheets}
    sessions = tuple(
        _session(one, by_session[number]) if number in by_session else one
        for number, one in enumerate(plan.sessions, start=1)
    )
    return _changed(plan, sessions=sessions)


def _session(session: Session, sheet: Sheet) -> Session:
    points = {point.id: point for point in sheet.points}
    injections = tuple(_injection(one, points) for one in session.injections)
    made = session.reconstitution
    if made is not None:
        made = _changed(made, vials=max(made.vials, sheet.vials.needed))
    return _changed(session, injections=injections, reconstitution=made)


def _injection(one: Injection, points: Mapping[str, Point]) -> Injection:
    point = points.get(one.id)
    if point is None or (point.pushed_ml == point.volume_ml and point.pushed_u == point.units):
        return one
    if point.pushed_ml == 0:
        return _changed(one, units=0.0)
    return _changed(one, units=float(point.pushed_u), volume_ml=float(point.pushed_ml))


def _changed(record: Any, **values: Any) -> Any:
    """A checked copy of a record with some fields replaced."""
    return type(record)(**{**dict(record), **values})


def simulated(plan: Plan, sheets: Sequence[Sheet]) -> tuple[tuple[Lowest, ...], str]:
    """Lowest force of the targets of these sheets, planned and as pushed, and, where there is none, why.

    The average adult of the patient's sex and age, every parameter at its centre, every needle where the plan says.
    Targets that the atlas does not hold are left aside.
    """
    try:
        planned = _lowest(plan, sheets)
        pushed_plan = as_pushed(plan, sheets)
        pushed = planned if pushed_plan == plan else _lowest(pushed_plan, sheets)
    except EndplateError as error:
        return (), str(error)
    return tuple(Lowest(*pair, planned[pair], pushed[pair]) for pair in planned), ""


def _lowest(plan: Plan, sheets: Sequence[Sheet]) -> dict[tuple[str, str], float]:
    from endplate.model.parameters import point_parameters
    from endplate.model.simulate import course_of, prepared

    inside = in_atlas(plan)
    zero = min(one.date for one in inside.sessions if not one.given)
    begin = max(max((sheet.date - zero).days for sheet in sheets), 0)
    setup = prepared(inside, None, begin + DAYS)
    course = course_of(inside, setup, point_parameters())
    wanted = dict.fromkeys(pair for sheet in sheets for pair in _aimed(plan, sheet))
    rows = {pair: course.muscles.index(pair) for pair in wanted if pair in course.muscles}
    return {pair: float(course.force[row, begin:].min()) for pair, row in rows.items()}


def _aimed(plan: Plan, sheet: Sheet) -> list[tuple[str, str]]:
    ids = [point.id for point in sheet.points]
    held = {one.id: one for one in plan.sessions[sheet.session - 1].injections}
    return [(held[name].muscle, side) for name in ids for side in muscle_sides(held[name])]
