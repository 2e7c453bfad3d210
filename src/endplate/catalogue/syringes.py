"""Syringes, and the few other facts that drawing up needs: what they hold, their marks, what stays behind."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Flag, Id, Positive, Record, Text
from endplate.catalogue.table import DATA, catalogue
from endplate.errors import CatalogueError, unknown_name

NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]


class Syringe(Record):
    """A syringe with the needle that injects.

    Attributes:
        capacity_ml, mark_ml: what it holds, and the volume between two marks.
        scale_per_ml: printed number at 1 mL: 100 on an insulin syringe, 1 on a scale in mL.
        needle: "fixed" draws up and injects; "changed": drawn up with one needle, injected with a fresh one.
        any_length: the needle is not named: one that reaches the depth is taken.
        dead_ml: stays in tip and needle at the end. drawing_ml: goes away with the drawing needle.
        priming_ml: leaves the barrel to fill the fresh needle (part of dead_ml at the end).
        source, checked: of size and marks; the other volumes have their own.
    """

    id: Id
    name: Text
    capacity_ml: Positive
    mark_ml: Positive
    scale_per_ml: Positive
    needle: Literal["fixed", "changed"]
    any_length: Flag = False
    source: Id
    checked: Flag
    dead_ml: NotNegative
    dead_source: Id
    dead_checked: Flag
    drawing_ml: NotNegative = 0.0
    drawing_source: Id | None = None
    drawing_checked: Flag = False
    priming_ml: NotNegative = 0.0
    priming_source: Id | None = None
    priming_checked: Flag = False
    note: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source of the entry, once."""
        named = (self.source, self.dead_source, self.drawing_source, self.priming_source)
        return tuple(dict.fromkeys(one for one in named if one))

    @property
    def read(self) -> bool:
        """Whether every figure of the entry was read at its source (or follows from such figures)."""
        return self.checked and self.dead_checked and (self.needle == "fixed" or self.drawing_checked)


class Fact(Record):
    """One thing that preparation takes from outside the plan: a number with its unit, or words.

    Attributes:
        jurisdictions, brands: of a vial: where, and under which names, it is known to be sold; empty: not read.
    """

    id: Id
    product: Id | None = None
    value: Positive | None = None
    unit: Text | None = None
    jurisdictions: tuple[Id, ...] = ()
    brands: tuple[Text, ...] = ()
    says: Text
    source: Id
    checked: Flag
    note: str = ""


def exact(number: float) -> Fraction:
    """The number that was written: the shortest decimal that reads back as this float, without any rounding.

    >>> exact(0.1) == Fraction(1, 10), exact(2.5) + exact(0.1) == exact(2.6)
    (True, True)
    """
    return Fraction(repr(float(number)))


@lru_cache(maxsize=1)
def syringes() -> dict[str, Syringe]:
    """All syringes by id, in the order of `syringes.toml`.

    Raises:
        CatalogueError: an entry that breaks its record or a rule.
    """
    found = read_table(DATA / "syringes.toml", "syringe", Syringe)
    for one in found.values():
        check_syringe(one)
    return found


def syringe(name: str) -> Syringe:
    """One syringe; CatalogueError with the nearest names where none is called so."""
    if name not in syringes():
        raise unknown_name("syringe", name, syringes(), "docs/preparation.md")
    return syringes()[name]


@lru_cache(maxsize=1)
def facts() -> dict[str, Fact]:
    """Everything in `preparation.toml`, by id."""
    found = read_table(DATA / "preparation.toml", "fact", Fact)
    for one in found.values():
        catalogue().source(one.source)
        if one.product is not None:
            catalogue().product(one.product)
        if (one.value is None) != (one.unit is None):
            raise CatalogueError(f"preparation.toml, fact `{one.id}`: a number and its unit go together.")
    return found


def number(name: str) -> Fraction:
    """The exact number of a fact."""
    value = facts()[name].value
    if value is None:
        raise CatalogueError(f"preparation.toml, fact `{name}` has no number.")
    return exact(value)


def check_syringe(one: Syringe) -> None:
    """Raises CatalogueError where an entry contradicts itself or names a source that is not held."""
    for name in one.sources:
        catalogue().source(name)
    faults = {
        "its capacity is no whole number of marks": exact(one.capacity_ml) % exact(one.mark_ml) != 0,
        "a fixed needle is of one length": one.needle == "fixed" and one.any_length,
        "a fixed needle is not changed": one.needle == "fixed" and (one.drawing_ml or one.priming_ml),
        "a volume has no source": bool(
            (one.drawing_ml and not one.drawing_source) or (one.priming_ml and not one.priming_source)
        ),
        "what fills the needle is part of what stays behind": one.priming_ml > one.dead_ml,
        "it holds nothing beyond its dead volume": one.capacity_ml <= one.dead_ml + one.priming_ml,
    }
    for fault, found in faults.items():
        if found:
            raise CatalogueError(f"syringes.toml, syringe `{one.id}`: {fault}.")
