"""Leave a study out by reweighting: Pareto-smoothed importance sampling, with the study's effects integrated out.

The draws of the fit of everything are weighted by 1 / p(rows of the study | parameters); the effects of that study are
averaged over their own spread, so the weights depend on what the study says about parameters alone. The shape k of the
generalised Pareto distribution fitted to the largest weights says whether the average can be trusted (below 0.7).

Sources: Vehtari, Simpson, Gelman, Yao, Gabry (Pareto smoothed importance sampling); Zhang and Stephens 2009 for the fit.
"""

from __future__ import annotations

import numpy as np

TRUSTED_K = 0.7


def pareto_shape(exceedances: np.ndarray) -> tuple[float, float]:
    """Shape k and scale of a generalised Pareto distribution fitted to values above zero, sorted upward.

    Zhang and Stephens' estimator with the weak prior of Vehtari and others towards k = 0.5.
    """
    x, n = exceedances, len(exceedances)
    grid = 30 + int(np.sqrt(n))
    theta = 1.0 / x[-1] + (1.0 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (
        3.0 * x[int(n / 4 + 0.5) - 1]
    )
    shape = np.log1p(-theta[:, None] * x).mean(axis=1)
    profile = n * (np.log(-theta / shape) - shape - 1.0)
    best = float((theta * _normal(profile)).sum())
    k = float(np.log1p(-best * x).mean())
    return (n * k + 10 * 0.5) / (n + 10), -k / best


def smoothed(log_ratio: np.ndarray) -> tuple[np.ndarray, float]:
    """Normalised weights of draws (draw,) from their log importance ratios, and the shape k of the tail.

    A tail of fewer than five draws, or one without spread, gives the raw weights and k = infinity or 0.
    """
    ratio = log_ratio - log_ratio.max()
    count = len(ratio)
    tail = int(min(0.2 * count, 3.0 * np.sqrt(count)))
    order = np.argsort(ratio)
    cut = ratio[order[-tail - 1]]
    if tail < 5:
        return _normal(ratio), float("inf")
    largest = order[-tail:]
    exceed = np.exp(ratio[largest]) - np.exp(cut)
    if exceed[-1] <= 0.0:
        return _normal(ratio), 0.0
    k, scale = pareto_shape(np.maximum(exceed, 1e-300))
    if np.isfinite(k):
        place = (np.arange(1, tail + 1) - 0.5) / tail
        step = -np.log1p(-place) if abs(k) < 1e-12 else np.expm1(-k * np.log1p(-place)) / k
        ratio = ratio.copy()
        ratio[largest] = np.minimum(np.log(scale * step + np.exp(cut)), 0.0)
    return _normal(ratio), k


def _normal(log_weight: np.ndarray) -> np.ndarray:
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum()


def resampled(weight: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows of `count` draws taken in proportion to their weights, evenly (systematic resampling)."""
    start = np.random.Generator(np.random.Philox(key=[seed, 13])).random()
    return np.minimum(np.searchsorted(np.cumsum(weight), (np.arange(count) + start) / count), len(weight) - 1)
