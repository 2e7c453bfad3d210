"""The 468 points of the MediaPipe canonical face, laid on the template head.

Read out of the npm package @mediapipe/face_mesh 0.4.1657299874 (Apache-2.0): the file is a protocol buffer inside
its packed assets, at the place its loader script names. Fit: similarity, then a thin-plate spline on shared
landmarks, then the nearest skin.
"""

from __future__ import annotations

import re
import struct
import tarfile
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from endplate.anatomy.individual import fit_warp
from endplate.anatomy.skin import Skin

Array = NDArray[np.float64]
Index = NDArray[np.int64]
FILE = "geometry_pipeline_metadata_landmarks.binarypb"
LOADER = "package/face_mesh_solution_packed_assets_loader.js"
ASSETS = "package/face_mesh_solution_packed_assets.data"
POINTS = 468
# our landmark -> the canonical points whose mean it is (left or midline)
SHARED: dict[str, tuple[int, ...]] = {
    "glabella": (9,), "sellion": (168,), "pronasale": (1, 4), "subnasale": (2,), "labrale_superius": (0,),
    "stomion": (13, 14), "labrale_inferius": (17,), "menton": (152,), "medial_canthus.left": (362,),
    "lateral_canthus.left": (263,), "upper_lid_margin.left": (386,), "lower_lid_margin.left": (374,),
    "cheilion.left": (291,), "alare.left": (358,), "brow_medial.left": (285, 336), "brow_mid.left": (282, 334),
    "brow_lateral.left": (276, 300), "gonion.left": (397,), "tragion.left": (454,),
}  # fmt: skip


def fields(buffer: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Number and raw value of each field of one protocol-buffer message."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = buffer[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(buffer):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(kind) or varint()
        yield key >> 3, buffer[at : at + size]
        at += size


def canonical(package: str) -> Array:
    """The canonical face (468, 3) in mm, x to the subject's left."""
    with tarfile.open(package) as tar:
        loader = tar.extractfile(LOADER)
        assets = tar.extractfile(ASSETS)
        if loader is None or assets is None:
            raise SystemExit(f"{package} does not hold {LOADER}")
        found = re.search(
            FILE.replace(".", r"\.") + r'"[^}]*?"start": (\d+), "end": (\d+)', loader.read().decode()
        )
        if found is None:
            raise SystemExit(f"{LOADER} does not name {FILE}")
        raw = assets.read()[int(found[1]) : int(found[2])]
    mesh = next(v for k, v in fields(raw) if isinstance(v, bytes) and len(v) > 9000)
    numbers = [v for k, v in fields(mesh) if k == 3 and isinstance(v, bytes)]
    floats = [x for v in numbers for x in struct.unpack(f"<{len(v) // 4}f", v)]
    return np.array(floats).reshape(-1, 5)[:POINTS, :3] * 10.0


def laid_on(skin: Skin, points: Array) -> tuple[Index, Array]:
    """Vertex triples (468, 3) and weights (468, 3) of the canonical points on the skin, mirror pairs mirrored."""
    flip = np.array([-1.0, 1.0, 1.0])
    away = np.linalg.norm(points[:, None] * flip - points[None], axis=2)
    twin = away.argmin(1)
    points = (points + points[twin] * flip) / 2
    source = np.array([points[list(k)].mean(0) for k in SHARED.values()])
    target = np.array([skin.landmarks[k] for k in SHARED])
    side = np.array([k.endswith(".left") for k in SHARED])
    source, target = (
        np.concatenate([source, source[side] * flip]),
        np.concatenate([target, target[side] * flip]),
    )
    scale = np.linalg.norm(target - target.mean(0)) / np.linalg.norm(source - source.mean(0))
    start = (source - source.mean(0)) * scale + target.mean(0)
    warp = fit_warp(start, target)
    moved = warp((points - source.mean(0)) * scale + target.mean(0))
    return skin.barycentric(moved)
