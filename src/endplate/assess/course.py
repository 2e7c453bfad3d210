"""One question about one plan: the public verbs that command line, page and report call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.errors import CatalogueError, ModelError, unknown_name
from endplate.model.course import Course, FaceMeasure
from endplate.model.face import unit_of
from endplate.model.face.grading import with_house_brackmann
from endplate.model.parameters import point_parameters
from endplate.model.setup import Setup
from endplate.model.simulate import course_of, prepared
from endplate.plan.atlas import in_atlas, left_aside
from endplate.population import force_bands
from endplate.population.bands import Bands, Progress, check_draws
from endplate.population.face import point_face
from endplate.population.sensitivity import QUANTITIES, decompose
from endplate.population.sensitivity_record import Sensitivity, shares_of
from endplate.population.sobol import check_samples


def simulate(
    plan: Any,
    face: Any = None,
    *,
    days: int = 365,
    samples: int = 200,
    seed: int = 0,
    engine: str = "numpy",
    neutralised_share: float = 0.0,
    progress: Progress | None = None,
) -> Course:
    """The course of every muscle and measure of the face after a plan, with 90 % bands from the priors.

    Args:
        plan: a Plan, as `read_plan` gives it.
        face: a Face; None takes the average adult of the patient's sex and age.
        days: last day, counted from the first session still planned.
        samples: draws behind the bands; 0 gives the point estimate alone.
        seed: same plan and seed, same numbers.
        engine: "numpy" or "jax" (the same equations).
        neutralised_share: share of free toxin that antibodies remove, 0 to 1, at every session alike.
        progress: called with (draws done, draws).

    Raises:
        EndplateError: a plan outside the atlas or the model; the message says what to do.
    """
    _check_numbers(days, samples, seed)
    aside, plan = left_aside(plan), in_atlas(plan)
    setup = prepared(plan, face, days, neutralised_share)
    course = course_of(plan, setup, point_parameters(), engine)
    if aside is not None:
        course = replace(course, limits=(*course.limits, aside))
    if neutralised_share > 0.0:
        course = _with_antibodies(course, neutralised_share)
    course = with_face(course, setup, plan.patient)
    if samples == 0:
        return course
    rows = setup.active_muscles
    found = force_bands(
        setup,
        operators_of(plan, setup),
        draws=samples,
        seed=seed,
        nadir_day=course.metrics["nadir_day"][rows],
        engine=engine,
        progress=progress,
        with_face=True,
        patient=plan.patient,
    )
    return with_bands(course, setup, found, seed)


def with_face(course: Course, setup: Setup, patient: Any) -> Course:
    """A course with the measures of the face as the plan is carried out exactly, on this patient's nerves."""
    found = point_face(course, setup, patient)
    return replace(
        course,
        face=with_house_brackmann(
            [
                FaceMeasure(name, side, unit_of(name), course.days, value, value, value)
                for (name, side), value in found.items()
            ]
        ),
    )


def _with_antibodies(course: Course, share: float) -> Course:
    """A course that says that antibodies were assumed."""
    words = (
        f"Antibodies are assumed to remove {share:.0%} of the free toxin at every session; which titre does so is "
        "not known."
    )
    versions = {**course.versions, "neutralised_share": float(share)}
    return replace(course, versions=versions, limits=(*course.limits, words))


