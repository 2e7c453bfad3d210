"""Whether a rule of triage holds for a person: yes, no, or not told."""

from __future__ import annotations

from collections.abc import Iterator

from endplate.catalogue.triage import When
from endplate.check.triage_facts import Facts

YES, NO = "yes", "no"


def holds(when: When, facts: Facts) -> tuple[str, tuple[str, ...]]:
    """Whether all conditions hold: ("yes", ()), ("no", ()), or ("not told", what is not told).

    What is not told reads "severity:<scale>", "duration" or "signs:<sign>,<sign>".
    """
    untold: list[str] = []
    for answer in _answers(when, facts):
        if answer == NO:
            return NO, ()
        if answer != YES:
            untold.append(answer)
    return ("not told", tuple(untold)) if untold else (YES, ())


def _answers(when: When, facts: Facts) -> Iterator[str]:
    if when.unjudged_flag is not None:
        yield _yes(bool(facts.unjudged) == when.unjudged_flag)
    yield from _of_person(when, facts)
    if when.scale is not None:
        yield _graded(when, facts)
    if when.days_from is not None or when.days_to is not None:
        yield "duration" if facts.days is None else _within(facts.days, when.days_from, when.days_to)
    if when.days_untold is not None:
        yield _yes((facts.days is None) == when.days_untold)
    yield from _of_signs(when, facts)


def _of_person(when: When, facts: Facts) -> Iterator[str]:
    if when.indications:
        yield _yes(facts.indication.id in when.indications)
    if when.not_indications:
        yield _yes(facts.indication.id not in when.not_indications)
    if when.appearance is not None:
        yield _yes(facts.indication.appearance == when.appearance)
    if when.age_from is not None:
        yield _yes(facts.age >= when.age_from)
    if when.age_below is not None:
        yield _yes(facts.age < when.age_below)
    if when.conditions:
        yield _yes(not facts.conditions.isdisjoint(when.conditions))
    if when.not_conditions:
        yield _yes(facts.conditions.isdisjoint(when.not_conditions))
    if when.pregnancy is not None:
        yield _yes(facts.pregnancy == when.pregnancy)
    if when.earlier is not None:
        yield _yes(any(kind == when.earlier and said in when.response for kind, said in facts.earlier))


def _graded(when: When, facts: Facts) -> str:
    grade = facts.grades.get((str(when.scale), when.state or "contraction"))
    return f"severity:{when.scale}" if grade is None else _within(grade, when.at_least, when.at_most)


def _of_signs(when: When, facts: Facts) -> Iterator[str]:
    for asked, every in ((when.signs_any, False), (when.signs_also, False), (when.signs_all, True)):
        if asked:
            yield _there(asked, facts, every=every)
    # A sign that would calm is not there until it is told.
    yield _yes(facts.signs.isdisjoint(when.signs_none))


def _there(asked: tuple[str, ...], facts: Facts, *, every: bool) -> str:
    """Whether every sign, or one of them, is there: yes, no, or which ones are neither told nor denied."""
    if facts.signs.issuperset(asked) if every else not facts.signs.isdisjoint(asked):
        return YES
    if not facts.absent.isdisjoint(asked) if every else facts.absent.issuperset(asked):
        return NO
    return f"signs:{','.join(sign for sign in asked if sign not in facts.signs | facts.absent)}"


def _within(value: float, low: float | None, high: float | None) -> str:
    return _yes((low is None or value >= low) and (high is None or value <= high))


def _yes(true: bool) -> str:
    return YES if true else NO
