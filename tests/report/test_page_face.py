"""What the face does: what counts as a change, what is drawn, listed and told, and the sheet of heads in the page."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import DAYS, blank_pictures, fake_course

from endplate.model.course import FaceMeasure
from endplate.report import face_panel
from endplate.report.canvas import Canvas
from endplate.report.face_changes import changes, figure, largest, still
from endplate.report.face_chart import face_chart, panels
from endplate.report.face_panel import shown_days, small_image, told
from endplate.report.page import report_html

DIP = np.exp(-(((DAYS - 10.0) / 40.0) ** 2)) * (DAYS > 0)


def measure(
    name: str, side: str, rest: float, change: float, width: float = 0.0, unit: str = "mm"
) -> FaceMeasure:
    value = rest + change * DIP
    return FaceMeasure(name, side, unit, DAYS, value, value - width * DIP, value + width * DIP)


def both(name: str, rest: float, change: float, width: float = 0.0) -> list[FaceMeasure]:
    return [measure(name, side, rest, change, width) for side in ("left", "right")]


MEASURES: list[FaceMeasure] = [
    *both("mrd1", 4.25, 0.0),
    *both("fissure_height", 10.9, 0.0),
    measure("lid_asymmetry_mm", "midline", 0.0, 0.0),
    measure("lid_asymmetry_percent", "midline", 0.0, 3.0, unit="%"),
    measure("brow_height_mid", "left", 15.8, 0.4, 0.3),
    measure("brow_height_mid", "right", 15.8, -1.2, 0.3),
    *both("brow_raise", 10.6, -3.0, 1.0),
    *both("lower_lip_show", 5.0, 0.02, 0.6),
    measure("line_severity_contraction.glabella", "midline", 2.4, -2.4, unit="1"),
    measure("line_severity_rest.glabella", "midline", 1.2, -0.02, unit="1"),
    measure("line_severity_contraction.forehead", "midline", 2.4, 0.0, unit="1"),
    measure("line_severity_rest.forehead", "midline", 1.2, 0.0, unit="1"),
    measure("strain.glabella.horizontal", "midline", -9.1, 8.0, unit="%"),
]


def course_of(measures: Sequence[FaceMeasure], **options: Any) -> Any:
    return replace(fake_course(**options), face=tuple(measures))


@pytest.fixture(scope="module")
def treated() -> Any:
    return course_of(MEASURES)


def test_the_largest_change_leads_and_changes_of_the_band_alone_come_last(treated: Any) -> None:
    rows = largest(treated)
    assert [row.label for row in rows][:2] == ["Brows raised", "Glabellar lines"]
    assert rows[0].day == 10
    assert figure(rows[0].change, rows[0].unit, sign=True) == "\u22123.0 mm"
    assert (rows[-1].measure, rows[-1].planned) == ("lower_lip_show", False)
    assert figure(rows[-1].low, rows[-1].unit) == "4.4 mm"


def test_left_and_right_are_one_row_only_while_they_agree(treated: Any) -> None:
    sides = [(row.measure, row.side) for row in changes(treated)]
    assert ("brow_raise", "both") in sides
    assert {side for name, side in sides if name == "brow_height_mid"} == {"left", "right"}


def test_what_is_called_unchanged_holds_exactly_what_is_not_listed(treated: Any) -> None:
    listed = {row.measure for row in changes(treated)}
    assert listed.isdisjoint({"mrd1", "fissure_height", "lid_asymmetry_mm", "lid_asymmetry_percent"})
    assert still(treated) == ["the lids at rest", "forehead lines", "glabellar lines at rest"]


def test_half_of_a_change_is_gone_on_the_day_the_curve_says(treated: Any) -> None:
    row = next(row for row in changes(treated) if row.measure == "brow_raise")
    day = float(row.half)
    at = int(np.flatnonzero(day == DAYS)[0])
    away = np.abs(row.rows[0].value - row.rows[0].value[0])
    assert away[at] <= 0.5 * away.max() < away[at - 1]


def test_a_change_that_lasts_beyond_the_course_says_so() -> None:
    value = 15.8 - (DAYS > 3) * 1.0
    row = changes(course_of([FaceMeasure("brow_height_mid", "left", "mm", DAYS, value, value, value)]))[0]
    assert row.half == ">365"


def test_mirrored_measures_give_mirrored_rows(treated: Any) -> None:
    other = {"left": "right", "right": "left"}
    mirrored = course_of([replace(one, side=other.get(one.side, one.side)) for one in MEASURES])

    def rows(course: Any) -> set[tuple[str, str, float]]:
        return {(row.measure, row.side, row.value) for row in changes(course)}

    assert {(m, other.get(s, s), v) for m, s, v in rows(treated)} == rows(mirrored)


def test_the_panels_hold_the_changes_and_name_the_others(treated: Any) -> None:
    assert [group[0].measure for group in panels(treated)] == [
        "brow_height_mid",
        "brow_raise",
        "lower_lip_show",
        "line_severity_contraction.glabella",
    ]
    canvas = face_chart(treated)
    assert canvas is not None
    svg = canvas.svg()
    assert "right (dashed) \u22121.2" in svg
    assert "MRD1" not in svg
    assert "both sides \u22123.0 mm, day 10" in svg


def test_where_nothing_changes_no_panel_is_drawn_and_the_page_says_so(face: Any) -> None:
    quiet = course_of(both("mrd1", 4.25, 0.0))
    assert face_chart(quiet) is None
    assert told(quiet) == ["The face: nothing that is measured changes."]
    text = report_html(quiet, face, pictures=blank_pictures())
    assert "Nothing that is measured on the face changes" in text
    assert "Largest changes" not in text


def test_a_course_of_forces_alone_has_no_such_section(course: Any, face: Any) -> None:
    text = report_html(course, face, pictures=blank_pictures())
    assert 'id="face"' not in text
    assert 'href="#face"' not in text
    assert told(course) == []


def test_the_page_lists_changes_and_names_what_stays(treated: Any, face: Any) -> None:
    text = report_html(treated, face, pictures=blank_pictures())
    words = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "Largest change of the face \u22123.0 mm Brows raised, both sides" in words
    assert "What does not change: the lids at rest, forehead lines and glabellar lines at rest." in words
    row = text[text.index("Brow, middle, right") :].split("</tr>")[0]
    assert re.findall(r">([^<]*mm)<", row) == ["15.8 mm", "14.6 mm", "\u22121.2 mm", "14.3 to 14.9 mm"]
    assert 'class="band-only"' in text


def test_without_draws_no_band_is_shown(face: Any) -> None:
    bare = course_of([replace(one, low=one.value, high=one.value) for one in MEASURES], bands=False)
    assert (
        "band that day"
        not in report_html(bare, face, pictures=blank_pictures()).split('id="face"')[1].split("</section>")[0]
    )
    assert "90 %" not in "\n".join(told(bare))


def test_the_terminal_gets_a_few_lines_in_plain_letters(treated: Any) -> None:
    lines = told(treated)
    assert lines[1] == "  Brows raised, both sides: 10.6 mm to 7.6 mm on day 10 (6.6 to 8.6 mm)"
    assert lines[-1].startswith("  No change: the lids at rest")
    assert len(lines) <= face_panel.TOLD + 3
    assert "\n".join(lines).isascii()


def test_a_short_course_shows_only_days_that_it_holds(treated: Any) -> None:
    assert shown_days(treated) == [0.0, 14.0, 60.0, 120.0]
    assert shown_days(replace(treated, days=DAYS[:31])) == [0.0, 14.0, 30.0]
    assert shown_days(replace(treated, days=DAYS[:15])) == [0.0, 14.0]


def test_the_sheet_is_an_image_smaller_than_its_png_and_told_in_words(treated: Any, face: Any) -> None:
    canvas = Canvas(300.0, 200.0)
    random = np.random.default_rng(1)
    canvas.lines([random.uniform(0, 200, (400, 2))])
    png = canvas.png()
    kind, small = small_image(png)
    assert kind in ("image/webp", "image/png")
    assert len(small) <= len(png)
    text = report_html(treated, face, pictures=blank_pictures(face=png))
    tag = re.search(r'<img src="data:image/\w+;base64,[^"]+" alt="([^"]+)">', text)
    assert tag is not None
    assert "Largest changes: Brows raised, both sides: 10.6 mm to 7.6 mm on day 10" in tag[1]


@pytest.mark.slow
def test_a_real_course_draws_heads_and_panels_into_page_and_folder(tmp_path: Path) -> None:
    from PIL import Image

    from endplate.assess import simulate
    from endplate.plan import read_plan
    from endplate.report import write_all

    root = Path(__file__).parents[2]
    plan = read_plan(root / "examples" / "glabellar-lines.toml")
    path = write_all(plan, simulate(plan, samples=0), tmp_path)
    text = path.read_text("utf-8")
    assert text.count("<img ") == 1
    assert 'aria-labelledby="caption-measures"' in text
    assert len(text) < 2_700_000
    for name in ("face", "measures"):
        assert (tmp_path / f"{name}.svg").stat().st_size > 10_000
    wide, tall = Image.open(io.BytesIO((tmp_path / "face.png").read_bytes())).size
    assert 1200 < wide < tall


@pytest.mark.slow
def test_a_plan_for_the_foot_draws_no_head_sheet() -> None:
    from endplate.anatomy import default_face
    from endplate.assess import simulate
    from endplate.plan import read_plan

    plan = read_plan(Path(__file__).parents[2] / "examples" / "edb.toml")
    face = default_face(plan.patient.sex, plan.patient.age)
    assert face_panel.head_sheet(simulate(plan, samples=0), face, plan) is None
