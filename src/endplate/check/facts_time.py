"""Demonstrations over time: when it begins, how long it lasts by type, and that it ends."""

from __future__ import annotations

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.statements import Verdict
from endplate.check.facts_plans import FULL, GLABELLA, MUSCLE, NOTE, course_line, pattern_plan, ran
from endplate.check.facts_record import Chart, Demonstration, Measured, Numbers, Value, line, percent
from endplate.model.parameters import ParameterSet, point_parameters

CLOCK = "junction.light_chain_half_life"
MONTH, QUARTER = 30, 90


def _onset() -> Measured:
    found = ran(pattern_plan(GLABELLA), 30)
    force = found.force(MUSCLE)
    return Measured(
        (
            Value("first", "force of the frown muscle after one day", float(force[1]), ""),
            Value(
                "onset", "time until a tenth of its force is missing", found.metric("onset_day", MUSCLE), "d"
            ),
            Value("nadir", "time until it is weakest", found.metric("nadir_day", MUSCLE), "d"),
            Value("lowest", "lowest force in thirty days", found.lowest(MUSCLE), ""),
        ),
        Chart(
            "force, 1 = before",
            "day after injection",
            (line("frown muscle", np.arange(31), force),),
            level=(FULL, "a tenth missing"),
        ),
    )


def _judge_onset(n: Numbers) -> Verdict | None:
    if n["lowest"] >= FULL:
        return None
    half = 0.5 * (1.0 + n["lowest"])
    if n["first"] > half and n["nadir"] > 3.0:
        return "false"
    return "true" if n["first"] < half and n["nadir"] <= 1.0 else None


def _tell_onset(n: Numbers) -> str:
    return (
        f"A day after the injection the frown muscle still has {percent(n['first'])} of its force; a tenth is missing "
        f"from day {n['onset']:.1f} on, and it is weakest on day {n['nadir']:.0f}."
    )


def _with_clock(serotype: str) -> ParameterSet:
    """Parameters in which what is inside the nerve ending lasts as that of another serotype."""
    clock = catalogue().parameter(f"{CLOCK}.{serotype}").value
    return ParameterSet({**point_parameters().values, f"{CLOCK}.a": np.array([clock])})


def _month() -> Measured:
    plan = pattern_plan(GLABELLA)
    found = {name: ran(plan, 200, parameters=_with_clock(name)) for name in ("a", "b", "e")}
    force = found["a"].force(MUSCLE)
    days = {name: one.metric("duration_days", MUSCLE) for name, one in found.items()}
    return Measured(
        (
            Value("day_30", "force on day 30, type A", float(force[MONTH]), ""),
            Value("day_90", "force on day 90, type A", float(force[QUARTER]), ""),
            Value("a", "days with a tenth or more missing, type A", days["a"], "d"),
            Value("b", "type A's muscle and uptake with the clock of type B", days["b"], "d"),
            Value("e", "type A's muscle and uptake with the clock of type E", days["e"], "d"),
        ),
        Chart(
            "force of the frown muscle",
            "day after injection",
            tuple(
                course_line("type A" if name == "a" else f"A, clock of {name.upper()}", one)
                for name, one in found.items()
            ),
            level=(FULL, "a tenth missing"),
        ),
    )


def _tell_month(n: Numbers) -> str:
    return (
        f"Type A: {percent(n['day_30'])} of the force on day 30, {percent(n['day_90'])} on day 90, a tenth or more "
        f"missing for {n['a']:.0f} days. Were only its clock inside the nerve ending that of type B it would be "
        f"{n['b']:.0f} days, that of type E {n['e']:.0f}: no days of products of type B or E."
    )


def _cure() -> Measured:
    found = ran(pattern_plan(GLABELLA), 365)
    force = found.force(MUSCLE)
    line_at = found.face["line_severity_contraction.glabella", "midline"]
    return Measured(
        (
            Value("lowest", "lowest force of the frown muscle", float(force.min()), ""),
            Value("year", "force after a year", float(force[-1]), ""),
            Value("line", "frown line before (0 none, 3 severe)", float(line_at[0]), "grade"),
            Value("line_least", "frown line at its least", float(line_at.min()), "grade"),
            Value("line_year", "frown line after a year", float(line_at[-1]), "grade"),
        ),
        Chart(
            "force of the frown muscle",
            "day after injection",
            (line("one treatment", np.arange(366), force, 3),),
            level=(FULL, "a tenth missing"),
        ),
    )


def _tell_cure(n: Numbers) -> str:
    return (
        f"One treatment takes the frown muscle of the model's average face to {percent(n['lowest'])} of its force and "
        f"its line from grade {n['line']:.1f} to {n['line_least']:.1f}; a year later they stand at "
        f"{percent(n['year'])} and grade {n['line_year']:.1f} again. No promise: in trials many people keep some line."
    )


ALL = (
    Demonstration("onset", "The first thirty days", _onset, _judge_onset, _tell_onset, NOTE),
    Demonstration(
        "month",
        "One treatment, with the inner clock of types A, B and E",
        _month,
        None,
        _tell_month,
        NOTE + " The clocks are put in: B from a foot muscle of people, E from neurons of rodents.",
    ),
    Demonstration(
        "cure",
        "A year after one treatment",
        _cure,
        None,
        _tell_cure,
        NOTE + " That the nerve ending recovers, and the line with it, is how the model is made.",
    ),
)
