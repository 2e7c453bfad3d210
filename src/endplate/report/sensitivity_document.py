"""A sensitivity analysis as published JSON (`endplate/sensitivity/1`), its schema, and as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from endplate.model.course import BAND_NOTE, BANNER
from endplate.model.export import _number as rounded
from endplate.model.schema import MAYBE, NUMBER, TEXT, _list, _object

if TYPE_CHECKING:
    from endplate.population.sensitivity_record import InputShare, Interval, QuantityShares, Sensitivity

SCHEMA = "endplate/sensitivity/1"
GRADE = {"enum": ["A", "B", "C", "D"]}
HEADINGS = (
    "quantity",
    "input",
    "grade",
    "source",
    "unit",
    "value",
    "low",
    "high",
    "total",
    "total_low",
    "total_high",
    "first",
    "first_low",
    "first_high",
    "name",
)


def to_json_dict(found: Sensitivity) -> dict[str, Any]:
    """The published form; numbers are rounded to six significant digits."""
    return {
        "schema": SCHEMA,
        "notice": BANNER,
        "band_note": BAND_NOTE,
        "title": found.plan_title,
        "muscle": found.muscle,
        "side": found.side,
        "quantity": found.quantity,
        "quantities": [_quantity(shares) for shares in found.quantities.values()],
        "never_weakened": rounded(found.never),
        "weak_on_the_last_day": rounded(found.longer),
        "days": found.days,
        "samples": found.samples,
        "evaluations": found.evaluations,
        "seed": found.seed,
        "versions": dict(found.versions),
        "limits": list(found.limits),
    }


def _quantity(shares: QuantityShares) -> dict[str, Any]:
    median, low, high = shares.drawn
    return {
        "quantity": shares.quantity,
        "meaning": shares.meaning,
        "unit": shares.unit,
        "median": rounded(median),
        "low": rounded(low),
        "high": rounded(high),
        "varies": shares.varies,
        "settled": shares.settled,
        "total_by_grade": {grades: _interval(share) for grades, share in shares.by_grade.items()},
        "inputs": [_input(row) for row in shares.inputs],
    }


def _input(row: InputShare) -> dict[str, Any]:
    prior = {
        name: None if value is None else rounded(value)
        for name, value in (("value", row.value), ("low", row.low), ("high", row.high))
    }
    return {
        "id": row.id,
        "name": row.name,
        "grade": row.grade,
        "source": row.source,
        "unit": row.unit,
        **prior,
        "total": _interval(row.total),
        "first": _interval(row.first),
    }


def _interval(share: Interval) -> dict[str, Any]:
    return dict(zip(("share", "low", "high"), (rounded(value) for value in share), strict=True))


def sensitivity_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `to_json_dict`."""
    share = _object({"share": NUMBER, "low": NUMBER, "high": NUMBER})
    row = _object(
        {
            "id": TEXT,
            "name": TEXT,
            "grade": GRADE,
            "source": TEXT,
            "unit": {"type": ["string", "null"]},
            "value": MAYBE,
            "low": MAYBE,
            "high": MAYBE,
            "total": share,
            "first": share,
        }
    )
    quantity = _object(
        {
            "quantity": TEXT,
            "meaning": TEXT,
            "unit": TEXT,
            "median": NUMBER,
            "low": NUMBER,
            "high": NUMBER,
            "varies": {"type": "boolean"},
            "settled": {"type": "boolean"},
            "total_by_grade": _object({"D": share, "CD": share}),
            "inputs": _list(row),
        }
    )
    whole = {"type": "integer"}
    body = _object(
        {
            "schema": {"const": SCHEMA},
            "notice": TEXT,
            "band_note": TEXT,
            "title": TEXT,
            "muscle": TEXT,
            "side": {"enum": ["left", "right", "midline"]},
            "quantity": TEXT,
            "quantities": _list(quantity),
            "never_weakened": NUMBER,
            "weak_on_the_last_day": NUMBER,
            "days": whole,
            "samples": whole,
            "evaluations": whole,
            "seed": whole,
            "versions": {"type": "object"},
            "limits": _list(TEXT),
        }
    )
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, "title": "endplate sensitivity", **body}


def to_csv(found: Sensitivity) -> str:
    """One line per quantity and input; shares with six decimals, an empty cell where there is no prior of its own."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADINGS)
    for shares in found.quantities.values():
        for row in shares.inputs:
            prior = ["" if v is None else f"{v:.6g}" for v in (row.value, row.low, row.high)]
            numbers = [f"{v:.6f}" for v in (*row.total, *row.first)]
            writer.writerow(
                [shares.quantity, row.id, row.grade, row.source, row.unit or "", *prior, *numbers, row.name]
            )
    return out.getvalue()
