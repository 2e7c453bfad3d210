"""Facial palsy as clinics grade it: the Sunnybrook composite of a simulated face, and House-Brackmann as a band.

composite = 4 x sum of 5 movements (1 to 5 each) - 5 x rest (0 to 4) - synkinesis (0 to 15)          0 to 100

A movement scores 1 + 4 x (affected / healthy side before treatment), never above 5. Closing the eye counts as far as a
muscle closes it, not as far as a lid falls that its levator lets go, so that a complete flaccid palsy moves nothing.

What the affected side is held against is a choice. A rater compares with the other side on the day, so that weakening
the healthy side makes the affected one look as if it moved more. Movement is here compared with the healthy side as it
was before treatment (its forces untouched): no toxin there earns points. At rest the sides are compared on the day, as
an onlooker does; there weakening the healthy side can earn points, and what it loses shows in no part of the scale.
`affected_side` is the composite with the healthy side untouched at rest too. House-Brackmann, which grades a nerve, is
read from that.

synkinesis of a movement   3 (1 - exp(-p / 3)),   p = eye + mouth corner + other, each over what makes a point

eye, mouth corner: the way that the cross-drive alone adds to the movement, mm; other: the activation times force that
it gives to the muscle it drives most among those that move neither. One point of p is one point of the scale while
there is little, and no sum passes 3 (severe: gross mass movement of several muscles). The shape is a judgement; a
straight line cut off at 3 would hide what a treatment takes from a severe one.

Raters give whole points; here they are fractions, so that a small change shows. Thresholds are `face.grade.*`; what a
rater sees beyond these landmarks is not modelled.

Sources: Ross 1996 for the scale (recalled, clinical evidence table 3); `synkinesis_face_program` for mm of the fissure
a point of synkinesis; `kanerva2011` for the bands of House-Brackmann.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.face_balance import FACIAL, branches_of, expression, pulls_on
from endplate.errors import ModelError
from endplate.model.course import FaceMeasure
from endplate.model.face.balance import SIDES, Forces, Side, held, held_2d, moved, moved_2d
from endplate.model.face.lids import closing_gap
from endplate.model.face.measures import (
    Rest,
    average_rest,
    check_input,
    closing_strength,
    lids_of,
    measure_parameter_ids,
    sides_of,
)
from endplate.model.face.palsy import NerveState, Palsy, activation

Array = Any
COMPOSITE, AFFECTED_SIDE = "sunnybrook_composite", "sunnybrook_affected_side"
HOUSE_BRACKMANN = "house_brackmann"
MOVEMENTS = ("brow_raise", "gentle_closure", "smile", "snarl", "pucker")
GRADES = ("I", "II", "III", "IV", "V", "VI")
LEAST_MM = 0.1
MOST_POINTS = 3.0  # of synkinesis in one movement


@dataclass(frozen=True)
class Sunnybrook:
    """The scale and its parts, (..., t) each.

    Attributes:
        movement: 5 to 25, against the healthy side before treatment. rest: 0 to 4, against the other side on the day.
        affected_side: the composite if the healthy side were untreated at rest too.
    """

    composite: Array
    movement: Array
    rest: Array
    synkinesis: Array
    affected_side: Array


def sunnybrook(
    xp: Any,
    names: Sequence[tuple[str, str]],
    force: Array,
    values: Mapping[str, Array],
    palsy: Palsy,
    *,
    rest: Rest | None = None,
) -> Sunnybrook:
    """The Sunnybrook composite of the affected side against the other.

    Args:
        names, force, values, rest: as of `face_measures`. palsy: one side healthy.

    Raises:
        ModelError: both sides affected or none, for which the scale has no meaning.
    """
    force = xp.asarray(force)
    check_input(names, force, values, np.arange(force.shape[-1]))
    ill = affected_sides(palsy)
    if len(ill) != 1:
        raise ModelError(
            f"{len(ill)} sides of this face are affected.",
            "The Sunnybrook scale compares one affected side with a healthy one.",
            "Give a palsy of one side.",
        )
    affected, healthy = ill[0], SIDES[1 - SIDES.index(ill[0])]
    table = {name: xp.asarray(values[name])[..., None] for name in measure_parameter_ids()}
    shape = (*force.shape[:-2], force.shape[-1])
    today, untouched = (
        sides_of(forces, table, palsy) for forces in (Forces.of(names, force), Forces({}, None))
    )
    bad, good = today[affected], untouched[healthy]

    def rest_score(sides: Mapping[str, Side]) -> Array:
        fissure = lids_of(xp, sides, values, rest or average_rest(), shape).fissure
        eye = abs(fissure[..., 0, :] - fissure[..., 1, :])
        return _rest_score(xp, sides[affected], sides[healthy], eye)

    zero = xp.zeros(shape)
    moves = zero + sum(_movement_score(xp, name, bad, good) for name in MOVEMENTS)
    crossed = zero + sum(_synkinesis_score(xp, name, bad) for name in MOVEMENTS)
    still = rest_score(today)
    before = rest_score({side: bad if side == affected else good for side in SIDES})

    def composite(at_rest: Array) -> Array:
        return xp.clip(4.0 * moves - 5.0 * at_rest - crossed, 0.0, 100.0)

    return Sunnybrook(composite(still), moves, zero + still, crossed, composite(before))


def affected_sides(palsy: Palsy) -> tuple[str, ...]:
    """Sides whose facial nerve is not healthy; the scale does not grade that of the lid's levator."""
    return tuple(side for side in SIDES if _affected(palsy.side(side)))


