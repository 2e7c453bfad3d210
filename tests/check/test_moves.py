"""Does every printed number matter: the stored outcome belongs to today's files, and a sample of it is run anew."""

from __future__ import annotations

import json
from typing import Any

import pytest

from endplate import anatomy
from tools import move_limits, mutate_rules


@pytest.fixture(autouse=True)
def place_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools place like needles once; no other test may meet that shortcut."""
    monkeypatch.setattr(anatomy, "place", anatomy.place)


def stored(path: Any) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def test_neighbours_are_one_away_in_the_last_printed_digit() -> None:
    assert move_limits.neighbours("3") == ("2", "4")
    assert move_limits.neighbours("1.25") == ("1.24", "1.26")
    assert move_limits.neighbours("0.05") == ("0.04", "0.06")
    assert move_limits.neighbours("-4") == ("-5", "-3")


def test_the_stored_moves_belong_to_these_files() -> None:
    found = stored(move_limits.STORED)
    assert found["input"] == move_limits.input_hash(), "run `python -m tools.move_limits` again"
    assert found["share"] >= move_limits.THRESHOLD
    assert found["moves"] - found["broken"] == len(found["survivors"])


def test_every_number_is_moved() -> None:
    assert stored(move_limits.STORED)["moves"] == len(move_limits.all_moves())


def test_a_sample_of_moved_limits_breaks_a_case() -> None:
    survivors = set(stored(move_limits.STORED)["survivors"])
    sample = [move for move in move_limits.sample(20) if move.name not in survivors]
    assert move_limits.run(sample)["survivors"] == []


@pytest.mark.long
def test_all_moves_anew() -> None:
    assert move_limits.run()["share"] >= move_limits.THRESHOLD


def test_the_stored_mutants_belong_to_these_files() -> None:
    found = stored(mutate_rules.STORED)
    assert found["input"] == mutate_rules.whole_hash(), "run `python -m tools.mutate_rules` again"
    assert found["share"] >= mutate_rules.THRESHOLD
    assert found["mutants"] - found["noticed"] == len(found["survivors"])


@pytest.mark.long
def test_all_mutants_anew() -> None:
    assert mutate_rules.run()["share"] >= mutate_rules.THRESHOLD
