"""What is written is read back as it was, in TOML and JSON alike, to the last digit."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from endplate.plan import (
    Plan,
    parse_plan,
    plan_from_dict,
    plan_to_dict,
    plan_to_json,
    plan_to_toml,
    read_plan,
    write_plan,
)

PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")
FULL = """\
schema = "endplate/plan/1"
title = "Všechno \\"naráz\\" \\\\ – 全部"
note = "two\\nlines,\\ta tab"
[patient]
age = 61.5
sex = "male"
weight_kg = 81.3
skin_type = 3
conditions = ["dry eye"]
medicines = ["warfarin", "gentamicin"]
allergies = ["cow's milk"]
pregnancy = false
lactation = false
note = "n"
baseline = [{ area = "glabella", state = "rest", scale = "Merz", investigator = 2, subject = 1 }]
palsy = [{ branch = "buccal", side = "left", severity = 0.3, since = 2025-01-31 }]
synkinesis = [{ movement = "smile", muscle = "orbicularis_oculi_orbital", side = "left", strength = 0.1 }]
squint = [{ distance = "near", horizontal_pd = -12.5, vertical_pd = 3, eye = "right" }]
spasm = [{ muscle = "zygomaticus_major", side = "right", drive = 1 }]
[[sessions]]
date = 2025-06-30
given = true
indication = ["synkinesis", "glabellar_lines"]
product = "onabotulinumtoxin_a"
jurisdiction = "us"
lot = "C1234"
expiry = 2027-01-31
reconstituted_at = 2025-06-30T08:15:00.250000+02:00
guidance = "ultrasound"
note = "first"
reconstitution = { vial_units = 50, vials = 2, diluent_ml = 1.7, diluent = "preserved_saline" }
operator = { experience = "novice", id = "op-1" }
[[sessions.injections]]
id = "a"
landmark = "cheilion"
offset_mm = [-3.3, 0.1]
muscle = "orbicularis_oris"
side = "left"
units = 0.7
depth_mm = 2.2
[[sessions.injections]]
muscle = "medial_rectus"
along = 0.45
side = "right"
units = 2.5
[[sessions.injections]]
at_mm = [-31.7, 44.2, 61]
muscle = "frontalis"
side = "right"
units = 1e-3
layer = "subcutis"
"""


def assert_same(plan: Plan) -> None:
    toml, text = plan_to_toml(plan), plan_to_json(plan)
    from_toml, from_json = parse_plan(toml), parse_plan(text, "json")
    assert from_toml == from_json == plan
    assert plan_to_json(from_toml) == text
    assert plan_to_toml(from_json) == toml
    assert plan_from_dict(plan_to_dict(plan)) == plan
    assert plan_from_dict(plan.model_dump(by_alias=True)) == plan


def test_every_example_survives(example: Path) -> None:
    assert_same(read_plan(example))


def test_a_plan_with_everything_in_it_survives() -> None:
    plan = parse_plan(FULL)
    assert_same(plan)
    session = plan.sessions[0]
    assert session.reconstituted_at is not None
    assert session.reconstituted_at.isoformat() == "2025-06-30T08:15:00.250000+02:00"
    assert session.injections[0].offset_mm == (-3.3, 0.1)
    assert session.injections[0].volume_ml == 0.7 / (50 / 1.7)


def test_what_a_person_wrote_stands_in_the_written_file() -> None:
    written = tomllib.loads(plan_to_toml(parse_plan(FULL)))
    read = tomllib.loads(FULL)
    assert {key: written[key] for key in ("schema", "title", "note")} == {
        key: read[key] for key in ("schema", "title", "note")
    }
    assert written["patient"] == read["patient"]
    for one, other in zip(
        written["sessions"][0]["injections"], read["sessions"][0]["injections"], strict=True
    ):
        assert other.items() <= one.items()


def test_files_are_written_whole(tmp_path: Path) -> None:
    plan = parse_plan(FULL)
    for name in ("plan.toml", "plan.json", "PLAN.JSON"):
        write_plan(plan, tmp_path / name)
        assert read_plan(tmp_path / name) == plan
    assert len(list(tmp_path.iterdir())) == 3
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8")) == plan_to_dict(plan)


@given(
    age=st.floats(0, 120),
    up_mm=st.floats(-200, 200),
    volume_ml=st.floats(1e-300, 100),
    units=st.floats(0, 2000),
    title=st.text(PRINTABLE, min_size=1, max_size=120),
    note=st.text(PRINTABLE | st.sampled_from("\n\t"), min_size=1, max_size=200),
)
def test_any_number_and_any_text_survive(age, up_mm, volume_ml, units, title, note) -> None:
    injection = {
        "landmark": "trichion", "offset_mm": [0.0, up_mm], "muscle": "procerus", "units": units, "volume_ml": volume_ml,
    }  # fmt: skip
    session = {
        "date": "2026-03-02", "indication": "glabellar_lines", "product": "onabotulinumtoxin_a",
        "injections": [injection],
    }  # fmt: skip
    plan = plan_from_dict(
        {
            "schema": "endplate/plan/1",
            "title": title,
            "note": note,
            "patient": {"age": age, "sex": "male"},
            "sessions": [session],
        }
    )
    assert_same(plan)
    found = parse_plan(plan_to_toml(plan)).sessions[0].injections[0]
    assert (found.units, found.volume_ml, found.offset_mm) == (units, volume_ml, (0.0, up_mm))
