"""Answers about risk as tables and sentences on standard output."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from endplate.model.course import BANNER
from endplate.report import numerals
from endplate.report.findings import print_short
from endplate.report.listing import Column, Row, print_rows
from endplate.report.names import with_side
from endplate.report.published import Published, published_words
from endplate.report.risk_words import (
    carried_words,
    chance,
    chances,
    difference_words,
    dose_words,
    effect_name,
    error,
    relief_words,
    rests_words,
    sided,
    slip_words,
)

if TYPE_CHECKING:
    from endplate.assess.causes import Cause
    from endplate.assess.differences import Comparison, Difference
    from endplate.assess.reasons import Why
    from endplate.assess.risks import PlanRisk
    from endplate.population.replayed import Replay
    from endplate.population.risk import Unwanted

TRACE = 1e-4
"""Simulated effects that are rarer on either side stand in a line under the table."""

UNSURE = 0.5
"""From this relative error of simulation on, only a bound of a risk is told."""

AIMED = (
    "What is wanted is no effect: weakness beyond the aim leaves out muscles that needles name, and on a face that is "
    "uneven before treatment only what grows more uneven counts. Over-correction of a side aimed at on purpose may "
    "therefore read as a low risk."
)
OUTSIDE = "A mean difference outside its interval: fewer than one in twenty draws bring most of it."
NONE_COUNTED = "By report: no counts found for this product and area."


def _column(heading: str, key: str, **options: bool | int) -> Column:
    return Column(heading, lambda row: row[key], **options)  # type: ignore[arg-type]


RISK_COLUMNS = (
    _column("effect", "effect"),
    _column("risk", "risk", right=True),
    _column("90 % interval", "interval", right=True),
    _column("left", "left", spare=3, right=True),
    _column("right", "right", spare=3, right=True),
    _column("published", "published", right=True),
    _column("from, to (median day)", "days", spare=2, right=True),
    _column("MC error", "error", spare=4, right=True),
    _column("grade", "grade"),
    _column("on prior", "prior", spare=1, right=True),
)
REPORT_COLUMNS = (
    _column("effect", "effect"),
    _column("rate", "risk", right=True),
    _column("90 % interval", "interval", right=True),
    _column("placebo", "placebo", right=True),
    _column("lasts", "lasts", wraps=True, spare=1),
    _column("grade", "grade", spare=2),
    _column("note", "note", wraps=True, spare=3),
)


def print_risk(found: PlanRisk, published: Published | None = None) -> None:
    """Every effect, those by mechanism first.

    Args:
        published: rates of the effects by mechanism, as `published_for` gives them.
    """
    rows, rare = risk_rows(found, published)
    title = f"{found.plan_title}: risk of unwanted effects, by mechanism (either side; per patient)"
    print_rows(title, rows, columns=RISK_COLUMNS)
    for line in [*rare_words(rare), *published_words(published)]:
        print(line)
    if found.reported:
        print()
        numbered = reported_rows(found)
        if numbered:
            title = "By report: published rates beside placebo, not simulated"
            print_rows(title, numbered, columns=REPORT_COLUMNS)
        for line in reported_words(found):
            print(line)
    print()
    for line in footing(found):
        print(line)


def risk_rows(found: PlanRisk, published: Published | None = None) -> tuple[list[Row], list[str]]:
    """Rows of the effects by mechanism, likeliest first, and those that hardly happen with their upper bounds."""
    sides = {(one.effect, one.side): one for one in found.mechanism.unwanted if one.level == "seen"}
    rows, rare = [], []
    for one in sorted(found.seen(), key=lambda one: -one.probability):
        if one.probability < TRACE:
            rare.append(f"{effect_name(one.effect)} ({upper(one)})")
            continue
        left, right = (sides.get((one.effect, side)) for side in ("left", "right"))
        share = one.evidence.get("prior_share")
        rows.append(
            {
                "effect": effect_name(one.effect),
                "risk": told(one),
                "interval": chances(*one.interval90),
                "left": "" if left is None else told(left),
                "right": "" if right is None else told(right),
                "published": published_cell(published, one.effect),
                "days": days_words(one),
                "error": error(one),
                "grade": one.evidence["weakest_grade"],
                "prior": "" if share is None else numerals.percent(share),
            }
        )
    return rows, rare


def told(one: Unwanted) -> str:
    """A risk; where simulation hardly knows it the end of its interval, as a bound."""
    known = one.mc_error is not None and one.mc_error <= UNSURE
    return chance(one.probability) if known else f"<{_rounded_up(one.interval90[1])}"


def upper(one: Unwanted) -> str:
    """`up to 0.2 %`: the end of the interval."""
    return f"up to {_rounded_up(one.interval90[1])}"


def _rounded_up(share: float) -> str:
    """One figure, at least 0.01 %.

    >>> _rounded_up(0.00123), _rounded_up(0.04), _rounded_up(1e-9), _rounded_up(0.97)
    ('0.2 %', '4 %', '0.01 %', '100 %')
    """
    unit = 10.0 ** math.floor(math.log10(max(share, TRACE)) + 1e-9)
    return chance(min(math.ceil(max(share, TRACE) / unit - 1e-9) * unit, 1.0))


def days_words(one: Unwanted) -> str:
    """`3, 54`: the median first and last day; what the days do not tell is left open."""
    if one.onset_day is None:
        return numerals.DASH
    end = "beyond" if one.resolution_day is None else numerals.days(one.resolution_day)
    return f"{numerals.days(one.onset_day)}, {end}"


def published_cell(published: Published | None, effect: str) -> str:
    """`1.5 %`; a dash where nothing was counted."""
    one = (published or {}).get(effect)
    return numerals.DASH if one is None else chance(one.rate)


def rare_words(rare: Sequence[str]) -> list[str]:
    return [f"Below 0.01 %: {', '.join(name[:1].lower() + name[1:] for name in rare)}."] if rare else []


def reported_rows(found: PlanRisk) -> list[Row]:
    """Rows of the effects by report that have a rate, highest first."""
    numbered = [(product, one) for product, one in found.reported if one.rate is not None]
    return [
        {
            "effect": one.name[:1].upper() + one.name[1:],
            "risk": chance(one.rate),
            "interval": "" if one.interval90 is None else chances(*one.interval90),
            "placebo": chance(one.placebo_rate),
            "lasts": one.lasts,
            "grade": one.grade,
            "note": one.note,
        }
        for _, one in sorted(numbered, key=lambda pair: -(pair[1].rate or 0.0))
    ]


def reported_words(found: PlanRisk) -> list[str]:
    """What stands under the effects by report, or in their place."""
    some = any(one.rate is not None for _, one in found.reported)
    words = "Rate: events and people of the reports put together, with half an event added (so 2 of 665 reads 0.38 %)."
    return [words if some else NONE_COUNTED, *unknown_words(found)]


def unknown_words(found: PlanRisk) -> list[str]:
    """Effects that labels name and that have no rate here."""
    names = [one.name[:1].lower() + one.name[1:] for _, one in found.reported if one.rate is None]
    return [f"In labels, rate not found: {', '.join(names)}."] if names else []


def footing(found: PlanRisk) -> list[str]:
    """What the numbers are, and what they leave out."""
    run = found.mechanism
    words = (
        f"{run.faces} faces, {run.draws} draws of the parameters, seed {run.seed}. Interval: over what is not known of "
        "the model, and the error of the mean. MC error: relative standard error by simulation; where it is above "
        "50 %, or nothing happened, only a bound is told. From, to: medians over the simulated events."
    )
    return [
        words,
        AIMED,
        *found.limits,
        BANNER,
    ]


# --- Why


WHY_COLUMNS = (
    _column("site", "site"),
    _column("aimed at", "target"),
    _column("units", "units", right=True),
    _column("share", "share", right=True),
    _column("distance", "distance", spare=1, right=True),
)


def print_why(found: Why) -> None:
    """Shares of the injections, then what stands behind them and what would help."""
    cause = found.cause
    print_rows(why_title(cause), why_rows(cause), columns=WHY_COLUMNS)
    print()
    for line in why_sentences(found):
        print(line)


def why_title(cause: Cause) -> str:
    return (
        f"{sided(cause.effect, cause.side)}: risk {chance(cause.unwanted.probability)} "
        f"({chances(*cause.unwanted.interval90)}). Share of the exposure behind it by injection"
    )


def why_rows(cause: Cause) -> list[Row]:
    """Every injection, largest share first."""
    return [
        {
            "site": part.site,
            "target": with_side(part.target, part.side),
            "units": f"{part.units:g} U",
            "share": numerals.percent(part.share),
            "distance": "" if part.distance_mm is None else f"{part.distance_mm:.0f} mm",
        }
        for part in cause.parts
    ]


def why_sentences(found: Why) -> list[str]:
    """What the analysis says, sentence by sentence."""
    cause = found.cause
    if cause.main is None:
        return [
            "Nothing happens in any draw: no needle brings this effect.",
            cause.unwanted.definition,
            BANNER,
        ]
    words = [carried_words(cause), slip_words(cause), rests_words(cause), *relief_words(found.relief)]
    return [*[word for word in words if word], cause.unwanted.definition, BANNER]


# --- Replay


REPLAY_COLUMNS = (
    _column("effect", "effect"),
    _column("faces", "count", right=True),
    _column("share", "share", right=True),
    _column("90 % interval", "interval", right=True),
)
TARGET_COLUMNS = (
    _column("muscle", "muscle"),
    _column("lowest force, median", "median", right=True),
    _column("5 to 95 % of the faces", "band", right=True),
)


def print_replay(found: Replay) -> None:
    """k of n for every effect, and what the targets lose."""
    print_rows(
        f"{found.plan_title}: on {found.faces} faces, each treated once",
        replay_rows(found),
        columns=REPLAY_COLUMNS,
    )
    print()
    print_rows("Muscles aimed at", target_rows(found), columns=TARGET_COLUMNS)
    print()
    for line in replay_footing(found):
        print(line)


def replay_rows(found: Replay) -> list[Row]:
    return [
        {
            "effect": effect_name(one.effect),
            "count": f"{one.count}/{one.faces}",
            "share": chance(one.share),
            "interval": chances(*one.interval90),
        }
        for one in sorted(found.counted, key=lambda one: -one.count)
    ]


def target_rows(found: Replay) -> list[Row]:
    return [
        {
            "muscle": with_side(one.muscle, one.side),
            "median": numerals.percent(1.0 - one.points[1]),
            "band": numerals.band(1.0 - one.points[2], 1.0 - one.points[0]),
        }
        for one in found.targets
    ]


def replay_footing(found: Replay) -> list[str]:
    slipped = int(found.slipped.sum())
    words = f"A needle slipped behind the septum on {slipped} of {found.faces} faces. " if slipped else ""
    words += (
        "Intervals: of a share counted (Clopper and Pearson), counting alone; what is not known of the model comes on "
        f"top (see `endplate risk`). Seed {found.seed}."
    )
    return [
        words,
        *found.limits,
        BANNER,
    ]


# --- Compare


def print_comparison(found: Comparison) -> None:
    """Units by product, what the targets lose, and by how much the risks differ."""
    for plan in found.plans:
        print(f"{plan.letter}  {plan.title}: {dose_words(plan.units)}")
        print_short(plan.findings)
        print()
    title = "Lowest force of the muscles aimed at, median (5 to 95 %), and days of weakness"
    print_rows(title, comparison_targets(found), columns=target_columns(found))
    print()
    first = found.plans[0].letter
    title = f"Risk by mechanism, either side, and its difference from {first} (90 % interval; ~ within twice its error)"
    print_rows(title, comparison_rows(found), columns=difference_columns(found))
    print()
    for line in comparison_footing(found):
        print(line)


def target_columns(found: Comparison) -> list[Column]:
    return [
        _column("muscle", "muscle"),
        *(_column(plan.letter, plan.letter, right=True) for plan in found.plans),
    ]


def difference_columns(found: Comparison) -> list[Column]:
    first, *others = (plan.letter for plan in found.plans)
    return [
        _column("effect", "effect"),
        *(_column(letter, letter, right=True) for letter in (first, *others)),
        *(_column(f"{letter} - {first}", f"{letter}-", right=True) for letter in others),
    ]


def comparison_footing(found: Comparison) -> list[str]:
    words = (
        f"Same {found.faces} faces, hands, people and draws for every plan, seed {found.seed}. Effects below 0.1 % in "
        "all plans are left out."
    )
    shown = [one for one in found.differences if one.effect in found.effects]
    outside = any(not one.interval90[0] <= one.difference <= one.interval90[1] for one in shown)
    return [
        words,
        *([OUTSIDE] if outside else []),
        *found.limits,
        BANNER,
    ]


def difference_cell(one: Difference) -> str:
    """`+1.2 points (+0.3 to +4)`; a tilde, set apart from the sign, within twice its error."""
    words = difference_words(one.difference, one.interval90, one.clear)
    return words if one.clear else f"~ {words.lstrip('~ ')}"


def comparison_targets(found: Comparison) -> list[Row]:
    rows = []
    for one in found.targets:
        row = {"muscle": with_side(one.muscle, one.side)}
        for k, plan in enumerate(found.plans):
            low = numerals.drawn(*one.nadir[k])
            days = numerals.days(one.days[k][0])
            row[plan.letter] = f"{low}, {days} d" + ("" if one.aimed[k] else " (not aimed at)")
        rows.append(row)
    return rows


def comparison_rows(found: Comparison) -> list[Row]:
    rows = []
    for effect in found.effects:
        row = {"effect": effect_name(effect)}
        for plan in found.plans:
            row[plan.letter] = chance(next(o for o in plan.risk.seen() if o.effect == effect).probability)
        for one in found.differences:
            if one.effect == effect:
                row[f"{one.letter}-"] = difference_cell(one)
        rows.append(row)
    return rows
