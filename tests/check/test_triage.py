"""What triage says of cases a clinician can read, and of one red flag more or less."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from endplate.catalogue.triage import URGENCIES
from endplate.check.triage import FALLS, Triage, triage
from endplate.check.triage_facts import facts_of
from endplate.plan import parse_case, read_case

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "examples" / "triage"
TODAY = dt.date(2026, 11, 23)
NOW, SAME_DAY, DAYS, ROUTINE = URGENCIES
#: Of each example: verdict, how urgent the first referral is, rules that must fire, alternatives that must be named.
EXPECTED: dict[str, tuple[str, str | None, set[str], set[str]]] = {
    "arm-after-stroke": ("suits", None, {"spasticity"}, {"physiotherapy"}),
    "body-image": ("refer first", DAYS, {"body_image"}, {"bdd_questionnaire", "talking_therapy"}),
    "botulism": ("refer first", NOW, {"botulism", "botulism_aminoglycosides"}, {"antitoxin"}),
    "droop-after-toxin": ("refer first", NOW, {"botulism_iatrogenic", "toxin_of_late"}, {"antitoxin"}),
    "dystrophy": ("does not suit", DAYS, {"muscle_patient"}, set()),
    "epilepsy": ("not supported by evidence", DAYS, {"epilepsy"}, {"antiepileptic_drugs"}),
    "frown-lines": ("suits", None, {"lines_moving", "lines_spread"}, set()),
    "headache-new": ("refer first", SAME_DAY, {"giant_cell", "headache_new_50", "tension"}, set()),
    "lines-at-rest": (
        "does not suit", None, {"lines_stay", "volume", "slack"},
        {"filler", "fat_graft", "laser_resurfacing", "radiofrequency", "infrared", "peel"},
    ),
    "low-brow": ("does not suit", ROUTINE, {"lid_skin_forehead"}, {"blepharoplasty", "brow_lift_surgery"}),
    "low-mood": ("investigational", DAYS, {"low_mood"}, {"talking_therapy", "antidepressants"}),
    "migraine-chronic": ("suits", None, {"migraine_chronic"}, {"cgrp_drugs"}),
    "migraine-episodic": ("not supported by evidence", ROUTINE, {"migraine_episodic"}, {"cgrp_drugs"}),
    "palsy-flaccid": (
        "does not suit", DAYS, {"palsy_severe", "palsy_flaccid"},
        {"eye_protection", "lid_weight", "nerve_transfer", "gracilis_transfer"},
    ),
    "palsy-fourth-day": ("refer first", NOW, {"stroke_weak"}, set()),
    "palsy-second-day": ("refer first", SAME_DAY, {"palsy_steroids"}, {"steroids_mouth", "eye_protection"}),
    "palsy-today": ("refer first", NOW, {"palsy_new", "palsy_steroids"}, {"steroids_mouth"}),
    "parkinson-drooling": ("may suit", DAYS, {"swallowing", "parkinson_symptom"}, {"saliva_drugs"}),
    "plan-with-complaint": ("suits", None, {"lines_moving"}, set()),
    "psp-lids": ("does not suit", ROUTINE, {"psp", "psp_lids"}, {"lid_crutch", "frontalis_sling"}),
    "ptosis-evening": ("refer first", DAYS, {"fatigability", "ptosis"}, set()),
    "ptosis-old": ("does not suit", ROUTINE, {"ptosis"}, {"alpha_agonist_drops", "levator_surgery"}),
    "ptosis-pupil": ("refer first", NOW, {"third_nerve", "lid_pupil"}, set()),
    "spasm-half-face": ("may suit", DAYS, {"hemifacial", "hemifacial_young"}, {"microvascular_decompression"}),
    "squint-new": ("refer first", SAME_DAY, {"new_double_vision"}, set()),
    "stretch-marks": ("not supported by evidence", ROUTINE, {"stretch_marks"}, {"retinoid", "fractional_laser"}),
    "synkinesis": ("may suit", ROUTINE, {"synkinesis"}, {"facial_training"}),
}  # fmt: skip


def asked(
    indication: str, signs: str = '"none"', *, age: float = 50, more: str = "", patient: str = ""
) -> Triage:
    """Triage of one complaint with these signs."""
    text = f"""
