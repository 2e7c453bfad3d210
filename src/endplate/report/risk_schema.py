"""JSON Schemas of the answers about risk."""

from __future__ import annotations

from typing import Any

from endplate.model.schema import MAYBE, NUMBER, TEXT, UNWANTED, _list, _object
from endplate.report.findings import finding_schema
from endplate.report.risk_document import SCHEMAS

WHOLE = {"type": "integer"}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
INTERVAL = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
SIDE = {"enum": ["left", "right", "midline", "either"]}
GRADE = {"enum": ["A", "B", "C", "D"]}


def answer_schema(kind: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `endplate risk|why|replay|compare --json` print."""
    body = {"risk": _risk, "why": _why, "replay": _replay, "compare": _compare}[kind]()
    head = {
        "schema": {"const": SCHEMAS[kind]},
        "notice": TEXT,
        "title": TEXT,
        "versions": {"type": "object"},
        "limits": _list(TEXT),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"endplate {kind}",
        **_object({**head, **body}),
    }


def _risk() -> dict[str, Any]:
    return {"unwanted": _list(UNWANTED)}


def _why() -> dict[str, Any]:
    part = _object(
        {
            "site": TEXT,
            "target": TEXT,
            "side": SIDE,
            "units": NUMBER,
            "product": TEXT,
            "share": SHARE,
            "distance_mm": MAYBE,
        }
    )
    driver = _object(
        {
            "parameter": TEXT,
            "name": TEXT,
            "share": NUMBER,
            "basis": {"enum": ["posterior", "calibrated", "prior", "held"]},
            "grade": GRADE,
            "source": TEXT,
        }
    )
    kind = {"enum": ["move", "depth", "volume", "units", "leave out"]}
    step = {"site": TEXT, "kind": kind, "words": TEXT, "side": SIDE}
    risks = {"risk_before": SHARE, "risk_after": SHARE}
    pair = {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}
    forces = {"target": pair, "force_before": SHARE, "force_after": SHARE}
    amount = {"amount": NUMBER, "unit": {"enum": ["mm", "mL", "U"]}}
    halving, short = _object({**step, **amount, **risks, **forces}), _object({**step, **amount, **risks})
    change = _object(
        {
            "site": TEXT,
            "side": SIDE,
            "halving": _list(halving),
            "not_halving": _list(short),
            "without": {"anyOf": [halving, short, {"type": "null"}]},
            "tried": _list(TEXT),
        }
    )
    return {
        "effect": TEXT,
        "side": SIDE,
        "level": TEXT,
        "risk": UNWANTED,
        "carried": _list(_object({"muscle": TEXT, "side": SIDE, "share": SHARE})),
        "contributions": _list(part),
        "slipped": SHARE,
        "ran_off": SHARE,
        "drivers": _list(driver),
        "change": {"anyOf": [change, {"type": "null"}]},
    }


def _replay() -> dict[str, Any]:
    effect = _object({"effect": TEXT, "count": WHOLE, "faces": WHOLE, "share": SHARE, "interval90": INTERVAL})
    target = _object(
        {
            "muscle": TEXT,
            "side": SIDE,
            "force_median": SHARE,
            "force_low": SHARE,
            "force_high": SHARE,
            "force": _list(SHARE),
        }
    )
    return {
        "faces": WHOLE,
        "replaced": WHOLE,
        "slipped": WHOLE,
        "effects": _list(effect),
        "targets": _list(target),
    }


def _compare() -> dict[str, Any]:
    three = _object({"median": MAYBE, "low": MAYBE, "high": MAYBE})
    own = _object({"plan": TEXT, "aimed": {"type": "boolean"}, "nadir": three, "duration_days": three})
    units = {"type": "object", "additionalProperties": NUMBER}
    plan = _object(
        {
            "plan": TEXT,
            "title": TEXT,
            "units": units,
            "findings": _list(finding_schema()),
            "unwanted": _list(UNWANTED),
        }
    )
    difference = _object(
        {
            "effect": TEXT,
            "plan": TEXT,
            "less": TEXT,
            "difference": NUMBER,
            "interval90": INTERVAL,
            "mc_error": NUMBER,
            "lower_in": SHARE,
        }
    )
    return {
        "plans": {**_list(plan), "minItems": 2, "maxItems": 5},
        "targets": _list(_object({"muscle": TEXT, "side": SIDE, "by_plan": _list(own)})),
        "differences": _list(difference),
    }
