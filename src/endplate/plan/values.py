"""Value types of the plan records: strict numbers, clean text, dates between 1980 and 2100.

Strict means that nothing is converted in silence: text is never read as a number, a number never as a date,
a truth value never as a number. A whole number is a number (4 is 4.0).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictStr,
    StringConstraints,
    WithJsonSchema,
)

FIRST_YEAR, LAST_YEAR = 1980, 2100

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = _DATE + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?"


def _in_range(value: dt.date) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")


def _as_date(value: Any) -> Any:
    """A TOML date, or JSON text like 2026-03-01; a date with a time of day is refused."""
    if isinstance(value, str) and re.fullmatch(_DATE, value):
        value = dt.date.fromisoformat(value)
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise ValueError("must be a date like 2026-03-01")
    _in_range(value)
    return value


def _as_moment(value: Any) -> Any:
    """A TOML date with time, or JSON text like 2026-03-01T09:00:00 (an offset from UTC may follow)."""
    if isinstance(value, str) and re.fullmatch(_MOMENT, value):
        value = dt.datetime.fromisoformat(value)
    if not isinstance(value, dt.datetime):
        raise ValueError("must be a date with time like 2026-03-01T09:00:00")
    _in_range(value)
    return value


def _no_repeats(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError("must not name the same thing twice")
    return values


def _on_one_line(value: str) -> str:
    """Text for one line: what a terminal would obey, or what turns the order of letters, is refused.

    `isprintable` is false for control characters, for marks of direction (U+061C, U+200E, U+200F, U+202A to U+202E,
    U+2066 to U+2069) and other invisible ones, for half characters and for every space but the common one.
    """
    return _without(value, allowed="")


def _on_some_lines(value: str) -> str:
    """As `_on_one_line`, with new lines and tabs."""
    return _without(value, allowed="\n\t")


def _without(value: str, allowed: str) -> str:
    for letter in value:
        if not letter.isprintable() and letter not in allowed:
            raise ValueError(f"must not hold the invisible character U+{ord(letter):04X}")
    return value


def _one_or_several(value: Any) -> Any:
    """One name may be written without brackets."""
    return (value,) if isinstance(value, str) else value


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
Flag = StrictBool
Name = Annotated[StrictStr, StringConstraints(min_length=1, max_length=120), AfterValidator(_on_one_line)]
Text = Annotated[StrictStr, StringConstraints(min_length=1, max_length=4000), AfterValidator(_on_some_lines)]
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_one_or_several),
    AfterValidator(_no_repeats),
    Field(max_length=50),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}},
            ]
        }
    ),
]
Date = Annotated[
    dt.date,
    Field(strict=True),
    BeforeValidator(_as_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_DATE}$"}),
]
Moment = Annotated[
    dt.datetime,
    Field(strict=True),
    BeforeValidator(_as_moment),
    WithJsonSchema({"type": "string", "pattern": f"^{_MOMENT}$"}),
]
