"""Plans side by side: force of the targets by day, how far muscles are reached, and the risks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from endplate.report.canvas import Canvas, Panel
from endplate.report.names import muscle_name
from endplate.report.palette import INK, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.risk_picture import dot, log_axis, log_panel
from endplate.report.risk_tables import difference_cell
from endplate.report.risk_words import dose_words, effect_name

if TYPE_CHECKING:
    from endplate.assess.differences import Compared, Comparison
    from endplate.assess.histograms import Reached

WIDTH, LEFT, RIGHT, EDGE = 540.0, 156.0, 148.0, 12.0
KEY, ROW, PANEL, FOOT = 11.0, 9.0, 150.0, 20.0
Pair = tuple[str, str]
MOST_BANDS = 2  # more of them cover each other
COLOURS = ("#2c3e86", "#b4530f", "#1b6e53", "#8a3f7d", "#5c6470")
"""Indigo, burnt orange, green, plum, grey: apart in hue and in lightness; each plan carries its letter beside it."""


def compare_figure(found: Comparison) -> Canvas:
    """Key, two curves, then the risks of every effect under every plan."""
    from endplate.assess.histograms import reached_of

    count = len(found.plans)
    group = ROW * count + 7.0
    risks = group * max(len(found.effects), 1)
    height = 30.0 + KEY * count + 28.0 + PANEL + 42.0 + risks + FOOT + 14.0
    canvas = Canvas(WIDTH, height)
    canvas.text(EDGE, height - 16.0, "Plans side by side", TITLE_PT, weight="bold")
    y = height - 31.0
    for plan, colour in zip(found.plans, COLOURS, strict=False):
        canvas.text(EDGE, y, plan.letter, TEXT_PT, colour, weight="bold")
        canvas.text(EDGE + 12.0, y, f"{plan.title}: {dose_words(plan.units)}", TEXT_PT, colour)
        y -= KEY
    bottom = y - 22.0 - PANEL + 14.0
    _forces(canvas, found, Panel(46.0, bottom, 200.0, PANEL - 14.0, (0.0, _last(found)), (0.0, 1.0)))
    curves = [reached_of(plan.risk.mechanism) for plan in found.plans]
    _reached(canvas, found, curves, Panel(312.0, bottom, 200.0, PANEL - 14.0, (-1.0, 2.0), (-3.0, 0.0)))
    panel = log_panel(LEFT, FOOT + 14.0, WIDTH - LEFT - RIGHT, risks)
    canvas.text(
        EDGE, panel.bottom + risks + 9.0, "Risk of unwanted effects, either side", TEXT_PT, weight="bold"
    )
    _risks(canvas, found, panel, group)
    words = f"Same {found.faces} faces, hands and people for every plan. Bars: 90 % intervals; ~ within twice the error"
    canvas.text(EDGE, 8.0, f"{words} of simulation. Not a medical device.", SMALL_PT, SOFT)
    return canvas


def _last(found: Comparison) -> float:
    return float(min(found.plans[0].course.days[-1], 240))


def _forces(canvas: Canvas, found: Comparison, panel: Panel) -> None:
    """Mean force of the muscles that all plans aim at, each from its own draws' medians."""
    top = panel.bottom + panel.height
    canvas.text(panel.left - 34.0, top + 17.0, "Force of the muscles aimed at", TEXT_PT, weight="bold")
    pairs = common(found)
    canvas.text(panel.left - 34.0, top + 8.0, _whose(pairs, found), SMALL_PT, SOFT)
    _x_name(canvas, panel, "day")
    ticks = [t for t in (0.0, 60.0, 120.0, 180.0, 240.0) if t <= panel.x_limits[1]]
    panel.grid(canvas, ticks, (0.0, 0.5, 1.0))
    panel.x_labels(canvas, ticks, [f"{t:.0f}" for t in ticks])
    panel.y_labels(canvas, (0.0, 0.5, 1.0), ["0", "50 %", "100 %"])
    for plan, colour in zip(found.plans, COLOURS, strict=False):
        days, low, middle, high = _mean_force(plan, pairs, int(panel.x_limits[1]))
        if len(found.plans) <= MOST_BANDS:
            canvas.areas([panel.ring(days, low, high)], colour, 0.12)
        canvas.lines([panel.path(days, middle)], colour, 1.3)


def common(found: Comparison) -> list[Pair]:
    """Muscles and sides that every plan aims at: means over others would compare unlike muscles."""
    return [(one.muscle, one.side) for one in found.targets if all(one.aimed)]


