"""Responder curves of a trial: one small picture for each endpoint and area, arms by colour, dash and key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.report.canvas import Canvas, Panel
from endplate.report.force_picture import day_ticks
from endplate.report.numerals import thin
from endplate.report.palette import GRADE_COLOURS, GRID, INK, ROLE_COLOURS, SOFT

if TYPE_CHECKING:
    from endplate.trial.result import ArmResult, Duration, TrialResult

ARM_COLOURS = (
    ROLE_COLOURS["target"],
    ROLE_COLOURS["at_risk"],
    GRADE_COLOURS["A"],
    GRADE_COLOURS["B"],
    "#8a3c7a",
)
"""Indigo, burnt orange, green, blue, plum; from the sixth arm on they come again with another dash."""

DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 1.6, 1.2, 1.6)))
PLACEBO_DASH: Any = (0, (3, 1.8))
WIDTH, HEIGHT, LEFT, RIGHT, FOOT, TOP = 272.0, 160.0, 32.0, 11.0, 17.0, 8.0
TEXT_PT, CURVE_PT, BAR_PT, DOT_PT = 8.0, 1.5, 0.9, 2.2
APART_PT, ROOM_PT = 3.4, 14.0
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
WEEK_STEPS = (1, 2, 4, 8, 13, 26)
BAR_PX, BAR_HEIGHT_PX = 190.0, 16.0


@dataclass(frozen=True)
class Look:
    """How an arm is drawn wherever it stands."""

    colour: str
    dash: Any

    @property
    def stroke_dasharray(self) -> str:
        """The dash as SVG writes it."""
        return "none" if self.dash == "solid" else " ".join(f"{part:g}" for part in self.dash[1])


def looks(arms: Sequence[ArmResult]) -> dict[str, Look]:
    """A look for every arm by name: placebo grey and dashed, active arms in the colours of the house."""
    out, number = {}, 0
    for arm in arms:
        if arm.product is None:
            out[arm.name] = Look(SOFT, PLACEBO_DASH)
            continue
        rank, colour = divmod(number, len(ARM_COLOURS))
        out[arm.name] = Look(ARM_COLOURS[colour], DASHES[rank % len(DASHES)])
        number += 1
    return out


def panels_of(found: TrialResult) -> dict[str, list[str]]:
    """Endpoints with rates by area, in the order of the design."""
    out: dict[str, list[str]] = {}
    for one in (rate for arm in found.arms for rate in arm.rates):
        endpoints = out.setdefault(one.area, [])
        if one.endpoint not in endpoints:
            endpoints.append(one.endpoint)
    return out


def responder_canvas(found: TrialResult, endpoint: str, area: str) -> Canvas:
    """Share of responders by day: line and band (model, 90 %), dots with bars (what n people may show, 90 %)."""
    canvas = Canvas(WIDTH, HEIGHT)
    draw_responders(canvas, found, endpoint, area, (LEFT, FOOT))
    return canvas


def draw_responders(
    canvas: Canvas, found: TrialResult, endpoint: str, area: str, corner: tuple[float, float]
) -> Panel:
    """One panel with its lower left corner at a place of a sheet; returns it."""
    panel = Panel(*corner, WIDTH - LEFT - RIGHT, HEIGHT - FOOT - TOP, (0.0, _last_day(found, endpoint, area)))
    ticks = day_ticks(np.array(panel.x_limits))
    panel.grid(canvas, ticks, SHARES)
    for share in SHARES:
        words = f"{100 * share:.0f} %" if share == 1.0 else f"{100 * share:.0f}"
        at = float(panel.y(share))
        canvas.text(panel.left - 4.0, at, words, TEXT_PT, SOFT, "right", vertical="center")
    for tick in ticks:
        words = f"day {tick:.0f}" if tick == 0.0 else f"{tick:.0f}"
        canvas.text(float(panel.x(tick)), panel.bottom - 11.0, words, TEXT_PT, SOFT, "center")
    every = looks(found.arms)
    chosen = [(arm, every[arm.name]) for arm in found.arms]
    for arm, look in chosen:
        for curve in arm.curves:
            if (curve.endpoint, curve.area) == (endpoint, area):
                canvas.areas([panel.ring(curve.days, curve.low, curve.high)], look.colour, 0.15)
    for arm, look in chosen:
        for curve in arm.curves:
            if (curve.endpoint, curve.area) == (endpoint, area):
                canvas.lines([panel.path(curve.days, curve.rate)], look.colour, CURVE_PT, look.dash)
    apart = min(APART_PT, ROOM_PT / len(chosen))
    for number, (arm, look) in enumerate(chosen):
        _points(canvas, panel, arm, look, (endpoint, area), apart * (number - 0.5 * (len(chosen) - 1)))
    return panel


def _last_day(found: TrialResult, endpoint: str, area: str) -> float:
    """End of the days: that of the curves; an endpoint without a curve ends soon after its last day."""
    curves = [c for arm in found.arms for c in arm.curves if (c.endpoint, c.area) == (endpoint, area)]
    days = [r.day for arm in found.arms for r in arm.rates if (r.endpoint, r.area) == (endpoint, area)]
    if curves:
        return float(max(max(days), *(c.days[-1] for c in curves)))
    return float(np.ceil(1.2 * max(days) + 1.0))


def _points(
    canvas: Canvas, panel: Panel, arm: ArmResult, look: Look, what: tuple[str, str], aside_pt: float
) -> None:
    """Dots at the visits with what n people may show; arms stand side by side so that none hides another."""
    rates = [one for one in arm.rates if (one.endpoint, one.area) == what]
    if not rates:
        return
    at = [float(panel.x(one.day)) + aside_pt for one in rates]
    bars = [
        np.array([[x, float(panel.y(one.predictive90[0]))], [x, float(panel.y(one.predictive90[1]))]])
        for x, one in zip(at, rates, strict=True)
    ]
    canvas.lines(bars, look.colour, BAR_PT)
    canvas.dots(
        [(x, float(panel.y(one.rate))) for x, one in zip(at, rates, strict=True)], look.colour, DOT_PT
    )


def duration_bar(one: Duration, look: Look, end_weeks: float) -> str:
    """A median with its interval on an axis from 0 to `end_weeks`, as SVG; what lies beyond is an arrow."""
    y = BAR_HEIGHT_PX / 2

    def x(weeks: float) -> float:
        return 4.0 + min(weeks / end_weeks, 1.0) * (BAR_PX - 12.0)

    low, high = one.interval90
    parts = [f'<path d="M{x(0):.1f} {y:g}H{x(end_weeks):.1f}" stroke="{GRID}"/>']
    if low is not None:
        tip = x(high) if high is not None else BAR_PX - 3.0
        parts.append(f'<path d="M{x(low):.1f} {y:g}H{tip:.1f}" stroke="{look.colour}" stroke-width="2.5"/>')
    if high is None:
        arrow = f"M{BAR_PX - 8:g} {y - 4:g}l6 4l-6 4"
        parts.append(f'<path d="{arrow}" fill="none" stroke="{look.colour}" stroke-width="1.6"/>')
    if one.median_weeks is not None:
        parts.append(
            f'<circle cx="{x(one.median_weeks):.1f}" cy="{y:g}" r="4" fill="{look.colour}" stroke="#fff"/>'
        )
    return _svg(BAR_PX, BAR_HEIGHT_PX, "".join(parts))


def duration_axis(end_weeks: float) -> str:
    """The axis over the bars of durations, as SVG."""
    step = next((s for s in WEEK_STEPS if end_weeks / s <= 6.0), WEEK_STEPS[-1])
    words = []
    for week in range(0, int(end_weeks) + 1, step):
        x = 4.0 + week / end_weeks * (BAR_PX - 12.0)
        words.append(
            f'<text x="{x:.1f}" y="11" text-anchor="middle" font-size="11" fill="{SOFT}">{week}</text>'
        )
    return _svg(BAR_PX, 14.0, "".join(words))


def swatch(look: Look) -> str:
    """A short piece of an arm's line, for keys."""
    path = (
        f'<path d="M1 6H27" stroke="{look.colour}" stroke-width="2.4" stroke-dasharray="{look.stroke_dasharray}"/>'
        f'<circle cx="14" cy="6" r="3.4" fill="{look.colour}" stroke="#fff"/>'
    )
    return _svg(28.0, 12.0, path)


