"""How strong the fluid is: as the plan says, as a label prints it, or as the liquid comes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from endplate.catalogue import catalogue
from endplate.catalogue.syringes import exact, facts, number
from endplate.check.prepare_records import OFF_LABEL, Dilution
from endplate.errors import PlanError
from endplate.plan import lookup, vial
from endplate.plan.session import Injection, Session

if TYPE_CHECKING:
    from endplate.catalogue import Product
    from endplate.catalogue.records import Dilution as Printed
    from endplate.catalogue.syringes import Fact

DILUENTS = {
    "saline": "saline (0.9 % sodium chloride)",
    "preserved_saline": "preserved saline",
    "saline_with_lidocaine": "saline with lidocaine",
    "water": "water for injection",
}
STRICT, ROUNDED = exact(vial.UNITS_TOLERANCE), exact(vial.LABEL_ROUNDING)


def dilution_of(session: Session) -> Dilution:
    """The fluid of a session.

    Raises:
        PlanError: no vial of the product is known, or no label dilution fits the volumes.
    """
    product = catalogue().product(session.product)
    _check_known(product)
    if product.concentration_u_per_ml is not None:
        return _liquid(product, session)
    if session.reconstitution is not None:
        return _planned(product, session)
    return _label(product, session)


def volume_of(session: Session, injection: Injection, u_per_ml: Fraction) -> Fraction:
    """The planned volume exactly: as written, or, where the program worked it out from the vial, by exact division."""
    product = catalogue().product(session.product)
    known = vial.concentration_u_per_ml(product, session.reconstitution)
    units = exact(injection.units)
    if known is not None and injection.volume_ml == injection.units / known:
        return units / u_per_ml
    if injection.pattern is not None and injection.site is not None:
        site = lookup.site(lookup.pattern(injection.pattern), injection.site)
        if injection.volume_ml == site.volume_ml * injection.units / site.units:
            return exact(site.volume_ml) * units / exact(site.units)
    return exact(injection.volume_ml)


def _check_known(product: Product) -> None:
    """Raise where not even the vial is known."""
    if product.vials_u:
        return
    raise PlanError(
        f"no vial of {product.name} is known, so nothing can be drawn up.",
        f"Status: {product.status.rstrip('.')} (catalogue).",
        "Plan another product: `endplate list products`.",
    )


def _planned(product: Product, session: Session) -> Dilution:
    made = session.reconstitution
    assert made is not None
    fact = facts()[f"diluent.{product.id}"]
    plain = made.diluent == "saline"
    return Dilution(
        basis="plan",
        vial_u=exact(made.vial_units),
        vial_ml=exact(made.diluent_ml),
        diluent=fact.says if plain else DILUENTS[made.diluent],
        note="" if plain else f"labels print {fact.says}",
        source=fact.source,
        checked=fact.checked,
    )


def _liquid(product: Product, session: Session) -> Dilution:
    """The vial size that leaves least over, then the fewest vials."""
    strength = exact(product.concentration_u_per_ml or 0.0)
    needed = sum((exact(one.volume_ml) for one in session.injections), Fraction(0)) * strength
    size = min((exact(one) for one in product.vials_u), key=lambda one: _cost(one, one / strength, needed))
    evidence = product.evidence["concentration_u_per_ml"]
    return Dilution(
        basis="liquid",
        vial_u=size,
        vial_ml=size / strength,
        source=evidence.source,
        checked=evidence.checked,
    )


def _cost(vial_u: Fraction, vial_ml: Fraction, needed_u: Fraction) -> tuple[Fraction, int]:
    """Units made ready, and vials, with what stays in each."""
    reached = max(1 - number("vial_residue") / vial_ml, Fraction(1, 100))
    vials = max(ceil(needed_u / (vial_u * reached)), 1)
    return vials * vial_u, vials


def _label(product: Product, session: Session) -> Dilution:
    """The printed dilution that fits every volume: closely rather than by rounding, read rather than recalled, then
    the one that leaves least over."""
    toxin = [one for one in session.injections if one.units > 0]
    fitting = [one for one in _sold(product, session) if _fits(one, toxin, ROUNDED)]
    if not fitting:
        raise _none_fits(product, toxin)
    needed = sum((exact(one.units) for one in toxin), Fraction(0))

    def rank(one: Printed) -> tuple[bool, bool, tuple[Fraction, int]]:
        cost = _cost(exact(one.vial_u), exact(one.diluent_ml), needed)
        return not _fits(one, toxin, STRICT), not one.checked, cost

    best = min(fitting, key=rank)
    return Dilution(
        basis="label",
        vial_u=exact(best.vial_u),
        vial_ml=exact(best.diluent_ml),
        diluent=facts()[f"diluent.{product.id}"].says,
        use=best.use,
        source=best.source,
        checked=best.checked,
    )


def _sold(product: Product, session: Session) -> list[Printed]:
    """Printed dilutions of the vials that are sold in this jurisdiction under this brand, as far as that is known."""
    found = []
    for one in product.dilutions:
        fact = vial_fact(product.id, exact(one.vial_u))
        if fact is None or (not _elsewhere(fact, session.jurisdiction) and not other_brand(fact, session)):
            found.append(one)
    return found


def vial_fact(product: str, vial_u: Fraction) -> Fact | None:
    """What is known of where a vial of this size is sold, and under which brand."""
    return facts().get(f"vial.{product}.{float(vial_u):g}")


def _elsewhere(fact: Fact, jurisdiction: str | None) -> bool:
    anywhere = jurisdiction is None or jurisdiction in OFF_LABEL or not fact.jurisdictions
    return not anywhere and jurisdiction not in fact.jurisdictions


def other_brand(fact: Fact, session: Session) -> bool:
    """Whether a vial is known to be sold under other brands than the session's."""
    known = {name.lower() for name in fact.brands}
    return session.brand is not None and bool(known) and session.brand.lower() not in known


def _fits(printed: Printed, injections: Sequence[Injection], tolerance: Fraction) -> bool:
    u_per_ml = exact(printed.vial_u) / exact(printed.diluent_ml)
    return all(
        abs(exact(one.units) - exact(one.volume_ml) * u_per_ml) <= tolerance * exact(one.volume_ml) * u_per_ml
        for one in injections
    )


def _none_fits(product: Product, injections: Sequence[Injection]) -> PlanError:
    asked = sorted({exact(one.units) / exact(one.volume_ml) / 10 for one in injections})
    words = " to ".join(f"{float(one):.3g}" for one in dict.fromkeys((asked[0], asked[-1])))
    printed = sorted({float(one.vial_u / one.diluent_ml / 10) for one in product.dilutions})
    known = ", ".join(f"{one:.3g}" for one in printed) or "none"
    size = f"{product.vials_u[-1]:g}"
    ml = f"{float(exact(product.vials_u[-1]) / (asked[0] * 10)):.3g}"
    return PlanError(
        f"no label dilution of {product.name} fits the volumes, which hold {words} U per 0.1 mL.",
        f"Known for it: {known} U per 0.1 mL.",
        f"Add reconstitution = {{ vial_units = {size}, diluent_ml = {ml} }} as you dissolve it.",
    )
