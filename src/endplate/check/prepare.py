"""How a plan is drawn up: dilution, syringes, marks, vials and waste, use-by time, the points in order.

Volumes and units are exact: the decimals that were written, added and divided as fractions, rounded only to marks.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from endplate.catalogue import catalogue
from endplate.catalogue.syringes import exact
from endplate.catalogue.syringes import syringe as syringe_of
from endplate.check.prepare_checked import checked, person, remarks, worse_by_marks
from endplate.check.prepare_dilution import dilution_of, volume_of
from endplate.check.prepare_notes import brands_of, loud_words, notes, sources
from endplate.check.prepare_order import in_order, places_of, region_of, where
from endplate.check.prepare_records import Point, Preparation, Sheet
from endplate.check.prepare_syringe import beyond_fixed, chosen, filled, rounded
from endplate.check.prepare_time import dates_wrong, moment, storage, use_by
from endplate.check.prepare_vials import vials_of
from endplate.errors import ModelError, PlanError
from endplate.plan.atlas import left_aside
from endplate.plan.place import at as told_at
from endplate.plan.place import clean
from endplate.plan.records import Plan
from endplate.plan.session import Injection, Session

ORDERS = ("face", "plan")


def prepare(
    plan: Plan,
    *,
    session: int | None = None,
    syringe: str | None = None,
    order: str = "face",
    at: dt.datetime | str | None = None,
    simulate: bool = True,
    today: dt.date | None = None,
) -> Preparation:
    """What to dissolve, draw up and push for the first planned day of a plan.

    Args:
        session: another session, counted from 1; None takes every session of the first planned day.
        syringe: id of a syringe; None takes the one that fits best, for each session.
        order: "face" (by region, from the midline outwards) or "plan".
        at: time of dissolving, a datetime or text like 2026-03-02T09:00; None takes the plan's.
        simulate: whether the plan as the marks allow it is simulated beside the plan.
        today: the day on which this is asked; the calendar's unless given.

    The rules of the check are asked about these sessions, as planned and as the marks allow them.

    Raises:
        PlanError: no such session, no dilution that fits, a point that no syringe holds.
        CatalogueError: an unknown syringe. ModelError: an unknown order.
    """
    check_options(syringe=syringe, order=order, at=at)
    made = moment(at)
    numbers = _sessions(plan, session)
    places = places_of(plan, numbers) if order == "face" or _by_muscle(plan, numbers) else {}
    sheets, words = [], ""
    for count in numbers:
        with told_at(f"session {count}"):
            sheet, words = _sheet(plan.sessions[count - 1], count, syringe, order, made, places)
            sheets.append(sheet)
    findings, not_checked = checked(plan, numbers)
    worse, not_again = worse_by_marks(plan, sheets, findings)
    lowest, why_not = (), "left out on request"
    if simulate:
        from endplate.check.prepare_again import simulated

        lowest, why_not = simulated(plan, sheets)
    return Preparation(
        title=plan.title,
        date=plan.sessions[numbers[0] - 1].date,
        order=order,  # type: ignore[arg-type]
        order_words=words,
        sheets=tuple(sheets),
        patient=person(plan),
        findings=findings,
        not_checked=not_checked or not_again,
        worse=worse,
        remarks=remarks(sheets, today or dt.date.today()),
        lowest=lowest,
        not_simulated=why_not,
        aside=left_aside(plan) or "" if lowest else "",
        versions=_versions(),
    )


def check_options(*, syringe: str | None, order: str, at: dt.datetime | str | None) -> None:
    """Raise on what no plan could make right. Errors as in `prepare`."""
    if order not in ORDERS:
        raise ModelError(
            f"Unknown order `{clean(str(order))}`.", "There are face and plan.", "Give one with --order."
        )
    if syringe is not None:
        syringe_of(syringe)
    moment(at)


def _versions() -> dict[str, str]:
    from endplate import __version__

    return {"endplate": __version__, "catalogue": catalogue().version}


def _sessions(plan: Plan, asked: int | None) -> list[int]:
    """Numbers of the sessions to prepare."""
    if asked is not None:
        return [_one_session(plan, asked)]
    planned = [(count, one) for count, one in enumerate(plan.sessions, start=1) if not one.given]
    if not planned:
        raise PlanError(
            "every session of this plan is given.",
            "Only what is still planned can be drawn up.",
            "Add a session, or leave out `given`.",
        )
    day = min(one.date for _, one in planned)
    return [count for count, one in planned if one.date == day]


def _one_session(plan: Plan, asked: int) -> int:
    held = len(plan.sessions)
    if isinstance(asked, bool) or not isinstance(asked, int) or not 1 <= asked <= held:
        raise PlanError(
            f"there is no session {asked}.",
            f"The plan has {held}, counted from 1.",
            "Give another --session.",
        )
    if plan.sessions[asked - 1].given:
        raise PlanError(
            f"session {asked} is given.",
            "Only what is still planned can be drawn up.",
            "Give another --session.",
        )
    return asked


def _by_muscle(plan: Plan, numbers: list[int]) -> bool:
    """Whether a place is told along a muscle or by coordinates, which nobody finds without millimetres on the skin."""
    held = (one for number in numbers for one in plan.sessions[number - 1].injections)
    return any(one.along is not None or one.at_mm is not None for one in held)


def _sheet(
    session: Session,
    count: int,
    asked: str | None,
    order: str,
    made: dt.datetime | None,
    places: Any,
) -> tuple[Sheet, str]:
    product = catalogue().product(session.product)
    if all(one.units == 0 for one in session.injections):
        raise PlanError("no injection holds toxin, so nothing is drawn up.", "", "Give units.")
    dilution = dilution_of(session)
    strength = dilution.u_per_ml
    injections, words = in_order(session.injections, order, places)
    points = [_point(session, one, strength, places) for one in injections]
    toxin = [point for point in points if point.units > 0]
    plain = tuple(point for point in points if point.units == 0)
    taken = chosen(toxin, strength, asked, bool(beyond_fixed(session)))
    marked, fills = filled(rounded(toxin, taken, strength), taken)
    planned = session.reconstitution.vials if session.reconstitution else None
    vials = vials_of(marked, fills, dilution, planned)
    until, brands = use_by(session, made), brands_of(session)
    sheet = Sheet(
        session=count,
        product=product.id,
        brand=brands[0] if len(brands) == 1 else "",
        brands=brands,
        unit_name=product.unit_name,
        date=session.date,
        jurisdiction=session.jurisdiction,
        dilution=dilution,
        syringe=taken,
        chosen=asked is not None,
        points=marked,
        plain=plain,
        fills=fills,
        vials=vials,
        use_by=until,
        storage=storage(session),
        lot=session.lot,
        expiry=session.expiry,
        loud=(*dates_wrong(session, until, made), *loud_words(session, dilution, marked, vials, taken)),
        notes=tuple(notes(session, dilution, marked, plain, taken, until)),
        sources=sources(session, dilution, taken, until),
    )
    return sheet, words


def _point(session: Session, one: Injection, u_per_ml: Fraction, places: Any) -> Point:
    volume = volume_of(session, one, u_per_ml)
    return Point(
        id=one.id,
        muscle=one.muscle,
        side=one.side,
        region=region_of(one.muscle),
        where=where(one, places),
        depth_mm=one.depth_mm,
        layer=one.layer,
        units=exact(one.units),
        volume_ml=volume,
        holds_u=volume * u_per_ml if one.units else Fraction(0),
        pushed_ml=Fraction(0),
        pushed_u=Fraction(0),
        loud=False,
    )
