"""Where the needles go: the head from the front, and either the region of the sites enlarged or the sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.report.canvas import Canvas
from endplate.report.curves_of import by_muscle, named
from endplate.report.facts import first_planned
from endplate.report.force_picture import stamp
from endplate.report.head_drawing import View, draw_head, draw_muscle, eye_faces, shows, skin_faces
from endplate.report.names import counted
from endplate.report.palette import INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.payload import EYE_RADIUS_MM, eyes, focus
from endplate.report.rows import MuscleRow, muscle_rows

if TYPE_CHECKING:
    from endplate.anatomy.face import Face
    from endplate.model.course import Course

WIDTH, TOP, FOOT, EDGE, GAP = 510.0, 48.0, 30.0, 12.0, 12.0
HEAD_HEIGHT, SIDE_HEIGHT, FOOT_HEIGHT = 232.0, 190.0, 110.0
LINE_PT, LINE_LETTERS = 9.0, 128
SIDEWAYS = 0.6
"""A site whose skin looks this far to the side (cosine) is shown from the side."""

SAME_PLACE_PT, SAME_PLACE_MM, LETTER_PT = 4.0, 1.0, 4.9
CLOSE_MARGIN_MM, CLOSE_LEAST_MM, FOOT_RADIUS_MM = 16.0, 34.0, 26.0
HARD_SPACE = "\u2060"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Picture:
    """One view to draw: which way, how large, with or without numbers at the sites."""

    view: View
    title: str
    numbered: bool


@dataclass(frozen=True)
class Mark:
    """A site on the map; `counts`: it belongs to the first planned day and carries its number."""

    number: int
    site: Any
    counts: bool

    @property
    def deep(self) -> bool:
        """Behind the eye the tip is far from the entry: both are drawn."""
        return self.site.compartment == "orbit"

    @property
    def sideways(self) -> str:
        """The side from which the site is best seen, or nothing: the aimed muscle's in the orbit, else the skin's."""
        if self.deep:
            return self.site.side
        x = float(self.site.normal[0])
        return "" if abs(x) <= SIDEWAYS else "left" if x > 0 else "right"


def site_map(course: Course, face: Face) -> Canvas:
    """The map of the plan's sites on the face, with the outlines of target and at-risk muscles named below it."""
    counted_sessions = first_planned(course)
    marks = [Mark(n, site, site.session in counted_sessions) for n, site in enumerate(course.sites, start=1)]
    head = [mark for mark in marks if mark.site.frame == "head"]
    frame = "head" if head or not marks else "foot"
    groups = by_muscle([row for row in muscle_rows(course) if row.role != "other"])
    groups = [group for group in groups if _frame(face, group[0]) == frame]
    notes = _notes(marks, head, groups)
    foot = FOOT + LINE_PT * (len(notes) - 1)
    pictures = _pictures(course, face, head, foot) if frame == "head" else [_foot_picture(foot)]
    height = max(p.view.bottom + p.view.height for p in pictures) + TOP
    canvas = Canvas(WIDTH, height)
    canvas.text(EDGE, height - 14.0, "Injection sites", TITLE_PT, weight="bold")
    through = "seen through the skin, named below" if frame == "head" else "named below"
    canvas.text(
        EDGE, height - 26.0, f"Outlines: target muscles and muscles at risk, {through}", TEXT_PT, SOFT
    )
    if frame == "head":
        surfaces = [skin_faces(np.asarray(face.skin.vertices_mm), np.asarray(face.skin.triangles))]
        surfaces += [eye_faces(eye["centre"], EYE_RADIUS_MM) for eye in eyes(face)]
        for picture in pictures:
            draw_head(canvas, picture.view, surfaces)
    for picture in pictures:
        _overlay(canvas, picture, face, groups, head if frame == "head" else marks)
    for number, (words, colour) in enumerate(reversed(notes)):
        canvas.text(EDGE, 16.0 + LINE_PT * number, words, SMALL_PT, colour)
    canvas.text(EDGE, 7.0, stamp(course), SMALL_PT, SOFT)
    return canvas


def _frame(face: Any, row: MuscleRow) -> str:
    return next((s.frame for s in face.muscles if (s.muscle, s.side) == (row.muscle, row.side)), "")


def _notes(marks: list[Mark], head: list[Mark], groups: list[list[MuscleRow]]) -> list[tuple[str, str]]:
    """Lines under the map: the names of the outlines by letter, and what is not drawn or not numbered."""
    notes = [(line, ROLE_COLOURS[role]) for role in ("target", "at_risk") for line in _named(groups, role)]
    if any(mark.deep for mark in head):
        notes.append(("Eye muscles: dot where the needle enters, ring at its tip.", SOFT))
    others = [mark for mark in marks if not mark.counts]
    if others:
        here = all(any(_same_place(mark, other) for other in marks if other.counts) for mark in others)
        where = "in the same places" if here else "small grey dots"
        notes.append((f"Numbers: sites of the first planned day. Sites of other sessions: {where}.", SOFT))
    absent = len(marks) - len(head) if head else 0
    if absent:
        notes.append((f"{counted(absent, 'site')} outside the head: not drawn.", SOFT))
    return notes


