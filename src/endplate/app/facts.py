"""What `endplate facts` does: choose statements, run the simulations asked for, print or write."""

from __future__ import annotations

from endplate.app.cli import emit
from endplate.app.places import folder_of, printable
from endplate.app.run import _versions, progress_bar


def facts(ids: list[str], *, verdict: str | None, show: bool, out: str | None, as_json: bool) -> None:
    """Print statements that people read with their verdicts.

    Args:
        ids: of statements; none for all. A statement named here is told in full, with its simulation.
        verdict: keep only these. show: run the simulations of all. out: folder for facts.html and facts.json.
    """
    from endplate.check.facts import chosen, shown_facts
    from endplate.check.facts import facts as found_of

    found = found_of(ids, verdict)
    folder = None
    if out is not None:
        from endplate.report.facts_page import file_names

        folder = folder_of(out, file_names())
    if show or ids or folder is not None:
        many = sum(one.shown_by is not None for one in chosen(ids, verdict))
        with progress_bar(many, "Simulations") as tick:
            found = shown_facts(found, tick)
    if as_json or folder is not None:
        from endplate.report.facts_document import facts_document

        document = facts_document(found, _versions())
        page = None
        if folder is not None:
            from endplate.report.facts_page import write_facts

            page = write_facts(found, document, folder)
        if as_json:
            emit(document)
            return
    else:
        page = None
    from endplate.report.facts_words import print_full, print_list

    (print_full if ids else print_list)(found)
    if page is not None:
        print(f"Report: {printable(page)}")
