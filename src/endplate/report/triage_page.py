"""What triage found as one self-contained page; an emergency is a red bar across its top."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from endplate.catalogue.triage import URGENCIES
from endplate.notice import BANNER
from endplate.report import triage_words as words
from endplate.report.files import write_whole
from endplate.report.risk_page import write_document
from endplate.report.triage_document import triage_document

if TYPE_CHECKING:
    from endplate.check.triage import Triage

FILES = ("triage.html", "triage.json")


def write_triage(found: Triage, folder: Path) -> Path:
    """Write `FILES` to a folder; the page comes last and stands only where the rest is complete.

    Raises:
        ReportError: the folder cannot be written.
    """
    (Path(folder) / FILES[0]).unlink(missing_ok=True)
    write_document(triage_document(found), Path(folder) / FILES[1])
    return write_whole(Path(folder) / FILES[0], triage_html(found).encode())


def triage_html(found: Triage) -> str:
    """The page as text: one file that asks nothing of any network."""
    from jinja2 import Environment, StrictUndefined

    source = files("endplate.report").joinpath("templates/triage.html.j2").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source).render(
        found=found,
        now=URGENCIES[0],
        notice=BANNER,
        words=words,
        closing=list(words.closing(found)),
    )