def _svg(width: float, height: float, inside: str) -> str:
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    return f'<svg {size} aria-hidden="true" focusable="false">{inside}</svg>'


def sheet(found: TrialResult, shown: Sequence[tuple[str, str, str]], columns: int = 2) -> Canvas:
    """Several panels on one sheet with a key above.

    Args:
        shown: (endpoint, area, words above the panel).
    """
    lines = -(-len(shown) // columns)
    tall, head = HEIGHT + 14.0, 22.0
    canvas = Canvas(WIDTH * columns, tall * lines + head)
    at = LEFT
    for arm, look in ((arm, looks(found.arms)[arm.name]) for arm in found.arms):
        y = canvas.height_pt - 12.0
        canvas.lines([np.array([[at, y], [at + 18.0, y]])], look.colour, CURVE_PT, look.dash)
        canvas.dots([(at + 9.0, y)], look.colour, DOT_PT)
        canvas.text(at + 22.0, y - 2.6, arm.name, TEXT_PT, INK)
        at += 34.0 + 4.6 * len(thin(arm.name))
    for number, (endpoint, area, words) in enumerate(shown):
        left, bottom = WIDTH * (number % columns) + LEFT, tall * (lines - 1 - number // columns) + FOOT
        panel = draw_responders(canvas, found, endpoint, area, (left, bottom))
        canvas.text(panel.left, bottom + panel.height + 6.0, words, TEXT_PT + 0.5, INK, weight="bold")
    return canvas