def _same_place(one: Mark, other: Mark) -> bool:
    return float(np.linalg.norm(np.asarray(one.site.skin_mm) - other.site.skin_mm)) < SAME_PLACE_MM


def _named(groups: list[list[MuscleRow]], role: str) -> list[str]:
    """`Targets: a Procerus; b Corrugator supercilii, both sides.` in lines that fit the picture."""
    found = [
        f"{letter} {named(group)}"
        for letter, group in zip(LETTERS, groups, strict=False)
        if group[0].role == role
    ]
    if not found:
        return []
    words = {"target": "Targets", "at_risk": "At risk"}[role]
    # A letter and its muscle stay on one line: their spaces do not break.
    text = "; ".join(item.replace(" ", HARD_SPACE) for item in found)
    return [line.replace(HARD_SPACE, " ") for line in wrap(f"{words}: {text}.", LINE_LETTERS)]


def _foot_picture(bottom: float) -> Picture:
    """The muscle of the foot from above the skin; its frame has the middle of the muscle in the middle."""
    view = View("foot", (0.0, 0.0, 0.0), FOOT_RADIUS_MM, EDGE, bottom, WIDTH - 2 * EDGE, FOOT_HEIGHT)
    return Picture(view, "the foot, from above the skin; fibres run from left to right", True)


def _pictures(course: Any, face: Any, marks: Sequence[Mark], foot: float) -> list[Picture]:
    """The whole head and the region of the sites, and below them the sides that hold a site."""
    middle, radius = focus(course, face)["centre"], focus(course, face)["radius"]
    width = (WIDTH - 2 * EDGE - GAP) / 2
    right = EDGE + width + GAP
    if not marks:
        whole = View("front", middle, radius, EDGE, foot, width, HEAD_HEIGHT)
        return [Picture(whole, "from the front", False)]
    near, close = _close_up([mark.site for mark in marks])
    sideways = {mark.sideways for mark in marks} - {""}
    row = foot + (SIDE_HEIGHT + 2 * GAP if sideways else 0.0)
    whole = View("front", middle, radius, EDGE, row, width, HEAD_HEIGHT)
    enlarged = View("front", near, close, right, row, width, HEAD_HEIGHT)
    found = [Picture(whole, "from the front", False), Picture(enlarged, "the same, enlarged", True)]
    # The subject's right stands on the left, as in the front view.
    for side in sorted(sideways, reverse=True):
        left = EDGE if side == "right" else right
        view = View(side, near, close, left, foot, width, SIDE_HEIGHT)
        found.append(Picture(view, f"subject's {side} side", True))
    return found


def _close_up(sites: Sequence[Any]) -> tuple[np.ndarray, float]:
    """Centre and half-width (mm) that hold all sites with room round them."""
    at = np.array([at for site in sites for at in (site.skin_mm, site.tip_mm)])
    low, high = at.min(axis=0), at.max(axis=0)
    return 0.5 * (low + high), max(CLOSE_LEAST_MM, 0.5 * float(np.max(high - low)) + CLOSE_MARGIN_MM)


def _overlay(
    canvas: Canvas, picture: Picture, face: Any, groups: list[list[MuscleRow]], marks: list[Mark]
) -> None:
    view = picture.view
    shapes = {(shape.muscle, shape.side): shape for shape in face.muscles}
    taken: list[tuple[float, float, float]] = []
    letters: list[tuple[str, str, np.ndarray]] = []
    for letter, group in sorted(zip(LETTERS, groups, strict=False), key=lambda g: g[1][0].role == "target"):
        for row in group:
            shape = shapes.get((row.muscle, row.side))
            if shape is not None and shows(view, shape):
                points = draw_muscle(canvas, view, shape, ROLE_COLOURS[row.role], row.role == "target")
                letters.append((letter, ROLE_COLOURS[row.role], points))
    _mark(canvas, picture, marks, taken)
    if picture.numbered:
        _letter(canvas, view, letters, taken)
    top = view.bottom + view.height + 4.0
    canvas.text(view.left, top, picture.title, SMALL_PT, SOFT)
    if view.name == "front":
        canvas.text(view.left + 3.0, view.bottom + 4.0, "R", TEXT_PT, INK, weight="bold")
        canvas.text(
            view.left + view.width - 3.0, view.bottom + 4.0, "L", TEXT_PT, INK, "right", weight="bold"
        )
    if view.radius_mm < 90.0:
        _scale(canvas, view)


