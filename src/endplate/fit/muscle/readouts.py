"""From courses of the foot to the numbers that the rows print."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.records import Observation
from endplate.fit.muscle.foot import ONA, RIMA, VOLUME_ML, courses, day_steps, foot
from endplate.fit.muscle.free import with_values
from endplate.model.muscle import Responses
from endplate.model.parameters import ParameterSet

STUDIES = ("v1", "v2", "v3")
DOSES_A = (2.5, 5.0, 8.75, 10.0, 15.0, 17.5, 20.0)
DOSE_B = 400.0
HALF_LIVES = ("junction.light_chain_half_life.a", "junction.light_chain_half_life.b")


def rows() -> tuple[Observation, ...]:
    """The rows of the foot that are fitted, in the order of the catalogue."""
    table = catalogue().evidence.values()
    return tuple(o for o in table if o.id.split(".")[0] in STUDIES and o.use == "calibrate")


def foot_courses(
    parameters: ParameterSet, values: Mapping[str, float] | None = None
) -> tuple[dict[float, Responses], Responses, np.ndarray, np.ndarray]:
    """Courses after type A (by dose) and type B, with the kept days of each.

    Args:
        parameters: one draw.
        values: what only a variant has: `tail.slow_half_life` with `tail.slow_share` (a second, slower light chain of
            type A), `tail.persistence` (half-lives in limb muscle over those of the parameters, both serotypes),
            `ceiling.unblockable` (fibres that no dose blocks); and `foot.volume_ml`.
    """
    values = values or {}
    if "tail.persistence" in values:
        longer = {n: float(parameters[n][0]) * values["tail.persistence"] for n in HALF_LIVES}
        parameters = with_values(parameters, longer)
    a, b = foot(ONA), foot(RIMA)
    steps, volume = None, values.get("foot.volume_ml", VOLUME_ML)
    if "tail.slow_share" in values:
        share = values["tail.slow_share"]
        fast = day_steps(a.setup.days, parameters, parameters["junction.light_chain_half_life.a"])
        slow = day_steps(a.setup.days, parameters, np.array([values["tail.slow_half_life"]]))
        steps = (1.0 - share) * fast + share * slow
    first = courses(a, parameters, DOSES_A, steps, volume)
    second = courses(b, parameters, (DOSE_B,), None, volume)[DOSE_B]
    left = values.get("ceiling.unblockable", 0.0)
    if left:
        first = {dose: _ceiling(found, left) for dose, found in first.items()}
        second = _ceiling(second, left)
    return first, second, a.setup.nodes, b.setup.nodes


def _ceiling(found: Responses, left: float) -> Responses:
    return Responses(
        *(left + (1.0 - left) * x for x in (found.force, found.cmap)), cross_section=found.cross_section
    )


def predicted(parameters: ParameterSet, values: Mapping[str, float] | None = None) -> dict[str, float]:
    """What the model says for every row of the foot, fitted rows and signs."""
    return predictions_of(*foot_courses(parameters, values))


def predictions_of(
    a: Mapping[float, Responses], b: Responses, days_a: np.ndarray, days_b: np.ndarray
) -> dict[str, float]:
    """The rows from courses, as `foot_courses` gives them."""

    def loss(dose: float, day: int) -> float:
        return 1.0 - float(a[dose].cmap[days_a.searchsorted(day)])

    def loss_b(day: int) -> float:
        return 1.0 - float(b.cmap[days_b.searchsorted(day)])

    a14, b14 = loss(8.75, 14), loss_b(14)
    return {
        "v1.loss_10u_day21": loss(10.0, 21),
        "v1.lowest_day21": loss(10.0, 6) / loss(10.0, 21),
        "v1.down_48h": loss(10.0, 2),
        "v2.loss_15u_day6": loss(15.0, 6),
        "v2.loss_20u_day6": loss(20.0, 6),
        "v2.lowest_day6": loss(17.5, 6) / loss(17.5, 21),
        "v2.log_dose": (loss(10.0, 6) - loss(5.0, 6)) / (loss(5.0, 6) - loss(2.5, 6)),
        "v3.a_week2": a14,
        "v3.a_week7": 1.0 - loss(8.75, 49) / a14,
        "v3.a_week57": loss(8.75, 399) / a14,
        "v3.b_week2": b14,
        "v3.b_week7": 1.0 - loss_b(49) / b14,
        "v3.b_week11": loss_b(77) / b14,
    }


def residual(row: Observation, value: float) -> float:
    """Model minus observation; for a bound or a range without a value, how far the model lies outside it."""
    if row.value is not None:
        return value - row.value
    low = -np.inf if row.low is None else row.low
    high = np.inf if row.high is None else row.high
    return value - float(np.clip(value, low, high))
