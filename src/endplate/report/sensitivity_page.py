"""A sensitivity analysis in a folder: a page, its picture, the published JSON and a CSV."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from endplate.model.course import BANNER
from endplate.report import numerals
from endplate.report.files import write_whole
from endplate.report.names import with_side
from endplate.report.sensitivity import LEGEND, NAMES, as_row, deciding, sentences
from endplate.report.sensitivity_document import to_csv, to_json_dict

if TYPE_CHECKING:
    from endplate.population.sensitivity_record import Sensitivity

FILES = (
    "sensitivity.html",
    "sensitivity.json",
    "sensitivity.csv",
    "sensitivity.svg",
    "sensitivity.png",
)
PNG_DOTS_PER_INCH = 200


def write_sensitivity(found: Sensitivity, folder: Path) -> Path:
    """Write `FILES` to a folder; the page comes last and stands only where the rest is complete.

    Raises:
        ReportError: the folder cannot be written.
    """
    from endplate.report.sensitivity_picture import sensitivity_figure

    folder = Path(folder)
    canvas = sensitivity_figure(found)
    svg = canvas.svg()
    (folder / "sensitivity.html").unlink(missing_ok=True)
    text = json.dumps(to_json_dict(found), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    write_whole(folder / "sensitivity.json", text.encode() + b"\n")
    write_whole(folder / "sensitivity.csv", to_csv(found).encode())
    write_whole(folder / "sensitivity.svg", svg.encode())
    write_whole(folder / "sensitivity.png", canvas.png(PNG_DOTS_PER_INCH))
    return write_whole(folder / "sensitivity.html", sensitivity_html(found, svg).encode())


def sensitivity_html(found: Sensitivity, svg: str) -> str:
    """The page as text: one file that carries its picture and asks nothing of any network."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    from endplate.report.page import inline

    source = files("endplate.report").joinpath("templates/sensitivity.html.j2").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    tables = [
        {
            "title": f"{shares.quantity.capitalize()}: {shares.meaning}",
            "sentence": deciding(shares, found.samples) if shares.varies else "It does not vary.",
            "rows": [as_row(row) for row in shares.inputs],
        }
        for shares in found.quantities.values()
    ]
    text = environment.from_string(source).render(
        found=found,
        heading=f"{with_side(found.muscle, found.side)}: what decides {NAMES[found.quantity]}",
        lines=sentences(found),
        picture=Markup(inline(svg, "sensitivity")),
        tables=tables,
        legend=LEGEND,
        notice=BANNER,
    )
    return numerals.thin(text)
