"""The sheet of drawn heads: does it show the numbers it is given, and nothing else?"""

from __future__ import annotations

import re

import numpy as np
import pytest

from endplate.anatomy import default_face
from endplate.anatomy.expression import pose
from endplate.anatomy.frames import MIRROR
from endplate.anatomy.rims import lid_rims
from endplate.model.course import FaceMeasure
from endplate.model.face import NerveState, Palsy, Rest, face_measures, point_values
from endplate.report.canvas import Canvas
from endplate.report.face_drawing import WHOLE
from endplate.report.face_frames import SHOWN, by_expression, of_course
from endplate.report.face_picture import depths, face_canvas, face_sheet, shifts
from endplate.report.face_raster import Frame, shaded

DAYS = np.array([0.0, 14.0, 60.0, 120.0])
DIP = np.array([0.0, 1.0, 0.9, 0.2])
Frames = dict[str, dict[tuple[str, str], np.ndarray]]


def frames(loss: dict[tuple[str, str], float], palsy: Palsy | None = None) -> Frames:
    """Measures of each expression when muscles lose that share of their force at most."""
    force = np.array([1.0 - share * DIP for share in loss.values()])
    face = Rest.of(default_face())
    return by_expression(list(loss), force, point_values(), palsy=palsy, rest=face, days=DAYS)


def both(loss: dict[str, float]) -> dict[tuple[str, str], float]:
    return {(muscle, side): share for muscle, share in loss.items() for side in ("left", "right")}


@pytest.fixture(scope="module")
def forehead() -> Frames:
    return frames(both({"frontalis": 0.7, "corrugator_supercilii": 0.9}))


@pytest.fixture(scope="module")
def canvas(forehead: Frames) -> Canvas:
    return face_canvas(forehead, DAYS, title="Forehead", stamp="endplate test")


@pytest.fixture(scope="module")
def svg(canvas: Canvas) -> str:
    return canvas.svg()


