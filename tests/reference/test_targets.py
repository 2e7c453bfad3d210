"""The table of the sheet muscles: it says what the reference engine says, and the closed form passes it on by law."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from endplate.anatomy import default_face
from endplate.anatomy.voxels import VoxelGrid, label_head
from endplate.catalogue import catalogue
from endplate.model.face_tables import endplate_targets, volume_targets
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import tip_geometry
from endplate.model.spread import influence
from endplate.model.spread.barrier import SIDES
from endplate.model.spread.target_table import MOST_LOG, boxes_mm, region
from endplate.model.spread.tissue import (
    SpreadValues,
    dispersion_tensor,
    fascia_factor,
    footprint_tensor,
    medium_of,
)
from endplate.plan import plan_from_dict
from tests.laws.tools import prepared
from tools import target_table

PATTERN = "synkinesis.onabotulinumtoxin_a."
MIRROR = np.array([-1.0, 1.0, 1.0])


def placed(side: str, sex: str = "female", age: int = 45) -> Any:
    session = {
        "date": "2026-01-01",
        "product": "onabotulinumtoxin_a",
        "indication": catalogue().patterns[PATTERN + side].indication,
        "pattern": PATTERN + side,
    }
    patient = {"age": age, "sex": sex}
    plan = plan_from_dict({"schema": "endplate/plan/1", "patient": patient, "sessions": [session]})
    return prepared(plan, days=5)


@pytest.fixture(scope="module")
def left() -> Any:
    return placed("left")


def given(setup: Any, number: int, *, table: bool = True) -> np.ndarray:
    """Exposure of every endplate per unit at one site, 1/mm^3 (q,)."""
    targets, site = endplate_targets(setup.face), setup.placed[number]
    geometry = tip_geometry(site, targets if table else replace(targets, sheets=None))
    out = np.zeros(len(targets.points.weight))
    out[geometry.index] = influence(np, geometry, site.volume_ml, point_parameters(), np.zeros((1, 3)))[0]
    return out


def face_region(setup: Any, name: str) -> Any:
    return endplate_targets(setup.face).sheets.of(name)


def test_each_group_gets_in_the_mean_what_the_table_says(left) -> None:
    checked = 0
    for number, site in enumerate(left.placed):
        for name in boxes_mm():
            part = face_region(left, name)
            log, _ = part.ratio(site, point_parameters())
            _, column, share = part.sheets
            level = part.level_mm2(site.volume_ml, point_parameters())
            told = np.concatenate([part.exposure(site.tip_mm, s, np.array([level]))[0] for s in SIDES])
            own = np.flatnonzero(part.column < 2 * part.table.columns)
            mean = np.bincount(column, given(left, number)[own] * share, minlength=len(told))
            sure = (log[:-1] != 0.0) & (np.abs(log[:-1]) < MOST_LOG - 1e-9)
            np.testing.assert_allclose(mean[sure], told[sure], rtol=1e-6)
            checked += int(sure.sum())
    assert checked > 100


def test_the_right_side_is_the_mirror_image_of_the_left(left) -> None:
    right, names = placed("right"), left.endplates.names
    first = np.searchsorted(left.endplates.muscle, np.arange(len(names) + 1))
    for number, (one, two) in enumerate(zip(left.placed, right.placed, strict=True)):
        np.testing.assert_allclose(one.tip_mm, two.tip_mm * MIRROR, atol=1e-9)
        here, there = given(left, number), given(right, number)
        for muscle in ("platysma", "orbicularis_oculi_orbital", "depressor_anguli_oris"):
            a, b = (names.index((muscle, side)) for side in ("left", "right"))
            np.testing.assert_allclose(
                here[first[a] : first[a + 1]], there[first[b] : first[b + 1]], rtol=1e-9, atol=1e-200
            )


def test_only_the_muscles_of_the_table_change_and_points_that_fill_muscles_do_not(left) -> None:
    known = {muscle for name in boxes_mm() for muscle in region(name).muscles}
    other = np.array([muscle not in known for muscle, _ in left.endplates.names])[left.endplates.muscle]
    np.testing.assert_array_equal(given(left, 0)[other], given(left, 0, table=False)[other])
    assert (given(left, 0)[~other] != given(left, 0, table=False)[~other]).any()
    assert tip_geometry(left.placed[0], volume_targets(left.face)).gain is None


def test_far_from_every_node_the_closed_form_stays(left) -> None:
    site, sheets = left.placed[0], endplate_targets(left.face).sheets
    deep = replace(site, tip_mm=site.tip_mm - 40.0 * site.normal)
    assert (
        sheets.gain(
            tip_geometry(deep, replace(endplate_targets(left.face), sheets=None)), deep, point_parameters()
        )
        is None
    )


def test_a_smaller_footprint_follows_the_table_and_jax_says_the_same(left) -> None:
    """Fluid shares within the prior: the line in 1/size against the ratio worked out anew."""
    jnp = pytest.importorskip("jax.numpy")
    jax = pytest.importorskip("jax")
    site, targets = left.placed[0], endplate_targets(left.face)
    geometry = tip_geometry(site, targets)
    point = point_parameters()
    more = ParameterSet(dict(point.values) | {"spread.fluid_fraction": 1.2 * point["spread.fluid_fraction"]})
    draws = influence(np, geometry, site.volume_ml, more, np.zeros((1, 3)))[0]
    anew = replace(
        geometry, gain=targets.sheets.gain(geometry, replace(site, volume_ml=site.volume_ml / 1.2), point)
    )
    direct = influence(np, anew, site.volume_ml / 1.2, point, np.zeros((1, 3)))[0]
    near = direct > 1e-7
    ratio = np.log(draws[near] / direct[near])
    assert np.sqrt((ratio**2).mean()) < 0.08
    assert np.abs(ratio).max() < 0.6
    with jax.enable_x64(True):
        same = influence(jnp, geometry, site.volume_ml, more, jnp.zeros((1, 3)))[0]
    np.testing.assert_allclose(np.asarray(same), draws, rtol=1e-9)


@pytest.mark.parametrize(("sex", "age"), [("male", 70), ("female", 25)])
def test_other_faces_take_the_nodes_along_with_their_skin(sex, age) -> None:
    """Depth below the skin is kept; what a group gets changes little from face to face."""
    setup, mine = placed("left", sex, age), placed("left")
    for number in range(len(setup.placed)):
        for name in boxes_mm():
            ratios = [
                face_region(s, name).ratio(s.placed[number], point_parameters())[0] for s in (setup, mine)
            ]
            both = (ratios[0] != 0.0) & (ratios[1] != 0.0)
            if both.sum() > 5:
                assert abs(float(np.median(ratios[0][both] - ratios[1][both]))) < 1.0


def test_the_table_is_of_the_current_face_and_parameters() -> None:
    assert region("eye").inputs == target_table.inputs_hash(), "run python -m tools.target_table"


def test_the_table_agrees_with_one_forward_solution(left) -> None:
    """A coarse solve from one needle under the lower lid; groups that it reaches, means over endplates."""
    from endplate.model.spread.voxel import flow, laplacian, uptake

    face, values = default_face("female", 45), SpreadValues.of()
    site = next(s for s in left.placed if s.muscle == "orbicularis_oculi_palpebral")
    low = site.tip_mm - 22.0
    labels = label_head(face, VoxelGrid((float(low[0]), float(low[1]), float(low[2])), 0.9, (48, 48, 48)))
    medium, factor = medium_of(labels), fascia_factor(values, 0.9)
    start = flow(
        laplacian(medium, footprint_tensor(labels, site.volume_ml, values), factor),
        medium.spread_points(site.tip_mm[None]),
        1e-10,
    )
    field = uptake(laplacian(medium, dispersion_tensor(labels, values), factor), 1.0, start)
    part = face_region(left, "eye")
    sheet, column, share = part.sheets
    inside = medium.index_of(sheet.points.points_mm) >= 0
    solved = np.zeros(len(column))
    solved[inside] = medium.sample(field, sheet.points.points_mm[inside])
    told = part.exposure(site.tip_mm, "left", np.array([part.level_mm2(site.volume_ml, point_parameters())]))[
        0
    ]
    mean = np.bincount(column, solved * share, minlength=2 * len(told))[: len(told)]
    near = told > 1e-5
    assert near.sum() > 10
    ratio = np.log(mean[near] / told[near])
    assert np.sqrt((ratio**2).mean()) < 0.3
