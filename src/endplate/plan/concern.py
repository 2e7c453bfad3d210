"""What a person comes for: the complaint, how severe, since when, with which signs, and what was tried.

These are tables of a case (`case.py`); a plan may carry them too. Words and ranges of scales are data of the catalogue
(`catalogue.triage`); whether toxin suits is asked by `check.triage`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from endplate.catalogue.triage_records import Response, Tried
from endplate.errors import CatalogueError, PlanError, unknown_name
from endplate.plan.place import at, clean
from endplate.plan.values import Date, Name, Names, Text
from endplate.plan.words import GradeState, Side

NO_SIGN = "none"
"""Stands alone in `signs`: all were asked for, and there are none."""
OTHERS = "others"
"""Stands alone in `signs_absent`: all signs that are not told were asked for, and are not there."""


def _grade(value: Any) -> Any:
    """A finite number, or a grade as the scale writes it."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and abs(value) <= 1e6 and math.isfinite(value):
        return float(value)
    if isinstance(value, str) and 1 <= len(value) <= 12 and value.isprintable():
        return value
    raise ValueError('must be a number, or a grade such as "1+" or "IV"')


def _listed(value: Any) -> Any:
    """One table may be written without the brackets of a list."""
    return (value,) if isinstance(value, dict | BaseModel) else value


Grade = Annotated[
    float | str,
    BeforeValidator(_grade),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "minLength": 1, "maxLength": 12}]}),
]
Days = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=50_000)]


class Severity(BaseModel, frozen=True, extra="forbid"):
    """A grade on a named scale."""

    scale: Name = Field(description="name or id of the scale, docs/triage.md lists them")
    value: Grade = Field(description="a number, or the grade as the scale writes it")
    state: GradeState | None = Field(
        default=None, description="lines: graded at rest or at contraction; absent: contraction"
    )


class Earlier(BaseModel, frozen=True, extra="forbid"):
    """A treatment of the past and what came of it."""

    kind: Tried
    name: Name | None = None
    response: Response = "unknown"
    sessions: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None
    note: Text | None = None


class Complaint(BaseModel, frozen=True, extra="forbid"):
    """One thing that the person comes for."""

    indication: Name = Field(description="use or complaint, by id or by a common word")
    side: Side | None = None
    severity: Annotated[
        tuple[Severity, ...],
        BeforeValidator(_listed),
        Field(max_length=10),
    ] = ()
    since: Date | None = None
    asked: Date | None = Field(default=None, description="day of the question; absent: today")
    duration_days: Days | None = Field(default=None, description="in place of since")
    signs: Names = Field(default=(), description='words of a closed list; "none": looked for, none found')
    signs_absent: Names = Field(
        default=(),
        description='words of the same list that were looked for and not found; "others": all others',
    )
    earlier: Annotated[tuple[Earlier, ...], Field(max_length=50)] = ()
    note: Text | None = None


Complaints = Annotated[
    tuple[Complaint, ...],
    BeforeValidator(_listed),
    Field(max_length=20),
]


def check_complaints(complaints: Sequence[Complaint]) -> None:
    """Raise PlanError or CatalogueError on the first name, grade or date that does not fit."""
    for number, one in enumerate(complaints, start=1):
        with at(f"complaint {number}"):
            _check_complaint(one)
        for count, severity in enumerate(one.severity, start=1):
            with at(f"complaint {number}, severity {count}"):
                grade_of(severity)


def _check_complaint(one: Complaint) -> None:
    from endplate.catalogue.indications import indication

    indication(clean(one.indication))
    _check_signs(one.signs, NO_SIGN, "signs")
    _check_signs(one.signs_absent, OTHERS, "signs_absent")
    _check_denied(one)
    _check_dates(one)


def _check_signs(signs: Sequence[str], alone: str, key: str) -> None:
    """Raise on a word that the list lacks, and on the word that stands alone where it does not."""
    from endplate.catalogue.triage import signs as vocabulary

    for sign in signs:
        if sign != alone and sign not in vocabulary():
            stem = sign.casefold().replace("_", " ").rstrip("s")[:5]
            near = [
                one.id for one in vocabulary().values() if len(stem) > 3 and stem in one.meaning.casefold()
            ]
            if near:
                hint = f"Did you mean {' or '.join(f'`{name}`' for name in near[:6])}?"
                raise CatalogueError(f"Unknown sign `{clean(sign)}`.", hint, "All names: `docs/triage.md`.")
            raise unknown_name("sign", clean(sign), [*vocabulary(), alone], "docs/triage.md")
    if alone in signs and len(signs) > 1:
        raise PlanError(
            f'{key} holds "{alone}" beside others.', "It stands alone.", "Leave out one or the other."
        )


def _check_denied(one: Complaint) -> None:
    for sign in one.signs:
        if sign in one.signs_absent:
            raise PlanError(
                f"the sign {sign} stands in signs and in signs_absent.", "It is there or not.", "Keep one."
            )
    if NO_SIGN in one.signs and one.signs_absent:
        raise PlanError(
            'signs is "none", and signs_absent is told.',
            '"none" denies every sign.',
            "Leave out signs_absent.",
        )


def _check_dates(one: Complaint) -> None:
    if one.since is not None and one.duration_days is not None:
        raise PlanError("since and duration_days are both given.", "One tells the other.", "Keep one.")
    if one.since is not None and one.asked is not None and one.asked < one.since:
        raise PlanError(
            f"asked ({one.asked}) lies before since ({one.since}).", "", "Correct one of the dates."
        )


def grade_of(severity: Severity) -> float:
    """The grade as a number on its scale.

    Raises:
        CatalogueError: no such scale. PlanError: no grade of it.
    """
    from endplate.catalogue.triage import scale

    return scale(clean(severity.scale)).number(severity.value)
