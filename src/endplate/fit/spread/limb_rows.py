"""Rows from limb and trunk muscles: human biceps (MRI), rabbit longissimus (fibre diameter), rat tibialis anterior.

Each muscle is a box with walls: its fascia lets nothing out. The box stands for a cylinder of the same width and
thickness; `check` prints how far it is from a true cylinder on the voxel engine.
"""

from __future__ import annotations

import math

import numpy as np

from endplate.fit.spread.readouts import last_crossing, share_over
from endplate.fit.spread.walls import (
    WEIGHTS,
    Values,
    between_walls,
    free,
    limb_layer,
    limb_stretch,
    variances_at_nodes,
)
from endplate.model.spread import footprint_variances

Read = dict[str, np.ndarray]
MM3_PER_ML = 1000.0
EDGES = 3  # Gauss nodes over half a width or thickness
_GAUSS, _GAUSS_WEIGHT = np.polynomial.legendre.leggauss(EDGES)
HALF = 0.5 * (_GAUSS + 1.0)  # in (0, 1), weights sum to one
HALF_WEIGHT = 0.5 * _GAUSS_WEIGHT
PROFILE_MM = np.concatenate([np.linspace(0.0, 60.0, 41), np.linspace(65.0, 125.0, 13)])
SHAARI_DOSES = np.geomspace(0.2, 10.0, 5)


# --- human biceps: what the image shows of the fluid itself


def biceps(values: Values) -> Read:
    """Length and thickness of the visible layer: added fluid over `mri.visible_fluid`, ten minutes after injection."""
    stretch, nothing = limb_stretch(values), np.ones_like(values["mri.biceps_width"])
    spastic = np.maximum(stretch * values["mri.spastic_stretch"], 1.0)
    read: Read = {}
    cases = (
        ("1ml", 1.0, nothing, stretch),
        ("2ml", 2.0, nothing, stretch),
        ("spastic", 1.0, values["mri.spastic_layer"], spastic),
    )
    for name, volume_ml, thicker, ratio in cases:
        # The arm is thick: the fluid meets no wall above or below.
        layer = limb_layer(values, nothing * np.inf, nothing * volume_ml) * thicker
        length, thick = _visible(values, volume_ml, layer, ratio)
        read[f"elwischger2014.length_{name}"] = length
        read[f"elwischger2014.thickness_{name}"] = thick
    return read


