"""The smallest single change that halves a risk, and what it costs the muscle aimed at.

Looked at are the injections with the largest shares, for the risk that was asked for. Of the risk per patient a needle
and its mirror image across the midline are changed alike and count as one change; of one side each needle is its own.

Four kinds of change: another place over the muscle aimed at, another depth, the same units in less fluid, less of the
same fluid down to half. Each grows in steps; every direction of every such injection that halves the risk with its
largest step is followed back to its first step that does, by halving the steps left, and the smallest amount of a kind
is kept. Faces, needles, people and draws stay the same throughout. The search runs on half of them; what it finds is
worked out on all, with the steps next to it, so that the step before is known not to be enough. A step far below that
is enough where a larger one is not would be missed. Leaving the injection out stands apart, as the last resort.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.assess.causes import Cause
from endplate.assess.changes import AND, KINDS, LEAVE_OUT, Needle, Way, injection_of, mirrored, named, ways_of
from endplate.assess.course import prepared
from endplate.errors import EndplateError
from endplate.model.parameters import point_parameters
from endplate.model.setup import Setup
from endplate.model.simulate import course_of
from endplate.population.risk import DRAWS, FACES, Risk, risk_of
from endplate.population.risk_run import first_day

LEADING, MOST_TRIED = 0.5, 3  # looked at are injections with so much of the largest share, and so many
NADIR_DAYS = 90  # the lowest force of every class lies before
TRIES = 3  # steps further that are looked at on all faces where half of them promised too much
NEARLY = 0.55  # what leaves so much of the risk on half of the faces is looked at on all
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Change:
    """One change of one injection, or of a mirrored pair of them, that halves the risk.

    Attributes:
        site: id of the injection; of a pair both, "s1.2 and s1.3".
        kind: "move", "depth", "volume", "units" or "leave out". words: what to do. amount, unit: how much of it, of
            each needle.
        side: whose risk is meant, the one asked for; risk_before, risk_after: of that side, all else equal.
        target: muscle and side aimed at; force_before, force_after: its lowest force, share of that before treatment,
            with every needle where the plan says, on the average face. A pair's other target does the same.
    """

    site: str
    kind: str
    words: str
    amount: float
    unit: str
    side: str
    risk_before: float
    risk_after: float
    target: tuple[str, str]
    force_before: float
    force_after: float

    @property
    def cost(self) -> float:
        """Share of force that the target keeps on top of what it kept before."""
        return self.force_after - self.force_before

    @property
    def paired(self) -> bool:
        """Whether two mirrored injections are changed alike."""
        return AND in self.site


@dataclass(frozen=True)
class Most:
    """A kind of change that does not halve the risk: the most of it that was looked at, and what it does."""

    site: str
    kind: str
    words: str
    amount: float
    unit: str
    side: str
    risk_before: float
    risk_after: float


@dataclass(frozen=True)
class Relief:
    """What was found for the injections that bring most.

    Attributes:
        site: the injection with the largest share. side: whose risk is meant, the one asked for.
        changes: the smallest one of each kind that halves the risk, in the order of `KINDS`.
        short: kinds of which no amount within reach halves it, the one that does most first.
        without: what leaving the injection (or the pair) out does; None where nothing else would be given.
        tried: the injections and pairs that were looked at, the one with the largest share first.
    """

    site: str
    side: str
    changes: tuple[Change, ...]
    short: tuple[Most, ...]
    without: Change | Most | None = None
    tried: tuple[str, ...] = ()

    @property
    def best(self) -> Change | None:
        """The one that costs the target least of all that halve the risk; kinds have no size in common."""
        found = [*self.changes, *([self.without] if isinstance(self.without, Change) else [])]
        return min(found, key=lambda one: one.cost, default=None)


def relief_of(plan: Any, risk: Risk, cause: Cause, progress: Progress | None = None) -> Relief | None:
    """The smallest changes of the injections that bring most; None where nothing happens.

    Args:
        risk: the run behind the cause, of the same plan.
        progress: called with (runs done, runs at most).
    """
    part = cause.main
    if part is None or cause.unwanted.probability <= 0.0:
        return None
    today = first_day(plan)
    setup = prepared(today, None, NADIR_DAYS)
    tried = leading(today, setup, cause)
    ways = [way for needles in tried for way in ways_of(today, setup, needles)]
    search = _Search(today, setup, risk, cause, len(ways), progress)
    found = [search.smallest([way for way in ways if way.kind == kind]) for kind in (*KINDS, LEAVE_OUT)]
    search.finished()
    changes = tuple(one for one in found[:-1] if isinstance(one, Change))
    short = [one for one in found[:-1] if isinstance(one, Most)]
    return Relief(
        part.site,
        cause.side,
        changes,
        tuple(sorted(short, key=lambda most: most.risk_after)),
        found[-1],
        tuple(named(needles) for needles in tried),
    )


# --- Which injections


def leading(today: Any, setup: Setup, cause: Cause) -> list[tuple[Needle, ...]]:
    """The injections with the largest shares, with their mirror images where either side counts; the largest first."""
    needles = {site.id: Needle(injection_of(today, site.id), site) for site in setup.placed}
    share = {part.site: part.share for part in cause.parts if part.share > 0.0 and part.site in needles}
    found: list[tuple[Needle, ...]] = []
    taken: set[str] = set()
    for site in sorted(share, key=lambda name: (-share[name], name)):
        if site in taken:
            continue
        own = (needles[site],)
        if cause.side == "either":
            free = [needles[name] for name in share if name not in taken]
            own += tuple(other for other in free if mirrored(needles[site], other))[:1]
        taken |= {needle.injection.id for needle in own}
        found.append(own)
    size = [sum(share[needle.injection.id] for needle in own) for own in found]
    order = sorted(range(len(found)), key=lambda k: -size[k])
    return [found[k] for k in order if size[k] >= LEADING * size[order[0]]][:MOST_TRIED]


# --- The search


class _Search:
    """Runs of changed plans: on half of faces and draws to look for a change, on those of the risk to settle it."""

    def __init__(
        self, today: Any, setup: Setup, risk: Risk, cause: Cause, ways: int, progress: Progress | None
    ) -> None:
        self.today, self.setup, self.cause, self.progress = today, setup, cause, progress
        per_draw = risk.run.weight.shape[1]
        self.full: dict[str, Any] = {
            "faces": risk.faces,
            "draws": risk.draws,
            "per_draw": per_draw,
            "seed": risk.seed,
        }
        faces = max(min(risk.faces, FACES) // 2 // per_draw, 1) * per_draw
        self.half: dict[str, Any] = {
            **self.full,
            "faces": faces,
            "draws": max(min(risk.draws, DRAWS) // 2, 8),
        }
        self.before = cause.unwanted.probability
        self.done, self.most = 0, ways + 6 * (len(KINDS) + 1)
        self.base = self.risk(today, self.half)
        self.force: dict[tuple[str, str], float] = {}

    def risk(self, plan: Any, size: dict[str, Any]) -> float:
        """The risk asked for; infinite where the plan cannot be."""
        try:
            found = risk_of(plan, only=[self.cause.effect], **size)
        except EndplateError:
            return np.inf
        finally:
            self.done += 1
            if self.progress is not None:
                self.progress(min(self.done, self.most - 1), self.most)
        return found.of(self.cause.effect, self.cause.side, self.cause.level).probability

    def left(self, way: Way, step: int) -> float:
        """Risk over what it was, on half of the faces."""
        return self.risk(way.plan(way.steps[step]), self.half) / max(self.base, 1e-300)

    def after(self, way: Way, step: int) -> float:
        """The risk on all faces."""
        return self.risk(way.plan(way.steps[step]), self.full)

    def smallest(self, ways: Sequence[Way]) -> Change | Most | None:
        """Of several ways of one kind the least amount that halves the risk, or else the end that does most."""
        found: tuple[Way, int] | None = None
        ends: list[tuple[float, int]] = []
        for k, way in enumerate(ways):
            # Once an amount is known only a smaller one is of interest.
            most = found[0].steps[found[1]] - 1e-9 if found else np.inf
            below = [n for n, amount in enumerate(way.steps) if amount < most]
            if not below:
                continue
            left = self.left(way, below[-1])
            if left <= 0.5:
                found = way, self.first(below[-1], lambda n, w=way: self.left(w, n) <= 0.5)
            elif np.isfinite(left):
                ends.append((left, k))
        if found is not None:
            return self.settled(*found)
        if not ends:
            return None
        left, k = min(ends)
        if left <= NEARLY:
            return self.settled(ways[k], len(ways[k].steps) - 1)
        return self.most_of(ways[k], left * self.before)

    def first(self, high: int, halves: Callable[[int], bool], low: int = -1) -> int:
        """The first step that halves the risk, between one that does and one that does not, by halving."""
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if halves(middle) else (middle, high)
        return high

    def settled(self, way: Way, step: int) -> Change | Most | None:
        """The change on all faces: the step before it does not halve the risk, this one does."""
        known: dict[int, float] = {}

        def halves(k: int) -> bool:
            if k not in known:
                known[k] = self.after(way, k)
            return known[k] <= 0.5 * self.before

        if halves(step):
            while step > 0 and halves(step - 1):
                step -= 1
            return self.change(way, step, known[step])
        last = len(way.steps) - 1
        beyond = min(step + TRIES, last)
        near = next((k for k in range(step + 1, beyond + 1) if halves(k)), None)
        if near is not None:
            return self.change(way, near, known[near])
        if not halves(last):
            return self.most_of(way, known[last])
        step = self.first(last, halves, beyond)
        return self.change(way, step, known[step])

    def change(self, way: Way, step: int, after: float) -> Change:
        amount = way.steps[step]
        target = target_of(way.needles[0], self.setup)
        if target not in self.force:
            self.force[target] = lowest(self.today, target)
        return Change(
            site=way.site,
            kind=way.kind,
            words=way.words(amount),
            amount=amount,
            unit=way.unit,
            side=self.cause.side,
            risk_before=self.before,
            risk_after=after,
            target=target,
            force_before=self.force[target],
            force_after=lowest(way.plan(amount), target),
        )

    def most_of(self, way: Way, after: float) -> Most | None:
        """What the largest step does; None where it helps nothing."""
        if not after < self.before:
            return None
        amount = way.steps[-1]
        return Most(
            way.site, way.kind, way.words(amount), amount, way.unit, self.cause.side, self.before, after
        )

    def finished(self) -> None:
        if self.progress is not None:
            self.progress(self.most, self.most)


def target_of(needle: Needle, setup: Setup) -> tuple[str, str]:
    """Muscle and side that an injection aims at; the left one for a midline needle in a paired muscle."""
    names, placed = setup.endplates.names, needle.placed
    return next(p for p in [(placed.muscle, s) for s in (placed.side, "midline", "left")] if p in names)


def lowest(plan: Any, target: tuple[str, str]) -> float:
    """Lowest force of a muscle, the plan carried out exactly on the average face."""
    setup = prepared(plan, None, NADIR_DAYS)
    course = course_of(plan, setup, point_parameters())
    return float(course.force[course.row(*target)].min())
