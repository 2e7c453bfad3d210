"""Is the reference engine accurate inside tissue? Second order, however oblique and uneven the tensor."""

from __future__ import annotations

import numpy as np
import pytest
from orders import assert_order, cube, full, gaussian

from endplate.model.spread.voxel import flow, laplacian, tensor_of_axes, uptake
from endplate.model.spread.voxel.flow import chebyshev_factors

OBLIQUE = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))[0]
FRAMES = {"axes along the grid": np.eye(3), "oblique axes": OBLIQUE}
WANTED = 1.9


@pytest.mark.parametrize("name", FRAMES)
def test_a_gaussian_spreads_with_second_order(name: str) -> None:
    """A Gaussian of half the variance flows to the whole: the largest error over the grid, on three grids."""
    final = tensor_of_axes(FRAMES[name], [4.0, 1.6, 1.0])
    middle = np.array([0.2, 0.2, 0.2])

    def error(cells: int) -> float:
        medium = full(cube(cells, edge_mm=16.0))
        points = medium.centres_mm
        found = flow(laplacian(medium, 0.25 * final), gaussian(points, middle, 0.5 * final))
        exact = gaussian(points, middle, final)
        return float(np.abs(found - exact).max() / exact.max())

    assert_order(error, [16, 32, 64], WANTED)


def test_uptake_in_fibres_that_turn_has_second_order() -> None:
    """A chosen exposure in a tensor that turns and stretches from place to place: the source that would leave it
    is computed from the equation, the engine has to find the exposure again."""

    def error(cells: int) -> float:
        medium = full(cube(cells, edge_mm=12.0))
        points = medium.centres_mm
        found = uptake(laplacian(medium, _tensor(points)), 1.0, _exposure(points) - _spread(points))
        exact = _exposure(points)
        return float(np.abs(found - exact).max() / exact.max())

    assert_order(error, [16, 28, 48], WANTED)


def test_time_is_exact_to_the_tolerance() -> None:
    medium = full(cube(12))
    operator = laplacian(medium, tensor_of_axes(OBLIQUE, [4.0, 1.6, 1.0]))
    start = np.random.default_rng(1).random(medium.size)
    once = flow(operator, start, tol=1e-12)
    half = laplacian(medium, tensor_of_axes(OBLIQUE, [2.0, 0.8, 0.5]))
    twice = flow(half, flow(half, start, tol=1e-12), tol=1e-12)
    assert np.linalg.norm(once - twice) <= 4e-12 * np.linalg.norm(start)
    rough = flow(operator, start, tol=1e-5)
    assert np.linalg.norm(once - rough) <= 1e-5 * np.linalg.norm(start)


@pytest.mark.parametrize("bound", [0.0, 1e-3, 1.0, 300.0, 1e5])
def test_the_series_is_the_exponential_on_the_whole_spectrum(bound: float) -> None:
    factors = chebyshev_factors(bound, 1e-12)
    value = np.linspace(-bound, 0.0, 301)
    series = np.polynomial.chebyshev.chebval(1.0 + 2.0 * value / max(bound, 1e-300), factors)
    assert np.abs(series - np.exp(value)).max() <= 2e-12
    # A rough count of products: what makes it cheap.
    assert len(factors) <= 8 + 4 * np.sqrt(bound * 14)


def _exposure(points: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * ((points - [0.3, -0.2, 0.1]) ** 2 @ [1.0, 1.4, 0.8]))


def _tensor(points: np.ndarray) -> np.ndarray:
    """Fibres that turn about an oblique axis along the way, stretched 4 to 1, (n, 3, 3)."""
    angle = 0.25 * points[:, 0] + 0.15 * points[:, 2] + 0.4
    c, s, zero = np.cos(angle), np.sin(angle), np.zeros(len(points))
    turned = np.stack([c, s, zero, -s, c, zero, zero, zero, zero + 1.0], axis=1).reshape(-1, 3, 3) @ OBLIQUE
    stretch = 1.0 + 0.3 * np.sin(0.4 * points[:, 1])
    return tensor_of_axes(turned, np.stack([0.8 * stretch, 0.2 / stretch, 0.3 + zero], axis=1))


def _spread(points: np.ndarray, step_mm: float = 2e-3) -> np.ndarray:
    """div(T grad u) of that exposure: the exact gradient, and fourth-order differences of the flux far below the
    error to be measured (1e-9)."""

    def flux(at: np.ndarray, axis: int) -> np.ndarray:
        gradient = -(at - [0.3, -0.2, 0.1]) * [1.0, 1.4, 0.8] * _exposure(at)[:, None]
        return (_tensor(at)[:, axis] * gradient).sum(axis=1)

    total = np.zeros(len(points))
    for axis in range(3):
        shift = step_mm * np.eye(3)[axis]
        near = flux(points + shift, axis) - flux(points - shift, axis)
        far = flux(points + 2 * shift, axis) - flux(points - 2 * shift, axis)
        total += (8.0 * near - far) / (12.0 * step_mm)
    return total
