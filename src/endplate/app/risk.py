"""What `endplate risk` and `simulate --risk` do: ask, then print or write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from endplate.app.cli import emit
from endplate.app.places import folder_of, printable
from endplate.app.run import progress_bar, told_of


def risk(path: Path, *, faces: int, seed: int, out: str | None, as_json: bool) -> None:
    from endplate.report.risk_page import file_names

    folder = folder_of(out, file_names("risk"))
    plan, found = _asked(path, faces, seed)
    from endplate.report.published import published_for
    from endplate.report.risk_document import risk_document

    published = published_for(plan)

    page = None
    if folder is not None:
        from endplate.report.risk_page import risk_answer, write_answer

        page = write_answer(risk_answer(found, risk_document(found, published), published), folder)
    if as_json:
        emit(risk_document(found, published))
        return
    from endplate.report.risk_tables import print_risk

    print_risk(found, published)
    if page is not None:
        print(f"Report: {printable(page)}")


def asked(path: Path, faces: int, seed: int) -> Any:
    """The risk of a plan file."""
    return _asked(path, faces, seed)[1]


def _asked(path: Path, faces: int, seed: int) -> tuple[Any, Any]:
    """The plan of a plan file, and its risk."""
    from endplate.assess.risks import check_size
    from endplate.assess.risks import risk as ask
    from endplate.plan import read_plan

    check_size(faces, seed)
    plan = read_plan(path)
    with told_of(path), progress_bar(faces, "Risk: faces") as tick:
        return plan, ask(plan, faces=faces, seed=seed, progress=tick)


def added(plan: Any, seed: int, tick: Callable[[int, int], None] | None) -> Any:
    """The risk that stands beside a course."""
    from endplate.assess.risks import risk as ask

    return ask(plan, seed=seed, progress=tick)
