"""The table: order, honesty of small numbers, the standing notices."""

from __future__ import annotations

import doctest
import io
from typing import Any

import numpy as np
import pytest
from fakes import fake_course

from endplate.report import muscle_rows, numerals, plain_text, print_rows, print_table, rich_table
from endplate.report.listing import COLUMNS
from endplate.report.table import COMPACT, table_lines


def test_targets_come_first_then_muscles_at_risk_then_others_that_weaken(course: Any) -> None:
    roles = [row.role for row in muscle_rows(course)]
    assert roles == sorted(roles, key=["target", "at_risk", "other"].index)
    assert [row.side for row in muscle_rows(course) if row.muscle == "frontalis"] == ["left", "right"]


def test_a_muscle_that_keeps_its_force_is_listed_only_when_every_muscle_is_asked_for(course: Any) -> None:
    assert "masseter" not in {row.muscle for row in muscle_rows(course)}
    assert len(muscle_rows(course, every=True)) == len(course.muscles)


def test_the_levator_is_listed_although_it_hardly_weakens(course: Any) -> None:
    assert "levator_palpebrae_superioris" in {row.muscle for row in muscle_rows(course)}


def test_median_and_band_are_of_the_weakest_force_of_each_draw() -> None:
    course = fake_course()
    row = muscle_rows(course)[0]
    assert (row.low, row.high) == pytest.approx(
        (course.force_low[row.index].min(), course.force_high[row.index].min())  # type: ignore[index]
    )
    for name, value in (("low", 0.08), ("median", 0.46), ("high", 0.9)):
        course.metrics[f"nadir_{name}"] = np.full(len(course.muscles), value)
    assert muscle_rows(course)[0].drawn == "46 % (8 to 90 %)"
    assert "46 % (8 to 90 %)" in plain_text(course)


def test_a_muscle_still_weak_on_the_last_day_lasts_longer_than_the_course() -> None:
    course = fake_course()
    row = course.muscles.index(("procerus", "midline"))
    course.force[row, 1:] = 0.5
    course.metrics["duration_days"][row] = np.nan
    for name, value in (("low", 90.0), ("median", 200.0), ("high", np.nan)):
        course.metrics[f"duration_days_{name}"] = np.full(len(course.muscles), value)
    found = {(r.muscle, r.side): r for r in muscle_rows(course, every=True)}
    assert found["procerus", "midline"].lasts == ">365"
    assert found["procerus", "midline"].lasts_drawn == "200 (90 to >365)"
    assert found["masseter", "left"].lasts == numerals.DASH  # it never weakens


def test_a_narrow_terminal_gets_fewer_columns_and_no_broken_words() -> None:
    from rich.console import Console

    for width in (60, 80, 100):
        console = Console(width=width, record=True, file=io.StringIO())
        console.print(rich_table(fake_course(), columns=width))
        text = console.export_text()
        assert all(len(line) <= width for line in text.splitlines())
        assert "grade" not in text.splitlines()[2]
        for word in ("Corrugator", "supercilii*", "both", "16 %", "24 % (0 to 41 %)"):
            assert word in text, (width, word)


def test_sides_that_differ_are_not_merged() -> None:
    course = fake_course()
    course.metrics["nadir"][course.muscles.index(("corrugator_supercilii", "right"))] = 0.3
    lines = table_lines(course, COMPACT)
    assert [line.cells[1] for line in lines if line.cells[0] == "Corrugator supercilii*"] == ["left", "right"]
    assert [line.cells[1] for line in lines if line.cells[0] == "Frontalis"] == ["both"]


@pytest.mark.parametrize("kind", list(COLUMNS))
def test_a_list_of_the_catalogue_has_few_columns_and_no_python_in_them(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from endplate.catalogue import rows

    found = rows(kind)
    print_rows(kind, found, kind=kind)
    out = capsys.readouterr().out
    assert len(out.splitlines()) == len(found) + 2
    assert not set("{}[]") & set(out)
    assert 3 <= len(COLUMNS[kind]) <= 7


@pytest.mark.parametrize("kind", list(COLUMNS))
@pytest.mark.parametrize("width", [80, 120])
def test_a_list_fits_its_terminal(kind: str, width: int) -> None:
    from endplate.catalogue import rows
    from endplate.report.listing import fitting, table

    found = rows(kind)[:20]
    kept = fitting(COLUMNS[kind], found, width)
    assert kept[0].heading == "id"
    from rich.console import Console

    console = Console(width=width, record=True, file=io.StringIO())
    console.print(table(kind, COLUMNS[kind], found, width))
    text = console.export_text()
    assert all(len(line) <= width for line in text.splitlines())
    assert found[-1]["id"] in text


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
    assert done.attempted >= 8
    assert done.failed == 0


def test_what_never_happens_is_a_dash() -> None:
    assert numerals.days(float("nan")) == numerals.DASH
    assert numerals.ratio(float("nan")) == numerals.DASH
