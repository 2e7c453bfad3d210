"""The sheet to print: one A4 page for each session, one HTML file that asks nothing of any network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.check.prepare_checked import OF_THE_PERSON
from endplate.report import numerals
from endplate.report import prepare_words as words
from endplate.report.files import write_whole
from endplate.report.names import counted, muscle_name, product_name
from endplate.report.prepare_drawing import drawing
from endplate.report.prepare_tables import largest_words
from endplate.report.risk_page import write_document

if TYPE_CHECKING:
    from endplate.check.finding import Finding
    from endplate.check.prepare_records import Point, Preparation, Sheet

FILES = ("preparation.html", "preparation.json")
LOOSE, MIDDLING = 10, 15
"""Lines up to which a page has room to spare, or some; beyond them everything is small."""
PICTURE, WRAPPED = (
    4,
    1.5,
)  # lines that a drawn syringe is high, and a point beside what the marks change of it

# Heights in CSS pixels (96 to the inch) of what a small page holds, as measured in a browser.
PAGE, FRAME, PICTURES, SINGLE, LOUD, NOTE = 1119.0, 464.0, 51.0, 85.0, 32.0, 15.0
ROW, ROOMY_ROW, WIDE_ROW, MOST_ROOM = 16.0, 20.0, 26.0, 6.4


def write_preparation(found: Preparation, document: Mapping[str, Any], folder: Path) -> Path:
    """Write `FILES` to a folder; the page comes last and stands only where the rest is complete.

    Raises:
        ReportError: the folder cannot be written.
    """
    folder = Path(folder)
    (folder / FILES[0]).unlink(missing_ok=True)
    write_document(document, folder / FILES[1])
    return write_whole(folder / FILES[0], preparation_html(found).encode())


def preparation_html(found: Preparation) -> str:
    """The page as text."""
    return _template().render(
        title=found.title,
        order_words=found.order_words,
        sheets=[_sheet(found, one) for one in found.sheets],
        banner=found.banner,
    )


def _sheet(found: Preparation, one: Sheet) -> dict[str, Any]:
    fills = [_fill(one, index) for index in range(len(one.fills))]
    nothing = [_row(number, point, one) for number, point in _numbered(one) if not point.syringe]
    changes = any(point.difference_u for point in one.points)
    depths = {words.depth(point) for point in one.points}
    return {
        "product": product_name(one.product),
        "brand": words.brand(one),
        "brand_told": bool(one.brand),
        "hue": list(dict.fromkeys(sheet.product for sheet in found.sheets)).index(one.product) % 3,
        "stops": [words.stop(stop) for stop in _stops(found, one)],
        "remarks": found.remarks,
        "patient": found.patient,
        "cautions": words.cautions(found).replace("`", ""),
        "unchecked": bool(found.not_checked),
        "total": words.total(one),
        "unit_name": one.unit_name,
        "session": one.session,
        "several": len(found.sheets) > 1,
        "date": one.date.isoformat(),
        "liquid": one.dilution.basis == "liquid",
        "dissolve": words.dissolve(one),
        "vials": counted(one.vials.opened, "vial"),
        "vial_u": words.number(one.dilution.vial_u, 2),
        "vial_ml": words.number(one.dilution.vial_ml),
        "diluent": one.dilution.diluent,
        "each": one.vials.opened > 1,
        "strength": words.number(one.dilution.u_per_0_1_ml, 2),
        "basis": words.basis(one.dilution),
        "lot": one.lot,
        "expiry": one.expiry,
        **_times(one),
        "storage": one.storage,
        "syringe": one.syringe.name,
        "syringes": counted(len(fills), "syringe"),
        "needle": words.needle(one.syringe),
        "scale": words.scale(one),
        "fills": fills,
        "nothing": nothing,
        "depth": depths.pop() if len(depths) == 1 else "",
        "changes": changes,
        "balance": [(what, words.number(a), words.number(b, 2)) for what, a, b in words.balance(one)],
        "loud": one.loud,
        "notes": one.notes,
        "forces": _forces(found, one),
        "sources": one.sources,
        **_size(one, changes, len(found.remarks) + 2 * len(_stops(found, one))),
    }


def _stops(found: Preparation, one: Sheet) -> list[Finding]:
    """The stops that concern this sheet, or the person."""
    return [stop for stop in found.stops if one.session in stop.where.sessions or stop.kind in OF_THE_PERSON]


def _size(one: Sheet, changes: bool, boxes: int) -> dict[str, Any]:
    """How large things are printed, so that the sheet fills a page: class, and room above and below a row in pixels."""
    fills, rows = len(one.fills), len(one.points)
    lines = rows * (WRAPPED if changes else 1.0) + PICTURE * fills + 2 * (len(one.loud) + boxes)
    if lines <= MIDDLING:
        return {"size": "loose" if lines <= LOOSE else "middling", "room": None, "wide": True}
    held = PAGE - FRAME - LOUD * (len(one.loud) + boxes) - NOTE * len(one.notes)
    table = rows + 1 + (fills if fills > 1 else 0)
    wide = (held - SINGLE * fills) / table >= WIDE_ROW
    each = (held - (SINGLE * fills if wide else PICTURES * ((fills + 1) // 2))) / table
    roomy = each > ROOMY_ROW + 4 and not changes
    room = 0.4 * (each - (ROOMY_ROW if roomy else ROW))
    return {
        "size": "dense roomy" if roomy else "dense",
        "room": f"{min(max(room, 0.0), MOST_ROOM):.1f}",
        "wide": wide or fills == 1,
    }


def _forces(found: Preparation, one: Sheet) -> str:
    """What the marks change of the lowest forces of this sheet's muscles."""
    if found.not_simulated:
        return f"not done, {found.not_simulated.rstrip('.')}."
    mine = {point.muscle for point in one.points}
    if not any(low.muscle in mine for low in found.lowest):
        return "none of these targets, since the atlas does not hold them."
    words_ = largest_words([low for low in found.lowest if low.muscle in mine])
    return words_[0].lower() + words_[1:]


