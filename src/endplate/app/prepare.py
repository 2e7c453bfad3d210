"""What `endplate prepare` does: ask, then print or write."""

from __future__ import annotations

from pathlib import Path

from endplate.app.cli import emit
from endplate.app.places import folder_of, shown
from endplate.app.run import told_of


def prepare(
    path: Path,
    *,
    session: int | None,
    syringe: str | None,
    order: str,
    at: str | None,
    simulate: bool,
    out: str | None,
    as_json: bool,
) -> None:
    from endplate.check.prepare import check_options
    from endplate.check.prepare import prepare as ask
    from endplate.plan import read_plan
    from endplate.report.prepare_page import FILES

    check_options(syringe=syringe, order=order, at=at)
    folder = folder_of(out, FILES)
    plan = read_plan(path)
    with told_of(path):
        found = ask(plan, session=session, syringe=syringe, order=order, at=at, simulate=simulate)
    from endplate.report.prepare_document import preparation_document

    document = preparation_document(found)
    page = None
    if folder is not None:
        from endplate.report.prepare_page import write_preparation

        page = write_preparation(found, document, folder)
    if as_json:
        emit(document)
        return
    from endplate.report.prepare_tables import print_preparation

    print_preparation(found)
    if page is not None:
        print(f"Sheet to print: {shown(page)}")
