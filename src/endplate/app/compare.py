"""What `endplate compare` does: ask, then print or write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from endplate.app.cli import emit
from endplate.app.places import folder_of
from endplate.app.run import _versions, progress_bar, told_of


def compare(
    paths: Sequence[Path], *, faces: int, samples: int, days: int, seed: int, out: str | None, as_json: bool
) -> None:
    from endplate.assess import prepared
    from endplate.assess.differences import check_plans
    from endplate.assess.differences import compare as ask
    from endplate.assess.risks import check_size
    from endplate.plan import read_plan
    from endplate.population.risk_run import first_day
    from endplate.report.risk_page import file_names

    check_plans(len(paths))
    check_size(faces, seed)
    folder = folder_of(out, file_names("compare"))
    plans = [read_plan(path) for path in paths]
    for path, plan in zip(paths, plans, strict=True):
        with told_of(path):
            prepared(first_day(plan), None, 1)
    with progress_bar(faces, "Compare: faces") as tick:
        found = ask(plans, faces=faces, samples=samples, days=days, seed=seed, progress=tick)
    from endplate.report.risk_document import comparison_document

    document = comparison_document(found, _versions())
    page = None
    if folder is not None:
        from endplate.report.risk_page import compare_answer, write_answer

        page = write_answer(compare_answer(found, document), folder)
    if as_json:
        emit(document)
        return
    from endplate.report.risk_tables import print_comparison

    print_comparison(found)
    if page is not None:
        print(f"Report: {page}")
