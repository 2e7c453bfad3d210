"""Curves and grids of points: splines through control points, resampling by arc length, points on a grid."""

from __future__ import annotations

import numpy as np

from endplate.anatomy.frames import Array


def spline(points: Array, count: int, closed: bool = False) -> Array:
    """Catmull-Rom curve through `points` (K, 3), `count` samples evenly spaced in the control parameter.

    A closed curve repeats its first point at the end, so that a grid made of loops closes.
    """
    if closed:
        points = np.concatenate([points[-1:], points, points[:2]])
    else:
        first, last = 2 * points[0] - points[1], 2 * points[-1] - points[-2]
        points = np.concatenate([first[None], points, last[None]])
    spans = len(points) - 3
    parameter = np.linspace(0.0, spans, count)
    index = np.minimum(parameter.astype(int), spans - 1)
    t = (parameter - index)[:, None]
    p0, p1, p2, p3 = (points[index + k] for k in range(4))
    return 0.5 * (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )


def arc_length(curve: Array) -> Array:
    """Length along a polyline (N, 3 or more columns, the first three being places) from its first point (N,)."""
    steps = np.sqrt(np.sum(np.diff(curve[:, :3], axis=0) ** 2, axis=1))
    return np.concatenate([[0.0], np.cumsum(steps)])


def at_length(curve: Array, lengths: Array) -> Array:
    """Points of a polyline at given lengths; beyond an end the curve goes on straight."""
    along = arc_length(curve)
    points = np.stack([np.interp(lengths, along, curve[:, k]) for k in range(curve.shape[1])], axis=1)
    start = (curve[0] - curve[1]) / max(along[1], 1e-9)
    end = (curve[-1] - curve[-2]) / max(along[-1] - along[-2], 1e-9)
    before = np.maximum(-lengths, 0.0)[:, None]
    after = np.maximum(lengths - along[-1], 0.0)[:, None]
    return points + before * start + after * end


def resample(curve: Array, count: int, length_mm: float | None, from_end: bool) -> Array:
    """`count` points evenly spaced along the curve, cut or lengthened to `length_mm` at the far end.

    Args:
        from_end: keep the last point and move the first; otherwise the other way round.
    """
    total = arc_length(curve)[-1]
    wanted = total if length_mm is None else length_mm
    start = total - wanted if from_end else 0.0
    return at_length(curve, np.linspace(start, start + wanted, count))


def across_rows(rows: Array, across_at: Array, count: int) -> Array:
    """Rows of fibres (R, U, 3) at places `across_at` (R,) turned into `count` fibres: (U, count, 3)."""
    if len(rows) < 4:
        return _lagrange(rows, across_at, count)
    wanted = np.interp(np.linspace(0.0, 1.0, count), across_at, np.arange(len(rows), dtype=float))
    padded = np.concatenate([2 * rows[:1] - rows[1:2], rows, 2 * rows[-1:] - rows[-2:-1]])
    index = np.minimum(wanted.astype(int), len(rows) - 2)
    t = (wanted - index)[:, None, None]
    p0, p1, p2, p3 = (padded[index + k] for k in range(4))
    grid = 0.5 * (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return np.swapaxes(grid, 0, 1)


def _lagrange(rows: Array, across_at: Array, count: int) -> Array:
    """Two rows are joined by lines, three by parabolas."""
    wanted = np.linspace(0.0, 1.0, count)
    weights = np.ones((count, len(rows)))
    for i in range(len(rows)):
        for j in range(len(rows)):
            if j != i:
                weights[:, i] *= (wanted - across_at[j]) / (across_at[i] - across_at[j])
    return np.einsum("vr,ruk->uvk", weights, rows)


def profile(values: tuple[float, ...] | Array, count: int) -> Array:
    """A profile given at equal steps from origin to insertion, at `count` steps (count,)."""
    given = np.asarray(values, dtype=float)
    return np.interp(np.linspace(0.0, 1.0, count), np.linspace(0.0, 1.0, len(given)), given)


def on_grid(field: Array, u: Array, v: Array) -> Array:
    """A field (U, V, ...) at muscle coordinates u, v in 0..1 (N,), bilinear: (N, ...)."""
    rows, columns = field.shape[:2]
    a, b = np.clip(u, 0.0, 1.0) * (rows - 1), np.clip(v, 0.0, 1.0) * (columns - 1)
    i, j = np.minimum(a.astype(int), rows - 2), np.minimum(b.astype(int), columns - 2)
    shape = (-1,) + (1,) * (field.ndim - 2)
    p, q = (a - i).reshape(shape), (b - j).reshape(shape)
    return (
        (1 - p) * (1 - q) * field[i, j]
        + p * (1 - q) * field[i + 1, j]
        + (1 - p) * q * field[i, j + 1]
        + p * q * field[i + 1, j + 1]
    )
