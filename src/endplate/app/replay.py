"""What `endplate replay` does: ask, then print or write."""

from __future__ import annotations

from pathlib import Path

from endplate.app.cli import emit
from endplate.app.places import folder_of, printable
from endplate.app.run import _versions, progress_bar, told_of


def replay(path: Path, *, faces: int, seed: int, out: str | None, as_json: bool) -> None:
    from endplate.assess.reasons import check_replay
    from endplate.assess.reasons import replay as ask
    from endplate.plan import read_plan
    from endplate.report.risk_page import file_names

    check_replay(faces, seed)
    folder = folder_of(out, file_names("replay"))
    plan = read_plan(path)
    with told_of(path), progress_bar(faces, "Replay: faces") as tick:
        found = ask(plan, faces, seed=seed, progress=tick)
    from endplate.report.risk_document import replay_document

    document = replay_document(found, _versions())
    page = None
    if folder is not None:
        from endplate.report.risk_page import replay_answer, write_answer

        page = write_answer(replay_answer(found, document), folder)
    if as_json:
        emit(document)
        return
    from endplate.report.risk_tables import print_replay

    print_replay(found)
    if page is not None:
        print(f"Report: {printable(page)}")
