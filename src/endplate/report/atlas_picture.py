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

from endplate.report.atlas_labels import (
    INK,
    Cover,
    draw_names,
    draw_names_in_place,
    draw_pills,
    draw_scale,
    draw_sites,
)
from endplate.report.atlas_muscle import LIGHT, PIXEL_MM, PIXELS, Camera, draw_muscle

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
GLOBE_MM = 12.0
ORBIT_PIXEL_MM = 0.5
LAST = ("orbicularis_oculi_palpebral", "orbicularis_oculi_orbital", "orbicularis_oris")


def draw_atlas(
    face: Face,
    sites: Sequence[PlacedSite] = (),
    path: Path | str | None = None,
    view: str = "auto",
    endplates: bool = False,
    labels: bool = True,
) -> Figure:
    """Draw the atlas on a face.

    Args:
        sites: placed sites to mark with their units (those on the head).
        path: where to write it (.png, .svg or .pdf); None writes nothing.
        view: "front", "three_quarter", "side", "all" (these three), "orbit" (the orbit from above and aside: of
            the side with sites, the left one without) or "auto" ("orbit" with a site in an orbit, else "all").
        endplates: dot the endplates of the muscles shown.
        labels: names of the muscles in the margins.

    Returns:
        the matplotlib figure.
    """
    from matplotlib.figure import Figure

    if view == "auto":
        view = "orbit" if any(site.compartment == "orbit" for site in sites) else "all"
    panels = _panels(view, sites)
    lines = textwrap.fill(_caption(face, len(sites), "front" in dict(panels)), 100 * len(panels))
    foot = max(0.05, 0.012 + 0.026 * (1 + lines.count("\n")))
    figure = Figure(figsize=(6.4 * len(panels), 6.5), facecolor="white")
    for number, (name, side) in enumerate(panels):
        axes = figure.add_axes((number / len(panels), foot, 1.0 / len(panels), 0.98 - foot))
        if view == "orbit":
            _orbit(axes, face, name, side, sites, endplates)
        else:
            _panel(axes, face, name, sites, endplates, labels)
    figure.text(0.5, 0.012, lines, ha="center", fontsize=8.5, color="#5c524c")
    if path is not None:
        figure.savefig(str(path), dpi=150)
    return figure


def _panels(view: str, sites: Sequence[PlacedSite]) -> list[tuple[str, str]]:
    """(view, side) of each panel; the side matters for orbits only."""
    if view != "orbit":
        return [(name, "left") for name in (TURNS_DEG if view == "all" else [view])]
    in_orbit = [site for site in sites if site.compartment == "orbit"]
    sides = [side for side in ("right", "left") if any(_side(site) == side for site in in_orbit)]
    return [(name, side) for side in sides or ["left"] for name in ("above", "lateral")]


def _side(site: PlacedSite) -> str:
    return "left" if site.tip_mm[0] > 0 else "right"


def _caption(face: Face, sites: int, front: bool) -> str:
    halves = (
        " In the front view the subject's left half shows superficial muscles, the right half deep ones."
        if front
        else ""
    )
    marked = " Dots with units (U): injection sites." if sites else ""
    return (
        f"Muscle atlas of endplate, face {face.id}.{halves} Hatched: place and outline from general anatomy, not "
        f"measured (grade D).{marked} Not a portrait and not a guide for the needle. For research, teaching and "
        "trial design."
    )


def _panel(axes: Axes, face: Face, name: str, sites: Sequence[Any], endplates: bool, labels: bool) -> None:
    camera = Camera(_turn(TURNS_DEG[name]))
    axes.set_aspect("equal")
    axes.axis("off")
    wall = _draw_skin(axes, face, camera)
    _draw_eyes(axes, face, camera)
    drawn = [shape for shape in _in_order(face) if _shown(shape, name)]
    shown: dict[str, tuple[int, str]] = {}
    cover = Cover()
    for order, shape in enumerate(drawn):
        cells = draw_muscle(axes, shape, camera, wall, endplates, 2.0 + 0.01 * order)
        if cells is not None:
            cover.paint(order, cells)
            if shape.side != "right" or name == "front":
                shown[shape.muscle] = (order, shape.side)
    low, high = _frame(axes, face, camera)
    draw_sites(axes, sites, camera, wall)
    if labels:
        draw_names(axes, name, shown, cover, low, high)
    draw_scale(axes, high[0] - 50.0, LOWEST_MM - 8.0)
    axes.text(0.5 * (low[0] + high[0]), high[1] + 10.0, TITLES[name], ha="center", fontsize=11, color=INK)
    if name == "front":
        for x, text, ha in (
            (low[0], "subject's right: deep", "left"),
            (high[0], "subject's left: superficial", "right"),
        ):
            axes.text(x, high[1] + 10.0, text, ha=ha, fontsize=8, color=INK, style="italic")


