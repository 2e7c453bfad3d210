"""From needle to muscle: the head with an arrow for every injection, as wide as its share of what brings an effect."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.catalogue.effects import DECLARED
from endplate.report import numerals
from endplate.report.canvas import Canvas
from endplate.report.head_drawing import View, draw_head, draw_muscle, eye_faces, shows, skin_faces
from endplate.report.palette import INK, ROLE_COLOURS, SMALL_PT, SOFT, TEXT_PT, TITLE_PT
from endplate.report.payload import EYE_RADIUS_MM, eyes
from endplate.report.risk_words import carried_words, chance, chances, sided, slip_words

if TYPE_CHECKING:
    from endplate.assess.causes import Cause, Part

WIDTH, HEIGHT, EDGE = 540.0, 376.0, 12.0
BOTTOM, TALL = 52.0, 276.0
FRONT, SIDE = 300.0, 204.0
LEAST, WIDEST, THINNEST = 0.01, 6.5, 0.8
LEAST_CARRIED = 0.05  # of the events
MARGIN_MM, LEAST_MM = 14.0, 30.0
LETTER_PT, FOOT_LETTERS = 4.4, 132
Box = tuple[float, float, float]
ARROW = "#8f2d1e"


def why_figure(cause: Cause, setup: Any) -> Canvas:
    """The head from the front, and from the side of the needle that brings most.

    Args:
        setup: the plan on the face to draw, as `prepared` gives it.
    """
    from endplate.assess.causes import middle_of

    canvas = Canvas(WIDTH, HEIGHT)
    canvas.text(
        EDGE, HEIGHT - 16.0, f"Why: {sided(cause.effect, cause.side).lower()}", TITLE_PT, weight="bold"
    )
    risk = f"risk {chance(cause.unwanted.probability)} ({chances(*cause.unwanted.interval90)})"
    canvas.text(
        EDGE,
        HEIGHT - 28.0,
        f"{cause.plan_title}; {risk}. Arrows: share of the exposure behind it",
        TEXT_PT,
        SOFT,
    )
    middles = {pair: middle_of(setup, pair) for pair in _shown(cause)}
    shown = [part for part in cause.parts if part.share >= LEAST]
    near = [m for m in middles.values() if m is not None]
    ends = [_tip(setup, part.site) for part in shown] + near
    ends += [site.skin_mm for site in setup.placed if site.id in {p.site for p in shown}]
    if not ends:
        canvas.text(EDGE, HEIGHT / 2, "Nothing happens in any draw: no needle brings this effect.", TEXT_PT)
        return canvas
    centre, radius = _frame(np.array(ends))
    main = shown[0] if shown else cause.parts[0]
    side = main.side if main.side in ("left", "right") else next(iter(cause.carried))[1]
    side = side if side in ("left", "right") else "left"
    own = np.array([end for end in ends if end[0] * (1 if side == "left" else -1) > -3.0] or ends)
    side_centre, side_radius = _frame(own)
    views = [
        View("front", centre, radius, EDGE, BOTTOM, FRONT, TALL),
        View(side, side_centre, side_radius, EDGE + FRONT + 12.0, BOTTOM, SIDE, TALL),
    ]
    face = setup.face
    surfaces = [skin_faces(np.asarray(face.skin.vertices_mm), np.asarray(face.skin.triangles))]
    surfaces += [eye_faces(eye["centre"], EYE_RADIUS_MM) for eye in eyes(face)]
    for view in views:
        draw_head(canvas, view, surfaces)
        _muscles(canvas, view, face, cause)
        _arrows(canvas, view, setup, shown, middles, side if view.name != "front" else "")
        words = "from the front" if view.name == "front" else f"subject's {side} side"
        canvas.text(view.left, view.bottom + view.height + 5.0, words, SMALL_PT, SOFT)
    canvas.text(EDGE + 3.0, BOTTOM + 4.0, "R", TEXT_PT, INK, weight="bold")
    canvas.text(EDGE + FRONT - 3.0, BOTTOM + 4.0, "L", TEXT_PT, INK, "right", "bold")
    words = wrap(f"{carried_words(cause)} {slip_words(cause)}", FOOT_LETTERS)
    for number, line in enumerate(words[:2]):
        canvas.text(EDGE, 38.0 - 9.0 * number, line, SMALL_PT, INK)
    canvas.text(EDGE, 18.0, _rest(cause, shown), SMALL_PT, SOFT)
    canvas.text(EDGE, 8.0, "For research, teaching and trial design; not a medical device.", SMALL_PT, SOFT)
    return canvas


def _rest(cause: Cause, shown: Sequence[Part]) -> str:
    hidden = [part.site for part in cause.parts if part not in shown]
    words = "Dots: where needles enter. Orange: the muscle that carries the effect."
    if cause.muscle is not None and cause.muscle[0] in DECLARED:
        words = (
            "Dots: where needles enter. The muscle that carries the effect is not in the atlas: no arrows."
        )
    return f"{words} Below 1 %: {', '.join(hidden)}." if hidden else words


def _tip(setup: Any, site: str) -> np.ndarray:
    return next(one.tip_mm for one in setup.placed if one.id == site)


def _frame(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre and half-width (mm) that hold some points with room round them."""
    low, high = points.min(axis=0), points.max(axis=0)
    return 0.5 * (low + high), max(LEAST_MM, 0.5 * float(np.max(high - low)) + MARGIN_MM)


