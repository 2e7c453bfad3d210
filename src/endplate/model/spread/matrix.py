"""The influence matrix: exposure of each endplate per unit given at each site.

After the footprint, dc/dt = div(D grad c) - k c with D larger along the fibres. In homogeneous tissue a Gaussian
stays Gaussian, with variance v + 2 D t, and what an endplate takes up in all is the time integral

    A = k  int exp(-k t) N(offset; v + 2 D t) dt  =  int exp(-s) N(offset; v + 2 (D / k) s) ds,

a Gauss-Laguerre sum in s. A has unit 1/mm^3; times units it is the exposure in U/mm^3 of tissue. Each fascia on
the way multiplies by a transmission < 1. Linear in units; binding is far from saturated (see `entry`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from endplate.model.parameters import ParameterSet
from endplate.model.spread.footprint import footprint_variances
from endplate.model.spread.geometry import SiteGeometry

Array = Any
NODES = 6
_ROOTS, _WEIGHTS = np.polynomial.laguerre.laggauss(NODES)


def kernel(
    xp: Any,
    offset2_mm2: tuple[Array, Array, Array],
    variances: tuple[Array, ...],
    reach2_mm2: tuple[Array, ...],
) -> Array:
    """Time integral of uptake per unit, 1/mm^3.

    Args:
        offset2_mm2: squared offsets along the three axes, each (draw, k).
        variances: variances of the footprint along the three axes, each (draw, 1), mm^2.
        reach2_mm2: D / k along the three axes, each (draw, 1), mm^2.

    Order: Gauss-Laguerre with 6 nodes; against adaptive quadrature the error stays below 5e-4 of the peak while
        D / k is at most half the smallest variance, and reaches 1.5 % at twice that variance (tested).
    """
    total = 0.0
    for root, weight in zip(_ROOTS, _WEIGHTS, strict=True):
        spread = [v + 2.0 * root * r for v, r in zip(variances, reach2_mm2, strict=True)]
        power = sum(o2 * (-0.5 / v) for o2, v in zip(offset2_mm2, spread, strict=True))
        norm = weight * (2.0 * math.pi) ** -1.5 / xp.sqrt(spread[0] * spread[1] * spread[2])
        total = total + norm * xp.exp(power)
    return total


def influence(
    xp: Any, geometry: SiteGeometry, volume_ml: float, parameters: ParameterSet, needle_mm: Array
) -> Array:
    """Exposure of the endplates in reach of one site, per unit given there.

    Args:
        geometry: the site's geometry, k endplates in reach.
        volume_ml: injected volume, mL.
        parameters: the `spread.*` values, (draw,).
        needle_mm: displacement of the tip along fibre, across and outward, (draw, 3).

    Returns:
        (draw, k), 1/mm^3.
    """
    column = {name: xp.asarray(parameters[f"spread.{name}"])[:, None] for name in _SPREAD}
    axes = footprint_variances(
        xp,
        volume_ml,
        geometry.thickness_mm,
        column["fluid_fraction"],
        column["layer_slack"],
        column["fibre_stretch"],
    )
    reach2 = column["dispersion"] * 60.0 * column["uptake_half_time"] / math.log(2.0)
    reaches = (reach2 * column["fibre_stretch"] ** 0.5, reach2 / column["fibre_stretch"] ** 0.5, reach2)
    loss = column["fascia_transmission"] ** geometry.crossings[None]
    offset = geometry.offset_mm[None] - needle_mm[:, None, :]
    return loss * _by_kind(xp, geometry, offset, axes, reaches, reach2)


_SPREAD = (
    "fluid_fraction",
    "layer_slack",
    "fibre_stretch",
    "dispersion",
    "uptake_half_time",
    "fascia_transmission",
)


def _by_kind(
    xp: Any,
    geometry: SiteGeometry,
    offset: Array,
    axes: tuple[Array, ...],
    reaches: tuple[Array, ...],
    reach2: Array,
) -> Array:
    """Directed kernel where direction is known, a round one in the orbit and through its opening."""
    split = int((~geometry.isotropic).sum())  # directed pairs come first
    parts = []
    if split:
        near = offset[:, :split]
        parts.append(kernel(xp, (near[..., 0] ** 2, near[..., 1] ** 2, near[..., 2] ** 2), axes, reaches))
    if split < offset.shape[1]:
        far = xp.sqrt((offset[:, split:] ** 2).sum(axis=-1)) + geometry.beyond_mm[None, split:]
        third = far**2 / 3.0
        # Through the opening the fluid has spread in its layer first; within the orbit it is a ball of equal volume.
        in_layer = xp.sqrt(axes[0] * axes[1])
        ball = (axes[0] * axes[1] * axes[2]) ** (1.0 / 3.0)
        width = xp.where(geometry.through_opening[None, split:], in_layer, ball)
        parts.append(kernel(xp, (third, third, third), (width, width, width), (reach2, reach2, reach2)))
    return xp.concatenate(parts, axis=1) if parts else xp.zeros(offset.shape[:2])
