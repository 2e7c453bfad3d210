"""Unwanted effects that follow from toxin in a muscle: what counts as one, in which muscle, from which loss on."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Flag, Grade, Id, Record, Text
from endplate.catalogue.table import DATA, catalogue
from endplate.errors import CatalogueError, unknown_name

DECLARED = ("strap_muscles", "pharyngeal_constrictors")
"""Muscles that the atlas does not hold; their place is declared."""

UNIT = "unit"


class Mechanism(Record):
    """How one unwanted effect comes about (named and described under the same id in `persistence`).

    Attributes:
        definition: per patient, for one side or either, which loss; the engine looks for it on days 6 to 36.
        law: name of the function that turns forces into the index of the effect (`population.risk_laws`).
        unit: of that index. sides: whether left and right are told apart.
        levels: what may count as the effect, each with the parameter that says from which index on, or "unit" for an
            index of 1; "seen" is the level that a rate is compared with.
        muscles: what the law reads, of the atlas or one of `DECLARED`.
        source, grade, checked: of the definition and the law.
    """

    id: Id
    definition: Text
    law: Id
    unit: Literal["mm", "1"]
    sides: Flag
    levels: dict[Id, Id]
    muscles: tuple[Id, ...]
    source: Id
    grade: Grade
    checked: Flag
    note: Text


@lru_cache(maxsize=1)
def mechanisms() -> dict[str, Mechanism]:
    """All mechanisms, in the order of `effects.toml`.

    Raises:
        CatalogueError: an entry that breaks its record or names what the catalogue does not hold.
    """
    found = read_table(DATA / "effects.toml", "mechanism", Mechanism)
    for one in found.values():
        check_mechanism(one)
    return found


def mechanism(name: str) -> Mechanism:
    """One effect; CatalogueError with the nearest names when none is called so."""
    if name not in mechanisms():
        raise unknown_name("unwanted effect by mechanism", name, mechanisms(), "docs/unwanted-effects.md")
    return mechanisms()[name]


def check_mechanism(one: Mechanism) -> None:
    """Raises CatalogueError where an effect contradicts itself or the rest of the catalogue."""
    book = catalogue()
    book.source(one.source)
    for name in one.muscles:
        if name not in DECLARED:
            book.muscle(name)
    for name in one.levels.values():
        if name != UNIT:
            book.parameter(name)
    faults = {
        "it lacks the level `seen`": "seen" not in one.levels,
        "it reads no muscle": not one.muscles,
    }
    for fault, found in faults.items():
        if found:
            raise CatalogueError(f"effects.toml, mechanism `{one.id}`: {fault}.")
