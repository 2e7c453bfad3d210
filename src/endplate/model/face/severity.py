"""Severity of lines in one face: the law of the clinic (`model.outcome.severity`), on the force of whole muscles.

s = start - drop (1 - G),  G = (1 - f) F + f W,  dW/dt = (F - W) / tau       F: mean force under the line, 1 untreated

At contraction all of it shows. At rest only what lasts can: a share of start - drop (1 - W), on the slow part alone.
Placebo, raters and the endplates' own places are not in it: a trial reads those (`model.outcome`, line weights).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from endplate.catalogue.lines import Area, area, areas
from endplate.model.backend import scan
from endplate.model.face.balance import SIDES, Forces

Array = Any


def line_areas() -> tuple[str, ...]:
    """Areas whose line follows force; the bulk of the masseter follows its cross-section and is not a line."""
    return tuple(name for name, one in areas().items() if one.reads == "force")


def line_force(forces: Forces, name: str) -> Array | float:
    """Mean force of the muscles under a line, both sides alike, (..., t)."""
    total: Array | float = 0.0
    for muscle, share in area(name).muscles.items():
        left, right = (forces(muscle, side) for side in SIDES)
        total = total + share * (0.5 * (left + right))
    return total


def slow_part(xp: Any, force: Array, days: np.ndarray, tau_d: Array) -> Array:
    """What follows force slowly, W (..., t), from the value of the first day on.

    Each step is exact for a force held at its mean over the step.

    Args:
        force: (..., t) at `days` (t,), ascending. tau_d: (..., 1).
    """
    by_day = xp.moveaxis(force, -1, 0)
    mean = 0.5 * (by_day[1:] + by_day[:-1])
    width = xp.asarray(np.diff(np.asarray(days, dtype=float)))
    tau = xp.asarray(tau_d)[..., 0]

    def step(slow: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
        target, gap = now
        slow = target + (slow - target) * xp.exp(-gap / tau)
        return slow, slow

    if len(width) == 0:
        return force
    slow = scan(xp, step, by_day[0], (mean, width))
    return xp.moveaxis(xp.concatenate([by_day[:1], slow]), 0, -1)


def severities(xp: Any, force: Array, days: np.ndarray, one: Area, values: Any) -> tuple[Array, Array]:
    """Severity at contraction and at rest, (..., t) each, on the area's scale.

    Args:
        force: mean force under the line, (..., t). values: `outcome.*` and `face.line.rest_share`, (..., 1) each.
    """
    slow = slow_part(xp, force, days, values["outcome.remodelling"])
    signal = force + values["outcome.lasting_share"] * (slow - force)
    start, drop = values[f"outcome.baseline_mean.{one.id}"], values[f"outcome.drop.{one.id}"]
    worst, least = float(one.highest), float(one.lowest)
    moving = xp.clip(start - drop * (1.0 - signal), least, worst)
    # A scale may begin at 1: the share is of what lies above its lowest grade.
    lasting = xp.clip(start - drop * (1.0 - slow), least, worst) - least
    return moving, least + values["face.line.rest_share"] * lasting
