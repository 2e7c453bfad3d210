"""What the rules say of the sessions that are drawn up, of the person, and of the day as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from endplate.catalogue import catalogue
from endplate.check.finding import Finding
from endplate.check.prepare_again import as_pushed
from endplate.check.prepare_records import Sheet
from endplate.errors import EndplateError
from endplate.plan import Plan

OF_THE_PERSON = ("emergency", "triage")
"""Kinds that speak of what the person comes for, whatever session they are told beside."""


def checked(plan: Plan, numbers: Sequence[int]) -> tuple[tuple[Finding, ...], str]:
    """Findings of the rules about these sessions, stops first; and, where there are none to be had, why."""
    from endplate.check.engine import check

    try:
        found = check(plan)
    except EndplateError as error:
        return (), str(error)
    mine = set(numbers)
    return tuple(one for one in found if one.kind in OF_THE_PERSON or mine & set(one.where.sessions)), ""


def worse_by_marks(
    plan: Plan, sheets: Sequence[Sheet], findings: Sequence[Finding]
) -> tuple[tuple[Finding, ...], str]:
    """Stops that the plan as the marks allow it has, and the plan as written has not; and why none could be asked."""
    try:
        changed = as_pushed(plan, sheets)
    except EndplateError as error:
        return (), f"the plan as the marks allow it: {error}"
    if changed == plan:
        return (), ""
    found, why_not = checked(changed, [sheet.session for sheet in sheets])
    known = {_key(one) for one in findings if one.severity == "stop"}
    return tuple(one for one in found if one.severity == "stop" and _key(one) not in known), why_not


def _key(one: Finding) -> tuple[object, ...]:
    return one.rule, one.kind, one.where


def person(plan: Plan) -> tuple[str, ...]:
    """Who is treated, in words: what must be known beside the needle. What is not told is said to be not told."""
    one = plan.patient
    years = f"{one.age:g} year{'' if one.age == 1 else 's'}"
    weight = "weight not told" if one.weight_kg is None else f"{one.weight_kg:g} kg"
    words = [f"{one.sex}, {years}, {weight}"]
    words.append(f"Allergies: {', '.join(one.allergies) or 'none told'}")
    if one.sex == "female" or one.pregnancy is not None:
        told = {None: "not told", True: "YES", False: "no"}
        words.append(f"Pregnant: {told[one.pregnancy]}")
        if one.lactation is not None:
            words.append(f"Breast-feeding: {told[one.lactation]}")
    if one.conditions:
        words.append(f"Conditions: {', '.join(one.conditions)}")
    if one.medicines:
        words.append(f"Medicines: {', '.join(one.medicines)}")
    return tuple(words)


def remarks(sheets: Sequence[Sheet], today: dt.date) -> tuple[str, ...]:
    """What concerns the day as a whole."""
    words = []
    past = sorted({sheet.date for sheet in sheets if sheet.date < today})
    if past:
        words.append(f"The day of treatment is past: {past[0]}; today is {today}.")
    products = list(dict.fromkeys(sheet.product for sheet in sheets))
    if len(products) > 1:
        names = " and ".join(catalogue().product(name).name for name in products)
        words.append(
            f"{len(products)} products on one day: {names}. Label every syringe with its product; "
            "units of one mean nothing for another."
        )
    for name in products:
        words += _one_vial([sheet for sheet in sheets if sheet.product == name])
    return tuple(words)


def _one_vial(sheets: Sequence[Sheet]) -> list[str]:
    """Sessions of one product on one day: each sheet opens its own vial, where one might do."""
    if len(sheets) < 2:
        return []
    names = " and ".join(str(sheet.session) for sheet in sheets)
    words = f"Sessions {names} draw the same product on the same day, and each sheet opens a vial of its own"
    best = max((sheet.dilution for sheet in sheets), key=lambda one: one.vial_u)
    taken = sum((sheet.vials.taken_ml * sheet.dilution.u_per_ml for sheet in sheets), Fraction(0))
    reached = best.vial_u - sheets[0].vials.residue_ml * best.u_per_ml
    if taken <= reached:
        words += (
            f"; together they take {float(taken):.4g} U with what is lost, and one vial of {float(best.vial_u):g} U "
            "would hold that: write them as one session"
        )
    return [f"{words}."]
