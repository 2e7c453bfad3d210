"""Forward and adjoint: the field of one needle, and what every needle would give one muscle.

    A = k (k - L_D)^-1 exp(L_F) delta_tip     exposure per unit, 1/mm^3
    phi = exp(L_F) k (k - L_D)^-1 w           for a weight w over endplates (sum 1): their exposure for EVERY tip

L_F and L_D are symmetric, so phi(tip) = sum of w(x) A(x). F is half the variance that the injected fluid reaches in
homogeneous tissue (pseudo-time one); D / k the square of how far the toxin then disperses before it is taken up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from endplate.model.spread.voxel.flow import flow
from endplate.model.spread.voxel.grid import Medium
from endplate.model.spread.voxel.laplacian import laplacian
from endplate.model.spread.voxel.uptake import uptake

FLOW_TOL, UPTAKE_TOL = 1e-10, 1e-8


def exposure_field(
    medium: Medium,
    footprint_mm2: Any,
    dispersion: Any,
    k: float,
    source: Any,
    fascia_factor: float | None = None,
) -> np.ndarray:
    """Exposure per unit given, (n,) or (n, r), 1/mm^3.

    Args:
        footprint_mm2: F, half the footprint's variances, see `as_matrices`.
        dispersion: D, mm^2 per unit of time; k: rate of uptake per unit of time (or D / k in mm^2, and 1).
        source: a needle tip in mm (3,), or right-hand sides (n,) or (n, r) from `Medium.spread_points`.
    """
    deposit = flow(laplacian(medium, footprint_mm2, fascia_factor), _right_hand(medium, source), FLOW_TOL)
    return uptake(laplacian(medium, dispersion, fascia_factor), k, deposit, UPTAKE_TOL)


def adjoint_field(
    medium: Medium,
    footprint_mm2: Any,
    dispersion: Any,
    k: float,
    source: Any,
    fascia_factor: float | None = None,
) -> np.ndarray:
    """Mean exposure of the points behind `source`, per unit given at each tissue cell, (n,) or (n, r), 1/mm^3.

    Args: as `exposure_field`; the source is `medium.spread_points(endplates_mm, weights)` with weights that sum to one.
    """
    taken = uptake(laplacian(medium, dispersion, fascia_factor), k, _right_hand(medium, source), UPTAKE_TOL)
    return flow(laplacian(medium, footprint_mm2, fascia_factor), taken, FLOW_TOL)


def _right_hand(medium: Medium, source: Any) -> np.ndarray:
    given = np.asarray(source, dtype=float)
    return medium.spread_points(given[None]) if given.shape == (3,) else given
