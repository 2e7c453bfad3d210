"""A stand-in for the risk engine, one for each reported rate: fast enough, and smooth enough, for a sampler.

    logit of a rate = a + b'z + z'Qz        z: normal scores of what moves; products of the strongest columns only

It is learned from draws of the risk engine, every draw at some nodes of the thresholds that its rate depends on, by
ridge regression whose penalty is that of the least left-out error. Draws whose rate is far from the printed one teach
it less: it must be right where the likelihood is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST = 1e-4  # no rate is taken for less: some droop happens whatever the model says
PAIRED = 16  # columns whose products count, beside those that every rate's own thresholds bring
PENALTIES = np.geomspace(1.0, 1e4, 9)
FOLDS = 5
WIDEST = 3.5  # no score counts for more
NEAR = 2.0  # logits from the printed rate at which a draw counts half


@dataclass(frozen=True)
class Emulator:
    """A quadratic function of normal scores.

    Attributes:
        linear (column,), square (column, column): coefficients; the latter symmetric.
        error: left-out SD of the logit, near the printed rate: lack of fit and the luck of a draw's faces.
    """

    constant: float
    linear: np.ndarray
    square: np.ndarray
    error: float

    def logit(self, z: np.ndarray) -> np.ndarray:
        """Logits of rates, (draw,), from scores (draw, column)."""
        kept = np.clip(z, -WIDEST, WIDEST)
        return (
            self.constant
            + kept @ self.linear
            + np.einsum("di,ij,dj->d", kept, self.square, kept, optimize=True)
        )


def logit(rate: np.ndarray) -> np.ndarray:
    kept = np.clip(rate, LEAST, 1.0 - LEAST)
    return np.asarray(np.log(kept / (1.0 - kept)))


def fitted(
    z: np.ndarray, y: np.ndarray, group: np.ndarray, printed: float, columns: np.ndarray, own: np.ndarray
) -> Emulator:
    """The emulator of one rate.

    Args:
        z: (row, column). y: logits, (row,). group: the draw that each row came from.
        printed: logit of the printed rate. columns: those that may count. own: those whose products all count.
    """
    weight = 1.0 / (1.0 + ((y - printed) / NEAR) ** 2)
    kept = np.clip(z, -WIDEST, WIDEST)
    first, second = _pairs(kept, y, weight, columns, own)
    design = np.concatenate(
        [np.ones((len(y), 1)), kept[:, columns], kept[:, first] * kept[:, second]], axis=1
    )
    penalty, error = _best_penalty(design, y, weight, group)
    solved = _ridge(*_normal(design, y, weight), penalty)
    linear, square = np.zeros(z.shape[1]), np.zeros((z.shape[1], z.shape[1]))
    linear[columns] = solved[1 : 1 + len(columns)]
    np.add.at(square, (first, second), 0.5 * solved[1 + len(columns) :])
    np.add.at(square, (second, first), 0.5 * solved[1 + len(columns) :])
    return Emulator(float(solved[0]), linear, square, error)


def _pairs(
    z: np.ndarray, y: np.ndarray, weight: np.ndarray, columns: np.ndarray, own: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Products that count: squares of all, products of the strongest with each other and with the rate's own."""
    centred, goal = z[:, columns], y - np.average(y, weights=weight)
    strength = np.abs((weight * goal) @ centred) / np.sqrt(weight @ centred**2 + 1e-12)
    strongest = columns[np.argsort(strength)[::-1][:PAIRED]]
    some = np.unique(np.concatenate([strongest, own]))
    pairs = {(k, k) for k in columns} | {(a, b) for a in some for b in some if a < b}
    first, second = np.array(sorted(pairs)).T
    return first, second


def _normal(design: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    weighted = design * weight[:, None]
    return weighted.T @ design, weighted.T @ y


def _ridge(gram: np.ndarray, goal: np.ndarray, penalty: float) -> np.ndarray:
    """Ridge coefficients; the constant is free."""
    diagonal = np.full(len(goal), penalty)
    diagonal[0] = 1e-6
    return np.asarray(np.linalg.solve(gram + np.diag(diagonal), goal))


def _best_penalty(
    design: np.ndarray, y: np.ndarray, weight: np.ndarray, group: np.ndarray
) -> tuple[float, float]:
    """The penalty of the least left-out error, and that error; whole draws are left out together."""
    fold = group % FOLDS
    parts = [_normal(design[fold == k], y[fold == k], weight[fold == k]) for k in range(FOLDS)]
    gram, goal = sum(p[0] for p in parts), sum(p[1] for p in parts)
    squares = np.zeros(len(PENALTIES))
    for k, part in enumerate(parts):
        out, own = fold == k, weight[fold == k]
        for i, penalty in enumerate(PENALTIES):
            found = _ridge(gram - part[0], goal - part[1], penalty)
            squares[i] += float(own @ (y[out] - design[out] @ found) ** 2)
    best = int(squares.argmin())
    return float(PENALTIES[best]), float(np.sqrt(squares[best] / weight.sum()))
