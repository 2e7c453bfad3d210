"""The posterior beside the prior, parameter by parameter, and which parameters the rows cannot tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.clinic.sampler import prior_of

ENDS = (0.5, 0.05, 0.95)


def rows(names: Sequence[str], values: np.ndarray) -> list[dict[str, Any]]:
    """Median with 5 % and 95 % points before and after, R-hat, effective draws and how far the interval shrank.

    Args:
        values: (chain, draw, name).
    """
    from endplate.fit.clinic.run import diagnostics

    rhat, size = diagnostics(values)
    out = []
    for k, name in enumerate(names):
        entry, flat = prior_of(name), values[..., k].ravel()
        median, low, high = (float(v) for v in np.quantile(flat, ENDS))
        out.append(
            {
                "id": name,
                "name": catalogue().parameter(name).name,
                "unit": entry.unit,
                "prior": [float(entry.value), float(entry.low), float(entry.high)],
                "posterior": [median, low, high],
                "shrunk": shrinkage(entry, low, high),
                "rhat": float(rhat[k]),
                "effective_draws": float(size[k]),
            }
        )
    return out


def shrinkage(entry: Any, low: float, high: float) -> float:
    """1 - width of the posterior interval over that of the prior, on the scale of the entry; 0: nothing learnt."""
    if entry.scale == "log":
        return float(1.0 - np.log(high / low) / np.log(entry.high / entry.low))
    return float(1.0 - (high - low) / (entry.high - entry.low))


def entangled(names: Sequence[str], values: np.ndarray, least: float = 0.6) -> list[tuple[str, str, float]]:
    """Pairs of parameters whose draws correlate at least so much, the strongest first; logarithms where positive."""
    flat = values.reshape(-1, len(names))
    table = np.where((flat > 0.0).all(axis=0), np.log(np.maximum(flat, 1e-300)), flat)
    tie = np.corrcoef(table.T)
    pairs = [
        (names[i], names[j], float(tie[i, j]))
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(tie[i, j]) >= least
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))
