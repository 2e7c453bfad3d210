"""Does the plate show the muscles and sites that can be seen, and nothing of the far side?"""

from __future__ import annotations

from pathlib import Path

import pytest

from endplate.anatomy import Face, default_face
from endplate.report.atlas_picture import TURNS_DEG, draw_atlas


@pytest.fixture(scope="module")
def face() -> Face:
    return default_face("female", 45)


def texts(figure: object) -> set[str]:
    return {text.get_text() for axes in figure.axes for text in axes.texts}  # type: ignore[attr-defined]


def test_the_front_view_names_superficial_and_deep_muscles(face: Face) -> None:
    names = texts(draw_atlas(face, view="front"))
    assert {"frontalis", "procerus", "orbicularis oculi orbital", "platysma"} <= names
    assert {"corrugator supercilii", "levator anguli oris", "mentalis"} <= names
    assert "medial rectus" not in names


def test_the_orbit_view_names_the_eye_muscles(face: Face) -> None:
    names = texts(draw_atlas(face, view="orbit"))
    assert {"levator palpebrae superioris", "medial rectus", "inferior oblique", "superior tarsal"} <= names


def test_three_views_are_written_as_a_picture(face: Face, tmp_path: Path) -> None:
    path = tmp_path / "atlas.png"
    figure = draw_atlas(face, path=path)
    assert len(figure.axes) == len(TURNS_DEG)
    assert path.stat().st_size > 100_000
    assert path.read_bytes()[:4] == b"\x89PNG"


def test_the_picture_says_what_is_not_measured(face: Face) -> None:
    said = " ".join(text.get_text() for text in draw_atlas(face, view="side", labels=False).texts)
    assert "grade D" in said and "not measured" in " ".join(said.split())
