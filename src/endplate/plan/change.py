"""Plans made from plans: mirrored, scaled; and the units of each product in a plan."""

from __future__ import annotations

import math
from typing import Any

from pydantic import ValidationError

from endplate.errors import PlanError
from endplate.plan import lookup, vial
from endplate.plan.complaints import complaint
from endplate.plan.patient import Patient
from endplate.plan.records import Plan
from endplate.plan.session import LEAST_DILUENT_ML, MOST_DILUENT_ML, Injection, Reconstitution, Session
from endplate.plan.words import Side
from endplate.units import Dose

_OTHER = {"left": "right", "right": "left", "midline": "midline", None: None}


def mirror_plan(plan: Plan) -> Plan:
    """The same plan for the mirrored person: left and right change places in patient and injections.

    Pattern sites become landmarks or `along` with their numbers: a mirrored site need not have a name.
    Coordinates turn x into -x in either frame, as the anatomy does (the right foot mirrors the left).
    """
    sessions = tuple(
        _changed(session, pattern=(), injections=tuple(map(_mirror_injection, session.injections)))
        for session in plan.sessions
    )
    return _changed(plan, patient=_mirror_patient(plan.patient), sessions=sessions)


def scale_units(plan: Plan, factor: float) -> Plan:
    """The same plan with the units of every session times `factor`, volumes and depths unchanged.

    The powder is taken to be dissolved in less or more fluid; 0 keeps the vial and injects no toxin.

    Raises:
        PlanError: a negative factor, an absurd amount, or a ready-to-use liquid (volume fixes units).
    """
    if not (math.isfinite(factor) and factor >= 0):
        raise PlanError(f"factor {factor:g} cannot scale units.", "", "Give a number of at least 0.")
    try:
        return _changed(plan, sessions=tuple(_scale_session(session, factor) for session in plan.sessions))
    except ValidationError as error:  # a number beyond the format's range
        raise complaint(error) from None


def scale_volumes(plan: Plan, factor: float) -> Plan:
    """The same plan with the volume of every injection times `factor`, units unchanged: a weaker or stronger solution.

    Raises:
        PlanError: a factor that is not above 0, a volume beyond the format's range, or a ready-to-use liquid.
    """
    if not (math.isfinite(factor) and factor > 0):
        raise PlanError(f"factor {factor:g} cannot scale volumes.", "", "Give a number above 0.")
    try:
        return _changed(plan, sessions=tuple(_dilute_session(session, factor) for session in plan.sessions))
    except ValidationError as error:  # a number beyond the format's range
        raise complaint(error) from None


def doses(plan: Plan) -> tuple[Dose, ...]:
    """Units of all sessions, one dose for each product in order of first use; products are never added."""
    totals: dict[str, float] = {}
    for session in plan.sessions:
        totals[session.product] = totals.get(session.product, 0.0) + session_dose(session).units  # type: ignore[operator]
    return tuple(Dose(product, units) for product, units in totals.items())


def session_dose(session: Session) -> Dose:
    """Units of one session, of its one product."""
    return Dose(session.product, math.fsum(injection.units for injection in session.injections))


def muscle_sides(injection: Injection) -> tuple[Side, ...]:
    """Sides of the muscle aimed at, as muscles have them; `injection.side` is the side of the needle.

    The two differ where a muscle across the midline is reached from one side (orbicularis oris at the left mouth
    corner: midline), and where a paired muscle is reached on the midline (frontalis: left and right).
    """
    if lookup.is_midline(injection.muscle):
        return ("midline",)
    return ("left", "right") if injection.side == "midline" else (injection.side,)


def _changed(record: Any, **values: Any) -> Any:
    """A checked copy of a record with some fields replaced."""
    return type(record)(**{**dict(record), **values})


def _mirror_patient(patient: Patient) -> Patient:
    """The mirrored person; a vertical squint changes its sign, a horizontal one is inward for either eye."""
    sided = {
        name: tuple(_changed(one, side=_OTHER[one.side]) for one in getattr(patient, name))
        for name in ("baseline", "palsy", "synkinesis", "spasm")
    }
    squint = tuple(
        _changed(one, eye=_OTHER[one.eye], vertical_pd=0.0 - one.vertical_pd) for one in patient.squint
    )
    return _changed(patient, **sided, squint=squint)


def _mirror_injection(injection: Injection) -> Injection:
    values: dict[str, Any] = {"pattern": None, "site": None, "side": _OTHER[injection.side]}
    if injection.landmark is not None and not lookup.is_paired_landmark(injection.landmark):
        lateral_mm, up_mm = injection.offset_mm or (0.0, 0.0)
        values["offset_mm"] = (0.0 - lateral_mm, up_mm)
    if injection.at_mm is not None:
        x, y, z = injection.at_mm
        values["at_mm"] = (0.0 - x, y, z)
    return _changed(injection, **values)


def _dilute_session(session: Session, factor: float) -> Session:
    if factor != 1:
        _refuse_liquid(session)
    injections = tuple(_changed(one, volume_ml=one.volume_ml * factor) for one in session.injections)
    vials = session.reconstitution
    if vials is not None:
        vials = _stronger(vials, 1.0 / factor, math.fsum(one.units for one in injections))
    return _changed(session, injections=injections, reconstitution=vials)


def _refuse_liquid(session: Session) -> None:
    product = lookup.product(session.product)
    if product.concentration_u_per_ml is not None:
        raise PlanError(
            f"{product.id} is a ready-to-use liquid: its volume fixes its units.",
            "",
            "Change volume_ml and units together.",
        )


def _scale_session(session: Session, factor: float) -> Session:
    if factor not in (0, 1):
        _refuse_liquid(session)
    injections = tuple(_changed(one, units=one.units * factor) for one in session.injections)
    reconstitution = session.reconstitution
    if reconstitution is not None and factor > 0:
        reconstitution = _stronger(reconstitution, factor, math.fsum(one.units for one in injections))
    return _changed(session, injections=injections, reconstitution=reconstitution)


def _stronger(vials: Reconstitution, factor: float, needed_u: float) -> Reconstitution | None:
    """The same powder in 1/factor of the fluid, with as many vials as the units need; or None."""
    stated = vials.units_per_0_1_ml
    if not LEAST_DILUENT_ML <= vials.diluent_ml / factor <= MOST_DILUENT_ML:
        return None
    return _changed(
        vials,
        diluent_ml=vials.diluent_ml / factor,
        units_per_0_1_ml=None if stated is None else stated * factor,
        vials=max(vials.vials, math.ceil(needed_u / vials.vial_units / (1 + vial.UNITS_TOLERANCE))),
    )
