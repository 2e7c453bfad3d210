"""Where the needles go: the head from the front, and either the region of the sites enlarged or the sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.report.canvas import Canvas
from endplate.report.force_picture import stamp
from endplate.report.head_drawing import View, draw_eyes, draw_muscle, draw_skin
from endplate.report.palette import INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.payload import EYE_RADIUS_MM, eyes, focus
from endplate.report.rows import MuscleRow, muscle_rows

if TYPE_CHECKING:
    from endplate.anatomy.face import Face
    from endplate.model.course import Course

WIDTH, HEIGHT, TOP, FOOT, EDGE, GAP = 510.0, 310.0, 48.0, 30.0, 12.0, 12.0
SIDEWAYS = 0.6
"""A site whose skin looks this far to the side (cosine) is shown from the side."""

CLOSE_MARGIN_MM, CLOSE_LEAST_MM = 16.0, 34.0


@dataclass(frozen=True)
class Picture:
    """One view to draw: which way, how large, with or without numbers at the sites."""

    view: View
    title: str
    numbered: bool


def site_map(course: Course, face: Face) -> Canvas:
    """The map of the plan's sites on the face, with the outlines of target and at-risk muscles (head only)."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.text(EDGE, HEIGHT - 14.0, "Injection sites", TITLE_PT, weight="bold")
    canvas.text(EDGE, HEIGHT - 26.0, "Outlines: target muscles and muscles at risk, seen through the skin", TEXT_PT, SOFT)
    sites = [(number, site) for number, site in enumerate(course.sites, start=1) if site.frame == "head"]
    rows = [row for row in muscle_rows(course) if row.role != "other"]
    for picture in _pictures(course, face, [site for _, site in sites]):
        _draw(canvas, picture, face, rows, sites)
    absent = len(course.sites) - len(sites)
    if absent:
        canvas.text(EDGE, 16.0, f"{absent} sites outside the head are not drawn.", SMALL_PT, SOFT)
    canvas.text(EDGE, 7.0, stamp(course), SMALL_PT, SOFT)
    return canvas


def _pictures(course: Any, face: Any, sites: Sequence[Any]) -> list[Picture]:
    centre, radius = focus(course, face)["centre"], focus(course, face)["radius"]
    sideways = {"left" if site.normal[0] > 0 else "right" for site in sites if abs(site.normal[0]) > SIDEWAYS}
    shown = ["front", *(side for side in ("right", "left") if side in sideways)]
    height = HEIGHT - TOP - FOOT
    if len(shown) == 1 and sites:
        width = (WIDTH - 2 * EDGE - GAP) / 2
        close = _close_up(sites)
        return [
            Picture(View("front", centre, radius, EDGE, FOOT, width, height), "from the front", False),
            Picture(View("front", *close, EDGE + width + GAP, FOOT, width, height), "the same, enlarged", True),
        ]
    width = (WIDTH - 2 * EDGE - (len(shown) - 1) * GAP) / len(shown)
    titles = {"front": "from the front", "left": "subject's left side", "right": "subject's right side"}
    return [
        Picture(View(name, centre, radius, EDGE + k * (width + GAP), FOOT, width, height), titles[name], True)
        for k, name in enumerate(shown)
    ]


def _close_up(sites: Sequence[Any]) -> tuple[np.ndarray, float]:
    """Centre and half-width (mm) that hold all sites with room round them."""
    at = np.array([site.skin_mm for site in sites])
    low, high = at.min(axis=0), at.max(axis=0)
    return 0.5 * (low + high), max(CLOSE_LEAST_MM, 0.5 * float(np.max((high - low)[:2])) + CLOSE_MARGIN_MM)


def _draw(canvas: Canvas, picture: Picture, face: Any, rows: list[MuscleRow], sites: list[tuple[int, Any]]) -> None:
    view = picture.view
    draw_eyes(canvas, view, [eye["centre"] for eye in eyes(face)], EYE_RADIUS_MM)
    draw_skin(canvas, view, np.asarray(face.skin.vertices_mm), np.asarray(face.skin.triangles))
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
        canvas.text(view.left + view.width - 3.0, view.bottom + 4.0, "L", TEXT_PT, INK, "right", weight="bold")
    if view.radius_mm < 60.0:
        _scale(canvas, view)


def _mark(canvas: Canvas, picture: Picture, sites: list[tuple[int, Any]]) -> None:
    view = picture.view
    seen = [(number, site) for number, site in sites if view.faces(np.asarray(site.normal)) > 0.1]
    if not seen:
        return
    at = view.project(np.array([site.skin_mm for _, site in seen]))
    canvas.dots([(float(x), float(y)) for x, y in at], INK, 2.4 if picture.numbered else 1.9)
    if picture.numbered:
        for (x, y), (number, _) in zip(at, seen, strict=True):
            canvas.text(float(x) + 4.0, float(y) + 3.0, str(number), TEXT_PT, INK, weight="bold", halo=True)


def _scale(canvas: Canvas, view: View) -> None:
    """A bar of 10 mm."""
    right, y = view.left + view.width / 2 + view.scale * 5.0, view.bottom + 5.0
    canvas.lines([np.array([[right - view.scale * 10.0, y], [right, y]])], INK, 1.2)
    canvas.text(right + 4.0, y, "10 mm", SMALL_PT, INK, vertical="center")