schema = "endplate/plan/1"
patient = {{ age = {age}, sex = "female"{patient} }}
[[complaint]]
indication = "{indication}"
signs = {signs}
{more}
"""
    return triage(parse_case(text), TODAY)


def rules_of(found: Triage) -> set[str]:
    return {rule.id for one in found.complaints for rule in one.reasons}


def test_every_example_has_its_expectation() -> None:
    assert {path.stem for path in CASES.glob("*.toml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_is_judged_as_expected(name: str) -> None:
    verdict, urgency, rules, others = EXPECTED[name]
    found = triage(read_case(CASES / f"{name}.toml"), TODAY)
    assert found.verdict == verdict
    assert (found.referrals[0].urgency if found.referrals else None) == urgency
    assert found.emergency == (urgency == NOW)
    assert rules <= rules_of(found)
    assert others <= {one.id for each in found.complaints for one in each.others}


def test_referrals_come_by_urgency() -> None:
    for path in CASES.glob("*.toml"):
        ranks = [URGENCIES.index(one.urgency) for one in triage(read_case(path), TODAY).referrals]
        assert ranks == sorted(ranks)


# One sign present, one absent.


@pytest.mark.parametrize(
    ("indication", "calm", "alarming", "urgency"),
    [
        ("ptosis", '"none"', '["pupil_change"]', NOW),
        ("ptosis", '"none"', '["small_pupil"]', NOW),
        ("ptosis", '"none"', '["double_vision"]', SAME_DAY),
        ("ptosis", '"none"', '["pain"]', SAME_DAY),
        ("ptosis", '"none"', '["fatigability"]', DAYS),
        ("ptosis", '["fatigability"]', '["fatigability", "difficulty_swallowing"]', NOW),
        ("ptosis", '"none"', '["sudden_onset"]', SAME_DAY),
        ("glabellar_lines", '["double_vision"]', '["double_vision", "pupil_change"]', NOW),
        ("glabellar_lines", '["recent_toxin"]', '["recent_toxin", "difficulty_breathing"]', NOW),
        ("glabellar_lines", '["recent_toxin"]', '["recent_toxin", "double_vision"]', SAME_DAY),
        ("cervical_dystonia", '["recent_toxin"]', '["recent_toxin", "difficulty_swallowing"]', NOW),
        ("cervical_dystonia", '"none"', '["difficulty_swallowing"]', DAYS),
        ("blepharospasm", '["wound"]', '["wound", "blurred_vision"]', NOW),
        ("blepharospasm", '"none"', '["descending_weakness"]', NOW),
        ("blepharospasm", '"none"', '["red_painful_eye"]', SAME_DAY),
        ("facial_palsy", '["sudden_onset", "stroke_excluded"]', '["sudden_onset"]', NOW),
        ("facial_palsy", '"none"', '["sudden_onset", "arm_weakness"]', NOW),
        ("facial_palsy", '"none"', '["rash_in_ear"]', SAME_DAY),
        ("facial_palsy", '"none"', '["slow_progression"]', DAYS),
        ("strabismus", '"none"', '["white_pupil"]', SAME_DAY),
        ("episodic_migraine", '"none"', '["thunderclap_headache"]', NOW),
        ("episodic_migraine", '"none"', '["fever"]', SAME_DAY),
        ("episodic_migraine", '["fever"]', '["fever", "stiff_neck"]', NOW),
        ("masseter", '"none"', '["lump"]', DAYS),
        ("depression", '"none"', '["suicidal_thoughts"]', NOW),
    ],
)
def test_one_red_flag_more_changes_the_answer(
    indication: str, calm: str, alarming: str, urgency: str
) -> None:
    without, with_flag = asked(indication, calm), asked(indication, alarming)
    assert with_flag.verdict == "refer first"
    assert with_flag.referrals[0].urgency == urgency
    before = [one.urgency for one in without.referrals]
    assert all(URGENCIES.index(one) > URGENCIES.index(urgency) for one in before)


@pytest.mark.parametrize(("hours", "emergency"), [(1, True), (71.9, True), (72, True), (72.1, False)])
def test_a_palsy_of_72_hours_is_a_stroke_until_shown_otherwise(hours: float, emergency: bool) -> None:
    found = asked("facial_palsy", more=f"duration_days = {hours / 24}")
    assert found.emergency == emergency
    assert ("palsy_steroids" in rules_of(found)) == emergency


def test_steroids_are_for_16_years_and_older() -> None:
    for age, told in ((15.9, False), (16, True)):
        found = asked("facial_palsy", age=age, more="duration_days = 1")
        assert ("palsy_steroids" in rules_of(found)) == told
        assert found.emergency


def test_a_sudden_palsy_without_a_date_is_taken_as_new() -> None:
    found = asked("facial_palsy", '["sudden_onset"]')
    assert found.emergency
    assert any("taken as new" in line for line in found.complaints[0].gaps)


def test_a_palsy_without_a_date_asks_for_it_first() -> None:
    one = asked("facial_palsy").complaints[0]
    assert one.verdict == "cannot be judged"
    assert any("3 days" in line and NOW in line for line in one.questions)
    assert any("Since when" in line for line in one.gaps)


def test_since_counts_from_the_day_asked_or_today() -> None:
    for more, emergency in (
        ("since = 2026-11-20", True),
        ("since = 2026-11-19", False),
        ("since = 2026-01-01\nasked = 2026-01-03", True),
        ("since = 2026-01-01\nasked = 2026-01-05", False),
    ):
        assert asked("facial_palsy", more=more).emergency == emergency, more


def test_signs_that_are_not_told_are_asked_for() -> None:
    text = 'schema = "endplate/plan/1"\npatient = { age = 60, sex = "male" }\n[complaint]\nindication = "ptosis"\n'
    one = triage(parse_case(text), TODAY).complaints[0]
    assert any("pupil" in line and NOW in line for line in one.questions)
    assert any("No signs are told" in line for line in one.gaps)


def test_an_infant_is_known_by_its_age() -> None:
    for age, emergency in ((0.5, True), (0.99, True), (1, False), (1.5, False)):
        assert asked("botulism", '["poor_feeding"]', age=age).emergency
        assert ("botulism_infant" in rules_of(asked("botulism", '["poor_feeding"]', age=age))) == emergency


def test_botulism_avoids_what_harms() -> None:
    found = asked("botulism", '["wound", "descending_weakness"]')
    told = " ".join(found.avoid)
    assert "aminoglycoside" in told
    assert "surgery, other than to clean a wound" in told
    assert "more toxin" in told
    assert any("wound is cleaned" in line for line in found.first)
    assert any("antitoxin" in line for line in found.first)


def test_muscular_dystrophy_and_junction_disease_are_dangers() -> None:
    for condition in (
        "Duchenne",
        "myasthenia gravis",
        "ALS",
        "Lambert-Eaton syndrome",
        "oculopharyngeal muscular dystrophy",
    ):
        found = asked("glabellar_lines", patient=f', conditions = ["{condition}"]')
        assert found.verdict == "does not suit", condition
        assert any("any toxin" in line for line in found.avoid)
    assert asked("glabellar_lines", patient=', conditions = ["hay fever"]').verdict == "cannot be judged"


def test_grades_in_the_table_of_the_patient_count() -> None:
    graded = ', baseline = [{ area = "glabella", investigator = 3 }]'
    assert asked("glabellar_lines", patient=graded).verdict == "suits"
    assert asked("forehead_lines", patient=graded).verdict == "cannot be judged"
    squint = ", squint = [{ horizontal_pd = -60 }]"
    assert asked("strabismus", patient=squint).verdict == "does not suit"


def test_what_the_vocabulary_lacks_is_told() -> None:
    one = asked("glabellar_lines", patient=', conditions = ["blue knees"]').complaints[0]
    assert any("`blue knees`" in line for line in one.gaps)


def test_comfort_is_for_those_who_may_be_injected() -> None:
    lines = 'severity = { scale = "FWS", value = 3 }'
    found = asked("glabellar_lines", '["pain_feared"]', more=lines).complaints[0]
    assert {one.id for one in found.comfort} == {
        "lidocaine_cream",
        "cooling",
        "vibration",
        "lidocaine_diluent",
    }
    assert not asked("ptosis", '["pain_feared"]').complaints[0].comfort


def test_a_retired_guideline_says_so() -> None:
    levels = asked("blepharospasm").complaints[0].use.evidence
    assert {str(one.retired) for one in levels if one.source == "aan_2016"} == {"2025-04-07"}


def test_of_two_complaints_the_stricter_verdict_stands_above() -> None:
    text = """
