"""The section "What may go wrong" of the report: effects by mechanism and by report as rows with bars, and which
needle brings them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from endplate.report import numerals
from endplate.report.names import muscle_name
from endplate.report.risk_bars import across, axis, bar, people
from endplate.report.risk_words import carried_words, effect_name, rests_words, slip_words

if TYPE_CHECKING:
    from endplate.model.course import Course

TRACE = 1e-4
"""Simulated effects that are rarer stand in a sentence."""

LEAST_CAUSE, MOST_CAUSES = 1e-3, 3
"""Effects from this risk on, and so many at most, are followed back to their needles."""

LEAST_SHARE, MOST_PARTS = 0.01, 8
"""Injections that bring less, or stand farther down, are told together."""

UNEVEN = 1.25
"""Left and right are told apart where one is so many times the other."""

TOTAL = "any"
SEEN, EITHER = "seen", "either"


@dataclass(frozen=True)
class Entry:
    """One effect as the table needs it; shares of people, days after treatment, None where nothing is known.

    Attributes:
        sides: chance on the left and on the right. levels: chance by its other definitions.
    """

    effect: str
    name: str
    probability: float | None
    interval: tuple[float, float] | None
    placebo: float | None
    onset_day: float | None
    resolution_day: float | None
    grade: str
    prior_share: float | None
    mc_error: float | None
    basis: str
    definition: str
    comes: str
    lasts: str
    note: str
    source: str
    sides: Mapping[str, float]
    levels: Mapping[str, float]


def records_of(risk: Any) -> list[Mapping[str, Any]]:
    """Entries of `unwanted` as mappings, from a list of records or from an object that holds both lists."""
    held = risk
    if hasattr(risk, "mechanism"):
        held = [*risk.mechanism.unwanted, *(record for _, record in risk.reported)]
    return [one if isinstance(one, Mapping) else one.to_json_dict() for one in held]


def entries(records: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """One entry an effect, likeliest first: as it is usually counted, on either side."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in records:
        groups.setdefault((record.get("basis", "mechanism"), record["effect"]), []).append(record)
    found = [_entry(group) for group in groups.values()]
    return sorted(found, key=lambda entry: -(entry.probability or 0.0))


def _entry(group: Sequence[Mapping[str, Any]]) -> Entry:
    main = min(group, key=lambda r: (r.get("level", SEEN) != SEEN, (r.get("side") or EITHER) != EITHER))
    counted = [r for r in group if r.get("level", SEEN) == main.get("level", SEEN)]
    evidence = main.get("evidence") or {}
    interval = main.get("interval90")
    levels = {
        r["level"]: r["probability"] for r in group if r.get("level", SEEN) != SEEN and r["side"] == EITHER
    }
    levels |= {name: one["probability"] for name, one in (main.get("levels") or {}).items()}
    return Entry(
        effect=main["effect"],
        name=effect_name(main["effect"]),
        probability=main.get("probability"),
        interval=None if interval is None or interval[0] is None else (interval[0], interval[1]),
        placebo=main.get("placebo"),
        onset_day=main.get("onset_day"),
        resolution_day=main.get("resolution_day"),
        grade=evidence.get("weakest_grade") or numerals.DASH,
        prior_share=evidence.get("prior_share"),
        mc_error=main.get("mc_error"),
        basis=main.get("basis", "mechanism"),
        definition=main.get("definition") or "",
        comes=main.get("onset") or "",
        lasts=main.get("lasts") or "",
        note=main.get("note") or "",
        source=main.get("source") or "",
        sides={r["side"]: r["probability"] for r in counted if r.get("side") in ("left", "right")},
        levels=levels,
    )


def section(
    course: Course, risk: Any, causes: Sequence[Any] = (), arrows: Sequence[str] = ()
) -> dict[str, Any]:
    """What the template of the section reads.

    Args:
        risk: see `records_of`. causes: where effects come from (`assess.causes.Cause`); arrows: their pictures.
    """
    from markupsafe import Markup

    found = entries(records_of(risk))
    simulated = [one for one in found if one.basis == "mechanism"]
    reported = [one for one in found if one.basis != "mechanism" and one.effect != TOTAL]
    total = next((one for one in found if one.effect == TOTAL and one.probability is not None), None)
    shown = [one for one in simulated if (one.probability or 0.0) >= TRACE]
    return {
        "axis": Markup(axis()),
        "simulated": [row(one) for one in shown],
        "rare": [_small(one.name) for one in simulated if one not in shown],
        "reported": [row(one) for one in reported if one.probability is not None],
        "unknown": [_small(one.name) for one in reported if one.probability is None],
        "total": None if total is None else (people(total.probability), people(total.placebo)),
        "meant": [
            {"name": one.name, "definition": one.definition, "lasts": one.lasts, "source": one.source}
            for one in simulated
            if one.definition
        ],
        "causes": [cause_context(course, cause) for cause in causes],
        "arrows": arrows,
        "limits": list(getattr(getattr(risk, "mechanism", None), "limits", ())),
        "size": _size(risk),
    }


