"""The table: order, honesty of small numbers, the standing notices."""

from __future__ import annotations

import doctest
import io
from typing import Any

import numpy as np
import pytest
from fakes import fake_course

from endplate.report import muscle_rows, numerals, plain_text, print_rows, print_table, rich_table


def test_targets_come_first_then_muscles_at_risk_then_others_that_weaken(course: Any) -> None:
    roles = [row.role for row in muscle_rows(course)]
    assert roles == sorted(roles, key=["target", "at_risk", "other"].index)
    assert [row.side for row in muscle_rows(course) if row.muscle == "frontalis"] == ["left", "right"]


def test_a_muscle_that_keeps_its_force_is_listed_only_when_every_muscle_is_asked_for(course: Any) -> None:
    assert "masseter" not in {row.muscle for row in muscle_rows(course)}
    assert len(muscle_rows(course, every=True)) == len(course.muscles)


def test_the_levator_is_listed_although_it_hardly_weakens(course: Any) -> None:
    assert "levator_palpebrae_superioris" in {row.muscle for row in muscle_rows(course)}


def test_the_band_is_that_of_the_weakest_day(course: Any) -> None:
    row = muscle_rows(course)[0]
    at = int(np.argmin(course.force[row.index]))
    assert row.low == pytest.approx(course.force_low[row.index, at])
    assert row.low <= row.nadir <= row.high


def test_without_draws_there_is_no_band_and_no_false_one() -> None:
    rows = muscle_rows(fake_course(bands=False))
    assert all(np.isnan(row.low) for row in rows)
    assert " to " not in plain_text(fake_course(bands=False)).split("\n\n")[0]


def test_both_tables_say_prior_and_not_a_device(course: Any) -> None:
    from rich.console import Console

    console = Console(width=200, record=True, file=io.StringIO())
    console.print(rich_table(course))
    for text in (plain_text(course), console.export_text()):
        assert "not yet calibrated" in text
        assert "not a medical device" in text


def test_a_title_with_markup_is_printed_as_it_stands() -> None:
    from rich.console import Console

    console = Console(width=200, record=True, file=io.StringIO())
    console.print(rich_table(fake_course(title="[red]alert[/red]")))
    assert "[red]alert[/red]" in console.export_text()


def test_a_pipe_gets_plain_text_without_colour(course: Any, capsys: pytest.CaptureFixture[str]) -> None:
    print_table(course)
    print_rows("two", [{"id": "a", "value": 0.25, "of": ("x", "y")}, {"id": "b", "value": None, "of": ()}])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "a   0.25   x, y" in out


@pytest.mark.parametrize(
    ("share", "text"), [(0.003, "<1 %"), (0.999, ">99 %"), (1.0, "100 %"), (float("nan"), "\u2013")]
)
def test_no_trace_is_rounded_to_nothing_and_no_loss_to_full_force(share: float, text: str) -> None:
    assert numerals.percent(share) == text


def test_the_examples_in_the_docstrings_of_the_numbers_hold() -> None:
    done = doctest.testmod(numerals)
    assert done.attempted >= 5
    assert done.failed == 0


def test_what_never_happens_is_a_dash() -> None:
    assert numerals.days(float("nan")) == numerals.DASH
    assert numerals.ratio(float("nan")) == numerals.DASH
