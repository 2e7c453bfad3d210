"""Reading the table behind the barriers: a known field comes back; other faces and the right side follow by law."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from endplate.anatomy import default_face
from endplate.model import chain
from endplate.model.parameters import point_parameters
from endplate.model.spread import footprint_variances
from endplate.model.spread.barrier import PROTECTED, FaceBarrier, FacePoints, barrier_table, table_of
from endplate.plan import read_plan
from tests.laws.tools import prepared

AXES = np.eye(3)
CENTRE = np.array([25.0, 10.0, 60.0])
SPREAD = np.array([18.0, 15.0, 12.0])


def known(at_mm: np.ndarray, level: float) -> np.ndarray:
    """ln of a field with the tail of a Gaussian: what the reader must give back."""
    away = ((np.atleast_2d(at_mm) - CENTRE) ** 2 / SPREAD).sum(axis=1)
    return -1.5 * np.log(level) - 5.0 - 6.0 * away / level


@pytest.fixture(scope="module")
def synthetic():
    """Nodes 2.5 mm apart in a box round a made-up orbit; every group sees the same field."""
    lattice = np.arange(-10.0, 10.1, 2.5)
    nodes = CENTRE + np.stack(np.meshgrid(lattice, lattice, lattice, indexing="ij"), axis=-1).reshape(-1, 3)
    levels = np.array([6.5, 13.0, 26.0, 52.0])
    field = np.stack([known(nodes, level) for level in levels])
    face = FacePoints.of(default_face("female", 45))
    names = ["rim_0", "rim_12", "rim_24", "rim_36", "apex", "globe", "glabella"]
    spread = {"transmission": 0.77, "reach2_mm2": 0.127}
    meta = {"half_thickness_mm": 2.25, "node_step_mm": 2.5, "spread": spread}
    return table_of(
        {
            "muscles": np.array(PROTECTED),
            "group": np.zeros((7, 128), dtype=int),
            "nodes_mm": nodes,
            "nodes_in_orbit": np.zeros(len(nodes), dtype=bool),
            "levels_mm2": levels,
            "log_exposure": np.broadcast_to(field[:, :, None, None], (*field.shape, 7, 1)),
            "frame_mm": np.array([face.left_mm[name] for name in names]),
            "frame_names": np.array(names),
            "meta": np.array(json.dumps(meta)),
        }
    )


def read(barrier: FaceBarrier, tip_mm, level: float, moved=(0.0, 0.0, 0.0), side: str = "left") -> float:
    behind = barrier.behind(np.asarray(tip_mm, dtype=float), AXES, side, in_orbit=False)
    assert behind is not None
    column = np.ones((1, 1))
    variances = (level * column, level * column, column)
    return float(behind.exposure(np, np.array([moved]), variances, 0.127 * column, 0.77 * column)[0, 0])


@pytest.mark.parametrize("level", [7.0, 13.0, 20.0, 45.0])
def test_a_known_field_comes_back_between_nodes_sizes_and_for_displaced_needles(synthetic, level):
    barrier = FaceBarrier.of(FacePoints.of(default_face("female", 45)), synthetic)
    rng = np.random.default_rng(0)
    for tip, moved in zip(rng.uniform(-5, 5, (20, 3)), rng.uniform(-3, 3, (20, 3)), strict=True):
        found = np.log(read(barrier, CENTRE + tip, level, moved))
        assert found == pytest.approx(float(known(CENTRE + tip + moved, level)[0]), abs=0.03)


def test_nothing_is_read_above_the_largest_node_nearby_nor_far_from_all_nodes(synthetic):
    barrier = FaceBarrier.of(FacePoints.of(default_face("female", 45)), synthetic)
    between = CENTRE + 1.25  # the field peaks in the middle of a cell of the shifted lattice
    shifted = replace(synthetic, nodes_mm=synthetic.nodes_mm + 1.25)
    peak = read(FaceBarrier(shifted, np.eye(3), np.zeros(3)), between + 1.25, 13.0)
    assert np.log(peak) <= synthetic.log_exposure[1].max() + 1e-6
    assert barrier.behind(CENTRE + np.array([40.0, 0.0, 0.0]), AXES, "left", in_orbit=False) is None
    assert read(barrier, CENTRE + np.array([9.0, 0.0, 0.0]), 13.0, (6.0, 0.0, 0.0)) == 0.0
    assert read(barrier, CENTRE + np.array([9.0, 0.0, 0.0]), 13.0, (3.0, 0.0, 0.0)) > 0.0


def test_the_right_side_is_the_mirror_image(synthetic):
    barrier = FaceBarrier.of(FacePoints.of(default_face("female", 45)), synthetic)
    tip, mirror = CENTRE + np.array([2.0, 1.0, -1.0]), np.array([-1.0, 1.0, 1.0])
    left = read(barrier, tip, 20.0, (1.0, 2.0, 0.5))
    right = read(barrier, tip * mirror, 20.0, (-1.0, 2.0, 0.5), side="right")
    assert right == pytest.approx(left, rel=1e-12)


def test_a_larger_face_dilutes_by_its_volume(synthetic):
    """The same face 1.1 times as large: place, area and density each change by their own power."""
    face = FacePoints.of(default_face("female", 45))
    large = FacePoints({name: 1.1 * at for name, at in face.left_mm.items()}, face.endplates_mm)
    one, two = (FaceBarrier.of(f, synthetic) for f in (face, large))
    assert two.volume_ratio == pytest.approx(1.1**-3)
    tip = CENTRE + np.array([2.0, -2.0, 1.0])
    there = 0.127 * (1.0 - 1.1**-2)  # D / k is an area as well, and stays what it is
    given = read(one, tip, 20.0) * 1.1**-3
    assert read(two, 1.1 * tip, 20.0 * 1.1**2) == pytest.approx(given, rel=0.01 + 2.0 * there / 20.0)


def test_the_table_is_that_of_the_average_female_face():
    """That it is made at the present centres of the priors is held in test_tissue.py."""
    table, barrier = barrier_table(), FaceBarrier.of(FacePoints.of(default_face("female", 45)))
    np.testing.assert_allclose(barrier.turn, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(barrier.shift, 0.0, atol=1e-6)
    assert len(table.group) == len(PROTECTED) and table.group.max() < table.groups
    assert 0.0 < table.transmission < 1.0 and table.reach2_mm2 > 0.0 and min(table.step_mm) > 0.5


def test_most_of_what_reaches_the_levator_from_a_brow_comes_by_a_slip():
    """Per unit at the planned lateral corrugator site, and 8 mm behind the rim there."""
    setup = prepared(read_plan("examples/glabellar-lines.toml"), days=5)
    at = next(i for i, site in enumerate(setup.sites) if site.slipped is not None)
    names = [setup.endplates.names[i] for i in setup.active_muscles]
    side = setup.placed[at].side
    levator = setup.muscle == names.index(("levator_palpebrae_superioris", side))
    needle = chain.Needle.exact(2, len(setup.sites))
    needle.behind[1, at] = True
    both = {name: np.repeat(value, 2) for name, value in point_parameters().values.items()}
    given = chain.exposures(np, setup, type(point_parameters())(both), needle)[0][:, levator].mean(axis=1)
    assert given[1] > 1e3 * given[0]


@pytest.mark.parametrize("age", [25, 75])
@pytest.mark.parametrize("sex", ["female", "male"])
def test_other_faces_are_near_affine_images_of_the_tables(sex, age):
    """Rim, apex, globe and landmarks of a face land within 4 mm of the table's, half of them within 1.5 mm."""
    face, table = FacePoints.of(default_face(sex, age)), barrier_table()
    barrier = FaceBarrier.of(face)
    own = np.array([face.left_mm[name] for name in table.frame_names])
    away = np.linalg.norm(own @ barrier.turn.T + barrier.shift - table.frame_mm, axis=1)
    assert away.max() < 4.0
    assert np.median(away) < 1.5


def test_levels_grow_with_the_volume_and_so_does_what_comes_through():
    setup = prepared(read_plan("examples/glabellar-lines.toml"), days=5)
    table = barrier_table()
    p = point_parameters()
    given = []
    site = setup.placed[3]
    barrier = FaceBarrier.of(FacePoints.of(setup.face), table)
    behind = barrier.behind(site.tip_mm, AXES, site.side, in_orbit=False)
    assert behind is not None
    for volume_ml in (0.05, 0.1, 0.3):
        axes = footprint_variances(
            np,
            volume_ml,
            site.layer_thickness_mm,
            p["spread.fluid_fraction"],
            p["spread.layer_slack"],
            p["spread.fibre_stretch"],
        )
        column = np.ones((1, 1))
        found = behind.exposure(
            np,
            np.zeros((1, 3)),
            (axes[0][:, None], axes[1][:, None], axes[2][:, None]),
            0.127 * column,
            0.77 * column,
        )
        given.append(found[0, : table.groups].max())
    assert given[0] < given[1] < given[2] < 1e-4