def _affected(nerve: NerveState) -> bool:
    weak = any(table.get(branch, 1.0) != 1.0 for table in (nerve.drive, nerve.tone) for branch in FACIAL)
    return weak or any(nerve.cross.values()) or any(nerve.spasm.values())


def _movement_score(xp: Any, name: str, bad: Side, good: Side) -> Array:
    ours, theirs = (_movement(xp, name, side) for side in (bad, good))
    return 1.0 + 4.0 * xp.clip(ours / xp.maximum(xp.asarray(theirs), LEAST_MM), 0.0, 1.0)


def synkinesis_points(xp: Any, name: str, bad: Side) -> Array | float:
    """Points of one movement before the scale bends them to 3, p."""
    asked, alone = expression(name), replace(bad, nerve=bad.nerve.uncrossed)
    values = bad.values
    per_mm = values[f"face.grade.synkinesis_{'pucker' if name == 'pucker' else 'smile'}"]
    # The eye is asked to close in a closure: what closes it then is no synkinesis.
    eye = 0.0 if name == "gentle_closure" else abs(_narrowing(name, bad) - _narrowing(name, alone))
    (out, up), (out_alone, up_alone) = (moved_2d(side, "mouth_corner", asked) for side in (bad, alone))
    corner = xp.hypot(xp.asarray(out - out_alone), xp.asarray(up - up_alone))
    other = 0.0
    for muscle in _others():
        added = activation(bad.nerve, muscle, asked) - activation(alone.nerve, muscle, asked)
        if added > 0.0:
            other = xp.maximum(xp.asarray(added * bad.forces(muscle, bad.name)), other)
    shown = corner / values["face.grade.synkinesis_mouth"] + other / values["face.grade.synkinesis_muscle"]
    return eye / per_mm + shown


@lru_cache(maxsize=1)
def _others() -> tuple[str, ...]:
    """Muscles of the facial nerve that move neither the lids nor the mouth corner."""
    moving = {p.muscle for at in ("upper_lid", "lower_lid", "mouth_corner") for p in pulls_on(at) if p.travel}
    return tuple(m for m in catalogue().muscles if m not in moving and set(branches_of(m)) & set(FACIAL))


def _movement(xp: Any, name: str, side: Side) -> Array:
    """Length of a commanded movement of a side, by its own muscles alone, mm."""
    if name == "gentle_closure":
        return _closed_by_muscle(xp, side)
    asked, still = expression(name), expression("rest")
    line = {"brow_raise": "brow_mid", "snarl": "upper_lip"}.get(name)
    if line is not None:
        return moved(side, line, asked) - moved(side, line, still)
    return _length(xp, side, asked)


