"""From forces to effects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from endplate.catalogue import catalogue
from endplate.catalogue.effects import DECLARED, mechanisms
from endplate.catalogue.persistence import listed
from endplate.model.face import NerveState, Palsy
from endplate.population.risk_laws import LAWS, Losses, by_muscle, index_of
from endplate.population.risk_parts import Group, groups_of

LEVATOR = "levator_palpebrae_superioris"


def losses(lost: dict[tuple[str, str], float], aimed: frozenset[tuple[str, str]] = frozenset()) -> Losses:
    """One draw, row, shift and day with some muscles weak; parts of a muscle are as weak as the whole."""
    names = [m for one in mechanisms().values() for m in one.muscles]
    groups = groups_of(names)
    table = np.array([lost.get((g.muscle, g.side), 0.0) for g in groups]).reshape(-1, 1, 1, 1, 1)
    values = {
        name: np.array([[[float(entry.value)]]])
        for name, entry in catalogue().parameters.items()
        if name.startswith(("face.", "effect.", "outcome."))
    }
    return Losses({g: k for k, g in enumerate(groups)}, table, values, aimed)


def index(effect: str, lost: dict[tuple[str, str], float], **more: Any) -> tuple[float, float]:
    one = mechanisms()[effect]
    found = index_of(one, losses(lost, **more))
    assert found.shape == (1, 1, 1, 2, 1)
    return float(found[..., 0, 0].item()), float(found[..., 1, 0].item())


@pytest.mark.parametrize("effect", list(mechanisms()))
def test_without_a_loss_no_effect_shows(effect):
    assert index(effect, {}) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_every_effect_by_mechanism_has_a_law_and_the_other_way_round():
    assert set(mechanisms()) == {one.id for one in listed("mechanism")}
    assert {one.law for one in mechanisms().values()} == set(LAWS)


def test_a_levator_without_force_closes_its_own_lid_and_lifts_the_other():
    left, right = index("eyelid_ptosis", {(LEVATOR, "left"): 1.0})
    assert left == pytest.approx(float(catalogue().parameter("face.lid.levator_travel").value))
    assert right < 0.0


@pytest.mark.parametrize(
    "effect", ["eyelid_ptosis", "brow_ptosis", "diplopia", "smile_asymmetry", "lip_asymmetry"]
)
def test_the_mirrored_loss_is_the_mirrored_effect(effect):
    muscles = [m for m in mechanisms()[effect].muscles if m not in ("procerus", "orbicularis_oris")]
    some = {(m, "left"): 0.1 * (k + 1) for k, m in enumerate(muscles)}
    other = {(m, "right"): value for (m, _), value in some.items()}
    assert index(effect, some) == pytest.approx(index(effect, other)[::-1], abs=1e-12)


def test_a_weak_frontalis_lowers_the_brow_and_weak_depressors_do_not():
    assert min(index("brow_ptosis", {("frontalis", s): 0.5 for s in ("left", "right")})) > 0.5
    frown = {("corrugator_supercilii", s): 0.8 for s in ("left", "right")} | {("procerus", "midline"): 0.8}
    assert max(index("brow_ptosis", frown)) <= 0.0


def test_a_muscle_that_a_needle_aims_at_is_not_an_accident():
    lost = {("medial_rectus", "left"): 0.9}
    assert index("diplopia", lost)[0] > 1.0
    assert index("diplopia", lost, aimed=frozenset({("medial_rectus", "left")})) == (0.0, 0.0)
    assert index("diplopia", lost, aimed=frozenset({("medial_rectus", "right")}))[0] > 1.0


def test_double_vision_is_named_after_its_muscle():
    one = mechanisms()["diplopia"]
    parts = by_muscle(losses({("inferior_oblique", "right"): 0.6}), one.muscles)
    assert one.muscles[int(parts.max(axis=(1, 2, 3, 4, 5)).argmax())] == "inferior_oblique"


def test_a_weak_zygomaticus_on_one_side_makes_the_smile_uneven_and_on_both_does_not():
    left, right = index("smile_asymmetry", {("zygomaticus_major", "left"): 0.8})
    assert left > 1.0 and right == 0.0
    both = index("smile_asymmetry", {("zygomaticus_major", s): 0.8 for s in ("left", "right")})
    assert both == pytest.approx((0.0, 0.0), abs=1e-9)


def test_lids_close_until_their_ring_has_lost_its_reserve():
    ring = "orbicularis_oculi_palpebral"
    reserve = float(catalogue().parameter("face.lid.closing_reserve").value)
    assert index("lagophthalmos", {(ring, "left"): reserve - 0.05})[0] == 0.0
    assert index("lagophthalmos", {(ring, "left"): 0.95})[0] > 1.0


def test_the_throat_is_watched_though_the_atlas_does_not_hold_it():
    groups = groups_of(DECLARED)
    assert {g.muscle for g in groups} == set(DECLARED) and all(g.declared for g in groups)
    assert index("dysphagia", {(DECLARED[0], "right"): 0.4}) == pytest.approx((0.0, 0.4))


def test_parts_of_a_muscle_are_groups_of_their_own():
    assert Group("frontalis", "left", "medial") in groups_of(["frontalis"])


def test_a_palsy_is_no_effect_of_the_treatment():
    nerve = NerveState.whole(0.3)
    for effect in ("brow_ptosis", "smile_asymmetry", "lagophthalmos"):
        one, still = mechanisms()[effect], replace(losses({}), palsy=Palsy(left=nerve))
        assert np.abs(index_of(one, still)).max() < 1e-9


def test_a_face_that_gets_more_even_has_no_uneven_smile():
    """Weakening the healthy side of a palsy lessens the asymmetry, up to where that side becomes the weaker one."""
    nerve = Palsy(left=NerveState(drive={"zygomatic": 0.3, "buccal": 0.3}))
    one = mechanisms()["smile_asymmetry"]
    muscles = [m for m in one.muscles if m != "orbicularis_oris"]
    found = [
        index_of(one, replace(losses({(m, "right"): lost for m in muscles}), palsy=nerve)).max()
        for lost in (0.0, 0.3, 0.6)
    ]
    assert found[0] == 0.0 and max(found[1:]) <= 0.0


def test_a_muscle_without_its_nerve_has_nothing_to_lose():
    ring = "orbicularis_oculi_palpebral"
    gone = replace(losses({(ring, "left"): 0.9}), palsy=Palsy(left=NerveState.whole(0.0)))
    for effect in ("dry_eye", "blurred_vision"):
        assert index_of(mechanisms()[effect], gone).max() == pytest.approx(0.0)


def test_a_spasm_of_the_lids_does_not_make_a_weak_ring_blur_less():
    ring = "orbicularis_oculi_palpebral"
    lost = {(ring, "left"): 0.9, (ring, "right"): 0.9}
    squeezed = Palsy(NerveState(spasm={ring: 0.5}), NerveState(spasm={ring: 0.5}))
    one = mechanisms()["blurred_vision"]
    assert index_of(one, replace(losses(lost), palsy=squeezed)).max() == pytest.approx(
        index("blurred_vision", lost)[0]
    )


def test_the_fall_of_a_lid_is_that_of_the_face_model():
    """Same lid, same nerves: the measures of the face, treated less untreated."""
    from endplate.model.face.measures import face_measures, point_values

    ring = "orbicularis_oculi_palpebral"
    palsy = Palsy(right=NerveState(spasm={ring: 0.6}, drive={"zygomatic": 0.8}))
    lost = {(LEVATOR, "left"): 0.2, (ring, "right"): 0.7}
    names, force = list(lost), 1.0 - np.array(list(lost.values()))[:, None]
    treated = face_measures(np, names, force, point_values(), palsy=palsy)
    before = face_measures(np, names, np.ones_like(force), point_values(), palsy=palsy)
    found = index_of(mechanisms()["eyelid_ptosis"], replace(losses(lost), palsy=palsy))[0, 0, 0, :, 0]
    wanted = [float((before["mrd1", s] - treated["mrd1", s]).item()) for s in ("left", "right")]
    assert found == pytest.approx(wanted)


def test_no_brow_is_peaked_where_nothing_pulls_or_the_tail_rises_alone():
    whole = {(m, s): 1.0 for m in ("frontalis", "orbicularis_oculi_orbital") for s in ("left", "right")}
    tail = {("orbicularis_oculi_orbital", s): 1.0 for s in ("left", "right")}
    for lost in (whole, tail):
        assert index("lateral_brow_peaking", lost) == pytest.approx((0.0, 0.0))


def test_a_brow_is_peaked_where_the_tail_outlasts_the_middle():
    some = losses({})
    rows = {g: k for g, k in some.groups.items() if (g.muscle, g.part) == ("frontalis", "medial")}
    weak = some.loss.copy()
    weak[list(rows.values())] = 0.8
    one = mechanisms()["lateral_brow_peaking"]
    assert index_of(one, replace(some, loss=weak)).min() > 1.0
