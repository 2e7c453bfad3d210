"""From a design as a person wrote it to a checked one: names looked up, blanks filled."""

from __future__ import annotations

from typing import Any

from endplate.trial.areas import area, area_names
from endplate.trial.arms import arm_of
from endplate.trial.checks import (
    check_areas,
    check_comparison,
    check_days,
    check_earlier,
    check_names,
    check_population,
    check_size,
    check_twice,
)
from endplate.trial.complaints import at
from endplate.trial.design import NEAR_D, Asked, Design, Lasting, endpoint_record, near_visit
from endplate.trial.errors import TrialError
from endplate.trial.records import DesignEntry, DurationEntry, EndpointEntry


def resolve(entry: DesignEntry) -> Design:
    """The design with every name looked up.

    Raises:
        TrialError, CatalogueError: content that does not fit together.
    """
    check_days(entry)
    check_population(entry)
    arms = tuple(arm_of(number, one, entry) for number, one in enumerate(entry.arms, start=1))
    check_names(arms)
    asked = tuple(row for k, one in enumerate(entry.endpoints, 1) for row in _asked(k, one, entry))
    lasting = tuple(row for k, one in enumerate(entry.durations, 1) for row in _lasting(k, one, entry))
    check_twice(asked, "endpoints")
    check_twice(lasting, "durations")
    if not asked and not lasting:
        raise TrialError(
            "there is no endpoint.", "", "Add [[endpoints]] or [[durations]]: `endplate list endpoints`."
        )
    design = Design(entry, arms, asked, lasting)
    check_size(design)
    check_areas(design)
    check_earlier(design)
    for number, one in enumerate(entry.comparisons, start=1):
        with at(f"comparison {number}"):
            check_comparison(one, design)
    return design


def _asked(number: int, entry: EndpointEntry, design: DesignEntry) -> list[Asked]:
    with at(f"endpoint {number}"):
        record = endpoint_record(entry.id)
        if record.kind == "duration" or record.statistic == "median":
            raise TrialError(f"{record.id} is a duration.", "", "Put it under [[durations]].")
        if record.kind not in ("grade", "change", "onset"):
            raise TrialError(
                f"{record.id} is read from a muscle, not by raters.",
                "A trial has endpoints of raters.",
                "`endplate simulate` gives the force of every muscle.",
            )
        days = entry.days or design.visits
        for day in days:
            if day < 1:
                raise TrialError(f"day {day} is not after the injection.", "", "Give days from 1 on.")
        if len(set(days)) != len(days):
            raise TrialError("a day stands twice.", "", "Keep one of them.")
        return [Asked(record.id, name, tuple(sorted(days))) for name in _areas_of(entry, design, record)]


def _lasting(number: int, entry: DurationEntry, design: DesignEntry) -> list[Lasting]:
    with at(f"duration {number}"):
        record = endpoint_record(entry.id)
        timed = record.kind in ("duration", "onset") and record.statistic == "median"
        if not timed:
            raise TrialError(f"{record.id} is no duration.", "", "Put it under [[endpoints]].")
        day = record.among_day
        if day is not None and near_visit(design.visits, day) is None:
            raise TrialError(
                f"{record.id} is counted among people of day {day:g}; no visit lies within {NEAR_D} days of it.",
                "",
                f"Add {day:g} to `visits`.",
            )
        return [Lasting(record.id, name) for name in _areas_of(entry, design, record)]


def _areas_of(entry: EndpointEntry | DurationEntry, design: DesignEntry, record: Any) -> tuple[str, ...]:
    """The areas an endpoint is asked for: as written, else those that the design names and the endpoint applies to."""
    for name in entry.area:
        area(name)
        if name not in record.areas:
            raise TrialError(
                f"{record.id} is not defined for the area {name}.",
                f"Areas: {', '.join(record.areas)}.",
                "Change one.",
            )
    if entry.area:
        return entry.area
    written = [
        *(a for e in (*design.endpoints, *design.durations) for a in e.area),
        *design.population.baseline,
    ]
    named = tuple(name for name in area_names() if name in written and name in record.areas)
    if not named:
        raise TrialError(
            "no area is named.",
            f"{record.id} applies to {', '.join(record.areas)}.",
            'Add `area`, such as "glabella".',
        )
    return named
