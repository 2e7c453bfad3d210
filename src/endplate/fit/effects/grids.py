"""Unknowns that enter once all losses of force are known: rates are worked out at nodes of each, at no further cost.

Nodes lie at even steps of the normal score of the prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.effects.rows import table
from endplate.population.draws import prior_values

SLIP, LEAK = "needle.behind_septum_probability", "effect.orbit.leak_probability"
LIDS = ("effect.eyelid_ptosis.any", "effect.eyelid_ptosis.seen", "effect.eyelid_ptosis.marked")
BLUR = "effect.blurred_vision.loss"
WIDEST = 3.0  # normal scores


@dataclass(frozen=True)
class Grid:
    """Nodes of one unknown: normal scores z and values, (node,) each."""

    name: str
    z: np.ndarray
    value: np.ndarray


@lru_cache(maxsize=32)
def grid(name: str) -> Grid:
    """The grid of one unknown."""
    count = round(2 * WIDEST / table().grids[name]) + 1
    z = np.linspace(-WIDEST, WIDEST, count)
    return Grid(name, z, prior_values(catalogue().parameter(name), z))
