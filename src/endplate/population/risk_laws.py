"""From forces to effects: one law for each way in which a weak muscle shows, in mm or as a loss over what is borne.

A law gets the losses of all watched muscles and the values of the outer draws, and gives the index of its effect for
the left and the right, (draw, row, shift, 2, day): what the treatment adds to the untreated face. Millimetres are those
of `model.face`, by the same pulls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from endplate.catalogue.effects import DECLARED, Mechanism
from endplate.catalogue.face_balance import expression
from endplate.model.face.balance import Forces, Side, held, moved, moved_2d
from endplate.model.face.lids import closing_gap, eyelid, margin_drop
from endplate.model.face.measures import average_rest, sides_of
from endplate.model.face.palsy import Palsy, activation
from endplate.population.risk_parts import Group

Array = np.ndarray
SIDES = ("left", "right")
LID_RING = "orbicularis_oculi_palpebral"
LEVATOR = "levator_palpebrae_superioris"
KINDS = {
    "superior_rectus": "vertical",
    "inferior_rectus": "vertical",
    "medial_rectus": "horizontal",
    "lateral_rectus": "horizontal",
    "superior_oblique": "oblique",
    "inferior_oblique": "oblique",
}


@dataclass(frozen=True)
class Losses:
    """Share of force lost.

    Attributes:
        groups: what is held; those left out lose nothing. loss (group, draw, row, shift, day).
        values: of the outer draws, (draw, 1, 1).
        aimed: (muscle, side) that a needle names. palsy: the nerves of the person.
    """

    groups: Mapping[Group, int]
    loss: Array
    values: Mapping[str, Array]
    aimed: frozenset[tuple[str, str]] = frozenset()
    palsy: Palsy = field(default_factory=Palsy)

    def of(self, muscle: str, side: str) -> Array:
        """Loss of one whole muscle on one side, (draw, row, shift, day); a midline muscle answers to both."""
        for group, row in self.groups.items():
            if group.muscle == muscle and not group.part and group.side in (side, "midline"):
                return self.loss[row]
        return np.zeros(self.loss.shape[1:], dtype=self.loss.dtype)

    def both(self, muscle: str) -> Array:
        """Loss on the left and the right, (draw, row, shift, 2, day)."""
        return np.stack([self.of(muscle, side) for side in SIDES], axis=-2)

    def beside_aim(self, muscle: str) -> Array:
        """The same, nothing on a side where a needle names the muscle."""
        free = [not {(muscle, side), (muscle, "midline")} & self.aimed for side in SIDES]
        return self.both(muscle) * np.array(free, dtype=self.loss.dtype)[:, None]

    def value(self, name: str) -> Array:
        """A value of the draws, to meet (draw, row, shift, 2, day)."""
        return self.values[name][..., None, None]

    @cached_property
    def sides(self) -> Mapping[str, Side]:
        """Both sides as `model.face` takes them."""
        names = [(f"{g.muscle}.{g.part}" if g.part else g.muscle, g.side) for g in self.groups]
        forces = Forces.of(names, 1.0 - np.moveaxis(self.loss, 0, -2))
        return sides_of(forces, {name: value[..., None] for name, value in self.values.items()}, self.palsy)

    @cached_property
    def untreated(self) -> Losses:
        """The same persons before treatment."""
        return replace(self, groups={}, loss=self.loss[:0, :, :1, :1, :1])

    def stack(self, parts: list[Any]) -> Array:
        """Left and right as one array, (draw, row, shift, 2, day)."""
        zero = np.zeros(self.loss.shape[1:], dtype=self.loss.dtype)
        return np.stack([zero + part for part in parts], axis=-2)


Law = Callable[[Losses, tuple[str, ...]], Array]


def lid_margin(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Fall of MRD1, mm."""
    still = expression("rest")
    lift = [held(s, "upper_lid") + moved(s, "upper_lid", still) for s in losses.sides.values()]
    return np.asarray(eyelid(np, 1.0 - losses.both(LEVATOR), losses.stack(lift), losses.values))


