"""The person against the labels: what they have, take, cannot bear, and whether they are pregnant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from endplate.catalogue import catalogue
from endplate.catalogue.conditions import Condition, Kind, meant_by
from endplate.check.finding import Finding, Severity
from endplate.check.visit import Visit
from endplate.plan import Patient

SEVERITY: dict[str, Severity] = {
    "contraindication": "stop",
    "warning": "caution",
    "interaction": "caution",
}


@dataclass(frozen=True)
class Known:
    """A word of the patient's record and what it stands for."""

    word: str
    means: Condition

    @property
    def names(self) -> frozenset[str]:
        """Its id and its groups: what a rule may name."""
        return frozenset((self.means.id, *self.means.groups))


def people(visit: Visit) -> Iterator[Finding]:
    """What a label says against treating this person; words that nobody knows are told, never passed over."""
    known, strange = _record(visit.plan.patient)
    for label, rule in visit.rules():
        if rule.kind not in SEVERITY or rule.subject is None:
            continue
        for one in known:
            if rule.subject in one.names:
                yield visit.of_rule(
                    label, rule, SEVERITY[rule.kind], f"The patient's record says: {one.word}."
                )
    for one in known:
        yield from _ingredient(visit, one)
        if one.means.id == "body_dysmorphic_disorder":
            yield visit.of_house("body_image_disorder", f"The patient's record says: {one.word}.")
    for word in strange:
        yield visit.of_house("unknown_word", f"`{word}` is in no list of conditions, medicines or allergies.")


def _record(patient: Patient) -> tuple[list[Known], list[str]]:
    """The words of the record that the vocabulary knows, and those it does not."""
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("condition", (*patient.conditions, *_states(patient))),
        ("medicine", patient.medicines),
        ("allergy", patient.allergies),
    )
    known, strange = [], []
    for kind, words in kinds:
        for word in words:
            meant = meant_by(word, kind)
            if meant is None:
                strange.append(word)
            else:
                known.append(Known(word, meant))
    return known, strange


def _states(patient: Patient) -> tuple[str, ...]:
    states = (("pregnancy", patient.pregnancy), ("lactation", patient.lactation))
    return tuple(name for name, holds in states if holds)


def _ingredient(visit: Visit, one: Known) -> Iterator[Finding]:
    """An allergy to something that is in the vial."""
    if one.means.kind != "allergy":
        return
    product = catalogue().product(visit.product)
    contents = {_plain(name) for name in (*product.allergens, *(part.name for part in product.stabilisers))}
    words = {_plain(name) for name in (one.means.name, one.means.id, *one.means.words)}
    if contents & words:
        field = "allergens" if words & {_plain(name) for name in product.allergens} else "stabilisers"
        evidence = product.evidence[field]
        yield visit.of_house(
            "allergy_ingredient",
            f"The patient is allergic to {one.word}; {visit.name} contains it.",
            sources=(evidence.source,),
            checked=evidence.checked,
        )


def _plain(name: str) -> str:
    return name.lower().replace("_", " ").replace("-", " ").replace("’", "'").replace("'", "")
