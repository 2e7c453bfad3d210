"""The words for what a person has, takes and cannot bear: the vocabulary by which rules about people are asked."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Flag, Id, Record, Text
from endplate.catalogue.table import DATA

Kind = Literal["condition", "medicine", "allergy"]
SHORTEST = 4
"""Shorter words inside a sentence may be part of anything."""


class Condition(Record):
    """A condition, medicine or allergy.

    Attributes:
        words: how people write it besides id and name, lower case.
        groups: ids of groups it belongs to; a rule names an id or a group.
        asks: a question that it raises whatever the label says, such as what pyridostigmine is taken for.
    """

    id: Id
    kind: Kind
    name: Text
    words: tuple[Text, ...] = ()
    groups: tuple[Id, ...] = ()
    asks: str = ""
    note: str = ""
    source: Id
    checked: Flag


@lru_cache(maxsize=1)
def conditions() -> dict[str, Condition]:
    """The vocabulary, by id."""
    return read_table(DATA / "conditions.toml", "condition", Condition)


@lru_cache(maxsize=1)
def _by_word() -> dict[tuple[str, str], Condition]:
    return {
        (one.kind, _plain(word)): one
        for one in conditions().values()
        for word in (one.id, one.name, *one.words)
    }


def _plain(word: str) -> str:
    return " ".join(word.lower().replace("_", " ").replace("-", " ").replace("’", "'").split())


LEFT_OUT = re.compile(
    r"""\([^)]*\)|\b\d+([.,]\d+)?\s*(mg|mcg|ug|g|ml|iu|u|units?|%)\b(/\w+)?"""
    r"""|\b(h/o|hx of|history of|known|mild|moderate|severe|seropositive|seronegative|chronic"""
    r"""|iv|im|po|sc|oral|od|bd|tds|qds|daily|weekly|anaphylaxis to|allergic to|allergy to|allergy|on|to|\d{4})\b"""
)
"""Strengths, routes, times and turns of phrase around the word that is meant."""


def read_as(word: str, kind: Kind) -> tuple[Condition, ...]:
    """The entries that a person's words stand for; empty where none is known.

    As they are written, else without strength, route and turns of phrase, else every known word inside them.

    >>> [one.id for one in read_as("gentamicin 80 mg IV", "medicine")]
    ['gentamicin']
    """
    whole = meant_by(word, kind) or meant_by(LEFT_OUT.sub(" ", _plain(word)), kind)
    if whole is not None:
        return (whole,)
    text = f" {' '.join(re.findall(r'[a-z0-9]+', _plain(word)))} "
    inside = {
        known: one
        for (its_kind, known), one in _by_word().items()
        if its_kind == kind and len(known) >= SHORTEST and f" {known} " in text
    }
    longest = [
        word for word in inside if not any(word != other and f" {word} " in f" {other} " for other in inside)
    ]
    return tuple({inside[word].id: inside[word] for word in longest}.values())


def meant_by(word: str, kind: Kind) -> Condition | None:
    """The entry that a person's word stands for, or None where the vocabulary lacks it.

    >>> meant_by("Myasthenia gravis", "condition").id
    'myasthenia_gravis'
    """
    return _by_word().get((kind, _plain(word)))
