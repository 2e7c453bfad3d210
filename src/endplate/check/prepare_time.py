"""How long the fluid may be used, how the vial is kept, and what is wrong with dates and lot."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from endplate.catalogue import catalogue
from endplate.catalogue.labels import PLACES, labels_of
from endplate.catalogue.syringes import exact
from endplate.check.keeping import keeps
from endplate.check.prepare_records import OFF_LABEL, UseBy
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
    """What the newest text in force says, as the check reads it; None for a ready-to-use liquid.

    Where none is held for the session's place, the shortest of other places is told; no last moment is worked out.
    """
    product = catalogue().product(session.product)
    if product.concentration_u_per_ml is not None:
        return None
    asked = place_of(session)
    own = keeps(session.product, asked, session.date)
    found = own or _elsewhere(session, asked)
    if found is None:
        return None
    made, hours = at or session.reconstituted_at, exact(found.hours)
    keep, note = _parts(found)
    return UseBy(
        hours=hours,
        jurisdiction=found.jurisdiction,
        own=own is not None,
        keep=keep,
        note=note,
        source=found.source,
        checked=found.checked,
        dated=str(found.effective),
        made=made,
        until=None if made is None or own is None else made + dt.timedelta(hours=float(hours)),
    )


def place_of(session: Session) -> str:
    """Whose labels count: of the place the session names, else, as in the check, of the first of which one is held."""
    if session.jurisdiction is not None and session.jurisdiction not in OFF_LABEL:
        return session.jurisdiction
    held = {label.jurisdiction for label in labels_of(session.product)}
    return next((place for place in PLACES if place in held), "")


def _elsewhere(session: Session, asked: str) -> UseWithin | None:
    places = {one.jurisdiction for one in catalogue().product(session.product).use_within} - {asked}
    found = [keeps(session.product, place, session.date) for place in sorted(places)]
    return min((one for one in found if one is not None), key=lambda one: one.hours, default=None)


def _parts(one: UseWithin) -> tuple[str, str]:
    """How to keep the fluid, and what else the text says; `checked` and `dated` say where it is from."""
    parts = [part.strip() for part in re.split(r"[;,]", one.note) if part.strip()]
    parts = [part for part in parts if "from memory" not in part and not re.fullmatch(r"text of \d{4}", part)]
    kept = [part for part in parts if re.search("degrees|temperature|refrigerat", part)]
    said = [part for part in parts if part not in kept]
    return ", ".join(kept).replace("2-8 degrees", "2 to 8 \u00b0C"), ", ".join(said)


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


def dates_wrong(session: Session, found: UseBy | None, at: dt.datetime | None) -> list[str]:
    """What the dates forbid, and where the time asked for stands in place of the plan's, loud."""
    words = []
    if session.expiry is not None and session.expiry < session.date:
        words.append(f"The vial expires on {session.expiry}, before the day of treatment ({session.date}).")
    told = session.reconstituted_at
    if at is not None and told is not None and at != told:
        words.append(f"Dissolved {_clock(at)} as asked for, instead of the plan's {_clock(told)}.")
    if at is not None and found is None:
        words.append("The time of dissolving that was asked for is not used: nothing is known to keep it by.")
    if found is not None and found.made is not None:
        words += _over(session, found, found.made)
    return words


def _over(session: Session, found: UseBy, made: dt.datetime) -> list[str]:
    """Fluid that is too old on the day, or on part of it, or dissolved after it."""
    until = made + dt.timedelta(hours=float(found.hours))
    if made.date() > session.date:
        return [f"Dissolved {_clock(made)}, after the day of treatment ({session.date})."]
    by = "" if found.own else f" by the {found.jurisdiction.upper()} text, since none is held here"
    if until.date() < session.date:
        return [
            f"Dissolved {_clock(made)}, to be used by {_clock(until)}{by}: too old on the day, {session.date}."
        ]
    if made.date() < session.date == until.date():
        return [f"Dissolved {_clock(made)}: on the day of treatment to be used only until {until:%H:%M}{by}."]
    return []


def _clock(value: dt.datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M}"
