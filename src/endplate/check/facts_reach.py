"""Demonstrations of reach: more fluid or more units, what one treatment weakens, and the rim above the eye."""

from __future__ import annotations

from functools import lru_cache

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
MORE = 1.1  # what counts as more: a tenth
UNITS = 4.0  # of one needle
TRACE = 0.01  # of the force of a muscle
ABOVE_RIM_MM = (10, 8, 6, 4, 2)
FACES, DRAWS = 8, 128  # for one effect and one place of needle enough: more change it by less than it prints


def _volume() -> Measured:
    """The same units in four times the fluid, against four times the units in the same fluid."""
    base = {**needle(MUSCLE, "rim_superior", 0, 10), "volume_ml": VOLUMES[0]}
    found = {
        "base": ran(needle_plan([base]), DAYS),
        "fluid": ran(needle_plan([{**base, "volume_ml": VOLUMES[1]}]), DAYS),
        "units": ran(needle_plan([{**base, "units": UNITS * FACTOR}]), DAYS),
    }
    words = {"base": "0.05 mL", "fluid": "four times the fluid", "units": "four times the units"}
    values = []
    for name, word in words.items():
        lost = 1.0 - found[name].course.force.min(axis=1)
        aimed = found[name].course.row(MUSCLE, "left")
        beside = float(lost.sum() - lost[aimed])
        values += [
            Value(
                f"ring_{name}",
                f"force lost by the ring muscle beside it, {word}",
                _lost(found[name], RING),
                "",
            ),
            Value(f"beside_{name}", f"force lost by all muscles beside it, added up, {word}", beside, ""),
            Value(f"aimed_{name}", f"force lost by the muscle aimed at, {word}", float(lost[aimed]), ""),
        ]
    bars = tuple((word, _lost(found[name], RING)) for name, word in words.items())
    return Measured(tuple(values), Chart("force lost by the ring muscle of the eye", bars=bars))


def _lost(found: Ran, muscle: str) -> float:
    return 1.0 - found.lowest(muscle)


def _judge_volume(n: Numbers) -> Verdict | None:
    """Force lost beside the needle: what more fluid does to it, against what more units do."""
    fluid, units = (n[f"beside_{name}"] / max(n["beside_base"], 1e-9) for name in ("fluid", "units"))
    if units < MORE:
        return "true" if fluid >= MORE else None
    return "false" if fluid < MORE else "partly" if fluid < units else "true"


def _tell_volume(n: Numbers) -> str:
    ring, beside = (
        [f"{100.0 * n[f'{key}_{name}']:.1f}" for name in ("base", "fluid", "units")]
        for key in ("ring", "beside")
    )
    return (
        f"Four times the fluid takes {ring[1]} % of the force of the ring muscle beside the needle in place of "
        f"{ring[0]} %, four times the units {ring[2]} %. All muscles beside it together lose {beside[1]} % of one "
        f"muscle's force in place of {beside[0]} %, with more units {beside[2]} %; the muscle aimed at loses "
        f"{percent(n['aimed_fluid'])} in place of {percent(n['aimed_base'])}."
    )


@lru_cache(maxsize=1)
def _spread() -> Measured:
    course = ran(pattern_plan(GLABELLA), DAYS).course
    lost = 1.0 - course.force.min(axis=1)
    aimed = np.array([pair in course.targets for pair in course.muscles])
    order = np.argsort(-lost)[:8]
    return Measured(
        (
            Value("muscles", "muscles of the face, each side", float(len(lost)), "muscles"),
            Value("aimed", "aimed at", float(aimed.sum()), "muscles"),
            Value("tenth", "lose a tenth of their force or more", float((lost > LOSS).sum()), "muscles"),
            Value("beside", "of these not aimed at", float(((lost > LOSS) & ~aimed).sum()), "muscles"),
            Value("hundredth", "lose a hundredth or more", float((lost > TRACE).sum()), "muscles"),
            Value("touched", "of these not aimed at", float(((lost > TRACE) & ~aimed).sum()), "muscles"),
        ),
        Chart(
            "force lost, share",
            bars=tuple((" ".join(course.muscles[k]).replace("_", " "), float(lost[k])) for k in order),
        ),
    )


def _judge_spread(n: Numbers) -> Verdict | None:
    """Whether most of the face weakens after one treatment of a few muscles."""
    if n["tenth"] == 0.0:
        return None
    if n["hundredth"] < 0.25 * n["muscles"]:
        return "false"
    return "true" if n["tenth"] > 0.5 * n["muscles"] else None


def _judge_beside(n: Numbers) -> Verdict | None:
    """Whether only what was aimed at weakens."""
    if n["tenth"] - n["beside"] == 0.0:
        return None
    return "false" if n["beside"] > 0.0 else "true" if n["touched"] == 0.0 else None


def _tell_spread(n: Numbers) -> str:
    return (
        f"Of {n['muscles']:.0f} muscles the label pattern for frown lines aims at {n['aimed']:.0f}; {n['tenth']:.0f} "
        f"lose a tenth of their force or more, {n['hundredth']:.0f} a hundredth or more, all others less."
    )


def _tell_beside(n: Numbers) -> str:
    return (
        f"The label pattern for frown lines aims at {n['aimed']:.0f} muscles; of the others {n['beside']:.0f} lose a "
        f"tenth of their force or more and {n['touched']:.0f} a hundredth or more."
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


def _judge_droop(n: Numbers) -> Verdict | None:
    chances = [n[f"at_{up}"] for up in ABOVE_RIM_MM]
    if max(chances) == 0.0:
        return None
    if all(np.diff(chances) > 0.0) and chances[-1] > 2.0 * chances[0]:
        return "false"
    return "true" if max(chances) < MORE * min(chances) else None


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
        NOTE + " Studies disagree; that larger areas of skin were covered in some is not in these numbers.",
    ),
    Demonstration(
        "spread",
        "What one treatment weakens",
        _spread,
        _judge_spread,
        _tell_spread,
        NOTE + " Needles that miss add to it; spread through the blood is not in it.",
    ),
    Demonstration(
        "beside",
        "What one treatment weakens beside its targets",
        _spread,
        _judge_beside,
        _tell_beside,
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
