"""What triage prints and writes: an emergency stands first everywhere, the JSON fits its schema."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest
from triage_cases import case_for, read

from endplate.catalogue.triage import triage_rules
from endplate.check.triage import triage
from endplate.model.course import BANNER
from endplate.plan import read_case
from endplate.report.triage_document import triage_document, triage_json_schema
from endplate.report.triage_page import FILES, triage_html, write_triage
from endplate.report.triage_words import print_triage, triage_lines

CASES = sorted((Path(__file__).resolve().parents[2] / "examples" / "triage").glob("*.toml"))
TODAY = dt.date(2026, 11, 23)


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def found(request: pytest.FixtureRequest):
    return triage(read_case(request.param), TODAY)


def test_an_emergency_cannot_be_missed(found) -> None:
    lines = list(triage_lines(found))
    document = triage_document(found)
    page = triage_html(found)
    assert document["emergency"] is found.emergency
    assert list(document)[:3] == ["schema", "emergency", "urgency"]
    assert (lines[1] == "EMERGENCY NOW") == found.emergency
    assert lines[0].startswith("!!!") == found.emergency
    assert ('role="alert"' in page) == found.emergency
    assert ("<title>EMERGENCY NOW" in page) == found.emergency
    if found.emergency:
        assert page.index('role="alert"') < page.index("<h1>")
        assert "emergency now" in document["referrals"][0]["urgency"]
        for line in found.first:
            assert any(line in each for each in lines[:12])


def test_every_output_carries_the_banner(found) -> None:
    assert BANNER in list(triage_lines(found))
    assert triage_document(found)["notice"] == BANNER
    assert BANNER in triage_html(found)


def test_the_document_fits_its_schema(found) -> None:
    schema = triage_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = triage_document(found)
    jsonschema.Draft202012Validator(schema).validate(document)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_the_page_asks_nothing_of_a_network(found) -> None:
    page = triage_html(found)
    for mark in ("http://", "https://", "<script", "<link", "src=", "@import", "url("):
        assert mark not in page


def test_every_rule_has_its_words() -> None:
    schema = jsonschema.Draft202012Validator(triage_json_schema())
    for rule in triage_rules().values():
        answer = triage(read(case_for(rule)), TODAY)
        schema.validate(triage_document(answer))
        assert rule.reason in " ".join(triage_lines(answer))


def test_text_of_a_stranger_is_escaped() -> None:
    tree = case_for(triage_rules()["ptosis"])
    tree["title"] = "<script>alert(1)</script>"
    page = triage_html(triage(read(tree), TODAY))
    assert "<script" not in page


def test_a_folder_gets_page_and_json(tmp_path: Path) -> None:
    answer = triage(read_case(CASES[0]), TODAY)
    page = write_triage(answer, tmp_path / "out")
    assert page.name == "triage.html"
    assert sorted(path.name for path in page.parent.iterdir()) == sorted(FILES)
    assert json.loads((page.parent / "triage.json").read_text(encoding="utf-8")) == triage_document(answer)


def test_sessions_are_left_aside_and_that_is_said() -> None:
    answer = triage(read_case(next(path for path in CASES if path.stem == "plan-with-complaint")), TODAY)
    assert answer.sessions_left_aside == 1
    assert any("one session: left aside" in line for line in triage_lines(answer))


def test_lines_fit_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    print_triage(triage(read_case(CASES[0]), TODAY))
    printed = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in printed) <= 60


def test_rows_from_memory_are_counted(found) -> None:
    told = any(line.startswith("From memory, verify") for line in triage_lines(found))
    assert told == bool(found.unchecked)
    assert list(found.unchecked) == triage_document(found)["unchecked"]


def test_of_several_complaints_the_headline_says_which_verdict_it_is() -> None:
    answer = triage(read_case(next(path for path in CASES if path.stem == "psp-lids")), TODAY)
    assert "does not suit (the strictest of 2 complaints)" in next(triage_lines(answer))
