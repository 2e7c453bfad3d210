"""Structural state, force and the metrics of a course."""

from __future__ import annotations

import numpy as np
import pytest

from endplate.model.course import course_metrics
from endplate.model.muscle import cmap, force, structural_state


def test_the_structural_state_follows_the_block_and_decays_with_its_half_life():
    firing = np.ones((301, 1, 2))
    firing[1:101, :, 0] = 0.0
    rate, half = np.full((1, 2), 0.02), np.array([[160.0]])
    state = structural_state(np, firing, np.ones(300), rate, half)
    assert state[0].max() == 0.0
    assert (state[:, 0, 1] == 0.0).all()
    assert 0.7 < state[100, 0, 0] < 0.9
    assert state[260, 0, 0] / state[102, 0, 0] == pytest.approx(0.5 ** (158 / 160), rel=1e-3)


def test_force_recovers_after_the_electrical_response():
    firing, structure = np.array([0.9]), np.array([0.3])
    assert cmap(firing, structure) > force(firing, structure, 1.5)


def test_metrics_of_a_triangle():
    days = np.arange(101)
    wave = 1.0 - 0.5 * np.clip(1.0 - np.abs(days - 40) / 40.0, 0.0, None)
    found = course_metrics(days, wave[None])
    assert found["nadir"][0] == pytest.approx(0.5) and found["nadir_day"][0] == 40
    assert found["onset_day"][0] == pytest.approx(8.0)
    assert found["duration_days"][0] == pytest.approx(64.0)


def test_a_muscle_that_never_weakens_has_no_onset_and_one_still_weak_no_duration():
    days = np.arange(51)
    found = course_metrics(days, np.stack([np.ones(51), np.linspace(1.0, 0.2, 51)]))
    assert np.isnan(found["onset_day"][0]) and np.isnan(found["duration_days"]).all()
    assert found["onset_day"][1] == pytest.approx(6.25)
