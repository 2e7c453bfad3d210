"""One drawn face under many drawn sets of needles: how the endplates behind each line are exposed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np

from endplate.anatomy import Face, place, sample_individual
from endplate.catalogue import catalogue
from endplate.catalogue.lines import area as area_of
from endplate.model import chain
from endplate.model.face import line_weights
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import Setup, prepare
from endplate.population.draws import draw_needles, stream
from endplate.population.narrow import site_within

DOSE_SDS = 3.0  # how far the dose drawn up may be off, in SDs


@dataclass(frozen=True)
class Person:
    """Who is drawn and by whom they are treated; see `bank.make_bank`."""

    sex: str
    age: float
    experience: str
    needle_sd_mm: float | None
    needles: int
    seed: int


class _Kept:
    """Faces drawn last, some 8 MB each with the tables that a face carries."""

    most = 48

    def __init__(self) -> None:
        self._faces: OrderedDict[tuple[str, float, int], Face] = OrderedDict()
        self._lock = Lock()

    def face(self, sex: str, age: float, seed: int) -> Face:
        key = (sex, age, seed)
        with self._lock:
            if key in self._faces:
                self._faces.move_to_end(key)
                return self._faces[key]
        found = sample_individual(sex, age, seed)
        with self._lock:
            found = self._faces.setdefault(key, found)
            while len(self._faces) > self.most:
                self._faces.popitem(last=False)
        return found


_KEPT = _Kept()
MOST_KEPT = 256


def drawn_face(sex: str, age: float, seed: int) -> Face:
    """One person, kept: plans and arms share their people."""
    return _KEPT.face(sex, age, seed)


def keep_faces(count: int) -> None:
    """Keep at least so many faces from now on, up to `MOST_KEPT`."""
    _KEPT.most = max(_KEPT.most, min(count, MOST_KEPT))


def face_seed(seed: int, number: int) -> int:
    """Seed of one face and of all that happens on it, whatever other faces there are."""
    return int(stream(seed, f"face {number}").integers(2**31))


def exposed(
    plan: Any, person: Person, number: int, areas: tuple[str, ...], grid: np.ndarray
) -> Mapping[str, np.ndarray]:
    """Weighted share of the endplates of each area by ln exposure on one face, (needle, bin).

    Raises:
        PlaceError: a site that this face does not have room for.
    """
    own = face_seed(person.seed, number)
    face = drawn_face(person.sex, person.age, own)
    setup, weights = line_setup(prepare(plan, face, place(plan, face), 1), areas)
    given = exposures(setup, person, own)
    log = np.where(given > 0.0, np.log(np.maximum(given, 1e-300)), -np.inf)
    out = {}
    for area in areas:
        line = replace(setup, weight=weights[area])
        out[area] = chain.histograms(np, line, log, grid)[:, 0]
    return out


def line_setup(setup: Setup, areas: tuple[str, ...]) -> tuple[Setup, dict[str, np.ndarray]]:
    """A setup with the endplates behind some lines alone, as if of one muscle, and their weight in each line, (q,)."""
    weights = {area: line_weights(setup.face, area)[setup.active] for area in areas}
    keep = np.any([weight > 0.0 for weight in weights.values()], axis=0)
    active = setup.active[keep]
    narrow = replace(
        setup,
        sites=tuple(site_within(site, active) for site in setup.sites),
        active=active,
        muscle=np.zeros(len(active), dtype=int),
        weight=setup.weight[keep],
        quantile_z=setup.quantile_z[keep],
        active_muscles=np.zeros(1, dtype=int),
        classes=(area_of(areas[0]).muscle_class,),
    )
    return narrow, {area: weight[keep] for area, weight in weights.items()}


def exposures(setup: Setup, person: Person, own_seed: int) -> np.ndarray:
    """Exposure of every endplate of the setup, (needle, q), U/mm^3 of the product."""
    point = point_parameters()
    if person.needle_sd_mm is not None:
        sd = float(person.needle_sd_mm)
        point = point.replaced(needle__sd__expert=sd, needle__sd__novice=sd)
    many = ParameterSet({name: np.repeat(value, person.needles) for name, value in point.values.items()})
    operators = [(person.experience, "none")] * len(setup.sites)
    needle = draw_needles(setup, operators, many, own_seed)
    cv = float(catalogue().parameter("person.dose_cv").value)
    total = np.zeros((person.needles, len(setup.active)))
    for i in range(len(setup.sites)):
        # Exposure is linear in units, so each needle's own dose is a factor of what it brings.
        z = stream(own_seed, f"dose {i}").standard_normal(person.needles)
        drawn_up = np.maximum(1.0 + cv * np.clip(z, -DOSE_SDS, DOSE_SDS), 0.0)
        one = replace(setup, sites=setup.sites[i : i + 1])
        alone = chain.Needle(needle.offset_mm[:, i : i + 1], needle.behind[:, i : i + 1])
        total += drawn_up[:, None] * chain.exposures(np, one, many, alone)[0]
    return total
