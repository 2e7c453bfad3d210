"""What is written on the plate: names in the margins with leaders, units of the sites in pills, the scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from endplate.report.atlas_muscle import PIXEL_MM, PIXELS, Camera, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

INK = "#2b2320"
SITE = "#12355b"
GAP_MM = 11.0
NEAR_MM = 2.5
PILL_POINTS = (9.0, 10.5)
"""Room of a pill in points: per character of its text, and its height."""
ROUND_THE_DOT = [(0, 1), (0.9, 0.8), (-0.9, 0.8), (0, -1), (1, 0), (-1, 0), (0.9, -0.8), (-0.9, -0.8)]
"""Where a pill may stand round its dot (right, up), best first."""

LABELLED: dict[str, tuple[str, ...] | None] = {
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


class Cover:
    """Which muscle is seen at every pixel of the plate, as one is drawn over the other."""

    def __init__(self, pixel_mm: float = PIXEL_MM) -> None:
        self.pixel_mm = pixel_mm
        self.owner = np.full((PIXELS, PIXELS), -1)
        self.cells: dict[int, Array] = {}

    def paint(self, number: int, cells: Array) -> None:
        """Number `number` is drawn on top at the cell centres (N, 2), mm."""
        self.cells[number] = cells
        for shift in np.ndindex(3, 3):
            self.owner[self._pixels(cells, np.array(shift) - 1)] = number

    def spot(self, number: int, sign: float) -> Array:
        """Where to point at a muscle (2,): well inside what is left of it, and near the margin of its name."""
        cells = self.cells[number]
        around = [
            self.owner[self._pixels(cells, 2 * (np.array(shift) - 1))] == number for shift in np.ndindex(3, 3)
        ]
        inside = np.sum(around, axis=0)
        best = cells[inside >= inside.max()]
        return best[np.argmax(sign * best[:, 0])]

    def middle(self, number: int) -> Array | None:
        """The cell (2,) nearest to the middle of what is left of a muscle; None where it is all but hidden."""
        cells = self.cells[number]
        own = cells[self.owner[self._pixels(cells, np.zeros(2))] == number]
        if len(own) < 0.03 * len(cells):
            return None
        return own[np.argmin(np.sum((own - own.mean(axis=0)) ** 2, axis=1))]

    def _pixels(self, points: Array, shift: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns of points, moved by whole pixels; (0, 0) lies in the middle."""
        cell = np.floor(points / self.pixel_mm + 0.5 * PIXELS + shift).astype(int)
        cell = np.clip(cell, 0, PIXELS - 1)
        return cell[:, 0], cell[:, 1]


# ---------------------------------------------------------------------------------------------------------- names


def draw_names(
    axes: Axes, view: str, shown: Mapping[str, tuple[int, str]], cover: Cover, low: Array, high: Array
) -> None:
    """Names in the margins, each with a leader that ends in a dot on its muscle.

    Args:
        shown: muscle -> (its number in `cover`, its side). low, high: corners of the picture, mm.
    """
    wanted = LABELLED[view]
    middle = 0.5 * (low[0] + high[0])
    margins: dict[float, list[tuple[str, Array]]] = {-1.0: [], 1.0: []}
    for name, (number, side) in shown.items():
        if wanted is not None and name not in wanted:
            continue
        sign = _margin(cover.cells[number], side, view, middle)
        margins[sign].append((name, cover.spot(number, sign)))
    for sign, names in margins.items():
        names.sort(key=lambda item: -item[1][1])
        x = low[0] if sign < 0 else high[0]
        heights = _spread_out([float(at[1]) for _, at in names])
        for k, y in zip(_untangled(np.array([at for _, at in names]), x, heights), heights, strict=True):
            _leader(axes, names[k][0], names[k][1], (x, y), sign)


def _leader(axes: Axes, name: str, at: Array, text: tuple[float, float], sign: float) -> None:
    axes.annotate(
        name.replace("_", " ").replace(" alaeque", "\nalaeque"),
        xy=(float(at[0]), float(at[1])),
        xytext=text,
        fontsize=7.2,
        color=INK,
        ha="left" if sign < 0 else "right",
        va="center",
        zorder=8,
        arrowprops={"arrowstyle": "-", "color": "#6f625a", "linewidth": 0.5, "shrinkB": 0},
    )
    axes.plot(
        at[0], at[1], "o", color=INK, markersize=2.6, markeredgecolor="white", markeredgewidth=0.5, zorder=8.5
    )


def _margin(cells: Array, side: str, view: str, middle: float) -> float:
    if view == "front":
        return -1.0 if side == "right" else 1.0
    return -1.0 if float(np.mean(cells[:, 0])) < middle - 25.0 else 1.0


def _spread_out(heights: list[float], gap: float = GAP_MM) -> list[float]:
    """Heights moved apart to at least `gap` mm, from the top down, then centred on where they were."""
    placed: list[float] = []
    for height in heights:
        placed.append(min(height, placed[-1] - gap) if placed else height)
    shift = float(np.mean(heights) - np.mean(placed)) if heights else 0.0
    return [height + shift for height in placed]


def _untangled(spots: Array, x: float, heights: list[float]) -> list[int]:
    """Which spot gets which height, so that leaders cross as little as may be, then are short: numbers of spots."""
    order = list(range(len(spots)))
    cost = _tangle(spots, x, heights, order)
    better = True
    while better:
        better = False
        for i in range(len(order)):
            for j in range(i + 1, len(order)):
                trial = order.copy()
                trial[i], trial[j] = trial[j], trial[i]
                found = _tangle(spots, x, heights, trial)
                if found < cost:
                    order, cost, better = trial, found, True
    return order


