"""Whatever stands in a file, the reader answers with a plan or with an error of the package."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endplate.errors import EndplateError
from endplate.plan import Plan, parse_plan, plan_from_dict, plan_to_toml

TEXTS = [
    path.read_text(encoding="utf-8")
    for path in (Path(__file__).resolve().parents[2] / "examples").glob("*.toml")
]
WORDS = [
    "nan", "-inf", "1e999", "-1", "0", '"left"', '"midline"', "true", "[]", "{}", "[[x]]", "2026-13-01", "1" * 500,
    '"procerus"', '"\\ud800"', "[1, 2, 3]", "= =", "\n", "1979-05-27T07:32:00Z", "units = 9e99", "side", "07:32:00",
    '"endplate/plan/2"', "along = 0.5", "at_mm = [1, 2, 3]", "[sessions]", "[patient]", "\u2028", "\x7f", "\x00",
]  # fmt: skip
KEYS = st.sampled_from(
    "schema title note patient sessions age sex weight_kg conditions baseline palsy synkinesis squint spasm date given "
    "indication product jurisdiction pattern reconstitution lot expiry reconstituted_at operator guidance injections "
    "id site landmark offset_mm at_mm along muscle side units volume_ml depth_mm layer vial_units vials diluent_ml "
    "units_per_0_1_ml area total".split()
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.datetimes(),
    st.integers(min_value=10**300, max_value=10**320),
    st.sampled_from(
        ["endplate/plan/1", "female", "left", "midline", "onabotulinumtoxin_a", "procerus", "frontalis", "glabella",
         "brow_mid", "glabellar_lines", "glabellar_lines.onabotulinumtoxin_a", "2026-03-02", "medial_rectus"]
    ),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)
SESSIONS = st.dictionaries(KEYS, LEAVES, max_size=6)


def assert_answered(read, *arguments) -> None:
    try:
        plan = read(*arguments)
    except EndplateError as error:
        line = str(error)
        assert line == " ".join(line.split())
        assert line.isprintable()
        assert len(line) < 2000
        assert "Traceback" not in line
    else:
        assert isinstance(plan, Plan)
        assert parse_plan(plan_to_toml(plan)) == plan


@settings(max_examples=150)
@given(st.binary(max_size=400), st.sampled_from(["toml", "json"]))
def test_any_bytes_are_answered(content: bytes, kind: str) -> None:
    assert_answered(parse_plan, content, kind)


@settings(max_examples=150)
@given(st.text(max_size=400), st.sampled_from(["toml", "json"]))
def test_any_text_is_answered(content: str, kind: str) -> None:
    assert_answered(parse_plan, content, kind)


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_a_good_file_is_answered(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.sampled_from(WORDS) | st.text(max_size=3)) + text[end:]
    assert_answered(parse_plan, text)


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_one_value_is_answered(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(TEXTS)).splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    key, mark, _ = lines[number].partition("=")
    lines[number] = f"{key}{mark} {data.draw(st.sampled_from(WORDS))}"
    assert_answered(parse_plan, "\n".join(lines))


@settings(max_examples=200)
@given(TREES)
def test_any_tree_is_answered(tree: object) -> None:
    assert_answered(plan_from_dict, tree)


@settings(max_examples=300)
@given(SESSIONS, st.lists(st.dictionaries(KEYS, LEAVES, max_size=8), max_size=3))
def test_any_session_of_a_plan_is_answered(session: dict, injections: list[dict]) -> None:
    session = {"date": "2026-03-02", "product": "onabotulinumtoxin_a", **session, "injections": injections}
    patient = {"age": 40, "sex": "male"}
    assert_answered(plan_from_dict, {"schema": "endplate/plan/1", "patient": patient, "sessions": [session]})


@settings(max_examples=100)
@given(st.dictionaries(KEYS, TREES, max_size=6))
def test_any_patient_of_a_plan_is_answered(patient: dict) -> None:
    patient = {"age": 40, "sex": "male", **patient}
    assert_answered(plan_from_dict, {"schema": "endplate/plan/1", "patient": patient, "sessions": [{}]})


@pytest.mark.parametrize("text", TEXTS)
def test_every_shortened_file_is_answered(text: str) -> None:
    for length in range(0, len(text), 7):
        assert_answered(parse_plan, text[:length])
