"""Text in a plan is printed on terminals and pages: letters that act instead of being seen are refused."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from endplate.errors import PlanError
from endplate.plan import parse_plan, write_plan

DIRECTION = ["\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]
CONTROL = ["\x00", "\x07", "\x08", "\r", "\x1b", "\x7f", "\x85", "\x9b", "\u2028"]
PLACES = ["title", "note", "operator", "lot", "conditions"]


def text_with(place: str, letter: str) -> str:
    """A plan in JSON with this letter in one of its texts."""
    word = f"a{letter}b"
    injection = {"landmark": "glabella", "muscle": "procerus", "units": 4, "volume_ml": 0.1}
    session: dict = {
        "date": "2026-03-02",
        "indication": "glabellar_lines",
        "product": "onabotulinumtoxin_a",
        "injections": [injection],
    }
    plan: dict = {
        "schema": "endplate/plan/1",
        "patient": {"age": 45, "sex": "female"},
        "sessions": [session],
    }
    if place == "operator":
        session["operator"] = {"id": word}
    elif place == "lot":
        session["lot"] = word
    elif place == "conditions":
        plan["patient"]["conditions"] = [word]
    else:
        plan[place] = word
    return json.dumps(plan)


@pytest.mark.parametrize("letter", DIRECTION + CONTROL, ids=lambda letter: f"U+{ord(letter):04X}")
def test_letters_that_act_are_refused_everywhere_and_named(letter: str) -> None:
    for place in PLACES:
        with pytest.raises(PlanError) as caught:
            parse_plan(text_with(place, letter), "json")
        line = str(caught.value)
        assert line.isprintable() and letter not in line
        assert f"must not hold the invisible character U+{ord(letter):04X}" in line
        assert 'found text "a?b"' in line


@pytest.mark.parametrize("letter", ["\n", "\t"])
def test_notes_may_have_lines_and_tabs_and_names_may_not(letter: str) -> None:
    assert parse_plan(text_with("note", letter), "json").note == f"a{letter}b"
    with pytest.raises(PlanError, match="title must not hold"):
        parse_plan(text_with("title", letter), "json")


@pytest.mark.parametrize("word", ["é", "日本", "ß–…", "🙂", " "])
def test_letters_that_are_seen_are_welcome(word: str) -> None:
    assert parse_plan(text_with("title", word), "json").title == f"a{word}b"


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_written_plan_has_the_permissions_that_new_files_get(
    tmp_path: Path, small: str, mask: int, mode: int
) -> None:
    path = tmp_path / "plan.toml"
    before = os.umask(mask)
    try:
        write_plan(parse_plan(small), path)
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert list(tmp_path.iterdir()) == [path]
