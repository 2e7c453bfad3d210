"""Sobol indices: which share of a variance comes from which inputs, for single inputs and for groups.

    first order   S1 = V(E[Y | x]) / V(Y)           what knowing x alone would take away
    total         ST = E[V(Y | all but x)] / V(Y)   what would be left if all but x were known

The indices are scipy's (`scipy.stats.sobol_indices`, the estimators of Saltelli 2010), given as evaluations on two
independent samples A and B and, for each group, on A with the group's columns taken from B. A group may be one
parameter or all that a needle does: its columns move together, and its indices hold the interactions inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from endplate.errors import ModelError

RESAMPLES = 400
CONFIDENCE = 0.95
LEAST, MOST = 16, 4096
Evaluate = Callable[[frozenset[str]], np.ndarray]
"""Names of the inputs that come from sample B (the rest from A) -> outputs, (quantity, sample)."""


@dataclass(frozen=True)
class Indices:
    """Indices and their intervals.

    Attributes:
        first, total (group, quantity): the estimates; an estimate may lie a little below 0 or above 1.
        first_low, first_high, total_low, total_high: 95 % bootstrap intervals of the estimates.
        base (quantity, 2 * sample): the outputs on A and B: independent draws of the whole.
    """

    first: np.ndarray
    first_low: np.ndarray
    first_high: np.ndarray
    total: np.ndarray
    total_low: np.ndarray
    total_high: np.ndarray
    base: np.ndarray


def check_samples(samples: int) -> None:
    """Raises ModelError unless a Sobol scheme can use so many rows."""
    whole = isinstance(samples, int) and not isinstance(samples, bool)
    if not whole or not LEAST <= samples <= MOST or samples & (samples - 1):
        near = int(min(max(samples, LEAST), MOST)) if whole else LEAST
        lower = 1 << (near.bit_length() - 1)
        raise ModelError(
            f"{samples!r} samples were asked for.",
            f"Sobol indices take a power of two from {LEAST} to {MOST}.",
            f"Give --samples {lower}, for example.",
        )


def sobol_indices(
    evaluate: Evaluate, groups: Sequence[frozenset[str]], samples: int, rng: np.random.Generator
) -> Indices:
    """Indices of each group of inputs.

    Args:
        evaluate: outputs with some inputs taken from B; called once per group and for A and B.
        groups: names of the inputs in each group; an input may be in several groups. Together they are all inputs.
        samples: rows of A and B, a power of two.
        rng: draws the rows of the bootstrap.

    Raises:
        ModelError: `samples` is not a power of two within the limits.
    """
    check_samples(samples)
    everything: frozenset[str] = frozenset().union(*groups)
    f_a, f_b = evaluate(frozenset()), evaluate(everything)
    f_ab = np.stack([evaluate(group) for group in groups])
    first, total = by_scipy(f_a, f_b, f_ab)
    rows = rng.integers(0, samples, (RESAMPLES, samples))
    first_again, total_again = resampled(f_a, f_b, f_ab, rows)
    ends = [0.5 - 0.5 * CONFIDENCE, 0.5 + 0.5 * CONFIDENCE]
    first_low, first_high = np.quantile(first_again, ends, axis=0)
    total_low, total_high = np.quantile(total_again, ends, axis=0)
    base = np.concatenate([f_a, f_b], axis=1)
    return Indices(first, first_low, first_high, total, total_low, total_high, base)


def by_scipy(f_a: np.ndarray, f_b: np.ndarray, f_ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and total indices, (group, quantity) each; 0 where an output does not vary.

    Args:
        f_a, f_b (quantity, sample): outputs on A and B; f_ab (group, quantity, sample): on the mixtures.
    """
    from scipy.stats import sobol_indices as indices

    found = indices(func={"f_A": f_a, "f_B": f_b, "f_AB": f_ab}, n=f_a.shape[1])
    shape = (len(f_a), len(f_ab))  # scipy drops axes of length one
    return found.first_order.reshape(shape).T, found.total_order.reshape(shape).T


def resampled(
    f_a: np.ndarray, f_b: np.ndarray, f_ab: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same indices on many choices of rows at once, (choice, group, quantity) each.

    Every estimator is a mean over rows, so all choices are one matrix product; scipy's own bootstrap takes them one
    by one, draws from a generator that cannot be given, and has no interval for an input without effect.

    Args:
        rows (choice, sample): indices of rows, with repetition.
    """
    n = f_a.shape[1]
    weights = np.stack([np.bincount(chosen, minlength=n) for chosen in rows]) / n
    centre = 0.5 * (f_a + f_b).mean(axis=1, keepdims=True)
    a, b, change = f_a - centre, f_b - centre, f_ab - f_a

    def mean(values: np.ndarray) -> np.ndarray:
        return (weights @ values.reshape(-1, n).T).reshape(len(rows), *values.shape[:-1])

    middle = mean(0.5 * (a + b))[:, None]
    variance = mean(0.5 * (a**2 + b**2))[:, None] - middle**2
    first = mean(b * change) - middle * mean(change)
    total = 0.5 * mean(change**2)
    flat = variance <= 1e-300
    safe = np.where(flat, 1.0, variance)
    return np.where(flat, 0.0, first / safe), np.where(flat, 0.0, total / safe)
