"""Doses, volumes and numbers of needles against a label's amounts. All sums are exact decimals of one product."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from endplate.catalogue import catalogue
from endplate.catalogue.house import house_rules
from endplate.catalogue.labels import Label, Rule
from endplate.check.calendar import before
from endplate.check.finding import Finding, Severity
from endplate.check.visit import Visit, exact, joined, said, targets_words
from endplate.plan import Injection
from endplate.plan.vial import LABEL_ROUNDING

ZERO = Decimal(0)
DIGITS = 3
VOLUME_TOLERANCE = exact(LABEL_ROUNDING)
"""Labels round, as the plan reader knows: 100 U in 1.2 mL make 8 U in 0.096 mL, printed as 0.1."""


@dataclass(frozen=True)
class Amount:
    """One amount of a plan that a rule measures; words: of what it is."""

    value: Decimal
    of: tuple[Injection, ...]
    words: str
    muscle: str = ""
    side: str = ""


Measure = Callable[[Visit, Rule], list[Amount]]


def selected(visit: Visit, rule: Rule) -> tuple[Injection, ...]:
    """The needles that a rule counts."""
    return tuple(one for one in visit.injections if not rule.muscle or one.muscle in rule.muscle)


def units(injections: tuple[Injection, ...]) -> Decimal:
    """Units together. A third of 25 U six times is 50 U: what no syringe can measure is rounded away."""
    return round(sum((exact(one.units) for one in injections), ZERO), DIGITS)


def _in_all(visit: Visit, rule: Rule) -> list[Amount]:
    mine = selected(visit, rule)
    where = f" in {targets_words(rule.muscle)}" if rule.muscle else ""
    return [Amount(units(mine), mine, f"in all{where}")] if mine else []


def _by_side(visit: Visit, rule: Rule) -> list[Amount]:
    mine = selected(visit, rule)
    sides = ((side, tuple(one for one in mine if one.side == side)) for side in ("left", "right"))
    return [Amount(units(some), some, f"on the {side}", side=side) for side, some in sides if some]


def _by_muscle(visit: Visit, rule: Rule) -> list[Amount]:
    mine = selected(visit, rule)
    found = []
    for muscle, side in dict.fromkeys((one.muscle, one.side) for one in mine):
        some = tuple(one for one in mine if (one.muscle, one.side) == (muscle, side))
        words = f"in {joined([muscle])}" + ("" if side == "midline" else f" on the {side}")
        found.append(Amount(units(some), some, words, muscle, side))
    return found


def _by_site(visit: Visit, rule: Rule) -> list[Amount]:
    return [
        Amount(exact(one.units), (one,), f"at {one.id}", one.muscle, one.side)
        for one in selected(visit, rule)
    ]


def _volumes(visit: Visit, rule: Rule) -> list[Amount]:
    return [
        Amount(exact(one.volume_ml), (one,), f"at {one.id}", one.muscle, one.side)
        for one in selected(visit, rule)
    ]


def _needles(visit: Visit, rule: Rule) -> list[Amount]:
    mine = selected(visit, rule)
    return [Amount(Decimal(len(mine)), mine, "")] if mine else []


def _per_kg(visit: Visit, rule: Rule) -> list[Amount]:
    """Of a session, or of the rule's period."""
    weight = exact(float(visit.plan.patient.weight_kg or 1.0))  # without a weight the rule is not asked
    return [
        Amount(one.value / weight, one.of, f"{one.words}, at {said(weight)} kg")
        for one in (_in_period if rule.period is not None else _in_all)(visit, rule)
    ]


def _per_kg_by_side(visit: Visit, rule: Rule) -> list[Amount]:
    weight = exact(float(visit.plan.patient.weight_kg or 1.0))
    return [
        Amount(one.value / weight, one.of, f"{one.words}, at {said(weight)} kg", side=one.side)
        for one in _by_side(visit, rule)
    ]


def _in_period(visit: Visit, rule: Rule) -> list[Amount]:
    """All units of the product in the period that ends with this visit."""
    if rule.period is None:
        return []
    begin = before(visit.day, rule.period.value, rule.period.unit)
    past = tuple(
        one
        for session in visit.earlier_here
        if session.date > begin
        for one in session.injections
        if not rule.muscle or one.muscle in rule.muscle
    )
    mine = selected(visit, rule)
    words = f"within {said(rule.period.value)} {rule.period.unit}"
    return [Amount(units((*past, *mine)), mine, words)] if mine else []


MEASURES: dict[str, Measure] = {
    "dose": _in_all,
    "side_dose": _by_side,
    "muscle_dose": _by_muscle,
    "site_dose": _by_site,
    "per_kg_dose": _per_kg,
    "dose_max": _in_all,
    "side_max": _by_side,
    "muscle_max": _by_muscle,
    "site_max": _by_site,
    "per_kg_max": _per_kg,
    "side_per_kg_max": _per_kg_by_side,
    "period_max": _in_period,
    "site_volume": _volumes,
    "site_volume_max": _volumes,
    "sites": _needles,
}


