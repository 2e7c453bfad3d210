"""What the simulated course adds: risk, spill into muscles nobody aimed at, sides that weaken differently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from endplate.catalogue import catalogue
from endplate.catalogue.house import house_rules
from endplate.check.finding import Finding
from endplate.check.sense import asymmetric
from endplate.check.visit import Visit, joined

if TYPE_CHECKING:
    from endplate.model.course import Course
    from endplate.population.risk import Risk


def of_course(visit: Visit, course: Course) -> Iterator[Finding]:
    """Spill and imbalance of the forces; the course is of the whole plan, and told with its first visit."""
    yield from _spill(visit, course)
    yield from _imbalance(visit, course)


def of_risk(visit: Visit, risk: Risk) -> Iterator[Finding]:
    """One note for each effect by mechanism at or above the share that is told."""
    told = float(house_rules()["simulated_risk"].value or 0.0)
    for one in risk.unwanted:
        if (one.level, one.side) != ("seen", "either") or one.probability < told:
            continue
        low, high = one.interval90
        yield visit.of_house(
            "simulated_risk",
            f"{_plain(one.effect)}: {one.probability:.1%} ({low:.1%} to {high:.1%}).",
            sources=(one.source,),
            checked=True,
            measured=round(one.probability, 4),
            limit=told,
            unit="1",
        )


def _spill(visit: Visit, course: Course) -> Iterator[Finding]:
    """Muscles that nobody aimed at and that lose more than the declared share of their force."""
    least = float(house_rules()["spill"].value or 0.0)
    aimed = {muscle for muscle, _ in course.targets}
    lost = {
        pair: 1.0 - float(force.min())
        for pair, force in zip(course.muscles, course.force, strict=True)
        if pair[0] not in aimed
    }
    for muscle in dict.fromkeys(name for name, _ in lost):
        sides = {side: share for (name, side), share in lost.items() if name == muscle}
        worst = max(sides, key=lambda side: sides[side])
        if sides[worst] >= least:
            words = ", ".join(f"{side} {share:.0%}" for side, share in sides.items() if share >= least)
            yield visit.of_house(
                "spill",
                f"{catalogue().muscle(muscle).name} loses force: {words}.",
                where=visit.where((), muscle, worst),
                measured=round(sides[worst], 4),
                limit=least,
                unit="1",
            )


def _imbalance(visit: Visit, course: Course) -> Iterator[Finding]:
    """Targets whose two sides differ at their weakest."""
    if asymmetric(visit):
        return
    least = float(house_rules()["simulated_imbalance"].value or 0.0)
    weakest = {pair: float(force.min()) for pair, force in zip(course.muscles, course.force, strict=True)}
    for muscle in dict.fromkeys(name for name, _ in course.targets):
        left, right = weakest.get((muscle, "left")), weakest.get((muscle, "right"))
        if left is None or right is None or abs(left - right) < least:
            continue
        yield visit.of_house(
            "simulated_imbalance",
            f"{joined([muscle]).capitalize()}: {left:.0%} of its force left on the left at its weakest, {right:.0%} on "
            "the right.",
            where=visit.where((), muscle),
            measured=round(abs(left - right), 4),
            limit=least,
            unit="1",
        )


def _plain(effect: str) -> str:
    return effect.replace("_", " ").capitalize()


def effects_of(risk: Any) -> Any:
    """The simulated risk inside whatever holds one."""
    return getattr(risk, "mechanism", risk)
