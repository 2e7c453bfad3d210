"""Vials needed, and where every unit made ready goes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from endplate.catalogue.syringes import number
from endplate.check.prepare_records import Dilution, Fill, Point, Vials
from endplate.errors import PlanError

NONE = Fraction(0)


def vials_of(
    points: Sequence[Point], fills: Sequence[Fill], dilution: Dilution, planned: int | None
) -> Vials:
    """Whole vials for what the syringes take, each of which keeps its residue; never more are opened than planned.

    Raises:
        PlanError: a vial that holds no more than its residue.
    """
    residue = number("vial_residue")
    if dilution.vial_ml <= residue:
        raise PlanError(
            f"the vial holds {float(dilution.vial_ml):g} mL, of which {float(residue):g} mL cannot be drawn up.",
            "",
            "Dissolve it in more fluid.",
        )
    taken = sum((one.taken_ml for one in fills), NONE)
    needed = ceil(taken / (dilution.vial_ml - residue))
    opened = needed if planned is None else min(needed, planned)
    strength = dilution.u_per_ml
    short = _short(taken, opened, dilution, residue)

    def units(name: str) -> Fraction:
        return sum((getattr(one, name) for one in fills), NONE) * strength

    left_ml = opened * dilution.vial_ml - taken
    return Vials(
        needed=needed,
        planned=planned,
        opened=opened,
        short_ml=short,
        short_heeded_ml=_short(taken, opened, dilution, number("vial_residue_heeded")),
        lacking=_lacking(points, fills, opened * (dilution.vial_ml - residue)) if short else (),
        residue_ml=residue,
        taken_ml=taken,
        prepared_u=opened * dilution.vial_u,
        planned_u=sum((one.units for one in points), NONE),
        injected_u=units("injected_ml"),
        dead_u=units("dead_ml"),
        drawing_u=units("drawing_ml"),
        rest_u=units("rest_ml"),
        left_u=left_ml * strength,
        left_ml=left_ml,
    )


def _short(taken_ml: Fraction, opened: int, dilution: Dilution, residue_ml: Fraction) -> Fraction:
    """What is missing in the vials that are opened."""
    return max(taken_ml - opened * (dilution.vial_ml - residue_ml), NONE)


def _lacking(points: Sequence[Point], fills: Sequence[Fill], held_ml: Fraction) -> tuple[str, ...]:
    """The points, in their order, for which the fluid does not suffice."""
    found = []
    for fill in fills:
        given = min(fill.taken_ml, held_ml)
        held_ml -= given
        given -= fill.taken_ml - fill.injected_ml
        for point in points:
            if point.syringe == fill.number:
                given -= point.pushed_ml
                if given < 0:
                    found.append(point.id)
    return tuple(found)
