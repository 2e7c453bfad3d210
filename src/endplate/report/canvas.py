"""A sheet in points on which the pictures are drawn with few, plain objects; the same bytes on every run.

One matplotlib axes covers the whole figure. Panels are coordinate transforms and not axes: forty axes would take
seconds, and ticks and labels are few.
"""

from __future__ import annotations

import io
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.report.numerals import thin
from endplate.report.palette import GRID, INK, SMALL_PT, SOFT, TEXT_PT

SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "endplate",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "path.simplify": True,
    "path.simplify_threshold": 0.1,
}
FONTS = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, 'DejaVu Sans', sans-serif"
POINTS_PER_INCH = 72.0
IMAGE_DOTS_PER_INCH = 140
"""Resolution of what is embedded in an SVG as an image (the shaded skin)."""


class Canvas:
    """A white sheet; x to the right and y up, both in points.

    Args:
        width_pt, height_pt: size of the sheet.
    """

    def __init__(self, width_pt: float, height_pt: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width_pt, self.height_pt = width_pt, height_pt
        self.figure = Figure(
            figsize=(width_pt / POINTS_PER_INCH, height_pt / POINTS_PER_INCH), facecolor="white"
        )
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_axis_off()
        self.axes.set_xlim(0.0, width_pt)
        self.axes.set_ylim(0.0, height_pt)
        self.axes.set_autoscale_on(False)

    def lines(
        self, paths: Sequence[np.ndarray], colour: str = INK, width_pt: float = 0.8, dash: Any = "solid"
    ) -> None:
        """Open lines, each (N, 2), drawn as one object."""
        from matplotlib.collections import LineCollection

        self.axes.add_collection(
            LineCollection(
                list(paths), colors=colour, linewidths=width_pt, linestyles=dash, capstyle="round"
            ),
            autolim=False,
        )

    def areas(self, rings: Sequence[np.ndarray], colour: str, opacity: float = 1.0) -> Any:
        """Filled outlines, each (N, 2); returns the one object they make."""
        from matplotlib.collections import PolyCollection

        filled = PolyCollection(list(rings), facecolors=colour, edgecolors="none", alpha=opacity)
        return self.axes.add_collection(filled, autolim=False)

    def dots(self, at: Sequence[tuple[float, float]], colour: str, radius_pt: float = 1.8) -> None:
        """Filled dots with a white rim."""
        self.axes.scatter(
            *np.asarray(at).T, s=(2 * radius_pt) ** 2, c=colour, linewidths=0.6, edgecolors="white", zorder=5
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size_pt: float = TEXT_PT,
        colour: str = INK,
        align: str = "left",
        weight: str = "normal",
        vertical: str = "baseline",
        halo: bool = False,
    ) -> None:
        """One line of text, on a busy ground with a white rim."""
        # parse_math off: a dollar sign in a title is a dollar sign.
        label = self.axes.text(
            x,
            y,
            thin(words),
            fontsize=size_pt,
            color=colour,
            ha=align,
            va=vertical,
            fontweight=weight,
            parse_math=False,
        )
        label.set_clip_on(False)
        label.set_zorder(6)
        if halo:
            from matplotlib.patheffects import withStroke

            label.set_path_effects([withStroke(linewidth=2.0, foreground="white")])

    def svg(self) -> str:
        """The sheet as an SVG document with its text as text."""
        import matplotlib

        out = io.StringIO()
        with matplotlib.rc_context(SETTINGS), _missing_told():
            self.figure.savefig(
                out, format="svg", dpi=IMAGE_DOTS_PER_INCH, metadata={"Date": None, "Creator": None}
            )
        return _clean(out.getvalue())

    def png(self, dots_per_inch: int = 200) -> bytes:
        """The sheet as a PNG."""
        import matplotlib

        out = io.BytesIO()
        with matplotlib.rc_context(SETTINGS), _missing_told():
            self.figure.savefig(out, format="png", dpi=dots_per_inch, metadata={"Software": None})
        return out.getvalue()


_TOLD: set[str] = set()


@contextmanager
def _missing_told() -> Iterator[None]:
    """Say once in a sentence which characters the font of the pictures lacks; matplotlib warns of each, each time."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield
    missing: dict[str, None] = {}
    for one in found:
        glyph = re.match(r"Glyph (\d+) .* missing from", str(one.message), re.DOTALL)
        if glyph is None:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
        elif chr(int(glyph[1])) not in _TOLD:
            missing[chr(int(glyph[1]))] = None
    if missing:
        _TOLD.update(missing)
        words = "The font of the pictures lacks these characters of the plan's text, drawn as boxes in PNG"
        print(f"{words}: {' '.join(missing)}", file=sys.stderr)


def _clean(svg: str) -> str:
    """Take out what carries nothing: metadata, comments, trailing spaces; prefer the reader's own screen font."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"""'?DejaVu Sans'?(, sans-serif)?""", FONTS, svg)
    return "\n".join(line.strip() for line in svg.splitlines() if line.strip()) + "\n"


@dataclass(frozen=True)
class Panel:
    """A rectangle of a canvas with its own coordinates (points; data limits)."""

    left: float
    bottom: float
    width: float
    height: float
    x_limits: tuple[float, float]
    y_limits: tuple[float, float] = (0.0, 1.0)

    def x(self, value: float | np.ndarray) -> Any:
        """Data to points."""
        low, high = self.x_limits
        return self.left + (np.asarray(value, dtype=float) - low) / (high - low) * self.width

    def y(self, value: float | np.ndarray) -> Any:
        """Data to points."""
        low, high = self.y_limits
        return self.bottom + (np.asarray(value, dtype=float) - low) / (high - low) * self.height

    def path(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """A line in points (N, 2)."""
        return np.column_stack([self.x(x), self.y(y)])

    def ring(self, x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """The outline of the band between two lines (2 N, 2)."""
        return np.concatenate([self.path(x, high), self.path(x, low)[::-1]])

    def grid(self, canvas: Canvas, x_ticks: Sequence[float], y_ticks: Sequence[float]) -> None:
        """Hairlines at the ticks."""
        top, right = self.bottom + self.height, self.left + self.width
        across = [np.array([[self.left, self.y(v)], [right, self.y(v)]]) for v in y_ticks]
        up = [np.array([[self.x(v), self.bottom], [self.x(v), top]]) for v in x_ticks]
        canvas.lines([*across, *up], GRID, 0.5)

    def x_labels(self, canvas: Canvas, ticks: Sequence[float], words: Sequence[str]) -> None:
        """Tick labels under the panel."""
        for tick, word in zip(ticks, words, strict=True):
            canvas.text(float(self.x(tick)), self.bottom - 9.0, word, SMALL_PT, SOFT, "center")

    def y_labels(self, canvas: Canvas, ticks: Sequence[float], words: Sequence[str]) -> None:
        """Tick labels left of the panel."""
        for tick, word in zip(ticks, words, strict=True):
            canvas.text(
                self.left - 4.0, float(self.y(tick)), word, SMALL_PT, SOFT, "right", vertical="center"
            )
