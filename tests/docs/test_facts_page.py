"""docs/facts.md holds every statement as the catalogue has it, and what the simulations give today."""

from __future__ import annotations

import make_facts
import pytest

from endplate.catalogue.statements import statements
from endplate.check.facts import facts, shown_facts


def test_the_page_is_made_of_the_catalogue() -> None:
    page = make_facts.PAGE.read_text("utf-8")
    assert make_facts.page(make_facts.simulated(page)) == page, "run `python docs/make_facts.py`"


def test_the_page_tells_every_simulation() -> None:
    told = make_facts.simulated(make_facts.PAGE.read_text("utf-8"))
    assert set(told) == {one.id for one in statements().values() if one.shown_by}
    assert all(line.startswith(make_facts.HEADINGS) for line in told.values())
    assert sum(line.startswith(make_facts.HEADINGS[0]) for line in told.values()) >= 10


def test_the_page_owns_up_where_the_simulation_gives_another_verdict() -> None:
    told = make_facts.simulated(make_facts.PAGE.read_text("utf-8"))
    assert {
        name for name, line in told.items() if "does not show this verdict" in line
    } == make_facts.OTHERWISE


@pytest.mark.slow
def test_the_page_prints_what_the_simulations_give() -> None:
    told = make_facts.simulated(make_facts.PAGE.read_text("utf-8"))
    found = {one.statement.id: make_facts.told(one) for one in shown_facts(facts()) if one.shown is not None}
    assert found == told, "run `python docs/make_facts.py`"


def test_the_pictures_are_there() -> None:
    for name in make_facts.PICTURES:
        assert (make_facts.HERE / "images" / f"{name}.png").stat().st_size > 10_000
