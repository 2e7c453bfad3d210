"""The page on what decides shows its stored results, and these are of today's priors."""

from __future__ import annotations

import make_sensitivity


def test_the_tables_of_the_page_are_the_stored_results():
    page = make_sensitivity.PAGE.read_text("utf-8")
    assert page == make_sensitivity.written(page, make_sensitivity.load()), "run docs/make_sensitivity.py"


def test_the_stored_results_are_of_these_priors():
    stored = make_sensitivity.load()
    assert stored["inputs"] == make_sensitivity.inputs(), "run `python docs/make_sensitivity.py --run`"
