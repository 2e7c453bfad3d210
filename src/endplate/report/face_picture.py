"""The face by day: a sheet of drawn heads, a row for each expression and a column for each day.

The numbers of the face model move the head (`anatomy.expression`); nothing is read off the drawing. What moved is
written under each head, and thin lines repeat where brows, lids and mouth were on the first day shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endplate.anatomy.expression import Clipped, Pose, marks_of, pose
from endplate.report.canvas import Canvas
from endplate.report.face_changes import ETCHED
from endplate.report.face_drawing import UPPER, WHOLE, Look, Place, draw_face, draw_ghost
from endplate.report.palette import GRID, HEAD_PT, INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT

Array = NDArray[np.float64]
Measures = Mapping[tuple[str, str], Array]
Entry = tuple[str, tuple[tuple[tuple[str, str], float], ...]]
SIDES = ("right", "left")

WIDTH, EDGE, GAP, TOP, FOOT = 510.0, 12.0, 6.0, 50.0, 36.0
LABEL_PT, CAPTION_PT, LINE_PT, SAYS_PT = 15.0, 25.0, 8.2, 98.0
DAYS = (0.0, 14.0, 60.0, 120.0)
CHANGED = ROLE_COLOURS["target"]
BEFORE = "#e8590c"
"""Of the lines where something was: orange, which shows on dark brows and on skin."""
NEUTRAL_MM = 1.5
"""The corners of the mouth are drawn so much higher in every expression and on every day: those of the average skin
hang at rest and read as sad. What moves is not touched."""

LEAST_MM = 0.05
"""A smaller change is none."""

SHIFTS = (
    "brow_height_medial", "brow_height_mid", "brow_height_lateral", "mrd1", "fissure_height", "frown_shift",
    "mouth_corner_lateral", "mouth_corner_height", "lower_lip_show",
)  # fmt: skip
"""Measures that move the head; the first five are heights, so that the resting face is taken off."""

CLOSED = ("gentle_closure", "tight_closure")


@dataclass(frozen=True)
class Row:
    """How a row of heads is headed and what is written under them.

    Args:
        sides: (measure, word) for each side, mm. area: its lines' grade, or none.
        uneven: (measure, word, what it is) for each side, mm, where the sides differ.
    """

    title: str
    says: str
    sides: tuple[tuple[str, str], ...]
    area: str = ""
    uneven: tuple[tuple[str, str, str], ...] = ()
    window: tuple[tuple[float, float], tuple[float, float]] = UPPER

    def height(self, width: float) -> float:
        """Of a head that is so wide, points."""
        (left, low), (right, high) = self.window
        return width * (high - low) / (right - left)


ROWS: dict[str, Row] = {
    "rest": Row(
        "At rest",
        "height above the pupil, mm: middle of the brow, margin of the upper lid (MRD1)",
        (("brow_height_mid", "brow"), ("mrd1", "upper lid")),
        window=WHOLE,
    ),
    "frown": Row(
        "Frown",
        "mm that the skin of the brow is drawn in; grade of the lines between the brows (0 to 3)",
        (("frown_shift", "drawn in"),),
        "glabella",
    ),
    "brow_raise": Row(
        "Brows raised",
        "mm that the middle of the brow rises; grade of the forehead lines (0 to 3)",
        (("brow_raise", "rise"),),
        "forehead",
    ),
    "gentle_closure": Row(
        "Eyes closed gently",
        "gap that is left between the lids (lagophthalmos), mm",
        (("lagophthalmos", "gap"),),
    ),
    "tight_closure": Row(
        "Eyes squeezed shut",
        "gap that is left between the lids, mm; grade of the crow's feet (0 to 3)",
        (("lagophthalmos_tight", "gap"),),
        "lateral_canthus",
    ),
    "smile": Row(
        "Smile",
        "mm that the corner of the mouth travels; grade of the crow's feet (0 to 3)",
        (("mouth_corner_excursion", "corner"),),
        "lateral_canthus",
        (("fissure_height", "eye", "opening of the eye, mm"),),
        WHOLE,
    ),
    "lower_lip_show": Row(
        "Lower teeth shown",
        "mm that the lower lip goes down",
        (("lower_lip_fall", "lower lip"),),
        window=WHOLE,
    ),
    "platysma_grimace": Row(
        "Neck tightened",
        "mm that the corner of the mouth goes up",
        (("mouth_corner_height", "corner"),),
        window=WHOLE,
    ),
}


def face_sheet(
    measures_by_expression: Mapping[str, Measures], days: Sequence[float] | Array, **options: Any
) -> bytes:
    """The sheet as an SVG document (bytes); see `face_canvas`."""
    return short(face_canvas(measures_by_expression, days, **options).svg()).encode()


def short(svg: str) -> str:
    """Coordinates to a hundredth of a point: twenty heads have many."""
    return re.sub(r"(?<=[ML ]) ?(-?\d+\.\d\d)\d+", r"\1", svg)


def face_canvas(
    measures_by_expression: Mapping[str, Measures],
    days: Sequence[float] | Array,
    *,
    face: Any = None,
    show: Sequence[float] = DAYS,
    title: str = "The face by day",
    stamp: str = "",
) -> Canvas:
    """Draw the heads.

    Args:
        measures_by_expression: expression -> (measure, side) -> (t,), as `face_frames.by_expression` gives them.
        days: day of each column (t,), ascending; values between them are read off a straight line.
        face: the face or skin to draw; None takes the average woman of 45.
        show: days to draw. stamp: where the numbers come from.
    """
    from endplate.anatomy import default_face

    face = face if face is not None else default_face()
    skin = getattr(face, "skin", face)
    width = (WIDTH - 2 * EDGE - (len(show) - 1) * GAP) / len(show)
    names = [name for name in ROWS if name in measures_by_expression]
    by_day = {name: [_on(measures_by_expression[name], days, day) for day in show] for name in names}
    entries = {name: _entries(ROWS[name], by_day[name]) for name in names}
    heights = {name: LABEL_PT + ROWS[name].height(width) + _below(entries[name]) for name in names}
    tall = TOP + FOOT + sum(heights.values())
    poses = {name: [pose(skin, _lifted(shifts(skin, name, one))) for one in by_day[name]] for name in names}
    notes = _clipped(poses, show)
    canvas = Canvas(WIDTH, tall + LINE_PT * len(notes))
    _heading(canvas, title, show, width)
    top = canvas.height_pt - TOP
    for name in names:
        _row(canvas, skin, (ROWS[name], entries[name]), (top, width), poses[name], by_day[name])
        top -= heights[name]
    _foot(canvas, notes, show, stamp)
    return canvas


def shifts(
    skin: Any, expression: str, values: Mapping[tuple[str, str], float]
) -> dict[tuple[str, str], float]:
    """Landmark shifts (mm) that take a skin from rest to the measures of an expression on one day."""
    out = {}
    for (measure, side), value in values.items():
        if measure in SHIFTS and np.isfinite(value):
            out[measure, side] = float(value) - _resting(skin, expression, measure, side)
    return out


def _lifted(moved: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """The same with both corners of the mouth a little higher."""
    name = "mouth_corner_height"
    return moved | {(name, side): moved.get((name, side), 0.0) + NEUTRAL_MM for side in SIDES}


def _unlifted(one: Clipped) -> Clipped:
    """What could not be drawn, without the lift of the corners."""
    if one.measure != "mouth_corner_height":
        return one
    return replace(one, wanted_mm=one.wanted_mm - NEUTRAL_MM, reached_mm=one.reached_mm - NEUTRAL_MM)


def _resting(skin: Any, expression: str, measure: str, side: str) -> float:
    """What a measure is on the resting skin, mm."""
    at = {key: float(point[1]) for key, point in skin.landmarks.items()}
    if measure.startswith("brow_height_"):
        return at[f"brow_{measure.removeprefix('brow_height_')}.{side}"] - at[f"pupil.{side}"]
    if measure == "mrd1":
        return at[f"upper_lid_margin.{side}"] - at[f"pupil.{side}"]
    if measure != "fissure_height":
        return 0.0
    if expression in CLOSED:  # the gap that is left is drawn as it is: between the rims of the opening
        marks = marks_of(skin)
        return float(marks[f"upper_lid_margin.{side}"][1] - marks[f"lower_lid_margin.{side}"][1])
    return at[f"upper_lid_margin.{side}"] - at[f"lower_lid_margin.{side}"]


def _on(measures: Measures, days: Sequence[float] | Array, day: float) -> dict[tuple[str, str], float]:
    """Every measure on one day."""
    return {
        key: float(np.interp(day, np.asarray(days), np.asarray(value))) for key, value in measures.items()
    }


def depths(values: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """How deep the lines of (area, side) are drawn, 0 (lowest grade) to 1 (highest); both sides where none is given."""
    from endplate.catalogue.lines import area

    out: dict[tuple[str, str], float] = {}
    for (measure, side), value in values.items():
        name = measure.removeprefix("line_severity.")
        if name != measure:
            one = area(name)
            depth = (value - one.lowest) / (one.highest - one.lowest)
            if side in SIDES:
                out[name, side] = depth
            else:
                out = {(name, each): depth for each in SIDES} | out
    return out


# ------------------------------------------------------------------------------------------------------- the sheet


def _left(column: int, width: float) -> float:
    return EDGE + column * (width + GAP)


def _heading(canvas: Canvas, title: str, show: Sequence[float], width: float) -> None:
    top = canvas.height_pt
    canvas.text(EDGE, top - 14.0, title, TITLE_PT, weight="bold")
    canvas.text(
        EDGE,
        top - 25.5,
        "R, L: the subject's right and left side. Blue: change since the first column.",
        TEXT_PT,
        SOFT,
    )
    for column, day in enumerate(show):
        middle = _left(column, width) + 0.5 * width
        canvas.text(middle, top - 43.0, f"day {day:g}", HEAD_PT, align="center", weight="bold")
    canvas.lines([np.array([[EDGE, top - 48.0], [WIDTH - EDGE, top - 48.0]])], GRID, 0.7)


def _row(
    canvas: Canvas,
    skin: Any,
    said: tuple[Row, list[Entry]],
    box: tuple[float, float],
    poses: Sequence[Pose],
    values: Sequence[Mapping[tuple[str, str], float]],
) -> None:
    (row, entries), (top, width) = said, box
    height = row.height(width)
    canvas.text(EDGE, top - 10.0, row.title, HEAD_PT, weight="bold")
    shown = {word for word, _ in entries}
    says = [row.says, *(what for _, word, what in row.uneven if word in shown)]
    canvas.text(EDGE + SAYS_PT, top - 10.0, "; ".join(says), SMALL_PT, SOFT)
    for column, (one, value) in enumerate(zip(poses, values, strict=True)):
        left, bottom = _left(column, width), top - LABEL_PT - height
        place = Place(left, bottom, width, height, row.window)
        draw_face(canvas, place, skin, Look(one, depths(value)))
        if column:
            draw_ghost(canvas, place, skin, poses[0].vertices_mm, one.vertices_mm, BEFORE)
        for side, x, align in (("R", left + 2.0, "left"), ("L", left + width - 2.0, "right")):
            canvas.text(x, bottom + height - 8.0, side, SMALL_PT, SOFT, align)
        _caption(canvas, entries, (left, bottom, width), value, values[0] if column else None)


def _below(entries: Sequence[Entry]) -> float:
    """Room for the numbers under a row, points."""
    return CAPTION_PT + LINE_PT * max(len(entries) - 2, 0)


def _entries(row: Row, values: Sequence[Mapping[tuple[str, str], float]]) -> list[Entry]:
    """What stands under every head of a row: word, then (measure, side) with its place, share of the width from the
    middle. Lines and openings go by sides where these differ on any day.
    """
    more = [(measure, word) for measure, word, _ in row.uneven if _differ(measure, values)]
    found = [_of_sides(measure, word) for measure, word in (*row.sides, *more)]
    if row.area:
        lines = f"line_severity.{row.area}"
        apart = _differ(lines, values)
        found.append(_of_sides(lines, "lines") if apart else ("lines", (((lines, "midline"), 0.0),)))
    return found


def _of_sides(measure: str, word: str) -> Entry:
    return word, tuple(((measure, side), x) for side, x in zip(SIDES, (-0.33, 0.33), strict=True))


def _differ(measure: str, values: Sequence[Mapping[tuple[str, str], float]]) -> bool:
    """Do the sides read differently on any day?"""
    pairs = [[one.get((measure, side)) for side in SIDES] for one in values]
    return any(None not in pair and _figure(pair[0]) != _figure(pair[1]) for pair in pairs)  # type: ignore[arg-type]


def _caption(
    canvas: Canvas,
    rows: Sequence[Entry],
    box: tuple[float, float, float],
    value: Mapping[tuple[str, str], float],
    first: Mapping[tuple[str, str], float] | None,
) -> None:
    """Under the right half of the face the numbers of the right side, under the left half those of the left."""
    left, y, width = box
    middle = left + 0.5 * width
    for number, (word, entries) in enumerate(rows):
        level = y - LINE_PT * (number + 1) + 1.0
        if len(entries) > 1:
            canvas.text(middle, level, word, SMALL_PT, SOFT, "center")
        for key, place in entries:
            now = value.get(key)
            if now is None:
                continue
            before = None if first is None else first.get(key)
            lead = f"{word} " if len(entries) == 1 else ""
            _number(canvas, middle + place * width, level, lead, now, before)


def _number(canvas: Canvas, x: float, y: float, lead: str, now: float, before: float | None) -> None:
    """A value, and in blue what it has changed by."""
    change = (
        ""
        if before is None or abs(now - before) < LEAST_MM
        else f"{now - before:+.1f}".replace("-", "\u2212")
    )
    # What is called unchanged reads alike in all columns, whichever way it is rounded.
    figure = _figure(now if change or before is None else before)
    if not change:
        canvas.text(x, y, f"{lead}{figure}", SMALL_PT, INK, "center")
        return
    gap = 0.6 * SMALL_PT * 0.5 * (len(lead) + len(figure) - len(change))
    canvas.text(x + gap - 1.2, y, f"{lead}{figure}", SMALL_PT, INK, "right")
    canvas.text(x + gap + 1.2, y, change, SMALL_PT, CHANGED, "left", weight="bold")


def _figure(value: float) -> str:
    """One decimal, a true minus, no minus nought."""
    return f"{value + 0.0 if abs(value) >= LEAST_MM else 0.0:.1f}".replace("-", "\u2212")


def _clipped(poses: Mapping[str, Sequence[Pose]], show: Sequence[float]) -> list[str]:
    """What the head cannot show, one line for each row of heads."""
    out = []
    for name, row in poses.items():
        short = [
            (day, one) for day, pose_ in zip(show, row, strict=True) for one in map(_unlifted, pose_.clipped)
        ]
        if short:
            day, one = max(short, key=lambda item: abs(item[1].wanted_mm - item[1].reached_mm))
            more = f", and {len(short) - 1} more" if len(short) > 1 else ""
            out.append(f"{ROWS[name].title}: drawn short of the number. Day {day:g}: {one}{more}.")
    return out


def _foot(canvas: Canvas, notes: Sequence[str], show: Sequence[float], stamp: str) -> None:
    lines = [
        *notes,
        (
            f"Orange lines: brow, lid and mouth of the same expression on day {show[0]:g}, where they differ. "
            "Depth of the wrinkles: their grade."
        ),
        ETCHED,
        "A drawing of the numbers on an average head, not a portrait and not what a treatment will look like.",
        stamp,
    ]
    for number, words in enumerate(reversed([line for line in lines if line])):
        canvas.text(EDGE, 7.0 + LINE_PT * number, words, SMALL_PT, SOFT)
