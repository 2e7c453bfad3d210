"""A visit's needles on the average face of its patient, built only where a plan does not say enough by itself.

Most needles are given from a landmark, and most rules speak of the same one: then the plan's own millimetres count. A
needle far from a border is told by the map of landmarks; only what lies near one is measured on the face. Lengths in mm
along the skin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import copysign, hypot
from typing import TYPE_CHECKING, Any

from endplate.catalogue import MIDLINE_LANDMARKS
from endplate.catalogue.house import Zone, landmark_map
from endplate.check.visit import Visit
from endplate.errors import PlaceError
from endplate.plan import Injection
from endplate.plan.lookup import outside_atlas

if TYPE_CHECKING:
    from endplate.anatomy import PlacedSite

RIM = ("rim_superior_medial", "rim_superior")
BROW = ("brow_medial", "brow_mid", "brow_lateral")
CANTHUS = "lateral_canthus"
TOLERANCE_MM = 0.5
"""What a length measured on the average face may be short of a rule; a length that the plan itself states has none."""
MARGIN_MM = 5.0
"""The map of landmarks decides only beyond this distance from a border: faces of other ages, curved skin."""


@dataclass(frozen=True)
class Length:
    """A length and how exact it is."""

    mm: float
    tolerance_mm: float = 0.0


@dataclass(frozen=True)
class Laid:
    """The needles of a visit that lie in the atlas."""

    visit: Visit

    @cached_property
    def inside(self) -> tuple[Injection, ...]:
        """The needles in the skin or orbit of the head."""
        return tuple(one for one in self.visit.injections if not outside_atlas(one.muscle))

    @cached_property
    def _placed(self) -> tuple[Any, dict[str, PlacedSite], dict[str, str]]:
        """Face (none for a person whom the atlas does not hold), sites by id, and why a needle has no place."""
        from endplate.anatomy import default_face, place

        patient = self.visit.plan.patient
        try:
            face = default_face(patient.sex, patient.age)
        except PlaceError as error:
            return None, {}, {one.id: str(error) for one in self.inside}
        sites: dict[str, PlacedSite] = {}
        faults: dict[str, str] = {}
        try:
            sites = {site.id: site for site in place(self._alone(self.inside), face)}
        except PlaceError:
            for one in self.inside:
                try:
                    (sites[one.id],) = place(self._alone((one,)), face)
                except PlaceError as error:
                    faults[one.id] = str(error)
        return face, sites, faults

    def _alone(self, injections: tuple[Injection, ...]) -> Any:
        """The plan with these needles alone, as one session."""
        session = self.visit.sessions[0].model_copy(update={"injections": injections})
        return self.visit.plan.model_copy(update={"sessions": (session,)})

    @cached_property
    def person_held(self) -> bool:
        """Whether the atlas holds a person of this age."""
        return self._placed[0] is not None

    def too_deep(self, one: Injection) -> bool:
        """A needle that has a place in its muscle, and none at the depth that the plan states."""
        from endplate.anatomy import place

        if one.depth_mm is None or one.id not in self._placed[2]:
            return False
        shallow = one.model_copy(update={"depth_mm": None, "layer": "muscle"})
        try:
            place(self._alone((shallow,)), self._placed[0])
        except PlaceError:
            return False
        return True

    @cached_property
    def faults(self) -> dict[str, str]:
        """Why a needle cannot be laid on the face, by id. What only names landmarks and layers always can."""
        if not any(one.depth_mm is not None or one.at_mm is not None for one in self.inside):
            return {}
        return self._placed[2] if self.person_held else {}

    def site(self, one: Injection) -> PlacedSite | None:
        """A needle in the skin as placed; None in the orbit, the foot, or where nothing could be placed."""
        site = self._placed[1].get(one.id)
        return site if site is not None and site.compartment == "skin" else None

    def _skin(self, one: Injection) -> tuple[float, float, float] | None:
        """Entry of a needle, mirrored to the left."""
        site = self.site(one)
        if site is None:
            return None
        x, y, z = (float(value) for value in site.skin_mm)
        return abs(x), y, z

    def _landmark(self, name: str) -> tuple[float, float, float]:
        """Only asked of a needle that has a place, hence of a face."""
        points = self._placed[0].skin.landmarks
        x, y, z = (float(value) for value in points[name if name in points else f"{name}.left"])
        return x, y, z

    def above(self, one: Injection, line: tuple[str, ...]) -> Length | None:
        """Height of a needle above the line through some landmarks."""
        if one.landmark in line:
            return Length((one.offset_mm or (0.0, 0.0))[1])
        point = self._skin(one)
        if point is None:
            return None
        x, y, z = point
        _, foot_y, foot_z = _on_line(x, [self._landmark(name) for name in line])
        return Length(copysign(hypot(y - foot_y, z - foot_z), y - foot_y), TOLERANCE_MM)

    def from_canthus(self, one: Injection) -> Length | None:
        """Straight distance of a needle from the outer canthus of its side."""
        if one.landmark == CANTHUS:
            return Length(hypot(*(one.offset_mm or (0.0, 0.0))))
        point = self._skin(one)
        if point is None:
            return None
        return Length(_distance(point, self._landmark(CANTHUS)), TOLERANCE_MM)

    def from_level(self, one: Injection) -> float | None:
        """How far a needle lies above or below the level of the outer canthus."""
        if one.landmark == CANTHUS:
            return abs((one.offset_mm or (0.0, 0.0))[1])
        point = self._skin(one)
        return None if point is None else abs(point[1] - self._landmark(CANTHUS)[1])

    def apart(self, one: Injection, others: list[Injection]) -> Length | None:
        """Distance of a needle from the nearest of some others, each on its own side."""
        own = self.site(one)
        sites = [site for other in others if (site := self.site(other)) is not None]
        if own is None or not sites:
            return None
        return Length(min(_distance(tuple(own.skin_mm), tuple(site.skin_mm)) for site in sites), TOLERANCE_MM)

    def in_zone(self, one: Injection, zone: Zone) -> bool:
        """Whether a needle enters the skin in a zone."""
        if zone.muscle and one.muscle not in zone.muscle:
            return False
        if zone.indication and not set(zone.indication) & set(self.visit.indications):
            return False
        if one.landmark == zone.landmark:
            lateral, up = one.offset_mm or (0.0, 0.0)
            return _depth_in(_outwards(one, lateral), up, zone) >= 0
        if one.along is not None:
            return False
        guess = _on_map(one, zone)
        if guess is not None and abs(guess) > MARGIN_MM:
            return guess > 0
        point = self._skin(one)
        if point is None:
            return False
        x, y, z = self._landmark(zone.landmark)
        lateral = copysign(hypot(point[0] - x, point[2] - z), point[0] - x)
        return _depth_in(lateral, point[1] - y, zone) >= 0


def _outwards(one: Injection, lateral: float) -> float:
    """From a midline landmark offsets are signed by side; zones are told on the left."""
    return abs(lateral) if one.landmark in MIDLINE_LANDMARKS else lateral


def _on_map(one: Injection, zone: Zone) -> float | None:
    """How far inside (or, below 0, outside) a zone a needle lies by the map; None where the map cannot tell."""
    if one.landmark is None:
        return None
    here, there = landmark_map()[one.landmark].at_mm, landmark_map()[zone.landmark].at_mm
    lateral, up = one.offset_mm or (0.0, 0.0)
    apart = copysign(hypot(here[0] - there[0], here[2] - there[2]), here[0] - there[0])
    return _depth_in(apart + _outwards(one, lateral), here[1] - there[1] + up, zone)


def _depth_in(lateral: float, up: float, zone: Zone) -> float:
    """Distance to the nearest edge of the box: positive inside, negative outside."""
    edges = (
        lateral - zone.lateral_mm[0],
        zone.lateral_mm[1] - lateral,
        up - zone.up_mm[0],
        zone.up_mm[1] - up,
    )
    return min(edges)


def _on_line(x: float, points: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    """The point of a line at this x; beyond its ends the end."""
    if x <= points[0][0]:
        return points[0]
    for first, second in pairwise(points):
        if x <= second[0]:
            share = (x - first[0]) / (second[0] - first[0])
            return (
                x,
                first[1] + share * (second[1] - first[1]),
                first[2] + share * (second[2] - first[2]),
            )
    return points[-1]


def _distance(a: Any, b: Any) -> float:
    return hypot(*(float(p) - float(q) for p, q in zip(a, b, strict=True)))
