"""What does not fit is refused in one line that names the place and the remedy."""

from __future__ import annotations

import pytest

PLACE = "session 1, injection 1"
FRONTALIS = '"frontalis"'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            FRONTALIS,
            '"fronatlis"',
            [PLACE, "Unknown muscle `fronatlis`", "`frontalis`", "endplate list muscles"],
        ),
        (
            "onabotulinumtoxin_a",
            "onabotulinumtoxin",
            ["session 1", "Unknown product", "`onabotulinumtoxin_a`"],
        ),
        ("onabotulinumtoxin_a", "\\u0080ona", ["session 1", "product must not hold", "U+0080"]),
        ("brow_mid", "brow_midd", [PLACE, "Unknown landmark", "`brow_mid`"]),
        ("brow_mid", "brow_mid.left", [PLACE, 'landmark = "brow_mid" and side = "left"']),
        ("glabellar_lines", "glabelar_lines", ["Unknown indication", "`glabellar_lines`"]),
        ("product =", 'jurisdiction = "uss"\nproduct =', ["Unknown jurisdiction `uss`", "us"]),
        ("product =", 'pattern = "glabellar_lines"\nproduct =', ["Unknown pattern", "glabellar_lines."]),
        ("units = 4", "unts = 4", [PLACE, "unknown key `unts`", "`units`"]),
        ("age = 45", "ages = 45", ["patient", "age is missing", "age = 45"]),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(refusal, old: str, new: str, words: list[str]) -> None:
    line = refusal((old, new))
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("units = 4", 'units = "4"', [PLACE, "units must be a number", 'text "4"', "without quotes"]),
        ("units = 4", "units = true", [PLACE, "units must be a number", "true"]),
        ("units = 4", "units = -4", [PLACE, "units must be at least 0", "-4"]),
        ("units = 4", "units = nan", [PLACE, "units must be a finite number"]),
        ("units = 4", "units = inf", [PLACE, "units must be a finite number"]),
        ("units = 4", "units = 2026-03-02", [PLACE, "units must be a number", "date 2026-03-02"]),
        ("volume_ml = 0.1", "volume_ml = 0", [PLACE, "volume_ml must be above 0"]),
        ("volume_ml = 0.1", "volume_ml = -0.1", [PLACE, "volume_ml must be above 0"]),
        ("volume_ml = 0.1", "volume_ml = nan", [PLACE, "volume_ml must be a finite number"]),
        ("volume_ml = 0.1", "volume_ml = 0.1\ndepth_mm = -1", [PLACE, "depth_mm must be at least 0"]),
        (
            "volume_ml = 0.1",
            'volume_ml = 0.1\nlayer = "bone"',
            [PLACE, "layer must be 'dermis'", "'submuscular'"],
        ),
        ("[2.0, 20.0]", "[2.0]", [PLACE, "offset_mm"]),
        ("[2.0, 20.0]", "[2.0, 20.0, 3.0]", [PLACE, "offset_mm"]),
        ("[2.0, 20.0]", '[2.0, "x"]', [PLACE, "offset_mm 2 must be a number"]),
        ("age = 45", "age = 121", ["patient: age must be at most 120"]),
        ("age = 45", "age = -1", ["patient: age must be at least 0"]),
        ("age = 45", "age = 1" + "0" * 400, ["age"]),
        ('"female"', '"woman"', ["patient: sex must be 'female' or 'male'"]),
        ("2026-03-02", "1979-12-31", ["session 1: date must lie in the years 1980 to 2100"]),
        ("2026-03-02", "2101-01-01", ["session 1: date must lie in the years 1980 to 2100"]),
        ("2026-03-02", "20260302", ["session 1: date must be a date like"]),
        ("2026-03-02", '"2026-02-30"', ["session 1: date", "day"]),
        ("2026-03-02", "2026-03-02T10:00:00", ["session 1: date must be a date like"]),
        ("diluent_ml = 2.5", "diluent_ml = 0", ["session 1, reconstitution: diluent_ml must be"]),
        ("vial_units = 100, ", "", ["session 1, reconstitution: vial_units is missing"]),
    ],
)
def test_a_wrong_value_is_told_with_its_place(refusal, old: str, new: str, words: list[str]) -> None:
    line = refusal((old, new))
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('side = "left"\n', "", [PLACE, "side is missing", "frontalis is on both sides"]),
        ('side = "left"', 'side = "midline"', [PLACE, "landmark brow_mid", "left", "right"]),
        (
            'landmark = "brow_mid"\noffset_mm = [2.0, 20.0]\nmuscle = "frontalis"',
            'at_mm = [20.0, 40.0, 80.0]\nmuscle = "procerus"',
            [PLACE, "procerus is one muscle across the midline"],
        ),
        (
            'landmark = "brow_mid"\noffset_mm = [2.0, 20.0]',
            "at_mm = [-20.0, 40.0, 80.0]",
            [PLACE, 'side = "left" contradicts -20 mm', 'side = "right"'],
        ),
        ("brow_mid", "sellion", None),
        ('landmark = "brow_mid"\n', "", [PLACE, "exactly one site form, found: none", "at_mm"]),
        ("muscle =", "at_mm = [1, 2, 3]\nmuscle =", [PLACE, "exactly one site form, found: landmark, at_mm"]),
        ("muscle =", "along = 0.5\nmuscle =", [PLACE, "exactly one site form"]),
        ('landmark = "brow_mid"', "at_mm = [20, 40, 80]", [PLACE, "`offset_mm` is given without `landmark`"]),
        ("muscle =", 'site = "procerus"\nmuscle =', [PLACE, "`site` is given without `pattern`"]),
        ('muscle = "frontalis"\n', "", [PLACE, "the muscle aimed at is missing"]),
        ("units = 4\n", "", [PLACE, "units are missing"]),
    ],
)
def test_a_site_that_is_not_one_site_is_refused(refusal, spoil, old, new, words) -> None:
    if words is None:  # a midline landmark with a lateral offset to the left and a left muscle is one site
        from endplate.plan import parse_plan

        assert parse_plan(spoil((old, new))).sessions[0].injections[0].side == "left"
        return
    line = refusal((old, new))
    assert all(word in line for word in words), line


