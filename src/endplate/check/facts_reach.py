"""Demonstrations of reach: more fluid or more units, what one treatment weakens, and the rim above the eye."""

from __future__ import annotations

import numpy as np

from endplate.catalogue.statements import Verdict
from endplate.check.facts_plans import (
    GLABELLA,
    MUSCLE,
    NOTE,
    Ran,
    needle,
    needle_plan,
    pattern_plan,
    ran,
)
from endplate.check.facts_record import Chart, Demonstration, Line, Measured, Numbers, Value, percent
from endplate.model.course import LOSS

RING = "orbicularis_oculi_orbital"
DAYS = 60
VOLUMES = (0.05, 0.2)
FACTOR = VOLUMES[1] / VOLUMES[0]
TRACE = 1e-4  # of the threshold, at the middle endplate of a muscle
ABOVE_RIM_MM = (10, 8, 6, 4, 2)
FACES, DRAWS = 8, 128  # for one effect and one place of needle enough: more change it by less than it prints


def _volume() -> Measured:
    """The same units in four times the fluid, against four times the units in the same fluid."""
    at = needle(MUSCLE, "rim_superior", 0, 10)
    base = {**at, "volume_ml": VOLUMES[0]}
    found = {
        "base": ran(needle_plan([base]), DAYS),
        "fluid": ran(needle_plan([{**base, "volume_ml": VOLUMES[1]}]), DAYS),
        "units": ran(needle_plan([{**base, "units": 4 * FACTOR}]), DAYS),
    }
    words = {"base": "0.05 mL", "fluid": "four times the fluid", "units": "four times the units"}
    values = []
    for name, word in words.items():
        values += [
            Value(
                name, f"force lost by the ring muscle beside it, {word}", 1.0 - found[name].lowest(RING), ""
            ),
            Value(f"trace_{name}", f"muscles that a trace reaches, {word}", _traced(found[name]), "muscles"),
        ]
    bars = tuple((word, 1.0 - found[name].lowest(RING)) for name, word in words.items())
    return Measured(tuple(values), Chart("force lost by the ring muscle of the eye", bars=bars))


def _traced(found: Ran) -> float:
    """Muscles whose middle endplate takes up a ten-thousandth of its threshold or more."""
    return float((found.course.median_over_threshold > TRACE).sum())


def _judge_volume(n: Numbers) -> Verdict:
    further = n["trace_fluid"] > n["trace_base"]
    weaker = abs(n["fluid"] - n["base"]) < 0.5 * abs(n["units"] - n["base"])
    return "partly" if further and weaker else "true" if further else "false"


def _tell_volume(n: Numbers) -> str:
    return (
        f"Four times the fluid brings a trace to {n['trace_fluid']:.0f} muscles in place of {n['trace_base']:.0f}, but "
        f"the ring muscle beside the needle loses {100 * n['fluid']:.1f} % in place of {100 * n['base']:.1f} %; four "
        f"times the units take {100 * n['units']:.1f} %: units count for more."
    )


def _spread() -> Measured:
    found = ran(pattern_plan(GLABELLA), 200)
    course = found.course
    lost = 1.0 - course.force.min(axis=1)
    aimed = np.array([pair in course.targets for pair in course.muscles])
    order = np.argsort(-lost)[:8]
    return Measured(
        (
            Value("muscles", "muscles of the face, each side", float(len(lost)), "muscles"),
            Value("aimed", "aimed at", float(aimed.sum()), "muscles"),
            Value("tenth", "lose a tenth of their force or more", float((lost > LOSS).sum()), "muscles"),
            Value("beside", "of these not aimed at", float(((lost > LOSS) & ~aimed).sum()), "muscles"),
            Value("hundredth", "lose a hundredth or more", float((lost > 0.01).sum()), "muscles"),
        ),
        Chart(
            "force lost, share",
            bars=tuple((" ".join(course.muscles[k]).replace("_", " "), float(lost[k])) for k in order),
        ),
    )


def _judge_spread(n: Numbers) -> Verdict:
    """Both "the whole face" and "only where it is put" are false where some neighbours weaken and most do not."""
    return "false" if n["aimed"] < n["hundredth"] < 0.25 * n["muscles"] and n["beside"] > 0.0 else "true"


def _tell_spread(n: Numbers) -> str:
    return (
        f"Of {n['muscles']:.0f} muscles the label pattern for frown lines aims at {n['aimed']:.0f}; {n['tenth']:.0f} "
        f"lose a tenth of their force or more ({n['beside']:.0f} of them beside the target), {n['hundredth']:.0f} a "
        f"hundredth or more, all others less."
    )


def _droop() -> Measured:
    from endplate.population.risk import risks_of

    plans = [needle_plan([needle(MUSCLE, "rim_superior", 0, up)]) for up in ABOVE_RIM_MM]
    chances = [
        one.probability
        for found in risks_of(plans, faces=FACES, draws=DRAWS, only=["eyelid_ptosis"])
        for one in found.unwanted
        if (one.side, one.level) == ("either", "seen")
    ]
    values = tuple(
        Value(f"at_{up}", f"chance of a drooping lid, needle {up} mm above the rim", chance, "")
        for up, chance in zip(ABOVE_RIM_MM, chances, strict=True)
    )
    steps = Line("one needle of 4 U", tuple(map(float, ABOVE_RIM_MM)), tuple(100.0 * c for c in chances))
    return Measured(values, Chart("chance of a drooping lid, %", "mm above the bony rim", (steps,)))


def _judge_droop(n: Numbers) -> Verdict:
    chances = [n[f"at_{up}"] for up in ABOVE_RIM_MM]
    return "false" if all(np.diff(chances) > 0.0) and chances[-1] > 2.0 * chances[0] else "true"


def _tell_droop(n: Numbers) -> str:
    return (
        f"One needle above the pupil: {percent(n['at_10'])} of people get a drooping lid when it is 10 mm above the "
        f"bony rim, {percent(n['at_6'])} at 6 mm and {percent(n['at_2'])} at 2 mm."
    )


ALL = (
    Demonstration(
        "volume",
        "More fluid, or more units",
        _volume,
        _judge_volume,
        _tell_volume,
        NOTE + " Studies disagree.",
    ),
    Demonstration(
        "spread",
        "What one treatment weakens",
        _spread,
        _judge_spread,
        _tell_spread,
        NOTE + " Needles that miss add to it.",
    ),
    Demonstration(
        "droop",
        "The needle nearer to the rim above the eye",
        _droop,
        _judge_droop,
        _tell_droop,
        "Drawn women of 45, needles that miss as hands do, slips through the septum calibrated on reported rates.",
    ),
)
