"""The page of the muscle calibration is what the stored fit says."""

from __future__ import annotations

import make_muscle_calibration as page


def test_the_tables_of_the_page_are_current():
    text = page.PAGE.read_text("utf-8")
    assert text == page.written(text), "run `python docs/make_muscle_calibration.py`"


def test_every_fitted_row_stands_in_the_page_with_its_verdict():
    found = page.load()
    table = page.tables()["foot"]
    assert table.count("\n| V") == len(found["rows"])
    assert all(("yes" in line) != ("**no**" in line) for line in table.splitlines() if line.startswith("| V"))


def test_the_pictures_of_the_page_exist_and_are_small():
    for name in ("muscle-foot.png", "muscle-profiles.png", "muscle-section.png"):
        assert 5_000 < (page.IMAGES / name).stat().st_size < 120_000
