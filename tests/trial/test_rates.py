"""Intervals: what the model is unsure of is told apart from few patients."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from endplate.trial.rates import (
    by_half,
    interval,
    kaplan_meier,
    median_interval,
    medians,
    predictive,
    settled,
    spread_rates,
)


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.06])
def test_settled_values_have_the_spread_of_the_draws_whatever_the_noise_of_the_patients(noise: float) -> None:
    rng = np.random.default_rng(3)
    spreads = []
    for _ in range(60):
        true = 0.5 + 0.05 * rng.standard_normal(100)
        halves = true[:, None] + noise * rng.standard_normal((100, 2))
        spreads.append(settled(halves).std())
    assert np.mean(spreads) == pytest.approx(0.05, rel=0.06)


def test_settled_values_keep_their_mean_and_never_collapse() -> None:
    halves = np.array([[0.4, 0.6], [0.6, 0.4], [0.3, 0.7], [0.7, 0.5]])
    found = settled(halves)
    assert found.mean() == pytest.approx(halves.mean())
    assert np.ptp(found) > 0.0


def test_a_predictive_interval_is_that_of_the_mixture_of_binomials() -> None:
    rates, n = np.array([0.2, 0.5, 0.9]), 40
    low, high = predictive(rates, n)
    mixture = binom.cdf(np.arange(n + 1)[:, None], n, rates).mean(axis=1)
    assert mixture[round(low * n)] >= 0.05 > mixture[round(low * n) - 1]
    assert mixture[round(high * n)] >= 0.95 > mixture[round(high * n) - 1]
    assert predictive(np.array([0.0]), 30) == (0.0, 0.0)
    assert predictive(np.array([1.0]), 30) == (1.0, 1.0)


def test_the_kaplan_meier_curve_of_a_hand_counted_table() -> None:
    lasting = kaplan_meier(np.array([10.0, 8.0, 4.0, 0.0]), np.array([2.0, 2.0, 2.0, 0.0]))
    assert lasting == pytest.approx([0.8, 0.6, 0.3, 0.3])
    assert medians(lasting, np.array([28, 56, 84, 112])) == pytest.approx((56 + 28 / 3) / 7)


def test_a_median_beyond_the_last_visit_is_none() -> None:
    beyond = np.array([[20.0, 22.0], [np.inf, 24.0], [np.inf, np.inf], [np.inf, np.inf]])
    median, (low, high), reached = median_interval(beyond)
    assert (median, high, reached) == (None, None, 0.25)
    assert low == pytest.approx(21.0)


def test_an_interval_leaves_a_twentieth_on_either_side() -> None:
    assert interval(np.linspace(0.0, 1.0, 101)) == pytest.approx((0.05, 0.95))


def test_a_half_in_which_nobody_is_left_takes_the_mean_of_the_other() -> None:
    sums = np.array([[[2.0], [3.0]], [[0.0], [4.0]], [[0.0], [0.0]]])
    people = np.array([[4.0, 4.0], [0.0, 8.0], [0.0, 0.0]])
    found = by_half(sums, people)[..., 0]
    assert found.tolist() == [[0.5, 0.75], [0.5, 0.5], [0.5625, 0.5625]]


def test_printed_rates_spread_on_the_logit_and_not_beyond_what_is_certain() -> None:
    rates = np.full((40, 25), 0.7)
    found = spread_rates(rates, np.full(40, 0.3), np.random.default_rng(0))
    logit = np.log(found / (1.0 - found))
    assert logit.std() == pytest.approx(0.3, rel=0.02)
    assert logit.mean() == pytest.approx(np.log(0.7 / 0.3), abs=0.01)
    certain = np.array([[0.0, 1.0]])
    assert spread_rates(certain, np.array([0.5]), np.random.default_rng(0))[0, :, 0].tolist() == [0.0, 1.0]
