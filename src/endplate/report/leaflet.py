"""The patient's leaflet: one A4 page in plain words, one HTML file that asks nothing of any network.

What to expect comes from the course. What may go wrong comes from the risk records: counts of studies where there are
any, else words (`leaflet_risks`). How long it lasts comes from the catalogue and from the simulated events.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from endplate.catalogue.effects import mechanisms
from endplate.catalogue.persistence import Effect, effects
from endplate.report import leaflet_drawing as drawing
from endplate.report.leaflet_risks import Risk, described, joined, sorted_out
from endplate.report.leaflet_words import (
    SIGNS,
    WHERE,
    across,
    days_words,
    frequency,
    in_hundred,
    lasts_words,
    listing,
    span_words,
)
from endplate.report.names import counted, muscle_name, product_name, readable

if TYPE_CHECKING:
    from endplate.model.course import Course
    from endplate.population.reported import Seen

BESIDE = "beyond_aim"  # the law that reads only muscles which no needle aims at
EYES = frozenset({"dry_eye", "lagophthalmos"})
MOST_CALLS = 6  # lines of the box of what to ring about in a day or two


def leaflet(
    course: Course,
    unwanted_records: Iterable[Any],
    plan: Any = None,
    *,
    anchored: Collection[str] | None = None,
) -> str:
    """One A4 page for the patient, as HTML.

    Args:
        course: gives what was injected, when the effect begins, is strongest and fades.
        unwanted_records: entries of `unwanted` (mappings or records with the same names): simulated risks and reported
            rates alike. An effect with several entries is told once (`leaflet_risks.joined`).
        plan: gives the date and the areas whose published counts stand in place of simulated numbers; without it there
            is neither.
        anchored: effects whose thresholds were set by counts; None takes those of the calibration in use.

    Raises:
        ModelError: a course without any injection that a leaflet could be about.
    """
    from markupsafe import Markup

    from endplate.population.reported import anchored as in_use
    from endplate.population.reported import areas_of

    areas = () if plan is None else areas_of(plan)
    risks = joined(
        unwanted_records, _seen(plan, areas), in_use() if anchored is None else anchored, _aimed(course)
    )
    told = sorted_out(risks)
    stages = drawing.stages(course)
    rows = [_row(risk, areas) for risk in told.rows]
    soon = _soon(risks)
    return _template().render(
        title=course.plan_title,
        treated=treated(course),
        date=_date(plan),
        stages=stages,
        curve=Markup(drawing.curve(course, stages)),
        rows=rows,
        worded=[(words, [_worded(risk, areas) for risk in group]) for words, group in told.worded],
        needle=[_of_needle(risk, areas) for risk in told.needle],
        rare=[_with_number(risk) for risk in told.rare],
        background=[_with_number(risk) for risk in told.background],
        unknown=[_name(risk.effect).lower() for risk in told.unknown],
        at_once=[words for words, ids in SIGNS if _shown(ids, risks)],
        soon=soon,
        drops=any(one.id in EYES for one in soon),
        modelled=any(row["modelled"] for row in rows),
        banner=course.banner,
    )


def _seen(plan: Any, areas: Sequence[str]) -> dict[str, Seen]:
    """Published counts of the effects by mechanism for the products and areas of a plan."""
    from endplate.population.reported import seen_of

    if plan is None or not areas:
        return {}
    sessions = [one for one in plan.sessions if not one.given] or list(plan.sessions)
    return seen_of(tuple(dict.fromkeys(one.product for one in sessions)), areas)


def _aimed(course: Course) -> frozenset[str]:
    """Effects that come from a muscle which a needle goes into; not the one that leaves such muscles out."""
    muscles = {site.muscle for site in course.sites if site.units > 0.0}
    return frozenset(
        one.id for one in mechanisms().values() if one.law != BESIDE and set(one.muscles) & muscles
    )


def _row(risk: Risk, areas: Sequence[str]) -> dict[str, Any]:
    """One line of the table: an effect with a number."""
    from markupsafe import Markup

    one = described(risk.effect)
    share = risk.share or 0.0
    often, notes = _often(risk)
    return {
        "name": _name(risk.effect),
        "feels": "" if one is None else one.feels,
        "often": often,
        "notes": notes,
        "dots": Markup(drawing.dots(share)),
        "lasts": lasts(risk, areas),
        "at_once": one is not None and one.urgency == "at_once",
        "modelled": risk.basis == "mechanism" and risk.sure,
    }


def _often(risk: Risk) -> tuple[str, list[str]]:
    """How often, and below it in small print where the number comes from."""
    by_model = "" if not risk.sure or risk.interval90 is None else across(risk.interval90)
    if risk.basis != "mechanism":
        salt = [] if risk.placebo is None else [f"salt water: {in_hundred(risk.placebo)}"]
        return frequency(risk.share or 0.0), ["in studies", *salt]
    if risk.seen is not None:
        often, note = _counted(risk.seen)
        return often, [note, *([f"our model: {by_model}"] if by_model else [])]
    low, high = risk.interval90 or (0.0, 1.0)
    inside = low <= (risk.probability or 0.0) <= high
    return (frequency(risk.probability or 0.0) if inside else by_model), [f"our model: {by_model}"]


def _counted(seen: Seen) -> tuple[str, str]:
    """A published count, and of which medicine."""
    note = "in studies" if seen.own else "with a like medicine"
    if seen.rate == 0.0:
        return ("none" if seen.people is None else f"none of {seen.people:,}"), note
    reach, pooled = across((seen.low, seen.high)), in_hundred(seen.rate)
    return f"about {pooled}", note if reach == pooled else f"{note}: {reach}"


def _worded(risk: Risk, areas: Sequence[str]) -> dict[str, Any]:
    one = described(risk.effect)
    return {
        "name": _name(risk.effect),
        "feels": "" if one is None else one.feels,
        "lasts": lasts(risk, areas),
        "at_once": one is not None and one.urgency == "at_once",
    }


def _of_needle(risk: Risk, areas: Sequence[str]) -> dict[str, Any]:
    often = "" if risk.share is None else frequency(risk.share)
    salt = "" if risk.placebo is None else f" (salt water: {in_hundred(risk.placebo)})"
    return {"name": _name(risk.effect), "often": f"{often}{salt}", "lasts": lasts(risk, areas)}


def lasts(risk: Risk, areas: Sequence[str]) -> str:
    """When it comes and goes, in sentences: as the sources have it, and as half of the simulated events have it.

    Args:
        areas: of the plan; a duration that was seen in other areas alone is left out.
    """
    one = described(risk.effect)
    elsewhere = one is not None and one.lasts_areas and not set(one.lasts_areas) & set(areas)
    found = "" if one is None or elsewhere else lasts_words(one.plain_lasts)
    comes = ""
    if one is not None and one.basis == "mechanism" and one.onset_days is not None and not elsewhere:
        comes = f"Starts {span_words(*one.onset_days, math.inf)}."
    half = "" if risk.resolution_day is None else f"Half better by {days_words(risk.resolution_day)} (model)."
    words = " ".join(part for part in (comes, found, half) if part) or "How long is not known."
    return words.replace("week ", "week\u00a0").replace("month ", "month\u00a0")


def _name(effect: str) -> str:
    one = described(effect)
    return readable(effect) if one is None else one.plain


def _with_number(risk: Risk) -> str:
    often = _often(risk)[0].removeprefix("about ")
    return f"{_name(risk.effect).lower()} ({often})"


def _shown(ids: Sequence[str], risks: Sequence[Risk]) -> bool:
    """Whether a sign belongs in the box: all but those of uses that the plan does not have."""
    named = {risk.effect for risk in risks}
    return not ids or any(not effects()[name].only_areas or name in named for name in ids)


def _soon(risks: Sequence[Risk]) -> list[Effect]:
    """Effects to ring about within a day or two: of those that are possible, or that any injection may bring."""
    named = {risk.effect for risk in risks if risk.possible} | {"injection_site_infection"}
    return [one for one in effects().values() if one.urgency == "call" and one.id in named][:MOST_CALLS]


def treated(course: Course) -> dict[str, str]:
    """What was injected and where, in plain words: `amount`, `where`."""
    per_product: dict[str, list[Any]] = {}
    for site in course.sites:
        per_product.setdefault(site.product, []).append(site)
    amounts = [
        f"{product_name(product)}, {sum(site.units for site in sites):g} units in {counted(len(sites), 'place')}"
        for product, sites in per_product.items()
    ]
    places = dict.fromkeys(WHERE.get(site.muscle, muscle_name(site.muscle).lower()) for site in course.sites)
    return {"amount": "; ".join(amounts), "where": listing(list(places))}


def _date(plan: Any) -> str:
    """Day of the first session still planned, else of the last."""
    if plan is None:
        return ""
    planned = [one for one in plan.sessions if not one.given] or list(plan.sessions)[-1:]
    return f"{planned[0].date:%d %B %Y}".lstrip("0") if planned else ""


@lru_cache(maxsize=1)
def _template() -> Any:
    """The compiled template (jinja2 is loaded here); everything is escaped unless it is marked as markup."""
    from importlib.resources import files

    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("endplate.report").joinpath("templates/leaflet.html.j2").read_text("utf-8")
    return environment.from_string(text)
