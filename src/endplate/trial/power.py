"""Power and sample size of a comparison of two responder rates, from a trial's results.

Both tests compare two shares by their difference, one-sided at `alpha`:
    superiority       (p1 - p2) / se > z          se under the null from the pooled share
    non-inferiority   (p1 - p2 + margin) / se > z se from both shares
Power takes the rates as known. Assurance is the mean power over draws, study effects and the spread of single rates:
the probability of success with what the model does not know included. Both arms of a trial share draw and study effect;
what a single rate is off by (`outcome.study_sd.endpoint`) is each arm's own, as the fit has it, although visits and
definitions are those of both: where it is shared in truth, assurance is on the cautious side. Where the design takes
rates among those seen, people lost before the visit do not count: tests have fewer, sizes are those to recruit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.special import ndtr, ndtri

from endplate.trial.design import Design
from endplate.trial.prepare import retained
from endplate.trial.records import Comparison
from endplate.trial.result import ArmResult, Interval

MOST_N = 1e7


@dataclass(frozen=True)
class Power:
    """One comparison.

    Attributes:
        difference: of the mean rates, `arm` minus `against`; difference90: its model interval.
        power: at the design's sizes and mean rates; assurance: over draws, study effects and what single
            rates are off by.
        n: people in (arm, against) for the wanted power at the mean rates, in the design's proportion; None where no
            size is enough. n_assured: the same for the wanted assurance.
    """

    comparison: Comparison
    area: str
    difference: float
    difference90: Interval
    power: float
    assurance: float
    n: tuple[int, int] | None
    n_assured: tuple[int, int] | None


def power_of(
    first: np.ndarray | float,
    second: np.ndarray | float,
    sizes: tuple[float, float],
    *,
    kind: str,
    margin: float = 0.0,
    alpha: float = 0.025,
) -> np.ndarray:
    """Probability that the test succeeds at rates `first` and `second` with so many people in each arm."""
    p, q = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    n, m = sizes
    spread = np.sqrt(np.maximum(p * (1 - p) / n + q * (1 - q) / m, 1e-12))
    under_null = spread
    if kind == "superiority":
        pooled = (n * p + m * q) / (n + m)
        under_null = np.sqrt(np.maximum(pooled * (1 - pooled) * (1 / n + 1 / m), 1e-12))
    return ndtr((p - q + margin - ndtri(1.0 - alpha) * under_null) / spread)


def size_for(
    first: np.ndarray | float,
    second: np.ndarray | float,
    *,
    proportion: float,
    wanted: float,
    kind: str,
    margin: float = 0.0,
    alpha: float = 0.025,
) -> tuple[int, int] | None:
    """Least people in both arms whose (mean) power is `wanted`; None where ten million are not enough.

    Args:
        proportion: people of the first arm for one of the second.
    """

    def reached(m: float) -> bool:
        sizes = (max(round(m * proportion), 2), m)
        return float(power_of(first, second, sizes, kind=kind, margin=margin, alpha=alpha).mean()) >= wanted

    if not reached(MOST_N):
        return None
    low, high = 1, int(MOST_N)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return max(round(high * proportion), 2), max(high, 2)


def powers_of(design: Design, arms: Sequence[ArmResult]) -> tuple[Power, ...]:
    """Every comparison of the design."""
    by_name = {arm.name: arm for arm in arms}
    return tuple(
        _power(one, by_name[one.arm], by_name[one.against], _seen(design, one.day))
        for one in design.entry.comparisons
    )


def _seen(design: Design, day: int) -> float:
    """Share of those recruited whom a test of that day counts."""
    dropout = design.entry.dropout
    return 1.0 if dropout.missing == "failure" else retained(dropout, design.visits, day)


def _recruited(analysed: tuple[int, int] | None, seen: float) -> tuple[int, int] | None:
    """People to recruit, so that so many are seen."""
    return None if analysed is None else (ceil(analysed[0] / seen), ceil(analysed[1] / seen))


def _power(one: Comparison, arm: ArmResult, against: ArmResult, seen: float) -> Power:
    mine, theirs = (side.rate(one.endpoint, one.day, one.area) for side in (arm, against))
    rule = {"kind": one.kind, "margin": one.margin, "alpha": one.alpha}
    sizes = (max(seen * arm.n, 1.0), max(seen * against.n, 1.0))
    proportion = arm.n / against.n
    apart = np.quantile(mine.draws - theirs.draws, (0.05, 0.95))
    wanted = {"proportion": proportion, "wanted": one.power}
    return Power(
        comparison=one,
        area=mine.area,
        difference=mine.rate - theirs.rate,
        difference90=(float(apart[0]), float(apart[1])),
        power=float(power_of(mine.rate, theirs.rate, sizes, **rule)),  # type: ignore[arg-type]
        assurance=float(power_of(mine.studied, theirs.studied, sizes, **rule).mean()),  # type: ignore[arg-type]
        n=_recruited(size_for(mine.rate, theirs.rate, **wanted, **rule), seen),  # type: ignore[arg-type]
        n_assured=_recruited(
            size_for(mine.studied, theirs.studied, **wanted, **rule),  # type: ignore[arg-type]
            seen,
        ),
    )
