"""Do sites land on the face, over the muscle they name, above bone, and alike on both sides?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from endplate.anatomy import Face, PlacedSite, default_face, over_muscle, place, sample_individual
from endplate.anatomy.outline import foot_on
from endplate.catalogue import catalogue
from endplate.catalogue.records import Pattern
from endplate.errors import CatalogueError, PlaceError

MIRROR = np.array([-1.0, 1.0, 1.0])
OTHER = {"left": "right", "right": "left", "midline": "midline"}
FACES = [("female", 45), ("male", 45), ("female", 80), ("male", 20)]
OVER_MM = 2.0
PATTERNS = tuple(catalogue().patterns)


def injection(**changes: Any) -> SimpleNamespace:
    """A site as the plan room hands it over: everything known, one form of place."""
    given = {"id": "s1.1", "side": "left", "muscle": "frontalis", "landmark": None, "offset_mm": None,
             "at_mm": None, "along": None, "depth_mm": None, "layer": "muscle", "units": 4.0,
             "volume_ml": 0.1}  # fmt: skip
    return SimpleNamespace(**(given | changes))


def plan(*injections: SimpleNamespace) -> SimpleNamespace:
    session = SimpleNamespace(product="onabotulinumtoxin_a", injections=injections)
    return SimpleNamespace(sessions=(session,))


def sites_of(pattern: Pattern, face: Face) -> tuple[PlacedSite, ...]:
    sites = [
        injection(**{name: getattr(site, name) for name in type(site).model_fields}) for site in pattern.sites
    ]
    return place(plan(*sites), face)


@pytest.fixture(scope="module")
def face() -> Face:
    return default_face("female", 45)


@pytest.mark.parametrize("who", FACES, ids=lambda who: f"{who[0]}-{who[1]}")
def test_every_site_of_every_pattern_lies_over_the_muscle_it_names(who: tuple[str, int]) -> None:
    face = default_face(*who)
    for name in PATTERNS:
        for site in sites_of(catalogue().pattern(name), face):
            assert over_muscle(site, face) <= OVER_MM, (name, site.id)
            assert site.outside_mm <= OVER_MM, (name, site.id)


@pytest.mark.parametrize("seed", range(4))
def test_pattern_sites_stay_over_their_muscles_in_most_drawn_persons(seed: int) -> None:
    """A label's distances do not know the person: sites may miss a small muscle, but not often and not by much."""
    face = sample_individual("female" if seed % 2 else "male", 30 + 12 * seed, seed)
    away = [
        over_muscle(site, face) for name in PATTERNS for site in sites_of(catalogue().pattern(name), face)
    ]
    assert np.mean(np.array(away) <= OVER_MM) > 0.80
    assert max(away) < 12.0


def test_sites_of_eye_muscles_lie_in_the_belly(face: Face) -> None:
    for name in PATTERNS:
        for site in sites_of(catalogue().pattern(name), face):
            if site.compartment != "orbit":
                continue
            shape = face.muscle(site.muscle, site.side)
            nearest = np.min(np.linalg.norm(shape.grid_mm.reshape(-1, 3) - site.tip_mm, axis=1))
            assert nearest < 3.0, (name, site.id)
            assert site.bone_mm > site.depth_mm


def test_the_tip_lies_below_the_skin_by_the_depth_and_above_bone(face: Face) -> None:
    for name in PATTERNS:
        for site in sites_of(catalogue().pattern(name), face):
            if site.frame == "head":
                assert np.linalg.norm(site.tip_mm - site.skin_mm) == pytest.approx(site.depth_mm, abs=1e-9)
            assert 0.0 < site.depth_mm < site.bone_mm
            assert np.linalg.norm(site.normal) == pytest.approx(1.0)
            assert np.linalg.norm(site.fibre) == pytest.approx(1.0)
            assert site.layer_thickness_mm > 0.1


