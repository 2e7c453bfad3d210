"""What a simulated course does not say: printed with every result."""

from __future__ import annotations

from typing import Any

from endplate.catalogue import catalogue
from endplate.model.setup import Setup

STANDING = (
    "Bands come from prior intervals of the parameters and of needle placement; they are not yet calibrated.",
    "Bands are for the average face of this sex and age: anatomy is not drawn.",
    "Average adult anatomy from published norms; many dimensions and most endplate maps are declared priors (grade D).",
    "Muscles beside the targets are less well known: their exposure may be off by a factor of six (reference engine).",
    "What the face does rests on declared laws with wide priors; unwanted effects as chances: `endplate risk`.",
)


def limits_of(plan: Any, setup: Setup) -> tuple[str, ...]:
    """Limits of this course: the standing ones, and those that this plan adds."""
    found = list(STANDING)
    products = sorted({s.product for s in setup.sessions})
    found += [_linearity(product, setup) for product in products]
    found += [_potency(product) for product in products if _threshold(product).grade == "D"]
    if any(catalogue().product(product).serotype == "B" for product in products):
        found.append(
            "Type B: a foot muscle holds only the ratio of threshold to that muscle's sensitivity; in any other muscle "
            "its potency is a guess."
        )
    if any(site.slipped is not None for site in setup.sites):
        found.append(
            "A 90 % band cannot show what happens in fewer than one of twenty treatments: a lid that droops after a "
            "needle near the orbital rim is such an event. The model likely has too few: no reported rate is used."
        )
    if any(site.grade == "D" for site in setup.placed):
        found.append("At least one site has no published map: its place is a declared prior (grade D).")
    if len(products) > 1:
        found.append(
            "Several products: their units are kept apart and meet only as light chain in the endplate."
        )
    if len({s.day for s in setup.sessions}) > 1:
        found.append(
            "Exposure, shares and captured units are of the session(s) on day 0; force is of all sessions."
        )
    if any(s.given for s in plan.sessions):
        found.append(
            "Sessions marked as given are simulated before day 0; their record is taken at its word."
        )
    return tuple(found)


def _threshold(product: str) -> Any:
    return catalogue().parameter(f"threshold.{product}")


def _potency(product: str) -> str:
    return (
        f"The potency of {catalogue().product(product).name} is a declared prior, centred where its own label dose "
        "does what other label doses do: do not compare products by it."
    )


def _linearity(product: str, setup: Setup) -> str:
    """How far from linear the most concentrated injection of a product is."""
    from endplate.model.junction.entry import linearity_error

    record = catalogue().product(product)
    given = [
        (s.units / s.volume_ml, s.units, s.volume_ml)
        for s in setup.sites
        if s.product == product and s.units > 0
    ]
    if record.toxin_pg_per_u is None or not given:
        return f"{record.name}: toxin mass per unit not published; linearity of exposure in units is assumed."
    _, units, volume_ml = max(given)
    error = linearity_error(units, volume_ml, float(record.toxin_pg_per_u.value))
    given_as = f"{units:g} U of {record.name} in {volume_ml:g} mL"
    return f"Exposure is taken as linear in units; for {given_as} the error is {100 * error:.1f} %."
