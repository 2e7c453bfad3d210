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
    "foot": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),  # x along the fibres, the eye above the skin
}
SKIN, EYE_WHITE = np.array([0.985, 0.955, 0.93]), np.array([0.97, 0.96, 0.95])
IRIS, PUPIL = np.array([0.56, 0.63, 0.64]), np.array([0.15, 0.16, 0.18])
SHADOW = np.array([0.75, 0.69, 0.645])
"""What is left of the red, green and blue of a colour in full shade: shadows on skin are warm."""

PIXEL_PT = 0.25
"""Resolution of the silhouette of a muscle that is seen edge on."""

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


@dataclass(frozen=True)
class Faces:
    """Triangles (T, 3, 3) mm, the normals that shade them (T, 3) and their own colour (T, 3) in full light."""

    corners: np.ndarray
    shading: np.ndarray
    colours: np.ndarray


def draw_head(canvas: Canvas, view: View, faces: Sequence[Faces]) -> None:
    """The surfaces that look at the eye, far triangles first, as one image."""
    from matplotlib.collections import PolyCollection

    corners = np.concatenate([f.corners for f in faces])
    shading, colours = (np.concatenate([getattr(f, name) for f in faces]) for name in ("shading", "colours"))
    flat = view.project(corners)
    keep = np.flatnonzero(_inside(view, flat) & (view.faces(_normals(corners)) > 0.0))
    order = keep[np.argsort((corners[keep] @ view.axes[2]).mean(axis=1), kind="stable")]
    light = np.clip(shading[order] @ (view.axes.T @ LIGHT), 0.0, 1.0)[:, None]
    shaded = colours[order] * (SHADOW + (1.0 - SHADOW) * (0.25 + 0.75 * light))
    surface = PolyCollection(list(flat[order]), facecolors=shaded, edgecolors="face", linewidths=0.25)
    surface.set_rasterized(True)
    canvas.axes.add_collection(surface, autolim=False)
    view.clip(canvas, surface)


def skin_faces(vertices: np.ndarray, triangles: np.ndarray) -> Faces:
    """The skin, shaded as if it were smooth."""
    corners = vertices[triangles]
    shading = _smooth(_normals(corners), triangles, len(vertices))
    return Faces(corners, shading, np.broadcast_to(SKIN, shading.shape))


def eye_faces(centre: Any, radius_mm: float) -> Faces:
    """The front of an eyeball: white, iris, pupil."""
    polar, turn = np.meshgrid(
        np.append(0.0, np.linspace(0.2, 1.7, 12)), np.linspace(0.0, 2.0 * np.pi, 25), indexing="ij"
    )
    at = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], axis=-1)
    a, b, c, d = at[:-1, :-1], at[1:, :-1], at[1:, 1:], at[:-1, 1:]
    unit = np.concatenate([np.stack(t, axis=-2).reshape(-1, 3, 3) for t in ((a, b, c), (a, c, d))])
    middle = unit.mean(axis=1)
    angle = np.arccos(np.clip(middle[:, 2] / np.linalg.norm(middle, axis=1), -1.0, 1.0))
    colours = np.select([angle[:, None] < 0.2, angle[:, None] < 0.48], [PUPIL, IRIS], EYE_WHITE)
    return Faces(np.asarray(centre) + radius_mm * unit, middle, colours)


def _normals(corners: np.ndarray) -> np.ndarray:
    """Unit normals of triangles (T, 3, 3)."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def _inside(view: View, flat: np.ndarray) -> np.ndarray:
    """Triangles (T, 3, 2) that touch the rectangle of the view."""
    low, high = flat.min(axis=1), flat.max(axis=1)
    corner = np.array([view.left, view.bottom])
    return np.all((high >= corner) & (low <= corner + np.array([view.width, view.height])), axis=1)


def _smooth(normals: np.ndarray, triangles: np.ndarray, count: int) -> np.ndarray:
    """Triangle normals averaged over their corners' neighbours: facets do not show."""
    summed = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(normals[:, k], 3), count) for k in range(3)], axis=1
    )
    mean = summed[triangles].sum(axis=1)
    return mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)


