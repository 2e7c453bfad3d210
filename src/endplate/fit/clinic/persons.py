"""The people over whom every published rate is averaged: one fixed set, the same in every draw.

Points of a Sobol sequence as normal scores, so that a rate is a smooth function of the parameters and the noise of
drawing people does not enter the fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endplate.model.backend import normal_quantile

SCORES = ("sensitivity", "lag", "start", "investigator", "subject")


@dataclass(frozen=True)
class Persons:
    """Normal scores, (n,) each, and the entry of the bank that each person takes."""

    sensitivity: np.ndarray
    lag: np.ndarray
    start: np.ndarray
    investigator: np.ndarray
    subject: np.ndarray
    entry: np.ndarray


def persons(count: int, entries: int, seed: int = 0) -> Persons:
    """`count` persons (a power of two) spread evenly over their scores and over the entries of a bank."""
    from scipy.stats import qmc

    rng = np.random.Generator(np.random.Philox(key=[seed, 7]))
    points = qmc.Sobol(len(SCORES) + 1, scramble=False).random(count)
    points = (points + rng.random(points.shape[1])) % 1.0
    # An even spread over the entries, whatever their number: by rank.
    rank = np.argsort(np.argsort(points[:, -1], kind="stable"), kind="stable")
    scores = normal_quantile(np.clip(points[:, :-1], 1e-9, 1.0 - 1e-9))
    return Persons(*scores.T, entry=rank * entries // count)
