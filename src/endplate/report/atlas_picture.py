"""The atlas as an anatomical plate: skin, muscles with their fibres, and the sites of a plan, from three sides.

From the front the subject's left shows the superficial muscles and the right, skin and surface muscles taken off,
the deep ones. Muscles whose place and outline rest on general anatomy alone (grade D) are hatched.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from endplate.report.atlas_muscle import LIGHT, PIXEL_MM, PIXELS, Camera, draw_muscle, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from endplate.anatomy import Face, MuscleShape, PlacedSite

Array = NDArray[np.float64]

TURNS_DEG = {"front": 0.0, "three_quarter": -40.0, "side": -90.0}
TITLES = {
    "front": "From the front",
    "three_quarter": "Three-quarter, subject's left",
    "side": "Subject's left",
}
LOWEST_MM = -205.0
SKIN_RGB = np.array([0.955, 0.900, 0.850])
INK = "#2b2320"
GLOBE_MM = 12.0
LAST = ("orbicularis_oculi_palpebral", "orbicularis_oculi_orbital", "orbicularis_oris")


def draw_atlas(
    face: Face,
    sites: Sequence[PlacedSite] = (),
    path: Path | str | None = None,
    view: str = "all",
    endplates: bool = False,
    labels: bool = True,
) -> Figure:
    """Draw the atlas on a face.

    Args:
        sites: placed sites to mark with their units (those on the head).
        path: where to write it (.png, .svg or .pdf); None writes nothing.
        view: "front", "three_quarter", "side", "all" (these three) or "orbit" (left orbit from above and aside).
        endplates: dot the endplates of the muscles shown.
        labels: names of the muscles in the margins.

    Returns:
        the matplotlib figure.
    """
    from matplotlib.figure import Figure

    names = list(TURNS_DEG) if view == "all" else ["above", "lateral"] if view == "orbit" else [view]
    figure = Figure(figsize=(6.4 * len(names), 6.5), facecolor="white")
    for number, name in enumerate(names):
        axes = figure.add_axes((number / len(names), 0.05, 1.0 / len(names), 0.93))
        if view == "orbit":
            _orbit(axes, face, name, sites, endplates)
        else:
            _panel(axes, face, name, sites, endplates, labels)
    lines = textwrap.fill(_caption(face, len(sites)), 100 * len(names))
    figure.text(0.5, 0.012, lines, ha="center", fontsize=8.5, color="#5c524c")
    if path is not None:
        figure.savefig(str(path), dpi=150)
    return figure


def _caption(face: Face, sites: int) -> str:
    marked = " Dots: injection sites, units beside them." if sites else ""
    return (
        f"Muscle atlas of endplate, face {face.id}. Hatched: place and outline from general anatomy, not measured "
        f"(grade D).{marked} Not a portrait and not a guide for the needle. For research, teaching and trial design."
    )


def _panel(axes: Axes, face: Face, name: str, sites: Sequence[Any], endplates: bool, labels: bool) -> None:
    camera = Camera(_turn(TURNS_DEG[name]))
    axes.set_aspect("equal")
    axes.axis("off")
    wall = _draw_skin(axes, face, camera)
    _draw_eyes(axes, face, camera)
    drawn = [shape for shape in _in_order(face) if _shown(shape, name)]
    anchors: dict[str, tuple[Array, str]] = {}
    for order, shape in enumerate(drawn):
        spot = draw_muscle(axes, shape, camera, wall, endplates, 2.0 + 0.01 * order)
        if spot is not None and (shape.side != "right" or name == "front"):
            anchors[shape.muscle] = (spot, shape.side)
    _draw_sites(axes, sites, camera, wall)
    low, high = _frame(axes, face, camera)
    if labels:
        _label(axes, name, anchors, low, high)
    _scale(axes, high[0] - 50.0, LOWEST_MM - 8.0)
    axes.text(0.5 * (low[0] + high[0]), high[1] + 10.0, TITLES[name], ha="center", fontsize=11, color=INK)


def _orbit(axes: Axes, face: Face, name: str, sites: Sequence[Any], endplates: bool) -> None:
    """The left orbit: globe, bony rim and eye muscles, the nearest on top; front is below or to the left."""
    camera = Camera(np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]]) if name == "above" else _turn(-90.0))
    axes.set_aspect("equal")
    axes.axis("off")
    wall = np.full((PIXELS, PIXELS), -1e3)
    shapes = [s for s in face.muscles if s.compartment == "orbit" and s.side == "left"]
    shapes.sort(key=lambda shape: float(np.mean(camera.seen(shape.grid_mm)[..., 2])))
    globe = camera.seen(face.points["globe"])
    angle = np.linspace(0.0, 2.0 * np.pi, 73)
    rim = camera.seen(np.concatenate([face.rim_mm["left"], face.rim_mm["left"][:1]]))
    axes.plot(rim[:, 0], rim[:, 1], color="#a08f7d", linewidth=2.5, zorder=1.5)
    half = sum(float(np.mean(camera.seen(shape.grid_mm)[..., 2])) < globe[2] for shape in shapes)
    axes.fill(
        globe[0] + GLOBE_MM * np.cos(angle),
        globe[1] + GLOBE_MM * np.sin(angle),
        facecolor="#f7f4ee",
        edgecolor="#6b5148",
        linewidth=0.8,
        zorder=2.0 + 0.01 * half - 0.005,
    )
    for order, shape in enumerate(shapes):
        spot = draw_muscle(axes, shape, camera, wall, endplates, 2.0 + 0.01 * order, solid=True)
        if spot is not None:
            axes.annotate(
                shape.muscle.replace("_", " "),
                (float(spot[0]), float(spot[1])),
                fontsize=7,
                color=INK,
                zorder=8,
                ha="center",
                bbox={"boxstyle": "round,pad=0.15", "facecolor": (1, 1, 1, 0.7), "edgecolor": "none"},
            )
    for site in sites:
        if site.compartment == "orbit" and site.tip_mm[0] > 0:
            at = camera.seen(site.tip_mm)
            axes.plot(at[0], at[1], "o", color="#12355b", markersize=5, markeredgecolor="white", zorder=9)
    low = camera.seen(np.stack([s.grid_mm.reshape(-1, 3) for s in shapes]).reshape(-1, 3))
    middle = 0.5 * (low.min(axis=0) + low.max(axis=0))
    axes.set_xlim(middle[0] - 34.0, middle[0] + 34.0)
    axes.set_ylim(middle[1] - 34.0, middle[1] + 34.0)
    _scale(axes, middle[0] + 20.0, middle[1] - 30.0, 10.0)
    title = {
        "above": "Left orbit from above, front below",
        "lateral": "Left orbit from its side, front to the left",
    }
    axes.text(middle[0], middle[1] + 31.0, title[name], ha="center", fontsize=11, color=INK)


def _turn(degrees: float) -> Array:
    a = np.deg2rad(degrees)
    return np.array([[np.cos(a), 0.0, np.sin(a)], [0.0, 1.0, 0.0], [-np.sin(a), 0.0, np.cos(a)]])


def _frame(axes: Axes, face: Face, camera: Camera) -> tuple[Array, Array]:
    seen = camera.seen(face.skin.vertices_mm[face.skin.vertices_mm[:, 1] > LOWEST_MM])
    low, high = seen.min(axis=0)[:2], seen.max(axis=0)[:2]
    middle = 0.5 * (low[0] + high[0]) - (14.0 if abs(camera.turn[0, 2]) > 0.1 else 0.0)
    axes.set_xlim(middle - 166.0, middle + 166.0)
    axes.set_ylim(LOWEST_MM - 22.0, high[1] + 18.0)
    return np.array([middle - 164.0, low[1]]), np.array([middle + 164.0, high[1]])


# ---------------------------------------------------------------------------------------------------- skin, eyes


def _draw_skin(axes: Axes, face: Face, camera: Camera) -> Array:
    """The skin in pale light; returns the height of the nearest skin on a grid of pixels (for hiding)."""
    from matplotlib.collections import PolyCollection

    corners = camera.seen(face.skin.vertices_mm)[face.skin.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    front = (normal[:, 2] > 0.0) & (corners[:, :, 1].min(axis=1) > LOWEST_MM)
    corners, normal = corners[front], normal[front]
    order = np.argsort(corners[:, :, 2].mean(axis=1))
    smooth = camera.seen(face.skin.vertex_normals)[face.skin.triangles[front]].mean(axis=1)
    light = 0.62 + 0.38 * np.clip(smooth @ LIGHT, 0.0, 1.0)
    colour = np.clip(SKIN_RGB * light[:, None], 0.0, 1.0)
    patches = PolyCollection(
        list(corners[order][:, :, :2]),
        facecolors=colour[order],
        edgecolors=colour[order],
        linewidths=0.4,
        rasterized=True,
    )
    axes.add_collection(patches)
    return _wall(corners)


def _wall(corners: Array) -> Array:
    """Height (towards the viewer) of the nearest skin on pixels of 1.5 mm, from -250 mm on both axes."""
    steps = np.array([(i, j, 6 - i - j) for i in range(7) for j in range(7 - i)]) / 6.0
    points = np.einsum("sk,tkc->tsc", steps, corners).reshape(-1, 3)
    wall = np.full((PIXELS, PIXELS), -1e3)
    cell = np.floor((points[:, :2] + 250.0) / PIXEL_MM).astype(int)
    np.maximum.at(wall, (cell[:, 0], cell[:, 1]), points[:, 2])
    return wall


def _draw_eyes(axes: Axes, face: Face, camera: Camera) -> None:
    """The globes in the lid openings: white, iris and pupil as circles on the sphere."""
    from matplotlib.patches import Polygon

    angle = np.linspace(0.0, 2.0 * np.pi, 49)
    for sign, side in ((1.0, "left"), (-1.0, "right")):
        centre = face.skin.landmarks[f"pupil.{side}"] - np.array([0.0, 0.0, GLOBE_MM])
        if camera.seen(np.array([sign, 0.0, 1.6]))[2] < 0.15:
            continue
        opening = _lid_opening(face, sign)
        white = Polygon(camera.seen(opening)[:, :2], facecolor="#fbfaf7", edgecolor="#6b5148", linewidth=0.7)
        axes.add_patch(white)
        for radius, colour in ((5.9, "#7d8f98"), (2.2, "#1d1d1f")):
            ring = np.stack(
                [
                    radius * np.cos(angle),
                    radius * np.sin(angle),
                    np.full(49, np.sqrt(GLOBE_MM**2 - radius**2)),
                ],
                axis=1,
            )
            iris = Polygon(camera.seen(centre + ring)[:, :2], facecolor=colour, linewidth=0)
            axes.add_patch(iris)
            iris.set_clip_path(white)


def _lid_opening(face: Face, sign: float) -> Array:
    """Edge of the lid opening (N, 3): a lens through canthi and lid margins."""
    at = face.points
    inner, outer = at["medial_canthus"], at["lateral_canthus"]
    t = np.linspace(0.0, 1.0, 25)[:, None]
    bow = 4.0 * t * (1.0 - t)
    chord = inner + t * (outer - inner)
    upper = chord + bow * (at["upper_lid_margin"] - 0.5 * (inner + outer))
    lower = chord + bow * (at["lower_lid_margin"] - 0.5 * (inner + outer))
    return np.concatenate([upper, lower[::-1]]) * np.array([sign, 1.0, 1.0])


# -------------------------------------------------------------------------------------------------------- muscles


def _in_order(face: Face) -> list[MuscleShape]:
    """Skin muscles from the deepest to the most superficial; rings last, as they cover their neighbours."""
    shapes = [shape for shape in face.muscles if shape.compartment == "skin"]

    def key(shape: MuscleShape) -> tuple[float, ...]:
        ring = LAST.index(shape.muscle) if shape.muscle in LAST else -1
        ring = -2 if shape.muscle == "platysma" else ring
        return (-shape.layer, ring if shape.layer == 1 else 0, -float(np.mean(shape.depth_mm)))

    return sorted(shapes, key=key)


def _shown(shape: MuscleShape, view: str) -> bool:
    """From the front the right half is deep; else both layers show, the superficial ones on top."""
    if view != "front" or shape.side == "midline":
        return shape.side != "right" or view != "side"
    return shape.layer == 1 if shape.side == "left" else shape.layer in (2, 3)


# -------------------------------------------------------------------------------------------- sites, labels, scale


def _draw_sites(axes: Axes, sites: Sequence[Any], camera: Camera, wall: Array) -> None:
    for site in sites:
        if site.frame != "head":
            continue
        at = camera.seen(site.skin_mm)
        if not visible(at, camera.seen(site.normal)[2], wall):
            continue
        axes.plot(
            at[0],
            at[1],
            "o",
            color="#12355b",
            markersize=4.6,
            markeredgecolor="white",
            markeredgewidth=0.8,
            zorder=9,
        )
        axes.annotate(
            f"{site.units:g}",
            (float(at[0]), float(at[1])),
            xytext=(4, 3),
            textcoords="offset points",
            fontsize=7.5,
            color="#12355b",
            weight="bold",
            zorder=10,
        )


LABELLED = {
    "front": None,
    "three_quarter": (
        "zygomaticus_major",
        "zygomaticus_minor",
        "levator_labii_superioris",
        "nasalis",
        "levator_labii_superioris_alaeque_nasi",
        "depressor_labii_inferioris",
        "mentalis",
    ),
    "side": (
        "frontalis",
        "temporalis",
        "orbicularis_oculi_orbital",
        "risorius",
        "masseter",
        "platysma",
        "depressor_anguli_oris",
        "sternocleidomastoid",
        "buccinator",
    ),
}


def _label(axes: Axes, view: str, anchors: dict[str, tuple[Array, str]], low: Array, high: Array) -> None:
    """Names in the margins with thin leaders; in each margin from top to bottom without crossing."""
    wanted = LABELLED[view]
    chosen = {name: at for name, at in anchors.items() if wanted is None or name in wanted}
    middle = 0.5 * (low[0] + high[0])
    for sign in (-1.0, 1.0):
        margin = [
            (name, at) for name, (at, side) in chosen.items() if _margin(at, side, view, middle) == sign
        ]
        margin.sort(key=lambda item: -item[1][1])
        heights = _spread_out([float(at[1]) for _, at in margin])
        x = low[0] if sign < 0 else high[0]
        for (name, at), y in zip(margin, heights, strict=True):
            axes.annotate(
                name.replace("_", " ").replace(" alaeque", "\nalaeque"),
                xy=(float(at[0]), float(at[1])),
                xytext=(x, y),
                fontsize=7.2,
                color=INK,
                ha="left" if sign < 0 else "right",
                va="center",
                zorder=8,
                arrowprops={"arrowstyle": "-", "color": "#8a7d75", "linewidth": 0.5},
            )


def _margin(at: Array, side: str, view: str, middle: float) -> float:
    if view == "front":
        return -1.0 if side == "right" else 1.0
    return -1.0 if at[0] < middle - 25.0 else 1.0


def _spread_out(heights: list[float], gap: float = 11.0) -> list[float]:
    """Heights moved apart to at least `gap` mm, from the top down, then centred on where they were."""
    placed: list[float] = []
    for height in heights:
        placed.append(min(height, placed[-1] - gap) if placed else height)
    shift = float(np.mean(heights) - np.mean(placed)) if heights else 0.0
    return [height + shift for height in placed]


def _scale(axes: Axes, x: float, y: float, length_mm: float = 50.0) -> None:
    axes.plot([x, x + length_mm], [y, y], color=INK, linewidth=1.6, solid_capstyle="butt")
    axes.text(
        x + 0.5 * length_mm,
        y - 0.06 * length_mm,
        f"{length_mm:g} mm",
        ha="center",
        va="top",
        fontsize=8,
        color=INK,
    )
