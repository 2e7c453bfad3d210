"""What `endplate sensitivity` does: ask, then print or write."""

from __future__ import annotations

from pathlib import Path

from endplate.app.cli import emit
from endplate.app.places import folder_of, printable
from endplate.app.run import progress_bar, told_of
from endplate.errors import CatalogueError


def sensitivity(
    path: Path,
    muscle: str,
    side: str | None,
    *,
    quantity: str,
    samples: int,
    days: int,
    seed: int,
    out: str | None,
    as_json: bool,
) -> None:
    from endplate.assess import sensitivity as ask
    from endplate.plan import read_plan
    from endplate.report.sensitivity_page import FILES

    plan = read_plan(path)
    folder = folder_of(out, FILES)
    # An unknown muscle, side or quantity stands in the command, not in the plan.
    with told_of(path, but=(CatalogueError,)), progress_bar(samples) as tick:
        found = ask(
            plan, muscle, side, quantity=quantity, samples=samples, days=days, seed=seed, progress=tick
        )
    page = None
    if folder is not None:
        from endplate.report.sensitivity_page import write_sensitivity

        page = write_sensitivity(found, folder)
    if as_json:
        from endplate.report.sensitivity_document import to_json_dict

        emit(to_json_dict(found))
        return
    from endplate.report.sensitivity import print_sensitivity

    print_sensitivity(found)
    if page is not None:
        print(f"Report: {printable(page)}")
