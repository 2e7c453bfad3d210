"""Faces by norms: do they have the distances they were asked for, and do people vary as published?"""

from __future__ import annotations

import numpy as np
import pytest

from endplate.anatomy.individual import (
    average_skin,
    draw_measures,
    fit_warp,
    norm_measures,
    norms,
    sample_skin,
    symmetric_warp,
    warp_to,
)
from endplate.anatomy.landmarks import MEASURES, landmark_names, measure
from endplate.anatomy.skin import MIRROR, template_skin
from endplate.errors import PlaceError

GROUP = {"female": "women", "male": "men"}
TAGS = {"seen", "recall", "derived", "declared"}


@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize("age", [18, 45, 80])
def test_the_average_face_has_the_norm_distances(sex: str, age: float) -> None:
    got, asked = measure(average_skin(sex, age).landmarks), norm_measures(sex, age)
    assert set(got) == set(asked)
    for name, value in asked.items():
        assert got[name] == pytest.approx(value, abs=0.3), name


def test_the_template_lies_between_women_and_men() -> None:
    got = measure(template_skin().landmarks)
    for row in norms()["norm"]:
        assert got[row["id"]] == pytest.approx((row["women_mean"] + row["men_mean"]) / 2, abs=0.4), row["id"]


@pytest.mark.parametrize("sex", ["female", "male"])
def test_faces_are_mirror_exact_and_carry_their_landmarks(sex: str) -> None:
    for skin in (average_skin(sex, 45), sample_skin(sex, 45, 7)):
        assert np.array_equal(skin.vertices_mm[skin.partner] * MIRROR, skin.vertices_mm)
        on = [skin.landmarks[k] for k in landmark_names() if not k.startswith("pupil")]
        assert skin.distance(np.array(on)).max() < 0.8


def test_women_and_men_differ_only_where_the_norms_do() -> None:
    women, men = average_skin("female", 45), average_skin("male", 45)
    assert np.abs(women.landmarks["suprasternal_notch"] - men.landmarks["suprasternal_notch"]).max() < 1e-9
    shift = np.abs(women.vertices_mm - men.vertices_mm).max(1)
    assert shift[women.vertices_mm[:, 2] < -60].max() < 6
    assert men.landmarks["menton"][1] < women.landmarks["menton"][1] - 8


def test_only_the_pupils_change_with_age() -> None:
    young, old = norm_measures("male", 25), norm_measures("male", 65)
    changed = {name for name in young if young[name] != old[name]}
    assert changed == {"interpupillary"}
    assert old["interpupillary"] - young["interpupillary"] == pytest.approx(0.1183 * 40, abs=0.01)
    assert norm_measures("male", 110) == norm_measures("male", 70)


@pytest.mark.parametrize("sex", ["female", "male"])
def test_two_hundred_people_spread_as_published(sex: str) -> None:
    drawn = [draw_measures(sex, 40, seed) for seed in range(200)]
    for row in norms()["norm"]:
        values = [one[row["id"]] for one in drawn]
        assert np.std(values) == pytest.approx(row[f"{GROUP[sex]}_sd"], rel=0.2), row["id"]
        assert abs(np.mean(values) - row[f"{GROUP[sex]}_mean"]) < 0.25 * row[f"{GROUP[sex]}_sd"], row["id"]


def test_a_drawn_face_has_the_drawn_distances() -> None:
    for seed in range(20):
        got, asked = measure(sample_skin("female", 30, seed).landmarks), draw_measures("female", 30, seed)
        assert max(abs(got[name] - asked[name]) for name in asked) < 0.3


def test_the_same_seed_is_the_same_person_and_another_is_not() -> None:
    one, same, other = (sample_skin("male", 50, seed).vertices_mm for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert np.abs(one - other).max() > 0.5


def test_no_drawn_face_is_turned_inside_out() -> None:
    skin = template_skin()

    def facing(vertices: np.ndarray) -> np.ndarray:
        corner = vertices[skin.triangles]
        return np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])

    straight = facing(skin.vertices_mm)
    for seed in range(40):
        drawn = facing(sample_skin("male", 40, seed).vertices_mm)
        assert ((drawn * straight).sum(1) > 0).all()


def test_asymmetry_is_nothing_unless_asked_for() -> None:
    even, uneven = sample_skin("female", 40, 5), sample_skin("female", 40, 5, asymmetry_mm=1.0)
    assert not even.asymmetric and uneven.asymmetric
    gap = uneven.landmarks["cheilion.left"] - uneven.landmarks["cheilion.right"] * MIRROR
    assert 0.01 < np.linalg.norm(gap) < 8
    here = uneven.landmarks["malar.right"]
    assert np.linalg.norm(uneven.walk(here, 8, 0, "right") - here) == pytest.approx(8, abs=0.5)


def test_a_warp_without_displacement_is_the_identity() -> None:
    skin = template_skin()
    names = [k for k in landmark_names() if not k.endswith(".right")]
    still = symmetric_warp(skin.landmarks, {k: skin.landmarks[k] for k in names})
    assert np.array_equal(still(skin.vertices_mm), skin.vertices_mm)


def test_a_warp_carries_its_control_points_exactly_and_anything_else_smoothly() -> None:
    generator = np.random.default_rng(2)
    source = generator.normal(0, 40, (20, 3))
    target = source + generator.normal(0, 2, (20, 3))
    warp = fit_warp(source, target, folded=False)
    assert np.abs(warp(source) - target).max() < 1e-9
    here = generator.normal(0, 40, (50, 3))
    assert np.abs(warp(here + 1e-3) - warp(here) - 1e-3).max() < 1e-3
    grid = generator.normal(0, 30, (4, 5, 3))
    assert np.array_equal(warp(grid).reshape(-1, 3), warp(grid.reshape(-1, 3)))


def test_a_face_warp_is_mirror_exact_on_any_points() -> None:
    warp = warp_to(norm_measures("male", 60))
    points = np.random.default_rng(3).normal(0, 50, (200, 3))
    assert np.array_equal(warp(points * MIRROR) * MIRROR, warp(points))
    assert np.all(warp(points * [0.0, 1.0, 1.0])[:, 0] == 0)


@pytest.mark.parametrize(
    ("sex", "age", "words"),
    [("female", 17.9, "children are outside"), ("male", 4, "children"), ("male", 300, "no such age"),
     ("other", 40, "no norms"), ("male", float("nan"), "no such age")],
)  # fmt: skip
def test_whom_the_atlas_does_not_hold_is_refused(sex: str, age: float, words: str) -> None:
    for make in (average_skin, lambda s, a: sample_skin(s, a, 1)):
        with pytest.raises(PlaceError, match=words) as caught:
            make(sex, age)
        assert "\n" not in str(caught.value)


def test_every_norm_has_a_source_a_tag_and_a_sane_spread() -> None:
    table = norms()
    sources = {row["id"] for row in table["source"]}
    assert [row["id"] for row in table["norm"]] == list(MEASURES)
    for row in table["norm"]:
        assert row["source"] in sources and row.get("age_source", row["source"]) in sources
        assert row["tag"] in TAGS and row["grade"] in set("ABCD")
        assert row["checked"] is (row["tag"] in {"seen", "derived"}), row["id"]
        for group in ("women", "men"):
            assert 0 < row[f"{group}_sd"] < 0.3 * row[f"{group}_mean"]
    for row in table["correlation"]:
        assert row["tag"] in TAGS and row["note"] and 0 < row["women"] < 1 and 0 < row["men"] < 1
