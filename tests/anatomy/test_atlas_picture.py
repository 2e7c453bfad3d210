"""Does the plate show the muscles and sites that can be seen, and nothing of the far side?"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from endplate.anatomy import Face, PlacedSite, default_face, place
from endplate.report.atlas_labels import _cross
from endplate.report.atlas_picture import TURNS_DEG, draw_atlas


@pytest.fixture(scope="module")
def face() -> Face:
    return default_face("female", 45)


def texts(figure: object) -> set[str]:
    return {text.get_text() for axes in figure.axes for text in axes.texts}  # type: ignore[attr-defined]


def sites(face: Face, *muscles: str, side: str = "left") -> tuple[PlacedSite, ...]:
    """One site of 2.5 U halfway along each of some muscles."""
    given: dict[str, Any] = {"landmark": None, "offset_mm": None, "at_mm": None, "along": 0.5, "depth_mm": None,
                             "layer": "muscle", "units": 2.5, "volume_ml": 0.05}  # fmt: skip
    injections = [
        SimpleNamespace(id="s1", side=side, muscle=muscle, pattern=None, **given) for muscle in muscles
    ]
    return place(
        SimpleNamespace(sessions=(SimpleNamespace(product="x", injections=injections),)),
        face,
    )


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


def test_the_caption_of_the_front_view_says_which_half_is_deep(face: Face) -> None:
    def said(view: str) -> str:
        return " ".join(" ".join(t.get_text() for t in draw_atlas(face, view=view).texts).split())

    assert "left half shows superficial muscles, the right half deep ones" in said("front")
    assert "half" not in said("side")


def test_units_stand_in_pills_with_their_unit(face: Face) -> None:
    figure = draw_atlas(face, sites(face, "corrugator_supercilii", "masseter"), view="front", labels=False)
    pills = [text for text in figure.axes[0].texts if text.get_text() == "2.5 U"]
    assert len(pills) == 2
    assert all(pill.get_bbox_patch().get_facecolor()[:3] == (1.0, 1.0, 1.0) for pill in pills)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_site_in_an_orbit_shows_that_orbit_of_itself(face: Face, side: str) -> None:
    figure = draw_atlas(face, sites(face, "medial_rectus", side=side))
    assert len(figure.axes) == 2
    shown = texts(figure)
    assert "2.5 U" in shown
    assert any(text.startswith(f"{side.capitalize()} orbit") for text in shown)


def test_every_leader_ends_in_a_dot_and_few_cross(face: Face) -> None:
    axes = draw_atlas(face, view="front").axes[0]
    leaders = [t for t in axes.texts if getattr(t, "arrow_patch", None) is not None]
    dots = {(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in axes.lines
            if line.get_marker() == "o"}  # fmt: skip
    assert len(leaders) > 15
    assert {tuple(map(float, leader.xy)) for leader in leaders} <= dots
    ways = [(leader.xy, leader.get_position()) for leader in leaders]
    crossings = sum(_cross(*ways[i], *ways[j]) for i in range(len(ways)) for j in range(i))
    assert crossings == 0
