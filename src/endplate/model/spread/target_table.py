"""Six sheet muscles whose endplates the closed form misses: their share is corrected by a table.

Round the opening of the lids, along the curve of jaw and neck and among neighbours whose fibres run another way, the
straight Gaussian of the closed form puts too much on some endplates and too little on others. For groups of near
endplates of these muscles `python -m tools.target_table` solved the reference engine, as for the barriers (`barrier`).

The table gives the mean exposure of a group, the closed form with its walls the differences inside it: each pair is
multiplied by the ratio of the two means at the planned tip. In the draws the ratio follows the size of the footprint,
its log being a line in 1/size as that of two Gaussian tails is, while the closed form follows needle, walls and fascia.
Where the table has no node near the tip or says next to nothing, the closed form stays.

Nodes are tied to the skin over them and lie on another face under the same place of its skin, at the same depth. The
right side is the mirror image of the left.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from endplate.model.parameters import ParameterSet
from endplate.model.spread.barrier import (
    FAR_MM,
    NEIGHBOURS,
    SIDES,
    BarrierTable,
    Behind,
    FaceBarrier,
    FacePoints,
)
from endplate.model.spread.footprint import footprint_variances
from endplate.model.spread.geometry import SKIN, Endplates, Gain, SiteGeometry, Targets, site_geometry
from endplate.model.spread.matrix import influence

PATH = Path(__file__).parent / "data" / "targets.npz"
FAINT_LOG = -22.0  # ln 1/mm^3 per unit, of a group: below it the closed form stays
MOST_LOG = 5.0  # of a ratio: beyond, one of the two means has run dry
NEAR_MM = 9.0  # of a tip, where the nodes of the fit are looked for
FACES_MM = 15.0  # by which the same place may differ from face to face
STORED = ("muscles", "group", "nodes_mm", "corners", "weights", "foot_mm", "outward", "minus_log")
KEPT = 128  # needles whose ratios are kept
SMALLER = 1.5  # the second footprint at which the ratio is taken: this many times smaller


@dataclass(frozen=True, eq=False)
class Region:
    """The table of one region on the table's face, left side.

    Attributes:
        muscles: the muscles it knows; inputs: hash of what it rests on.
        read: nodes, sizes and log-exposure, in the form in which `barrier` reads them; its `group` (muscle, endplate)
            is the column of each endplate.
        corners (node, 3), weights (node, 3): vertices of the skin over each node.
        foot_mm, outward (node, 3): that skin point and the normal there.
    """

    muscles: tuple[str, ...]
    inputs: str
    read: BarrierTable
    corners: np.ndarray
    weights: np.ndarray
    foot_mm: np.ndarray
    outward: np.ndarray

    @property
    def columns(self) -> int:
        """Groups of one side."""
        return self.read.log_exposure.shape[2]


@lru_cache(maxsize=1)
def boxes_mm() -> dict[str, np.ndarray]:
    """Corners (2, 3) of the box of nodes of each region on the table's face."""
    with np.load(PATH, allow_pickle=False) as file:
        return {str(name): box for name, box in zip(file["regions"], file["boxes_mm"], strict=True)}


@lru_cache
def region(name: str) -> Region:
    """One region of the table that comes with the program; read once, when a needle comes near it."""
    with np.load(PATH, allow_pickle=False) as file:
        return region_of(
            {key: file[key] for key in ("meta", "levels_mm2", *file.files) if _is_of(key, name)}, name
        )


def _is_of(key: str, name: str) -> bool:
    return "." not in key or key.startswith(f"{name}.")


def region_of(arrays: dict[str, np.ndarray], name: str) -> Region:
    """A region from the stored arrays (see `tools.target_table`)."""
    meta, mine = json.loads(str(arrays["meta"])), {key: arrays[f"{name}.{key}"] for key in STORED}
    nodes = np.asarray(mine["nodes_mm"], dtype=float)
    read = BarrierTable(
        group=np.asarray(mine["group"], dtype=int),
        nodes_mm=nodes,
        in_orbit=np.zeros(len(nodes), dtype=bool),
        level_mm2=np.asarray(arrays["levels_mm2"], dtype=float),
        log_exposure=(mine["minus_log"] * (-1.0 / meta["steps_per_log"])).astype(np.float16),
        strongest=np.zeros((0, 0)),
        frame_mm=np.zeros((0, 3)),
        frame_names=(),
        half_thickness_mm=float(meta["half_thickness_mm"]),
        step_mm=(float(meta["node_step_mm"]), 1.0),
        transmission=float(meta["spread"]["transmission"]),
        reach2_mm2=float(meta["spread"]["reach2_mm2"]),
    )
    muscles = tuple(str(muscle) for muscle in mine["muscles"])
    corners = np.asarray(mine["corners"], dtype=int)
    floats = (np.asarray(mine[key], dtype=float) for key in ("weights", "foot_mm", "outward"))
    return Region(muscles, str(meta["inputs"]), read, corners, *floats)


