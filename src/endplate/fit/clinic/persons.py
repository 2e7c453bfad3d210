"""The people over whom every published rate is averaged: one fixed set, the same in every draw.

Every sensitivity meets every entry of the bank (so that few distinct exposures need working out); lag, start and the
raters' leniencies come from a Sobol sequence. A rate is thus a smooth function of the parameters, and the noise of
drawing people does not enter the fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endplate.model.backend import normal_quantile

SENSITIVITIES = 8
LAGS = 5
SCORES = ("lag", "start", "investigator", "subject")


@dataclass(frozen=True)
class Persons:
    """Normal scores: `sensitivity` (j,) and `lag` (l,) of the classes, the others (j * entry,) of every person.

    Attributes:
        lag_of (j, entry): class of the lag of each person.
    """

    sensitivity: np.ndarray
    lag: np.ndarray
    lag_of: np.ndarray
    start: np.ndarray
    investigator: np.ndarray
    subject: np.ndarray


def persons(entries: int, seed: int = 0, sensitivities: int = SENSITIVITIES) -> Persons:
    """`sensitivities` times `entries` persons, spread evenly over all scores."""
    from scipy.stats import qmc

    count = sensitivities * entries
    rng = np.random.Generator(np.random.Philox(key=[seed, 7]))
    power = int(np.ceil(np.log2(count)))
    points = (qmc.Sobol(len(SCORES), scramble=False).random(2**power)[:count] + rng.random(len(SCORES))) % 1.0
    # Stretches of the sequence are even in themselves: each class of sensitivity takes one, its entries in any order.
    order = [k * entries + rng.permutation(entries) for k in range(sensitivities)]
    points = points[np.concatenate(order)]
    ranks = (np.argsort(np.argsort(points, axis=0, kind="stable"), axis=0) + 0.5) / count
    scores = normal_quantile(ranks)
    lag_class = np.minimum((ranks[:, 0] * LAGS).astype(int), LAGS - 1)
    return Persons(
        class_means(sensitivities),
        class_means(LAGS),
        lag_class.reshape(sensitivities, entries),
        *scores[:, 1:].T,
    )


def class_means(classes: int) -> np.ndarray:
    """Mean normal score of equal classes, stretched to a variance of one, (class,)."""
    edges = normal_quantile(np.arange(1, classes) / classes)
    density = np.exp(-0.5 * edges**2) / np.sqrt(2.0 * np.pi)
    mean = classes * -np.diff(np.concatenate([[0.0], density, [0.0]]))
    return mean / np.sqrt((mean**2).mean())
