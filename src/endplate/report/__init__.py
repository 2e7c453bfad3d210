"""What people look at: tables, pictures, files and the self-contained page. The only room that uses matplotlib.

Nothing heavy is loaded until a picture, a page or a table is asked for.
"""

from __future__ import annotations

from endplate.report.files import write_csv, write_json
from endplate.report.html import write_report
from endplate.report.pictures import write_pictures
from endplate.report.rows import MuscleRow, muscle_rows
from endplate.report.table import plain_text, rich_table
from endplate.report.together import Outputs, write_outputs

__all__ = [
    "MuscleRow",
    "Outputs",
    "muscle_rows",
    "plain_text",
    "rich_table",
    "write_csv",
    "write_json",
    "write_outputs",
    "write_pictures",
    "write_report",
]
