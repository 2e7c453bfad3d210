"""Every demonstration runs the model and points the way of the verdict; another model would give another verdict."""

from __future__ import annotations

import numpy as np
import pytest

from endplate.catalogue.statements import statements
from endplate.check import (
    facts_again,
    facts_face,
    facts_nerve,
    facts_place,
    facts_plans,
    facts_reach,
    facts_record,
    facts_time,
)
from endplate.check.facts_record import Chart, Demonstration, Measured, Value, run
from endplate.check.facts_shown import demonstrations, show
from endplate.errors import CatalogueError, ModelError

NAMES = list(demonstrations())
BEARS = {name: {one.verdict for one in statements().values() if one.shown_by == name} for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_demonstration_points_the_way_of_the_verdict(name: str) -> None:
    shown = show(name)
    assert BEARS[name] == {shown.verdict}, shown.sentence
    assert shown.values and shown.sentence.endswith(".") and len(shown.sentence) < 340
    assert bool(shown.chart.lines) != bool(shown.chart.bars)


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_has_room_for_its_words(name: str) -> None:
    from endplate.report.facts_picture import TITLE_LETTERS, WIDTH, key_width

    shown = show(name)
    assert len(shown.title) <= TITLE_LETTERS
    assert len(shown.chart.lines) < 2 or key_width(shown.chart) <= WIDTH


@pytest.mark.parametrize("name", NAMES)
def test_a_world_without_differences_does_not_give_the_verdict(name: str) -> None:
    """The judge sees numbers alone: were they all the same, it would say something else."""
    one = demonstrations()[name]
    same = dict.fromkeys((value.key for value in show(name).values), 1.0)
    assert one.judge(same) not in BEARS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_demonstration_gives_the_same_numbers_again(name: str) -> None:
    assert demonstrations()[name].measure().values == show(name).values


def measured_without_toxin(monkeypatch: pytest.MonkeyPatch, module, name: str) -> Measured:
    """The same demonstration with plans that inject no toxin."""
    from endplate.plan import scale_units

    plain = facts_plans.ran
    monkeypatch.setattr(
        module, "ran", lambda plan, *rest, **named: plain(scale_units(plan, 0.0), *rest, **named)
    )
    return demonstrations()[name].measure()


WITHOUT = {
    facts_time: ("onset", "month", "cure"),
    facts_again: ("interval", "doubling", "antibodies", "units"),
    facts_place: ("depth", "sites"),
    facts_reach: ("volume", "spread"),
    facts_face: ("palsy", "tone", "lids"),
}


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in WITHOUT.items() for name in names]
)
def test_without_toxin_the_verdict_is_not_given(monkeypatch, module, name: str) -> None:
    found = measured_without_toxin(monkeypatch, module, name)
    assert demonstrations()[name].judge(found.numbers) not in BEARS[name]


def test_were_type_a_as_short_as_type_e_it_would_not_refute_the_month(monkeypatch) -> None:
    short = facts_time._with_clock("e")
    monkeypatch.setattr(facts_time, "_with_clock", lambda _serotype: short)
    found = demonstrations()["month"].measure()
    assert demonstrations()["month"].judge(found.numbers) != "false"


def test_were_an_inhibitor_to_do_nothing_the_two_would_not_be_opposed(monkeypatch) -> None:
    monkeypatch.setattr(facts_nerve, "INHIBITED", 0.0)
    found = demonstrations()["esterase"].measure()
    assert demonstrations()["esterase"].judge(found.numbers) == "true"


def test_were_there_no_sprouts_none_would_be_shown(monkeypatch) -> None:
    without = facts_nerve.quanta(False)
    monkeypatch.setattr(facts_nerve, "quanta", lambda _sprouts=True: without)
    found = demonstrations()["sprouts"].measure()
    assert demonstrations()["sprouts"].judge(found.numbers) == "false"


def test_were_one_product_as_strong_by_the_unit_as_the_other_units_would_not_be_told_apart(
    monkeypatch,
) -> None:
    monkeypatch.setattr(facts_again, "ABO", facts_plans.ONA)
    found = demonstrations()["units"].measure()
    assert found.numbers["refused"] == 0.0
    assert demonstrations()["units"].judge(found.numbers) == "true"


def test_treating_the_wrong_side_would_not_refute_the_belief_about_palsy(monkeypatch) -> None:
    plain = facts_face._lip_gap
    monkeypatch.setattr(facts_face, "_lip_gap", lambda side: plain("left" if side == "right" else "right"))
    found = demonstrations()["palsy"].measure()
    assert demonstrations()["palsy"].judge(found.numbers) == "true"


def test_a_number_that_is_none_is_an_error_in_a_sentence() -> None:
    bad = Demonstration(
        "bad",
        "Bad",
        lambda: Measured((Value("x", "x", float("nan"), ""),), Chart("x", bars=(("x", 1.0),))),
        lambda _n: "true",
        lambda _n: "x.",
        "",
    )
    with pytest.raises(ModelError, match="not finite"):
        run(bad)


def test_an_unknown_demonstration_gets_the_nearest() -> None:
    with pytest.raises(CatalogueError, match="`release`"):
        show("relase")


def test_shares_read_as_people_say_them() -> None:
    assert facts_record.percent(0.005) == "0.5 %"
    assert facts_record.percent(0.5) == "50 %"
    line = facts_record.line("x", np.arange(5), np.arange(5.0) ** 2, 2)
    assert line.x == (0.0, 2.0, 4.0) and line.y == (0.0, 4.0, 16.0)