def _times(one: Sheet) -> dict[str, Any]:
    """When it was dissolved, and until when it may be used."""
    known = one.use_by
    if known is None:
        return {"hours": None, "made": None, "until": None, "keep": "", "said": ""}
    return {
        "hours": words.hours(known),
        "made": None if known.made is None else words.moment(known.made),
        "until": None if known.until is None else words.moment(known.until),
        "keep": words.keep(known),
        "said": known.note,
    }


def _numbered(one: Sheet) -> list[tuple[int, Point]]:
    """The points with their numbers on the sheet."""
    return list(enumerate(one.points, start=1))


def _fill(sheet: Sheet, index: int) -> dict[str, Any]:
    """One syringe: its drawing and its rows."""
    from markupsafe import Markup

    fill = sheet.fills[index]
    mine = [(number, point) for number, point in _numbered(sheet) if point.syringe == fill.number]
    return {
        "number": fill.number,
        "draw_up": words.draw_up(fill, sheet.syringe),
        "holds": words.units(fill.injected_ml * sheet.dilution.u_per_ml),
        "picture": Markup(drawing(sheet.syringe, fill, mine)),
        "rows": [_row(number, point, sheet) for number, point in mine],
    }


def _row(number: int, point: Point, sheet: Sheet) -> dict[str, Any]:
    one = sheet.syringe
    return {
        "number": number,
        "id": point.id,
        "muscle": muscle_name(point.muscle),
        "where": point.where,
        "side": words.SIDES[point.side],
        "depth": words.depth(point),
        "planned_ml": words.number(point.volume_ml),
        "planned_u": words.number(point.units, 2),
        "start": words.mark(point.from_ml, one) if point.syringe else "",
        "stop": words.mark(point.to_ml, one) if point.syringe else "",
        "ml": words.number(point.pushed_ml),
        "units": words.number(point.pushed_u, 2),
        "change": words.change(point),
        "loud": point.loud,
    }


@lru_cache(maxsize=1)
def _template() -> Any:
    """The compiled template (jinja2 is loaded here); everything is escaped unless it is marked as markup."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        return numerals.thin(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=finalize
    )
    source = files("endplate.report").joinpath("templates/prepare.html.j2").read_text("utf-8")
    return environment.from_string(source)
