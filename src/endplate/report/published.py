"""Published rates of the effects that are simulated, to stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from endplate.population.reported import Seen, areas_of, seen_of
from endplate.population.risk_run import first_day
from endplate.report.names import readable
from endplate.report.risk_words import chance, chances, effect_name

Published = Mapping[str, Seen]
"""By effect; an effect without a count has no entry."""


def published_for(plan: Any) -> Published:
    """What studies counted of the product and the area of the first planned day."""
    today = first_day(plan)
    return seen_of(list(dict.fromkeys(session.product for session in today.sessions)), areas_of(today))


def as_json(published: Published, effect: str) -> dict[str, Any] | None:
    """The entry of one effect as JSON; None where nothing was counted."""
    return asdict(published[effect]) if effect in published else None


def published_words(published: Published | None) -> list[str]:
    """Who was counted, in one line."""
    if published is None:
        return []
    if not published:
        return ["Published: no counts of these effects found for this product and area."]
    each = [f"{_small(effect_name(name))} {_counted(one)}" for name, one in published.items()]
    return [f"Published: share in whom studies counted it, not simulated: {'; '.join(each)}."]


def _counted(one: Seen) -> str:
    """`1.5 % (11 of 724, forehead; reports 1 to 2 %)`."""
    people = "" if one.people is None else f"{one.events} of {one.people}, "
    spread = f"; reports {chances(one.low, one.high)}" if one.low < one.high else ""
    other = "" if one.own else "; other products"
    return f"{chance(one.rate)} ({people}{readable(one.area).lower()}{other}{spread})"


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]
