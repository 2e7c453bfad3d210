"""One planned day of one product: what the rules look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import Any

from endplate.catalogue import catalogue
from endplate.catalogue.house import house_rules
from endplate.catalogue.indications import indications
from endplate.catalogue.labels import PLACES, Label, Rule, Says, Use, in_force, labels_of, rule_id
from endplate.catalogue.targets import targets
from endplate.check.finding import Finding, Severity, Where
from endplate.plan import Injection, Plan, Session

NO_LABEL = "no label says it"
LISTED = 6
"""So many targets are named in a sentence."""


@dataclass(frozen=True)
class Visit:
    """All that is planned with one product on one day.

    Attributes:
        numbers: its sessions, counted from 1; sessions: the same.
        jurisdiction: whose labels count. named: whether plan or question names it; else it is the first of `PLACES`
            of which a label is held, or "" where none is.
        on: the day whose texts count.
    """

    plan: Plan
    numbers: tuple[int, ...]
    sessions: tuple[Session, ...]
    jurisdiction: str
    named: bool
    on: date

    @property
    def product(self) -> str:
        return self.sessions[0].product

    @property
    def day(self) -> date:
        return self.sessions[0].date

    @cached_property
    def name(self) -> str:
        """The product's own name."""
        return catalogue().product(self.product).name

    @cached_property
    def indications(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for session in self.sessions for one in session.indication))

    @cached_property
    def injections(self) -> tuple[Injection, ...]:
        """Every needle that brings toxin."""
        return tuple(one for session in self.sessions for one in session.injections if one.units > 0)

    @cached_property
    def in_force(self) -> tuple[Label, ...]:
        """All texts of the product here on this day, one for each brand; of the brand alone that a session names."""
        texts = in_force(self.product, self.jurisdiction, self.on)
        brands = {one.brand.lower() for one in self.sessions if one.brand is not None}
        return tuple(one for one in texts if not brands or one.brand.lower() in brands)

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """The texts that hold one of the uses; all of them for a use that none holds."""
        own = tuple(
            label
            for label in self.in_force
            if any(one.indication in self.indications for one in self.uses_of(label))
        )
        return own or self.in_force

    def uses_of(self, label: Label) -> tuple[Use, ...]:
        """The uses of a text that had been approved by the day."""
        return tuple(one for one in label.use if one.since is None or one.since <= self.on)

    @cached_property
    def earlier(self) -> tuple[Session, ...]:
        """Sessions of any product that brought toxin: before this day, or given on it already."""
        return tuple(
            one
            for one in self.plan.sessions
            if (one.date < self.day or (one.date == self.day and one.given))
            and any(site.units > 0 for site in one.injections)
        )

    @cached_property
    def earlier_here(self) -> tuple[Session, ...]:
        """Earlier sessions of this product."""
        return tuple(one for one in self.earlier if one.product == self.product)

    @cached_property
    def earlier_alike(self) -> tuple[Session, ...]:
        """Earlier sessions of this product for one of the same uses."""
        return tuple(one for one in self.earlier_here if set(one.indication) & set(self.indications))

    @property
    def uses(self) -> str:
        """The uses in words."""
        return " and ".join(indications()[one].name for one in self.indications)

    def rules(self) -> Iterator[tuple[Label, Rule]]:
        """Every rule that holds for this person, these uses and this turn; one that two labels share is told once."""
        yield from self._told_once(self.labels)

    def rules_anywhere(self) -> Iterator[tuple[Label, Rule]]:
        """The same of every place of which a text is held."""
        for place in PLACES:
            yield from self._told_once(in_force(self.product, place, self.on))

    def _told_once(self, labels: tuple[Label, ...]) -> Iterator[tuple[Label, Rule]]:
        seen: set[tuple[object, ...]] = set()
        for label in labels:
            for rule in label.rule:
                key = (
                    rule.kind,
                    rule.subject,
                    rule.indication,
                    rule.muscle,
                    rule.value,
                    rule.high,
                    rule.says,
                )
                if key not in seen and self._holds(rule):
                    seen.add(key)
                    yield label, rule

    def _holds(self, rule: Rule) -> bool:
        age = self.plan.patient.age
        planned = set(rule.indication) & set(self.indications)
        if len(planned) < (len(rule.indication) if rule.together else min(1, len(rule.indication))):
            return False
        if rule.from_age is not None and age < rule.from_age:
            return False
        if rule.to_age is not None and age >= rule.to_age:
            return False
        weight = self.plan.patient.weight_kg
        if weight is not None and not (rule.from_kg or 0.0) <= weight < (rule.to_kg or inf):
            return False
        return rule.when is None or (rule.when == "repeat") == bool(self.earlier_alike)

    def where(self, injections: tuple[Injection, ...] = (), muscle: str = "", side: str = "") -> Where:
        """This visit, or some of its needles."""
        return Where(self.numbers, tuple(one.id for one in injections), muscle, side)

    def of_rule(self, label: Label, rule: Rule, severity: Severity, found: str, **more: Any) -> Finding:
        """What a label's rule finds."""
        beyond = told_of(rule, more.get("measured"))
        return Finding(
            rule=rule_id(label, rule),
            kind=rule.kind,
            severity=severity,
            found=found,
            says=f"{label.brand}, {label.jurisdiction.upper()} ({label.dated}): {rule.says}",
            product=self.product,
            jurisdiction=label.jurisdiction,
            label=label.id,
            label_date=label.dated,
            sources=tuple(dict.fromkeys((rule.source, *(one.source for one in beyond)))),
            checked=rule.checked and all(one.checked for one in beyond),
            elsewhere=rule.elsewhere or "",
            **{
                "where": self.where(),
                "do": rule.do,
                "evidence": " ".join(one.says for one in beyond),
                **more,
            },
        )

    def of_house(self, name: str, found: str, **more: Any) -> Finding:
        """What a rule of this project finds; `more` may name other sources and whether they were read."""
        rule = house_rules()[name]
        return Finding(
            **{
                "rule": f"house.{name}",
                "kind": name,
                "severity": rule.severity,
                "found": found,
                "says": rule.says,
                "where": self.where(),
                "product": self.product,
                "jurisdiction": self.jurisdiction or "none named",
                "label": "",
                "label_date": NO_LABEL,
                "sources": (rule.source,),
                "checked": rule.checked or rule.source == "declared",
                "do": rule.do,
                **more,
            }
        )


