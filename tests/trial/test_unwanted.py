"""Reported rates: pooled counts of one product and area, with what varies between reports."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from endplate.catalogue import catalogue
from endplate.trial.unwanted import LATER, beta_interval, pooled_rate, unwanted_of


def test_one_report_gives_the_binomial_uncertainty() -> None:
    mean, variance = pooled_rate(np.array([9.0]), np.array([300.0]))
    assert mean == pytest.approx(9.5 / 301)
    low, high = beta_interval(mean, variance)
    assert (low, high) == pytest.approx(beta.ppf((0.05, 0.95), 9.5, 291.5), rel=0.01)


def test_reports_that_agree_add_up_and_reports_that_differ_widen() -> None:
    people = np.array([200.0, 200.0])
    one = beta_interval(*pooled_rate(np.array([10.0]), np.array([200.0])))
    agree = beta_interval(*pooled_rate(np.array([10.0, 10.0]), people))
    differ = beta_interval(*pooled_rate(np.array([1.0, 19.0]), people))
    assert agree[1] - agree[0] < one[1] - one[0] < differ[1] - differ[0]


def test_rates_are_of_the_arms_product_and_area_and_name_their_rows() -> None:
    found = unwanted_of("onabotulinumtoxin_a", ("glabella",))
    assert {one.area for one in found} == {"glabella"}
    for one in found:
        assert 0.0 <= one.interval90[0] <= one.rate <= one.interval90[1] <= 1.0
        named = [row for row in catalogue().adverse.values() if f"{row.id} (" in one.basis]
        assert named and {row.product for row in named} == {"onabotulinumtoxin_a"}
        assert {row.effect for row in named} == {one.effect}


def test_an_effect_with_a_mechanism_says_that_it_is_not_simulated() -> None:
    by_effect = {one.effect: one for one in unwanted_of("onabotulinumtoxin_a", ("glabella",))}
    assert by_effect["eyelid_ptosis"].basis.startswith(LATER)
    assert not by_effect["headache"].basis.startswith(LATER)


def test_two_reports_of_one_study_and_dose_are_counted_once() -> None:
    rows = {row.id: row for row in catalogue().adverse.values()}
    named = next(
        one.basis for one in unwanted_of("onabotulinumtoxin_a", ("glabella",)) if one.effect == "any"
    )
    sources = [rows[part.split(" (")[0]].source for part in named.split(": ", 1)[1].split("; ")]
    assert len(sources) == len(set(sources))


def test_a_placebo_has_the_rates_of_placebo_arms() -> None:
    placebo = {one.effect: one for one in unwanted_of(None, ("glabella",))}
    active = {one.effect: one for one in unwanted_of("onabotulinumtoxin_a", ("glabella",))}
    assert placebo["eyelid_ptosis"].rate < active["eyelid_ptosis"].rate
