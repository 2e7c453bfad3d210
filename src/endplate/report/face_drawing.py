"""One drawn face from the front: soft shading, lids, pupils, brows, lips, and the lines that raters grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from endplate.report.canvas import Canvas
from endplate.report.face_raster import Frame, shaded
from endplate.report.face_strokes import Sketch, rounded, sketch, tapered

if TYPE_CHECKING:
    from endplate.anatomy.expression import Pose

Array = NDArray[np.float64]

WHOLE = ((-77.0, -110.0), (77.0, 71.0))
UPPER = ((-77.0, -27.0), (77.0, 71.0))
"""Corner and corner of what is shown, mm in the head frame: from chin or nose to the hairline."""

FADE_MM = 12.0
"""Towards its edges the drawing fades out over this."""

GHOST_MM, GHOST_PT = 0.7, 0.9
"""A line that has moved by less is not repeated; its width, two pixels of a written picture."""

TEETH_MM = 1.5
"""Lips less apart than this show a dark line, no teeth."""

PIXELS_PER_PT = 1.7
LINE, LASH, HAIR, FURROW = "#6f5548", "#3a2c27", "#4b3a32", "#8a6553"
LIP, MOUTH, TEETH = "#bf7f78", "#6b3f3a", "#f3efe9"
WHITE, IRIS, IRIS_EDGE, PUPIL = "#f6f3f0", "#8ba0a1", "#55686b", "#22262a"
WIDTHS = {"forehead": 1.0, "glabella": 1.0, "lateral_canthus": 0.7}
IRIS_MM, PUPIL_MM = 5.9, 2.0
"""Radius of iris and pupil: 11.8 mm across is the adult mean; the pupil is that of a lit room."""


UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class Place:
    """A rectangle of the canvas (points) and the window of the head that it shows (mm)."""

    left: float
    bottom: float
    width: float
    height: float
    window: tuple[tuple[float, float], tuple[float, float]] = WHOLE

    @property
    def scale(self) -> float:
        """Points per mm."""
        (left, low), (right, high) = self.window
        return min(self.width / (right - left), self.height / (high - low))

    @property
    def mouth(self) -> bool:
        """Whether nose and mouth lie in the window."""
        return self.window[0][1] < WHOLE[0][1] + 40.0

    def flat(self, points: Array) -> Array:
        """Canvas points (..., 2) of head points (..., 3)."""
        middle = np.mean(self.window, axis=0)
        centre = np.array([self.left + 0.5 * self.width, self.bottom + 0.5 * self.height])
        return (np.asarray(points)[..., :2] - middle) * self.scale + centre


@dataclass(frozen=True)
class Look:
    """What one face shows: its pose and how deep its lines are, (area, side) -> 0 (none) to 1 (the worst grade)."""

    pose: Pose
    lines: Mapping[tuple[str, str], float] = field(default_factory=dict)


def draw_face(canvas: Canvas, place: Place, skin: Any, look: Look) -> None:
    """Draw a face into a rectangle; the subject's right is on the left of the picture."""
    drawn = sketch(skin)
    pen = _Pen(canvas, place)
    vertices = look.pose.vertices_mm
    for side in ("right", "left"):
        _eye(pen, drawn, skin, vertices, side)
    if place.mouth:
        _mouth(pen, drawn, vertices)
    _skin(pen, skin, vertices)
    if place.mouth:
        _lips(pen, drawn, vertices)
    for side in ("right", "left"):
        _lids(pen, drawn, vertices, side)
        if place.mouth:
            _fold(pen, drawn, look.pose, side)
            _nose(pen, drawn, vertices, side)
        _brow(pen, drawn, vertices, side)
    _lines(pen, drawn, look)


