"""Types A and E in a rat limb muscle (row V22): what it says of type E, with a species clock as a nuisance.

The chain of the model runs `clock` times as fast as in man (every rate of it). Exposure of each toxin over its own
threshold, its spread over the muscle, the half-life of type E and the clock are free; type A keeps its human half-life.
Four readings and two bounds hold no more: the answer is a combination, and no product of the catalogue uses it.
"""

from __future__ import annotations

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.records import Observation
from endplate.fit.muscle.free import Free
from endplate.fit.muscle.least import SmallFit, fit_rows
from endplate.model.backend import normal_quantile
from endplate.model.junction import cleavage_gain, firing_share, mean_light_chain, quantal_course
from endplate.model.muscle import force_of
from endplate.model.parameters import ParameterSet

DAYS = 15
POINTS = 41
FREE = (
    Free("rat.clock", 1.0, 10.0, "log", "declared: rodents recover faster than man"),
    Free("rat.exposure.a", 0.1, 1e5, "log", "declared: no say"),
    Free("rat.exposure.e", 0.1, 1e5, "log", "declared: no say"),
    Free("rat.half_life.e", 0.1, 20.0, "log", "declared: no say (0.8 d in rat neurons is compared with it)"),
    Free("rat.spread", 0.7, 2.5, "log", "sensitivity of endplates with the spread in space; declared"),
)


def rows() -> tuple[Observation, ...]:
    """Fitted rows of the rat."""
    table = catalogue().evidence.values()
    return tuple(o for o in table if o.row == "V22" and o.use == "calibrate")


def tension(parameters: ParameterSet, values: dict[str, float], toxin: str) -> np.ndarray:
    """Tension over control on days 0..15, (day,)."""
    clock = values["rat.clock"]
    human = {
        "a": parameters["junction.light_chain_half_life.a"] / clock,
        "e": np.array([values["rat.half_life.e"]]),
    }
    start = np.arange(DAYS, dtype=float)[:, None]
    supply = parameters["junction.supply_half_life"][None] / clock
    lag = parameters["junction.lag"][None] / clock
    chain = mean_light_chain(np, start, 1.0, supply, human[toxin][None], lag)
    safety = parameters["junction.safety_factor.limb"]
    gain = cleavage_gain(np, safety, parameters["junction.release_power"])
    score = normal_quantile((np.arange(POINTS) + 0.5) / POINTS)
    over = values[f"rat.exposure.{toxin}"] * np.exp(values["rat.spread"] * score)
    # One day of the rat is `clock` days of the model for everything that has a human half-life.
    quantal = quantal_course(np, gain * chain[:, :, None] * over, parameters, clock)
    firing = firing_share(
        np, quantal, safety[None, :, None], parameters["junction.safety_factor_log_sd"][None, :, None]
    ).mean(axis=2)
    share = np.concatenate([np.ones((1, 1)), firing])[:, :, None]
    return force_of(np, share, np.full(DAYS, clock), parameters, ("limb",))[:, 0, 0]


def predicted(parameters: ParameterSet, values: dict[str, float]) -> dict[str, float]:
    """What the model says for every row of the rat."""
    found = {}
    for toxin in "ae":
        course = tension(parameters, values, toxin)
        for day in (2, 7, 15):
            found[f"v22.{toxin}_day{day}"] = float(course[day])
    return found


def fit(parameters: ParameterSet) -> SmallFit:
    """Least squares over the rows and the priors."""
    return fit_rows(FREE, rows(), lambda values: predicted(parameters, values))
