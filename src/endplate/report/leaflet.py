"""The patient's leaflet: one A4 page in plain words, one HTML file that asks nothing of any network.

What to expect comes from the course, what may go wrong from the risk records, how long it lasts from the catalogue
where the record does not say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from endplate.catalogue.persistence import Effect, effects, listed
from endplate.report import leaflet_drawing as drawing
from endplate.report.leaflet_words import (
    WHERE,
    across,
    beside,
    days_words,
    frequency,
)
from endplate.report.names import counted, muscle_name, product_name, readable

if TYPE_CHECKING:
    from endplate.model.course import Course

MOST_ROWS = 6
LEAST = 0.005
"""Effects rarer than this stand in a line below the table, unless help is needed at once; a rate must exceed that
under placebo by as much to count as more."""
TRACE = 1e-4
"""Effects rarer than this go unsaid; those that need help at once stand in the box all the same."""
#: Totals and findings that a patient cannot notice.
SILENT = frozenset({"any", "white_cells_raised"})
NO_FIGURE = "no good figure"


@dataclass(frozen=True)
class Risk:
    """One effect as the leaflet needs it; shares of people, days after treatment, None where nothing is known."""

    effect: str
    probability: float | None
    interval90: tuple[float, float] | None
    onset_day: float | None
    resolution_day: float | None
    basis: str
    placebo: float | None


def leaflet(course: Course, unwanted_records: Iterable[Any], plan: Any = None) -> str:
    """One A4 page for the patient, as HTML.

    Args:
        course: gives what was injected, when the effect begins, is strongest and fades.
        unwanted_records: entries of `unwanted` (mappings or records with the same names): simulated risks and reported
            rates alike. An effect with several entries is told once (`joined`).
        plan: gives the date; without it the line is left out.

    Raises:
        ModelError: a course without any injection that a leaflet could be about.
    """
    from markupsafe import Markup

    risks = joined(unwanted_records)
    shown, rare, background, unknown = sorted_out(risks)
    stages = drawing.stages(course)
    return _template().render(
        title=course.plan_title,
        treated=treated(course),
        date=_date(plan),
        stages=stages,
        curve=Markup(drawing.curve(course, stages)),
        rows=[_row(risk) for risk in shown],
        rare=[_with_number(risk) for risk in rare],
        background=[_with_number(risk) for risk in background],
        unknown=[_name(risk.effect) for risk in unknown],
        at_once=[one for one in listed("mechanism") + listed("reported") if _shown_at_once(one, risks)],
        soon=_soon(risks),
        banner=course.banner,
    )


def joined(records: Iterable[Any]) -> tuple[Risk, ...]:
    """One risk an effect: of its level "seen", for either side; where only single sides stand, the likeliest."""
    best: dict[str, tuple[tuple[bool, bool, float], Risk]] = {}
    for record in records:
        risk = _risk(record)
        rank = (
            _of(record, "level") in (None, "seen"),
            _of(record, "side") in (None, "either"),
            risk.probability or 0.0,
        )
        if risk.effect not in best or rank > best[risk.effect][0]:
            best[risk.effect] = (rank, risk)
    return tuple(risk for _, risk in best.values())


def _of(record: Any, *names: str) -> Any:
    """The first of these fields that a record has, as a mapping or by attribute; None where it has none."""
    for name in names:
        found = record.get(name, _MISSING) if isinstance(record, Mapping) else getattr(record, name, _MISSING)
        if found is not _MISSING:
            return found
    return None


_MISSING = object()


def _risk(record: Any) -> Risk:
    interval = _of(record, "interval90")
    return Risk(
        effect=_of(record, "effect"),
        probability=_of(record, "probability", "rate"),
        interval90=None if interval is None or interval[0] is None else (interval[0], interval[1]),
        onset_day=_of(record, "onset_day"),
        resolution_day=_of(record, "resolution_day"),
        basis=_of(record, "basis") or "mechanism",
        placebo=_of(record, "placebo", "placebo_rate"),
    )


def sorted_out(risks: Sequence[Risk]) -> tuple[list[Risk], list[Risk], list[Risk], list[Risk]]:
    """The effects by their place on the page, each list with the likeliest first.

    Returns:
        those of the table (what needs help at once has its place first); those that it has no room for; those that
        are as frequent without the medicine; those without a number that stand in no box.
    """
    told = [risk for risk in risks if risk.effect not in SILENT]
    numbered = sorted(
        (r for r in told if (r.probability or 0.0) >= TRACE), key=lambda r: -(r.probability or 0.0)
    )
    background = [r for r in numbered if r.placebo is not None and (r.probability or 0.0) < r.placebo + LEAST]
    caused = [r for r in numbered if r not in background]
    pressing = [r for r in caused if _urgency(r.effect) == "at_once"][:MOST_ROWS]
    common = [r for r in caused if r not in pressing and (r.probability or 0.0) >= LEAST]
    kept = pressing + common[: MOST_ROWS - len(pressing)]
    unknown = [r for r in told if r.probability is None and _urgency(r.effect) in ("wait", "tell")]
    return (
        [r for r in caused if r in kept],
        [r for r in caused if r not in kept],
        [r for r in background if (r.probability or 0.0) >= LEAST],
        unknown,
    )


def _urgency(name: str) -> str:
    return effects()[name].urgency if name in effects() else "tell"


def _row(risk: Risk) -> dict[str, Any]:
    from markupsafe import Markup

    one = effects().get(risk.effect)
    share = risk.probability or 0.0
    return {
        "name": _name(risk.effect),
        "feels": one.feels if one is not None else "",
        "often": frequency(share),
        "range": across(risk.interval90) if risk.interval90 is not None else "",
        "salt": "" if risk.placebo is None else beside(risk.placebo),
        "dots": Markup(drawing.dots(share)),
        "lasts": _lasts(risk, one),
        "at_once": one is not None and one.urgency == "at_once",
    }


def _lasts(risk: Risk, one: Effect | None) -> str:
    """When it comes and goes: as simulated where the record says so, else as the sources have it."""
    if risk.resolution_day is not None:
        start = "" if risk.onset_day is None else f"from {days_words(risk.onset_day)} on, "
        return f"{start}gone by {days_words(risk.resolution_day)}".replace("week ", "week\u00a0")
    if one is None or NO_FIGURE in one.plain_lasts:
        passes = one is not None and one.plain_lasts.startswith("it passes")
        return "it passes; how long is not known" if passes else "how long is not known"
    return f"lasts {one.plain_lasts}" if one.plain_lasts[0].isdigit() else one.plain_lasts


def _name(effect: str) -> str:
    return effects()[effect].plain if effect in effects() else readable(effect)


def _with_number(risk: Risk) -> str:
    return f"{_name(risk.effect).lower()} ({frequency(risk.probability or 0.0).removeprefix('about ')})"


def _shown_at_once(one: Effect, risks: Sequence[Risk]) -> bool:
    """Whether an effect belongs in the box: all that need help at once, but for those of other uses."""
    named = {risk.effect for risk in risks}
    return one.urgency == "at_once" and (not one.only_areas or one.id in named)


def _soon(risks: Sequence[Risk]) -> list[Effect]:
    """Effects to ring about within a day or two: of those that the records name, or that any injection may bring."""
    possible = {risk.effect for risk in risks if risk.probability is None or risk.probability >= TRACE}
    named = possible | {"injection_site_infection"}
    return [one for one in effects().values() if one.urgency == "call" and one.id in named][:6]


def treated(course: Course) -> dict[str, str]:
    """What was injected and where, in plain words: `product`, `amount`, `where`."""
    per_product: dict[str, list[Any]] = {}
    for site in course.sites:
        per_product.setdefault(site.product, []).append(site)
    amounts = [
        f"{product_name(product)}, {sum(site.units for site in sites):g} units in {counted(len(sites), 'place')}"
        for product, sites in per_product.items()
    ]
    places = dict.fromkeys(WHERE.get(site.muscle, muscle_name(site.muscle).lower()) for site in course.sites)
    return {"amount": "; ".join(amounts), "where": _listing(list(places))}


def _listing(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


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