def draw_ghost(canvas: Canvas, place: Place, skin: Any, before_mm: Array, now_mm: Array, colour: str) -> None:
    """Lines where brow, lids and mouth were before, as far as they have moved."""
    drawn = sketch(skin)
    pen = _Pen(canvas, place)
    for side in ("right", "left"):
        line = drawn.paths[f"browline.{side}"]
        _trace(pen, _even(line.on(before_mm)[0]), _even(line.on(now_mm)[0]), colour)
        for before, now in zip(_rims(drawn, before_mm, side), _rims(drawn, now_mm, side), strict=True):
            _trace(pen, before, now, colour)
    for rim in drawn.mouth if place.mouth else ():
        _trace(pen, rounded(before_mm[rim]), rounded(now_mm[rim]), colour)


def _trace(pen: _Pen, before: Array, now: Array, colour: str) -> None:
    if np.abs(before - now)[:, :2].max() >= GHOST_MM:
        pen.line([before], colour, GHOST_PT / pen.place.scale, 0.9, 2.0)


class _Pen:
    """Draws on a place of the canvas in layers, kept inside it."""

    def __init__(self, canvas: Canvas, place: Place) -> None:
        self.canvas, self.place = canvas, place

    def area(self, rings: list[Array], colour: str, opacity: float = 1.0, layer: float = 1.0) -> None:
        if rings:
            self.canvas.areas([self.place.flat(ring) for ring in rings], colour, opacity).set_zorder(layer)

    def stroke(
        self, paths: list[Array], colour: str, width_mm: float, opacity: float, layer: float = 1.2
    ) -> None:
        """Tapered strokes, their greatest width in mm on the face."""
        if opacity > 0.01:
            rings = [tapered(self.place.flat(path), width_mm * self.place.scale) for path in paths]
            self.canvas.areas(rings, colour, opacity).set_zorder(layer)

    def line(
        self, paths: list[Array], colour: str, width_mm: float, opacity: float = 1.0, layer: float = 1.2
    ) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        # One path for all: hundreds of hairs would each be an element of the file.
        one = Path.make_compound_path(*(Path(self.place.flat(path)) for path in paths))
        patch = PathPatch(
            one, facecolor="none", edgecolor=colour, linewidth=width_mm * self.place.scale, alpha=opacity,
            capstyle="round", joinstyle="round", zorder=layer,
        )  # fmt: skip
        self._add(patch)

    def _add(self, artist: Any) -> None:
        """Put it on the canvas, cut off at the edge of the place."""
        from matplotlib.patches import Rectangle

        # Not add_patch: that looks for the limits of each curve, which the sheet has already.
        self.canvas.axes.add_artist(artist)
        place = self.place
        frame = Rectangle(
            (place.left, place.bottom), place.width, place.height, transform=self.canvas.axes.transData
        )
        artist.set_clip_path(frame)


def _skin(pen: _Pen, skin: Any, vertices: Array) -> None:
    place = pen.place
    (left, low), (right, high) = place.window
    frame = Frame((left, low), (right, high), PIXELS_PER_PT * place.scale)
    image = shaded(frame, vertices, np.asarray(skin.triangles))
    rows, columns = (np.arange(n) + 0.5 for n in image.shape[:2])
    limit = _beside_the_ears(skin, high - rows / frame.per_mm)
    image[np.abs(left + columns / frame.per_mm) > limit[:, None], 3] = 0
    edge = [np.minimum(at, len(at) - at) / (FADE_MM * frame.per_mm) for at in (rows, columns)]
    fade = [np.clip(share, 0.0, 1.0) for share in (edge[0], 1.5 * edge[1])]
    fade = [share * share * (3.0 - 2.0 * share) for share in fade]
    _contour(pen, frame, image[..., 3], fade[0])
    image[..., 3] = np.round(image[..., 3] * fade[0][:, None] * fade[1])
    (x0, y0), (x1, y1) = place.flat(np.array([[left, low, 0.0], [right, high, 0.0]]))
    pen.canvas.axes.imshow(
        image, extent=(x0, x1, y0, y1), aspect="auto", interpolation="antialiased", zorder=0.5
    )
    pen.canvas.axes.set_xlim(0.0, pen.canvas.width_pt)
    pen.canvas.axes.set_ylim(0.0, pen.canvas.height_pt)


