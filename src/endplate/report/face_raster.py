"""A face as a soft drawing: the skin from the front in even light, pixel by pixel.

The light comes straight from the front and above. Light from one side, as on the maps of sites, would itself look
like an asymmetry of the face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LIGHT = np.array([0.0, 0.50, 0.866])
PAPER = np.array([0.985, 0.955, 0.93])
SHADE = np.array([0.70, 0.595, 0.535])
"""Colour of the skin in full light and in full shade; as on the maps of sites, a little deeper."""

EDGE, HOLLOW = 0.55, 0.9
"""How much skin that turns away, and hollow skin, darken: what a pencil would do."""


@dataclass(frozen=True)
class Frame:
    """What of the head is shown, mm in the head frame, and the pixels for each mm."""

    low: tuple[float, float]
    high: tuple[float, float]
    per_mm: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of pixels."""
        width, height = self.high[0] - self.low[0], self.high[1] - self.low[1]
        return round(height * self.per_mm), round(width * self.per_mm)

    def pixels(self, points: Array) -> Array:
        """Columns and rows (..., 2) of points (..., 3)."""
        return np.stack(
            [(points[..., 0] - self.low[0]) * self.per_mm, (self.high[1] - points[..., 1]) * self.per_mm], -1
        )


def shaded(frame: Frame, vertices_mm: Array, triangles: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The skin as an image (rows, columns, 4); what is not skin (ground, eyes, mouth) is transparent."""
    normals = vertex_normals(vertices_mm, triangles)
    hollow = hollows(vertices_mm, normals, triangles)
    weight, corner, pixel = _fragments(frame, vertices_mm, triangles)
    rows, columns = frame.shape
    image = np.zeros((rows * columns, 4), np.uint8)
    normal = _carried(normals, corner, weight)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    light = np.clip(0.5 + 0.5 * normal @ LIGHT, 0.0, 1.0) ** 1.5
    light *= 1.0 - EDGE * (1.0 - np.clip(normal[:, 2], 0.0, 1.0)) ** 2.2
    light *= np.clip(1.0 - HOLLOW * _carried(hollow[:, None], corner, weight)[:, 0], 0.55, 1.08)
    light = np.clip(light, 0.0, 1.0)[:, None]
    image[pixel, :3] = np.round(255.0 * (SHADE + (PAPER - SHADE) * light))
    image[pixel, 3] = 255
    return image.reshape(rows, columns, 4)


def vertex_normals(vertices_mm: Array, triangles: NDArray[np.int64]) -> Array:
    """Outward unit normals (V, 3), weighted by area."""
    corner = vertices_mm[triangles]
    face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    out = np.zeros_like(vertices_mm)
    for k in range(3):
        for axis in range(3):
            out[:, axis] += np.bincount(triangles[:, k], face[:, axis], len(out))
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)


def hollows(vertices_mm: Array, normals: Array, triangles: NDArray[np.int64]) -> Array:
    """How hollow the skin is at each vertex (V,): height of its neighbours' mean above it over their distance."""
    edge = _edges(triangles, len(vertices_mm))
    way = vertices_mm[edge[:, 1]] - vertices_mm[edge[:, 0]]
    length = np.linalg.norm(way, axis=1)
    rise = np.zeros(len(vertices_mm))
    count = np.zeros(len(vertices_mm))
    for end, sign in ((0, 1.0), (1, -1.0)):
        at = edge[:, end]
        slope = sign * (way * normals[at]).sum(axis=1) / np.maximum(length, 1e-6)
        rise += np.bincount(at, slope, len(rise))
        count += np.bincount(at, minlength=len(count))
    first = rise / np.maximum(count, 1)
    total = first.copy()
    for end in (0, 1):
        total += np.bincount(edge[:, end], first[edge[:, 1 - end]], len(rise))
    return total / (count + 1)


def _edges(triangles: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Pairs of neighbouring vertices (E, 2), each once."""
    pair = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1).astype(np.int64)
    return np.stack(np.divmod(np.unique(pair[:, 0] * count + pair[:, 1]), count), axis=1)


def _fragments(
    frame: Frame, vertices_mm: Array, triangles: NDArray[np.int64]
) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    """Barycentric weights (N, 3), vertices (N, 3) and flat index (N,) of the nearest skin in each covered pixel."""
    rows, columns = frame.shape
    flat = frame.pixels(vertices_mm)
    a, b, c = (flat[triangles[:, k]] for k in range(3))
    # Rows count downwards, so a triangle that faces the eye turns clockwise.
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    low = np.floor(np.minimum(np.minimum(a, b), c) - 0.5).astype(np.int64)
    high = np.ceil(np.maximum(np.maximum(a, b), c) - 0.5).astype(np.int64)
    inside = (high[:, 0] >= 0) & (high[:, 1] >= 0) & (low[:, 0] < columns) & (low[:, 1] < rows)
    keep = np.flatnonzero((area < -1e-9) & inside)
    size = (high - low)[keep].max(axis=1) + 1
    found = []
    for span in (2, 4, 8, 16, 32, 64, 128):
        part = keep[(size <= span) & (size > span // 2 if span > 2 else True)]
        if len(part):
            found.append(_cover(part, span, low, (a, b, c), area, (rows, columns)))
    which, at, weight = (np.concatenate([f[k] for f in found]) for k in range(3))
    depth = _dot(weight, vertices_mm[:, 2][triangles[which]])
    order = np.argsort(depth, kind="stable")
    front = np.full(rows * columns, -1)
    front[at[order]] = order  # of several in one pixel the last one stays, the nearest
    last = front[front >= 0]
    return weight[last], triangles[which[last]], at[last]


def _dot(one: Array, other: Array) -> Array:
    """Sum of products over a last axis of three (N,)."""
    return np.asarray(one[:, 0] * other[:, 0] + one[:, 1] * other[:, 1] + one[:, 2] * other[:, 2])


def _cover(
    part: NDArray[np.int64],
    span: int,
    low: Any,
    corners: tuple[Array, Array, Array],
    area: Array,
    shape: tuple[int, int],
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Of triangles of at most `span` pixels that begin at pixel `low` (T, 2): triangle (N,), pixel (N,), weights
    (N, 3) where the middle of a pixel lies in a triangle.
    """
    rows, columns = shape
    step = np.arange(span)
    x = (low[part, 0][:, None] + step)[:, None, :]
    y = (low[part, 1][:, None] + step)[:, :, None]
    a, b, c = ((corner[part, 0][:, None, None], corner[part, 1][:, None, None]) for corner in corners)
    whole = area[part][:, None, None]

    def turn(p: tuple[Array, Array], q: tuple[Array, Array]) -> Array:
        """Share of the triangle on the other side of p to q: affine in x and y, so that it costs two products."""
        across, up = (p[1] - q[1]) / whole, (q[0] - p[0]) / whole
        return np.asarray(across * (x + 0.5 - p[0]) + up * (y + 0.5 - p[1]))

    first, second = turn(b, c), turn(c, a)
    third = 1.0 - first - second
    inside = (first >= -1e-6) & (second >= -1e-6) & (third >= -1e-6)
    inside &= (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    hit = np.nonzero(inside)
    weight = np.stack([first[hit], second[hit], third[hit]], axis=-1)
    pixel = y[hit[0], hit[1], 0] * columns + x[hit[0], 0, hit[2]]
    return part[hit[0]], pixel.astype(np.int64), weight


def _carried(values: Array, corner: NDArray[np.int64], weight: Array) -> Array:
    return (weight[..., None] * values[corner]).sum(axis=1)