def _visible(
    values: Values, volume_ml: float, layer_mm: np.ndarray, stretch: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    along, across, normal = footprint_variances(
        np, volume_ml, 0.0, values["spread.fluid_fraction"], layer_mm, stretch
    )
    width = values["mri.biceps_width"]
    peak = between_walls(0.5 * width, 0.5 * width, across, width) / (2.0 * math.pi * np.sqrt(along * normal))
    over = np.log(np.maximum(MM3_PER_ML * volume_ml * peak / values["mri.visible_fluid"], 1.001))
    return 2.0 * np.sqrt(2.0 * along * over), 2.0 * np.sqrt(2.0 * normal * over)


# --- rabbit longissimus: how far along the muscle fibres are thin


def longissimus(values: Values, doses_u: tuple[float, ...] = (1.0, 5.0)) -> Read:
    """Distance at which the share of thin fibres falls below `rabbit.last_share`, by dose.

    A section at z meets fibres whose end plates lie within half a fibre length of it (uniformly, declared).
    """
    profile = box_exposure(
        values,
        values["rabbit.volume"],
        values["rabbit.width"],
        values["rabbit.thickness"],
        PROFILE_MM,
    )
    read: Read = {}
    for dose in doses_u:
        share = share_over(
            dose * profile,
            values["rabbit.threshold"][:, None, None],
            values["endplate.sensitivity_sd"][:, None, None],
        )
        section = along_fibres(share @ CROSS_WEIGHT, values["rabbit.fibre_length"])
        read[f"borodic1994.reach_{dose:g}u"] = last_crossing(section, values["rabbit.last_share"], PROFILE_MM)
    return read


def box_exposure(
    values: Values, volume_ml: np.ndarray, width_mm: np.ndarray, thickness_mm: np.ndarray, z_mm: np.ndarray
) -> np.ndarray:
    """Exposure per unit of a centred injection along a muscle without ends, (draw, z, cross-section node), 1/mm^3."""
    along, across, normal = variances_at_nodes(
        values, volume_ml, limb_layer(values, thickness_mm, volume_ml), limb_stretch(values)
    )
    y = _wall_factor(across, width_mm)
    x = _wall_factor(normal, thickness_mm)
    z = free(z_mm[None, None], 0.0, along[..., None])  # type: ignore[arg-type]
    cross = (y[..., :, None] * x[..., None, :]).reshape(*y.shape[:2], -1)
    return np.einsum("k,dkz,dkc->dzc", WEIGHTS, z, cross)


CROSS_WEIGHT = (HALF_WEIGHT[:, None] * HALF_WEIGHT[None]).ravel()


def _wall_factor(variance: np.ndarray, width_mm: np.ndarray) -> np.ndarray:
    """Density at the Gauss nodes of the half width, source in the middle, (draw, node, gauss)."""
    width = width_mm[:, None, None]
    return between_walls((0.5 + 0.5 * HALF) * width, 0.5 * width, variance[..., None], width)


def along_fibres(share: np.ndarray, fibre_mm: np.ndarray) -> np.ndarray:
    """Mean of a symmetric profile (draw, z) over half a fibre length either way, by its integral from the middle."""
    steps = np.diff(PROFILE_MM) * 0.5 * (share[:, 1:] + share[:, :-1])
    integral = np.concatenate([np.zeros((len(share), 1)), np.cumsum(steps, axis=1)], axis=1)
    ends = [PROFILE_MM[None] + sign * 0.5 * fibre_mm[:, None] for sign in (1.0, -1.0)]
    ahead, behind = (np.sign(end) * _interpolate(integral, np.abs(end)) for end in ends)
    return (ahead - behind) / fibre_mm[:, None]


def _interpolate(profile: np.ndarray, at_mm: np.ndarray) -> np.ndarray:
    after = np.clip(np.searchsorted(PROFILE_MM, at_mm), 1, len(PROFILE_MM) - 1)
    low, high = PROFILE_MM[after - 1], PROFILE_MM[after]
    part = np.clip((at_mm - low) / (high - low), 0.0, 1.0)
    before = np.take_along_axis(profile, after - 1, 1)
    return before + part * (np.take_along_axis(profile, after, 1) - before)


# --- rat tibialis anterior: share of fibres that no longer burn their glycogen


def tibialis(values: Values) -> Read:
    """Paralysis 5 mm off the end-plate band over paralysis at the band; and with the fascia over without."""
    inside = [
        paralysed(values, values["rat.volume_in"], values["rat.dose_in"], off_mm) for off_mm in (0.0, 5.0)
    ]
    with_fascia, without = (
        _paralysed_from_outside(values, share)
        for share in (values["spread.fascia_transmission"], np.ones_like(values["spread.dispersion"]))
    )
    return {
        "shaari1993.off_band_5mm": inside[1] / np.maximum(inside[0], 1e-6),
        "shaari1991.fascia": with_fascia / np.maximum(without, 1e-6),
    }


def paralysed(values: Values, volume_ml: np.ndarray, dose_u: np.ndarray, off_mm: float) -> np.ndarray:
    """Share of fibres paralysed in the rat's tibialis anterior, (draw,); end plates in a band across the middle.

    The tip lies in the middle of the cross-section, `off_mm` from the band.
    """
    thickness, length = values["rat.thickness"], values["rat.length"]
    along, across, normal = variances_at_nodes(
        values, volume_ml, limb_layer(values, thickness, volume_ml), limb_stretch(values)
    )
    y, x = _wall_factor(across, values["rat.width"]), _wall_factor(normal, thickness)
    z = _band(along, length, values["rat.band_width"], off_mm)
    cross = (y[..., :, None] * x[..., None, :]).reshape(*y.shape[:2], -1)
    exposure = dose_u[:, None, None] * np.einsum("k,dkz,dkc->dzc", WEIGHTS, z, cross)
    share = share_over(
        exposure, values["rat.threshold"][:, None, None], values["endplate.sensitivity_sd"][:, None, None]
    )
    return (share @ CROSS_WEIGHT) @ _BAND_WEIGHT


_BAND, _BAND_W = np.polynomial.legendre.leggauss(4)
_BAND_WEIGHT = 0.5 * _BAND_W


def _band(along: np.ndarray, length_mm: np.ndarray, band_mm: np.ndarray, off_mm: float) -> np.ndarray:
    """Density along the muscle at nodes of the band, ends closed, (draw, node, band)."""
    middle = 0.5 * length_mm[:, None, None]
    at = middle + 0.5 * _BAND * band_mm[:, None, None]
    return between_walls(at, middle + off_mm, along[..., None], length_mm[:, None, None])


def _paralysed_from_outside(values: Values, transmission: np.ndarray) -> np.ndarray:
    """Share of fibres paralysed by toxin laid on the muscle, mean over doses from 0.2 to 10 U.

    The loose plane outside is as thick as `spread.layer_slack`; toxin lies in its middle, and what enters the muscle is
    multiplied by the transmission, as everywhere in the program.
    """
    plane, thickness = values["spread.layer_slack"], values["rat.thickness"]
    depth = plane + thickness
    along, across, normal = variances_at_nodes(values, values["rat.volume_on"], plane, limb_stretch(values))
    y = _wall_factor(across, values["rat.width"])
    deep = plane[:, None, None] + SURFACE * thickness[:, None, None]
    x = between_walls(deep, 0.5 * plane[:, None, None], normal[..., None], depth[:, None, None])
    z = _band(along, values["rat.length"], values["rat.band_width"], 0.0)
    cross = (y[..., :, None] * x[..., None, :]).reshape(*y.shape[:2], -1)
    per_unit = transmission[:, None, None] * np.einsum("k,dkz,dkc->dzc", WEIGHTS, z, cross)
    total = np.zeros(len(transmission))
    for dose in SHAARI_DOSES:
        share = share_over(
            dose * per_unit,
            values["rat.threshold"][:, None, None],
            values["endplate.sensitivity_sd"][:, None, None],
        )
        total += (share @ SURFACE_CROSS_WEIGHT) @ _BAND_WEIGHT
    return total / len(SHAARI_DOSES)


_DEEP, _DEEP_W = np.polynomial.legendre.leggauss(6)
SURFACE = 0.5 * (_DEEP + 1.0)
SURFACE_CROSS_WEIGHT = (HALF_WEIGHT[:, None] * (0.5 * _DEEP_W)[None]).ravel()
