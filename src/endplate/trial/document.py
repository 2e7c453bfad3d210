"""A trial's result as published JSON (`endplate/trial-result/1`), its schema, and as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from endplate.model.export import _number as rounded
from endplate.model.export import _numbers
from endplate.model.schema import MAYBE, NUMBER, TEXT, UNWANTED, _list, _object

if TYPE_CHECKING:
    from endplate.trial.power import Power
    from endplate.trial.result import ArmResult, Curve, Duration, Rate, TrialResult, Unwanted

SCHEMA = "endplate/trial-result/1"
BAND_NOTE = (
    "interval90: 5 % and 95 % points of the model's uncertainty. predictive90: the same of what an arm of n people may "
    "show, with the spread between studies and sampling."
)
HEADINGS = (
    "arm",
    "n",
    "kind",
    "name",
    "area",
    "day",
    "value",
    "interval90_low",
    "interval90_high",
    "predictive90_low",
    "predictive90_high",
    "unit",
    "basis",
)


def to_json_dict(result: TrialResult) -> dict[str, Any]:
    """The published form; numbers are rounded to six significant digits, null where a median lies beyond the visits."""
    return {
        "schema": SCHEMA,
        "notice": result.banner,
        "band_note": BAND_NOTE,
        "title": result.title,
        "arms": [_arm(arm) for arm in result.arms],
        "comparisons": [_power(one) for one in result.powers],
        "patients": result.patients,
        "draws": result.draws,
        "seed": result.seed,
        "failed": result.failed,
        "failures": [vars(one) for one in result.failures],
        "design": dict(result.design),
        "versions": dict(result.versions),
        "limits": list(result.limits),
    }


def _arm(arm: ArmResult) -> dict[str, Any]:
    return {
        "name": arm.name,
        "n": arm.n,
        "product": arm.product,
        "units": rounded(arm.units),
        "patients": arm.patients,
        "endpoints": [_rate(one) for one in arm.rates],
        "durations": [_duration(one) for one in arm.durations],
        "unwanted": [_unwanted(one) for one in arm.unwanted],
        "unsimulated": arm.unsimulated,
        "curves": [_curve(one) for one in arm.curves],
        "retreated": [{"day": day, "share": rounded(share)} for day, share in arm.retreated],
        "basis": {source: list(names) for source, names in arm.basis.items()},
    }


def _pair(pair: tuple[float | None, float | None]) -> list[float | None]:
    return [None if value is None else rounded(value) for value in pair]


def _rate(one: Rate) -> dict[str, Any]:
    return {
        "endpoint": one.endpoint,
        "area": one.area,
        "day": one.day,
        "rate": rounded(one.rate),
        "interval90": _pair(one.interval90),
        "predictive90": _pair(one.predictive90),
        "simulated": None if one.simulated is None else rounded(one.simulated),
    }


def _duration(one: Duration) -> dict[str, Any]:
    return {
        "definition": one.definition,
        "area": one.area,
        "median_weeks": None if one.median_weeks is None else rounded(one.median_weeks),
        "interval90": _pair(one.interval90),
        "reached": rounded(one.reached),
    }


def _unwanted(one: Unwanted) -> dict[str, Any]:
    """An entry as `endplate risk` prints one, with what a trial adds: area, people, and which effects are compared."""
    own = _reported(one) if one.record is None else one.record.to_json_dict()
    levels = {
        level: {
            "probability": other.probability,
            "interval90": other.interval90,
            "definition": other.definition,
        }
        for level, other in one.levels.items()
    }
    expected = (
        None
        if one.expected is None
        else {"people": one.expected.people, "interval90": one.expected.interval90}
    )
    added = {"area": one.area, "counts_as": one.counts_as, "mechanism": one.mechanism, "expected": expected}
    return _tidy({**own, **({"levels": levels} if one.record is not None else {}), **added})


def _reported(one: Unwanted) -> dict[str, Any]:
    return {
        "effect": one.effect,
        "side": None,
        "probability": one.probability,
        "interval90": one.interval90,
        "onset_day": None,
        "resolution_day": None,
        "basis": one.basis,
        "evidence": dict(one.evidence),
        "source": one.source,
        "note": one.note,
    }


def _tidy(value: Any) -> Any:
    """Numbers rounded, tuples as lists."""
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, dict):
        return {key: _tidy(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_tidy(inner) for inner in value]
    return value


def _curve(one: Curve) -> dict[str, Any]:
    return {
        "endpoint": one.endpoint,
        "area": one.area,
        "days": [int(day) for day in one.days],
        "rate": _numbers(one.rate),
        "low": _numbers(one.low),
        "high": _numbers(one.high),
    }


def _power(one: Power) -> dict[str, Any]:
    rule = one.comparison
    return {
        "arm": rule.arm,
        "against": rule.against,
        "endpoint": rule.endpoint,
        "area": one.area,
        "day": rule.day,
        "kind": rule.kind,
        "margin": rounded(rule.margin),
        "alpha": rounded(rule.alpha),
        "difference": rounded(one.difference),
        "interval90": _pair(one.difference90),
        "power": rounded(one.power),
        "assurance": rounded(one.assurance),
        "wanted": rounded(rule.power),
        "n": None if one.n is None else list(one.n),
        "n_assured": None if one.n_assured is None else list(one.n_assured),
    }


def trial_result_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `to_json_dict`."""
    whole, text_or_null = {"type": "integer"}, {"type": ["string", "null"]}
    pair = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
    open_pair = {"type": "array", "items": MAYBE, "minItems": 2, "maxItems": 2}
    sizes = {"type": ["array", "null"], "items": whole, "minItems": 2, "maxItems": 2}
    place = {"endpoint": TEXT, "area": TEXT}
    rate = {
        **place,
        "day": whole,
        "rate": NUMBER,
        "interval90": pair,
        "predictive90": pair,
        "simulated": MAYBE,
    }
    duration = {
        "definition": TEXT,
        "area": TEXT,
        "median_weeks": MAYBE,
        "interval90": open_pair,
        "reached": NUMBER,
    }
    expected = _object({"people": NUMBER, "interval90": {**pair, "items": whole}})
    unwanted = _object(
        {
            **UNWANTED["properties"],
            "area": text_or_null,
            "counts_as": text_or_null,
            "mechanism": {"type": "boolean"},
            "expected": {"anyOf": [expected, {"type": "null"}]},
        },
        more=True,
    )
    curve = {
        **place,
        "days": _list(whole),
        "rate": _list(NUMBER),
        "low": _list(NUMBER),
        "high": _list(NUMBER),
    }
    arm = _object(
        {
            "name": TEXT,
            "n": whole,
            "product": text_or_null,
            "units": NUMBER,
            "patients": whole,
            "endpoints": _list(_object(rate)),
            "durations": _list(_object(duration)),
            "unwanted": _list(unwanted),
            "unsimulated": text_or_null,
            "curves": _list(_object(curve)),
            "retreated": _list(_object({"day": whole, "share": NUMBER})),
            "basis": {"type": "object", "additionalProperties": _list(TEXT)},
        }
    )
    comparison = _object(
        {
            "arm": TEXT,
            "against": TEXT,
            **place,
            "day": whole,
            "kind": {"enum": ["superiority", "non_inferiority"]},
            "margin": NUMBER,
            "alpha": NUMBER,
            "difference": NUMBER,
            "interval90": pair,
            "power": NUMBER,
            "assurance": NUMBER,
            "wanted": NUMBER,
            "n": sizes,
            "n_assured": sizes,
        }
    )
    body = _object(
        {
            "schema": {"const": SCHEMA},
            "notice": TEXT,
            "band_note": TEXT,
            "title": TEXT,
            "arms": _list(arm),
            "comparisons": _list(comparison),
            "patients": whole,
            "draws": whole,
            "seed": whole,
            "failed": whole,
            "failures": _list(_object({"arm": TEXT, "draw": whole, "patient": whole, "reason": TEXT})),
            "design": {"type": "object"},
            "versions": {"type": "object"},
            "limits": _list(TEXT),
        }
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "endplate trial result",
        **body,
    }


def to_csv(result: TrialResult) -> str:
    """One line per arm and rate, median or unwanted effect; six decimals, an empty cell where there is no number."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADINGS)
    for arm in result.arms:
        head = (arm.name, arm.n)
        for one in arm.rates:
            numbers = _cells(one.rate, *one.interval90, *one.predictive90)
            writer.writerow([*head, "endpoint", one.endpoint, one.area, one.day, *numbers, "1", "simulated"])
        for lasts in arm.durations:
            numbers = _cells(lasts.median_weeks, *lasts.interval90, None, None)
            writer.writerow(
                [*head, "duration", lasts.definition, lasts.area, "", *numbers, "weeks", "simulated"]
            )
        for effect in arm.unwanted:
            shown = (None, None) if effect.expected is None else effect.expected.interval90
            numbers = _cells(
                effect.probability, *effect.interval90, *(v if v is None else v / arm.n for v in shown)
            )
            basis = f"{effect.basis}: {effect.note}"
            writer.writerow([*head, "unwanted", effect.effect, effect.area or "", "", *numbers, "1", basis])
    return out.getvalue()


def _cells(*values: float | None) -> list[str]:
    return ["" if value is None else f"{value:.6f}" for value in values]