def _check_numbers(days: int, samples: int, seed: int) -> None:
    """Refuse what no run can use before any work is done."""
    for name, value in (("days", days), ("samples", samples), ("seed", seed)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise ModelError(f"{name} is {value!r}.", "It is a whole number.", f"Give --{name}.")
    if not 0 <= seed < 2**63:
        raise ModelError(f"The seed is {seed}.", "It is a whole number from 0 to 2^63 - 1.", "Give --seed.")
    if samples != 0:
        check_draws(samples)


def operators_of(plan: Any, setup: Setup) -> list[tuple[str, str]]:
    """(experience, guidance) behind each site."""
    return [
        (session.operator.experience if session.operator else "unknown", session.guidance or "none")
        for session in (plan.sessions[site.session] for site in setup.sites)
    ]


def with_bands(course: Course, setup: Setup, found: Bands, seed: int) -> Course:
    """A course with the bands of its draws; muscles out of reach keep a band of no width."""
    rows = setup.active_muscles
    band = {name: course.force.copy() for name in found.force}
    for name, values in found.force.items():
        band[name][rows] = values
    metrics = dict(course.metrics)
    for name, values in found.metrics.items():
        column = np.full(len(course.muscles), np.nan)
        column[rows] = values
        metrics[name] = column
    share = np.zeros(len(course.muscles))
    share[rows] = found.prior_share
    versions = {**course.versions, "samples": found.draws, "seed": seed}
    return replace(
        course,
        force_low=band["low"],
        force_median=band["median"],
        force_high=band["high"],
        metrics=metrics,
        prior_share=share,
        versions=versions,
        face=with_house_brackmann([_banded(one, found) for one in course.face]),
    )


def _banded(one: FaceMeasure, found: Bands) -> FaceMeasure:
    """A measure with its band, where there is one."""
    low, high = found.face.get((one.measure, one.side), (one.low, one.high))
    return replace(one, low=low, high=high)


@dataclass(frozen=True)
class Contribution:
    """What one injection brings to a muscle's exposure; distance from needle tip to the middle of its endplates."""

    site: str
    target: str
    side: str
    units: float
    product: str
    share: float
    distance_mm: float


@dataclass(frozen=True)
class Explanation:
    """Where the exposure of one muscle comes from: the session(s) of day 0, most first."""

    muscle: str
    side: str
    median_over_threshold: float
    contributions: tuple[Contribution, ...]


def brought_to(plan: Any, muscle: str, side: str | None = None, face: Any = None) -> tuple[Explanation, ...]:
    """Which injection brings which share of a muscle's exposure, for each side asked.

    Raises:
        CatalogueError: an unknown muscle, or a side that the muscle does not have.
    """
    plan = in_atlas(plan)
    setup = prepared(plan, face, 1)
    sides = _sides(setup, muscle, side)
    course = course_of(plan, setup, point_parameters())
    return tuple(_explanation(setup, course, muscle, s) for s in sides)


def _sides(setup: Setup, muscle: str, side: str | None) -> list[str]:
    """The sides asked for: all that the muscle has unless one is named; CatalogueError where it has not that one."""
    names = setup.endplates.names
    known = sorted({name for name, _ in names})
    if muscle not in known:
        raise unknown_name("muscle", muscle, known, "endplate list muscles")
    sides = [s for m, s in names if m == muscle]
    if side is not None and side not in sides:
        raise CatalogueError(
            f"{muscle} has no side `{side[:40]}`.", f"It has: {', '.join(sides)}.", "Give one of these."
        )
    return [s for s in sides if side in (None, s)]


def _explanation(setup: Setup, course: Course, muscle: str, side: str) -> Explanation:
    row = course.row(muscle, side)
    mine = setup.endplates.muscle == row
    centre = (setup.endplates.points_mm[mine] * setup.endplates.weight[mine, None]).sum(axis=0)
    found = [
        Contribution(
            site=site.id,
            target=site.muscle,
            side=site.side,
            units=float(site.units),
            product=site.product,
            share=float(share),
            distance_mm=float(np.linalg.norm(centre - site.tip_mm)),
        )
        for site, share in zip(setup.placed, course.shares[row], strict=True)
    ]
    ordered = tuple(sorted(found, key=lambda c: (-c.share, c.site)))
    return Explanation(muscle, side, float(course.median_over_threshold[row]), ordered)


SENSITIVITY_SAMPLES = 512


def sensitivity(
    plan: Any,
    muscle: str,
    side: str | None = None,
    face: Any = None,
    *,
    quantity: str = "nadir",
    days: int = 365,
    samples: int = SENSITIVITY_SAMPLES,
    seed: int = 0,
    progress: Progress | None = None,
) -> Sensitivity:
    """Which parameters decide the course of one muscle: Sobol indices over the priors, with the grade of each.

    Args:
        plan: a Plan, as `read_plan` gives it.
        muscle: id of the muscle; side: left, right or midline, None takes the side that weakens more (left if equal).
        face: a Face; None takes the average adult of the patient's sex and age.
        quantity: nadir, duration, onset or exposure.
        days: last day of the course.
        samples: rows of each of the two samples, a power of two; the chain runs some thirty times as often.
        seed: same plan and seed, same numbers.
        progress: called with (draws done, draws).

    Raises:
        EndplateError: an unknown muscle, side or quantity, a muscle that no toxin reaches, or samples that are not a
            power of two; the message says what to do.
    """
    _check_numbers(days, 0, seed)
    check_samples(samples)
    if quantity not in QUANTITIES:
        raise unknown_name("quantity", quantity, QUANTITIES, "endplate sensitivity --help")
    plan = in_atlas(plan)
    setup = prepared(plan, face, days)
    sides = _sides(setup, muscle, side)
    course = course_of(plan, setup, point_parameters())
    row = _weakest(setup, course, muscle, sides)
    found = decompose(setup, row, operators_of(plan, setup), samples=samples, seed=seed, progress=progress)
    return Sensitivity(
        plan_title=plan.title,
        muscle=muscle,
        side=setup.endplates.names[row][1],
        quantity=quantity,
        quantities=shares_of(found),
        never=found.never,
        longer=found.longer,
        days=days,
        samples=samples,
        evaluations=found.evaluations,
        seed=seed,
        versions=course.versions,
        limits=course.limits,
    )


def _weakest(setup: Setup, course: Course, muscle: str, sides: list[str]) -> int:
    """Row of the side that weakens most as planned, the first of equals; ModelError where no toxin can reach any."""
    names = setup.endplates.names
    rows = [names.index((muscle, s)) for s in sides]
    within = [row for row in rows if row in setup.active_muscles]
    if not within:
        if any(setup.face.muscles[row].muscle_class == "smooth" for row in rows):
            raise ModelError(
                f"{muscle} is smooth muscle, which the toxin does not block.", "", "Ask for another."
            )
        order = sorted(setup.active_muscles, key=lambda row: course.metrics["nadir"][row])
        near = ", ".join(list(dict.fromkeys(names[row][0] for row in order))[:5])
        where = f"{muscle}, {', '.join(sides)}"
        raise ModelError(
            f"No toxin of this plan can reach {where}.",
            f"In reach, weakest first: {near}." if near else "It reaches no muscle.",
            "Give one with --of." if near else "Correct the plan.",
        )
    return min(within, key=lambda row: round(float(course.metrics["nadir"][row]), 6))
