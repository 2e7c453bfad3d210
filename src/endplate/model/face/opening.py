"""How far the eyes are open, and how strongly they close, by the nerves and forces of both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from endplate.catalogue import catalogue
from endplate.catalogue.face_balance import expression
from endplate.model.face.balance import Side, held, moved
from endplate.model.face.lids import eyelid, margin_drop
from endplate.model.face.palsy import activation

Array = Any


@dataclass(frozen=True)
class Lids:
    """The upper lids at rest, left and right, mm, (..., 2, t) each.

    Attributes:
        drop: fall of the margin. of_levator: what of it levators leave. fissure: between the margins.
    """

    drop: Array
    of_levator: Array
    fissure: Array


def lids_of(
    xp: Any, sides: Mapping[str, Side], values: Mapping[str, Array], rest: Any, shape: tuple[int, ...]
) -> Lids:
    """The lids of both sides under one drive.

    Args:
        values: parameters by id, as `lids.eyelid` takes them. rest: fissure of the untreated face (`measures.Rest`).
        shape: of one side's arrays, (..., t).
    """
    still, opener = expression("rest"), "levator_palpebrae_superioris"
    levator = on_sides(xp, [s.tone(opener) * s.forces(opener, s.name) for s in sides.values()], shape)
    lift = on_sides(xp, [held(s, "upper_lid") for s in sides.values()], shape)
    # A spasm squeezes against the drive: the levator does not answer it.
    squeezed = on_sides(xp, [moved(s, "upper_lid", still) for s in sides.values()], shape)
    lower = on_sides(xp, [held(s, "lower_lid") + moved(s, "lower_lid", still) for s in sides.values()], shape)
    drop = eyelid(xp, levator, lift, values) - squeezed
    return Lids(drop, margin_drop(xp, levator, values), xp.maximum(rest.fissure - drop + lower, 0.0))


def closing_strength(side: Side, asked: str) -> Array | float:
    """Strength of closure over what a gentle one asks of untouched muscles."""
    what = expression(asked)
    palpebral, orbital = "orbicularis_oculi_palpebral", "orbicularis_oculi_orbital"
    inner = activation(side.nerve, palpebral, what) * side.forces(palpebral, side.name)
    if asked == "gentle_closure":
        return inner
    outer = activation(side.nerve, orbital, what) * side.forces(orbital, side.name)
    share = _palpebral_share()
    return (share * inner + (1.0 - share) * outer) / side.values["face.lid.gentle_share"]


@lru_cache(maxsize=1)
def _palpebral_share() -> float:
    """Share of the palpebral part in the closing force, by cross-section (width times thickness)."""
    areas = []
    for name in ("orbicularis_oculi_palpebral", "orbicularis_oculi_orbital"):
        size = catalogue().muscle(name).dimensions
        areas.append(size["width_mm"].value * size["thickness_mm"].value)
    return areas[0] / sum(areas)


def on_sides(xp: Any, parts: Sequence[Array | float], shape: tuple[int, ...]) -> Array:
    """Left and right as one array, (..., 2, t)."""
    zero = xp.zeros(shape)
    return xp.stack([zero + part for part in parts], axis=-2)
