"""What no label rules on: other products, the vial, sides, consent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from endplate.catalogue import catalogue
from endplate.catalogue.house import house_rules
from endplate.check.amounts import units
from endplate.check.calendar import before
from endplate.check.finding import Finding
from endplate.check.visit import Visit, joined, said
from endplate.plan import Baseline, Injection, Session, Spasm
from endplate.plan.lookup import outside_atlas

OTHER_TOXIN = "other_botulinum_toxin"
AESTHETIC = frozenset(
    {
        "glabellar_lines", "lateral_canthal_lines", "forehead_lines", "upper_facial_lines", "platysma_bands",
        "masseter", "brow_lift", "bunny_lines", "chin_dimpling", "gummy_smile", "mouth_corners", "neck_lines",
    }
)  # fmt: skip
ONE_SIDED = frozenset(
    {
        "cervical_dystonia", "facial_palsy", "hemifacial_spasm", "protective_ptosis", "smile_asymmetry", "strabismus",
        "synkinesis",
    }
)  # fmt: skip


def sense(visit: Visit, all_visits: tuple[Visit, ...]) -> Iterator[Finding]:
    """Other products beside this one, how the vial was dissolved, uneven sides, reminders."""
    yield from _other_products(visit, all_visits)
    for session in visit.sessions:
        yield from _vial(visit, session)
    yield from _sides(visit)
    yield from _reminders(visit)


def _other_products(visit: Visit, all_visits: tuple[Visit, ...]) -> Iterator[Finding]:
    """Another toxin on the same day or shortly before: each judged alone, units never summed."""
    months = float(house_rules()["concurrent_product"].value or 0.0)
    begin = before(visit.day, months, "months")
    same_day = [one for other in all_visits if other.day == visit.day for one in other.sessions]
    near = [*(one for one in visit.earlier if one.date > begin), *same_day]
    others = list(dict.fromkeys(one.product for one in near if one.product != visit.product))
    if not others:
        return
    given = {name: [one for one in near if one.product == name] for name in others}
    words = "; ".join(_given_words(name, sessions) for name, sessions in given.items())
    own = f"{said(units(visit.injections))} U of {visit.name} on {visit.day}"
    muscles = {
        site.muscle for one in near if one.product in others for site in one.injections if site.units > 0
    }
    same = [name for name in dict.fromkeys(one.muscle for one in visit.injections) if name in muscles]
    both = f" Both treat {joined(same)}." if same else ""
    found = f"A second product: {own}; {words}. Their units are never summed: each is judged alone.{both}"
    for label, rule in visit.rules():
        if rule.kind == "interaction" and rule.subject == OTHER_TOXIN:
            yield visit.of_rule(label, rule, "caution", found)
            return
    yield visit.of_house("concurrent_product", found, limit=months, unit="months")


def _given_words(product: str, sessions: list[Session]) -> str:
    record = catalogue().product(product)
    return ", ".join(
        f"{said(units(one.injections))} {record.unit_name} of {record.name} on {one.date}" for one in sessions
    )


def _vial(visit: Visit, session: Session) -> Iterator[Finding]:
    """A dilution that no source of the product prints, or another diluent than plain saline."""
    vial = session.reconstitution
    if vial is None:
        return
    product = catalogue().product(visit.product)
    printed = {(one.vial_u, one.diluent_ml) for one in product.dilutions}
    if (vial.vial_units, vial.diluent_ml) not in printed:
        known = ", ".join(f"{said(u)} U in {said(ml)} mL" for u, ml in sorted(printed))
        yield visit.of_house(
            "dilution",
            f"{said(vial.vial_units)} U in {said(vial.diluent_ml)} mL is no dilution that a label or trial of "
            f"{visit.name} prints ({known}).",
            sources=tuple(dict.fromkeys(one.source for one in product.dilutions)),
            checked=all(one.checked for one in product.dilutions),
        )
    if vial.diluent != "saline":
        yield visit.of_house("diluent", f"The diluent is {vial.diluent.replace('_', ' ')}.")


def asymmetric(visit: Visit) -> bool:
    """True when something about the patient, or the use itself, asks for uneven sides."""
    patient = visit.plan.patient
    if patient.palsy or patient.synkinesis or patient.squint or set(visit.indications) & ONE_SIDED:
        return True
    entries = (*patient.spasm, *patient.baseline)
    return any(_alone(one, entries) for one in entries)


def _alone(one: Spasm | Baseline, entries: tuple[Spasm | Baseline, ...]) -> bool:
    """True for an entry of one side whose other side has no like entry."""
    other = {"left": "right", "right": "left"}.get(str(one.side))
    return other is not None and one.model_copy(update={"side": other}) not in entries


def _sides(visit: Visit) -> Iterator[Finding]:
    """Left and right differ although nothing about the patient does."""
    if asymmetric(visit):
        return
    pairs: dict[str, dict[str, list[Injection]]] = {}
    for one in visit.injections:
        if one.side != "midline" and not outside_atlas(one.muscle):
            pairs.setdefault(one.muscle, {"left": [], "right": []})[one.side].append(one)
    for muscle, sides in pairs.items():
        left, right = (units(tuple(sides[side])) for side in ("left", "right"))
        if left != right:
            yield _uneven(visit, muscle, left, right)


def _uneven(visit: Visit, muscle: str, left: Decimal, right: Decimal) -> Finding:
    return visit.of_house(
        "uneven_sides",
        f"{joined([muscle]).capitalize()}: {said(left)} U on the left, {said(right)} U on the right.",
        where=visit.where(tuple(one for one in visit.injections if one.muscle == muscle), muscle),
        measured=float(abs(left - right)),
        limit=0.0,
        unit="U",
    )


def _reminders(visit: Visit) -> Iterator[Finding]:
    if set(visit.indications) & AESTHETIC:
        yield visit.of_house("consent", "A cosmetic use.")
        yield visit.of_house("body_image", "A cosmetic use.")
    patient = visit.plan.patient
    low, high = (float(house_rules()[name].value or 0.0) for name in ("fertile_from", "fertile_to"))
    if patient.sex == "female" and patient.pregnancy is None and low <= patient.age < high:
        yield visit.of_house("pregnancy_unknown", "The record does not say whether the patient is pregnant.")
