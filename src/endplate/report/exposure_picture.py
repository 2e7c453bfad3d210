"""Cumulative exposure of the endplates: for this field what the dose-volume histogram is for radiotherapy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from endplate.report import numerals
from endplate.report.canvas import Canvas, Panel
from endplate.report.curves_of import Curve, by_muscle, curves
from endplate.report.force_picture import stamp
from endplate.report.palette import FRAME, INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.rows import muscle_rows

if TYPE_CHECKING:
    from endplate.model.course import Course

WIDTH, HEIGHT = 510.0, 280.0
LEFT, BOTTOM, PANEL_WIDTH, PANEL_HEIGHT = 38.0, 58.0, 262.0, 172.0
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
SHARE_WORDS = ("0", "", "50", "", "100 %")
MOST = 14
TRACE = 0.02
"""Muscles whose endplates all but this share lie below the scale are named in the caption and not drawn."""


def exposure_figure(course: Course) -> Canvas:
    """Share of each muscle's endplates that got at least so much, over the muscle's own threshold."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.text(LEFT - 26.0, HEIGHT - 14.0, "Exposure of the endplates", TITLE_PT, weight="bold")
    words = "Share of a muscle's endplates that take up at least this much toxin, as a multiple of the muscle's own threshold"
    canvas.text(LEFT - 26.0, HEIGHT - 26.0, words, TEXT_PT, SOFT)
    edges = course.histogram_edges
    panel = Panel(LEFT, BOTTOM, PANEL_WIDTH, PANEL_HEIGHT, (float(edges[0]), float(edges[-1])))
    _axes(canvas, panel, edges)
    reach = np.cumsum(course.histogram[:, ::-1], axis=1)[:, ::-1]
    drawn, unreached = _chosen(course, reach)
    _curves(canvas, panel, edges, reach, drawn)
    _labels(canvas, panel, edges, reach, drawn)
    if unreached:
        canvas.text(LEFT - 26.0, 16.0, f"Below the scale: {', '.join(unreached)}.", SMALL_PT, SOFT)
    canvas.text(LEFT - 26.0, 7.0, stamp(course), SMALL_PT, SOFT)
    return canvas


def _chosen(course: Course, reach: np.ndarray) -> tuple[list[Curve], list[str]]:
    """Curves in descending order of exposure, and the names of at-risk muscles out of reach."""
    drawn: list[Curve] = []
    unreached: list[str] = []
    for group in by_muscle(muscle_rows(course)):
        for curve in curves(group, reach):
            if reach[curve.row.index, 1] > TRACE:
                drawn.append(curve)
            elif curve.row.role != "other" and curve.row.name not in unreached:
                unreached.append(curve.row.name)
    return sorted(drawn[:MOST], key=lambda c: -float(reach[c.row.index].sum())), unreached


def _axes(canvas: Canvas, panel: Panel, edges: np.ndarray) -> None:
    decades = [float(d) for d in range(int(np.ceil(edges[0])), int(np.floor(edges[-1])) + 1)]
    panel.grid(canvas, decades, SHARES)
    panel.x_labels(canvas, decades, [numerals.plain(10.0**d) for d in decades])
    panel.y_labels(canvas, SHARES, SHARE_WORDS)
    at, top = float(panel.x(0.0)), panel.bottom + panel.height
    canvas.lines([np.array([[at, panel.bottom], [at, top]])], INK, 0.9)
    canvas.text(at, top + 4.0, "threshold", SMALL_PT, INK, "center")
    canvas.text(panel.left + panel.width / 2, panel.bottom - 20.0, "exposure, multiples of threshold", SMALL_PT, SOFT, "center")


def _curves(canvas: Canvas, panel: Panel, edges: np.ndarray, reach: np.ndarray, drawn: list[Curve]) -> None:
    for curve in drawn:
        share = np.append(reach[curve.row.index], 0.0)
        dash = "dashed" if curve.sides == "right" else "solid"
        width = 1.5 if curve.row.role == "target" else 1.0
        canvas.lines([panel.path(edges, share)], ROLE_COLOURS[curve.row.role], width, dash)


def _labels(canvas: Canvas, panel: Panel, edges: np.ndarray, reach: np.ndarray, drawn: list[Curve]) -> None:
    """Names in a column, most exposed on top, each tied to its curve at its own height by a hairline."""
    column = panel.left + panel.width + 10.0
    for place, curve in enumerate(drawn):
        height = 0.94 - 0.88 * (place + 0.5) / len(drawn)
        share = np.append(reach[curve.row.index], 0.0)
        at = float(np.interp(-height, -share, edges))
        y = float(panel.y(height))
        colour = ROLE_COLOURS[curve.row.role]
        canvas.lines([np.array([[float(panel.x(at)), y], [column - 3.0, y]])], FRAME, 0.4, (0, (1, 1.5)))
        canvas.dots([(float(panel.x(at)), y)], colour, 1.4)
        side = f", {curve.sides}" if curve.sides else ""
        canvas.text(column, y, f"{curve.row.name}{side}", TEXT_PT, colour, vertical="center")
        canvas.text(WIDTH - 4.0, y, f"{numerals.ratio(curve.row.over_threshold)} \u00d7", TEXT_PT, colour, "right", vertical="center")
    if drawn:
        canvas.text(WIDTH - 4.0, panel.bottom + panel.height + 4.0, "median", SMALL_PT, SOFT, "right")
