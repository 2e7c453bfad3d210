"""Profile likelihood: what the rows alone say of one quantity, all others free.

The prior of the profiled quantity itself is left out, those of the others stay; the covariance of the rows is that
of the fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from endplate.fit.muscle.free import Free
from endplate.fit.muscle.posterior import Fit

CLEAR = 1.35  # rise of minus log likelihood at the ends of a 90 % interval of one quantity


@dataclass(frozen=True)
class Profile:
    """Minus log likelihood over its least value, (point,), with the other quantities at their best."""

    name: str
    values: np.ndarray
    rise: np.ndarray
    others: list[dict[str, float]]

    def interval(self) -> tuple[float | None, float | None]:
        """Ends of the 90 % interval (log-linear between points); None where values to the end of the range are inside.

        Where the curve falls again beyond a rise, what lies there is inside too: the outermost crossing counts.
        """
        over = self.rise - CLEAR
        last = len(over) - 1
        return self._crossing(over, range(last), 1), self._crossing(over, range(last, 0, -1), -1)

    def _crossing(self, over: np.ndarray, order: range, way: int) -> float | None:
        for i in order:  # from the end of the range inwards
            if over[i] <= 0.0:
                return None
            if over[i + way] <= 0.0:
                part = over[i] / (over[i] - over[i + way])
                log = np.log(self.values)
                return float(np.exp(log[i] + part * (log[i + way] - log[i])))
        return None


def profile(
    found: Fit, free: Free, points: int = 9, low: float | None = None, high: float | None = None
) -> Profile:
    """Profile of one quantity of a fit.

    Args:
        found: the fit. free: the quantity. points: how many values.
        low, high: ends of the range; None: those of its prior, half as wide again.
    """
    from scipy.optimize import least_squares

    to = found.target
    place = [f.name for f in to.free].index(free.name)
    kept = tuple(f for f in to.free if f.name != free.name)
    root = np.linalg.inv(np.linalg.cholesky(found.rows_covariance))
    reach = 1.5 * 1.645 * free.sd
    ends = [
        free.centre - reach if low is None else free.forward(low),
        free.centre + reach if high is None else free.forward(high),
    ]
    grid = np.linspace(ends[0], ends[1], points)
    start = np.delete(found.z, place)
    costs, others = np.zeros(points), [dict[str, float]()] * points
    nearest = int(np.abs(grid - found.z[place]).argmin())
    for order in (range(nearest, points), range(nearest - 1, -1, -1)):
        z = start
        for i in order:
            at = replace(to, free=kept, fixed={**to.fixed, free.name: free.back(grid[i])})

            def stack(x: np.ndarray, at: object = at) -> np.ndarray:
                return np.concatenate([root @ at.residuals(at.predict(x)), at.prior(x)])  # type: ignore[attr-defined]

            solved = least_squares(stack, z, diff_step=1e-3, xtol=1e-4, ftol=1e-4, max_nfev=12)
            z, costs[i], others[i] = solved.x, solved.cost, at.values(solved.x)
    values = np.array([free.back(g) for g in grid])
    return Profile(free.name, values, costs - costs.min(), others)
