"""What may go wrong after a plan, and how often: effects by mechanism and effects by report, in one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from endplate import __version__
from endplate.assess.course import simulate
from endplate.catalogue import catalogue
from endplate.catalogue.effects import mechanism
from endplate.check import Finding, check
from endplate.errors import ModelError
from endplate.model.course import Course
from endplate.plan.atlas import in_atlas, left_aside
from endplate.population.reported import Reported, areas_of, reported_of
from endplate.population.risk import DRAWS, FACES, PER_DRAW, Risk, Unwanted, risk_of, risks_of
from endplate.population.risk_run import first_day

SEEN = "seen"
"""The definition of an effect that a rate is compared with; an effect may carry stricter and wider ones beside it."""

MOST_FACES = 512
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PlanRisk:
    """Every unwanted effect of one plan.

    Attributes:
        mechanism: simulated, with the run behind it. reported: (product, record), each effect once.
    """

    plan_title: str
    mechanism: Risk
    reported: tuple[tuple[str, Reported], ...]
    versions: dict[str, Any]
    limits: tuple[str, ...]

    def seen(self, side: str = "either") -> tuple[Unwanted, ...]:
        """The simulated effects, each once: as they are usually counted, on one side or on either."""
        return tuple(one for one in self.mechanism.unwanted if (one.level, one.side) == (SEEN, side))

    def others(self, one: Unwanted) -> tuple[Unwanted, ...]:
        """The same effect and side by its other definitions."""
        return tuple(
            other
            for other in self.mechanism.unwanted
            if (other.effect, other.side) == (one.effect, one.side) and other.level != one.level
        )


@dataclass(frozen=True)
class Assessment:
    """What follows from one plan: its course, what may go wrong, and whether it is allowed and sensible."""

    course: Course
    risk: PlanRisk
    findings: tuple[Finding, ...] = ()


def risk(
    plan: Any,
    *,
    faces: int = FACES,
    seed: int = 0,
    only: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> PlanRisk:
    """The probability of every unwanted effect of the first planned day.

    Args:
        plan: a Plan, as `read_plan` gives it.
        faces: how many are drawn, a multiple of 8; each carries many needles, people and draws of the parameters.
        seed: same plan, faces and seed, same numbers.
        only: ids of effects by mechanism; None takes all, and those by report.
        progress: called with (faces done, faces).

    Raises:
        EndplateError: nothing planned, an unknown effect, a plan outside the atlas; the message says what to do.
    """
    return risks([plan], faces=faces, seed=seed, only=only, progress=progress)[0]


def risks(
    plans: Sequence[Any],
    *,
    faces: int = FACES,
    seed: int = 0,
    only: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> tuple[PlanRisk, ...]:
    """The same for several plans: same faces, people and draws, so that they differ by the plan alone."""
    check_size(faces, seed)
    for name in only or ():
        mechanism(name)
    found = risks_of(
        [in_atlas(plan) for plan in plans],
        faces=faces,
        draws=DRAWS,
        per_draw=PER_DRAW,
        seed=seed,
        only=only,
        progress=progress,
    )
    return tuple(_whole(plan, one, only is None) for plan, one in zip(plans, found, strict=True))


def check_size(faces: int, seed: int) -> None:
    """Refuse what no run can use before any work is done."""
    for name, value in (("faces", faces), ("seed", seed)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise ModelError(f"{name} is {value!r}.", "It is a whole number.", f"Give --{name}.")
    if not 0 <= seed < 2**63:
        raise ModelError(f"The seed is {seed}.", "It is a whole number from 0 to 2^63 - 1.", "Give --seed.")
    if not PER_DRAW <= faces <= MOST_FACES or faces % PER_DRAW:
        raise ModelError(
            f"{faces} faces were asked for.",
            f"A risk is worked out on {PER_DRAW} to {MOST_FACES} of them, a multiple of {PER_DRAW}.",
            f"Give --faces {FACES}.",
        )


def _whole(plan: Any, found: Risk, with_reported: bool) -> PlanRisk:
    versions = {
        "endplate": __version__,
        "catalogue": catalogue().version,
        "faces": found.faces,
        "draws": found.draws,
        "seed": found.seed,
    }
    reported = reported_for(plan) if with_reported else ()
    aside = left_aside(plan)
    limits = found.limits if aside is None else (*found.limits, aside)
    return PlanRisk(plan.title, found, reported, versions, limits)


def reported_for(plan: Any) -> tuple[tuple[str, Reported], ...]:
    """Effects by report of the products of the first planned day; of several products the one that reports most."""
    today = first_day(plan)
    areas = areas_of(today)
    best: dict[str, tuple[str, Reported]] = {}
    for product in dict.fromkeys(session.product for session in today.sessions):
        for record in reported_of(product, areas):
            held = best.get(record.effect)
            if held is None or (record.rate or -1.0) > (held[1].rate or -1.0):
                best[record.effect] = (product, record)
    return tuple(best.values())


def assess(
    plan: Any,
    *,
    days: int = 365,
    samples: int = 200,
    faces: int = FACES,
    seed: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> Assessment:
    """The course of every muscle and measure of the face, the risk of every unwanted effect, and all findings.

    Args:
        progress: called with (faces done, faces) while the risk is worked out.
        options: of `simulate`.

    Raises:
        EndplateError: as `simulate` and `risk`.
    """
    check_size(faces, seed)
    course = simulate(plan, days=days, samples=samples, seed=seed, **options)
    found = risk(plan, faces=faces, seed=seed, progress=progress)
    return Assessment(course, found, tuple(check(plan, course, risk=found.mechanism)))


__all__ = ["Assessment", "PlanRisk", "assess", "check_size", "reported_for", "risk", "risk_of", "risks"]
