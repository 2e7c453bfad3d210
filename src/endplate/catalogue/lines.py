"""Areas that raters grade: the muscles behind a line, what of them is read, and the scale of grades."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from endplate.catalogue.landmarks import PAIRED_LANDMARKS
from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Grade, Id, Number, Positive, Record, Text
from endplate.catalogue.table import DATA, catalogue
from endplate.errors import CatalogueError, unknown_name

Step = Annotated[int, Field(strict=True)]
Angle = Annotated[float, Field(strict=True, ge=0, le=180)]


class Fan(Record):
    """Part of a muscle: a fan that opens away from the midline, with its tip at a landmark, one on each side.

    Attributes:
        full_deg, none_deg: angle from the level through the landmark up to which endplates count in full, and from
            which they do not count; between them they fade.
        near_mm: distance from the landmark at which they begin to count, and from which they count in full.
        far_mm: distance up to which they count in full, and at which they no longer count.
    """

    landmark: Text
    full_deg: Angle
    none_deg: Angle
    near_mm: tuple[Number, Number]
    far_mm: tuple[Number, Number]


class Edge(Record):
    """Part of a muscle: what keeps away from a straight line that begins at one landmark and runs on
    through another, one on each side.

    Attributes:
        none_mm, full_mm: distance from the line up to which endplates do not count, and from which they count in full.
    """

    landmarks: tuple[Text, Text]
    none_mm: Number
    full_mm: Number


class Area(Record):
    """One area and its scale.

    Attributes:
        reads: whether severity follows the force of the muscles or their cross-section.
        lowest, highest: grades of the scale. entry: grade that both raters must give before treatment.
        muscles: share of each muscle in the line, both sides together; the shares add up to 1.
        fan, edge: keep a part of the muscles; None takes all of them.
    """

    id: Id
    name: Text
    reads: Literal["force", "cross_section"]
    lowest: Step
    highest: Step
    entry: Step
    muscles: dict[Id, Positive]
    fan: Fan | None = None
    edge: Edge | None = None
    source: Id
    grade: Grade
    note: Text

    @property
    def muscle_class(self) -> str:
        """Class of the area's muscles; they are all of one."""
        return catalogue().muscle(next(iter(self.muscles))).muscle_class


@lru_cache(maxsize=1)
def areas() -> dict[str, Area]:
    """All areas by id, in the order of `lines.toml`.

    Raises:
        CatalogueError: an entry that breaks its record or names what the catalogue does not hold.
    """
    found = read_table(DATA / "lines.toml", "area", Area)
    for one in found.values():
        check_area(one)
    return found


def area(name: str) -> Area:
    """One area; CatalogueError with the nearest names when there is none of this name."""
    if name not in areas():
        raise unknown_name("area", name, areas(), "endplate list areas")
    return areas()[name]


def check_area(one: Area) -> None:
    """Raises CatalogueError where an area contradicts itself or the rest of the catalogue."""
    catalogue().source(one.source)
    classes = {catalogue().muscle(name).muscle_class for name in one.muscles}
    limits, landmarks = [], set()
    if one.fan is not None:
        limits += [(one.fan.full_deg, one.fan.none_deg), (*one.fan.near_mm, *one.fan.far_mm)]
        landmarks.add(one.fan.landmark)
    if one.edge is not None:
        limits.append((one.edge.none_mm, one.edge.full_mm))
        landmarks.update(one.edge.landmarks)
    faults = {
        "its grades are not lowest < entry <= highest": not one.lowest < one.entry <= one.highest,
        "its muscles are not of one class": len(classes) != 1,
        "the shares of its muscles do not add up to 1": abs(sum(one.muscles.values()) - 1.0) > 1e-9,
        "its limits do not ascend": any(a >= b for steps in limits for a, b in pairwise(steps)),
        "it needs landmarks of both sides": not landmarks <= PAIRED_LANDMARKS,
    }
    for fault, found in faults.items():
        if found:
            raise CatalogueError(f"lines.toml, area `{one.id}`: {fault}.")
