"""Calibration of the muscle level: the fast foot is the chain, the fit finds what made the data, the store holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from endplate.catalogue import catalogue
from endplate.fit.muscle import courses, foot, inputs_hash, predicted, rows, target
from endplate.fit.muscle import posterior as fitting
from endplate.fit.muscle.atrophy import thinnest_day
from endplate.fit.muscle.clinic import days_below, repeated_steps
from endplate.fit.muscle.foot import ONA, REFERENCE_ML, VOLUMES_ML
from endplate.fit.muscle.free import EASE, STRUCTURAL, THETA_A, THETA_B, THRESHOLD_B, with_values
from endplate.fit.muscle.readouts import residual
from endplate.model import chain
from endplate.model.muscle import responses_of
from endplate.model.parameters import point_parameters

STORE = Path(__file__).resolve().parents[2] / "docs" / "data" / "muscle_fit.json"


@pytest.fixture(scope="module")
def stored() -> dict:
    return json.loads(STORE.read_text("utf-8"))


def test_the_tabulated_foot_gives_what_the_chain_gives_needle_by_needle():
    place, point = foot(ONA), point_parameters()
    fast = courses(place, point, (8.75,), None, REFERENCE_ML[ONA])[8.75]
    needles = place.log_exposure.shape[1]
    at = int(np.flatnonzero(np.isclose(VOLUMES_ML, REFERENCE_ML[ONA]))[0])
    drive = chain.log_drive(np, place.setup, point, 0, 8.75 * np.exp(place.log_exposure[at]))
    every_day = replace(place.setup, nodes=np.arange(place.setup.days + 1))
    share = np.concatenate(
        [chain._by_table(np, every_day, point, 0, drive[i : i + 1]) for i in range(needles)], axis=1
    )
    exact = responses_of(np, share, np.ones(place.setup.days), _many(point, needles), ("limb",))
    days = place.setup.nodes
    assert np.abs(fast.cmap - exact.cmap[days, :, 0].mean(axis=1)).max() < 2e-3
    assert np.abs(fast.force - exact.force[days, :, 0].mean(axis=1)).max() < 2e-3


def _many(point, draws):
    return type(point)({name: np.repeat(value, draws) for name, value in point.values.items()})


def test_a_fit_to_made_up_readings_finds_the_potency_and_the_clock_that_made_them():
    truth = with_values(point_parameters(), {EASE.name: 6.0, THETA_A.name: 30.0})
    said = predicted(truth, {})
    made = tuple(
        row.model_copy(update={"value": said[row.id], "low": None, "high": None, "error": 0.005})
        for row in rows()
    )
    to = replace(target((EASE, THETA_A), base=truth), rows=made)
    found = fitting.fit(to, study_sd=(0.05,))
    assert found.values[EASE.name] == pytest.approx(6.0, rel=0.03)
    assert found.values[THETA_A.name] == pytest.approx(30.0, rel=0.03)


def test_a_small_fit_keeps_type_b_and_the_week_57_remainder_within_their_readings(stored):
    start = {f.name: stored["point"]["values"][f.name] for f in (EASE, THRESHOLD_B, THETA_B)}
    base = with_values(point_parameters(), stored["point"]["values"])
    to = target((EASE, THRESHOLD_B, THETA_B), {"foot.volume_ml": stored["volume_ml"]}, base)
    z = np.array([f.forward(start[f.name]) for f in to.free])
    found = fitting.fit(to, z, study_sd=(stored["whole"]["study_sd"],))
    assert found.values[THETA_B.name] == pytest.approx(start[THETA_B.name], rel=0.1)
    assert abs(found.found["v3.b_week2"] - 0.625) < 0.1
    assert abs(found.found["v3.a_week57"] - 0.22) < 0.1


def test_the_stored_fit_was_made_from_these_inputs_and_says_what_the_model_says(stored):
    assert stored["inputs"] == inputs_hash(), "run `python -m tools.fit_muscle` again"
    for name in ("whole", "point"):
        values = stored[name]["values"]
        now = predicted(with_values(point_parameters(), values), values)
        for row, value in stored[name]["found"].items():
            assert now[row] == pytest.approx(value, abs=2e-3), row


def test_every_fitted_row_of_the_foot_has_an_error_and_says_on_what_it_rests():
    assert len(rows()) == 11
    assert all(row.error and row.error_basis for row in rows())
    assert {row.use for row in rows()} == {"calibrate"}


def test_a_bound_costs_nothing_on_its_own_side_and_a_range_nothing_inside():
    table = catalogue().evidence
    assert residual(table["v2.lowest_day6"], 1.3) == 0.0
    assert residual(table["v2.lowest_day6"], 0.9) == pytest.approx(-0.1)
    assert residual(table["v2.loss_15u_day6"], 0.87) == 0.0
    assert residual(table["v3.a_week57"], 0.25) == pytest.approx(0.03)


def test_no_row_is_compared_with_units_of_another_product():
    fitted = {row.product for row in rows()}
    assert fitted == {"onabotulinumtoxin_a", "rimabotulinumtoxin_b"}
    assert catalogue().evidence["v23.ona"].use == catalogue().evidence["v23.rima"].use == "documented"


def test_the_foot_does_not_hold_the_spread_of_sensitivity(stored):
    spread = next(p for p in stored["profiles"] if p["name"] == "junction.sensitivity_sd")
    assert spread["interval"] == [None, None]
    assert max(spread["rise"]) < 1.35


def test_the_catalogue_leaves_what_other_rows_hold(stored):
    assert not {"junction.light_chain_half_life.a", "junction.sensitivity_sd"} & set(
        stored["point"]["values"]
    )
    assert {f.name for f in STRUCTURAL} >= {"junction.light_chain_half_life.a", "junction.sensitivity_sd"}


def test_one_treatment_repeated_once_is_itself_and_more_of_them_only_add():
    steps = np.linspace(1.0, 0.0, 100)[:, None]
    assert (repeated_steps(steps, 1, 30) == steps).all()
    twice = repeated_steps(steps, 2, 30)
    assert twice[29] == steps[29] and twice[30] == steps[30] + steps[0]


def test_days_below_interpolates_and_says_when_it_cannot():
    loss = np.array([0.0, 0.8, 0.6, 0.2, 0.0])
    assert days_below(loss, 0.5) == pytest.approx(2.25)
    assert days_below(loss, 0.9) == 0.0
    assert np.isnan(days_below(np.array([0.0, 0.9, 0.8]), 0.5))


def test_the_thinnest_day_lies_between_visits_where_the_parabola_has_it():
    days = np.array([0.0, 10.0, 20.0, 30.0])
    assert thinnest_day(days, (days - 17.0) ** 2) == pytest.approx(17.0)
