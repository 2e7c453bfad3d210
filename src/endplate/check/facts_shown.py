"""Simulations that show whether a statement holds: one list of them, each run on its own.

Nothing here is a stored result. A demonstration runs the model and judges by the numbers alone; where the model
changes its mind, its verdict changes, and a test says so. What could not come out otherwise, or does not bear on the
whole statement, has no judge: it is an illustration.
"""

from __future__ import annotations

from functools import lru_cache

from endplate.check.facts_record import Demonstration, Shown, run
from endplate.errors import unknown_name


@lru_cache(maxsize=1)
def demonstrations() -> dict[str, Demonstration]:
    """All demonstrations by id; loads the model."""
    from endplate.check import facts_again, facts_face, facts_nerve, facts_place, facts_reach, facts_time

    found = (
        *facts_nerve.ALL,
        *facts_time.ALL,
        *facts_again.ALL,
        *facts_place.ALL,
        *facts_reach.ALL,
        *facts_face.ALL,
    )
    return {one.id: one for one in found}


@lru_cache(maxsize=64)
def show(name: str) -> Shown:
    """Run one demonstration; the same numbers on every run.

    Raises:
        CatalogueError: no demonstration is called so; the nearest names are given.
    """
    if name not in demonstrations():
        raise unknown_name("demonstration", name, demonstrations(), "endplate facts")
    return run(demonstrations()[name])
