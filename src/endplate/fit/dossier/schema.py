"""The JSON Schema of a dossier, `endplate/dossier/1`."""

from __future__ import annotations

from typing import Any

from endplate.fit.dossier.baselines import NAMES
from endplate.fit.dossier.summary import GROUPS, LEVELS
from endplate.model.schema import MAYBE, NUMBER, TEXT, _list, _object

SCHEMA = "endplate/dossier/1"
FIGURES = (
    "median_width",
    "floor_width",
    "width_ratio",
    "width_ratio_strict",
    "mean_error",
    "floor_error",
    "error_ratio",
    "error_ratio_strict",
    "mean_signed_error",
    "interval_score",
    "log_score",
)


def dossier_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `to_json_dict`."""
    whole, flag = {"type": "integer"}, {"type": "boolean"}
    maybe_flag = {"type": ["boolean", "null"]}
    pair = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
    guess = _object(
        {
            "predicted": NUMBER,
            "interval90": pair,
            "inside": flag,
            "error": NUMBER,
            "interval_score": NUMBER,
            "log_score": NUMBER,
        }
    )
    row = _object(
        {
            **dict.fromkeys(("id", "study", "arm", "product", "area", "endpoint", "family", "tag"), TEXT),
            "kind": {"enum": ["active", "placebo"]},
            "reads": {"enum": ["severity", "closing_force", "cross_section"]},
            "unit": {"enum": ["1", "weeks"]},
            "group": {"enum": ["a", "b", None]},
            **dict.fromkeys(("same_area", "fitted", "checked", "inside"), flag),
            "n": {"type": ["integer", "null"]},
            **dict.fromkeys(("units", "observed", "predicted", "width", "interval_score", "below"), NUMBER),
            **dict.fromkeys(("log_score", "floor_width", "floor_sd"), MAYBE),
            **dict.fromkeys(("day", "error_points", "error_weeks", "floor_points", "floor_weeks"), MAYBE),
            "interval90": pair,
            "floor_interval90": {"type": ["array", "null"], "items": NUMBER, "minItems": 2, "maxItems": 2},
            "in_sample": _object({"predicted": NUMBER, "interval90": pair, "inside": flag}),
            "baselines": {
                "type": "object",
                "properties": dict.fromkeys(NAMES, guess),
                "additionalProperties": False,
            },
        }
    )
    difference = _object({"mean": MAYBE, "low": MAYBE, "high": MAYBE})
    versus = _object(
        {
            "rows": whole,
            **dict.fromkeys(("coverage", "median_width", "mean_error", "interval_score", "log_score"), MAYBE),
            **{f"{name}_difference": difference for name in ("error", "interval_score", "log_score")},
        }
    )
    part = {
        "rows": whole,
        **dict.fromkeys(FIGURES, MAYBE),
        "baselines": _object(dict.fromkeys(NAMES, versus)),
    }
    group = _object(
        {
            "what": TEXT,
            "rows": whole,
            "studies": whole,
            "coverage": _object(
                {
                    "share": MAYBE,
                    "low": MAYBE,
                    "high": MAYBE,
                    "holds_nominal": maybe_flag,
                    "one_sided": maybe_flag,
                }
            ),
            "coverage_by_level": _object({f"{100 * level:g}": MAYBE for level in LEVELS}),
            "shares": _object(part),
            "medians": _object({**part, "largest_error": MAYBE}),
            "in_sample": _object({"coverage": MAYBE, "mean_error": MAYBE, "mean_error_weeks": MAYBE}),
        }
    )
    target = _object({"what": TEXT, "value": MAYBE, "target": TEXT, "met": maybe_flag})
    sd = ("logit_sd", "logit_sd_same_printed_day", "logit_sd_read_rows_alone", "ln_median_sd")
    floor = _object(
        {**dict.fromkeys(sd, NUMBER), "groups": _list(_list(TEXT)), "median_groups": _list(_list(TEXT))}
    )
    unpredicted = _object(
        {
            **dict.fromkeys(
                ("id", "study", "row", "kind", "use", "tag", "area", "what", "unit", "reason"), TEXT
            ),
            "value": MAYBE,
        }
    )
    baselines = _object(
        {
            "names": _list(TEXT),
            "conventional_units": {"type": "object", "additionalProperties": NUMBER},
            "endorsed": {"const": False},
        }
    )
    body = _object(
        {
            "schema": {"const": SCHEMA},
            "notice": TEXT,
            "note": TEXT,
            "stale": flag,
            "direct_stale": flag,
            "inputs": TEXT,
            "draws": whole,
            "summary": _object(dict.fromkeys(GROUPS, group)),
            "targets": _list(target),
            "floor": floor,
            "baselines": baselines,
            "rows": _list(row),
            "not_predicted": _list(unpredicted),
            "versions": {"type": "object"},
            "recipe": {"type": "object"},
        }
    )
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, "title": "endplate dossier", **body}
