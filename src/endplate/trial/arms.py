"""From an arm as written to its sites: the plan's own reader writes patterns out and checks them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from endplate.catalogue import catalogue
from endplate.errors import EndplateError
from endplate.plan import Session, lookup, plan_from_dict
from endplate.plan.place import clean
from endplate.trial.complaints import at
from endplate.trial.design import Arm
from endplate.trial.errors import TrialError
from endplate.trial.records import PLACEBO, ArmEntry, DesignEntry

DATE = dt.date(2000, 1, 3)  # a plan needs one; a trial counts in days


def arm_of(number: int, entry: ArmEntry, design: DesignEntry) -> Arm:
    """An arm with its sites written out."""
    sex = design.population.sex
    mix = {entry.sex: 1.0} if entry.sex else {"female": sex.female, "male": sex.male}
    mix = {name: share for name, share in mix.items() if share > 0}
    with at(f"arm {number} ({clean(entry.name)})"):
        if entry.product == PLACEBO:
            if (
                entry.pattern
                or entry.injections
                or entry.units_per_site
                or entry.scale
                or entry.reconstitution
            ):
                raise TrialError(
                    "a placebo has sites or units.",
                    "A placebo is an injection without toxin: its place changes nothing in the model.",
                    "Leave out everything but name, n and product.",
                )
            return Arm(entry.name, entry.n, None, None, mix)
        session = _session(entry)
        if f"threshold.{session.product}" not in catalogue().parameters:
            raise TrialError(
                f"No dose of {catalogue().product(session.product).name} is published, so it has no potency prior.",
                "It is in the catalogue for reference only.",
                "Choose a product with a threshold: `endplate list parameters`.",
            )
        return Arm(entry.name, entry.n, session.product, session, mix)


def _session(entry: ArmEntry) -> Session:
    """The arm's treatment; the plan's own reader checks products, patterns, places and amounts."""
    if entry.product is not None:
        lookup.product(entry.product)
    if not entry.pattern and not entry.injections:
        raise TrialError(
            "there is no injection.", "", 'Add `pattern`, [[arms.injections]], or product = "placebo".'
        )
    if entry.units_per_site is not None and entry.scale is not None:
        raise TrialError("both `units_per_site` and `scale` are given.", "", "Keep one of them.")
    session: dict[str, Any] = {"date": DATE}
    if entry.product is not None:
        session["product"] = entry.product
    if not entry.pattern:
        session["indication"] = "glabellar_lines"  # a plan names one; free sites of a trial need none
    else:
        session["pattern"] = list(entry.pattern)
    # A change of units is dissolved in the same volume: vials are checked against the changed units.
    changed = entry.units_per_site is not None or entry.scale is not None
    if entry.reconstitution is not None:
        vials = entry.reconstitution.model_dump(exclude_none=True)
        # Each person has a vial of his own, and as many as the arm's dose needs.
        session["reconstitution"] = vials | ({"vials": 100} if changed else {})
    session["injections"] = [one.model_dump(exclude_none=True) for one in entry.injections]
    if changed:
        return _changed(entry, session)
    return _plan_session(session)


def _plan_session(session: Mapping[str, Any]) -> Session:
    patient = {"age": 45.0, "sex": "female"}
    tree = {"schema": "endplate/plan/1", "patient": patient, "sessions": [dict(session)]}
    with _without_session():
        return plan_from_dict(tree).sessions[0]


def _changed(entry: ArmEntry, session: dict[str, Any]) -> Session:
    """The treatment with other units at every site, in the pattern's volumes."""
    vials = session.pop("reconstitution", None)
    written = _plan_session(session)
    liquid = catalogue().product(written.product).concentration_u_per_ml
    strength = vials["vial_units"] / vials["diluent_ml"] if vials else liquid
    sites = []
    for site in written.injections:
        units = (
            entry.units_per_site
            if entry.units_per_site is not None
            else site.units * float(entry.scale or 1.0)
        )
        kept = site.model_dump(exclude_none=True) | {"units": units}
        if strength is not None and units > 0:
            kept["volume_ml"] = units / strength
        sites.append(kept)
    again = {**session, "injections": sites} | ({"reconstitution": vials} if vials else {})
    return _plan_session(again)


class _without_session:
    """Places of a plan told as places of an arm: an arm has one session."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, EndplateError) and error.found.startswith("session 1"):
            found = error.found.removeprefix("session 1").removeprefix(",").removeprefix(":").strip()
            raise type(error)(found, error.allowed, error.remedy) from None
