"""Units, volume and vial agree, or the right figure is told; products are never added."""

from __future__ import annotations

import pytest

from endplate.errors import PlanError
from endplate.plan import doses, parse_plan
from endplate.units import Dose

INJECTION = "session 1, injection 1"


def test_a_volume_that_does_not_hold_the_units_is_refused_with_the_right_one(refusal) -> None:
    line = refusal(("volume_ml = 0.1", "volume_ml = 0.2"))
    assert "vial arithmetic does not fit" in line
    assert "hold 8 U, not 4 U" in line
    assert "volume_ml = 0.1" in line


@pytest.mark.parametrize(
    ("volume_ml", "fits"), [(0.0985, True), (0.1019, True), (0.0975, False), (0.103, False)]
)
def test_two_per_cent_are_allowed(spoil, volume_ml: float, fits: bool) -> None:
    text = spoil(("volume_ml = 0.1", f"volume_ml = {volume_ml}"))
    if fits:
        assert parse_plan(text).sessions[0].injections[0].volume_ml == volume_ml
    else:
        with pytest.raises(PlanError, match="vial arithmetic does not fit"):
            parse_plan(text)


def test_the_stated_concentration_is_checked_to_one_per_cent(refusal, spoil) -> None:
    vial = "diluent_ml = 2.5"
    assert parse_plan(spoil((vial, f"{vial}, units_per_0_1_ml = 4.03")))
    line = refusal((vial, f"{vial}, units_per_0_1_ml = 5"))
    assert "100 U in 2.5 mL are 4 U per 0.1 mL, not 5" in line
    assert "units_per_0_1_ml = 4" in line


def test_a_vial_that_is_not_made_is_refused(refusal) -> None:
    line = refusal(("vial_units = 100", "vial_units = 125"))
    assert "session 1, reconstitution" in line
    assert "50 U, 100 U, 200 U" in line


def test_the_volume_follows_from_the_vial_when_it_is_left_out(spoil) -> None:
    assert parse_plan(spoil(("volume_ml = 0.1\n", ""))).sessions[0].injections[0].volume_ml == 0.1


def test_without_a_vial_the_volume_must_be_given(refusal) -> None:
    vial = "reconstitution = { vial_units = 100, diluent_ml = 2.5 }\n"
    assert "volume_ml is missing" in refusal((vial, ""), ("volume_ml = 0.1\n", ""))


def test_no_units_are_allowed_in_any_volume(spoil) -> None:
    injection = parse_plan(spoil(("units = 4", "units = 0"))).sessions[0].injections[0]
    assert (injection.units, injection.volume_ml) == (0.0, 0.1)


def test_a_session_needs_enough_vials(refusal) -> None:
    line = refusal(("units = 4", "units = 120"), ("volume_ml = 0.1", "volume_ml = 3"))
    assert "need 120 U, the vials hold 100 U" in line
    assert "vials = 2" in line


def test_over_ten_of_the_largest_vials_are_absurd_in_one_injection(refusal) -> None:
    line = refusal(("units = 4", "units = 2001"))
    assert INJECTION in line
    assert "over ten of its largest vials (200 U each)" in line
    assert "at most 2000 U" in line


def test_over_ten_of_the_largest_vials_are_absurd_in_one_session(refusal) -> None:
    vial = "reconstitution = { vial_units = 100, diluent_ml = 2.5 }\n"
    more = (
        '[[sessions.injections]]\nlandmark = "glabella"\nmuscle = "procerus"\nunits = 1500\nvolume_ml = 1\n'
    )
    line = refusal((vial, ""), ("units = 4", "units = 1500"), ("+", more))
    assert line.startswith("session 1: 3000 U of onabotulinumtoxin_a is over ten")


def test_a_ready_to_use_liquid_has_its_own_concentration(spoil) -> None:
    liquid = [
        ("onabotulinumtoxin_a", "relabotulinumtoxin_a"),
        ("reconstitution = { vial_units = 100, diluent_ml = 2.5 }\n", ""),
    ]
    plan = parse_plan(spoil(*liquid, ("units = 4", "units = 10")))
    assert plan.sessions[0].injections[0].volume_ml == 0.1
    with pytest.raises(PlanError, match="vial arithmetic does not fit"):
        parse_plan(spoil(*liquid))
    with pytest.raises(PlanError, match="ready-to-use liquid"):
        parse_plan(spoil(liquid[0]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("date =", "total = 4\ndate ="),
        ("[patient]", "total_units = 4\n[patient]"),
        ("units = 4", 'product = "abobotulinumtoxin_a"\nunits = 4'),
        ('"onabotulinumtoxin_a"', '["onabotulinumtoxin_a", "abobotulinumtoxin_a"]'),
        ('"onabotulinumtoxin_a"', '"onabotulinumtoxin_a + abobotulinumtoxin_a"'),
        ("product =", 'pattern = "glabellar_lines.abobotulinumtoxin_a"\nproduct ='),
    ],
)
def test_products_are_never_added(refusal, old: str, new: str) -> None:
    line = refusal((old, new))
    assert "never added" in line
    assert "session of its own" in line


def test_doses_are_kept_product_by_product(spoil) -> None:
    abo = (
        "[[sessions]]\ndate = 2026-09-01\n"
        'pattern = "glabellar_lines.abobotulinumtoxin_a"\nproduct = "abobotulinumtoxin_a"\n'
    )
    plan = parse_plan(spoil(("+", abo)))
    assert doses(plan) == (Dose("onabotulinumtoxin_a", 4.0), Dose("abobotulinumtoxin_a", 50.0))
