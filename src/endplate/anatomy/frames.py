"""Frames and the mirror.

Frame "head": mm, origin mid-sagittal at the level of the pupils, x to the subject's left, y up, z forward.
Frame "foot" (extensor digitorum brevis only): skin is the plane z = 0, inward is -z, x along the fibres.
The head is mirror-symmetric: everything is built for x >= 0 and mirrored, so left and right agree to the last bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MIRROR = np.array([-1.0, 1.0, 1.0])


def mirrored(points: Array) -> Array:
    """Points or vectors (..., 3) on the other side of the mid-sagittal plane."""
    return points * MIRROR


def unit(vectors: Array) -> Array:
    """Vectors (..., 3) at length 1; a zero vector stays zero."""
    length = np.sqrt(np.sum(vectors * vectors, axis=-1, keepdims=True))
    return vectors / np.where(length > 1e-12, length, 1.0)
