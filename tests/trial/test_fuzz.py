"""Whatever stands in a file, the reader answers with a design or with an error of the package."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endplate.errors import EndplateError
from endplate.trial import Design, design_from_dict, parse_design

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "trials"
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.toml"))]
WORDS = [
    "nan", "-inf", "1e999", "-1", "0", '"placebo"', '"glabella"', "true", "[]", "{}", "[[x]]", "2026-13-01", "1" * 500,
    '"onabotulinumtoxin_a"', '"\\ud800"', "[1, 2, 3]", "= =", "\n", "1979-05-27T07:32:00Z", "scale = 9e99", "[arms]",
    '"endplate/trial/2"', "[[arms]]", "units_per_site = 0.0001", "[population]", "\u2028", "\x7f", "\x00", "n = 1e9",
]  # fmt: skip
KEYS = st.sampled_from(
    "schema title note arms name n product pattern injections units_per_site scale reconstitution sex population age "
    "mean sd min max baseline glabella moderate severe previously_treated share days_ago arm operator experience "
    "needle_sd_mm visits endpoints id area days durations dropout share_per_30_days by_visit missing retreatment "
    "min_days at_most comparisons against endpoint day kind margin alpha power muscle side landmark units "
    "volume_ml".split()
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(),
    st.integers(min_value=10**300, max_value=10**320), st.lists(st.integers(-5, 800), max_size=4),
    st.sampled_from(
        ["endplate/trial/1", "female", "placebo", "glabella", "onabotulinumtoxin_a", "procerus", "masseter",
         "glabellar_lines.onabotulinumtoxin_a", "investigator_none_mild", "loss_of_none_mild_both", "superiority"]
    ),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


def assert_answered(read, *arguments) -> None:
    try:
        design = read(*arguments)
    except EndplateError as error:
        line = str(error)
        assert line == " ".join(line.split())
        assert line.isprintable()
        assert len(line) < 2000
        assert "Traceback" not in line
    else:
        assert isinstance(design, Design)
        assert design_from_dict(design.to_dict()) == design


@settings(max_examples=150)
@given(st.binary(max_size=400), st.sampled_from(["toml", "json"]))
def test_any_bytes_are_answered(content: bytes, kind: str) -> None:
    assert_answered(parse_design, content, kind)


@settings(max_examples=100)
@given(st.text(max_size=400), st.sampled_from(["toml", "json"]))
def test_any_text_is_answered(content: str, kind: str) -> None:
    assert_answered(parse_design, content, kind)


@settings(max_examples=200)
@given(st.data())
def test_any_change_of_a_good_file_is_answered(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.sampled_from(WORDS) | st.text(max_size=3)) + text[end:]
    assert_answered(parse_design, text)


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_one_value_is_answered(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(TEXTS)).splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    key, mark, _ = lines[number].partition("=")
    lines[number] = f"{key}{mark} {data.draw(st.sampled_from(WORDS))}"
    assert_answered(parse_design, "\n".join(lines))


@settings(max_examples=150)
@given(TREES)
def test_any_tree_is_answered(tree: object) -> None:
    assert_answered(design_from_dict, tree)


@settings(max_examples=300)
@given(
    st.dictionaries(KEYS, TREES, max_size=6),
    st.dictionaries(KEYS, TREES, max_size=4),
    st.sampled_from([0, 1, 2]),
)
def test_any_part_of_a_design_is_answered(part: dict, people: dict, which: int) -> None:
    arm = {"name": "a", "n": 5, "product": "placebo"}
    endpoint = {"id": "investigator_none_mild", "area": "glabella"}
    tree = {"schema": "endplate/trial/1", "visits": [30], "arms": [arm], "endpoints": [endpoint]}
    if which == 0:
        tree["arms"] = [arm | {"product": "onabotulinumtoxin_a"} | part]
    elif which == 1:
        tree["endpoints"] = [endpoint, part]
    else:
        tree |= part
    assert_answered(design_from_dict, tree | {"population": people})


@pytest.mark.parametrize("text", TEXTS)
def test_every_shortened_file_is_answered(text: str) -> None:
    for length in range(0, len(text), 7):
        assert_answered(parse_design, text[:length])
