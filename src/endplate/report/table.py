"""The course as a table for the terminal, in colour or as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from endplate.report import numbers
from endplate.report.rows import ROLE_WORDS, MuscleRow, muscle_rows

if TYPE_CHECKING:
    from rich.table import Table

    from endplate.model.course import Course

HEADINGS = ("muscle", "side", "role", "onset, day", "weakest", "90 % band", "on day", "lasts, days", "exposure", "grade", "prior")
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
        numbers.days(row.onset_day),
        numbers.percent(row.nadir),
        numbers.band(row.low, row.high),
        numbers.days(row.nadir_day),
        numbers.days(row.duration_days),
        numbers.ratio(row.over_threshold) + " x",
        row.grade,
        numbers.percent(row.prior_share),
    )


def rich_table(course: Course, every: bool = False) -> Table:
    """The table for a terminal (rich is loaded here)."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(course.plan_title) or None, caption=escape(legend(course)), box=box.SIMPLE_HEAD,
                  title_justify="left", caption_justify="left", pad_edge=False)
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
        "  ".join(c.rjust(w) if i in RIGHT else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    ]
    head = [course.plan_title] if course.plan_title else []
    return "\n".join([*head, *(line.rstrip() for line in text), "", legend(course)])
