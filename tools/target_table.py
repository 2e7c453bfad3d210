"""Make the table of six sheet muscles whose endplates the closed form misses by more than 0.3 in the log.

For groups of near endplates of each muscle the reference engine is solved backwards in a box of tissue round them:
one adjoint field per group gives the mean exposure that a unit given at any place would bring it. It is kept at nodes
under the skin of the left half and a strip beyond the midline, for several sizes of the footprint. Each node is tied
to the triangle of the skin over it and so goes along with the skin of another face.

usage: python -m tools.target_table [--h 0.85] [--out PATH]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from endplate.anatomy import curves, default_face
from endplate.anatomy.voxels import VoxelGrid, head_grid, label_head
from endplate.model.spread.target_table import PATH
from endplate.model.spread.tissue import (
    SpreadValues,
    dispersion_tensor,
    fascia_factor,
    footprint_tensor,
    medium_of,
)
from tools.barrier_table import groups_of, half_thickness_mm, volume_ml

REGIONS = {
    "eye": {"orbicularis_oculi_orbital": 128, "orbicularis_oculi_palpebral": 48},
    "neck": {"depressor_anguli_oris": 16, "platysma": 128, "zygomaticus_major": 32},
    "forehead": {"frontalis": 64},
}
"""Groups of endplates of each muscle, by region: a needle reads the regions that it lies in."""
GROUPS = {muscle: count for region in REGIONS.values() for muscle, count in region.items()}
LEVELS_MM2 = (5.0, 10.0, 20.0, 40.0)
"""In-plane variances of the footprint, of 0.023 to 0.18 mL: what the catalogue's patterns give these muscles."""
SHEET_MM, ROUND_MM = 2.2, 6.0
"""Spacing of the nodes in a muscle's own sheet, and how far from it others lie."""
STRIDE = 3
"""Nodes lie this many voxels apart."""
REACH_MM = 32.0
"""Box of tissue round a muscle; what comes from further away is below `HEARD`."""
ACROSS_MM = -20.0
DEEP_MM = 12.0
"""Below the skin: no needle for the muscles of the face goes deeper; there the closed form stays."""
STEPS = 9
"""The log is kept in steps of 1/9, one byte each; the fit over 30 nodes takes a mean over their rounding."""
TOGETHER = 64
FLOOR, HEARD = -28.0, -15.0
"""ln of 1/mm3 per unit: the least value kept, and what a node must bring some group at some size to be kept."""


def table(h_mm: float, labels: Any = None) -> dict[str, Any]:
    """The table as arrays, in the form that is stored."""
    face, values = default_face("female", 45), SpreadValues.of()
    labels = label_head(face, _grid(face, h_mm)) if labels is None else labels
    meta = {
        "face": face.id,
        "h_mm": h_mm,
        "node_step_mm": STRIDE * h_mm,
        "half_thickness_mm": half_thickness_mm(values),
        "floor": FLOOR,
        "steps_per_log": STEPS,
        "spread": values.__dict__,
        "inputs": inputs_hash(),
    }
    arrays = {
        "meta": np.array(json.dumps(meta)),
        "levels_mm2": np.array(LEVELS_MM2),
        "regions": np.array([*REGIONS]),
    }
    for name, groups in REGIONS.items():
        arrays |= {f"{name}.{key}": value for key, value in _region(face, labels, groups, values).items()}
    nodes = [arrays[f"{name}.nodes_mm"] for name in REGIONS]
    return arrays | {"boxes_mm": np.array([[n.min(axis=0), n.max(axis=0)] for n in nodes])}


def _region(face: Any, labels: Any, groups: dict[str, int], values: SpreadValues) -> dict[str, Any]:
    """The arrays of one region."""
    sheets = _sheets(labels, [face.muscle(name, "left") for name in groups])
    nodes = _nodes(labels, sheets)
    logs = np.full((len(LEVELS_MM2), len(nodes), sum(groups.values())), FLOOR, dtype=np.float32)
    column, first = [], 0
    for name, count in groups.items():
        started = time.perf_counter()
        shape = face.muscle(name, "left")
        group = _groups(shape.endplates_mm, count)
        for some in _blocks(shape.endplates_mm, group):
            own = np.isin(group, some)
            plates = shape.endplates_mm[own]
            part = labels.part(plates.min(axis=0) - REACH_MM, plates.max(axis=0) + REACH_MM)
            rows, found = solve(part, shape, [group == g for g in some], nodes, values)
            logs[:, rows[:, None], first + some[None]] = found
        column.append(group + first)
        first += count
        print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
    heard = (logs > HEARD).any(axis=(0, 2))
    corners, weights, foot, outward = _under_skin(face.skin, nodes[heard])
    return {
        "muscles": np.array(list(groups)),
        "group": np.array(column, dtype=np.int16),
        "nodes_mm": nodes[heard].astype(np.float32),
        "corners": corners.astype(np.int16),
        "weights": weights,
        "foot_mm": foot.astype(np.float32),
        "outward": outward.astype(np.float16),
        "minus_log": np.clip(np.round(-STEPS * logs[:, heard]), 0, 255).astype(np.uint8),
    }


def _groups(points_mm: np.ndarray, count: int) -> np.ndarray:
    """Group of each endplate (q,); each its own where there are as many groups."""
    return np.arange(count) if count == len(points_mm) else groups_of(points_mm, count)


def _blocks(points_mm: np.ndarray, group: np.ndarray) -> list[np.ndarray]:
    """Groups that are solved together, from below upwards: a smaller box of tissue holds them."""
    height = np.bincount(group, points_mm[:, 1]) / np.bincount(group)
    order = np.argsort(height)
    return [order[k : k + TOGETHER] for k in range(0, len(order), TOGETHER)]


