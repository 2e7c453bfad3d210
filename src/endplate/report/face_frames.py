"""What the face does in each expression by day, from the face model: the numbers that a drawn face is made to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from endplate.model.course import Course

Array = NDArray[np.float64]
Measures = Mapping[tuple[str, str], Array]
SIDES = ("left", "right")

SHOWN = ("rest", "frown", "brow_raise", "gentle_closure", "smile")
ENGAGED: dict[str, tuple[str, ...]] = {
    "frown": ("glabella",),
    "brow_raise": ("forehead",),
    "smile": ("lateral_canthus",),
    "tight_closure": ("lateral_canthus", "glabella"),
}
"""Areas whose lines an expression draws up; the others keep what they show at rest."""

SEEN_MM = 0.5
"""A lower lip that moves by less is not worth a row of heads."""

CLOSURES = {"gentle_closure": "lagophthalmos", "tight_closure": "lagophthalmos_tight"}
OWN = {"frown": ("frown_shift",), "brow_raise": ("brow_raise",), "smile": ("mouth_corner_excursion",)}
LIP = ("rest", "lower_lip_show", "snarl", "platysma_grimace")
"""Expressions that say where the lower lip is; in the others it goes along with the corner of the mouth."""


def by_expression(
    names: Sequence[tuple[str, str]],
    force: Array,
    values: Mapping[str, Any],
    *,
    palsy: Any = None,
    rest: Any = None,
    days: Array | None = None,
    known: Measures | None = None,
    expressions: Sequence[str] = SHOWN,
) -> dict[str, dict[tuple[str, str], Array]]:
    """Measures of each expression: expression -> (measure, side) -> (t,).

    Heights of the brow and MRD1 (mm above the pupil) and the fissure (mm) are those in the expression itself;
    `frown_shift`, `mouth_corner_lateral`, `mouth_corner_height` and `lower_lip_show` are mm from the untreated face at
    rest; `line_severity.<area>` of the midline is the grade that shows, that of a side the grade if both sides were
    like it (a palsied forehead is smooth on one side). What the expression is known by stands beside them under its own
    name (`brow_raise`, `lagophthalmos`, `mouth_corner_excursion`); `lower_lip_fall` is the course's `lower_lip_show`,
    without what the lip has sunk or risen at rest.

    Args:
        names, force, values, palsy, rest, days: as `model.face.face_measures` takes them, force (m, t).
        known: measures already computed, which are not computed again (those of the course).
    """
    from endplate.catalogue.face_balance import expression as asked
    from endplate.model.face import average_rest, face_measures, measure_parameter_ids
    from endplate.model.face.balance import Forces
    from endplate.model.face.measures import sides_of
    from endplate.model.face.severity import line_severities

    rest = rest or average_rest()
    found = dict(known or face_measures(np, names, force, values, palsy=palsy, rest=rest, days=days))
    table = {name: np.asarray(values[name])[..., None] for name in measure_parameter_ids()}
    sides = sides_of(Forces.of(names, np.asarray(force)), table, palsy)
    zero = np.zeros(np.shape(force)[-1])
    on = np.arange(float(zero.size)) if days is None else np.asarray(days, dtype=float)
    lines = line_severities(np, sides, table, on, zero.shape, each_side=True) | found
    out = {}
    for name in expressions:
        moved: dict[tuple[str, str], Any] = _lines(lines, name)
        for side in SIDES:
            moved |= {(m, side): v for m, v in _side(found, sides[side], side, asked(name), name).items()}
        out[name] = {key: zero + value for key, value in moved.items()}
    return out


def of_course(
    course: Course, face: Any, patient: Any = None, expressions: Sequence[str] | None = None
) -> dict[str, dict[tuple[str, str], Array]]:
    """The measures of each expression of a course on its face, as planned; see `by_expression`.

    Args:
        patient: of the plan: nerves, and lines graded before treatment.
        expressions: None takes `SHOWN`, and the lower lip where it is uneven or changes.
    """
    from endplate.model.face import Rest, palsy_of, point_values
    from endplate.population.face import with_baseline

    known = {(one.measure, one.side): np.asarray(one.value) for one in course.face}
    if expressions is None:
        lip = [values for (name, _), values in known.items() if name == "lower_lip_show"]
        expressions = (*SHOWN, "lower_lip_show") if lip and np.ptp(lip) >= SEEN_MM else SHOWN
    force = np.concatenate([course.force, *(part[None] for part in course.parts.values())])
    return by_expression(
        (*course.muscles, *course.parts), force, with_baseline(point_values(), patient), rest=Rest.of(face),
        days=course.days, palsy=None if patient is None else palsy_of(patient), known=known or None,
        expressions=expressions,
    )  # fmt: skip


def _side(found: Measures, side: Any, name: str, asked: Any, expression: str) -> dict[str, Any]:
    """Measures of one side in an expression."""
    from endplate.catalogue.face_balance import expression as catalogue_expression
    from endplate.model.face.balance import held, held_2d, moved, moved_2d

    still = catalogue_expression("rest")

    def change(landmark: str) -> Any:
        return moved(side, landmark, asked) - moved(side, landmark, still)

    out = {
        f"brow_height_{k}": found[f"brow_height_{k}", name] + change(f"brow_{k}")
        for k in ("medial", "mid", "lateral")
    }
    out["frown_shift"] = moved(side, "brow_shift", asked)
    if expression in CLOSURES:
        out["fissure_height"] = found[CLOSURES[expression], name]
        out[CLOSURES[expression]] = out["fissure_height"]
    else:
        upper, lower = change("upper_lid"), change("lower_lid")
        out["mrd1"] = found["mrd1", name] + upper
        out["fissure_height"] = np.maximum(found["fissure_height", name] + upper + lower, 0.0)
    (out_held, up_held), (out_moved, up_moved) = (
        held_2d(side, "mouth_corner"),
        moved_2d(side, "mouth_corner", asked),
    )
    out["mouth_corner_lateral"], out["mouth_corner_height"] = out_held + out_moved, up_held + up_moved
    if expression in LIP:
        out["lower_lip_show"] = held(side, "lower_lip") + moved(side, "lower_lip", asked)
    if expression == "lower_lip_show":
        out["lower_lip_fall"] = found["lower_lip_show", name]
    for own in OWN.get(expression, ()):
        out.setdefault(own, found[own, name])
    return out


def _lines(found: Measures, expression: str) -> dict[tuple[str, str], Any]:
    """Grade of each area's lines as the expression shows them, of both sides together and of each."""
    start = "line_severity_rest."
    out = {}
    for measure, side in found:
        if measure.startswith(start):
            area = measure.removeprefix(start)
            when = "contraction" if area in ENGAGED.get(expression, ()) else "rest"
            out[f"line_severity.{area}", side] = found[f"line_severity_{when}.{area}", side]
    return out
