"""What labels say: dated texts of one product in one place, as rules that a plan can be measured by.

A label is never edited: a later text is a new entry with its own date. What was not read is marked `checked = false`,
and whatever rests on it says so. One file for each product in `data/labels`.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Flag, Id, Number, Positive, Record, Text
from endplate.catalogue.table import DATA

FOLDER = DATA / "labels"

AmountKind = Literal[
    "dose",
    "side_dose",
    "muscle_dose",
    "site_dose",
    "per_kg_dose",
    "dose_max",
    "side_max",
    "muscle_max",
    "site_max",
    "per_kg_max",
    "side_per_kg_max",
    "period_max",
    "site_volume",
    "site_volume_max",
    "sites",
]
"""Amounts. `..._max` are stated maxima; the others are what the label gives, from `value` to `high`.

dose: all units of a session in the rule's muscles · side_dose: of one side · muscle_dose: of one muscle of one side ·
site_dose: of one needle · per_kg: units for each kilogram (of a session, or of `period`; side_per_kg_max: of one side)
· period_max: units within `period` · sites: number of needles.
"""
TimeKind = Literal["age_from", "age_below", "age_contraindicated", "interval_min"]
"""Ages in years (`age_below`: studied or approved below it) and the shortest time between sessions."""
PlaceKind = Literal["above_rim", "above_brow", "beyond_canthus", "apart_from", "keep_off"]
"""Where needles may go. above_rim, above_brow: least height, mm along the skin · beyond_canthus: distance temporal to
the outer canthus, from `value` to `high` mm · apart_from: least distance from the needles in `of` · keep_off: not into
or beside the zone named by `subject`."""
PersonKind = Literal["contraindication", "warning", "interaction"]
"""What stands against a treatment: `subject` is a condition, medicine or allergy, or a group of them."""
WordKind = Literal["boxed", "reminder", "together_with"]
"""Said with every plan it applies to; together_with: the rule's muscles only in a session that also treats `of`."""
RuleKind = Literal[AmountKind, TimeKind, PlaceKind, PersonKind, WordKind]
LIMITS: frozenset[str] = frozenset({*get_args(AmountKind), *get_args(TimeKind), *get_args(PlaceKind)})
"""Kinds that carry a number (keep_off may do without)."""

PLACES = ("us", "eu", "uk", "ca", "sg", "au")
"""Jurisdictions of which a label may be held."""

Unit = Literal["U", "U/kg", "mL", "mm", "years", "days", "weeks", "months", "sites"]
Date = date | Literal["unknown"]


class Says(Record):
    """What evidence says beyond a limit, in our own words.

    Attributes:
        where: told of amounts above the limit, or below it. up_to: and only up to this amount, in the rule's unit.
    """

    says: Text
    where: Literal["above", "below"] = "above"
    up_to: Positive | None = None
    source: Id
    checked: Flag


class Period(Record):
    """A stretch of time, as printed."""

    value: Positive
    unit: Literal["days", "weeks", "months"]


class Rule(Record):
    """One thing that a label says.

    Attributes:
        id: unique within its label.
        indication: uses it holds for; empty: all. together: holds only where all of them are planned at once.
            muscle: targets it counts; empty: all. of: see the kind.
        value, high, unit: the number as printed; `high` the upper end where a range is printed; values: where the label
            gives so many and nothing between them (bands of the platysma).
        when: "first" counts for people without an earlier session of the product, "repeat" for the others.
        from_age, to_age: years (from the first, below the second) it is meant for; from_kg, to_kg: the same for weight.
        says: what the label says, in our own words; do: what to do about it.
        beyond: what evidence says of what lies outside.
        elsewhere: the text in which it was read, where that is not this one: "Spanish leaflet", "text of 2019".
    """

    id: Id
    kind: RuleKind
    indication: tuple[Id, ...] = ()
    together: Flag = False
    muscle: tuple[Id, ...] = ()
    of: tuple[Id, ...] = ()
    subject: Id | None = None
    value: Number | None = None
    values: tuple[Number, ...] = ()
    high: Number | None = None
    unit: Unit | None = None
    period: Period | None = None
    when: Literal["first", "repeat"] | None = None
    from_age: Annotated[Number, Field(ge=0)] | None = None
    to_age: Annotated[Number, Field(ge=0)] | None = None
    from_kg: Positive | None = None
    to_kg: Positive | None = None
    says: Text
    do: str = ""
    beyond: tuple[Says, ...] = ()
    source: Id
    checked: Flag
    elsewhere: Text | None = None
    note: str = ""


