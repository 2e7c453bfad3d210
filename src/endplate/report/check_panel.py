"""The section of a page that says whether a plan is allowed and sensible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from endplate.catalogue import catalogue
from endplate.catalogue.labels import all_labels
from endplate.check import Finding
from endplate.report.findings import counted_words

GROUPS = (
    ("stop", "stop", "Stops", False),
    ("caution", "caution", "Cautions", False),
    ("outside evidence", "outside", "Outside evidence", False),
    ("note", "note", "Notes", True),
)


def section(findings: Sequence[Finding]) -> dict[str, Any]:
    """What the template shows: how many of each severity, by which labels, and every finding."""
    groups = []
    for severity, key, title, folded in GROUPS:
        mine = [_shown(one) for one in findings if one.severity == severity]
        if mine:
            groups.append({"key": key, "word": severity, "title": title, "folded": folded, "findings": mine})
    return {
        "counted": counted_words(findings).capitalize(),
        "against": against(findings),
        "groups": groups,
        "sources": _sources(findings),
    }


def _sources(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Every source behind the findings, once, and how much of it was seen."""
    book = catalogue().sources
    names = sorted({name for one in findings for name in one.sources})
    return [
        {"id": name, "citation": book[name].citation, "read": book[name].read, "address": book[name].address}
        for name in names
    ]


def against(findings: Sequence[Finding]) -> str:
    """The labels behind the findings: brand, place and date."""
    labels = all_labels()
    held = dict.fromkeys(one.label for one in findings if one.label in labels)
    words = [
        f"{labels[name].brand}, {labels[name].jurisdiction.upper()}, {labels[name].dated}" for name in held
    ]
    return "; ".join(words) or "no label"


def _shown(one: Finding) -> dict[str, Any]:
    sources = catalogue().sources
    needles = f"needles {', '.join(one.where.injections)} \u00b7 " if one.where.injections else ""
    return {
        "found": one.found or one.says,
        "says": one.says if one.found else "",
        "evidence": one.evidence,
        "do": one.do,
        "rule": one.rule,
        "where": needles,
        "warning": one.warning.removesuffix(": "),
        "sources": [{"id": name, "citation": sources[name].citation} for name in one.sources],
    }
