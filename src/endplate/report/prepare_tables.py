"""A preparation for the terminal: what to dissolve and draw up, the points in order, where every unit goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from endplate.report import numerals
from endplate.report import prepare_words as words
from endplate.report.findings import finding_words
from endplate.report.listing import Column, Row, print_rows
from endplate.report.names import counted, muscle_name, with_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from endplate.check.prepare_records import Lowest, Preparation, Sheet


def _column(heading: str, key: str, right: bool = False, spare: int = 0, wraps: bool = False) -> Column:
    return Column(heading, lambda row: str(row[key]), right=right, spare=spare, wraps=wraps)


POINTS = (
    _column("", "number", right=True),
    _column("id", "id", spare=3),
    _column("muscle", "muscle", wraps=True),
    _column("side", "side"),
    _column("where", "where", spare=1, wraps=True),
    _column("depth", "depth", spare=2),
    _column("planned", "planned", right=True),
    _column("syringe", "syringe", right=True),
    _column("push", "push"),
    _column("gives", "gives", right=True),
    _column("change", "change"),
)
TOTALS = (_column("", "what"), _column("mL", "ml", right=True), _column("U", "units", right=True))
FORCES = (
    _column("muscle", "muscle"),
    _column("planned", "planned", right=True),
    _column("by the marks", "rounded", right=True),
    _column("difference", "difference", right=True),
)


def print_preparation(found: Preparation) -> None:
    """Every sheet, then what the marks change of the lowest forces."""
    print(f"{found.title}, {found.date}: preparation")
    for one in found.stops:
        print()
        print(finding_words(one))
    if found.stops:
        print("\nNothing should be drawn up before every stop above is settled.")
    for text in found.remarks:
        print(f"! {text}")
    print(f"{'. '.join(found.patient)}.")
    print(words.cautions(found))
    for sheet in found.sheets:
        print()
        print_sheet(sheet, found.order_words)
    print()
    print_forces(found)
    print()
    print(found.banner)


def print_sheet(sheet: Sheet, order_words: str) -> None:
    """One session: one product alone."""
    print(words.title(sheet))
    for name, text in facts(sheet):
        print(f"  {name:<9} {text}")
    for text in sheet.loud:
        print(f"  ! {text}")
    print()
    points = [point_row(sheet, index) for index in range(len(sheet.points))]
    columns = POINTS if any(row["change"] for row in points) else POINTS[:-1]
    print_rows(f"Points in order of injection, {order_words}", points, columns=columns)
    print(f"In all: {words.total(sheet)}.")
    print()
    rows = [
        {"what": what, "ml": words.number(a), "units": words.number(b, 2)}
        for what, a, b in words.balance(sheet)
    ]
    print_rows(f"Where it goes (units of {sheet.product} only)", rows, columns=TOTALS)
    print(vial_words(sheet))
    for text in sheet.notes:
        print(text)
    print(f"Sources: {', '.join(sheet.sources)}.")


def facts(sheet: Sheet) -> list[tuple[str, str]]:
    """What stands above the table: name and text."""
    first, *others = sheet.fills
    rows = [
        ("Dissolve" if sheet.dilution.basis != "liquid" else "Vials", words.dissolve(sheet)),
        ("Strength", f"{words.strength(sheet.dilution)}, {words.basis(sheet.dilution)}"),
        ("Syringe", f"{len(sheet.fills)} \u00d7 {sheet.syringe.name} ({words.needle(sheet.syringe)})"),
    ]
    for fill in (first, *others):
        rows.append((f"Draw up {fill.number}" if others else "Draw up", words.draw_up(fill, sheet.syringe)))
    if words.scale(sheet):
        rows.append(("", words.scale(sheet)))
    rows.append(("Use by", words.use_by(sheet.use_by, sheet.dilution.basis == "liquid")))
    if sheet.use_by is not None:
        rows.append(("Keep", words.keep(sheet.use_by)))
        rows += [("", sheet.use_by.note)] if sheet.use_by.note else []
    rows += [("Unopened" if not k else "", text) for k, text in enumerate(sheet.storage)]
    rows.append(("Lot", f"{sheet.lot or 'not given'}; expiry {sheet.expiry or 'not given'}"))
    return rows


def point_row(sheet: Sheet, index: int) -> Row:
    """One point as a row."""
    point, one = sheet.points[index], sheet.syringe
    pushed = point.pushed_ml > 0
    return {
        "number": str(index + 1),
        "id": point.id,
        "muscle": muscle_name(point.muscle),
        "side": words.SIDES[point.side],
        "where": point.where,
        "depth": words.depth(point),
        "planned": f"{words.ml(point.volume_ml)}, {words.units(point.units)}",
        "syringe": str(point.syringe) if pushed else "",
        "push": f"{words.mark(point.from_ml, one)} \u2192 {words.mark(point.to_ml, one)}"
        if pushed
        else "nothing",
        "gives": f"{words.ml(point.pushed_ml)}, {words.units(point.pushed_u)}",
        "change": words.change(point) + (" !" if point.loud else ""),
    }


def vial_words(sheet: Sheet) -> str:
    """Vials, and what is lost in each."""
    v = sheet.vials
    stays = f"{words.ml(v.residue_ml)} taken to stay in each that is emptied"
    lost = f"{words.units(v.wasted_u)} of {words.units(v.prepared_u)} wasted"
    opened = counted(v.opened, "vial")
    if v.short_ml:
        return f"{opened} opened, with {stays}: {words.ml(v.short_ml)} lacking."
    return f"{opened} needed, with {stays}; {lost}."


def print_forces(found: Preparation) -> None:
    """Lowest force of the targets, as planned and by the marks, and the largest difference."""
    if found.not_simulated:
        print(f"Not simulated: {found.not_simulated.rstrip('.')}.")
        return
    print_rows("Lowest force of the muscles aimed at, on the average face", force_rows(found), columns=FORCES)
    print(largest_words(found.lowest))
    if found.aside:
        print(found.aside)


def force_rows(found: Preparation) -> list[Row]:
    """One row for each target muscle."""
    return [
        {
            "muscle": with_side(one.muscle, one.side),
            "planned": numerals.percent(one.planned),
            "rounded": numerals.percent(one.rounded),
            "difference": points(one.difference),
        }
        for one in found.lowest
    ]


def points(difference: float) -> str:
    """`+0.4 points`; `0` only where the forces are equal."""
    if difference == 0:
        return "0"
    value = 100 * difference
    text = f"{abs(value):.1f}" if abs(value) >= 0.05 else "<0.1"
    return f"{'+' if value > 0 else words.MINUS}{text} points"


def largest_words(lowest: Sequence[Lowest]) -> str:
    """The largest difference in one sentence."""
    largest = max(lowest, key=lambda one: abs(one.difference), default=None)
    if largest is None or largest.difference == 0:
        return "The marks change the lowest force of no muscle aimed at."
    return (
        f"Largest difference: {with_side(largest.muscle, largest.side)}, {numerals.percent(largest.planned)} planned, "
        f"{numerals.percent(largest.rounded)} by the marks ({points(largest.difference)})."
    )