@dataclass(frozen=True, eq=False)
class FaceRegion:
    """One region of the table laid on one face.

    Args:
        skin, face: of the face; the second for the change of volume from face to face alone.
        points: every endplate of the face; rim_mm: of its orbits.
    """

    table: Region
    skin: Any
    face: FacePoints
    points: Endplates
    rim_mm: dict[str, np.ndarray]

    @cached_property
    def laid(self) -> FaceBarrier:
        """Nodes under the same places of this face's skin, at the same depths; identity on the table's own face."""
        table = self.table
        part = table.weights[:, :, None]
        foot = (part * self.skin.vertices_mm[table.corners]).sum(axis=1)
        outward = (part * self.skin.vertex_normals[table.corners]).sum(axis=1)
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
        depth = ((table.foot_mm - table.read.nodes_mm) * table.outward).sum(axis=1, keepdims=True)
        nodes = table.read.nodes_mm + (foot - table.foot_mm) - depth * (outward - table.outward)
        return FaceBarrier(replace(table.read, nodes_mm=nodes), FaceBarrier.of(self.face).turn, np.zeros(3))

    @cached_property
    def _square_mm2(self) -> np.ndarray:
        return (self.laid.table.nodes_mm**2).sum(axis=1)

    @cached_property
    def column(self) -> np.ndarray:
        """Group of each endplate (q,): those of the left, of the right, and a last number for no group."""
        points, columns = self.points, self.table.columns
        column = np.full(len(points.muscle), 2 * columns)
        for half, side in enumerate(SIDES):
            for row, muscle in enumerate(self.table.muscles):
                own = points.muscle == points.names.index((muscle, side))
                column[own] = self.table.read.group[row] + half * columns
        return column

    @cached_property
    def sheets(self) -> tuple[Targets, np.ndarray, np.ndarray]:
        """The endplates that have a group, as targets of their own; their group (k,), weight in the group (k,)."""
        own = np.flatnonzero(self.column < 2 * self.table.columns)
        points, column = self.points, self.column[own]
        parts = {f.name: getattr(points, f.name) for f in fields(points) if f.name != "names"}
        rows, muscle = np.unique(points.muscle[own], return_inverse=True)
        some = {name: values[own] for name, values in parts.items()} | {"muscle": muscle}
        total = np.bincount(column, points.weight[own])
        names = tuple(points.names[i] for i in rows)
        targets = Targets(Endplates(**some, names=names), self.rim_mm)
        return targets, column, points.weight[own] / total[column]

    def ratio(self, site: Any, point: ParameterSet) -> tuple[np.ndarray, np.ndarray]:
        """ln of table over closed form, means of each group, and its slope in 1/size; (group,) with a last zero."""
        level = self.level_mm2(site.volume_ml, point)
        found = np.zeros((2, 2 * self.table.columns + 1))
        for half, side in enumerate(SIDES):
            part = slice(half * self.table.columns, (half + 1) * self.table.columns)
            found[:, part] = self.exposure(site.tip_mm, side, np.array([level, level / SMALLER]))
        heard = found[0] > math.exp(FAINT_LOG)
        out = np.zeros((2, len(heard)))
        if heard.any():
            ratio = np.log(np.maximum(found[:, heard], 1e-300)) - np.log(self._closed(site, point, heard))
            one, two = np.clip(ratio, -MOST_LOG, MOST_LOG)
            out[:, heard] = one, (two - one) / (SMALLER - 1.0)
        return out[0], out[1]

    def level_mm2(self, volume_ml: float, point: ParameterSet) -> float:
        """The table's name for a volume. What was filled counts: every place then spreads it in its own layer."""
        filled_mm3 = 1000.0 * volume_ml / float(point["spread.fluid_fraction"][0])
        return 3.0 * filled_mm3 / (4.0 * math.pi) / (5.0 * self.table.read.half_thickness_mm)

    def exposure(self, tip_mm: np.ndarray, side: str, levels_mm2: np.ndarray) -> np.ndarray:
        """Mean exposure of each group per unit, 1/mm^3, at some sizes of the footprint (size, column).

        Zero where no node lies near the tip.
        """
        laid, at = self.laid, tip_mm * np.array([SIDES[side], 1.0, 1.0])
        away2 = self._square_mm2 - 2.0 * laid.table.nodes_mm @ at + at @ at
        near = np.flatnonzero(away2 < NEAR_MM**2)
        if len(near) < NEIGHBOURS or away2[near].min() > FAR_MM**2:
            return np.zeros((len(levels_mm2), self.table.columns))
        nodes = laid.table.nodes_mm[near] - at
        behind = Behind(laid, near, nodes, np.eye(3), in_orbit=False, matters=np.ones(0, dtype=bool))
        size = np.asarray(levels_mm2)[:, None]
        once, still = np.ones_like(size), np.zeros((len(size), 3))
        reach2, through = laid.table.reach2_mm2 * once, laid.table.transmission * once
        return behind.exposure(np, still, (size, size, once), reach2, through)

    def _closed(self, site: Any, point: ParameterSet, heard: np.ndarray) -> np.ndarray:
        """The same means in closed form, of groups that are heard (footprint and the smaller one, group)."""
        targets, column, share = self.sheets
        geometry = site_geometry(
            targets,
            site.tip_mm,
            site.normal,
            site.fibre,
            site.depth_mm,
            site.layer,
            SKIN,
            site.layer_thickness_mm,
            np.inf,
            site.bone_mm,
        ).only(heard[column])
        two = {
            name: np.repeat(value, 2) for name, value in point.values.items() if name.startswith("spread.")
        }
        two["spread.fluid_fraction"] = two["spread.fluid_fraction"] * np.array([1.0, SMALLER])
        given = influence(np, geometry, site.volume_ml, ParameterSet(two), np.zeros((2, 3)))
        column, share = column[geometry.index], share[geometry.index]
        mean = [np.bincount(column, row * share, minlength=len(heard))[heard] for row in given]
        return np.maximum(mean, 1e-300)


