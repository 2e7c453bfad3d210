"""Risks with their intervals on a logarithmic axis, and how far targets and muscles to be spared are reached."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.report.canvas import Canvas, Panel
from endplate.report.names import muscle_name
from endplate.report.palette import INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.published import Published
from endplate.report.risk_tables import told
from endplate.report.risk_words import chance, effect_name

if TYPE_CHECKING:
    from endplate.assess.histograms import Reached
    from endplate.assess.risks import PlanRisk

WIDTH, LEFT, RIGHT, EDGE = 540.0, 176.0, 92.0, 12.0
STEP, TOP, FOOT, GAP = 15.0, 40.0, 20.0, 34.0
REACH_HEIGHT = 176.0
LOW, HIGH = 1e-4, 1.0
TICKS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
REPORTED = "#3f7fae"
LEVELS = (0.1, 1.0, 10.0, 100.0)
DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 3)))


def risk_figure(
    found: PlanRisk, curves: Sequence[Reached] = (), published: Published | None = None
) -> Canvas:
    """Dots for every effect, by mechanism above those by report, and below them the curves of the muscles.

    Args:
        published: rates of the effects by mechanism, as `published_for` gives them.
    """
    simulated = [one for one in sorted(found.seen(), key=lambda o: -o.probability) if one.probability >= LOW]
    numbered = [one for _, one in found.reported if one.rate is not None and one.rate >= LOW]
    numbered.sort(key=lambda one: -(one.rate or 0.0))
    rows = len(simulated) + len(numbered) + (1 if numbered else 0)
    below = FOOT + (REACH_HEIGHT + GAP if curves else 0.0)
    height = TOP + STEP * max(rows, 1) + below + 14.0
    canvas = Canvas(WIDTH, height)
    canvas.text(EDGE, height - 16.0, "Unwanted effects: share of people", TITLE_PT, weight="bold")
    canvas.text(EDGE, height - 28.0, _title(found), TEXT_PT, SOFT)
    panel = log_panel(LEFT, below + 14.0, WIDTH - LEFT - RIGHT, STEP * max(rows, 1))
    log_axis(canvas, panel)
    y = panel.bottom + panel.height - 0.5 * STEP
    if not rows:
        canvas.text(LEFT + 6.0, y, "No effect reaches 0.01 %.", TEXT_PT, SOFT, vertical="center")
    for one in simulated:
        dot(canvas, panel, y, one.probability, one.interval90, INK)
        if published and one.effect in published:
            _upright(canvas, panel, y, published[one.effect].rate)
        _named(canvas, y, effect_name(one.effect), told(one))
        y -= STEP
    if numbered:
        canvas.text(LEFT - 6.0, y - 2.0, "By report, tick: placebo", SMALL_PT, REPORTED, "right", "bold")
        y -= STEP
    for one in numbered:
        dot(canvas, panel, y, one.rate or 0.0, one.interval90, REPORTED)
        if one.placebo_rate:
            _upright(canvas, panel, y, one.placebo_rate)
        _named(canvas, y, one.name[:1].upper() + one.name[1:], chance(one.rate), REPORTED)
        y -= STEP
    if curves:
        reach_panel(canvas, curves, FOOT + 18.0)
    canvas.text(
        EDGE,
        8.0,
        "Bars: 90 % intervals. Upright blue: published rate. For research, teaching and trial design; not a medical "
        "device.",
        SMALL_PT,
        SOFT,
    )
    return canvas


def _upright(canvas: Canvas, panel: Panel, y: float, share: float) -> None:
    at = float(panel.x(_log(share)))
    canvas.lines([np.array([[at, y - 4.0], [at, y + 4.0]])], REPORTED, 1.4)


def _title(found: PlanRisk) -> str:
    run = found.mechanism
    return f"{found.plan_title}. Simulated on {run.faces} faces, {run.draws} draws of what is not known"


def _log(value: float) -> float:
    return float(np.log10(np.clip(value, LOW, HIGH)))


def log_panel(left: float, bottom: float, width: float, height: float) -> Panel:
    """A panel over chances from 0.01 % to 100 %."""
    return Panel(left, bottom, width, height, (float(np.log10(LOW)), float(np.log10(HIGH))))


def log_axis(canvas: Canvas, panel: Panel) -> None:
    """Decades with their names."""
    ticks = [float(np.log10(t)) for t in TICKS]
    panel.grid(canvas, ticks, [])
    panel.x_labels(canvas, ticks, [chance(t) for t in TICKS])


def dot(
    canvas: Canvas, panel: Panel, y: float, value: float, interval: tuple[float, float] | None, colour: str
) -> None:
    """A dot with its interval; what lies below the axis stops at its end."""
    if interval is not None:
        ends = [float(panel.x(_log(v))) for v in interval]
        canvas.lines([np.array([[ends[0], y], [ends[1], y]])], colour, 1.1)
    if value >= LOW:
        canvas.dots([(float(panel.x(_log(value))), y)], colour, 2.6)


def _named(canvas: Canvas, y: float, name: str, value: str, colour: str = INK) -> None:
    canvas.text(LEFT - 6.0, y, name, TEXT_PT, colour, "right", vertical="center")
    canvas.text(WIDTH - RIGHT + 8.0, y, value, TEXT_PT, colour, vertical="center", weight="bold")


# --- How far muscles are reached


def reach_panel(canvas: Canvas, curves: Sequence[Reached], bottom: float) -> None:
    """Targets and muscles to be spared: share of endplates that get so many thresholds or more."""
    top = bottom + REACH_HEIGHT - 28.0
    canvas.text(EDGE, top + 18.0, "Targets and muscles to be spared", TITLE_PT, weight="bold")
    canvas.text(
        EDGE,
        top + 7.0,
        "Share of a muscle's endplates that get so many times their threshold or more; mean over drawn people",
        TEXT_PT,
        SOFT,
    )
    panel = Panel(48.0, bottom, 300.0, top - bottom - 4.0, (np.log10(0.1), 2.0), (-3.0, 0.0))
    y_ticks = (-3.0, -2.0, -1.0, 0.0)
    panel.grid(canvas, [float(np.log10(v)) for v in LEVELS], y_ticks)
    panel.x_labels(canvas, [float(np.log10(v)) for v in LEVELS], ["0.1 ×", "1 ×", "10 ×", "100 ×"])
    panel.y_labels(canvas, y_ticks, ["0.1 %", "1 %", "10 %", "100 %"])
    y = top - 10.0
    for role, words in (("target", "Targets"), ("at_risk", "To be spared")):
        own = [one for one in curves if one.role == role]
        if not own:
            continue
        canvas.text(366.0, y, words, TEXT_PT, ROLE_COLOURS[role], weight="bold")
        for one, dash in zip(own, cycle(DASHES), strict=False):
            y -= 12.0
            keep = (one.over >= 0.1) & (one.over <= 100.0) & (one.share >= 1e-3)
            line = panel.path(np.log10(one.over[keep]), np.log10(one.share[keep]))
            canvas.lines(
                [line, np.array([[366.0, y + 2.5], [384.0, y + 2.5]])], ROLE_COLOURS[role], 1.3, dash
            )
            canvas.text(388.0, y, muscle_name(one.muscle), TEXT_PT, ROLE_COLOURS[role])
        y -= 17.0
