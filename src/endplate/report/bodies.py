"""Muscles as closed bodies for the viewer: the mid-surface of the atlas given its thickness, thin at the edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from endplate.anatomy.shape import MuscleShape

EDGE = 0.35
"""Share of its own thickness that a muscle still has at its border: a body and not a razor blade."""


@dataclass(frozen=True)
class Body:
    """vertices (N, 3) mm; triangles (T, 3) facing outward; strand (N,): mm across the fibres."""

    vertices: np.ndarray
    triangles: np.ndarray
    strand: np.ndarray


def muscle_body(shape: MuscleShape) -> Body:
    """The outer and inner face of a muscle, joined along its open borders."""
    grid, normal = np.asarray(shape.grid_mm), np.asarray(shape.normal)
    closed = shape.kind == "ring"
    half = 0.5 * np.asarray(shape.thickness_mm) * _profile(grid.shape[0], grid.shape[1], closed)
    outer, inner = grid + normal * half[..., None], grid - normal * half[..., None]
    count = grid.shape[0] * grid.shape[1]
    index = np.arange(count).reshape(grid.shape[:2])
    face = _quads(index)
    flip = _points_inward(grid, normal)
    top, bottom = (face[:, ::-1], face) if flip else (face, face[:, ::-1])
    wall = _wall(index, closed, count)
    strand = np.concatenate([np.zeros((len(grid), 1)), np.cumsum(_steps(grid), axis=1)], axis=1).ravel()
    return Body(
        vertices=np.concatenate([outer.reshape(-1, 3), inner.reshape(-1, 3)]),
        triangles=np.concatenate([top, bottom + count, wall[:, ::-1] if flip else wall]),
        strand=np.concatenate([strand, strand]),
    )


def _steps(grid: np.ndarray) -> np.ndarray:
    """Mean distance between neighbouring fibres (U, V - 1), the same all along, so that strands run with the fibres."""
    across = np.linalg.norm(np.diff(grid, axis=1), axis=-1).mean(axis=0)
    return np.broadcast_to(across, (grid.shape[0], grid.shape[1] - 1))


def _profile(along: int, across: int, closed: bool) -> np.ndarray:
    """Relative thickness for the eye (U, V): full inside, `EDGE` on the open borders."""
    v = np.linspace(-1.0, 1.0, across)
    rounded = EDGE + (1.0 - EDGE) * np.sqrt(np.maximum(1.0 - v**4, 0.0))
    if closed:
        return np.broadcast_to(rounded, (along, across))
    u = np.linspace(-1.0, 1.0, along)
    return np.sqrt(np.maximum(1.0 - u**8, 0.0))[:, None] * (1 - EDGE) * rounded + EDGE * rounded


def _quads(index: np.ndarray) -> np.ndarray:
    """Two triangles for each cell of an index grid (T, 3)."""
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    return np.concatenate([np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])


def _points_inward(grid: np.ndarray, normal: np.ndarray) -> bool:
    """Do the grid's own triangles turn their back to the outside?"""
    along, across = grid[1:, :-1] - grid[:-1, :-1], grid[:-1, 1:] - grid[:-1, :-1]
    return float(np.sum(np.cross(along, across) * normal[:-1, :-1])) < 0.0


def _wall(index: np.ndarray, closed: bool, count: int) -> np.ndarray:
    """Strips that join outer and inner face along the border (T, 3)."""
    if closed:
        edges = [index[:, 0], index[::-1, -1]]
    else:
        edges = [
            np.concatenate([index[:-1, 0], index[-1, :-1], index[:0:-1, -1], index[0, :0:-1], index[:1, 0]])
        ]
    strips = []
    for edge in edges:
        a, b = edge[:-1], edge[1:]
        strips += [np.stack([a, a + count, b], axis=1), np.stack([b, a + count, b + count], axis=1)]
    return np.concatenate(strips)