def _letter(
    canvas: Canvas,
    view: View,
    letters: list[tuple[str, str, np.ndarray]],
    taken: list[tuple[float, float, float]],
) -> None:
    """A letter on the border of each outline, where it is farthest from what is written already."""
    for letter, colour, points in letters:
        low = np.array([view.left, view.bottom]) + 8.0
        high = np.array([view.left + view.width, view.bottom + view.height]) - 8.0
        inside = points[np.all((points > low) & (points < high), axis=1)]
        if len(inside) == 0:
            continue
        if taken:
            others = np.array([[left + wide / 2, at + 2.5] for left, at, wide in taken])
            room = np.linalg.norm(inside[:, None] - others[None], axis=-1).min(axis=1)
        else:
            room = inside[:, 1]
        x, y = inside[int(np.argmax(np.round(room, 3)))]
        canvas.text(float(x), float(y), letter, TEXT_PT, colour, "center", "bold", "center", halo=True)
        taken.append((float(x) - 2.5, float(y) - 2.5, 5.0))


def _mark(
    canvas: Canvas, picture: Picture, marks: list[Mark], taken: list[tuple[float, float, float]]
) -> None:
    """A dot at each site that looks at the eye; sites in one place share a label, which keeps off the dots."""
    seen = [mark for mark in marks if _seen(picture.view, mark)]
    for others in (True, False):
        group = [mark for mark in seen if mark.counts != others]
        if group:
            at = picture.view.project(np.array([mark.site.skin_mm for mark in group]))
            radius = 1.5 if others else 2.2 if picture.numbered else 1.9
            canvas.dots([(float(x), float(y)) for x, y in at], SOFT if others else INK, radius)
            taken += [(float(x) - 2.0, float(y) - 2.0, 4.0) for x, y in at]
    _needles(canvas, picture.view, [mark for mark in seen if mark.deep])
    numbered = [mark for mark in seen if mark.counts]
    if not picture.numbered or not numbered:
        return
    view = picture.view
    at = view.project(np.array([mark.site.skin_mm for mark in numbered]))
    for (x, y), numbers in places(at, [mark.number for mark in numbered]):
        words = ", ".join(str(number) for number in numbers)
        left, low = _room(taken, float(x), float(y), LETTER_PT * len(words), view.left + view.width / 2)
        canvas.text(left, low, words, TEXT_PT, INK, weight="bold", halo=True)


def _seen(view: View, mark: Mark) -> bool:
    """From the side, what the front view shows better is left out; sites in the orbit are seen through the head."""
    if mark.deep or view.name == "foot":
        return view.name in ("front", "foot", mark.site.side)
    return bool(view.faces(np.asarray(mark.site.normal)) > (0.1 if view.name == "front" else 0.45))


def _needles(canvas: Canvas, view: View, marks: list[Mark]) -> None:
    """The way of the needle from entry to tip, and a ring at the tip."""
    for mark in marks:
        entry, tip = view.project(np.array([mark.site.skin_mm, mark.site.tip_mm]))
        canvas.lines([np.array([entry, tip])], INK, 0.9)
        turn = np.linspace(0.0, 2.0 * np.pi, 25)
        ring = tip + 2.6 * np.column_stack([np.cos(turn), np.sin(turn)])
        canvas.areas([ring], "white", 0.9)
        canvas.lines([ring], INK, 1.0)


def places(at: np.ndarray, numbers: Sequence[int]) -> list[tuple[np.ndarray, list[int]]]:
    """Points of the canvas (N, 2) that lie apart, each with the numbers of the sites that fall on it."""
    found: list[tuple[np.ndarray, list[int]]] = []
    for point, number in zip(at, numbers, strict=True):
        near = next((kept for place, kept in found if np.hypot(*(place - point)) < SAME_PLACE_PT), None)
        if near is None:
            found.append((point, [number]))
        else:
            near.append(number)
    return found


def _room(
    taken: list[tuple[float, float, float]], x: float, y: float, width: float, middle: float
) -> tuple[float, float]:
    """Where a label of this width fits beside its dot: away from the middle first; notes the place as taken."""
    sides = [x + 4.0, x - 4.0 - width]
    if x < middle - 1.0:
        sides.reverse()
    spots = [(left, y + rise) for rise in (2.5, -8.5) for left in sides]
    spots += [(x - width / 2, y + rise) for rise in (5.0, -11.0)]
    spots += [(left, y + rise) for rise in (10.0, -16.0) for left in sides]
    free = [
        (left, low)
        for left, low in spots
        if not any(
            left < other + wide and other < left + width and low - 4.0 < at < low + TEXT_PT
            for other, at, wide in taken
        )
    ]
    left, low = (free or spots)[0]
    taken.append((left, low, width))
    return left, low


def _scale(canvas: Canvas, view: View) -> None:
    """A bar of 10 mm."""
    right, y = view.left + view.width / 2 + view.scale * 5.0, view.bottom + 5.0
    canvas.lines([np.array([[right - view.scale * 10.0, y], [right, y]])], INK, 1.2)
    canvas.text(right + 4.0, y, "10 mm", SMALL_PT, INK, vertical="center")
