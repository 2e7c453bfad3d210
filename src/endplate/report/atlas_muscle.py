"""One muscle of the plate: cells shaded along the fibres, outline, hatching of grade D, endplates as dots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from endplate.anatomy import MuscleShape

Array = NDArray[np.float64]

PIXEL_MM = 1.5
PIXELS = 340
HIDDEN_MM = 6.0
LIGHT = np.array([0.30, 0.50, 0.81])
FLESH_RGB = {"superficial": np.array([0.74, 0.27, 0.22]), "deep": np.array([0.58, 0.21, 0.20])}
TENDON_RGB = np.array([0.93, 0.87, 0.78])
FINE = (49, 33)
TENDINOUS = {"temporalis", "masseter", "sternocleidomastoid", "zygomaticus_major", "frontalis"}


@dataclass(frozen=True)
class Camera:
    """A parallel view: turned about the vertical axis; `right`, `forward` are unit vectors of the picture."""

    turn: Array

    def seen(self, points: Array) -> Array:
        """Points (..., 3) as (right, up, towards the viewer)."""
        return points @ self.turn.T


def visible(points: Array, facing: Array, wall: Array) -> NDArray[np.bool_]:
    """Is a point (seen frame) towards the viewer and not behind nearer skin?"""
    cell = np.clip(np.floor((points[..., :2] + 250.0) / PIXEL_MM).astype(int), 0, PIXELS - 1)
    return (facing > 0.06) & (points[..., 2] > wall[cell[..., 0], cell[..., 1]] - HIDDEN_MM)


def _fine(field: Array) -> Array:
    """A grid field resampled to FINE points along and across (bilinear)."""
    for axis, count in ((0, FINE[0]), (1, FINE[1])):
        old = field.shape[axis]
        at = np.linspace(0.0, old - 1.0, count)
        index = np.minimum(at.astype(int), old - 2)
        shape = [1] * field.ndim
        shape[axis] = count
        t = (at - index).reshape(shape)
        field = (1 - t) * np.take(field, index, axis=axis) + t * np.take(field, index + 1, axis=axis)
    return field


def draw_muscle(
    axes: Axes,
    shape: MuscleShape,
    camera: Camera,
    wall: Array,
    endplates: bool,
    order: float,
    solid: bool = False,
) -> Array | None:
    """Cells shaded along the fibres, a fine outline, hatching for grade D. Returns the middles of the cells (N, 2)."""
    from matplotlib.collections import LineCollection, PolyCollection

    surface = shape.grid_mm + shape.normal * (0.5 * shape.thickness_mm)[..., None]
    grid, normal = camera.seen(_fine(surface)), camera.seen(_fine(shape.normal))
    top = camera.seen(_fine(shape.grid_mm + shape.normal * shape.depth_mm[..., None]))
    shown = visible(top, normal[..., 2], wall) | solid
    cell = shown[:-1, :-1] & shown[1:, :-1] & shown[:-1, 1:] & shown[1:, 1:]
    if not cell.any():
        return None
    quads = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=2)[..., :2]
    colour = _flesh(shape, normal)
    alpha = 0.80 if shape.grade == "D" else 0.95
    rgba = np.concatenate([colour, np.full((*colour.shape[:2], 1), alpha)], axis=2)[cell]
    axes.add_collection(
        PolyCollection(
            list(quads[cell]), facecolors=rgba, edgecolors=rgba, linewidths=0.3, rasterized=True, zorder=order
        )
    )
    edges = _border(grid[..., :2], cell, shape.kind == "ring")
    style = (0, (4, 2.5)) if shape.grade == "D" else "solid"
    axes.add_collection(
        LineCollection(edges, colors="#4a1613", linewidths=0.8, linestyles=[style], zorder=order)
    )
    if shape.grade == "D":
        _hatch(axes, quads, cell, order)
    if endplates:
        _plates(axes, shape, camera, wall, order)
    return quads[cell].mean(axis=1)


def _flesh(shape: MuscleShape, normal: Array) -> Array:
    """Colour of the cells (U-1, V-1, 3): strands along the fibres, light, pale tendons at the ends."""
    base = FLESH_RGB["superficial" if shape.layer == 1 else "deep"]
    across = np.arange(FINE[1] - 1)
    strand = 0.10 * np.sin(2.1 * across) + 0.07 * np.sin(5.3 * across + 1.0) + 0.05 * np.cos(3.7 * across)
    light = 0.66 + 0.42 * np.clip(normal[:-1, :-1] @ LIGHT, 0.0, 1.0)
    colour = base * light[..., None] * (1.0 + strand[None, :, None])
    if shape.muscle in TENDINOUS:
        u = np.linspace(0.0, 1.0, FINE[0] - 1)
        pale = np.clip(1.0 - u / 0.10, 0.0, 1.0) + (
            np.clip((u - 0.93) / 0.07, 0, 1) if shape.layer != 1 else 0.0
        )
        colour = colour + 0.75 * pale[:, None, None] * (TENDON_RGB - colour)
    return np.clip(colour, 0.0, 1.0)


def _border(grid: Array, cell: NDArray[np.bool_], ring: bool) -> list[Array]:
    """Edges between shown and hidden cells, as single segments."""
    segments = []
    padded = np.pad(cell, 1)
    if ring:
        padded[0, 1:-1], padded[-1, 1:-1] = cell[-1], cell[0]
    rows, columns = np.nonzero(padded[:-1, 1:-1] != padded[1:, 1:-1])
    segments += [np.array([grid[i, j], grid[i, j + 1]]) for i, j in zip(rows, columns, strict=True)]
    rows, columns = np.nonzero(padded[1:-1, :-1] != padded[1:-1, 1:])
    segments += [np.array([grid[i, j], grid[i + 1, j]]) for i, j in zip(rows, columns, strict=True)]
    return segments


def _hatch(axes: Axes, quads: Array, cell: NDArray[np.bool_], order: float) -> None:
    """White diagonal strokes over the cells of a muscle whose outline is not measured."""
    from matplotlib.collections import LineCollection

    centre = quads[cell].mean(axis=1)
    size = np.linalg.norm(quads[cell][:, 2] - quads[cell][:, 0], axis=1)
    key = (centre[:, 0] + centre[:, 1]) % 6.0
    chosen = key < np.minimum(0.7 * size, 2.5)
    half = 0.32 * size[chosen, None] * np.array([[1.0, -1.0]])
    strokes = np.stack([centre[chosen] - half, centre[chosen] + half], axis=1)
    axes.add_collection(
        LineCollection(list(strokes), colors=(1.0, 0.93, 0.87, 0.65), linewidths=0.6, zorder=order)
    )


def _plates(axes: Axes, shape: MuscleShape, camera: Camera, wall: Array, order: float) -> None:
    at = camera.seen(shape.endplates_mm + shape.endplate_normal * shape.endplate_depth_mm[:, None])
    shown = visible(at, camera.seen(shape.endplate_normal)[:, 2], wall)
    seen = camera.seen(shape.endplates_mm)[shown]
    axes.plot(seen[:, 0], seen[:, 1], ".", color="#f6e27a", markersize=1.6, markeredgewidth=0, zorder=order)
