"""On what the answer to a complaint rests: its sources, and what of it was not read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from endplate.catalogue import catalogue

if TYPE_CHECKING:
    from endplate.check.triage import Judged


def once(lines: Iterable[str]) -> tuple[str, ...]:
    """Each line once, in the order of its first appearance."""
    return tuple(dict.fromkeys(lines))


def sources_of(one: Judged) -> Sequence[str]:
    """Ids of everything that the answer to one complaint rests on, in the order of its appearance."""
    found = [name for rule in one.reasons for name in (rule.source, *rule.more_sources)]
    found += [name for other in (*one.others, *one.comfort) for name in (other.source, *other.more_sources)]
    return [*found, *(level.source for level in one.use.evidence)]


def unchecked_of(one: Judged) -> Sequence[str]:
    """What of it was not read: rules, alternatives and levels of evidence."""
    found = [rule.id for rule in one.reasons if not rule.checked]
    found += [other.id for other in (*one.others, *one.comfort) if not other.checked]
    recalled = [level for level in one.use.evidence if catalogue().source(level.source).read == "recall"]
    return [*found, *(f"evidence of {one.use.id}" for _ in recalled)]
