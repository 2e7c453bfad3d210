"""The section "What the face does" of the report: the sheet of heads, the largest changes, what does not change."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from endplate.report import numerals
from endplate.report.face_changes import ETCHED, Change, band, changes, figure, largest, still
from endplate.report.face_grades import Grades, grades_of_course

if TYPE_CHECKING:
    from endplate.anatomy.face import Face
    from endplate.model.course import Course
    from endplate.report.canvas import Canvas

FIRST_ROWS = 10
"""Rows of the table that are not folded away."""

TOLD = 5
"""Lines on the terminal."""

WEBP_QUALITY = 84


def head_sheet(course: Course, face: Face, plan: Any = None) -> Canvas | None:
    """The drawn heads by day; None for a course without measures, or of a plan that reaches no muscle of the head.

    Takes seconds: for files and pages only.
    """
    from endplate.report.payload import on_head

    if not course.face or not on_head(course, face):
        return None
    from endplate.report.face_frames import of_course
    from endplate.report.face_picture import face_canvas
    from endplate.report.force_picture import stamp

    frames = of_course(course, face, None if plan is None else plan.patient)
    return face_canvas(
        frames,
        course.days,
        face=face,
        show=shown_days(course),
        title=course.plan_title or "The face by day",
        stamp=stamp(course),
    )


def shown_days(course: Course) -> list[float]:
    """The days of the sheet that the course holds, and its last one where it ends before the others."""
    from endplate.report.face_picture import DAYS

    last = float(course.days[-1])
    days = [day for day in DAYS if day <= last]
    return days if len(days) == len(DAYS) or last in days else [*days, last]


def small_image(png: bytes) -> tuple[str, bytes]:
    """Media type and bytes of a PNG made small for a page: a tenth of its vectors, a sixth of itself."""
    from PIL import Image, features

    if not features.check("webp"):
        return "image/png", png
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(out, "WEBP", quality=WEBP_QUALITY, method=4)
    return "image/webp", out.getvalue()


def section(course: Course) -> dict[str, Any] | None:
    """What the template of the section reads; None for a course of forces alone."""
    if not course.face:
        return None
    rows = largest(course)
    return {
        "rows": [table_row(row) for row in rows[:FIRST_ROWS]],
        "more": [table_row(row) for row in rows[FIRST_ROWS:]],
        "still": listing(still(course)),
        "grades": grades_of_course(course, shown_days(course)),
        "drawn": course.force_low is not None,
        "alt": alt(course),
    }


def table_row(change: Change) -> dict[str, Any]:
    """One line of the table, as text."""
    return {
        "name": change.name,
        "side": side_words(change),
        "what": change.what,
        "before": figure(change.before, change.unit),
        "value": figure(change.value, change.unit),
        "change": figure(change.change, change.unit, sign=True) if change.planned else "band only",
        "day": numerals.days(change.day),
        "band": band(change),
        "half": change.half,
        "planned": change.planned,
    }


def alt(course: Course) -> str:
    """The sheet of heads in a sentence."""
    days = listing([f"{day:g}" for day in shown_days(course)])
    words = f"Drawn heads at rest, frowning, with raised brows, closed eyes and smiling, on days {days}."
    rows = [row for row in largest(course) if row.planned and not row.measure.startswith("strain.")][:3]
    if not rows:
        return f"{words} Nothing changes."
    return f"{words} Largest changes: {'; '.join(sentence(row) for row in rows)}."


def sentence(change: Change) -> str:
    """`Frown, both sides: 5.4 mm to 0.6 mm on day 8`."""
    side = f", {side_words(change)}" if side_words(change) else ""
    when = f" {change.what.partition(',')[0]}" if change.measure.startswith("line_") else ""
    far = f"{figure(change.before, change.unit)} to {figure(change.value, change.unit)}"
    return f"{change.name}{when}{side}: {far} on day {numerals.days(change.day)}"


def side_words(change: Change) -> str:
    """`both sides`, `left`, or nothing for what has no side."""
    return {"both": "both sides", "midline": ""}.get(change.side, change.side)


def key_figure(course: Course) -> dict[str, str] | None:
    """The largest change as planned, as one of the key figures; None where there is none."""
    rows = [row for row in largest(course) if row.planned and not row.measure.startswith("strain.")]
    if not rows:
        return None
    row = rows[0]
    grades = " grades" if row.measure.startswith("line_") else ""
    label = f"{row.name}, {side_words(row)}" if side_words(row) else row.name
    far = f"{figure(row.before, '')} to {figure(row.value, row.unit)}"
    drawn = course.force_low is not None
    return {
        "name": "Largest change of the face",
        "value": f"{figure(row.change, row.unit, sign=True)}{grades}",
        "label": label,
        "note": f"{row.what}: {far}, as planned, day {numerals.days(row.day)}",
        "draws": f"Draws: 90 % band that day {band(row)}" if drawn else "",
    }


def told(course: Course) -> list[str]:
    """The largest changes as planned in a few lines for the terminal; nothing for a course of forces alone."""
    if not course.face:
        return []
    rows = [row for row in largest(course) if row.planned and not row.measure.startswith("strain.")]
    kept = listing(still(course))
    grades = grade_lines(grades_of_course(course, shown_days(course)))
    if not rows:
        might = " as planned" if changes(course) else ""
        return [f"The face: nothing that is measured changes{might}.", *grades]
    has_band = course.force_low is not None
    lines = [
        f"The face, as planned, farthest from day 0{' (90 % of the draws on that day)' if has_band else ''}:"
    ]
    lines += [f"  {sentence(row)}{f' ({band(row)})' if has_band else ''}" for row in rows[:TOLD]]
    if len(rows) > TOLD:
        lines.append(f"  and {len(rows) - TOLD} smaller changes")
    if kept:
        lines.append(f"  No change: {kept}.")
    lines += [f"  {line}" for line in grades]
    if any(row.measure.startswith("line_severity_rest") for row in rows):
        lines.append(f"  {ETCHED}")
    return [line.replace("\u2212", "-").replace("\u2019", "'") for line in lines]


def grade_lines(grades: Grades | None) -> list[str]:
    """House-Brackmann for the terminal; nothing where no single side is affected."""
    if grades is None:
        return []
    drawn = f" Over 90 % of the draws: {grades.drawn}." if grades.drawn else ""
    return [f"House-Brackmann, a band, as planned: {grades.planned}.{drawn}"]


def print_face(course: Course) -> None:
    """The same on standard output, after an empty line."""
    lines = told(course)
    if lines:
        print("\n" + "\n".join(lines))


def listing(words: Sequence[str]) -> str:
    """`a, b and c`; with commas inside the words, semicolons between them."""
    if len(words) < 2:
        return "".join(words)
    apart = "; " if any("," in word for word in words) else ", "
    return f"{apart.join(words[:-1])} and {words[-1]}"
