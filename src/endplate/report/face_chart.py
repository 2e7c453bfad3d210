"""What the face does by day: one small panel a measure, for the measures that change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from endplate.report.canvas import Canvas, Panel
from endplate.report.face_changes import LEAST, Change, changes, figure, grades_of, spread
from endplate.report.force_picture import (
    COLUMNS,
    FOOT,
    GAP_Y,
    LEFT,
    MOST,
    PANEL_HEIGHT,
    PANEL_WIDTH,
    PLANNED_PT,
    RIGHT,
    TOP,
    day_ticks,
    stamp,
    thinned,
)
from endplate.report.palette import FRAME, HEAD_PT, INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT

if TYPE_CHECKING:
    from endplate.model.course import Course

COLOUR = ROLE_COLOURS["target"]
OTHER = "#0b7a75"
COLOURS = {"left": COLOUR, "right": OTHER, "both": INK, "midline": COLOUR}
"""Of sides that differ; where they agree there is one line in blue."""

GAP_X = 27.0
"""Room for the figures of the axis beside the panel before."""

DASHES = {"left": "solid", "right": "dashed", "both": "solid", "midline": "solid"}

LEAST_SPAN = {"mm": 2.0, "°": 10.0, "%": 4.0, "points": 10.0, "": 1.0}
"""By unit: a panel shows at least so much, lest a tenth of a millimetre fill it."""

STEPS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
MOST_TICKS = 5
WORTH = 4.0
"""A change that only the draws show is drawn from so many least changes on; the table lists all."""


def face_chart(course: Course) -> Canvas | None:
    """Panels of the measures that change (at most twelve; as planned before those of the draws alone); None where
    none does.
    """
    groups = panels(course)
    first = sorted(range(len(groups)), key=lambda k: not _planned(groups[k]))
    chosen = sorted([k for k in first if _worth(groups[k])][:MOST])
    shown = [groups[k] for k in chosen]
    if not shown:
        return None
    hidden = [group for k, group in enumerate(groups) if k not in chosen]
    columns = min(COLUMNS, len(shown))
    lines = -(-len(shown) // columns)
    width = LEFT + COLUMNS * PANEL_WIDTH + (COLUMNS - 1) * GAP_X + RIGHT
    height = TOP + lines * (PANEL_HEIGHT + GAP_Y) - 8.0 + FOOT
    canvas = Canvas(width, height)
    canvas.text(LEFT, height - 14.0, "What the face does", TITLE_PT, weight="bold")
    words = "By day after the first planned session; only what changes, or might"
    canvas.text(LEFT, height - 26.0, words, TEXT_PT, SOFT)
    for number, group in enumerate(shown):
        line, column = divmod(number, columns)
        place = (
            LEFT + column * (PANEL_WIDTH + GAP_X),
            height - TOP - (line + 1) * (PANEL_HEIGHT + GAP_Y) + 18.0,
        )
        _draw(canvas, place, course, group)
    _foot(canvas, course, hidden)
    return canvas


def panels(course: Course) -> list[list[Change]]:
    """The measures that change, each with its sides; strain is left to the table."""
    rows = [change for change in changes(course) if not change.measure.startswith("strain.")]
    return [list(group) for _, group in groupby(rows, key=lambda change: change.measure)]


def _planned(group: Sequence[Change]) -> bool:
    return any(change.planned for change in group)


def _worth(group: Sequence[Change]) -> bool:
    """Is there a course to be seen?"""
    return _planned(group) or any(spread(change) >= WORTH * LEAST[change.unit] for change in group)


def _draw(canvas: Canvas, place: tuple[float, float], course: Course, group: Sequence[Change]) -> None:
    keep = thinned(course.days)
    ticks, limits = _scale(group, keep)
    days = (float(course.days[0]), float(course.days[-1]))
    panel = Panel(*place, PANEL_WIDTH, PANEL_HEIGHT, days, limits)
    on = day_ticks(course.days)
    panel.grid(canvas, on, ticks)
    panel.x_labels(canvas, on, [f"{day:.0f}" if day else "day 0" for day in on])
    digits = 0 if all(tick == round(tick) for tick in ticks) else 1
    panel.y_labels(canvas, ticks, [f"{tick:.{digits}f}".replace("-", "\u2212") for tick in ticks])
    single = len(group) == 1
    for change in group:
        _curve(canvas, panel, change, COLOUR if single else COLOURS[change.side], keep)
    _head(canvas, panel, group)


def _curve(canvas: Canvas, panel: Panel, change: Change, colour: str, keep: np.ndarray) -> None:
    days = change.rows[0].day[keep]
    low, high, value = (change.curve(name)[keep] for name in ("low", "high", "value"))
    if float(np.max(high - low)) > 0.0:
        canvas.areas([panel.ring(days, low, high)], colour, 0.15)
    ends = np.array([days[0], days[-1]])
    canvas.lines([panel.path(ends, np.full(2, change.before))], FRAME, 0.6, (0, (1.5, 1.5)))
    canvas.lines([panel.path(days, value)], colour, PLANNED_PT, DASHES[change.side])
    if change.planned:
        canvas.dots([(float(panel.x(change.day)), float(panel.y(change.value)))], colour)


def _head(canvas: Canvas, panel: Panel, group: Sequence[Change]) -> None:
    """Name, what is meant, and how far it goes."""
    top = panel.bottom + panel.height
    first = group[0]
    unit = f", {first.unit}" if first.unit else ""
    canvas.text(panel.left, top + 22.0, first.name, HEAD_PT, INK, weight="bold")
    what = f"{first.what}{unit}" if first.what else first.unit
    canvas.text(panel.left, top + 13.5, what, SMALL_PT, SOFT)
    single = len(group) == 1
    x, room = panel.left, panel.width / len(group)
    for change in group:
        canvas.text(
            x, top + 5.0, _says(change, len(group)), SMALL_PT, COLOUR if single else COLOURS[change.side]
        )
        x += room


def _says(change: Change, count: int) -> str:
    """`both sides +0.4 mm, day 4`, or, of two sides, `right (dashed) −3.9`."""
    far = figure(change.change, change.unit, sign=True) if change.planned else "within the band only"
    day = f", day {change.day:.0f}" if change.planned else ""
    if count == 1:
        side = {"both": "both sides ", "midline": ""}.get(change.side, f"{change.side} ")
        return f"{side}{far}{day}"
    dashed = " (dashed)" if DASHES[change.side] == "dashed" else ""
    return f"{change.side}{dashed} {figure(change.change, '', sign=True)}"


def _scale(group: Sequence[Change], keep: np.ndarray) -> tuple[list[float], tuple[float, float]]:
    """Round ticks, and the limits of a panel that holds every band of its sides."""
    low = min(round(float(change.curve("low")[keep].min()), 6) for change in group)
    high = max(round(float(change.curve("high")[keep].max()), 6) for change in group)
    least = LEAST_SPAN[group[0].unit]
    bottom = max(low - 0.5 * max(least - (high - low), 0.0), min(low, 0.0))
    top = max(high, bottom + least)
    grades = grades_of(group[0].measure)
    if grades is not None:
        bottom, top = min(low, grades[0]), max(high, grades[1])
    step = next((s for s in STEPS if (top - bottom) / s <= MOST_TICKS - 1), STEPS[-1])
    first, last = math.floor(bottom / step + 0.02), math.ceil(top / step - 0.02)
    ticks = [step * k for k in range(first, last + 1)]
    return ticks, (ticks[0], ticks[-1])


def _hidden_name(change: Change) -> str:
    """`Smile`; `Forehead lines at rest`."""
    lines = change.measure.startswith("line_")
    return f"{change.name} {change.what.partition(',')[0]}" if lines else change.name


def _foot(canvas: Canvas, course: Course, hidden: Sequence[Sequence[Change]]) -> None:
    lines = [stamp(course)]
    if hidden:
        names = list(dict.fromkeys(_hidden_name(group[0]) for group in hidden))
        more = f" and {len(names) - 3} more" if len(names) > 4 else ""
        shown = "; ".join(names[:3] if more else names)
        lines.append(f"Changes not drawn here: {shown}{more} (see the table).")
    if course.force_low is not None:
        lines.append("Band: 90 % of the draws, day by day; it also holds how people differ before treatment.")
    lines.append("Line and dot: as planned, and where it is farthest from day 0 (dotted).")
    for number, words in enumerate(lines):
        canvas.text(LEFT, 7.0 + 9.0 * number, words, SMALL_PT, SOFT)
