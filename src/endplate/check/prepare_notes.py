"""What a sheet must say loudly, what it should say besides, and whose word it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from endplate.catalogue import catalogue
from endplate.catalogue.labels import PLACES
from endplate.catalogue.syringes import Syringe, exact, facts, number
from endplate.check.prepare_dilution import other_brand, vial_fact
from endplate.check.prepare_order import NOT_TOLD
from endplate.check.prepare_records import OFF_LABEL, Dilution, Point, UseBy, Vials
from endplate.check.prepare_syringe import beyond_fixed, to_mark
from endplate.check.prepare_time import kept
from endplate.plan.session import Session

TRACE = Fraction(1, 10**6)  # what arithmetic of volumes in a plan may leave behind


def place_name(jurisdiction: str) -> str:
    """A jurisdiction as people write it."""
    if jurisdiction in PLACES:
        return jurisdiction.upper()
    return {"asia": "Asian"}.get(jurisdiction, jurisdiction.replace("_", " "))


def loud_words(
    session: Session, dilution: Dilution, points: Sequence[Point], vials: Vials, taken: Syringe
) -> list[str]:
    """What the marks change, vials that do not suffice, fluid, brand and needle that are not those of the label."""
    words = []
    gone = [point.id for point in points if point.pushed_ml == 0]
    if gone:
        words.append(f"Smaller than half a mark, so nothing is given: {_named(points, gone)}.")
    changed = [point for point in points if point.loud and point.pushed_ml]
    if changed:
        worst = max(changed, key=lambda point: abs(point.difference_share))
        share = 100 * float(worst.difference_share)
        words.append(
            f"The marks change {len(changed)} of {len(points)} points by more than "
            f"{100 * float(number('loud_share')):g} %, most {_named(points, [worst.id])}: {_signed(share)} %."
        )
    if abs(vials.total_share) > number("loud_total"):
        words.append(
            f"In all {_u(vials.planned_u)} U are planned and {_u(vials.injected_u)} U given: "
            f"{_signed(100 * float(vials.total_share), 1)} %."
        )
    words += _short(dilution, points, vials)
    words += _other_vial(session, dilution)
    if dilution.note:
        words.append(f"The plan dissolves in {dilution.diluent}; {dilution.note}.")
    if beyond_fixed(session) and not taken.any_length:
        words.append(
            f"{taken.name} does not suit: {beyond_fixed(session)}. Take one whose needle can be chosen."
        )
    return words


def _named(points: Sequence[Point], ids: Sequence[str]) -> str:
    """Points by their numbers on the sheet, and their ids."""
    found = [f"{number} ({one.id})" for number, one in enumerate(points, start=1) if one.id in ids]
    return f"point{'s' if len(found) > 1 else ''} {', '.join(found)}"


def _short(dilution: Dilution, points: Sequence[Point], vials: Vials) -> list[str]:
    """More than the plan's vials give. No further vial is opened in silence."""
    if not vials.short_ml:
        return []
    count, size = vials.planned or 0, _u(vials.short_ml * dilution.u_per_ml)
    words = (
        f"The plan counts {count} vial{'s' if count > 1 else ''}; with what stays in vials and syringes about "
        f"{_ml(vials.short_ml)} mL ({size} U) are lacking"
    )
    if vials.lacking:
        words += f", for {_named(points, vials.lacking)}"
    if not vials.short_heeded_ml:
        return [f"{words}. Drawn up with care ({_ml(number('vial_residue_heeded'))} mL stay) it suffices."]
    return [f"{words}. It takes {vials.needed} vials, or less in the last points: change the plan."]


def _other_vial(session: Session, dilution: Dilution) -> list[str]:
    """A vial that is not known under the session's brand."""
    fact = vial_fact(session.product, dilution.vial_u)
    if fact is None or not other_brand(fact, session):
        return []
    memory = "" if fact.checked else " (from memory, verify)"
    return [f"The plan says {session.brand}, but {fact.says}{memory}. Look at the box."]


