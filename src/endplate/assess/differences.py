"""Two to five plans side by side: what they do to the muscles aimed at, and by how much their risks differ.

All plans meet the same faces, hands, people and draws of the parameters, so that a difference is the plans' own; its
interval is over the draws, and its Monte Carlo error is that of the difference, smaller than that of either risk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.assess.course import simulate
from endplate.assess.risks import SEEN, PlanRisk, Progress, check_size, risks
from endplate.check import Finding, check
from endplate.errors import ModelError
from endplate.model.course import Course
from endplate.plan.change import doses
from endplate.population.risk import FACES, PER_DRAW
from endplate.population.risk_chance import standard_error
from endplate.population.risk_run import first_day

LEAST_PLANS, MOST_PLANS = 2, 5
LETTERS = "ABCDE"
DAYS, SAMPLES = 365, 200


@dataclass(frozen=True)
class Compared:
    """One of the plans.

    Attributes:
        letter: what it is called in tables and pictures. units: by product, of the first planned day.
        findings: whether it is allowed and sensible, stops first.
    """

    letter: str
    title: str
    units: dict[str, float]
    course: Course
    risk: PlanRisk
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class TargetEffect:
    """Lowest force and days of weakness of one muscle under each plan; medians over draws with 5 % and 95 % points.

    Attributes:
        aimed: by plan, whether a needle names the muscle. nadir, days: by plan, (median, low, high); NaN for never.
    """

    muscle: str
    side: str
    aimed: tuple[bool, ...]
    nadir: tuple[tuple[float, float, float], ...]
    days: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Difference:
    """Risk of one effect, on either side: a plan's less that of the first.

    Attributes:
        interval90: over the draws. error: standard error of the mean difference by Monte Carlo, in the same unit.
        fewer: share of the draws in which the plan has the lower risk.
    """

    effect: str
    letter: str
    difference: float
    interval90: tuple[float, float]
    error: float
    fewer: float

    @property
    def clear(self) -> bool:
        """Whether it is larger than twice its error."""
        return abs(self.difference) > 2.0 * self.error


@dataclass(frozen=True)
class Comparison:
    """Plans side by side."""

    plans: tuple[Compared, ...]
    targets: tuple[TargetEffect, ...]
    differences: tuple[Difference, ...]
    faces: int
    seed: int
    limits: tuple[str, ...]

    @property
    def effects(self) -> tuple[str, ...]:
        """Effects by mechanism that any plan brings to a thousandth of people or more."""
        found = [one.effect for plan in self.plans for one in plan.risk.seen() if one.probability >= 0.001]
        order = [one.effect for one in self.plans[0].risk.seen()]
        return tuple(sorted(set(found), key=order.index))


def compare(
    plans: Sequence[Any],
    *,
    faces: int = FACES,
    samples: int = SAMPLES,
    days: int = DAYS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Comparison:
    """Two to five plans side by side.

    Args:
        plans: Plans, as `read_plan` gives them; the first is what the others are compared with.
        faces: drawn faces behind the risks, a multiple of 8. samples: draws behind the bands of force.
        seed: same plans, faces, samples and seed, same numbers.
        progress: called with (faces done, faces).

    Raises:
        ModelError: fewer than two plans or more than five.
        EndplateError: as `simulate` and `risk`.
    """
    check_plans(len(plans))
    check_size(faces, seed)
    found = risks(plans, faces=faces, seed=seed, progress=progress)
    courses = [simulate(plan, days=days, samples=samples, seed=seed) for plan in plans]
    shown = tuple(
        Compared(
            letter,
            plan.title,
            {dose.product: float(dose.units) for dose in doses(first_day(plan))},  # type: ignore[attr-defined]
            course,
            own,
            tuple(check(plan, course, risk=own.mechanism)),
        )
        for letter, plan, course, own in zip(LETTERS, plans, courses, found, strict=False)
    )
    return Comparison(
        plans=shown,
        targets=_targets(shown),
        differences=_differences(shown),
        faces=faces,
        seed=seed,
        limits=_limits(plans, shown),
    )


def check_plans(count: int) -> None:
    """Refuse a number of plans that cannot be set side by side."""
    if not LEAST_PLANS <= count <= MOST_PLANS:
        raise ModelError(
            f"{count} plan{'' if count == 1 else 's'} to compare.",
            f"It takes {LEAST_PLANS} to {MOST_PLANS}.",
            "Give so many plan files.",
        )


def _targets(plans: Sequence[Compared]) -> tuple[TargetEffect, ...]:
    """Every muscle that any plan aims at, in the order of the atlas."""
    pairs = [pair for pair in plans[0].course.muscles if any(pair in one.course.targets for one in plans)]
    return tuple(
        TargetEffect(
            muscle,
            side,
            tuple((muscle, side) in one.course.targets for one in plans),
            tuple(_metric(one.course, "nadir", muscle, side) for one in plans),
            tuple(_metric(one.course, "duration_days", muscle, side) for one in plans),
        )
        for muscle, side in pairs
    )


def _metric(course: Course, name: str, muscle: str, side: str) -> tuple[float, float, float]:
    """Median, 5 % and 95 % points over the draws; the exact plan's own value thrice without draws."""
    row = course.row(muscle, side)
    names = [f"{name}_{end}" for end in ("median", "low", "high")]
    columns = [course.metrics.get(n, course.metrics[name]) for n in names]
    median, low, high = (float(column[row]) for column in columns)
    return median, low, high


