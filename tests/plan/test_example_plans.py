"""Every example plan reads, finds its places in the head, and weakens what it aims at."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from documents import ROOT

from endplate.assess import simulate
from endplate.plan import doses, plan_to_toml, read_plan

EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
PUBLISHED = {
    "glabellar-lines": 20.0,
    "crows-feet": 24.0,
    "forehead-lines": 40.0,
    "upper-face": 64.0,
    "blepharospasm": 15.0,
    "hemifacial-spasm": 12.0,
    "synkinesis": 57.5,
    "asymmetric-smile": 10.0,
    "masseter": 48.0,
    "platysma": 26.0,
}


@lru_cache(maxsize=1)
def course_of(path: Path) -> Any:
    return simulate(read_plan(path), days=42, samples=0)


def nadir(course: Any, muscle: str, side: str) -> float:
    return float(course.metrics["nadir"][course.row(muscle, side)])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_places_all_its_sites_and_weakens_every_muscle_it_names(path: Path) -> None:
    plan = read_plan(path)
    course = course_of(path)
    assert len(course.sites) == sum(len(session.injections) for session in plan.sessions)
    assert all(nadir(course, *target) < 0.99 for target in course.targets)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_written_out_is_the_same_plan(path: Path, tmp_path: Path) -> None:
    again = tmp_path / path.name
    again.write_text(plan_to_toml(read_plan(path)), encoding="utf-8")
    assert read_plan(again) == read_plan(path)


@pytest.mark.parametrize(("name", "units"), PUBLISHED.items())
def test_the_ten_published_patterns_hold_their_published_units(name: str, units: float) -> None:
    (dose,) = doses(read_plan(ROOT / "examples" / f"{name}.toml"))
    assert dose.units == pytest.approx(units)


def test_the_healthy_lower_lip_is_weakened_and_the_lost_one_left_alone() -> None:
    course = course_of(ROOT / "examples" / "asymmetric-smile.toml")
    assert nadir(course, "depressor_labii_inferioris", "right") < 0.3
    assert nadir(course, "depressor_labii_inferioris", "left") > 0.95


def test_spasm_and_cross_drive_are_inputs_of_their_examples() -> None:
    spasm = read_plan(ROOT / "examples" / "blepharospasm.toml").patient.spasm
    assert {(one.muscle, one.side) for one in spasm} >= {
        ("orbicularis_oculi_palpebral", "left"),
        ("orbicularis_oculi_palpebral", "right"),
    }
    person = read_plan(ROOT / "examples" / "synkinesis.toml").patient
    assert person.palsy and all(one.side == "left" for one in person.synkinesis)


def test_in_synkinesis_both_sides_are_treated_the_healthy_one_with_more() -> None:
    plan = read_plan(ROOT / "examples" / "synkinesis.toml")
    units = {
        side: sum(one.units for one in plan.sessions[0].injections if one.side == side)
        for side in ("left", "right")
    }
    assert units == {"left": 17.5, "right": 40.0}
