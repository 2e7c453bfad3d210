"""The plain records of triage: scales, signs, rules, alternatives."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from endplate.catalogue.records import Flag, Id, Number, Positive, Record, Text
from endplate.errors import PlanError

Urgency = Literal["emergency now", "same day", "within days", "routine"]
Verdict = Literal[
    "refer first", "does not suit", "not supported by evidence", "investigational", "may suit", "suits"
]
URGENCIES: tuple[Urgency, ...] = ("emergency now", "same day", "within days", "routine")
VERDICTS: tuple[Verdict, ...] = (
    "refer first", "does not suit", "not supported by evidence", "investigational", "may suit", "suits",
)  # fmt: skip
"""From the one that wins to the one that yields."""

Tried = Literal["toxin", "drug", "surgery", "training", "device", "skin_treatment", "talking", "other"]
Response = Literal["good", "partial", "none", "worse", "lost", "unknown"]


class Scale(Record):
    """A grading scale: `low` to `high`, in steps of `step` where it has steps.

    Attributes:
        values: the only grades there are, where steps do not tell them.
        grades: grades that are written otherwise than as a number ("1+", "IV"), with their number.
        worse: which end is the worse one.
    """

    id: Id
    name: Text
    words: tuple[Text, ...] = ()
    low: Number
    high: Number
    step: Positive | None = None
    values: tuple[Number, ...] = ()
    grades: dict[Text, Number] = Field(default_factory=dict)
    worse: Literal["high", "low"]
    unit: str = ""
    source: Id
    checked: Flag
    note: str = ""

    def number(self, value: float | str) -> float:
        """The grade as a number; PlanError where the scale has no such grade."""
        found = self._written(value) if isinstance(value, str) else float(value)
        if found is None:
            names = ", ".join(self.grades) or f"{self.low:g} to {self.high:g}, without quotes"
            raise PlanError(f"`{value}` is no grade of {self.name}.", f"Grades: {names}.", "Correct it.")
        if not self.low <= found <= self.high or self._between(found):
            raise PlanError(f"{found:g} is no grade of {self.name}.", f"It goes {self.range}.", "Correct it.")
        return found

    def _written(self, value: str) -> float | None:
        """A grade as the scale writes it, whatever the case of its letters, or a number in quotes."""
        grades = {name.casefold(): number for name, number in self.grades.items()}
        plain = value.strip().casefold()
        if plain in grades:
            return grades[plain]
        return float(plain) if re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?", plain, re.ASCII) else None

    @property
    def range(self) -> str:
        """From where to where, in which steps, in words."""
        unit = f" {self.unit}" if self.unit else ""
        written = f" ({', '.join(self.grades)})" if self.grades else ""
        stepped = f" in steps of {self.step:g}" if self.step else ""
        return f"from {self.low:g} to {self.high:g}{unit}{stepped}{written}"

    def _between(self, grade: float) -> bool:
        """Whether a number lies between two grades."""
        if self.values:
            return grade not in self.values
        steps = 0.0 if self.step is None else (grade - self.low) / self.step
        return abs(steps - round(steps)) > 1e-9


class Sign(Record):
    """A word of the closed list of signs and features.

    Attributes:
        red_flag: it may mean an illness that cannot wait.
        conditions: conditions of a person that say the same; whoever has one of them has the sign.
        complaints: complaints that say the same.
        excludes: signs that do not fit together with it.
        scale, at_least, at_most: a grade on this scale, where one is told, lies within these.
    """

    id: Id
    meaning: Text
    red_flag: Flag
    conditions: tuple[Id, ...] = ()
    complaints: tuple[Id, ...] = ()
    excludes: tuple[Id, ...] = ()
    scale: Id | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    note: str = ""


class Alternative(Record):
    """Something other than toxin, or beside it. `why`: what it does that toxin does not."""

    id: Id
    name: Text
    kind: Literal[
        "filler", "light_or_heat", "peel", "skin", "surgery", "drug", "training", "device", "care", "comfort",
        "talking",
    ]  # fmt: skip
    why: Text
    source: Id
    checked: Flag
    more_sources: tuple[Id, ...] = ()
    note: str = ""


class Referral(Record):
    """Who should see the person, how soon, and why."""

    to: Text
    urgency: Urgency
    why: Text


class When(Record):
    """What must hold for a rule, all of it; within one list any word is enough (`signs_all`: every one).

    Attributes:
        indications: the complaint is one of these. not_indications: it is none of these.
        appearance: it is asked for the looks, or for health.
        scale, at_least, at_most, state: a grade within these on this scale.
        days_from, days_to: how long it lasts, days; days_untold: that is not told. age_from, age_below: years.
        conditions: ids or groups of the vocabulary of conditions. not_conditions: not one of these.
        signs_any, signs_also: one of each list; signs_all: every one; signs_none: not one.
        earlier, response: a treatment of this kind with one of these responses.
        unjudged_flag: a red flag is told that no other rule which fires has used.
    """

    indications: tuple[Id, ...] = ()
    not_indications: tuple[Id, ...] = ()
    appearance: Flag | None = None
    age_from: Number | None = None
    age_below: Number | None = None
    scale: Id | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    state: Literal["rest", "contraction"] | None = None
    days_from: Number | None = None
    days_to: Number | None = None
    days_untold: Flag | None = None
    signs_any: tuple[Id, ...] = ()
    signs_also: tuple[Id, ...] = ()
    signs_all: tuple[Id, ...] = ()
    signs_none: tuple[Id, ...] = ()
    conditions: tuple[Id, ...] = ()
    not_conditions: tuple[Id, ...] = ()
    pregnancy: Flag | None = None
    earlier: Tried | None = None
    response: tuple[Response, ...] = ()
    unjudged_flag: Flag | None = None

    @property
    def signs(self) -> frozenset[str]:
        """The signs that speak for the rule."""
        return frozenset((*self.signs_any, *self.signs_also, *self.signs_all))


class Rule(Record):
    """One rule of triage, in our words.

    Attributes:
        verdict: what it says of toxin for this complaint; None where it only refers, warns or names alternatives.
        reason: why. first: what is done at once, in this order. avoid: what must not be done.
        refer: to whom. alternatives: ids. source, checked: where the rule comes from, and whether it was read there;
            more_sources: further ones.
    """

    id: Id
    when: When
    verdict: Verdict | None = None
    reason: Text
    first: tuple[Text, ...] = ()
    avoid: tuple[Text, ...] = ()
    refer: tuple[Referral, ...] = ()
    alternatives: tuple[Id, ...] = ()
    source: Id
    checked: Flag
    more_sources: tuple[Id, ...] = ()
    note: str = ""
