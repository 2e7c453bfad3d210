"""What `endplate check` does: judge, then print or write."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

from endplate.app.cli import emit
from endplate.app.places import folder_of, printable
from endplate.app.run import _versions, progress_bar, told_of
from endplate.errors import PlaceError, PlanError
from endplate.plan.place import clean
from endplate.plan.values import FIRST_YEAR, LAST_YEAR

RULES_ONLY = "rules only"
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
        why_not = RULES_ONLY if rules_only else None
        if why_not is None:
            try:
                course, risk = _simulated(plan, faces, seed)
                findings = ask(plan, course, jurisdiction=jurisdiction, on=on, risk=risk)
            except (PlaceError, PlanError) as error:  # the rules have been asked: their answer stands
                why_not = str(error)
    from endplate.report.findings import check_document, print_findings

    document = check_document(plan, findings, _versions(), why_not)
    page = None
    if folder is not None:
        from endplate.report.check_page import write_check

        page = write_check(plan, findings, document, folder)
    if as_json:
        emit(document)
    else:
        print_findings(plan, findings, why_not)
        if page is not None:
            print(f"Report: {printable(page)}")
    return any(one.severity == "stop" for one in findings)


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
    """The day asked for; PlanError for anything but a date such as a plan may hold."""
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            day = None
        if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise PlanError(
        f"--date is `{clean(text, 40)}`.",
        f"A date is written like 2026-03-01, in the years {FIRST_YEAR} to {LAST_YEAR}.",
        "Correct it.",
    )
