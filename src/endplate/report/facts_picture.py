"""Small charts of demonstrations: lines over time, or bars, with the level that matters drawn across."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap

import numpy as np

from endplate.check.facts_record import Chart, Shown
from endplate.report import numerals
from endplate.report.canvas import Canvas, Panel
from endplate.report.facts_words import rounded
from endplate.report.palette import FRAME, INK, SMALL_PT, SOFT, TEXT_PT

WIDTH, TALL = 330.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 14.0, 34.0, 26.0
BAR, NAMES, GAP = 17.0, 138.0, 12.0
COLOURS = ("#2c3e86", "#b4530f", "#1b6e53")
DASHES = ("solid", (0, (5, 2)), (0, (1.5, 1.5)))
LETTER_PT, TITLE_LETTERS = 3.9, 74
TICKS = 5


def shown_figure(shown: Shown) -> Canvas:
    """One chart with its title."""
    height = height_of(shown.chart)
    canvas = Canvas(WIDTH, height)
    draw_shown(canvas, shown, 0.0, height)
    return canvas


def sheet(found: Sequence[Shown]) -> Canvas:
    """Several charts on one sheet, two in a row."""
    rows = [found[n : n + 2] for n in range(0, len(found), 2)]
    heights = [max(height_of(one.chart) for one in row) + GAP for row in rows]
    canvas = Canvas(2 * WIDTH + GAP, sum(heights))
    top = sum(heights)
    for row, height in zip(rows, heights, strict=True):
        for n, one in enumerate(row):
            draw_shown(canvas, one, n * (WIDTH + GAP), top)
        top -= height
    return canvas


def height_of(chart: Chart) -> float:
    """Height of one chart with its title, points."""
    return TALL if chart.lines else TOP + BAR * len(chart.bars) + (18.0 if chart.level else 6.0)


def draw_shown(canvas: Canvas, shown: Shown, left: float, top: float) -> None:
    """The chart with its upper left corner at (left, top), points."""
    canvas.text(left + 6.0, top - 11.0, wrap(title_of(shown), TITLE_LETTERS)[0], TEXT_PT, INK, weight="bold")
    if shown.chart.lines:
        _lines(canvas, shown.chart, left, top)
    else:
        _bars(canvas, shown.chart, left, top)


def title_of(shown: Shown) -> str:
    """The title; an illustration is called so."""
    return shown.title if shown.judges else f"Illustration: {shown.title}"


def _lines(canvas: Canvas, chart: Chart, left: float, top: float) -> None:
    x = np.concatenate([one.x for one in chart.lines])
    y = np.concatenate([one.y for one in chart.lines])
    highest = max(float(y.max()), chart.level[0] if chart.level else 0.0)
    ticks = steps(0.0, highest)
    limits = (0.0, max(ticks[-1], highest * 1.04))
    across = steps(float(x.min()), float(x.max()))
    panel = Panel(
        left + LEFT,
        top - TALL + BOTTOM,
        WIDTH - LEFT - RIGHT,
        TALL - TOP - BOTTOM,
        (float(x.min()), float(x.max())),
        limits,
    )
    panel.grid(canvas, [], ticks)
    panel.x_labels(canvas, across, [numerals.plain(one) for one in across])
    panel.y_labels(canvas, ticks, [numerals.plain(one) for one in ticks])
    if chart.level:
        _level(canvas, panel, *chart.level)
    for one, colour, dash in zip(chart.lines, COLOURS, DASHES, strict=False):
        canvas.lines([panel.path(np.array(one.x), np.array(one.y))], colour, 1.5, dash)
    _key(canvas, [one.name for one in chart.lines], chart.y_name, left, top)
    canvas.text(panel.left + panel.width, panel.bottom - 19.0, chart.x_name, SMALL_PT, SOFT, "right")


def _level(canvas: Canvas, panel: Panel, value: float, words: str) -> None:
    y = float(panel.y(value))
    canvas.lines([np.array([[panel.left, y], [panel.left + panel.width, y]])], SOFT, 0.7, (0, (3, 2)))
    canvas.text(panel.left + panel.width, y - 8.0, words, SMALL_PT, SOFT, "right", halo=True)


def _key(canvas: Canvas, names: Sequence[str], y_name: str, left: float, top: float) -> None:
    """What is drawn upwards, then the lines with their colours, on one row."""
    y, x = top - 24.0, left + 6.0
    canvas.text(x, y, y_name, SMALL_PT, SOFT)
    if len(names) < 2:
        return
    x += LETTER_PT * len(y_name) + 14.0
    for name, colour, dash in zip(names, COLOURS, DASHES, strict=False):
        canvas.lines([np.array([[x, y + 2.2], [x + 13.0, y + 2.2]])], colour, 1.5, dash)
        canvas.text(x + 16.0, y, name, SMALL_PT, INK)
        x += LETTER_PT * len(name) + 24.0


def _bars(canvas: Canvas, chart: Chart, left: float, top: float) -> None:
    values = [value for _, value in chart.bars]
    highest = max(*values, chart.level[0] if chart.level else 0.0)
    panel = Panel(
        left + NAMES,
        top - TOP - BAR * len(values),
        WIDTH - NAMES - RIGHT - 30.0,
        BAR * len(values),
        (0.0, highest),
    )
    canvas.text(left + 6.0, top - 24.0, chart.y_name, SMALL_PT, SOFT)
    share = "share" in chart.y_name or "force lost" in chart.y_name
    for number, (name, value) in enumerate(chart.bars):
        bottom = panel.bottom + panel.height - BAR * (number + 1)
        right = float(panel.x(value))
        ring = np.array(
            [
                [panel.left, bottom + 4],
                [right, bottom + 4],
                [right, bottom + BAR - 3],
                [panel.left, bottom + BAR - 3],
            ]
        )
        canvas.areas([ring], COLOURS[0])
        words = wrap(name, 36)
        for n, line in enumerate(words[:2]):
            y = bottom + BAR / 2 + 0.5 - (n - (len(words[:2]) - 1) / 2) * 7.0
            canvas.text(panel.left - 5.0, y, line, SMALL_PT, INK, "right", vertical="center")
        text = f"{rounded(100.0 * value)} %" if share else rounded(value)
        canvas.text(right + 4.0, bottom + BAR / 2, text, SMALL_PT, INK, vertical="center")
    canvas.lines(
        [np.array([[panel.left, panel.bottom], [panel.left, panel.bottom + panel.height]])], FRAME, 0.7
    )
    if chart.level:
        x = float(panel.x(chart.level[0]))
        canvas.lines(
            [np.array([[x, panel.bottom - 3], [x, panel.bottom + panel.height]])], SOFT, 0.8, (0, (3, 2))
        )
        canvas.text(x, panel.bottom - 11.0, chart.level[1], SMALL_PT, SOFT, "center")


def steps(low: float, high: float) -> list[float]:
    """A few round numbers from low to high, the first at or above low.

    >>> steps(0.0, 1.0), steps(0.0, 27.0), steps(2.0, 10.0)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 10.0, 20.0], [2.0, 4.0, 6.0, 8.0, 10.0])
    """
    rough = (high - low) / TICKS or 1.0
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * one for one in (1.0, 2.0, 2.5, 5.0, 10.0) if size * one >= rough * (1.0 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(step * n, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]
