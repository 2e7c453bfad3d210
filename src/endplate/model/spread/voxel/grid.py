"""The voxel grid, the tissue on it, and points placed on the tissue.

A field on the tissue is a vector with one value per tissue cell (a density, 1/mm^3), in the order of the grid's
flat index (last axis fastest). All cells have the same volume, so the sum of a field times that volume is the toxin.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endplate.errors import ModelError

NEAR_CELLS = 1.5  # how far, in cells, a point may lie from the tissue cell that stands for it


@dataclass(frozen=True)
class Grid:
    """A box of cells; cell (i, j, k) has its centre at origin + (i + 0.5, j + 0.5, k + 0.5) * h.

    Args:
        origin_mm: lower corner of the box, (3,).
        h_mm: edge of a cell, one number or one for each axis.
        shape: cells along each axis, (3,).
    """

    origin_mm: tuple[float, float, float]
    h_mm: tuple[float, float, float]
    shape: tuple[int, int, int]

    def __init__(self, origin_mm: Any, h_mm: Any, shape: Any) -> None:
        edge = np.broadcast_to(np.asarray(h_mm, dtype=float), 3)
        if not (np.isfinite(edge).all() and (edge > 0.0).all()) or min(shape) < 1:
            raise ModelError(f"Grid with h_mm {h_mm} and shape {tuple(shape)}.", "Both are above zero.")
        object.__setattr__(self, "origin_mm", tuple(float(x) for x in origin_mm))
        object.__setattr__(self, "h_mm", tuple(float(x) for x in edge))
        object.__setattr__(self, "shape", tuple(int(n) for n in shape))

    @property
    def cell_mm3(self) -> float:
        return float(np.prod(self.h_mm))

    def centres_mm(self, cells: np.ndarray | None = None) -> np.ndarray:
        """Centres of cells given by flat index (all cells by default), (n, 3)."""
        flat = np.arange(np.prod(self.shape)) if cells is None else cells
        triple = np.stack(np.unravel_index(flat, self.shape), axis=-1)
        return np.asarray(self.origin_mm) + (triple + 0.5) * np.asarray(self.h_mm)

    def in_cells(self, points_mm: np.ndarray) -> np.ndarray:
        """Points in units of cells, an integer being a cell's centre, (p, 3)."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=float))
        return (points - np.asarray(self.origin_mm)) / np.asarray(self.h_mm) - 0.5


