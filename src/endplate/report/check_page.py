"""The page of `endplate check`: findings, stops first, with their sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.check import Finding
from endplate.notice import BANNER
from endplate.report import check_panel
from endplate.report.check_picture import check_picture
from endplate.report.files import write_whole
from endplate.report.page import _static, _template, inline

if TYPE_CHECKING:
    from endplate.plan import Plan

PICTURES = ("check.svg", "check.png")


def write_check(plan: Plan, findings: Sequence[Finding], document: Mapping[str, Any], folder: Path) -> Path:
    """Write check.json and check.html to a folder; the page comes last.

    Raises:
        ReportError: the folder cannot be written.
    """
    folder = Path(folder)
    canvas = check_picture(plan, findings)
    svg = "" if canvas is None else canvas.svg()
    for name in ("check.html", *PICTURES):
        (folder / name).unlink(missing_ok=True)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    write_whole(folder / "check.json", text.encode() + b"\n")
    if canvas is not None:
        write_whole(folder / PICTURES[0], svg.encode())
        write_whole(folder / PICTURES[1], canvas.png())
    page = check_html(plan, findings, document["not_simulated"], svg)
    return write_whole(folder / "check.html", page.encode())


def check_html(plan: Plan, findings: Sequence[Finding], not_simulated: str | None, svg: str = "") -> str:
    """The page as text, with its picture where there is one; it asks nothing of any network."""
    from markupsafe import Markup

    shared = {"check": check_panel.section(findings)}
    return _template("check").render(
        title=plan.title,
        notice=BANNER,
        patient=f"{'Woman' if plan.patient.sex == 'female' else 'Man'}, {plan.patient.age:g} years",
        not_simulated=not_simulated,
        picture=Markup(inline(svg, "check")) if svg else None,
        style=Markup(_static("templates/report.css")),
        section=Markup(_template("check_section").render(**shared)),
    )
