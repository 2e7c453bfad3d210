"""From quanta to the endplate potential, and what a cholinesterase inhibitor can do against too few quanta.

    V(m) = m v / (1 + m v / E)          m quanta, v miniature potential (mV), E driving force (mV)

The denominator is the reversal potential's saturation (Martin): each quantum adds less the closer the membrane
comes to the reversal potential. A fibre fires where V(m) reaches its threshold. An inhibitor raises v, hence lowers
the number of quanta needed; it makes no quanta. Rows P7.2, P7.3, P7.7 are recalled, not checked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from endplate.errors import ModelError
from endplate.model.junction.cleft import Cleft, MiniatureCurrent, miniature_current


@dataclass(frozen=True)
class Fibre:
    """One muscle fibre's endplate. A limb's safety factor does not hold for every facial or eye fibre (row P7.8)."""

    quanta: float = 20.0  # P7.2 (recall, checked = false), 20-50
    miniature_mv: float = 1.0  # P7.3 (recall, checked = false)
    safety_factor: float = 2.0  # P7.7 (recall, checked = false): quanta released over quanta needed
    driving_mv: float = 80.0  # declared, grade D, 70-90: resting potential against a reversal near 0
    membrane_ms: float = 4.0  # declared, grade D, 2-10: membrane time constant

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) and value > 0 for value in vars(self).values()):
            raise ModelError("A fibre's number is not positive.", "", "Give positive numbers.")

    @property
    def threshold_mv(self) -> float:
        """Potential at which the fibre fires: that of `quanta / safety_factor` quanta."""
        return float(endplate_potential_mv(self.quanta / self.safety_factor, self))


@dataclass(frozen=True)
class InhibitorEffect:
    """A fibre with `quanta_needed` <= m < `quanta_needed_without` fires because of the inhibitor; fewer never fire."""

    gain: float  # miniature potential with over without
    peak_ratio: float  # miniature current, peak with over without
    decay_ratio: float  # miniature current, decay time with over without
    quanta_needed_without: float
    quanta_needed: float


def endplate_potential_mv(quanta: float | np.ndarray, fibre: Fibre | None = None) -> np.ndarray:
    """Peak endplate potential of quanta released together (any shape), mV; below the driving force."""
    fibre = fibre or Fibre()
    linear = np.asarray(quanta, dtype=float) * fibre.miniature_mv
    if np.any(linear < 0) or not np.all(np.isfinite(linear)):
        raise ModelError("A number of quanta is negative or not finite.", "", "Give numbers from 0 on.")
    return linear / (1.0 + linear / fibre.driving_mv)


def quanta_needed(threshold_mv: float, fibre: Fibre | None = None) -> float:
    """Quanta that bring the endplate potential to a threshold; inf where the driving force does not reach it."""
    fibre = fibre or Fibre()
    if not threshold_mv > 0:
        raise ModelError(f"A threshold of {threshold_mv} mV.", "It lies above zero.", "")
    if threshold_mv >= fibre.driving_mv:
        return math.inf
    return threshold_mv / (1.0 - threshold_mv / fibre.driving_mv) / fibre.miniature_mv


def inhibitor_effect(
    inhibited: float, fibre: Fibre | None = None, cleft: Cleft | None = None
) -> InhibitorEffect:
    """What taking a share of the esterase out of action does to the quanta that a fibre needs.

    Acute effect only: over days inhibition lowers the miniature potential (row P7.21), which is not modelled. Quanta
    act independently (unless `cleft` has a spacing). The size of the acute effect in man was not found (P7.20);
    row P7.22 (a positive edrophonium test in 26 % of botulism) is the observation that it is meant to make plain.
    """
    fibre, cleft = fibre or Fibre(), cleft or Cleft()
    plain = miniature_current(cleft, until_ms=60.0)
    raised = miniature_current(replace(cleft, inhibited=inhibited), until_ms=60.0)
    gain = float(peak_potential(raised, fibre.membrane_ms) / peak_potential(plain, fibre.membrane_ms))
    helped = replace(fibre, miniature_mv=fibre.miniature_mv * gain)
    return InhibitorEffect(
        gain=gain,
        peak_ratio=raised.peak_channels / plain.peak_channels,
        decay_ratio=raised.decay_ms / plain.decay_ms,
        quanta_needed_without=quanta_needed(fibre.threshold_mv, fibre),
        quanta_needed=quanta_needed(fibre.threshold_mv, helped),
    )


def peak_potential(current: MiniatureCurrent, membrane_ms: float) -> float:
    """Peak of dV/dt = I - V / membrane_ms, in channels x ms: the current smoothed by the membrane.

    Exact for a current that is constant over each interval at its mean.   Order: 2 in the interval.
    """
    potential = peak = 0.0
    steps, means = np.diff(current.time_ms), 0.5 * (current.open_channels[1:] + current.open_channels[:-1])
    for step, mean in zip(steps.tolist(), means.tolist(), strict=True):
        kept = math.exp(-step / membrane_ms)
        potential = potential * kept + mean * membrane_ms * (1.0 - kept)
        peak = max(peak, potential)
    return peak
