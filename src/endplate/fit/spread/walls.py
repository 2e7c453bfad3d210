"""A Gaussian between two walls that nothing passes, and the program's kernel inside a box of such walls.

In a box whose axes are those of the spread, footprint and dispersion factor into three one-dimensional problems; each
is closed exactly by images (narrow Gaussian) or by its cosine series (wide one). Everything else is the program's
own: `footprint_variances`, and the Gauss-Laguerre sum of `endplate.model.spread.matrix` over dispersion with uptake.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from endplate.model.spread import footprint_variances
from endplate.model.spread.matrix import NODES

Values = Mapping[str, np.ndarray]
ROOTS, WEIGHTS = np.polynomial.laguerre.laggauss(NODES)
NARROW = 0.5  # SD over width where the series takes over; what is left out on either side is below 1e-8
_ORDER = np.repeat(np.arange(-2.0, 3.0), 2)
_SIGN = np.tile([1.0, -1.0], 5)
_TERM = np.arange(1.0, 6.0)


def between_walls(
    x_mm: np.ndarray, source_mm: np.ndarray, variance_mm2: np.ndarray, width_mm: np.ndarray
) -> np.ndarray:
    """Density at x of a Gaussian from `source`, with walls at 0 and `width`; all broadcast, 1/mm.

    Both points lie in [0, width]. The integral over the width is one whatever the variance.
    """
    x, source, variance, width = np.broadcast_arrays(x_mm, source_mm, variance_mm2, width_mm)
    narrow = variance < (NARROW * width) ** 2
    small, large = np.where(narrow, variance, (NARROW * width) ** 2), np.where(narrow, 1e9, variance)
    away = x[..., None] - _SIGN * source[..., None] - 2.0 * _ORDER * width[..., None]
    images = np.exp(-(away**2) / (2.0 * small[..., None])).sum(axis=-1) / np.sqrt(2.0 * math.pi * small)
    wave = _TERM * math.pi / width[..., None]
    decay = np.exp(-0.5 * wave**2 * large[..., None])
    shape = np.cos(wave * x[..., None]) * np.cos(wave * source[..., None])
    series = 1.0 + 2.0 * (decay * shape).sum(axis=-1)
    return np.where(narrow, images, series / width)


def free(x_mm: np.ndarray, source_mm: np.ndarray, variance_mm2: np.ndarray) -> np.ndarray:
    """The same without walls, 1/mm."""
    return np.exp(-((x_mm - source_mm) ** 2) / (2.0 * variance_mm2)) / np.sqrt(2.0 * math.pi * variance_mm2)


def variances_at_nodes(
    values: Values, volume_ml: np.ndarray, layer_mm: np.ndarray, stretch: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Variances along, across and normal at each Laguerre node, (draw, node), mm^2.

    Args:
        volume_ml, layer_mm, stretch: (draw,); `layer_mm` is the whole thickness of the layer that the fluid opens.
    """
    axes = footprint_variances(np, volume_ml, 0.0, values["spread.fluid_fraction"], layer_mm, stretch)  # type: ignore[arg-type]
    along, across, normal = (
        v[:, None] + 2.0 * ROOTS * r[:, None] for v, r in zip(axes, reach_mm2(values, stretch), strict=True)
    )
    return along, across, normal


def reach_mm2(values: Values, stretch: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """D / k along the fibres, across them and normal, as in `endplate.model.spread.matrix`; (draw,), mm^2."""
    round_mm2 = values["spread.dispersion"] * 60.0 * values["spread.uptake_half_time"] / math.log(2.0)
    return round_mm2 * np.sqrt(stretch), round_mm2 / np.sqrt(stretch), round_mm2


def limb_stretch(values: Values) -> np.ndarray:
    """Stretch along the fibres of a limb muscle, at least 1, (draw,)."""
    return np.maximum(values["spread.fibre_stretch"] * values["limb.stretch_ratio"], 1.0)


def limb_layer(values: Values, thickness_mm: np.ndarray, volume_ml: np.ndarray) -> np.ndarray:
    """Thickness of the layer that the fluid opens in a limb muscle, never more than the muscle, mm, (draw,).

    The same at every volume, as in the program; `limb.layer_power` above zero lets it grow with volume from its
    value at 1 mL (a variant that the calibration tries).
    """
    opened = values["spread.layer_slack"] * values["limb.layer_ratio"]
    if "limb.layer_power" in values:
        opened = opened * volume_ml ** values["limb.layer_power"]
    return np.minimum(opened, thickness_mm)
