"""The page about the plan file holds: its examples are read, its tables name every field and word."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from endplate.catalogue import LANDMARKS
from endplate.errors import EndplateError
from endplate.plan import parse_plan, words
from endplate.plan.complaints import _RECORDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "plan-file.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
ERRORS = re.findall(r"^\| `([^|]+)` \| ([^|]+) \|$", PAGE.partition("## Errors")[2], re.M)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_example_of_the_page_is_read(block: str) -> None:
    """A block without a head is a piece of a plan: the head of the first block is put before it."""
    if "schema =" not in block:
        block = BLOCKS[0].partition("[[sessions]]")[0] + block
    assert parse_plan(block).sessions


def test_the_page_has_examples() -> None:
    assert len(BLOCKS) >= 4


@pytest.mark.parametrize("record", _RECORDS.values(), ids=lambda record: record.__name__)
def test_every_key_stands_on_the_page(record) -> None:
    for name, info in record.model_fields.items():
        assert f"`{info.alias or name}`" in PAGE, name


@pytest.mark.parametrize(
    "word",
    sorted(
        set(LANDMARKS).union(
            *(get_args(one) for one in (words.Layer, words.Diluent, words.Area, words.Branch, words.Movement))
        )
    ),
)
def test_every_word_stands_on_the_page(word: str) -> None:
    assert word in PAGE


@pytest.mark.parametrize(("change", "told"), ERRORS, ids=range(len(ERRORS)))
def test_every_error_on_the_page_is_told_that_way(change: str, told: str) -> None:
    """Each row holds a change `old -> new` of the last plan of the page, and words of the answer."""
    small = BLOCKS[-1]
    old, _, new = change.partition(" -> ")
    assert old in small, old
    with pytest.raises(EndplateError) as caught:
        parse_plan(small.replace(old, new.replace("⏎", "\n")))
    assert told.strip() in str(caught.value)


def test_the_page_shows_errors() -> None:
    assert len(ERRORS) >= 12
