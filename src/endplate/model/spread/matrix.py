"""The influence matrix: exposure of each endplate per unit given at each site.

After the footprint, dc/dt = div(D grad c) - k c with D larger along the fibres. In homogeneous tissue a Gaussian
stays Gaussian, with variance v + 2 D t, and what an endplate takes up in all is the time integral

    A = k  int exp(-k t) N(offset; v + 2 D t) dt  =  int exp(-s) N(offset; v + 2 (D / k) s) ds,

a Gauss-Laguerre sum in s. Skin and bone are walls (see `walls`). A has unit 1/mm^3; times units it is the exposure in
U/mm^3 of tissue. Each fascia on the way multiplies by a transmission < 1. Linear in units; binding is far from
saturated (see `entry`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from endplate.model.parameters import ParameterSet
from endplate.model.spread.footprint import footprint_variances
from endplate.model.spread.geometry import SiteGeometry
from endplate.model.spread.walls import Product, images, strength

Array = Any
NODES = 6
_ROOTS, _WEIGHTS = np.polynomial.laguerre.laggauss(NODES)


LEAST_EXPONENT = -600.0
"""Exponents stop here (1e-261): numbers too small for the machine are slow."""


LEAST_SMALLER, MOST_SMALLER, MOST_GAIN_LOG = -0.6, 1.5, 5.0
"""How far a table's ratio is followed to larger and smaller footprints, as a line in 1 / size; its largest log."""


def kernel(
    xp: Any,
    squares_mm2: tuple[Product, Product, Product],
    variances: tuple[Array, ...],
    reach2_mm2: tuple[Array, ...],
    mirrored: list[Product] | None = None,
) -> Array:
    """Time integral of uptake per unit, 1/mm^3.

    Args:
        squares_mm2: squared offsets along the three axes, each a product (draw, r) @ (r, k).
        variances: variances of the footprint along the three axes, each (draw, 1), mm^2.
        reach2_mm2: D / k along the three axes, each (draw, 1), mm^2.
        mirrored: images of the source in skin and bone; None in tissue without walls.

    Returns:
        (draw, k).

    Order: Gauss-Laguerre with 6 nodes; against adaptive quadrature the error stays below 5e-4 of the peak while
        D / k is at most half the smallest variance, and reaches 1.5 % at twice that variance (tested).
    """
    total, right = 0.0, xp.concatenate([xp.asarray(right) for _, right in squares_mm2])
    for root, weight in zip(_ROOTS, _WEIGHTS, strict=True):
        spread = [v + 2.0 * root * r for v, r in zip(variances, reach2_mm2, strict=True)]
        scaled = [left * (-0.5 / v) for (left, _), v in zip(squares_mm2, spread, strict=True)]
        norm = weight * (2.0 * math.pi) ** -1.5 / xp.sqrt(spread[0] * spread[1] * spread[2])
        density = norm * xp.exp(xp.maximum(xp.concatenate(scaled, axis=1) @ right, LEAST_EXPONENT))
        total = total + (density if mirrored is None else density * strength(xp, mirrored, spread[2], weight))
    return total


def round_kernel(xp: Any, square_mm2: Array, variance: Array, reach2_mm2: Array) -> Array:
    """The same where direction is lost: one squared distance (draw, k) and one variance for all three axes."""
    total = 0.0
    for root, weight in zip(_ROOTS, _WEIGHTS, strict=True):
        spread = variance + 2.0 * root * reach2_mm2
        norm = weight * (2.0 * math.pi * spread) ** -1.5
        total = total + norm * xp.exp(xp.maximum(square_mm2 * (-0.5 / spread), LEAST_EXPONENT))
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
    given = _in_closed_form(xp, geometry, xp.asarray(needle_mm), axes, reaches, reach2)
    if geometry.gain is not None:
        given = _raised(xp, given, geometry, xp.asarray(needle_mm), axes, reaches, reach2)
    if not geometry.tabled:
        return loss * given
    stopped = np.array(needle_mm)
    if geometry.walls is not None:
        stopped[:, 2] = geometry.walls.tip_mm - geometry.walls.tip_depth_mm(np, stopped[:, 2])
    behind = [
        part.behind.exposure(xp, stopped, axes, reach2, column["fascia_transmission"])[:, part.column]
        for part in geometry.tabled
    ]
    return xp.concatenate([loss[:, : geometry.closed] * given, *behind], axis=1)


