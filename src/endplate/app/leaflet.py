"""What `endplate leaflet` does: course and risk, told to the patient on one page."""

from __future__ import annotations

from pathlib import Path

from endplate.app.cli import emit
from endplate.app.places import check_file, shown
from endplate.app.risk import asked
from endplate.app.run import told_of
from endplate.errors import ReportError


def leaflet(path: Path, out: Path, *, samples: int, faces: int, seed: int, as_json: bool) -> None:
    if out.suffix.lower() != ".html":
        raise ReportError(
            f"{shown(out)} does not end in .html.", "The leaflet is a page.", "Give such a name."
        )
    check_file(out)
    from endplate.assess import simulate
    from endplate.plan import read_plan

    plan = read_plan(path)
    risk = asked(path, faces, seed)
    with told_of(path):
        course = simulate(plan, samples=samples, seed=seed)
    from endplate.report.files import write_whole
    from endplate.report.leaflet import leaflet as page
    from endplate.report.risk_document import unwanted_of

    write_whole(out, page(course, unwanted_of(risk), plan).encode())
    if as_json:
        emit({"written": str(out), "title": plan.title})
    else:
        print(f"Wrote {out}.")
