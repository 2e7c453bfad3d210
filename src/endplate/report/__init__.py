"""What people look at: tables, pictures, files and the self-contained page. The only room that uses matplotlib.

Nothing heavy is loaded until a picture, a page or a table is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from endplate.report.face_panel import print_face
from endplate.report.files import write_csv, write_json
from endplate.report.listing import print_rows
from endplate.report.page import write_report
from endplate.report.pictures import write_pictures
from endplate.report.rows import MuscleRow, muscle_rows
from endplate.report.table import plain_text, print_table, rich_table
from endplate.report.together import write_all
from endplate.report.trial_page import write_trial

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


def draw_atlas(face: Any, sites: Any = (), path: Path | None = None, **options: Any) -> Any:
    """The atlas of a face in three views, with sites; see `atlas_picture.draw_atlas` (loaded here)."""
    from endplate.report import atlas_picture

    return atlas_picture.draw_atlas(face, sites=sites, path=path, **options)
