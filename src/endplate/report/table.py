"""The course as a table for the terminal, in colour or as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from endplate.report import numerals
from endplate.report.facts import antibodies
from endplate.report.rows import ROLE_WORDS, MuscleRow, muscle_rows

if TYPE_CHECKING:
    from rich.table import Table

    from endplate.model.course import Course

DRAWS = "median (90 % band)"
FULL = (
    "muscle",
    "side",
    "role",
    "onset, day",
    "weakest, as planned",
    f"weakest, {DRAWS}",
    "on day",
    "lasts, days, as planned",
    f"lasts, {DRAWS}",
    "exposure",
    "grade",
    "prior",
)
COMPACT = ("muscle", "side", "weakest as planned", DRAWS, "day", "lasts, days", "exposure")
SMALL = ("muscle", "side", "weakest as planned", DRAWS)
DRAWN_FROM = "Median and 90 % band: of draws from the priors, which also hold errors of the needle."
TEXT = frozenset({"muscle", "side", "role", "grade"})
NAME_LEAST, GAP = 18, 2
"""Room for the name of a muscle, which may wrap at its spaces, and between two columns."""

SHORT_SIDES = {"left": "left", "right": "right", "midline": "mid"}
STYLES = {"target": "bold", "at_risk": "yellow", "other": ""}


@dataclass(frozen=True)
class Line:
    """One printed line: its role and its cells."""

    role: str
    cells: tuple[str, ...]


def legend(course: Course, marked: bool = False) -> list[str]:
    """What the columns mean, and what the bands are worth, sentence by sentence; stands under every table."""
    return [
        *(["*: target."] if marked else []),
        "Weakest: force as a share of full force.",
        "As planned: the plan carried out exactly, every parameter at the centre of its prior.",
        *([DRAWN_FROM] if course.force_low is not None else []),
        "Onset and lasts: a tenth or more of the force is missing.",
        "Exposure: on the first planned day, median of the endplates in multiples of the muscle's own threshold.",
        *([] if marked else ["Prior: share of the variance from C and D graded priors."]),
        course.band_note,
        course.banner,
    ]


def title(course: Course) -> str:
    """The title of the plan, and under it what antibodies are assumed to take."""
    return "\n".join(line for line in (course.plan_title, antibodies(course)) if line)


def headings(course: Course, names: Sequence[str] = FULL) -> tuple[str, ...]:
    """The columns that hold something: without draws there are no medians."""
    return tuple(name for name in names if course.force_low is not None or DRAWS not in name)


def cells(row: MuscleRow) -> dict[str, str]:
    """One line as text, by heading."""
    return {
        "muscle": row.name,
        "side": SHORT_SIDES[row.side],
        "role": ROLE_WORDS[row.role],
        "onset, day": numerals.days(row.onset_day),
        "weakest, as planned": numerals.percent(row.nadir),
        "weakest as planned": numerals.percent(row.nadir),
        f"weakest, {DRAWS}": row.drawn,
        DRAWS: row.drawn,
        "on day": numerals.days(row.nadir_day),
        "day": numerals.days(row.nadir_day),
        "lasts, days, as planned": row.lasts,
        "lasts, days": row.lasts,
        f"lasts, {DRAWS}": row.lasts_drawn,
        "exposure": numerals.ratio(row.over_threshold),
        "grade": row.grade,
        "prior": numerals.percent(row.prior_share),
    }


def table_lines(course: Course, names: Sequence[str], every: bool = False) -> list[Line]:
    """The lines under these headings; where there is no role column targets carry a star and equal sides are one."""
    merged: list[Line] = []
    for row in muscle_rows(course, every):
        found = cells(row)
        if "role" not in names:
            found["muscle"] += "*" if row.role == "target" else ""
        line = Line(row.role, tuple(found[name] for name in names))
        last = merged[-1] if merged and "role" not in names else None
        if last is not None and row.side == "right" and _without_side(last) == _without_side(line):
            merged[-1] = Line(row.role, (line.cells[0], "both", *line.cells[2:]))
        else:
            merged.append(line)
    return merged


def _without_side(line: Line) -> tuple[str, ...]:
    return (line.role, line.cells[0], *line.cells[2:])


def rich_table(course: Course, every: bool = False, columns: int = 200) -> Table:
    """The table for a terminal of so many columns (rich is loaded here): the widest that has room."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    names, lines, least = _fitting(course, every, columns)
    table = Table(
        title=escape(title(course)) or None,
        caption=escape("\n" + " ".join(legend(course, marked="role" not in names))),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name, width in zip(names, least, strict=True):
        side = "left" if name in TEXT else "right"
        # Rich narrows every column that has no width of its own; only the names may give way.
        table.add_column(name, justify=side, overflow="fold", width=None if name == "muscle" else width)
    for index, line in enumerate(lines):
        last = index + 1 < len(lines) and lines[index + 1].role != line.role
        table.add_row(*(escape(cell) for cell in line.cells), style=STYLES[line.role], end_section=last)
    return table


def _fitting(course: Course, every: bool, columns: int) -> tuple[tuple[str, ...], list[Line], list[int]]:
    """Headings, lines and least widths of the widest table that fits; the smallest where none does."""
    found: tuple[tuple[str, ...], list[Line], list[int]] = ((), [], [])
    for wanted in (FULL, COMPACT, SMALL):
        names = headings(course, wanted)
        lines = table_lines(course, names, every)
        least = [_least(name, [line.cells[i] for line in lines]) for i, name in enumerate(names)]
        found = (names, lines, least)
        if sum(least) + GAP * (len(names) - 1) <= columns:
            break
    return found


def _least(name: str, column: Sequence[str]) -> int:
    """Width of a column: headings wrap at spaces and so do names of muscles, numbers do not wrap at all."""
    words = max(map(len, name.split()))
    if name == "muscle":
        longest = max((len(word) for text in column for word in text.split()), default=0)
        return max(words, longest, min(NAME_LEAST, max(map(len, column), default=0)))
    return max([words, *map(len, column)])


def plain_text(course: Course, every: bool = False) -> str:
    """The same table without colour or line drawing; ends without a newline."""
    names = headings(course)
    lines = [names, *(line.cells for line in table_lines(course, names, every))]
    widths = [max(len(line[i]) for line in lines) for i in range(len(names))]
    text = [
        "  ".join(
            c.ljust(w) if name in TEXT else c.rjust(w) for c, w, name in zip(line, widths, names, strict=True)
        )
        for line in lines
    ]
    head = [title(course)] if title(course) else []
    return "\n".join([*head, *(line.rstrip() for line in text), "", *legend(course)])


def print_table(course: Course, every: bool = False) -> None:
    """The table on standard output: in colour and fitted to its width on a terminal, else as plain text."""
    import sys

    if not sys.stdout.isatty():
        print(plain_text(course, every))
        return
    from rich.console import Console

    console = Console()
    console.print(rich_table(course, every, console.width))
