"""The table of the long tail is what the model gives today."""

from __future__ import annotations

import make_tail


def test_the_tail_table_in_the_docs_is_current() -> None:
    page = make_tail.PAGE.read_text(encoding="utf-8")
    assert page == make_tail.written(page), "docs/model.md is out of date: run `python docs/make_tail.py`"
