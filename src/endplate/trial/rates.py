"""From sums by draw to rates and medians with intervals.

Rate. The mean over draws of the mean chance of the draw's people, the noise of the visits being integrated.

interval90 (model). The 5 % and 95 % points of that over the draws, without study effects. With few people a draw's rate
also differs because its people do. The two halves of a draw's people share nothing but the draw, so the covariance of
their rates over the draws is the variance that the model alone makes; deviations from the mean are scaled to it
(`settled`). The interval so does not narrow or widen with the number of patients, beyond chance.

predictive90. What an arm of n people may show: each draw under several study effects, each of these rates off by what
single printed rates are off, binomial at the rates that follow; the mixture's exact 5 % and 95 % points. Medians have
the model's interval alone.
"""

from __future__ import annotations

import numpy as np

LEVELS = (0.05, 0.95)


SPREADS = 3  # rates that may be printed for one draw and study effect


def by_half(sums: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Means of both halves of every draw: sums (draw, 2, ...), people (draw, 2).

    A half in which nobody is left takes the mean of the other, a draw without anybody that of all draws.
    """
    shape = (*people.shape, *(1,) * (sums.ndim - 2))
    count = people.reshape(shape)
    whole = sums.sum(axis=1, keepdims=True) / np.maximum(count.sum(axis=1, keepdims=True), 1e-12)
    overall = sums.sum(axis=(0, 1), keepdims=True) / max(float(people.sum()), 1e-12)
    spare = np.where(count.sum(axis=1, keepdims=True) > 0, whole, overall)
    return np.where(count > 0, sums / np.maximum(count, 1e-12), spare)


def spread_rates(rates: np.ndarray, logit_sd: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rates that studies may print: off by a normal on the logit. rates (draw, k), logit_sd (draw,) -> (draw, k, m)."""
    from scipy.special import expit, logit, ndtri

    shape = (*rates.shape, SPREADS)
    count = int(np.prod(shape))
    z = ndtri((rng.permutation(count) + rng.random(count)) / count).reshape(shape)
    inside = np.clip(rates, 1e-9, 1.0 - 1e-9)[..., None]
    moved = expit(logit(inside) + logit_sd[:, None, None] * z)
    return np.where((rates > 0.0)[..., None] & (rates < 1.0)[..., None], moved, rates[..., None])


def settled(halves: np.ndarray) -> np.ndarray:
    """Values by draw, scaled about their mean to the variance that the draws themselves make.

    Args:
        halves: (draw, 2, ...) the same value from either half of each draw's people.

    Returns:
        (draw, ...).
    """
    whole = halves.mean(axis=1)
    centre = whole.mean(axis=0)
    if len(whole) < 2:
        return whole
    first, second = halves[:, 0] - halves[:, 0].mean(axis=0), halves[:, 1] - halves[:, 1].mean(axis=0)
    shared = (first * second).mean(axis=0)
    all_ = ((whole - centre) ** 2).mean(axis=0)
    # Never below what chance leaves in the mean itself: with few people the covariance may come out at nothing.
    least = all_ / len(whole)
    factor = np.sqrt(np.clip(np.maximum(shared, least) / np.maximum(all_, 1e-300), 0.0, 1.0))
    return centre + factor * (whole - centre)


def interval(values: np.ndarray) -> tuple[float, float]:
    """5 % and 95 % points over draws, (draw,)."""
    low, high = np.quantile(values, LEVELS)
    return float(low), float(high)


def predictive(rates: np.ndarray, n: int) -> tuple[float, float]:
    """5 % and 95 % points of the share seen in n people, over draws and study effects: rates of any shape."""
    flat = np.clip(rates.reshape(-1), 0.0, 1.0)
    low, high = (_least_count(flat, n, level) / n for level in LEVELS)
    return low, high


def _least_count(rates: np.ndarray, n: int, level: float) -> int:
    """Least count that the mixture of binomials at these rates stays at or below with probability `level`."""
    from scipy.special import bdtr

    low, high = -1, n
    while high - low > 1:
        middle = (low + high) // 2
        enough = float(bdtr(middle, n, rates).mean()) >= level
        low, high = (low, middle) if enough else (middle, high)
    return high


def kaplan_meier(risk: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Share in whom nothing has ended by each visit, (..., visit), from people at risk and those in whom it ended."""
    return np.cumprod(1.0 - ends / np.maximum(risk, 1.0), axis=-1)


def medians(lasting: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Median weeks of several curves, (..., visit) -> (...); infinite where half is never reached."""
    from endplate.model.outcome import median_weeks

    return np.asarray(median_weeks(np, lasting, days))


def median_interval(halves: np.ndarray) -> tuple[float | None, tuple[float | None, float | None], float]:
    """Median over draws, its interval and the share of draws in which half was reached; None stands for beyond.

    Args:
        halves: (draw, 2) weeks, infinite where not reached.
    """
    reached = np.isfinite(halves).all(axis=1)
    share = float(reached.mean())
    values = np.full(len(halves), np.inf)
    if reached.any():
        values[reached] = settled(halves[reached])
    ordered = np.sort(values)
    points = [ordered[round(level * (len(ordered) - 1))] for level in (0.5, *LEVELS)]
    median, low, high = (float(point) if np.isfinite(point) else None for point in points)
    return median, (low, high), share
