"""One sentence for what a record refuses: where, what was found, what is allowed, what to do."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from typing import Any

from pydantic import BaseModel, ValidationError

from endplate.errors import PlanError
from endplate.plan.concern import Complaint, Earlier, Severity
from endplate.plan.lookup import products_mixed
from endplate.plan.patient import Baseline, Palsy, Patient, Spasm, Squint, Synkinesis
from endplate.plan.place import clean
from endplate.plan.records import PlanEntry
from endplate.plan.session import InjectionEntry, Operator, Reconstitution, SessionEntry

_RECORDS: dict[tuple[str, ...], type[BaseModel]] = {
    (): PlanEntry,
    ("patient",): Patient,
    ("patient", "baseline"): Baseline,
    ("patient", "palsy"): Palsy,
    ("patient", "synkinesis"): Synkinesis,
    ("patient", "squint"): Squint,
    ("patient", "spasm"): Spasm,
    ("complaint",): Complaint,
    ("complaint", "severity"): Severity,
    ("complaint", "earlier"): Earlier,
    ("sessions",): SessionEntry,
    ("sessions", "reconstitution"): Reconstitution,
    ("sessions", "operator"): Operator,
    ("sessions", "injections"): InjectionEntry,
}
_LISTS = {"sessions": "session", "injections": "injection"}
_HINTS = {
    "patient": "Add a table [patient] with age and sex.",
    "sessions": "Add a table [[sessions]].",
    "indication": 'Add `indication = "glabellar_lines"` or what the person says.',
    "scale": 'Add `scale = "House-Brackmann"` or the name of another scale.',
    "age": "Add `age = 45` (years) under [patient].",
    "sex": 'Add `sex = "female"` or `sex = "male"` under [patient].',
    "date": "Add `date = 2026-03-01`.",
    "diluent_ml": "Add `diluent_ml = 2.5` (mL added to each vial).",
    "vial_units": "Add `vial_units = 100` (units in one vial).",
}
_TYPES = {
    "float_type": ("a number", "Write it without quotes, like 4.0."),
    "int_type": ("a whole number", "Write it without quotes, like 2."),
    "int_from_float": ("a whole number", "Write it without decimals, like 2."),
    "bool_type": ("true or false", "Write true or false without quotes."),
    "string_type": ("text", 'Write it in quotes, like "text".'),
    "string_unicode": ("proper Unicode text", "Remove the broken characters."),
    "tuple_type": ("a list", "Write it in brackets, like [1.0, 2.0]."),
    "model_type": ("a table", "Write it as a table with its keys."),
    "model_attributes_type": ("a table", "Write it as a table with its keys."),
    "finite_number": ("a finite number", "Write a number like 4.0."),
}
_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_LENGTHS = {"too_short", "too_long", "string_too_short", "string_too_long"}


def complaint(error: ValidationError) -> PlanError:
    """The first of pydantic's complaints as an error of the package, told with its place in the plan."""
    # pydantic also calls a list too short when its items are refused: that says nothing to the reader
    details = [
        one for one in error.errors(include_url=False) if one["type"] != "too_short" or not one["input"]
    ]
    first = details[0]
    place, field = where(first["loc"])
    said = _sentence(field, first, _record_path(first["loc"]))
    more = f"({len(details) - 1} more to correct.)" if len(details) > 1 else ""
    return PlanError(f"{place}: {said.found}" if place else said.found, said.allowed, f"{said.remedy} {more}")


def where(location: tuple[int | str, ...]) -> tuple[str, str]:
    """Place and field of a complaint.

    >>> where(("sessions", 0, "injections", 2, "units"))
    ('session 1, injection 3', 'units')
    """
    steps: list[str] = []
    for step in location:
        if isinstance(step, int) and steps:
            name = steps.pop()
            steps.append(f"{_LISTS.get(name, name)} {step + 1}")
        else:
            steps.append(clean(str(step)))
    if not steps:
        return "", "the plan"
    return ", ".join(steps[:-1]), steps[-1]


def shown(value: Any) -> str:
    """What stands in the file, in a few letters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'text "{clean(value, 40)}"' if value else "empty text"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else "a huge number"
    if isinstance(value, float):
        return f"{value:g}" if math.isfinite(value) else f"`{value}`"
    if isinstance(value, dt.date):
        return f"the date {value.isoformat()}"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return f"a {type(value).__name__}"


def _record_path(location: tuple[int | str, ...]) -> tuple[str, ...]:
    return tuple(step for step in location[:-1] if isinstance(step, str))


def _sentence(field: str, detail: Any, path: tuple[str, ...]) -> PlanError:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return PlanError(f"{field} is missing.", "", _HINTS.get(field, f"Add `{field}`."))
    if kind == "extra_forbidden":
        return _unknown_key(field, path)
    if field == "product" and kind == "string_type":
        return products_mixed(f"product must be one name, found {shown(value)}.")
    return _bad_value(field, kind, value, context)


def _bad_value(field: str, kind: str, value: Any, context: dict[str, Any]) -> PlanError:
    found = f"found {shown(value)}."
    if kind in _TYPES:
        wanted, remedy = _TYPES[kind]
        return PlanError(f"{field} must be {wanted}, {found}", "", remedy)
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return PlanError(f"{field} must be {words} {context[name]:g}, {found}", "", "Correct the number.")
    if kind == "literal_error":
        return PlanError(f"{field} must be {context['expected']}, {found}", "", "Write one of these words.")
    if kind in _LENGTHS:
        least, most = context.get("min_length"), context.get("max_length")
        bound = f"at least {least}" if least is not None else f"at most {most}"
        if field == "sessions" and least is not None:
            return PlanError("there is no session.", "", _HINTS["sessions"])
        return PlanError(f"{field} must have a length of {bound}, {found}", "", "Correct the length.")
    if kind == "value_error":
        return PlanError(f"{field} {context['error']}, {found}", "", "Correct it.")
    return PlanError(f"{field} cannot be read, {found}", "", "See docs/plan-file.md.")


def _unknown_key(key: str, path: tuple[str, ...]) -> PlanError:
    """A key that the record does not have. Totals and second products get their own words."""
    if key.startswith("total"):
        return products_mixed(f"`{key}` is no key of a plan: totals are worked out, for each product alone.")
    if key == "product" and path == ("sessions", "injections"):
        return products_mixed("an injection names a product; a session has one for all its injections.")
    record = _RECORDS.get(path)
    names = [info.alias or name for name, info in record.model_fields.items()] if record else []
    near = difflib.get_close_matches(key, names, n=2, cutoff=0.5)
    hint = "Did you mean " + " or ".join(f"`{name}`" for name in near) + "?" if near else ""
    remedy = "Keys here: " + ", ".join(names) + "." if names else "Remove it."
    return PlanError(f"unknown key `{key}`.", hint, remedy)
