"""The fit's boxes against true cylinders on the voxel engine: how much does the cheaper geometry change a read-out?"""

from __future__ import annotations

import numpy as np

from endplate.fit.spread.limb_rows import longissimus, tibialis
from endplate.fit.spread.readouts import last_crossing, share_over
from endplate.fit.spread.walls import Values, limb_layer, limb_stretch, reach_mm2
from endplate.model.spread import footprint_variances

ROUND = 2.0 / np.sqrt(np.pi)  # an ellipse of the box's area is this much wider


def cylinder_exposure(
    values: Values,
    volume_ml: float,
    width_mm: float,
    thickness_mm: float,
    length_mm: float,
    off_mm: float,
    h_mm: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Exposure per unit in an elliptic cylinder of the box's cross-section, on the voxel engine.

    Args:
        values: one draw. off_mm: where along the axis the tip lies, from the middle. h_mm: edge of a cell.

    Returns:
        exposure (z, cell of a cross-section), 1/mm^3, and the z of each slice from the middle, mm.
    """
    from endplate.model.spread.voxel import Grid, Medium, exposure_field

    cells = np.array([2 * round(0.5 * length_mm / h_mm), 0, 0])
    cells[1:] = [2 * int(np.ceil(0.5 * ROUND * size / h_mm)) + 1 for size in (width_mm, thickness_mm)]
    grid = Grid(-0.5 * h_mm * cells, h_mm, cells)
    x = grid.centres_mm().reshape(*cells, 3)
    inside = (x[..., 1] / width_mm) ** 2 + (x[..., 2] / thickness_mm) ** 2 <= (0.5 * ROUND) ** 2
    medium = Medium(grid, inside)
    stretch, layer = limb_stretch(values), limb_layer(values, np.array([thickness_mm]), np.array([volume_ml]))
    axes = footprint_variances(np, volume_ml, 0.0, values["spread.fluid_fraction"], layer, stretch)
    footprint = np.diag([0.5 * float(v[0]) for v in axes])
    dispersion = np.diag([float(r[0]) for r in reach_mm2(values, stretch)])
    found = exposure_field(medium, footprint, dispersion, 1.0, np.array([off_mm, 0.0, 0.0]))
    return found.reshape(cells[0], -1), x[:, 0, 0, 0]


def compare(values: Values, h_mm: float = 0.5) -> dict[str, dict[str, float]]:
    """Read-outs of the rat and the rabbit at one draw: box (as fitted), cylinder (voxels), by row."""
    one = {name: np.atleast_1d(value)[:1] for name, value in values.items()}
    box = {**longissimus(one), **tibialis(one)}
    wanted = ("borodic1994.reach_1u", "borodic1994.reach_5u", "shaari1993.off_band_5mm")
    return {
        name: {"box": float(box[name][0]), "cylinder": value}
        for name, value in zip(wanted, (*_rabbit(one, 2.0 * h_mm), _rat(one, h_mm)), strict=True)
    }


def _number(values: Values, name: str) -> float:
    return float(values[name][0])


def _rat(values: Values, h_mm: float) -> float:
    shares = []
    for off in (0.0, 5.0):
        exposure, z = cylinder_exposure(
            values,
            *(_number(values, f"rat.{name}") for name in ("volume_in", "width", "thickness", "length")),
            off_mm=off,
            h_mm=h_mm,
        )
        share = share_over(
            _number(values, "rat.dose_in") * exposure,
            values["rat.threshold"],
            values["endplate.sensitivity_sd"],
        ).mean(axis=1)
        # The band has soft ends, so that the slices of the grid do not decide how wide it is.
        weight = np.clip((0.5 * _number(values, "rat.band_width") - np.abs(z)) / h_mm + 0.5, 0.0, 1.0)
        shares.append(float(weight @ share / weight.sum()))
    return shares[1] / shares[0]


def _rabbit(values: Values, h_mm: float) -> tuple[float, float]:
    sizes = (_number(values, f"rabbit.{name}") for name in ("volume", "width", "thickness"))
    exposure, z = cylinder_exposure(values, *sizes, length_mm=160.0, off_mm=0.0, h_mm=h_mm)
    ahead = z > 0.0
    fibre = _number(values, "rabbit.fibre_length")
    found = []
    for dose in (1.0, 5.0):
        share = share_over(
            dose * exposure, values["rabbit.threshold"], values["endplate.sensitivity_sd"]
        ).mean(axis=1)
        window = ((np.arange(40) + 0.5) / 40.0 - 0.5) * fibre
        section = np.mean([np.interp(z[ahead] + step, z, share) for step in window], axis=0)
        found.append(last_crossing(section[None], values["rabbit.last_share"], z[ahead]))
    return float(found[0][0]), float(found[1][0])
