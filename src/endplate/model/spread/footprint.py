"""The first seconds: how far the injected fluid itself reaches.

The volume V fills V / phi of tissue, phi being the share of tissue open to the protein. It is taken as a
uniform ellipsoid that flattens where the layer is thin and stretches along the fibres at equal volume:

    c = min(R, h / 2),   a^2 = 3 (V / phi) / (4 pi c),   R = (3 (V / phi) / 4 pi)^(1/3)

h is the thickness of the target muscle plus the loose planes beside it. A Gaussian with the ellipsoid's second
moments (a^2 s / 5, a^2 / (5 s), c^2 / 5) replaces it, s being the length-to-width ratio of the stretch, so
that the field stays Gaussian while it disperses.
"""

from __future__ import annotations

from typing import Any

Array = Any


def footprint_variances(
    xp: Any, volume_ml: float, thickness_mm: float, fluid_fraction: Array, slack_mm: Array, stretch: Array
) -> tuple[Array, Array, Array]:
    """Variances of the footprint along the fibres, across them and along the skin normal.

    Args:
        volume_ml: injected volume, mL (> 0).
        thickness_mm: thickness of the target muscle at the site, mm.
        fluid_fraction: share of tissue open to the protein, shape (draw,).
        slack_mm: thickness of the loose planes filled beside the muscle, mm, shape (draw,).
        stretch: ratio of the footprint's length along the fibres to its width, shape (draw,).

    Returns:
        three arrays of shape (draw,), mm^2.

    Sources: rows 1.4 and 1.6 of the spread evidence (fluid space, stretch); the ellipsoid is our choice.
    """
    filled_mm3 = 1000.0 * volume_ml / fluid_fraction
    sphere_mm = (3.0 * filled_mm3 / (4.0 * xp.pi)) ** (1.0 / 3.0)
    half_mm = xp.minimum(sphere_mm, 0.5 * (thickness_mm + slack_mm))
    in_plane_mm2 = 3.0 * filled_mm3 / (4.0 * xp.pi * half_mm)
    return in_plane_mm2 * stretch / 5.0, in_plane_mm2 / (5.0 * stretch), half_mm**2 / 5.0


def spread_radius_mm(xp: Any, variances: tuple[Array, Array, Array], share: float = 0.9) -> Array:
    """Radius of the circle (as seen from the skin) that holds `share` of the toxin; geometric mean of the axes.

    For a round Gaussian of variance v the share within r is 1 - exp(-r^2 / 2v).
    """
    import math

    along, across, _ = variances
    return xp.sqrt(-2.0 * math.log(1.0 - share) * xp.sqrt(along * across))
