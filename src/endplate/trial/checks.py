"""What must hold within a design, told in one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from endplate.plan.complaints import shown
from endplate.plan.place import clean
from endplate.trial.areas import area, muscles_of
from endplate.trial.complaints import at
from endplate.trial.design import Arm, Asked, Design, Lasting, endpoint_record
from endplate.trial.errors import TrialError
from endplate.trial.records import Comparison, DesignEntry

TOLERANCE = 1e-6
# More than any real trial; beyond it a run would take days or fill the memory. Arms and visits: `records`.
MOST_RATES = 5000  # over all arms
MOST_DAYS = 120  # of grading
MOST_SITES = 1000  # over all arms
MOST_COURSES = (
    2000  # ways in which people can be treated again, each in every area of every arm: a table each
)


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


def check_size(design: Design) -> None:
    """What is asked for can be worked out in bounded time and memory."""
    rates = len(design.arms) * sum(len(one.days) for one in design.asked)
    if rates > MOST_RATES:
        raise TrialError(
            f"{rates:,} rates are asked for (endpoints by area, day and arm).",
            f"Allowed: {MOST_RATES:,}.",
            "Name fewer days or areas.",
        )
    if len(design.days) > MOST_DAYS:
        raise TrialError(
            f"people are graded on {len(design.days)} days (visits, and days of endpoints).",
            f"Allowed: {MOST_DAYS}.",
            "Name fewer days.",
        )
    active = [arm.session for arm in design.arms if arm.session is not None]
    sites = sum(len(session.injections) for session in active)
    if sites > MOST_SITES:
        raise TrialError(
            f"the arms have {sites:,} sites in all.", f"Allowed: {MOST_SITES:,}.", "Leave out arms or sites."
        )
    rule = design.entry.retreatment
    if rule is None:
        return
    each = _courses(design.visits, rule.min_days, rule.at_most)
    each *= 1 if design.entry.population.previously_treated is None else 2
    courses = len(active) * len(design.areas) * each
    if courses > MOST_COURSES:
        raise TrialError(
            f"retreatment: people can be treated again in {courses:,} ways (sets of visits, by arm and area).",
            f"Allowed: {MOST_COURSES:,}.",
            "Give fewer visits, a longer `min_days` or a lower `at_most`.",
        )


def _courses(visits: Sequence[int], least: int, most: int) -> int:
    """Number of sets of visits on which one person can have been treated again, the empty set among them.

    Args:
        least: days between treatments, the first of which is on day 0. most: treatments again.
    """
    ways, total = {0: 1}, 1  # by day of the last treatment
    for _ in range(most):
        found = {day: sum(n for last, n in ways.items() if day - last >= least) for day in visits}
        ways = {day: n for day, n in found.items() if n}
        total += sum(ways.values())
    return total
