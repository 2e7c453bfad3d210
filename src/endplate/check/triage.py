"""Is toxin right for this complaint at all: verdict, reasons, who is asked first, what else there is. Never a dose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from endplate.catalogue import catalogue
from endplate.catalogue.indications import Indication
from endplate.catalogue.triage import (
    URGENCIES,
    VERDICTS,
    Alternative,
    Rule,
    Urgency,
    alternatives,
    triage_rules,
)
from endplate.check.triage_facts import Facts, facts_of, meaning
from endplate.check.triage_gaps import gaps_of, questions_of
from endplate.check.triage_holds import YES, holds
from endplate.check.triage_quoted import once, sources_of, unchecked_of
from endplate.check.triage_told import because_of, told_of

if TYPE_CHECKING:
    from endplate.catalogue.records import Source
    from endplate.plan.case import Case
    from endplate.plan.concern import Complaint
    from endplate.plan.records import Plan

CANNOT = "cannot be judged"
FALLS = (*VERDICTS[:3], CANNOT, *VERDICTS[3:])
"""Verdicts from the one that wins to the one that yields, with the one that no rule gives."""
POSSIBLE = ("suits", "may suit")
LIMITS = (
    "Triage never gives a dose, and it is no diagnosis.",
    "Signs that are not told are not judged, and not taken as absent.",
    "Medicines, allergies, labels and doses are judged by the check of a plan.",
    "Notes are not read.",
)


@dataclass(frozen=True)
class Advice:
    """Who should see the person, how soon, why, and by which rule."""

    to: str
    urgency: Urgency
    why: str
    rule: str


@dataclass(frozen=True)
class Judged:
    """What triage says of one complaint.

    Attributes:
        written: as the file names it. use: the entry of the catalogue it stands for, with its levels of evidence.
        told: what was taken into account, in words, red flags first; red_flags: their ids.
        reasons: the rules that fired, those that decide first; because: by rule, the facts on which it rests.
        first: what is done at once. avoid: what must not be done.
        others: what there is besides toxin. comfort: what makes the injection itself easier, if toxin is possible.
        questions: what to ask first, because the answer may be urgent. gaps: what could not be judged, and why.
    """

    written: str
    side: str | None
    use: Indication
    verdict: str
    told: tuple[str, ...]
    red_flags: tuple[str, ...]
    reasons: tuple[Rule, ...]
    because: dict[str, tuple[str, ...]]
    referrals: tuple[Advice, ...]
    first: tuple[str, ...]
    avoid: tuple[str, ...]
    others: tuple[Alternative, ...]
    comfort: tuple[Alternative, ...]
    questions: tuple[str, ...]
    gaps: tuple[str, ...]

    @property
    def urgency(self) -> Urgency | None:
        """Of the most urgent referral; None where nobody is asked."""
        return self.referrals[0].urgency if self.referrals else None


@dataclass(frozen=True)
class Triage:
    """What triage says of a case.

    Attributes:
        asked: the day of the question: today, or the last `asked` where every complaint tells its own.
        sessions_left_aside: how many sessions the file holds; triage does not look at them.
    """

    title: str
    asked: dt.date
    complaints: tuple[Judged, ...]
    sessions_left_aside: int

    @property
    def verdict(self) -> str:
        """The verdict that wins over all complaints."""
        return min((one.verdict for one in self.complaints), key=FALLS.index)

    @property
    def referrals(self) -> tuple[Advice, ...]:
        """Of all complaints, the most urgent first, none twice."""
        return _by_urgency(advice for one in self.complaints for advice in one.referrals)

    @property
    def emergency(self) -> bool:
        """Whether anything cannot wait at all."""
        return any(one.urgency == URGENCIES[0] for one in self.referrals)

    @property
    def first(self) -> tuple[str, ...]:
        """What is done at once."""
        return once(line for one in self.complaints for line in one.first)

    @property
    def avoid(self) -> tuple[str, ...]:
        """What must not be done."""
        return once(line for one in self.complaints for line in one.avoid)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Everything that the answer rests on, in the order of its appearance."""
        names = once(name for one in self.complaints for name in sources_of(one))
        return tuple(catalogue().source(name) for name in names)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Rules, alternatives and levels of evidence quoted from memory: to be verified."""
        return once(name for one in self.complaints for name in unchecked_of(one))


def triage(case: Case | Plan, today: dt.date | None = None) -> Triage:
    """Whether toxin suits each complaint of a case, what comes first, and what else there is.

    Args:
        today: for complaints that tell `since` but not the day of the question; the calendar's day unless given.
    """
    asked = today or dt.date.today()
    judged = tuple(_judged(case, one, asked) for one in case.complaint)
    own = [one.asked for one in case.complaint]
    day = max(day for day in own if day is not None) if all(own) else asked
    return Triage(case.title, day, judged, len(case.sessions))


def _judged(case: Case | Plan, complaint: Complaint, today: dt.date) -> Judged:
    facts = facts_of(case.patient, complaint, today)
    facts = replace(facts, unjudged=_unjudged(facts))
    answers = {rule.id: holds(rule.when, facts) for rule in triage_rules().values()}
    fired = sorted((rule for rule in triage_rules().values() if answers[rule.id][0] == YES), key=_rank)
    verdict = next((rule.verdict for rule in fired if rule.verdict), CANNOT)
    named = once(name for rule in fired for name in rule.alternatives)
    other = [alternatives()[name] for name in named]
    return Judged(
        written=complaint.indication,
        side=complaint.side,
        use=facts.indication,
        verdict=verdict,
        told=told_of(facts),
        red_flags=tuple(sorted(facts.red_flags)),
        because={rule.id: because_of(rule, facts) for rule in fired},
        reasons=tuple(fired),
        referrals=_by_urgency(
            Advice(one.to, one.urgency, _why(one.why, rule, facts), rule.id)
            for rule in fired
            for one in rule.refer
        ),
        first=once(line for rule in fired for line in rule.first),
        avoid=once(line for rule in fired for line in rule.avoid),
        others=tuple(one for one in other if one.kind != "comfort"),
        comfort=tuple(one for one in other if one.kind == "comfort" and _possible(verdict)),
        questions=questions_of(answers, facts),
        gaps=gaps_of(answers, facts, decided=verdict != CANNOT),
    )


def _unjudged(facts: Facts) -> frozenset[str]:
    """Red flags that are there and that no rule which fires has asked for."""
    fired = [rule for rule in triage_rules().values() if holds(rule.when, facts)[0] == YES]
    return facts.red_flags.difference(*(rule.when.signs for rule in fired))


def _why(why: str, rule: Rule, facts: Facts) -> str:
    """The reason of a referral; one for red flags without a rule of their own names them."""
    if not rule.when.unjudged_flag:
        return why
    return f"{why}: {'; '.join(meaning(name) for name in sorted(facts.unjudged))}"


def _possible(verdict: str) -> bool:
    return verdict in POSSIBLE


def _rank(rule: Rule) -> tuple[int, int]:
    """Rules that decide come first, among equals the more urgent ones."""
    urgency = min((URGENCIES.index(one.urgency) for one in rule.refer), default=len(URGENCIES))
    return (VERDICTS.index(rule.verdict) if rule.verdict else len(VERDICTS), urgency)


def _by_urgency(found: Iterable[Advice]) -> tuple[Advice, ...]:
    """The most urgent first; the same person for the same reason once."""
    kept: dict[tuple[str, str], Advice] = {}
    for one in sorted(found, key=lambda advice: URGENCIES.index(advice.urgency)):
        kept.setdefault((one.to, one.why), one)
    return tuple(kept.values())
