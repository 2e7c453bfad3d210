"""The page on repeated sessions is what its stored results say, and these are of today's parameters."""

from __future__ import annotations

import make_sessions
import pytest


@pytest.fixture(scope="module")
def stored():
    return make_sessions.load()


def test_the_tables_of_the_page_are_the_stored_results(stored):
    page = make_sessions.PAGE.read_text("utf-8")
    assert page == make_sessions.written(page, stored), "run `python docs/make_sessions.py`"


def test_the_stored_results_are_of_these_priors_and_patterns(stored):
    assert stored["inputs"] == make_sessions.inputs(), "run `python docs/make_sessions.py --run`"


@pytest.mark.parametrize("case", make_sessions.CASES, ids=lambda case: case.name)
def test_the_model_still_gives_the_stored_numbers(case, stored):
    for count in (1, 4):
        now = make_sessions.rounded(make_sessions.one_row(case, count, 12))
        kept = stored["cases"][case.name]["series"]["12"][count - 1]
        assert {k: v for k, v in now.items() if v is not None} == pytest.approx(
            {k: v for k, v in kept.items() if v is not None}, rel=2e-3, abs=1e-3
        ), "run `python docs/make_sessions.py --run`"
        assert [k for k, v in now.items() if v is None] == [k for k, v in kept.items() if v is None]


def test_a_change_beyond_what_was_followed_is_no_number_of_days():
    from sessions_page import band

    assert band([16.0, 358.0, None], signed=True) == "+358 (+16 to beyond what was followed)"
    assert band([36.0, 349.0, None]) == "349 (36 to >1092)"


def test_the_share_of_draws_with_a_shorter_fourth_is_of_the_draws_that_count(monkeypatch):
    import numpy as np

    first, fourth = np.array([100.0, 100.0, 100.0, np.inf]), np.array([90.0, 120.0, np.inf, np.inf])
    lasting = iter([first, fourth])
    monkeypatch.setattr(make_sessions, "weak_days", lambda days, force: next(lasting))
    monkeypatch.setattr(make_sessions, "DRAWS", 4)
    found = make_sessions.drawn(make_sessions.CASES[0], 12)
    assert found["shorter"] == pytest.approx(1 / 3)
    assert found["change_d"] == [-10.0, 20.0, None]


def test_a_session_with_the_state_carried_through_is_no_fresh_start(stored):
    for case in make_sessions.CASES:
        first, second = stored["cases"][case.name]["series"]["12"][:2]
        assert second["nadir"] < first["nadir"], case.name
        if second["duration_d"] is not None:
            assert second["duration_d"] > first["duration_d"], case.name


def test_atrophy_adds_up_in_jaw_and_limb_and_hardly_in_the_face(stored):
    for case in make_sessions.CASES:
        loss = [1.0 - row["thinnest"] for row in stored["cases"][case.name]["series"]["12"]]
        assert loss == sorted(loss), case.name
        assert (loss[-1] > 0.2) == (case.muscle_class != "mimic"), case.name


def test_antibodies_that_take_more_leave_less_of_the_effect(stored):
    for case in make_sessions.CASES:
        for k in (0, 1):
            nadir = [pair[k]["nadir"] for pair in stored["cases"][case.name]["antibodies"]]
            assert nadir == sorted(nadir), case.name
