"""Words and numbers of a preparation, shared by the printed sheet and the terminal."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from endplate.catalogue.syringes import Syringe, exact
from endplate.check.finding import Finding
from endplate.check.prepare_notes import place_name
from endplate.check.prepare_records import Dilution, Fill, Point, Preparation, Sheet, UseBy
from endplate.report.names import counted, product_name

MINUS = "\u2212"
SIDES = {"left": "left", "right": "right", "midline": "middle"}
LAYERS = {
    "dermis": "into the skin",
    "subcutis": "under the skin",
    "muscle": "into the muscle",
    "submuscular": "under the muscle",
}


def number(value: Fraction, places: int = 4) -> str:
    """A decimal without trailing zeros; what goes on beyond these places is rounded there.

    >>> number(Fraction("0.025")), number(Fraction(250, 3), 2), number(Fraction(20)), number(Fraction(-1, 3), 1)
    ('0.025', '83.33', '20', '−0.3')
    """
    text = f"{float(round(value, places)):.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", MINUS) if text.strip("-0.") else "0"


def ml(value: Fraction) -> str:
    """Millilitres, to the ten-thousandth."""
    return f"{number(value)} mL"


def units(value: Fraction) -> str:
    """Units, to the hundredth."""
    return f"{number(value, 2)} U"


def signed(value: Fraction, places: int = 2) -> str:
    """`+0.33`, `−0.04`, `0`; a trace that would read 0 keeps its sign: `<0.01`."""
    text = number(value, places)
    if text == "0":
        return (
            "0" if value == 0 else f"{'+' if value > 0 else MINUS}<{number(Fraction(1, 10**places), places)}"
        )
    return f"+{text}" if value > 0 else text


def change(point: Point) -> str:
    """What the marks change of a point: units and per cent of the plan; nothing where they change nothing."""
    if point.difference_u == 0:
        return ""
    return f"{signed(point.difference_u)} U ({signed(100 * point.difference_share, 1)} %)"


def mark(value: Fraction, one: Syringe) -> str:
    """The number at a mark as the syringe prints it."""
    return number(value * exact(one.scale_per_ml))


def mark_and_ml(value: Fraction, one: Syringe) -> str:
    """`mark 50 (0.5 mL)` on an insulin syringe, `mark 0.5 mL` where the scale is in mL."""
    if one.scale_per_ml == 1:
        return f"mark {ml(value)}"
    return f"mark {mark(value, one)} ({ml(value)})"


def strength(found: Dilution) -> str:
    """`4 U in 0.1 mL`."""
    return f"{units(found.u_per_0_1_ml)} in 0.1 mL"


def basis(found: Dilution) -> str:
    """Where the dilution comes from."""
    if found.basis == "plan":
        return "as the plan says"
    memory = "" if found.checked else "; from memory, verify"
    if found.basis == "liquid":
        return f"ready to use, nothing is added ({found.source}{memory})"
    return f"label dilution, the plan names none: {found.use} ({found.source}{memory})"


def dissolve(sheet: Sheet) -> str:
    """`1 vial of 100 U, 2.5 mL saline into each`."""
    found, needed = sheet.dilution, sheet.vials.opened
    size = f"{counted(needed, 'vial')} of {units(found.vial_u)}"
    if found.basis == "liquid":
        return f"{size} in {ml(found.vial_ml)}"
    return f"{size}; {ml(found.vial_ml)} {found.diluent}{' into each' if needed > 1 else ''}"


def needle(one: Syringe) -> str:
    """Marks and what stays behind."""
    parts = [f"marks of {ml(exact(one.mark_ml))}", f"{ml(exact(one.dead_ml))} stay in tip and needle"]
    if one.needle == "changed":
        parts.append(f"{ml(exact(one.drawing_ml))} go with the drawing needle")
        parts.append(f"{ml(exact(one.priming_ml))} fill the fresh one")
    return ", ".join(parts) + ("" if one.read else "; not all read, verify")


def draw_up(fill: Fill, one: Syringe) -> str:
    """`to mark 50 (0.5 mL)`; with a fresh needle also where the plunger stands once the air is out."""
    words = f"to {mark_and_ml(fill.draw_to_ml, one)}"
    if fill.ready_ml != fill.draw_to_ml:
        words += f", change the needle, push the air out until the plunger stands at {mark_and_ml(fill.ready_ml, one)}"
    return words


def use_by(found: UseBy | None, liquid: bool = True) -> str:
    """Until when, or for how long."""
    if found is None:
        return "ready to use; open it for this session only" if liquid else "not held here; see the leaflet"
    text = hours(found)
    if found.made is None:
        return text
    until = "not held here" if found.until is None else moment(found.until)
    return f"{until}: dissolved {moment(found.made)}, {text}"


def hours(found: UseBy) -> str:
    """`24 h after dissolving (US text, 2020, from memory, verify)`; what another place says is no time of use here."""
    dated = "undated" if found.dated == "unknown" else found.dated[:4]
    memory = "" if found.checked else ", from memory, verify"
    text = (
        f"{number(found.hours)} h after dissolving ({place_name(found.jurisdiction)} text, {dated}{memory})"
    )
    return text if found.own else f"see the leaflet; elsewhere {text}"


def moment(value: dt.datetime) -> str:
    """`2026-03-02 09:00`, with the offset from UTC where one was given."""
    return f"{value:%Y-%m-%d %H:%M}{value:%z}"


def keep(found: UseBy | None) -> str:
    """How to keep the dissolved product until then."""
    return "" if found is None else found.keep or "how to keep it is not read"


def stop(one: Finding) -> tuple[str, str]:
    """What a stop finds and asks for, and what it rests on."""
    return f"{one.warning}{one.found} {one.do}".strip(), one.says


def cautions(found: Preparation) -> str:
    """What the check says besides its stops, counted."""
    if found.not_checked:
        return f"Not checked by the rules: {found.not_checked.rstrip('.')}."
    if not found.cautions:
        return "No cautions in `endplate check`."
    return f"{counted(found.cautions, 'caution')}: see `endplate check`."


def total(sheet: Sheet) -> str:
    """`20 U planned, 20 U given`, with the difference where there is one."""
    v = sheet.vials
    text = f"{units(v.planned_u)} planned, {units(v.injected_u)} given"
    return text if v.injected_u == v.planned_u else f"{text} ({signed(100 * v.total_share, 1)} %)"


def brand(sheet: Sheet) -> str:
    """The name on the box; without one, that of the product."""
    return sheet.brand or product_name(sheet.product)


def scale(sheet: Sheet) -> str:
    """What the numbers of an insulin syringe mean; nothing where the scale is in mL."""
    if sheet.syringe.scale_per_ml == 1:
        return ""
    tenth = number(exact(sheet.syringe.scale_per_ml) / 10)
    return (
        f"Its numbers are hundredths of a millilitre, never units of toxin: mark {tenth} is 0.1 mL "
        f"and holds {units(sheet.dilution.u_per_0_1_ml)}."
    )


def depth(point: Point) -> str:
    """Depth and layer, whichever the plan gives; `not told` where it gives neither."""
    parts = []
    if point.depth_mm is not None:
        parts.append(f"{point.depth_mm:.4g} mm")
    if point.layer is not None:
        parts.append(LAYERS[point.layer])
    return ", ".join(parts) or "not told"


def title(sheet: Sheet) -> str:
    """`Botox Cosmetic: onabotulinumtoxinA, session 1`; `brand not named` where the plan leaves several."""
    unit = "" if sheet.unit_name == "U" else f" ({sheet.unit_name})"
    named = sheet.brand.upper() or "BRAND NOT NAMED"
    return f"{named}: {product_name(sheet.product)}{unit}, session {sheet.session}"


def balance(sheet: Sheet) -> list[tuple[str, Fraction, Fraction]]:
    """Where everything made ready goes: words, mL and U; the parts add up to the first line exactly."""
    v, fills = sheet.vials, sheet.fills

    def total(name: str) -> Fraction:
        return sum((getattr(one, name) for one in fills), Fraction(0))

    rows = [
        ("made ready", v.opened * sheet.dilution.vial_ml, v.prepared_u),
        ("injected", total("injected_ml"), v.injected_u),
        (f"stays in {counted(len(fills), 'syringe')} with needle", total("dead_ml"), v.dead_u),
    ]
    if v.drawing_u:
        rows.append(("goes with drawing needles", total("drawing_ml"), v.drawing_u))
    if v.rest_u:
        rows.append(("pushed out with the air", total("rest_ml"), v.rest_u))
    over = "left in" if v.left_ml >= 0 else "more than there is in"
    rows.append((f"{over} {counted(v.opened, 'vial')}", v.left_ml, v.left_u))
    return rows
