"""The published schema says what the reader accepts."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from endplate.errors import EndplateError
from endplate.plan import parse_plan, plan_json_schema, plan_to_dict, read_plan


def validator() -> jsonschema.Draft202012Validator:
    schema = plan_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_every_example_fits_the_schema_as_it_was_written(example: Path) -> None:
    tree = json.loads(json.dumps(tomllib.loads(example.read_text(encoding="utf-8")), default=str))
    validator().validate(tree)


def test_every_example_fits_the_schema_as_the_program_writes_it(example: Path) -> None:
    validator().validate(plan_to_dict(read_plan(example)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("units = 4", 'units = "4"'),
        ("units = 4", "unts = 4"),
        ("units = 4", "units = -4"),
        ("age = 45\n", ""),
        ('landmark = "brow_mid"\n', ""),
        ('schema = "endplate/plan/1"\n', ""),
        ("endplate/plan/1", "endplate/plan/2"),
        ('product = "onabotulinumtoxin_a"\n', ""),
        ("2026-03-02", "20260302"),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses(spoil, refusal, old: str, new: str) -> None:
    tree = json.loads(json.dumps(tomllib.loads(spoil((old, new))), default=str))
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(tree)
    assert refusal((old, new))


def test_every_field_has_its_place_in_the_schema(small: str) -> None:
    schema = plan_json_schema()
    assert schema["required"] == ["patient", "schema", "sessions"]
    assert set(plan_to_dict(parse_plan(small))) <= set(schema["properties"])
    assert json.loads(json.dumps(schema)) == schema


def test_a_target_outside_the_atlas_stands_without_a_place_and_comes_back_the_same() -> None:
    gland = {"muscle": "parotid_gland", "side": "left", "units": 30.0, "volume_ml": 0.6}
    session = {"date": "2026-03-02", "product": "incobotulinumtoxin_a", "indication": ["sialorrhoea"]}
    head = {"schema": "endplate/plan/1", "patient": {"age": 60, "sex": "male"}}
    tree = {**head, "sessions": [{**session, "injections": [gland]}]}
    validator().validate(tree)
    plan = parse_plan(json.dumps(tree), "json")
    assert parse_plan(json.dumps(plan_to_dict(plan)), "json") == plan
    for wrong in (
        {**gland, "landmark": "gonion"},
        {**gland, "muscle": "parotid_glands"},
        {**gland, "side": "midline"},
    ):
        with pytest.raises(EndplateError):
            parse_plan(json.dumps({**head, "sessions": [{**session, "injections": [wrong]}]}), "json")
