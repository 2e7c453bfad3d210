"""The page on validation is what the stored predictions say, and these are of today's evidence and model."""

from __future__ import annotations

import make_dossier as page_maker
import pytest


@pytest.fixture(scope="module")
def stored():
    from endplate.fit.dossier import make_dossier

    return make_dossier()


def test_the_made_parts_of_the_page_are_the_stored_predictions(stored):
    page = page_maker.PAGE.read_text("utf-8")
    assert page == page_maker.written(page, stored), "run `python docs/make_dossier.py`"


def test_the_stored_predictions_are_of_this_evidence_and_this_model(stored):
    assert not stored.stale, "run `python3 dev.py refit`, then `python docs/make_dossier.py`"


def test_every_row_that_can_be_predicted_is_stored(stored):
    from endplate.fit.clinic.build import predicted_results

    assert {line.id for line in stored.lines} == {result.id for result in predicted_results()}


@pytest.mark.parametrize("name", page_maker.PICTURES)
def test_the_pictures_of_the_page_are_there(name):
    assert (page_maker.IMAGES / name).read_text("utf-8").startswith("<?xml")
