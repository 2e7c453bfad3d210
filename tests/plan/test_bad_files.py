"""A file that is no plan is refused in one line, whatever it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from endplate.errors import EndplateError, PlanError
from endplate.plan import parse_plan, plan_from_dict, plan_to_json, read_plan, write_plan

DEEP = 200_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "the file is binary"),
        (b'schema = "\xff"', "not UTF-8 text (byte 10)"),
        (b'schema = "endplate/plan/1"\ntitle = ', "line 2"),
        (b'title = "a"\ntitle = "b"', "line 2"),
        (b"x = 1" + b"0" * 5000, "not TOML"),
        (b"x = " + b"[" * DEEP, "nested too deeply"),
        (b'title = "x"', "schema is missing"),
        (b"schema = 1", "schema is 1."),
        (
            b'schema = "endplate/plan/2"',
            "endplate/plan/2 is newer than this program. This version reads endplate/plan/1",
        ),
        (b'schema = "endplate/plan/999999999"', "is newer than this program"),
        (b'schema = "endplate/plan/0"', "there is no schema"),
        (b'schema = "endplate/plan/01"', "there is no schema"),
        (b'schema = "other/1"', "This version reads endplate/plan/1"),
        (b'schema = "endplate/plan/1"', "patient is missing"),
        (b"#" * 5_000_001, "too large: 5.0 MB"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_a_toml_file_that_is_no_plan_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(content)
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(path)[:20])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"schema": "endplate/plan/1", "schema": "endplate/plan/1"}', "key `schema` stands twice"),
        ('{"schema": "endplate/plan/1", "patient": {"age": 1, "age": 2}}', "key `age` stands twice"),
        ('{"schema": "endplate/plan/1",', "line 1, column"),
        ("[1, 2]", "a plan is a table, found a list of 2"),
        ("null", "a plan is a table, found nothing"),
        ('{"schema": NaN}', "number `NaN`"),
        ('{"schema": ' + "[" * DEEP, "nested too deeply"),
        ('{"schema": 1' + "0" * 5000 + "}", "not JSON"),
        ('{"schema": "endplate/plan/1", "title": "\\ud800"}', "title must be proper Unicode"),
        ('{"schema": "endplate/plan/1", "\\ud800\\u0007": 1, "patient": 3, "sessions": []}', ""),
    ],
    ids=range(10),
)
def test_a_json_file_that_is_no_plan_is_refused(content: str, words: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse_plan(content, "json")
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path, words in [
        (tmp_path / "none.toml", "there is no such file"),
        (tmp_path / "none.yaml", "ends in .toml or .json"),
        (tmp_path / "none", "ends in .toml or .json"),
        (Path("zero\0.toml"), "cannot be read"),
    ]:
        with pytest.raises(PlanError, match=words):
            read_plan(path)
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    with pytest.raises(PlanError, match="not a file"):
        read_plan(folder)


def test_a_byte_order_mark_is_no_harm(small: str) -> None:
    assert parse_plan(b"\xef\xbb\xbf" + small.encode()) == parse_plan(small)


def test_keys_without_end_do_not_exhaust_the_reader() -> None:
    with pytest.raises(EndplateError):
        parse_plan('schema = "endplate/plan/1"\n' + ".".join("a" * 20_000) + " = 1")


def test_a_plan_is_not_written_where_it_cannot_be(tmp_path: Path, small: str) -> None:
    plan = parse_plan(small)
    with pytest.raises(PlanError, match="cannot be written"):
        write_plan(plan, tmp_path / "no" / "plan.toml")
    with pytest.raises(PlanError, match=r"ends in \.toml or \.json"):
        write_plan(plan, tmp_path / "plan.yaml")
    taken = tmp_path / "taken.json"
    taken.mkdir()
    with pytest.raises(PlanError, match="cannot be written"):
        write_plan(plan, taken)
    assert list(tmp_path.iterdir()) == [taken]


def test_a_tree_is_checked_like_a_file(small: str) -> None:
    with pytest.raises(PlanError, match="schema is missing"):
        plan_from_dict({})
    with pytest.raises(PlanError, match="a plan is a table"):
        plan_from_dict([])  # type: ignore[arg-type]
    with pytest.raises(PlanError, match="Unknown format"):
        parse_plan(plan_to_json(parse_plan(small)), "yaml")  # type: ignore[arg-type]
