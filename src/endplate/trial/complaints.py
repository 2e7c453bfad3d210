"""One sentence for what a design's record refuses: where, what was found, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ValidationError

from endplate.errors import CatalogueError, EndplateError, PlanError
from endplate.plan.complaints import _bad_value, shown
from endplate.plan.lookup import products_mixed
from endplate.plan.place import clean
from endplate.plan.session import InjectionEntry, Reconstitution
from endplate.trial import records
from endplate.trial.errors import TrialError

PAGE = "docs/trial-file.md"
_RECORDS: dict[tuple[str, ...], type[BaseModel]] = {
    (): records.DesignEntry,
    ("arms",): records.ArmEntry,
    ("arms", "injections"): InjectionEntry,
    ("arms", "reconstitution"): Reconstitution,
    ("population",): records.Population,
    ("population", "sex"): records.SexMix,
    ("population", "age"): records.Ages,
    ("population", "baseline"): records.BaselineMix,
    ("population", "previously_treated"): records.Earlier,
    ("population", "operator"): records.Operators,
    ("endpoints",): records.EndpointEntry,
    ("durations",): records.DurationEntry,
    ("dropout",): records.Dropout,
    ("retreatment",): records.Retreatment,
    ("comparisons",): records.Comparison,
}
_LISTS = {
    "arms": "arm",
    "injections": "injection",
    "endpoints": "endpoint",
    "durations": "duration",
    "comparisons": "comparison",
}
_HINTS = {
    "arms": "Add a table [[arms]] with name, n and a pattern.",
    "visits": "Add `visits = [30, 90]` (days after the injection).",
    "n": "Add `n = 100` (people of this arm).",
    "name": 'Add `name = "active"`.',
    "min_days": "Add `min_days = 84`.",
}


def complaint(error: ValidationError) -> TrialError:
    """The first of pydantic's complaints as an error of the package, told with its place in the design."""
    # pydantic also calls a list too short when its items are refused: that says nothing to the reader
    details = [d for d in error.errors(include_url=False) if d["type"] != "too_short" or not d["input"]]
    first = details[0]
    place, field = where(first["loc"])
    found, allowed, remedy = _sentence(field, first)
    more = f"({len(details) - 1} more to correct.)" if len(details) > 1 else ""
    return TrialError(f"{place}: {found}" if place else found, allowed, f"{remedy} {more}")


def where(location: tuple[int | str, ...]) -> tuple[str, str]:
    """Place and field of a complaint.

    >>> where(("arms", 0, "injections", 2, "units"))
    ('arm 1, injection 3', 'units')
    """
    steps: list[str] = []
    for step in location:
        if isinstance(step, int) and steps:
            name = steps.pop()
            steps.append(f"{_LISTS.get(name, name)} {step + 1}")
        else:
            steps.append(clean(str(step)))
    return (", ".join(steps[:-1]), steps[-1]) if steps else ("", "the design")


def _sentence(field: str, detail: Any) -> tuple[str, str, str]:
    kind, value, location = detail["type"], detail["input"], detail["loc"]
    path = tuple(step for step in location[:-1] if isinstance(step, str))
    if kind == "missing":
        return f"{field} is missing.", "", _HINTS.get(field, f"Add `{field}`.")
    if kind == "extra_forbidden":
        return _unknown_key(field, path)
    if field in ("arms", "visits") and kind == "too_short":
        return f"there is no {field[:-1]}.", "", _HINTS[field]
    if field == "product" and kind == "string_type":
        said = products_mixed(f"product must be one name, found {shown(value)}.")
        return said.found, said.allowed, "Give each product an arm of its own."
    said = _bad_value(field, kind, value, detail.get("ctx", {}))
    return said.found, said.allowed, said.remedy.replace("docs/plan-file.md", PAGE)


def _unknown_key(key: str, path: tuple[str, ...]) -> tuple[str, str, str]:
    if key == "product" and path == ("arms", "injections"):
        said = products_mixed("an injection names a product; an arm has one for all its injections.")
        return said.found, said.allowed, "Give each product an arm of its own."
    # The keys of `baseline` are areas: the record that refused is found one step higher.
    record = _RECORDS.get(path) or _RECORDS.get(path[:-1])
    names = [info.alias or name for name, info in record.model_fields.items()] if record else []
    near = difflib.get_close_matches(key, names, n=2, cutoff=0.5)
    hint = "Did you mean " + " or ".join(f"`{name}`" for name in near) + "?" if near else ""
    return f"unknown key `{key}`.", hint, f"Keys here: {', '.join(names)}." if names else "Remove it."


@contextmanager
def at(place: str) -> Iterator[None]:
    """Put a place of the design in front of every error of the package; errors about plans become design errors."""
    try:
        yield
    except CatalogueError as error:
        raise CatalogueError(f"{place}: {error.found}", error.allowed, error.remedy) from None
    except EndplateError as error:
        raise TrialError(f"{place}: {error.found}", error.allowed, error.remedy) from None


@contextmanager
def as_design() -> Iterator[None]:
    """Errors of the shape of a file, which the plan's reader words for plans, in words for designs."""
    try:
        yield
    except PlanError as error:
        allowed, remedy = (
            text.replace("A plan", "A design").replace("Plans", "Designs").replace("plan file", "design file")
            for text in (error.allowed, error.remedy.replace("docs/plan-file.md", PAGE))
        )
        raise TrialError(
            error.found.replace("not that of a plan file", "not that of a design file"), allowed, remedy
        ) from None
