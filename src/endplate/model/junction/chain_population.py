"""Unbranched first-order chains for whole populations: every person with rates of their own, all days kept.

    dy_0/dt = -k_0 y_0,   dy_i/dt = k_(i-1) y_(i-1) - k_i y_i,   y_0(0) = 1

What is asked for is the last pool at equal steps. It is e' P^n e_0 with P = exp(A step), and n = block j + i splits it
into (e' P^i)(P^(block j) e_0): about 2 sqrt(steps) products with P instead of `steps`, then one small matrix product a
person. P comes from uniformisation as in `linear.propagator`, written for a chain: A has two diagonals, P is lower
triangular, so 15 of the 25 entries of five pools are worked on. Every term is non-negative and nothing is divided by a
difference of rates: equal rates are no special case.

Persons lie innermost while P is made (one array operation serves thousands of them), in parts that stay in a core's
second-level cache; parts go to threads, for NumPy lets go of the interpreter while it computes.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from endplate.errors import ModelError
from endplate.model.junction.linear import MOST_SQUARINGS

PART = 2048  # persons worked on at once: 3 x 15 entries of P x 8 bytes x PART = 0.7 MB
TERMS, LARGEST_LOAD = 12, 0.25  # of the Taylor sum: 0.25^13 / 13! = 2e-18


def chain_course(rates: np.ndarray, step: float, steps: int, *, threads: int | None = None) -> np.ndarray:
    """Amount in the last pool of a chain at 0, step, ..., steps x step, for each person.

    Args:
        rates: (pool, person); pool i drains at rates[i] into pool i + 1, the last one out of the chain (0: it does
            not). Not negative. In the inverse of the unit of `step`.
        threads: parts solved at a time; None takes the processors there are, eight at most.
    Returns:
        (person, steps + 1), shares of what the first pool held at 0.
    Raises:
        ModelError: rates that are negative, not finite or not an array of pools and persons; a bad step.
    Order: exact to rounding; error about 2**squarings * 1e-16, 1e-12 at rate x step = 1000.
    Keeps: amounts not negative, 1e-12 a step.   Valid: rate x step up to 1e5 (error 1e-10).
    """
    rates = np.asarray(rates, dtype=float)
    _check(rates, step, steps)
    persons = rates.shape[1]
    out = np.empty((persons, steps + 1))
    cuts = [*range(0, persons, PART), persons]

    def solve(part: tuple[int, int]) -> None:
        _last_pool(rates[:, slice(*part)] * step, out[slice(*part)])

    workers = threads or min(8, os.cpu_count() or 1)
    if workers == 1 or persons <= PART:
        for part in pairwise(cuts):
            solve(part)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(solve, pairwise(cuts)))
    return out


def chain_propagators(loads: np.ndarray) -> np.ndarray:
    """exp(A) of chains: loads = rates x step (pool, person) -> (pool, pool, person), lower triangular.

    exp(A) = exp(-q h) exp((A + q I) h) ... squared s times, h = 2**-s, q = the fastest rate of each person.
    """
    pools, persons = loads.shape
    fastest = loads.max(axis=0)
    squarings = _squarings(float(fastest.max(initial=0.0)))
    scale = 0.5**squarings
    stays, moves = (fastest - loads) * scale, loads[:-1] * scale
    total = np.zeros((pools, pools, persons))
    total[np.arange(pools), np.arange(pools)] = 1.0
    spare = np.empty((pools, persons))
    for term in range(TERMS, 0, -1):
        for i in range(pools - 1, -1, -1):  # from below: row i needs the former row i - 1
            row = total[i, : i + 1]
            row *= stays[i] / term
            if i:
                row[:i] += np.multiply(total[i - 1, :i], moves[i - 1] / term, out=spare[:i])
            row[i] += 1.0
    total *= np.exp(-fastest * scale)
    for _ in range(squarings):
        total = _product(total, total)
    return total


def _product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Product of lower triangular matrices, (pool, pool, person) each."""
    out, spare = np.zeros_like(left), np.empty(left.shape[1:])
    for i in range(len(left)):
        np.multiply(left[i, i], right[i, : i + 1], out=out[i, : i + 1])
        for k in range(i):
            out[i, : k + 1] += np.multiply(left[i, k], right[k, : k + 1], out=spare[: k + 1])
    return out


def _last_pool(loads: np.ndarray, out: np.ndarray) -> None:
    """Last pool of each person's chain, written to `out` (person, time)."""
    pools, persons = loads.shape
    times = out.shape[1]
    doublings = max(0, math.ceil(math.log2(times) / 2))
    block = 2**doublings
    power = chain_propagators(loads)
    rows = np.zeros((persons, block, pools))  # e' P^i for i < block
    row = np.zeros((block, pools, persons))
    row[0, -1] = 1.0
    for doubling in range(doublings):  # e' P^i, then with P^2, P^4 ... twice as many each time
        done = 2**doubling
        _rows_times(row[:done], power, row[done : 2 * done])
        power = _product(power, power)
    columns = np.zeros((-(-times // block), pools, persons))
    columns[0, 0] = 1.0
    for j in range(1, len(columns)):
        _times_column(power, columns[j - 1], columns[j])
    np.copyto(rows, row.transpose(2, 0, 1))
    found = np.matmul(np.ascontiguousarray(columns.transpose(2, 0, 1)), rows.transpose(0, 2, 1))
    out[:] = found.reshape(persons, -1)[:, :times]


def _rows_times(rows: np.ndarray, matrix: np.ndarray, out: np.ndarray) -> None:
    """Row vectors times a lower triangular matrix: (row, pool, person), (pool, pool, person) -> (row, pool, person)."""
    spare = np.empty(out.shape)
    for k in range(len(matrix)):
        np.multiply(rows[:, k, None], matrix[k, : k + 1], out=spare[:, : k + 1])
        out[:, : k + 1] += spare[:, : k + 1]


def _times_column(matrix: np.ndarray, column: np.ndarray, out: np.ndarray) -> None:
    for i in range(len(matrix)):
        np.einsum("kp,kp->p", matrix[i, : i + 1], column[: i + 1], out=out[i])


def _squarings(load: float) -> int:
    needed = max(0, math.ceil(math.log2(load / LARGEST_LOAD))) if load > 0.0 else 0
    if needed > MOST_SQUARINGS:
        raise ModelError(
            f"Rate times time is {load:.3g}.",
            f"The propagator covers up to 2**{MOST_SQUARINGS}.",
            "Check the units of the rates and of the step.",
        )
    return needed


def _check(rates: np.ndarray, step: float, steps: int) -> None:
    if rates.ndim != 2 or not rates.shape[0]:
        raise ModelError(f"Rates of shape {rates.shape}.", "They are (pool, person).", "")
    if not np.isfinite(rates).all() or (rates < 0).any():
        raise ModelError(
            "A rate is negative or not finite.", "Rates are finite and not below zero.", "Check the rates."
        )
    if not (math.isfinite(step) and step > 0 and steps >= 0):
        raise ModelError(f"{steps} steps of {step}.", "A step is above 0, their number not below 0.", "")
