"""Demonstrations about the layer and the muscle: under the skin or in it, bone, and which muscles are treated."""

from __future__ import annotations

from typing import Any

from endplate.catalogue.statements import Verdict
from endplate.check.facts_plans import (
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
from endplate.model.course import LOSS

LIDS = "orbicularis_oculi_palpebral"
DAYS = 60


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


def _judge_depth(n: Numbers) -> Verdict | None:
    lost = {key: 1.0 - force for key, force in n.items()}
    if min(lost["brow_muscle"], lost["lid_muscle"]) < LOSS:
        return None
    brow, lid = (lost[f"{where}_subcutis"] / lost[f"{where}_muscle"] for where in ("brow", "lid"))
    if brow < 0.5:
        return "partly" if lid > 0.75 else "false" if lid < 0.5 else None
    return "true" if min(brow, lid) > 0.75 else None


def _tell_depth(n: Numbers) -> str:
    return (
        f"Frown muscle: the needle just under the skin takes {percent(1 - n['brow_subcutis'])} of its force, the same "
        f"units in the muscle {percent(1 - n['brow_muscle'])}. Thin lid muscle: {percent(1 - n['lid_subcutis'])} and "
        f"{percent(1 - n['lid_muscle'])}: there under the skin is deep enough."
    )


def _bone() -> Measured:
    """How deep the muscle under the brow lies, and the bone below it."""
    at = needle(MUSCLE, "rim_superior_medial", 0, 10)
    found = ran(needle_plan([at]), DAYS)
    site = found.course.sites[0]
    return Measured(
        (
            Value("muscle", "depth of the muscle's middle under the skin", site.depth_mm, "mm"),
            Value("tissue", "depth at which bone begins", site.bone_mm, "mm"),
        ),
        Chart("depth, mm", bars=(("muscle", site.depth_mm), ("bone begins", site.bone_mm))),
    )


def _tell_bone(n: Numbers) -> str:
    return (
        f"Above the brow the middle of the muscle lies {n['muscle']:.1f} mm deep and bone begins at "
        f"{n['tissue']:.1f} mm: {n['tissue'] - n['muscle']:.1f} mm too deep and a needle is at the bone."
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


def _tell_sites(n: Numbers) -> str:
    return (
        f"In published patterns the needle lies in muscle of the face, the neck and the jaw, and these are what "
        f"weakens: to {percent(n[MUSCLE])}, {percent(n['platysma'])} and {percent(n['masseter'])} of their force."
    )


ALL = (
    Demonstration(
        "depth", "The same units under the skin and in the muscle", _depth, _judge_depth, _tell_depth, NOTE
    ),
    Demonstration(
        "bone",
        "How deep muscle and bone lie",
        _bone,
        None,
        _tell_bone,
        NOTE + " It says nothing of what toxin does at bone; nothing that could is in the model.",
    ),
    Demonstration(
        "sites",
        "Muscles of face, neck and jaw",
        _sites,
        None,
        _tell_sites,
        NOTE
        + " A model of toxin weakens whatever muscle it is put into. The jaw pattern comes from a trial, not from a "
        "label.",
    ),
)
