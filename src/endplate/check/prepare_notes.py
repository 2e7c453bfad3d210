"""What a sheet must say loudly, what it should say besides, and whose word it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from endplate.catalogue.syringes import Syringe, facts, number
from endplate.check.prepare_records import OFF_LABEL, Dilution, Point, UseBy, Vials
from endplate.check.prepare_syringe import beyond_fixed
from endplate.check.prepare_time import kept
from endplate.plan.session import Session

TRACE = Fraction(1, 10**6)  # what arithmetic of volumes in a plan may leave behind
PLACES = {"us": "US", "eu": "EU", "uk": "UK", "asia": "Asian"}


def place_name(jurisdiction: str) -> str:
    """A jurisdiction as people write it."""
    return PLACES.get(jurisdiction, jurisdiction.replace("_", " "))


def loud_words(points: Sequence[Point], vials: Vials) -> list[str]:
    """Points that the marks take away or change, and vials that do not suffice."""
    words = []
    gone = [point.id for point in points if point.pushed_ml == 0]
    if gone:
        words.append(f"Smaller than half a mark, so nothing is given: {', '.join(gone)}.")
    changed = [point for point in points if point.loud and point.pushed_ml]
    if changed:
        worst = max(changed, key=lambda point: abs(point.difference_share))
        share = 100 * float(worst.difference_share)
        words.append(
            f"The marks change {len(changed)} of {len(points)} points by more than "
            f"{100 * float(number('loud_share')):g} %, most {worst.id}: {_signed(share)} %."
        )
    if vials.planned is not None and vials.needed > vials.planned:
        words.append(
            f"The plan counts {vials.planned} vial{'s' if vials.planned > 1 else ''}; with what stays in vials and "
            f"syringes it takes {vials.needed}."
        )
    return words


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
    if why:
        ending = "choose another syringe" if taken.needle == "fixed" else "so no insulin syringe"
        words.append(f"{why[0].upper()}{why[1:]}: {ending}.")
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
    if dilution.note:
        words.append(f"The plan dissolves in {dilution.diluent}; {dilution.note}.")
    if dilution.basis != "liquid" and not facts()[f"diluent.{session.product}"].checked:
        words.append("Which saline the label prints is from memory: verify.")
    if until is not None and not until.own:
        words.append(_borrowed(session.jurisdiction, until.jurisdiction))
    return words


def _borrowed(asked: str | None, given: str) -> str:
    """Whose time of use is told where the session's own place has none."""
    place = place_name(given)
    if asked is None or asked in OFF_LABEL:
        return (
            f"The session names no label, so the time of use is the shortest held: that of the {place} text."
        )
    return f"No time of use is held for {place_name(asked)}; that of the {place} text is given."


def sources(session: Session, dilution: Dilution, taken: Syringe, until: UseBy | None) -> tuple[str, ...]:
    """Ids of the sources behind a sheet, once each."""
    named = [
        dilution.source,
        facts()[f"diluent.{session.product}"].source if dilution.basis != "liquid" else "",
        *taken.sources,
        facts()["vial_residue"].source,
        facts()["loud_share"].source,
        facts()["freehand_volume"].source,
        facts()["fixed_needle"].source if beyond_fixed(session) else "",
        until.source if until else "",
        *(one.source for one in kept(session)),
    ]
    return tuple(dict.fromkeys(name for name in named if name))


def _signed(value: float) -> str:
    return f"{value:+.0f}".replace("-", "\u2212")


def _ml(value: Fraction) -> str:
    return f"{float(value):.4g}"


def _u(value: Fraction) -> str:
    return f"{float(value):.4g}"
