"""The product in this place and the use: on or off label, with the evidence and its date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from endplate.catalogue import catalogue
from endplate.catalogue.indications import Indication, Level, indications
from endplate.catalogue.labels import PLACES, AmountKind, Label, Use, labels_of, use_id
from endplate.check.amounts import off_label_dose, units
from endplate.check.finding import Finding
from endplate.check.visit import Visit, joined, said
from endplate.plan.lookup import outside_atlas

DOSES = frozenset(name for name in get_args(AmountKind) if "volume" not in name and name != "sites")
LETTERS = {
    "A": "established (A)",
    "B": "probably effective (B)",
    "C": "possibly effective (C)",
    "U": "data insufficient (U)",
    "against": "advised against",
    "trials": "randomised trials",
    "series": "patients without comparison",
    "not settled": "studies contradict each other",
    "none": "nothing found",
}


def use(visit: Visit) -> Iterator[Finding]:
    """Place, uses, targets, muscles that belong together, warnings in a box, reminders."""
    yield from _place(visit)
    for name in visit.indications:
        yield from _indication(visit, indications()[name])
    yield from _targets(visit)
    yield from _together(visit)
    yield from off_label_dose(visit)
    for label, rule in visit.rules():
        mine = any(one.indication in visit.indications for one in label.use)
        if rule.kind == "boxed" or (rule.kind == "reminder" and (mine or rule.indication)):
            yield visit.of_rule(label, rule, "note", "")
    outside = dict.fromkeys(one.muscle for one in visit.injections if outside_atlas(one.muscle))
    if outside:
        yield visit.of_house("not_simulated", f"Outside the atlas: {joined(outside)}.")


def _place(visit: Visit) -> Iterator[Finding]:
    """Whether a text of the product is held for this place and day."""
    if not visit.named:
        held = ", ".join(
            place.upper()
            for place in PLACES
            if place in {one.jurisdiction for one in labels_of(visit.product)}
        )
        by = f"; judged by the labels of the {visit.jurisdiction.upper()} (held of: {held})" if held else ""
        yield visit.of_house("no_jurisdiction", f"No jurisdiction is named for {visit.name}{by}.")
    if visit.in_force:
        return
    product = catalogue().product(visit.product)
    approved = product.approved.get(visit.jurisdiction)
    if approved is not None and visit.on < approved:
        evidence = product.evidence["approved"]
        yield visit.of_house(
            "not_yet_approved",
            f"{visit.name} was approved in the {visit.jurisdiction.upper()} on {approved}, after {visit.on}.",
            sources=(evidence.source,),
            checked=evidence.checked,
        )
        return
    evidence = product.evidence.get("jurisdictions")
    began = [one.not_before for one in labels_of(visit.product) if one.jurisdiction == visit.jurisdiction]
    first = min((day for day in began if day is not None), default=None)
    if first is not None and visit.on < first:
        yield visit.of_house(
            "not_yet_approved",
            f"{visit.name} was not approved in the {visit.jurisdiction.upper()} before {first}.",
        )
        return
    known = visit.jurisdiction in product.jurisdictions
    yield visit.of_house(
        "label_not_held" if known else "not_here",
        f"No label of {visit.name} is held for {visit.jurisdiction.upper()} on {visit.on} ({product.status}).",
        **({} if evidence is None else {"sources": (evidence.source,), "checked": evidence.checked}),
    )


def _indication(visit: Visit, one: Indication) -> Iterator[Finding]:
    """On or off label, and what the evidence says of it."""
    evidence = _evidence(visit, one)
    sources = tuple(dict.fromkeys(level.source for level in evidence))
    checked = all(level.checked for level in evidence)
    words = " ".join(_level_words(level) for level in evidence)
    held = _held(visit, one.id)
    if held is not None:
        label, use_ = held
        yield visit.of_house(
            "on_label",
            f"{visit.name} for {one.name} ({label.brand}, {visit.jurisdiction.upper()}, {label.dated}).",
            rule=use_id(label, use_),
            label=label.id,
            label_date=label.dated,
            sources=(use_.source, *(s for s in sources if s != use_.source)),
            checked=use_.checked and checked,
            elsewhere=use_.elsewhere or "",
            evidence=words,
        )
        if not _has_dose(label, one.id):
            yield visit.of_house(
                "no_dose_held",
                f"{label.brand} ({label.dated}) holds {one.name}; what dose it gives there was not read.",
                label=label.id,
                label_date=label.dated,
                sources=(use_.source,),
                checked=use_.checked,
            )
        return
    rule = {"not_a_use": "not_a_use", "investigational": "investigational"}.get(one.kind, "off_label")
    more = {"sources": sources, "checked": checked} if sources else {}
    labels = ", ".join(f"{label.brand}, {label.dated}" for label in visit.in_force)
    told = f"not a use of its labels ({labels})" if labels else "no label is held here"
    yield visit.of_house(rule, f"{visit.name} for {one.name}: {told}.", evidence=words, **more)
    if one.kind == "use" and not any(level.product in (None, visit.product) for level in evidence):
        yield visit.of_house("no_evidence", f"No evidence is held of {visit.name} for {one.name}.")


def _held(visit: Visit, name: str) -> tuple[Label, Use] | None:
    """The first text in force that holds a use."""
    for label in visit.in_force:
        for one in visit.uses_of(label):
            if one.indication == name:
                return label, one
    return None


def _has_dose(label: Label, name: str) -> bool:
    """Whether a text tells any amount of toxin for a use."""
    return any(name in rule.indication and rule.kind in DOSES for rule in label.rule)


def _evidence(visit: Visit, one: Indication) -> tuple[Level, ...]:
    """What is known of this product, then of botulinum toxin at large."""
    own = tuple(level for level in one.evidence if level.product == visit.product)
    return own + tuple(level for level in one.evidence if level.product is None)


def _level_words(level: Level) -> str:
    again = "" if level.reaffirmed is None else f"reaffirmed {level.reaffirmed}"
    retired = "" if level.retired is None else f"retired {level.retired}"
    dates = ", ".join(part for part in (_as_of(level), again, retired) if part)
    when = f" ({dates})" if dates else ""
    letter = LETTERS[level.level]
    by = f"{level.by[0].upper()}{level.by[1:]}{when}"
    return f"{by}. {level.statement}" if letter == level.by else f"{by}: {letter}. {level.statement}"


def _as_of(level: Level) -> str:
    """The year or day of a text, unless its name tells it or nobody knows it."""
    year = str(level.as_of)
    return "" if year == "unknown" or year in level.by else year


def _targets(visit: Visit) -> Iterator[Finding]:
    """Needles in muscles that the label does not name for these uses."""
    held = [found for name in visit.indications if (found := _held(visit, name)) is not None]
    if not held or len(held) < len(visit.indications) or any(not one.muscle for _, one in held):
        return
    named = {muscle for _, one in held for muscle in one.muscle}
    strange = tuple(one for one in visit.injections if one.muscle not in named)
    if strange:
        label, one = held[0]
        yield visit.of_house(
            "target",
            f"{said(units(strange))} U of {visit.name} in {joined(site.muscle for site in strange)}; the label names "
            f"{joined(sorted(named))} for {visit.uses}.",
            where=visit.where(strange, strange[0].muscle, strange[0].side),
            rule=use_id(label, one),
            label=label.id,
            label_date=label.dated,
            sources=(one.source,),
            checked=one.checked,
        )


def _together(visit: Visit) -> Iterator[Finding]:
    """Muscles that are treated only with their antagonists: the frontalis with the depressors of the brow."""
    given = {one.muscle for one in visit.injections}
    ruled = False
    for label, rule in visit.rules():
        if rule.kind == "together_with":
            ruled = True
            if given & set(rule.muscle) and not given & set(rule.of):
                found = f"{joined(rule.muscle).capitalize()} without {joined(rule.of)}."
                yield visit.of_rule(label, rule, "caution", found)
    if not ruled and "frontalis" in given and not given & {"procerus", "corrugator_supercilii"}:
        yield visit.of_house("frontalis_alone", "Frontalis without the depressors of the brow.")
