"""What the operator does in a given pseudo-time: exp(L) by a Chebyshev series.

The eigenvalues of L lie in [-b, 0], b being the operator's bound, and there

    exp(L) = sum_m a_m T_m(1 + 2 L / b),     a_m = (2 - [m = 0]) exp(-b / 2) I_m(b / 2),

with modified Bessel functions I_m. Past m of about sqrt(b ln(1/tol)) the a_m fall faster than any power, so the result
is exact in time to `tol`: no time step, no order in time, and about the square root of the products that an explicit
scheme needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from endplate.model.spread.voxel.laplacian import Operator


def flow(
    operator: Operator, start: Any, tol: float = 1e-10, progress: Callable[[float], None] | None = None
) -> np.ndarray:
    """exp(L) start.

    Args:
        start: (n,) or (n, r) for r fields at once.
        tol: largest error, relative to the Euclidean norm of each column of `start`.
        progress: called with the share done, 0 to 1.

    Returns:
        as `start`.

    Order: exact in time to `tol`. Keeps: the sum of each column to rounding; values stay above -tol * norm.
    """
    import scipy.sparse as sp

    before = np.array(start, dtype=float)
    factors = chebyshev_factors(operator.bound, tol)
    if len(factors) == 1:
        return before
    # T_1 = 1 + 2 L / b, and the recurrence T_(m+1) = 2 T_1 T_m - T_(m-1) needs only the double of it.
    double = (operator.matrix * (4.0 / operator.bound) + 2.0 * sp.identity(operator.size)).tocsr()
    now = 0.5 * (double @ before)
    total, part = factors[0] * before + factors[1] * now, np.empty_like(now)
    for m, factor in enumerate(factors[2:], start=2):
        after = double @ now
        after -= before
        total += np.multiply(after, factor, out=part)
        before, now = now, after
        if progress is not None:
            progress((m + 1) / len(factors))
    return total


def chebyshev_factors(bound: float, tol: float) -> np.ndarray:
    """The a_m of the module's first lines, up to where the rest sums to less than `tol`; together they make one.

    That sum is the value of the series at L = 0, so making it one keeps the toxin whatever `tol` is.
    """
    from scipy.special import ive

    half = 0.5 * bound
    most = int(4.0 * np.sqrt((half + 1.0) * max(1.0, -np.log(tol))) - 2.0 * np.log(tol)) + 8
    factors = 2.0 * ive(np.arange(most), half)
    factors[0] *= 0.5
    rest = np.cumsum(factors[::-1])[::-1]
    kept = max(1, int((rest > tol).sum()))
    factors = factors[:kept].copy()
    factors[0] += 1.0 - factors.sum()
    return factors
