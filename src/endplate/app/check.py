"""What `endplate check` does: judge, then print or write; and the findings beside a course."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from endplate.app.cli import emit
from endplate.app.places import folder_of
from endplate.app.run import _versions, progress_bar, told_of
from endplate.errors import PlanError

PAGES = ("check.html", "check.json", "check.svg", "check.png")


def check(
    path: Path,
    *,
    jurisdiction: str | None,
    date: str | None,
    rules_only: bool,
    faces: int,
    seed: int,
    out: str | None,
    as_json: bool,
) -> bool:
    """Judge a plan file and tell; True when a stop stands."""
    from endplate.check import check as ask
    from endplate.plan import read_plan

    folder = folder_of(out, PAGES)
    on = _day(date)
    plan = read_plan(path)
    with told_of(path):
        findings = ask(plan, jurisdiction=jurisdiction, on=on)  # refuses what no simulation could mend
        simulated = not rules_only and _can_be_simulated(plan)
        if simulated:
            course, risk = _simulated(plan, faces, seed)
            findings = ask(plan, course, jurisdiction=jurisdiction, on=on, risk=risk)
    from endplate.report.findings import check_document, print_findings

    document = check_document(plan, findings, _versions(), simulated)
    page = None
    if folder is not None:
        from endplate.report.check_page import write_check

        page = write_check(plan, findings, document, folder)
    if as_json:
        emit(document)
    else:
        print_findings(plan, findings, simulated)
        if page is not None:
            print(f"Report: {page}")
    return any(one.severity == "stop" for one in findings)


def beside(plan: Any, course: Any = None, risk: Any = None) -> Any:
    """The findings that stand beside a course."""
    from endplate.check import check as ask

    return ask(plan, course, risk=risk)


def _can_be_simulated(plan: Any) -> bool:
    """Whether there is anything planned that the atlas holds, in a person it holds."""
    from endplate.anatomy import default_face
    from endplate.errors import EndplateError
    from endplate.plan.atlas import in_atlas

    try:
        in_atlas(plan)
        default_face(plan.patient.sex, plan.patient.age)
    except EndplateError:
        return False
    return True


def _simulated(plan: Any, faces: int, seed: int) -> tuple[Any, Any]:
    """The course as the plan has it, and the risk."""
    from endplate.assess import simulate
    from endplate.assess.risks import check_size, risk
    from endplate.catalogue.effects import mechanisms

    check_size(faces, seed)
    course = simulate(plan, samples=0, seed=seed)
    with progress_bar(faces, "Check: faces") as tick:
        # Effects by report belong to no plan in particular: they are not judged.
        return course, risk(plan, faces=faces, seed=seed, only=tuple(mechanisms()), progress=tick)


def _day(text: str | None) -> dt.date | None:
    """The day asked for; PlanError for anything but a date."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise PlanError(
            f"--date is `{text[:40]}`.", "A date is written like 2026-03-01.", "Correct it."
        ) from None
