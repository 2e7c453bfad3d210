"""States that follow the block of a muscle slowly and go back slowly.

    dY/dt = k_on (1 - P) (Y_max - Y) - Y ln2 / t_Y        Y = 0 in an untreated muscle

P is the share of fibres that fire. Each step is exact for a block held at its mean over the step, so Y stays between 0
and Y_max whatever the step.
"""

from __future__ import annotations

import math
from typing import Any

from endplate.model.backend import scan

Array = Any


def follow_block(
    xp: Any, firing: Array, step_d: Array, on_rate: Array, recovery_half_life: Array, most: Array | float
) -> Array:
    """Y over time.

    Args:
        firing: share of fibres that fire, (time, draw, muscle).
        step_d: days between the entries of `firing`, (time - 1,).
        on_rate, recovery_half_life, most: k_on (1/d), t_Y (d) and Y_max, each broadcasting to (draw, muscle).

    Returns:
        Y, (time, draw, muscle); 0 at the first time.
    """
    off = math.log(2.0) / recovery_half_life
    block = 1.0 - firing
    mean = 0.5 * (block[1:] + block[:-1])

    def step(state: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
        blocked, width = now
        on = on_rate * xp.maximum(blocked, 0.0)
        settle = most * on / (on + off)
        state = settle + (state - settle) * xp.exp(-(on + off) * width)
        return state, state

    later = scan(xp, step, xp.zeros(firing.shape[1:]), (mean, step_d))
    return xp.concatenate([xp.zeros((1, *firing.shape[1:])), later])
