"""Order of accuracy: the error on three grids, and exact fields to measure it against."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from endplate.model.spread.voxel import Grid, Medium


def orders(error: Callable[[int], float], cells: Sequence[int]) -> np.ndarray:
    """Observed order between each grid and the next finer one; `error(n)` with n cells along an edge."""
    errors = [error(n) for n in cells]
    return np.log(np.divide(errors[:-1], errors[1:])) / np.log(np.divide(cells[1:], cells[:-1]))


def assert_order(error: Callable[[int], float], cells: Sequence[int], least: float) -> None:
    """On the finest pair of grids the error falls at least with this power of the spacing."""
    found = orders(error, cells)
    assert found[-1] >= least, f"orders {np.round(found, 2)} on grids of {list(cells)} cells, wanted {least}"


def cube(cells: int, edge_mm: float = 12.0) -> Grid:
    """A cube round the origin."""
    return Grid((-edge_mm / 2,) * 3, edge_mm / cells, (cells,) * 3)


def full(grid: Grid) -> Medium:
    """All of the grid is tissue."""
    return Medium(grid, np.ones(grid.shape, dtype=bool))


def gaussian(points_mm: np.ndarray, middle_mm: np.ndarray, covariance_mm2: np.ndarray) -> np.ndarray:
    """Density of a three-dimensional Gaussian at points (n, 3), 1/mm^3."""
    away = points_mm - middle_mm
    power = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance_mm2), away)
    return np.exp(-0.5 * power) / np.sqrt((2 * np.pi) ** 3 * np.linalg.det(covariance_mm2))


def beside_wall(
    points_mm: np.ndarray,
    middle_mm: np.ndarray,
    covariance_mm2: np.ndarray,
    normal: np.ndarray,
    offset_mm: float,
) -> np.ndarray:
    """The same in front of the wall normal . x = offset, no flux through it, for a tensor along the covariance.

    The image lies where the wall is a mirror in the metric of the inverse tensor, which makes the conormal flux zero.
    """
    image = middle_mm - 2.0 * (normal @ middle_mm - offset_mm) / (normal @ covariance_mm2 @ normal) * (
        covariance_mm2 @ normal
    )
    return gaussian(points_mm, middle_mm, covariance_mm2) + gaussian(points_mm, image, covariance_mm2)
