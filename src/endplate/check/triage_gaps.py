"""What was not told and would matter: questions that may be urgent, and what could therefore not be judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from endplate.catalogue.triage import URGENCIES, Rule, scales, triage_rules
from endplate.check.triage_facts import Facts, meaning

URGENT = URGENCIES[:2]
Answers = Mapping[str, tuple[str, tuple[str, ...]]]
"""Of each rule by id: whether it holds, and what is not told."""


def questions_of(answers: Answers, facts: Facts) -> tuple[str, ...]:
    """What to ask first: rules about this very complaint that would be urgent."""
    return tuple(
        dict.fromkeys(
            _question(rule, untold)
            for rule, untold in _untold(answers)
            if facts.indication.id in rule.when.indications and _urgent(rule)
        )
    )


def gaps_of(answers: Answers, facts: Facts, *, decided: bool) -> tuple[str, ...]:
    """What could not be judged.

    Args:
        decided: whether any rule gave a verdict.
    """
    return tuple(dict.fromkeys(_gaps(answers, facts, decided)))


def _gaps(answers: Answers, facts: Facts, decided: bool) -> Iterator[str]:
    own = [one for one in _untold(answers) if facts.indication.id in one[0].when.indications]
    if not decided:
        told = "cannot be said from what is told" if own else "is outside the evidence"
        yield f"Whether toxin suits {facts.indication.name} {told}."
    graded = {part for _, untold in own for part in untold if part.startswith("severity:")}
    if graded and not facts.grades:
        names = ", ".join(sorted(scales()[part.partition(":")[2]].name for part in graded))
        yield f"Severity is not told; it would be asked on: {names}."
    for name in sorted({scale for scale, _ in facts.grades} - _asked_scales(facts)):
        yield f"The grade on the {scales()[name].name} was not judged: no rule sets a limit on it here."
    if any("duration" in untold for _, untold in own):
        yield "Since when is not told (`since` or `duration_days`)."
    if facts.new:
        yield "Since when is not told; it came suddenly, so it is taken as new."
    if facts.signs is None:
        yield 'No signs are told, so no red flag is judged; write signs = "none" where none was found.'
    for word in facts.unknown_conditions:
        yield f"The condition `{word}` is not known and was not judged: is it written as people write it?"


def _asked_scales(facts: Facts) -> set[str]:
    """Scales that rules about this complaint ask for."""
    rules = triage_rules().values()
    return {one.when.scale for one in rules if one.when.scale and facts.indication.id in one.when.indications}


def _untold(answers: Answers) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    for rule in triage_rules().values():
        _, untold = answers[rule.id]
        if untold:
            yield rule, untold


def _urgent(rule: Rule) -> bool:
    return any(one.urgency in URGENT for one in rule.refer)


def _question(rule: Rule, untold: tuple[str, ...]) -> str:
    """`Did it begin within the last 3 days? If so, emergency now: emergency department (stroke first).`"""
    asked = [_asked(rule, part) for part in untold]
    one = next(one for one in rule.refer if one.urgency in URGENT)
    return f"{' And: '.join(asked)} If so, {one.urgency}: {one.to} ({one.why})."


def _asked(rule: Rule, part: str) -> str:
    kind, _, names = part.partition(":")
    if kind == "duration":
        days = rule.when.days_to
        return (
            f"Did it begin within the last {days:g} days?" if days is not None else "How long does it last?"
        )
    if kind == "severity":
        return f"How severe is it on the {scales()[names].name}?"
    words = [meaning(name) for name in names.split(",")]
    return f"Is this so: {', or '.join(words)}?"
