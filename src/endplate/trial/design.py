"""A checked design: every arm's sites written out, every endpoint with its areas and days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from endplate.catalogue import catalogue
from endplate.errors import unknown_name
from endplate.plan import Plan, Session, lookup, plan_from_dict
from endplate.plan.complaints import shown
from endplate.plan.place import clean
from endplate.trial.areas import area, area_names, muscles_of
from endplate.trial.complaints import at
from endplate.trial.errors import TrialError
from endplate.trial.records import (
    PLACEBO,
    ArmEntry,
    Comparison,
    DesignEntry,
    DurationEntry,
    EndpointEntry,
)

DATE = dt.date(2000, 1, 3)  # a plan needs one; a trial counts in days
TOLERANCE = 1e-6
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


def resolve(entry: DesignEntry) -> Design:
    """The design with every name looked up.

    Raises:
        TrialError, CatalogueError: content that does not fit together.
    """
    check_days(entry)
    check_population(entry)
    arms = tuple(_arm(number, one, entry) for number, one in enumerate(entry.arms, start=1))
    check_names(arms)
    asked = tuple(row for k, one in enumerate(entry.endpoints, 1) for row in _asked(k, one, entry))
    lasting = tuple(row for k, one in enumerate(entry.durations, 1) for row in _lasting(k, one, entry))
    check_twice(asked, "endpoints")
    check_twice(lasting, "durations")
    if not asked and not lasting:
        raise TrialError(
            "there is no endpoint.", "", "Add [[endpoints]] or [[durations]]: `endplate list endpoints`."
        )
    design = Design(entry, arms, asked, lasting)
    check_areas(design)
    check_earlier(design)
    for number, one in enumerate(entry.comparisons, start=1):
        with at(f"comparison {number}"):
            check_comparison(one, design)
    return design


def check_days(entry: DesignEntry) -> None:
    """Visits come after the injection, in order."""
    for day in entry.visits:
        if day < 1:
            raise TrialError(
                f"visits: day {day} is not after the injection.",
                "Day 0 is that of the injection.",
                "Give days from 1 on.",
            )
    for one, following in pairwise(entry.visits):
        if following <= one:
            raise TrialError(
                f"visits: day {following} follows day {one}.", "", "Put the days in ascending order."
            )
    lost = entry.dropout.by_visit
    if lost is not None and len(lost) != len(entry.visits):
        raise TrialError(
            f"dropout: by_visit has {len(lost)} shares, there are {len(entry.visits)} visits.",
            "",
            "Give one a visit.",
        )
    if lost is not None and entry.dropout.share_per_30_days is not None:
        raise TrialError("dropout: both forms are given.", "", "Keep `share_per_30_days` or `by_visit`.")
    if lost is not None and any(share == 1.0 for share in lost):
        raise TrialError("dropout: by_visit loses everybody.", "Shares are below 1.", "Correct them.")


def check_population(entry: DesignEntry) -> None:
    """Shares add to 1, areas exist, ages are in order."""
    people = entry.population
    _add_to_one("population, sex", {"female": people.sex.female, "male": people.sex.male})
    for name, mix in people.baseline.items():
        with at("population, baseline"):
            area(name)
        _add_to_one(f"population, baseline, {name}", {"moderate": mix.moderate, "severe": mix.severe})
    age = people.age
    if not age.min <= age.mean <= age.max:
        raise TrialError(
            f"population, age: mean {age.mean:g} is not between min {age.min:g} and max {age.max:g}.",
            "",
            "Correct them.",
        )


def _add_to_one(place: str, shares: Mapping[str, float]) -> None:
    total = sum(shares.values())
    if abs(total - 1.0) > TOLERANCE:
        told = " + ".join(f"{name} {share:g}" for name, share in shares.items())
        raise TrialError(
            f"{place}: the shares add to {total:g} ({told}).", "They must add to 1.", "Correct them."
        )


def check_names(arms: tuple[Arm, ...]) -> None:
    """Every arm has a name of its own."""
    names = [arm.name for arm in arms]
    for name in names:
        if names.count(name) > 1:
            raise TrialError(f"two arms are called `{clean(name)}`.", "", "Give each a name of its own.")


def _arm(number: int, entry: ArmEntry, design: DesignEntry) -> Arm:
    sex = design.population.sex
    mix = {entry.sex: 1.0} if entry.sex else {"female": sex.female, "male": sex.male}
    mix = {name: share for name, share in mix.items() if share > 0}
    with at(f"arm {number} ({clean(entry.name)})"):
        if entry.product == PLACEBO:
            if (
                entry.pattern
                or entry.injections
                or entry.units_per_site
                or entry.scale
                or entry.reconstitution
            ):
                raise TrialError(
                    "a placebo has sites or units.",
                    "A placebo is an injection without toxin: its place changes nothing in the model.",
                    "Leave out everything but name, n and product.",
                )
            return Arm(entry.name, entry.n, None, None, mix)
        session = _session(entry)
        if f"threshold.{session.product}" not in catalogue().parameters:
            raise TrialError(
                f"No dose of {catalogue().product(session.product).name} is published, so it has no potency prior.",
                "It is in the catalogue for reference only.",
                "Choose a product with a threshold: `endplate list parameters`.",
            )
        return Arm(entry.name, entry.n, session.product, session, mix)


def _session(entry: ArmEntry) -> Session:
    """The arm's treatment; the plan's own reader checks products, patterns, places and amounts."""
    if entry.product is not None:
        lookup.product(entry.product)
    if not entry.pattern and not entry.injections:
        raise TrialError(
            "there is no injection.", "", 'Add `pattern`, [[arms.injections]], or product = "placebo".'
        )
    if entry.units_per_site is not None and entry.scale is not None:
        raise TrialError("both `units_per_site` and `scale` are given.", "", "Keep one of them.")
    session: dict[str, Any] = {"date": DATE}
    if entry.product is not None:
        session["product"] = entry.product
    if not entry.pattern:
        session["indication"] = "glabellar_lines"  # a plan names one; free sites of a trial need none
    else:
        session["pattern"] = list(entry.pattern)
    # A change of units is dissolved in the same volume: vials are checked against the changed units.
    changed = entry.units_per_site is not None or entry.scale is not None
    if entry.reconstitution is not None:
        vials = entry.reconstitution.model_dump(exclude_none=True)
        # Each person has a vial of his own, and as many as the arm's dose needs.
        session["reconstitution"] = vials | ({"vials": 100} if changed else {})
    session["injections"] = [one.model_dump(exclude_none=True) for one in entry.injections]
    if changed:
        return _changed(entry, session)
    return _plan_session(session)


def _plan_session(session: Mapping[str, Any]) -> Session:
    patient = {"age": 45.0, "sex": "female"}
    tree = {"schema": "endplate/plan/1", "patient": patient, "sessions": [dict(session)]}
    with _without_session():
        return plan_from_dict(tree).sessions[0]


def _changed(entry: ArmEntry, session: dict[str, Any]) -> Session:
    """The treatment with other units at every site, in the pattern's volumes."""
    vials = session.pop("reconstitution", None)
    written = _plan_session(session)
    liquid = catalogue().product(written.product).concentration_u_per_ml
    strength = vials["vial_units"] / vials["diluent_ml"] if vials else liquid
    sites = []
    for site in written.injections:
        units = (
            entry.units_per_site
            if entry.units_per_site is not None
            else site.units * float(entry.scale or 1.0)
        )
        kept = site.model_dump(exclude_none=True) | {"units": units}
        if strength is not None and units > 0:
            kept["volume_ml"] = units / strength
        sites.append(kept)
    again = {**session, "injections": sites} | ({"reconstitution": vials} if vials else {})
    return _plan_session(again)


