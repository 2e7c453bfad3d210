"""Forward solutions of the reference engine on the bundled head, kept by needle and, if asked, in a file."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from endplate.anatomy.frames import MIRROR
from endplate.anatomy.voxels import head_grid, label_head
from endplate.model.face_tables import endplate_targets
from endplate.model.spread.tissue import (
    SpreadValues,
    dispersion_tensor,
    fascia_factor,
    footprint_tensor,
    medium_of,
)

REACH_MM = 45.0
"""Tissue further than this from a tip is left out; the footprint's largest SD is under 11 mm."""


class Reference:
    """Exposures of all endplates of a face by needle. The grid holds the left half; the right side is its mirror image.

    Args:
        labels: the head in voxels, if it is at hand; it is made when first needed.
    """

    def __init__(self, face: Any, h_mm: float, values: SpreadValues, labels: Any = None) -> None:
        self.face, self.values, self.h_mm = face, values, h_mm
        self.points = endplate_targets(face).points
        self.mirror = _partners(self.points.names, self.points.muscle)
        self.kept: dict[tuple[float, ...], np.ndarray] = {}
        self.asked: set[tuple[float, ...]] = set()
        if labels is not None:
            self.labels = labels

    @cached_property
    def labels(self) -> Any:
        """The head in voxels (about a minute)."""
        return label_head(self.face, head_grid(self.face, self.h_mm))

    def exposure(self, tip_mm: np.ndarray, volume_ml: float) -> np.ndarray:
        """Exposure per unit of every endplate of the face (q,), 1/mm^3."""
        flip = tip_mm[0] < 0.0
        at = tip_mm * MIRROR if flip else tip_mm
        key = (*(round(float(x), 3) for x in at), float(volume_ml))
        self.asked.add(key)
        if key not in self.kept:
            found = self._solve(at, volume_ml)
            self.kept[key] = self._even(found) if at[0] == 0.0 else found
        return self.kept[key][self.mirror] if flip else self.kept[key]

    def _even(self, found: np.ndarray) -> np.ndarray:
        """For a needle in the midline: the right side, of which the grid holds only a strip, is the left one."""
        left = np.array([side == "left" for _, side in self.points.names])[self.points.muscle]
        other = found[self.mirror]
        return np.where(left, found, np.where(left[self.mirror], other, 0.5 * (found + other)))

    def _solve(self, tip_mm: np.ndarray, volume_ml: float) -> np.ndarray:
        part, field = self.field(tip_mm, volume_ml)
        medium, out = medium_of(part), np.zeros(len(self.points.weight))
        reached = np.flatnonzero(medium.index_of(self.points.points_mm) >= 0)
        out[reached] = np.maximum(medium.sample(field, self.points.points_mm[reached]), 0.0)
        return out

    def field(self, tip_mm: np.ndarray, volume_ml: float) -> tuple[Any, np.ndarray]:
        """The tissue round a tip and the exposure per unit in it (n,), 1/mm^3."""
        from endplate.model.spread.voxel import flow, laplacian, uptake

        part = self.labels.part(tip_mm - REACH_MM, tip_mm + REACH_MM)
        medium, factor = medium_of(part), fascia_factor(self.values, self.h_mm)
        footprint = laplacian(medium, footprint_tensor(part, volume_ml, self.values), factor)
        deposit = flow(footprint, medium.spread_points(tip_mm[None]), 1e-13)
        return part, uptake(laplacian(medium, dispersion_tensor(part, self.values), factor), 1.0, deposit)

    def read(self, path: Path) -> None:
        """Take over the needles of a file, if it is of this face, these parameters and this grid."""
        if path.exists():
            with np.load(path, allow_pickle=False) as file:
                if str(file["of"]) == self._of():
                    keys = [tuple(map(float, key)) for key in file["needles"]]
                    self.kept.update(zip(keys, file["exposure"].astype(float), strict=True))

    def write(self, path: Path) -> None:
        """Keep all needles in a file."""
        needles, exposure = np.array(list(self.kept)), np.array(list(self.kept.values()), dtype=np.float32)
        np.savez_compressed(path, of=np.array(self._of()), needles=needles, exposure=exposure)

    def _of(self) -> str:
        return inputs_of(self.face, f"{self.h_mm:.4g}".encode())


def inputs_of(face: Any, *more: bytes) -> str:
    """Hash of skin, muscles, spread parameters and what else is given; not of the code, which a test solves again."""
    parts = [_bytes(face.skin.vertices_mm), *(_bytes(shape.endplates_mm) for shape in face.muscles)]
    parts += [_bytes(shape.thickness_mm) for shape in face.muscles]
    parts += [f"{name} {value:.9g}".encode() for name, value in vars(SpreadValues.of()).items()]
    return hashlib.sha256(b"".join([*parts, *more])).hexdigest()[:16]


def _bytes(values: np.ndarray) -> bytes:
    # A thousandth of a millimetre, off the ties: the last bits differ between machines.
    return np.floor(1000.0 * values + 0.37).astype(np.int64).tobytes()


def _partners(names: tuple[tuple[str, str], ...], muscle: np.ndarray) -> np.ndarray:
    """For every endplate the one that is its mirror image (q,)."""
    first = np.searchsorted(muscle, np.arange(len(names) + 1))
    at = {name: i for i, name in enumerate(names)}
    out = np.empty(len(muscle), dtype=int)
    for i, (name, side) in enumerate(names):
        span = np.arange(first[i], first[i + 1])
        if side == "midline":
            out[span] = np.roll(span, len(span) // 2)
        else:
            out[span] = np.arange(first[j := at[name, "right" if side == "left" else "left"]], first[j + 1])
    return out
