"""Least squares of a few rows against a few quantities with priors: for read-outs that stand apart from the foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from endplate.catalogue.records import Observation
from endplate.fit.muscle.free import Free, start_of, values_of
from endplate.fit.muscle.readouts import residual

Predict = Callable[[dict[str, float]], dict[str, float]]


@dataclass(frozen=True)
class SmallFit:
    """Most probable values, covariance on the transformed scale, and what they give."""

    free: tuple[Free, ...]
    z: np.ndarray
    covariance: np.ndarray
    found: dict[str, float]
    chi2: float

    @property
    def values(self) -> dict[str, float]:
        return values_of(self.free, self.z)

    def interval(self, name: str) -> tuple[float, float]:
        """5 % and 95 % points (Laplace)."""
        i = [f.name for f in self.free].index(name)
        reach = 1.645 * float(np.sqrt(self.covariance[i, i]))
        return self.free[i].back(self.z[i] - reach), self.free[i].back(self.z[i] + reach)


def fit_rows(free: tuple[Free, ...], data: Sequence[Observation], predicted: Predict) -> SmallFit:
    """Least squares over the rows and the priors; `predicted` maps values to what each row should read, by id."""
    from scipy.optimize import least_squares

    errors = np.array([row.error for row in data])
    prior_sd = np.array([f.sd for f in free])

    def stack(z: np.ndarray) -> np.ndarray:
        found = predicted(values_of(free, z))
        r = np.array([residual(row, found[row.id]) for row in data])
        return np.concatenate([r / errors, (z - start_of(free)) / prior_sd])

    solved = least_squares(stack, start_of(free), diff_step=1e-3)
    found = predicted(values_of(free, solved.x))
    chi2 = float((solved.fun[: len(data)] ** 2).sum())
    return SmallFit(free, solved.x, np.linalg.inv(solved.jac.T @ solved.jac), found, chi2)
