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


def _under_muscles(face: Face, points: Array) -> Array:
    """Depth of the deepest muscle under each point plus the clearance; 0 where there is none."""
    at, bottom, reach = face.floor
    near = np.sum((points[:, None] - at[None]) ** 2, axis=2) < reach**2
    return np.max(np.where(near, bottom + CLEARANCE_MM, 0.0), axis=1)
