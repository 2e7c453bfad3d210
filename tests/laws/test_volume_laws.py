"""What volume does at equal dose: nothing to the total, something to the share, and a wider field."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from endplate.model import chain
from endplate.model.face_tables import tissue
from endplate.model.parameters import point_parameters
from endplate.model.setup import tip_geometry
from endplate.model.simulate import simulate_point
from endplate.model.spread import Targets, footprint_variances, influence, spread_radius_mm, volume_points
from endplate.model.spread.matrix import kernel
from endplate.model.spread.walls import Walls, images
from tests.laws.plans import plan_of
from tests.laws.tools import prepared

VOLUMES = (0.025, 0.05, 0.1, 0.2)


def variances(volume_ml: float) -> tuple[np.ndarray, ...]:
    p = point_parameters()
    return footprint_variances(
        np, volume_ml, 1.6, p["spread.fluid_fraction"], p["spread.layer_slack"], p["spread.fibre_stretch"]
    )


def test_a_larger_volume_widens_the_90_percent_radius():
    radii = [float(spread_radius_mm(np, variances(v))[0]) for v in VOLUMES]
    assert all(b > 1.05 * a for a, b in itertools.pairwise(radii))


@pytest.mark.parametrize("bone_mm", [None, 4.0, 9.0])
@pytest.mark.parametrize("volume_ml", VOLUMES)
def test_all_tissue_together_takes_up_each_unit_once(volume_ml, bone_mm):
    """In tissue without end, and between skin and bone at 4 and 9 mm with the tip at 1.5 mm."""
    axes = tuple(v[:, None] for v in variances(volume_ml))
    low, high = (-12.0, 12.0) if bone_mm is None else (0.0, bone_mm)
    x, z = np.linspace(-60.0, 60.0, 161), low + (np.arange(96) + 0.5) * (high - low) / 96
    cells = np.stack(np.meshgrid(x, x, z, indexing="ij"), axis=-1).reshape(-1, 3)
    tip, depth, mirrored = 0.0 if bone_mm is None else 1.5, cells[:, 2], None
    if bone_mm is not None:
        walls = Walls(tip, bone_mm, depth, np.full(len(cells), bone_mm))
        mirrored = images(np, walls, np.array([[tip]]))
    one = np.ones((1, 1))
    squares = tuple((one, (value**2)[None]) for value in (cells[:, 0], cells[:, 1], depth - tip))
    reach = tuple(np.full((1, 1), r) for r in (0.18, 0.09, 0.13))
    total = kernel(np, squares, axes, reach, mirrored).sum() * 0.75 * 0.75 * (high - low) / 96
    assert total == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("volume_ml", VOLUMES)
def test_the_captured_share_is_what_the_uptake_integral_gives(volume_ml):
    """The muscle's captured units against adaptive quadrature in time over a far finer filling of it.

    Each image is written as the docs state it; what images do between walls is tested in reference/test_walls.py.
    """
    plan = plan_of(
        [
            {
                "pattern": "glabellar_lines.onabotulinumtoxin_a",
                "site": "procerus",
                "units": 4.0,
                "volume_ml": volume_ml,
            }
        ]
    )
    course, setup = simulate_point(plan, days=5), prepared(plan, days=5)
    shape = setup.face.muscle("procerus", "midline")
    points = volume_points([shape], tissue(setup.face), cell_mm=0.5, slice_mm=0.3)
    filled = Targets(points, setup.face.rim_mm)
    geometry = tip_geometry(setup.placed[0], filled)
    p = {name: float(value[0]) for name, value in point_parameters().values.items()}
    start = [float(v[0]) for v in variances_at(volume_ml, setup.placed[0].layer_thickness_mm)]
    reach = p["spread.dispersion"] * 60.0 * p["spread.uptake_half_time"] / np.log(2.0)
    stretch = p["spread.fibre_stretch"] ** 0.5
    spread = np.array([reach * stretch, reach / stretch, reach])

    tip, tissue_mm = setup.placed[0].depth_mm, setup.placed[0].bone_mm
    depth, bone = points.depth_mm[geometry.index], points.bone_mm[geometry.index]
    below, tip_below, straight = bone - depth, tissue_mm - tip, (depth - tip) ** 2
    squared = [
        straight,
        (depth + tip) ** 2,
        straight + 4.0 * below * tip_below,
        straight + 4.0 * (tissue_mm * below + tip * bone),
        straight + 4.0 * (bone * tip_below + depth * tissue_mm),
    ]

    def captured(s: float) -> float:
        v = start + 2.0 * s * spread
        plane = np.exp(-0.5 * (geometry.offset_mm[:, :2] ** 2 / v[:2]).sum(axis=1))
        normal = sum(np.exp(-0.5 * away / v[2]) for away in squared)
        density = plane * normal / np.sqrt((2 * np.pi) ** 3 * v.prod())
        loss = p["spread.fascia_transmission"] ** geometry.crossings
        return float(np.exp(-s) * (density * loss * filled.points.weight[geometry.index]).sum())

    expected = 4.0 * quad(captured, 0.0, 40.0, epsrel=1e-8, limit=200)[0]
    row = course.row("procerus", "midline")
    assert course.captured_by_product["onabotulinumtoxin_a"][row] == pytest.approx(expected, rel=0.01)


def variances_at(volume_ml: float, thickness_mm: float) -> tuple[np.ndarray, ...]:
    p = point_parameters()
    return footprint_variances(
        np,
        volume_ml,
        thickness_mm,
        p["spread.fluid_fraction"],
        p["spread.layer_slack"],
        p["spread.fibre_stretch"],
    )


@pytest.mark.parametrize(
    ("muscle", "landmark", "offset"),
    [
        ("frontalis", "glabella", (20.0, 35.0)),
        ("temporalis", "zygion", (-5.0, 40.0)),
        ("masseter", "gonion", (-15.0, 15.0)),
        ("platysma", "hyoid", (22.0, -20.0)),
    ],
)
@pytest.mark.parametrize("volume_ml", [0.01, 0.05])
def test_large_muscles_never_capture_more_than_was_given_and_a_finer_filling_changes_nothing(
    muscle, landmark, offset, volume_ml
):
    site = {
        "landmark": landmark,
        "offset_mm": offset,
        "side": "left",
        "muscle": muscle,
        "units": 4,
        "layer": "muscle",
    }
    plan = plan_of([{**site, "volume_ml": volume_ml}])
    course, setup = simulate_point(plan, days=5), prepared(plan, days=5)
    captured = course.captured_by_product["onabotulinumtoxin_a"]
    assert captured.sum() <= 4.0 * 1.01
    points = volume_points([setup.face.muscle(muscle, "left")], tissue(setup.face), 0.8, 0.5)
    fine = Targets(points, setup.face.rim_mm)
    geometry = tip_geometry(setup.placed[0], fine)
    given = 4.0 * influence(np, geometry, volume_ml, point_parameters(), np.zeros((1, 3)))[0]
    expected = (given * fine.points.weight[geometry.index]).sum()
    assert captured[course.row(muscle, "left")] == pytest.approx(expected, rel=0.01)


def test_the_table_agrees_with_the_endplates():
    setup = prepared(
        plan_of(
            [
                {
                    "pattern": "glabellar_lines.onabotulinumtoxin_a",
                    "site": "procerus",
                    "units": 9,
                    "volume_ml": 0.1,
                }
            ]
        )
    )
    needle = chain.Needle.exact(1, 1)
    table, each = (chain.forces(np, setup, point_parameters(), needle, table=t) for t in (True, False))
    assert np.abs(table - each).max() < 1e-3
