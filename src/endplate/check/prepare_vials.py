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
    """Whole vials for what the syringes take, each of which keeps its residue.

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
    strength = dilution.u_per_ml

    def units(name: str) -> Fraction:
        return sum((getattr(one, name) for one in fills), NONE) * strength

    left_ml = needed * dilution.vial_ml - taken
    return Vials(
        needed=needed,
        planned=planned,
        residue_ml=residue,
        taken_ml=taken,
        prepared_u=needed * dilution.vial_u,
        planned_u=sum((one.units for one in points), NONE),
        injected_u=units("injected_ml"),
        dead_u=units("dead_ml"),
        drawing_u=units("drawing_ml"),
        rest_u=units("rest_ml"),
        left_u=left_ml * strength,
        left_ml=left_ml,
    )