def told_of(rule: Rule, measured: float | None) -> tuple[Says, ...]:
    """What evidence says of an amount beyond a rule's limit: of that side of it, and no further than was studied."""
    if measured is None or rule.value is None:
        return ()
    side = "below" if measured < rule.value else "above"
    return tuple(
        one for one in rule.beyond if one.where == side and (one.up_to is None or measured <= one.up_to)
    )


def visits(plan: Plan, jurisdiction: str | None = None, on: date | None = None) -> tuple[Visit, ...]:
    """What is still planned, one visit for each day and product, in order.

    Args:
        jurisdiction: whose labels count; None takes that of the session, else the first place with a label.
        on: the day whose texts count; None takes the day of the session.
    """
    groups: dict[tuple[date, str], list[int]] = {}
    for number, session in enumerate(plan.sessions, start=1):
        if not session.given and any(one.units > 0 for one in session.injections):
            groups.setdefault((session.date, session.product), []).append(number)
    found = []
    for (day, product), numbers in groups.items():
        sessions = tuple(plan.sessions[number - 1] for number in numbers)
        named = jurisdiction or _named(sessions)
        place = named or _first_held(product)
        found.append(Visit(plan, tuple(numbers), sessions, place, bool(named), on or day))
    return tuple(found)


def _named(sessions: tuple[Session, ...]) -> str | None:
    """The place that the sessions name; a pattern that no label holds names none."""
    return next((one.jurisdiction for one in sessions if one.jurisdiction not in (None, "off_label")), None)


def _first_held(product: str) -> str:
    """The first place of which a label of the product is held."""
    held = {label.jurisdiction for label in labels_of(product)}
    return next((place for place in PLACES if place in held), "")


def exact(number: float) -> Decimal:
    """The number as it was written: 0.1 is a tenth."""
    return Decimal(repr(float(number)))


def said(number: Decimal | float) -> str:
    """A number for a sentence, without trailing zeros."""
    value = number if isinstance(number, Decimal) else exact(number)
    return f"{round(value, 3).normalize():f}"


REGIONS = {"upper_limb": "the arms", "lower_limb": "the legs", "neck": "the neck"}


def targets_words(names: tuple[str, ...]) -> str:
    """Targets in words; a long list of one limb as the limb."""
    regions = {targets()[name].region if name in targets() else "" for name in names}
    if len(names) > LISTED and len(regions) == 1 and (region := regions.pop()) in REGIONS:
        return REGIONS[region]
    return joined(names) if len(names) <= LISTED else f"{len(names)} named muscles"


def joined(names: Any) -> str:
    """Names of targets in words: "procerus and corrugator supercilii"."""
    words = [str(name).replace("_", " ") for name in dict.fromkeys(names)]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


__all__ = ["NO_LABEL", "Visit", "exact", "joined", "said", "targets_words", "visits"]
