"""The junction: light chain, SNARE, release, sprouts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from endplate.model.junction import (
    cleavage_gain,
    firing_share,
    interpolation_matrix,
    light_chain,
    mean_light_chain,
    quantal_course,
    response_days,
)
from endplate.model.parameters import point_parameters

LN2 = np.log(2.0)


@pytest.mark.parametrize("half_life", [1.0, 1.0 + 1e-12, 1.0 + 1e-6, 0.5, 26.0])
def test_light_chain_solves_its_equation_also_at_equal_rates(half_life):
    days = np.array([0.5, 1.0, 3.0, 20.0, 60.0])
    found = light_chain(np, days, 1.0, half_life, 0.0)

    def slope(_t, y):
        return [-LN2 * y[0], LN2 * y[0] - LN2 / half_life * y[1]]

    exact = solve_ivp(slope, (0.0, 60.0), [1.0, 0.0], t_eval=days, rtol=1e-11, atol=1e-14).y[1]
    np.testing.assert_allclose(found, exact, rtol=1e-7, atol=1e-14)


def test_there_is_no_light_chain_before_the_injection_or_its_lag():
    assert light_chain(np, np.array([-5.0, 0.0, 0.4]), 1.0, 26.0, 0.5).tolist() == [0.0, 0.0, 0.0]


def test_the_mean_over_a_day_is_the_integral():
    fine = light_chain(np, 3.0 + np.linspace(0, 1, 100_001), 1.0, 26.0, 0.5).mean()
    assert mean_light_chain(np, np.array(3.0), 1.0, 1.0, 26.0, 0.5) == pytest.approx(fine, rel=1e-4)


def test_exposure_at_threshold_halves_the_firing_of_the_median_fibre():
    gain = cleavage_gain(np, 3.0, 4.0)
    intact = 1.0 / (1.0 + gain)
    blocked = firing_share(np, np.array(intact**4.0), np.array(3.0), np.array(0.4))
    at_rest = firing_share(np, np.array(1.0), np.array(3.0), np.array(0.4))
    assert at_rest == 1.0
    assert blocked == pytest.approx(0.5, abs=0.002)  # relative to rest, where 0.3 % of fibres do not fire


def test_the_step_scheme_converges_to_the_differential_equation():
    """Snare and sprouts against an adaptive solver, at daily steps."""
    p = point_parameters()
    days, exposure = 120, 3.0
    k_syn = LN2 / p["junction.snare_turnover_half_life"][0]
    power, share = p["junction.release_power"][0], p["junction.sprout_share"][0]
    delay = p["junction.sprout_delay"][0]
    retract = p["junction.sprout_retraction_half_life"][0] / LN2
    gain = cleavage_gain(np, 3.0, power) * exposure
    rates = [p[f"junction.{n}"][0] for n in ("supply_half_life", "light_chain_half_life.a", "lag")]

    def slope(t, y):
        intact, silence, grown = y
        load = gain * float(light_chain(np, np.array(t), *rates))
        quiet = 1.0 - intact**power
        return [
            k_syn * (1.0 - intact) - k_syn * load * intact,
            (quiet - silence) / delay,
            (silence - grown) / retract,
        ]

    exact = solve_ivp(
        slope, (0, days), [1.0, 0.0, 0.0], t_eval=np.arange(1, days + 1), rtol=1e-9, atol=1e-11, max_step=0.25
    )
    expected = np.minimum(1.0, exact.y[0] ** power + share * exact.y[2])
    steps = mean_light_chain(np, np.arange(days, dtype=float), 1.0, *rates)
    found = quantal_course(np, gain * steps[:, None, None], p)[:, 0, 0]
    assert np.abs(found - expected)[3:].max() < 0.01
    assert np.abs(found - expected)[20:].max() < 0.002


def test_sprouts_start_late_and_carry_a_minor_share():
    p = point_parameters()
    drive = np.full((60, 1, 1), 1e6)
    with_sprouts = quantal_course(np, drive, p)[:, 0, 0]
    without = quantal_course(np, drive, p, sprouts=False)[:, 0, 0]
    assert without[-1] < 1e-6
    assert with_sprouts[2] < 0.02
    assert 0.05 < with_sprouts[-1] <= p["junction.sprout_share"][0]


def test_kept_days_begin_daily_and_end_at_the_last_day():
    days = response_days(365)
    assert days[0] == 0 and days[-1] == 365
    assert (np.diff(days)[:30] == 1).all() and np.diff(days).max() <= 7
    assert response_days(10).tolist() == list(range(11))


def test_interpolation_keeps_kept_days_and_cubics():
    nodes = tuple(int(d) for d in response_days(200))
    weights = interpolation_matrix(nodes, 200)
    x = np.array(nodes, dtype=float)
    cubic = 1e-6 * x**3 - 3e-4 * x**2 + 0.01 * x + 1.0
    day = np.arange(201.0)
    np.testing.assert_allclose(weights @ cubic, 1e-6 * day**3 - 3e-4 * day**2 + 0.01 * day + 1.0, atol=1e-10)