schema = "endplate/plan/1"
patient = { age = 40, sex = "female" }
[[complaint]]
indication = "cervical_dystonia"
signs = "none"
[[complaint]]
indication = "stretch_marks"
signs = "none"
"""
    found = triage(parse_case(text), TODAY)
    assert [one.verdict for one in found.complaints] == ["suits", "not supported by evidence"]
    assert found.verdict == "not supported by evidence"


def test_a_grade_that_no_rule_uses_is_told() -> None:
    one = asked("cervical_dystonia", more='severity = { scale = "TWSTRS", value = 40 }').complaints[0]
    assert one.verdict == "suits"
    assert any("TWSTRS" in line and "not judged" in line for line in one.gaps)


def test_what_is_not_told_and_what_is_outside_evidence_differ() -> None:
    assert any("from what is told" in line for line in asked("blepharospasm").complaints[0].gaps)


def facts(more: str = "", signs: str = '"none"'):
    head = 'schema = "endplate/plan/1"\npatient = { age = 50, sex = "male" }\n[complaint]\n'
    case = parse_case(f'{head}indication = "facial_palsy"\nsigns = {signs}\n{more}')
    return facts_of(case.patient, case.complaint[0], TODAY)


def test_how_long_a_complaint_lasts() -> None:
    assert facts().days is None
    assert facts("duration_days = 2.5").days == 2.5
    assert facts("since = 2026-11-21").days == 2
    assert facts("since = 2027-01-01").days == 0  # written ahead: as new as can be
    assert facts(signs='["sudden_onset"]').days == 0
    assert facts("duration_days = 9", '["sudden_onset"]').days == 9


def test_only_what_is_not_dated_is_taken_as_new() -> None:
    assert facts(signs='["sudden_onset"]').new
    assert not facts("duration_days = 9", '["sudden_onset"]').new
    assert not facts().new


def test_signs_looked_for_and_not_found_are_told() -> None:
    assert facts().signs == frozenset()
    assert not any("No signs" in line for line in asked("facial_palsy").complaints[0].gaps)


def test_the_day_given_counts_as_today() -> None:
    case = read_case(CASES / "synkinesis.toml")
    assert triage(case, dt.date(2020, 2, 2)).asked == dt.date(2020, 2, 2)
    assert triage(case).asked >= TODAY


def test_what_is_quoted_from_memory_is_listed() -> None:
    found = triage(read_case(CASES / "palsy-flaccid.toml"), TODAY)
    assert {"palsy_severe", "gracilis_transfer"} <= set(found.unchecked)
    assert not {"palsy_flaccid", "nerve_transfer", "evidence of facial_palsy"} & set(found.unchecked)
    assert "evidence of overactive_bladder" in asked("overactive_bladder").unchecked


def test_verdicts_yield_in_this_order() -> None:
    assert FALLS == (
        "refer first", "does not suit", "not supported by evidence", "cannot be judged", "investigational",
        "may suit", "suits",
    )  # fmt: skip


def gaps(*arguments: str, more: str = "") -> str:
    return " ".join(asked(*arguments, more=more).complaints[0].gaps)


def test_gaps_name_what_was_not_told_and_nothing_else() -> None:
    house = 'severity = { scale = "House-Brackmann", value = 3 }'
    assert "Severity is not told; it would be asked on: House-Brackmann." in gaps("facial_palsy")
    assert "Severity" not in gaps("facial_palsy", more=house)
    assert "Severity" not in gaps("tremor")
    assert "was not judged" not in gaps("facial_palsy", more=house)
    assert "was not judged" in gaps("tremor", more=house)
    assert "Since when" in gaps("facial_palsy", more=house)
    assert "Since when" not in gaps("facial_palsy", more=f"{house}\nduration_days = 100")
    assert "Since when" not in gaps("tremor")
    assert gaps("tremor") == ""


def test_only_urgent_questions_are_asked_first() -> None:
    text = 'schema = "endplate/plan/1"\npatient = { age = 60, sex = "male" }\n[complaint]\nindication = "masseter"\n'
    one = triage(parse_case(text), TODAY).complaints[0]
    assert (
        len(one.questions) == 1
    )  # what is an emergency whatever the complaint; a lump is looked at within days
    assert "breathing" in one.questions[0]
    assert asked("facial_palsy").complaints[0].questions
    for line in asked("facial_palsy").complaints[0].questions:
        assert f"{NOW}:" in line or f"{SAME_DAY}:" in line
