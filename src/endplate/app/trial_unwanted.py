"""Unwanted effects of one arm on standard output: risks by mechanism beside what was reported, then all reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def print_unwanted(arm: Any) -> None:
    """Risks by mechanism with the reported rate of the same effect beside each, then all reported rates."""
    from endplate.report import print_rows
    from endplate.trial.result import NOT_ASKED

    _print_simulated(arm)
    if arm.unsimulated not in (None, NOT_ASKED):
        print(f"{arm.name}: {arm.unsimulated}")
    rows = [
        {
            "unwanted effect": one.effect,
            "area": one.area,
            "rate, %": f"{100 * one.probability:.1f}",
            "90 %": _points(one.interval90),
            **_people(one, arm.n),
            "reported, not simulated": one.note.partition(": ")[0],
        }
        for one in arm.by("reported")
    ]
    if rows:
        print_rows(f"{arm.name}: reported rates of unwanted effects", rows)


def _print_simulated(arm: Any) -> None:
    from endplate.report import print_rows
    from endplate.report.risk_tables import TRACE, rare_words

    simulated = arm.by("mechanism")
    rows = [
        {
            "unwanted effect": one.effect,
            "risk, %": f"{100 * one.probability:.1f}",
            "90 %": _points(one.interval90),
            **_people(one, arm.n),
            "grade": one.evidence["weakest_grade"],
            "on prior": f"{one.evidence['prior_share']:.0%}",
            "reported, %": "; ".join(map(_reported, arm.reported_as(one.effect))) or "none",
        }
        for one in simulated
        if one.probability >= TRACE
    ]
    title = f"{arm.name}: risk of unwanted effects by mechanism, per patient"
    if rows:
        print_rows(title, rows)
    elif simulated:
        print(title)
    for line in rare_words([one.effect for one in simulated if one.probability < TRACE]):
        print(line)


def _people(one: Any, n: int) -> dict[str, str]:
    """How many of the arm have it."""
    if one.expected is None:
        return {}
    low, high = one.expected.interval90
    return {f"of n = {n}, 90 %": f"{one.expected.people:.1f} ({low} to {high})"}


def _points(pair: Sequence[float]) -> str:
    return f"{100 * pair[0]:.1f} to {100 * pair[1]:.1f}"


def _reported(one: Any) -> str:
    """`3.2 (1.9 to 4.8) glabella`, with the name under which it was counted where that is another."""
    name = "" if one.effect == one.counts_as else f", as {one.effect}"
    return f"{100 * one.probability:.1f} ({_points(one.interval90)}) {one.area}{name}"