class _without_session:
    """Places of a plan told as places of an arm: an arm has one session."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        from endplate.errors import EndplateError

        if isinstance(error, EndplateError) and error.found.startswith("session 1"):
            found = error.found.removeprefix("session 1").removeprefix(",").removeprefix(":").strip()
            raise type(error)(found, error.allowed, error.remedy) from None


def _asked(number: int, entry: EndpointEntry, design: DesignEntry) -> list[Asked]:
    with at(f"endpoint {number}"):
        record = endpoint_record(entry.id)
        if record.kind == "duration" or record.statistic == "median":
            raise TrialError(f"{record.id} is a duration.", "", "Put it under [[durations]].")
        if record.kind not in ("grade", "change", "onset"):
            raise TrialError(
                f"{record.id} is read from a muscle, not by raters.",
                "A trial has endpoints of raters.",
                "`endplate simulate` gives the force of every muscle.",
            )
        days = entry.days or design.visits
        for day in days:
            if day < 1:
                raise TrialError(f"day {day} is not after the injection.", "", "Give days from 1 on.")
        if len(set(days)) != len(days):
            raise TrialError("a day stands twice.", "", "Keep one of them.")
        return [Asked(record.id, name, tuple(sorted(days))) for name in _areas_of(entry, design, record)]


def _lasting(number: int, entry: DurationEntry, design: DesignEntry) -> list[Lasting]:
    with at(f"duration {number}"):
        record = endpoint_record(entry.id)
        timed = record.kind in ("duration", "onset") and record.statistic == "median"
        if not timed:
            raise TrialError(f"{record.id} is no duration.", "", "Put it under [[endpoints]].")
        day = record.among_day
        if day is not None and near_visit(design.visits, day) is None:
            raise TrialError(
                f"{record.id} is counted among people of day {day:g}; no visit lies within {NEAR_D} days of it.",
                "",
                f"Add {day:g} to `visits`.",
            )
        return [Lasting(record.id, name) for name in _areas_of(entry, design, record)]


def near_visit(visits: Sequence[int], day: float) -> int | None:
    """The visit that stands for a day, as a position: the nearest within a few days; None where there is none."""
    at = min(range(len(visits)), key=lambda k: abs(visits[k] - day))
    return at if abs(visits[at] - day) <= NEAR_D else None


def endpoint_record(name: str) -> Any:
    """The catalogue's endpoint of this id, or an error with the nearest names."""
    known = catalogue().endpoints
    if name not in known:
        raise unknown_name("endpoint", clean(name), known, "endplate list endpoints")
    return known[name]


