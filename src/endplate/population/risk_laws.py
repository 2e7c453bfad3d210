"""From forces to effects: one law for each way in which a weak muscle shows, in mm or as a loss over what is borne.

A law gets the losses of all watched muscles and the values of the outer draws, and gives the index of its effect for
the left and the right, (draw, row, shift, 2, day): what the treatment adds to the untreated face. Millimetres are those
of `model.face`, by the same pulls; the brow's answer to a fallen lid is left out.
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
from endplate.model.face.lids import closing_gap
from endplate.model.face.measures import average_rest, sides_of
from endplate.model.face.opening import Lids, closing_strength, lids_of
from endplate.model.face.palsy import HEALTHY, Palsy, passed_on
from endplate.population.risk_parts import Group

Array = np.ndarray
SIDES = ("left", "right")
LID_RING = "orbicularis_oculi_palpebral"
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
        """Loss on the left and the right in shares of a healthy muscle, (draw, row, shift, 2, day).

        What a palsied nerve does not drive cannot be lost.
        """
        nerves = [HEALTHY if muscle in DECLARED else self.palsy.side(side) for side in SIDES]
        parts = [
            passed_on(nerve, muscle) * self.of(muscle, side)
            for nerve, side in zip(nerves, SIDES, strict=True)
        ]
        return np.stack(parts, axis=-2)

    def beside_aim(self, muscle: str) -> Array:
        """The same, nothing on a side where a needle names the muscle."""
        free = [not {(muscle, side), (muscle, "midline")} & self.aimed for side in SIDES]
        return self.both(muscle) * np.array(free, dtype=self.loss.dtype)[:, None]

    def value(self, name: str) -> Array:
        """A value of the draws, to meet (draw, row, shift, 2, day)."""
        return self.values[name][..., None, None]

    @property
    def healthy(self) -> bool:
        """Whether all nerves are."""
        return self.palsy.left.healthy and self.palsy.right.healthy

    @cached_property
    def lids(self) -> Lids:
        """The upper lids, by the laws of `model.face`."""
        return lids_of(np, self.sides, self.values, average_rest(), self.loss.shape[1:])

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


def added(losses: Losses, measure: Callable[[Losses], Array]) -> Array:
    """What the treatment adds to a measure of the untreated face, which is nothing where all nerves are healthy."""
    found = measure(losses)
    return found if losses.healthy else found - measure(losses.untreated)


def lid_margin(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Fall of MRD1, mm."""
    return added(losses, lambda some: some.lids.drop)


def brow_fall(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Fall of the middle of the brow, mm."""
    return added(losses, lambda some: -some.stack([_brow(side, "brow_mid") for side in some.sides.values()]))


def brow_peak(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Rise of the tail of the brow over its middle, mm, as far as the frontalis under the tail outlasts the middle."""

    def tail(some: Losses) -> Array:
        parts = [
            _outlasts(s) * (_brow(s, "brow_lateral") - _brow(s, "brow_mid")) for s in some.sides.values()
        ]
        return some.stack(parts)

    return added(losses, tail)


def _outlasts(side: Side) -> Any:
    """Share of what the middle of the frontalis lost that its lateral part kept, 0 to 1: where nothing pulls, and where
    the tail rises alone, no brow is peaked."""
    middle, tail = (side.forces("frontalis", side.name, part) for part in ("medial", "lateral"))
    return np.clip((tail - middle) / np.maximum(1.0 - middle, 1e-6), 0.0, 1.0)


def _brow(side: Side, landmark: str) -> Any:
    return held(side, landmark) + moved(side, landmark, expression("rest"))


def closure_gap(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Gap between gently closed lids, mm."""
    return added(losses, _gap)


def _gap(losses: Losses) -> Array:
    lids, parts = losses.lids, []
    for k, side in enumerate(losses.sides.values()):
        strength = closing_strength(side, "gentle_closure")
        slack, fissure = lids.of_levator[..., k, :], lids.fissure[..., k, :]
        parts.append(closing_gap(np, strength, slack, fissure, side.values))
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
    """Lag of the side that lags, less what the untreated face lags by on either side: a face that gets more even has
    no such effect, whichever side is the stronger then. 0 on the other side."""

    def lag(some: Losses) -> Array:
        left, right = (measure(some.sides[name]) for name in SIDES)
        return np.maximum(some.stack([right - left, left - right]), 0.0)

    found = lag(losses)
    if losses.healthy:
        return found
    return np.where(found > 0.0, found - lag(losses.untreated).max(axis=-2, keepdims=True), 0.0)


def eye_reach(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """The largest loss of an eye muscle over what fusion bears of it; 1 is double vision."""
    return by_muscle(losses, muscles).max(axis=0)


def lid_ring(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Loss of the ring of the lids."""
    return losses.both(LID_RING)


def blur(losses: Losses, muscles: tuple[str, ...]) -> Array:
    """Loss of the ring, or fall of a lid, over what blurs; 1 is blurred vision."""
    ring = lid_ring(losses, muscles) / losses.value("effect.blurred_vision.loss")
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
    return LAWS[one.law](losses, one.muscles)
