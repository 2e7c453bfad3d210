"""Mirrored and scaled plans are plans again."""

from __future__ import annotations

from pathlib import Path

import pytest

from endplate.errors import PlanError
from endplate.plan import mirror_plan, muscle_sides, parse_plan, plan_to_toml, read_plan, scale_units


def test_a_mirrored_plan_can_be_written_and_mirrored_back(example: Path) -> None:
    plan = read_plan(example)
    mirrored = mirror_plan(plan)
    assert parse_plan(plan_to_toml(mirrored)) == mirrored
    back = mirror_plan(mirrored)
    for session, again in zip(plan.sessions, back.sessions, strict=True):
        for one, other in zip(session.injections, again.injections, strict=True):
            named = {"pattern": None, "site": None}
            assert one.model_copy(update=named) == other
    assert back.patient == plan.patient


def test_left_and_right_change_places(spoil) -> None:
    patient = (
        'sex = "female"\n'
        'palsy = [{ branch = "buccal", side = "left", severity = 0.5 }]\n'
        'synkinesis = [{ branch = "buccal", muscle = "frontalis", side = "right", strength = 0.5 }]\n'
        'spasm = [{ muscle = "procerus", side = "midline", drive = 0.5 }]\n'
        'squint = [{ horizontal_pd = 10, vertical_pd = 4, eye = "left" }]\n'
    )
    more = (
        '[[sessions.injections]]\nat_mm = [12.5, 60, 90]\nmuscle = "frontalis"\nside = "left"\nunits = 2\n'
        '[[sessions.injections]]\nlandmark = "glabella"\noffset_mm = [11, 9]\nmuscle = "corrugator_supercilii"\n'
        'side = "left"\nunits = 2\n'
    )
    plan = mirror_plan(parse_plan(spoil(('sex = "female"\n', patient), ("+", more))))
    brow, point, midline = plan.sessions[0].injections
    assert (brow.side, brow.landmark, brow.offset_mm) == ("right", "brow_mid", (2.0, 20.0))
    assert (point.side, point.at_mm) == ("right", (-12.5, 60.0, 90.0))
    assert (midline.side, midline.offset_mm) == ("right", (-11.0, 9.0))
    assert [plan.patient.palsy[0].side, plan.patient.synkinesis[0].side, plan.patient.spasm[0].side] == [
        "right", "left", "midline",
    ]  # fmt: skip
    squint = plan.patient.squint[0]
    assert (squint.horizontal_pd, squint.vertical_pd, squint.eye) == (10.0, -4.0, "right")


@pytest.mark.parametrize("factor", [0, 0.25, 1, 3])
def test_scaling_changes_units_and_nothing_of_the_needle(example: Path, factor: float) -> None:
    plan = read_plan(example)
    scaled = scale_units(plan, factor)
    for session, other in zip(plan.sessions, scaled.sessions, strict=True):
        for one, two in zip(session.injections, other.injections, strict=True):
            assert two == one.model_copy(update={"units": one.units * factor})
    assert scale_units(plan, 1) == plan
    assert parse_plan(plan_to_toml(scaled)) == scaled


def test_scaling_refuses_what_cannot_be(small: str, spoil) -> None:
    plan = parse_plan(small)
    for factor in (-1, float("nan"), float("inf"), 1e300):
        with pytest.raises(PlanError):
            scale_units(plan, factor)
    with pytest.raises(PlanError, match="over ten"):
        scale_units(plan, 600)
    liquid = parse_plan(
        spoil(
            ("onabotulinumtoxin_a", "relabotulinumtoxin_a"),
            ("reconstitution = { vial_units = 100, diluent_ml = 2.5 }\n", ""),
            ("units = 4", "units = 10"),
        )
    )
    with pytest.raises(PlanError, match="ready-to-use liquid"):
        scale_units(liquid, 2)


def test_needle_and_muscle_may_have_different_sides(spoil) -> None:
    def told(*pairs: tuple[str, str]) -> tuple[str, tuple[str, ...]]:
        injection = parse_plan(spoil(*pairs)).sessions[0].injections[0]
        return injection.side, muscle_sides(injection)

    assert told() == ("left", ("left",))
    assert told(("brow_mid", "cheilion"), ("frontalis", "orbicularis_oris")) == ("left", ("midline",))
    on_midline = [("brow_mid", "trichion"), ("[2.0, 20.0]", "[0, -30]"), ('"left"', '"midline"')]
    assert told(*on_midline) == ("midline", ("left", "right"))
