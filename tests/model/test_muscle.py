"""Structural state, force and the metrics of a course."""

from __future__ import annotations

import numpy as np
import pytest

from endplate.model.course import course_metrics
from endplate.model.muscle import cmap, cross_section, force, structural_state
from endplate.model.simulate import simulate_point
from endplate.plan import plan_from_dict, read_plan


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


def test_the_section_is_least_long_after_the_firing_and_never_loses_more_than_its_most():
    days = np.arange(401)
    firing = (1.0 - 0.8 * np.exp(-days / 90.0) * (days > 0))[:, None, None]
    one = np.ones((1, 1))
    section = cross_section(np, firing, np.ones(400), 0.03 * one, 140.0 * one, 0.6 * one)[:, 0, 0]
    assert section[0] == 1.0 and section.min() > 1.0 - 0.6
    assert section.argmin() > firing[:, 0, 0].argmin() + 21


def test_a_course_has_cmap_and_section_and_force_is_the_weakest_of_force_and_cmap():
    course = simulate_point(read_plan("examples/glabellar-lines.toml"), days=60)
    assert course.cmap.shape == course.cross_section.shape == course.force.shape
    assert (course.cmap >= course.force - 1e-12).all()
    row = course.row("corrugator_supercilii", "left")
    assert course.cmap[row].min() < 0.5 < 0.97 < course.cross_section[row].min() <= 1.0
    assert {"cmap", "cross_section"} <= set(course.dataset)


def test_a_jaw_muscle_thins_and_a_mimic_muscle_hardly_does():
    plan = plan_from_dict(
        {
            "schema": "endplate/plan/1",
            "patient": {"age": 40, "sex": "female"},
            "sessions": [
                {
                    "date": "2026-01-01",
                    "product": "onabotulinumtoxin_a",
                    "indication": "masseter",
                    "pattern": "masseter.onabotulinumtoxin_a",
                }
            ],
        }
    )
    course = simulate_point(plan, days=120)
    assert course.cross_section[course.row("masseter", "left")].min() < 0.85
    mimic = [i for i, (name, _) in enumerate(course.muscles) if name in {"risorius", "zygomaticus_major"}]
    assert course.cross_section[mimic].min() > 0.97
