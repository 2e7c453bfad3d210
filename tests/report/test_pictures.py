"""The pictures: what is drawn, what is only named, and what may not be hidden."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fakes import fake_course

from endplate.report.exposure_picture import Reach, exposure_figure
from endplate.report.force_picture import day_ticks, force_figure, thinned
from endplate.report.head_drawing import View, crosses_itself, silhouette
from endplate.report.site_map import places, site_map


@pytest.mark.parametrize("last", [7, 30, 100, 365, 730, 3650])
def test_any_length_of_course_gets_a_few_round_ticks(last: int) -> None:
    ticks = day_ticks(np.arange(last + 1))
    assert 2 <= len(ticks) <= 8
    assert ticks[0] == 0
    assert ticks[-1] <= last


def test_thinning_keeps_the_first_days_and_the_last() -> None:
    kept = thinned(np.arange(366))
    assert set(range(60)) <= set(kept.tolist())
    assert kept[-1] == 365


def test_sides_that_differ_are_drawn_and_told_apart() -> None:
    course = fake_course()
    row = course.muscles.index(("corrugator_supercilii", "right"))
    course.force[row] = 1 - 0.5 * (1 - course.force[row])
    course.metrics["nadir"][row] = course.force[row].min()
    text = force_figure(course).svg()
    assert "left 16\u202f%, right (dashed) 58\u202f%" in text
    assert "both sides" in text  # the frontalis


def test_a_spared_muscle_at_risk_is_named_and_the_levator_always_drawn() -> None:
    course = fake_course()
    for side in ("left", "right"):
        row = course.muscles.index(("frontalis", side))
        course.force[row] = 0.97
        course.force_low[row] = 0.96  # type: ignore[index]
        course.metrics["nadir"][row] = 0.97
    text = force_figure(course).svg()
    assert "At risk, not drawn here: Frontalis, both sides (see the table)." in text
    assert "Levator palpebrae superioris" in text


def test_a_muscle_below_the_scale_is_named_under_the_exposure_picture() -> None:
    course = fake_course()
    for side in ("left", "right"):
        row = course.muscles.index(("levator_palpebrae_superioris", side))
        course.histogram[row] = 0.0
        course.histogram[row, 0] = 1.0
    assert "Below the scale: Levator palpebrae superioris, both sides." in exposure_figure(course).svg()


def test_in_the_front_view_the_subjects_right_is_on_the_left() -> None:
    view = View("front", (0.0, 0.0, 0.0), 100.0, 0.0, 0.0, 200.0, 200.0)
    right, left = view.project(np.array([[-30.0, 0.0, 90.0], [30.0, 0.0, 90.0]]))
    assert right[0] < left[0]
    side = View("left", (0.0, 0.0, 0.0), 100.0, 0.0, 0.0, 200.0, 200.0)
    nose, nape = side.project(np.array([[0.0, 0.0, 90.0], [0.0, 0.0, -90.0]]))
    assert nose[0] < nape[0]  # from the subject's left the nose points to the left of the picture
    assert side.faces(np.array([1.0, 0.0, 0.0])) == 1.0


def test_sites_in_one_place_share_a_label() -> None:
    found = places(np.array([[10.0, 10.0], [40.0, 10.0], [11.0, 10.0]]), [1, 2, 3])
    assert [numbers for _, numbers in found] == [[1, 3], [2]]


def test_a_site_at_the_side_is_shown_from_the_side(face: Any) -> None:
    course = fake_course()
    assert "subject's left side" not in site_map(course, face).svg()
    for site in course.sites[1:3]:
        site.normal = np.array([0.8, 0.0, 0.6])
    text = site_map(course, face).svg()
    assert "subject's left side" in text
    assert "subject's right side" not in text


def test_a_plan_for_the_foot_draws_the_foot_and_not_the_head(face: Any) -> None:
    course = fake_course()
    for site in course.sites:
        site.frame = "foot"
    text = site_map(course, face).svg()
    assert "the foot, from above the skin" in text
    assert "from the front" not in text


def test_sites_outside_the_head_are_counted_under_a_map_of_the_head(face: Any) -> None:
    course = fake_course()
    course.sites[0].frame = "foot"
    assert "1 site outside the head: not drawn." in site_map(course, face).svg()


def test_a_site_in_the_orbit_is_shown_from_the_side_of_its_muscle_with_entry_and_tip(face: Any) -> None:
    course = fake_course()
    site = course.sites[1]
    site.compartment, site.normal = "orbit", np.array([-0.93, 0.0, 0.37])  # a left muscle that faces the nose
    text = site_map(course, face).svg()
    assert "subject's left side" in text
    assert "subject's right side" not in text
    assert "ring at its tip" in text


def test_only_sites_of_the_first_planned_day_carry_numbers(face: Any) -> None:
    course = fake_course()
    course.shares[:, :2] = 0.0
    for site in course.sites[:2]:
        site.session = -1
    words = [text.get_text() for text in site_map(course, face).axes.texts]
    assert [word for word in words if word.isdigit()] == ["3", "4", "5"]
    assert any("Sites of other sessions: small grey dots." in word for word in words)


def test_the_outlines_are_named_under_the_map(face: Any) -> None:
    text = site_map(fake_course(), face).svg()
    assert "a Procerus; b Corrugator supercilii, both sides." in text or "b Procerus." in text
    assert "Levator palpebrae superioris, both sides" in text


def test_a_sheet_seen_edge_on_gets_a_silhouette_that_does_not_cross_itself() -> None:
    u, v = np.meshgrid(np.linspace(0.0, 40.0, 13), np.linspace(-1.0, 1.0, 5), indexing="ij")
    twisted = np.stack([u, 4.0 * v * np.cos(u / 12.0)], axis=-1)
    border = np.concatenate([twisted[:, 0], twisted[-1, 1:], twisted[-2::-1, -1], twisted[0, -2:0:-1]])
    assert crosses_itself(border)
    rings = silhouette(twisted)
    assert rings
    assert not any(crosses_itself(ring) for ring in rings)
    assert not crosses_itself(np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]]))


def test_the_median_of_the_draws_stands_beside_the_line_as_planned() -> None:
    text = force_figure(fake_course()).svg()
    assert "as planned: both sides 16\u202f%" in text
    assert "median 24\u202f%, 90\u202f% band 0 to 41\u202f%" in text
    assert ">median</text>" in text
    assert ">median</text>" not in force_figure(fake_course(bands=False)).svg()


def test_the_staircase_of_exposure_only_falls_and_has_the_share_of_the_histogram() -> None:
    reach = Reach(np.array([-1.0, 0.0, 1.0, 2.0]), np.array([[0.9, 0.5, 0.1, 0.0]]))
    at, share = reach.steps(0, -2.0)
    assert at.tolist() == [-2.0, -0.5, -0.5, 0.5, 0.5, 1.5, 1.5, 2.0]
    assert share.tolist() == [0.9, 0.9, 0.5, 0.5, 0.1, 0.1, 0.0, 0.0]
