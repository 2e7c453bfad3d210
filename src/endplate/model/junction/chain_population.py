"""Unbranched first-order chains for whole populations: every person with rates of their own, every step kept.

    dy_0/dt = -k_0 y_0,   dy_i/dt = k_(i-1) y_(i-1) - k_i y_i,   y_0(0) = 1

Asked for is the last pool at equal steps. Apart from a person's few coincidences of rates it is the sum of exponentials

    y(t) = sum_i w_i exp(-k_i t),   w_i = k_0 ... k_(n-2) / prod_(j != i) (k_j - k_i)

The differences of given rates are exact in floating point, so that all that is lost is the cancellation of the sum,
and that is known beforehand: rounding times sum |w_i|. Where this sum is above AMPLIFICATION, and where rates are equal
(the sum is then no number), a person is solved by uniformisation (`linear.propagator`), which subtracts nothing. Both
split step n = block j + i, so that all steps come from one small matrix product a person and 2 sqrt(steps) states:

    y = [w exp(-k block j)]' [exp(-k i)]        or        y = [e' P^i] [P^(block j) e_0],   P = exp(A step)

Floor, per 10,000 persons x 5 pools x 180 steps: 135 exponentials a person, 1.4 ms at 1e9/s; 1,800 multiplications and
additions a person, 1 ms at 2e10/s; 14.6 MB written, 0.5 ms at 31 GB/s, and as much for pages touched the first time.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from endplate.errors import ModelError
from endplate.model.junction.linear import chain_matrix, propagator

AMPLIFICATION = 1e3  # the exponential sum then errs by less than 1e-12
PART = (
    1024  # persons solved at once: 200 numbers of 8 bytes each, 1.6 MB, stay in a core's second-level cache
)


def chain_course(
    rates: np.ndarray, step: float, steps: int, *, threads: int | None = None, robust: bool = False
) -> np.ndarray:
    """Amount in the last pool of a chain at 0, step, ..., steps x step, for each person.

    Args:
        rates: (person, pool), not negative, in the inverse of the unit of `step`: pool i drains at rates[:, i] into
            pool i + 1, the last one out of the chain (0: it does not).
        threads: parts solved at a time; None takes the processors there are, eight at most.
        robust: solve every person by uniformisation.
    Returns:
        (person, steps + 1), shares of what the first pool held at 0.
    Raises:
        ModelError: rates that are negative, not finite or not an array of persons and pools; a bad step.
    Order: exact to rounding: 1e-12; persons solved by uniformisation 1e-16 x rate x step besides.
    Valid: rate x step up to 1e5.   Sources: Bateman 1910; uniformisation as in `linear`.
    """
    rates = np.ascontiguousarray(rates, dtype=float)
    _check(rates, step, steps)
    block = math.isqrt(steps) + 1
    out = np.empty((len(rates), -(-(steps + 1) // block), block))
    parts = [slice(start, start + PART) for start in range(0, len(rates), PART)]

    def solve(part: slice) -> None:
        _solve(rates[part] * step, out[part], robust)

    if (threads := threads or min(8, os.cpu_count() or 1)) == 1 or len(parts) < 2:
        for part in parts:
            solve(part)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(solve, parts))
    return out.reshape(len(rates), out.shape[1] * block)[:, : steps + 1]


def _solve(loads: np.ndarray, out: np.ndarray, robust: bool) -> None:
    """loads = rates x step (person, pool) -> out (person, blocks, block)."""
    weights = _weights(loads)
    apart = np.abs(weights).sum(axis=1) <= AMPLIFICATION  # False where it is not a number
    if robust or not apart.any():
        out[:] = _by_uniformisation(loads, *out.shape[1:])
    elif apart.all():
        _by_exponentials(loads, weights, out)
    else:
        _by_exponentials(loads, np.where(apart[:, None], weights, 0.0), out)
        out[~apart] = _by_uniformisation(loads[~apart], *out.shape[1:])


def _weights(loads: np.ndarray) -> np.ndarray:
    """Weights of the exponentials, (person, pool); not numbers where rates are equal."""
    gaps = loads[:, None, :] - loads[:, :, None]
    pools = np.arange(loads.shape[1])
    gaps[:, pools, pools] = 1.0
    with np.errstate(all="ignore"):
        return loads[:, :-1].prod(axis=1)[:, None] / gaps.prod(axis=2)


def _by_exponentials(loads: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    _, blocks, block = out.shape
    early = _decay(loads[:, :, None] * np.arange(block))
    late = _decay(loads[:, None, :] * (block * np.arange(blocks))[:, None])
    late *= weights[:, None, :]
    np.matmul(late, early, out=out)


def _decay(load: np.ndarray) -> np.ndarray:
    """exp(-load), in place. Numbers below 1e-130 are held there: processors are slow with denormal ones."""
    np.minimum(load, 300.0, out=load)
    return np.exp(np.negative(load, out=load), out=load)


def _by_uniformisation(loads: np.ndarray, blocks: int, block: int) -> np.ndarray:
    """(person, pool) -> (person, blocks, block)."""
    persons, pools = loads.shape
    power = propagator(chain_matrix(loads)[:, :pools, :pools], 1.0)
    power[:, np.arange(pools), np.arange(pools)] = np.exp(-loads)  # squaring has eroded what is known exactly
    last = np.zeros((persons, 1, pools))
    last[:, 0, -1] = 1.0
    rows = _doubled(last, power, block)
    first = np.zeros((persons, 1, pools))
    first[:, 0, 0] = 1.0
    columns = _doubled(first, np.linalg.matrix_power(power, block).transpose(0, 2, 1), blocks)
    return columns @ rows.transpose(0, 2, 1)


def _doubled(rows: np.ndarray, power: np.ndarray, count: int) -> np.ndarray:
    """A row (person, 1, pool) times power^0 ... power^(count - 1): twice as many rows each time, power squared."""
    while rows.shape[1] < count:
        rows = np.concatenate([rows, rows @ power], axis=1)
        power = power @ power
    return rows[:, :count]


def _check(rates: np.ndarray, step: float, steps: int) -> None:
    if rates.ndim != 2 or not rates.shape[1]:
        raise ModelError(f"Rates of shape {rates.shape}.", "They are (person, pool).", "")
    if not np.isfinite(rates).all() or (rates < 0).any():
        raise ModelError(
            "A rate is negative or not finite.", "Rates are finite and not below zero.", "Check the rates."
        )
    if not (math.isfinite(step) and step > 0 and steps >= 0):
        raise ModelError(f"{steps} steps of {step}.", "A step is above 0, their number not below 0.", "")
