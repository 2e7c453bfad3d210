"""Marks and syringes: each point to the nearest mark, points into syringes, and which syringe fits best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from endplate.catalogue import catalogue
from endplate.catalogue.syringes import Syringe, exact, number, syringe, syringes
from endplate.catalogue.targets import targets
from endplate.check.prepare_records import Fill, Point
from endplate.errors import PlanError
from endplate.plan.session import Session

NONE = Fraction(0)


def to_mark(volume_ml: Fraction, mark_ml: Fraction) -> Fraction:
    """The nearest mark; half way between two, the lower one (less toxin rather than more).

    >>> to_mark(Fraction("0.096"), Fraction("0.01")), to_mark(Fraction("0.025"), Fraction("0.01"))
    (Fraction(1, 10), Fraction(1, 50))
    """
    marks = volume_ml / mark_ml
    below = floor(marks)
    return mark_ml * (below + (1 if marks - below > Fraction(1, 2) else 0))


def usable_ml(one: Syringe) -> Fraction:
    """What one filling can inject: whole marks, after the fresh needle is filled, or with room for the vial's air."""
    mark, held = exact(one.mark_ml), exact(one.capacity_ml)
    free = held * number("barrel_free") if one.needle == "fixed" else exact(one.priming_ml)
    return mark * floor((held - free) / mark)


def rounded(points: Sequence[Point], one: Syringe, u_per_ml: Fraction) -> tuple[Point, ...]:
    """The points as the marks of a syringe allow them, not yet given to a syringe."""
    loud_share, mark = number("loud_share"), exact(one.mark_ml)
    found = []
    for point in points:
        pushed = to_mark(point.volume_ml, mark)
        units = pushed * u_per_ml
        loud = pushed == 0 or abs(units - point.units) > loud_share * point.units
        found.append(replace(point, pushed_ml=pushed, pushed_u=units, loud=loud))
    return tuple(found)


def filled(points: Sequence[Point], one: Syringe) -> tuple[tuple[Point, ...], tuple[Fill, ...]]:
    """Points given to syringes in their order, each wholly to one, with the marks to push from and to.

    Raises:
        PlanError: a point that no filling can hold, or nothing left to push.
    """
    most = usable_ml(one)
    groups: list[list[int]] = []
    held = NONE
    for index, point in enumerate(points):
        if point.pushed_ml > most:
            raise _too_large(point, one, most)
        if point.pushed_ml == 0:
            continue
        if not groups or held + point.pushed_ml > most:
            groups.append([])
            held = NONE
        groups[-1].append(index)
        held += point.pushed_ml
    if not groups:
        raise PlanError(
            f"every point is smaller than half a mark of the {one.name}, so nothing would be given.",
            "",
            "Dissolve in more fluid, or take a syringe with finer marks.",
        )
    marked = list(points)
    fills = []
    for count, group in enumerate(groups, start=1):
        fill = _fill(count, sum((points[i].pushed_ml for i in group), NONE), one)
        fills.append(fill)
        stands = fill.ready_ml
        for i in group:
            after = stands - points[i].pushed_ml
            marked[i] = replace(points[i], syringe=count, from_ml=stands, to_ml=after)
            stands = after
    return tuple(marked), tuple(fills)


def _fill(count: int, injected_ml: Fraction, one: Syringe) -> Fill:
    """Drawn up to a whole mark that leaves the injected volume in the barrel once a fresh needle is full."""
    mark, priming = exact(one.mark_ml), exact(one.priming_ml)
    draw_to = mark * ceil((injected_ml + priming) / mark)
    return Fill(
        number=count,
        draw_to_ml=draw_to,
        ready_ml=injected_ml,
        injected_ml=injected_ml,
        dead_ml=exact(one.dead_ml),
        drawing_ml=exact(one.drawing_ml),
        rest_ml=draw_to - priming - injected_ml,
    )


def beyond_fixed(session: Session) -> str:
    """Why the needle of an insulin syringe will not do, in words; nothing where it will."""
    reach = number("fixed_needle")
    if session.guidance == "emg":
        return "the needle that listens to the muscle must fit"
    if any(one.depth_mm is not None and exact(one.depth_mm) > reach for one in session.injections):
        return f"a point lies deeper than the {float(reach):g} mm of a fixed needle"
    for one in session.injections:
        outside = targets().get(one.muscle)
        held = catalogue().muscles.get(one.muscle)
        if (outside and outside.region != "skin") or (held and held.group == "eye"):
            return f"a fixed needle of {float(reach):g} mm does not reach {one.muscle.replace('_', ' ')}"
    return ""


def chosen(points: Sequence[Point], u_per_ml: Fraction, asked: str | None, changed: bool = False) -> Syringe:
    """The syringe asked for, else the best (see `rank`); `changed`: only of those to which any needle fits.

    Raises:
        CatalogueError: an unknown syringe. PlanError: none can hold the largest point, or all are too coarse.
    """
    if asked is not None:
        return syringe(asked)
    ranked = []
    held = [one for one in syringes().values() if one.any_length or not changed]
    for one in held:
        try:
            ranked.append((rank(points, one, u_per_ml), one))
        except PlanError:
            continue
    if not ranked:
        largest = max(points, key=lambda point: point.volume_ml)
        widest = max(held, key=usable_ml)
        finest = min(held, key=lambda one: one.mark_ml)
        if largest.volume_ml <= usable_ml(finest):
            filled(rounded(points, finest, u_per_ml), finest)  # raises: what the finest marks cannot give
        raise _too_large(largest, widest, usable_ml(widest))
    return min(ranked, key=lambda pair: pair[0])[1]


def rank(
    points: Sequence[Point], one: Syringe, u_per_ml: Fraction
) -> tuple[int, int, bool, int, Fraction, Fraction, Fraction]:
    """What makes a syringe worse, the weightiest first.

    Loud points, points of too few marks, a session's units changed loudly, syringes, the largest change of a point,
    size of the barrel, fluid lost.
    """
    marked, fills = filled(rounded(points, one, u_per_ml), one)
    least = number("fewest_marks") * exact(one.mark_ml)
    return (
        sum(point.loud for point in marked),
        sum(point.pushed_ml < least for point in marked),
        abs(total_share(marked)) > number("loud_total"),
        len(fills),
        max(abs(point.difference_share) for point in marked),
        exact(one.capacity_ml),
        exact(one.dead_ml) + exact(one.drawing_ml),
    )


def total_share(points: Sequence[Point]) -> Fraction:
    """How much more than planned all points together get, as a share of the plan."""
    planned = sum((point.units for point in points), NONE)
    return (sum((point.pushed_u for point in points), NONE) - planned) / planned


def _too_large(point: Point, one: Syringe, most: Fraction) -> PlanError:
    return PlanError(
        f"{point.id} needs {float(point.volume_ml):.4g} mL; one filling gives at most {float(most):g} mL "
        f"({one.name}).",
        "",
        "Split it into two injections, or choose a larger syringe.",
    )
