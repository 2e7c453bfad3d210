"""A rough stand-in for the likelihood, fast enough for a whole pool: it proposes draws, and weighs nothing.

    ln likelihood = a + b'x + c'x^2 + products of the strongest columns     ridge, its penalty by left-out error

x are standardised parameters. What lies far below the best is drawn up towards it: proposals need the top alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

PAIRED = 14  # columns whose products count
PENALTIES = np.geomspace(0.1, 1e4, 20)
WIDEST = 3.5  # no standardised value counts for more
DEPTH = 12.0  # of ln likelihood below the best, beyond which differences count as their logarithm

Emulator = Callable[[np.ndarray], np.ndarray]


def fitted(features: np.ndarray, value: np.ndarray, weight: np.ndarray) -> tuple[Emulator, float]:
    """A function from features (row, column) to ln likelihood, and its left-out SD.

    Args:
        features: (draw, column), standardised. value: ln likelihood, (draw,). weight: of the draws, (draw,).
    """
    y = drawn_up(value)
    strength = np.abs(np.corrcoef(np.column_stack([features, y]).T)[-1, :-1])
    paired = np.argsort(strength)[::-1][:PAIRED]
    design, root = _design(features, paired), np.sqrt(weight / weight.mean())
    u, s, v = np.linalg.svd(design * root[:, None], full_matrices=False)
    goal = u.T @ (y * root)
    best, error = PENALTIES[-1], np.inf
    for penalty in PENALTIES:
        keep = s**2 / (s**2 + penalty)
        left = (y * root - u @ (keep * goal)) / np.maximum(1.0 - (u**2 * keep).sum(axis=1), 0.05)
        found = float(np.sqrt((left**2).mean()))
        if found < error:
            best, error = penalty, found
    coefficients = v.T @ (s / (s**2 + best) * goal)
    return lambda some: _design(some, paired) @ coefficients, error


def drawn_up(value: np.ndarray) -> np.ndarray:
    """ln likelihoods below the best, what is far below counting less."""
    below = value.max() - value
    return -np.where(below > DEPTH, DEPTH * (1.0 + np.log(np.maximum(below, DEPTH) / DEPTH)), below)


def _design(features: np.ndarray, paired: np.ndarray) -> np.ndarray:
    kept = np.clip(features, -WIDEST, WIDEST)
    some = kept[:, paired]
    first, second = np.triu_indices(len(paired), 1)
    constant = np.full((len(kept), 1), 10.0)
    return np.concatenate([constant, kept, kept**2 - 1.0, some[:, first] * some[:, second]], axis=1)
