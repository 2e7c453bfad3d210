"""Ages, intervals between sessions, and the hours since the powder was dissolved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from endplate.catalogue.house import house_rules
from endplate.catalogue.labels import Label, Rule, date_words
from endplate.catalogue.records import UseWithin
from endplate.check.calendar import after, before, weeks_between
from endplate.check.finding import Finding
from endplate.check.keeping import keeps
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
    yield from undated(visit)
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
        f"The patient is {said(age)} year{'' if age == 1 else 's'} old, {words}.",
        measured=age,
        limit=limit,
        unit="years",
    )


def _interval(visit: Visit, label: Label, rule: Rule) -> Iterator[Finding]:
    """Against the last session of this product: a stop for one of the same uses, a caution for another use.

    A rule for some uses speaks of sessions for these.
    """
    past = visit.earlier_here
    if rule.indication:
        past = tuple(one for one in past if set(one.indication) & set(rule.indication))
    alike = tuple(one for one in past if one in visit.earlier_alike)
    if not past:
        return
    yield from _too_soon(visit, label, rule, alike[-1] if alike else past[-1], bool(alike))


def _too_soon(visit: Visit, label: Label, rule: Rule, last: Session, alike: bool) -> Iterator[Finding]:
    allowed = after(last.date, float(rule.value or 0.0), str(rule.unit))
    if visit.day >= allowed:
        return
    weeks = weeks_between(last.date, visit.day)
    yield visit.of_rule(
        label,
        rule,
        "stop" if alike else "caution",
        f"{said(round(exact(weeks), 1))} weeks since the last session ({last.date}"
        f"{'' if alike else ', another use'}); at least {said(float(rule.value or 0.0))} {rule.unit} are stated.",
        do=f"Not before {allowed}.",
        measured=weeks,
        limit=rule.value,
        unit=str(rule.unit),
    )


def _use_within(visit: Visit, session: Session) -> Iterator[Finding]:
    """Hours between dissolving the powder and the day of the session."""
    if session.reconstituted_at is None:
        return
    rule = keeps(visit.product, visit.jurisdiction, visit.on)
    if rule is None:
        found = f"How long {visit.name} keeps once dissolved is not known here."
        yield visit.of_house("use_within_unknown", found)
        return
    hours = _hours(session.reconstituted_at, session)
    if 0 <= hours <= rule.hours:
        yield from _over_today(visit, session, session.reconstituted_at, rule)
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


def _over_today(visit: Visit, session: Session, dissolved: datetime, rule: UseWithin) -> Iterator[Finding]:
    """A vial of the day before whose hours end on the day of the session."""
    end = dissolved + timedelta(hours=rule.hours)
    if dissolved.date() < session.date and end.date() == session.date:
        yield visit.of_house(
            "use_by",
            f"Dissolved on {dissolved:%Y-%m-%d %H:%M}: its {said(rule.hours)} hours end at {end:%H:%M} on the day of "
            "the session.",
            sources=(rule.source,),
            checked=rule.checked,
        )


def undated(visit: Visit) -> Iterator[Finding]:
    """A text without a date, asked about a day long before it was read."""
    years = float(house_rules()["undated_text"].value or 0.0)
    for label in visit.labels:
        if label.effective == "unknown" and visit.on < before(label.read_on, years * 12, "months"):
            yield visit.of_house(
                "undated_text",
                f"{label.brand}, {visit.jurisdiction.upper()}: whether this text held on {visit.on} is not known.",
                label=label.id,
                label_date=label.dated,
                sources=(label.source,),
                checked=label.checked,
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
