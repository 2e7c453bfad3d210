"""Rules of this project beside the labels, and zones of the face. Their numbers are declared, and say so."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Flag, Grade, Id, Number, Record, Text
from endplate.catalogue.table import DATA


class HouseRule(Record):
    """What a plan is checked for although no label says it, or none with a number.

    Attributes:
        value, unit: the number it is measured by; None where there is none.
        grade: how well that number is known; D is declared.
        says, do: as in a label's rule.
    """

    id: Id
    severity: Literal["stop", "caution", "note", "outside evidence"]
    value: Number | None = None
    unit: Text | None = None
    grade: Grade = "D"
    says: Text
    do: str = ""
    source: Id
    checked: Flag
    note: str = ""


class Zone(Record):
    """A patch of skin that needles keep off, as a box along the skin about a landmark.

    Attributes:
        landmark: paired ones stand on each side. lateral_mm, up_mm: from the landmark, away from the midline and up.
        muscle: only needles aimed at these; empty: all. indication: only sessions for these. names: what lies there.
        alone: checked for every plan, whether a label names the zone or not.
    """

    id: Id
    name: Text
    landmark: Id
    lateral_mm: tuple[Number, Number]
    up_mm: tuple[Number, Number]
    muscle: tuple[Id, ...] = ()
    indication: tuple[Id, ...] = ()
    names: Text
    alone: Flag
    severity: Literal["caution", "note"] = "caution"
    says: Text
    do: str = ""
    grade: Grade
    source: Id
    checked: Flag
    note: str = ""


class MappedLandmark(Record):
    """A landmark of the average head: left of the midline or on it, mm in the head frame."""

    id: Id
    at_mm: tuple[Number, Number, Number]


@lru_cache(maxsize=1)
def landmark_map() -> dict[str, MappedLandmark]:
    """Where the landmarks lie on the average head, without building it."""
    return read_table(DATA / "landmark_map.toml", "landmark", MappedLandmark)


@lru_cache(maxsize=1)
def house_rules() -> dict[str, HouseRule]:
    """The project's own rules, by id."""
    return read_table(DATA / "house_rules.toml", "rule", HouseRule)


@lru_cache(maxsize=1)
def zones() -> dict[str, Zone]:
    """The zones, by id."""
    return read_table(DATA / "zones.toml", "zone", Zone)
