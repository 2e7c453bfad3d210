"""Toxin in the blood: mass balance, and what antitoxin can and cannot take back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.model.junction import systemic
from endplate.model.junction.systemic import Systemic, internalised_share, saved_by_antitoxin, systemic_course

HOURS = [0.0, 1.0, 4.0, 24.0, 96.0, 1000.0]


@given(seed=st.integers(0, 10_000), hour=st.floats(0, 500), in_blood=st.floats(0, 1))
def test_toxin_is_kept_whatever_the_draw(seed: int, hour: float, in_blood: float) -> None:
    drawn = systemic.draw_systemic(np.random.default_rng(seed))
    course = systemic_course(HOURS, drawn, hour, in_blood)
    assert course.sum(axis=1) == pytest.approx(1.0, abs=1e-10)
    assert course.min() >= 0


@given(seed=st.integers(0, 10_000), in_blood=st.floats(0, 1))
def test_earlier_antitoxin_never_saves_less(seed: int, in_blood: float) -> None:
    drawn = systemic.draw_systemic(np.random.default_rng(seed))
    saved = saved_by_antitoxin([0, 0.1, 1, 6, 24, 96, 400], drawn, in_blood)
    assert np.all(np.diff(saved) <= 1e-9)
    assert np.all((saved >= -1e-9) & (saved <= 1 + 1e-9))


def test_antitoxin_at_once_saves_all_and_after_entry_nothing() -> None:
    saved = saved_by_antitoxin([0.0, 2000.0], in_blood=1.0)
    assert saved[0] == pytest.approx(1.0, abs=1e-12)
    assert saved[1] == pytest.approx(0.0, abs=1e-9)


def test_antitoxin_leaves_the_internalised_as_it_is() -> None:
    before = systemic_course([5.999999999], in_blood=1.0)
    after = systemic_course([6.0], antitoxin_h=6.0, in_blood=1.0)
    for where in ("respiratory", "bulbar"):
        assert internalised_share(after, where) == pytest.approx(internalised_share(before, where), rel=1e-8)
    bound, left = (course[0, systemic.POOLS.index("bound_respiratory")] for course in (before, after))
    assert left == pytest.approx(bound * (1 - Systemic().bound_reach), rel=1e-8)
    assert after[0, systemic.POOLS.index("blood")] == 0


def test_antitoxin_changes_nothing_before_it_is_given() -> None:
    assert systemic_course([1, 5], antitoxin_h=6.0) == pytest.approx(systemic_course([1, 5]), abs=0)


def test_blood_falls_by_half_in_the_published_half_life() -> None:
    course = systemic_course([0, 245 / 60], Systemic(uptake_share=0.0), in_blood=1.0)
    blood = course[:, systemic.POOLS.index("blood")]
    assert blood[1] / blood[0] == pytest.approx(0.5, rel=1e-9)


def test_uptake_share_is_the_share_that_gets_in() -> None:
    course = systemic_course([2000.0], Systemic(uptake_share=0.07), in_blood=1.0)
    inside = internalised_share(course, "respiratory") + internalised_share(course, "bulbar")
    assert inside[0] == pytest.approx(0.07, rel=1e-9)


def test_a_slow_site_keeps_antitoxin_useful_for_longer() -> None:
    assert saved_by_antitoxin([24.0])[0] > saved_by_antitoxin([24.0], in_blood=1.0)[0] + 0.5


def test_published_lethal_doses_differ_by_the_gap_that_is_stated() -> None:
    low, high = systemic.lethal_dose_range_ng()
    assert high / low == pytest.approx(150 / 7)
    assert 90 / low == pytest.approx(12.9, abs=0.05)
    share = systemic.lethal_dose_share(100, 9.0)
    assert share == pytest.approx((0.9 / 150, 0.9 / 7))


def test_the_half_life_is_that_of_the_catalogue() -> None:
    ours, theirs = systemic.PRIORS["half_life_min"], catalogue().parameter("systemic.half_life")
    assert (ours.value, ours.low, ours.high) == (theirs.value, theirs.low, theirs.high)


def test_every_prior_says_its_grade_and_holds_its_value() -> None:
    for prior in systemic.PRIORS.values():
        assert prior.low < prior.value < prior.high
        assert prior.grade in "CD"
        assert prior.note


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Systemic(escape=1.2),
        lambda: Systemic(half_life_min=0.0),
        lambda: systemic_course([1], antitoxin_h=-1.0),
        lambda: systemic_course([1], in_blood=2.0),
        lambda: systemic_course([math.nan]),
        lambda: saved_by_antitoxin([1], Systemic(uptake_share=0.0)),
        lambda: internalised_share(systemic_course([1]), "foot"),
        lambda: systemic.lethal_dose_range_ng(0.0),
        lambda: systemic.lethal_dose_share(-1.0, 9.0),
    ],
)
def test_an_impossible_exposure_is_refused(bad) -> None:
    with pytest.raises(ModelError):
        bad()