class Use(Record):
    """An indication that a label holds, with the muscles (targets) it names; empty: it names none.

    Attributes:
        since: for a text without a date: the use was not approved there before this day.
    """

    indication: Id
    muscle: tuple[Id, ...] = ()
    since: date | None = None
    source: Id
    checked: Flag
    elsewhere: Text | None = None
    note: str = ""


class Label(Record):
    """One text of one brand in one place.

    Attributes:
        id: `<brand>.<jurisdiction>` and, where there are several, a word for the text.
        effective: first day of the text, or "unknown"; precision tells how much of the date was printed.
        not_before: for a text without a date: the brand was not approved there before this day.
        read_on: day on which the entry was written from what was read.
        whole: True when every section that the rules cover was read; missing says what was not.
    """

    id: Id
    product: Id
    brand: Text
    jurisdiction: Text
    effective: Date
    precision: Literal["day", "month", "year"] = "day"
    not_before: date | None = None
    read_on: date
    whole: Flag = False
    missing: Text | None = None
    source: Id
    checked: Flag
    note: str = ""
    use: tuple[Use, ...]
    rule: tuple[Rule, ...]

    @property
    def dated(self) -> str:
        """The date of the text as far as it is known.

        >>> date_words("unknown", "day", date(2026, 11, 22))
        'date unknown, read on 2026-11-22'
        """
        return date_words(self.effective, self.precision, self.read_on)


def date_words(effective: Date, precision: str, read_on: date) -> str:
    """A label's date in words: the day, month or year printed, or that none was."""
    if not isinstance(effective, date):
        return f"date unknown, read on {read_on.isoformat()}"
    return effective.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]


@lru_cache(maxsize=32)
def labels_of(product: str, folder: Path = FOLDER) -> tuple[Label, ...]:
    """All labels held of a product, in the order of its file; none for a product without one.

    Raises:
        CatalogueError: a broken file.
    """
    path = folder / f"{product}.toml"
    return tuple(read_table(path, "label", Label).values()) if path.is_file() else ()


def all_labels() -> dict[str, Label]:
    """Every label of every product, by id."""
    return {one.id: one for path in sorted(FOLDER.glob("*.toml")) for one in labels_of(path.stem)}


def in_force(product: str, jurisdiction: str, on: date) -> tuple[Label, ...]:
    """The labels of a product in a place on a day, one for each brand.

    Of several texts of a brand the latest dated one that has begun; if none has, the one whose date is unknown. A brand
    whose first text is later than the day has none.
    """
    brands: dict[str, list[Label]] = {}
    for label in labels_of(product):
        if label.jurisdiction == jurisdiction:
            brands.setdefault(label.brand, []).append(label)
    found = (_text_of_day(texts, on) for texts in brands.values())
    return tuple(label for label in found if label is not None)


def _text_of_day(texts: list[Label], on: date) -> Label | None:
    begun = [one for one in texts if isinstance(one.effective, date) and one.effective <= on]
    if begun:
        return max(begun, key=lambda one: (one.effective, one.id))
    undated = (one for one in texts if one.effective == "unknown")
    return next((one for one in undated if one.not_before is None or one.not_before <= on), None)


def rule_id(label: Label, rule: Rule) -> str:
    """The name by which a finding cites a rule and `endplate cite` finds it."""
    return f"{label.id}.{rule.id}"


def use_id(label: Label, use: Use) -> str:
    """The same for a use."""
    return f"{label.id}.use.{use.indication}"
