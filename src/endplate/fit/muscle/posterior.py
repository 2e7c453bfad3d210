"""Fit of the foot: most probable values, covariance, and the difference between studies.

Each row has an error of its own. Rows of one study also share what that study did differently (batch, place and volume
of the injection, electrodes): an effect on ln potency, normal with SD tau over studies. To first order it adds
g g' tau^2 to the covariance of a study's rows, g being how each row answers to ln potency, so it is integrated out:

    minus log posterior = 1/2 r' C^-1 r + 1/2 ln|C| + 1/2 sum of ((z - centre) / sd)^2
    C = errors^2 + sum over studies of g g' tau^2

tau has a log-normal prior and is taken where the whole is least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.catalogue.records import Observation
from endplate.fit.muscle.free import EASE, STRUCTURAL, Free, start_of, values_of, with_values
from endplate.fit.muscle.readouts import predicted, residual, rows
from endplate.model.parameters import ParameterSet, point_parameters

STUDY_SD = (0.05, 0.1, 0.2, 0.3, 0.4, 0.55, 0.75, 1.0)
STUDY_SD_PRIOR = (0.1, 1.0)  # 5 % and 95 % points, declared: ten per cent to a factor of e
NUDGE = 0.1


@dataclass(frozen=True)
class Target:
    """Rows, what may move, and what is held.

    Attributes:
        base: the draw into which values are put; fixed: values that a variant holds, by name.
    """

    rows: tuple[Observation, ...]
    free: tuple[Free, ...]
    base: ParameterSet
    fixed: dict[str, float]

    def values(self, z: np.ndarray) -> dict[str, float]:
        return {**self.fixed, **values_of(self.free, z)}

    def predict(self, z: np.ndarray, shift: float = 0.0) -> dict[str, float]:
        """Every read-out at `z`, with the sensitivity of limb muscle shifted by `shift` in its logarithm."""
        values = self.values(z)
        values[EASE.name] = values[EASE.name] * float(np.exp(shift))
        return predicted(with_values(self.base, values), values)

    def residuals(self, found: dict[str, float]) -> np.ndarray:
        return np.array([residual(row, found[row.id]) for row in self.rows])

    def prior(self, z: np.ndarray) -> np.ndarray:
        return (z - start_of(self.free)) / np.array([f.sd for f in self.free])

    def covariance(self, z: np.ndarray, study_sd: float) -> np.ndarray:
        """C of the rows, (row, row)."""
        low, high = self.predict(z, -NUDGE), self.predict(z, NUDGE)
        answer = np.array([(high[row.id] - low[row.id]) / (2 * NUDGE) for row in self.rows])
        study = np.array([row.id.split(".")[0] for row in self.rows])
        same = study[:, None] == study[None]
        return np.diag(self.errors**2) + same * np.outer(answer, answer) * study_sd**2

    @property
    def errors(self) -> np.ndarray:
        return np.array([row.error for row in self.rows], dtype=float)


def target(
    free: Sequence[Free] = STRUCTURAL, fixed: dict[str, float] | None = None, base: ParameterSet | None = None
) -> Target:
    """The rows of the foot against these free quantities."""
    return Target(rows(), tuple(free), base or point_parameters(), fixed or {})


@dataclass(frozen=True)
class Fit:
    """Most probable values of one variant.

    Attributes:
        z: on the transformed scale, (parameter,); covariance (Laplace): (parameter, parameter).
        study_sd: between studies, of ln potency; study_sd_weight: posterior weight of each of STUDY_SD.
        rows_covariance: C at the solution. chi2: sum of (residual / error)^2; chi2_study: r' C^-1 r.
        objective: minus log posterior.
    """

    target: Target
    z: np.ndarray
    covariance: np.ndarray
    study_sd: float
    study_sd_weight: np.ndarray
    rows_covariance: np.ndarray
    found: dict[str, float]
    chi2: float
    chi2_study: float
    objective: float

    @property
    def values(self) -> dict[str, float]:
        return self.target.values(self.z)

    def interval(self, name: str) -> tuple[float, float]:
        """5 % and 95 % points (Laplace)."""
        i = [f.name for f in self.target.free].index(name)
        free, sd = self.target.free[i], float(np.sqrt(self.covariance[i, i]))
        return free.back(self.z[i] - 1.645 * sd), free.back(self.z[i] + 1.645 * sd)


def _stack(to: Target, z: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Whitened residuals of rows and priors; half their square is minus log posterior less ln|C|."""
    return np.concatenate([root @ to.residuals(to.predict(z)), to.prior(z)])


def solve(to: Target, z: np.ndarray, study_sd: float, rounds: int = 2) -> tuple[np.ndarray, np.ndarray, Any]:
    """Most probable values for one study SD: Gauss-Newton at a fixed C, and C once more.

    Returns:
        z, C, and what the least squares of SciPy found last.
    """
    from scipy.optimize import least_squares

    found: Any = None
    covariance = np.zeros(0)
    for _ in range(rounds):
        covariance = to.covariance(z, study_sd)
        root = np.linalg.inv(np.linalg.cholesky(covariance))
        found = least_squares(lambda x, w=root: _stack(to, x, w), z, diff_step=1e-3, xtol=1e-5, ftol=1e-6)
        z = found.x
    return z, covariance, found


def _objective(found: Any, covariance: np.ndarray, study_sd: float) -> float:
    low, high = np.log(STUDY_SD_PRIOR)
    score = (np.log(study_sd) - 0.5 * (low + high)) / ((high - low) / 3.29)
    return float(found.cost + 0.5 * np.linalg.slogdet(covariance)[1] + 0.5 * score**2)


def fit(to: Target, z: np.ndarray | None = None, study_sd: Sequence[float] = STUDY_SD) -> Fit:
    """Most probable values and study SD.

    Args:
        z: where to begin; None: the middle of the priors.
        study_sd: grid of the between-study SD.
    """
    z = start_of(to.free) if z is None else z
    tried: list[tuple[float, float, np.ndarray, np.ndarray, Any]] = []
    for sd in study_sd:
        z, covariance, found = solve(to, z, sd)
        tried.append((_objective(found, covariance, sd), sd, z, covariance, found))
    scores = np.array([t[0] for t in tried])
    objective, sd, z, covariance, found = tried[int(scores.argmin())]
    weight = np.exp(scores.min() - scores)
    at = to.predict(z)
    r = to.residuals(at)
    return Fit(
        to,
        z,
        np.linalg.inv(found.jac.T @ found.jac),
        float(sd),
        weight / weight.sum(),
        covariance,
        at,
        float(((r / to.errors) ** 2).sum()),
        float(r @ np.linalg.solve(covariance, r)),
        objective,
    )
