"""Reported rates: pooled counts of one product and area, with what varies between reports."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, binom

from endplate.catalogue import catalogue
from endplate.trial.unwanted import beta_interval, expected_of, pooled_rate, unwanted_of


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
    found = unwanted_of("onabotulinumtoxin_a", ("glabella",), 100)
    assert {one.area for one in found} == {"glabella"}
    for one in found:
        assert 0.0 <= one.interval90[0] <= one.probability <= one.interval90[1] <= 1.0
        named = [row for row in catalogue().adverse.values() if f"{row.id} (" in one.note]
        assert named and {row.product for row in named} == {"onabotulinumtoxin_a"}
        assert {row.effect for row in named} == {one.effect}


def test_a_report_names_its_sources_and_the_effect_by_mechanism_that_it_counts() -> None:
    by_effect = {one.effect: one for one in unwanted_of("onabotulinumtoxin_a", ("glabella",), 100)}
    ptosis, headache = by_effect["eyelid_ptosis"], by_effect["headache"]
    assert (ptosis.basis, ptosis.counts_as, ptosis.mechanism) == ("reported", "eyelid_ptosis", True)
    assert (headache.basis, headache.counts_as, headache.mechanism) == ("reported", None, False)
    for one in by_effect.values():
        assert one.evidence["weakest_grade"] in "ABCD"
        for name in one.source.split(", "):
            catalogue().source(name)


def test_expected_people_are_binomial_at_every_rate() -> None:
    sure = expected_of(np.array([0.5]), 100)
    assert (sure.people, sure.interval90) == (50.0, tuple(binom.ppf((0.05, 0.95), 100, 0.5)))
    unsure = expected_of(np.array([0.2, 0.8]), 100)
    assert unsure.people == 50.0
    assert unsure.interval90[0] < 25 and unsure.interval90[1] > 75


def test_expected_people_of_a_report_are_those_of_its_beta_distribution() -> None:
    one = unwanted_of("onabotulinumtoxin_a", ("glabella",), 100_000)[0]
    assert one.expected is not None
    assert one.expected.people == pytest.approx(1e5 * one.probability, rel=0.01)
    assert np.array(one.expected.interval90) / 1e5 == pytest.approx(one.interval90, rel=0.05)


def test_two_reports_of_one_study_and_dose_are_counted_once() -> None:
    rows = {row.id: row for row in catalogue().adverse.values()}
    named = next(
        one.note for one in unwanted_of("onabotulinumtoxin_a", ("glabella",), 100) if one.effect == "any"
    )
    sources = [rows[part.split(" (")[0]].source for part in named.split(": ", 1)[1].split("; ")]
    assert len(sources) == len(set(sources))


def test_a_placebo_has_the_rates_of_placebo_arms() -> None:
    placebo = {one.effect: one for one in unwanted_of(None, ("glabella",), 100)}
    active = {one.effect: one for one in unwanted_of("onabotulinumtoxin_a", ("glabella",), 100)}
    assert placebo["eyelid_ptosis"].probability < active["eyelid_ptosis"].probability