def _orbit(
    axes: Axes, face: Face, name: str, side: str, sites: Sequence[PlacedSite], endplates: bool
) -> None:
    """One orbit: globe, bony rim and eye muscles, the nearest on top; front is below or to the side."""
    from_side = _turn(-90.0 if side == "left" else 90.0)
    camera = Camera(np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]]) if name == "above" else from_side)
    axes.set_aspect("equal")
    axes.axis("off")
    wall = np.full((PIXELS, PIXELS), -1e3)
    shapes = [s for s in face.muscles if s.compartment == "orbit" and s.side == side]
    shapes.sort(key=lambda shape: float(np.mean(camera.seen(shape.grid_mm)[..., 2])))
    middle = _orbit_frame(axes, camera.seen(np.stack([s.grid_mm.reshape(-1, 3) for s in shapes])))
    rim = camera.seen(np.concatenate([face.rim_mm[side], face.rim_mm[side][:1]]))
    axes.plot(rim[:, 0], rim[:, 1], color="#a08f7d", linewidth=2.5, zorder=1.5)
    centre = face.points["globe"] * np.array([1.0 if side == "left" else -1.0, 1.0, 1.0])
    globe = camera.seen(centre)
    half = sum(float(np.mean(camera.seen(shape.grid_mm)[..., 2])) < globe[2] for shape in shapes)
    cover = Cover(ORBIT_PIXEL_MM)
    for order, shape in enumerate(shapes):
        if order == half:
            cover.paint(len(shapes), _draw_globe(axes, globe, 2.0 + 0.01 * half - 0.005))
        cells = draw_muscle(axes, shape, camera, wall, endplates, 2.0 + 0.01 * order, solid=True)
        cover.paint(order, np.empty((0, 2)) if cells is None else cells)
    draw_names_in_place(axes, {shape.muscle: order for order, shape in enumerate(shapes)}, cover)
    there = [site for site in sites if site.compartment == "orbit" and _side(site) == side]
    draw_pills(axes, [camera.seen(s.tip_mm)[:2] for s in there], [f"{s.units:g} U" for s in there])
    draw_scale(axes, middle[0] + 20.0, middle[1] - 30.0, 10.0)
    towards = "left" if side == "left" else "right"
    title = {
        "above": f"{side.capitalize()} orbit from above, front below",
        "lateral": f"{side.capitalize()} orbit from its side, front to the {towards}",
    }
    axes.text(middle[0], middle[1] + 31.0, title[name], ha="center", fontsize=11, color=INK)


def _orbit_frame(axes: Axes, seen: Array) -> Array:
    """Limits round the muscles of an orbit (M, N, 3); returns the middle."""
    points = seen.reshape(-1, 3)
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    axes.set_xlim(middle[0] - 34.0, middle[0] + 34.0)
    axes.set_ylim(middle[1] - 34.0, middle[1] + 34.0)
    return middle


def _draw_globe(axes: Axes, at: Array, order: float) -> Array:
    """The globe as a disc; returns points that fill it (N, 2)."""
    angle = np.linspace(0.0, 2.0 * np.pi, 73)
    axes.fill(
        at[0] + GLOBE_MM * np.cos(angle),
        at[1] + GLOBE_MM * np.sin(angle),
        facecolor="#f7f4ee",
        edgecolor="#6b5148",
        linewidth=0.8,
        zorder=order,
    )
    step = np.arange(-GLOBE_MM, GLOBE_MM, ORBIT_PIXEL_MM)
    disc = np.stack(np.meshgrid(step, step), axis=-1).reshape(-1, 2)
    return at[:2] + disc[np.linalg.norm(disc, axis=1) < GLOBE_MM]


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
