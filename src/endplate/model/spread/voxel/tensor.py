"""Tensors and their decomposition along grid directions with weights that are never negative.

For every symmetric positive tensor D there is a superbase b0 + b1 + b2 + b3 = 0 of the integer lattice, obtuse for D
(bi . D bj <= 0), and then (Selling's formula)

    D = - sum over pairs i < j of (bi . D bj) e_ij e_ij^T,     e_ij = bk x bl,  {i, j, k, l} = {0, 1, 2, 3}.

Six integer directions with weights >= 0: the difference operator made of them keeps the maximum principle however
oblique the fibres lie, which a stencil of fixed directions cannot. Source: Selling 1874 for the formula; its use for
anisotropic diffusion is due to Fehrenbach and Mirebeau (Journal of Mathematical Imaging and Vision, 2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from endplate.errors import ModelError

PAIRS = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2), (1, 2, 0, 3), (1, 3, 0, 2), (2, 3, 0, 1))
_START = np.array([[-1, -1, -1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
_MOST_STEPS = 400
SIX = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


def tensor_of_axes(axes: Any, values: Any) -> np.ndarray:
    """R diag(values) R^T for frames whose ROWS are the unit axes, (..., 3, 3) and (..., 3) to (..., 3, 3)."""
    rows = np.asarray(axes, dtype=float)
    return np.einsum("...ai,...a,...aj->...ij", rows, np.asarray(values, dtype=float), rows)


def as_matrices(tensor: Any) -> np.ndarray:
    """Tensors given as (3, 3), (n, 3, 3), (6,) or (n, 6), the six being xx, yy, zz, xy, xz, yz; returns (n, 3, 3).

    Raises: ModelError for another shape, an entry that is not finite, or a tensor that is not positive.
    """
    given = np.asarray(tensor, dtype=float)
    if given.shape[-1:] == (6,):
        six = np.atleast_2d(given)
        full = np.empty((len(six), 3, 3))
        for column, (i, j) in enumerate(SIX):
            full[:, i, j] = full[:, j, i] = six[:, column]
    elif given.shape[-2:] == (3, 3):
        full = given.reshape(-1, 3, 3)
    else:
        raise ModelError(f"Tensor of shape {given.shape}.", "It is (3, 3), (n, 3, 3), (6,) or (n, 6).")
    if not np.isfinite(full).all() or (np.linalg.eigvalsh(full)[:, 0] <= 0.0).any():
        raise ModelError("A tensor of diffusion that is not positive.", "All its eigenvalues are above zero.")
    return full


def selling(tensors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions and weights of symmetric positive tensors in units of cells.

    Args:
        tensors: (n, 3, 3).

    Returns:
        offsets (n, 6, 3) int, the first non-zero entry of each positive; weights (n, 6) >= 0, in the tensor's unit,
        with sum over e of weight * e e^T = tensor (to rounding).
    """
    count = len(tensors)
    base = np.broadcast_to(_START, (count, 4, 3)).astype(float)
    todo = np.arange(count)
    tiny = 1e-14 * np.trace(tensors, axis1=1, axis2=2)
    for _ in range(_MOST_STEPS):
        products = _products(base[todo], tensors[todo])
        worst = products.argmax(axis=1)
        acute = products[np.arange(len(todo)), worst] > tiny[todo]
        if not acute.any():
            break
        todo, worst = todo[acute], worst[acute]
        base[todo] = _turned(base[todo], worst)
    else:
        raise ModelError(
            "A tensor of diffusion too stretched for the grid.", "Ratios of axes to 1000 are fine.", ""
        )
    weights = np.maximum(-_products(base, tensors), 0.0)
    offsets = np.stack([np.cross(base[:, k], base[:, m]) for _, _, k, m in PAIRS], axis=1)
    return _signed(np.rint(offsets).astype(int)), weights


def _products(base: np.ndarray, tensors: np.ndarray) -> np.ndarray:
    image = np.einsum("nij,naj->nai", tensors, base)
    return np.stack([(base[:, i] * image[:, j]).sum(axis=1) for i, j, _, _ in PAIRS], axis=1)


def _turned(base: np.ndarray, worst: np.ndarray) -> np.ndarray:
    """One of Selling's steps: (bi, bj, bk, bl) becomes (-bi, bj, bk + bi, bl + bi) for the pair that is acute."""
    pair = np.asarray(PAIRS)[worst]
    rows = np.arange(len(base))
    first, second = base[rows, pair[:, 0]], base[rows, pair[:, 1]]
    return np.stack([-first, second, base[rows, pair[:, 2]] + first, base[rows, pair[:, 3]] + first], axis=1)


def _signed(offsets: np.ndarray) -> np.ndarray:
    x, y, z = offsets[..., 0], offsets[..., 1], offsets[..., 2]
    negative = (x < 0) | ((x == 0) & ((y < 0) | ((y == 0) & (z < 0))))
    return np.where(negative[..., None], -offsets, offsets)
