"""Random plans for the laws: pattern sites of one product with units and volumes of their own."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from endplate.catalogue import catalogue
from endplate.plan import Plan, plan_from_dict

PRODUCT = "onabotulinumtoxin_a"


@cache
def pattern_sites() -> list[tuple[str, str]]:
    """(pattern, site) of every pattern of the product, each place once, in file order."""
    found = {}
    for pattern in catalogue().patterns.values():
        for site in pattern.sites if pattern.product == PRODUCT else ():
            place = (site.muscle, site.side, site.landmark, site.offset_mm, site.along)
            found.setdefault(place, (pattern.id, site.id))
    return list(found.values())


def plan_of(
    sites: list[dict[str, Any]], date: str = "2026-01-05", sex: str = "female", age: int = 45
) -> Plan:
    """A plan with one session made of the given injections."""
    return plan_from_dict(
        {
            "schema": "endplate/plan/1",
            "title": "law",
            "patient": {"sex": sex, "age": age},
            "sessions": [
                {"date": date, "product": PRODUCT, "indication": "glabellar_lines", "injections": sites}
            ],
        }
    )


@st.composite
def plans(draw: st.DrawFn, most: int = 5) -> Plan:
    """One session, one to `most` sites of any face or eye pattern, 0 to 20 U in 0.02 to 0.2 mL each."""
    chosen = draw(st.lists(st.sampled_from(pattern_sites()), min_size=1, max_size=most, unique=True))
    return plan_of(
        [
            {
                "pattern": pattern,
                "site": site,
                "units": draw(st.integers(0, 40)) / 2,
                "volume_ml": draw(st.integers(2, 20)) / 100,
            }
            for pattern, site in chosen
        ]
    )
