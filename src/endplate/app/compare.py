"""What `endplate compare` does: ask, then print or write."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from endplate.app.cli import emit
from endplate.app.places import folder_of, printable
from endplate.app.run import _versions, progress_bar, told_of


def compare(
    paths: Sequence[Path],
    *,
    volumes: str | None,
    faces: int,
    samples: int,
    days: int,
    seed: int,
    out: str | None,
    as_json: bool,
) -> None:
    from endplate.assess import prepared
    from endplate.assess.differences import check_plans
    from endplate.assess.differences import compare as ask
    from endplate.assess.risks import check_size
    from endplate.plan import read_plan
    from endplate.population.risk_run import first_day
    from endplate.report.risk_page import file_names

    factors = factors_of(volumes, len(paths))
    check_plans(len(paths) + len(factors))
    check_size(faces, seed)
    folder = folder_of(out, file_names("compare"))
    plans = [read_plan(path) for path in paths]
    with told_of(paths[0]):
        plans += [diluted(plans[0], factor) for factor in factors]
    for path, plan in zip([*paths, *[paths[0]] * len(factors)], plans, strict=True):
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
        print(f"Report: {printable(page)}")


def factors_of(text: str | None, plans: int) -> tuple[float, ...]:
    """The factors of `--volumes`, beside one plan.

    Raises:
        ModelError: not numbers above 0, or more than one plan.
    """
    from endplate.errors import ModelError

    if text is None:
        return ()
    if plans != 1:
        raise ModelError(
            f"--volumes was given with {plans} plans.", "It changes one plan.", "Give one plan file."
        )
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(math.isfinite(one) and one > 0.0 for one in found):
        raise ModelError(
            f"--volumes is {text!r}.", "It is numbers above 0.", "Write such as --volumes 0.5,2."
        )
    return found


def diluted(plan: Any, factor: float) -> Any:
    """The plan with the same units in `factor` times its volumes, and a title that says so."""
    from endplate.plan import scale_volumes

    return scale_volumes(plan, factor).model_copy(
        update={"title": f"The same units in {factor:g} x the volume"}
    )
