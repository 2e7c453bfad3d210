"""What a clinician measures on a face, by day: positions at rest, excursions of expressions, asymmetry, lines, strain.

Positions are those of the untreated face plus what `balance` and `lids` make of the forces; excursions run from the
face at rest to the commanded expression, both on the same day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.face_balance import expression, face_parameter_ids
from endplate.errors import ModelError
from endplate.model.face.balance import SIDES, Forces, Side, held, moved, moved_2d
from endplate.model.face.lids import closing_gap
from endplate.model.face.opening import closing_strength, lids_of
from endplate.model.face.palsy import HEALTHY, Palsy, activation
from endplate.model.face.severity import line_areas, line_severities

Array = Any
Measures = dict[tuple[str, str], Array]
BROWS = ("medial", "mid", "lateral")
STRAINS = (
    ("glabella", "horizontal"),
    ("glabella", "vertical"),
    ("forehead", "horizontal"),
    ("forehead", "vertical"),
)
LEAST_MM = 0.05  # a shorter path has no direction


@dataclass(frozen=True)
class Rest:
    """Where the landmarks of an untreated face lie, mm above the pupil; the fissure in mm."""

    brow_medial: float
    brow_mid: float
    brow_lateral: float
    mrd1: float
    fissure: float

    @classmethod
    def of(cls, face: Any) -> Rest:
        """From the landmarks of a face (its left side; faces are even)."""

        def above(name: str) -> float:
            return float(face.points[name][1] - face.points["pupil"][1])

        return cls(
            brow_medial=above("brow_medial"),
            brow_mid=above("brow_mid"),
            brow_lateral=above("brow_lateral"),
            mrd1=above("upper_lid_margin"),
            fissure=above("upper_lid_margin") - above("lower_lid_margin"),
        )


@lru_cache(maxsize=1)
def average_rest() -> Rest:
    """The resting places of the average woman of 45, from the norms of the head."""
    from endplate.anatomy import default_face

    return Rest.of(default_face())


@lru_cache(maxsize=1)
def measure_parameter_ids() -> tuple[str, ...]:
    """Ids of all parameters that the measures read, in catalogue order."""
    lines = line_areas()
    outcome = {"outcome.remodelling", "outcome.lasting_share"}
    outcome |= {f"outcome.{kind}.{name}" for kind in ("drop", "baseline_mean") for name in lines}
    wanted = outcome | set(face_parameter_ids())
    return tuple(name for name in catalogue().parameters if name in wanted)


def point_values() -> dict[str, float]:
    """The centre of every parameter that the measures read."""
    return {name: float(catalogue().parameter(name).value) for name in measure_parameter_ids()}


def unit_of(measure: str) -> str:
    """Unit of a measure: mm, deg, % or 1 (grades, points)."""
    if measure == "mouth_corner_angle":
        return "deg"
    if measure.endswith("_percent") or measure.startswith("strain."):
        return "%"
    return "1" if measure.startswith(("line_severity", "sunnybrook")) else "mm"


def face_measures(
    xp: Any,
    names: Sequence[tuple[str, str]],
    force: Array,
    values: Mapping[str, Array],
    *,
    palsy: Palsy | None = None,
    rest: Rest | None = None,
    days: np.ndarray | None = None,
) -> Measures:
    """All measures of a face from the force of its muscles.

    Args:
        names: (muscle, side) of each row; a part of a muscle is named `muscle.part`. What is not named is untouched.
        force: relative to rest, (..., m, t), 1 = untouched.
        values: parameters by id (`measure_parameter_ids`), each a number or (...) as the axes before the muscles.
        palsy: the facial nerves; None for healthy ones.
        rest: where the landmarks lie untreated; None takes the average woman of 45.
        days: day of each column, ascending, for lines that follow slowly; None takes 0, 1, 2 ...

    Returns:
        (measure, side) -> (..., t). Measures of both sides together have the side "midline"; lines of each side stand
        beside them where a palsy, a synkinesis or a spasm makes nerves differ from healthy ones. A mouth corner that
        does not move has no angle (NaN).

    Raises:
        ModelError: names and rows, or days and columns, that do not match, or a value that is missing.
    """
    force = xp.asarray(force)
    days = np.arange(force.shape[-1]) if days is None else np.asarray(days)
    check_input(names, force, values, days)
    rest = rest or average_rest()
    table = {name: xp.asarray(values[name])[..., None] for name in measure_parameter_ids()}
    forces = Forces.of(names, force)
    sides = sides_of(forces, table, palsy)
    shape = (*force.shape[:-2], force.shape[-1])
    found: Measures = {}
    fall = _lids(xp, found, sides, values, rest, shape)
    _brows(xp, found, sides, fall, rest)
    _mouth(xp, found, sides)
    _asymmetry(xp, found)
    uneven = not (sides["left"].nerve is sides["right"].nerve is HEALTHY)
    found |= line_severities(xp, sides, table, days, shape, each_side=uneven)
    _strain(xp, found, sides, table)
    zero = xp.zeros(shape)
    return {key: zero + value for key, value in found.items()}


def sides_of(forces: Forces, table: Mapping[str, Array], palsy: Palsy | None) -> dict[str, Side]:
    """Both sides of a face, with the nerves of each."""
    nerves = {name: (palsy or Palsy()).side(name) for name in SIDES}
    return {n: Side(n, forces, table, HEALTHY if nerve.healthy else nerve) for n, nerve in nerves.items()}


def check_input(names: Sequence[Any], force: Array, values: Mapping[str, Array], days: np.ndarray) -> None:
    if force.ndim < 2 or force.shape[-2] != len(names):
        raise ModelError(
            f"Forces of shape {tuple(force.shape)} were given with {len(names)} muscles.",
            "They are (..., muscle, day).",
            "Give a row for each name.",
        )
    if len(days) != force.shape[-1] or bool((np.diff(days) <= 0).any()):
        raise ModelError(f"{len(days)} days were given with {force.shape[-1]} columns.", "They ascend.")
    missing = [name for name in measure_parameter_ids() if name not in values]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ModelError(f"The value of `{missing[0]}`{more} is missing.", "", "Start from `point_values`.")


def _lids(
    xp: Any,
    found: Measures,
    sides: Mapping[str, Side],
    values: Mapping[str, Array],
    rest: Rest,
    shape: tuple[int, ...],
) -> Array:
    """Lids at rest and closed; returns the mean fall of both upper lids that levators leave, (..., t)."""
    lids = lids_of(xp, sides, values, rest, shape)
    for k, (name, side) in enumerate(sides.items()):
        fissure, slack = lids.fissure[..., k, :], lids.of_levator[..., k, :]
        found["mrd1", name] = rest.mrd1 - lids.drop[..., k, :]
        found["fissure_height", name] = fissure
        for measure, asked in (("lagophthalmos", "gentle_closure"), ("lagophthalmos_tight", "tight_closure")):
            found[measure, name] = closing_gap(xp, closing_strength(side, asked), slack, fissure, side.values)
    return 0.5 * (lids.of_levator[..., 0, :] + lids.of_levator[..., 1, :])


def _brows(xp: Any, found: Measures, sides: Mapping[str, Side], fall: Array, rest: Rest) -> None:
    still, raised, frown = expression("rest"), expression("brow_raise"), expression("frown")
    for name, side in sides.items():
        answer = side.values["face.brow.compensation"] * xp.maximum(fall, 0.0)
        for place in BROWS:
            landmark = f"brow_{place}"
            part = "lateral" if place == "lateral" else "medial"
            helped = answer * side.forces("frontalis", name, part) * _frontalis_drive(side)
            height = getattr(rest, landmark) + held(side, landmark) + moved(side, landmark, still)
            found[f"brow_height_{place}", name] = height + helped
        found["brow_raise", name] = moved(side, "brow_mid", raised) - moved(side, "brow_mid", still)
        found["frown_shift", name] = moved(side, "brow_shift", frown) - moved(side, "brow_shift", still)


def _frontalis_drive(side: Side) -> float:
    return activation(side.nerve, "frontalis", expression("brow_raise"))


def _mouth(xp: Any, found: Measures, sides: Mapping[str, Side]) -> None:
    still, smile, show = expression("rest"), expression("smile"), expression("lower_lip_show")
    for name, side in sides.items():
        out, up = _path(side, smile, still)
        length = xp.sqrt(out**2 + up**2)
        found["mouth_corner_excursion", name] = length
        angle = xp.degrees(xp.arctan2(up + 0.0 * length, out + 0.0 * length))
        found["mouth_corner_angle", name] = xp.where(length > LEAST_MM, angle, xp.nan)
        found["lower_lip_show", name] = moved(side, "lower_lip", show) - moved(side, "lower_lip", still)


def _path(side: Side, asked: Any, still: Any) -> tuple[Array | float, Array | float]:
    """Path of a mouth corner from rest to an expression, (outwards, up), mm."""
    out, up = moved_2d(side, "mouth_corner", asked)
    out_still, up_still = moved_2d(side, "mouth_corner", still)
    return out - out_still, up - up_still


def _asymmetry(xp: Any, found: Measures) -> None:
    """Differences of the sides; a percentage is of the larger side."""

    def pair(measure: str) -> tuple[Array, Array]:
        return found[measure, "left"], found[measure, "right"]

    for name, place, movement in (
        ("brow", "brow_height_mid", "brow_raise"),
        ("lid", "mrd1", "fissure_height"),
        ("smile", "mouth_corner_excursion", "mouth_corner_excursion"),
    ):
        left, right = pair(place)
        found[f"{name}_asymmetry_mm", "midline"] = abs(left - right)
        left, right = pair(movement)
        larger = xp.maximum(xp.maximum(abs(left), abs(right)), 1e-9)
        found[f"{name}_asymmetry_percent", "midline"] = 100.0 * abs(left - right) / larger


def _strain(xp: Any, found: Measures, sides: Mapping[str, Side], values: Mapping[str, Array]) -> None:
    """Skin strain over a frown: the untreated figure times the share of the frown's movement that is left."""
    frown, still = expression("frown"), expression("rest")
    across = _left_over(sides, ("brow_shift",), frown, still)
    down = _left_over(sides, ("brow_medial", "brow_mid"), frown, still)
    for region, direction in STRAINS:
        whole = values[f"face.strain.{region}.{direction}"]
        # Compression counts below zero.
        found[f"strain.{region}.{direction}", "midline"] = (
            -whole * across if direction == "horizontal" else whole * down
        )


def _left_over(sides: Mapping[str, Side], landmarks: Sequence[str], asked: Any, still: Any) -> Array | float:
    """Movement of landmarks of both sides in an expression, relative to untouched muscles and nerves."""
    left, right = sides["left"], sides["right"]
    total: Array | float = 0.0
    norm: Array | float = 0.0
    for landmark in landmarks:
        both = [moved(s, landmark, asked) - moved(s, landmark, still) for s in (left, right)]
        total = total + (both[0] + both[1])
        alone = Side("left", Forces({}, None), left.values)
        norm = norm + 2.0 * moved(alone, landmark, asked)
    return total / norm