def words(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_healthy_untreated_face_is_the_resting_skin_bit_for_bit() -> None:
    skin = default_face().skin
    rest = frames(both({"frontalis": 0.0}))["rest"]
    wanted = shifts(skin, "rest", {key: float(value[0]) for key, value in rest.items()})
    assert set(wanted.values()) == {0.0}
    assert pose(skin, wanted).vertices_mm.tobytes() == np.asarray(skin.vertices_mm).tobytes()


def test_the_frames_agree_with_the_measures_of_the_model(forehead: Frames) -> None:
    names = both({"frontalis": 0.7, "corrugator_supercilii": 0.9})
    force = np.array([1.0 - share * DIP for share in names.values()])
    known = face_measures(np, list(names), force, point_values(), rest=Rest.of(default_face()), days=DAYS)
    for side in ("left", "right"):
        rest, raised = forehead["rest"], forehead["brow_raise"]
        assert np.array_equal(rest["brow_height_mid", side], known["brow_height_mid", side])
        rise = raised["brow_height_mid", side] - rest["brow_height_mid", side]
        assert np.allclose(rise, known["brow_raise", side])
        assert np.allclose(forehead["frown"]["frown_shift", side], known["frown_shift", side])
        path = np.hypot(*(forehead["smile"][f"mouth_corner_{way}", side] for way in ("lateral", "height")))
        assert np.allclose(path, known["mouth_corner_excursion", side])
        assert np.array_equal(
            forehead["gentle_closure"]["fissure_height", side], known["lagophthalmos", side]
        )
    line = forehead["brow_raise"]["line_severity.forehead", "midline"]
    assert np.array_equal(line, known["line_severity_contraction.forehead", "midline"])
    assert np.allclose(forehead["brow_raise"]["line_severity.forehead", "left"], line)


def test_every_number_of_the_model_is_met_by_the_drawn_head(forehead: Frames) -> None:
    skin = default_face().skin
    for name in SHOWN:
        for day in range(len(DAYS)):
            one = pose(skin, shifts(skin, name, {key: float(v[day]) for key, v in forehead[name].items()}))
            assert one.clipped == (), (name, day)


def test_a_flaccid_side_has_no_lines_no_smile_and_does_not_shut() -> None:
    one = frames(both({"frontalis": 0.0}), Palsy(left=NerveState.whole(0.0)))
    raised, smile, closed = (one[name] for name in ("brow_raise", "smile", "gentle_closure"))
    assert raised["line_severity.forehead", "left"][0] < 0.5 < raised["line_severity.forehead", "right"][0]
    assert smile["mouth_corner_excursion", "left"][0] == 0.0
    assert smile["mouth_corner_height", "left"][0] < 0.0 < smile["mouth_corner_height", "right"][0]
    assert closed["fissure_height", "left"][0] > 2.0
    assert closed["fissure_height", "right"][0] == 0.0


def test_mirrored_forces_give_the_mirrored_heads_bit_for_bit() -> None:
    skin = default_face().skin
    here = frames({("frontalis", "left"): 0.8, ("zygomaticus_major", "left"): 0.6})
    there = frames({("frontalis", "right"): 0.8, ("zygomaticus_major", "right"): 0.6})
    for name in SHOWN:
        heads = [
            pose(skin, shifts(skin, name, {k: float(v[1]) for k, v in one[name].items()})).vertices_mm
            for one in (here, there)
        ]
        assert np.array_equal(heads[1][skin.partner] * MIRROR, heads[0]), name


def test_the_drawn_gap_of_a_closed_eye_is_the_lagophthalmos() -> None:
    skin = default_face().skin
    for gap in (0.0, 2.0, 4.0):
        head = pose(skin, shifts(skin, "gentle_closure", {("fissure_height", "left"): gap})).vertices_mm
        upper, lower = (head[rim] for rim in lid_rims(skin)["left"])
        x = float(skin.landmarks["pupil.left"][0])
        seen = np.interp(x, upper[:, 0], upper[:, 1]) - np.interp(x, lower[:, 0], lower[:, 1])
        assert seen == pytest.approx(gap, abs=0.3)


def test_lines_are_as_deep_as_their_grade_on_the_side_that_has_it() -> None:
    found = depths({
        ("line_severity.forehead", "midline"): 3.0, ("line_severity.forehead", "left"): 0.0,
        ("line_severity.glabella", "midline"): 1.5, ("mrd1", "left"): 4.0,
    })  # fmt: skip
    assert found == {
        ("forehead", "left"): 0.0, ("forehead", "right"): 1.0, ("glabella", "left"): 0.5, ("glabella", "right"): 0.5,
    }  # fmt: skip


def test_the_sheet_has_a_row_for_each_expression_and_a_column_for_each_day(svg: str) -> None:
    seen = words(svg)
    for title in ("At rest", "Frown", "Brows raised", "Eyes closed gently", "Smile"):
        assert title in seen
    assert [f"day {day:g}" for day in DAYS] == [word for word in seen if word.startswith("day ")]
    assert seen.count("R") == seen.count("L") == 20
    assert "endplate test" in seen
    assert any("not a portrait" in word for word in seen)


def test_the_numbers_under_the_heads_are_those_given(forehead: Frames, svg: str) -> None:
    seen = words(svg)
    for day in range(len(DAYS)):
        rise = float(forehead["brow_raise"]["brow_raise", "left"][day])
        assert f"{rise:.1f}" in seen
    change = forehead["brow_raise"]["brow_raise", "left"][1] - forehead["brow_raise"]["brow_raise", "left"][0]
    assert f"{change:+.1f}".replace("-", "\u2212") in seen


def test_the_same_numbers_give_the_same_bytes(forehead: Frames) -> None:
    part = {"brow_raise": forehead["brow_raise"]}
    assert face_sheet(part, DAYS, show=(0.0, 14.0)) == face_sheet(part, DAYS, show=(0.0, 14.0))


def test_lines_and_the_opening_of_the_eye_go_by_sides_where_these_differ(forehead: Frames) -> None:
    smile = {
        ("mouth_corner_excursion", side): np.full(4, value) for side, value in (("right", 9.0), ("left", 5.0))
    }
    eyes = {("fissure_height", side): np.full(4, value) for side, value in (("right", 8.7), ("left", 6.4))}
    lines = {
        ("line_severity.lateral_canthus", side): np.full(4, value)
        for side, value in (("right", 2.4), ("left", 1.1), ("midline", 1.8))
    }
    seen = words(face_sheet({"smile": smile | eyes | lines}, DAYS).decode())
    for word in ("eye", "6.4", "8.7", "lines", "2.4", "1.1"):
        assert word in seen, word
    assert "lines 1.8" not in seen and any("opening of the eye" in word for word in seen)
    even = words(face_canvas({"smile": forehead["smile"]}, DAYS).svg())
    assert "eye" not in even and any(word.startswith("lines ") for word in even)


def test_the_limit_of_lines_at_rest_stands_under_the_heads(svg: str) -> None:
    assert any("creases that stay" in word for word in words(svg))


def test_a_number_beyond_the_head_is_drawn_short_and_the_sheet_says_so() -> None:
    far = {
        "smile": {("mouth_corner_height", "left"): np.full(4, 60.0), ("mouth_corner_excursion", "left"): DIP}
    }
    notes = [word for word in words(face_sheet(far, DAYS).decode()) if "drawn short" in word]
    assert len(notes) == 1
    assert notes[0].startswith("Smile") and "mouth corner height left +60.0 mm" in notes[0]
    assert "3 more" in notes[0]


def test_the_sheet_holds_all_its_words(canvas: Canvas) -> None:
    dots = canvas.figure.dpi / 72.0
    for text in canvas.axes.texts:
        box = text.get_window_extent()
        assert 0.0 < box.x0 < box.x1 < canvas.width_pt * dots, text.get_text()
        assert 0.0 < box.y0 < box.y1 < canvas.height_pt * dots, text.get_text()


def test_the_light_falls_alike_on_both_sides() -> None:
    skin = default_face().skin
    image = shaded(Frame(*WHOLE, 1.0), np.asarray(skin.vertices_mm), np.asarray(skin.triangles)).astype(float)
    solid = (image[..., 3] > 0) & (image[:, ::-1, 3] > 0)
    apart = np.abs(image - image[:, ::-1]).max(axis=2)[solid]
    assert np.mean(apart > 4.0) < 0.01


def test_the_skin_is_drawn_where_it_is_and_openings_are_not() -> None:
    skin = default_face().skin
    frame = Frame(*WHOLE, 2.0)
    image = shaded(frame, np.asarray(skin.vertices_mm), np.asarray(skin.triangles))

    def covered(point: np.ndarray) -> bool:
        column, row = frame.pixels(point).astype(int)
        return bool(image[row, column, 3])

    assert covered(skin.landmarks["glabella"]) and covered(skin.landmarks["malar.left"])
    assert not covered(skin.landmarks["pupil.left"])


def test_only_asked_expressions_are_drawn(forehead: Frames) -> None:
    seen = words(face_sheet({"frown": forehead["frown"]}, DAYS, show=(0.0,)).decode())
    assert "Frown" in seen
    assert "Smile" not in seen


class FakeCourse:
    """What `of_course` reads of a course."""

    def __init__(self, loss: dict[tuple[str, str], float]) -> None:
        self.muscles, self.days, self.parts = tuple(loss), DAYS, {}
        self.force = np.array([1.0 - share * DIP for share in loss.values()])
        found = face_measures(
            np, list(loss), self.force, point_values(), rest=Rest.of(default_face()), days=DAYS
        )
        self.face = tuple(FaceMeasure(*key, "mm", DAYS, value, value, value) for key, value in found.items())


def test_a_course_is_shown_with_its_own_numbers_and_the_lower_lip_where_it_changes() -> None:
    brow = FakeCourse(both({"frontalis": 0.5}))
    lip = FakeCourse({("depressor_labii_inferioris", "left"): 0.8})
    here, there = of_course(brow, default_face()), of_course(lip, default_face())  # type: ignore[arg-type]
    assert tuple(here) == SHOWN
    assert tuple(there) == (*SHOWN, "lower_lip_show")
    again = frames(both({"frontalis": 0.5}))
    for name in SHOWN:
        for key, value in again[name].items():
            assert np.allclose(here[name][key], value, atol=1e-12), (name, key)
