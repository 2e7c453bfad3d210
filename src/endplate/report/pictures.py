"""The pictures of a course: what each is called, and the files they make."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.report.files import write_whole

if TYPE_CHECKING:
    from endplate.anatomy.face import Face
    from endplate.model.course import Course
    from endplate.report.canvas import Canvas

NAMES = ("force", "exposure", "sites")
PNG_DOTS_PER_INCH = 200


def draw_pictures(course: Course, face: Face) -> dict[str, Canvas]:
    """All pictures by name, drawn and not yet written (matplotlib is loaded here)."""
    from endplate.report.exposure_picture import exposure_figure
    from endplate.report.force_picture import force_figure
    from endplate.report.site_map import site_map

    return {
        "force": force_figure(course),
        "exposure": exposure_figure(course),
        "sites": site_map(course, face),
    }


def write_pictures(
    course: Course,
    face: Face,
    folder: Path,
    drawn: Mapping[str, Any] | None = None,
    svg: Mapping[str, str] | None = None,
) -> list[Path]:
    """`force`, `exposure` and `sites` as SVG and PNG in `folder`; returns the paths.

    Args:
        drawn, svg: pictures (and their SVG text) that were made already, to save the time.
    """
    drawn = draw_pictures(course, face) if drawn is None else drawn
    paths = []
    for name, canvas in drawn.items():
        text = canvas.svg() if svg is None else svg[name]
        paths.append(write_whole(Path(folder) / f"{name}.svg", text.encode()))
        paths.append(write_whole(Path(folder) / f"{name}.png", canvas.png(PNG_DOTS_PER_INCH)))
    return paths
