"""The smallest single change of one injection that halves a risk, and what it costs the muscle aimed at.

Four kinds are looked at: another place over the muscle aimed at, another depth, the same units in less fluid, less of
the same fluid. Each is made larger in steps, and the first step that halves the risk is found by halving the steps left
(a larger change is taken to help more). Faces, needles, people and draws stay the same throughout; the search runs on
half of them, and what it finds is worked out once more on all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.anatomy import place
from endplate.assess.causes import Cause, Part
from endplate.assess.course import prepared
from endplate.errors import EndplateError
from endplate.model.parameters import point_parameters
from endplate.model.setup import Setup
from endplate.model.simulate import course_of
from endplate.population.risk import DRAWS, FACES, PER_DRAW, Risk, risk_of
from endplate.population.risk_run import first_day

MOST_MM, DEEPER_MM, STEP_MM = 6.0, 4.0, 0.5
LEAST_DEPTH_MM = 1.0
BESIDE_MM = 1.0  # a needle may end up so far beside the muscle that it aims at
LEAST_VOLUME, VOLUME_STEP = 0.25, 0.05  # of the volume planned
UNITS_STEP = 0.05  # of the units planned
NADIR_DAYS = 90  # the lowest force of every class lies before
TRIES = 3  # steps further where all faces do not bear out half of them
DIRECTIONS = {"up": (0.0, 1.0), "down": (0.0, -1.0), "outwards": (1.0, 0.0), "inwards": (-1.0, 0.0)}
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Change:
    """One change of one injection that halves the risk.

    Attributes:
        kind: "move", "depth", "volume" or "units". words: what to do. amount, unit: how much of it.
        side: whose risk is meant; risk_before, risk_after: of that side, all else equal.
        target: muscle and side aimed at; force_before, force_after: its lowest force, share of that before treatment,
            with every needle where the plan says, on the average face.
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
    """What was found for one injection.

    Attributes:
        changes: those that halve the risk, the one that costs the target least first.
        short: kinds of which no amount within reach halves it, the one that does most first.
    """

    site: str
    side: str
    changes: tuple[Change, ...]
    short: tuple[Most, ...]

    @property
    def best(self) -> Change | None:
        return self.changes[0] if self.changes else None


@dataclass(frozen=True)
class Way:
    """A kind of change with its steps, the smallest first.

    Attributes:
        plan: of a step, the whole plan changed so far. words, amount: of a step.
    """

    kind: str
    unit: str
    steps: tuple[float, ...]
    plan: Callable[[float], Any]
    words: Callable[[float], str]


def relief_of(plan: Any, risk: Risk, cause: Cause, progress: Progress | None = None) -> Relief | None:
    """The smallest changes of the injection that brings most; None where nothing happens.

    Args:
        risk: the run behind the cause, of the same plan.
        progress: called with (runs done, runs at most).
    """
    part = cause.main
    if part is None or cause.unwanted.probability <= 0.0:
        return None
    side = whose(cause, part)
    today = first_day(plan)
    setup = prepared(today, None, NADIR_DAYS)
    search = _Search(cause, side, risk.faces, risk.seed, progress)
    changes, short = [], []
    for ways in ways_of(today, setup, part):
        found = search.first(ways)
        change = _confirmed(search, found.way, found.step, today, risk, part, setup) if found.halves else None
        if change is not None:
            changes.append(change)
        elif np.isfinite(found.left):
            short.append(_most(search, found, risk, part))
    search.finished()
    return Relief(
        part.site,
        side,
        tuple(sorted(changes, key=lambda c: (c.cost, c.kind))),
        tuple(sorted(short, key=lambda m: (m.risk_after, m.kind))),
    )


