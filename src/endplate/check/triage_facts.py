"""What is known of one complaint: what is there, what was denied, and what nobody tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from endplate.catalogue.conditions import read_as
from endplate.catalogue.indications import Indication, indication
from endplate.catalogue.triage import scale, signs
from endplate.plan.concern import NO_SIGN, OTHERS, Complaint, grade_of

if TYPE_CHECKING:
    from endplate.plan.patient import Patient

NEWBORN = 1.0  # years: younger is an infant, told or not
AREAS = {
    "glabellar_lines": ("glabella",),
    "forehead_lines": ("forehead",),
    "lateral_canthal_lines": ("lateral_canthus",),
    "upper_facial_lines": ("glabella", "forehead", "lateral_canthus"),
}
"""Areas whose grade before treatment, in the patient's table, is a grade of the complaint."""


@dataclass(frozen=True)
class Facts:
    """One complaint of one person.

    Attributes:
        signs: those that are there: told, or said by the age, a condition or the complaint itself.
        absent: those that were looked for and not found; what is in neither is not told.
        told: whether the file says anything of signs.
        dated: how the beginning was reckoned, in words; "" where it is not told. late: a date that lies ahead.
        days: how long it lasts; None where that is not told.
        new: it came suddenly and since when is not told: taken as new.
        grades: by scale and state ("rest" or "contraction").
        conditions: ids of what the person has, and their groups; named: the ids, by the words of the file.
        unknown_conditions: words the vocabulary lacks.
        unjudged: red flags that are there and that no rule has used; empty until the rules were asked.
    """

    indication: Indication
    age: float
    pregnancy: bool
    conditions: frozenset[str]
    named: dict[str, tuple[str, ...]]
    unknown_conditions: tuple[str, ...]
    signs: frozenset[str]
    absent: frozenset[str]
    told: bool
    dated: str
    late: str
    days: float | None
    new: bool
    grades: dict[tuple[str, str], float]
    earlier: frozenset[tuple[str, str]]
    unjudged: frozenset[str] = frozenset()

    @property
    def red_flags(self) -> frozenset[str]:
        """The red flags that are there."""
        return frozenset(name for name in self.signs if signs()[name].red_flag)


def facts_of(patient: Patient, complaint: Complaint, today: dt.date) -> Facts:
    """The facts of a complaint that was checked on reading."""
    use = indication(complaint.indication)
    days = _days(complaint, today)
    known = {word: read_as(word, "condition") for word in patient.conditions}
    has = frozenset(name for found in known.values() for one in found for name in (one.id, *one.groups))
    has |= {"lactation"} if patient.lactation else set()
    found = _signs(complaint, use, has, patient.age)
    return Facts(
        indication=use,
        age=patient.age,
        pregnancy=bool(patient.pregnancy) or "pregnancy" in has,
        conditions=has,
        named={word: tuple(one.id for one in found) for word, found in known.items()},
        unknown_conditions=tuple(word for word, found in known.items() if not found),
        signs=found,
        absent=_absent(complaint, patient.age) - found,
        told=bool(complaint.signs or complaint.signs_absent),
        dated=_dated(complaint, today),
        late=_late(complaint, today),
        days=0.0 if days is None and "sudden_onset" in found else days,
        new=days is None and "sudden_onset" in found,
        grades=_grades(patient, complaint, use),
        earlier=frozenset((one.kind, one.response) for one in complaint.earlier),
    )


def _signs(complaint: Complaint, use: Indication, has: frozenset[str], age: float) -> frozenset[str]:
    """Signs that are there, whoever says it."""
    said = {
        one.id for one in signs().values() if use.id in one.complaints or not has.isdisjoint(one.conditions)
    }
    young = {"infant"} if age < NEWBORN else set()
    return frozenset({*complaint.signs, *said, *young} - {NO_SIGN})


def _absent(complaint: Complaint, age: float) -> frozenset[str]:
    """Signs that were looked for and not found, or that the age excludes; the merely untold are not among them."""
    if NO_SIGN in complaint.signs or OTHERS in complaint.signs_absent:
        return frozenset(signs())
    return frozenset({*complaint.signs_absent, *({"infant"} if age >= NEWBORN else set())})


def _dated(complaint: Complaint, today: dt.date) -> str:
    """`since 2026-11-20, asked 2026-11-23`, `for 2 days`."""
    if complaint.since is None:
        days = complaint.duration_days
        return "" if days is None else f"for {days:g} day{'' if days == 1 else 's'}"
    return f"since {complaint.since}, asked {complaint.asked or today}"


def _late(complaint: Complaint, today: dt.date) -> str:
    """A beginning after the day of the question, or a question after today: most likely a slip."""
    asked = complaint.asked or today
    if complaint.since is not None and complaint.since > asked:
        return f"It began after the day of the question ({complaint.since} after {asked}); taken as begun that day."
    if complaint.asked is not None and complaint.asked > today:
        return f"The day of the question lies ahead ({complaint.asked} after {today}); is the year right?"
    return ""


def _days(complaint: Complaint, today: dt.date) -> float | None:
    if complaint.since is None:
        return complaint.duration_days
    return float(max(0, ((complaint.asked or today) - complaint.since).days))


def _grades(patient: Patient, complaint: Complaint, use: Indication) -> dict[tuple[str, str], float]:
    """Grades of the complaint, then those of the patient's tables that speak of the same thing."""
    found: dict[tuple[str, str], float] = {}
    for one in complaint.severity:
        key = (scale(one.scale).id, one.state or "contraction")
        found[key] = max(grade_of(one), found.get(key, float("-inf")))
    for key, grade in _told_elsewhere(patient, use):
        if key not in found:
            found[key] = grade
    return found


def _told_elsewhere(patient: Patient, use: Indication) -> Iterator[tuple[tuple[str, str], float]]:
    for state in ("contraction", "rest"):
        graded = [
            grade
            for one in patient.baseline
            if one.area in AREAS.get(use.id, ()) and one.state == state and one.scale is None
            for grade in (one.investigator, one.subject)
            if grade is not None and grade <= scale("fws").high
        ]
        if graded:
            yield ("fws", state), float(max(graded))
    if use.id == "strabismus" and patient.squint:
        angle = max(abs(pd) for one in patient.squint for pd in (one.horizontal_pd, one.vertical_pd))
        yield ("prism_dioptres", "contraction"), angle


def meaning(sign: str) -> str:
    """A sign in words."""
    return signs()[sign].meaning
