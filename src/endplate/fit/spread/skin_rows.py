"""The row from human leg skin: four subcutaneous points in a square of 2 by 2 cm, sweat tests afterwards.

The skin is a slab: nothing leaves through its surface or through the deep fascia. The fluid has no fibres to follow, so
it spreads round. A gland is silent where its exposure passes its own threshold; iodine and starch show the area in
which most glands are silent, the sweat capsule the share that is silent in the middle.
"""

from __future__ import annotations

import numpy as np

from endplate.fit.spread.readouts import TINY, dose_for, share_over
from endplate.fit.spread.walls import WEIGHTS, Values, between_walls, free, variances_at_nodes

Read = dict[str, np.ndarray]
POINTS = 4
GRID_MM = np.linspace(
    0.75, 34.5, 24
)  # cell centres of one quarter of the field; the others are its mirror images
CELL_CM2 = 4.0 * (GRID_MM[1] - GRID_MM[0]) ** 2 / 100.0
CAPSULE = np.array([0.2, 0.5, 0.7, 0.85, 0.97])  # radii over that of the capsule
CAPSULE_WEIGHT = CAPSULE / CAPSULE.sum()
AFTER_D, LATE_D = 21.0, 182.0


def sweat(values: Values) -> Read:
    """Total doses at which dryness is first visible, lasts six months, and at which sweating is abolished."""
    visible = visible_dose(values)
    later = 2.0 ** ((LATE_D - AFTER_D) / values["skin.days_per_doubling"])
    return {
        "braune2001.visible": visible,
        "braune2001.six_months": visible * later,
        "braune2001.abolished": abolished_dose(values),
    }


def field(values: Values) -> np.ndarray:
    """Exposure of the glands per unit given in all, on one quarter of the field, (draw, x, y), 1/mm^3."""
    plane, depth = _layers(values)
    shifted = _two_points(GRID_MM, values, plane)
    return np.einsum("k,dk,dki,dkj->dij", WEIGHTS, depth, shifted, shifted) / POINTS


def visible_dose(values: Values) -> np.ndarray:
    """Total units at which the area with half of its glands silent reaches `skin.visible_area`, (draw,)."""
    return dose_of_area(values, field(values), values["skin.visible_area"])


def dose_of_area(values: Values, exposure: np.ndarray, area_cm2: np.ndarray) -> np.ndarray:
    """Total units at which the silent area reaches `area_cm2`; exposures sorted, linear between cells."""
    level = np.sort(exposure.reshape(len(exposure), -1), axis=1)[:, ::-1]
    rank = np.clip(area_cm2 / CELL_CM2 - 0.5, 0.0, level.shape[1] - 1.001)
    low = rank.astype(int)[:, None]
    part = rank[:, None] - low
    logs = np.log(np.maximum(level, TINY))
    at = (1.0 - part) * np.take_along_axis(logs, low, 1) + part * np.take_along_axis(logs, low + 1, 1)
    return values["skin.gland_threshold"] / np.exp(at[:, 0])


def abolished_dose(values: Values) -> np.ndarray:
    """Total units at which `skin.abolished` of the glands under the capsule are silent, (draw,)."""
    plane, depth = _layers(values)
    radius = values["skin.capsule_radius"]
    per_unit = []
    for angle in (np.pi / 16, 3 * np.pi / 16):  # the field has the symmetry of a square
        x, y = np.cos(angle) * radius[:, None] * CAPSULE, np.sin(angle) * radius[:, None] * CAPSULE
        first, second = (_two_points(v, values, plane) for v in (x, y))
        per_unit.append(np.einsum("k,dk,dki,dki->di", WEIGHTS, depth, first, second) / POINTS)
    weight = np.concatenate([CAPSULE_WEIGHT, CAPSULE_WEIGHT]) / 2.0
    exposure = np.concatenate(per_unit, axis=1)
    threshold, spread = values["skin.gland_threshold"][:, None], values["skin.gland_sd"][:, None]
    start = values["skin.gland_threshold"] / np.maximum(exposure.max(axis=1), TINY)

    def silent(dose: np.ndarray) -> np.ndarray:
        return share_over(dose[:, None] * exposure, threshold, spread) @ weight

    return dose_for(silent, values["skin.abolished"], 1e-2 * start, 1e6 * start)


def _layers(values: Values) -> tuple[np.ndarray, np.ndarray]:
    """In-plane variances and the density at the depth of the glands, each (draw, node)."""
    layer = values["skin.layer"] + values["spread.layer_slack"]
    plane, _, normal = variances_at_nodes(values, values["skin.volume_per_point"], layer, np.ones_like(layer))
    wall = values["skin.fascia_depth"][:, None]
    tip = np.minimum(values["skin.needle_depth"][:, None], wall)
    gland = np.minimum(values["skin.gland_depth"][:, None], wall)
    return plane, between_walls(gland, tip, normal, wall)


def _two_points(x_mm: np.ndarray, values: Values, plane: np.ndarray) -> np.ndarray:
    """Sum over the two coordinates of the points, (draw, node, x); the square is the product of two such sums."""
    at = x_mm[:, None] if x_mm.ndim == 2 else x_mm[None, None]
    half = 0.5 * values["skin.spacing"][:, None, None]
    variance = plane[..., None]
    return free(at, half, variance) + free(at, -half, variance)
