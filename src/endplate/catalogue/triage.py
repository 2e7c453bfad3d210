"""Before a plan: scales, signs, rules by which toxin suits a complaint or not, and what else there is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from endplate.catalogue.conditions import conditions
from endplate.catalogue.indications import NOT_READ, indications, plain_word
from endplate.catalogue.loader import read_table
from endplate.catalogue.table import DATA, catalogue
from endplate.catalogue.triage_records import (
    URGENCIES,
    VERDICTS,
    Alternative,
    Referral,
    Rule,
    Scale,
    Sign,
    Urgency,
    When,
)
from endplate.errors import CatalogueError, unknown_name

__all__ = [
    "URGENCIES",
    "VERDICTS",
    "Alternative",
    "Referral",
    "Rule",
    "Scale",
    "Sign",
    "Urgency",
    "When",
    "alternatives",
    "scale",
    "scales",
    "signs",
    "sources_of_triage",
    "triage_rules",
]


@lru_cache(maxsize=1)
def scales() -> dict[str, Scale]:
    """All scales, by id."""
    return read_table(DATA / "triage_scales.toml", "scale", Scale)


@lru_cache(maxsize=1)
def signs() -> dict[str, Sign]:
    """The closed list of signs and features, by id."""
    return read_table(DATA / "triage_signs.toml", "sign", Sign)


@lru_cache(maxsize=1)
def alternatives() -> dict[str, Alternative]:
    """What there is besides toxin, by id."""
    return read_table(DATA / "triage_alternatives.toml", "alternative", Alternative)


@lru_cache(maxsize=1)
def triage_rules() -> dict[str, Rule]:
    """All rules, by id, in the order of `triage.toml`.

    Raises:
        CatalogueError: an entry that breaks its record or names what the catalogue does not hold.
    """
    found = read_table(DATA / "triage.toml", "rule", Rule)
    for fault in _faults(found):
        raise CatalogueError(f"triage: {fault}")
    return found


def scale(name: str) -> Scale:
    """A scale by id, name or word; CatalogueError with the nearest names when there is none."""
    known = {plain_word(word): one for one in scales().values() for word in (one.id, one.name, *one.words)}
    if plain_word(name) not in known:
        raise unknown_name("scale", name, [one.name for one in scales().values()], "docs/triage.md")
    return known[plain_word(name)]


def sources_of_triage() -> frozenset[str]:
    """Ids of all sources that rules, scales and alternatives cite."""
    tables = (triage_rules(), scales(), alternatives())
    found = {one.source for table in tables for one in table.values()}
    return frozenset(
        found.union(*(one.more_sources for one in (*triage_rules().values(), *alternatives().values())))
    )


def _conditions() -> frozenset[str]:
    """Ids and groups of the vocabulary of conditions."""
    known = [one for one in conditions().values() if one.kind == "condition"]
    return frozenset(name for one in known for name in (one.id, *one.groups))


def _faults(rules: dict[str, Rule]) -> Iterator[str]:
    cited = [*rules.values(), *scales().values(), *alternatives().values()]
    for one in cited:
        source = catalogue().source(one.source)
        if one.checked == (source.read in NOT_READ):
            yield f"{one.id}: checked = {one.checked}, but its source `{one.source}` is {source.read}."
    for sign in signs().values():
        lost = (
            {*sign.conditions} - _conditions(),
            {*sign.complaints} - {*indications()},
            {*sign.excludes} - {*signs()},
            {sign.scale} - {None, *scales()},
        )
        for name in (name for names in lost for name in names):
            yield f"the sign {sign.id} names `{name}`, which does not exist."
    used = {name for rule in rules.values() for name in rule.alternatives}
    for name in alternatives().keys() - used:
        yield f"no rule names the alternative `{name}`."
    for rule in rules.values():
        yield from _faults_of(rule)


def _faults_of(rule: Rule) -> Iterator[str]:
    when = rule.when
    asked = (*when.signs_any, *when.signs_also, *when.signs_all, *when.signs_none)
    for kind, names, known in (
        ("indication", (*when.indications, *when.not_indications), indications()),
        ("sign", asked, signs()),
        ("condition", (*when.conditions, *when.not_conditions), _conditions()),
        ("scale", (when.scale,) if when.scale else (), scales()),
        ("alternative", rule.alternatives, alternatives()),
        ("source", rule.more_sources, catalogue().sources),
    ):
        for name in names:
            if name not in known:
                yield f"{rule.id} names the {kind} `{name}`, which does not exist."
    graded = when.at_least is not None or when.at_most is not None
    if graded != (when.scale is not None):
        yield f"{rule.id}: a grade needs its scale, and a scale its grade."
    says = rule.verdict or rule.refer or rule.alternatives or rule.avoid or rule.first
    if not says and not when.signs:  # a rule may do no more than explain a sign that belongs to the complaint
        yield f"{rule.id} says nothing."