def _beside_the_ears(skin: Any, y: Array) -> Array:
    """How far from the midline the head is drawn at a height: ears tell nothing here and are left out."""
    cheek, behind = skin.landmarks["zygion.left"], skin.landmarks["mastoid.left"]
    temple = cheek[1] + 55.0  # above the ears
    x, heights = np.abs(skin.vertices_mm[:, 0]), skin.vertices_mm[:, 1]
    wide = float(x[np.abs(heights - temple) < 4.0].max())
    away = [behind[0] + 1.0, behind[0] + 2.0, cheek[0] + 0.5, wide, 90.0]
    return np.interp(y, [behind[1] - 8.0, behind[1] - 3.0, cheek[1], temple, temple + 1.0], away, left=90.0)


def _contour(pen: _Pen, frame: Frame, covered: NDArray[np.uint8], fade: Array) -> None:
    """A thin line round the head, which also hides the steps of the pixels; it fades with the drawing."""
    from contourpy import contour_generator

    soft = np.pad(covered.astype(float) / 255.0, 2, mode="edge")
    for axis in (0, 1):
        soft = (np.roll(soft, 1, axis) + 2.0 * soft + np.roll(soft, -1, axis)) / 4.0
    for ring in contour_generator(z=soft[2:-2, 2:-2]).lines(0.5):
        path = np.asarray(ring) + 0.5
        if np.ptp(path[:, 1]) < 0.2 * len(fade):  # the openings of eyes and mouth
            continue
        path = np.stack([_mean_of_nine(path[:, k]) for k in (0, 1)], axis=1)
        share = np.interp(path[:, 1], np.arange(len(fade)) + 0.5, fade)
        for least, opacity in ((0.15, 0.22), (0.7, 0.4)):
            for part in _runs(share > least):
                at = np.zeros((len(path[part]), 3))
                at[:, 0] = frame.low[0] + path[part, 0] / frame.per_mm
                at[:, 1] = frame.high[1] - path[part, 1] / frame.per_mm
                pen.line([at[:: max(1, round(frame.per_mm))]], LINE, 0.5, opacity, 0.6)


def _mean_of_nine(values: Array) -> Array:
    return np.convolve(np.pad(values, 4, mode="edge"), np.ones(9) / 9.0, "valid")


def _runs(there: NDArray[np.bool_]) -> list[slice]:
    """The stretches of at least three in a row."""
    change = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int)))
    return [slice(a, b) for a, b in zip(change[::2], change[1::2], strict=True) if b - a > 2]


def _disc(centre: Array, radius: float) -> Array:
    angle = np.linspace(0.0, 2.0 * np.pi, 31)
    return centre + radius * np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=1)


def _eye(pen: _Pen, drawn: Sketch, skin: Any, vertices: Array, side: str) -> None:
    """White, iris and pupil behind the opening of the lids, in the shade of the upper lid."""
    upper, lower = _rims(drawn, vertices, side)
    ring = np.concatenate([upper, lower[::-1]])
    # A little larger than the opening: the skin is drawn over it.
    middle = ring.mean(axis=0)
    pen.area([middle + 1.06 * (ring - middle) + 0.3 * UP], WHITE, layer=0.1)
    pupil = skin.landmarks[f"pupil.{side}"]
    pen.area([_disc(pupil, IRIS_MM)], IRIS_EDGE, layer=0.2)
    pen.area([_disc(pupil, IRIS_MM - 0.7)], IRIS, layer=0.21)
    pen.area([_disc(pupil, 0.62 * IRIS_MM)], "#a3b5b3", 0.6, layer=0.22)
    pen.area([_disc(pupil, PUPIL_MM)], PUPIL, layer=0.23)
    pen.area([_disc(pupil + 1.7 * UP, 0.75)], "#ffffff", 0.95, layer=0.24)
    for depth, dark in ((3.2, 0.10), (1.9, 0.16)):
        shade = np.concatenate([upper + 0.8 * UP, (upper - depth * UP)[::-1]])
        pen.area([shade], LASH, dark, layer=0.3)


