"""The two pictures of docs/validation.md: every row with its interval, and how well the intervals are calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

# Okabe and Ito, dark enough on white; a product keeps its colour in both pictures.
COLOURS = {
    "onabotulinumtoxin_a": "#0072b2",
    "abobotulinumtoxin_a": "#d55e00",
    "incobotulinumtoxin_a": "#009e73",
    "prabotulinumtoxin_a": "#8a6d00",
    "letibotulinumtoxin_a": "#cc79a7",
    "daxibotulinumtoxin_a": "#56b4e9",
    "relabotulinumtoxin_a": "#5b3a8c",
    "placebo": "#8b929c",
}
PRODUCTS = {
    "onabotulinumtoxin_a": "ona",
    "abobotulinumtoxin_a": "abo",
    "incobotulinumtoxin_a": "inco",
    "prabotulinumtoxin_a": "prabo",
    "letibotulinumtoxin_a": "leti",
    "daxibotulinumtoxin_a": "daxi",
    "relabotulinumtoxin_a": "rela",
}
MISS = "#b3001b"
LEVELS = ("50", "80", "90", "95")
BINS = 5
SHORT = {
    "investigator_none_mild": "none or mild, investigator",
    "subject_none_mild": "none or mild, subject",
    "both_none_mild": "none or mild, both",
    "investigator_1_grade": "1 grade, investigator",
    "subject_1_grade": "1 grade, subject",
    "composite_2_grades": "2 grades, both",
    "relapse_investigator": "relapse, investigator",
    "subject_global_moderate": "global change, subject",
    "subject_onset": "onset, subject",
    "loss_of_none_mild_both": "loss of none or mild",
    "return_to_baseline_both": "return to entry grade, both",
    "return_to_baseline_investigator": "return to entry grade, investigator",
}
AREAS = {"lateral_canthus": "lateral canthus", "forehead": "forehead"}


def short_product(name: str) -> str:
    """`onabotulinumtoxin_a` as `onabotulinumtoxinA`."""
    return name.replace("toxin_a", "toxinA")


def counted(line: Any) -> bool:
    return line.active and line.group == "a" and line.checked


def words_of(line: Any) -> str:
    """What a row counts, where, when."""
    words = SHORT.get(line.endpoint, line.endpoint.replace("_", " "))
    parts = [
        words,
        AREAS.get(line.area, ""),
        "" if line.day is None else f"day {line.day:g}",
        f"{line.units:g} U",
    ]
    return ", ".join(part for part in parts if part)


def rows_picture(found: Any) -> str:
    """Every active row by study: 90 % interval without its study, prediction, printed value; shares, then medians."""
    from endplate.report.canvas import Canvas, Panel
    from endplate.report.palette import SMALL_PT, SOFT, TEXT_PT, TITLE_PT

    shares = [r for r in found.lines if r.active and not r.median]
    medians = [r for r in found.lines if r.active and r.median]
    step, head, left, wide = 11.0, 15.0, 212.0, 300.0
    tall = sum(_height(group, step, head) for group in (shares, medians))
    height = tall + 124.0
    canvas = Canvas(left + wide + 70.0, height)
    canvas.text(
        10.0,
        height - 18.0,
        "Every printed number and its prediction without its study",
        TITLE_PT,
        weight="bold",
    )
    _key(canvas, 10.0, height - 36.0, TEXT_PT, SOFT)
    top = height - 62.0
    longest = 10.0 * np.ceil(
        max([r.interval90[1] for r in medians] + [r.observed for r in medians] + [30.0]) / 10.0
    )
    scales = (
        (shares, 1.0, [0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100 %"]),
        (medians, longest, list(np.arange(0.0, longest + 1.0, 10.0)), None),
    )
    for group, most, ticks, words in scales:
        if not group:
            continue
        size = _height(group, step, head)
        panel = Panel(left, top - size, wide, size, (0.0, most))
        panel.grid(canvas, ticks, ())
        panel.x_labels(canvas, ticks, words or [f"{t:g}" for t in ticks[:-1]] + [f"{ticks[-1]:g} weeks"])
        canvas.text(left + wide + 12.0, top - 2.0, "error (floor)", SMALL_PT, SOFT)
        y = top
        for study in dict.fromkeys(r.study for r in group):
            mine = [r for r in group if r.study == study]
            y -= head
            canvas.text(10.0, y + 1.0, f"{study}, {short_product(mine[0].product)}", SMALL_PT, weight="bold")
            for line in mine:
                y -= step
                _bar(canvas, panel, line, y + 0.5 * step - 2.0)
                canvas.text(left - 6.0, y + 1.0, words_of(line), SMALL_PT, SOFT, "right")
                colour = SOFT if line.inside else MISS
                canvas.text(
                    left + wide + 12.0,
                    y + 1.0,
                    f"{line.error:.1f} ({line.floor_error:.1f})",
                    SMALL_PT,
                    colour,
                )
        top -= size + 34.0
    return canvas.svg()


def _height(lines: Sequence[Any], step: float, head: float) -> float:
    return step * len(lines) + head * len({r.study for r in lines}) + 4.0


def _bar(canvas: Any, panel: Any, line: Any, y: float) -> None:
    """Interval as a bar, prediction as a tick, printed value as a mark."""
    colour = COLOURS[line.product]
    low, high = (float(panel.x(v)) for v in line.interval90)
    ring = np.array([[low, y - 2.2], [high, y - 2.2], [high, y + 2.2], [low, y + 2.2]])
    canvas.areas([ring], colour, 0.32 if counted(line) else 0.16)
    x = float(panel.x(line.predicted))
    canvas.lines([np.array([[x, y - 3.2], [x, y + 3.2]])], colour, 1.1)
    mark(canvas, float(panel.x(line.observed)), y, line)


def mark(canvas: Any, x: float, y: float, line: Any, size: float = 2.5) -> None:
    """The printed value: filled where counted, hollow where not, a diamond where never fitted; red where missed."""
    colour = COLOURS[line.product] if line.inside else MISS
    if line.active and not line.fitted:
        canvas.axes.scatter(
            [x], [y], s=(2.3 * size) ** 2, marker="D", c="white", edgecolors="white", zorder=5
        )
        face = colour if counted(line) else "white"
        canvas.axes.scatter(
            [x], [y], s=(1.6 * size) ** 2, marker="D", c=face, edgecolors=colour, linewidths=0.9, zorder=6
        )
        return
    canvas.dots([(x, y)], colour, size)
    if not counted(line) and line.active:
        canvas.axes.scatter([x], [y], s=(1.1 * size) ** 2, c="white", linewidths=0, zorder=6)


def _key(canvas: Any, x: float, y: float, size: float, colour: str) -> None:
    class Shown:
        active, checked, fitted, inside, product = True, True, True, True, "onabotulinumtoxin_a"

        def __init__(self, **changes: Any) -> None:
            self.group = "a"
            for name, value in changes.items():
                setattr(self, name, value)

    marks = (
        ("counted", Shown()),
        ("not counted", Shown(group="b")),
        ("never fitted", Shown(fitted=False)),
        ("outside", Shown(inside=False)),
    )
    for words, line in marks:
        mark(canvas, x + 3.0, y + 2.5, line)
        canvas.text(x + 10.0, y, words, size, colour)
        x += 24.0 + 4.1 * len(words)
    canvas.areas(
        [np.array([[x, y], [x + 18.0, y], [x + 18.0, y + 4.4], [x, y + 4.4]])], COLOURS[Shown.product], 0.32
    )
    canvas.lines([np.array([[x + 8.0, y - 1.0], [x + 8.0, y + 5.4]])], COLOURS[Shown.product], 1.1)
    canvas.text(x + 23.0, y, "90 % interval and prediction", size, colour)


def calibration_picture(found: Any) -> str:
    """Predicted against printed shares; coverage by nominal level; where in its distribution each value fell."""
    from endplate.report.canvas import Canvas, Panel
    from endplate.report.palette import FRAME, HEAD_PT, SMALL_PT, SOFT, TITLE_PT

    canvas = Canvas(566.0, 352.0)
    canvas.text(10.0, 334.0, "How well the predictions are calibrated", TITLE_PT, weight="bold")
    ticks, percent = (0.0, 0.25, 0.5, 0.75, 1.0), ("0", "25", "50", "75", "100")
    big = Panel(40.0, 46.0, 250.0, 250.0, (0.0, 1.0))
    big.grid(canvas, ticks, ticks)
    big.x_labels(canvas, ticks, percent)
    big.y_labels(canvas, ticks, percent)
    canvas.lines([big.path(np.array([0.0, 1.0]), np.array([0.0, 1.0]))], FRAME, 0.9)
    canvas.text(40.0, 312.0, "Printed shares, %", HEAD_PT, weight="bold")
    canvas.text(165.0, 22.0, "predicted without the study, %, with 90 % interval", SMALL_PT, SOFT, "center")
    for line in sorted((r for r in found.lines if not r.median), key=lambda r: (r.active, counted(r))):
        y = float(big.y(line.observed))
        colour = COLOURS[line.product] if line.inside else MISS
        span = np.array([[float(big.x(v)), y] for v in line.interval90])
        canvas.lines([span], colour, 0.9 if counted(line) else 0.35)
        mark(canvas, float(big.x(line.predicted)), y, line, 2.4 if line.active else 1.5)
    _products(canvas, found, 40.0, 6.0, SMALL_PT, SOFT)
    lines = [r for r in found.lines if counted(r)]
    at, wide = 350.0, 196.0
    small = Panel(at, 196.0, wide, 100.0, (0.4, 1.0), (0.4, 1.0))
    levels = [float(level) / 100.0 for level in LEVELS]
    small.grid(canvas, levels, (0.5, 0.75, 1.0))
    small.x_labels(canvas, levels, LEVELS)
    small.y_labels(canvas, (0.5, 0.75, 1.0), ("50", "75", "100"))
    canvas.text(at, 312.0, "Counted rows inside, %", HEAD_PT, weight="bold")
    canvas.text(at + wide / 2.0, 175.0, "level of the interval, %", SMALL_PT, SOFT, "center")
    canvas.lines([small.path(np.array([0.4, 1.0]), np.array([0.4, 1.0]))], FRAME, 0.9)
    shares = [max(float(np.mean([r.covered[level] for r in lines])), 0.4) for level in LEVELS]
    canvas.lines([small.path(np.array(levels), np.array(shares))], COLOURS["onabotulinumtoxin_a"], 1.3)
    canvas.dots([(float(small.x(x)), float(small.y(y))) for x, y in zip(levels, shares, strict=True)],
                COLOURS["onabotulinumtoxin_a"], 2.6)  # fmt: skip
    _places(canvas, Panel(at, 46.0, wide, 90.0, (0.0, 1.0), (0.0, 1.0)), lines)
    canvas.text(at, 148.0, "Where in its distribution each fell, rows", HEAD_PT, weight="bold")
    canvas.text(
        at + wide / 2.0, 22.0, "share of the predictive distribution below, %", SMALL_PT, SOFT, "center"
    )
    return canvas.svg()


def _places(canvas: Any, panel: Any, lines: Sequence[Any]) -> None:
    """Histogram of the shares below; flat where predictions are calibrated."""
    from dataclasses import replace

    from endplate.report.palette import FRAME, SMALL_PT

    counts, edges = np.histogram([r.below for r in lines], BINS, (0.0, 1.0))
    most = max(int(counts.max()), 1) * 1.15
    panel = replace(panel, y_limits=(0.0, most))
    ticks = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    panel.grid(canvas, (), (0.0,))
    panel.x_labels(canvas, ticks, [f"{100 * t:.0f}" for t in ticks])
    for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True):
        ring = panel.path(
            np.array([low + 0.006, high - 0.006, high - 0.006, low + 0.006]), np.array([0, 0, count, count])
        )
        canvas.areas([ring], COLOURS["onabotulinumtoxin_a"], 0.75)
        if count:
            x, y = float(panel.x(0.5 * (low + high))), float(panel.y(count)) - 8.5
            canvas.text(x, y, str(count), SMALL_PT, "white", "center", "bold")
    flat = np.array([len(lines) / BINS] * 2)
    canvas.lines([panel.path(np.array([0.0, 1.0]), flat)], FRAME, 0.9, (0, (3, 1.5)))


def _products(canvas: Any, found: Any, x: float, y: float, size: float, colour: str) -> None:
    names = [n for n in COLOURS if any(r.product == n for r in found.lines)]
    for name in names:
        canvas.dots([(x + 2.0, y + 2.2)], COLOURS[name], 2.2)
        words = PRODUCTS.get(name, name)
        canvas.text(x + 7.0, y, words, size, colour)
        x += 17.0 + 3.9 * len(words)
    canvas.dots([(x + 2.0, y + 2.2)], MISS, 2.2)
    canvas.text(x + 7.0, y, "outside", size, colour)
