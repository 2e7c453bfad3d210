"""Response tables of the risk engine: force that a muscle of one class has lost, by ln drive and day, for every draw.

As in `tables`, the endplates of one exposure hold the whole spread of sensitivities (blurred over it), and a person's
sensitivity only moves the place in the table. The quantal course is worked out once for all classes. The structural
state of jaw and neck muscles, which follows the block by months, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from endplate.model.backend import normal_cdf
from endplate.model.junction import (
    cleavage_gain,
    firing_share,
    mean_light_chain,
    quantal_course,
    response_days,
)
from endplate.model.parameters import ParameterSet
from endplate.population.risk_draws import outer_draws

STEP = 0.5  # of ln drive
LOW, HIGH = -16.0, 14.0  # ends of the grid, in ln of k_cat E / k_syn
DAYS = 180
SHIFTS = STEP * np.arange(
    -10, 11
)  # of a person's ln sensitivity: beyond 3.7 SD at the largest SD in the posterior
PEAK_DAYS = (6, 10, 16, 24, 36)  # the largest loss is looked for on these


def grid() -> np.ndarray:
    """ln drive of the cells, (x,)."""
    return np.arange(LOW, HIGH + STEP / 2, STEP)


def days_kept() -> np.ndarray:
    """Days of the table, (day,)."""
    return response_days(DAYS)


@lru_cache(maxsize=8)
def loss_tables(
    products: tuple[str, ...], serotype: str, draws: int, seed: int, classes: tuple[str, ...]
) -> Mapping[str, np.ndarray]:
    """Share of force lost by muscle class, (draw, x, day), single precision; kept while the program runs."""
    outer = outer_draws(products, draws, seed)
    values = ParameterSet(outer.values)
    start, kept = np.arange(DAYS, dtype=float)[:, None], days_kept()
    rates = [values[f"junction.{name}"][None] for name in ("supply_half_life",)]
    rates += [values[f"junction.light_chain_half_life.{serotype}"][None], values["junction.lag"][None]]
    steps = mean_light_chain(np, start, 1.0, *rates)
    drive = steps[:, :, None] * np.exp(grid())[None, None]
    quantal = np.concatenate([np.ones((1, draws, len(grid()))), quantal_course(np, drive, values)])[kept]
    blur = _blur(np.asarray(values["junction.sensitivity_sd"]))
    sd = values["junction.safety_factor_log_sd"][None, :, None]
    found = {}
    for name in classes:
        firing = firing_share(np, quantal, values[f"junction.safety_factor.{name}"][None, :, None], sd)
        found[name] = np.matmul(blur, np.moveaxis(1.0 - firing, 0, -1)).astype(np.float32)
    return found


def _blur(sigma: np.ndarray) -> np.ndarray:
    """Weights of a normal spread of ln drive over the cells, (draw, x, x); the ends of the table are held.

    Cells share out the normal distribution by its integral, and endplates are split between neighbouring cells: what
    both add to the variance is taken off.
    """
    cells = np.arange(len(grid()))
    sd = np.sqrt(np.maximum(sigma**2 - STEP**2 / 12.0 - STEP**2 / 6.0, 0.01))
    edges = (cells[None, :-1] + 0.5 - cells[:, None]) * STEP
    below = normal_cdf(np, edges[None] / sd[:, None, None])
    end = np.ones((len(sigma), len(cells), 1))
    return np.diff(np.concatenate([0.0 * end, below, end], axis=2), axis=2)


def log_ease(outer_values: Mapping[str, np.ndarray], muscle_class: str) -> np.ndarray:
    """ln drive of a class of muscles at an exposure of one threshold, (draw,)."""
    gain = cleavage_gain(
        np, outer_values[f"junction.safety_factor.{muscle_class}"], outer_values["junction.release_power"]
    )
    return np.log(gain * outer_values[f"junction.sensitivity.{muscle_class}"])