def _whose(pairs: Sequence[Pair], found: Comparison) -> str:
    names = list(dict.fromkeys(muscle_name(muscle).lower() for muscle, _ in pairs))
    if not pairs:
        return "of each plan's own: no muscle is aimed at in all of them"
    if len(names) == len({one.muscle for one in found.targets}):
        return "mean of all"
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"mean of those of every plan: {listed}"


def _x_name(canvas: Canvas, panel: Panel, words: str) -> None:
    canvas.text(panel.left + panel.width, panel.bottom - 18.0, words, SMALL_PT, SOFT, "right")


def _mean_force(
    plan: Compared, pairs: Sequence[Pair], last: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    course = plan.course
    rows = [course.row(*pair) for pair in (pairs or course.targets)]
    tables = (course.force_low, course.force_median, course.force_high)
    low, middle, high = (
        (course.force if table is None else table)[rows].mean(axis=0)[: last + 1] for table in tables
    )
    return course.days[: last + 1].astype(float), low, middle, high


def _reached(canvas: Canvas, found: Comparison, curves: list[tuple[Reached, ...]], panel: Panel) -> None:
    """Targets of all plans as full lines; dashed the muscle to be spared that matters most."""
    top = panel.bottom + panel.height
    spared = _spared(curves)
    canvas.text(
        panel.left - 34.0, top + 17.0, "Endplates that get so many thresholds", TEXT_PT, weight="bold"
    )
    _x_name(canvas, panel, "times the threshold")
    shared = {muscle for muscle, _ in common(found)}
    full = "full: targets of every plan" if shared else "full: targets"
    words = f"{full}; dashed: {muscle_name(spared).lower()}" if spared else full
    canvas.text(panel.left - 34.0, top + 8.0, words, SMALL_PT, SOFT)
    panel.grid(canvas, (-1.0, 0.0, 1.0, 2.0), (-3.0, -2.0, -1.0, 0.0))
    panel.x_labels(canvas, (-1.0, 0.0, 1.0, 2.0), ["0.1 ×", "1 ×", "10 ×", "100 ×"])
    panel.y_labels(canvas, (-3.0, -2.0, -1.0, 0.0), ["0.1 %", "1 %", "10 %", "100 %"])
    for own, colour in zip(curves, COLOURS, strict=False):
        targets = [one.share for one in own if one.role == "target" and (not shared or one.muscle in shared)]
        if targets:
            _curve(canvas, panel, own[0].over, np.mean(targets, axis=0), colour, "solid")
        for one in own:
            if one.muscle == spared:
                _curve(canvas, panel, one.over, one.share, colour, (0, (4, 2)))


def _spared(curves: list[tuple[Reached, ...]]) -> str:
    """The muscle to be spared that matters most: the levator where it is reached at all, else the one reached most."""
    names = [one.muscle for own in curves for one in own if one.role == "at_risk"]
    return (
        "levator_palpebrae_superioris" if "levator_palpebrae_superioris" in names else next(iter(names), "")
    )


def _curve(
    canvas: Canvas, panel: Panel, over: np.ndarray, share: np.ndarray, colour: str, dash: object
) -> None:
    keep = (over >= 0.1) & (over <= 100.0) & (share >= 1e-3)
    if keep.any():
        canvas.lines([panel.path(np.log10(over[keep]), np.log10(share[keep]))], colour, 1.3, dash)


def _risks(canvas: Canvas, found: Comparison, panel: Panel, group: float) -> None:
    log_axis(canvas, panel)
    if not found.effects:
        canvas.text(LEFT, panel.bottom + 3.0, "None reaches 0.1 % under any plan.", TEXT_PT, SOFT)
    y = panel.bottom + panel.height - 0.5 * ROW - 3.0
    for effect in found.effects:
        middle = y - 0.5 * ROW * (len(found.plans) - 1)
        canvas.text(LEFT - 16.0, middle, effect_name(effect), TEXT_PT, INK, "right", vertical="center")
        differences = {one.letter: one for one in found.differences if one.effect == effect}
        for plan, colour in zip(found.plans, COLOURS, strict=False):
            own = next(one for one in plan.risk.seen() if one.effect == effect)
            dot(canvas, panel, y, own.probability, own.interval90, colour)
            canvas.text(LEFT - 6.0, y, plan.letter, SMALL_PT, colour, "center", "bold", "center")
            one = differences.get(plan.letter)
            if one is not None:
                canvas.text(WIDTH - RIGHT + 6.0, y, difference_cell(one), SMALL_PT, colour, vertical="center")
            y -= ROW
        y -= group - ROW * len(found.plans)
