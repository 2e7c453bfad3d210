"""The words for what a person has, takes and cannot bear: the vocabulary by which rules about people are asked."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Flag, Id, Record, Text
from endplate.catalogue.table import DATA

Kind = Literal["condition", "medicine", "allergy"]


class Condition(Record):
    """A condition, medicine or allergy.

    Attributes:
        words: how people write it besides id and name, lower case.
        groups: ids of groups it belongs to; a rule names an id or a group.
    """

    id: Id
    kind: Kind
    name: Text
    words: tuple[Text, ...] = ()
    groups: tuple[Id, ...] = ()
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


def meant_by(word: str, kind: Kind) -> Condition | None:
    """The entry that a person's word stands for, or None where the vocabulary lacks it.

    >>> meant_by("Myasthenia gravis", "condition").id
    'myasthenia_gravis'
    """
    return _by_word().get((kind, _plain(word)))
