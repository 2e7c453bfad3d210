"""What people look at: tables, pictures, files and the self-contained page. The only room that uses matplotlib.

Nothing is loaded until a picture, a page or a table is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from endplate.report.face_panel import print_face
    from endplate.report.files import write_csv, write_json
    from endplate.report.listing import print_rows
    from endplate.report.page import write_report
    from endplate.report.pictures import write_pictures
    from endplate.report.rows import MuscleRow, muscle_rows
    from endplate.report.table import plain_text, print_table, rich_table
    from endplate.report.together import write_all
    from endplate.report.trial_page import write_trial

_HOME = {
    "MuscleRow": "rows",
    "muscle_rows": "rows",
    "plain_text": "table",
    "print_face": "face_panel",
    "print_rows": "listing",
    "print_table": "table",
    "rich_table": "table",
    "write_all": "together",
    "write_csv": "files",
    "write_json": "files",
    "write_pictures": "pictures",
    "write_report": "page",
    "write_trial": "trial_page",
}

__all__ = [
    "MuscleRow",
    "draw_atlas",
    "muscle_rows",
    "plain_text",
    "print_face",
    "print_rows",
    "print_table",
    "rich_table",
    "write_all",
    "write_csv",
    "write_json",
    "write_pictures",
    "write_report",
    "write_trial",
]


def __getattr__(name: str) -> object:
    """Names load on first use: a list of findings needs no picture."""
    if name not in _HOME:
        raise AttributeError(f"module 'endplate.report' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"endplate.report.{_HOME[name]}"), name)


def draw_atlas(face: Any, sites: Any = (), path: Path | None = None, **options: Any) -> Any:
    """The atlas of a face in three views, with sites; see `atlas_picture.draw_atlas` (loaded here)."""
    from endplate.report import atlas_picture

    return atlas_picture.draw_atlas(face, sites=sites, path=path, **options)