def _differences(plans: Sequence[Compared]) -> tuple[Difference, ...]:
    first, found = plans[0], []
    for one in first.risk.seen():
        base = first.risk.mechanism.run.rates(one.effect, SEEN)[..., 2]
        for other in plans[1:]:
            cells = other.risk.mechanism.run.rates(one.effect, SEEN)[..., 2] - base
            found.append(_difference(one.effect, other.letter, cells, first.risk.mechanism.run.face))
    return tuple(found)


def _difference(effect: str, letter: str, cells: np.ndarray, face: np.ndarray) -> Difference:
    """Args: cells: (draw, r), difference in each row."""
    half = PER_DRAW // 2
    rates = _of_draws(np.stack([cells[:, :half].mean(axis=1), cells[:, half:].mean(axis=1)], axis=1))
    low, high = np.quantile(rates, (0.05, 0.95))
    return Difference(
        effect=effect,
        letter=letter,
        difference=float(cells.mean()),
        interval90=(float(low), float(high)),
        error=standard_error(cells, face),
        fewer=float((rates < 0.0).mean() + 0.5 * (rates == 0.0).mean()),
    )


def _of_draws(halves: np.ndarray) -> np.ndarray:
    """Differences by draw, brought together to the spread that the draws themselves make, (draw,).

    Args:
        halves: (draw, 2) from either half of each draw's faces, which share nothing but the draw: their covariance is
            the variance that the draws make.
    """
    whole = halves.mean(axis=1)
    apart = halves - halves.mean(axis=0)
    shared, every = float((apart[:, 0] * apart[:, 1]).mean()), float(whole.var())
    factor = np.sqrt(np.clip(max(shared, every / len(whole)) / max(every, 1e-300), 0.0, 1.0))
    return whole.mean() + factor * (whole - whole.mean())


def _limits(plans: Sequence[Any], shown: Sequence[Compared]) -> tuple[str, ...]:
    words = list(dict.fromkeys(limit for one in shown for limit in one.risk.limits))
    people = {(plan.patient.sex, plan.patient.age) for plan in plans}
    if len(people) > 1:
        words.insert(0, "The plans are for different patients: their faces differ too, not the plans alone.")
    if len({product for one in shown for product in one.units}) > 1:
        words.insert(0, "Units of different products are not interchangeable and are never added.")
    return tuple(words)


__all__ = ["Compared", "Comparison", "Difference", "TargetEffect", "compare"]
