"""Many random faces, each with parameters, needles and a face of its own, under any number of plans at once.

Plans on one face share everything that is random (common random numbers), so that a difference between two of them is
that of the plans. All sites of all plans are placed and prepared together, once a face; a plan is a choice of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from endplate.anatomy import Face, place, sample_individual
from endplate.model import chain
from endplate.model.face import Rest, face_measures
from endplate.model.face.parts import with_parts
from endplate.model.parameters import ParameterSet
from endplate.model.setup import Setup, prepare
from endplate.population import draw_parameters
from endplate.population.draws import stream
from endplate.population.face import face_values
from tests.laws.plans import plan_of

DAY = 14
Key = tuple[str, str]
Site = dict[str, Any]
Measures = dict[Key, float]


@dataclass(frozen=True)
class Person:
    """One random person: the same number, the same person.

    Attributes:
        face: skin and muscles of an adult. parameters: one draw of the model's. values: one draw of the face's.
    """

    number: int
    sex: str
    age: float
    face: Face

    @cached_property
    def parameters(self) -> ParameterSet:
        return draw_parameters(1, self.number)

    @cached_property
    def values(self) -> dict[str, float]:
        return {name: float(value[0]) for name, value in face_values(1, self.number).items()}

    def offset_mm(self, needle: str, right: bool) -> np.ndarray:
        """Error of the needle of a site in its own axes (3,), the mirror image on the right side."""
        p = self.parameters
        sd = np.array([float(p[f"needle.{n}"][0]) for n in ("sd.expert", "sd.expert", "depth_sd")])
        # The axes of a right-hand site are the mirror image but for the second.
        return stream(self.number, needle).standard_normal(3) * sd * [1.0, -1.0 if right else 1.0, 1.0]


def person(number: int) -> Person:
    """A woman or a man of 20 to 80."""
    draw = stream(number, "who")
    sex, age = ("female", "male")[int(draw.integers(2))], float(draw.integers(20, 81))
    return Person(number, sex, age, sample_individual(sex, age, number))


def people(count: int, first: int = 0) -> Iterator[Person]:
    """Persons `first`, `first + 1`, ...; one face is held at a time."""
    for number in range(first, first + count):
        yield person(number)


@dataclass(frozen=True)
class Trial:
    """Plans on one person.

    Attributes:
        setup: of all sites, whose read-outs are muscles and parts. names: of the read-outs.
    """

    person: Person
    setup: Setup
    names: tuple[Key, ...]
    needle: chain.Needle
    ids: tuple[str, ...]

    def forces(self, units: Mapping[str, float], *, exact: bool = False) -> dict[Key, float]:
        """Force of every muscle and part in reach on day 14, when the sites get these units and no other any.

        Args:
            exact: whether every needle goes where the plan says, without this person's error.
        """
        assert set(units) <= set(self.ids), sorted(set(units) - set(self.ids))
        sites = tuple(
            replace(site, units=units.get(name, 0.0))
            for name, site in zip(self.ids, self.setup.sites, strict=True)
        )
        given = replace(self.setup, sites=sites)
        needle = chain.Needle.exact(1, len(sites)) if exact else self.needle
        found = np.asarray(chain.forces(np, given, self.person.parameters, needle))[0, :, -1]
        return dict(zip(self.names, (float(f) for f in found), strict=True))

    def measures(self, forces: Mapping[Key, float]) -> Measures:
        """What these forces make of the face, as `face_measures`."""
        force = np.array([[1.0, value] for value in forces.values()])
        found = face_measures(
            np,
            tuple(forces),
            force,
            self.person.values,
            rest=Rest.of(self.person.face),
            days=np.array([0, DAY]),
        )
        return {key: float(value[-1]) for key, value in found.items()}


def trial(one: Person, sites: Mapping[str, Site]) -> Trial:
    """All sites on one person.

    Args:
        sites: id -> a site as a plan has it. Ids name the needle: `needle__place_side`, place and side being left out
            where there is but one. Sites of one needle share its error, mirror images its mirror image.
    """
    listed = [{"id": name, "units": 1.0, "volume_ml": 0.1, **site} for name, site in sites.items()]
    plan = plan_of(listed, sex=one.sex, age=one.age)
    setup = prepare(plan, one.face, place(plan, one.face), DAY)
    names = tuple(setup.endplates.names[row] for row in setup.active_muscles)
    wide, parts = with_parts(setup)
    offset = [
        one.offset_mm(
            name.removesuffix("_left").removesuffix("_right").split("__")[0], name.endswith("_right")
        )
        for name in sites
    ]
    needle = chain.Needle(np.array(offset)[None], np.zeros((1, len(offset)), dtype=bool))
    return Trial(one, wide, (*names, *parts), needle, tuple(sites))
