"""Findings about a plan as published JSON (`endplate/check/1`, and `findings` beside a course) and as text."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from endplate.check import SEVERITIES, Finding
from endplate.model.schema import MAYBE, TEXT, _list, _object, course_json_schema
from endplate.notice import BANNER

if TYPE_CHECKING:
    from endplate.plan import Plan

SCHEMA = "endplate/check/1"
PLURALS = {"stop": "stops", "caution": "cautions", "note": "notes", "outside evidence": "outside evidence"}
WIDEST = 110
INDENT = 10


def check_document(
    plan: Plan, findings: Sequence[Finding], versions: Mapping[str, Any], not_simulated: str | None
) -> dict[str, Any]:
    """`endplate/check/1`: the findings, how many of each severity, and how many rest on texts not read.

    Args:
        not_simulated: why no course and risk stand behind the findings; None where they do.
    """
    return {
        "schema": SCHEMA,
        "notice": BANNER,
        "title": plan.title,
        "versions": dict(versions),
        "simulated": not_simulated is None,
        "not_simulated": not_simulated,
        "emergency": any(one.kind == "emergency" for one in findings),
        "counts": counts_of(findings),
        "unread": unread(findings),
        "findings": [one.to_json_dict() for one in findings],
    }


def counts_of(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings of each severity, all four named."""
    found = Counter(one.severity for one in findings)
    return {name: found[name] for name in SEVERITIES}


def unread(findings: Sequence[Finding]) -> int:
    """How many findings rest on a text that was quoted from memory."""
    return sum(not one.checked for one in findings)


def with_findings(document: Mapping[str, Any], findings: Sequence[Finding]) -> dict[str, Any]:
    """A document with `findings` beside what it holds."""
    return {**document, "findings": [one.to_json_dict() for one in findings]}


def finding_schema() -> dict[str, Any]:
    """JSON Schema of one finding."""
    where = _object(
        {
            "sessions": _list({"type": "integer", "minimum": 1}),
            "injections": _list(TEXT),
            "muscle": TEXT,
            "side": {"enum": ["", "left", "right", "midline"]},
        }
    )
    words = (
        "rule",
        "kind",
        "found",
        "says",
        "product",
        "jurisdiction",
        "label",
        "label_date",
        "elsewhere",
        "do",
    )
    return _object(
        {
            **dict.fromkeys((*words, "evidence", "unit", "text"), TEXT),
            "severity": {"enum": list(SEVERITIES)},
            "where": where,
            "sources": {"type": "array", "items": TEXT, "minItems": 1},
            "checked": {"type": "boolean"},
            "measured": MAYBE,
            "limit": MAYBE,
            "limit_high": MAYBE,
        }
    )


def check_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `endplate check --json` prints."""
    count = {"type": "integer", "minimum": 0}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "endplate check",
        **_object(
            {
                "schema": {"const": SCHEMA},
                "notice": TEXT,
                "title": TEXT,
                "versions": {"type": "object"},
                "simulated": {"type": "boolean"},
                "not_simulated": {"type": ["string", "null"]},
                "emergency": {"type": "boolean"},
                "counts": _object(dict.fromkeys(SEVERITIES, count)),
                "unread": count,
                "findings": _list(finding_schema()),
            }
        ),
    }


def course_schema() -> dict[str, Any]:
    """JSON Schema of a course with the findings that `simulate --json` prints beside it."""
    schema = course_json_schema()
    schema["properties"]["findings"] = _list(finding_schema())
    return schema


def counted_words(findings: Sequence[Finding]) -> str:
    """How many of each severity, and how many of them were not read in the text that they speak of."""
    counts = counts_of(findings)
    words = [f"{n} {name if n == 1 else PLURALS[name]}" for name, n in counts.items() if n]
    missing = unread(findings)
    memory = (
        f"; {missing} of them rest{'s' if missing == 1 else ''} on a text quoted from memory"
        if missing
        else ""
    )
    other = sum(bool(one.elsewhere) and one.checked for one in findings)
    apart = (
        f"; {other} {'was' if other == 1 else 'were'} read in another text than the label's own"
        if other
        else ""
    )
    return (", ".join(words) or "nothing found") + memory + apart + "."


def print_findings(plan: Plan, findings: Sequence[Finding], not_simulated: str | None) -> None:
    """All findings on standard output, stops first."""
    print(plan.title)
    print(counted_words(findings))
    for one in findings:
        print()
        print(finding_words(one))
    print()
    if not_simulated is not None:
        print(f"No course and no risk were simulated: {not_simulated}")
    print(BANNER)


def print_short(findings: Sequence[Finding]) -> None:
    """What stands beside a course: stops and cautions in full, the rest counted."""
    print(f"Check: {counted_words(findings)} All of it: `endplate check`.")
    for one in findings:
        if one.severity in ("stop", "caution"):
            print(finding_words(one, short=True))


def finding_words(one: Finding, short: bool = False) -> str:
    """One finding in lines that fit the terminal."""
    head = "OUTSIDE" if one.severity == "outside evidence" else one.severity.upper()
    parts = [one.found, *([] if short else [one.says, one.evidence])]
    told = [part for part in parts if part] or [one.says]
    told[0] = f"{one.warning}{told[0]}"
    if one.do:
        told.append(f"To do: {one.do}")
    if not short:
        told.append(f"[{one.rule}; {', '.join(one.sources)}]")
    lines = [line for part in told for line in _wrapped(part)]
    return "\n".join(f"{head if i == 0 else '':<{INDENT}}{line}" for i, line in enumerate(lines))


def _wrapped(text: str) -> list[str]:
    width = shutil.get_terminal_size((WIDEST, 24)).columns if sys.stdout.isatty() else WIDEST
    return textwrap.wrap(
        text, max(40, min(width, WIDEST) - INDENT), break_long_words=False, break_on_hyphens=False
    )


def listed(plans: Sequence[tuple[str, Sequence[Finding]]], table: Any) -> list[Any]:
    """Stops and cautions of several plans as one table (made by `table`); none where there are none."""
    from endplate.report.listing import Column

    rows = [
        {"plan": letter, "severity": one.severity, "text": one.text}
        for letter, findings in plans
        for one in findings
        if one.severity in ("stop", "caution")
    ]
    columns = [
        Column("plan", lambda row: row["plan"]),
        Column("", lambda row: row["severity"]),
        Column("what was found", lambda row: row["text"], wraps=True),
    ]
    return [table("Stops and cautions", columns, rows)] if rows else []
