"""Linear compartment graphs, solved by uniformisation.

    dy/dt = A y,   A[i, j] >= 0 for i != j     (a rate from compartment j into i; a loss sits on the diagonal)
    exp(A t) = exp(-q h) exp((A + q I) h) ... squared s times,   h = t / 2**s,   q = max(-A[i, i])

Every term of the Taylor sum is non-negative, so nothing cancels: equal rates are no special case. The textbook
exponential sum divides by rate differences; it loses a digit for every digit that two rates share, and its
gradient fails long before. The functions are written against the array API (`xp`), so NumPy and JAX run them.
Units are the caller's: time in the inverse of the rates' unit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from endplate.errors import ModelError

TAYLOR_TERMS = 18
MOST_SQUARINGS = 40


def chain_matrix(rates: Any, xp: Any = np) -> Any:
    """Matrix of an unbranched chain: pool i drains into pool i + 1 at rates[..., i].

    Args:
        rates: (..., n), non-negative.
        xp: array namespace (`numpy` or `jax.numpy`).
    Returns:
        (..., n + 1, n + 1); every column sums to zero.
    """
    rates = xp.asarray(rates, dtype=float)
    count = rates.shape[-1]
    basis = np.zeros((count, count + 1, count + 1))
    steps = np.arange(count)
    basis[steps, steps, steps] = -1.0
    basis[steps, steps + 1, steps] = 1.0
    return xp.sum(rates[..., None, None] * xp.asarray(basis), axis=-3)


def propagator(matrix: Any, time: Any, xp: Any = np, squarings: int | None = None) -> Any:
    """exp(matrix * time) of a compartment graph.

    Args:
        matrix: (..., n, n), off-diagonal entries non-negative.
        time: scalar or an array that broadcasts with the leading axes of the matrix; not negative.
        xp: array namespace. JAX needs its 64-bit mode for the accuracy stated here.
        squarings: fix it under `jax.jit`, where the size of the rates is not known
            (`squarings_needed` of the largest case); None works it out.
    Returns:
        (..., n, n). Non-negative.
    Raises:
        ModelError: a negative rate or time, or one that is not finite (checked under NumPy only: a traced
            array has no value to look at), or a rate times time over 2**40.
    Order: 17 in time (remainder 1/18! of the step), exact to rounding; relative error about 2**squarings * 1e-16.
    Keeps: the total, where the columns of the matrix sum to zero.   Valid: rate * time up to 1e5 (error 1e-11).
    Sources: uniformisation (Jensen 1953), as chosen in docs/junction-benchmarks.md.
    """
    matrix = xp.asarray(matrix, dtype=float)
    time = xp.asarray(time, dtype=float)
    count = matrix.shape[-1]
    if xp is np:
        _check(matrix, time)
    if squarings is None:
        squarings = squarings_needed(matrix, time)
    step = time[..., None, None] / 2.0**squarings
    identity = xp.eye(count)
    fastest = xp.max(-xp.linalg.diagonal(matrix), axis=-1)[..., None, None]
    lifted = (matrix + fastest * identity) * step
    total = identity + lifted / TAYLOR_TERMS
    for term in range(TAYLOR_TERMS - 1, 0, -1):
        total = identity + xp.matmul(lifted, total) / term
    total = total * xp.exp(-fastest * step)
    for _ in range(squarings):
        total = xp.matmul(total, total)
    return total


def squarings_needed(matrix: Any, time: Any) -> int:
    """How often the propagator must be squared so that the Taylor sum runs on a step of size one or less."""
    matrix, time = np.asarray(matrix, dtype=float), np.asarray(time, dtype=float)
    fastest = np.max(-np.linalg.diagonal(matrix), axis=-1)
    load = float(np.max(np.abs((fastest + np.max(np.sum(matrix, axis=-2), axis=-1)) * time), initial=0.0))
    if load <= 1.0:
        return 0
    needed = math.ceil(math.log2(load)) if math.isfinite(load) else MOST_SQUARINGS + 1
    if needed > MOST_SQUARINGS:
        raise ModelError(
            f"Rate times time is {load:.3g}.",
            f"The propagator covers up to 2**{MOST_SQUARINGS}.",
            "Check the units of the rates and of the time.",
        )
    return needed


def states(matrix: Any, initial: Any, times: Any, xp: Any = np, squarings: int | None = None) -> Any:
    """State of the graph at each of the times: (n, n), (n,), (t,) -> (t, n).

    Times ascend from zero. Each interval gets a propagator of its own, so that errors stay those of one interval.
    """
    times = xp.asarray(times, dtype=float)
    if (
        xp is np
        and times.size
        and (np.any(np.diff(times, prepend=0.0) < 0) or not np.all(np.isfinite(times)))
    ):
        raise ModelError(
            "The times do not ascend from zero.", "", "Give finite times in ascending order, from 0 on."
        )
    if times.shape[0] == 0:
        return xp.zeros((0, len(initial)))
    steps = xp.concat([times[:1], times[1:] - times[:-1]])
    jumps = propagator(xp.asarray(matrix, dtype=float)[None, ...], steps, xp, squarings)
    state, rows = xp.asarray(initial, dtype=float), []
    for index in range(times.shape[0]):
        state = xp.matmul(jumps[index], state)
        rows.append(state)
    return xp.stack(rows)


def accumulated(matrix: Any, initial: Any, weights: Any, time: float, xp: Any = np) -> Any:
    """Integral of weights . y from 0 to `time` (the area under a weighted sum of pools); weights >= 0.

    The integral is one more compartment that the others feed without being drained, so that it costs no quadrature.
    """
    matrix, initial = xp.asarray(matrix, dtype=float), xp.asarray(initial, dtype=float)
    row = xp.concat([xp.asarray(weights, dtype=float), xp.zeros(1)])[None, :]
    wide = xp.concat([xp.concat([matrix, xp.zeros((matrix.shape[0], 1))], axis=1), row], axis=0)
    return xp.matmul(propagator(wide, time, xp), xp.concat([initial, xp.zeros(1)]))[-1]


def _check(matrix: np.ndarray, time: np.ndarray) -> None:
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.shape[-1] == 0:
        raise ModelError(f"A rate matrix of shape {matrix.shape}.", "It must be square.", "")
    off_diagonal = matrix * (1.0 - np.eye(matrix.shape[-1]))
    if not np.all(np.isfinite(matrix)) or np.any(off_diagonal < 0):
        raise ModelError(
            "A rate is negative or not finite.", "Rates are finite and not below zero.", "Check the rates."
        )
    if not np.all(np.isfinite(time)) or np.any(time < 0):
        raise ModelError(
            "A time is negative or not finite.", "Times are finite and not below zero.", "Check the times."
        )
