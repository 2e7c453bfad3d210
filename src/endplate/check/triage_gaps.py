"""What was not told and would matter: questions that may be urgent, and what could therefore not be judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from endplate.catalogue.conditions import conditions
from endplate.catalogue.triage import URGENCIES, Rule, scales, signs, triage_rules
from endplate.check.triage_facts import Facts, meaning
from endplate.check.triage_holds import NO, YES

URGENT = URGENCIES[:2]
SAYS_NOTHING = frozenset({"none", "pregnancy"})
"""Conditions that no rule need ask for: there are none; pregnancy is a key of its own."""
Answers = Mapping[str, tuple[str, tuple[str, ...]]]
"""Of each rule by id: whether it holds, and what is not told."""


def questions_of(answers: Answers, facts: Facts) -> tuple[str, ...]:
    """What to ask first, the most urgent first; nothing where something is an emergency already."""
    if any(_urgency(rule) == URGENCIES[0] for rule in triage_rules().values() if answers[rule.id][0] == YES):
        return ()
    asked = [(rule, untold) for rule, untold in _untold(answers) if _urgent(rule)]
    near = [one for one in asked if _near(one[0], facts)]
    near.sort(key=lambda one: URGENCIES.index(_urgency(one[0])))
    return tuple(dict.fromkeys((*_at_large(asked), *(_question(rule, untold) for rule, untold in near))))


def gaps_of(answers: Answers, facts: Facts, *, decided: bool) -> tuple[str, ...]:
    """What could not be judged.

    Args:
        decided: whether any rule gave a verdict.
    """
    lines = (
        *_flags(facts),
        *_slips(facts),
        *_other_grades(facts),
        *_gaps(answers, facts, decided),
        *_known(answers, facts),
    )
    return tuple(dict.fromkeys(lines))


def _flags(facts: Facts) -> Iterator[str]:
    for name in sorted(facts.unjudged):
        yield f"Red flag told, no rule for it here: {name} ({meaning(name)})."
    if not facts.told:
        yield 'No signs are told, so no red flag is judged; write signs = "none" where none was found.'
        return
    left = [one.id for one in signs().values() if one.red_flag and one.id not in facts.signs | facts.absent]
    if left:
        remedy = 'what was looked for and not found belongs into signs_absent ("others": all others)'
        yield f"Red flags neither told nor denied: {', '.join(left)}; {remedy}."


def _slips(facts: Facts) -> Iterator[str]:
    """What cannot be true together. Rules that hold are not taken back: the worse one counts."""
    if facts.late:
        yield facts.late
    pairs = {
        tuple(sorted((one.id, other)))
        for one in signs().values()
        for other in one.excludes
        if one.id in facts.signs
    }
    for first, second in sorted(pairs):
        if second in facts.signs and first in facts.signs:
            told = f"{first} ({meaning(first)}) and {second} ({meaning(second)})"
            yield f"Does not fit together: {told}; the worse counts."


def _other_grades(facts: Facts) -> Iterator[str]:
    """Signs that say otherwise than a grade that is told."""
    for one in (signs()[name] for name in sorted(facts.signs)):
        for (name, _), grade in facts.grades.items():
            low = one.at_least is not None and grade < one.at_least
            high = one.at_most is not None and grade > one.at_most
            if name == one.scale and (low or high):
                told = f"{one.id} ({one.meaning}) and {scales()[name].name} {grade:g}"
                yield f"Does not fit together: {told}; the worse counts."


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


def _known(answers: Answers, facts: Facts) -> Iterator[str]:
    """Conditions that the vocabulary lacks, and those that it holds and no rule asked for."""
    for word in facts.unknown_conditions:
        yield f"The condition `{word}` is not known and was not judged: is it written as people write it?"
    asked = {
        name for rule in triage_rules().values() if answers[rule.id][0] != NO for name in rule.when.conditions
    }
    asked |= {name for one in signs().values() for name in one.conditions} | SAYS_NOTHING
    for word, names in facts.named.items():
        for name in names:
            if asked.isdisjoint((name, *conditions()[name].groups)):
                yield f"The condition `{word}` is known, but no rule of triage asks for it here."


def _asked_scales(facts: Facts) -> set[str]:
    """Scales that rules about this complaint ask for."""
    rules = triage_rules().values()
    return {one.when.scale for one in rules if one.when.scale and facts.indication.id in one.when.indications}


def _untold(answers: Answers) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    for rule in triage_rules().values():
        _, untold = answers[rule.id]
        if untold:
            yield rule, untold


def _urgency(rule: Rule) -> str:
    """The most urgent of its referrals."""
    return min((one.urgency for one in rule.refer), key=URGENCIES.index, default=URGENCIES[-1])


def _urgent(rule: Rule) -> bool:
    return _urgency(rule) in URGENT


def _near(rule: Rule, facts: Facts) -> bool:
    """Whether a rule is about this very complaint, a condition of this person, or partly holds already."""
    when = rule.when
    return (
        facts.indication.id in when.indications
        or bool(when.conditions)
        or (not when.indications and not facts.signs.isdisjoint(when.signs))
    )


def _at_large(asked: list[tuple[Rule, tuple[str, ...]]]) -> Iterator[str]:
    """One question for everything that would be an emergency whatever the complaint."""
    found: list[str] = []
    for rule, untold in asked:
        lone = not rule.when.indications and not rule.when.conditions and len(untold) == 1
        if lone and _urgency(rule) == URGENCIES[0] and untold[0].startswith("signs:"):
            enough_alone = (
                len(rule.when.signs_all) + bool(rule.when.signs_any) + bool(rule.when.signs_also) == 1
            )
            found += untold[0].partition(":")[2].split(",") if enough_alone else []
    if found:
        words = "; ".join(meaning(name) for name in dict.fromkeys(found))
        yield f"Is any of this so: {words}? If so, {URGENCIES[0]}: call an ambulance."


def _question(rule: Rule, untold: tuple[str, ...]) -> str:
    """`Did it begin within the last 3 days? If so, emergency now: emergency department (stroke first).`"""
    asked = [_asked(rule, part) for part in untold]
    one = min((one for one in rule.refer), key=lambda advice: URGENCIES.index(advice.urgency))
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
    joined = " and " if set(names.split(",")) <= set(rule.when.signs_all) else ", or "
    return f"Is this so: {joined.join(words)}?"
