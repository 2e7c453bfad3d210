"""Cross-section of a muscle: atrophy as a read-out of its own.

    dY/dt = k_s (1 - P) (Y_max - Y) - Y ln2 / t_s        cross-section = 1 - Y

It follows the block as the structural state of force does, with rates of its own: muscles are thinnest weeks after
their electrical response is lowest, and Y never exceeds the loss that lasting block would bring. Nothing else in the
model depends on it.

Sources: mechanism evidence P6.9 (extensor digitorum brevis, thinnest on day 42), P6.10 (calf), P6.11 (masseter),
P6.7 and P6.8 (no lasting change in orbicularis oculi and eye muscles).
"""

from __future__ import annotations

from typing import Any

from endplate.model.muscle.follow import follow_block

Array = Any


def cross_section(
    xp: Any, firing: Array, step_d: Array, on_rate: Array, recovery_half_life: Array, maximal_loss: Array
) -> Array:
    """Cross-section relative to before treatment.

    Args:
        firing: share of fibres that fire, (time, draw, muscle).
        step_d: days between the entries of `firing`, (time - 1,).
        on_rate, recovery_half_life, maximal_loss: 1/d, d and share, each broadcasting to (draw, muscle).

    Returns:
        (time, draw, muscle); 1 at the first time.
    """
    return 1.0 - follow_block(xp, firing, step_d, on_rate, recovery_half_life, maximal_loss)
