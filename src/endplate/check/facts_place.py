"""Demonstrations about the layer and the muscle: under the skin or in it, bone, and which muscles are treated."""

from __future__ import annotations

from typing import Any

from endplate.catalogue.statements import Verdict
from endplate.check.facts_plans import (
    FULL,
    GLABELLA,
    MUSCLE,
    NOTE,
    ONA,
    needle,
    needle_plan,
    pattern_plan,
    ran,
)
from endplate.check.facts_record import Chart, Demonstration, Measured, Numbers, Value, percent
from endplate.errors import PlaceError

LIDS = "orbicularis_oculi_palpebral"
DAYS = 60
INTO_BONE_MM = 2.0


def _lowest(needles: list[dict[str, Any]], muscle: str, indication: str = "glabellar_lines") -> float:
    return ran(needle_plan(needles, indication), DAYS).lowest(muscle)


def _depth() -> Measured:
    brow = needle(MUSCLE, "rim_superior_medial", 0, 10)
    lid = needle(LIDS, "upper_lid_lateral", 0, 0, units=2.5)
    found = {
        f"{where}_{layer}": _lowest([{**one, "layer": layer}], muscle)
        for where, one, muscle in (("brow", brow, MUSCLE), ("lid", lid, LIDS))
        for layer in ("subcutis", "muscle")
    }
    words = {
        "brow_muscle": "frown muscle, needle in it",
        "brow_subcutis": "frown muscle, needle under the skin",
        "lid_muscle": "lid muscle, needle in it",
        "lid_subcutis": "lid muscle, needle under the skin",
    }
    return Measured(
        tuple(Value(key, f"force left, {word}", found[key], "") for key, word in words.items()),
        Chart("force lost, share", bars=tuple((word, 1.0 - found[key]) for key, word in words.items())),
    )


def _judge_depth(n: Numbers) -> Verdict:
    deep = 1.0 - n["brow_subcutis"] < 0.5 * (1.0 - n["brow_muscle"])
    thin = 1.0 - n["lid_subcutis"] > 0.75 * (1.0 - n["lid_muscle"])
    return "partly" if deep and thin else "false" if deep else "true"


def _tell_depth(n: Numbers) -> str:
    return (
        f"Frown muscle: the needle just under the skin takes {percent(1 - n['brow_subcutis'])} of its force, the same "
        f"units in the muscle {percent(1 - n['brow_muscle'])}. Thin lid muscle: {percent(1 - n['lid_subcutis'])} and "
        f"{percent(1 - n['lid_muscle'])}: there under the skin is deep enough."
    )


def _bone() -> Measured:
    """A needle over the brow: in the muscle, and one that would end in the bone below it."""
    at = needle(MUSCLE, "rim_superior_medial", 0, 10)
    found = ran(needle_plan([at]), DAYS)
    site = found.course.sites[0]
    deep = {**at, "depth_mm": site.bone_mm + INTO_BONE_MM}
    del deep["layer"]
    try:
        ran(needle_plan([deep]), DAYS)
    except PlaceError:
        refused = 1.0
    else:
        refused = 0.0
    return Measured(
        (
            Value("muscle", "depth of the muscle's middle under the skin", site.depth_mm, "mm"),
            Value("tissue", "depth at which bone begins", site.bone_mm, "mm"),
            Value("force", "force left after a needle in the muscle", found.lowest(MUSCLE), ""),
            Value("refused", "the program refuses a needle in the bone (1 yes)", refused, ""),
        ),
        Chart("depth, mm", bars=(("muscle", site.depth_mm), ("bone begins", site.bone_mm))),
    )


def _judge_bone(n: Numbers) -> Verdict:
    return "false" if n["refused"] == 1.0 and n["muscle"] < n["tissue"] and n["force"] < FULL else "true"


def _tell_bone(n: Numbers) -> str:
    return (
        f"Above the brow the muscle lies {n['muscle']:.0f} mm deep and bone begins at {n['tissue']:.1f} mm. Bone has "
        "no nerve endings to block, and a plan with a needle in it is refused."
    )


TREATED = (
    (GLABELLA, MUSCLE, "frown muscle (face)"),
    (f"platysma_bands.{ONA}.two_bands_each", "platysma", "platysma (neck)"),
    (f"masseter.{ONA}", "masseter", "masseter (jaw)"),
)


def _sites() -> Measured:
    found = [(name, ran(pattern_plan(pattern), DAYS).lowest(muscle)) for pattern, muscle, name in TREATED]
    return Measured(
        tuple(
            Value(muscle, f"force left, {name}", lowest, "")
            for (_, muscle, _), (name, lowest) in zip(TREATED, found, strict=True)
        ),
        Chart("force lost, share", bars=tuple((name, 1.0 - lowest) for name, lowest in found)),
    )


def _judge_sites(n: Numbers) -> Verdict:
    return "false" if max(n.values()) < FULL else "true"


def _tell_sites(n: Numbers) -> str:
    return (
        f"In published patterns the needle lies in muscle of the face, the neck and the jaw, and these are what "
        f"weakens: to {percent(n[MUSCLE])}, {percent(n['platysma'])} and {percent(n['masseter'])} of their force."
    )


ALL = (
    Demonstration(
        "depth", "The same units under the skin and in the muscle", _depth, _judge_depth, _tell_depth, NOTE
    ),
    Demonstration("bone", "How deep muscle and bone lie", _bone, _judge_bone, _tell_bone, NOTE),
    Demonstration(
        "sites",
        "Muscles of face, neck and jaw",
        _sites,
        _judge_sites,
        _tell_sites,
        NOTE + " The jaw pattern comes from a trial, not from a label.",
    ),
)
