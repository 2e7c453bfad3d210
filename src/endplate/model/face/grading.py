"""Facial palsy as clinics grade it: the Sunnybrook composite of a simulated face, and House-Brackmann as a band.

composite = 4 x sum of 5 movements (1 to 5 each) - 5 x rest (0 to 4) - synkinesis (0 to 15)          0 to 100

A movement scores 1 + 4 x (affected / healthy side), never above 5. Closing the eye counts as far as a muscle closes it,
not as far as a lid falls that its levator lets go, so that a complete flaccid palsy moves nothing.

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

from endplate.catalogue import catalogue
from endplate.catalogue.face_balance import FACIAL, branches_of, expression, pulls_on
from endplate.errors import ModelError
from endplate.model.face.balance import SIDES, Forces, Side, held, held_2d, moved, moved_2d
from endplate.model.face.measures import Measures, Rest, face_measures, measure_parameter_ids, sides_of
from endplate.model.face.palsy import Palsy, activation

Array = Any
MOVEMENTS = ("brow_raise", "gentle_closure", "smile", "snarl", "pucker")
GRADES = ("I", "II", "III", "IV", "V", "VI")
LEAST_MM = 0.1
MOST_POINTS = 3.0  # of synkinesis in one movement


@dataclass(frozen=True)
class Sunnybrook:
    """The scale and its parts, (..., t) each."""

    composite: Array
    movement: Array
    rest: Array
    synkinesis: Array


def sunnybrook(
    xp: Any,
    names: Sequence[tuple[str, str]],
    force: Array,
    values: Mapping[str, Array],
    palsy: Palsy,
    *,
    rest: Rest | None = None,
    found: Measures | None = None,
) -> Sunnybrook:
    """The Sunnybrook composite of the affected side against the other.

    Args:
        names, force, values, rest: as of `face_measures`. palsy: one side healthy.
        found: what `face_measures` gave for the same, where it is at hand.

    Raises:
        ModelError: both sides affected or none, for which the scale has no meaning.
    """
    force = xp.asarray(force)
    ill = affected_sides(palsy)
    if len(ill) != 1:
        raise ModelError(
            f"{len(ill)} sides of this face are affected.",
            "The Sunnybrook scale compares one affected side with a healthy one.",
            "Give a palsy of one side.",
        )
    affected = ill[0]
    if found is None:
        found = face_measures(xp, names, force, values, palsy=palsy, rest=rest)
    table = {name: xp.asarray(values[name])[..., None] for name in measure_parameter_ids()}
    sides = sides_of(Forces.of(names, force), table, palsy)
    bad = sides[affected]
    good = sides[SIDES[1 - SIDES.index(affected)]]
    moves = sum(_movement_score(xp, name, bad, good, found) for name in MOVEMENTS)
    still = _rest_score(xp, bad, good, found)
    crossed = sum(_synkinesis_score(xp, name, bad) for name in MOVEMENTS)
    composite = xp.clip(4.0 * moves - 5.0 * still - crossed, 0.0, 100.0)
    zero = xp.zeros_like(composite)
    return Sunnybrook(composite, zero + moves, zero + still, zero + crossed)


def affected_sides(palsy: Palsy) -> tuple[str, ...]:
    """Sides whose nerves are not healthy."""
    return tuple(side for side in SIDES if not palsy.side(side).healthy)


def _movement_score(xp: Any, name: str, bad: Side, good: Side, found: Any) -> Array:
    ours, theirs = (_movement(xp, name, side, found) for side in (bad, good))
    share = xp.where(theirs > LEAST_MM, ours / xp.maximum(theirs, LEAST_MM), 1.0)
    return 1.0 + 4.0 * xp.clip(share, 0.0, 1.0)


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


def _movement(xp: Any, name: str, side: Side, found: Any) -> Array:
    """Length of a commanded movement, mm."""
    if name == "brow_raise":
        return found["brow_raise", side.name]
    if name == "gentle_closure":
        return _closed_by_muscle(xp, side, found)
    if name == "smile":
        return found["mouth_corner_excursion", side.name]
    asked, still = expression(name), expression("rest")
    zero = xp.zeros_like(found["mrd1", side.name])
    if name == "snarl":
        return zero + moved(side, "upper_lip", asked) - moved(side, "upper_lip", still)
    return zero + _length(xp, side, asked)


def _closed_by_muscle(xp: Any, side: Side, found: Any) -> Array:
    """What the orbicularis closes of the opening that is left without it, mm."""
    fissure = found["fissure_height", side.name]
    return xp.minimum(side.values["face.lid.palsy_gap"], fissure) - found["lagophthalmos", side.name]


def _length(xp: Any, side: Side, asked: Any) -> Array:
    out, up = moved_2d(side, "mouth_corner", asked)
    out_still, up_still = moved_2d(side, "mouth_corner", expression("rest"))
    return xp.hypot(xp.asarray(out - out_still), xp.asarray(up - up_still))


def _rest_score(xp: Any, bad: Side, good: Side, found: Any) -> Array:
    values = bad.values
    eye = abs(found["fissure_height", bad.name] - found["fissure_height", good.name])
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


def _range(grade: str) -> tuple[float, float]:
    row = catalogue().observation(f"face.house_brackmann_{grade.lower()}")
    if row.value is not None:
        return row.value, row.value
    assert row.low is not None and row.high is not None
    return row.low, row.high
