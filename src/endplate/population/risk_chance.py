"""Chances without noise: a person's sensitivity is integrated, not drawn, and Monte Carlo errors are told."""

from __future__ import annotations

import numpy as np

from endplate.model.backend import normal_cdf

Array = np.ndarray


def chance_above(index: Array, least: Array, shifts: Array, sd: Array) -> Array:
    """Chance that an index reaches `least` over people whose ln sensitivity is normal.

    Args:
        index: (draw, ..., shift), read between shifts by straight lines and held beyond them.
        least: (draw,). shifts: (shift,), ascending. sd: (draw,) of ln sensitivity.

    Returns:
        (draw, ...).
    """
    axes = (1,) * (index.ndim - 2)
    over = index - least.reshape(-1, *axes, 1)
    left, right = over[..., :-1], over[..., 1:]
    gap = left - right
    crossing = np.where((left >= 0) != (right >= 0), left / np.where(gap == 0, 1.0, gap), 0.0)
    step = np.diff(shifts)
    scale = sd.reshape(-1, *axes, 1)
    at = normal_cdf(np, (shifts[:-1] + crossing * step) / scale)
    low, high = normal_cdf(np, shifts[:-1] / scale), normal_cdf(np, shifts[1:] / scale)
    inside = np.where(
        left >= 0, np.where(right >= 0, high - low, at - low), np.where(right >= 0, high - at, 0.0)
    )
    below = np.where(over[..., 0] >= 0, low[..., 0], 0.0)
    above = np.where(over[..., -1] >= 0, 1.0 - high[..., -1], 0.0)
    return np.clip(inside.sum(axis=-1) + below + above, 0.0, 1.0)


def standard_error(chance: Array, face: Array, left: float = 1.0) -> float:
    """Standard error of the mean chance over outer draws and faces that cross.

    Args:
        chance: (draw, r). face: (draw, r) face of each.
        left: share of the variance between draws that stratified sampling leaves (McKay, Beckman and Conover 1979;
            Stein 1987: of an additive function nothing is left).
    """
    draws, cells = len(chance), chance.size
    inside = float(chance.var(axis=1, ddof=1).mean()) if chance.shape[1] > 1 else 0.0
    of_draw = (
        max(float(chance.mean(axis=1).var(ddof=1)) - inside / chance.shape[1], 0.0) if draws > 1 else 0.0
    )
    faces = np.unique(face)
    means = np.array([chance[face == one].mean() for one in faces])
    each = cells / len(faces)
    of_face = max(float(means.var(ddof=1)) - float(chance.var()) / each, 0.0) if len(faces) > 1 else 0.0
    return float(np.sqrt(left * of_draw / draws + of_face / len(faces) + inside / cells))


def settled(halves: Array) -> Array:
    """Chances by outer draw, brought together to the spread that the draws themselves make.

    The halves of a draw's faces share nothing but the draw, so the covariance of their values is the variance that the
    draws make. Deviations are scaled to it on the scale of square roots, where chances of a rare event are less
    lopsided, and the mean is put back.

    Args:
        halves: (draw, 2) the same chance from either half of each draw's faces.

    Returns:
        (draw,).
    """
    mean = float(halves.mean())
    if len(halves) < 2 or mean <= 0.0:
        return halves.mean(axis=1)
    roots = np.sqrt(halves)
    whole = roots.mean(axis=1)
    apart, centre = roots - roots.mean(axis=0), whole.mean()
    shared, all_ = float((apart[:, 0] * apart[:, 1]).mean()), float(((whole - centre) ** 2).mean())
    factor = np.sqrt(np.clip(max(shared, all_ / len(whole)) / max(all_, 1e-300), 0.0, 1.0))
    found = (centre + factor * (whole - centre)) ** 2
    return np.minimum(found * (mean / float(found.mean())), 1.0)