def amounts(visit: Visit) -> Iterator[Finding]:
    """Every amount outside what a label gives (a note) or above what it states as a maximum (a stop)."""
    unweighed = visit.plan.patient.weight_kg is None
    for label, rule in visit.rules():
        measure = MEASURES.get(rule.kind)
        if measure is None or rule.value is None:
            continue
        if _needs_weight(rule) and visit.plan.patient.weight_kg is None:
            if unweighed:
                yield _no_weight(visit, label, rule)
            unweighed = False  # said once, however many bands of weight a label has
            continue
        stated = rule.kind.endswith("_max")
        wrong = [one for one in measure(visit, rule) if _outside(one.value, rule, stated)]
        if wrong:
            yield _finding(visit, label, rule, wrong, "stop" if stated else _how_far(rule, wrong))


def _how_far(rule: Rule, wrong: list[Amount]) -> Severity:
    """A note, or a caution where units are above the declared multiple of the most that the label gives."""
    factor = exact(house_rules()["far_above"].value or 0.0)
    most = max((*map(exact, rule.values), _bounds(rule)[1]))
    far = rule.unit in ("U", "U/kg") and any(one.value > factor * most for one in wrong)
    return "caution" if far else "note"


def _outside(value: Decimal, rule: Rule, stated: bool) -> bool:
    low, high = _bounds(rule)
    if rule.unit == "mL":
        low, high = low * (1 - VOLUME_TOLERANCE), high * (1 + VOLUME_TOLERANCE)
        return value > high if stated else not low <= value <= high
    if rule.values:
        return value not in [exact(one) for one in rule.values]
    return value > low if stated else not low <= value <= high


def _needs_weight(rule: Rule) -> bool:
    return "per_kg" in rule.kind or rule.from_kg is not None or rule.to_kg is not None


def _bounds(rule: Rule) -> tuple[Decimal, Decimal]:
    low = exact(rule.value or 0.0)
    return low, low if rule.high is None else exact(rule.high)


def _finding(visit: Visit, label: Label, rule: Rule, wrong: list[Amount], severity: Severity) -> Finding:
    """One finding for all that breaks a rule, told by the amount that is farthest off."""
    low, high = _bounds(rule)
    worst = max(wrong, key=lambda one: max(one.value - high, low - one.value))
    unit = _unit_words(visit, rule, worst)
    more = f" ({len(wrong)} such)" if len(wrong) > 1 else ""
    product = "" if rule.unit in ("sites", "mL") else f" of {visit.name}"
    limit = said(low) if rule.high is None else f"{said(low)} to {said(high)}"
    limit = " or ".join(said(one) for one in rule.values) or limit
    rule_words = f"the label states at most {limit}" if severity == "stop" else f"the label gives {limit}"
    found = f"{said(worst.value)} {unit}{product} {worst.words}".rstrip()
    return visit.of_rule(
        label,
        rule,
        severity,
        f"{found}{more}; {rule_words}.",
        where=visit.where(tuple(site for one in wrong for site in one.of), worst.muscle, worst.side),
        measured=float(worst.value),
        limit=float(low),
        limit_high=None if rule.high is None else float(high),
        unit=unit,
    )


def _unit_words(visit: Visit, rule: Rule, one: Amount) -> str:
    if rule.unit == "sites":
        return "needle" if one.value == 1 else "needles"
    own = catalogue().product(visit.product).unit_name
    return str(rule.unit).replace("U", own, 1) if rule.unit in ("U", "U/kg") else str(rule.unit)


def off_label_dose(visit: Visit) -> Iterator[Finding]:
    """The units of a use that no label of the product holds, beside those of trials and series of the catalogue."""
    held = {use.indication for label in visit.in_force for use in visit.uses_of(label)}
    off = [name for name in visit.indications if name not in held]
    if not off or len(visit.indications) > 1:
        return
    series = [
        one
        for one in catalogue().patterns.values()
        if one.product == visit.product
        and one.indication == off[0]
        and one.basis in ("trial", "series", "label")
    ]
    total = units(visit.injections)
    told = f"{said(total)} {catalogue().product(visit.product).unit_name} of {visit.name}"
    if not series:
        yield visit.of_house("off_label_dose", f"{told} off label: no dose is held to judge it by.")
        return
    most = max(series, key=lambda one: one.total_u)
    factor = exact(house_rules()["far_above"].value or 0.0)
    if total > factor * exact(most.total_u):
        yield visit.of_house(
            "above_series",
            f"{told}; the most in the catalogue's patterns for it is {said(most.total_u)} ({most.title}).",
            sources=(most.source,),
            checked=most.checked,
            measured=float(total),
            limit=most.total_u,
            unit="U",
        )


def _no_weight(visit: Visit, label: Label, rule: Rule) -> Finding:
    """A dose for each kilogram cannot be judged without the weight."""
    return visit.of_rule(
        label,
        rule,
        "outside evidence",
        "The dose for each kilogram cannot be judged: no weight.",
        do="Add weight_kg to the patient.",
        limit=rule.value,
        limit_high=rule.high,
        unit=str(rule.unit),
    )
