"""One plan on many faces: how many get an effect, and how the lowest force of the targets differs between faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from endplate.report import numerals
from endplate.report.canvas import Canvas, Panel
from endplate.report.names import with_side
from endplate.report.palette import INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.risk_words import chance, effect_name

if TYPE_CHECKING:
    from endplate.population.replayed import Replay, TargetSpread

WIDTH, LEFT, RIGHT, EDGE = 540.0, 176.0, 110.0, 12.0
STEP, TOP, FOOT = 15.0, 42.0, 22.0
TARGET_STEP, BINS = 30.0, 20


def replay_figure(found: Replay) -> Canvas:
    """Bars of the share counted above, one row of a histogram for each target below."""
    shown = sorted(found.counted, key=lambda one: -one.count)
    happened = [one for one in shown if one.count] or shown[:1]
    below = FOOT + 14.0 + TARGET_STEP * len(found.targets) + (40.0 if found.targets else 0.0)
    height = TOP + STEP * len(happened) + 22.0 + below
    canvas = Canvas(WIDTH, height)
    canvas.text(EDGE, height - 16.0, f"On {found.faces} faces, each treated once", TITLE_PT, weight="bold")
    canvas.text(EDGE, height - 28.0, found.plan_title, TEXT_PT, SOFT)
    end = _end(max(one.interval90[1] for one in happened))
    panel = Panel(LEFT, below + 12.0, WIDTH - LEFT - RIGHT, STEP * len(happened), (0.0, end))
    ticks = [float(t) for t in np.linspace(0.0, end, 6)]
    panel.grid(canvas, ticks, [])
    panel.x_labels(canvas, ticks, [chance(float(f"{t:.6g}")) for t in ticks])
    y = panel.bottom + panel.height - 0.5 * STEP
    for one in happened:
        low, high = (float(panel.x(v)) for v in one.interval90)
        canvas.lines([np.array([[low, y], [high, y]])], INK, 1.1)
        canvas.dots([(float(panel.x(one.share)), y)], INK, 2.6)
        canvas.text(LEFT - 6.0, y, effect_name(one.effect), TEXT_PT, INK, "right", vertical="center")
        words = f"{one.count}/{one.faces}"
        canvas.text(WIDTH - RIGHT + 8.0, y, words, TEXT_PT, INK, vertical="center", weight="bold")
        y -= STEP
    if found.targets:
        _targets(canvas, found, FOOT + 20.0)
    never = len(shown) - len(happened)
    words = f"{never} further effects on no face. " if never and happened[0].count else ""
    canvas.text(
        EDGE, 8.0, f"{words}Bars: 90 % intervals of a share counted. Not a medical device.", SMALL_PT, SOFT
    )
    return canvas


def _end(highest: float) -> float:
    """End of the axis: a round share above the longest interval."""
    return next(end for end in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0) if end >= min(highest, 1.0))


def _targets(canvas: Canvas, found: Replay, bottom: float) -> None:
    """A small histogram of the lowest force for every muscle aimed at."""
    top = bottom + TARGET_STEP * len(found.targets)
    canvas.text(
        EDGE, top + 8.0, "Lowest force of the muscles aimed at, over the faces", TEXT_PT, weight="bold"
    )
    panel = Panel(LEFT, bottom, WIDTH - LEFT - RIGHT, top - bottom, (0.0, 1.0))
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    panel.grid(canvas, ticks, [])
    panel.x_labels(canvas, ticks, [numerals.percent(t) for t in ticks])
    for number, one in enumerate(found.targets):
        _histogram(canvas, panel, one, top - TARGET_STEP * (number + 1))


def _histogram(canvas: Canvas, panel: Panel, one: TargetSpread, base: float) -> None:
    counts, edges = np.histogram(1.0 - one.loss, BINS, (0.0, 1.0))
    tall = (TARGET_STEP - 6.0) * counts / max(int(counts.max()), 1)
    boxes = [
        np.array([[x0 + 0.4, base], [x1 - 0.4, base], [x1 - 0.4, base + h], [x0 + 0.4, base + h]])
        for x0, x1, h in zip(panel.x(edges[:-1]), panel.x(edges[1:]), tall, strict=True)
        if h > 0.0
    ]
    canvas.areas(boxes, ROLE_COLOURS["target"], 0.75)
    low, middle, high = (1.0 - v for v in reversed(one.points))
    canvas.text(LEFT - 6.0, base + 8.0, with_side(one.muscle, one.side), TEXT_PT, INK, "right")
    words = numerals.drawn(middle, low, high)
    canvas.text(WIDTH - RIGHT + 8.0, base + 8.0, words, SMALL_PT, INK)