def key_figure(risk: Any) -> dict[str, str] | None:
    """The likeliest of the simulated effects, as one of the key figures; None where none is to be expected."""
    simulated = [one for one in entries(records_of(risk)) if one.basis == "mechanism"]
    if not simulated or (simulated[0].probability or 0.0) < TRACE:
        return None
    one, share = simulated[0], simulated[0].probability or 0.0
    days = f"from day {numerals.days(one.onset_day)} to {_gone(one)}, " if one.onset_day is not None else ""
    return {
        "name": "Likeliest unwanted effect, simulated",
        "value": people(share),
        "label": one.name,
        "note": f"{days}grade {one.grade}",
        "draws": "" if one.interval is None else f"Draws: 90 % interval {across(one.interval, share)}",
    }


def row(one: Entry) -> dict[str, Any]:
    """One line of either table, as text."""
    from markupsafe import Markup

    share = one.probability or 0.0
    return {
        "name": one.name,
        "people": people(share),
        "range": across(one.interval, share) if one.interval is not None else "",
        "placebo": numerals.DASH if one.placebo is None else people(one.placebo),
        "bar": Markup(bar(share, one.interval, one.placebo, one.basis)),
        "sides": sides_words(one),
        "levels": "; ".join(f"{name}: {people(value)}" for name, value in one.levels.items()),
        "onset": numerals.DASH if one.onset_day is None else numerals.days(one.onset_day),
        "gone": _gone(one),
        "comes": one.comes,
        "lasts": one.lasts,
        "note": one.note,
        "grade": one.grade,
        "prior": numerals.DASH if one.prior_share is None else numerals.percent(one.prior_share),
        "error": numerals.DASH if one.mc_error is None else f"±{100.0 * one.mc_error:.0f} %",
    }


def _gone(one: Entry) -> str:
    if one.onset_day is None:
        return numerals.DASH
    return "beyond" if one.resolution_day is None else numerals.days(one.resolution_day)


def sides_words(one: Entry) -> str:
    """`left 2 in 100, right 8 in 1,000` where the sides differ, else nothing."""
    values = [one.sides.get(side) for side in ("left", "right")]
    left, right = (value or 0.0 for value in values)
    if None in values or max(left, right) <= UNEVEN * min(left, right):
        return ""
    return f"left {people(left)}, right {people(right)}"


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _size(risk: Any) -> str:
    """How much was simulated, where the risk says so."""
    run = getattr(risk, "mechanism", None)
    if run is None:
        return ""
    return f"{run.faces} drawn faces, {run.draws} draws of what is not known (seed {run.seed})"


# --- Which needle


def causes_of(plan: Any, risk: Any) -> list[Any]:
    """Where the likeliest simulated effects come from; nothing where the run behind the risk is not at hand."""
    run = getattr(risk, "mechanism", None)
    if run is None or plan is None:
        return []
    from endplate.assess.causes import cause_of

    seen = [one for one in run.unwanted if (one.level, one.side) == (SEEN, EITHER)]
    likely = [one for one in seen if one.probability >= LEAST_CAUSE]
    likely.sort(key=lambda one: -one.probability)
    return [cause_of(plan, run, one.effect) for one in likely[:MOST_CAUSES]]


def cause_context(course: Course, cause: Any) -> dict[str, Any]:
    """One effect followed back to its needles: shares by injection, in words what carries it and what it rests on."""
    number = {site.id: k for k, site in enumerate(course.sites, start=1)}
    parts = [part for part in cause.parts if part.share >= LEAST_SHARE][:MOST_PARTS]
    rest = cause.parts[len(parts) :]
    return {
        "name": effect_name(cause.effect),
        "people": people(cause.unwanted.probability),
        "parts": [
            {
                "number": str(number.get(part.site, "")),
                "id": part.site,
                "muscle": muscle_name(part.target),
                "side": "" if part.side == "midline" else part.side,
                "units": f"{numerals.plain(part.units)} U",
                "share": numerals.percent(part.share),
                "width": f"{100.0 * part.share:.1f}",
            }
            for part in parts
        ],
        "rest": _together(rest) if parts else "",
        "words": [text for text in (carried_words(cause), slip_words(cause), rests_words(cause)) if text],
    }


def _together(rest: Sequence[Any]) -> str:
    """What the injections that are not listed bring, in a sentence."""
    if not rest:
        return ""
    one = len(rest) == 1
    share = numerals.percent(sum(part.share for part in rest))
    return f"{'One other brings' if one else f'{len(rest)} others together bring'} {share}."


def cause_alt(course: Course, cause: Any) -> str:
    """The arrows of one effect in a sentence."""
    found = cause_context(course, cause)
    parts = "; ".join(f"{part['number']} {part['muscle']} {part['share']}" for part in found["parts"])
    return f"Arrows from needle to muscle for {_small(found['name'])}: {parts or 'none'}."