@pytest.mark.parametrize("name", ["glabellar_lines.onabotulinumtoxin_a", "masseter.onabotulinumtoxin_a"])
def test_mirrored_sites_are_mirror_images_to_the_last_bit(face: Face, name: str) -> None:
    sites = [injection(**{key: getattr(site, key) for key in type(site).model_fields})
             for site in catalogue().pattern(name).sites]  # fmt: skip
    turned = [SimpleNamespace(**(vars(site) | {"side": OTHER[site.side]})) for site in sites]
    for one, other in zip(place(plan(*sites), face), place(plan(*turned), face), strict=True):
        for key in ("skin_mm", "tip_mm", "normal", "fibre"):
            assert np.array_equal(getattr(one, key) * MIRROR, getattr(other, key)), (one.id, key)
        assert (one.depth_mm, one.bone_mm, one.outside_mm) == (
            other.depth_mm,
            other.bone_mm,
            other.outside_mm,
        )


def test_a_site_does_not_move_when_another_is_added(face: Face) -> None:
    one = injection(landmark="brow_mid", offset_mm=(3.0, 22.0))
    other = injection(landmark="brow_mid", offset_mm=(-3.0, 22.2))
    assert np.array_equal(place(plan(one), face)[0].tip_mm, place(plan(other, one), face)[1].tip_mm)


def test_a_midline_site_is_symmetric_even_on_a_paired_muscle(face: Face) -> None:
    site = place(plan(injection(side="midline", landmark="glabella", offset_mm=(0.0, 25.0))), face)[0]
    assert site.skin_mm[0] == site.tip_mm[0] == site.fibre[0] == 0.0


def test_a_midline_landmark_counts_offsets_to_the_subjects_left(face: Face) -> None:
    left, right = (place(plan(injection(side="midline", landmark="glabella", offset_mm=(x, 25.0))), face)[0]
                   for x in (6.0, -6.0))  # fmt: skip
    assert left.skin_mm[0] == pytest.approx(6.0, abs=0.5)
    assert np.array_equal(left.tip_mm * MIRROR, right.tip_mm)


def test_coordinates_snap_to_the_skin_on_their_own_side(face: Face) -> None:
    start = face.skin.landmarks["brow_mid.right"] + np.array([0.0, 25.0, -3.0])
    site = place(plan(injection(side="right", at_mm=tuple(start))), face)[0]
    assert site.skin_mm[0] < 0
    assert np.linalg.norm(face.skin.nearest(site.skin_mm[None])[0][0] - site.skin_mm) < 1e-6


def test_depth_follows_the_layer(face: Face) -> None:
    where = {"muscle": "masseter", "landmark": "gonion", "offset_mm": (-14.0, 18.0)}
    depth = {layer: place(plan(injection(layer=layer, **where)), face)[0].depth_mm
             for layer in ("dermis", "subcutis", "muscle", "submuscular")}  # fmt: skip
    assert depth["dermis"] < depth["subcutis"] < depth["muscle"] < depth["submuscular"]
    assert place(plan(injection(depth_mm=7.5, **where)), face)[0].depth_mm == 7.5


def test_the_corrugator_is_met_at_the_depth_that_was_measured(face: Face) -> None:
    """Origins 5.7 and 6.6 mm, insertions 5.4 and 5.6 mm below the skin (catalogue), taken as the middle of it."""
    depth = face.muscle("corrugator_supercilii", "left").depth_mm
    assert depth[0, [0, -1]] == pytest.approx([6.6, 5.7], abs=0.1)
    assert depth[-1, [0, -1]] == pytest.approx([5.6, 5.4], abs=0.1)
    for site in sites_of(catalogue().pattern("glabellar_lines.onabotulinumtoxin_a"), face):
        if site.muscle == "corrugator_supercilii":
            assert 5.4 <= site.depth_mm <= 6.6


