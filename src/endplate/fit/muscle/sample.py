"""Draws from the posterior of the foot: importance sampling about the Laplace approximation.

A proposal with heavy tails (Student t, five degrees of freedom) is weighted by the posterior; the effective number of
draws says how far the approximation was off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endplate.fit.muscle.free import with_values
from endplate.fit.muscle.posterior import Fit
from endplate.fit.muscle.readouts import DOSE_B, foot_courses, predictions_of, residual

FREEDOM = 5.0
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Draws:
    """Weighted draws.

    Attributes:
        z (draw, parameter); weight (draw,), sums to 1; effective: effective number of draws.
        read: every read-out, by name, (draw,); curves: CMAP by name of the course, (draw, node), with its days.
    """

    z: np.ndarray
    weight: np.ndarray
    effective: float
    read: dict[str, np.ndarray]
    curves: dict[str, tuple[np.ndarray, np.ndarray]]


def draw(found: Fit, draws: int, seed: int = 0) -> Draws:
    """Weighted draws of a fit's quantities with what they give."""
    to, size = found.target, len(found.z)
    rng = np.random.Generator(np.random.Philox(key=seed))
    root = np.linalg.cholesky(found.covariance)
    normal = rng.standard_normal((draws, size))
    stretch = np.sqrt(FREEDOM / rng.chisquare(FREEDOM, draws))
    u = normal * stretch[:, None]
    z = found.z + u @ root.T
    proposal = 0.5 * (FREEDOM + size) * np.log1p((u**2).sum(axis=1) / FREEDOM)  # minus its log density
    inverse = np.linalg.inv(found.rows_covariance)
    score = np.zeros(draws)
    read: dict[str, list[float]] = {}
    curves: dict[str, list[np.ndarray]] = {"a_8.75": [], "a_10": [], "b_400": []}
    days_a = days_b = np.zeros(0)
    for i in range(draws):
        values = to.values(z[i])
        given = foot_courses(with_values(to.base, values), values)
        a, b, days_a, days_b = given
        said = predictions_of(*given)
        r = np.array([residual(row, said[row.id]) for row in to.rows])
        score[i] = 0.5 * float(r @ inverse @ r) + 0.5 * float((to.prior(z[i]) ** 2).sum())
        for name, value in said.items():
            read.setdefault(name, []).append(value)
        for name, course in (("a_8.75", a[8.75]), ("a_10", a[10.0]), ("b_400", b)):
            curves[name].append(course.cmap)
    log = proposal - score
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    assert DOSE_B == 400.0
    days = {"a_8.75": days_a, "a_10": days_a, "b_400": days_b}
    return Draws(
        z,
        weight,
        float(1.0 / (weight**2).sum()),
        {name: np.array(values) for name, values in read.items()},
        {name: (days[name], np.stack(values)) for name, values in curves.items()},
    )


def quantile(values: np.ndarray, weight: np.ndarray, levels: tuple[float, ...] = QUANTILES) -> np.ndarray:
    """Weighted quantiles over the first axis, (level, ...)."""
    flat = values.reshape(len(values), -1)
    out = np.empty((len(levels), flat.shape[1]))
    for j in range(flat.shape[1]):
        order = np.argsort(flat[:, j])
        place = np.cumsum(weight[order]) - 0.5 * weight[order]
        out[:, j] = np.interp(levels, place, flat[order, j])
    return out.reshape(len(levels), *values.shape[1:])
