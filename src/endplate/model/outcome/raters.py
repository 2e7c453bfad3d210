"""Two raters look at the same severity: each adds a lasting leniency and the noise of a visit, then gives a grade.

grade = number of half-integer cuts below (severity + offset + noise), within the scale
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from endplate.errors import ModelError
from endplate.model.backend import normal_cdf

Array = Any
RATERS = ("investigator", "subject")
NOISES = tuple(f"outcome.visit_noise.{rater}" for rater in RATERS)


def noise_of(values: Mapping[str, Array]) -> list[Array]:
    """SD of one visit's reading of each rater, in the order of RATERS, from parameters by name."""
    return [values[name] for name in NOISES]


class Scale(Protocol):
    """The grades of an area: lowest, highest, and the least that both raters must see before treatment."""

    @property
    def lowest(self) -> int: ...
    @property
    def highest(self) -> int: ...
    @property
    def entry(self) -> int: ...


def grades_of(seen: np.ndarray, scale: Scale) -> np.ndarray:
    """Grades of what a rater sees on the latent scale, any shape, int8."""
    return np.clip(np.rint(seen), scale.lowest, scale.highest).astype(np.int8)


def at_most(xp: Any, grade: int, scale: Scale, seen: Array, noise: Array) -> Array:
    """Probability of a grade of `grade` or less.

    Args:
        seen: severity plus the rater's offset, any shape. noise: SD of one visit's reading.
    """
    if grade < scale.lowest:
        return xp.zeros_like(seen)
    if grade >= scale.highest:
        return xp.ones_like(seen)
    return normal_cdf(xp, (grade + 0.5 - seen) / noise)


def entry_probability(xp: Any, scale: Scale, seen: Array, noise: Array) -> Array:
    """Probability that one rater lets a person in."""
    return 1.0 - at_most(xp, scale.entry - 1, scale, seen, noise)


def baseline_mean_for(
    severe_share: float,
    scale: Scale,
    *,
    baseline_sd: float,
    noise: Sequence[float],
    offset_sd: float,
    subject_bias: float = 0.0,
) -> float:
    """Mean severity of candidates for which a share of those let in has the highest grade by the investigator.

    Args:
        severe_share: of those whom both raters graded at `scale.entry` or more, above 0 and below 1.
        noise: SD of one reading of each rater.

    Raises:
        ModelError: no mean within four grades of the scale gives that share.
    """
    from scipy.optimize import brentq

    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    few, few_weights = np.polynomial.hermite_e.hermegauss(11)
    start, inv, sub = np.meshgrid(nodes, few, few, indexing="ij")
    weight = weights[:, None, None] * few_weights[None, :, None] * few_weights[None, None, :]

    def share(mean: float) -> float:
        seen = mean + baseline_sd * start
        other = entry_probability(np, scale, seen + subject_bias + offset_sd * sub, np.asarray(noise[1]))
        own = seen + offset_sd * inv
        top = 1.0 - at_most(np, scale.highest - 1, scale, own, np.asarray(noise[0]))
        let_in = entry_probability(np, scale, own, np.asarray(noise[0]))
        return float((weight * other * top).sum() / (weight * other * let_in).sum())

    low, high = scale.lowest - 2.0, scale.highest + 2.0
    if not share(low) < severe_share < share(high):
        raise ModelError(
            f"A share of {severe_share:g} in the highest grade cannot be met.",
            f"This scale and spread allow {share(low):.3f} to {share(high):.3f}.",
            "Correct the baseline mix.",
        )
    return float(brentq(lambda mean: share(mean) - severe_share, low, high, xtol=1e-6))  # type: ignore
