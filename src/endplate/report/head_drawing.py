"""A head on a canvas: parallel projection, softly shaded skin as one embedded image, outlines of muscles on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endplate.report.canvas import Canvas

#: name -> (to the right of the picture, up, towards the eye), in the head frame (x is the subject's left)
AXES = {
    "front": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "left": ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
    "right": ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0)),
}
SKIN_DARK, SKIN_LIGHT = np.array([0.74, 0.66, 0.60]), np.array([0.985, 0.955, 0.93])
LIGHT = np.array([-0.35, 0.55, 0.76])
"""Where the light comes from, as the viewer of the picture sees it: right, up, towards the eye."""


@dataclass(frozen=True)
class View:
    """A rectangle of the canvas (points) that shows `radius_mm` to every side of `centre_mm`.

    In the front view the subject's right is on the left of the picture, as it is when one faces a person.
    """

    name: str
    centre_mm: Any
    radius_mm: float
    left: float
    bottom: float
    width: float
    height: float
    axes: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "axes", np.array(AXES[self.name]))

    @property
    def scale(self) -> float:
        """Points per mm."""
        return 0.5 * min(self.width, self.height) / self.radius_mm

    def project(self, points: np.ndarray) -> np.ndarray:
        """Canvas points (..., 2) of head points (..., 3)."""
        flat = (np.asarray(points) - np.asarray(self.centre_mm)) @ self.axes[:2].T * self.scale
        return flat + np.array([self.left + self.width / 2, self.bottom + self.height / 2])

    def faces(self, normals: np.ndarray) -> np.ndarray:
        """Cosine between outward normals (..., 3) and the direction to the eye."""
        return np.asarray(normals) @ self.axes[2]

    def clip(self, canvas: Canvas, artist: Any) -> None:
        """Keep an artist inside the rectangle."""
        from matplotlib.patches import Rectangle

        frame = Rectangle((self.left, self.bottom), self.width, self.height, transform=canvas.axes.transData)
        artist.set_clip_path(frame)


def draw_skin(canvas: Canvas, view: View, vertices: np.ndarray, triangles: np.ndarray) -> None:
    """The skin that looks at the eye, far triangles first, as one image."""
    from matplotlib.collections import PolyCollection

    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    flat = view.project(corners)
    inside = _inside(view, flat) & (view.faces(normals) > 0.0)
    order = np.flatnonzero(inside)[np.argsort((corners[inside] @ view.axes[2]).mean(axis=1), kind="stable")]
    shade = np.clip(_smooth(normals, triangles, len(vertices))[order] @ (view.axes.T @ LIGHT), 0.0, 1.0)
    colours = SKIN_DARK + (SKIN_LIGHT - SKIN_DARK) * (0.25 + 0.75 * shade)[:, None]
    skin = PolyCollection(list(flat[order]), facecolors=colours, edgecolors="face", linewidths=0.25)
    skin.set_rasterized(True)
    canvas.axes.add_collection(skin, autolim=False)
    view.clip(canvas, skin)


def _inside(view: View, flat: np.ndarray) -> np.ndarray:
    """Triangles (T, 3, 2) that touch the rectangle of the view."""
    low, high = flat.min(axis=1), flat.max(axis=1)
    corner = np.array([view.left, view.bottom])
    return np.all((high >= corner) & (low <= corner + np.array([view.width, view.height])), axis=1)


def _smooth(normals: np.ndarray, triangles: np.ndarray, count: int) -> np.ndarray:
    """Triangle normals averaged over their corners' neighbours: facets do not show."""
    summed = np.stack([np.bincount(triangles.ravel(), np.repeat(normals[:, k], 3), count) for k in range(3)], axis=1)
    mean = summed[triangles].sum(axis=1)
    return mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)


def draw_eyes(canvas: Canvas, view: View, centres: Sequence[Any], radius_mm: float) -> None:
    """Eyeballs behind the lids: white, iris, pupil."""
    turn = np.linspace(0.0, 2.0 * np.pi, 41)
    for centre in centres:
        for share, forward, colour in ((1.0, 0.0, "#f6f3ee"), (0.48, 0.88, "#8fa0a2"), (0.2, 0.98, "#22262b")):
            ring = np.asarray(centre) + radius_mm * np.column_stack(
                [share * np.cos(turn), share * np.sin(turn), np.full_like(turn, forward)]
            )
            if forward == 0.0:  # a ball looks round from everywhere
                ring = np.asarray(centre) + radius_mm * (np.column_stack([np.cos(turn), np.sin(turn)]) @ view.axes[:2])
            eye = canvas.areas([view.project(ring)], colour)
            eye.set_rasterized(True)
            view.clip(canvas, eye)


def draw_muscle(canvas: Canvas, view: View, shape: Any, colour: str, strong: bool) -> None:
    """The border of a muscle's mid-surface; muscles of the far side are left out."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if float(view.faces(np.asarray(shape.normal)).max()) < 0.15:
        return
    grid = view.project(shape.grid_mm)
    if shape.kind == "ring":
        rings = [grid[:, 0], grid[::-1, -1]]
    else:
        rings = [np.concatenate([grid[:, 0], grid[-1, 1:], grid[-2::-1, -1], grid[0, -2:0:-1]])]
    outline = Path.make_compound_path(*(Path(np.concatenate([r, r[:1]]), closed=True) for r in rings))
    alpha = 0.30 if strong else 0.14
    fill = PathPatch(outline, facecolor=colour, edgecolor="none", alpha=alpha)
    line = PathPatch(outline, facecolor="none", edgecolor=colour, linewidth=0.7, alpha=0.9)
    for patch in (fill, line):
        canvas.axes.add_patch(patch)
        view.clip(canvas, patch)
