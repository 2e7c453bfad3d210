"""A dossier as published JSON (`endplate/dossier/1`; its schema stands in `schema.py`), and its rows as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from endplate.fit.dossier.baselines import CONVENTIONAL, NAMES
from endplate.fit.dossier.record import Direct, Dossier, Guess, Line, Unpredicted
from endplate.fit.dossier.schema import SCHEMA
from endplate.model.course import BANNER
from endplate.model.export import _number

NOTE = (
    "predicted and interval90 are without the row's own study; interval90 holds the uncertainty of the model, the "
    "spread between studies and sampling. Shares are 0 to 1, medians in weeks; errors of shares in points. floor: "
    "sampling and spread between studies alone. Rows that read no severity (reads: closing_force, cross_section) are "
    "predicted outside the fit and in no group; fitted: true there means that the number set a prior. Where n is null "
    "the interval holds no sampling."
)
CSV_FIELDS = (
    "id", "study", "product", "units", "area", "endpoint", "family", "day", "kind", "group", "fitted", "checked", "n",
    "unit", "observed", "predicted", "low", "high", "inside", "error", "floor_error", "width", "floor_width",
)  # fmt: skip


def to_json_dict(found: Dossier) -> dict[str, Any]:
    """The published form; numbers are rounded to six significant digits."""
    return {
        "schema": SCHEMA,
        "notice": BANNER,
        "note": NOTE,
        "stale": found.stale,
        "inputs": found.inputs,
        "draws": found.draws,
        "summary": _rounded(found.summary),
        "targets": [_rounded(target) for target in found.targets],
        "floor": _rounded(found.floor),
        "baselines": {"names": list(NAMES), "conventional_units": dict(CONVENTIONAL), "endorsed": False},
        "rows": [*(row_dict(line) for line in found.lines), *(direct_dict(row) for row in found.direct)],
        "direct_stale": found.direct_stale,
        "not_predicted": [_unpredicted(row) for row in found.unpredicted],
        "versions": dict(found.versions),
        "recipe": _rounded(found.recipe),
    }


def row_dict(line: Line) -> dict[str, Any]:
    """One predicted row."""
    points, weeks = (None, "weeks") if line.median else ("points", None)
    return {
        "id": line.id,
        "study": line.study,
        "arm": line.arm,
        "product": line.product,
        "units": _number(line.units),
        "area": line.area,
        "endpoint": line.endpoint,
        "family": line.family,
        "day": None if line.day is None else _number(line.day),
        "kind": line.kind,
        "reads": "severity",
        "group": line.group,
        "same_area": line.same_area,
        "fitted": line.fitted,
        "checked": line.checked,
        "tag": line.tag,
        "n": line.n,
        "unit": line.unit,
        "observed": _number(line.observed),
        "predicted": _number(line.predicted),
        "interval90": _pair(line.interval90),
        "inside": line.inside,
        "in_sample": {
            "predicted": _number(line.predicted_in_sample),
            "interval90": _pair(line.interval90_in_sample),
            "inside": line.inside_in_sample,
        },
        "error_points": _number(line.error) if points else None,
        "error_weeks": _number(line.error) if weeks else None,
        "floor_points": _number(line.floor_error) if points else None,
        "floor_weeks": _number(line.floor_error) if weeks else None,
        "width": _number(line.width),
        "floor_width": _number(line.floor_width),
        "floor_interval90": _pair(line.floor_interval90),
        "floor_sd": _number(line.spread),
        "interval_score": _number(line.interval_score),
        "log_score": _number(line.log_score),
        "below": _number(line.below),
        "baselines": {name: _guess(guess) for name, guess in line.baselines.items()},
    }


def direct_dict(row: Direct) -> dict[str, Any]:
    """One direct row with the keys of the others. No study is left out for it, so it is the same in sample."""
    same = ("id", "study", "arm", "product", "area", "endpoint", "family", "kind", "reads", "group", "fitted")
    seen = {"predicted": _number(row.predicted), "interval90": _pair(row.interval90), "inside": row.inside}
    numbers = ("units", "observed", "interval_score", "below", "width")
    maybe = ("day", "log_score", "floor_width", "floor_sd")
    return {
        **{name: getattr(row, name) for name in (*same, "checked", "tag", "n", "unit")},
        **{name: _number(getattr(row, name)) for name in numbers},
        **{name: _rounded(getattr(row, name)) for name in maybe},
        **seen,
        "same_area": False,
        "in_sample": seen,
        "error_points": _number(row.error),
        "error_weeks": None,
        "floor_points": _rounded(row.floor_error),
        "floor_weeks": None,
        "floor_interval90": None if row.floor is None else _pair(row.floor.interval),
        "baselines": {},
    }


def _guess(guess: Guess) -> dict[str, Any]:
    return _rounded(asdict(guess) | {"interval90": list(guess.interval90)})


def _unpredicted(row: Unpredicted) -> dict[str, Any]:
    return _rounded(asdict(row))


def _pair(pair: tuple[float, float]) -> list[float]:
    return [_number(pair[0]), _number(pair[1])]  # type: ignore[list-item]


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(inner) for inner in value]
    return _number(value) if isinstance(value, float) else value


def to_csv(found: Dossier) -> str:
    """One line per predicted row; errors and widths in points for shares, in weeks for medians."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_FIELDS)
    for line in (*found.lines, *found.direct):
        ends = {"low": line.interval90[0], "high": line.interval90[1]}
        cells = [ends[name] if name in ends else getattr(line, name) for name in CSV_FIELDS]
        writer.writerow(["" if cell is None else _cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
