"""Force and electrical response of a muscle, with a structural state that outlasts the block.

    dX/dt = k_on (1 - P) (1 - X) - X ln2 / t_X        X = 0 in an untreated muscle
    CMAP  = P (1 - X)        force = P (1 - X)^p, p >= 1 (force recovers after the CMAP)

k_on is a property of the muscle class: above zero in limb and jaw, next to nothing in mimic and eye muscles, so that a
foot muscle can answer weakly for a year while a frown is back after some months.

Sources: mechanism evidence V3, P6.7-P6.12, P8.2.
"""

from __future__ import annotations

from typing import Any

from endplate.model.muscle.follow import follow_block

Array = Any


def structural_state(
    xp: Any, firing: Array, step_d: Array, on_rate: Array, recovery_half_life: Array
) -> Array:
    """X over time.

    Args:
        firing: share of fibres that fire, (time, draw, muscle).
        step_d: days between the entries of `firing`, (time - 1,).
        on_rate, recovery_half_life: per draw and muscle, (draw, muscle), 1/d and d.

    Returns:
        X, (time, draw, muscle); 0 at the first time.
    """
    return follow_block(xp, firing, step_d, on_rate, recovery_half_life, 1.0)


def cmap(firing: Array, structure: Array) -> Array:
    """Compound muscle action potential relative to rest."""
    return firing * (1.0 - structure)


def force(firing: Array, structure: Array, exponent: Array) -> Array:
    """Force relative to rest."""
    return firing * (1.0 - structure) ** exponent
