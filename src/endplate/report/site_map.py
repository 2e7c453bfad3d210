"""Where the needles go: the head from the front, and either the region of the sites enlarged or the sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.report.canvas import Canvas
from endplate.report.force_picture import stamp
from endplate.report.head_drawing import View, draw_head, draw_muscle, eye_faces, skin_faces
from endplate.report.palette import INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.payload import EYE_RADIUS_MM, eyes, focus
from endplate.report.rows import MuscleRow, muscle_rows

if TYPE_CHECKING:
    from endplate.anatomy.face import Face
    from endplate.model.course import Course

WIDTH, TOP, FOOT, EDGE, GAP = 510.0, 48.0, 30.0, 12.0, 12.0
HEAD_HEIGHT, SIDE_HEIGHT = 232.0, 190.0
SIDEWAYS = 0.6
"""A site whose skin looks this far to the side (cosine) is shown from the side."""

SAME_PLACE_PT, LETTER_PT = 4.0, 4.9
CLOSE_MARGIN_MM, CLOSE_LEAST_MM = 16.0, 34.0


@dataclass(frozen=True)
class Picture:
    """One view to draw: which way, how large, with or without numbers at the sites."""

    view: View
    title: str
    numbered: bool


def site_map(course: Course, face: Face) -> Canvas:
    """The map of the plan's sites on the face, with the outlines of target and at-risk muscles (head only)."""
    sites = [(number, site) for number, site in enumerate(course.sites, start=1) if site.frame == "head"]
    pictures = _pictures(course, face, [site for _, site in sites])
    height = max(p.view.bottom + p.view.height for p in pictures) + TOP
    canvas = Canvas(WIDTH, height)
    canvas.text(EDGE, height - 14.0, "Injection sites", TITLE_PT, weight="bold")
    words = "Outlines: target muscles and muscles at risk, seen through the skin"
    canvas.text(EDGE, height - 26.0, words, TEXT_PT, SOFT)
    rows = [row for row in muscle_rows(course) if row.role != "other"]
    surfaces = [skin_faces(np.asarray(face.skin.vertices_mm), np.asarray(face.skin.triangles))]
    surfaces += [eye_faces(eye["centre"], EYE_RADIUS_MM) for eye in eyes(face)]
    for picture in pictures:
        draw_head(canvas, picture.view, surfaces)
        _overlay(canvas, picture, face, rows, sites)
    absent = len(course.sites) - len(sites)
    if absent:
        canvas.text(EDGE, 16.0, f"{absent} sites outside the head are not drawn.", SMALL_PT, SOFT)
    canvas.text(EDGE, 7.0, stamp(course), SMALL_PT, SOFT)
    return canvas


def _pictures(course: Any, face: Any, sites: Sequence[Any]) -> list[Picture]:
    """The whole head and the region of the sites, and below them the sides that hold a site."""
    middle, radius = focus(course, face)["centre"], focus(course, face)["radius"]
    width = (WIDTH - 2 * EDGE - GAP) / 2
    right = EDGE + width + GAP
    if not sites:
        return [
            Picture(View("front", middle, radius, EDGE, FOOT, width, HEAD_HEIGHT), "from the front", False)
        ]
    near, close = _close_up(sites)
    sideways = {"left" if site.normal[0] > 0 else "right" for site in sites if abs(site.normal[0]) > SIDEWAYS}
    row = FOOT + (SIDE_HEIGHT + 2 * GAP if sideways else 0.0)
    whole = View("front", middle, radius, EDGE, row, width, HEAD_HEIGHT)
    enlarged = View("front", near, close, right, row, width, HEAD_HEIGHT)
    found = [Picture(whole, "from the front", False), Picture(enlarged, "the same, enlarged", True)]
    for side in sorted(
        sideways, reverse=True
    ):  # the subject's right stands on the left, as in the front view
        left = EDGE if side == "right" else right
        view = View(side, near, close, left, FOOT, width, SIDE_HEIGHT)
        found.append(Picture(view, f"subject's {side} side", True))
    return found


def _close_up(sites: Sequence[Any]) -> tuple[np.ndarray, float]:
    """Centre and half-width (mm) that hold all sites with room round them."""
    at = np.array([site.skin_mm for site in sites])
    low, high = at.min(axis=0), at.max(axis=0)
    return 0.5 * (low + high), max(CLOSE_LEAST_MM, 0.5 * float(np.max(high - low)) + CLOSE_MARGIN_MM)


def _overlay(
    canvas: Canvas, picture: Picture, face: Any, rows: list[MuscleRow], sites: list[tuple[int, Any]]
) -> None:
    view = picture.view
    shapes = {(shape.muscle, shape.side): shape for shape in face.muscles}
    for row in sorted(rows, key=lambda r: r.role == "target"):
        shape = shapes.get((row.muscle, row.side))
        if shape is not None and shape.frame == "head":
            draw_muscle(canvas, view, shape, ROLE_COLOURS[row.role], row.role == "target")
    _mark(canvas, picture, sites)
    top = view.bottom + view.height + 4.0
    canvas.text(view.left, top, picture.title, SMALL_PT, SOFT)
    if view.name == "front":
        canvas.text(view.left + 3.0, view.bottom + 4.0, "R", TEXT_PT, INK, weight="bold")
        canvas.text(
            view.left + view.width - 3.0, view.bottom + 4.0, "L", TEXT_PT, INK, "right", weight="bold"
        )
    if view.radius_mm < 90.0:
        _scale(canvas, view)


def _mark(canvas: Canvas, picture: Picture, sites: list[tuple[int, Any]]) -> None:
    """A dot at each site that looks at the eye; sites in one place share a label."""
    view = picture.view
    least = (
        0.1 if view.name == "front" else 0.45
    )  # from the side, what the front view shows better is left out
    seen = [(number, site) for number, site in sites if view.faces(np.asarray(site.normal)) > least]
    if not seen:
        return
    at = view.project(np.array([site.skin_mm for _, site in seen]))
    canvas.dots([(float(x), float(y)) for x, y in at], INK, 2.2 if picture.numbered else 1.9)
    if not picture.numbered:
        return
    taken: list[tuple[float, float, float]] = []
    for (x, y), numbers in places(at, [number for number, _ in seen]):
        words = ", ".join(str(number) for number in numbers)
        left, low = _room(taken, float(x), float(y), LETTER_PT * len(words), view.left + view.width / 2)
        canvas.text(left, low, words, TEXT_PT, INK, weight="bold", halo=True)


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
    spots = [(left, y + rise) for left in sides for rise in (2.5, -8.5)]
    free = [
        (left, low)
        for left, low in spots
        if not any(
            left < other + wide and other < left + width and abs(low - at) < TEXT_PT
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