def brow_fall(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Fall of the middle of the brow, mm."""
    return -losses.stack([_brow(side, "brow_mid") for side in losses.sides.values()])


def brow_peak(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Rise of the tail of the brow over its middle, mm."""
    return losses.stack([_brow(s, "brow_lateral") - _brow(s, "brow_mid") for s in losses.sides.values()])


def _brow(side: Side, landmark: str) -> Any:
    return held(side, landmark) + moved(side, landmark, expression("rest"))


def closure_gap(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Gap between gently closed lids, mm."""
    closing, parts = expression("gentle_closure"), []
    fall = margin_drop(np, 1.0 - losses.both(LEVATOR), losses.values)
    for k, side in enumerate(losses.sides.values()):
        strength = activation(side.nerve, LID_RING, closing) * side.forces(LID_RING, side.name)
        parts.append(closing_gap(np, strength, fall[..., k, :], average_rest().fissure, side.values))
    return losses.stack(parts)


def smile_gap(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """By how much the corner of one side lags behind the other in a smile, mm."""
    return _lag(losses, _smile)


def _smile(side: Side) -> Any:
    still, smile = (moved_2d(side, "mouth_corner", expression(name)) for name in ("rest", "smile"))
    return np.hypot(smile[0] - still[0], smile[1] - still[1])


def lip_gap(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """By how much one half of the lower lip lags behind the other when drawn down, mm."""
    return _lag(losses, _show)


def _show(side: Side) -> Any:
    return moved(side, "lower_lip", expression("lower_lip_show")) - moved(
        side, "lower_lip", expression("rest")
    )


def _lag(losses: Losses, measure: Callable[[Side], Any]) -> Array:
    left, right = (measure(losses.sides[name]) for name in SIDES)
    return losses.stack([right - left, left - right])


def eye_reach(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """The largest loss of an eye muscle over what fusion bears of it; 1 is double vision."""
    return by_muscle(losses, muscles).max(axis=0)


def lid_ring(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Loss of the ring of the lids."""
    return losses.both(LID_RING)


def blur(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Loss of the ring, or fall of a lid, over what blurs; 1 is blurred vision."""
    ring = losses.both(LID_RING) / losses.value("effect.blurred_vision.loss")
    return np.maximum(ring, lid_margin(losses, muscles) / losses.value("effect.eyelid_ptosis.marked"))


def mouth_ring(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Loss of the ring of the mouth."""
    return losses.both("orbicularis_oris")


def swallow(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """The largest loss among the declared muscles of the throat."""
    return np.max([losses.both(muscle) for muscle in DECLARED], axis=0)


def neck(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Mean loss of both sternocleidomastoids."""
    return np.repeat(losses.both("sternocleidomastoid").mean(axis=-2, keepdims=True), 2, axis=-2)


def beyond_aim(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """The largest loss among muscles that no needle names."""
    return by_muscle(losses, muscles).max(axis=0)


def by_muscle(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Loss of each muscle beside the aim, of eye muscles over what fusion bears, (muscle, draw, row, shift, 2, day)."""
    found = []
    for muscle in muscles:
        borne = losses.value(f"effect.diplopia.{KINDS[muscle]}_loss") if muscle in KINDS else 1.0
        found.append(losses.beside_aim(muscle) / borne)
    return np.stack(found)


NAMING = ("eye_reach", "beyond_aim")
"""Laws whose events are named after the muscle that carries them (`by_muscle`)."""

LAWS: dict[str, Law] = {
    "lid_margin": lid_margin,
    "brow_fall": brow_fall,
    "brow_peak": brow_peak,
    "eye_reach": eye_reach,
    "closure_gap": closure_gap,
    "lid_ring": lid_ring,
    "blur": blur,
    "smile_gap": smile_gap,
    "lip_gap": lip_gap,
    "mouth_ring": mouth_ring,
    "swallow": swallow,
    "neck": neck,
    "beyond_aim": beyond_aim,
}


def index_of(one: Mechanism, losses: Losses) -> Array:
    """Index of an effect, (draw, row, shift, 2, day): what the treatment adds to the untreated face."""
    found = LAWS[one.law](losses, one.muscles)
    if losses.palsy.left.healthy and losses.palsy.right.healthy:
        return found
    return found - LAWS[one.law](losses.untreated, one.muscles)