def shows(view: View, shape: Any) -> bool:
    """Is the muscle drawn in this view? From the side the muscles of that side, else what does not turn away."""
    if view.name in ("left", "right"):
        return shape.side in (view.name, "midline")
    return float(view.faces(np.asarray(shape.normal)).max()) >= 0.15 or shape.compartment == "orbit"


def draw_muscle(canvas: Canvas, view: View, shape: Any, colour: str, strong: bool) -> np.ndarray:
    """The border of a muscle's mid-surface in this view; returns its points on the canvas (N, 2)."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    rings = muscle_outline(view, shape)
    outline = Path.make_compound_path(*(Path(np.concatenate([r, r[:1]]), closed=True) for r in rings))
    alpha = 0.30 if strong else 0.14
    fill = PathPatch(outline, facecolor=colour, edgecolor="none", alpha=alpha)
    line = PathPatch(outline, facecolor="none", edgecolor=colour, linewidth=0.7, alpha=0.9)
    for patch in (fill, line):
        canvas.axes.add_patch(patch)
        view.clip(canvas, patch)
    return np.concatenate(rings)


def muscle_outline(view: View, shape: Any) -> list[np.ndarray]:
    """Closed outlines (N, 2) in points. A sheet seen edge on would cross its own border: then its silhouette."""
    grid = view.project(shape.grid_mm)
    if shape.kind == "ring":
        return [grid[:, 0], grid[::-1, -1]]
    border = np.concatenate([grid[:, 0], grid[-1, 1:], grid[-2::-1, -1], grid[0, -2:0:-1]])
    return silhouette(grid) if crosses_itself(border) else [border]


def crosses_itself(ring: np.ndarray) -> bool:
    """Do any two sides of a closed polygon (N, 2) cross that are not neighbours?"""
    start, end = ring, np.roll(ring, -1, axis=0)
    count = len(ring)

    def turn(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (
            c[..., 0] - a[..., 0]
        )

    a, b, c, d = start[:, None], end[:, None], start[None, :], end[None, :]
    crossing = (turn(a, b, c) * turn(a, b, d) < 0.0) & (turn(c, d, a) * turn(c, d, b) < 0.0)
    gap = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    return bool(np.any(crossing & (gap > 1) & (gap < count - 1)))


def silhouette(grid: np.ndarray) -> list[np.ndarray]:
    """What the cells of a projected grid (U, V, 2) cover together, as outlines in points."""
    from contourpy import contour_generator
    from PIL import Image, ImageDraw

    low = grid.reshape(-1, 2).min(axis=0) - 4.0 * PIXEL_PT
    size = np.ceil((grid.reshape(-1, 2).max(axis=0) + 4.0 * PIXEL_PT - low) / PIXEL_PT).astype(int)
    mask = Image.new("L", (int(size[0]), int(size[1])))
    pen = ImageDraw.Draw(mask)
    at = (grid - low) / PIXEL_PT
    for a, b, c, d in zip(
        at[:-1, :-1].reshape(-1, 2),
        at[1:, :-1].reshape(-1, 2),
        at[1:, 1:].reshape(-1, 2),
        at[:-1, 1:].reshape(-1, 2),
        strict=True,
    ):
        pen.polygon([tuple(p) for p in (a, b, c, d)], fill=1, outline=1)
    covered = np.pad(np.asarray(mask, dtype=float), 1)
    shifts = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    smooth = np.mean([np.roll(covered, shift, (0, 1)) for shift in shifts], axis=0)[1:-1, 1:-1]
    rings = contour_generator(z=smooth).lines(0.5)
    return [low + PIXEL_PT * np.asarray(ring)[:-1:3] for ring in rings if len(ring) > 12]
