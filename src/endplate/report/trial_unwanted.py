"""Unwanted effects of a trial as rows of its page: risks by mechanism beside reports, then all reported rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from endplate.report.risk_tables import TRACE
from endplate.report.risk_words import effect_name
from endplate.report.trial_picture import panels_of

if TYPE_CHECKING:
    from endplate.trial.result import ArmResult, TrialResult, Unwanted

EFFECTS = {"any": "any effect", "any_related": "any effect called related"}
Cell = dict[str, str]


def risk_rows(found: TrialResult) -> list[dict[str, Any]]:
    """Effects by mechanism, likeliest first: of every arm the risk, the people expected, and the reported rates."""
    return [
        {
            "effect": effect_name(effect),
            "risk": [_risk(_simulated(arm, effect)) for arm in found.arms],
            "people": [_people(_simulated(arm, effect)) for arm in found.arms],
            "reported": [[_named(one) for one in arm.reported_as(effect)] for arm in found.arms],
        }
        for effect, most in _ranked(found)
        if most >= TRACE
    ]


def rare_names(found: TrialResult) -> list[str]:
    """Effects by mechanism that hardly happen in any arm."""
    names = [effect_name(effect) for effect, most in _ranked(found) if most < TRACE]
    return [name[:1].lower() + name[1:] for name in names]


def unsimulated(found: TrialResult) -> list[tuple[str, str]]:
    """(arm, why it has no risk by mechanism), where other arms or the arm itself were asked for one."""
    from endplate.trial.result import NOT_ASKED

    return [(arm.name, arm.unsimulated) for arm in found.arms if arm.unsimulated not in (None, NOT_ASKED)]


def _ranked(found: TrialResult) -> list[tuple[str, float]]:
    """(effect, highest risk in any arm), likeliest first."""
    most: dict[str, float] = {}
    for arm in found.arms:
        for one in arm.by("mechanism"):
            most[one.effect] = max(one.probability, most.get(one.effect, 0.0))
    return sorted(most.items(), key=lambda item: -item[1])


def _simulated(arm: ArmResult, effect: str) -> Unwanted | None:
    return next((one for one in arm.by("mechanism") if one.effect == effect), None)


def _people(one: Unwanted | None) -> Cell | None:
    if one is None or one.expected is None:
        return None
    low, high = one.expected.interval90
    return {"rate": f"{one.expected.people:.1f}", "interval": f"{low} to {high}"}


def _named(one: Unwanted) -> Cell:
    """A reported rate, with the name it was counted under where that is another."""
    cell = _risk(one)
    assert cell is not None
    return cell | {"name": "" if one.effect == one.counts_as else f" as {one.effect.replace('_', ' ')}"}


def reported_rows(found: TrialResult, area_name: Callable[[str], str]) -> list[dict[str, Any]]:
    """Reported rates by area and effect with a cell for each arm, None where an arm has none."""
    every: dict[tuple[str, str], dict[str, Unwanted]] = {}
    for arm in found.arms:
        for one in arm.by("reported"):
            every.setdefault((str(one.area), one.effect), {})[arm.name] = one
    return [
        {
            "effect": EFFECTS.get(effect, effect.replace("_", " ")),
            "area": area_name(area),
            "cells": [_risk(rates.get(arm.name)) for arm in found.arms],
            "reports": [{"arm": name, **_reports(one)} for name, one in rates.items()],
        }
        for (area, effect), rates in sorted(every.items(), key=lambda item: _order(found, item[0]))
    ]


def _risk(one: Unwanted | None) -> dict[str, str] | None:
    if one is None:
        return None
    low, high = (points(value) for value in one.interval90)
    return {"rate": points(one.probability), "interval": f"{low} to {high}"}


def _reports(one: Unwanted) -> dict[str, Any]:
    """What stands behind a rate: in short, and each report."""
    text = one.note[one.note.find("reported in ") :] if "reported in " in one.note else one.note
    short, _, long = text.partition(": ")
    short = (
        short.removeprefix("reported in ").replace("source(s)", "reports").replace("1 reports", "1 report")
    )
    return {"short": short, "long": long}


def _order(found: TrialResult, key: tuple[str, str]) -> tuple[int, float]:
    """Areas as the trial names them, in each the most frequent effect first."""
    areas = list(panels_of(found))
    rates = [
        one.probability for arm in found.arms for one in arm.by("reported") if (one.area, one.effect) == key
    ]
    return (areas.index(key[0]) if key[0] in areas else len(areas), -max(rates))


def points(share: float) -> str:
    """Per cent without its sign, one decimal below ten."""
    words = f"{100.0 * share:.1f}" if abs(share) < 0.0995 else f"{100.0 * share:.0f}"
    return "0.0" if words == "-0.0" else words