def _rims(drawn: Sketch, vertices: Array, side: str) -> tuple[Array, Array]:
    """Edge of upper and lower lid from the nose outwards, smooth; the upper one rests on the lower."""
    upper, lower = (rounded(vertices[index]) for index in drawn.lids[side])
    away = np.array([-1.0 if side == "right" else 1.0])
    floor = np.interp(away * upper[:, 0], away * lower[:, 0], lower[:, 1])
    upper[:, 1] = np.maximum(upper[:, 1], floor)
    return _even(upper), lower


def _even(path: Array) -> Array:
    """A path (K, 3) without the small kinks that the mesh gives it; its ends stay."""
    for _ in range(2):
        path = np.concatenate([path[:1], 0.25 * path[:-2] + 0.5 * path[1:-1] + 0.25 * path[2:], path[-1:]])
    return path


def _open(upper: Array, lower: Array) -> float:
    """How far the lids are apart at most, mm."""
    away = np.sign(upper[-1, 0])
    return float(np.max(upper[:, 1] - np.interp(away * upper[:, 0], away * lower[:, 0], lower[:, 1])))


def _lids(pen: _Pen, drawn: Sketch, vertices: Array, side: str) -> None:
    upper, lower = _rims(drawn, vertices, side)
    pen.line([lower], LINE, 0.45, 0.75)
    # On the lid and not over the eye, so that a narrow gap can be seen.
    pen.stroke([upper + 0.4 * UP], LASH, 1.4, 0.92, 1.25)
    # The crease of the lid unfolds as the eye shuts.
    crease = drawn.paths[f"crease.{side}"].on(vertices)
    pen.stroke(crease, LINE, 0.75, 0.6 * float(np.clip((_open(upper, lower) - 1.0) / 5.0, 0.0, 1.0)))


def _mouth(pen: _Pen, drawn: Sketch, vertices: Array) -> None:
    """What shows between the lips: the upper teeth, where they part."""
    upper, lower = (rounded(vertices[rim]) for rim in drawn.mouth)
    pen.area([np.concatenate([upper + 0.6 * UP, lower[::-1] - 0.6 * UP])], MOUTH, layer=0.1)
    if np.max(upper[:, 1] - np.interp(upper[:, 0], lower[:, 0], lower[:, 1])) < TEETH_MM:
        return
    middle = np.abs(upper[:, 0] - upper[:, 0].mean()) < 0.42 * np.ptp(upper[:, 0])
    teeth = np.minimum(np.interp(upper[middle, 0], lower[:, 0], lower[:, 1]) + 0.5, upper[middle, 1])
    edge = upper[middle].copy()
    edge[:, 1] = teeth
    pen.area([np.concatenate([upper[middle] + 0.6 * UP, edge[::-1]])], TEETH, layer=0.11)


def _lips(pen: _Pen, drawn: Sketch, vertices: Array) -> None:
    for name, rim, opacity in (("upper_lip", drawn.mouth[0], 0.34), ("lower_lip", drawn.mouth[1], 0.25)):
        right, left = (drawn.paths[f"{name}.{side}"].on(vertices)[0] for side in ("right", "left"))
        outer, inner = np.concatenate([right[:0:-1], left]), rounded(vertices[rim])
        pen.area([np.concatenate([rounded(outer), inner[::-1]])], LIP, opacity)
        pen.stroke([inner], MOUTH, 0.55, 0.75)


