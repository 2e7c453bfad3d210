"""The JSON Schema of a course, `endplate/course/1`."""

from __future__ import annotations

from typing import Any

NUMBER = {"type": "number"}
MAYBE = {"type": ["number", "null"]}
TEXT = {"type": "string"}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _object(properties: dict[str, Any], *, more: bool = False) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": more,
    }


_SHARE = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
UNWANTED = _object(
    {
        "effect": TEXT,
        "side": {"enum": ["left", "right", "either", None]},
        "probability": _SHARE,
        "interval90": {"type": ["array", "null"], "items": NUMBER, "minItems": 2, "maxItems": 2},
        "onset_day": MAYBE,
        "resolution_day": MAYBE,
        "basis": {"enum": ["mechanism", "reported"]},
        "evidence": _object({"weakest_grade": {"enum": ["A", "B", "C", "D"]}, "prior_share": _SHARE}),
        "source": TEXT,
    },
    more=True,
)
"""One unwanted effect on one side; entries by mechanism and by report each say more of their own."""


def course_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `Course.to_json_dict`."""
    exposure = _object(
        {
            "median_over_threshold": NUMBER,
            "log10_edges": _list(NUMBER),
            "share": _list(NUMBER),
            "captured_units": {"type": "object", "additionalProperties": NUMBER},
            "share_by_site": {"type": "object", "additionalProperties": NUMBER},
        }
    )
    muscle = _object(
        {
            "muscle": TEXT,
            "side": {"enum": ["left", "right", "midline"]},
            "target": {"type": "boolean"},
            "grade": {"enum": ["A", "B", "C", "D"]},
            "prior_share": NUMBER,
            "force": _list(NUMBER),
            "force_low": _list(NUMBER),
            "force_median": _list(NUMBER),
            "force_high": _list(NUMBER),
            "cmap": _list(NUMBER),
            "cross_section": _list(NUMBER),
            "exposure": exposure,
            "metrics": {"type": "object", "additionalProperties": MAYBE},
        }
    )
    site = _object(
        {
            "id": TEXT,
            "session": {"type": "integer"},
            "muscle": TEXT,
            "side": {"enum": ["left", "right", "midline"]},
            "product": TEXT,
            "units": NUMBER,
            "volume_ml": NUMBER,
            "depth_mm": NUMBER,
            "skin_mm": _list(NUMBER),
            "tip_mm": _list(NUMBER),
            "grade": {"enum": ["A", "B", "C", "D"]},
        }
    )
    measure = _object(
        {
            "measure": TEXT,
            "side": {"enum": ["left", "right", "midline"]},
            "unit": {"enum": ["mm", "deg", "%", "1"]},
            "day": _list({"type": "integer"}),
            "value": _list(MAYBE),
            "low": _list(MAYBE),
            "high": _list(MAYBE),
        }
    )
    pairs = _list({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2})
    body = _object(
        {
            "schema": {"const": "endplate/course/1"},
            "notice": TEXT,
            "band_note": TEXT,
            "title": TEXT,
            "days": _list({"type": "integer"}),
            "muscles": _list(muscle),
            "sites": _list(site),
            "targets": pairs,
            "at_risk": pairs,
            "versions": {"type": "object"},
            "limits": _list(TEXT),
            "prior_share": NUMBER,
            "face": _list(measure),
        }
    )
    body["properties"]["unwanted"] = _list(UNWANTED)  # with `simulate --risk` alone
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "endplate course", **body}
