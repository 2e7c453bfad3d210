"""The facts a report prints besides the course: plan, key figures, shares by injection, parameters, versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.report import numerals
from endplate.report.names import ACRONYMS, counted, muscle_name, product_name, readable, with_side
from endplate.report.rows import LEVATOR, MuscleRow

if TYPE_CHECKING:
    from endplate.model.course import Course

LAYER_WORDS = {
    "dermis": "dermis",
    "subcutis": "subcutis",
    "muscle": "in the muscle",
    "submuscular": "below the muscle",
}
TRACE_SHARE = 0.005
AS_PLANNED = ", as planned"
SEROTYPES = ("a", "b", "e", "f", "c1")


def antibodies(course: Course) -> str:
    """What antibodies are assumed to take, as a line of its own; empty where nothing is assumed."""
    share = course.versions.get("neutralised_share", 0.0)
    return (
        f"Antibodies: {numerals.percent(share)} of free toxin removed before binding" if share > 0.0 else ""
    )


def key_figures(course: Course, rows: list[MuscleRow]) -> list[dict[str, str]]:
    """Headline numbers: the weakest target and how long, the weakest muscle no site names, the levator."""
    figures = []
    targets = [row for row in rows if row.role == "target"]
    if targets:
        row = min(targets, key=lambda r: r.nadir)
        figures += [_weakest("Weakest target", row), _lasting(row)]
    spared = [row for row in rows if row.role == "at_risk" and row.muscle != LEVATOR]
    if spared:
        figures.append(_weakest("Weakest muscle that no site names", min(spared, key=lambda r: r.nadir)))
    levators = [row for row in rows if row.muscle == LEVATOR]
    if levators:
        row = max(levators, key=lambda r: r.over_threshold)
        note = f"median exposure over its own threshold; force at its lowest {numerals.percent(row.nadir)} as planned"
        value = f"{numerals.ratio(row.over_threshold)} \u00d7"
        figures.append(_figure("Lid levator", value, note, row, _draws(row.drawn)))
    return figures


def _weakest(name: str, row: MuscleRow) -> dict[str, str]:
    day = f", day {numerals.days(row.nadir_day)}" if np.isfinite(row.nadir_day) else ""
    note = f"of full force at its lowest, as planned{day}"
    return _figure(name, numerals.percent(row.nadir), note, row, _draws(row.drawn))


def _lasting(row: MuscleRow) -> dict[str, str]:
    """How long a tenth or more of the force is missing."""
    note, value = f"less than a tenth of the force is ever missing{AS_PLANNED}", row.lasts
    if row.lasts != numerals.DASH:
        value += " days"
        note = f"a tenth or more of the force is missing, from day {numerals.days(row.onset_day)}{AS_PLANNED}"
        if np.isinf(row.duration_days):
            note += "; still so on the last day"
    draws = row.lasts_drawn if row.lasts_drawn != numerals.DASH else ""
    return _figure("It stays weakened", value, note, row, _draws(draws, " days"))


def _draws(words: str, unit: str = "") -> str:
    """`Draws: median 46 %, 90 % band 8 to 90 %` from `46 % (8 to 90 %)`."""
    if not words:
        return ""
    middle, _, between = words.partition(" (")
    band = f", 90 % band {between.removesuffix(')')}" if between else ""
    return f"Draws: median {middle}{band}{unit}"


def _figure(name: str, value: str, note: str, row: MuscleRow, draws: str) -> dict[str, str]:
    return {"name": name, "value": value, "note": note, "label": row.label, "draws": draws}


def sessions(course: Course, plan: Any) -> list[dict[str, Any]]:
    """One table a session. Without the plan, only what the placed sites know."""
    found = []
    for index in sorted({site.session for site in course.sites}):
        mine = [(number, site) for number, site in enumerate(course.sites, start=1) if site.session == index]
        session = plan.sessions[index] if plan is not None and index < len(plan.sessions) else None
        found.append(_session(index, mine, session))
    return found


def _session(index: int, mine: list[tuple[int, Any]], session: Any) -> dict[str, Any]:
    product = mine[0][1].product
    facts = {
        "Product": product_name(product),
        "Total": f"{numerals.plain(sum(s.units for _, s in mine))} U at {counted(len(mine), 'site')}",
        "Volume": f"{numerals.plain(sum(s.volume_ml for _, s in mine))} mL",
    }
    title, status = f"Session {index + 1}", ""
    if session is not None:
        title += f", {session.date.isoformat()}"
        status = "given" if session.given else "planned"
        facts |= _session_facts(session)
    injections = session.injections if session is not None else ()
    return {
        "title": title,
        "status": status,
        "facts": facts,
        "rows": [_injection(n, s, injections) for n, s in mine],
    }


def _session_facts(session: Any) -> dict[str, str]:
    facts = {}
    if session.indication:
        facts["Indication"] = ", ".join(readable(name) for name in session.indication)
    if session.jurisdiction:
        facts["Label of"] = str(session.jurisdiction).upper()
    mixed = session.reconstitution
    if mixed is not None:
        per = mixed.vial_units / mixed.diluent_ml / 10.0
        facts["Dilution"] = (
            f"{numerals.plain(mixed.vial_units)} U vial with {numerals.plain(mixed.diluent_ml)} mL "
            f"{readable(mixed.diluent).lower()}: {numerals.plain(per)} U per 0.1 mL"
        )
    for name, words in (("lot", "Lot"), ("expiry", "Expiry"), ("reconstituted_at", "Reconstituted")):
        if getattr(session, name, None):
            facts[words] = str(getattr(session, name))
    facts["Operator"] = session.operator.experience if session.operator else "unknown"
    guidance = str(session.guidance or "none")
    facts["Guidance"] = ACRONYMS.get(guidance, guidance)
    if session.note:
        facts["Note"] = session.note
    return facts


def _injection(number: int, site: Any, injections: Any) -> dict[str, str]:
    written = injections[site.injection] if site.injection < len(injections) else None
    layer = getattr(written, "layer", None)
    return {
        "number": str(number),
        "id": site.id,
        "muscle": muscle_name(site.muscle),
        "side": site.side,
        "units": numerals.plain(site.units),
        "volume": numerals.plain(site.volume_ml),
        "concentration": numerals.plain(site.units / site.volume_ml),
        "depth": f"{site.depth_mm:.1f}",
        "tissue": f"{site.bone_mm:.1f}",
        "layer": LAYER_WORDS.get(layer, str(layer)) if layer else numerals.DASH,
        "grade": site.grade,
    }


def shares(course: Course, rows: list[MuscleRow]) -> dict[str, Any]:
    """Which injection brings which share of a muscle's exposure, in per cent; below half a per cent no cell.

    Only sites of the first planned day count: exposure is of that day. Sites that name the same muscle and side stand
    together, so that a plan of forty needles still fits the page.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    sessions = first_planned(course)
    counting = [(index, site) for index, site in enumerate(course.sites) if site.session in sessions]
    single = len(counting) <= 12
    for index, site in counting:
        groups.setdefault((site.id, "") if single else (site.muscle, site.side), []).append(index)
    heads = []
    for members in groups.values():
        first = course.sites[members[0]]
        heads.append({"numbers": _numbers(members), "name": with_side(first.muscle, first.side)})
    lines = []
    for row in rows:
        values = [float(course.shares[row.index, members].sum()) for members in groups.values()]
        if sum(values) > 0.0:
            cells = [
                {"text": numerals.percent(v), "weight": round(v, 3)} if v >= TRACE_SHARE else None
                for v in values
            ]
            lines.append(
                {
                    "label": row.label,
                    "role": row.role,
                    "exposure": numerals.ratio(row.over_threshold),
                    "cells": cells,
                }
            )
    return {"heads": heads, "lines": lines}


