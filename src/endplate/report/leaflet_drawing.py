"""Drawings of the leaflet, as SVG text: how strong the effect is by day, and a hundred people as dots."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from endplate.errors import ModelError
from endplate.report.leaflet_words import span_words

if TYPE_CHECKING:
    from endplate.model.course import Course

#: Parts of the greatest loss of force at which it has begun, begins to fade, and has worn off.
BEGUN, FADES, GONE = 0.25, 0.5, 0.2
NEAR = 0.95
"""So near to the greatest loss it is at its best."""
WIDTH, HEIGHT = 720.0, 112.0
LEFT, RIGHT, TOP, FLOOR = 10.0, 10.0, 14.0, 90.0
COLUMNS, LINES, PITCH, RADIUS = 20, 5, 5.0, 2.0
BLOCK, GAP = 5, 2.0
"""Every so many columns of dots a gap: four blocks of twenty-five are counted faster."""
ROOM = 58.0
"""Least distance of two words on the time axis."""


@dataclass(frozen=True)
class Stage:
    """One step of the effect.

    Attributes:
        day: as planned. reach: first and last day that it may fall on; None for a day that is known.
        when: the same in words. title, text: what happens.
    """

    day: float
    when: str
    title: str
    text: str
    reach: tuple[float, float] | None = None


def strength(force: np.ndarray) -> np.ndarray:
    """Mean loss of force of the treated muscles by day, (t,), relative to its own greatest.

    Args:
        force (m, t): force of the muscles that a site names, 1 at rest.
    """
    loss = np.clip(1.0 - force, 0.0, 1.0).mean(axis=0)
    return loss / loss.max() if loss.max() > 0.0 else loss


def days_of(days: np.ndarray, level: np.ndarray) -> tuple[float, float, float, float]:
    """Days on which it has begun, is strongest, fades and has worn off; infinite where that lies beyond the last."""
    peak = int(level.argmax())

    def rises(part: float) -> float:
        return float(days[np.argmax(level[: peak + 1] >= part)])

    def falls(part: float) -> float:
        below = np.flatnonzero(level[peak:] < part)
        return float(days[peak + below[0]]) if below.size else math.inf

    return rises(BEGUN), float(days[peak]), falls(FADES), falls(GONE)


def at_best(days: np.ndarray, level: np.ndarray) -> tuple[float, float]:
    """First and last day on which the effect is nearly at its greatest."""
    near = np.flatnonzero(level >= NEAR * level.max())
    return float(days[near[0]]), float(days[near[-1]])


def stages(course: Course) -> tuple[Stage, ...]:
    """What to expect, in order: needles, beginning, strongest, fading.

    Beginning and fading are spans of days where the course has draws; strongest is the span near the peak.

    Raises:
        ModelError: no treated muscle weakens, so there is nothing to expect.
    """
    rows = _rows(course)
    if not rows or float((1.0 - course.force[rows]).max()) <= 0.0:
        raise ModelError(
            "This plan weakens none of the muscles it treats.", "A leaflet needs an effect.", "Check it."
        )
    days = np.asarray(course.days, dtype=float)
    forces = [course.force]
    if course.force_low is not None and course.force_high is not None:
        forces = [course.force, course.force_low, course.force_high]
    levels = [strength(force[rows]) for force in forces if (1.0 - force[rows]).max() > 0.0]
    found = [days_of(days, level) for level in levels]
    last = float(days[-1])
    begun, _, fades, gone = ((min(column), max(column)) for column in zip(*found, strict=True))
    best = at_best(days, levels[0])
    text = f"Half the strength is back. Nearly all by {span_words(*gone, last)}."
    return (
        Stage(0.0, "today", "The needles", "Small red spots fade within a day."),
        Stage(
            found[0][0],
            span_words(*begun, last),
            "It starts",
            "The treated muscles pull less and less.",
            begun,
        ),
        Stage(found[0][1], span_words(*best, last), "At its best", "This is as strong as it gets.", best),
        Stage(found[0][2], span_words(*fades, last), "It fades", text, fades),
    )


def _rows(course: Course) -> list[int]:
    """Rows of the muscles that a site names."""
    return [row for row, pair in enumerate(course.muscles) if pair in course.targets]


def curve(course: Course, marks: tuple[Stage, ...]) -> str:
    """The effect by day with a number at each stage."""
    rows = _rows(course)
    days = np.asarray(course.days, dtype=float)
    level = strength(course.force[rows])
    gone = days_of(days, level)[-1]
    end = min(float(days[-1]), max(1.35 * gone, 56.0))
    kept = days <= end
    xs = LEFT + (WIDTH - LEFT - RIGHT) * days[kept] / end
    ys = FLOOR - (FLOOR - TOP) * level[kept]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    parts = [
        f'<polygon class="under" points="{LEFT:g},{FLOOR:g} {line} {xs[-1]:.1f},{FLOOR:g}"/>',
        f'<polyline class="line" points="{line}"/>',
        f'<line class="floor" x1="{LEFT:g}" y1="{FLOOR:g}" x2="{WIDTH - RIGHT:g}" y2="{FLOOR:g}"/>',
        *_ticks(end),
    ]
    for number, stage in enumerate(marks, start=1):
        day = min(stage.day, end)
        x = _across(day, end)
        y = FLOOR - (FLOOR - TOP) * float(np.interp(day, days, level))
        if stage.reach is not None:
            first, to = (_across(min(one, end), end) for one in stage.reach)
            parts.append(f'<line class="reach" x1="{first:.1f}" y1="{y:.1f}" x2="{to:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="9"/>'
            f'<text class="number" x="{x:.1f}" y="{y + 3.8:.1f}">{number}</text>'
        )
    return (
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="How strong the effect is over time">'
        + "".join(parts)
        + "</svg>"
    )


def _across(day: float, end: float) -> float:
    """Where a day stands on the time axis, which is even."""
    return LEFT + (WIDTH - LEFT - RIGHT) * day / end


def _ticks(end: float) -> list[str]:
    """Marks of the time axis."""
    known = [(0.0, "today"), (14.0, "2 weeks"), (30.4, "1 month")]
    known += [(30.4 * month, f"{month} months") for month in range(2, 25)]
    found: list[str] = []
    free = -ROOM
    for day, words in known:
        x = _across(day, end)
        if day <= end and x >= free + ROOM:
            free = x
            fine = " fine" if day <= 14.0 else ""  # no room for it on a telephone
            anchor = "start" if day == 0.0 else "end" if x > WIDTH - 40.0 else "middle"
            found.append(
                f'<line class="tick" x1="{x:.1f}" y1="{FLOOR:g}" x2="{x:.1f}" y2="{FLOOR + 4:g}"/>'
                f'<text class="when{fine}" x="{x:.1f}" y="{FLOOR + 17:g}" text-anchor="{anchor}">{words}</text>'
            )
    return found


def dots(share: float) -> str:
    """A hundred people in four blocks, those whom the effect meets filled; below one in a hundred one is in part."""
    whole = round(100.0 * share)
    shapes = []
    for number in range(COLUMNS * LINES):
        column = number // LINES
        x = PITCH * (column + 0.5) + GAP * (column // BLOCK)
        y = PITCH * (number % LINES + 0.5)
        kind = "met" if number < whole else "free"
        shapes.append(f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="{RADIUS:g}"/>')
    if whole == 0 and share > 0.0:
        shapes.append(f'<circle class="met" cx="{PITCH / 2:g}" cy="{PITCH / 2:g}" r="{RADIUS / 2:g}"/>')
    size = f"0 0 {COLUMNS * PITCH + GAP * (COLUMNS // BLOCK - 1):g} {LINES * PITCH:g}"
    return f'<svg class="dots" viewBox="{size}" aria-hidden="true">{"".join(shapes)}</svg>'
