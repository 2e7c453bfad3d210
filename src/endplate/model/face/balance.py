"""Landmarks in balance: where pullers and antagonists leave a point of the face, in mm from its untreated place.

displacement = sum over pulls of  sign x [hold x (tone x f - 1) + travel x A x f]     f force, 1 = untouched

A line of springs about a working point: each muscle moves the landmark in proportion to its activation A and force f,
and what it holds at rest gives way in proportion to the force that is lost. With all forces 1 and no command every
term is zero, exactly. Sources: `face_balance.toml` and the `face.*` parameters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endplate.catalogue.face_balance import Expression, Pull, pulls_on
from endplate.model.face.palsy import HEALTHY, NerveState, activation, tone

Array = Any
SIDES = ("left", "right")


@dataclass(frozen=True)
class Forces:
    """Force of each muscle relative to rest, by (muscle, side); what is not there is untouched.

    Attributes:
        rows: (muscle, side) -> row of `force`. force: (..., m, t).
    """

    rows: Mapping[tuple[str, str], int]
    force: Array

    @classmethod
    def of(cls, names: Sequence[tuple[str, str]], force: Array) -> Forces:
        return cls({name: row for row, name in enumerate(names)}, force)

    def __call__(self, muscle: str, side: str, part: str | None = None) -> Array | float:
        """Force of a muscle of a side (or of its part, where that is known), (..., t); 1.0 where it is not listed."""
        keys = [(muscle, side), (muscle, "midline")]
        if part is not None:
            keys.insert(0, (f"{muscle}.{part}", side))
        for key in keys:
            if key in self.rows:
                return self.force[..., self.rows[key], :]
        return 1.0


@dataclass(frozen=True)
class Side:
    """One side of a face: its forces, the parameters (..., 1) and its facial nerve."""

    name: str
    forces: Forces
    values: Mapping[str, Array]
    nerve: NerveState = HEALTHY

    def force(self, pull: Pull) -> Array | float:
        return self.forces(pull.muscle, self.name, pull.part)

    def tone(self, muscle: str) -> Array | float:
        """Share of its tone at rest that the nerve gives a muscle."""
        if self.nerve is HEALTHY:
            return 1.0
        return tone(self.nerve, muscle, self.values["face.palsy.contracture"])


def held(side: Side, landmark: str) -> Array | float:
    """Displacement of a landmark that the tone of its muscles gives, mm: zero untreated."""
    total: Array | float = 0.0
    for pull in pulls_on(landmark):
        total = total + pull.sign * _hold(side, pull)
    return total


def moved(side: Side, landmark: str, expression: Expression) -> Array | float:
    """Displacement of a landmark that a command (and a spasm) gives, mm, beside that of tone."""
    total: Array | float = 0.0
    for pull in pulls_on(landmark):
        total = total + pull.sign * _travel(side, pull, expression)
    return total


def held_2d(side: Side, landmark: str) -> tuple[Array | float, Array | float]:
    """The same as `held` in the plane of the face: (outwards, up), mm."""
    return _plane([(pull, _hold(side, pull)) for pull in pulls_on(landmark)])


def moved_2d(side: Side, landmark: str, expression: Expression) -> tuple[Array | float, Array | float]:
    """The same as `moved` in the plane of the face: (outwards, up), mm."""
    return _plane([(pull, _travel(side, pull, expression)) for pull in pulls_on(landmark)])


def _hold(side: Side, pull: Pull) -> Array | float:
    if pull.hold is None or pull.hold_share is None:
        return 0.0
    kept = side.tone(pull.muscle) * side.force(pull) - 1.0
    return side.values[pull.hold] * pull.hold_share * kept


def _travel(side: Side, pull: Pull, expression: Expression) -> Array | float:
    if pull.travel is None or pull.travel_share is None:
        return 0.0
    active = activation(side.nerve, pull.muscle, expression)
    if active == 0.0:
        return 0.0
    return side.values[pull.travel] * (pull.travel_share * active) * side.force(pull)


def _plane(parts: Sequence[tuple[Pull, Array | float]]) -> tuple[Array | float, Array | float]:
    out: Array | float = 0.0
    up: Array | float = 0.0
    for pull, length in parts:
        angle = math.radians(pull.angle_deg or 0.0)
        out = out + math.cos(angle) * length
        up = up + math.sin(angle) * length
    return out, up
