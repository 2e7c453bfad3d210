"""How deep the soft tissue is: from the skin to bone, or to what else stops a needle (eye, mouth, spine).

No map of these depths over the whole head was found; the values are declared priors (grade D) at named places,
joined by inverse-distance weights. Where a muscle of the atlas lies deeper than the prior, the muscle wins: bone
is always below the muscles that lie on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from endplate.anatomy.atlas import atlas
from endplate.anatomy.face import Face
from endplate.anatomy.frames import Array
from endplate.anatomy.shape import locate

CLEARANCE_MM = 0.5
"""Areolar tissue and periosteum left between the deepest muscle and bone."""

BEYOND_BELLY_MM = 5.0
"""Tissue left beyond the belly of an eye muscle or the foot muscle before bone; declared."""


def soft_tissue(face: Face, skin_mm: Array) -> tuple[Array, Sequence[str]]:
    """Depth of soft tissue under points on the skin.

    Args:
        skin_mm: points on the skin, either side (N, 3).

    Returns:
        depth in mm (N,), and what lies there (N names: "bone", "the eye", "the mouth", "the spine").

    Grade D.
    """
    points = np.atleast_2d(skin_mm) * np.array([1.0, 1.0, 1.0])
    points[:, 0] = np.abs(points[:, 0])
    priors = atlas().bone
    at = np.array([locate(prior.at, face.points) for prior in priors])
    depth = np.array([prior.depth_mm for prior in priors])
    away = np.linalg.norm(points[:, None] - at[None], axis=2)
    weight = 1.0 / (away**2 + 1.0) ** 1.5
    mean = weight @ depth / weight.sum(axis=1)
    nearest = np.argmin(away, axis=1)
    return np.maximum(mean, _under_muscles(face, points)), [priors[k].what for k in nearest]


def tissue_grids(face: Face) -> dict[tuple[str, str], Array]:
    """Soft tissue from the skin to bone over every grid point of every muscle, (U, V) each, mm; grade D.

    It is worked out at every second grid point and joined by lines between, never less than the muscle there and the
    clearance. Under an orbital muscle it is the tissue that `place` leaves beyond its belly; the same holds for the
    foot. The right side is the left one.
    """
    left = [shape for shape in face.muscles if shape.side != "right"]
    on_skin = [shape for shape in left if shape.compartment == "skin"]
    coarse = [(s.grid_mm + s.normal * s.depth_mm[..., None])[::2, ::2] for s in on_skin]
    depth = soft_tissue(face, np.concatenate([points.reshape(-1, 3) for points in coarse]))[0]
    parts = np.split(depth, np.cumsum([points.shape[0] * points.shape[1] for points in coarse])[:-1])
    found = {
        id(shape): _between(part.reshape(points.shape[:2]), shape.depth_mm.shape)
        for shape, part, points in zip(on_skin, parts, coarse, strict=True)
    }
    grids = {}
    for shape in left:
        bottom = shape.depth_mm + 0.5 * shape.thickness_mm
        grids[shape.muscle] = np.maximum(
            found.get(id(shape), bottom + BEYOND_BELLY_MM), bottom + CLEARANCE_MM
        )
    return {(shape.muscle, shape.side): grids[shape.muscle] for shape in face.muscles}


def _between(coarse: Array, shape: tuple[int, ...]) -> Array:
    """A grid (U, V) from every second of its points, by lines along both axes."""
    for axis, number in enumerate(shape):
        wanted = np.arange(number) / 2.0
        low = np.minimum(wanted.astype(int), coarse.shape[axis] - 2)
        share = np.expand_dims(wanted - low, 1 - axis)
        coarse = (1.0 - share) * np.take(coarse, low, axis) + share * np.take(coarse, low + 1, axis)
    return coarse


def _under_muscles(face: Face, points: Array) -> Array:
    """Depth of the deepest muscle under each point plus the clearance; 0 where there is none."""
    at, bottom, reach = face.floor
    squared = (points**2).sum(axis=1)[:, None] + (at**2).sum(axis=1)[None] - 2.0 * points @ at.T
    return np.max(np.where(squared < reach**2, bottom + CLEARANCE_MM, 0.0), axis=1)
