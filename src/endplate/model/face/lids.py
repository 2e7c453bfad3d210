"""The lids: how far the upper margin falls when a levator weakens, both lids sharing one drive; and how lids close.

force-to-MRD1 law      fall_i = T (1 - u f_i) - e_i           mm, of lid i; f levator force, 1 = untouched
shared drive           u = 1 + g (mean fall) / T              Hering: the drive answers the mean fall that is left
so                     mean fall = (T (1 - mean f) - mean e) / (1 + g mean f)

T (`face.lid.levator_travel`) is what the margin travels when the levator lets go altogether: the whole lid movement,
9.09 mm, since a lid without its levator is closed. Mueller's muscle arises from the levator and pulls in series with
it, so a slack levator takes its share along. A smaller fall is proportional to the force that is missing: a judgement;
weights on the lid lower it in a straight line, which speaks for the elastic part of it. e is what other muscles lift
the lid: a weaker orbicularis, Mueller's muscle under drops.

gap at closure         max(0, G - C s - fall)                 G palsy gap; s closing strength; C = G / (1 - reserve)

Sources: spread_anatomy evidence 4.1 (lid movement) and 4.2 (pretarsal toxin and the fellow lid, lid weights);
`face.lid.*` name them. That gentle closure is the levator letting go: Aramideh, in PMC1771243.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Array = Any
SIDES = ("left", "right")
LAW = (
    "fall of MRD1 = travel x (1 - drive x force of the levator); drive = (1 + g) / (1 + g x mean force of both), "
    "travel 9.09 mm (lid movement of untreated faces), g 0.9 (pretarsal toxin and the fellow lid); linear by judgement"
)


def wide(xp: Any, value: Array, axes: int) -> Array:
    """A parameter (...) with `axes` further axes of length 1, to meet arrays of draws, sides and days."""
    return xp.asarray(value)[(..., *[None] * axes)]


def margin_drop(xp: Any, levator: Array, values: Mapping[str, Array]) -> Array:
    """Fall of MRD1 in mm when levators weaken; below zero where Hering's drive lifts the better lid.

    Args:
        levator: force of the left and the right levator relative to rest, (..., 2, t).
        values: `face.lid.levator_travel` and `face.lid.hering_gain`, each (...), as the axes before the sides.

    Returns:
        (..., 2, t): zero where both are untouched, at most the travel.
    """
    return eyelid(xp, levator, 0.0, values)


def eyelid(xp: Any, levator: Array, lift_mm: Array | float, values: Mapping[str, Array]) -> Array:
    """Fall of both upper lids in mm under one drive.

    Args:
        levator: force of the left and the right levator relative to rest, (..., 2, t).
        lift_mm: what else raises each lid, before the drive answers, (..., 2, t) or 0.
        values: as of `margin_drop`.

    Returns:
        (..., 2, t); a weaker levator never raises its own lid.
    """
    levator = xp.asarray(levator)
    travel = wide(xp, values["face.lid.levator_travel"], 2)
    gain = wide(xp, values["face.lid.hering_gain"], 2)
    lift = lift_mm + xp.zeros_like(levator)
    mean = 0.5 * (levator[..., 0:1, :] + levator[..., 1:2, :])
    mean_lift = 0.5 * (lift[..., 0:1, :] + lift[..., 1:2, :])
    fall = (travel * (1.0 - mean) - mean_lift) / (1.0 + gain * mean)
    drive = 1.0 + gain * fall / travel
    return travel * (1.0 - drive * levator) - lift


def closing_gap(
    xp: Any,
    strength: Array,
    fall_mm: Array,
    fissure_mm: Array,
    values: Mapping[str, Array],
) -> Array:
    """Opening in mm that is left when the eyes are closed.

    Args:
        strength: force of the closing muscles over what a gentle closure asks of untouched ones, (..., t).
        fall_mm: how far the lid has fallen for want of its levator, (..., t); a fallen lid closes more easily.
        fissure_mm: opening at rest, which the gap cannot exceed, (..., t).
        values: `face.lid.palsy_gap` and `face.lid.closing_reserve`, (..., 1) each.

    Returns:
        (..., t): 0 for untouched muscles, the palsy gap without any.
    """
    gap = values["face.lid.palsy_gap"]
    capacity = gap / (1.0 - values["face.lid.closing_reserve"])
    left = gap - capacity * strength - xp.maximum(fall_mm, 0.0)
    return xp.minimum(xp.maximum(left, 0.0), xp.maximum(fissure_mm, 0.0))