def first_planned(course: Any) -> set[int]:
    """Sessions of the first planned day: those whose sites expose a muscle; all where none does."""
    reached = np.asarray(course.shares).sum(axis=0) > 0.0
    found = {site.session for site, counts in zip(course.sites, reached, strict=True) if counts}
    return found or {site.session for site in course.sites}


def _numbers(members: list[int]) -> str:
    """`3` or `3-6, 9`: site numbers with runs joined."""
    parts: list[list[int]] = []
    for member in members:
        if parts and member == parts[-1][-1] + 1:
            parts[-1].append(member)
        else:
            parts.append([member])
    return ", ".join(f"{p[0] + 1}" if len(p) == 1 else f"{p[0] + 1}\u2013{p[-1] + 1}" for p in parts)


def parameters(course: Course) -> list[dict[str, Any]]:
    """The parameters behind this course, with interval, grade and source: other products' are left out."""
    from endplate.catalogue import catalogue
    from endplate.model.parameters import model_parameter_ids

    table = catalogue()
    found = []
    for name in used(model_parameter_ids(), {site.product for site in course.sites}):
        record = table.parameters[name]
        source = table.sources[record.source]
        found.append(
            {
                "name": record.name,
                "id": record.id,
                "unit": "" if record.unit == "1" else record.unit,
                "value": numerals.plain(record.value),
                "range": f"{numerals.plain(record.low)} to {numerals.plain(record.high)}",
                "grade": record.grade,
                "source": source.citation,
                "where": record.where,
                "address": source.address,
                "checked": record.checked,
                "note": record.note,
            }
        )
    return found


def used(names: Iterable[str], products: set[str]) -> list[str]:
    """Parameters that a plan of these products uses: of thresholds and light chains only their own."""
    from endplate.catalogue import catalogue

    known = catalogue().products
    serotypes = {known[product].serotype.lower() for product in products if product in known}
    others = {f"threshold.{product}" for product in known if product not in products}
    others |= {f"junction.light_chain_half_life.{letter}" for letter in SEROTYPES if letter not in serotypes}
    return [name for name in names if name not in others]