@dataclass(frozen=True, eq=False)
class Medium:
    """The part of a grid that is tissue; no flux leaves it.

    Args:
        tissue: which cells are tissue, bool, the grid's shape.
        layer: a label per cell, or None; between neighbours of different labels lies one fascia.
    """

    grid: Grid
    tissue: np.ndarray
    layer: np.ndarray | None = None
    cells: np.ndarray = field(init=False, repr=False)
    number: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name, values in (("tissue", self.tissue), ("layer", self.layer)):
            if values is not None and values.shape != self.grid.shape:
                raise ModelError(f"{name} has shape {values.shape}.", f"The grid's is {self.grid.shape}.")
        cells = np.flatnonzero(self.tissue)
        number = np.full(self.grid.shape, -1, dtype=np.int32)
        number.reshape(-1)[cells] = np.arange(len(cells), dtype=np.int32)
        object.__setattr__(self, "cells", cells)
        object.__setattr__(self, "number", number)

    @property
    def size(self) -> int:
        """Number of tissue cells."""
        return len(self.cells)

    @property
    def centres_mm(self) -> np.ndarray:
        """Centres of the tissue cells, (n, 3)."""
        return self.grid.centres_mm(self.cells)

    def index_of(self, points_mm: np.ndarray) -> np.ndarray:
        """The nearest tissue cell of each point, or -1 when it is further away than 1.5 cells; (p,)."""
        where = self.grid.in_cells(points_mm)
        middle = np.rint(where).astype(int)
        reach = np.arange(-2, 3)
        shifts = np.stack(np.meshgrid(reach, reach, reach, indexing="ij"), axis=-1).reshape(-1, 3)
        best, index = np.full(len(where), NEAR_CELLS**2 + 1e-9), np.full(len(where), -1)
        for shift in shifts:
            cell = middle + shift
            number = self._number_at(cell)
            away = ((cell - where) ** 2).sum(axis=1)
            better = (number >= 0) & (away < best)
            best[better], index[better] = away[better], number[better]
        return index

    def stencil(self, points_mm: np.ndarray) -> Any:
        """Trilinear weights of the tissue cells around each point, a sparse matrix (p, n) whose rows sum to one.

        Only cells of the same layer as the point's nearest tissue cell take part, so that a point beside a fascia
        stays on its side of it.

        Raises: ModelError when a point is further than 1.5 cells from tissue.
        """
        import scipy.sparse as sp

        where, nearest = self.grid.in_cells(points_mm), self.index_of(points_mm)
        if (nearest < 0).any():
            first = np.atleast_2d(points_mm)[np.flatnonzero(nearest < 0)[0]]
            raise ModelError(
                f"{int((nearest < 0).sum())} point(s) outside the tissue of the grid, the first at "
                f"{np.round(first, 2).tolist()} mm.",
                f"A point may lie at most {NEAR_CELLS} cells from a tissue cell.",
            )
        low = np.floor(where).astype(int)
        share = where - low
        numbers, weights = [], []
        for corner in np.ndindex(2, 2, 2):
            number = self._number_at(low + corner)
            weight = np.where(np.asarray(corner) == 1, share, 1.0 - share).prod(axis=1)
            numbers.append(number)
            weights.append(np.where((number >= 0) & self._same_layer(number, nearest), weight, 0.0))
        number, weight = np.stack(numbers, axis=1), np.stack(weights, axis=1)
        total = weight.sum(axis=1)
        lost = total < 1e-6
        number[lost, 0], weight[lost] = nearest[lost], np.eye(8)[0]
        weight /= np.where(lost, 1.0, total)[:, None]
        kept = weight > 0.0
        rows = np.broadcast_to(np.arange(len(where))[:, None], kept.shape)[kept]
        return sp.csr_matrix((weight[kept], (rows, number[kept])), shape=(len(where), self.size))

    def spread_points(self, points_mm: np.ndarray, weights: Any = 1.0) -> np.ndarray:
        """A right-hand side that puts `weights` on points: density (n,), 1/mm^3 times the unit of the weights.

        Its sum times the cell's volume is the sum of the weights. The transpose of `sample` up to that volume.
        """
        stencil = self.stencil(points_mm)
        return (
            stencil.T
            @ np.broadcast_to(np.asarray(weights, dtype=float), stencil.shape[0])
            / self.grid.cell_mm3
        )

    def sample(self, values: np.ndarray, points_mm: np.ndarray) -> np.ndarray:
        """A field (n,) or (n, r) at points, trilinear; (p,) or (p, r)."""
        return self.stencil(points_mm) @ values

    def on_grid(self, values: np.ndarray, outside: float = 0.0) -> np.ndarray:
        """A field (n,) as an array of the grid's shape."""
        full = np.full(self.grid.shape, outside)
        full.reshape(-1)[self.cells] = values
        return full

    def _number_at(self, cell: np.ndarray) -> np.ndarray:
        shape = np.asarray(self.grid.shape)
        inside = np.all((cell >= 0) & (cell < shape), axis=1)
        safe = np.where(inside[:, None], cell, 0)
        return np.where(inside, self.number[safe[:, 0], safe[:, 1], safe[:, 2]], -1)

    def _same_layer(self, number: np.ndarray, nearest: np.ndarray) -> np.ndarray:
        if self.layer is None:
            return np.ones(len(number), dtype=bool)
        label = self.layer.reshape(-1)[self.cells]
        return np.equal(label[np.maximum(number, 0)], label[nearest])
