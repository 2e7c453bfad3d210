"""The measures of a face by day, as planned and over the draws of a band."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.lines import area
from endplate.model import chain
from endplate.model.face import Palsy, Rest, face_measures, measure_parameter_ids, palsy_of, point_values
from endplate.model.face.grading import affected_sides, sunnybrook
from endplate.model.face.parts import part_names, part_of
from endplate.model.face.severity import line_areas
from endplate.model.parameters import point_parameters
from endplate.model.setup import Setup
from endplate.model.simulate import daily_force
from endplate.population.draws import prior_values, stratified, stream
from endplate.population.narrow import site_within

CHUNK = 100
EDGES = (0.05, 0.95)
Key = tuple[str, str]
Runs = Callable[[Setup], np.ndarray]


def parts_setup(setup: Setup) -> tuple[Setup, tuple[Key, ...]]:
    """The setup with the endplates of the muscles' parts alone, a row for each part in reach, and their names."""
    part = part_of(setup.face)[setup.active]
    keep = part >= 0
    active = setup.active[keep]
    rows, muscle = np.unique(part[keep], return_inverse=True)
    whole = _whole_weight(setup)[rows]
    names = part_names()
    classes = tuple(catalogue().muscle(names[row][0].split(".")[0]).muscle_class for row in rows)
    narrow = replace(
        setup,
        sites=tuple(site_within(site, active) for site in setup.sites),
        active=active,
        muscle=muscle,
        # Endplates out of reach keep their weight in the part: they are not blocked.
        weight=setup.weight[keep] / whole[muscle],
        quantile_z=setup.quantile_z[keep],
        active_muscles=np.arange(len(rows)),
        classes=classes,
    )
    return narrow, tuple(names[row] for row in rows)


def _whole_weight(setup: Setup) -> np.ndarray:
    """Weight of all endplates of each part of the face, in reach or not, (part,)."""
    part = part_of(setup.face)
    inside = part >= 0
    return np.bincount(part[inside], weights=setup.endplates.weight[inside], minlength=len(part_names()))


def point_face(setup: Setup, force: np.ndarray, patient: Any = None) -> dict[Key, np.ndarray]:
    """Measures of the plan as it is carried out exactly, (measure, side) -> (day,).

    Args:
        force: of every muscle of the face, (m, day). patient: of the plan: nerves, and lines graded before treatment.
    """
    narrow, names = parts_setup(setup)
    parts = np.ones((0, force.shape[-1]))
    if names:
        exact = chain.Needle.exact(1, len(setup.sites))
        parts = daily_force(narrow, np.asarray(chain.forces(np, narrow, point_parameters(), exact))[0])
    return graded_face(
        (*setup.endplates.names, *names),
        np.concatenate([force, parts]),
        with_baseline(point_values(), patient),
        palsy_of(patient) if patient is not None else Palsy(),
        Rest.of(setup.face),
        np.arange(force.shape[-1]),
    )


def graded_face(
    names: Sequence[Key],
    force: np.ndarray,
    values: Mapping[str, Any],
    palsy: Palsy,
    rest: Rest,
    days: np.ndarray,
) -> dict[Key, np.ndarray]:
    """The measures of `model.face`, with the Sunnybrook composite where one side is affected; as `face_measures`."""
    found = face_measures(np, names, force, values, palsy=palsy, rest=rest, days=days)
    if len(affected_sides(palsy)) == 1:
        score = sunnybrook(np, names, force, values, palsy, found=found)
        found["sunnybrook_composite", "midline"] = score.composite
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

    Grades of both raters and both sides count alike; only those on the scale of the area do.
    """
    out = dict(values)
    for name in line_areas():
        start = _graded(patient, name)
        if start is None:
            continue
        key = f"outcome.baseline_mean.{name}"
        out[key] = np.full_like(np.asarray(out[key], dtype=float), start)
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
    at_nodes: np.ndarray,
    run: Runs,
    seed: int,
    patient: Any = None,
) -> dict[Key, tuple[np.ndarray, np.ndarray]]:
    """5 % and 95 % points of every measure, (measure, side) -> (day,) each.

    Args:
        setup: with the kept days of the draws. at_nodes: forces of its active muscles, (draw, muscle, node).
        run: gives the forces of another setup with the same draws and needles, (draw, muscle, node).
        patient: as of `point_face`.
    """
    narrow, part_keys = parts_setup(setup)
    parts = run(narrow) if part_keys else np.ones((len(at_nodes), 0, at_nodes.shape[-1]))
    names = (*(setup.endplates.names[row] for row in setup.active_muscles), *part_keys)
    values, rest = with_baseline(face_values(len(at_nodes), seed), patient), Rest.of(setup.face)
    palsy = palsy_of(patient) if patient is not None else Palsy()
    kept: dict[Key, list[np.ndarray]] = {}
    for start in range(0, len(at_nodes), CHUNK):
        stop = start + CHUNK
        found = graded_face(
            names,
            np.concatenate([at_nodes[start:stop], parts[start:stop]], axis=1),
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
