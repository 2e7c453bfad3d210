"""What a clinician measures: nothing without toxin, the mirror, and who pulls against whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endplate.anatomy import default_face, sample_individual
from endplate.catalogue import catalogue
from endplate.catalogue.face_balance import (
    Expression,
    check_expression,
    check_pull,
    expression,
    expressions,
    pulls,
    pulls_on,
)
from endplate.errors import CatalogueError, ModelError
from endplate.model.backend import namespace
from endplate.model.face import (
    LAW,
    NerveState,
    Palsy,
    Rest,
    face_measures,
    margin_drop,
    measure_parameter_ids,
    point_values,
    unit_of,
)
from endplate.model.face.parts import part_names, part_of
from endplate.model.face.severity import line_areas, severities, slow_part
from endplate.model.outcome import remodelled, severity

NAMES = tuple((shape.muscle, shape.side) for shape in default_face().muscles)
ROW = {name: row for row, name in enumerate(NAMES)}
POINT = point_values()
SWAP = {"left": "right", "right": "left", "midline": "midline"}
POSITIONS = ("brow_height_medial", "brow_height_mid", "brow_height_lateral", "mrd1", "fissure_height")

shares = st.floats(0.0, 1.0)


def forces(changes=None, days=1):
    force = np.ones((len(NAMES), days))
    for (muscle, side), value in (changes or {}).items():
        for at in ("left", "right") if side == "both" else (side,):
            force[ROW[muscle, at]] = value
    return force


def measured(changes=None, **how):
    return face_measures(np, NAMES, forces(changes), POINT, **how)


def value(found, measure, side="left"):
    return float(found[measure, side][-1])


@st.composite
def any_forces(draw):
    """Forces of all muscles, any."""
    seed = draw(st.integers(0, 2**31 - 1))
    force = np.random.default_rng(seed).random((len(NAMES), 3))
    untouched = np.random.default_rng(seed + 1).random(len(NAMES)) < draw(shares)
    force[untouched] = 1.0
    return force


@st.composite
def any_nerve(draw):
    pairs = [
        ("zygomatic", "buccal"),
        ("buccal", "zygomatic"),
        ("temporal", "platysma"),
        ("smile", "frontalis"),
    ]
    return NerveState(
        drive={b: draw(shares) for b in draw(st.sets(st.sampled_from(["temporal", "zygomatic", "buccal"])))},
        cross={pair: draw(shares) for pair in draw(st.sets(st.sampled_from(pairs)))},
        spasm={"zygomatic": draw(shares)} if draw(st.booleans()) else {},
    )


def test_no_toxin_changes_no_position_and_no_movement_exactly():
    found, rest = measured(), Rest.of(default_face())
    for place in ("medial", "mid", "lateral"):
        assert value(found, f"brow_height_{place}") == getattr(rest, f"brow_{place}")
    assert value(found, "mrd1") == rest.mrd1
    assert value(found, "fissure_height") == rest.fissure
    assert value(found, "lagophthalmos") == value(found, "lagophthalmos_tight") == 0.0
    for name in ("brow", "lid", "smile"):
        assert found[f"{name}_asymmetry_mm", "midline"][0] == 0.0
        assert found[f"{name}_asymmetry_percent", "midline"][0] == 0.0


def test_untouched_faces_have_the_norms():
    found = measured()
    assert value(found, "mouth_corner_excursion") == pytest.approx(9.28, rel=1e-3)
    assert value(found, "mouth_corner_angle") == pytest.approx(47.0, abs=0.1)
    assert value(found, "brow_raise") == 10.57
    assert value(found, "frown_shift") == 5.4
    assert value(found, "mrd1") == pytest.approx(4.25, abs=0.05)
    assert value(found, "brow_height_mid") == pytest.approx(15.8, abs=0.05)
    for region, direction, printed in (
        ("glabella", "horizontal", -9.11),
        ("glabella", "vertical", 2.51),
        ("forehead", "horizontal", -4.83),
        ("forehead", "vertical", 6.73),
    ):
        assert value(found, f"strain.{region}.{direction}", "midline") == pytest.approx(printed)


@settings(max_examples=40, deadline=None)
@given(any_forces(), any_nerve(), any_nerve())
def test_mirrored_forces_give_mirrored_measures_to_the_last_bit(force, one, other):
    palsy = Palsy(one, other)
    mirrored = np.stack([force[ROW[muscle, SWAP[side]]] for muscle, side in NAMES])
    here = face_measures(np, NAMES, force, POINT, palsy=palsy)
    there = face_measures(np, NAMES, mirrored, POINT, palsy=palsy.mirrored)
    for (measure, side), found in here.items():
        np.testing.assert_array_equal(found, there[measure, SWAP[side]])


@settings(max_examples=40, deadline=None)
@given(any_forces(), st.sampled_from(["left", "right"]), shares)
def test_a_weaker_levator_never_raises_its_own_lid(force, side, factor):
    row = ROW["levator_palpebrae_superioris", side]
    weaker = force.copy()
    weaker[row] *= factor
    before, after = (face_measures(np, NAMES, f, POINT) for f in (force, weaker))
    assert (after["mrd1", side] <= before["mrd1", side] + 1e-9).all()
    assert (after["mrd1", SWAP[side]] >= before["mrd1", SWAP[side]] - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(any_forces(), shares)
def test_weaker_pullers_never_help_their_own_movement(force, factor):
    for muscle, measure, better in (
        ("frontalis", "brow_raise", False),
        ("frontalis", "brow_height_mid", False),
        ("corrugator_supercilii", "frown_shift", False),
        ("corrugator_supercilii", "brow_height_mid", True),
        ("orbicularis_oculi_orbital", "brow_height_lateral", True),
        ("orbicularis_oculi_palpebral", "lagophthalmos", True),
        ("orbicularis_oculi_orbital", "lagophthalmos_tight", True),
        ("depressor_labii_inferioris", "lower_lip_show", False),
        ("zygomaticus_major", "mouth_corner_excursion", False),
    ):
        weaker = force.copy()
        weaker[ROW[muscle, "left"]] *= factor
        before, after = (face_measures(np, NAMES, f, POINT)[measure, "left"] for f in (force, weaker))
        assert ((after >= before - 1e-9) if better else (after <= before + 1e-9)).all(), (muscle, measure)


def test_treating_the_frontalis_alone_lowers_the_brow_and_the_depressors_alone_do_not():
    rest = measured()
    lifted = measured(
        {
            ("corrugator_supercilii", "both"): 0.15,
            ("procerus", "midline"): 0.15,
            ("depressor_supercilii", "both"): 0.8,
        }
    )
    lowered = measured({("frontalis", "both"): 0.6})
    for place in ("medial", "mid", "lateral"):
        name = f"brow_height_{place}"
        assert value(lowered, name) < value(rest, name)
        assert value(lifted, name) >= value(rest, name)
    assert value(lifted, "brow_height_medial") > value(rest, "brow_height_medial")


def test_a_weak_zygomaticus_shortens_the_smile_of_its_side_alone():
    found = measured({("zygomaticus_major", "left"): 0.5})
    assert value(found, "mouth_corner_excursion") < 0.75 * 9.28
    assert value(found, "mouth_corner_excursion", "right") == value(measured(), "mouth_corner_excursion")
    assert value(found, "smile_asymmetry_mm", "midline") > 2.5
    assert value(found, "mouth_corner_angle") < 47.0


def test_a_lid_closes_with_little_and_squeezing_closes_what_gentle_closure_leaves_open():
    closed = measured({("orbicularis_oculi_palpebral", "left"): 0.3})
    assert value(closed, "lagophthalmos") == 0.0
    weak = measured({("orbicularis_oculi_palpebral", "left"): 0.1})
    assert 1.0 < value(weak, "lagophthalmos") < 7.1
    assert value(weak, "lagophthalmos_tight") == 0.0
    none = measured(
        {("orbicularis_oculi_palpebral", "left"): 0.0, ("orbicularis_oculi_orbital", "left"): 0.0}
    )
    assert value(none, "lagophthalmos") == value(none, "lagophthalmos_tight") == pytest.approx(7.1)
    assert value(none, "fissure_height") > value(measured(), "fissure_height")


def test_a_fallen_lid_raises_its_fellow_and_both_brows():
    found, rest = measured({("levator_palpebrae_superioris", "left"): 0.7}), measured()
    assert value(found, "mrd1") < 2.5
    assert value(found, "mrd1", "right") > value(rest, "mrd1", "right")
    for side in ("left", "right"):
        assert value(found, "brow_height_mid", side) > value(rest, "brow_height_mid", side)


def test_the_fall_of_the_margin_is_that_of_the_lids_law():
    levator = np.array([[1.0, 0.8, 0.0], [1.0, 1.0, 0.0]])
    fall = margin_drop(np, levator, POINT)
    assert (fall[:, 0] == 0.0).all()
    gain = POINT["face.lid.hering_gain"]
    assert fall[0, 1] == pytest.approx(9.09 * (1.0 - 0.8 * (1.0 + gain) / (1.0 + 0.9 * gain)))
    assert fall[1, 1] < 0.0
    assert fall[:, 2] == pytest.approx([9.09, 9.09])
    changes = {("levator_palpebrae_superioris", "left"): 0.8}
    assert value(measured(), "mrd1") - value(measured(changes), "mrd1") == pytest.approx(fall[0, 1])


def test_the_printed_law_of_the_lid_carries_the_numbers_of_the_catalogue():
    assert f"{POINT['face.lid.levator_travel']:g} mm" in LAW
    assert f"g {POINT['face.lid.hering_gain']:g} " in LAW


def test_draws_give_what_each_of_them_gives_alone():
    rng = np.random.default_rng(3)
    force = rng.random((4, len(NAMES), 6))
    values = {name: np.full(4, one) * rng.uniform(0.9, 1.1, 4) for name, one in POINT.items()}
    together = face_measures(np, NAMES, force, values)
    for k in range(4):
        alone = face_measures(np, NAMES, force[k], {name: one[k] for name, one in values.items()})
        for key, found in alone.items():
            np.testing.assert_allclose(together[key][k], found, rtol=1e-12, atol=1e-12)


def test_numpy_and_jax_agree():
    pytest.importorskip("jax")
    force = np.random.default_rng(5).random((2, len(NAMES), 9))
    palsy = Palsy(left=NerveState(drive={"buccal": 0.4}, cross={("zygomatic", "buccal"): 0.3}))
    here = face_measures(np, NAMES, force, POINT, palsy=palsy)
    xp, scope = namespace("jax")
    with scope:
        there = face_measures(xp, NAMES, xp.asarray(force), POINT, palsy=palsy)
        for key, found in here.items():
            np.testing.assert_allclose(np.asarray(there[key]), found, rtol=1e-9, atol=1e-9)


def test_lines_follow_the_law_of_the_clinic_on_whole_muscles():
    force = np.concatenate([[1.0], np.linspace(0.9, 0.1, 40)])
    tau = POINT["outcome.remodelling"]
    values = {name: np.array([one]) for name, one in POINT.items()}
    from endplate.catalogue.lines import area

    slow = slow_part(np, force, np.arange(41), values["outcome.remodelling"])
    moving, lasting = severities(np, force, slow, area("glabella"), values)
    signal = remodelled(np, force, POINT["outcome.lasting_share"], tau)
    start, drop = POINT["outcome.baseline_mean.glabella"], POINT["outcome.drop.glabella"]
    expected = np.clip(severity(np.array(start), signal, drop, 0.0), 0.0, 3.0)
    np.testing.assert_allclose(moving, expected, atol=1e-12)
    assert lasting[0] == pytest.approx(start * POINT["face.line.rest_share"])
    assert (np.diff(lasting) <= 0.0).all()


def test_each_line_is_drawn_up_by_one_expression():
    every = [name for one in expressions().values() for name in one.lines]
    assert sorted(every) == sorted(line_areas())


def test_a_slow_part_does_not_depend_on_how_many_days_are_kept():
    force = np.linspace(1.0, 0.2, 61)
    every = slow_part(np, force, np.arange(61), np.array([15.0]))
    third = slow_part(np, force[::3], np.arange(61)[::3], np.array([15.0]))
    np.testing.assert_allclose(third, every[::3], atol=2e-3)


def test_every_measure_has_a_unit_and_is_there_by_day():
    found = face_measures(np, NAMES, forces(days=5), POINT)
    for (measure, side), course in found.items():
        assert course.shape == (5,)
        assert unit_of(measure) in {"mm", "deg", "%", "1"}
        assert side in {"left", "right", "midline"}
    assert unit_of("smile_asymmetry_percent") == unit_of("strain.glabella.vertical") == "%"
    assert unit_of("line_severity_rest.forehead") == "1"


def test_parts_of_a_muscle_weaken_apart_and_tilt_the_brow():
    names = (*NAMES, ("frontalis.medial", "left"), ("frontalis.lateral", "left"))
    force = np.concatenate([forces({("frontalis", "left"): 0.6}), [[0.3], [1.0]]])
    found, rest = face_measures(np, names, force, POINT), measured()
    assert value(found, "brow_height_medial") < value(rest, "brow_height_medial")
    assert value(found, "brow_height_lateral") == value(rest, "brow_height_lateral")


@pytest.mark.parametrize("face", [default_face("female", 45), sample_individual("male", 60, 3)])
def test_parts_share_their_muscle_and_lie_alike_on_both_sides(face):
    part = part_of(face)
    names = part_names()
    weight = np.concatenate([shape.endplate_weight for shape in face.muscles])
    for row, (name, side) in enumerate(names):
        mine = weight[part == row].sum()
        assert 0.1 < mine < 0.9
        assert mine == pytest.approx(weight[part == names.index((name, SWAP[side]))].sum(), abs=1e-9)


def test_resting_places_are_those_of_the_face():
    face = sample_individual("male", 60, 3)
    found = measured(rest=Rest.of(face))
    assert value(found, "mrd1") == pytest.approx(face.points["upper_lid_margin"][1] - face.points["pupil"][1])


def test_wrong_shapes_days_and_values_are_refused():
    with pytest.raises(ModelError, match="a row for each name"):
        face_measures(np, NAMES[:3], forces(), POINT)
    with pytest.raises(ModelError, match="They ascend"):
        face_measures(np, NAMES, forces(days=2), POINT, days=np.array([3, 3]))
    with pytest.raises(ModelError, match="is missing"):
        face_measures(np, NAMES, forces(), {})


# --- the tables


def test_pulls_and_expressions_are_sound_and_every_parameter_of_the_face_is_read():
    read = {name for one in pulls().values() for name in (one.travel, one.hold) if name}
    elsewhere = {
        name
        for name in measure_parameter_ids()
        if name.split(".")[1] in {"lid", "line", "strain", "grade", "palsy"}
    } | {"face.brow.compensation"}
    ours = {name for name in catalogue().parameters if name.startswith("face.")}
    assert ours == {n for n in read | elsewhere if n.startswith("face.")}
    assert list(expressions()) == [
        "rest",
        "frown",
        "brow_raise",
        "gentle_closure",
        "tight_closure",
        "smile",
        "snarl",
        "pucker",
        "lower_lip_show",
        "platysma_grimace",
    ]


@pytest.mark.parametrize(
    ("landmark", "asked", "parameter"),
    [
        ("brow_medial", "frown", "face.brow.frown_fall"),
        ("brow_shift", "frown", "face.brow.frown_shift"),
        ("upper_lip", "snarl", "face.mouth.snarl_travel"),
        ("lower_lip", "lower_lip_show", "face.mouth.lip_travel"),
    ],
)
def test_the_muscles_of_an_expression_share_its_whole_way(landmark, asked, parameter):
    drive = expression(asked).drive
    parts = [p.travel_share * drive[p.muscle] for p in pulls_on(landmark) if p.muscle in drive]
    assert sum(parts) == pytest.approx(1.0)
    assert {p.travel for p in pulls_on(landmark) if p.muscle in drive} == {parameter}


@pytest.mark.parametrize("muscle", ["zygomaticus_major", "risorius", "levator_anguli_oris", "platysma"])
def test_the_mouth_corner_is_pulled_along_the_fibres_of_the_atlas(muscle):
    shape = default_face().muscle(muscle, "left")
    origin, insertion = shape.grid_mm[0].mean(axis=0), shape.grid_mm[-1].mean(axis=0)
    angle = np.degrees(np.arctan2(*(origin - insertion)[[1, 0]]))
    pull = next(p for p in pulls_on("mouth_corner") if p.muscle == muscle)
    assert pull.angle_deg == pytest.approx(angle, abs=1.0)


def test_broken_tables_are_refused():
    pull = pulls()["brow_mid.frontalis"]
    with pytest.raises(CatalogueError, match="neither moves nor holds"):
        check_pull(
            pull.model_copy(update={"travel": None, "travel_share": None, "hold": None, "hold_share": None})
        )
    with pytest.raises(CatalogueError, match="no such part"):
        check_pull(pull.model_copy(update={"part": "middle"}))
    with pytest.raises(CatalogueError, match="no length of the face"):
        check_pull(pull.model_copy(update={"travel": "face.lid.gentle_share"}))
    smile = expression("smile")
    with pytest.raises(CatalogueError, match="none of its action units"):
        check_expression(Expression(**{**smile.model_dump(), "drive": {"frontalis": 1.0}, "lines": ()}))
    with pytest.raises(CatalogueError, match="does not drive frontalis of the area forehead"):
        check_expression(Expression(**{**smile.model_dump(), "lines": ("forehead",)}))
    with pytest.raises(CatalogueError, match="Did you mean `smile`"):
        expression("smlie")