def test_a_site_is_graded_by_the_weaker_of_its_muscle_and_its_pattern(face: Face) -> None:
    weakest = {pattern.grade: name for name, pattern in catalogue().patterns.items()}
    on = {"landmark": "brow_mid", "offset_mm": (0.0, 25.0)}
    assert face.muscle("frontalis", "left").grade == "B"
    assert place(plan(injection(**on)), face)[0].grade == "B"
    for grade, name in weakest.items():
        assert place(plan(injection(pattern=name, **on)), face)[0].grade == max("B", grade)
    strong = injection(muscle="masseter", landmark="gonion", offset_mm=(-14.0, 18.0), pattern=weakest["B"])
    assert place(plan(strong), face)[0].grade == "D"


def test_depth_beyond_bone_is_refused_with_the_depth_that_would_do(face: Face) -> None:
    deep = injection(landmark="brow_mid", offset_mm=(0.0, 25.0), depth_mm=14.0)
    with pytest.raises(PlaceError) as caught:
        place(plan(deep), face)
    text = str(caught.value)
    assert text.startswith("Site 1 (left frontalis): depth 14.0 mm is beyond bone; tissue there is ")
    assert "Give depth_mm <= " in text
    allowed = float(text.split("<= ")[1].split()[0])
    deep.depth_mm = allowed
    assert place(plan(deep), face)[0].depth_mm == allowed


def test_a_lid_is_told_by_the_eye_behind_it(face: Face) -> None:
    deep = injection(muscle="orbicularis_oculi_palpebral", landmark="upper_lid_medial", depth_mm=9.0)
    with pytest.raises(PlaceError, match="beyond the eye"):
        place(plan(deep), face)


def test_a_coordinate_off_the_head_is_refused(face: Face) -> None:
    with pytest.raises(PlaceError, match="off the head"):
        place(plan(injection(at_mm=(0.0, 300.0, 0.0))), face)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_foot_muscle_takes_coordinates_of_its_own_frame(face: Face, side: str) -> None:
    given = {"muscle": "extensor_digitorum_brevis", "side": side}
    site = place(plan(injection(at_mm=(10.0, 0.0, 0.0), **given)), face)[0]
    assert site.frame == site.compartment == "foot"
    assert site.tip_mm[0] == 10.0 and site.tip_mm[2] == pytest.approx(-8.0)
    with pytest.raises(PlaceError, match="off the foot muscle"):
        place(plan(injection(at_mm=(0.0, 80.0, 0.0), **given)), face)


def test_a_coordinate_on_the_wrong_side_is_refused(face: Face) -> None:
    at = tuple(face.skin.landmarks["brow_mid.left"])
    with pytest.raises(PlaceError, match="another side"):
        place(plan(injection(side="right", at_mm=at)), face)


def test_an_eye_muscle_takes_no_skin_point(face: Face) -> None:
    with pytest.raises(PlaceError, match="along"):
        place(plan(injection(muscle="medial_rectus", landmark="medial_canthus")), face)


def test_unknown_names_are_answered_with_the_nearest(face: Face) -> None:
    with pytest.raises(CatalogueError, match="Did you mean `frontalis`"):
        place(plan(injection(muscle="fronatlis", landmark="brow_mid")), face)
    with pytest.raises(CatalogueError, match="Did you mean"):
        place(plan(injection(landmark="brow_midle")), face)


def test_a_point_beside_a_muscle_is_as_far_outside_as_it_is_beside_it(face: Face) -> None:
    """The foot muscle is flat and 25 mm wide at its middle: a point 20 mm aside is 7.5 mm outside."""
    shape = face.muscle("extensor_digitorum_brevis", "left")
    up = np.array([0.0, 0.0, 1.0])
    assert foot_on(shape, np.array([0.0, 20.0, 0.0]), up).outside_mm == pytest.approx(7.5, abs=0.2)
    assert foot_on(shape, np.array([0.0, 3.0, 0.0]), up).outside_mm == 0.0
