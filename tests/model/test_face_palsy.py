"""Facial palsy, synkinesis and spasm: what the nerve does to the face, and what treatment can and cannot do."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from documents import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from endplate.anatomy import default_face
from endplate.assess import simulate
from endplate.catalogue.face_balance import FACIAL, branches_of, expression
from endplate.errors import CatalogueError, ModelError
from endplate.model.face import NerveState, Palsy, face_measures, point_values
from endplate.model.face.balance import Forces, Side, moved
from endplate.model.face.grading import GRADES, house_brackmann, sunnybrook
from endplate.model.face.palsy import HEALTHY, activation, palsy_of, source_command, tone
from endplate.model.schema import course_json_schema
from endplate.plan import plan_from_dict, read_plan

NAMES = tuple((shape.muscle, shape.side) for shape in default_face().muscles)
ROW = {name: row for row, name in enumerate(NAMES)}
POINT = point_values()
FLACCID = Palsy(left=NerveState.whole(0.0))
SYNKINESIS = Palsy(
    left=NerveState(
        drive=dict.fromkeys(FACIAL, 0.7),
        tone=dict.fromkeys(FACIAL, 1.3),
        cross={
            ("buccal", "zygomatic"): 0.4,
            ("zygomatic", "marginal_mandibular"): 0.4,
            ("buccal", "marginal_mandibular"): 0.4,
        },
    )
)


def forces(changes=None):
    force = np.ones((len(NAMES), 1))
    for name, value in (changes or {}).items():
        force[ROW[name]] = value
    return force


def measured(palsy, changes=None):
    return face_measures(np, NAMES, forces(changes), POINT, palsy=palsy)


def score(palsy, changes=None):
    return float(sunnybrook(np, NAMES, forces(changes), POINT, palsy).composite[0])


def test_every_facial_muscle_hangs_on_named_branches_and_the_levator_on_another_nerve():
    assert branches_of("frontalis") == ("temporal",)
    assert branches_of("orbicularis_oculi_palpebral") == ("temporal", "zygomatic")
    assert branches_of("platysma") == ("cervical",)
    assert branches_of("depressor_labii_inferioris") == ("marginal_mandibular",)
    assert branches_of("levator_palpebrae_superioris") == ("oculomotor",)
    assert branches_of("masseter") == ()


def test_healthy_nerves_change_nothing():
    plain = face_measures(np, NAMES, forces(), POINT)
    healthy = measured(Palsy(left=NerveState.whole(1.0)))
    for key, found in plain.items():
        np.testing.assert_array_equal(found, healthy[key])
    assert HEALTHY.healthy and NerveState.whole(1.0).healthy and not NerveState.whole(0.9).healthy


def test_a_flaccid_side_does_not_move_and_droops():
    found = measured(FLACCID)
    for measure in ("mouth_corner_excursion", "brow_raise", "frown_shift", "lower_lip_show"):
        assert found[measure, "left"][0] == 0.0
        assert found[measure, "right"][0] > 0.0
    assert np.isnan(found["mouth_corner_angle", "left"][0])
    assert found["lagophthalmos", "left"][0] == pytest.approx(7.1)
    assert found["brow_height_mid", "left"][0] < found["brow_height_mid", "right"][0]
    assert found["fissure_height", "left"][0] > found["fissure_height", "right"][0]


def test_no_needle_of_a_plan_moves_a_flaccid_side():
    plan = read_plan(ROOT / "examples" / "synkinesis.toml")
    lost = tuple(one.model_copy(update={"severity": 1.0}) for one in plan.patient.palsy)
    patient = plan.patient.model_copy(update={"palsy": lost, "synkinesis": ()})
    course = simulate(plan.model_copy(update={"patient": patient}), samples=0, days=20)
    assert course.metrics["nadir"][course.row("mentalis", "left")] < 0.5
    for measure in ("mouth_corner_excursion", "brow_raise", "frown_shift", "lower_lip_show"):
        assert (course.measure(measure, "left").value == 0.0).all(), measure
        assert (course.measure(measure, "right").value > 0.0).all(), measure
    assert course.measure("lagophthalmos", "left").value == pytest.approx(7.1)
    assert (course.measure("sunnybrook_affected_side", "midline").value < 5.0).all()
    assert (course.measure("house_brackmann", "midline").low == 6.0).all()


RIGHT = [name for name in NAMES if name[1] == "right"]
NERVES = st.builds(
    lambda drive, cross: NerveState(
        drive=dict.fromkeys(FACIAL, drive), cross={("smile", "orbicularis_oculi_palpebral"): cross}
    ),
    st.floats(0.0, 0.99),
    st.floats(0.0, 0.6),
)


@settings(max_examples=60, deadline=None)
@given(NERVES, st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_toxin_in_the_healthy_side_never_raises_the_movement_part(nerve, seed, other):
    """Nor any part but that at rest; and no grade of House-Brackmann."""
    palsy, draw, more = Palsy(left=nerve), np.random.default_rng(seed), np.random.default_rng(other)
    force = draw.random((len(NAMES), 1))
    weaker = force.copy()
    for name in RIGHT:
        weaker[ROW[name]] *= more.choice([0.0, more.random()])
    before, after = (sunnybrook(np, NAMES, f, POINT, palsy) for f in (force, weaker))
    assert after.movement <= before.movement + 1e-12
    assert after.synkinesis == pytest.approx(before.synkinesis, abs=1e-12)
    assert after.affected_side == pytest.approx(before.affected_side, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_a_complete_flaccid_palsy_stays_at_its_floor_whatever_is_injected(seed, gone):
    draw = np.random.default_rng(seed)
    force = draw.random((len(NAMES), 1))
    if gone:
        force[[ROW[name] for name in RIGHT]] = 0.0
    # The lid is opened by other nerves than the one that is lost: a drooping lid makes a wide eye less wide.
    for muscle in ("levator_palpebrae_superioris", "superior_tarsal"):
        force[ROW[muscle, "left"]] = 1.0
    found = sunnybrook(np, NAMES, force, POINT, FLACCID)
    assert found.movement[0] == 5.0
    assert found.affected_side[0] == pytest.approx(score(FLACCID))
    assert house_brackmann(float(found.affected_side[0])) == ("VI",)
    # All that an even face at rest can add: a face that does not move on either side is not nearly normal.
    assert found.composite[0] <= 20.0


def test_a_healthy_side_that_no_longer_moves_earns_nothing_for_movement():
    half = Palsy(left=NerveState.whole(0.5))
    whole = sunnybrook(np, NAMES, forces(), POINT, half)
    gone = sunnybrook(np, NAMES, forces(dict.fromkeys(RIGHT, 0.0)), POINT, half)
    assert 13.0 < whole.movement[0] < 19.0
    assert gone.movement[0] == whole.movement[0]
    assert gone.composite[0] < whole.composite[0] + 5.0 * whole.rest[0]


def test_weakening_the_healthy_side_makes_the_smile_more_even_without_earning_points_for_movement():
    changes = {(m, "right"): 0.4 for m in ("zygomaticus_major", "risorius", "levator_anguli_oris")}
    before, after = measured(FLACCID), measured(FLACCID, changes)
    assert after["smile_asymmetry_mm", "midline"] < 0.6 * before["smile_asymmetry_mm", "midline"]
    assert after["smile_asymmetry_percent", "midline"] == before["smile_asymmetry_percent", "midline"]
    half = Palsy(left=NerveState.whole(0.5))
    plain, weaker = (sunnybrook(np, NAMES, forces(c), POINT, half) for c in ({}, changes))
    assert weaker.movement[0] == plain.movement[0]


def test_a_face_made_even_at_rest_earns_points_for_that_alone():
    """The healthy eye is opened towards the wide flaccid one: raters compare the sides of a resting face on the day."""
    palsy = Palsy(left=NerveState.whole(0.7))
    changes = {("orbicularis_oculi_palpebral", "right"): 0.6, ("orbicularis_oculi_orbital", "right"): 0.6}
    plain, even = (sunnybrook(np, NAMES, forces(c), POINT, palsy) for c in ({}, changes))
    assert even.rest[0] < plain.rest[0]
    assert even.composite[0] > plain.composite[0] == pytest.approx(plain.affected_side[0])
    assert even.affected_side[0] == pytest.approx(plain.affected_side[0])


def test_synkinesis_narrows_the_eye_in_a_smile_and_toxin_in_its_ring_frees_it():
    plain = sunnybrook(np, NAMES, forces(), POINT, SYNKINESIS)
    eased = sunnybrook(np, NAMES, forces({("orbicularis_oculi_palpebral", "left"): 0.3}), POINT, SYNKINESIS)
    assert plain.synkinesis[0] > eased.synkinesis[0] > 0.0


def test_half_the_force_of_the_synkinetic_muscles_takes_a_third_of_the_points_also_of_a_severe_synkinesis():
    severe = NerveState(
        drive=dict.fromkeys(FACIAL, 0.7),
        cross={
            ("smile", "orbicularis_oculi_palpebral"): 0.5,
            ("smile", "orbicularis_oculi_orbital"): 0.5,
            ("smile", "platysma"): 0.4,
            ("gentle_closure", "zygomaticus_major"): 0.3,
            ("pucker", "mentalis"): 0.4,
        },
    )
    targets = {(target, "left"): 0.5 for _, target in severe.cross}
    palsy = Palsy(left=severe)
    before, after = (sunnybrook(np, NAMES, forces(c), POINT, palsy).synkinesis[0] for c in ({}, targets))
    assert 4.0 < before < 15.0
    assert after < 0.75 * before


def test_a_movement_scores_no_more_than_three_points_of_synkinesis_and_none_without_cross_drive():
    gross = NerveState(
        cross={
            (source, target): 1.0
            for source in ("smile", "pucker", "brow_raise", "snarl")
            for target in ("orbicularis_oculi_palpebral", "platysma", "mentalis", "frontalis")
        }
    )
    found = sunnybrook(np, NAMES, forces(), POINT, Palsy(left=gross)).synkinesis[0]
    assert 10.0 < found <= 12.0
    weak = sunnybrook(
        np,
        NAMES,
        forces({("orbicularis_oculi_orbital", "right"): 0.3}),
        POINT,
        Palsy(left=NerveState.whole(0.5)),
    )
    assert weak.synkinesis[0] == 0.0


def test_a_lid_that_falls_shut_by_itself_is_no_movement():
    found = sunnybrook(np, NAMES, forces(), POINT, FLACCID)
    assert found.movement[0] == 5.0
    assert found.rest[0] > 3.0
    assert found.composite[0] < 5.0


def test_a_cross_drive_makes_its_muscle_taut_at_rest_and_toxin_opens_the_narrow_eye():
    cross = {("smile", "orbicularis_oculi_palpebral"): 0.3}
    nerve = NerveState(drive={"zygomatic": 0.6, "temporal": 0.6}, cross=cross)
    assert tone(nerve, "orbicularis_oculi_palpebral", 3.0) == pytest.approx(1.5)
    assert tone(nerve, "corrugator_supercilii", 3.0) == pytest.approx(0.6)
    assert (
        tone(
            NerveState(tone={"zygomatic": 1.2, "temporal": 1.2}, cross=cross),
            "orbicularis_oculi_palpebral",
            3.0,
        )
        == 1.2
    )
    palsy = Palsy(left=nerve)
    narrow = measured(palsy)["fissure_height", "left"][0]
    open_ = measured(palsy, {("orbicularis_oculi_palpebral", "left"): 0.6})["fissure_height", "left"][0]
    whole = measured(Palsy())["fissure_height", "left"][0]
    assert 0.4 < whole - narrow < 1.8
    assert narrow < open_ < whole + 0.3


def test_an_eye_narrows_in_a_smile_by_as_much_as_was_measured():
    found, values = measured(Palsy()), {name: np.array([one]) for name, one in POINT.items()}
    side = Side("left", Forces({}, None), values)
    smile = expression("smile")
    way = sum(-moved(side, lid, smile)[0] for lid in ("upper_lid", "lower_lid"))
    assert 100.0 * way / found["fissure_height", "left"][0] == pytest.approx(21.56, abs=0.2)


def test_a_spasm_draws_lines_up_at_rest_and_a_cross_drive_deepens_them():
    spasm = Palsy(left=NerveState(spasm={"orbicularis_oculi_orbital": 0.25}))
    found, plain = measured(spasm), measured(Palsy())
    rest, moving = "line_severity_rest.lateral_canthus", "line_severity_contraction.lateral_canthus"
    assert found[rest, "left"][0] > plain[rest, "midline"][0] == found[rest, "right"][0]
    assert found[rest, "left"][0] <= found[moving, "left"][0]
    crossed = measured(Palsy(left=NerveState(cross={("smile", "orbicularis_oculi_orbital"): 0.2})))
    assert 3.0 >= crossed[moving, "left"][0] > plain[moving, "midline"][0]


def test_a_synkinetic_depressor_shortens_the_smile_and_its_weakness_gives_it_back():
    before = measured(SYNKINESIS)["mouth_corner_excursion", "left"][0]
    after = measured(SYNKINESIS, {("depressor_anguli_oris", "left"): 0.0})["mouth_corner_excursion", "left"][
        0
    ]
    assert 1.0 < after - before < 5.0


def test_a_spasm_narrows_the_eye_at_rest_and_toxin_opens_it():
    spasm = NerveState(spasm={"zygomatic": 0.8, "temporal": 0.4})
    both = Palsy(spasm, spasm)
    closed = measured(both)["fissure_height", "left"][0]
    opened = measured(both, {("orbicularis_oculi_palpebral", "left"): 0.3})["fissure_height", "left"][0]
    assert closed < opened < 10.9 + 1.5
    assert closed < 6.5


def test_the_scale_runs_from_none_to_full_with_the_drive():
    scores = [score(Palsy(left=NerveState.whole(d))) for d in (0.0, 0.25, 0.5, 0.75, 0.95)]
    assert scores == sorted(scores)
    assert scores[0] < 5.0 and scores[-1] > 90.0
    assert score(FLACCID) == pytest.approx(score(FLACCID.mirrored))


def test_the_scale_needs_one_affected_side():
    for palsy, number in (
        (Palsy(), "0 sides"),
        (Palsy(NerveState.whole(0.5), NerveState.whole(0.5)), "2 sides"),
        (Palsy(left=NerveState(drive={"oculomotor": 0.0})), "0 sides"),
    ):
        with pytest.raises(ModelError, match=number):
            score(palsy)


def test_house_brackmann_is_a_band():
    assert house_brackmann(100.0) == ("I",)
    assert house_brackmann(80.0) == ("II",)
    assert house_brackmann(43.0) == ("III", "IV")
    assert house_brackmann(66.0) == ("II", "III")
    assert house_brackmann(95.0) == ("I", "II")
    assert house_brackmann(1.0) == ("VI",)


def test_house_brackmann_of_a_course_has_grades_of_its_band_and_no_value():
    plan = read_plan(ROOT / "examples" / "synkinesis.toml")
    for samples in (0, 20):
        course = simulate(plan, samples=samples, days=20)
        score = course.measure("sunnybrook_affected_side", "midline")
        grade = course.measure("house_brackmann", "midline")
        assert np.isnan(grade.value).all() and grade.unit == "1"
        for day in (0, 14):
            best, worst = house_brackmann(float(score.high[day])), house_brackmann(float(score.low[day]))
            assert (
                grade.low[day] == GRADES.index(best[0]) + 1 <= grade.high[day] == GRADES.index(worst[-1]) + 1
            )
    entry = next(one for one in course.to_json_dict()["face"] if one["measure"] == "house_brackmann")
    assert set(entry["value"]) == {None} and set(entry["low"]) | set(entry["high"]) <= set(range(1, 7))
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(course.to_json_dict(), course_json_schema())


def test_a_healthy_face_has_no_grade_of_palsy():
    course = simulate(read_plan(ROOT / "examples" / "glabellar-lines.toml"), samples=0, days=5)
    assert "house_brackmann" not in {one.measure for one in course.face}


def test_activation_is_drive_cross_drive_and_spasm_never_above_all():
    nerve = NerveState(
        drive={"buccal": 0.5, "zygomatic": 0.5},
        cross={("temporal", "cervical"): 0.3},
        spasm={"cervical": 0.9},
    )
    assert activation(nerve, "zygomaticus_major", expression("smile")) == 0.5
    assert activation(nerve, "platysma", expression("rest")) == 0.9
    assert activation(nerve, "platysma", expression("brow_raise")) == 1.0
    assert source_command("temporal", expression("brow_raise")) == 1.0
    assert source_command("cervical", expression("brow_raise")) == 0.0
    assert tone(nerve, "zygomaticus_major", 3.0) == 0.5
    assert tone(NerveState(tone={"buccal": 2.0}), "buccinator", 3.0) == 2.0


def test_impossible_nerves_are_refused():
    with pytest.raises(CatalogueError, match="Did you mean `buccal`"):
        NerveState(drive={"bucal": 0.5})
    with pytest.raises(ModelError, match=r"drive of buccal is 1\.5"):
        NerveState(drive={"buccal": 1.5})
    with pytest.raises(ModelError, match="cross of buccal to zygomatic"):
        NerveState(cross={("buccal", "zygomatic"): -0.1})
    with pytest.raises(CatalogueError, match="nerve branch or expression"):
        NerveState(cross={("grin", "zygomatic"): 0.1})


def patient(**entries):
    return plan_from_dict(
        {
            "schema": "endplate/plan/1",
            "patient": {"sex": "female", "age": 50, **entries},
            "sessions": [{"date": date(2026, 1, 5), "pattern": "glabellar_lines.onabotulinumtoxin_a"}],
        }
    ).patient


def test_the_nerves_of_a_plan_are_those_of_its_patient():
    found = palsy_of(
        patient(
            palsy=[
                {"branch": "all", "side": "left", "severity": 0.4},
                {"branch": "buccal", "side": "left", "severity": 0.9},
                {"branch": "oculomotor", "side": "right", "severity": 0.5},
                {"branch": "abducens", "side": "right", "severity": 1.0},
            ],
            synkinesis=[
                {
                    "movement": "smile",
                    "muscle": "orbicularis_oculi_palpebral",
                    "side": "left",
                    "strength": 0.3,
                },
                {"branch": "zygomatic", "muscle": "platysma", "side": "left", "strength": 0.2},
            ],
            spasm=[{"muscle": "procerus", "side": "midline", "drive": 0.5}],
        )
    )
    assert found.left.drive["temporal"] == pytest.approx(0.6)
    assert found.left.drive["buccal"] == pytest.approx(0.1)
    assert found.right.drive == {"oculomotor": 0.5}
    assert found.left.cross["smile", "orbicularis_oculi_palpebral"] == 0.3
    assert found.left.spasm == found.right.spasm == {"procerus": 0.5}
    assert palsy_of(patient()).left.healthy
    smile = expression("smile")
    assert activation(found.left, "orbicularis_oculi_palpebral", smile) == pytest.approx(0.3)
    assert activation(found.left, "platysma", smile) == pytest.approx(0.2)
    assert activation(found.left, "platysma", expression("pucker")) == 0.0


def test_an_oculomotor_palsy_lets_the_lid_fall():
    found = measured(Palsy(right=NerveState(drive={"oculomotor": 0.0})))
    assert found["mrd1", "right"][0] < -2.0
    assert found["mrd1", "left"][0] > 4.25
