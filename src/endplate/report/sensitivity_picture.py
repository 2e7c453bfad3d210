"""Which inputs decide, as bars: total shares coloured by grade, the part of each alone in full colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from endplate.report import numerals
from endplate.report.canvas import Canvas, Panel
from endplate.report.names import with_side
from endplate.report.palette import GRADE_COLOURS, INK, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.sensitivity import NAMES, deciding, hardly, prior

if TYPE_CHECKING:
    from endplate.population.sensitivity_record import InputShare, Sensitivity

MOST, LEAST = 12, 0.005
WIDTH, LEFT, RIGHT, LONGEST = 540.0, 236.0, 92.0, 54
TOP, FOOT, BAR, STEP = 66.0, 44.0, 9.0, 24.0
FAINT, LONGEST_SHARE = 0.35, 1.4


def sensitivity_figure(found: Sensitivity) -> Canvas:
    """The dozen inputs with the largest total shares of the variance, with their intervals and grades."""
    shares = found.asked
    rows = [row for row in shares.inputs if row.total[0] >= LEAST][:MOST]
    height = TOP + STEP * max(len(rows), 1) + FOOT
    canvas = Canvas(WIDTH, height)
    canvas.text(
        12.0,
        height - 16.0,
        f"{with_side(found.muscle, found.side)}: what decides {NAMES[found.quantity]}",
        TITLE_PT,
        weight="bold",
    )
    answer = deciding(shares, found.samples) if shares.varies else "No draw differs."
    canvas.text(12.0, height - 29.0, " ".join([*hardly(found), answer]), TEXT_PT, SOFT)
    panel = Panel(LEFT, FOOT, WIDTH - LEFT - RIGHT, STEP * max(len(rows), 1), (0.0, _end(rows)))
    ticks = [t for t in np.arange(0.0, 1.5, 0.1 if _end(rows) <= 0.6 else 0.2) if t <= _end(rows) + 1e-9]
    panel.grid(canvas, ticks, [])
    panel.x_labels(canvas, ticks, [f"{100 * t:.0f} %" for t in ticks])
    for number, row in enumerate(rows):
        _bar(canvas, panel, row, FOOT + STEP * (len(rows) - number - 0.5), _end(rows))
    _key(canvas, height - 50.0)
    canvas.text(12.0, 20.0, _foot(found), SMALL_PT, SOFT)
    canvas.text(12.0, 10.0, _stamp(found), SMALL_PT, SOFT)
    return canvas


def _end(rows: list[InputShare]) -> float:
    """End of the axis: room for the longest interval, up to what a share can be with some error."""
    longest = max((row.total[2] for row in rows), default=0.5)
    return float(np.ceil(10.0 * min(max(longest, 0.2), LONGEST_SHARE)) / 10.0)


def _bar(canvas: Canvas, panel: Panel, row: InputShare, y: float, end: float) -> None:
    colour, bottom = GRADE_COLOURS[row.grade], y - 0.5 * BAR
    total, low, high = (min(max(value, 0.0), end) for value in row.total)
    alone = min(max(row.first[0], 0.0), total)
    canvas.areas([_box(panel, 0.0, total, bottom)], colour, FAINT)
    if alone > 0.0:
        canvas.areas([_box(panel, 0.0, alone, bottom)], colour)
    low, high = float(panel.x(low)), float(panel.x(high))
    # An interval that leaves the picture has no end in it.
    ends = (low, high) if row.total[2] <= end else (low,)
    caps = [np.array([[x, y - 2.0], [x, y + 2.0]]) for x in ends]
    canvas.lines([np.array([[low, y], [high, y]]), *caps], INK, 0.7)
    canvas.text(LEFT - 6.0, y + 1.0, _short(row), TEXT_PT, INK, "right")
    detail = row.id if row.low is not None else "all tips, slips behind the septum"
    canvas.text(LEFT - 6.0, y - 7.0, detail, SMALL_PT - 1.0, SOFT, "right")
    canvas.text(WIDTH - RIGHT + 8.0, y + 1.0, f"grade {row.grade}", TEXT_PT, colour, weight="bold")
    if row.low is not None:
        canvas.text(WIDTH - RIGHT + 8.0, y - 7.0, prior(row), SMALL_PT - 1.0, SOFT)


def _short(row: InputShare) -> str:
    """A name that fits beside a bar."""
    words = row.id if row.low is None else row.name
    words = words if len(words) <= LONGEST else words.split(",")[0]
    return words if len(words) <= LONGEST else words[: LONGEST - 2].rsplit(" ", 1)[0] + " …"


def _box(panel: Panel, start: float, end: float, bottom: float) -> np.ndarray:
    left, right = float(panel.x(start)), float(panel.x(end))
    return np.array([[left, bottom], [right, bottom], [right, bottom + BAR], [left, bottom + BAR]])


def _key(canvas: Canvas, y: float) -> None:
    """What full and faint colour mean."""
    for left, opacity, words in ((12.0, 1.0, "alone"), (56.0, FAINT, "with others")):
        box = np.array([[left, y], [left + 10.0, y], [left + 10.0, y + 7.0], [left, y + 7.0]])
        canvas.areas([box], INK, opacity)
        canvas.text(left + 14.0, y + 0.5, words, SMALL_PT, SOFT)
    canvas.lines([np.array([[124.0, y + 3.5], [138.0, y + 3.5]])], INK, 0.7)
    canvas.text(142.0, y + 0.5, "95 % interval of the total", SMALL_PT, SOFT)


def _foot(found: Sensitivity) -> str:
    declared, both = (numerals.percent(found.asked.by_grade[grades][0]) for grades in ("D", "CD"))
    resting = f"; {declared} rests on grade D, {both} on C and D" if found.asked.settled else ""
    return f"Share of the variance over the priors{resting}. {found.evaluations} draws. Anatomy is not drawn."


def _stamp(found: Sensitivity) -> str:
    known = [
        f"{name} {found.versions[name]}"
        for name in ("endplate", "catalogue", "face")
        if name in found.versions
    ]
    return f"{', '.join(known)}. For research, teaching and trial design; not a medical device."
