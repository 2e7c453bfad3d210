"""A checked design: every arm's sites written out, every endpoint with its areas and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from endplate.catalogue import catalogue
from endplate.errors import unknown_name
from endplate.plan import Plan, Session
from endplate.plan.place import clean
from endplate.trial.areas import area_names
from endplate.trial.errors import TrialError
from endplate.trial.records import DesignEntry

NEAR_D = 4  # a visit this near to the day on which a duration counts its people stands for it


@dataclass(frozen=True)
class Arm:
    """One arm, everything known.

    Attributes:
        n: people of this arm in the real trial. product: None for a placebo. session: its sites; None for a placebo.
        sex: share of each sex, those without anybody left out.
    """

    name: str
    n: int
    product: str | None
    session: Session | None
    sex: Mapping[str, float]

    def plan(self, sex: str, age: float) -> Plan:
        """The arm's treatment of one person, as a plan."""
        if self.session is None:
            raise TrialError(f"arm {clean(self.name)} is a placebo: it has no plan.")
        patient = {"age": float(age), "sex": sex}
        return Plan(title=self.name, patient=patient, sessions=(self.session,))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Asked:
    """One endpoint in one area on some days."""

    endpoint: str
    area: str
    days: tuple[int, ...]


@dataclass(frozen=True)
class Lasting:
    """One duration in one area."""

    duration: str
    area: str


@dataclass(frozen=True)
class Design:
    """A trial in which everything is known. Made by `read_design`, `parse_design`, `design_from_dict`."""

    entry: DesignEntry
    arms: tuple[Arm, ...]
    asked: tuple[Asked, ...]
    lasting: tuple[Lasting, ...]

    @property
    def title(self) -> str:
        return self.entry.title

    @property
    def visits(self) -> tuple[int, ...]:
        return self.entry.visits

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """Areas in which both raters grade; everyone let in has at least the entry grade in each."""
        named = [one.area for one in (*self.asked, *self.lasting)]
        return tuple(name for name in area_names() if name in named)

    @cached_property
    def days(self) -> tuple[int, ...]:
        """Every day on which somebody is graded: the visits, and days that an endpoint names."""
        return tuple(sorted({*self.visits, *(day for one in self.asked for day in one.days)}))

    def arm(self, name: str) -> Arm:
        """The arm of this name."""
        for one in self.arms:
            if one.name == name:
                return one
        raise unknown_name("arm", clean(name), [one.name for one in self.arms])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as a JSON design file holds them."""
        return self.entry.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True) | {
            "schema": self.entry.schema_
        }


def near_visit(visits: Sequence[int], day: float) -> int | None:
    """The visit that stands for a day, as a position: the nearest within a few days; None where there is none."""
    at = min(range(len(visits)), key=lambda k: abs(visits[k] - day))
    return at if abs(visits[at] - day) <= NEAR_D else None


def visits_after(visits: Sequence[int], start: int | None, record: Any) -> list[int]:
    """Positions of the visits that may end a duration: after the one that counts its people, from its `from_day` on.

    `from_day` has the slack of `near_visit`, so that a visit on day 25 stands for week 4.
    """
    first = 0 if start is None else start + 1
    least = -1.0 if record.from_day is None else record.from_day - NEAR_D
    return [k for k in range(first, len(visits)) if visits[k] >= least]


def endpoint_record(name: str) -> Any:
    """The catalogue's endpoint of this id, or an error with the nearest names."""
    known = catalogue().endpoints
    if name not in known:
        raise unknown_name("endpoint", clean(name), known, "endplate list endpoints")
    return known[name]
