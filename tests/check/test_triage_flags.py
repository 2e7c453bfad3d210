"""No red flag passes in silence, whatever the complaint, and what is not told is not taken as absent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from endplate.catalogue.indications import indications
from endplate.catalogue.triage import URGENCIES, signs
from endplate.check.triage import POSSIBLE, Triage, triage
from endplate.plan.case import Case
from endplate.report.triage_words import triage_lines

TODAY = dt.date(2026, 11, 23)
NOW, SAME_DAY, DAYS, ROUTINE = URGENCIES
RED = [one.id for one in signs().values() if one.red_flag]
#: Red flags that belong to the complaint itself: it hurts, the lid is lowered because the eye does not close.
BELONGS = {
    ("protective_ptosis", "cannot_close_eye"),
    *((name, "cannot_close_eye") for name in ("smile_asymmetry", "synkinesis")),
    *((name, "pain") for name in ("chronic_migraine", "cervical_dystonia", "bruxism", "masseter")),
    *((name, "pain") for name in ("episodic_migraine", "tension_headache")),
}


def asked(
    indication: str, signs_told: list[str], *, age: float = 50, patient: dict | None = None, **more
) -> Triage:
    """Triage of one complaint."""
    tree = {
        "schema": "endplate/plan/1",
        "patient": {"age": age, "sex": "female", **(patient or {})},
        "complaint": [{"indication": indication, "signs": signs_told, **more}],
    }
    return triage(Case.model_validate(tree), TODAY)


@pytest.mark.parametrize("flag", RED)
def test_a_red_flag_is_never_swallowed(flag: str) -> None:
    """For every complaint: with the flag toxin is not called suited, and someone looks within days at the latest."""
    for use in indications():
        choices: tuple[dict[str, Any], ...] = ({}, {"duration_days": 1})
        for more in choices:
            found = asked(use, [flag], severity={"scale": "FWS", "value": 3}, **more)
            urgency = found.referrals[0].urgency if found.referrals else None
            if (use, flag) in BELONGS:
                continue
            assert found.verdict not in POSSIBLE, (use, more)
            assert urgency in (NOW, SAME_DAY, DAYS), (use, more)
            told = [rule for one in found.complaints for rule in one.reasons if flag in rule.when.signs]
            named = [line for one in found.complaints for line in one.gaps if "no rule for it" in line]
            assert told or any(flag in line for line in named), (use, more)


def test_a_flag_without_a_rule_is_named_everywhere() -> None:
    found = asked("glabellar_lines", ["numb_face", "hearing_loss"], severity={"scale": "FWS", "value": 3})
    assert found.verdict == "refer first"
    advice = found.referrals[0]
    assert advice.urgency == SAME_DAY
    assert "the face is numb" in advice.why
    assert "hearing loss" in advice.why
    lines = list(triage_lines(found))
    assert any("no rule for it here: numb_face" in line for line in lines)


def test_a_flag_beside_one_that_a_rule_judges_is_still_named() -> None:
    found = asked("ptosis", ["fatigability", "numb_face"]).complaints[0]
    assert any("numb_face" in line and "no rule" in line for line in found.gaps)
    assert not any("no rule for it here: fatigability" in line for line in found.gaps)


def test_the_floor_is_lower_for_an_old_complaint_that_is_no_matter_of_looks() -> None:
    for use, days, urgency in (
        ("blepharospasm", 90, SAME_DAY),
        ("blepharospasm", 91, DAYS),
        ("blepharospasm", None, SAME_DAY),
        ("glabellar_lines", 1500, SAME_DAY),
    ):
        more: dict[str, Any] = {} if days is None else {"duration_days": days}
        found = asked(use, ["blurred_vision"], **more)
        assert found.verdict == "refer first"
        assert found.referrals[0].urgency == urgency, (use, days)
    assert asked("cervical_dystonia", ["small_pupil"], duration_days=1500).referrals[0].urgency == SAME_DAY


def test_a_known_illness_of_long_standing_is_no_emergency() -> None:
    told = {"conditions": ["progressive supranuclear palsy"]}
    signs_told = ["slurred_speech", "eye_movement_limited"]
    old = asked("lid_opening_apraxia", signs_told, patient=told, duration_days=900)
    assert not old.emergency
    assert old.referrals[0].urgency == DAYS
    assert asked("lid_opening_apraxia", signs_told, patient=told, duration_days=28).emergency
    assert asked("lid_opening_apraxia", signs_told, duration_days=900).emergency
    undated = asked("lid_opening_apraxia", ["difficulty_swallowing", "eye_movement_limited"], patient=told)
    assert not undated.emergency
    assert any("last 28 days" in line and NOW in line for line in undated.complaints[0].questions)


def test_what_belongs_to_the_complaint_refers_to_nobody() -> None:
    found = asked("cervical_dystonia", ["pain"], signs_absent=["others"], duration_days=1800)
    assert found.verdict == "suits"
    assert found.referrals == ()


def test_what_was_told_is_said_back() -> None:
    found = asked(
        "ptosis", ["arm_weakness", "pain_feared"], duration_days=2, patient={"conditions": ["asthma"]}
    )
    one = found.complaints[0]
    assert one.told[0] == "RED FLAG: an arm or a leg is weak or numb (arm_weakness)"
    assert {"age 50", f"complaint: {one.use.name}", "for 2 days", "condition: asthma"} <= set(one.told)
    assert one.red_flags == ("arm_weakness",)
    assert one.because["stroke_weak"] == ("arm_weakness", "2 days")
    assert one.because["lungs"] == ("condition asthma",)
    assert one.urgency == NOW


def test_what_does_not_fit_together_is_told() -> None:
    for pair in (
        ["headache_days_15_or_more", "headache_days_fewer"],
        ["lines_lessen_when_spread", "lines_stay_when_spread"],
        ["stroke_excluded", "arm_weakness"],
    ):
        gaps = " ".join(asked("chronic_migraine", pair).complaints[0].gaps)
        assert "Does not fit together" in gaps
        assert all(name in gaps for name in pair)
    for use, sign, name, fits, odd in (
        ("chronic_migraine", "headache_days_15_or_more", "headache_days", 15, 14),
        ("chronic_migraine", "headache_days_fewer", "headache_days", 14, 15),
        ("facial_palsy", "flaccid", "house_brackmann", 5, 4),
    ):
        for grade, told in ((fits, False), (odd, True)):
            one = asked(use, [sign], severity={"scale": name, "value": grade}).complaints[0]
            assert any("fit together" in line for line in one.gaps) == told, (sign, grade)
    assert "fit together" not in " ".join(asked("ptosis", ["pain"]).complaints[0].gaps)


def test_dates_ahead_are_told() -> None:
    ahead = asked("facial_palsy", [], since=dt.date(2031, 1, 1)).complaints[0]
    assert any("after the day of the question" in line for line in ahead.gaps)
    late = asked("facial_palsy", [], since=dt.date(2031, 1, 1), asked=dt.date(2031, 6, 1)).complaints[0]
    assert any("lies ahead" in line for line in late.gaps)
    assert asked("facial_palsy", [], since=dt.date(2020, 1, 1), asked=dt.date(2020, 1, 5)).asked == dt.date(
        2020, 1, 5
    )
    assert asked("facial_palsy", []).asked == TODAY


def test_the_number_to_call_stands_in_the_frame() -> None:
    lines = list(triage_lines(asked("botulism", ["descending_weakness"])))
    frame = lines[: lines.index("!" * 60, 1)]
    assert any("770-488-7100" in line for line in frame)
    assert "ambulance" in frame[2]


# Emergencies of the review by name: complaint, signs, age, days, conditions.


@pytest.mark.parametrize(
    ("use", "told", "age", "days", "conditions"),
    [
        ("facial_palsy", ["arm_weakness", "slurred_speech", "forehead_spared"], 60, 4, []),
        ("smile_asymmetry", ["arm_weakness", "slurred_speech"], 60, 5, []),
        ("glabellar_lines", ["arm_weakness"], 60, None, []),
        ("facial_palsy", ["forehead_spared"], 60, 30, []),
        ("ptosis", ["difficulty_swallowing", "slurred_speech"], 40, 5, []),
        ("glabellar_lines", ["double_vision", "difficulty_swallowing"], 40, 900, []),
        ("ptosis", ["suspect_food"], 40, 2, []),
        ("glabellar_lines", ["recent_toxin", "double_vision", "blurred_vision"], 40, 4, []),
        ("glabellar_lines", ["recent_toxin", "lid_ptosis", "double_vision"], 40, 4, []),
        ("ptosis", ["recent_toxin", "both_sides"], 40, 4, []),
        ("ptosis", ["recent_toxin", "fatigability"], 40, 4, []),
        ("masseter", ["recent_toxin", "arm_weakness"], 40, 900, []),
        ("ptosis", ["poor_feeding"], 1.1, 1, []),
        ("strabismus", ["poor_feeding"], 2.9, 100, []),
        ("episodic_migraine", ["jaw_claudication", "vision_loss"], 74, 5, []),
        ("strabismus", ["pain", "eye_movement_limited"], 60, 2, []),
        ("ptosis", [], 60, 1, ["third nerve palsy"]),
        ("strabismus", [], 60, 28, ["third nerve palsy"]),
        ("ptosis", [], 60, 1, ["Horner syndrome"]),
        ("facial_palsy", ["both_sides"], 30, 6, ["Guillain-Barre syndrome"]),
        ("facial_palsy", [], 30, 60, ["Guillain-Barre syndrome"]),
        ("glabellar_lines", ["difficulty_swallowing"], 30, 900, ["myasthenia gravis"]),
        ("glabellar_lines", ["blurred_vision"], 30, 900, ["botulism"]),
        ("epilepsy", ["fever"], 30, 1, []),
        ("cervical_dystonia", ["fever", "pain"], 8, 2, []),
    ],
)
def test_an_emergency(
    use: str, told: list[str], age: float, days: float | None, conditions: list[str]
) -> None:
    more: dict[str, Any] = {} if days is None else {"duration_days": days}
    found = asked(use, told, age=age, patient={"conditions": conditions}, **more)
    assert found.emergency, found.referrals
    assert found.verdict == "refer first"
    assert found.first


@pytest.mark.parametrize(
    ("use", "told", "age", "days", "conditions"),
    [
        ("ptosis", ["vision_loss"], 74, 1, []),
        ("glabellar_lines", ["vision_loss"], 40, 900, []),
        ("tension_headache", ["pain"], 74, 10, []),
        ("chronic_migraine", ["headache_days_15_or_more"], 70, 20, []),
        ("episodic_migraine", ["scalp_tender"], 50, 5, []),
        ("ptosis", [], 0.5, 1, []),
        ("strabismus", ["sudden_onset"], 60, 2, []),
        ("strabismus", ["pain"], 60, 2, []),
        ("strabismus", ["eye_movement_limited"], 60, 28, []),
        ("strabismus", [], 5, 3, ["sixth nerve palsy"]),
        ("strabismus", [], 5, 300, ["sixth nerve palsy"]),
        ("strabismus", [], 60, 28, ["sixth nerve palsy"]),
        ("glabellar_lines", [], 60, 900, ["third nerve palsy"]),
        ("glabellar_lines", [], 60, 900, ["Horner syndrome"]),
        ("glabellar_lines", [], 60, 900, ["diplopia"]),
        ("facial_palsy", ["both_sides"], 30, 6, []),
        ("facial_palsy", ["both_sides"], 30, None, []),
        ("cervical_dystonia", [], 30, 2, []),
    ],
)
def test_the_same_day(
    use: str, told: list[str], age: float, days: float | None, conditions: list[str]
) -> None:
    more: dict[str, Any] = {} if days is None else {"duration_days": days}
    found = asked(use, told or ["none"], age=age, patient={"conditions": conditions}, **more)
    assert found.verdict == "refer first"
    assert found.referrals[0].urgency == SAME_DAY


def test_a_stroke_that_was_excluded_and_weakness_of_old_are_no_emergency() -> None:
    assert not asked("facial_palsy", ["forehead_spared", "stroke_excluded"], duration_days=4).emergency
    assert not asked("upper_limb_spasticity", ["arm_weakness"], duration_days=400).emergency
    assert not asked("upper_limb_spasticity", ["arm_weakness"]).emergency
    assert asked("upper_limb_spasticity", ["arm_weakness"], duration_days=30).emergency
    assert asked("upper_limb_spasticity", ["arm_weakness", "sudden_onset"], duration_days=400).emergency


# Not told is not absent.


def test_one_innocent_sign_answers_no_question() -> None:
    nothing, innocent = (
        asked("ptosis", [], duration_days=1),
        asked("ptosis", ["pain_feared"], duration_days=1),
    )
    assert nothing.complaints[0].questions
    assert innocent.complaints[0].questions == nothing.complaints[0].questions
    assert any("neither told nor denied: pupil_change" in line for line in innocent.complaints[0].gaps)


def test_none_and_others_deny_everything() -> None:
    none = asked("ptosis", ["none"], duration_days=1).complaints[0]
    others = asked("ptosis", ["pain_feared"], signs_absent=["others"], duration_days=1).complaints[0]
    assert none.questions == others.questions == ()
    assert none.gaps == others.gaps == ()


def test_what_is_denied_is_not_asked_again() -> None:
    before = " ".join(asked("ptosis", [], duration_days=1).complaints[0].questions)
    after = " ".join(
        asked("ptosis", [], signs_absent=["pupil_change"], duration_days=1).complaints[0].questions
    )
    assert "one pupil is wider" in before
    assert "one pupil is wider" not in after
    assert "the pupil on the drooping side is smaller" in after


def test_toxin_of_late_asks_for_throat_and_breath() -> None:
    found = asked("ptosis", ["recent_toxin"], duration_days=4).complaints[0]
    assert any("swallowing is hard" in line and NOW in line for line in found.questions)
    assert found.verdict != "suits"


def test_an_emergency_asks_nothing_first() -> None:
    assert asked("facial_palsy", ["arm_weakness"]).complaints[0].questions == ()


# Conditions: a rule, or a word that none asks for them.


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("infection at the injection site", "does not suit"),
        ("lactation", "does not suit"),
        ("dysphagia", "does not suit"),
        ("psychosis", "refer first"),
        ("eating disorder", "refer first"),
        ("bleeding disorder", "may suit"),
        ("dementia", "may suit"),
        ("asthma", "may suit"),
        ("blepharoplasty", "may suit"),
        ("drooping eyelid", "does not suit"),
        ("mild myasthenia gravis", "does not suit"),
    ],
)
def test_a_known_condition_counts(condition: str, verdict: str) -> None:
    found = asked(
        "glabellar_lines",
        ["none"],
        severity={"scale": "FWS", "value": 3},
        patient={"conditions": [condition]},
    )
    assert found.verdict == verdict
    assert not any("no rule of triage" in line for line in found.complaints[0].gaps)


def test_a_known_condition_without_a_rule_is_named() -> None:
    told = {"conditions": ["hay fever", "gallbladder on fire"]}
    found = asked("glabellar_lines", ["none"], severity={"scale": "FWS", "value": 3}, patient=told)
    assert found.verdict == "suits"
    gaps = found.complaints[0].gaps
    assert any("`hay fever` is known, but no rule" in line for line in gaps)
    assert any("`gallbladder on fire` is not known" in line for line in gaps)
    assert not asked("glabellar_lines", ["none"], patient={"conditions": ["none"]}).complaints[0].gaps[2:]
