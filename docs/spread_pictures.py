"""Pictures of docs/spread-engines.md: the head in voxels, and the field of one needle in both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

H_MM = 0.7
TISSUE = ("#ffffff", "#f1e2c8", "#c77f72", "#d5e3ee", "#9aa0a8", "#dcdcdc")
NAMES = ("air", "skin and fat", "muscle", "orbit", "globe", "bone, mouth")
AXES = "xyz"


def draw_all(folder: Path) -> None:
    """All pictures; some minutes."""
    from endplate.anatomy import default_face
    from endplate.anatomy.voxels import VoxelGrid, label_head

    face = default_face("female", 45)
    labels = label_head(face, VoxelGrid((-12.0, -32.0, 26.0), H_MM, (116, 137, 113)))
    draw_labels(labels, folder / "spread-voxels.png")
    site = _site(face, "glabellar_lines.onabotulinumtoxin_a", 2)
    draw_pair(face, labels, site, 0, float(site.tip_mm[0]), (52, 88, 2, 45), folder / "spread-corrugator.png")
    site = _site(face, "strabismus.onabotulinumtoxin_a.esotropia_below_20pd_left", 0)
    draw_pair(face, labels, site, 1, float(site.tip_mm[1]), (5, 52, 22, 84), folder / "spread-orbit.png")
    site = _site(face, "blepharospasm.onabotulinumtoxin_a", 0)
    draw_pair(face, labels, site, 0, float(site.tip_mm[0]), (28, 88, -20, 26), folder / "spread-lid.png")


def _site(face: Any, pattern: str, number: int) -> Any:
    """The site of this number among the left and midline ones of a pattern."""
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from endplate.anatomy import place
    from endplate.catalogue import catalogue
    from tools.spread_errors import plan_of_pattern

    placed = place(plan_of_pattern(catalogue().pattern(pattern)), face)
    return [site for site in placed if site.tip_mm[0] >= 0.0][number]


def draw_labels(labels: Any, path: Path) -> None:
    """Sagittal through the pupil, axial through the pupil, coronal through the globe."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 3, figsize=(9.6, 3.6), layout="constrained")
    for panel, (axis, value) in zip(panels, ((0, 31.4), (1, 0.5), (2, 60.0)), strict=True):
        _tissue(panel, labels, axis, value)
        panel.set_title(f"{('sagittal', 'axial', 'coronal')[axis]}, {AXES[axis]} = {value:g} mm", fontsize=8)
    handles = [plt.Rectangle((0, 0), 1, 1, fc=c, ec="#777", lw=0.5) for c in TISSUE[1:]]
    figure.legend(handles, NAMES[1:], loc="outside lower center", ncols=5, fontsize=7, frameon=False)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _tissue(panel: Any, labels: Any, axis: int, value: float) -> tuple[Any, ...]:
    """Kinds of one slice in their colours; returns how to lay other fields on it."""
    from matplotlib.colors import ListedColormap

    index = int((value - labels.grid.origin_mm[axis]) / labels.grid.h_mm)
    extent, turn = _extent(labels.grid, axis)
    kinds = turn(np.take(labels.kind, index, axis=axis))
    panel.imshow(kinds, origin="lower", extent=extent, cmap=ListedColormap(list(TISSUE)), vmin=-0.5, vmax=5.5)
    panel.tick_params(labelsize=6)
    return index, extent, turn


def _extent(grid: Any, axis: int) -> tuple[tuple[float, ...], Any]:
    """Edges of a slice (left, right, low, high) and how to turn it; z to the right in sagittal ones."""
    low = np.asarray(grid.origin_mm)
    high = low + np.asarray(grid.shape) * grid.h_mm
    across, up = {0: (2, 1), 1: (0, 2), 2: (0, 1)}[axis]
    return (low[across], high[across], low[up], high[up]), (lambda a: a) if axis == 0 else np.transpose


def draw_pair(face: Any, labels: Any, site: Any, axis: int, value: float, view: Any, path: Path) -> None:
    """Exposure of one needle over threshold in a slice: reference, default in closed form, ln of their ratio."""
    import matplotlib.pyplot as plt

    from endplate.model.parameters import point_parameters
    from endplate.model.spread.tissue import SpreadValues
    from tools.spread_errors import Reference

    solver = Reference(face, labels.grid.h_mm, SpreadValues.of(), labels)
    part, solved = solver.field(site.tip_mm, site.volume_ml)
    strong = float(point_parameters()[f"threshold.{site.product}"][0])
    fields = [site.units * f / strong for f in (solved, closed_form(face, part, site))]
    figure, panels = plt.subplots(1, 2, figsize=(8.2, 3.9), layout="constrained", sharey=True)
    for panel, field, title in zip(panels, fields, ("reference", "closed form"), strict=True):
        index, extent, turn = _tissue(panel, part, axis, value)
        full = np.full(part.grid.size, np.nan)
        full[part.cell] = np.log10(np.maximum(field, 1e-12))
        slice_ = turn(np.take(full.reshape(part.grid.shape), index, axis=axis))
        drawn = np.ma.masked_less(slice_, -4.0)
        shown = panel.imshow(
            drawn, origin="lower", extent=extent, cmap="viridis", vmin=-4, vmax=1.5, alpha=0.9
        )
        along, up = {0: (2, 1), 1: (0, 2), 2: (0, 1)}[axis]
        panel.plot(site.tip_mm[along], site.tip_mm[up], "x", color="#b4530f", ms=6, mew=1.6)
        panel.set_xlim(*view[:2])
        panel.set_ylim(*view[2:])
        panel.set_title(title, fontsize=8)
    figure.colorbar(shown, ax=panels, shrink=0.85, label="log10 of exposure over threshold")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def closed_form(face: Any, part: Any, site: Any) -> np.ndarray:
    """The default engine without its table at every tissue voxel of a labelled head, per unit (n,), 1/mm^3."""
    from endplate.model.parameters import point_parameters
    from endplate.model.setup import tip_geometry
    from endplate.model.spread import Endplates, Targets, influence
    from endplate.model.spread.geometry import ORBIT_LEFT, SKIN

    count = len(part.cell)
    inside = part.in_orbit.astype(int)
    points = Endplates(
        points_mm=part.grid.centres(part.cell),
        depth_mm=np.maximum(part.depth_mm, 0.05),
        bone_mm=np.maximum(part.bone_mm, part.depth_mm + 0.1),
        layer=part.layer.astype(int),
        compartment=np.where(inside == 1, ORBIT_LEFT, SKIN),
        weight=np.full(count, 1.0),
        quantile=np.full(count, 0.5),
        muscle=inside,
        names=(("skin", "left"), ("orbit", "left")),
    )
    order = np.argsort(inside, kind="stable")
    sorted_points = Endplates(
        **{k: (v[order] if isinstance(v, np.ndarray) else v) for k, v in vars(points).items()}
    )
    geometry = tip_geometry(site, Targets(sorted_points, face.rim_mm))
    out = np.zeros(count)
    given = influence(np, geometry, site.volume_ml, point_parameters(), np.zeros((1, 3)))[0]
    out[order[geometry.index]] = given
    return out
