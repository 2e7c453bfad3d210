"""Demonstrations on the face: palsy, the smile, lines, lids and eye muscles."""

from __future__ import annotations

import numpy as np

from endplate.catalogue.statements import Verdict
from endplate.check.facts_plans import (
    GLABELLA,
    NOTE,
    ONA,
    needle,
    needle_plan,
    pattern_plan,
    plan_of,
    ran,
)
from endplate.check.facts_record import Chart, Demonstration, Measured, Numbers, Value, line, percent

DAYS = 200
RING = "orbicularis_oculi_orbital"
PALSY = {"branch": "marginal_mandibular", "side": "left", "severity": 0.9}
LOW_MM = -22
SEEN_MM = 1.0  # of unevenness of the mouth: declared, about what is seen in a smile
MONTH = 30


def _lip_gap(side: str) -> np.ndarray:
    """Difference of the two sides of the lower lip in a full smile by day, mm; the left side is paralysed."""
    plan = plan_of([{"pattern": f"smile_asymmetry.{ONA}.{side}"}], palsy=[PALSY])
    face = ran(plan, DAYS).face
    return np.abs(face["lower_lip_show", "right"] - face["lower_lip_show", "left"])


def _palsy() -> Measured:
    healthy, weak = _lip_gap("right"), _lip_gap("left")
    days = np.arange(DAYS + 1)
    return Measured(
        (
            Value("before", "unevenness of the lower lip in a smile, before", float(healthy[0]), "mm"),
            Value("healthy", "a month after the healthy side was treated", float(healthy[MONTH]), "mm"),
            Value("weak", "a month after the paralysed side was treated", float(weak[MONTH]), "mm"),
        ),
        Chart(
            "uneven lower lip, mm",
            "day after injection",
            (line("healthy side treated", days, healthy, 2), line("paralysed side treated", days, weak, 2)),
        ),
    )


def _judge_palsy(n: Numbers) -> Verdict | None:
    """Which side must be weakened for an even smile: that it is the weak one is what the statement says."""
    half = 0.5 * n["before"]
    if n["healthy"] < half and n["weak"] > n["before"]:
        return "false"
    return "true" if n["weak"] < half and n["healthy"] > n["before"] else None


def _tell_palsy(n: Numbers) -> str:
    return (
        f"With the left lower-lip branch paralysed the smile is uneven by {n['before']:.1f} mm. A month after "
        f"weakening the healthy right side it is {n['healthy']:.1f} mm, with the same needles on the paralysed side "
        f"{n['weak']:.1f} mm."
    )


def _cheek() -> Measured:
    """A canthal needle as labels place it and one far too low, and one in the muscle that lifts the mouth corner."""
    plans = {
        "label": needle_plan([needle(RING, "lateral_canthus", 17, 0)], "lateral_canthal_lines"),
        "low": needle_plan([needle(RING, "lateral_canthus", 17, LOW_MM)], "lateral_canthal_lines"),
        "lifter": needle_plan(
            [{"muscle": "zygomaticus_major", "along": 0.5, "layer": "muscle"}], "lateral_canthal_lines"
        ),
    }
    gap = {key: ran(plan, DAYS).face["smile_asymmetry_mm", "midline"] for key, plan in plans.items()}
    lines = ran(pattern_plan(f"lateral_canthal_lines.{ONA}"), DAYS).face
    canthus = lines["line_severity_contraction.lateral_canthus", "midline"]
    words = {
        "label": "beside the eye, left only",
        "low": f"{-LOW_MM} mm lower",
        "lifter": "in the muscle that lifts the mouth corner",
    }
    return Measured(
        (
            Value(
                "line",
                "lines beside the eye in a smile, before (0 none, 3 severe)",
                float(canthus[0]),
                "grade",
            ),
            Value("line_least", "at their least, label pattern on both sides", float(canthus.min()), "grade"),
            *(
                Value(key, f"uneven mouth corners, one needle {word}", float(gap[key].max()), "mm")
                for key, word in words.items()
            ),
        ),
        Chart(
            "uneven mouth corners in a smile, mm",
            bars=tuple((word, float(gap[key].max())) for key, word in words.items()),
        ),
    )


