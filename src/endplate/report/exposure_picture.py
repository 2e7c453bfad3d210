"""Cumulative exposure of the endplates: for this field what the dose-volume histogram is for radiotherapy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from endplate.report import numerals
from endplate.report.canvas import Canvas, Panel
from endplate.report.curves_of import Curve, by_muscle, curves, named
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


@dataclass(frozen=True)
class Reach:
    """Share of each muscle's endplates at or above each of the edges: share (m, k), edges (k,) log10 exposure.

    The first bin of the histogram holds whatever lies below the scale, so its lower edge says nothing and is left out.
    """

    edges: np.ndarray
    share: np.ndarray

    def steps(self, row: int, left: float) -> tuple[np.ndarray, np.ndarray]:
        """The curve of a muscle as a staircase (log10 exposure; share), from the left end of the scale to its top.

        Each bin's endplates are put at its middle: between its edges the histogram does not tell where they lie.
        """
        shown = self.edges[1:] <= self.top + 1e-9
        risers = 0.5 * (self.edges[1:] + self.edges[:-1])[shown]
        share = self.share[row][: len(risers) + 1]
        at = np.concatenate([[left], np.repeat(risers, 2), [self.top]])
        return at, np.repeat(share, 2)

    @property
    def top(self) -> float:
        """The decade that ends the scale: above all exposure, and 100 at least."""
        some = np.flatnonzero((self.share > 0.002).any(axis=0))
        highest = self.edges[some[-1]] if len(some) else 0.0
        return float(np.clip(np.ceil(highest + 0.1), 2.0, np.floor(self.edges[-1])))


def exposure_figure(course: Course) -> Canvas:
    """Share of each muscle's endplates that got at least so much, over the muscle's own threshold."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.text(LEFT - 26.0, HEIGHT - 14.0, "Exposure of the endplates", TITLE_PT, weight="bold")
    words = "Share of a muscle's endplates that take up at least this much toxin on the first planned day"
    canvas.text(LEFT - 26.0, HEIGHT - 26.0, words, TEXT_PT, SOFT)
    above = np.cumsum(course.histogram[:, :0:-1], axis=1)[:, ::-1]
    reach = Reach(course.histogram_edges[1:], np.pad(above, ((0, 0), (0, 1))))
    panel = Panel(LEFT, BOTTOM, PANEL_WIDTH, PANEL_HEIGHT, (float(course.histogram_edges[0]), reach.top))
    _axes(canvas, panel)
    drawn, left_out = _chosen(course, reach)
    _curves(canvas, panel, reach, drawn)
    _labels(canvas, panel, reach, drawn)
    canvas.text(LEFT - 26.0, 16.0, left_out, SMALL_PT, SOFT)
    canvas.text(LEFT - 26.0, 7.0, stamp(course), SMALL_PT, SOFT)
    return canvas


def _chosen(course: Course, reach: Reach) -> tuple[list[Curve], str]:
    """Curves in descending order of exposure, and a sentence on what is not drawn."""
    found: list[Curve] = []
    below: list[str] = []
    for group in by_muscle(muscle_rows(course)):
        for curve in curves(group, reach.share):
            if reach.share[curve.row.index, 0] > TRACE:
                found.append(curve)
            elif curve.row.role != "other":
                below.append(named(curve.rows))
    more = len(found) - MOST
    parts = [f"Below the scale: {'; '.join(below)}."] if below else []
    parts += [f"{more} more curves are left out; the table has their medians."] if more > 0 else []
    return sorted(found[:MOST], key=lambda c: -float(reach.share[c.row.index].sum())), " ".join(parts)


def _axes(canvas: Canvas, panel: Panel) -> None:
    low, high = panel.x_limits
    decades = [float(d) for d in range(int(np.ceil(low)), int(np.floor(high)) + 1)]
    panel.grid(canvas, decades, SHARES)
    panel.x_labels(canvas, decades, [f"{10.0**d:g}" for d in decades])
    panel.y_labels(canvas, SHARES, SHARE_WORDS)
    at, top = float(panel.x(0.0)), panel.bottom + panel.height
    canvas.lines([np.array([[at, panel.bottom], [at, top]])], INK, 0.9)
    canvas.text(at, top + 4.0, "threshold", SMALL_PT, INK, "center")
    middle = panel.left + panel.width / 2
    canvas.text(
        middle, panel.bottom - 20.0, "exposure, multiples of the muscle's threshold", SMALL_PT, SOFT, "center"
    )


def _curves(canvas: Canvas, panel: Panel, reach: Reach, drawn: list[Curve]) -> None:
    for curve in drawn:
        # The second side of a muscle is dashed; a side alone has nothing to be told apart from.
        second = curve.sides == "right" and any(
            c.sides == "left" and c.row.muscle == curve.row.muscle for c in drawn
        )
        dash = "dashed" if second else "solid"
        width = 1.5 if curve.row.role == "target" else 1.0
        at, share = reach.steps(curve.row.index, panel.x_limits[0])
        canvas.lines([panel.path(at, share)], ROLE_COLOURS[curve.row.role], width, dash)


def _labels(canvas: Canvas, panel: Panel, reach: Reach, drawn: list[Curve]) -> None:
    """Names in a column in the order in which their curves come down, each tied to its curve by a hairline.

    A line starts on its curve at the height of its name. Where the curve never gets that high it starts at the top of
    the curve's left end, and goes below all others: so no two lines cross.
    """
    column = panel.left + panel.width + 12.0
    for place, curve in enumerate(drawn):
        height = 0.94 - 0.88 * (place + 0.5) / len(drawn)
        at, share = reach.steps(curve.row.index, panel.x_limits[0])
        y, colour = float(panel.y(height)), ROLE_COLOURS[curve.row.role]
        above = np.flatnonzero(share >= height)
        dot = (
            (float(panel.x(at[above[-1]])), y)
            if len(above)
            else (float(panel.x(at[0])), float(panel.y(share[0])))
        )
        canvas.lines([np.array([dot, [column - 3.0, y]])], FRAME, 0.4, (0, (1, 1.5)))
        canvas.dots([dot], colour, 1.4)
        side = f", {curve.sides}" if curve.sides in ("left", "right") else ""
        canvas.text(column, y, f"{curve.row.name}{side}", TEXT_PT, colour, vertical="center")
        median = f"{numerals.ratio(curve.row.over_threshold)} \u00d7"
        canvas.text(WIDTH - 4.0, y, median, TEXT_PT, colour, "right", vertical="center")
    if drawn:
        canvas.text(WIDTH - 4.0, panel.bottom + panel.height + 4.0, "median", SMALL_PT, SOFT, "right")