def _areas_of(entry: EndpointEntry | DurationEntry, design: DesignEntry, record: Any) -> tuple[str, ...]:
    """The areas an endpoint is asked for: as written, else those that the design names and the endpoint applies to."""
    for name in entry.area:
        area(name)
        if name not in record.areas:
            raise TrialError(
                f"{record.id} is not defined for the area {name}.",
                f"Areas: {', '.join(record.areas)}.",
                "Change one.",
            )
    if entry.area:
        return entry.area
    written = [
        *(a for e in (*design.endpoints, *design.durations) for a in e.area),
        *design.population.baseline,
    ]
    named = tuple(name for name in area_names() if name in written and name in record.areas)
    if not named:
        raise TrialError(
            "no area is named.",
            f"{record.id} applies to {', '.join(record.areas)}.",
            'Add `area`, such as "glabella".',
        )
    return named


def check_twice(rows: Sequence[Asked] | Sequence[Lasting], kind: str) -> None:
    """No question is asked twice."""
    seen = set()
    for row in rows:
        name = row.endpoint if isinstance(row, Asked) else row.duration
        if (name, row.area) in seen:
            raise TrialError(
                f"{name} of the area {row.area} stands twice under {kind}.", "", "Give its days together."
            )
        seen.add((name, row.area))


def check_areas(design: Design) -> None:
    """Every active arm has a site in every area that is graded."""
    for name in design.areas:
        muscles = muscles_of(name)
        for arm in design.arms:
            if arm.session is None or any(site.muscle in muscles for site in arm.session.injections):
                continue
            raise TrialError(
                f"arm {shown(arm.name)} has no site in the area {name}, where an endpoint is asked for.",
                f"Its muscles: {', '.join(sorted(muscles))}.",
                "Add sites there, or leave that area out.",
            )


def check_earlier(design: Design) -> None:
    """An earlier treatment is that of an active arm."""
    earlier = design.entry.population.previously_treated
    if earlier is None:
        return
    with at("population, previously_treated"):
        if earlier.arm is not None and design.arm(earlier.arm).session is None:
            raise TrialError(f"arm {shown(earlier.arm)} is a placebo.", "", "Name an arm with a product.")
        if all(arm.session is None for arm in design.arms):
            raise TrialError("no arm has a product.", "", "Leave it out.")


def check_comparison(one: Comparison, design: Design) -> None:
    """Both arms, the endpoint, its area and its day stand in the design."""
    design.arm(one.arm), design.arm(one.against)
    if one.arm == one.against:
        raise TrialError("an arm is compared with itself.", "", "Name two arms.")
    endpoint_record(one.endpoint)
    rows = [row for row in design.asked if row.endpoint == one.endpoint]
    areas = [row.area for row in rows if one.day in row.days]
    if not areas:
        found = f"{one.endpoint} on day {one.day} is not among the endpoints."
        raise TrialError(found, "", "Add it to [[endpoints]].")
    if one.area is None and len(areas) > 1:
        raise TrialError(
            f"{one.endpoint} is asked for in several areas.", f"Areas: {', '.join(areas)}.", "Add `area`."
        )
    if one.area is not None and one.area not in areas:
        area(one.area)
        raise TrialError(
            f"{one.endpoint} is not asked for in the area {one.area}.", "", "Add it to [[endpoints]]."
        )
    if one.kind == "non_inferiority" and one.margin == 0:
        raise TrialError("non-inferiority needs a margin above 0.", "", "Add `margin = 0.1`.")
    if one.kind == "superiority" and one.margin > 0:
        raise TrialError(
            "superiority has a margin.", "It tests against no difference.", "Leave out `margin`."
        )
