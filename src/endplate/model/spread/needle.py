"""The needle: where the tip may really be.

A mixture: a Gaussian about the intended point (its SD depends on the operator), and a small chance that a tip
close to the orbital rim lies behind the septum instead. Rare misplacement, not the mean field, may carry most of
a rare effect, so it is drawn, never averaged into the point estimate.
"""

from __future__ import annotations

import numpy as np

NEAR_RIM_MM = 15.0  # only tips this close to the bony rim can slip behind the septum
BEHIND_MM = 8.0  # how far behind the rim such a tip is taken to lie (declared, grade D)


def septum_candidate(
    skin_mm: np.ndarray, compartment: str, rim_mm: dict[str, np.ndarray]
) -> tuple[str, np.ndarray] | None:
    """The orbit (side and tip) into which a needle at this skin point could slip, or None when it is too far."""
    if compartment != "skin":
        return None
    best: tuple[float, str, np.ndarray] | None = None
    for side, rim in rim_mm.items():
        distance = np.linalg.norm(rim - skin_mm, axis=1)
        nearest = int(np.argmin(distance))
        if best is None or distance[nearest] < best[0]:
            centre = rim.mean(axis=0)
            inward = 0.25 * (centre - rim[nearest])  # towards the axis of the orbit, as the roof slopes
            tip = rim[nearest] + inward - np.array([0.0, 0.0, BEHIND_MM])
            best = (float(distance[nearest]), side, tip)
    if best is None or best[0] > NEAR_RIM_MM:
        return None
    return best[1], best[2]
