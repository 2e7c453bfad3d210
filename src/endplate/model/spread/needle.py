"""The needle: where the tip may really be.

Two cases: a Gaussian about the intended point (its SD depends on the operator), and now and then a tip close to the
orbital rim that ends behind the septum. The second is drawn and never averaged into the point estimate: a mean over it
would show a little toxin in every orbit where there is much in a few.
"""

from __future__ import annotations

import numpy as np

INWARD_SHARE = 0.25
"""Of the way from rim to middle of the opening, where a slipped tip lies: off the bone. Declared, as its depth is."""


def septum_candidate(
    skin_mm: np.ndarray, compartment: str, rim_mm: dict[str, np.ndarray], near_mm: float, behind_mm: float
) -> tuple[str, np.ndarray] | None:
    """The orbit (side and tip) into which a needle at this skin point could slip, or None when it is too far.

    Args:
        skin_mm: where the needle enters, (3,); rim_mm: the bony rim of each side, (r, 3).
        near_mm: furthest from the rim that a slip is possible; behind_mm: how far behind the rim it then lies.
    """
    if compartment != "skin":
        return None
    best: tuple[float, str, np.ndarray] | None = None
    for side, rim in rim_mm.items():
        distance = np.linalg.norm(rim - skin_mm, axis=1)
        nearest = int(np.argmin(distance))
        if best is None or distance[nearest] < best[0]:
            centre = rim.mean(axis=0)
            inward = INWARD_SHARE * (centre - rim[nearest])
            tip = rim[nearest] + inward - np.array([0.0, 0.0, behind_mm])
            best = (float(distance[nearest]), side, tip)
    if best is None or best[0] > near_mm:
        return None
    return best[1], best[2]