_SPREAD = (
    "fluid_fraction",
    "layer_slack",
    "fibre_stretch",
    "dispersion",
    "uptake_half_time",
    "fascia_transmission",
)


def _raised(
    xp: Any,
    given: Array,
    geometry: SiteGeometry,
    needle_mm: Array,
    axes: tuple[Array, ...],
    reaches: tuple[Array, ...],
    reach2: Array,
) -> Array:
    """Exposures (draw, k) in closed form with what the table of the sheet muscles makes of them.

    The table's ratio belongs to the planned tip. Where it lowers, it multiplies. Where it raises, what it adds at the
    planned tip is added: a needle that strays to endplates which the plan hardly reaches must not be multiplied there.
    """
    gain = geometry.gain
    assert gain is not None  # asked for before the call
    changed = gain.changed
    smaller = xp.clip(gain.size_mm2 / xp.sqrt(axes[0] * axes[1]) - 1.0, LEAST_SMALLER, MOST_SMALLER)
    log = xp.clip(
        gain.log[changed][None] + smaller * gain.slope[changed][None], -MOST_GAIN_LOG, MOST_GAIN_LOG
    )
    here = planned = given[:, changed]
    if np.any(np.asarray(needle_mm)):
        keep = np.zeros(len(geometry.index), dtype=bool)
        keep[changed] = True
        planned = _in_closed_form(xp, geometry.only(keep), xp.zeros_like(needle_mm), axes, reaches, reach2)
    value = here * xp.exp(xp.minimum(log, 0.0)) + planned * xp.expm1(xp.maximum(log, 0.0))
    if xp is np:
        given[:, changed] = value
        return given
    return given.at[:, changed].set(value)


def _in_closed_form(
    xp: Any,
    geometry: SiteGeometry,
    needle_mm: Array,
    axes: tuple[Array, ...],
    reaches: tuple[Array, ...],
    reach2: Array,
) -> Array:
    """Directed kernel between walls where direction is known, a round one in the orbit and through its opening."""
    split, count = geometry.directed, geometry.closed
    parts = []
    if split:
        parts.append(_directed(xp, geometry, needle_mm, axes, reaches))
    if split < count:
        away = geometry.offset_mm[None, split:count] - needle_mm[:, None, :]
        far = xp.sqrt((away**2).sum(axis=-1)) + geometry.beyond_mm[None, split:count]
        # Through the opening the fluid has spread in its layer first; within the orbit it is a ball of equal volume.
        in_layer = xp.sqrt(axes[0] * axes[1])
        ball = (axes[0] * axes[1] * axes[2]) ** (1.0 / 3.0)
        width = xp.where(geometry.through_opening[None, split:count], in_layer, ball)
        parts.append(round_kernel(xp, far**2, width, reach2))
    return xp.concatenate(parts, axis=1) if parts else xp.zeros((len(needle_mm), 0))


def _directed(
    xp: Any, geometry: SiteGeometry, needle_mm: Array, axes: tuple[Array, ...], reaches: tuple[Array, ...]
) -> Array:
    offset, walls = geometry.offset_mm[: geometry.directed].T, geometry.walls
    along, across, outward = (_squares(xp, offset[i], needle_mm[:, i : i + 1]) for i in range(3))
    mirrored = None
    if walls is not None:
        tip_mm = walls.tip_depth_mm(xp, needle_mm[:, 2:])
        outward, mirrored = _squares(xp, walls.point_mm, tip_mm), images(xp, walls, tip_mm)
    return kernel(xp, (along, across, outward), axes, reaches, mirrored)


def _squares(xp: Any, point: np.ndarray, tip: Array) -> Product:
    """(point - tip)^2 as a product, point (k,), tip (draw, 1)."""
    left = xp.concatenate([xp.ones_like(tip), -2.0 * tip, tip**2], axis=1)
    return left, np.stack([point**2, point, np.ones_like(point)])
