"""The measures of a face by day, as planned and over the draws of a band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.lines import area
from endplate.model.course import Course
from endplate.model.face import Palsy, Rest, face_measures, measure_parameter_ids, palsy_of, point_values
from endplate.model.face.grading import AFFECTED_SIDE, COMPOSITE, affected_sides, sunnybrook
from endplate.model.face.severity import line_areas, untreated_use
from endplate.model.setup import Setup
from endplate.model.simulate import daily_force
from endplate.population.draws import prior_values, stratified, stream

CHUNK = 100
EDGES = (0.05, 0.95)
Key = tuple[str, str]


def point_face(course: Course, setup: Setup, patient: Any = None) -> dict[Key, np.ndarray]:
    """Measures of the plan as it is carried out exactly, (measure, side) -> (day,).

    Args:
        course: the forces of muscles and their parts. patient: of the plan: nerves, and lines graded before treatment.
    """
    return graded_face(
        (*course.muscles, *course.parts),
        np.concatenate([course.force, *(part[None] for part in course.parts.values())]),
        with_baseline(point_values(), patient),
        palsy_of(patient) if patient is not None else Palsy(),
        Rest.of(setup.face),
        course.days,
    )


def graded_face(
    names: Sequence[Key],
    force: np.ndarray,
    values: Mapping[str, Any],
    palsy: Palsy,
    rest: Rest,
    days: np.ndarray,
) -> dict[Key, np.ndarray]:
    """The measures of `model.face`, with the Sunnybrook scores where one side is affected; as `face_measures`."""
    found = face_measures(np, names, force, values, palsy=palsy, rest=rest, days=days)
    if len(affected_sides(palsy)) == 1:
        score = sunnybrook(np, names, force, values, palsy, rest=rest)
        found[COMPOSITE, "midline"] = score.composite
        found[AFFECTED_SIDE, "midline"] = score.affected_side
    return found


def face_values(draws: int, seed: int) -> dict[str, np.ndarray]:
    """Independent draws of all parameters that the measures read, (draw,) each, from their priors."""
    table = catalogue().parameters
    return {
        name: prior_values(table[name], stratified(stream(seed, name), draws))
        if table[name].drawn and table[name].low < table[name].high
        else np.full(draws, float(table[name].value))
        for name in measure_parameter_ids()
    }


def with_baseline(values: Mapping[str, Any], patient: Any) -> dict[str, Any]:
    """The values with what the patient's lines were graded before treatment, where a plan says so.

    Grades of both raters and both sides count alike; only those on the scale of the area do. A grade is that of this
    patient, and the parameter that of healthy nerves: what a palsy takes from the line is added to it.
    """
    out = dict(values)
    for name in line_areas():
        start = _graded(patient, name)
        if start is None:
            continue
        key = f"outcome.baseline_mean.{name}"
        lost = 1.0 - untreated_use(palsy_of(patient), name)
        out[key] = start + lost * np.asarray(out[f"outcome.drop.{name}"], dtype=float)
    return out


def _graded(patient: Any, name: str) -> float | None:
    """Mean of the grades at contraction that a plan gives for an area; None where none is on the area's scale."""
    scale = area(name)
    entries = () if patient is None else patient.baseline
    found = [
        grade
        for entry in entries
        if entry.area == name and entry.state == "contraction" and entry.scale is None
        for grade in (entry.investigator, entry.subject)
        if grade is not None and scale.lowest <= grade <= scale.highest
    ]
    return float(np.mean(found)) if found else None


def face_bands(
    setup: Setup,
    names: Sequence[Key],
    at_nodes: np.ndarray,
    seed: int,
    patient: Any = None,
) -> dict[Key, tuple[np.ndarray, np.ndarray]]:
    """5 % and 95 % points of every measure, (measure, side) -> (day,) each.

    Args:
        setup: with the kept days of the draws. names: muscles and parts. at_nodes: their forces, (draw, name, node).
        patient: as of `point_face`.
    """
    values, rest = with_baseline(face_values(len(at_nodes), seed), patient), Rest.of(setup.face)
    palsy = palsy_of(patient) if patient is not None else Palsy()
    kept: dict[Key, list[np.ndarray]] = {}
    for start in range(0, len(at_nodes), CHUNK):
        stop = start + CHUNK
        found = graded_face(
            names,
            at_nodes[start:stop],
            {name: value[start:stop] for name, value in values.items()},
            palsy,
            rest,
            setup.nodes,
        )
        for key, value in found.items():
            kept.setdefault(key, []).append(value.astype(np.float32))
    return {key: _edges(setup, np.concatenate(value)) for key, value in kept.items()}


def _edges(setup: Setup, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.quantile(values.astype(float), EDGES, axis=0)
    return daily_force(setup, low), daily_force(setup, high)
