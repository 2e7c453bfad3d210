"""Make the table of exposures behind bone and septum: the levator of the upper lid and the six eye muscles.

For groups of endplates of each of these muscles the reference engine is solved backwards: one adjoint field per group
gives the exposure that a unit given at any place would bring. It is kept at nodes of the tissue round and in the left
orbit, for several sizes of the footprint.

usage: python -m tools.barrier_table [--h 0.6667] [--groups 14] [--out PATH]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from endplate.anatomy import default_face
from endplate.anatomy.voxels import VoxelGrid, label_head
from endplate.model.spread.barrier import PATH, PROTECTED
from endplate.model.spread.tissue import (
    NOMINAL_THICKNESS_MM,
    SpreadValues,
    dispersion_tensor,
    fascia_factor,
    footprint_tensor,
    medium_of,
    sheet_resistance_mm,
)

LEVELS_MM2 = (6.5, 13.0, 26.0, 52.0, 104.0)
NODE_MM = 2.0
"""Spacing of the nodes, a whole number of voxels: the lids are thin and the fall across them is steep."""
REACH_MM = 30.0
"""Nodes lie up to this far from the bony rim; beyond, nothing that could matter comes through the opening."""
FLOOR = -32.0
"""ln of 1e-14 per mm3, a hundred-millionth of any threshold for 100 units; the solver's noise lies below it."""
FAINTEST = -21.0
"""A node from which no group hears more than this at any level is left out."""
ROUNDS = 20
FRAME_LANDMARKS = ("glabella", "nasion", "brow_medial", "brow_lateral", "rim_inferior", "malar", "alare")


def table(h_mm: float, groups: int, levels: tuple[float, ...] = LEVELS_MM2) -> dict[str, Any]:
    """The table as arrays, in the form that is stored."""
    from endplate.model.spread.voxel import flow, laplacian, uptake

    face, values = default_face("female", 45), SpreadValues.of()
    labels = label_head(face, _grid(face, h_mm))
    medium = medium_of(labels)
    shapes = [face.muscle(name, "left") for name in PROTECTED]
    group = np.stack([groups_of(shape.endplates_mm, groups) for shape in shapes])
    columns = [
        medium.spread_points(
            shape.endplates_mm[own], shape.endplate_weight[own] / shape.endplate_weight[own].sum()
        )
        for shape, g in zip(shapes, group, strict=True)
        for own in (g == k for k in range(groups))
    ]
    factor = fascia_factor(values, h_mm)
    dispersion = laplacian(medium, dispersion_tensor(labels, values), factor)
    taken = uptake(dispersion, 1.0, np.stack(columns, axis=1), 1e-13)
    nodes = _nodes(labels, face)
    out = np.empty((len(levels), len(nodes), len(PROTECTED), groups), dtype=np.float16)
    for row, level in enumerate(levels):
        started = time.perf_counter()
        footprint = laplacian(medium, footprint_tensor(labels, volume_ml(level, values), values), factor)
        field = flow(footprint, taken, 1e-15)[nodes]
        logs = np.log(np.maximum(field, np.exp(FLOOR)))
        out[row] = logs.reshape(len(nodes), len(PROTECTED), groups)
        print(f"level {level:g} mm2: {time.perf_counter() - started:.0f} s", flush=True)
    heard = out.max(axis=(0, 2, 3)) > FAINTEST
    nodes, out = nodes[heard], out[:, heard]
    names, frame = frame_of(face)
    meta = {
        "face": face.id,
        "h_mm": h_mm,
        "node_step_mm": NODE_MM,
        "half_thickness_mm": half_thickness_mm(values),
        "floor": FLOOR,
        "sheet_resistance_mm": sheet_resistance_mm(values),
        "spread": values.__dict__,
        "inputs": inputs_hash(),
    }
    return {
        "muscles": np.array(PROTECTED),
        "group": group.astype(np.int16),
        "nodes_mm": labels.grid.centres(labels.cell[nodes]).astype(np.float32),
        "nodes_in_orbit": labels.in_orbit[nodes],
        "levels_mm2": np.array(levels),
        "log_exposure": out,
        "frame_mm": frame,
        "frame_names": np.array(names),
        "meta": np.array(json.dumps(meta)),
    }


