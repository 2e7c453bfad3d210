"""Cases and complaints: what is read, what is refused with one line, and that nothing breaks the reader."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endplate.catalogue.triage import scales, signs
from endplate.errors import EndplateError
from endplate.plan import (
    Case,
    case_json_schema,
    parse_case,
    parse_plan,
    plan_json_schema,
    plan_to_json,
    plan_to_toml,
    read_case,
    read_plan,
)

CASES = sorted((Path(__file__).resolve().parents[2] / "examples" / "triage").glob("*.toml"))
SMALL = """\
schema = "endplate/plan/1"

[patient]
age = 45
sex = "female"

[[complaint]]
indication = "glabellar_lines"
side = "left"
severity = { scale = "FWS", value = 2 }
since = 2026-01-01
asked = 2026-03-01
signs = ["lines_at_rest"]
earlier = [{ kind = "toxin", response = "good", sessions = 2 }]
"""


def refusal(old: str, new: str) -> str:
    assert old in SMALL
    with pytest.raises(EndplateError) as caught:
        parse_case(SMALL.replace(old, new))
    line = str(caught.value)
    assert line == " ".join(line.split())
    return line


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_example_is_read_and_fits_the_schema(path: Path) -> None:
    assert read_case(path).complaint
    tree = json.loads(json.dumps(tomllib.loads(path.read_text(encoding="utf-8")), default=str))
    schema = case_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(tree)


def test_one_complaint_may_stand_without_a_list() -> None:
    assert parse_case(SMALL.replace("[[complaint]]", "[complaint]")) == parse_case(SMALL)


def test_json_says_the_same() -> None:
    tree = json.dumps(tomllib.loads(SMALL), default=str)
    assert parse_case(tree, "json") == parse_case(SMALL)


def test_a_plan_keeps_its_complaint() -> None:
    plan = read_plan(next(path for path in CASES if path.stem == "plan-with-complaint"))
    assert plan.complaint[0].indication == "glabellar_lines"
    assert parse_plan(plan_to_toml(plan)) == plan
    assert parse_plan(plan_to_json(plan), "json") == plan
    jsonschema.Draft202012Validator(plan_json_schema()).validate(json.loads(plan_to_json(plan)))


def test_a_plan_without_a_complaint_is_written_as_before() -> None:
    plan = read_plan(CASES[0].parents[1] / "glabellar-lines.toml")
    assert plan.complaint == ()
    assert "complaint" not in plan_to_toml(plan)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('indication = "glabellar_lines"', 'indication = "glabelar lines"', "glabellar_lines"),
        ('indication = "glabellar_lines"\n', "", "indication is missing"),
        ("value = 2", "value = 4", "from 0 to 3"),
        ("value = 2", "value = 2.5", "steps of 1"),
        ("value = 2", "value = true", "number, or a grade"),
        ("value = 2", 'value = "severe"', "is no grade of Facial Wrinkle Scale"),
        ("value = 2", "value = nan", "number, or a grade"),
        ("value = 2", "value = 1e6", "1e+06 is no grade"),
        ("value = 2", "value = 1.1e6", "number, or a grade"),
        ("value = 2", 'value = ""', "number, or a grade"),
        ("value = 2", 'value = "x"', "0 to 3, without quotes"),
        ("value = 2", 'value = "abcdefghijkl"', "is no grade of"),
        ("value = 2", 'value = "abcdefghijklm"', "number, or a grade"),
        ("value = 2", 'value = "a\\tb"', "number, or a grade"),
        ('"FWS"', '"FWSS"', "Unknown scale"),
        ('"lines_at_rest"', '"lines_at_test"', "lines_at_rest"),
        ('"lines_at_rest"', '"none", "pain"', "stands alone"),
        ('"lines_at_rest"', '"pain", "pain"', "twice"),
        ('"lines_at_rest"', '"droopy"', "`lid_ptosis`"),
        ('"lines_at_rest"', '"others"', "Unknown sign"),
        ('["lines_at_rest"]', '["pain"]\nsigns_absent = ["pain"]', "signs and in signs_absent"),
        ('["lines_at_rest"]', '"none"\nsigns_absent = "others"', "Leave out signs_absent"),
        ('["lines_at_rest"]', '["pain"]\nsigns_absent = ["others", "fever"]', "stands alone"),
        ('["lines_at_rest"]', '["pain"]\nsigns_absent = ["none"]', "Unknown sign"),
        ("asked = 2026-03-01", "asked = 2025-03-01", "lies before since"),
        ("since = 2026-01-01", "since = 2026-01-01\nduration_days = 3", "both given"),
        ("since = 2026-01-01", "duration_days = -3", "at least 0"),
        ('side = "left"', 'side = "both"', "side must be"),
        ('kind = "toxin"', 'kind = "botox"', "kind must be"),
        ('response = "good"', 'response = "great"', "response must be"),
        ("sessions = 2", "sessions = 0", "at least 1"),
        ("side =", "sight =", "unknown key `sight`"),
        ("scale =", "scales =", "scale is missing"),
        ("age = 45", "age = 450", "at most 120"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(old: str, new: str, told: str) -> None:
    assert told in refusal(old, new)


def test_signs_that_are_absent_are_read() -> None:
    for told, kept in (('"others"', ("others",)), ('["pain", "fever"]', ("pain", "fever"))):
        text = SMALL.replace('["lines_at_rest"]', f'["lines_at_rest"]\nsigns_absent = {told}')
        assert parse_case(text).complaint[0].signs_absent == kept


def test_a_refusal_tells_its_place() -> None:
    assert "complaint 1, severity 1" in refusal("value = 2", "value = 9")
    assert refusal('"lines_at_rest"', '"x"').startswith("complaint 1")


def test_a_case_without_complaint_is_refused() -> None:
    head = SMALL.partition("[[complaint]]")[0]
    with pytest.raises(EndplateError, match=r"no complaint.*Add a table \[\[complaint\]\]"):
        parse_case(head)
    with pytest.raises(EndplateError):
        parse_plan(head)


@pytest.mark.parametrize("name", scales())
def test_every_scale_takes_its_ends_and_nothing_beyond(name: str) -> None:
    one = scales()[name]
    for value, fits in ((one.low, True), (one.high, True), (one.low - 1, False), (one.high + 1, False)):
        text = SMALL.replace('"FWS"', f'"{one.name}"').replace("value = 2", f"value = {value!r}")
        if fits:
            assert parse_case(text)
        else:
            with pytest.raises(EndplateError, match="is no grade of"):
                parse_case(text)
    for grade, number in one.grades.items():
        assert one.number(grade) == number


def test_a_scale_tells_its_range_and_grades() -> None:
    assert scales()["fws"].range == "from 0 to 3 in steps of 1"
    assert scales()["mrd1"].range == "from -5 to 10 mm"
    assert scales()["house_brackmann"].range == "from 1 to 6 in steps of 1 (I, II, III, IV, V, VI)"
    with pytest.raises(EndplateError, match=r"Grades: I, II, III, IV, V, VI\."):
        scales()["house_brackmann"].number("VII")
    assert scales()["house_brackmann"].number(" iv ") == scales()["house_brackmann"].number("4") == 4
    for odd in ("nan", "inf", "1e0", "\u0664", "4_0", "-"):
        with pytest.raises(EndplateError):
            scales()["house_brackmann"].number(odd)
    assert scales()["twstrs"].number(33.5) == 33.5  # no steps: any number between the ends


def test_since_on_the_day_asked_is_allowed() -> None:
    assert parse_case(SMALL.replace("asked = 2026-03-01", "asked = 2026-01-01"))


def test_half_steps_of_ashworth_are_those_of_the_scale() -> None:
    ashworth = scales()["modified_ashworth"]
    assert ashworth.number("1+") == 1.5
    for value in (0.5, 2.5, "2+"):
        with pytest.raises(EndplateError):
            ashworth.number(value)


def test_the_schema_holds_the_closed_list_of_signs() -> None:
    for schema in (case_json_schema(), plan_json_schema()):
        listed = schema["$defs"]["Complaint"]["properties"]["signs"]["anyOf"][0]["enum"]
        assert listed == [*signs(), "none"]
    tree = json.loads(json.dumps(tomllib.loads(SMALL), default=str))
    tree["complaint"][0]["signs"] = ["lines_at_test"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(case_json_schema()).validate(tree)


# Whatever stands in a file, the answer is a case or one line.

WORDS = [
    "nan", "-inf", "1e999", "-1", "0", '"left"', '"none"', "true", "[]", "{}", "[[complaint]]", "2026-13-01",
    "[complaint]", '"FWS"', '"1+"', '"\\ud800"', "[1, 2]", "= =", "\n", "1979-05-27T07:32:00Z", "signs", "\u2028",
    '"ptosis"', "[sessions]", "severity = 3", "\x7f", "\x00",
]  # fmt: skip
KEYS = st.sampled_from(
    "indication side severity scale value state since asked duration_days signs earlier kind name response sessions "
    "note complaint patient age sex conditions schema title total".split()
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.datetimes(),
    st.integers(min_value=10**300, max_value=10**320),
    st.sampled_from(["FWS", "1+", "ptosis", "left", "none", "pain", "2026-03-02", "toxin", "House-Brackmann", "VI"]),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


def assert_answered(text: str | bytes, kind: str = "toml") -> None:
    try:
        case = parse_case(text, kind)  # type: ignore[arg-type]
    except EndplateError as error:
        line = str(error)
        assert line == " ".join(line.split())
        assert line.isprintable()
        assert len(line) < 2000
    else:
        assert isinstance(case, Case)


@settings(max_examples=100)
@given(st.binary(max_size=300), st.sampled_from(["toml", "json"]))
def test_any_bytes_are_answered(content: bytes, kind: str) -> None:
    assert_answered(content, kind)


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_a_good_file_is_answered(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([path.read_text(encoding="utf-8") for path in CASES]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.sampled_from(WORDS) | st.text(max_size=3)) + text[end:]
    assert_answered(text)


@settings(max_examples=300)
@given(TREES)
def test_any_complaint_is_answered(tree: object) -> None:
    head = {"schema": "endplate/plan/1", "patient": {"age": 40, "sex": "male"}}
    try:
        text = json.dumps({**head, "complaint": tree}, default=str)
    except (TypeError, ValueError):
        return
    assert_answered(text, "json")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_shortened_file_is_answered(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for length in range(0, len(text), 7):
        assert_answered(text[:length])
