"""A syringe as a drawing: its marks, how far to draw up, and which stretch belongs to which point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from endplate.catalogue.syringes import Syringe, exact
from endplate.check.prepare_records import Fill, Point
from endplate.report import prepare_words as words

WIDTH, LOW, HIGH = 760.0, 84.0, 102.0  # the higher one where there is a second arrow below
ZERO, END = 78.0, 662.0  # where the barrel begins (mark 0, at the needle) and ends
TOP, BOTTOM = 28.0, 62.0
MOST_NUMBERS = 11  # numbered marks on a barrel
Across = Callable[[Fraction], float]
STEPS = (1, 2, 5, 10, 20, 25, 50, 100)


def drawing(one: Syringe, fill: Fill, points: Sequence[tuple[int, Point]]) -> str:
    """The filled syringe as SVG, needle to the left, plunger where it stands before the first point.

    Args:
        points: (number on the sheet, point) of this filling.
    """
    capacity = exact(one.capacity_ml)

    def x(value: Fraction) -> float:
        return ZERO + float(value / capacity) * (END - ZERO)

    label = f"{one.name}, draw up {words.draw_up(fill, one)}"
    height = LOW if fill.ready_ml == fill.draw_to_ml else HIGH
    parts = [
        f'<svg class="syringe" viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="{label}">',
        *_body(x(fill.ready_ml)),
        *(part for number, point in points for part in _stretch(number, point, x)),
        *_marks(one, x),
        *_boundaries(one, fill, points, x),
        "</svg>",
    ]
    return "\n".join(parts)


def _body(plunger: float) -> Iterable[str]:
    """Needle, barrel, plunger."""
    middle = (TOP + BOTTOM) / 2
    yield f'<path class="needle" d="M2 {middle:g}H46"/>'
    yield f'<path class="hub" d="M46 {middle - 5:g}L62 {middle - 9:g}V{middle + 9:g}L46 {middle + 5:g}Z"/>'
    yield f'<rect class="hub" x="62" y="{middle - 5:g}" width="{ZERO - 62:g}" height="10"/>'
    yield f'<rect class="rod" x="{plunger:.1f}" y="{middle - 6:g}" width="{WIDTH - 14 - plunger:.1f}" height="12"/>'
    yield f'<rect class="rod" x="{WIDTH - 14:g}" y="{middle - 17:g}" width="7" height="34" rx="2"/>'
    yield f'<rect class="stopper" x="{plunger:.1f}" y="{TOP:g}" width="9" height="{BOTTOM - TOP:g}"/>'
    yield f'<rect class="flange" x="{END:g}" y="{TOP - 7:g}" width="6" height="{BOTTOM - TOP + 11:g}" rx="2"/>'


def _stretch(number: int, point: Point, x: Across) -> Iterable[str]:
    """The fluid of one point, with its number."""
    left, right = x(point.to_ml), x(point.from_ml)
    shade = "odd" if number % 2 else "even"
    yield (
        f'<rect class="{shade}" x="{left:.1f}" y="{TOP:g}" width="{right - left:.1f}" height="{BOTTOM - TOP:g}"/>'
    )
    size = max(min((right - left) * 0.62, 17.0), 7.5)
    yield (
        f'<text class="point" style="font-size:{size:.1f}px" x="{(left + right) / 2:.1f}" '
        f'y="{BOTTOM - 9 + size * 0.2:.1f}">{number}</text>'
    )


def numbered(one: Syringe) -> Fraction:
    """Volume between two numbered marks: so many marks that at most eleven carry a number."""
    marks = exact(one.capacity_ml) / exact(one.mark_ml)
    step = next(step for step in STEPS if marks / step <= MOST_NUMBERS)
    return step * exact(one.mark_ml)


def _marks(one: Syringe, x: Across) -> Iterable[str]:
    """The barrel's outline, every mark as a short line, the numbered ones longer with their number below."""
    yield f'<rect class="barrel" x="{ZERO:g}" y="{TOP:g}" width="{END - ZERO:g}" height="{BOTTOM - TOP:g}"/>'
    mark, step = exact(one.mark_ml), numbered(one)
    short, long = [], []
    for count in range(int(exact(one.capacity_ml) / mark) + 1):
        at = count * mark
        (long if at % step == 0 else short).append(at)
    yield '<path class="mark" d="' + "".join(f"M{x(at):.1f} {TOP:g}v6" for at in short) + '"/>'
    yield '<path class="mark long" d="' + "".join(f"M{x(at):.1f} {TOP:g}v12" for at in long) + '"/>'
    for at in long:
        yield f'<text class="scale" x="{x(at):.1f}" y="{BOTTOM + 16:g}">{words.mark(at, one)}</text>'
    unit = "mL" if one.scale_per_ml == 1 else "1/100 mL"
    yield f'<text class="unit" x="{END + 12:g}" y="{BOTTOM + 16:g}">{unit}</text>'


def _boundaries(one: Syringe, fill: Fill, points: Sequence[tuple[int, Point]], x: Across) -> Iterable[str]:
    """Where the plunger stops between points, and the arrows of what to draw up and to push out."""
    for _, point in points:
        yield f'<path class="stop" d="M{x(point.to_ml):.1f} {TOP - 3:g}V{BOTTOM + 3:g}"/>'
    yield _arrow(x(fill.draw_to_ml), f"draw up to {words.mark(fill.draw_to_ml, one)}", "draw", "end")
    if fill.ready_ml != fill.draw_to_ml:
        yield _arrow(x(fill.ready_ml), f"air out to {words.mark(fill.ready_ml, one)}", "ready", "below")


def _arrow(at: float, text: str, kind: str, where: str) -> str:
    if where == "below":
        tip = f"M{at:.1f} {BOTTOM + 19:g}l-5 9h10Z"
        anchor, x, y = ("start", at + 9, BOTTOM + 31) if at < WIDTH / 2 else ("end", at - 9, BOTTOM + 31)
        return (
            f'<path class="{kind}" d="{tip}"/>'
            f'<text class="{kind}" x="{x:.1f}" y="{y:g}" text-anchor="{anchor}">{text}</text>'
        )
    anchor, x = ("start", at + 9) if at < WIDTH / 2 else ("end", at - 9)
    return (
        f'<path class="{kind}" d="M{at:.1f} {TOP - 2:g}l-6 -11h12Z"/>'
        f'<text class="{kind}" x="{x:.1f}" y="{TOP - 8:g}" text-anchor="{anchor}">{text}</text>'
    )
