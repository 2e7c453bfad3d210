"""From a head in voxels to what the reference engine needs: where toxin may be, and how it moves in every voxel.

The default engine knows one layer and one fibre direction for each needle. Here every voxel has its own: in a muscle
the fluid goes along its fibres and flattens in its thickness, in fat it is round in the plane of the skin, in the
orbit it is a ball, as it is there in the default engine. Parameters and formulas are those of `footprint` and `matrix`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.spread.footprint import footprint_variances

NOMINAL_THICKNESS_MM = 1.5
"""A thin face muscle: with the slack at its prior's centre it fixes the resistance of a fascia."""


@dataclass(frozen=True)
class SpreadValues:
    """The spread parameters as plain numbers.

    Attributes:
        reach2_mm2: D / k; transmission: share that one fascia lets through; the rest as in the catalogue.
    """

    fluid_fraction: float
    slack_mm: float
    stretch: float
    reach2_mm2: float
    transmission: float

    @classmethod
    def of(cls, parameters: ParameterSet | None = None) -> SpreadValues:
        """Row 0 of a set of draws; the centre of every prior by default."""
        given = parameters or point_parameters()
        value = {name: float(given[f"spread.{name}"][0]) for name in _NAMES}
        reach2 = value["dispersion"] * 60.0 * value["uptake_half_time"] / math.log(2.0)
        return cls(
            value["fluid_fraction"],
            value["layer_slack"],
            value["fibre_stretch"],
            reach2,
            value["fascia_transmission"],
        )


_NAMES = (
    "fluid_fraction",
    "layer_slack",
    "fibre_stretch",
    "dispersion",
    "uptake_half_time",
    "fascia_transmission",
)


def medium_of(labels: Any) -> Any:
    """The `Medium` of a labelled head: its tissue, with the layer of every voxel (a change of layer is a fascia)."""
    from endplate.model.spread.voxel import Grid, Medium

    layer = np.full(labels.grid.size, -1, dtype=np.int8)
    layer[labels.cell] = labels.layer
    grid = Grid(labels.grid.origin_mm, labels.grid.h_mm, labels.grid.shape)
    return Medium(grid, labels.tissue, layer.reshape(labels.grid.shape))


def footprint_tensor(labels: Any, volume_ml: float, values: SpreadValues) -> np.ndarray:
    """F of every tissue voxel: half the variances that the fluid reaches, (n, 6), mm^2."""
    along, across, normal = footprint_variances(
        np, volume_ml, labels.thickness_mm, values.fluid_fraction, values.slack_mm, values.stretch
    )
    ball = (along * across * normal) ** (1.0 / 3.0)
    return 0.5 * _tensor(labels, along, across, normal, ball)


def dispersion_tensor(labels: Any, values: SpreadValues) -> np.ndarray:
    """D / k of every tissue voxel, (n, 6), mm^2; the stretch acts with its square root, as in `influence`."""
    one = np.full(len(labels.cell), values.reach2_mm2)
    return _tensor(labels, one * values.stretch**0.5, one / values.stretch**0.5, one, one)


def _tensor(
    labels: Any, along: np.ndarray, across: np.ndarray, normal: np.ndarray, ball: np.ndarray
) -> np.ndarray:
    """(n, 6) in the order xx, yy, zz, xy, xz, yz: along fibres in muscle, round in the skin's plane in fat, a ball in
    the orbit."""
    outward = labels.normal
    fibre = labels.fibre - (labels.fibre * outward).sum(axis=1, keepdims=True) * outward
    length = np.linalg.norm(fibre, axis=1, keepdims=True)
    directed = (length > 1e-3)[:, 0] & ~labels.in_orbit
    fibre = np.where(directed[:, None], fibre / np.maximum(length, 1e-3), 0.0)
    mean = np.sqrt(along * across)
    first, second = np.where(directed, along, mean), np.where(directed, across, mean)
    first, second, third = (np.where(labels.in_orbit, ball, v) for v in (first, second, normal))
    # first f f^T + second (1 - f f^T - n n^T) + third n n^T; without a fibre f is zero and first = second.
    f6, n6 = _outer6(fibre), _outer6(outward)
    unit6 = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    return second[:, None] * unit6 + (first - second)[:, None] * f6 + (third - second)[:, None] * n6


def _outer6(v: np.ndarray) -> np.ndarray:
    x, y, z = v.T
    return np.stack([x * x, y * y, z * z, x * y, x * z, y * z], axis=1)


def sheet_resistance_mm(values: SpreadValues) -> float:
    """How many millimetres of tissue a fascia resists like, so that it lets `transmission` of the toxin through.

    A point source in the middle of a layer of `NOMINAL_THICKNESS_MM`, one SD of the footprint's depth away from the
    sheet: of what would lie beyond it without a sheet, that share does. Splitting the field into parts even and odd
    about the sheet turns it into a wall with leakage H = 2 / r, whose solution is closed (Carslaw and Jaeger 14.2).
    """
    from scipy.optimize import brentq

    half_mm = 0.5 * (NOMINAL_THICKNESS_MM + values.slack_mm)
    sd_mm = half_mm / math.sqrt(5.0)

    def excess(log_r: float) -> float:
        return _share_through(math.exp(log_r), sd_mm, sd_mm) - values.transmission

    root: Any = brentq(excess, math.log(1e-4), math.log(1e3))
    return math.exp(root)


def _share_through(resistance_mm: float, away_mm: float, sd_mm: float) -> float:
    """Toxin beyond a sheet over that beyond the same place without one; source `away_mm` before it."""
    from scipy.special import erf, erfc, erfcx

    a = away_mm / (sd_mm * math.sqrt(2.0))
    leak = 2.0 / resistance_mm * sd_mm / math.sqrt(2.0)
    kept = erf(a) + math.exp(-a * a) * erfcx(a + leak)
    return float((1.0 - kept) / erfc(a))


def fascia_factor(values: SpreadValues, h_mm: float) -> float:
    """What an edge of length h across one fascia keeps of its conductance."""
    from endplate.model.spread.voxel import sheet_factor

    return sheet_factor(sheet_resistance_mm(values), h_mm)
