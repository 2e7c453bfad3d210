"""Everything a simulation leaves behind, in one folder; pictures are drawn once for the page and the files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.errors import ReportError
from endplate.report.files import write_csv, write_json, write_whole
from endplate.report.page import write_report
from endplate.report.pictures import as_files, draw_pictures, write_pictures
from endplate.report.risk_panel import causes_of, records_of

if TYPE_CHECKING:
    from endplate.model.course import Course


LEAFLET = "leaflet.html"


def write_all(
    plan: Any,
    course: Course,
    folder: Path,
    face: Any = None,
    *,
    risk: Any = None,
    causes: Sequence[Any] | None = None,
    leaflet: bool = False,
    findings: Sequence[Any] | None = None,
) -> Path:
    """Write `report.html`, the pictures (SVG and PNG), `course.json` and `course.csv`.

    Args:
        face: the head the course was computed on; None takes the average adult of the plan's sex and age.
        risk, causes: what may go wrong and why, see `write_report`.
        leaflet: also write the patient's leaflet, which needs the risk.
        findings: whether the plan is allowed and sensible; None asks the check here.

    Returns:
        The path of `report.html`, which is written last: where it stands, the rest is complete.

    Raises:
        ReportError: the folder cannot be written, the course is of another face, or a leaflet without a risk.
    """
    if face is None:
        from endplate.anatomy import default_face

        face = default_face(plan.patient.sex, plan.patient.age)
    _check(course, face, risk, leaflet)
    if findings is None:
        from endplate.check import check

        findings = check(plan, course)
    folder = Path(folder)
    causes = causes_of(plan, risk) if causes is None else [getattr(one, "cause", one) for one in causes]
    drawn = draw_pictures(course, face, plan, causes)
    made = as_files(drawn)
    # An older report goes first: where report.html stands, all beside it belongs to the same run.
    for name in ("report.html", LEAFLET):
        (folder / name).unlink(missing_ok=True)
    write_json(course, folder, findings)
    write_csv(course, folder)
    write_pictures(course, face, folder, drawn, made)
    if leaflet:
        from endplate.report.leaflet import leaflet as words

        write_whole(folder / LEAFLET, words(course, records_of(risk), plan).encode())
    name = LEAFLET if leaflet else ""
    return write_report(
        course,
        face,
        folder / "report.html",
        plan,
        made,
        risk=risk,
        causes=causes,
        leaflet=name,
        findings=findings,
    )


def _check(course: Course, face: Any, risk: Any, leaflet: bool) -> None:
    """Refuse what does not go together before anything is drawn."""
    if course.versions.get("face", face.id) != face.id:
        raise ReportError(
            f"The course is of the face {course.versions['face']}, not of {face.id}.",
            "",
            "Give that face to the report.",
        )
    if leaflet and risk is None:
        raise ReportError(
            "A leaflet was asked for without a risk.", "It tells what may go wrong.", "Give the risk."
        )
