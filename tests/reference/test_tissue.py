"""The reference engine on the head: it conserves, it mirrors itself, and stored figures are of the current inputs."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from endplate.anatomy import default_face
from endplate.anatomy.voxels import VoxelGrid, label_head
from endplate.model.spread import footprint_variances
from endplate.model.spread.tissue import (
    SpreadValues,
    dispersion_tensor,
    fascia_factor,
    footprint_tensor,
    medium_of,
    sheet_resistance_mm,
)

H_MM = 1.25


@pytest.fixture(scope="module")
def labels() -> Any:
    """Brow and forehead of the left side."""
    return label_head(default_face("female", 45), VoxelGrid((-10.0, -5.0, 50.0), H_MM, (52, 40, 32)))


def test_the_tensor_of_a_muscle_has_the_default_engine_s_variances_along_its_axes(labels: Any) -> None:
    values = SpreadValues.of()
    tensor = footprint_tensor(labels, 0.1, values)
    row = np.flatnonzero((labels.muscle >= 0) & ~labels.in_orbit)[500]
    xx, yy, zz, xy, xz, yz = tensor[row]
    full = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    wanted = footprint_variances(
        np, 0.1, labels.thickness_mm[row], values.fluid_fraction, values.slack_mm, values.stretch
    )
    assert np.linalg.eigvalsh(2.0 * full) == pytest.approx(sorted(map(float, wanted)), rel=1e-5)
    normal = labels.normal[row]
    assert normal @ full @ normal == pytest.approx(0.5 * float(wanted[2]), rel=1e-5)


def test_fat_is_round_in_the_plane_of_the_skin_and_the_orbit_a_ball_of_the_same_volume(labels: Any) -> None:
    values = SpreadValues.of()
    tensor = 2.0 * footprint_tensor(labels, 0.1, values)
    fat = np.flatnonzero((labels.muscle < 0) & ~labels.in_orbit)[0]
    xx, yy, zz, xy, xz, yz = tensor[fat]
    low, middle, high = np.linalg.eigvalsh([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    assert low < middle == pytest.approx(high)
    orbit = tensor[labels.in_orbit][0]
    radius = (3.0 * 100.0 / values.fluid_fraction / (4.0 * math.pi)) ** (1.0 / 3.0)
    assert orbit == pytest.approx([radius**2 / 5.0] * 3 + [0.0] * 3, rel=1e-6, abs=1e-9)


def test_a_fascia_lets_its_share_through_in_one_dimension() -> None:
    """The closed formula against a fine chain of cells with one weak edge."""
    from scipy.linalg import expm

    values = SpreadValues.of()
    sd, h = 0.5 * (1.5 + values.slack_mm) / math.sqrt(5.0), 0.05
    count, wall = 400, 200
    edge = np.full(count - 1, 0.5 * sd**2 / h**2)
    tip = wall - round(sd / h - 0.5) - 1

    def beyond(factor: float) -> float:
        w = edge.copy()
        w[wall - 1] *= factor
        matrix = np.diag(w, 1) + np.diag(w, -1)
        return float(expm(matrix - np.diag(matrix.sum(axis=0)))[wall:, tip].sum())

    share = beyond(h / (h + sheet_resistance_mm(values))) / beyond(1.0)
    assert share == pytest.approx(values.transmission, abs=0.01)


def test_nothing_is_lost_between_skin_and_bone(labels: Any) -> None:
    from endplate.model.spread.voxel import exposure_field

    values, medium = SpreadValues.of(), medium_of(labels)
    tip = labels.grid.centres(labels.cell[len(labels.cell) // 2][None])
    field = exposure_field(
        medium,
        footprint_tensor(labels, 0.05, values),
        dispersion_tensor(labels, values),
        1.0,
        medium.spread_points(tip),
        fascia_factor(values, H_MM),
    )
    assert field.sum() * H_MM**3 == pytest.approx(1.0, abs=1e-6)
    assert field.min() > -1e-9 * field.max()


def test_stored_errors_and_table_are_of_the_current_face_and_parameters() -> None:
    from tools import barrier_table, spread_errors

    stored = json.loads(spread_errors.RESULTS.read_text("utf-8"))
    assert stored["inputs"] == spread_errors.inputs_hash(), "run python -m tools.spread_errors"
    with np.load(barrier_table.PATH) as table:
        meta = json.loads(str(table["meta"]))
    assert meta["inputs"] == barrier_table.inputs_hash(), "run python -m tools.barrier_table"


def test_one_coarse_solve_gives_the_stored_ratio_of_the_corrugator() -> None:
    """Medial corrugator needles alone, on a coarse grid of the brow: within a quarter of the stored figure's scale."""
    from tools import spread_errors

    face, values = default_face("female", 45), SpreadValues.of()
    labels = label_head(face, VoxelGrid((-25.0, -20.0, 40.0), H_MM, (68, 60, 38)))
    pattern = spread_errors.patterns(["glabellar_lines.onabotulinumtoxin_a"])[0]
    reference = spread_errors.Reference(face, H_MM, values, labels)
    rows = spread_errors.rows_of(pattern, reference, face)
    stored = json.loads(spread_errors.RESULTS.read_text("utf-8"))["patterns"][pattern.id]
    for row in rows:
        if row["role"] == "target":
            same = next(r for r in stored if (r["muscle"], r["side"]) == (row["muscle"], row["side"]))
            assert row["median"]["default"] == pytest.approx(same["median"]["default"], rel=1e-3)
            assert row["median"]["reference"] == pytest.approx(same["median"]["reference"], rel=0.12)


def test_the_page_shows_the_stored_errors() -> None:
    import make_spread_errors

    page = make_spread_errors.PAGE.read_text("utf-8")
    assert make_spread_errors.written(page) == page
