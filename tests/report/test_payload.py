"""What the viewer is given: positions, forces and closed bodies."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from fakes import fake_course

from endplate.report.bodies import muscle_body
from endplate.report.payload import FORCE_STEP, STEP_MM, as_script, packed_force, viewer_payload

TYPES = {"u16": "<u2", "i16": "<i2", "u32": "<u4"}


def unpacked(packed: dict[str, Any]) -> np.ndarray:
    values = np.frombuffer(base64.b64decode(packed["data"]), TYPES[packed["type"]]).reshape(packed["shape"])
    return values * packed.get("scale", 1)


def test_positions_come_back_to_a_hundredth_of_a_millimetre(course: Any, face: Any) -> None:
    payload = viewer_payload(course, face)
    assert np.abs(unpacked(payload["skin"]["vertices"]) - face.skin.vertices_mm).max() <= 0.5 * STEP_MM + 1e-9
    assert np.array_equal(unpacked(payload["skin"]["triangles"]), face.skin.triangles)


def test_forces_come_back_in_the_order_of_the_muscles(course: Any, face: Any) -> None:
    payload = viewer_payload(course, face)
    assert [(m["id"], m["side"]) for m in payload["muscles"]] == course.muscles
    assert np.abs(unpacked(payload["force"]) - course.force).max() <= FORCE_STEP


def test_a_muscle_of_the_foot_is_left_out_with_its_force(course: Any, face: Any) -> None:
    import copy

    other = copy.copy(face)
    other.muscles = (*face.muscles[1:], copy.copy(face.muscles[0]))
    other.muscles[-1].frame = "foot"
    payload = viewer_payload(course, other)
    assert len(payload["muscles"]) == len(course.muscles) - 1
    assert payload["force"]["shape"][0] == len(course.muscles) - 1
    assert np.abs(unpacked(payload["force"]) - course.force[1:]).max() <= FORCE_STEP


def test_a_course_without_draws_carries_no_band(face: Any) -> None:
    assert not {"force_low", "force_median", "force_high"} & set(
        viewer_payload(fake_course(bands=False), face)
    )
    assert {"force_low", "force_median", "force_high"} <= set(viewer_payload(fake_course(), face))


def test_a_target_that_is_not_on_the_head_is_named(face: Any) -> None:
    import copy

    other = copy.copy(face)
    other.muscles = (*face.muscles[1:], copy.copy(face.muscles[0]))
    other.muscles[-1].frame = "foot"
    assert "Procerus" in viewer_payload(fake_course(), other)["note"]
    assert "note" not in viewer_payload(fake_course(), face)


def test_a_trace_of_loss_is_not_rounded_to_full_force() -> None:
    packed = unpacked(packed_force(np.array([[1.0, 1.0 - 1e-5, 0.5]])))
    assert packed[0].tolist() == pytest.approx([1.0, 0.9999, 0.5])
    assert packed[0, 1] < 0.99995


def ring_shape(face: Any) -> Any:
    import copy

    turn = np.linspace(0, 2 * np.pi, 33)[:, None]
    radius = np.linspace(12.0, 26.0, 7)[None, :]
    shape = copy.copy(face.muscles[0])
    shape.kind = "ring"
    shape.grid_mm = np.stack(
        [radius * np.cos(turn), radius * np.sin(turn), np.zeros_like(radius * turn)], axis=-1
    )
    shape.normal = np.broadcast_to([0.0, 0.0, 1.0], shape.grid_mm.shape)
    shape.thickness_mm = np.full(shape.grid_mm.shape[:2], 2.0)
    return shape


@pytest.mark.parametrize("kind", ["left", "right", "ring"])
def test_a_muscle_is_a_closed_body_that_faces_outward(face: Any, kind: str) -> None:
    shape = ring_shape(face) if kind == "ring" else next(m for m in face.muscles if m.side == kind)
    body = muscle_body(shape)
    at = np.round(body.vertices, 6)
    _, same = np.unique(at, axis=0, return_inverse=True)  # the seam of a ring stands twice
    triangles = same.reshape(-1)[body.triangles]
    edges = Counter(
        (int(a), int(b)) for t in triangles for a, b in ((t[0], t[1]), (t[1], t[2]), (t[2], t[0]))
    )
    assert all(edges[(b, a)] == count for (a, b), count in edges.items())
    corners = body.vertices[body.triangles]
    volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6.0
    flat = (
        np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum()
        / 4.0
    )
    assert 0.4 * flat * 2.0 < volume < flat * 2.0


def test_the_data_cannot_end_their_script_element() -> None:
    text = as_script({"title": "</script><!--&", "n": 1.5})
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"title": "</script><!--&", "n": 1.5}
