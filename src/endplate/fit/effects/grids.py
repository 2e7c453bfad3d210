"""Unknowns that enter once all losses of force are known: their priors as grids, summed over instead of drawn.

Nodes lie at even steps of the normal score, weighted with its density; a value drawn from a node lies anywhere in its
cell. The three thresholds of a fallen lid are held in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.effects.rows import table
from endplate.population.draws import Z95, prior_values

SLIP, LEAK = "needle.behind_septum_probability", "effect.orbit.leak_probability"
LIDS = ("effect.eyelid_ptosis.any", "effect.eyelid_ptosis.seen", "effect.eyelid_ptosis.marked")
EYES = (
    "effect.diplopia.vertical_loss",
    "effect.diplopia.horizontal_loss",
    "effect.diplopia.oblique_loss",
)
BLUR = "effect.blurred_vision.loss"
ALONE = ("effect.brow_ptosis.seen", "effect.lagophthalmos.seen", "effect.dry_eye.loss")
WIDEST = 3.0  # normal scores


@dataclass(frozen=True)
class Grid:
    """Nodes of one unknown: normal scores z, values, ln prior weights, (node,) each."""

    name: str
    z: np.ndarray
    value: np.ndarray
    log_weight: np.ndarray

    def drawn(self, node: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Values anywhere in the cells of some nodes."""
        step = self.z[1] - self.z[0]
        z = self.z[node] + step * (rng.random(np.shape(node)) - 0.5)
        return prior_values(catalogue().parameter(self.name), z)


def _log_weight(z: np.ndarray) -> np.ndarray:
    found = -0.5 * z**2
    return np.asarray(found - np.log(np.exp(found).sum()))


@lru_cache(maxsize=32)
def grid(name: str) -> Grid:
    """The grid of one unknown."""
    step = table().grids[name]
    count = int(round(2 * WIDEST / step)) + 1
    z = np.linspace(-WIDEST, WIDEST, count)
    return Grid(name, z, prior_values(catalogue().parameter(name), z), _log_weight(z))


@lru_cache(maxsize=1)
def spread_between_reports() -> Grid:
    """The SD of log odds between reports; its prior is declared in `rows.toml`."""
    given: Any = table().settings["report_sd"]
    z = np.linspace(-2.0, 2.0, 5)
    width = np.where(z < 0, np.log(given["value"] / given["low"]), np.log(given["high"] / given["value"]))
    return Grid("report_sd", z, given["value"] * np.exp(width * z / Z95), _log_weight(z))


@lru_cache(maxsize=1)
def in_order() -> np.ndarray:
    """ln weight of thresholds of a fallen lid out of order (none) and in order, (any, seen, marked)."""
    some, seen, marked = (grid(name).value for name in LIDS)
    fine = (some[:, None, None] < seen[None, :, None]) & (seen[None, :, None] < marked[None, None, :])
    return np.where(fine, 0.0, -np.inf)
