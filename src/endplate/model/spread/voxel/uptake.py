"""Where the toxin is taken up: k (k - L)^-1 by conjugate gradients.

dc/dt = L c - k c from c0 leaves, after infinite time, k int c dt = k (k - L)^-1 c0 at each place: one symmetric
positive system for the whole course, no time stepping. Its matrix is an M-matrix, so exposure is never negative and
sums to what was given.

Scaled to a unit diagonal (Jacobi), the matrix is I - C. Where no edge joins two cells of the same colour of a
chessboard (no oblique edges), the cells of one colour are eliminated exactly, and I - C' C on the other colour needs
half the iterations on half the unknowns; one such iteration costs as many products as before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from endplate.errors import ModelError
from endplate.model.spread.voxel.laplacian import Operator

MOST_ITERATIONS = 5000

Solve = Callable[..., np.ndarray]


def uptake(operator: Operator, k: float, source: Any, tol: float = 1e-8) -> np.ndarray:
    """k (k - L)^-1 source.

    Args:
        k: rate of uptake, in the unit of the operator (> 0; with a tensor of D / k in mm^2 it is 1).
        source: (n,) or (n, r), solved together.
        tol: residual at which a column is done, relative to its source (Euclidean norms).

    Keeps: the sum of each column to about `tol`.
    Raises: ModelError when the residual does not come down, or k is not above zero.
    """
    return uptake_solver(operator, k)(source, tol)


def uptake_solver(operator: Operator, k: float) -> Solve:
    """The function (source, tol) -> exposure of one operator and rate, its matrix prepared once."""
    import scipy.sparse as sp

    if not k > 0.0:
        raise ModelError(f"Rate of uptake {k}.", "It is above zero.")
    pivot = k + operator.outflow
    scale = 1.0 / np.sqrt(pivot)
    graph = sp.diags(scale) @ (operator.matrix + sp.diags(operator.outflow)) @ sp.diags(scale)
    solve = (
        _whole(graph.tocsr(), pivot)
        if operator.colour is None
        else _halved(graph.tocsr(), pivot, operator.colour)
    )

    def exposure(source: Any, tol: float = 1e-8) -> np.ndarray:
        right = k * np.asarray(source, dtype=float)
        goal = (tol * np.linalg.norm(right, axis=0)) ** 2
        return (solve((right.T * scale).T, goal).T * scale).T

    return exposure


def _whole(graph: Any, pivot: np.ndarray) -> Solve:
    """Solves (I - C) y = right, all cells at once."""

    def solve(right: np.ndarray, goal: np.ndarray) -> np.ndarray:
        return _conjugate_gradients(lambda y: y - graph @ y, right, pivot, goal)

    return solve


def _halved(graph: Any, pivot: np.ndarray, colour: np.ndarray) -> Solve:
    """The same on the black cells alone: (I - C' C) y_black = right_black + C' right_red, C from black to red."""
    black, red = np.flatnonzero(colour), np.flatnonzero(~colour)
    to_red = graph[red][:, black].tocsr()
    to_black = to_red.T.tocsr()

    def image(y: np.ndarray) -> np.ndarray:
        out = to_black @ (to_red @ y)
        return np.subtract(y, out, out=out)

    def solve(right: np.ndarray, goal: np.ndarray) -> np.ndarray:
        # The red rows hold exactly, so the residual of the whole is that of the black ones.
        out = np.empty_like(right)
        out[black] = _conjugate_gradients(image, right[black] + to_black @ right[red], pivot[black], goal)
        out[red] = right[red] + to_red @ out[black]
        return out

    return solve


def _conjugate_gradients(
    image: Callable[[np.ndarray], np.ndarray], right: np.ndarray, pivot: np.ndarray, goal: np.ndarray
) -> np.ndarray:
    """Solves image(y) = right from zero, each column with its own steps.

    `pivot` (m,) is the diagonal before scaling: a column is done when the sum of pivot * residual^2, its residual in
    the unscaled system, is at most `goal`.
    """
    least = pivot.min(initial=np.inf)
    y, rest = np.zeros_like(right), np.array(right)
    way, part = rest.copy(), np.empty_like(rest)
    now = _dots(rest, rest)
    for _ in range(MOST_ITERATIONS):
        # The first comparison is cheap and necessary, the second is the criterion.
        if (now * least <= goal).all() and (_dots((rest.T * pivot).T, rest) <= goal).all():
            return y
        ahead = image(way)
        step = _ratio(now, _dots(way, ahead))
        y += np.multiply(way, step, out=part)
        rest -= np.multiply(ahead, step, out=ahead)
        before, now = now, _dots(rest, rest)
        way *= _ratio(now, before)
        way += rest
    raise ModelError(
        f"Uptake not solved in {MOST_ITERATIONS} iterations.",
        "Conductances that differ by many powers of ten, or a tolerance below rounding, do this.",
    )


def _dots(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(a @ b) if a.ndim == 1 else np.einsum("ij,ij->j", a, b)


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0.0)
