"""Ages, intervals between sessions, and the hours since the powder was dissolved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from endplate.catalogue import catalogue
from endplate.catalogue.labels import Label, Rule, date_words
from endplate.check.calendar import after, weeks_between
from endplate.check.finding import Finding
from endplate.check.visit import Visit, exact, said
from endplate.plan import Session


def times(visit: Visit) -> Iterator[Finding]:
    """Ages and the shortest interval of the labels; use-by time and expiry of what is in the vial."""
    for label, rule in visit.rules():
        if rule.value is None:
            continue
        if rule.kind == "interval_min":
            yield from _interval(visit, label, rule)
        elif rule.kind.startswith("age_"):
            yield from _age(visit, label, rule)
    for session in visit.sessions:
        yield from _use_within(visit, session)
        yield from _expiry(visit, session)


def _age(visit: Visit, label: Label, rule: Rule) -> Iterator[Finding]:
    age, limit = visit.plan.patient.age, float(rule.value or 0.0)
    young = rule.kind == "age_from"
    if age >= limit if young else age < limit:
        return
    words = {
        "age_from": f"below the label's {said(limit)} years",
        "age_below": f"the label is for people below {said(limit)} years",
        "age_contraindicated": f"contraindicated from {said(limit)} years",
    }[rule.kind]
    yield visit.of_rule(
        label,
        rule,
        "note" if rule.kind == "age_below" else "stop",
        f"The patient is {said(age)} years old, {words}.",
        measured=age,
        limit=limit,
        unit="years",
    )


def _interval(visit: Visit, label: Label, rule: Rule) -> Iterator[Finding]:
    """Against the last earlier session of this product (a label speaks of its own)."""
    if not visit.earlier_here:
        return
    last = visit.earlier_here[-1]
    allowed = after(last.date, float(rule.value or 0.0), str(rule.unit))
    if visit.day >= allowed:
        return
    weeks = weeks_between(last.date, visit.day)
    yield visit.of_rule(
        label,
        rule,
        "stop",
        f"{said(round(exact(weeks), 1))} weeks since the last session ({last.date}); at least "
        f"{said(float(rule.value or 0.0))} {rule.unit} are stated.",
        do=f"Not before {allowed}.",
        measured=weeks,
        limit=rule.value,
        unit=str(rule.unit),
    )


def _use_within(visit: Visit, session: Session) -> Iterator[Finding]:
    """Hours between dissolving the powder and the day of the session."""
    if session.reconstituted_at is None:
        return
    product = catalogue().product(visit.product)
    known = [one for one in product.use_within if one.jurisdiction == visit.jurisdiction]
    begun = [one for one in known if one.effective == "unknown" or one.effective <= visit.on]
    if not begun:
        yield visit.of_house(
            "use_within_unknown", f"How long {visit.name} keeps once dissolved is not known here."
        )
        return
    rule = max(begun, key=lambda one: (one.effective != "unknown", str(one.effective)))
    hours = _hours(session.reconstituted_at, session)
    if 0 <= hours <= rule.hours:
        return
    found = (
        f"Dissolved on {session.reconstituted_at:%Y-%m-%d %H:%M}, at least {said(round(exact(hours), 1))} hours before "
        f"the day of the session; the label allows {said(rule.hours)}."
        if hours > 0
        else f"Dissolved on {session.reconstituted_at:%Y-%m-%d %H:%M}, after the day of the session."
    )
    yield visit.of_house(
        "use_within",
        found,
        label=f"{visit.product}.{visit.jurisdiction}",
        label_date=date_words(rule.effective, "day", visit.on)
        if rule.effective != "unknown"
        else "date unknown",
        sources=(rule.source,),
        checked=rule.checked,
        measured=hours,
        limit=float(rule.hours),
        unit="hours",
    )


def _hours(moment: datetime, session: Session) -> float:
    """Hours from dissolving to the begin of the session's day; 0 on that day itself, below 0 after it."""
    begin = datetime(session.date.year, session.date.month, session.date.day, tzinfo=moment.tzinfo)
    if moment.date() == session.date:
        return 0.0
    return (begin - moment).total_seconds() / 3600


def _expiry(visit: Visit, session: Session) -> Iterator[Finding]:
    if session.expiry is not None and session.expiry < session.date:
        yield visit.of_house(
            "expiry", f"The vial expired on {session.expiry}, before the session on {session.date}."
        )