def test_a_midline_landmark_with_an_offset_to_the_other_side_is_refused(refusal) -> None:
    line = refusal(("brow_mid", "sellion"), ("[2.0, 20.0]", "[-2.0, 20.0]"))
    assert 'side = "left" contradicts -2 mm' in line


def test_a_paired_muscle_is_midline_only_on_the_midline(refusal) -> None:
    line = refusal(("brow_mid", "trichion"), ('"left"', '"midline"'))
    assert "frontalis is a paired muscle, it has no midline side" in line


def test_an_injection_cannot_be_missing(refusal) -> None:
    text = "[[sessions.injections]]"
    line = refusal((text, "[patient.extra]"))
    assert "patient: unknown key `extra`" in line
    rest = 'landmark = "brow_mid"\noffset_mm = [2.0, 20.0]\nmuscle = "frontalis"\nside = "left"\n'
    line = refusal((f"\n{text}\n{rest}units = 4\nvolume_ml = 0.1\n", ""))
    assert "session 1: there is no injection" in line


def test_a_plan_without_sessions_is_refused(spoil) -> None:
    from endplate.errors import PlanError
    from endplate.plan import parse_plan

    head = spoil().partition("[[sessions]]")[0]
    with pytest.raises(PlanError, match="sessions is missing"):
        parse_plan(head)
    with pytest.raises(PlanError, match="there is no session"):
        parse_plan("sessions = []\n" + head)


SECOND = """
[[sessions]]
date = {date}
given = {given}
indication = "glabellar_lines"
product = "onabotulinumtoxin_a"
[[sessions.injections]]
id = "{id}"
landmark = "glabella"
muscle = "procerus"
units = 4
volume_ml = 0.1
"""


def test_sessions_stand_in_order_of_date(refusal) -> None:
    line = refusal(("+", SECOND.format(date="2026-03-01", given="false", id="x")))
    assert "session 2 (2026-03-01) is dated before session 1 (2026-03-02)" in line


def test_two_sessions_may_share_a_date(spoil) -> None:
    from endplate.plan import parse_plan

    plan = parse_plan(spoil(("+", SECOND.format(date="2026-03-02", given="false", id="x"))))
    assert [session.date.day for session in plan.sessions] == [2, 2]


def test_a_given_session_cannot_follow_a_planned_one(refusal) -> None:
    line = refusal(("+", SECOND.format(date="2026-04-01", given="true", id="x")))
    assert "session 2 (2026-04-01) is given, but session 1 is only planned" in line


def test_an_id_is_used_once(refusal) -> None:
    line = refusal(
        ("units = 4", 'id = "x"\nunits = 4'), ("+", SECOND.format(date="2026-04-01", given="false", id="x"))
    )
    assert "session 2, injection 1: id `x` is taken by session 1, injection 1" in line


def test_muscles_of_the_patient_are_looked_up(refusal) -> None:
    spasm = 'sex = "female"\nspasm = [{ muscle = "zygomaticus_majr", side = "left", drive = 0.3 }]'
    assert "patient, spasm 1: Unknown muscle" in refusal(('sex = "female"', spasm))
    midline = spasm.replace("zygomaticus_majr", "procerus")
    assert "patient, spasm 1: procerus is one muscle" in refusal(('sex = "female"', midline))
    twice = 'sex = "female"\nsynkinesis = [{ muscle = "zygomaticus_major", side = "left", strength = 0.3 }]'
    assert "patient, synkinesis 1: a synkinesis starts from one thing" in refusal(('sex = "female"', twice))


def test_further_wrong_places_are_counted(refusal) -> None:
    assert "(1 more to correct.)" in refusal(("units = 4", 'units = "4"'), ("age = 45", 'age = "45"'))