def _tangle(spots: Array, x: float, heights: list[float], order: list[int]) -> tuple[int, float]:
    """Crossings (tenfold) and leaders close by another dot, counted, and the sum of squared rises (mm2)."""
    bad = 0
    for i in range(len(order)):
        for j in range(len(order)):
            a, b = spots[order[i]], spots[order[j]]
            bad += 10 * (i < j and _cross(a, (x, heights[i]), b, (x, heights[j])))
            bad += i != j and _beside(a, (x, heights[i]), b) < NEAR_MM
    rise = sum((float(spots[k][1]) - y) ** 2 for k, y in zip(order, heights, strict=True))
    return bad, round(rise, 6)


def _beside(a: Any, b: Any, point: Any) -> float:
    """Distance of a point from the segment a-b, mm."""
    way, off = (b[0] - a[0], b[1] - a[1]), (point[0] - a[0], point[1] - a[1])
    share = min(max((way[0] * off[0] + way[1] * off[1]) / (way[0] ** 2 + way[1] ** 2), 0.0), 1.0)
    return float(np.hypot(off[0] - share * way[0], off[1] - share * way[1]))


def _cross(a: Any, b: Any, c: Any, d: Any) -> bool:
    """Do the segments a-b and c-d cross?"""

    def turn(p: Any, q: Any, r: Any) -> bool:
        return (q[0] - p[0]) * (r[1] - p[1]) > (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) != turn(a, b, d) and turn(c, d, a) != turn(c, d, b)


def draw_names_in_place(axes: Axes, names: Mapping[str, int], cover: Cover) -> None:
    """Names on the muscles themselves, those that can be seen, moved apart (an orbit has no margins)."""
    taken: list[Array] = []
    for name, number in names.items():
        at = cover.middle(number)
        if at is None:
            continue
        while any(abs(at[0] - x) < 15.0 and abs(at[1] - y) < 2.2 for x, y in taken):
            at = at - np.array([0.0, 1.1])
        taken.append(at)
        axes.annotate(
            name.replace("_", " "),
            (float(at[0]), float(at[1])),
            fontsize=7,
            color=INK,
            zorder=8,
            ha="center",
            va="center",
            bbox={"boxstyle": "round,pad=0.15", "facecolor": (1, 1, 1, 0.75), "edgecolor": "none"},
        )


# ------------------------------------------------------------------------------------------------- sites and scale


def draw_sites(axes: Axes, sites: Sequence[Any], camera: Camera, wall: Array) -> None:
    """Sites on the skin that can be seen; the limits of the axes must stand before."""
    seen = [(camera.seen(site.skin_mm), site) for site in sites if site.frame == "head"]
    shown = [(at, site) for at, site in seen if visible(at, camera.seen(site.normal)[2], wall)]
    draw_pills(axes, [at[:2] for at, _ in shown], [f"{site.units:g} U" for _, site in shown])


def draw_pills(axes: Axes, spots: Sequence[Array], texts: Sequence[str]) -> None:
    """Dots with their texts in small white pills beside them, not over another dot or pill where avoidable."""
    if not spots:
        return
    dots = np.array(spots) * _points_per_mm(axes)
    taken: list[tuple[float, float, float]] = [(float(x), float(y), 6.0) for x, y in dots]
    for spot, dot, text in zip(spots, dots, texts, strict=True):
        width = 8.0 + 0.45 * PILL_POINTS[0] * len(text)
        shift = _free_place(dot, width, taken)
        taken.append((float(dot[0] + shift[0]), float(dot[1] + shift[1]), width))
        at = (float(spot[0]), float(spot[1]))
        axes.plot(
            *at, "o", color=SITE, markersize=4.6, markeredgecolor="white", markeredgewidth=0.8, zorder=9
        )
        axes.annotate(
            text,
            at,
            xytext=shift,
            textcoords="offset points",
            fontsize=6.8,
            color=SITE,
            weight="bold",
            ha="center",
            va="center",
            zorder=10,
            bbox={
                "boxstyle": "round,pad=0.22,rounding_size=0.6",
                "facecolor": "white",
                "edgecolor": SITE,
                "linewidth": 0.6,
            },
            arrowprops={"arrowstyle": "-", "color": SITE, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2},
        )


def _free_place(dot: Array, width: float, taken: list[tuple[float, float, float]]) -> tuple[float, float]:
    """The nearest place round a dot, in points from it, where a pill of this width covers least."""
    best, least = (0.0, 12.0), np.inf
    for ring in (1.0, 1.8, 2.6, 3.4):
        for right, up in ROUND_THE_DOT:
            shift = (right * ring * (6.0 + 0.5 * width), up * ring * 12.0)
            x, y = dot[0] + shift[0], dot[1] + shift[1]
            covered = sum(
                max(0.0, 0.5 * (width + w) + 1.0 - abs(x - a)) * max(0.0, PILL_POINTS[1] + 1.0 - abs(y - b))
                for a, b, w in taken
            )
            if covered < least - 1e-9:
                best, least = shift, covered
        if least == 0.0:
            break
    return best


def _points_per_mm(axes: Axes) -> float:
    """Scale of an axes with equal aspect: points of paper per mm of head."""
    box = axes.get_position()
    width, height = axes.figure.get_size_inches()  # type: ignore[union-attr]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    return 72.0 * min(box.width * width / (right - left), box.height * height / (top - bottom))


def draw_scale(axes: Axes, x: float, y: float, length_mm: float = 50.0) -> None:
    """A bar of a length in mm."""
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
