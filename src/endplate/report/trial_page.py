"""A virtual trial as one page: responder curves, durations, power, unwanted effects, limits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endplate.report import numerals
from endplate.report.files import write_whole
from endplate.report.trial_picture import (
    duration_axis,
    duration_bar,
    looks,
    panels_of,
    responder_canvas,
    swatch,
)
from endplate.report.trial_unwanted import points, rare_names, reported_rows, risk_rows, unsimulated

if TYPE_CHECKING:
    from endplate.trial.result import ArmResult, Duration, TrialResult

FILE = "trial.html"
BEYOND = "beyond"
SOURCES = {
    "posterior": "fitted to published trials",
    "prior": "drawn from priors",
    "held": "held at one value",
}


def write_trial(result: TrialResult, folder: Path) -> Path:
    """Write `trial.html`, whole or not at all.

    Raises:
        ReportError: the folder cannot be written.
    """
    return write_whole(Path(folder) / FILE, trial_html(result).encode())


def trial_html(found: TrialResult) -> str:
    """The page as text: one file that carries its pictures and asks nothing of any network."""
    from markupsafe import Markup

    drawn = looks(found.arms)
    names = {arm.name: _product(arm.product) for arm in found.arms}
    return _template().render(
        found=found,
        products=names,
        keys={name: Markup(swatch(look)) for name, look in drawn.items()},
        women={arm.name: _women(found, arm) for arm in found.arms},
        facts=_facts(found),
        areas=[_area(found, area, endpoints) for area, endpoints in panels_of(found).items()],
        durations=_durations(found),
        axis=Markup(duration_axis(_end(found))),
        unwanted=reported_rows(found, _area_name),
        risks=risk_rows(found),
        rare=rare_names(found),
        unsimulated=unsimulated(found),
        basis=_basis(found),
        fitted=any("posterior" in _sources(arm) for arm in found.arms),
        style=Markup(_static("templates/report.css")),
        area_name=_area_name,
        endpoint_name=_endpoint_name,
        percent=numerals.percent,
        points=points,
        sizes=lambda pair: "none" if pair is None else f"{pair[0]} + {pair[1]}",
    )


def _product(name: str | None) -> str:
    from endplate.catalogue import catalogue

    return "placebo" if name is None else catalogue().product(name).name


def _area_name(name: str) -> str:
    from endplate.catalogue.lines import areas

    return areas()[name].name if name in areas() else name.replace("_", " ").capitalize()


def _endpoint_name(name: str) -> str:
    """`None or mild, investigator`; a median loses its word where the heading says it."""
    from endplate.catalogue import catalogue

    words = catalogue().endpoints[name].name.removeprefix("median ")
    return words[:1].upper() + words[1:]


def _definition(name: str) -> str:
    from endplate.catalogue import catalogue

    return catalogue().endpoints[name].definition


def _women(found: TrialResult, arm: ArmResult) -> str:
    """Who an arm is made of, in a word or as the share of women."""
    entry = next(one for one in found.design["arms"] if one["name"] == arm.name)
    only = entry.get("sex")
    share = found.design.get("population", {}).get("sex", {"female": 1.0}).get("female", 0.0)
    if only is not None or share in (0.0, 1.0):
        return "women" if only == "female" or (only is None and share == 1.0) else "men"
    return f"{numerals.percent(share)} women"


def _facts(found: TrialResult) -> list[tuple[str, str]]:
    """Who is let in and how they are followed, from the design as written."""
    people = found.design.get("population", {})
    rows = [("Visits, days", ", ".join(str(day) for day in found.design["visits"]))]
    age = people.get("age")
    if age:
        spread = f", SD {age['sd']:g}" if age.get("sd") else ""
        rows.append(("Age, years", f"{age.get('mean', 46):g}{spread}"))
    for area, mix in people.get("baseline", {}).items():
        rows.append(
            (f"{_area_name(area)} at entry", f"{numerals.percent(mix['severe'])} in the highest grade")
        )
    earlier = people.get("previously_treated")
    if earlier:
        rows.append(
            ("Treated before", f"{numerals.percent(earlier['share'])}, {earlier['days_ago']} days ago")
        )
    operator = people.get("operator", {})
    needle = operator.get("needle_sd_mm")
    told = f"{needle:g} mm SD of the needle" if needle is not None else operator.get("experience", "unknown")
    rows.append(("Operator", f"experience {told}" if needle is None else told))
    lost = found.design.get("dropout", {})
    if lost.get("share_per_30_days"):
        rows.append(("Leave", f"{numerals.percent(lost['share_per_30_days'])} in 30 days"))
    if lost.get("by_visit"):
        rows.append(("Leave before each visit", ", ".join(numerals.percent(v) for v in lost["by_visit"])))
    if lost.get("missing") == "failure":
        rows.append(("Not seen", "counted as failures"))
    again = found.design.get("retreatment")
    if again:
        rows.append(
            ("Treated again", f"after {again['min_days']} days at the earliest, back at the entry grade")
        )
    return rows


def _area(found: TrialResult, area: str, endpoints: list[str]) -> dict[str, Any]:
    """Panels and rates of one area."""
    from markupsafe import Markup

    from endplate.report.page import inline

    panels, rows = [], []
    for endpoint in endpoints:
        key = f"{area}-{endpoint}"
        svg = inline(responder_canvas(found, endpoint, area).svg(), key)
        panels.append({"key": key, "endpoint": endpoint, "text": _definition(endpoint), "svg": Markup(svg)})
        mine = [(arm, r) for arm in found.arms for r in arm.rates if (r.endpoint, r.area) == (endpoint, area)]
        mine.sort(key=lambda pair: pair[1].day)
        rows += [{"endpoint": endpoint, "arm": arm, "rate": rate} for arm, rate in mine]
    return {"id": area, "name": _area_name(area), "panels": panels, "rows": rows}


def _end(found: TrialResult) -> float:
    """End of the axis of durations in weeks: the last visit, or the longest number beyond it."""
    known = [w for arm in found.arms for d in arm.durations for w in (d.median_weeks, *d.interval90)]
    return max(max(found.design["visits"]) / 7.0, *(w for w in known if w is not None), 1.0)


def _durations(found: TrialResult) -> list[dict[str, Any]]:
    """Medians, those of one rule and area together."""
    from markupsafe import Markup

    drawn, end = looks(found.arms), _end(found)
    asked = dict.fromkeys((d.definition, d.area) for arm in found.arms for d in arm.durations)
    out = []
    for name, area in asked:
        rows = [
            {
                "arm": arm.name,
                "weeks": _weeks(one.median_weeks),
                "interval": _weeks_interval(one),
                "reached": numerals.percent(one.reached),
                "bar": Markup(duration_bar(one, drawn[arm.name], end)),
            }
            for arm in found.arms
            for one in arm.durations
            if (one.definition, one.area) == (name, area)
        ]
        out.append({"name": name, "area": area, "text": _definition(name), "rows": rows})
    return out


def _weeks(value: float | None) -> str:
    return BEYOND if value is None else f"{value:.1f}"


def _weeks_interval(one: Duration) -> str:
    low, high = (_weeks(value) for value in one.interval90)
    return low if low == high else f"{low} to {high}"


def _sources(arm: ArmResult) -> Mapping[str, tuple[str, ...]]:
    return {source: names for source, names in arm.basis.items() if names}


def _basis(found: TrialResult) -> list[tuple[str, list[str]]]:
    """Parameters by where their draws come from, over all arms."""
    out: dict[str, dict[str, None]] = {}
    for arm in found.arms:
        for source, names in _sources(arm).items():
            out.setdefault(source, {}).update(dict.fromkeys(names))
    return [(words, list(out[source])) for source, words in SOURCES.items() if source in out]


@lru_cache(maxsize=1)
def _template() -> Any:
    """The compiled template (jinja2 is loaded here); everything is escaped unless it is marked as markup."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        return numerals.thin(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=finalize
    )
    return environment.from_string(numerals.thin(_static("templates/trial.html.j2")))


@lru_cache(maxsize=4)
def _static(name: str) -> str:
    return files("endplate.report").joinpath(name).read_text("utf-8")
