"""A bank of treated people: how the endplates under each line are exposed, over drawn faces and needles.

An entry is one drawn face with one drawn set of needles. What it keeps for each line is a histogram of ln exposure,
in units of the product per mm^3: everything that follows (thresholds, sensitivities, days) is left to `tables`, so one
bank serves any number of persons, draws of parameters and visits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np

from endplate import __version__
from endplate.catalogue import catalogue
from endplate.catalogue.lines import area as area_of
from endplate.errors import ModelError, PlaceError
from endplate.population.exposed import Person, exposed
from endplate.population.tables import STEP, signal_table

BELOW, ABOVE = 9.0, 10.0  # ends of the grid, in ln of exposure over the centre of the threshold
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Bank:
    """Histograms of ln exposure under each line.

    Attributes:
        grid: ln of exposure in U/mm^3 of the product, (bin,), `tables.STEP` apart.
        share: of each area, weighted share of its endplates per bin, (entry, bin); those below the grid are left out,
            so a row sums to 1 or less. Entries of one face stand together.
        classes: muscle class of each area.
        faces, needles: how many were drawn. failed: faces on which the plan could not be placed, and why.
        key: fingerprint of all that went in.
    """

    areas: tuple[str, ...]
    grid: np.ndarray
    share: Mapping[str, np.ndarray]
    classes: Mapping[str, str]
    product: str
    faces: int
    needles: int
    key: str
    failed: tuple[str, ...] = ()

    @property
    def entries(self) -> int:
        return len(self.share[self.areas[0]])

    def shares(self, area: str) -> np.ndarray:
        """Histograms of one area, (entry, bin); ModelError where the bank does not hold it."""
        if area not in self.share:
            raise ModelError(f"This bank does not hold `{area}`.", f"It holds: {', '.join(self.areas)}.")
        return self.share[area]

    def signal(
        self,
        area: str,
        parameters: Any,
        shifts: np.ndarray,
        days: int,
        session_days: Sequence[int] = (0,),
        sensitivity: float = 1.0,
    ) -> np.ndarray:
        """What severity reads, (entry, shift, days + 1): `tables.signal_table` of this bank."""
        return signal_table(self, area, parameters, shifts, days, session_days, sensitivity)

    def thinned(self, entries: int, area: str | None = None) -> Bank:
        """A bank of fewer entries: means over neighbours, ordered by how much of an area's line is blocked.

        Force is linear in the histogram, so the mean course over all entries stays exactly what it was, whatever the
        parameters. The spread between entries shrinks a little, as they differ in more ways than the one they are
        ordered by.

        Args:
            area: whose block orders the entries; None takes all areas together.
        """
        if not 1 <= entries <= self.entries:
            raise ModelError(
                f"{entries} entries were asked for.", f"This bank has {self.entries}.", "Ask for fewer."
            )
        over = 1.0 / (1.0 + np.exp(_log_threshold(self.product) - self.grid))
        blocked = sum(self.shares(name) @ over for name in (self.areas if area is None else (area,)))
        order = np.argsort(blocked, kind="stable")
        # Each new entry takes an equal stretch of the ordered old ones, and parts of those at its ends.
        place = np.arange(self.entries + 1) / self.entries
        low, high = np.arange(entries)[:, None] / entries, np.arange(1, entries + 1)[:, None] / entries
        part = np.clip(np.minimum(high, place[None, 1:]) - np.maximum(low, place[None, :-1]), 0.0, None)
        share = {name: entries * part @ rows[order] for name, rows in self.share.items()}
        return replace(self, share=share, key=f"{self.key}-{entries}-{area or 'all'}")


def make_bank(
    plan: Any,
    *,
    sex: str,
    age: float,
    areas: Sequence[str],
    faces: int = 24,
    needles: int = 16,
    experience: str = "unknown",
    needle_sd_mm: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Bank:
    """Draw people and needles, and keep how the endplates under each line are exposed to the first session of a plan.

    Args:
        plan: an `endplate.plan.Plan`; of its patient nothing is read.
        areas: ids of areas.
        faces, needles: drawn faces, and sets of needles on each.
        experience: of who injects, as in a plan's operator.
        needle_sd_mm: SD of the tip in the plane of the skin; None takes the centre for this experience.
        seed: same arguments, same bank; a face and its needles keep their draws in every plan.
        progress: called with (faces done, faces).

    Raises:
        CatalogueError: an unknown area or sex.
        ModelError: sessions of several products, a product without a threshold, or nothing to draw.
        PlaceError: the plan can be placed on none of the faces.
    """
    for count, what in ((faces, "faces"), (needles, "needles")):
        if count < 1:
            raise ModelError(f"{count} {what} were asked for.", "At least 1.", f"Give more {what}.")
    classes = {name: area_of(name).muscle_class for name in dict.fromkeys(areas)}
    if not classes:
        raise ModelError("No area was asked for.", "", "Name at least one.")
    product = _only_product(plan)
    first = plan.model_copy(update={"sessions": plan.sessions[:1]})
    grid, person = _grid(product), Person(sex, float(age), experience, needle_sd_mm, needles, seed)
    found: list[Mapping[str, np.ndarray]] = []
    errors: dict[int, PlaceError] = {}
    for number in range(faces):
        try:
            found.append(exposed(first, person, number, tuple(classes), grid))
        except PlaceError as error:
            errors[number] = error
        if progress is not None:
            progress(number + 1, faces)
    if not found:
        raise errors[0]
    share = {name: np.concatenate([part[name] for part in found]) for name in classes}
    top = 1 + max(int(np.flatnonzero(rows.any(axis=0)).max(initial=1)) for rows in share.values())
    return Bank(
        areas=tuple(classes),
        grid=grid[:top],
        share={name: rows[:, :top] for name, rows in share.items()},
        classes=classes,
        product=product,
        faces=len(found),
        needles=needles,
        key=_key(first, person, tuple(classes), faces),
        failed=tuple(f"face {number}: {error}" for number, error in errors.items()),
    )


def _only_product(plan: Any) -> str:
    products = sorted({session.product for session in plan.sessions})
    if len(products) > 1:
        raise ModelError(
            f"The plan holds {' and '.join(products)}.",
            "Units of two products never add, so a bank is of one.",
            "Make a plan of each.",
        )
    return products[0]


def _log_threshold(product: str) -> float:
    """ln of the centre of a product's threshold, U/mm^3; only a mark on the grid, nothing is divided by it."""
    name = f"threshold.{product}"
    if name not in catalogue().parameters:
        raise ModelError(
            f"No dose of {catalogue().product(product).name} is published, so it has no potency prior.",
            "It is in the catalogue for reference only.",
            "Choose a product with a threshold: `endplate list parameters`.",
        )
    return math.log(float(catalogue().parameter(name).value))


def _grid(product: str) -> np.ndarray:
    """Whole steps of ln exposure, from where no fibre fails for lack of toxin to more than any needle brings."""
    centre = _log_threshold(product)
    return STEP * np.arange(math.floor((centre - BELOW) / STEP), math.ceil((centre + ABOVE) / STEP) + 1)


def _key(plan: Any, person: Person, areas: tuple[str, ...], faces: int) -> str:
    sites = [site.model_dump(mode="json") for site in plan.sessions[0].injections]
    drawn = [plan.sessions[0].product, sites, asdict(person), areas, faces]
    return sha256(json.dumps([__version__, catalogue().version, *drawn]).encode()).hexdigest()[:16]
