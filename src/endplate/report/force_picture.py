"""The course of force: one small panel a muscle, targets first, then the muscles at risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from endplate.report import numerals
from endplate.report.canvas import Canvas, Panel
from endplate.report.curves_of import Curve, by_muscle, curves, named
from endplate.report.palette import HEAD_PT, INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.rows import LEVATOR, ROLE_WORDS, MuscleRow, muscle_rows

if TYPE_CHECKING:
    from endplate.model.course import Course

COLUMNS, MOST, LONG_NAME = 3, 12, 30
FLAT = 0.95
"""A muscle at risk whose band stays above this is named under the picture instead of drawn."""

LEFT, RIGHT, TOP, FOOT = 30.0, 8.0, 42.0, 50.0
PANEL_WIDTH, PANEL_HEIGHT, GAP_X, GAP_Y = 146.0, 74.0, 17.0, 53.0
PLANNED_PT, MEDIAN_PT = 1.5, 0.7
KEY_PT = 192.0
FORCES = (0.0, 0.25, 0.5, 0.75, 1.0)
FORCE_WORDS = ("0", "", "50", "", "100 %")
STEPS = (1, 7, 14, 30, 60, 90, 180, 365, 730, 1825)


def force_figure(course: Course) -> Canvas:
    """Panels of the targets and the muscles at risk (the twelve weakest of their kind), with the draws."""
    groups = by_muscle([row for row in muscle_rows(course) if row.role != "other"])
    shown = [group for group in groups if _tells(group)][:MOST]
    hidden = [group for group in groups if group not in shown]
    lines = max(1, -(-len(shown) // COLUMNS))
    width = LEFT + COLUMNS * PANEL_WIDTH + (COLUMNS - 1) * GAP_X + RIGHT
    height = TOP + lines * (PANEL_HEIGHT + GAP_Y) - 8.0 + FOOT
    canvas = Canvas(width, height)
    canvas.text(LEFT, height - 14.0, "Force of target and at-risk muscles", TITLE_PT, weight="bold")
    canvas.text(
        LEFT, height - 26.0, "Share of full force by day after the first planned session", TEXT_PT, SOFT
    )
    _key(canvas, course, width, height - 26.0)
    for number, group in enumerate(shown):
        line, column = divmod(number, COLUMNS)
        left = LEFT + column * (PANEL_WIDTH + GAP_X)
        bottom = height - TOP - (line + 1) * (PANEL_HEIGHT + GAP_Y) + 18.0
        panel = Panel(
            left,
            bottom,
            PANEL_WIDTH,
            PANEL_HEIGHT,
            (float(course.days[0]), float(course.days[-1])),
            (0.0, 1.0),
        )
        last = line == lines - 1 or number + COLUMNS >= len(shown)
        _draw(canvas, panel, course, group, first=column == 0, last=last)
    if not shown:
        canvas.text(LEFT, height - TOP - 30.0, "No site names a muscle and none is at risk.", TEXT_PT, SOFT)
    _foot(canvas, course, hidden)
    return canvas


def _tells(group: Sequence[MuscleRow]) -> bool:
    """Is there a course to be seen? Targets and the levator are shown in any case."""
    if group[0].role == "target" or group[0].muscle == LEVATOR:
        return True
    return any(row.nadir < FLAT or row.low < FLAT for row in group)


def _draw(
    canvas: Canvas, panel: Panel, course: Course, group: Sequence[MuscleRow], first: bool, last: bool
) -> None:
    ticks = day_ticks(course.days)
    panel.grid(canvas, ticks, FORCES)
    panel.x_labels(canvas, ticks if last else [], [f"{t:.0f}" for t in ticks] if last else [])
    panel.y_labels(canvas, FORCES if first else [], FORCE_WORDS if first else [])
    drawn = curves(group, course.force)
    colour, keep = ROLE_COLOURS[group[0].role], thinned(course.days)
    for number, curve in enumerate(drawn):
        _curve(canvas, panel, course, curve, colour, keep, "solid" if number == 0 else "dashed")
    top = panel.bottom + panel.height
    size = HEAD_PT if len(group[0].name) <= LONG_NAME else TEXT_PT
    lines = _summary(drawn)
    canvas.text(panel.left, top + 5.0 + 8.5 * len(lines), group[0].name, size, INK, weight="bold")
    for number, line in enumerate(reversed(lines)):
        canvas.text(panel.left, top + 4.5 + 8.5 * number, line, SMALL_PT, colour)


def _curve(
    canvas: Canvas, panel: Panel, course: Course, curve: Curve, colour: str, keep: np.ndarray, dash: str
) -> None:
    days, force = course.days[keep], curve.values(course.force)[keep]
    if course.force_low is not None and course.force_high is not None:
        low, high = curve.values(course.force_low, np.min), curve.values(course.force_high, np.max)
        canvas.areas([panel.ring(days, low[keep], high[keep])], colour, 0.16)
    if course.force_median is not None:
        median = curve.values(course.force_median)[keep]
        canvas.lines([panel.path(days, median)], colour, MEDIAN_PT, dash)
    canvas.lines([panel.path(days, force)], colour, PLANNED_PT, dash)
    if curve.row.nadir < 0.995:
        canvas.dots([(float(panel.x(curve.row.nadir_day)), float(panel.y(curve.row.nadir)))], colour)


def _key(canvas: Canvas, course: Course, width: float, y: float) -> None:
    """Which line is which, at the right end of the heading: nothing to tell apart without draws."""
    if course.force_median is None:
        return
    at, end = width - RIGHT - KEY_PT, y + 2.4
    canvas.lines([np.array([[at, end], [at + 14.0, end]])], INK, PLANNED_PT)
    canvas.text(at + 18.0, y, "as planned", SMALL_PT, INK)
    canvas.lines([np.array([[at + 62.0, end], [at + 76.0, end]])], INK, MEDIAN_PT)
    canvas.text(at + 80.0, y, "median", SMALL_PT, INK)
    canvas.areas(
        [
            np.array(
                [[at + 112.0, y - 1.0], [at + 126.0, y - 1.0], [at + 126.0, y + 6.0], [at + 112.0, y + 6.0]]
            )
        ],
        INK,
        0.16,
    )
    canvas.text(at + 130.0, y, "90 % of the draws", SMALL_PT, INK)


def _summary(drawn: Sequence[Curve]) -> list[str]:
    """`target, both sides: 12 % on day 30`, and under it what the draws say."""
    row, parts = drawn[0].row, []
    for curve in drawn:
        side = curve.sides + (" (dashed)" if parts else "")
        parts.append(f"{side} {numerals.percent(curve.row.nadir)}".strip())
    day = f", day {numerals.days(row.nadir_day)}" if row.nadir < 0.995 else ""
    draws = [f"{'dashed: ' if n else ''}{curve.drawn}" for n, curve in enumerate(drawn) if curve.drawn]
    first = f"{ROLE_WORDS[row.role]}, as planned: {', '.join(parts)}{day}"
    return [first, *draws]


def _foot(canvas: Canvas, course: Course, hidden: Sequence[Sequence[MuscleRow]]) -> None:
    what = "Thick line and dot: as planned, and its weakest day."
    if course.force_low is not None:
        what += " Thin line: median of the draws. Band: 90 % of the draws."
    canvas.text(LEFT, 16.0, f"{what} {course.band_note}", SMALL_PT, SOFT)
    names = [named(group) for group in hidden]
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 4 else ""
        words = "; ".join(names[:3] if more else names)
        canvas.text(LEFT, 25.0, f"At risk, not drawn here: {words}{more} (see the table).", SMALL_PT, SOFT)
    canvas.text(LEFT, 7.0, stamp(course), SMALL_PT, SOFT)


def stamp(course: Course) -> str:
    """Where a picture comes from and what it is not; stands under each of them."""
    known = [
        f"{name} {course.versions[name]}"
        for name in ("endplate", "catalogue", "face")
        if name in course.versions
    ]
    return f"{', '.join(known)}. {course.banner}"


def day_ticks(days: np.ndarray) -> list[float]:
    """Four to six round days from the first to the last."""
    first, last = float(days[0]), float(days[-1])
    step = next((s for s in STEPS if (last - first) / s <= 5.0), STEPS[-1])
    ticks = [first + step * k for k in range(int((last - first) // step) + 1)]
    return ticks


def thinned(days: np.ndarray) -> np.ndarray:
    """Indices of the days worth drawing: each of the first sixty, then every fourth, and the last."""
    index = np.arange(len(days))
    keep = (index < 60) | (index % 4 == 0) | (index == len(days) - 1)
    return index[keep]
