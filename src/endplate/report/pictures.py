"""The pictures of a course: what each is called, and the files they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.report.files import write_whole

if TYPE_CHECKING:
    from endplate.anatomy.face import Face
    from endplate.model.course import Course
    from endplate.report.canvas import Canvas

NAMES = ("force", "exposure", "sites", "face", "measures")
"""Pictures that a folder may hold; the last two only where something is measured on the face, and changes."""

PNG_DOTS_PER_INCH = 200


def draw_pictures(
    course: Course, face: Face, plan: Any = None, causes: Sequence[Any] = ()
) -> dict[str, Canvas]:
    """All pictures by name, drawn and not yet written (matplotlib is loaded here): force, exposure, sites; face and
    measures for a course with measures of the face; why-0, why-1, ... for each cause.
    """
    from endplate.report.exposure_picture import exposure_figure
    from endplate.report.face_chart import face_chart
    from endplate.report.face_panel import head_sheet
    from endplate.report.force_picture import force_figure
    from endplate.report.site_map import site_map

    found = {
        "force": force_figure(course),
        "exposure": exposure_figure(course),
        "sites": site_map(course, face),
        "face": head_sheet(course, face, plan),
        "measures": face_chart(course),
        **_arrows(plan, face, causes),
    }
    return {name: canvas for name, canvas in found.items() if canvas is not None}


def _arrows(plan: Any, face: Face, causes: Sequence[Any]) -> dict[str, Canvas]:
    """From needle to muscle, one picture a cause."""
    if plan is None or not causes:
        return {}
    from endplate.assess import prepared
    from endplate.report.why_picture import why_figure

    setup = prepared(plan, face, 1)
    return {f"why-{number}": why_figure(cause, setup) for number, cause in enumerate(causes)}


def as_files(drawn: Mapping[str, Canvas]) -> dict[str, str | bytes]:
    """What a page takes: SVG text, but for shaded heads, which are smaller as an image: PNG."""
    return {
        name: canvas.png(PNG_DOTS_PER_INCH) if shaded(name) else canvas.svg()
        for name, canvas in drawn.items()
    }


def shaded(name: str) -> bool:
    """Is it a picture of heads that a page holds as an image?"""
    return name == "face" or name.startswith("why-")


def write_pictures(
    course: Course,
    face: Face,
    folder: Path,
    drawn: Mapping[str, Any] | None = None,
    made: Mapping[str, str | bytes] | None = None,
    plan: Any = None,
) -> list[Path]:
    """Each picture but the arrows as SVG and PNG in `folder`, called as in `draw_pictures`; returns the paths.

    Args:
        drawn, made: pictures (and what `as_files` made of them) that are there already, to save the time.
        plan: gives the patient's nerves, which the heads show.
    """
    from endplate.report.face_picture import short

    drawn = draw_pictures(course, face, plan) if drawn is None else drawn
    made = {} if made is None else made
    paths = []
    for name, canvas in drawn.items():
        if name.startswith("why-"):
            continue  # `endplate why` writes them
        held = made.get(name)
        text = held if isinstance(held, str) else short(canvas.svg())
        image = held if isinstance(held, bytes) else canvas.png(PNG_DOTS_PER_INCH)
        paths.append(write_whole(Path(folder) / f"{name}.svg", text.encode()))
        paths.append(write_whole(Path(folder) / f"{name}.png", image))
    return paths
