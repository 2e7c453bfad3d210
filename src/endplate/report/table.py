"""The course as a table for the terminal, in colour or as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from endplate.report import numerals
from endplate.report.rows import ROLE_WORDS, MuscleRow, muscle_rows

if TYPE_CHECKING:
    from rich.table import Table

    from endplate.model.course import Course

HEADINGS = (
    "muscle",
    "side",
    "role",
    "onset, day",
    "weakest",
    "90 % band",
    "on day",
    "lasts, days",
    "exposure",
    "grade",
    "prior",
)
RIGHT = frozenset({3, 4, 5, 6, 7, 8, 10})
SHORT_SIDES = {"left": "left", "right": "right", "midline": "mid"}
STYLES = {"target": "bold", "at_risk": "yellow", "other": ""}


def legend(course: Course) -> str:
    """What the columns mean, and what the bands are worth; stands under every table."""
    return (
        f"Weakest: force as a share of full force. Onset and lasts: a tenth or more of the force is missing. "
        f"Exposure: median of the endplates over the muscle's own threshold. "
        f"Prior: share of the variance from C and D graded priors. {course.band_note} {course.banner}"
    )


def cells(row: MuscleRow) -> tuple[str, ...]:
    """One line as text, in the order of `HEADINGS`."""
    return (
        row.name,
        SHORT_SIDES[row.side],
        ROLE_WORDS[row.role],
        numerals.days(row.onset_day),
        numerals.percent(row.nadir),
        numerals.band(row.low, row.high),
        numerals.days(row.nadir_day),
        numerals.days(row.duration_days),
        numerals.ratio(row.over_threshold) + " x",
        row.grade,
        numerals.percent(row.prior_share),
    )


def rich_table(course: Course, every: bool = False) -> Table:
    """The table for a terminal (rich is loaded here)."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        title=escape(course.plan_title) or None,
        caption=escape(legend(course)),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
    )
    for index, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if index in RIGHT else "left", overflow="fold")
    rows = muscle_rows(course, every)
    for index, row in enumerate(rows):
        last = index + 1 < len(rows) and rows[index + 1].role != row.role
        table.add_row(*(escape(cell) for cell in cells(row)), style=STYLES[row.role], end_section=last)
    return table


def plain_text(course: Course, every: bool = False) -> str:
    """The same table without colour or line drawing; ends without a newline."""
    lines = [HEADINGS, *(cells(row) for row in muscle_rows(course, every))]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    text = [
        "  ".join(
            c.rjust(w) if i in RIGHT else c.ljust(w)
            for i, (c, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    head = [course.plan_title] if course.plan_title else []
    return "\n".join([*head, *(line.rstrip() for line in text), "", legend(course)])


def print_table(course: Course, every: bool = False) -> None:
    """The table on standard output: in colour on a terminal that is wide enough, else as plain text."""
    import sys

    if not sys.stdout.isatty():
        print(plain_text(course, every))
        return
    from rich.console import Console

    Console().print(rich_table(course, every))


def print_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Any list of records as a table: on a terminal drawn by rich, else columns divided by two spaces."""
    import sys

    headings = list(dict.fromkeys(key for row in rows for key in row))
    lines = [[_cell(row.get(key)) for key in headings] for row in rows]
    if sys.stdout.isatty():
        _print_rich(title, headings, lines)
        return
    print(title)
    widths = [max([len(h), *(len(line[i]) for line in lines)]) for i, h in enumerate(headings)]
    for line in [headings, *lines]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return numerals.plain(value)
    if isinstance(value, list | tuple):
        return ", ".join(_cell(item) for item in value)
    return " ".join(str(value).split())


def _print_rich(title: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(escape(heading), overflow="fold")
    for line in lines:
        table.add_row(*(escape(cell) for cell in line))
    Console().print(table)
