"""What the fit of the foot may move, with the priors it starts from.

Priors stand here and not in the catalogue, because the catalogue holds what the fit found: a second run must not take
its own answer as a prior. Each is a normal on the transformed scale (log or logit) with 5 % and 95 % points `low` and
`high`. What the EDB rows themselves would set (potency in limb muscle, the structural state) gets a prior that is wide
enough to say nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from endplate.model.parameters import ParameterSet

Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Free:
    """A quantity that the fit moves.

    Attributes:
        name: catalogue id, or a name that begins with `foot.`, `tail.` or `ceiling.` for what only a variant has.
        low, high: 5 % and 95 % points of the prior. scale: "log" or "logit".
        basis: where the prior comes from.
    """

    name: str
    low: float
    high: float
    scale: str
    basis: str

    def forward(self, value: float) -> float:
        return math.log(value) if self.scale == "log" else math.log(value / (1.0 - value))

    def back(self, z: float) -> float:
        return math.exp(z) if self.scale == "log" else 1.0 / (1.0 + math.exp(-z))

    @property
    def centre(self) -> float:
        """Middle of the prior on the transformed scale."""
        return 0.5 * (self.forward(self.low) + self.forward(self.high))

    @property
    def sd(self) -> float:
        """SD of the prior on the transformed scale."""
        return (self.forward(self.high) - self.forward(self.low)) / (2.0 * Z90)


EASE = Free("junction.sensitivity.limb", 0.03, 100.0, "log", "declared: no say")
THRESHOLD_B = Free("threshold.rimabotulinumtoxin_b", 1e-4, 1.0, "log", "declared: no say")
THETA_A = Free(
    "junction.light_chain_half_life.a",
    15.0,
    45.0,
    "log",
    "days per doubling in two trials (`dose_duration_rows`)",
)
THETA_A_WIDE = Free("junction.light_chain_half_life.a", 5.0, 500.0, "log", "declared: no say")
THETA_B = Free(
    "junction.light_chain_half_life.b", 5.0, 22.0, "log", "rat neurons, declared wide (`foran2003`)"
)
SIGMA = Free(
    "junction.sensitivity_sd",
    0.5,
    1.7,
    "log",
    "lid force and EMG at two doses (`lid_force_and_emg`), less space",
)
ON_RATE = Free("structural.on_rate.limb", 0.002, 0.2, "log", "declared: no say")
RECOVERY = Free("structural.recovery_half_life", 30.0, 1000.0, "log", "declared: no say")
SLOW = Free("tail.slow_half_life", 40.0, 500.0, "log", "declared: no say")
SLOW_SHARE = Free("tail.slow_share", 0.02, 0.98, "logit", "declared: no say")
VOLUME = Free("foot.volume_ml", 0.05, 0.5, "log", "declared: not found in any of the studies")
PERSISTENCE = Free("tail.persistence", 0.2, 20.0, "log", "declared: no say")
UNBLOCKABLE = Free("ceiling.unblockable", 0.005, 0.3, "logit", "declared: up to a few tenths")

STRUCTURAL = (VOLUME, EASE, THRESHOLD_B, THETA_A, THETA_B, SIGMA, ON_RATE, RECOVERY)
HELD = (
    "junction.light_chain_half_life.a",
    "junction.sensitivity_sd",
)  # by other rows: reported, never written


def start_of(free: Sequence[Free]) -> np.ndarray:
    """Where a search begins: the middle of every prior."""
    return np.array([f.centre for f in free])


def values_of(free: Sequence[Free], z: np.ndarray) -> dict[str, float]:
    """Values in the units of the catalogue."""
    return {f.name: f.back(float(x)) for f, x in zip(free, z, strict=True)}


def with_values(parameters: ParameterSet, values: dict[str, float]) -> ParameterSet:
    """One draw with these values put in; names that no parameter has are left out."""
    new = dict(parameters.values)
    for name, value in values.items():
        if name in new:
            new[name] = np.array([value])
    return ParameterSet(new)