def solve(
    part: Any, shape: Any, groups: list[np.ndarray], nodes_mm: np.ndarray, values: SpreadValues
) -> tuple[np.ndarray, np.ndarray]:
    """Adjoint fields of groups of endplates: rows of `nodes_mm` in the box, ln exposure (level, row, group).

    Args:
        groups: which endplates of the muscle, (q,) of bool each.
    """
    from endplate.model.spread.voxel import flow, laplacian, uptake

    medium, factor = medium_of(part), fascia_factor(values, part.grid.h_mm)
    columns = [
        medium.spread_points(
            shape.endplates_mm[own], shape.endplate_weight[own] / shape.endplate_weight[own].sum()
        )
        for own in groups
    ]
    cell = part.grid.cells_of(nodes_mm)
    place = np.minimum(np.searchsorted(part.cell, cell), len(part.cell) - 1)
    rows = np.flatnonzero((cell >= 0) & (part.cell[place] == cell))
    right = np.stack(columns, axis=1)
    taken = uptake(laplacian(medium, dispersion_tensor(part, values), factor), 1.0, right, 1e-12)
    found = []
    for level in LEVELS_MM2:
        footprint = laplacian(medium, footprint_tensor(part, volume_ml(level, values), values), factor)
        field = flow(footprint, taken, 1e-14)[place[rows]]
        found.append(np.log(np.maximum(field, np.exp(FLOOR))))
    return rows, np.stack(found)


def inputs_hash() -> str:
    """Of what the table rests on: skin, endplates, spread parameters, and the settings above."""
    face = default_face("female", 45)
    settings = (
        REGIONS,
        LEVELS_MM2,
        SHEET_MM,
        ROUND_MM,
        STRIDE,
        REACH_MM,
        ACROSS_MM,
        DEEP_MM,
        TOGETHER,
        FLOOR,
        HEARD,
        STEPS,
    )
    parts = [repr([f"{v:.9g}" for v in vars(SpreadValues.of()).values()]).encode(), repr(settings).encode()]
    places = [face.skin.vertices_mm, *(face.muscle(name, "left").endplates_mm for name in GROUPS)]
    # A thousandth of a millimetre, off the ties: the last bits differ between machines.
    parts += [np.floor(1000.0 * place + 0.37).astype(np.int64).tobytes() for place in places]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def _grid(face: Any, h_mm: float) -> VoxelGrid:
    """The part of the half head that the boxes need."""
    plates = np.vstack([face.muscle(name, "left").endplates_mm for name in GROUPS])
    part, _ = head_grid(face, h_mm).part(plates.min(axis=0) - REACH_MM, plates.max(axis=0) + REACH_MM)
    return part


def _sheets(labels: Any, shapes: list[Any]) -> np.ndarray:
    """Points of the middle surfaces of muscles, about `SHEET_MM` apart, (n, 3)."""
    points = []
    for shape in shapes:
        lengths = [np.linalg.norm(np.diff(shape.grid_mm, axis=k), axis=-1).sum(axis=k).max() for k in (0, 1)]
        u, v = (np.linspace(0.0, 1.0, max(3, round(length / SHEET_MM) + 1)) for length in lengths)
        u, v = (a.ravel() for a in np.meshgrid(u, v, indexing="ij"))
        points.append(curves.on_grid(shape.grid_mm, u, v))
    return np.concatenate(points)


def _nodes(labels: Any, sheets: np.ndarray) -> np.ndarray:
    """Centres of tissue voxels (n, 3): those in the sheets of the muscles, where needles for them lie and the field
    changes within a millimetre of depth, and every third one on each axis round them."""
    ijk = np.stack(np.unravel_index(labels.cell, labels.grid.shape), axis=-1)
    points = labels.grid.centres(labels.cell)
    kept = (ijk % STRIDE == STRIDE // 2).all(axis=1) & (labels.depth_mm < DEEP_MM)
    kept &= KDTree(sheets).query(points)[0] < ROUND_MM
    _, inside = KDTree(points).query(sheets)
    inside = np.unique(inside)
    kept[inside] = True
    # A node of the lattice that all but touches one in the sheet adds nothing.
    near = KDTree(points[inside]).query(points)[0]
    kept &= (near > 1.2 * labels.grid.h_mm) | (near == 0.0)
    kept &= ~labels.in_orbit & (points[:, 0] > ACROSS_MM)
    return points[kept]


def _under_skin(skin: Any, points_mm: np.ndarray) -> tuple[np.ndarray, ...]:
    """For points (n, 3): the skin's vertices over each (n, 3), their weights, the skin point and the normal there."""
    corners, weights = skin.barycentric(points_mm)
    weights = weights.astype(np.float16)  # rounded first, so that the skin point is exactly what they give
    blend = [
        (weights[:, :, None].astype(float) * v[corners]).sum(axis=1)
        for v in (skin.vertices_mm, skin.vertex_normals)
    ]
    return corners, weights, blend[0], blend[1] / np.linalg.norm(blend[1], axis=1, keepdims=True)


def main() -> None:
    """Write the table and say how large it is."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--h", type=float, default=0.85)
    ask.add_argument("--out", type=Path, default=PATH)
    given = ask.parse_args()
    arrays = table(given.h)
    np.savez_compressed(given.out, **arrays)
    nodes = sum(len(arrays[f"{name}.nodes_mm"]) for name in REGIONS)
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.2f} MB, {nodes} nodes")


if __name__ == "__main__":
    main()
