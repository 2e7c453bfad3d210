"""What `endplate why --effect` does: ask, then print or write."""

from __future__ import annotations

from pathlib import Path

from endplate.app.cli import emit
from endplate.app.places import folder_of, printable
from endplate.app.run import _versions, progress_bar, told_of
from endplate.errors import CatalogueError, ModelError


def why(
    path: Path,
    effect: str,
    side: str | None,
    *,
    level: str,
    change: bool,
    faces: int,
    seed: int,
    out: str | None,
    as_json: bool,
) -> None:
    from endplate.assess.causes import checked
    from endplate.assess.reasons import why as ask
    from endplate.assess.risks import check_size
    from endplate.plan import read_plan
    from endplate.report.risk_page import file_names

    check_size(faces, seed)
    checked(effect, side or "either", level)
    folder = folder_of(out, file_names("why"))
    plan = read_plan(path)
    # An unknown effect or side stands in the command, not in the plan.
    with told_of(path, but=(CatalogueError,)), progress_bar(faces, "Why: faces, then changes") as tick:
        found = ask(
            plan, effect, side or "either", level=level, change=change, faces=faces, seed=seed, progress=tick
        )
    from endplate.report.risk_document import why_document

    document = why_document(found, _versions())
    page = None
    if folder is not None:
        from endplate.assess import prepared
        from endplate.report.risk_page import why_answer, write_answer

        page = write_answer(why_answer(found, prepared(plan, None, 1), document), folder)
    if as_json:
        emit(document)
        return
    from endplate.report.risk_tables import print_why

    print_why(found)
    if page is not None:
        print(f"Report: {printable(page)}")


def check_one(effect: str | None, muscle: str | None) -> None:
    """Raise ModelError unless exactly one of both is asked about."""
    if (effect is None) == (muscle is None):
        raise ModelError(
            "Give one thing to explain.",
            "Either an unwanted effect (--effect eyelid_ptosis) or the exposure of a muscle (--muscle frontalis).",
            "Try: endplate why --help",
        )
