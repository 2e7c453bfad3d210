"""What the viewer gets: meshes, forces by day and sites as one JSON object, numbers packed as base64.

Schema "endplate/viewer/1". Positions in mm of the head frame, in steps of 0.01 mm; forces in steps of 0.0001.
Muscles and sites of the foot (the calibration muscle) are left out: the viewer shows a head.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.report.bodies import muscle_body
from endplate.report.names import muscle_name, product_name, with_side
from endplate.report.rows import role_of

if TYPE_CHECKING:
    from endplate.anatomy.face import Face
    from endplate.model.course import Course

SCHEMA = "endplate/viewer/1"
STEP_MM = 0.01
FORCE_STEP = 1e-4
FULL = 1.0 - 5e-7
"""From here on a force reads 100 %, as in `numerals.percent`."""

EYE_RADIUS_MM = 12.0
"""Radius of the drawn eyeball; for the picture only."""


NECK = ("platysma", "sternocleidomastoid")
BELOW_MM, MARGIN = 12.0, 1.06


def viewer_payload(course: Course, face: Face) -> dict[str, Any]:
    """Everything `HeadViewer` (frontend/src/payload.ts) reads."""
    shapes = {(shape.muscle, shape.side): shape for shape in face.muscles}
    kept = [i for i, pair in enumerate(course.muscles) if pair in shapes and shapes[pair].frame == "head"]
    sites = [(number, site) for number, site in enumerate(course.sites, start=1) if site.frame == "head"]
    muscles = [
        muscle_entry(shapes[course.muscles[i]])
        | {"role": role_of(course, course.muscles[i]), "grade": course.grades[i]}
        for i in kept
    ]
    payload: dict[str, Any] = {
        "schema": SCHEMA,
        "title": course.plan_title,
        "banner": f"{course.banner} {course.band_note}",
        "days": [int(day) for day in course.days],
        "skin": {
            "vertices": packed_mm(face.skin.vertices_mm),
            "triangles": packed_index(face.skin.triangles),
        },
        "eyes": eyes(face),
        "focus": focus(course, face),
        "muscles": muscles,
        "force": packed_force(course.force[kept]),
        "sites": [site_entry(number, site) for number, site in sites],
    }
    for name in ("force_low", "force_median", "force_high"):
        table = getattr(course, name)
        if table is not None:
            payload[name] = packed_force(table[kept])
    elsewhere = sorted(course.targets - {course.muscles[i] for i in kept})
    if elsewhere:
        names = "; ".join(with_side(*pair) for pair in elsewhere)
        payload["note"] = (
            f"Not on the head and not drawn here: {names}. The pictures and tables below hold its force."
        )
    return payload


def on_head(course: Course, face: Face) -> bool:
    """Does the plan concern the head at all: does a site or a muscle that weakens lie there?"""
    if not course.sites:
        return True
    frames = {(shape.muscle, shape.side): shape.frame for shape in face.muscles}
    named = [*course.targets, *course.at_risk]
    return any(frames.get(pair) == "head" for pair in named) or any(s.frame == "head" for s in course.sites)


def muscle_entry(shape: Any) -> dict[str, Any]:
    """Mesh and names of one muscle."""
    body = muscle_body(shape)
    return {
        "id": shape.muscle,
        "side": shape.side,
        "label": muscle_name(shape.muscle),
        "layer": int(shape.layer),
        "vertices": packed_mm(body.vertices),
        "triangles": packed_index(body.triangles),
        "strand": _packed(np.round(body.strand / STEP_MM), "u16", STEP_MM),
    }


def site_entry(number: int, site: Any) -> dict[str, Any]:
    """One needle: numbered as in the tables of the report."""
    return {
        "id": site.id,
        "number": number,
        "label": with_side(site.muscle, site.side),
        "xyz": [round(float(v), 2) for v in site.skin_mm],
        "tip": [round(float(v), 2) for v in site.tip_mm],
        "units": float(site.units),
        "volume_ml": float(site.volume_ml),
        "depth_mm": round(float(site.depth_mm), 2),
        "product": product_name(site.product),
    }


def eyes(face: Any) -> list[dict[str, Any]]:
    """Eyeballs, from the middle of the globe if the face knows it, else behind the pupils."""
    points = getattr(face, "points", {})
    if "globe" in points:
        middle = np.asarray(points["globe"], dtype=float)
    elif "pupil.left" in face.skin.landmarks:
        middle = np.asarray(face.skin.landmarks["pupil.left"], dtype=float) - [0.0, 0.0, EYE_RADIUS_MM]
    else:
        return []
    return [
        {
            "centre": [round(sign * float(middle[0]), 2), *(round(float(v), 2) for v in middle[1:])],
            "radius": EYE_RADIUS_MM,
        }
        for sign in (1.0, -1.0)
    ]


def focus(course: Any, face: Any) -> dict[str, Any]:
    """What the camera looks at: the head down to the chin, or to the collar bones when a neck muscle matters (mm)."""
    landmarks = face.skin.landmarks
    neck = any(name in NECK for name, _ in [*course.targets, *course.at_risk])
    lowest = landmarks.get("suprasternal_notch" if neck else "menton")
    vertices = np.asarray(face.skin.vertices_mm)
    if lowest is not None:
        vertices = vertices[vertices[:, 1] > float(lowest[1]) - BELOW_MM]
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return {
        "centre": [round(float(v), 1) for v in 0.5 * (low + high)],
        "radius": round(MARGIN * 0.5 * float(np.max(high - low)), 1),
    }


def packed_mm(points: np.ndarray) -> dict[str, Any]:
    """Positions (N, 3) in steps of 0.01 mm; the format reaches 327 mm."""
    return _packed(np.round(np.asarray(points) / STEP_MM), "i16", STEP_MM)


def packed_index(triangles: np.ndarray) -> dict[str, Any]:
    """Vertex numbers of triangles (T, 3), in two bytes while they fit."""
    return _packed(np.asarray(triangles), "u16" if np.max(triangles) < 2**16 else "u32", 1)


def packed_force(force: np.ndarray) -> dict[str, Any]:
    """Shares of full force (m, t). What is not quite full force never becomes it by rounding."""
    steps = np.round(np.clip(force, 0.0, 1.0) / FORCE_STEP)
    full = round(1.0 / FORCE_STEP)
    return _packed(np.where(force < FULL, np.minimum(steps, full - 1), steps), "u16", FORCE_STEP)


_TYPES = {"u16": "<u2", "i16": "<i2", "u32": "<u4"}


def _packed(values: np.ndarray, kind: str, scale: float) -> dict[str, Any]:
    limits = np.iinfo(np.dtype(_TYPES[kind]))
    data = np.clip(values, limits.min, limits.max).astype(_TYPES[kind]).tobytes()
    out: dict[str, Any] = {
        "type": kind,
        "shape": list(np.shape(values)),
        "data": base64.b64encode(data).decode(),
    }
    return out | ({"scale": scale} if scale != 1 else {})


def as_script(payload: dict[str, Any] | Sequence[Any]) -> str:
    """JSON that is safe inside a `<script>` element: no `<`, `>` or `&`, whatever the plan is called."""
    import json

    text = json.dumps(payload, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
