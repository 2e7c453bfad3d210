"""The operator u -> div(T grad u) on the tissue, as a symmetric graph of cells.

Each cell x offers half of its tensor's weight w_e(x) to the edges x to x + e and x to x - e, so an edge holds
(w_e(x) + w_e(x + e)) / 2. Edges that would leave the tissue do not exist: that is the wall without flux. What leaves
one cell enters another, and every weight is >= 0, so toxin is conserved and stays positive.

A long edge may not jump over bone. It exists only if a staircase of tissue cells along it (single steps towards its
end, within the cells that the straight line touches) connects its ends; the fewest changes of layer on such a way are
the fasciae that it crosses.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endplate.errors import ModelError
from endplate.model.spread.voxel.grid import Medium
from endplate.model.spread.voxel.tensor import as_matrices, selling

BLOCKED = 127  # more changes of layer than any edge meets: there is no way


@dataclass(frozen=True, eq=False)
class Operator:
    """L = div(T grad .) with no flux through the walls: a symmetric matrix, rows summing to zero.

    Args:
        matrix: CSR, (n, n); 1 over the unit of pseudo-time (T in mm^2 over the same unit).
        bound: a number that no eigenvalue of -L exceeds (twice the largest diagonal entry).
        colour: bool (n,), when every edge joins a cell of one colour to one of the other (no oblique edges); or None.
    """

    matrix: Any
    bound: float
    colour: np.ndarray | None = field(default=None, repr=False)

    @property
    def size(self) -> int:
        return self.matrix.shape[0]

    @property
    def outflow(self) -> np.ndarray:
        """What leaves each cell per unit of density, (n,): minus the diagonal."""
        return -self.matrix.diagonal()


def laplacian(medium: Medium, tensor_mm2: Any, fascia_factor: float | None = None) -> Operator:
    """The operator of a medium.

    Args:
        tensor_mm2: one tensor or one per tissue cell, see `as_matrices`.
        fascia_factor: conductance left to an edge that crosses one fascia, 0 to 1; an edge that crosses m of them
            keeps 1 / (1 + m (1/f - 1)), resistances in a row. None or 1: fasciae do nothing. On a grid of another
            spacing the same sheet has another factor: see `sheet_factor`.

    Order: 2 inside; 2 at a wall along the grid when the tensor's axes lie along it too, 1 at others (tested).
    Keeps: symmetry exactly, row sums to rounding.
    Raises: ModelError for tensors or factors that make no sense.
    """
    import scipy.sparse as sp

    full = as_matrices(tensor_mm2)
    if len(full) not in (1, medium.size):
        raise ModelError(f"{len(full)} tensors for {medium.size} tissue cells.", "Give one, or one for each.")
    if fascia_factor is not None and not 0.0 <= fascia_factor <= 1.0:
        raise ModelError(f"fascia_factor {fascia_factor}.", "It lies between 0 and 1.")
    edge = np.asarray(medium.grid.h_mm)
    offsets, weights = selling(full / (edge[:, None] * edge[None, :]))
    place = _Place.of(medium, int(np.abs(offsets).max()), fascia_factor)
    groups = _by_offset(offsets, weights, medium.size)
    parts = [place.edges(*group) for group in groups]
    start, end, value = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    half = sp.csr_matrix((value, (start, end)), shape=(medium.size, medium.size))
    half.sum_duplicates()
    graph = (half + half.T).tocsr()
    degree = np.asarray(graph.sum(axis=1)).ravel()
    matrix = (graph - sp.diags(degree)).tocsr()
    return Operator(matrix, float(2.0 * degree.max(initial=0.0)), _chessboard(medium, groups))


def sheet_factor(resistance_mm: float, h_mm: float) -> float:
    """The `fascia_factor` of a sheet that resists as much as `resistance_mm` of the tissue beside it, spacing h.

    An edge of length h across the sheet then resists like h + resistance: f = h / (h + resistance).
    """
    return h_mm / (h_mm + resistance_mm)


def _chessboard(medium: Medium, groups: list[tuple[Any, Any, Any]]) -> np.ndarray | None:
    if any(int(np.abs(offset).sum()) % 2 == 0 for offset, _, _ in groups):
        return None
    return np.sum(np.unravel_index(medium.cells, medium.grid.shape), axis=0) % 2 == 1


def _by_offset(offsets: np.ndarray, weights: np.ndarray, cells: int) -> list[tuple[Any, Any, Any]]:
    """Offsets that occur, each with the cells that use it (None: all, alike) and their weights."""
    used = weights > 1e-13 * weights.sum(axis=1, keepdims=True)
    if len(offsets) == 1 and cells != 1:
        return [(e, None, w) for e, w in zip(offsets[0][used[0]], weights[0][used[0]], strict=True)]
    cell = np.broadcast_to(np.arange(len(offsets))[:, None], used.shape)[used]
    flat, weight = offsets[used], weights[used]
    reach = int(np.abs(flat).max())
    code = (
        ((flat[:, 0] + reach) * (2 * reach + 1) + flat[:, 1] + reach) * (2 * reach + 1) + flat[:, 2] + reach
    )
    order = np.argsort(code, kind="stable")
    cuts = np.flatnonzero(np.diff(code[order])) + 1
    return [(flat[part[0]], cell[part], weight[part]) for part in np.split(order, cuts)]


@dataclass(frozen=True, eq=False)
class _Place:
    """The grid with a rim of nothing round it, so that a look at a neighbour never leaves the array."""

    number: np.ndarray
    layer: np.ndarray | None
    strides: np.ndarray
    flat: np.ndarray
    factor: float | None

    @classmethod
    def of(cls, medium: Medium, rim: int, factor: float | None) -> _Place:
        number = np.pad(medium.number, rim, constant_values=-1)
        minds_layers = medium.layer is not None and factor is not None and factor < 1.0
        layer = np.pad(medium.layer, rim).reshape(-1) if minds_layers and medium.layer is not None else None
        strides = np.array([number.shape[1] * number.shape[2], number.shape[2], 1])
        flat = np.flatnonzero(number.reshape(-1) >= 0)
        return cls(number.reshape(-1), layer, strides, flat, factor)

    def edges(self, offset: np.ndarray, cells: np.ndarray | None, weight: Any) -> tuple[Any, Any, Any]:
        """Edges along one offset: starts, ends, conductances."""
        step = int(offset @ self.strides)
        if cells is None:
            start, value = self.flat, np.full(len(self.flat), float(weight))
        else:  # a cell gives half to the edge ahead and half to the edge behind
            here = self.flat[cells]
            start = np.concatenate([here, here - step])
            value = np.concatenate([0.5 * weight, 0.5 * weight])
        there = (self.number[start] >= 0) & (self.number[start + step] >= 0)
        start, value = start[there], value[there]
        crossed = self._crossed(start, offset)
        open_ = crossed < BLOCKED
        start, value = start[open_], value[open_]
        if self.layer is not None and self.factor is not None:
            value = value * _left(crossed[open_], self.factor)
        return self.number[start], self.number[start + step], value

    def _crossed(self, start: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """Fewest changes of layer on the way from start to start + offset, BLOCKED where there is no way; (m,) int8."""
        reached: dict[tuple[int, ...], np.ndarray] = {}
        signs = np.sign(offset)
        for step in touched(tuple(int(abs(x)) for x in offset)):
            cell = start + int((signs * step) @ self.strides)
            fewest = np.full(len(start), 0 if not any(step) else BLOCKED, dtype=np.int8)
            for axis in range(3):
                former = reached.get(tuple(s - (a == axis) for a, s in enumerate(step)))
                if former is not None:
                    behind = cell - int(signs[axis] * self.strides[axis])
                    fewest = np.minimum(fewest, self._one_more(former, behind, cell))
            fewest[self.number[cell] < 0] = BLOCKED
            reached[step] = fewest
        return reached[tuple(int(abs(x)) for x in offset)]

    def _one_more(self, fewest: np.ndarray, behind: np.ndarray, cell: np.ndarray) -> np.ndarray:
        if self.layer is None:
            return fewest
        change = (self.layer[cell] != self.layer[behind]).astype(np.int8)
        return np.where(fewest == BLOCKED, BLOCKED, fewest + change).astype(np.int8)


def _left(crossed: np.ndarray, factor: float) -> np.ndarray:
    if factor == 0.0:
        return np.where(crossed > 0, 0.0, 1.0)
    return 1.0 / (1.0 + crossed * (1.0 / factor - 1.0))


def touched(offset: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Cells of the box from 0 to `offset` (entries >= 0) that the straight line between the centres touches, in order.

    >>> touched((2, 1, 0))
    [(0, 0, 0), (1, 0, 0), (1, 1, 0), (2, 1, 0)]
    """
    found = []
    for cell in itertools.product(*(range(n + 1) for n in offset)):
        # The line is t * offset; it is within half a cell of this one for t between the bounds of every axis.
        low = max((c - 0.5) / n for c, n in zip(cell, offset, strict=True) if n) if any(offset) else 0.0
        high = min((c + 0.5) / n for c, n in zip(cell, offset, strict=True) if n) if any(offset) else 1.0
        if low <= high + 1e-12:
            found.append(cell)
    return found
