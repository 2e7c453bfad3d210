"""Everything a simulation leaves behind, in one folder; pictures are drawn once for the page and the files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.errors import ReportError
from endplate.report.files import write_csv, write_json
from endplate.report.page import write_report
from endplate.report.pictures import draw_pictures, write_pictures

if TYPE_CHECKING:
    from endplate.model.course import Course


def write_all(plan: Any, course: Course, folder: Path, face: Any = None) -> Path:
    """Write `report.html`, the pictures (SVG and PNG), `course.json` and `course.csv`.

    Args:
        face: the head the course was computed on; None takes the average adult of the plan's sex and age.

    Returns:
        The path of `report.html`, which is written last: where it stands, the rest is complete.

    Raises:
        ReportError: the folder cannot be written, or the course is of another face.
    """
    if face is None:
        from endplate.anatomy import default_face

        face = default_face(plan.patient.sex, plan.patient.age)
    if course.versions.get("face", face.id) != face.id:
        raise ReportError(
            f"The course is of the face {course.versions['face']}, not of {face.id}.",
            "",
            "Give that face to the report.",
        )
    folder = Path(folder)
    drawn = draw_pictures(course, face)
    svg = {name: canvas.svg() for name, canvas in drawn.items()}
    # An older report goes first: where report.html stands, all beside it belongs to the same run.
    (folder / "report.html").unlink(missing_ok=True)
    write_json(course, folder)
    write_csv(course, folder)
    write_pictures(course, face, folder, drawn, svg)
    return write_report(course, face, folder / "report.html", plan, svg)
