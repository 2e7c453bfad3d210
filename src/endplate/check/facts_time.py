"""Demonstrations over time: onset, wearing off, repeats, more units, antibodies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.statements import Verdict
from endplate.check.facts_plans import GLABELLA, NOTE, Ran, pattern_plan, plan_of, ran
from endplate.check.facts_record import (
    Chart,
    Demonstration,
    Line,
    Measured,
    Numbers,
    Value,
    line,
    percent,
)
from endplate.model.course import LOSS
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.plan import scale_units

MUSCLE = "corrugator_supercilii"
CLOCK = "junction.light_chain_half_life"
FULL = 1.0 - LOSS
MONTH, QUARTER = 30, 90
SHORT, LONG = 28, 84
SESSIONS = 4
ABO = "abobotulinumtoxin_a"
SHARES = (0.0, 0.5, 0.9)


def _course(name: str, found: Ran, last: int | None = None) -> Line:
    force = found.force(MUSCLE)[:last]
    return line(name, np.arange(len(force)), force, 2)


def _onset() -> Measured:
    found = ran(pattern_plan(GLABELLA), 30)
    force = found.force(MUSCLE)
    return Measured(
        (
            Value("first", "force of the frown muscle after one day", float(force[1]), ""),
            Value("onset", "a tenth of its force is missing on day", found.metric("onset_day", MUSCLE), "d"),
            Value("nadir", "weakest on day", found.metric("nadir_day", MUSCLE), "d"),
        ),
        Chart(
            "force, 1 = before",
            "day after injection",
            (line("frown muscle", np.arange(31), force),),
            level=(FULL, "a tenth missing"),
        ),
    )


def _judge_onset(n: Numbers) -> Verdict:
    return "false" if n["first"] > 0.5 and n["nadir"] > 3.0 else "true"


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
            Value("b", "the same with the clock of type B", days["b"], "d"),
            Value("e", "the same with the clock of type E", days["e"], "d"),
        ),
        Chart(
            "force of the frown muscle",
            "day after injection",
            tuple(_course(f"type {name.upper()}", one) for name, one in found.items()),
            level=(FULL, "a tenth missing"),
        ),
    )


def _judge_month(n: Numbers) -> Verdict:
    return "false" if n["day_30"] < FULL and n["day_90"] < FULL and n["e"] < n["b"] < n["a"] else "true"


def _tell_month(n: Numbers) -> str:
    return (
        f"Type A: {percent(n['day_30'])} of the force on day 30, {percent(n['day_90'])} on day 90, a tenth or more "
        f"missing for {n['a']:.0f} days; with the clock of type B {n['b']:.0f} days, of type E {n['e']:.0f} days."
    )


def _series(every: int) -> tuple[Ran, int]:
    starts = tuple(every * k for k in range(SESSIONS))
    return ran(pattern_plan(GLABELLA, days=starts), 365), starts[-1]


def _interval() -> Measured:
    found = {every: _series(every)[0] for every in (SHORT, LONG)}
    values = [
        value
        for every, one in found.items()
        for value in (
            Value(
                f"left_{every}",
                f"force when the next is given, every {every // 7} weeks",
                float(one.force(MUSCLE)[every]),
                "",
            ),
            Value(
                f"lowest_{every}", f"lowest force, every {every // 7} weeks", one.lowest(MUSCLE), ""
            ),
            Value(
                f"beside_{every}",
                f"lowest force of a neighbour nobody aimed at, every {every // 7} weeks",
                one.lowest("depressor_supercilii"),
                "",
            ),
        )
    ]
    return Measured(
        tuple(values),
        Chart(
            "force of the frown muscle",
            "day after the first injection",
            tuple(_course(f"every {every // 7} weeks", one) for every, one in found.items()),
        ),
    )


def _judge_interval(n: Numbers) -> Verdict:
    piles_up = n[f"lowest_{SHORT}"] < n[f"lowest_{LONG}"] and n[f"beside_{SHORT}"] < n[f"beside_{LONG}"]
    return "false" if n[f"left_{SHORT}"] < 0.5 and piles_up else "true"


def _tell_interval(n: Numbers) -> str:
    return (
        f"After 4 weeks {percent(1 - n['left_28'])} of the force is still missing, after 12 weeks "
        f"{percent(1 - n['left_84'])}. Four treatments 4 weeks apart pile up: the muscle falls to "
        f"{percent(n['lowest_28'])} (12 weeks apart: {percent(n['lowest_84'])}), a neighbour nobody aimed at to "
        f"{percent(n['beside_28'])} ({percent(n['beside_84'])})."
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


def _judge_cure(n: Numbers) -> Verdict:
    treated = n["lowest"] < 0.5 and n["line_least"] < n["line"]
    return "false" if treated and n["year"] > FULL and n["line_year"] > 0.9 * n["line"] else "true"


def _tell_cure(n: Numbers) -> str:
    return (
        f"One treatment takes the frown muscle to {percent(n['lowest'])} of its force and the line from grade "
        f"{n['line']:.1f} to {n['line_least']:.1f}; a year later they stand at {percent(n['year'])} and grade "
        f"{n['line_year']:.1f} again."
    )


def _doubling() -> Measured:
    plan = pattern_plan(GLABELLA)
    once, twice = ran(plan, 365), ran(scale_units(plan, 2.0), 365)
    days = [one.metric("duration_days", MUSCLE) for one in (once, twice)]
    return Measured(
        (
            Value("once", "days with a tenth or more missing, label units", days[0], "d"),
            Value("twice", "the same, twice the units of the same product", days[1], "d"),
            Value("beside_once", "lowest force of a neighbour, label units", once.lowest("depressor_supercilii"), ""),
            Value("beside_twice", "the same, twice the units", twice.lowest("depressor_supercilii"), ""),
        ),
        Chart(
            "force of the frown muscle",
            "day after injection",
            (_course("label units", once, 240), _course("twice the units", twice, 240)),
            level=(FULL, "a tenth missing"),
        ),
    )


def _judge_doubling(n: Numbers) -> Verdict:
    return "false" if n["once"] < n["twice"] < 1.5 * n["once"] else "true"


def _tell_doubling(n: Numbers) -> str:
    return (
        f"{n['once']:.0f} days at label units, {n['twice']:.0f} at twice as many: {n['twice'] - n['once']:.0f} days "
        f"more, not {n['once']:.0f}; a neighbour nobody aimed at falls to {percent(n['beside_twice'])} in place of "
        f"{percent(n['beside_once'])}."
    )


def _immune() -> Iterator[tuple[float, Ran]]:
    plan = pattern_plan(GLABELLA)
    for share in SHARES:
        yield share, ran(plan, 200, neutralised_share=share)


def _antibodies() -> Measured:
    found = dict(_immune())
    words = ("without antibodies", "half of the toxin neutralised", "nine tenths neutralised")
    values = [
        Value(f"{key}_{share:g}", f"{name}, {word}", value, unit)
        for (share, one), word in zip(found.items(), words, strict=True)
        for key, name, value, unit in (
            ("lowest", "lowest force", one.lowest(MUSCLE), ""),
            ("days", "days", one.metric("duration_days", MUSCLE), "d"),
        )
    ]
    return Measured(
        tuple(values),
        Chart(
            "force of the frown muscle",
            "day after injection",
            tuple(_course(word, one) for word, one in zip(words, found.values(), strict=True)),
        ),
    )


def _judge_antibodies(n: Numbers) -> Verdict:
    return "false" if n["lowest_0"] < n["lowest_0.5"] < FULL and n["days_0.5"] > 30.0 else "true"


def _tell_antibodies(n: Numbers) -> str:
    return (
        f"If antibodies took half of the toxin, the muscle would still fall to {percent(n['lowest_0.5'])} for "
        f"{n['days_0.5']:.0f} days (without them {percent(n['lowest_0'])}, {n['days_0']:.0f} days); at nine tenths "
        f"{percent(n['lowest_0.9'])} and {n['days_0.9']:.0f} days are left."
    )


def _units() -> Measured:
    """The label patterns of two products, and the first of them with the other vial in the hand."""
    from endplate.errors import PlanError
    from endplate.plan import doses

    own, other = pattern_plan(GLABELLA), pattern_plan(f"glabellar_lines.{ABO}")
    taken = own.model_copy(
        update={"sessions": tuple(one.model_copy(update={"product": ABO}) for one in own.sessions)}
    )
    try:
        doses(own)[0] + doses(taken)[0]
    except PlanError:
        refused = 1.0
    else:
        refused = 0.0
    courses = [ran(plan, 200) for plan in (own, other, taken)]
    forces = [one.lowest(MUSCLE) for one in courses]
    days = [one.metric("duration_days", MUSCLE) for one in courses]
    return Measured(
        (
            Value("own", "lowest force, label pattern of onabotulinumtoxinA", forces[0], ""),
            Value("other", "lowest force, label pattern of abobotulinumtoxinA in its own units", forces[1], ""),
            Value("taken", "lowest force, the first pattern's number of units drawn from the second", forces[2], ""),
            Value("own_days", "days, onabotulinumtoxinA", days[0], "d"),
            Value("taken_days", "days, the same number under the other name", days[2], "d"),
            Value("refused", "the program refuses to add units of the two (1 yes)", refused, ""),
        ),
        Chart(
            "force of the frown muscle",
            "day after injection",
            tuple(
                _course(name, one)
                for name, one in zip(
                    ("ona, its label", "abo, its label", "abo, ona's number"), courses, strict=True
                )
            ),
        ),
    )


def _judge_units(n: Numbers) -> Verdict:
    return "false" if n["refused"] == 1.0 and abs(n["taken"] - n["own"]) > 0.1 else "true"


def _tell_units(n: Numbers) -> str:
    return (
        f"The label patterns of onabotulinumtoxinA and abobotulinumtoxinA, each in its own units, leave "
        f"{percent(n['own'])} and {percent(n['other'])} of the force. The first number taken from the second vial "
        f"leaves {percent(n['taken'])}, for {n['taken_days']:.0f} days in place of {n['own_days']:.0f}; the program "
        f"refuses to add the two."
    )


ALL = (
    Demonstration("onset", "The first thirty days", _onset, _judge_onset, _tell_onset, NOTE),
    Demonstration(
        "month",
        "One treatment, with the inner clock of types A, B and E",
        _month,
        _judge_month,
        _tell_month,
        NOTE + " Same needles and same uptake: only how long the toxin stays active in the ending differs.",
    ),
    Demonstration(
        "interval", "Four treatments, 4 or 12 weeks apart", _interval, _judge_interval, _tell_interval, NOTE
    ),
    Demonstration("cure", "A year after one treatment", _cure, _judge_cure, _tell_cure, NOTE),
    Demonstration(
        "doubling",
        "Label units, and twice as many of the same product",
        _doubling,
        _judge_doubling,
        _tell_doubling,
        NOTE + " No reason to take more: what is beside the muscle weakens too.",
    ),
    Demonstration(
        "antibodies",
        "If antibodies removed part of the toxin",
        _antibodies,
        _judge_antibodies,
        _tell_antibodies,
        NOTE + " Which titre removes how much is not known; the shares are chosen.",
    ),
    Demonstration(
        "units",
        "The label patterns of two products, and a number taken from one to the other",
        _units,
        _judge_units,
        _tell_units,
        NOTE + " Each product has a threshold in its own units; no factor turns one into the other.",
    ),
)
