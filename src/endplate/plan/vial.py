"""Vial arithmetic: units, volume and concentration of one product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from endplate.errors import PlanError
from endplate.plan.session import Injection, Reconstitution

if TYPE_CHECKING:
    from endplate.catalogue import Product

UNITS_TOLERANCE = 0.02  # units against volume x concentration
STATED_TOLERANCE = 0.01  # units_per_0_1_ml against the vial
LABEL_ROUNDING = 0.05  # labels print 8 U per 0.1 mL where 100 U in 1.2 mL makes 8.33
ABSURD_VIALS = 10
ABSURD_UNITS = 100_000.0  # for a product whose vials are not known


def figure(value: float) -> str:
    """A number for a sentence: four figures, no trailing zeros."""
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"


def concentration_u_per_ml(product: Product, reconstitution: Reconstitution | None) -> float | None:
    """U/mL of the fluid in the syringe, or None when the plan does not say how the powder was dissolved."""
    if reconstitution is not None:
        return reconstitution.vial_units / reconstitution.diluent_ml
    return product.concentration_u_per_ml


def fits(units: float, volume_ml: float, u_per_ml: float, tolerance: float = UNITS_TOLERANCE) -> bool:
    """True when the volume holds the units. No units fit any volume: 0 U is an injection without toxin."""
    return units == 0 or abs(units - volume_ml * u_per_ml) <= tolerance * volume_ml * u_per_ml


def check_reconstitution(product: Product, reconstitution: Reconstitution | None) -> None:
    """Raise when the vial is none of the product's, or the stated concentration is not the vial's."""
    if reconstitution is None:
        return
    if product.concentration_u_per_ml is not None:
        raise PlanError(
            f"{product.id} has a reconstitution, but is a ready-to-use liquid of "
            f"{figure(product.concentration_u_per_ml)} U/mL.",
            "",
            "Leave out `reconstitution`.",
        )
    if product.vials_u and reconstitution.vial_units not in product.vials_u:
        raise PlanError(
            f"vial_units = {figure(reconstitution.vial_units)}: no such vial of {product.id}.",
            "Its vials: " + ", ".join(f"{figure(size)} U" for size in product.vials_u) + " (catalogue).",
            "Write the units printed on the vial.",
        )
    stated = reconstitution.units_per_0_1_ml
    right = reconstitution.vial_units / reconstitution.diluent_ml / 10
    if stated is not None and abs(stated - right) > STATED_TOLERANCE * right:
        raise PlanError(
            f"vial arithmetic does not fit: {figure(reconstitution.vial_units)} U in "
            f"{figure(reconstitution.diluent_ml)} mL are {figure(right)} U per 0.1 mL, not {figure(stated)}.",
            "",
            f"Write units_per_0_1_ml = {figure(right)} or correct diluent_ml.",
        )


def check_amount(product: Product, units: float) -> None:
    """Raise on more than ten of the product's largest vials."""
    largest = max(product.vials_u, default=0.0)
    most = ABSURD_VIALS * largest if largest else ABSURD_UNITS
    if units > most:
        told = f"over ten of its largest vials ({figure(largest)} U each)" if largest else "beyond any use"
        raise PlanError(
            f"{figure(units)} U of {product.id} is {told}.",
            "Units of one product are not those of another.",
            f"Give at most {figure(most)} U.",
        )


def check_volume(injection: Injection, u_per_ml: float | None) -> None:
    """Raise unless the volume holds the units at this concentration."""
    if u_per_ml is None or fits(injection.units, injection.volume_ml, u_per_ml):
        return
    held, right_ml = injection.volume_ml * u_per_ml, injection.units / u_per_ml
    raise PlanError(
        f"vial arithmetic does not fit: {figure(injection.volume_ml)} mL at {figure(u_per_ml)} U/mL hold "
        f"{figure(held)} U, not {figure(injection.units)} U.",
        "",
        f"Write volume_ml = {figure(right_ml)} or units = {figure(held)}.",
    )


def check_stock(injections: Sequence[Injection], reconstitution: Reconstitution | None) -> None:
    """Raise when the session needs more than its vials hold."""
    if reconstitution is None:
        return
    needed = sum(injection.units for injection in injections)
    stock = reconstitution.vials * reconstitution.vial_units
    if needed > stock * (1 + UNITS_TOLERANCE):
        vials = int(-(-needed // reconstitution.vial_units))
        raise PlanError(
            f"vial arithmetic does not fit: the injections need {figure(needed)} U, "
            f"the vials hold {figure(stock)} U.",
            "",
            f"Write vials = {vials} or give fewer units.",
        )
