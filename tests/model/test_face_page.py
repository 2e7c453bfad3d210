"""The tables of the page on the face are what the model gives today."""

from __future__ import annotations

import make_face
import pytest


@pytest.mark.slow
def test_the_tables_of_the_page_on_the_face_are_current():
    page = make_face.PAGE.read_text(encoding="utf-8")
    assert page == make_face.written(page), "docs/face.md is out of date: run `python docs/make_face.py`"


def test_every_published_row_of_the_face_is_compared_or_said_not_to_be():
    page = make_face.PAGE.read_text(encoding="utf-8")
    from endplate.catalogue import catalogue

    rows = [
        o for n, o in catalogue().evidence.items() if n.startswith("face.") and "house_brackmann" not in n
    ]
    assert len(rows) > 25
    for row in rows:
        assert f"{row.preparation}: {row.endpoint}" in page