def _shown(cause: Cause) -> list[tuple[str, str]]:
    """Muscles and sides that carry a twentieth of the events or more: those drawn, and those that arrows lead to."""
    return [pair for pair, share in cause.carried.items() if share >= LEAST_CARRIED] or list(cause.carried)[
        :1
    ]


def _muscles(canvas: Canvas, view: View, face: Any, cause: Cause) -> None:
    """The muscles that carry the events."""
    kept = _shown(cause)
    for shape in face.muscles:
        if (shape.muscle, shape.side) in kept and shows(view, shape):
            draw_muscle(canvas, view, shape, ROLE_COLOURS["at_risk"], True)


def _arrows(canvas: Canvas, view: View, setup: Any, parts: Sequence[Part], middles: Any, side: str) -> None:
    """An arrow from each tip to the nearest muscle that carries the effect."""
    sign = {"left": 1.0, "right": -1.0}.get(side, 0.0)
    labels: list[tuple[np.ndarray, str]] = []
    for part in sorted(parts, key=lambda p: p.share):
        placed = next(one for one in setup.placed if one.id == part.site)
        if sign * placed.skin_mm[0] < -3.0:
            continue
        entry, tip = view.project(np.array([placed.skin_mm, placed.tip_mm]))
        canvas.lines([np.array([entry, tip])], INK, 0.9)
        for goal in _goals(setup, part, placed, middles):
            arrow = _arrow(tip, view.project(goal), part.share)
            canvas.axes.add_patch(arrow)
            view.clip(canvas, arrow)
        canvas.dots([(float(entry[0]), float(entry[1]))], INK, 2.2)
        labels.append((entry, f"{part.site}  {numerals.percent(part.share)}"))
    taken = [(float(at[0]) - 3.0, float(at[1]) - 3.0, 6.0) for at, _ in labels]
    for at, words in reversed(labels):
        _label(canvas, view, taken, at, words)


def _goals(setup: Any, part: Part, placed: Any, middles: Any) -> list[np.ndarray]:
    """Where toxin meets the nearest muscle that carries the effect; both sides for a needle in the midline."""
    from endplate.assess.causes import nearest_of

    known = {pair: middle for pair, middle in middles.items() if middle is not None}
    nearest = sorted(known, key=lambda pair: float(np.linalg.norm(known[pair] - placed.tip_mm)))[:1]
    if part.side == "midline" and nearest:
        nearest = [pair for pair in known if pair[0] == nearest[0][0]]
    found = [nearest_of(setup, pair, placed.tip_mm) for pair in nearest]
    return [goal for goal in found if goal is not None]


def _arrow(tip: np.ndarray, goal: np.ndarray, share: float) -> Any:
    from matplotlib.patches import FancyArrowPatch

    return FancyArrowPatch(
        (float(tip[0]), float(tip[1])),
        (float(goal[0]), float(goal[1])),
        arrowstyle="-|>",
        mutation_scale=6.0 + 10.0 * share,
        linewidth=THINNEST + WIDEST * share,
        color=ARROW,
        alpha=0.75,
        shrinkA=2.0,
        shrinkB=1.0,
        connectionstyle="arc3,rad=0.12" if tip[0] > goal[0] else "arc3,rad=-0.12",
        zorder=4,
    )


def _label(canvas: Canvas, view: View, taken: list[Box], at: np.ndarray, words: str) -> None:
    """Where there is room round the dot: outwards first, then inwards, above and below."""
    x, y, wide = float(at[0]), float(at[1]), LETTER_PT * len(words)
    sides = [x + 5.0, x - 5.0 - wide]
    if x < view.left + view.width / 2:
        sides.reverse()
    spots = [(left, y + rise) for rise in (-2.5, 5.0, -10.0, 13.0, -18.0) for left in sides]
    spots += [(x - wide / 2, y + rise) for rise in (6.0, -12.0, 15.0, -21.0)]
    free = [
        (left, low)
        for left, low in spots
        if view.left <= left <= view.left + view.width - wide and not _meets(taken, left, low, wide)
    ]
    left, low = (free or spots)[0]
    taken.append((left, low, wide))
    canvas.text(left, low, words, TEXT_PT, INK, weight="bold", halo=True)


def _meets(taken: Sequence[Box], left: float, low: float, wide: float) -> bool:
    """Whether a line of text would lie on something: boxes are (left, low, width), a line high."""
    return any(
        left < other + width and other < left + wide and low - TEXT_PT < at < low + TEXT_PT
        for other, at, width in taken
    )
