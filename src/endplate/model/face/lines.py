"""Which endplates pull at a line: the weight of each in the mean force that severity reads.

Severity is given for an area as a whole, so both sides weigh the same and the mean runs over them. Shares of the
muscles and the part of a ring that counts are declared in the catalogue (`lines.toml`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from endplate.anatomy.frames import MIRROR
from endplate.catalogue.lines import Area, Fan, area


def line_weights(face: Any, area_id: str) -> np.ndarray:
    """Weight of every endplate of a face in the line of an area, (q,): none negative, sum 1.

    Endplates stand in the order of the face's muscles, as everywhere in the model.

    Raises:
        CatalogueError: an unknown area.
    """
    one = area(area_id)
    parts = {(shape.muscle, shape.side): _counted(one, face, shape) for shape in face.muscles}
    for muscle, share in one.muscles.items():
        mine = [key for key in parts if key[0] == muscle]
        total = sum(parts[key].sum() for key in mine)
        for key in mine:
            parts[key] *= share / total
    return np.concatenate(list(parts.values()))


def _counted(one: Area, face: Any, shape: Any) -> np.ndarray:
    """Weights of the endplates of one muscle as far as they belong to the area, (q,)."""
    weight = np.array(shape.endplate_weight, dtype=float)
    if shape.muscle not in one.muscles:
        return np.zeros_like(weight)
    if one.fan is None and one.edge is None:
        return weight
    left = shape.endplates_mm * np.where(shape.endplates_mm[:, :1] < 0.0, MIRROR, 1.0)
    if one.fan is not None:
        weight *= within(one.fan, left - face.points[one.fan.landmark])
    if one.edge is not None:
        start, through = (face.points[name] for name in one.edge.landmarks)
        weight *= fade(distance_to(left, start, through), one.edge.none_mm, one.edge.full_mm)
    return weight


def within(fan: Fan, away_mm: np.ndarray) -> np.ndarray:
    """How much points of the left side belong to a fan, 0 to 1, (q,), from their offsets from its tip (q, 3)."""
    # The skin turns back beside the eye: backwards counts as outwards.
    outwards = np.where(away_mm[:, 0] > 0.0, np.hypot(away_mm[:, 0], away_mm[:, 2]), away_mm[:, 0])
    angle = np.degrees(np.abs(np.arctan2(away_mm[:, 1], outwards)))
    distance = np.linalg.norm(away_mm, axis=1)
    inside = 1.0 - fade(angle, fan.full_deg, fan.none_deg)
    return inside * fade(distance, *fan.near_mm) * (1.0 - fade(distance, *fan.far_mm))


def distance_to(points_mm: np.ndarray, start: np.ndarray, through: np.ndarray) -> np.ndarray:
    """Distance of points (q, 3) from a straight line that begins at a point and runs on through another, (q,)."""
    along = through - start
    part = np.maximum((points_mm - start) @ along / (along @ along), 0.0)
    return np.linalg.norm(points_mm - start - part[:, None] * along, axis=1)


def fade(value: np.ndarray, start: float, end: float) -> np.ndarray:
    """A smooth step from 0 at `start` to 1 at `end`."""
    part = np.clip((value - start) / (end - start), 0.0, 1.0)
    return 0.5 - 0.5 * np.cos(np.pi * part)
