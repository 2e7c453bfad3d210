"""The skin in an expression: do its landmarks move by the given millimetres, on both sides alike?"""

from __future__ import annotations

import numpy as np
import pytest

from endplate.anatomy import default_face, sample_individual
from endplate.anatomy.expression import (
    ROWS,
    SIDES,
    TOLERANCE_MM,
    expression_mesh,
    marks_of,
    pose,
    reach,
)
from endplate.anatomy.frames import MIRROR
from endplate.anatomy.rims import lid_rims, lip_rims
from endplate.anatomy.skin import Skin, template_skin
from endplate.errors import CatalogueError

Shifts = dict[tuple[str, str], float]
FROWN = {"brow_height_medial": -5.0, "brow_height_mid": -1.5, "brow_height_lateral": 0.0, "frown_shift": 5.4}
RAISE = {"brow_height_medial": 8.5, "brow_height_mid": 10.6, "brow_height_lateral": 8.5, "mrd1": 0.5}
SHUT = {"fissure_height": -9.8}
SMILE = {"mouth_corner_lateral": 6.3, "mouth_corner_height": 6.8, "mrd1": -0.5, "fissure_height": -1.5}
PALSY = {"brow_height_mid": -3.0, "mouth_corner_height": -3.0, "mrd1": 1.0, "lower_lip_show": -1.0}
KINDS = {"frown": FROWN, "raise": RAISE, "shut": SHUT, "smile": SMILE, "palsy": PALSY}


def both(values: dict[str, float]) -> Shifts:
    return {(name, side): value for name, value in values.items() for side in SIDES}


def measured(skin: Skin, vertices: np.ndarray) -> Shifts:
    """What the marks of the mesh have moved by, read off it and not off the solution."""
    before, after = marks_of(skin), marks_of(skin, vertices)
    by = {key: after[key] - before[key] for key in before}
    out: Shifts = {}
    for side, away in (("left", 1.0), ("right", -1.0)):
        for place in ("medial", "mid", "lateral"):
            out[f"brow_height_{place}", side] = by[f"brow_{place}.{side}"][1]
        out["frown_shift", side] = -away * by[f"brow_mid.{side}"][0]
        out["mrd1", side] = by[f"upper_lid_margin.{side}"][1]
        out["fissure_height", side] = by[f"upper_lid_margin.{side}"][1] - by[f"lower_lid_margin.{side}"][1]
        out["mouth_corner_lateral", side] = away * by[f"cheilion.{side}"][0]
        out["mouth_corner_height", side] = by[f"cheilion.{side}"][1]
        out["lower_lip_show", side] = -by[f"lower_lip.{side}"][1]
    return out


@pytest.fixture(scope="module")
def skin() -> Skin:
    return template_skin()


def test_no_shift_gives_the_resting_skin_bit_for_bit(skin: Skin) -> None:
    zero = both(dict.fromkeys(ROWS, 0.0))
    for shifts in ({}, zero, {("mouth_corner_excursion", "left"): 0.0, ("mouth_corner_angle", "left"): 47.0}):
        assert expression_mesh(skin, shifts).tobytes() == np.asarray(skin.vertices_mm).tobytes()


@pytest.mark.parametrize("name", KINDS)
def test_landmarks_move_by_the_given_millimetres(skin: Skin, name: str) -> None:
    wanted = both(KINDS[name])
    got = pose(skin, wanted)
    seen = measured(skin, got.vertices_mm)
    for key, value in wanted.items():
        assert abs(seen[key] - value) < TOLERANCE_MM, (key, seen[key])
        assert seen[key] == pytest.approx(got.reached_mm[key], abs=1e-9)
    assert got.clipped == ()


def test_random_shifts_within_reach_are_met_on_either_side() -> None:
    random = np.random.default_rng(5)
    faces = [default_face(), sample_individual("male", 60, 3)]
    for trial in range(20):
        skin = faces[trial % 2].skin
        wanted = {
            (name, side): random.uniform(low, high)
            for name, low, high in (
                ("brow_height_medial", -3.0, 6.0), ("brow_height_mid", -3.0, 6.0), ("brow_height_lateral", -2.0, 6.0),
                ("mrd1", -4.0, 2.0), ("mouth_corner_lateral", 0.0, 6.0), ("mouth_corner_height", -2.0, 7.0),
            )
            for side in SIDES
        }  # fmt: skip
        got = pose(skin, wanted)
        seen = measured(skin, got.vertices_mm)
        assert max(abs(seen[key] - value) for key, value in wanted.items()) < TOLERANCE_MM, trial
        assert not got.clipped


