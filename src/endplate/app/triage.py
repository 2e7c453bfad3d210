"""What `endplate triage` does: read a case, judge it, print or write."""

from __future__ import annotations

from pathlib import Path

from endplate.app.cli import emit
from endplate.app.places import folder_of


def triage(path: Path, *, out: str | None, as_json: bool) -> None:
    """Judge the case in a file; with a folder also a page and its JSON."""
    from endplate.check.triage import triage as ask
    from endplate.plan.case import read_case
    from endplate.report.triage_page import FILES, write_triage

    folder = folder_of(out, FILES)
    found = ask(read_case(path))
    page = None if folder is None else write_triage(found, folder)
    if as_json:
        from endplate.report.triage_document import triage_document

        emit(triage_document(found))
        return
    from endplate.report.triage_words import print_triage

    print_triage(found)
    if page is not None:
        print(f"Page: {page}")
