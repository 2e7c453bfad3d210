"""Chains and the whole junction for many persons at once: exact, also at equal rates, and whoever else is solved."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from endplate.errors import ModelError
from endplate.model.junction import chain_population, solved_population
from endplate.model.junction.chain_population import AMPLIFICATION, chain_course
from endplate.model.junction.solved_population import solve_population
from endplate.model.parameters import ParameterSet, point_parameters

RATES = np.array(
    [0.216, 83.5, 203.0, 18.7, 0.0231]
)  # per day: supply, binding, internalisation, lytic step, recovery


def people(count: int, seed: int = 1) -> np.ndarray:
    sd = math.sqrt(math.log1p(0.4**2))
    return RATES * np.exp(sd * np.random.default_rng(seed).standard_normal((count, 5)))


def exact(rates: np.ndarray, steps: int) -> np.ndarray:
    """The sum of exponentials of one person with 80 digits, at 0, 1 ... steps."""
    with localcontext() as context:
        context.prec = 80
        k = [Decimal(float(rate)) for rate in rates]
        weights = [math.prod(k[:-1]) / math.prod(other - own for other in k if other is not own) for own in k]
        decays = [(-rate).exp() for rate in k]
        return np.array(
            [float(sum(w * r**n for w, r in zip(weights, decays, strict=True))) for n in range(steps + 1)]
        )


def test_a_population_is_solved_to_rounding():
    rates = people(20)
    expected = np.array([exact(row, 60) for row in rates])
    assert expected.max() > 0.8
    for robust in (False, True):
        found = chain_course(rates, 1.0, 60, robust=robust)
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-12)
    np.testing.assert_allclose(chain_course(rates / 1440, 1440.0, 60), expected, rtol=0, atol=2e-12)


@pytest.mark.parametrize("pools", [1, 2, 5, 9])
def test_equal_rates_give_the_distribution_of_erlang(pools):
    days = np.arange(61.0)
    found = chain_course(np.full((3, pools), 0.2), 1.0, 60)
    expected = (0.2 * days) ** (pools - 1) / math.factorial(pools - 1) * np.exp(-0.2 * days)
    np.testing.assert_allclose(found, np.tile(expected, (3, 1)), rtol=0, atol=1e-14)


@pytest.mark.parametrize("apart", [1e-14, 1e-10, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1])
def test_nearly_equal_rates_do_no_harm(apart):
    rates = 0.2 * (
        1.0 + apart * np.array([[0.0, 1.0, -2.0, 3.0, 5.0], [0.0, 1.0, 50.0 / apart, 9.0 / apart, 2.0]])
    )
    expected = np.array([exact(row, 60) for row in rates])
    np.testing.assert_allclose(chain_course(rates, 1.0, 60), expected, rtol=0, atol=1e-12)


def test_the_sum_of_exponentials_is_used_up_to_its_stated_error_only():
    """Rates so close that the sum of the weights lies on either side of the limit."""
    gaps = np.geomspace(1e-3, 0.3, 200)[:, None]
    rates = 0.2 * (1.0 + gaps * np.arange(5.0))
    sums = np.abs(chain_population._weights(rates)).sum(axis=1)
    assert sums.min() < AMPLIFICATION < sums.max()
    near = np.abs(np.log(sums / AMPLIFICATION)) < 1.0
    assert near.sum() > 2
    expected = np.array([exact(row, 60) for row in rates[near]])
    np.testing.assert_allclose(chain_course(rates[near], 1.0, 60), expected, rtol=0, atol=1e-12)


def test_a_last_pool_that_keeps_what_it_has_ends_with_everything():
    rates = people(5)
    rates[:, -1] = 0.0
    found = chain_course(rates, 1.0, 400)
    assert np.all(np.diff(found, axis=1) > -1e-14)
    np.testing.assert_allclose(found[:, -1], 1.0, atol=1e-9)
    rates[:, 1] = 0.0  # a step that does not happen
    assert np.abs(chain_course(rates, 1.0, 10)).max() == 0.0


def test_neither_threads_nor_other_persons_change_a_course():
    rates = people(3 * chain_population.PART + 5)
    rates[7] = 0.2
    alone = chain_course(rates, 1.0, 30, threads=1)
    assert np.array_equal(alone, chain_course(rates, 1.0, 30, threads=3))
    np.testing.assert_allclose(chain_course(rates[:10], 1.0, 30), alone[:10], rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("rates", "step", "steps"),
    [
        (np.array([[0.1, -0.2]]), 1.0, 5),
        (np.array([[0.1, np.nan]]), 1.0, 5),
        (np.array([0.1, 0.2]), 1.0, 5),
        (np.array([[0.1]]), 0.0, 5),
        (np.array([[0.1]]), 1.0, -1),
    ],
)
def test_bad_chains_are_refused_in_a_line(rates, step, steps):
    with pytest.raises(ModelError) as caught:
        chain_course(rates, step, steps)
    assert "\n" not in str(caught.value)


def test_no_persons_and_no_steps_are_answered():
    assert chain_course(np.zeros((0, 5)), 1.0, 10).shape == (0, 11)
    assert chain_course(people(2), 1.0, 0).tolist() == [[0.0], [0.0]]


def varied(count: int, seed: int = 2) -> tuple[ParameterSet, np.ndarray]:
    """Persons with rates of their own, and exposures over threshold."""
    rng = np.random.default_rng(seed)
    values = {name: np.full(count, float(value[0])) for name, value in point_parameters().values.items()}
    for name in (
        "light_chain_half_life.a", "supply_half_life", "lag", "snare_turnover_half_life", "release_power",
        "sprout_delay", "sprout_retraction_half_life", "sprout_share",
    ):  # fmt: skip
        values[f"junction.{name}"] = values[f"junction.{name}"] * np.exp(0.3 * rng.standard_normal(count))
    return ParameterSet(values), 8.0 * np.exp(rng.standard_normal(count))


def integrated(parameters: ParameterSet, exposure: float, person: int, days: int) -> np.ndarray:
    """The equations as they are printed, by an adaptive solver at a tight tolerance."""
    value = {name.removeprefix("junction."): float(v[person]) for name, v in parameters.values.items()}
    supply, decay, turnover, retract = (
        math.log(2.0) / value[name]
        for name in (
            "supply_half_life", "light_chain_half_life.a", "snare_turnover_half_life", "sprout_retraction_half_life",
        )
    )  # fmt: skip
    power = value["release_power"]
    depot = exposure * (value["safety_factor.mimic"] ** (1.0 / power) - 1.0)

    def slope(_u, y):
        return [
            -supply * y[0],
            supply * y[0] - decay * y[1],
            turnover * (1.0 - y[2] - y[1] * y[2]),
            (1.0 - y[2] ** power - y[3]) / value["sprout_delay"],
            retract * (y[3] - y[4]),
        ]

    since = np.arange(days + 1.0) - value["lag"]
    after = since > 0.0
    y = solve_ivp(
        slope, (0.0, since[-1]), [depot, 0.0, 1.0, 0.0, 0.0], "DOP853", since[after], rtol=1e-11, atol=1e-13
    ).y
    out = np.ones(days + 1)
    out[after] = np.minimum(1.0, y[2] ** power + value["sprout_share"] * y[4])
    return out


def test_the_junction_of_many_persons_is_solved_at_fourth_order():
    parameters, exposure = varied(30)
    expected = np.stack([integrated(parameters, exposure[i], i, 120) for i in range(30)], axis=1)
    assert expected.min() < 0.01 < 0.9 < expected[-1].max()
    errors = [
        np.abs(solve_population(parameters, exposure, 120, fineness=f) - expected).max() for f in (1, 2)
    ]
    assert errors[0] < 1e-6
    assert errors[1] < errors[0] / 10.0


@pytest.mark.parametrize("factor", [0.0, 1e-6, 1e3, 1e8, 1e300])
def test_any_exposure_gives_a_course_between_nought_and_one(factor):
    parameters, exposure = varied(200)
    with np.errstate(all="raise", under="ignore"):
        found = solve_population(parameters, factor * exposure, 90)
    assert np.all(found > 0.0) and found.max() == 1.0
    finer = solve_population(parameters, factor * exposure, 90, fineness=4)
    np.testing.assert_allclose(found, finer, rtol=0, atol=2e-4)
    if factor == 0.0:
        assert found.min() == 1.0


def test_equal_rates_of_supply_light_chain_and_sprouts_do_no_harm():
    same = {
        "junction__supply_half_life": 3.0,
        "junction__light_chain_half_life__a": 3.0,
        "junction__sprout_delay": 3.0 / math.log(2.0),
        "junction__sprout_retraction_half_life": 3.0,
    }
    changes = {name.replace("__", "."): value for name, value in same.items()}
    parameters = ParameterSet({**point_parameters().values, **{k: np.array([v]) for k, v in changes.items()}})
    found = solve_population(parameters, np.array([8.0]), 60)[:, 0]
    np.testing.assert_allclose(found, integrated(parameters, 8.0, 0, 60), rtol=0, atol=1e-6)


def test_neither_threads_nor_other_persons_change_a_person():
    parameters, exposure = varied(2 * solved_population.PART + 3)
    alone = solve_population(parameters, exposure, 12, threads=1)
    assert np.array_equal(alone, solve_population(parameters, exposure, 12, threads=2))
    few = solve_population(parameters.chunk(0, 9), exposure[:9], 12)
    np.testing.assert_allclose(few, alone[:, :9], rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("exposure", "days", "fineness"), [([-1.0], 5, 1), ([np.inf], 5, 1), ([1.0, 2.0], 5, 1), ([1.0], 5, 0)]
)
def test_a_bad_population_is_refused_in_a_line(exposure, days, fineness):
    with pytest.raises(ModelError) as caught:
        solve_population(point_parameters(), np.array(exposure), days, fineness=fineness)
    assert "\n" not in str(caught.value)
