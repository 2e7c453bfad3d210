"""A preparation as published JSON, `endplate/preparation/1`. Numbers are the decimals nearest to exact fractions."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from endplate.model.schema import MAYBE, NUMBER, TEXT, _list, _object
from endplate.report.findings import finding_schema

if TYPE_CHECKING:
    from endplate.check.finding import Finding
    from endplate.check.prepare_records import Fill, Lowest, Point, Preparation, Sheet, UseBy, Vials

SCHEMA = "endplate/preparation/1"
WHOLE = {"type": "integer"}
FLAG = {"type": "boolean"}
WORDS = _list(TEXT)
MAYBE_TEXT = {"type": ["string", "null"]}
SIDE = {"enum": ["left", "right", "midline"]}


def preparation_document(found: Preparation) -> dict[str, Any]:
    """The published form of a preparation."""
    largest = found.largest
    return {
        "schema": SCHEMA,
        "notice": found.banner,
        "title": found.title,
        "date": found.date.isoformat(),
        "order": found.order,
        "order_words": found.order_words,
        "patient": list(found.patient),
        "stopped": bool(found.stops),
        "findings": [_plain(one) for one in found.findings],
        "stops_by_the_marks": [_plain(one) for one in found.worse],
        "not_checked": found.not_checked,
        "remarks": list(found.remarks),
        "sheets": [_sheet(one) for one in found.sheets],
        "lowest_force": [_lowest(one) for one in found.lowest],
        "largest_difference": None if largest is None else _lowest(largest),
        "not_simulated": found.not_simulated,
        "left_aside": found.aside,
        "versions": dict(found.versions),
    }


def _plain(one: Finding) -> dict[str, Any]:
    """A finding in the types of JSON alone."""
    return json.loads(json.dumps(one.to_json_dict()))


def _sheet(one: Sheet) -> dict[str, Any]:
    return {
        "session": one.session,
        "product": one.product,
        "brand": one.brand,
        "brands": list(one.brands),
        "unit_name": one.unit_name,
        "date": one.date.isoformat(),
        "jurisdiction": one.jurisdiction,
        "dilution": _dilution(one),
        "syringe": {**one.syringe.model_dump(mode="json"), "chosen_by": "user" if one.chosen else "program"},
        "points": [_point(point) for point in one.points],
        "without_toxin": [_point(point) for point in one.plain],
        "fills": [_fill(fill) for fill in one.fills],
        "vials": _vials(one.vials),
        "use_by": None if one.use_by is None else _use_by(one.use_by),
        "storage_unopened": list(one.storage),
        "lot": one.lot,
        "expiry": None if one.expiry is None else one.expiry.isoformat(),
        "loud": list(one.loud),
        "notes": list(one.notes),
        "sources": list(one.sources),
    }


def _dilution(one: Sheet) -> dict[str, Any]:
    made = one.dilution
    return {
        "basis": made.basis,
        "vial_u": float(made.vial_u),
        "vial_ml": float(made.vial_ml),
        "diluent": made.diluent,
        "note": made.note,
        "use": made.use,
        "u_per_0_1_ml": float(made.u_per_0_1_ml),
        "u_per_0_1_ml_exact": str(made.u_per_0_1_ml),
        "source": made.source,
        "checked": made.checked,
    }


def _point(one: Point) -> dict[str, Any]:
    return {
        "id": one.id,
        "muscle": one.muscle,
        "side": one.side,
        "region": one.region,
        "where": one.where,
        "depth_mm": one.depth_mm,
        "layer": one.layer,
        **_numbers(one, "units", "volume_ml", "holds_u", "pushed_ml", "pushed_u"),
        "difference_u": float(one.difference_u) if one.units else 0.0,
        "difference_share": float(one.difference_share) if one.units else 0.0,
        "loud": one.loud,
        "syringe": one.syringe,
        **_numbers(one, "from_ml", "to_ml"),
    }


def _fill(one: Fill) -> dict[str, Any]:
    names = ("draw_to_ml", "ready_ml", "injected_ml", "dead_ml", "drawing_ml", "rest_ml", "taken_ml")
    return {"number": one.number, **_numbers(one, *names)}


VOLUMES = ("residue_ml", "taken_ml", "left_ml", "short_ml", "short_heeded_ml")
UNITS = (
    "prepared_u",
    "planned_u",
    "injected_u",
    "dead_u",
    "drawing_u",
    "rest_u",
    "left_u",
    "drawn_u",
    "wasted_u",
)


def _vials(one: Vials) -> dict[str, Any]:
    return {
        "needed": one.needed,
        "planned": one.planned,
        "opened": one.opened,
        "lacking": list(one.lacking),
        **_numbers(one, *VOLUMES, *UNITS, "total_share"),
    }


def _use_by(one: UseBy) -> dict[str, Any]:
    return {
        "hours": float(one.hours),
        "jurisdiction": one.jurisdiction,
        "own_jurisdiction": one.own,
        "keep": one.keep,
        "note": one.note,
        "dated": one.dated,
        "made": None if one.made is None else one.made.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
        "source": one.source,
        "checked": one.checked,
    }


def _lowest(one: Lowest) -> dict[str, Any]:
    return {
        "muscle": one.muscle,
        "side": one.side,
        "planned": round(one.planned, 6),
        "rounded": round(one.rounded, 6),
        "difference": round(one.difference, 6),
    }


def _numbers(record: Any, *names: str) -> dict[str, float]:
    """Exact fractions as the nearest numbers, under their own names."""
    found = {name: getattr(record, name) for name in names}
    return {name: float(value) for name, value in found.items() if isinstance(value, Fraction)}


def preparation_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `endplate prepare --json` prints."""
    lowest = _object(
        {"muscle": TEXT, "side": SIDE, **dict.fromkeys(("planned", "rounded", "difference"), NUMBER)}
    )
    body = {
        "schema": {"const": SCHEMA},
        "notice": TEXT,
        "title": TEXT,
        "date": TEXT,
        "order": {"enum": ["face", "plan"]},
        "order_words": TEXT,
        **dict.fromkeys(("patient", "remarks"), WORDS),
        "stopped": FLAG,
        **dict.fromkeys(("findings", "stops_by_the_marks"), _list(finding_schema())),
        "not_checked": TEXT,
        "sheets": {**_list(_sheet_schema()), "minItems": 1},
        "lowest_force": _list(lowest),
        "largest_difference": {"anyOf": [lowest, {"type": "null"}]},
        "not_simulated": TEXT,
        "left_aside": TEXT,
        "versions": {"type": "object"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "endplate preparation",
        **_object(body),
    }


def _sheet_schema() -> dict[str, Any]:
    point = _object(
        {
            **dict.fromkeys(("id", "muscle", "region", "where"), TEXT),
            "side": SIDE,
            "depth_mm": MAYBE,
            "layer": MAYBE_TEXT,
            **dict.fromkeys(("units", "volume_ml", "holds_u", "pushed_ml", "pushed_u"), NUMBER),
            **dict.fromkeys(("difference_u", "difference_share", "from_ml", "to_ml"), NUMBER),
            "loud": FLAG,
            "syringe": WHOLE,
        }
    )
    volumes = ("draw_to_ml", "ready_ml", "injected_ml", "dead_ml", "drawing_ml", "rest_ml", "taken_ml")
    vials = {
        **dict.fromkeys(("needed", "opened"), WHOLE),
        "planned": {"type": ["integer", "null"]},
        "lacking": WORDS,
    }
    use_by = _object(
        {
            "hours": NUMBER,
            **dict.fromkeys(("jurisdiction", "keep", "note", "dated", "source"), TEXT),
            **dict.fromkeys(("own_jurisdiction", "checked"), FLAG),
            **dict.fromkeys(("made", "until"), MAYBE_TEXT),
        }
    )
    return _object(
        {
            "session": WHOLE,
            **dict.fromkeys(("product", "brand", "unit_name", "date"), TEXT),
            **dict.fromkeys(("jurisdiction", "lot", "expiry"), MAYBE_TEXT),
            "dilution": _dilution_schema(),
            "syringe": {"type": "object", "required": ["id", "name", "capacity_ml", "mark_ml", "dead_ml"]},
            "points": _list(point),
            "without_toxin": _list(point),
            "fills": _list(_object({"number": WHOLE, **dict.fromkeys(volumes, NUMBER)})),
            "vials": _object({**vials, **dict.fromkeys((*VOLUMES, *UNITS, "total_share"), NUMBER)}),
            "use_by": {"anyOf": [use_by, {"type": "null"}]},
            **dict.fromkeys(("brands", "storage_unopened", "loud", "notes", "sources"), WORDS),
        }
    )


def _dilution_schema() -> dict[str, Any]:
    return _object(
        {
            "basis": {"enum": ["plan", "label", "liquid"]},
            **dict.fromkeys(("vial_u", "vial_ml", "u_per_0_1_ml"), NUMBER),
            **dict.fromkeys(("diluent", "note", "use", "u_per_0_1_ml_exact", "source"), TEXT),
            "checked": FLAG,
        }
    )
