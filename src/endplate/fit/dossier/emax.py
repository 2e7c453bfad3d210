"""A dose-response curve without space, one for a family of endpoints.

    logit(share) = base + top m / (m + half) g(t)      m: dose in multiples of a reference, t: days
    g(t) = (exp(-t / fall) - exp(-t / rise)) / its maximum

Medians have no course: ln(weeks) = base + slope ln(m). Both are fitted by least squares weighted with the sampling
variance and the spread between studies. Weak normal terms about declared values (`START`, `WEAK`) keep a family with
one dose or one visit from running away; they are part of the definition of this baseline and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from endplate.fit.dossier.facts import Fact

START = np.array([-3.0, 5.0, np.log(0.5), np.log(3.0), np.log(90.0)])
"""base, top, ln half, ln rise (d), ln fall (d)."""
WEAK = np.array([2.0, 3.0, 1.0, 1.0, 1.0])
SLOPE_SD = 0.5
SPENT = 3
"""Degrees of freedom counted as spent on the curve where the residual spread is taken (base comes from placebo)."""
Dose = Callable[[Fact], float | None]


@dataclass(frozen=True)
class Curve:
    """A fitted curve: its parameters, and the spread of the active facts about it beyond sampling (SD of the score)."""

    parameters: np.ndarray
    residual_sd: float
    median: bool
    dose: Dose

    def at(self, fact: Fact) -> float | None:
        """The curve on the scale of `Fact.score`; None where the dose is not defined."""
        m = self.dose(fact)
        if m is None:
            return None
        if self.median:
            return float(self.parameters[0] + self.parameters[1] * np.log(m))
        return float(course(self.parameters, np.array([m]), np.array([fact.day or 0.0]))[0])


def course(parameters: np.ndarray, m: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Logit of the share at doses and days, (row,) each."""
    base, top, half = parameters[0], parameters[1], np.exp(parameters[2])
    rise = np.exp(parameters[3])
    fall = rise + np.exp(parameters[4])  # always slower than the rise
    peak = np.log(fall / rise) * rise * fall / (fall - rise)
    highest = np.exp(-peak / fall) - np.exp(-peak / rise)
    return base + top * m / (m + half) * (np.exp(-day / fall) - np.exp(-day / rise)) / highest


def fit_curve(facts: Sequence[Fact], median: bool, dose: Dose, spread: float) -> Curve | None:
    """The curve of these facts; None where no active fact has a dose.

    Args:
        spread: SD between studies of the score, for the weights.
    """
    used = [(f, m) for f in facts if f.median == median and (m := dose(f)) is not None]
    active = [f for f, _ in used if f.active]
    if not active:
        return None
    y = np.array([f.score for f, _ in used])
    sampling = np.array([f.variance for f, _ in used])
    weight = 1.0 / np.sqrt(sampling + max(spread, 0.05) ** 2)
    m = np.array([dose for _, dose in used])
    if median:
        parameters, fitted = _line(y, np.log(m), weight)
        spent = 1
    else:
        day = np.array([f.day for f, _ in used], dtype=float)
        parameters = _curve(y, m, day, weight)
        fitted, spent = course(parameters, m, day), SPENT
    mine = np.array([f.active for f, _ in used])
    excess = ((y - fitted) ** 2 - sampling)[mine].sum() / max(int(mine.sum()) - spent, 1)
    return Curve(parameters, float(np.sqrt(max(excess, 0.0))), median, dose)


def _curve(y: np.ndarray, m: np.ndarray, day: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from scipy.optimize import least_squares

    def off(p: np.ndarray) -> np.ndarray:
        return np.concatenate([weight * (course(p, m, day) - y), (p - START) / WEAK])

    return least_squares(off, START, method="lm", xtol=1e-8, ftol=1e-8, max_nfev=400).x


def _line(y: np.ndarray, x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    design = np.column_stack([np.ones_like(x), x])
    rows = np.concatenate([weight[:, None] * design, [[0.0, 1.0 / SLOPE_SD]]])
    found = np.linalg.lstsq(rows, np.concatenate([weight * y, [0.0]]), rcond=None)[0]
    return found, design @ found
