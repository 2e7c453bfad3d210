"""Demonstrations at one junction of nerve and muscle: release, cholinesterase, sprouts."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.statements import Verdict
from endplate.check.facts_plans import GLABELLA, pattern_plan, ran
from endplate.check.facts_record import Chart, Demonstration, Measured, Numbers, Value, line, percent
from endplate.model.junction import cleavage_gain, mean_light_chain, quantal_course
from endplate.model.junction.cleft import Cleft, miniature_current
from endplate.model.junction.potential import (
    Fibre,
    endplate_potential_mv,
    inhibitor_effect,
    quanta_needed,
)
from endplate.model.parameters import point_parameters

DAYS = 240
INHIBITED = 0.9
NOTE = (
    "One endplate that takes up as much as the median endplate of the corrugator after the label pattern of "
    "onabotulinumtoxinA for frown lines; the number of packets before treatment is recalled, not checked."
)


@lru_cache(maxsize=4)
def quanta(sprouts: bool = True) -> np.ndarray:
    """Packets of acetylcholine that one impulse releases, by day after the injection, (DAYS + 1,)."""
    p = point_parameters()
    course = ran(pattern_plan(GLABELLA), 30).course
    exposure = course.median_over_threshold[course.row("corrugator_supercilii", "left")]
    chain = mean_light_chain(
        np,
        np.arange(DAYS, dtype=float)[:, None],
        1.0,
        p["junction.supply_half_life"][None],
        p["junction.light_chain_half_life.a"][None],
        p["junction.lag"][None],
    )
    gain = cleavage_gain(np, p["junction.safety_factor.mimic"], p["junction.release_power"])
    drive = (gain * exposure * chain)[:, :, None]
    content = quantal_course(np, drive, p, sprouts=sprouts)[:, 0, 0]
    return Fibre().quanta * np.concatenate([[1.0], content])


def needed() -> float:
    """Packets that a median fibre of a face muscle needs to fire."""
    return Fibre().quanta / catalogue().parameter("junction.safety_factor.mimic").value


def _release() -> Measured:
    course, days = quanta(), np.arange(DAYS + 1)
    return Measured(
        (
            Value("before", "packets an impulse releases before treatment", float(course[0]), "packets"),
            Value("lowest", "fewest after it", float(course.min()), "packets"),
            Value("day", "time until then", float(course.argmin()), "d"),
            Value("needed", "packets a typical fibre needs to fire", needed(), "packets"),
        ),
        Chart(
            "packets per impulse",
            "day after injection",
            (line("after type A", days, course, 2),),
            level=(needed(), "needed to fire"),
        ),
    )


def _tell_release(n: Numbers) -> str:
    return (
        f"An impulse released {n['before']:.0f} packets of acetylcholine before and {n['lowest']:.1f} on day "
        f"{n['day']:.0f}; a typical fibre needs {n['needed']:.0f} to fire."
    )


def _esterase() -> Measured:
    fibre, few = Fibre(), float(quanta().min())
    gain = inhibitor_effect(INHIBITED).gain
    rest, toxin = (float(endplate_potential_mv(m, fibre)) for m in (fibre.quanta, few))
    stopped = float(
        endplate_potential_mv(fibre.quanta, replace(fibre, miniature_mv=fibre.miniature_mv * gain))
    )
    current = miniature_current(Cleft())
    return Measured(
        (
            Value("rest", "signal in the fibre before treatment", rest, "mV"),
            Value("stopped", "signal with nine tenths of cholinesterase stopped, no toxin", stopped, "mV"),
            Value("toxin", "signal at the deepest block, cholinesterase untouched", toxin, "mV"),
            Value("threshold", "signal at which a fibre fires", fibre.threshold_mv, "mV"),
            Value(
                "split",
                "share of a packet that cholinesterase has split after 20 ms",
                float(current.hydrolysed[-1] / Cleft().molecules),
                "",
            ),
        ),
        Chart(
            "signal in the muscle fibre, mV",
            bars=(("cholinesterase stopped", stopped), ("before", rest), ("toxin", toxin)),
            level=(fibre.threshold_mv, "fires"),
        ),
    )


def _judge_esterase(n: Numbers) -> Verdict | None:
    """False where the two push the signal opposite ways, true where both alone silence the fibre."""
    if n["toxin"] < n["threshold"] < n["rest"] < n["stopped"]:
        return "false"
    return "true" if max(n["stopped"], n["toxin"]) < n["threshold"] < n["rest"] else None


def _tell_esterase(n: Numbers) -> str:
    return (
        f"Stopping cholinesterase makes the signal in the muscle fibre larger ({n['rest']:.0f} to "
        f"{n['stopped']:.0f} mV); the toxin makes it smaller ({n['toxin']:.1f} mV), below the {n['threshold']:.0f} mV "
        "at which the fibre fires."
    )


def _antidote() -> Measured:
    effect, course, days = inhibitor_effect(INHIBITED), quanta(), np.arange(DAYS + 1)
    fibre = Fibre()
    without = quanta_needed(fibre.threshold_mv, fibre)
    return Measured(
        (
            Value("without", "packets needed to fire, cholinesterase untouched", without, "packets"),
            Value("with", "needed with nine tenths of it stopped", effect.quanta_needed, "packets"),
            Value("lowest", "packets at the deepest block", float(course.min()), "packets"),
            Value("silent", "days below what is needed, untouched", float((course < without).sum()), "d"),
            Value(
                "silent_with",
                "days below what is needed, stopped",
                float((course < effect.quanta_needed).sum()),
                "d",
            ),
        ),
        Chart(
            "packets per impulse",
            "day after injection",
            (
                line("released", days, course, 2),
                line("needed", days, np.full(DAYS + 1, without), DAYS),
                line("needed, inhibited", days, np.full(DAYS + 1, effect.quanta_needed), DAYS),
            ),
        ),
    )


def _judge_antidote(n: Numbers) -> Verdict | None:
    if n["silent"] == 0.0:
        return None
    if n["silent_with"] == 0.0:
        return "true"
    return "partly" if n["silent_with"] < n["silent"] else "false"


def _tell_antidote(n: Numbers) -> str:
    return (
        f"With cholinesterase stopped a fibre needs {n['with']:.1f} packets in place of {n['without']:.1f}, but at the "
        f"deepest block only {n['lowest']:.1f} come: it stays silent for {n['silent_with']:.0f} days in place of "
        f"{n['silent']:.0f}."
    )


def _sprouts() -> Measured:
    with_them, without, days = quanta(), quanta(False), np.arange(DAYS + 1)
    back = [float(np.flatnonzero(one < needed())[-1] + 1) for one in (with_them, without)]
    return Measured(
        (
            Value("with", "day on which enough packets come again, with sprouts", back[0], "d"),
            Value("without", "the same without sprouts", back[1], "d"),
            Value(
                "share",
                "most that sprouts add, of release before treatment",
                float((with_them - without).max() / with_them[0]),
                "",
            ),
        ),
        Chart(
            "packets per impulse",
            "day after injection",
            (line("with sprouts", days, with_them, 2), line("without", days, without, 2)),
            level=(needed(), "needed to fire"),
        ),
    )


def _tell_sprouts(n: Numbers) -> str:
    return (
        f"With sprouts enough packets come again on day {n['with']:.0f}, without them on day {n['without']:.0f}; at "
        f"most {percent(n['share'])} of the old release goes through sprouts: most of the recovery is the old ending."
    )


ALL = (
    Demonstration(
        "release",
        "Packets of acetylcholine that an impulse releases",
        _release,
        None,
        _tell_release,
        NOTE + " That the toxin cuts release is put in; how deep and how long is not.",
    ),
    Demonstration(
        "esterase",
        "The signal in a muscle fibre: cholinesterase stopped, or toxin",
        _esterase,
        _judge_esterase,
        _tell_esterase,
        NOTE + " That the toxin leaves cholinesterase alone is put in; which way each of the two pushes is not.",
    ),
    Demonstration(
        "antidote",
        "Can a drug against cholinesterase make up for too few packets?",
        _antidote,
        _judge_antidote,
        _tell_antidote,
        NOTE + " Only the immediate effect of the drug.",
    ),
    Demonstration(
        "sprouts",
        "Recovery with and without sprouts",
        _sprouts,
        None,
        _tell_sprouts,
        NOTE + " That sprouts grow, and how much they carry, is put in (a prior from muscle of mice).",
    ),
)  # fmt: skip