@dataclass(frozen=True, eq=False)
class FaceTargets:
    """The whole table on one face: the regions a needle comes near, and the ratios of the needles seen last.

    Args: as for `FaceRegion`.
    """

    skin: Any
    face: FacePoints
    points: Endplates
    rim_mm: dict[str, np.ndarray]
    _laid: dict[str, FaceRegion] = field(default_factory=dict)
    _kept: dict[tuple[Any, ...], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def gain(self, geometry: SiteGeometry, site: Any, point: ParameterSet) -> Gain | None:
        """What the table makes of the closed form of a site under the skin; None where it changes nothing.

        Args:
            site: as placed on this face.
            point: one draw, the centres of the priors: the ratio is that of two engines with the same parameters.
        """
        log, slope = np.zeros((2, geometry.closed))
        for name in self._near(site.tip_mm):
            column = self.of(name).column[geometry.index[: geometry.closed]]
            one, two = self._ratio(name, site, point)
            log, slope = log + one[column], slope + two[column]
        if not log.any():
            return None
        return Gain(log, slope, _size_mm2(site.layer_thickness_mm, site.volume_ml, point))

    def of(self, name: str) -> FaceRegion:
        """One region on this face."""
        if name not in self._laid:
            self._laid[name] = FaceRegion(region(name), self.skin, self.face, self.points, self.rim_mm)
        return self._laid[name]

    def _near(self, tip_mm: np.ndarray) -> list[str]:
        """Regions whose box, with room for the difference between faces, holds the tip or its mirror image."""
        found = []
        for name, (low, high) in boxes_mm().items():
            for side in SIDES.values():
                at = tip_mm * np.array([side, 1.0, 1.0])
                if ((at > low - FACES_MM) & (at < high + FACES_MM)).all():
                    found.append(name)
                    break
        return found

    def _ratio(self, name: str, site: Any, point: ParameterSet) -> tuple[np.ndarray, np.ndarray]:
        # A plan asks twice for each needle, a search for doses many times.
        places = (site.tip_mm, site.normal, site.fibre)
        numbers = (site.volume_ml, site.depth_mm, site.bone_mm, site.layer, site.layer_thickness_mm)
        key = (name, *(place.tobytes() for place in places), *numbers)
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = self._laid[name].ratio(site, point)
        return self._kept[key]


def _size_mm2(thickness_mm: float, volume_ml: float, point: ParameterSet) -> float:
    """In-plane variance of the footprint in a layer, mm^2."""
    values = (point[f"spread.{name}"] for name in ("fluid_fraction", "layer_slack", "fibre_stretch"))
    along, across, _ = footprint_variances(np, volume_ml, thickness_mm, *values)
    return float(np.sqrt(along[0] * across[0]))
