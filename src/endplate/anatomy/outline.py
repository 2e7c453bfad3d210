"""A point against a muscle's outline: the foot of the point on the muscle, seen along the outward normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endplate.anatomy import curves
from endplate.anatomy.frames import Array, unit
from endplate.anatomy.shape import MuscleShape

REACH_MM = 60.0
"""Cells farther from the point than this, in depth, belong to another part of the head."""


@dataclass(frozen=True)
class Foot:
    """Where a point meets a muscle: muscle coordinates (0 to 1), distance outside its outline, and what is there."""

    along: float
    across: float
    outside_mm: float
    fibre: Array
    thickness_mm: float
    depth_mm: float


def foot_on(shape: MuscleShape, point: Array, normal: Array) -> Foot:
    """The nearest place of a muscle to a point, distances taken square to the normal.

    Args:
        point: (3,), mm, e.g. on the skin or at a needle tip.
        normal: outward unit normal of the skin there (3,).
    """
    corners, cells = _triangles(shape.grid_mm)
    flat, height = _flatten(corners - point, normal)
    weights, away = _nearest(flat)
    facing = np.einsum("tk,k->t", shape.normal.reshape(-1, 3)[cells[:, 0]], normal)
    score = away + 1e-3 * np.abs(np.sum(weights * height, axis=1)) + np.where(facing > -0.2, 0.0, REACH_MM)
    best = int(np.argmin(score))
    rows, columns = shape.grid_mm.shape[:2]
    u = float(np.sum(weights[best] * (cells[best] // columns))) / (rows - 1)
    v = float(np.sum(weights[best] * (cells[best] % columns))) / (columns - 1)
    at = (np.array([u]), np.array([v]))
    return Foot(
        along=u,
        across=v,
        outside_mm=float(away[best]),
        fibre=unit(curves.on_grid(shape.fibre, *at)[0]),
        thickness_mm=float(curves.on_grid(shape.thickness_mm, *at)[0]),
        depth_mm=float(curves.on_grid(shape.depth_mm, *at)[0]),
    )


def _triangles(grid: Array) -> tuple[Array, np.ndarray]:
    """Two triangles for every cell: corners (T, 3, 3) and their node numbers (T, 3)."""
    rows, columns = grid.shape[:2]
    node = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = node[:-1, :-1], node[1:, :-1], node[:-1, 1:], node[1:, 1:]
    cells = np.concatenate([np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (d, c, b))])
    return grid.reshape(-1, 3)[cells], cells


def _flatten(corners: Array, normal: Array) -> tuple[Array, Array]:
    """Corners in the plane square to the normal (T, 3, 2), and their height over it (T, 3)."""
    first = unit(
        np.cross(normal, np.array([0.0, 1.0, 0.0]) if abs(normal[1]) < 0.9 else np.array([1.0, 0.0, 0.0]))
    )
    basis = np.stack([first, np.cross(normal, first)], axis=1)
    return corners @ basis, corners @ normal


def _nearest(triangles: Array) -> tuple[Array, Array]:
    """For the origin: barycentric weights (T, 3) of the nearest point of each flat triangle, and its distance (T,)."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    area = _cross(b - a, c - a)
    safe = np.where(np.abs(area) > 1e-9, area, 1e-9)
    weights = np.stack([_cross(b, c), _cross(c, a), _cross(a, b)], axis=1) / safe[:, None]
    inside = (weights >= 0.0).all(axis=1) & (np.abs(area) > 1e-9)
    best = np.where(inside, 0.0, np.inf)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        start, step = triangles[:, i], triangles[:, j] - triangles[:, i]
        share = np.clip(
            -np.sum(start * step, axis=1) / np.maximum(np.sum(step * step, axis=1), 1e-12), 0.0, 1.0
        )
        distance = np.linalg.norm(start + share[:, None] * step, axis=1)
        edge = np.zeros_like(weights)
        edge[:, i], edge[:, j] = 1.0 - share, share
        nearer = distance < best
        weights = np.where(nearer[:, None], edge, weights)
        best = np.where(nearer, distance, best)
    return weights, best


def _cross(a: Array, b: Array) -> Array:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
