"""House-Brackmann on the page and on the terminal: always a band, by day, and only where one side is affected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from fakes import DAYS, blank_pictures, fake_course

from endplate.model.course import FaceMeasure
from endplate.model.face.grading import with_house_brackmann
from endplate.report.face_changes import changes, still
from endplate.report.face_grades import grades_of_course
from endplate.report.face_panel import told
from endplate.report.page import report_html


def graded(width: float = 0.0, **options: Any) -> Any:
    """A score of 50 (III) that rises to 66 (II to III) about day 14."""
    value = 50.0 + 16.0 * np.exp(-(((DAYS - 14.0) / 20.0) ** 2)) * (DAYS > 0)
    rows = [
        FaceMeasure(name, "midline", "1", DAYS, value, value - width, value + width)
        for name in ("sunnybrook_composite", "sunnybrook_affected_side")
    ]
    return replace(fake_course(**options), face=with_house_brackmann(rows))


def test_days_on_end_with_the_same_band_are_told_together() -> None:
    found = grades_of_course(graded(), [0, 14, 60, 120])
    assert found is not None
    assert found.planned == "III on day 0; II to III on day 14; III on days 60 and 120"


def test_the_draws_widen_the_band() -> None:
    course = graded(width=10.0)
    found = grades_of_course(course, [0, 60])
    assert found is not None
    assert course.force_low is not None
    assert found.drawn == "III to IV on days 0 and 60"
    assert any("Over 90 % of the draws: III" in line for line in told(course))


def test_a_band_of_grades_is_a_sentence_and_never_a_row(face: Any) -> None:
    course = graded()
    assert "house_brackmann" not in {row.measure for row in changes(course)}
    assert not any("rackmann" in word for word in still(course))
    text = report_html(course, face, pictures=blank_pictures())
    assert "<b>House-Brackmann, as a band:</b> as planned III on day" in text


def test_a_face_without_an_affected_side_has_no_grade(face: Any) -> None:
    value = np.full(len(DAYS), 4.25)
    row = FaceMeasure("mrd1", "left", "mm", DAYS, value, value, value)
    course: Any = replace(fake_course(), face=with_house_brackmann([row]))
    assert [one.measure for one in course.face] == ["mrd1"]
    assert grades_of_course(course, [0, 14]) is None
    assert "House-Brackmann" not in report_html(course, face, pictures=blank_pictures())