def _most(search: _Search, found: _Found, risk: Risk, part: Part) -> Most:
    """What the largest step does; the fall is that of the search, applied to the risk on all faces."""
    way, amount = found.way, found.way.steps[-1]
    before = risk.of(search.cause.effect, search.side, search.cause.level).probability
    after = min(0.5 * found.left, 1.0) * before
    return Most(part.site, way.kind, way.words(amount), amount, way.unit, search.side, before, after)


def whose(cause: Cause, part: Part) -> str:
    """The side whose risk one injection answers for: one needle cannot halve what both sides bring."""
    if cause.side != "either" or not _sided(cause):
        return cause.side
    muscle = cause.muscle
    if part.side in ("left", "right"):
        return part.side
    return muscle[1] if muscle is not None and muscle[1] in ("left", "right") else "either"


def _sided(cause: Cause) -> bool:
    from endplate.catalogue.effects import mechanism

    return mechanism(cause.effect).sides


@dataclass(frozen=True)
class _Found:
    """Of several ways the one that does most at its end.

    Attributes:
        left: risk over half of what it was, with the largest step. step: the first that halves the risk.
    """

    way: Way
    left: float
    step: int = -1

    @property
    def halves(self) -> bool:
        return self.left <= 1.0


class _Search:
    """Runs of changed plans on half of the faces, with the same draws as the plan itself."""

    def __init__(self, cause: Cause, side: str, faces: int, seed: int, progress: Progress | None) -> None:
        self.cause, self.side, self.seed, self.progress = cause, side, seed, progress
        half = max(faces // 2 // PER_DRAW, 1) * PER_DRAW
        self.size: dict[str, Any] = {"faces": half, "draws": DRAWS // 2, "per_draw": PER_DRAW, "seed": seed}
        self.full: dict[str, Any] = {"faces": faces, "draws": DRAWS, "per_draw": PER_DRAW, "seed": seed}
        self.done, self.base = 0, None
        self.most = 30

    def risk(self, plan: Any, size: dict[str, Any]) -> float:
        """The risk of the side; infinite where the plan cannot be."""
        try:
            found = risk_of(plan, only=[self.cause.effect], **size)
        except EndplateError:
            return np.inf
        finally:
            self.done += 1
            if self.progress is not None:
                self.progress(min(self.done, self.most - 1), self.most)
        return found.of(self.cause.effect, self.side, self.cause.level).probability

    def halves(self, way: Way, step: float) -> float:
        """Risk left over half of what it was, at most 1 where the change halves it."""
        if self.base is None:
            self.base = self.risk(way.plan(0.0), self.size)
        return self.risk(way.plan(step), self.size) / max(0.5 * self.base, 1e-300)

    def first(self, ways: Sequence[Way]) -> _Found:
        """Of several ways of one kind the one that does most at its end, and its first step that halves the risk."""
        ends = [(self.halves(way, way.steps[-1]), k) for k, way in enumerate(ways)]
        left, k = min(ends)
        way, low, high = ways[k], -1, len(ways[k].steps) - 1
        while left <= 1.0 and high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.halves(way, way.steps[middle]) <= 1.0 else (middle, high)
        return _Found(way, left, high)

    def finished(self) -> None:
        if self.progress is not None:
            self.progress(self.most, self.most)


def _confirmed(
    search: _Search, way: Way, step: int, today: Any, risk: Risk, part: Part, setup: Setup
) -> Change | None:
    """The change on all faces, some steps further where half of them promised too much."""
    cause, side = search.cause, search.side
    before = risk.of(cause.effect, side, cause.level).probability
    for k in range(step, min(step + TRIES, len(way.steps))):
        changed = way.plan(way.steps[k])
        after = search.risk(changed, search.full)
        if after <= 0.5 * before:
            target = target_of(part, setup)
            return Change(
                site=part.site,
                kind=way.kind,
                words=way.words(way.steps[k]),
                amount=way.steps[k],
                unit=way.unit,
                side=side,
                risk_before=before,
                risk_after=after,
                target=target,
                force_before=lowest(today, target),
                force_after=lowest(changed, target),
            )
    return None


def target_of(part: Part, setup: Setup) -> tuple[str, str]:
    """Muscle and side that an injection aims at; the left one for a midline needle in a paired muscle."""
    names = setup.endplates.names
    return next(pair for pair in [(part.target, s) for s in (part.side, "midline", "left")] if pair in names)


def lowest(plan: Any, target: tuple[str, str]) -> float:
    """Lowest force of a muscle, the plan carried out exactly on the average face."""
    setup = prepared(plan, None, NADIR_DAYS)
    course = course_of(plan, setup, point_parameters())
    return float(course.force[course.row(*target)].min())


# --- Ways to change an injection


def ways_of(today: Any, setup: Setup, part: Part) -> list[list[Way]]:
    """Every kind of change of one injection, each in the directions that it may take."""
    injection = injection_of(today, part.site)
    placed = next(site for site in setup.placed if site.id == part.site)
    found = [_moves(today, setup, placed, injection), _depths(today, placed, injection)]
    found.append([_volumes(today, injection)])
    found.append([_units(today, injection)] if injection.units > 0.0 else [])
    return [ways for ways in found if ways]


def injection_of(plan: Any, site: str) -> Any:
    """The injection of this id."""
    return next(one for session in plan.sessions for one in session.injections if one.id == site)


def _moves(today: Any, setup: Setup, placed: Any, injection: Any) -> list[Way]:
    """Along the skin, as far as the needle stays over the muscle that it aims at."""
    if placed.compartment != "skin" or placed.frame != "head":
        return []
    steps = tuple(float(s) for s in np.arange(STEP_MM, MOST_MM + STEP_MM / 2, STEP_MM))
    if injection.along is not None and injection.landmark is None:
        return _slides(today, setup, placed, injection, steps)
    found = []
    for name, (outwards, up) in DIRECTIONS.items():
        if injection.side == "midline" and outwards:
            continue

        def plan_of(mm: float, outwards: float = outwards, up: float = up) -> Any:
            return moved(today, injection, mm * outwards, mm * up)

        own = _over_target(setup, placed, steps, plan_of)
        if own:
            found.append(Way("move", "mm", own, plan_of, lambda mm, n=name: f"{mm:g} mm {n}"))
    return found


def _over_target(
    setup: Setup, placed: Any, steps: tuple[float, ...], plan_of: Callable[[float], Any]
) -> tuple[float, ...]:
    """The steps that leave the needle over the muscle aimed at on the face of the setup, or hardly beside it."""
    most = max(placed.outside_mm, 0.0) + BESIDE_MM

    def stays(mm: float) -> bool:
        try:
            sites = place(plan_of(mm), setup.face)
        except EndplateError:
            return False
        return next(site for site in sites if site.id == placed.id).outside_mm <= most

    low, high = -1, len(steps)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if stays(steps[middle]) else (low, middle)
    return steps[: low + 1]


def moved(plan: Any, injection: Any, outwards_mm: float, up_mm: float) -> Any:
    """The plan with one injection moved along the skin, away from the midline and up."""
    if injection.at_mm is not None:
        x, y, z = injection.at_mm
        sign = -1.0 if injection.side == "right" else 1.0
        return changed(plan, injection, at_mm=(x + sign * outwards_mm, y + up_mm, z))
    lateral, up = injection.offset_mm or (0.0, 0.0)
    from endplate.plan.lookup import is_paired_landmark

    turned = not is_paired_landmark(injection.landmark) and injection.side == "right"
    sign = -1.0 if turned else 1.0
    return changed(plan, injection, offset_mm=(lateral + sign * outwards_mm, up + up_mm))


def _slides(today: Any, setup: Setup, placed: Any, injection: Any, steps: tuple[float, ...]) -> list[Way]:
    """A site given along a muscle moves along it, one way or the other, as far as the muscle goes."""
    shape = setup.face.muscle(
        placed.muscle, "right" if placed.skin_mm[0] < 0 and placed.side != "midline" else "left"
    )
    middle = shape.grid_mm[:, shape.grid_mm.shape[1] // 2]
    length = float(np.linalg.norm(np.diff(middle, axis=0), axis=1).sum())
    found = []
    for sign, end in ((1.0, "insertion"), (-1.0, "origin")):
        room = length * ((1.0 - injection.along) if sign > 0 else injection.along)
        own = tuple(mm for mm in steps if mm <= room)
        if own:
            found.append(
                Way(
                    "move",
                    "mm",
                    own,
                    lambda mm, s=sign: changed(today, injection, along=injection.along + s * mm / length),
                    lambda mm, e=end: f"{mm:g} mm towards the {e} of the muscle",
                )
            )
    return found


def _depths(today: Any, placed: Any, injection: Any) -> list[Way]:
    """Shallower down to the skin, and deeper."""
    if placed.compartment != "skin" or placed.frame != "head":
        return []
    found = []
    for sign, room, word in (
        (-1.0, placed.depth_mm - LEAST_DEPTH_MM, "shallower"),
        (1.0, min(DEEPER_MM, placed.bone_mm - placed.depth_mm), "deeper"),
    ):
        steps = tuple(float(s) for s in np.arange(STEP_MM, room + 1e-9, STEP_MM))
        if steps:
            found.append(
                Way(
                    "depth",
                    "mm",
                    steps,
                    lambda mm, s=sign: _at_depth(today, injection, placed.depth_mm + s * mm if mm else None),
                    lambda mm, s=sign, w=word: (
                        f"{mm:g} mm {w} ({placed.depth_mm + s * mm:.1f} mm below the skin)"
                    ),
                )
            )
    return found


def _at_depth(plan: Any, injection: Any, depth_mm: float | None) -> Any:
    return plan if depth_mm is None else changed(plan, injection, depth_mm=depth_mm, layer=None)


def _volumes(today: Any, injection: Any) -> Way:
    """The same units in less fluid, of a stronger solution."""
    parts = tuple(float(s) for s in np.arange(VOLUME_STEP, 1.0 - LEAST_VOLUME + 1e-9, VOLUME_STEP))
    volume = injection.volume_ml
    return Way(
        "volume",
        "mL",
        tuple(volume * part for part in parts),
        lambda ml: changed(today, injection, volume_ml=volume - ml),
        lambda ml: f"the same units in {volume - ml:.3g} mL in place of {volume:.3g} mL",
    )


def _units(today: Any, injection: Any) -> Way:
    """Less of the same solution."""
    parts = tuple(float(s) for s in np.arange(UNITS_STEP, 1.0 + 1e-9, UNITS_STEP))
    units, volume = injection.units, injection.volume_ml
    return Way(
        "units",
        "U",
        tuple(units * min(part, 1.0) for part in parts),
        lambda u: changed(
            today, injection, units=max(units - u, 0.0), volume_ml=volume * max(1.0 - u / units, 0.01)
        ),
        lambda u: f"{u:.3g} U less ({max(units - u, 0.0):.3g} U in place of {units:.3g} U)",
    )


def changed(plan: Any, injection: Any, **values: Any) -> Any:
    """The plan with one injection changed; its pattern and the vial of its session no longer say what it holds."""
    sessions = []
    for session in plan.sessions:
        if any(one.id == injection.id for one in session.injections):
            injections = tuple(
                one.model_copy(update={"pattern": None, "site": None, **values})
                if one.id == injection.id
                else one
                for one in session.injections
            )
            session = session.model_copy(
                update={"injections": injections, "pattern": (), "reconstitution": None}
            )
        sessions.append(session)
    return plan.model_copy(update={"sessions": tuple(sessions)})


__all__ = ["FACES", "Change", "Relief", "changed", "lowest", "relief_of"]
