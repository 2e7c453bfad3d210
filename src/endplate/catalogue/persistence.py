"""Unwanted effects by name: in which of two lists each stands, when it begins, how long it lasts, what to do.

One entry an effect. `basis` says how its number is found: "mechanism" from the muscles the toxin reaches, "reported"
from counts of studies. Onset and duration are what a source says; where none was found the words are "not found".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Id, Record, Text
from endplate.catalogue.table import DATA, catalogue
from endplate.errors import CatalogueError, unknown_name

NOT_FOUND = "not found"
Day = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
#: What a person should do, in rising urgency: wait, mention it, call the doctor, get help at once.
Urgency = Literal["wait", "tell", "call", "at_once"]


class Effect(Record):
    """One unwanted effect.

    Attributes:
        plain: its name for the patient; `feels` says it in one short sentence.
        basis: which of the two lists it stands in.
        counted_as: effects of `adverse.toml` that count it, the nearest first; empty where no rate was found.
        label_terms: what labels call it (`label_effects.toml`).
        only_areas: where alone it is expected; empty means anywhere.
        onset, lasts: what the sources say, or "not found". `*_days` bound most cases, where days were printed;
            `*_median` is a printed median within them.
        lasts_areas: where alone `lasts` was seen; empty where the sources do not bind it to an area.
        plain_lasts: `lasts` for the patient, in `lasts_areas`.
        action: what to do, for the patient.
    """

    id: Id
    name: Text
    plain: Text
    feels: Text
    basis: Literal["mechanism", "reported"]
    counted_as: tuple[Id, ...] = ()
    label_terms: tuple[Text, ...] = ()
    only_areas: tuple[Id, ...] = ()
    onset: Text
    onset_days: tuple[Day, Day] | None = None
    onset_median: Day | None = None
    onset_sources: tuple[Id, ...] = ()
    lasts: Text
    lasts_days: tuple[Day, Day] | None = None
    lasts_median: Day | None = None
    lasts_sources: tuple[Id, ...] = ()
    lasts_areas: tuple[Id, ...] = ()
    plain_lasts: Text
    action: Text
    urgency: Urgency
    note: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source of the entry, once."""
        return tuple(dict.fromkeys((*self.onset_sources, *self.lasts_sources)))


class Label(Record):
    """A list of unwanted effects in one label, as it names them."""

    id: Id
    title: Text
    source: Id
    names: tuple[Text, ...]
    note: str = ""


@lru_cache(maxsize=1)
def effects() -> dict[str, Effect]:
    """All effects by id, in the order of `reported_effects.toml`.

    Raises:
        CatalogueError: an entry that breaks its record or a rule.
    """
    found = read_table(DATA / "reported_effects.toml", "effect", Effect)
    for one in found.values():
        check_effect(one)
    return found


def effect(name: str) -> Effect:
    """One effect; CatalogueError with the nearest names when there is none of this name."""
    if name not in effects():
        raise unknown_name("unwanted effect", name, effects(), "docs/catalogue.md")
    return effects()[name]


@lru_cache(maxsize=1)
def labels() -> dict[str, Label]:
    """What labels name, one list each, in the order of `label_effects.toml`."""
    found = read_table(DATA / "label_effects.toml", "label", Label)
    for one in found.values():
        catalogue().source(one.source)
    return found


def listed(basis: Literal["mechanism", "reported"]) -> tuple[Effect, ...]:
    """The effects of one of the two lists."""
    return tuple(one for one in effects().values() if one.basis == basis)


def check_effect(one: Effect) -> None:
    """Raises CatalogueError where an entry contradicts itself or the rest of the catalogue."""
    for name in one.sources:
        catalogue().source(name)
    known = {row.effect for row in catalogue().adverse.values()}
    areas = {row.area for row in catalogue().adverse.values()}
    faults = {
        "its onset has no source and does not say `not found`": _silent(one.onset, one.onset_sources),
        "its duration has no source and does not say `not found`": _silent(one.lasts, one.lasts_sources),
        "it counts an effect that adverse.toml does not hold": not set(one.counted_as) <= known,
        "its days do not ascend": any(d and d[0] > d[1] for d in (one.onset_days, one.lasts_days)),
        "it gives days without a source": bool(
            (one.onset_days and not one.onset_sources) or (one.lasts_days and not one.lasts_sources)
        ),
    }
    faults |= {
        "a median lies outside its days": _outside(one.onset_median, one.onset_days)
        or _outside(one.lasts_median, one.lasts_days),
        "its duration was seen in an area that adverse.toml does not hold": not set(one.lasts_areas) <= areas,
    }
    for fault, found in faults.items():
        if found:
            raise CatalogueError(f"reported_effects.toml, effect `{one.id}`: {fault}.")


def _silent(words: str, sources: tuple[str, ...]) -> bool:
    """Whether a statement and its sources do not go together."""
    return words.startswith(NOT_FOUND) == bool(sources)


def _outside(median: float | None, days: tuple[float, float] | None) -> bool:
    """Whether a median has no days around it."""
    return median is not None and (days is None or not days[0] <= median <= days[1])
