"""One question about one plan: the public verbs that command line, page and report call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.errors import CatalogueError, ModelError, unknown_name
from endplate.model.course import Course
from endplate.model.parameters import point_parameters
from endplate.model.setup import Setup
from endplate.model.simulate import course_of, prepared
from endplate.population import force_bands
from endplate.population.bands import Bands, Progress, check_draws


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
    """The course of every muscle after a plan, with 90 % bands from the priors.

    Args:
        plan: a Plan, as `read_plan` gives it.
        face: a Face; None takes the average adult of the patient's sex and age.
        days: last day, counted from the first session still planned.
        samples: draws behind the bands; 0 gives the point estimate alone.
        seed: same plan and seed, same numbers.
        engine: "numpy" or "jax" (the same equations).
        neutralised_share: share of free toxin that antibodies remove.
        progress: called with (draws done, draws).

    Raises:
        EndplateError: a plan outside the atlas or the model; the message says what to do.
    """
    _check_numbers(days, samples, seed)
    setup = prepared(plan, face, days, neutralised_share)
    course = course_of(plan, setup, point_parameters(), engine)
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
    )
    return with_bands(course, setup, found, seed)


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
    )


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


def why(plan: Any, muscle: str, side: str | None = None, face: Any = None) -> tuple[Explanation, ...]:
    """Which injection brings which share of a muscle's exposure, for each side asked.

    Raises:
        CatalogueError: an unknown muscle, or a side that the muscle does not have.
    """
    setup = prepared(plan, face, 1)
    names = setup.endplates.names
    known = sorted({name for name, _ in names})
    if muscle not in known:
        raise unknown_name("muscle", muscle, known, "endplate list muscles")
    sides = [s for m, s in names if m == muscle]
    if side is not None and side not in sides:
        raise CatalogueError(
            f"{muscle} has no side `{side[:40]}`.", f"It has: {', '.join(sides)}.", "Give one of these."
        )
    course = course_of(plan, setup, point_parameters())
    return tuple(_explanation(setup, course, muscle, s) for s in sides if side in (None, s))


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
