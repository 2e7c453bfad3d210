"""Answers about risk as published JSON: `endplate/risk/1`, `cause/1`, `replay/1`, `comparison/1`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from endplate.model.course import BANNER
from endplate.model.export import _number as rounded
from endplate.report.published import Published, as_json

if TYPE_CHECKING:
    from endplate.assess.differences import Compared, Comparison
    from endplate.assess.reasons import Why
    from endplate.assess.relief import Relief
    from endplate.assess.risks import Assessment, PlanRisk
    from endplate.population.replayed import Replay

SCHEMAS = {
    "risk": "endplate/risk/1",
    "why": "endplate/cause/1",
    "replay": "endplate/replay/1",
    "compare": "endplate/comparison/1",
}


def tidy(value: Any) -> Any:
    """Numbers rounded to six significant digits, NaN as null, tuples as lists; the rest as it is."""
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, Mapping):
        return {key: tidy(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [tidy(inner) for inner in value]
    return value


def unwanted_of(risk: PlanRisk, published: Published | None = None) -> list[dict[str, Any]]:
    """`unwanted`: every effect once a side, by mechanism first, then those by report, once each.

    Other definitions of an effect stand in `levels` of its entry, its published rate (per patient) in `published` of
    the entry of either side; null there where none was found.
    """
    found = []
    for one in risk.mechanism.unwanted:
        if one.level != "seen":
            continue
        levels = {
            other.level: {
                "probability": other.probability,
                "interval90": other.interval90,
                "definition": other.definition,
            }
            for other in risk.others(one)
        }
        counted = {"published": as_json(published, one.effect)} if published is not None else {}
        found.append(
            tidy({**one.to_json_dict(), "levels": levels, **(counted if one.side == "either" else {})})
        )
    for product, record in risk.reported:
        found.append(tidy({**record.to_json_dict(), "product": product}))
    return found


def risk_document(risk: PlanRisk, published: Published | None = None) -> dict[str, Any]:
    """`endplate/risk/1`."""
    head = _head("risk", risk.plan_title, risk.versions, risk.limits)
    return {**head, "unwanted": unwanted_of(risk, published)}


def assessment_document(found: Assessment, published: Published | None = None) -> dict[str, Any]:
    """The course with `unwanted`; what the risk leaves out joins the limits."""
    course = found.course.to_json_dict()
    limits = [*course["limits"], *(limit for limit in found.risk.limits if limit not in course["limits"])]
    findings = [one.to_json_dict() for one in found.findings]
    return {**course, "limits": limits, "unwanted": unwanted_of(found.risk, published), "findings": findings}


def why_document(found: Why, versions: Mapping[str, Any]) -> dict[str, Any]:
    """`endplate/cause/1`."""
    cause = found.cause
    return {
        **_head(
            "why", cause.plan_title, {**versions, "faces": cause.faces, "seed": cause.seed}, cause.limits
        ),
        "effect": cause.effect,
        "side": cause.side,
        "level": cause.level,
        "risk": tidy(cause.unwanted.to_json_dict()),
        "carried": [
            {"muscle": muscle, "side": side, "share": rounded(share)}
            for (muscle, side), share in cause.carried.items()
        ],
        "contributions": [tidy(vars(part)) for part in cause.parts],
        "slipped": rounded(cause.slipped),
        "ran_off": rounded(cause.ran_off),
        "drivers": [tidy(vars(driver)) for driver in cause.drivers],
        "change": None if found.relief is None else _relief(found.relief),
    }


def _relief(relief: Relief) -> dict[str, Any]:
    return {
        "site": relief.site,
        "side": relief.side,
        "halving": [tidy(vars(change)) for change in relief.changes],
        "not_halving": [tidy(vars(most)) for most in relief.short],
        "without": None if relief.without is None else tidy(vars(relief.without)),
        "tried": list(relief.tried),
    }


def replay_document(found: Replay, versions: Mapping[str, Any]) -> dict[str, Any]:
    """`endplate/replay/1`."""
    return {
        **_head(
            "replay", found.plan_title, {**versions, "faces": found.faces, "seed": found.seed}, found.limits
        ),
        "faces": found.faces,
        "replaced": found.replaced,
        "slipped": int(found.slipped.sum()),
        "effects": [
            {
                "effect": one.effect,
                "count": one.count,
                "faces": one.faces,
                "share": rounded(one.share),
                "interval90": tidy(one.interval90),
            }
            for one in found.counted
        ],
        "targets": [
            {
                "muscle": one.muscle,
                "side": one.side,
                "force_median": rounded(1.0 - one.points[1]),
                "force_low": rounded(1.0 - one.points[2]),
                "force_high": rounded(1.0 - one.points[0]),
                "force": [rounded(1.0 - float(v)) for v in one.loss],
            }
            for one in found.targets
        ],
    }


def comparison_document(found: Comparison, versions: Mapping[str, Any]) -> dict[str, Any]:
    """`endplate/comparison/1`."""
    title = " | ".join(one.title for one in found.plans)
    return {
        **_head("compare", title, {**versions, "faces": found.faces, "seed": found.seed}, found.limits),
        "plans": [_compared(one) for one in found.plans],
        "targets": [
            {
                "muscle": one.muscle,
                "side": one.side,
                "by_plan": [
                    {
                        "plan": plan.letter,
                        "aimed": one.aimed[k],
                        "nadir": _three(one.nadir[k]),
                        "duration_days": _three(one.days[k]),
                    }
                    for k, plan in enumerate(found.plans)
                ],
            }
            for one in found.targets
        ],
        "differences": [
            {
                "effect": one.effect,
                "plan": one.letter,
                "less": found.plans[0].letter,
                "difference": rounded(one.difference),
                "interval90": tidy(one.interval90),
                "mc_error": rounded(one.error),
                "lower_in": rounded(one.fewer),
            }
            for one in found.differences
        ],
    }


def _compared(one: Compared) -> dict[str, Any]:
    return {
        "plan": one.letter,
        "title": one.title,
        "findings": [finding.to_json_dict() for finding in one.findings],
        "units": tidy(one.units),
        "unwanted": unwanted_of(one.risk),
    }


def _three(values: tuple[float, float, float]) -> dict[str, Any]:
    return {name: rounded(value) for name, value in zip(("median", "low", "high"), values, strict=True)}


def _head(kind: str, title: str, versions: Mapping[str, Any], limits: Any) -> dict[str, Any]:
    return {
        "schema": SCHEMAS[kind],
        "notice": BANNER,
        "title": title,
        "versions": dict(versions),
        "limits": list(limits),
    }