def notes(
    session: Session,
    dilution: Dilution,
    points: Sequence[Point],
    plain: Sequence[Point],
    taken: Syringe,
    until: UseBy | None,
) -> list[str]:
    """What should be known besides: label rounding, needle, small volumes, points without toxin, borrowed times."""
    words = []
    printed = [point for point in points if abs(point.holds_u - point.units) > TRACE * point.units]
    if printed:
        one = printed[0]
        words.append(
            f"{len(printed)} of {len(points)} planned volumes hold a little more or less than the units planned: "
            f"{_ml(one.volume_ml)} mL hold {_u(one.holds_u)} U, planned or printed as {_u(one.units)} U."
        )
    why = beyond_fixed(session)
    if why and taken.any_length:
        words.append(
            f"Needle to be chosen: {why}. No length is told here; waste is counted as with a thick needle (21 or 23 G)."
        )
    if taken.needle == "fixed":
        words.append("The needle is fixed: the one that pierces a stopper also injects.")
    small = number("freehand_volume")
    if any(0 < point.pushed_ml <= small for point in points):
        words.append(
            f"By hand, {_ml(small)} mL were off by more than a tenth on average ({facts()['freehand_volume'].source})."
        )
    if plain:
        words.append(
            f"Without toxin, from a syringe of its own: {', '.join(f'{p.id} {_ml(p.volume_ml)} mL' for p in plain)}."
        )
    words += _whole_marks(dilution, points, taken)
    if dilution.basis != "liquid" and not facts()[f"diluent.{session.product}"].checked:
        words.append("Which saline the label prints is from memory: verify.")
    if until is not None and not until.own:
        words.append(_borrowed(session.jurisdiction, until.jurisdiction))
    if until is None and dilution.basis != "liquid":
        words.append("How long it keeps once dissolved is not held here: see the leaflet.")
    if len(brands_of(session)) > 1:
        words.append(f"The plan names no brand; this product is sold as {', '.join(brands_of(session))}.")
    if any(point.where == NOT_TOLD for point in points):
        words.append("For some points the plan tells no place: ask before injecting.")
    return words


def brands_of(session: Session) -> tuple[str, ...]:
    """The brand that the session names; else all of its product."""
    return (session.brand,) if session.brand else tuple(catalogue().product(session.product).brands)


def _whole_marks(dilution: Dilution, points: Sequence[Point], taken: Syringe) -> list[str]:
    """Where the marks change every point alike: how much fluid would make them whole marks."""
    shares = {point.difference_share for point in points}
    if dilution.basis != "plan" or len(shares) != 1 or shares == {0} or shares == {-1}:
        return []
    (share,) = shares
    step = Fraction(1, 20) if dilution.vial_ml > 1 else Fraction(1, 100)
    fluid = step * round(dilution.vial_ml * (1 + share) / step)
    if fluid <= 0:
        return []
    u_per_ml = dilution.vial_u / fluid
    anew = max(
        abs(to_mark(one.units / u_per_ml, exact(taken.mark_ml)) * u_per_ml / one.units - 1) for one in points
    )
    if 2 * anew > abs(share):
        return []
    ending = "would be whole marks" if anew == 0 else f"would be off by {100 * float(anew):.1g} % at most"
    return [f"Dissolved in {_ml(fluid)} mL instead of {_ml(dilution.vial_ml)} mL, all points {ending}."]


def _borrowed(asked: str | None, given: str) -> str:
    """Whose time of use is told where the session's own place has none."""
    here = "this session, which names no label" if asked is None or asked in OFF_LABEL else place_name(asked)
    return (
        f"No time of use is held for {here}; that of the {place_name(given)} text is told. See the leaflet."
    )


def sources(session: Session, dilution: Dilution, taken: Syringe, until: UseBy | None) -> tuple[str, ...]:
    """Ids of the sources behind a sheet, once each."""
    named = [
        dilution.source,
        facts()[f"diluent.{session.product}"].source if dilution.basis != "liquid" else "",
        *taken.sources,
        facts()["vial_residue"].source,
        facts()["loud_share"].source,
        facts()["loud_total"].source,
        facts()["barrel_free"].source,
        facts()["freehand_volume"].source,
        facts()["fixed_needle"].source if beyond_fixed(session) else "",
        until.source if until else "",
        *(one.source for one in kept(session)),
    ]
    return tuple(dict.fromkeys(name for name in named if name))


def _signed(value: float, places: int = 0) -> str:
    return f"{value:+.{places}f}".replace("-", "\u2212")


def _ml(value: Fraction) -> str:
    return f"{float(value):.4g}"


def _u(value: Fraction) -> str:
    return f"{float(value):.4g}"
