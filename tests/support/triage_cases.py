"""Cases made from rules of triage: the smallest that fires a rule, and those that just miss it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from endplate.catalogue.conditions import conditions
from endplate.catalogue.indications import indications
from endplate.catalogue.triage import Rule, scales
from endplate.plan.case import Case

Tree = dict[str, Any]


def case_for(rule: Rule) -> Tree:
    """The smallest case in which every condition of the rule holds."""
    when = rule.when
    complaint: Tree = {"indication": _indication(rule)}
    signs = [*when.signs_any[:1], *when.signs_also[:1], *when.signs_all]
    complaint["signs"] = list(dict.fromkeys(signs)) or ["none"]
    if when.scale:
        grade = next(
            value for value in _grades(str(when.scale)) if _inside(value, when.at_least, when.at_most)
        )
        complaint["severity"] = {"scale": when.scale, "value": grade, "state": when.state or "contraction"}
    if when.unjudged_flag:
        complaint["signs"] = ["numb_face"]
    if when.days_from is not None or when.days_to is not None:
        complaint["duration_days"] = when.days_from if when.days_from is not None else when.days_to
    if when.earlier:
        complaint["earlier"] = [{"kind": when.earlier, "response": when.response[0]}]
    age = 40.0 if when.age_below is None or when.age_below > 40 else when.age_below - 1
    patient: Tree = {"age": max(age, when.age_from or 0), "sex": "female"}
    if when.conditions:
        patient["conditions"] = [_member(when.conditions[0])]
    if when.pregnancy is not None:
        patient["pregnancy"] = when.pregnancy
    return {"schema": "endplate/plan/1", "title": rule.id, "patient": patient, "complaint": [complaint]}


def misses(rule: Rule) -> Iterator[tuple[str, Tree]]:
    """Cases in which exactly one condition of the rule fails, with the name of that condition."""
    when = rule.when
    if when.indications or when.appearance is not None:
        yield "indication", _complaint(rule, indication=_other_indication(rule))
    for name in when.not_indications:
        yield name, _complaint(rule, indication=name)
    if when.unjudged_flag:
        yield "no flag", _complaint(rule, signs=["none"])
    if when.days_untold:
        yield "told since when", _complaint(rule, duration_days=10)
    yield from _misses_of_signs(rule)
    yield from _misses_of_numbers(rule)
    if when.conditions:
        yield "conditions", _patient(rule, conditions=[])
    for name in when.not_conditions:
        told = case_for(rule)["patient"].get("conditions", [])
        yield f"with {name}", _patient(rule, conditions=[*told, _member(name)])
    if when.pregnancy is not None:
        yield "pregnancy", _patient(rule, pregnancy=not when.pregnancy)
    if when.earlier:
        yield "earlier", _complaint(rule, earlier=[{"kind": when.earlier, "response": "good"}])
        yield "no earlier", _complaint(rule, earlier=[])


def _misses_of_signs(rule: Rule) -> Iterator[tuple[str, Tree]]:
    when = rule.when
    told = [one for one in case_for(rule)["complaint"][0]["signs"] if one != "none"]
    for group in (when.signs_any[:1], when.signs_also[:1], *((one,) for one in when.signs_all)):
        for sign in group:
            left = [one for one in told if one != sign] or ["none"]
            if not set(left) & {*when.signs_any} or not when.signs_any or sign not in when.signs_any:
                yield f"without {sign}", _complaint(rule, signs=left)
    for sign in when.signs_none:
        yield f"with {sign}", _complaint(rule, signs=[*told, sign])


def _misses_of_numbers(rule: Rule) -> Iterator[tuple[str, Tree]]:
    when = rule.when
    if when.age_from is not None:
        yield "age below", _patient(rule, age=when.age_from - 0.1)
    if when.age_below is not None:
        yield "age above", _patient(rule, age=when.age_below)
    if when.days_from is not None:
        yield "shorter", _complaint(rule, duration_days=when.days_from - 0.001)
    if when.days_to is not None:
        yield "longer", _complaint(rule, duration_days=when.days_to + 0.001)
    if when.scale:
        state = when.state or "contraction"
        for value in _grades(when.scale):
            if not _inside(value, when.at_least, when.at_most):
                told = {"scale": when.scale, "value": value, "state": state}
                yield f"grade {value:g}", _complaint(rule, severity=told)
        other = "rest" if state == "contraction" else "contraction"
        inside = case_for(rule)["complaint"][0]["severity"]
        yield "the other state", _complaint(rule, severity={**inside, "state": other})


def read(tree: Tree) -> Case:
    """The case in a tree."""
    return Case.model_validate(tree)


def _member(name: str) -> str:
    """The condition of this id, or one of this group."""
    known = conditions()
    return name if name in known else next(one.id for one in known.values() if name in one.groups)


def _grades(name: str) -> list[float]:
    one = scales()[name]
    if one.values:
        return list(one.values)
    step = one.step or 0.5
    return [one.low + step * k for k in range(round((one.high - one.low) / step) + 1)]


def _inside(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _indication(rule: Rule) -> str:
    if rule.when.indications:
        return rule.when.indications[0]
    return "blepharospasm" if rule.when.appearance is False else "glabellar_lines"


def _other_indication(rule: Rule) -> str:
    when = rule.when
    return next(
        one.id
        for one in indications().values()
        if (when.indications and one.id not in when.indications)
        or (when.appearance is not None and one.appearance != when.appearance)
    )


def _complaint(rule: Rule, **changes: Any) -> Tree:
    tree = case_for(rule)
    tree["complaint"] = [{**tree["complaint"][0], **changes}]
    return tree


def _patient(rule: Rule, **changes: Any) -> Tree:
    tree = case_for(rule)
    tree["patient"] = {**tree["patient"], **changes}
    return tree
