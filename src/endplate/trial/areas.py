"""Areas of the face whose lines raters grade, as a trial needs them."""

from __future__ import annotations

from typing import Any

from endplate.catalogue.lines import areas
from endplate.errors import unknown_name
from endplate.plan.place import clean


def area(name: str) -> Any:
    """Record of an area: `lowest`, `highest`, `entry` grade and its muscles; raises CatalogueError."""
    known = areas()
    if name not in known:
        raise unknown_name("area", clean(name), known, "endplate list areas")
    return known[name]


def area_names() -> tuple[str, ...]:
    """Ids of all areas, in catalogue order."""
    return tuple(areas())


def muscles_of(name: str) -> frozenset[str]:
    """Ids of the muscles whose force (or size) the area reads."""
    return frozenset(area(name).muscles)
