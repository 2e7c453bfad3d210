"""What a case tells, said back in words, and on which of it a rule rests."""

from __future__ import annotations

from collections.abc import Iterator

from endplate.catalogue.triage import Rule, scales, signs
from endplate.check.triage_facts import Facts, meaning


def told_of(facts: Facts) -> tuple[str, ...]:
    """Everything that is taken into account for one complaint: red flags first."""
    return tuple(_told(facts))


def because_of(rule: Rule, facts: Facts) -> tuple[str, ...]:
    """The facts of this person on which a rule rests, in words; empty where it rests on the complaint alone."""
    return tuple(_because(rule, facts))


def _told(facts: Facts) -> Iterator[str]:
    flags = [name for name in signs() if name in facts.red_flags]
    for name in flags:
        yield f"RED FLAG: {meaning(name)} ({name})"
    yield f"age {facts.age:g}"
    yield f"complaint: {facts.indication.name}"
    yield facts.dated or "since when: not told"
    for (name, state), grade in facts.grades.items():
        yield f"{scales()[name].name}: {grade:g}, at {state}"
    for name in signs():
        if name in facts.signs and name not in flags:
            yield f"{meaning(name)} ({name})"
    if facts.absent.issuperset(set(signs()) - facts.signs):
        yield "every other sign of the list: looked for, not found"
    else:
        yield from (f"not found: {meaning(name)} ({name})" for name in signs() if name in _denied(facts))
    if facts.pregnancy:
        yield "pregnant"
    yield from (f"condition: {word}" for word in (*facts.named,))
    yield from (f"earlier: {kind}, {said}" for kind, said in sorted(facts.earlier))


def _denied(facts: Facts) -> frozenset[str]:
    """Signs that the file denies; that a grown person is no infant need not be said."""
    return facts.absent - {"infant"}


def _because(rule: Rule, facts: Facts) -> Iterator[str]:
    when = rule.when
    asked = facts.unjudged if when.unjudged_flag else when.signs & facts.signs
    yield from (name for name in signs() if name in asked)
    for word, names in facts.named.items():
        if not set(when.conditions).isdisjoint(names) or _grouped(rule, names):
            yield f"condition {word}"
    if when.days_from is not None or when.days_to is not None:
        yield "came suddenly" if facts.new else f"{facts.days:g} days"
    if when.days_untold:
        yield "since when is not told"
    if when.age_from is not None or when.age_below is not None:
        yield f"age {facts.age:g}"
    if when.scale is not None:
        grade = facts.grades[(when.scale, when.state or "contraction")]
        yield f"{scales()[when.scale].name} {grade:g}"
    if when.pregnancy:
        yield "pregnant"
    if when.earlier is not None:
        yield f"earlier {when.earlier}"


def _grouped(rule: Rule, names: tuple[str, ...]) -> bool:
    """Whether a rule asks for a group to which one of these conditions belongs."""
    from endplate.catalogue.conditions import conditions

    return any(not set(rule.when.conditions).isdisjoint(conditions()[name].groups) for name in names)
