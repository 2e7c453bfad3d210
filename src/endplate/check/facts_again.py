"""Demonstrations of more: repeats, more units, antibodies that follow them, and units of another product."""

from __future__ import annotations

from collections.abc import Iterator

from endplate.catalogue import catalogue
from endplate.catalogue.statements import Verdict
from endplate.check.facts_plans import (
    FULL,
    GLABELLA,
    MUSCLE,
    NOTE,
    Ran,
    course_line,
    pattern_plan,
    plan_of,
    ran,
)
from endplate.check.facts_record import Chart, Demonstration, Measured, Numbers, Value, percent
from endplate.plan import scale_units

NEIGHBOUR = "depressor_supercilii"
SHORT, LONG = 28, 84
SESSIONS = 4
ABO, INDICATION = "abobotulinumtoxin_a", "glabellar_lines"
SHARES = (0.0, 0.5, 0.9)
TAKEN = ("none", "half taken", "nine tenths taken")


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
            Value(f"lowest_{every}", f"lowest force, every {every // 7} weeks", one.lowest(MUSCLE), ""),
            Value(
                f"beside_{every}",
                f"lowest force of a neighbour nobody aimed at, every {every // 7} weeks",
                one.lowest(NEIGHBOUR),
                "",
            ),
        )
    ]
    return Measured(
        tuple(values),
        Chart(
            "force of the frown muscle",
            "day after the first injection",
            tuple(course_line(f"every {every // 7} weeks", one) for every, one in found.items()),
        ),
    )


def _tell_interval(n: Numbers) -> str:
    return (
        f"After 4 weeks {percent(1 - n['left_28'])} of the force is still missing, after 12 weeks "
        f"{percent(1 - n['left_84'])}. Four treatments 4 weeks apart pile up: the muscle falls to "
        f"{percent(n['lowest_28'])} (12 weeks apart: {percent(n['lowest_84'])}), a neighbour nobody aimed at to "
        f"{percent(n['beside_28'])} ({percent(n['beside_84'])})."
    )


def _doubling() -> Measured:
    plan = pattern_plan(GLABELLA)
    once, twice = ran(plan, 365), ran(scale_units(plan, 2.0), 365)
    days = [one.metric("duration_days", MUSCLE) for one in (once, twice)]
    return Measured(
        (
            Value("once", "days with a tenth or more missing, label units", days[0], "d"),
            Value("twice", "the same, twice the units of the same product", days[1], "d"),
            Value(
                "beside_once",
                "lowest force of a neighbour, label units",
                once.lowest(NEIGHBOUR),
                "",
            ),
            Value("beside_twice", "the same, twice the units", twice.lowest(NEIGHBOUR), ""),
        ),
        Chart(
            "force of the frown muscle",
            "day after injection",
            (course_line("label units", once, 240), course_line("twice the units", twice, 240)),
            level=(FULL, "a tenth missing"),
        ),
    )


def _judge_doubling(n: Numbers) -> Verdict | None:
    if not 0.0 < n["once"] < n["twice"]:
        return None
    times = n["twice"] / n["once"]
    return "false" if times < 1.5 else "true" if times > 1.9 else None


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
            tuple(course_line(name, one) for name, one in zip(TAKEN, found.values(), strict=True)),
        ),
    )


def _tell_antibodies(n: Numbers) -> str:
    return (
        f"If antibodies took half of the toxin, the muscle would still fall to {percent(n['lowest_0.5'])} for "
        f"{n['days_0.5']:.0f} days (without them {percent(n['lowest_0'])}, {n['days_0']:.0f} days); at nine tenths "
        f"{percent(n['lowest_0.9'])} and {n['days_0.9']:.0f} days are left."
    )


def _units() -> Measured:
    """The label patterns of two products, and the first of them with the other vial in the hand."""
    own, other = pattern_plan(GLABELLA), pattern_plan(f"{INDICATION}.{ABO}")
    sites = catalogue().pattern(GLABELLA).sites
    needles = [
        {
            "pattern": f"{INDICATION}.{ABO}",
            "site": site.id,
            "units": site.units,
            "volume_ml": site.volume_ml,
        }
        for site in sites
    ]
    taken = plan_of([{"product": ABO, "indication": INDICATION, "injections": needles}])
    courses = [ran(plan, 200) for plan in (own, other, taken)]
    forces = [one.lowest(MUSCLE) for one in courses]
    days = [one.metric("duration_days", MUSCLE) for one in courses]
    return Measured(
        (
            Value("own", "lowest force, label pattern of onabotulinumtoxinA", forces[0], ""),
            Value(
                "other", "lowest force, label pattern of abobotulinumtoxinA in its own units", forces[1], ""
            ),
            Value(
                "taken",
                "lowest force, the first pattern's number of units drawn from the second",
                forces[2],
                "",
            ),
            Value("own_days", "days, onabotulinumtoxinA", days[0], "d"),
            Value("taken_days", "days, the same number under the other name", days[2], "d"),
        ),
        Chart(
            "force of the frown muscle",
            "day after injection",
            tuple(
                course_line(name, one)
                for name, one in zip(("ona label", "abo label", "abo, ona number"), courses, strict=True)
            ),
        ),
    )


def _tell_units(n: Numbers) -> str:
    return (
        f"The label patterns of onabotulinumtoxinA and abobotulinumtoxinA, each in its own units, leave "
        f"{percent(n['own'])} and {percent(n['other'])} of the force. The first number taken from the second vial "
        f"leaves {percent(n['taken'])}, for {n['taken_days']:.0f} days in place of {n['own_days']:.0f}."
    )


ALL = (
    Demonstration(
        "interval",
        "Four treatments, 4 or 12 weeks apart",
        _interval,
        None,
        _tell_interval,
        NOTE + " It shows no harm: antibodies and distant spread, which intervals are for, are not in it.",
    ),
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
        None,
        _tell_antibodies,
        NOTE
        + " Which titre removes how much is not known; the shares are chosen, and say nothing of how many people "
        "get antibodies.",
    ),
    Demonstration(
        "units",
        "Two labels, and the units of one taken from the other",
        _units,
        None,
        _tell_units,
        NOTE
        + " That each product has a threshold in its own units is put in; no factor turns one into the other.",
    ),
)
