"""The person against the labels: what they have, take, cannot bear, and whether they are pregnant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from endplate.catalogue import catalogue
from endplate.catalogue.conditions import Condition, Kind, read_as
from endplate.catalogue.indications import indications
from endplate.catalogue.labels import Label, Rule, all_labels
from endplate.check.finding import SEVERITIES, Finding, Severity
from endplate.check.visit import Visit
from endplate.plan import Patient

SEVERITY: dict[str, Severity] = {
    "contraindication": "stop",
    "warning": "caution",
    "interaction": "caution",
}
BLEEDS = frozenset(("anticoagulants", "antiplatelets", "bleeding_disorder"))
NEVER = frozenset(("infection_at_site", "botulinum_toxin"))
"""What every text that was read forbids: told as a stop even where no text of the product is held."""
FACE = frozenset(("eye", "upper_face", "lower_face", "face"))
DILUENTS = {"saline_with_lidocaine": "lidocaine", "preserved_saline": "benzyl_alcohol"}
"""What is in a diluent besides saline and may be what somebody cannot bear."""


@dataclass(frozen=True)
class Known:
    """A word of the patient's record and what it stands for."""

    word: str
    means: Condition

    @property
    def names(self) -> frozenset[str]:
        """Its id and its groups: what a rule may name."""
        return frozenset((self.means.id, *self.means.groups))

    @property
    def found(self) -> str:
        """The record in a sentence, with what the word was taken for where it was not written that way."""
        plain = self.word.lower().replace("_", " ")
        told = {
            name.lower().replace("_", " ") for name in (self.means.id, self.means.name, *self.means.words)
        }
        read = "" if plain in told else f" (read as {self.means.name})"
        return f"The patient's record says: {self.word}{read}."


def people(visit: Visit) -> Iterator[Finding]:
    """What stands against treating this person. Every word of the record is answered: by a label, by another text, by
    a word that no rule asks for it, or by a word that nobody knows it."""
    known, strange = _record(visit.plan.patient)
    for one in known:
        told = _by_labels(visit, one)
        told += _ingredient(visit, one, told)
        told += _of_the_class(visit, one)
        told += _asked_by_us(visit, one)
        told = told or _elsewhere(visit, one)
        if not told and one.means.id not in visit.indications:
            told = [visit.of_house("no_rule_asks", one.found)]
        yield from told
    for word in strange:
        yield visit.of_house("unknown_word", f"`{word}` is in no list of conditions, medicines or allergies.")
    if not visit.in_force:
        yield visit.of_house("person_not_judged", f"No text of {visit.name} is held here.")


def _by_labels(visit: Visit, one: Known) -> list[Finding]:
    """What the texts that count say; where no jurisdiction is named, the strictest word of all places."""
    found = []
    for label, rule in visit.rules() if visit.named else visit.rules_anywhere():
        if rule.kind in SEVERITY and rule.subject in one.names:
            found.append(visit.of_rule(label, rule, SEVERITY[rule.kind], one.found))
    if visit.named or not found:
        return found
    return [min(found, key=lambda finding: SEVERITIES.index(finding.severity))]


def _ingredient(visit: Visit, one: Known, told: list[Finding]) -> Iterator[Finding]:
    """An allergy to something that is in the vial or in the diluent. Traces are a stop only where the text says so."""
    if one.means.kind != "allergy" or any(finding.severity == "stop" for finding in told):
        return
    product = catalogue().product(visit.product)
    words = {_plain(name) for name in (one.means.name, one.means.id, *one.means.words)}
    if words & {_plain(part.name) for part in product.stabilisers}:
        evidence = product.evidence["stabilisers"]
        found = f"{one.found} {visit.name} contains it."
        yield visit.of_house(
            "allergy_ingredient", found, sources=(evidence.source,), checked=evidence.checked
        )
    elif words & {_plain(name) for name in product.allergens}:
        evidence = product.evidence["allergens"]
        found = f"{one.found} {visit.name} may hold it."
        yield visit.of_house("allergy_traces", found, sources=(evidence.source,), checked=evidence.checked)
    for session in visit.sessions:
        vial = session.reconstitution
        if vial is not None and DILUENTS.get(vial.diluent) in one.names:
            diluent = vial.diluent.replace("_", " ")
            yield visit.of_house("allergy_diluent", f"{one.found} The diluent is {diluent}.")


def _of_the_class(visit: Visit, one: Known) -> Iterator[Finding]:
    """What forbids botulinum toxin whatever the product, where no text of it is held."""
    if not visit.in_force and one.names & NEVER:
        yield visit.of_house("never", one.found)


def _elsewhere(visit: Visit, one: Known) -> list[Finding]:
    """What texts of other products or places say where those in force are silent, or were not read so far.

    An allergy belongs to the product that holds its cause; everything else is taken for the class, in like regions.
    """
    rules = [
        (label, rule)
        for label in all_labels().values()
        for rule in label.rule
        if rule.kind in SEVERITY and rule.subject in one.names and _alike(visit, rule)
    ]
    if not rules or one.means.kind == "allergy":
        return []
    label, rule = min(rules, key=lambda pair: _rank(visit, *pair))
    finding = visit.of_house(
        "said_elsewhere",
        one.found,
        evidence=f"{label.brand}, {label.jurisdiction.upper()} ({label.dated}): {rule.says}",
        do=rule.do,
        sources=(rule.source,),
        checked=rule.checked,
    )
    return [finding]


def _rank(visit: Visit, label: Label, rule: Rule) -> tuple[bool, bool, bool]:
    """The same product first, then what forbids, then what was read."""
    return label.product != visit.product, rule.kind != "contraindication", not rule.checked


def _alike(visit: Visit, rule: Rule) -> bool:
    """A rule for all uses, or for a use of the same region; lids and face are one."""
    if not rule.indication:
        return True
    own = {_region(name) for name in visit.indications}
    return bool(own & {_region(name) for name in rule.indication})


def _region(name: str) -> str:
    region = indications()[name].region
    return "face" if region in FACE else region


def _asked_by_us(visit: Visit, one: Known) -> Iterator[Finding]:
    """What this project asks of a word, whatever the label says."""
    if one.names & BLEEDS:
        yield visit.of_house("bleeding", one.found)
    if one.means.id == "body_dysmorphic_disorder":
        yield visit.of_house("body_image_disorder", one.found)
    if one.means.asks:
        yield visit.of_house("asks", one.found, evidence=one.means.asks)


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
            meant = read_as(word, kind)
            known += [Known(word, one) for one in meant]
            if not meant:
                strange.append(word)
    return known, strange


def _states(patient: Patient) -> tuple[str, ...]:
    states = (("pregnancy", patient.pregnancy), ("lactation", patient.lactation))
    return tuple(name for name, holds in states if holds)


def _plain(name: str) -> str:
    return name.lower().replace("_", " ").replace("-", " ").replace("’", "'").replace("'", "")
