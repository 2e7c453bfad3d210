"""The page of the calibration of unwanted effects prints what was found."""

from __future__ import annotations

import make_effects


def test_tables_are_those_of_the_stored_calibration():
    page = make_effects.PAGE.read_text("utf-8")
    assert make_effects.written(page, make_effects.stored_tables()) == page, (
        "run `python docs/make_effects.py`"
    )


def test_no_placeholder_is_left_in_any_page():
    for path in sorted(make_effects.PAGE.parent.glob("*.md")):
        lines = path.read_text("utf-8").splitlines()
        assert not [line for line in lines if line.isupper() and line.isidentifier()], path.name
