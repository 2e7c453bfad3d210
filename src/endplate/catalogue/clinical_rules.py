"""What must hold in the tables of clinical evidence: studies, endpoints, results, unwanted effects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from endplate.catalogue.clinical import (
    MODELLED_AREAS,
    NOT_STATED,
    PLACEBO,
    Arm,
    Endpoint,
    Result,
    Study,
    UnwantedEffect,
)
from endplate.catalogue.table import Catalogue
from endplate.errors import CatalogueError
from endplate.units import parse_unit

_HALF_POINT, _HALF_TENTH = 0.0051, 0.00051  # a rate printed in whole points, or to a tenth of one
_TOTAL_TOLERANCE_U = 0.01


def clinical_violations(book: Catalogue) -> Iterator[str]:
    """Every broken rule of the four tables as one line."""
    for endpoint in book.endpoints.values():
        yield from _endpoint(endpoint, book)
    for study in book.studies.values():
        yield from _study(study, book)
    for result in book.results.values():
        yield from _result(result, book)
    for unwanted in book.adverse.values():
        yield from _unwanted(unwanted, book)


def _endpoint(endpoint: Endpoint, book: Catalogue) -> Iterator[str]:
    where = f"endpoint `{endpoint.id}`"
    needs = {
        "grade": ("raters",),
        "change": ("raters", "cut"),
        "onset": ("raters", "cut"),
        "duration": ("raters", "among", "rule"),
        "direct": ("reads",),
    }[endpoint.kind]
    for name in needs:
        if not getattr(endpoint, name):
            yield f"{where}: a {endpoint.kind} needs `{name}`."
    if endpoint.kind == "grade" and endpoint.at_most is None and endpoint.improved_by is None:
        yield f"{where}: a grade needs `at_most` or `improved_by`."
    if (endpoint.rule == "above") != (endpoint.kind == "duration" and endpoint.at_most is not None):
        yield f"{where}: the rule above and `at_most` go together."
    if endpoint.among not in (None, "all"):
        if endpoint.among not in book.endpoints:
            yield f"{where}: unknown endpoint `{endpoint.among}`."
        if endpoint.among_day is None:
            yield f"{where}: persons chosen by an endpoint need the day of choice."
    if endpoint.among == "all" and endpoint.from_day is None:
        yield f"{where}: a duration among all needs `from_day`, the first visit that can end it."
    if not endpoint.areas:
        yield f"{where} has no areas."
    if (endpoint.unit == "1") == (endpoint.statistic == "median"):
        yield f"{where}: a median is a time, a share or a mean loss has unit 1."


def _study(study: Study, book: Catalogue) -> Iterator[str]:
    where = f"study `{study.id}`"
    for name in ("sources", "rows", "areas", "arm"):
        if not getattr(study, name):
            yield f"{where} has no {name}."
    if list(study.visits_days) != sorted(set(study.visits_days)):
        yield f"{where}: its visits are not in order."
    reported = {result.arm for result in book.results.values() if result.study == study.id}
    for name, count in Counter(arm.id for arm in study.arm).items():
        if count > 1:
            yield f"{where}: arm `{name}` stands {count} times."
    for arm in study.arm:
        yield from _arm(f"{where}, arm `{arm.id}`", arm, book)
        if arm.id not in reported and not arm.note:
            yield f"{where}, arm `{arm.id}`: it has neither a result nor a note."


def _arm(where: str, arm: Arm, book: Catalogue) -> Iterator[str]:
    if arm.product in {PLACEBO, NOT_STATED}:
        if arm.pattern is not None or arm.also or arm.units_total is not None:
            yield f"{where}: {arm.product} has no pattern and no units."
        return
    if arm.product not in book.products:
        yield f"{where}: unknown product `{arm.product}`."
    total = 0.0
    for name, scale in ((arm.pattern, arm.scale), *((part.pattern, part.scale) for part in arm.also)):
        if name is None:
            continue
        pattern = book.patterns.get(name)
        if pattern is None:
            yield f"{where}: unknown pattern `{name}`."
            return
        if pattern.product != arm.product:
            yield f"{where}: pattern `{name}` is one of {pattern.product}."
        total += scale * pattern.total_u
    if arm.pattern and arm.units_total and abs(total - arm.units_total) > _TOTAL_TOLERANCE_U:
        yield f"{where}: pattern and scale give {total:g} U, its source {arm.units_total:g} U."


def _result(result: Result, book: Catalogue) -> Iterator[str]:
    where = f"result `{result.id}`"
    study = book.studies.get(result.study)
    if study is None:
        yield f"{where}: unknown study `{result.study}`."
    else:
        yield from _place(where, result, study)
    if (result.endpoint is None) == (not result.measure):
        yield f"{where}: give either an endpoint or, in words, a measure."
    if result.endpoint is not None:
        yield from _reading(where, result, book)
    try:
        parse_unit(result.unit)
    except CatalogueError as error:
        if result.endpoint is not None:
            yield f"{where}: {error.found}"
    if result.checked != (result.tag == "seen"):
        yield f"{where}: checked is for what was seen, and only for that (tag {result.tag})."
    if result.value is not None and result.unit == "1":
        yield from _share(where, result.value, result.events, result.n)
    if result.use == "not_modelled" and not result.reason:
        yield f"{where}: a row that is not modelled needs its reason."
    if result.use in {"calibrate", "test", "sets_prior"} and (result.value is None or result.bound):
        yield f"{where}: a row to {result.use.replace('_', ' ')} needs a value that is no bound."
    if result.use in {"calibrate", "test"}:
        if result.endpoint is None or result.area not in MODELLED_AREAS:
            yield f"{where}: a row to {result.use} needs an endpoint and an area that the model has."
        if result.use == "calibrate" and result.n is None:
            yield f"{where}: a fitted row needs n."


def _place(where: str, result: Result, study: Study) -> Iterator[str]:
    arm = study.arm_of(result.arm)
    if arm is None:
        yield f"{where}: study `{study.id}` has no arm `{result.arm}`."
        return
    if (result.kind == "placebo") != (arm.product == PLACEBO):
        yield f"{where}: its kind is {result.kind}, its arm had {arm.product}."
    if result.area not in study.areas:
        yield f"{where}: its study has no area {result.area}."
    if result.row not in study.rows:
        yield f"{where}: its study has no row {result.row}."
    needs_sites = result.use in {"calibrate", "test"} and result.kind == "active"
    if needs_sites and arm.pattern is None:
        yield f"{where}: a row to {result.use} needs an arm with a pattern."


def _reading(where: str, result: Result, book: Catalogue) -> Iterator[str]:
    endpoint = book.endpoints.get(str(result.endpoint))
    if endpoint is None:
        yield f"{where}: unknown endpoint `{result.endpoint}`."
        return
    if result.area not in endpoint.areas:
        yield f"{where}: endpoint `{endpoint.id}` is not for the area {result.area}."
    if result.unit != endpoint.unit:
        yield f"{where}: its unit is {result.unit}, that of its endpoint {endpoint.unit}."
    by_day = endpoint.kind in {"grade", "change"} or (endpoint.kind == "onset" and endpoint.unit == "1")
    if by_day and result.day is None and result.use in {"calibrate", "test"}:
        yield f"{where}: endpoint `{endpoint.id}` needs a day."


def _unwanted(unwanted: UnwantedEffect, book: Catalogue) -> Iterator[str]:
    where = f"unwanted effect `{unwanted.id}`"
    if unwanted.product not in book.products and unwanted.product != NOT_STATED:
        yield f"{where}: unknown product `{unwanted.product}`."
    if unwanted.study is not None and unwanted.study not in book.studies:
        yield f"{where}: unknown study `{unwanted.study}`."
    if unwanted.rate is None:
        yield f"{where}: give events and n, or a share."
    if unwanted.checked != (unwanted.tag == "seen"):
        yield f"{where}: checked is for what was seen, and only for that (tag {unwanted.tag})."
    if unwanted.share is not None:
        yield from _share(where, unwanted.share, unwanted.events, unwanted.n)
    elif unwanted.events is not None:
        yield from _count(where, unwanted.events, unwanted.n)
    if unwanted.placebo_share is not None:
        yield from _share(
            f"{where}, placebo", unwanted.placebo_share, unwanted.placebo_events, unwanted.placebo_n
        )
    elif unwanted.placebo_events is not None:
        yield from _count(f"{where}, placebo", unwanted.placebo_events, unwanted.placebo_n)


def _share(where: str, value: float, events: int | None, n: int | None) -> Iterator[str]:
    if not 0 <= value <= 1:
        yield f"{where}: a share of {value:g} is outside 0 to 1."
    if events is None:
        return
    yield from _count(where, events, n)
    whole = abs(value * 100 - round(value * 100)) < 1e-9
    if n and abs(events / n - value) > (_HALF_POINT if whole else _HALF_TENTH):
        yield f"{where}: {events} of {n} is {events / n:.3f}, printed is {value:g}."


def _count(where: str, events: int, n: int | None) -> Iterator[str]:
    if n is None:
        yield f"{where}: {events} events without n."
    elif events > n:
        yield f"{where}: {events} events among {n}."
