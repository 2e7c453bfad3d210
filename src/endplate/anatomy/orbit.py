"""Muscles that are not laid on the skin: those of the orbit, between its apex, the globe and the lids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from endplate.anatomy.frames import Array, unit

if TYPE_CHECKING:
    from endplate.anatomy.skin import Skin

GLOBE_REACH_MM = 20.0
"""Orbital muscles nearer than this to the middle of the globe are bent round it."""


def radial(centre: Array, points: Mapping[str, Array]) -> Array:
    """Outward direction of a muscle in the orbit: away from the line that ends at the apex and inside the globe."""
    axis = points["globe"] - points["apex"]
    reach = np.sqrt(axis @ axis)
    away = centre - points["apex"]
    along = np.clip(away @ axis / reach, 0.0, reach)
    return unit(away - along[:, None] * unit(axis))


def round_globe(centre: Array, sideways: Array, offset: Array, globe: Array) -> Array:
    """A centreline (U, 3) widened to a strap (U, V, 3), bent round the globe where it lies on it.

    A lid muscle is as wide as the fissure: as a flat strap its edges would leave the lid. The width is kept as
    an arc, so that it stays the published one.

    Args:
        sideways: unit vectors across the fibres (U, 3). offset: mm from the centreline (U, V, 1).
    """
    away = centre - globe
    reach = np.sqrt(np.sum(away * away, axis=1))[:, None, None]
    out = unit(away)
    flat = sideways - np.sum(sideways * out, axis=1, keepdims=True) * out
    angle = offset / reach
    bent = globe + reach * (np.cos(angle) * out[:, None] + np.sin(angle) * unit(flat)[:, None])
    return np.where(reach < GLOBE_REACH_MM, bent, centre[:, None] + offset * sideways[:, None])


def distances_to_skin(grids: list[Array], skin: Skin) -> list[Array]:
    """Depth below the nearest skin for grids (U, V, 3) that do not follow it: (U, V) each, mm."""
    flat = np.concatenate([grid.reshape(-1, 3) for grid in grids])
    distance = np.linalg.norm(flat - skin.nearest(flat)[0], axis=1)
    ends = np.cumsum([grid.shape[0] * grid.shape[1] for grid in grids])[:-1]
    return [part.reshape(grid.shape[:2]) for part, grid in zip(np.split(distance, ends), grids, strict=True)]
