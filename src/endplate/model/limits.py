"""What a simulated course does not say: printed with every result."""

from __future__ import annotations

from typing import Any

from endplate.catalogue import catalogue
from endplate.model.setup import Setup

STANDING = (
    "Bands come from prior intervals of the parameters and of needle placement; they are not yet calibrated.",
    "Average adult anatomy from published norms; many dimensions and most endplate maps are declared priors (grade D).",
    "Force of muscles only: what the face does, lines, and unwanted effects as rates are not modelled yet.",
)


def limits_of(plan: Any, setup: Setup) -> tuple[str, ...]:
    """Limits of this course: the standing ones, and those that this plan adds."""
    found = list(STANDING)
    found += [_linearity(product) for product in sorted({s.product for s in setup.sessions})]
    if any(site.grade == "D" for site in setup.placed):
        found.append("At least one site has no published map: its place is a declared prior (grade D).")
    if len({s.product for s in setup.sessions}) > 1:
        found.append(
            "Several products: their units are kept apart and meet only as light chain in the endplate."
        )
    if any(s.given for s in plan.sessions):
        found.append(
            "Sessions marked as given are simulated before day 0; their record is taken at its word."
        )
    return tuple(found)


def _linearity(product: str) -> str:
    from endplate.model.junction.entry import linearity_error

    record = catalogue().product(product)
    if record.toxin_pg_per_u is None:
        return f"{record.name}: toxin mass per unit not published; linearity of exposure in units is assumed."
    error = linearity_error(4.0, 0.1, float(record.toxin_pg_per_u.value))
    return (
        f"Exposure is taken as linear in units; for 4 U of {record.name} in 0.1 mL the error is {error:.1%}."
    )