def _fold(pen: _Pen, drawn: Sketch, pose: Pose, side: str) -> None:
    """The nasolabial fold: deeper with the smile, gone where the corner hangs."""
    path = drawn.paths[f"nasolabial.{side}"].on(pose.vertices_mm)
    lift = pose.reached_mm.get(("mouth_corner_height", side), 0.0)
    depth = float(np.clip(0.2 + 0.1 * lift, 0.0, 1.0))
    pen.stroke(path, FURROW, 4.0, 0.16 * depth)
    pen.stroke(path, FURROW, 1.8, 0.26 * depth)
    pen.stroke(path, LINE, 0.6, 0.5 * depth**2)


def _nose(pen: _Pen, drawn: Sketch, vertices: Array, side: str) -> None:
    pen.stroke(drawn.paths[f"wing.{side}"].on(vertices), LINE, 0.7, 0.55)
    pen.stroke(drawn.paths[f"nostril.{side}"].on(vertices), LASH, 1.5, 0.55)


def _brow(pen: _Pen, drawn: Sketch, vertices: Array, side: str) -> None:
    pen.area([rounded(drawn.paths[f"brow.{side}"].on(vertices)[0], closed=True)], HAIR, 0.28)
    pen.line(drawn.paths[f"hair.{side}"].on(vertices), HAIR, 0.30, 0.62)


FURROWS: dict[str, tuple[tuple[str, int], ...]] = {
    "forehead": (("forehead", 1), ("forehead", 0), ("forehead", 2), ("forehead", 3)),
    "glabella": (("glabella", 0), ("procerus", 0), ("glabella", 1), ("procerus", 1)),
    "lateral_canthus": tuple(("lateral_canthus", k) for k in range(4)),
}
"""Lines of each area (path, number) in the order in which they set in."""

ACROSS, ONE_LINE = ("forehead", "procerus"), 0.3
"""Lines that cross the midline, unless one side has none or they differ by this much: then each has its own."""


def _lines(pen: _Pen, drawn: Sketch, look: Look) -> None:
    """Furrows of the graded areas: with the grade they grow deeper, longer and more."""
    vertices = look.pose.vertices_mm
    for area, order in FURROWS.items():
        depth = {s: float(np.clip(look.lines.get((area, s), 0.0), 0.0, 1.0)) for s in ("right", "left")}
        for rank, (name, number) in enumerate(order):
            right, left = (drawn.paths[f"{name}.{side}"].on(vertices)[number] for side in ("right", "left"))
            strength = {side: _strength(value, rank, len(order)) for side, value in depth.items()}
            alike = min(strength.values()) > 0.05 and abs(strength["right"] - strength["left"]) < ONE_LINE
            if name in ACROSS and alike:
                mean = 0.5 * (strength["right"] + strength["left"])
                _furrow(pen, [_even(np.concatenate([right[:0:-1], left]))], mean, WIDTHS[area])
                continue
            for side, path in (("right", right), ("left", left)):
                _furrow(pen, [_even(path)], strength[side], WIDTHS[area])


def _strength(depth: float, rank: int, count: int) -> float:
    """How strong the furrow of a rank is when the area is this deep: the first sets in first."""
    late = 0.5 * rank / max(count - 1, 1)
    return float(np.clip((depth - late) / (1.0 - late), 0.0, 1.0))


def _furrow(pen: _Pen, paths: list[Array], strength: float, width: float) -> None:
    """A furrow as a soft shadow, with a line in its floor; a shallow one is shorter."""
    if strength < 0.02:
        return
    cut = 0.5 * (1.0 - strength) ** 2
    paths = [path[round(cut * 0.5 * len(path)) : len(path) - round(cut * 0.5 * len(path))] for path in paths]
    pen.stroke(paths, FURROW, 2.6 * width * (0.5 + 0.5 * strength), 0.16 * strength)
    pen.stroke(paths, FURROW, 1.4 * width * (0.5 + 0.5 * strength), 0.28 * strength)
    pen.stroke(paths, LINE, width * (0.25 + 0.5 * strength), 0.25 + 0.5 * strength)
