"""The latent severity of a line: what it would be graded on average, on the scale of its area.

G(t) = (1 - f) F(t - lag) + f W,   dW/dt = (F - W) / tau       F: mean force under the line, 1 before treatment
s(t) = s0 - drop (1 - G(t)) - shift(t)                         shift: after any injection, toxin or not; it fades
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from endplate.model.backend import scan

Array = Any


def remodelled(xp: Any, force: Array, lasting_share: Array | float, tau_d: float) -> Array:
    """Line force of which a share follows slowly.

    Args:
        force: (..., day), daily from day 0, where it is 1 or what an earlier session left.
        lasting_share: f, a number or an array that broadcasts with the axes before the last.
        tau_d: time constant of the slow share, days.

    Returns:
        G, (..., day). Each step is exact for a force held at its mean over the step.
    """
    keep = math.exp(-1.0 / tau_d)
    daily = xp.moveaxis(force, -1, 0)
    mean = 0.5 * (daily[1:] + daily[:-1])

    def step(slow: Array, now: Array) -> tuple[Array, Array]:
        slow = now + (slow - now) * keep
        return slow, slow

    slow = scan(xp, step, daily[0], mean)
    slow = xp.moveaxis(xp.concatenate([daily[:1], slow]), 0, -1)
    share = xp.asarray(lasting_share)[..., None] if hasattr(lasting_share, "shape") else lasting_share
    return force + share * (slow - force)


def severity(start: Array, signal: Array, drop: Array, shift: Array) -> Array:
    """s(t) of people (n,) at some days: start (n,), signal (n, day), drop and shift broadcast with it -> (n, day)."""
    return start[..., None] - shift - drop * (1.0 - signal)


def placebo_left(xp: Any, shift: Array, since_d: Array, half_life_d: Array) -> Array:
    """What is left of the fall that any injection brings, days after the last one; arrays broadcast.

    Rates under placebo fall over the months of a trial: what an injection alone does to a grade wears off.
    """
    return shift * xp.exp(-np.log(2.0) * since_d / half_life_d)