def _judge_cheek(n: Numbers) -> Verdict | None:
    """A lift is not measured, so nothing here could make the statement true; it can lose either half of `partly`."""
    softer, risky = (
        n["line_least"] < 0.8 * n["line"],
        n["label"] < n["low"] < n["lifter"] and n["lifter"] > SEEN_MM,
    )
    return "partly" if softer and risky else "false" if risky else None


def _tell_cheek(n: Numbers) -> str:
    return (
        f"Beside the eye, lines of a smile soften from grade {n['line']:.1f} to {n['line_least']:.1f} and the mouth "
        f"stays even ({n['label']:.1f} mm). {-LOW_MM} mm lower one needle makes its corners uneven by {n['low']:.1f} "
        f"mm, in the muscle that lifts the corner by {n['lifter']:.1f} mm."
    )


def _tone() -> Measured:
    found = ran(pattern_plan(GLABELLA), DAYS)
    severity = found.face["line_severity_contraction.glabella", "midline"]
    shift = found.face["frown_shift", "left"]
    force = found.force("corrugator_supercilii")
    days = np.arange(DAYS + 1)
    return Measured(
        (
            Value("force", "lowest force of the frown muscle", float(force.min()), ""),
            Value("line", "frown line before (0 none, 3 severe)", float(severity[0]), "grade"),
            Value("line_least", "frown line at its least", float(severity.min()), "grade"),
            Value("pull", "way the brow moves in a frown, before", float(shift[0]), "mm"),
            Value("pull_least", "at its least", float(shift.min()), "mm"),
        ),
        Chart(
            "share of the value before",
            "day after injection",
            (line("force", days, force, 2), line("frown line", days, severity / severity[0], 2)),
        ),
    )


def _tell_tone(n: Numbers) -> str:
    return (
        f"In the model's average face the frown muscle falls to {percent(n['force'])} of its force and moves the brow "
        f"{n['pull_least']:.1f} mm in place of {n['pull']:.1f} mm; the line softens from grade {n['line']:.1f} to "
        f"{n['line_least']:.1f} because less pulls at it. No promise: in trials many people keep some line."
    )


EYES = (
    (f"blepharospasm.{ONA}.site_2_5u", "orbicularis_oculi_palpebral", "lid closer"),
    (f"strabismus.{ONA}.esotropia_20_50pd_left", "medial_rectus", "inner eye muscle"),
)


def _lids() -> Measured:
    found = [(muscle, name, ran(pattern_plan(pattern), DAYS)) for pattern, muscle, name in EYES]
    days = np.arange(DAYS + 1)
    return Measured(
        tuple(Value(muscle, f"lowest force, {name}", one.lowest(muscle), "") for muscle, name, one in found),
        Chart(
            "force, 1 = before",
            "day after injection",
            tuple(line(name, days, one.force(muscle), 2) for muscle, name, one in found),
        ),
    )


def _tell_lids(n: Numbers) -> str:
    return (
        f"Published patterns take the muscle that closes the lids to {percent(n['orbicularis_oculi_palpebral'])} and "
        f"the muscle that turns the eye inward to {percent(n['medial_rectus'])} of their force."
    )


ALL = (
    Demonstration(
        "palsy", "A paralysed lower lip: which side to weaken", _palsy, _judge_palsy, _tell_palsy, NOTE
    ),
    Demonstration(
        "cheek", "Needles beside the eye and in the cheek", _cheek, _judge_cheek, _tell_cheek, NOTE
    ),
    Demonstration(
        "tone",
        "Force of the muscle and the line above it",
        _tone,
        None,
        _tell_tone,
        NOTE + " That toxin relaxes is put in; the skin's own elasticity is not in the model.",
    ),
    Demonstration(
        "lids",
        "A lid muscle and an eye muscle",
        _lids,
        None,
        _tell_lids,
        NOTE
        + " A model of toxin weakens whatever it is put into. In people an eye muscle is weak for some weeks only; "
        "the model keeps it weak for longer.",
    ),
)