def _closed_by_muscle(xp: Any, side: Side) -> Array:
    """What the orbicularis closes of the opening that is left without it, mm."""
    gap = side.values["face.lid.palsy_gap"]
    return gap - closing_gap(xp, closing_strength(side, "gentle_closure"), 0.0, gap, side.values)


def _length(xp: Any, side: Side, asked: Any) -> Array:
    out, up = moved_2d(side, "mouth_corner", asked)
    out_still, up_still = moved_2d(side, "mouth_corner", expression("rest"))
    return xp.hypot(xp.asarray(out - out_still), xp.asarray(up - up_still))


def _rest_score(xp: Any, bad: Side, good: Side, eye: Array) -> Array:
    """Points at rest, 0 to 4.

    Args:
        eye: difference of the fissures, mm.
    """
    values = bad.values
    cheek = abs(held(bad, "upper_lip") - held(good, "upper_lip"))
    mouth = abs(held_2d(bad, "mouth_corner")[1] - held_2d(good, "mouth_corner")[1])
    return (
        xp.clip(eye / values["face.grade.rest_eye"], 0.0, 1.0)
        + 2.0 * xp.clip(cheek / values["face.grade.rest_cheek"], 0.0, 1.0)
        + xp.clip(mouth / values["face.grade.rest_mouth"], 0.0, 1.0)
    )


def _synkinesis_score(xp: Any, name: str, bad: Side) -> Array:
    """Points, 0 to 3, of one movement: how much moves along that was not asked for."""
    return MOST_POINTS * (1.0 - xp.exp(-xp.asarray(synkinesis_points(xp, name, bad)) / MOST_POINTS))


def _narrowing(name: str, side: Side) -> Array | float:
    """How much an expression narrows the fissure, mm."""
    asked, still = expression(name), expression("rest")
    return sum(moved(side, lid, still) - moved(side, lid, asked) for lid in ("upper_lid", "lower_lid"))


def house_brackmann(composite: float) -> tuple[str, ...]:
    """Grades of House-Brackmann whose middle half of gradings holds a composite; the neighbours where none does.

    One score goes with several grades: the scales correlate, and overlap widely. A band, never one grade.
    """
    ranges = {grade: _range(grade) for grade in GRADES}
    inside = tuple(g for g, (low, high) in ranges.items() if low <= composite <= high)
    if inside:
        return inside
    better = [g for g, (low, _) in ranges.items() if low > composite][-1:]
    worse = [g for g, (_, high) in ranges.items() if high < composite][:1]
    return tuple(better + worse)


def house_brackmann_bands(better: Array, worse: Array) -> tuple[np.ndarray, np.ndarray]:
    """Mildest and worst grade by day, 1 (I) to 6 (VI), (t,) each.

    Args:
        better, worse: the highest and the lowest score that count, (t,) each; the same for one course.
    """
    ends = [
        (house_brackmann(float(b))[0], house_brackmann(float(w))[-1])
        for b, w in zip(better, worse, strict=True)
    ]
    numbers = np.array([[float(GRADES.index(grade) + 1) for grade in pair] for pair in ends]).reshape(-1, 2)
    return numbers[:, 0], numbers[:, 1]


def with_house_brackmann(face: Sequence[FaceMeasure]) -> tuple[FaceMeasure, ...]:
    """Measures of a face with House-Brackmann as a band, where they hold the score of an affected side.

    The entry has no value (NaN; null in JSON): `low` is the mildest and `high` the worst grade that go with the score,
    over its band where it has one.
    """
    kept = tuple(one for one in face if one.measure != HOUSE_BRACKMANN)
    score = next((one for one in kept if one.measure == AFFECTED_SIDE), None)
    if score is None:
        return kept
    low, high = house_brackmann_bands(score.high, score.low)
    none = np.full(len(score.day), np.nan)
    return (*kept, FaceMeasure(HOUSE_BRACKMANN, score.side, "1", score.day, none, low, high))


def _range(grade: str) -> tuple[float, float]:
    row = catalogue().observation(f"face.house_brackmann_{grade.lower()}")
    if row.value is not None:
        return row.value, row.value
    assert row.low is not None and row.high is not None
    return row.low, row.high
