"""The kernel between walls, and the boxes of the calibration against the voxel engine and the program's own kernel."""

import json
from pathlib import Path

import numpy as np
import pytest

from endplate.fit.spread import PROGRAM, priors, values_of
from endplate.fit.spread.check import compare
from endplate.fit.spread.limb_rows import EDGES, box_exposure
from endplate.fit.spread.walls import between_walls
from endplate.model.parameters import ParameterSet
from endplate.model.spread import SiteGeometry, influence

STORED = Path(__file__).resolve().parents[2] / "docs" / "data" / "spread_calibration.json"


def centre() -> dict[str, np.ndarray]:
    return values_of(np.zeros((1, len(priors()))))


@pytest.mark.parametrize("variance", [0.01, 1.0, 5.9, 6.4, 100.0, 1e6])
@pytest.mark.parametrize("source", [0.0, 1.3, 5.0])
def test_nothing_leaves_between_two_walls(variance: float, source: float) -> None:
    nodes, weights = np.polynomial.legendre.leggauss(400)
    x = 2.5 * (nodes + 1.0)
    density = between_walls(x, np.array(source), np.array(variance), np.array(5.0))
    assert density @ weights * 2.5 == pytest.approx(1.0, abs=2e-6)


def test_images_and_series_meet_where_one_takes_over_from_the_other() -> None:
    x = np.linspace(0.0, 4.0, 9)
    below, above = (
        between_walls(x, np.array(0.7), np.array(4.0 * f), np.array(4.0)) for f in (1 - 1e-9, 1 + 1e-9)
    )
    np.testing.assert_allclose(below, above, atol=1e-7)


def test_far_from_its_walls_the_box_is_the_kernel_of_the_program() -> None:
    values = centre() | {"limb.stretch_ratio": np.ones(1), "limb.layer_ratio": np.ones(1)}
    z, wide = np.array([0.0, 3.0, 8.0]), np.array([60.0])
    in_box = box_exposure(values, np.array([0.05]), wide, wide, z)[0]
    across = 0.5 * 30.0 * (np.polynomial.legendre.leggauss(EDGES)[0] + 1.0)
    grid = np.stack(np.meshgrid(z, across, across, indexing="ij"), axis=-1).reshape(-1, 3)
    none = np.zeros(len(grid))
    pairs = SiteGeometry(
        index=np.arange(len(grid)),
        offset_mm=grid,
        beyond_mm=none,
        isotropic=none.astype(bool),
        through_opening=none.astype(bool),
        crossings=none,
        thickness_mm=0.0,
    )
    program = ParameterSet({name: values[name] for name in PROGRAM})
    expected = influence(np, pairs, 0.05, program, np.zeros((1, 3)))[0]
    assert expected.max() > 1e-6
    np.testing.assert_allclose(in_box.ravel(), expected, rtol=1e-9, atol=1e-12)


def test_boxes_read_as_cylinders_do_on_the_voxel_engine_to_three_per_cent() -> None:
    fitted = json.loads(STORED.read_text("utf-8"))["best"]["values"]
    for name, pair in compare({name: np.array([value]) for name, value in fitted.items()}).items():
        assert pair["box"] == pytest.approx(pair["cylinder"], rel=0.03), name