@pytest.mark.parametrize("name", KINDS)
def test_mirrored_shifts_give_the_mirrored_mesh_bit_for_bit(skin: Skin, name: str) -> None:
    shifts = {(measure, "left"): value for measure, value in KINDS[name].items()}
    shifts |= {(measure, "right"): 0.3 * value for measure, value in KINDS[name].items()}
    other = {(measure, {"left": "right", "right": "left"}[side]): v for (measure, side), v in shifts.items()}
    here, there = expression_mesh(skin, shifts), expression_mesh(skin, other)
    assert np.array_equal(there[skin.partner] * MIRROR, here)


def test_one_side_alone_leaves_the_other_side_of_the_brow_in_place(skin: Skin) -> None:
    got = pose(skin, {(name, "left"): value for name, value in RAISE.items()})
    right = (skin.vertices_mm[:, 0] < -12.0) & (skin.vertices_mm[:, 1] < 15.0)
    assert np.abs(got.vertices_mm - skin.vertices_mm)[right].max() < 0.2
    seen = measured(skin, got.vertices_mm)
    assert all(abs(seen[f"brow_height_{place}", "right"]) < 0.2 for place in ("medial", "mid", "lateral"))


def test_beyond_its_reach_a_landmark_stops_and_says_so(skin: Skin) -> None:
    low, high = reach(skin, "mouth_corner_height")
    got = pose(skin, {("mouth_corner_height", "left"): 40.0, ("mrd1", "right"): -1.0})
    [short] = got.clipped
    assert (short.measure, short.side, short.wanted_mm) == ("mouth_corner_height", "left", 40.0)
    assert short.reached_mm == pytest.approx(got.reached_mm["mouth_corner_height", "left"])
    assert 12.0 < short.reached_mm <= high + 1e-9
    assert low < -8.0
    assert str(short) == f"mouth corner height left +40.0 mm, drawn {short.reached_mm:+.1f} mm"


def test_the_reach_holds_what_a_face_does(skin: Skin) -> None:
    """Means and ends of normal movement, evidence 4.1: raise 10.57, lid 9.09, smile 9.28 (12.11), shift 5.4 mm."""
    assert reach(skin, "brow_height_mid")[1] > 10.57
    assert reach(skin, "mrd1")[0] < -9.09
    assert reach(skin, "frown_shift")[1] > 5.4
    assert reach(skin, "mouth_corner_height")[1] > 12.11


def test_a_smile_without_an_angle_takes_the_sculpted_one_and_with_one_its_own(skin: Skin) -> None:
    for given, angle in (({}, 60.0), ({("mouth_corner_angle", "left"): 47.0}, 47.0)):
        got = pose(skin, {("mouth_corner_excursion", "left"): 9.28, **given}).reached_mm
        out, up = (got[f"mouth_corner_{way}", "left"] for way in ("lateral", "height"))
        assert np.hypot(out, up) == pytest.approx(9.28, abs=0.1)
        assert np.degrees(np.arctan2(up, out)) == pytest.approx(angle, abs=1.0)


def test_a_blink_brings_the_lids_together_along_their_whole_length(skin: Skin) -> None:
    vertices = expression_mesh(skin, both(SHUT))
    for side in SIDES:
        upper, lower = (vertices[rim] for rim in lid_rims(skin)[side])
        gap = upper[:, 1] - np.interp(np.abs(upper[:, 0]), np.abs(lower[:, 0]), lower[:, 1])
        assert np.abs(gap).max() < 1.5


def test_a_raised_brow_slides_over_the_bone_and_does_not_take_the_ridge_along(skin: Skin) -> None:
    vertices = expression_mesh(skin, both(RAISE))
    moved = vertices[:, 1] - skin.vertices_mm[:, 1] > 4.0
    brow = moved & (skin.vertices_mm[:, 1] > 15.0) & (np.abs(skin.vertices_mm[:, 0]) < 45.0)
    assert brow.sum() > 50
    assert skin.distance(vertices[brow]).max() < 0.8


def test_rims_run_outwards_and_the_upper_lies_above(skin: Skin) -> None:
    for upper, lower in (lid_rims(skin)["left"], lip_rims(skin)):
        for rim in (upper, lower):
            assert np.all(np.diff(skin.vertices_mm[rim, 0]) > 0.0)
        assert skin.vertices_mm[upper, 1].mean() > skin.vertices_mm[lower, 1].mean()
    left, right = lid_rims(skin)["left"], lid_rims(skin)["right"]
    assert np.array_equal(skin.partner[left[0]], right[0])


@pytest.mark.parametrize(
    ("shifts", "word"),
    [
        ({("brow_hight_mid", "left"): 1.0}, "brow_height_mid"),
        ({("mrd1", "midline"): 1.0}, "left or right"),
        ({("mrd1", "left"): np.nan}, "number"),
    ],
)
def test_a_wrong_shift_is_refused_with_the_remedy(skin: Skin, shifts: Shifts, word: str) -> None:
    with pytest.raises(CatalogueError, match=word):
        expression_mesh(skin, shifts)
