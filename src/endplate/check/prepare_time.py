"""How long the fluid may be used, how the vial is kept, and what is wrong with dates and lot."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from endplate.catalogue import catalogue
from endplate.catalogue.syringes import exact
from endplate.check.prepare_records import UseBy
from endplate.errors import PlanError
from endplate.plan.place import clean
from endplate.plan.session import Session
from endplate.plan.values import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from endplate.catalogue.records import Storage, UseWithin

_AT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


def moment(at: dt.datetime | str | None) -> dt.datetime | None:
    """The time of dissolving, as given or as text like 2026-03-02T09:00.

    Raises:
        PlanError: text that is no such time, or a year outside those of plans.
    """
    if at is None:
        return None
    found = at if isinstance(at, dt.datetime) else None
    if isinstance(at, str) and _AT.fullmatch(at):
        try:
            found = dt.datetime.fromisoformat(at)
        except ValueError:
            found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise PlanError(
            f"--at {clean(str(at))} is no time of dissolving.", "", "Write --at 2026-03-02T09:00."
        )
    return found


def use_by(session: Session, at: dt.datetime | None) -> UseBy | None:
    """The shortest time that a text of the session's jurisdiction gives; None for a ready-to-use liquid."""
    product = catalogue().product(session.product)
    if product.concentration_u_per_ml is not None or not product.use_within:
        return None
    own = [one for one in product.use_within if one.jurisdiction == session.jurisdiction]
    held = sorted(own or product.use_within, key=lambda one: one.hours)
    first, made = held[0], at or session.reconstituted_at
    hours = exact(first.hours)
    return UseBy(
        hours=hours,
        jurisdiction=first.jurisdiction,
        own=bool(own),
        keep=first.note,
        source=first.source,
        checked=first.checked,
        others=tuple(_other(one) for one in held[1:] if one.hours != first.hours),
        made=made,
        until=None if made is None else made + dt.timedelta(hours=float(hours)),
    )


def _other(one: UseWithin) -> str:
    memory = "" if one.checked else ", from memory, verify"
    return f"{one.hours:g} h by another text ({one.jurisdiction}: {one.note}{memory})"


def storage(session: Session) -> tuple[str, ...]:
    """How the unopened vial is kept, as far as it is known."""
    return tuple(_words(one) for one in kept(session))


def kept(session: Session) -> tuple[Storage, ...]:
    """What is known of keeping the vial in the session's jurisdiction, else anywhere."""
    held = catalogue().product(session.product).storage
    return tuple(one for one in held if one.jurisdiction == session.jurisdiction) or held


def _words(one: Storage) -> str:
    parts = []
    if one.low_c is not None and one.high_c is not None:
        parts.append(f"{one.low_c:g} to {one.high_c:g} \u00b0C")
    if one.months is not None:
        parts.append(f"at most {one.months:g} months")
    if one.note:
        parts.append(one.note)
    memory = "" if one.checked else "; from memory, verify"
    return f"{', '.join(parts)} ({one.jurisdiction}{memory})"


def dates_wrong(session: Session, found: UseBy | None) -> list[str]:
    """What the dates forbid, loud."""
    words = []
    if session.expiry is not None and session.expiry < session.date:
        words.append(f"The vial expires on {session.expiry}, before the day of treatment ({session.date}).")
    if found is not None and found.made is not None and found.until is not None:
        if found.until.date() < session.date:
            words.append(
                f"Dissolved {found.made:%Y-%m-%d %H:%M}, to be used by {found.until:%Y-%m-%d %H:%M}: "
                f"too old on the day of treatment ({session.date})."
            )
        if found.made.date() > session.date:
            words.append(
                f"Dissolved {found.made:%Y-%m-%d %H:%M}, after the day of treatment ({session.date})."
            )
    return words
