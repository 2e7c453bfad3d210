"""Where the check finds fault with a needle: the head from the front, needles marked by their worst finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.catalogue.house import zones
from endplate.check import SEVERITIES, Finding
from endplate.errors import PlaceError
from endplate.report.canvas import Canvas
from endplate.report.head_drawing import View, draw_head, eye_faces, skin_faces
from endplate.report.palette import INK, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.payload import EYE_RADIUS_MM, eyes

if TYPE_CHECKING:
    from endplate.plan import Plan

WIDTH, HEIGHT, EDGE, GAP, FOOT, TOP = 510.0, 320.0, 12.0, 12.0, 34.0, 44.0
WHOLE_MM, CLOSE_LEAST_MM, MARGIN_MM = 118.0, 34.0, 18.0
COLOURS = {"stop": "#a3161a", "caution": "#b4530f", "note": INK}
FACING = 0.1
"""Needles whose skin looks this far towards the eye (cosine) are drawn."""


def check_picture(plan: Plan, findings: Sequence[Finding]) -> Canvas | None:
    """The needles of the first planned day on the average face; None where no needle has a place on the head."""
    placed = _placed(plan)
    if placed is None:
        return None
    face, sites = placed
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.text(EDGE, HEIGHT - 14.0, "Needles and what was found", TITLE_PT, weight="bold")
    canvas.text(
        EDGE,
        HEIGHT - 26.0,
        "Average face of this sex and age. Dashed: zones named by a finding",
        TEXT_PT,
        SOFT,
    )
    surfaces = [skin_faces(np.asarray(face.skin.vertices_mm), np.asarray(face.skin.triangles))]
    surfaces += [eye_faces(eye["centre"], EYE_RADIUS_MM) for eye in eyes(face)]
    width, height = (WIDTH - 2 * EDGE - GAP) / 2, HEIGHT - TOP - FOOT
    middle, radius = _close_up(sites)
    views = (
        View("front", (0.0, -25.0, 60.0), WHOLE_MM, EDGE, FOOT, width, height),
        View("front", middle, radius, EDGE + width + GAP, FOOT, width, height),
    )
    worst = _worst(findings)
    for number, view in enumerate(views):
        draw_head(canvas, view, surfaces)
        _zones(canvas, view, face, findings)
        _needles(canvas, view, sites, worst, numbered=number == 1)
        canvas.text(view.left + 3.0, view.bottom + 4.0, "R", TEXT_PT, INK, weight="bold")
        canvas.text(view.left + width - 3.0, view.bottom + 4.0, "L", TEXT_PT, INK, "right", weight="bold")
    for place, (severity, colour) in enumerate(COLOURS.items()):
        left = EDGE + 110.0 * place
        canvas.dots([(left + 4.0, 19.0)], colour, 3.0 if severity != "note" else 2.2)
        words = {"stop": "stop", "caution": "caution", "note": "none of these"}[severity]
        canvas.text(left + 12.0, 16.0, words, TEXT_PT, colour)
    canvas.text(EDGE, 5.0, "Numbers: needles in the order of the plan.", SMALL_PT, SOFT)
    return canvas


def _placed(plan: Plan) -> tuple[Any, list[tuple[int, Any]]] | None:
    """The face, and the needles of the first planned day that lie on its front, numbered in the order of the plan."""
    from endplate.anatomy import default_face
    from endplate.check.laid import Laid
    from endplate.check.visit import visits

    visit = visits(plan)[0]
    try:
        face = default_face(plan.patient.sex, plan.patient.age)
    except PlaceError:
        return None
    here = Laid(visit)
    found = [(number, here.site(one)) for number, one in enumerate(visit.injections, start=1)]
    sites = [(number, site) for number, site in found if site is not None and site.frame == "head"]
    return (face, sites) if sites else None


def _close_up(sites: list[tuple[int, Any]]) -> tuple[np.ndarray, float]:
    """Centre and half-width (mm) that hold all needles with room round them."""
    at = np.array([site.skin_mm for _, site in sites])
    low, high = at.min(axis=0), at.max(axis=0)
    return 0.5 * (low + high), max(CLOSE_LEAST_MM, 0.5 * float(np.max(high - low)) + MARGIN_MM)


def _worst(findings: Sequence[Finding]) -> dict[str, str]:
    """The worst severity that names each needle."""
    found: dict[str, str] = {}
    for one in sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)):
        for name in one.where.injections:
            found.setdefault(name, one.severity)
    return found


def _needles(
    canvas: Canvas, view: View, sites: list[tuple[int, Any]], worst: dict[str, str], numbered: bool
) -> None:
    for number, site in sites:
        if view.faces(np.asarray(site.normal)) <= FACING:
            continue
        x, y = (float(value) for value in view.project(np.asarray(site.skin_mm)))
        severity = worst.get(site.id, "note")
        colour = COLOURS.get(severity, INK)
        canvas.dots([(x, y)], colour, 3.0 if severity in ("stop", "caution") else 2.0)
        if numbered:
            canvas.text(x + 4.5, y + 3.0, str(number), TEXT_PT, colour, weight="bold", halo=True)


def _zones(canvas: Canvas, view: View, face: Any, findings: Sequence[Finding]) -> None:
    """The boxes of the zones that a finding names, on both sides."""
    named = {one.rule.removeprefix("zone.") for one in findings if one.kind == "zone"}
    named |= {
        zone.id
        for zone in zones().values()
        for one in findings
        if one.kind == "keep_off" and zone.name in one.found
    }
    for name in sorted(named & zones().keys()):
        zone = zones()[name]
        for side, sign in (("left", 1.0), ("right", -1.0)):
            key = zone.landmark if zone.landmark in face.skin.landmarks else f"{zone.landmark}.{side}"
            x, y, z = (float(value) for value in face.skin.landmarks[key])
            (a, b), (c, d) = zone.lateral_mm, zone.up_mm
            corners = [(a, c), (b, c), (b, d), (a, d), (a, c)]
            ring = view.project(np.array([(x + sign * lateral, y + up, z) for lateral, up in corners]))
            low = np.array([view.left, view.bottom])
            ring = np.clip(ring, low, low + np.array([view.width, view.height]))
            canvas.lines([ring], "#b4530f" if zone.severity == "caution" else SOFT, 0.8, "dashed")