def half_thickness_mm(values: SpreadValues) -> float:
    """Half of the nominal layer: what ties a level (a^2 / 5) to a filled volume."""
    return 0.5 * (NOMINAL_THICKNESS_MM + values.slack_mm)


def volume_ml(level_mm2: float, values: SpreadValues) -> float:
    """The volume whose footprint has a^2 / 5 = level in a layer of the nominal thickness, mL."""
    return 5.0 * level_mm2 * 4.0 * np.pi * half_thickness_mm(values) / 3.0 * values.fluid_fraction / 1000.0


def groups_of(points_mm: np.ndarray, count: int) -> np.ndarray:
    """Groups of near endplates by their number in the muscle, (q,): farthest points first, then Lloyd's steps."""
    centre = [points_mm[np.argmin(points_mm[:, 2])]]
    while len(centre) < count:
        away = np.min([((points_mm - c) ** 2).sum(axis=1) for c in centre], axis=0)
        centre.append(points_mm[np.argmax(away)])
    at = np.array(centre)
    for _ in range(ROUNDS):
        own = np.argmin(((points_mm[:, None] - at[None]) ** 2).sum(axis=2), axis=1)
        at = np.array([points_mm[own == k].mean(axis=0) if (own == k).any() else at[k] for k in range(count)])
    return np.argmin(((points_mm[:, None] - at[None]) ** 2).sum(axis=2), axis=1)


def frame_of(face: Any) -> tuple[list[str], np.ndarray]:
    """The points that tie another face to this one: rim, apex, globe, landmarks of the left side (P, 3)."""
    rim = face.rim_mm["left"]
    names = [f"rim_{i}" for i in range(len(rim))] + ["apex", "globe", *FRAME_LANDMARKS]
    rest = [face.points[name] for name in ("apex", "globe", *FRAME_LANDMARKS)]
    return names, np.vstack([rim, *rest])


def inputs_hash() -> str:
    """Of what the table rests on: skin, endplates, frame, spread parameters, and the settings above."""
    face = default_face("female", 45)
    settings = (LEVELS_MM2, NODE_MM, REACH_MM, FLOOR, FAINTEST, ROUNDS)
    parts = [repr([f"{v:.9g}" for v in vars(SpreadValues.of()).values()]).encode(), repr(settings).encode()]
    places = [face.skin.vertices_mm, frame_of(face)[1]]
    places += [face.muscle(name, "left").endplates_mm for name in PROTECTED]
    # A thousandth of a millimetre, off the ties: the last bits differ between machines.
    parts += [np.floor(1000.0 * place + 0.37).astype(np.int64).tobytes() for place in places]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def _grid(face: Any, h_mm: float) -> VoxelGrid:
    """The tissue that can matter: the orbit with everything within reach of its rim."""
    rim = face.rim_mm["left"]
    low, high = rim.min(axis=0) - REACH_MM - 4.0, rim.max(axis=0) + REACH_MM + 4.0
    low[2] = face.points["apex"][2] - 8.0
    low[0] = max(low[0], -14.0)
    x, y, z = (float(v) for v in low)
    a, b, c = (int(v) for v in np.ceil((high - low) / h_mm))
    return VoxelGrid((x, y, z), h_mm, (a, b, c))


def _nodes(labels: Any, face: Any) -> np.ndarray:
    """Tissue voxels of a coarser lattice within reach of the rim and in the left orbit, as rows of `labels.cell`."""
    stride = max(1, round(NODE_MM / labels.grid.h_mm))
    ijk = np.stack(np.unravel_index(labels.cell, labels.grid.shape), axis=-1)
    rows = np.flatnonzero((ijk % stride == stride // 2).all(axis=1))
    points, inside = labels.grid.centres(labels.cell[rows]), labels.in_orbit[rows]
    away = np.min(np.linalg.norm(points[:, None] - face.rim_mm["left"][None], axis=2), axis=1)
    return rows[np.where(inside, points[:, 0] > 0.0, away < REACH_MM)]


def main() -> None:
    """Write the table and say how large it is."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--h", type=float, default=NODE_MM / 3.0)
    ask.add_argument("--groups", type=int, default=14)
    ask.add_argument("--out", type=Path, default=PATH)
    given = ask.parse_args()
    arrays = table(given.h, given.groups)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(given.out, **arrays)
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.2f} MB, {len(arrays['nodes_mm'])} nodes")


if __name__ == "__main__":
    main()
