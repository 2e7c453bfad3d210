"""Ways to change a plan at one needle, or at a mirrored pair changed alike: place, depth, fluid, units, leaving it out.

Each kind grows in steps, the smallest first, as far as it is still the same treatment: the needle stays over the muscle
that it aims at and in its tissue, and keeps at least half of its units. Less than that is leaving it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.anatomy import place
from endplate.catalogue import catalogue
from endplate.errors import EndplateError
from endplate.model.setup import Setup

MOST_MM, DEEPER_MM, STEP_MM = 6.0, 4.0, 0.5
LEAST_DEPTH_MM = 1.0
BESIDE_MM = 1.0  # a needle may end up so far beside the muscle that it aims at
LEAST_VOLUME, VOLUME_STEP = 0.25, 0.05  # of the volume planned
LEAST_UNITS, UNITS_STEP = 0.5, 0.05  # of the units planned
MIRROR_MM = 1.0  # two tips so close to each other's mirror image are a pair
DIRECTIONS = {"up": (0.0, 1.0), "down": (0.0, -1.0), "outwards": (1.0, 0.0), "inwards": (-1.0, 0.0)}
KINDS = ("move", "depth", "volume", "units")
"""Kinds of change in the order in which they are told; `LEAVE_OUT` comes after them."""

LEAVE_OUT = "leave out"
AND = " and "


@dataclass(frozen=True)
class Needle:
    """An injection of the plan and where it lies on the average face."""

    injection: Any
    placed: Any


@dataclass(frozen=True)
class Way:
    """A kind of change of one needle, or of a mirrored pair changed alike, with its steps, the smallest first.

    Attributes:
        today: the plan. edit: values of a changed injection by needle and amount. words: of an amount.
    """

    kind: str
    unit: str
    steps: tuple[float, ...]
    edit: Callable[[Needle, float], Mapping[str, Any]]
    words: Callable[[float], str]
    needles: tuple[Needle, ...]
    today: Any

    @property
    def site(self) -> str:
        return named(self.needles)

    def plan(self, amount: float) -> Any:
        """The whole plan changed so far."""
        if self.kind == LEAVE_OUT:
            return left_out(self.today, [needle.injection.id for needle in self.needles])
        found = self.today
        for needle in self.needles:
            found = changed(found, needle.injection, **self.edit(needle, amount))
        return found


def mirrored(one: Needle, other: Needle) -> bool:
    """Whether two needles are each other's mirror image across the midline, with the same units in the same fluid."""
    a, b = one.placed, other.placed
    same = all(getattr(a, name) == getattr(b, name) for name in ("muscle", "product", "frame", "session"))
    if not same or {a.side, b.side} != {"left", "right"}:
        return False
    alike = np.allclose([a.units, a.volume_ml], [b.units, b.volume_ml], rtol=1e-6)
    apart = np.abs(a.tip_mm * np.array([-1.0, 1.0, 1.0]) - b.tip_mm).max()
    return bool(alike and apart <= MIRROR_MM)


def named(needles: Sequence[Needle]) -> str:
    """`s1.2`, of a pair `s1.2 and s1.3`."""
    return AND.join(sorted(needle.injection.id for needle in needles))


def ways_of(today: Any, setup: Setup, needles: tuple[Needle, ...]) -> list[Way]:
    """Every kind of change of a needle or a mirrored pair, in every direction that it may take."""
    found = [*_moves(today, setup, needles), *_depths(today, needles)]
    found += [*_volumes(today, needles), *_units(today, needles), *_absences(today, needles)]
    return found


def injection_of(plan: Any, site: str) -> Any:
    """The injection of this id."""
    return next(one for session in plan.sessions for one in session.injections if one.id == site)


def _moves(today: Any, setup: Setup, needles: tuple[Needle, ...]) -> list[Way]:
    """Along the skin, as far as the needle stays over the muscle that it aims at."""
    lead = needles[0]
    if lead.placed.compartment != "skin" or lead.placed.frame != "head":
        return []
    steps = tuple(float(s) for s in np.arange(STEP_MM, MOST_MM + STEP_MM / 2, STEP_MM))
    if lead.injection.along is not None and lead.injection.landmark is None:
        return _slides(today, setup, needles, steps)
    found = []
    for name, (outwards, up) in DIRECTIONS.items():
        if lead.injection.side == "midline" and outwards:
            continue
        way = Way(
            "move",
            "mm",
            steps,
            lambda needle, mm, o=outwards, u=up: moved(needle.injection, mm * o, mm * u),
            lambda mm, n=name: f"{mm:g} mm {n}",
            needles,
            today,
        )
        own = _over_target(setup, way)
        if own:
            found.append(replace(way, steps=own))
    return found


def _over_target(setup: Setup, way: Way) -> tuple[float, ...]:
    """The steps that leave the needle over the muscle aimed at on the face of the setup, or hardly beside it."""
    lead = way.needles[0].placed
    most = max(lead.outside_mm, 0.0) + BESIDE_MM

    def strays(step: int) -> bool:
        try:
            sites = place(way.plan(way.steps[step]), setup.face)
        except EndplateError:
            return True
        return next(site for site in sites if site.id == lead.id).outside_mm > most

    low, high = -1, len(way.steps)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if strays(middle) else (middle, high)
    return way.steps[:high]


def moved(injection: Any, outwards_mm: float, up_mm: float) -> dict[str, Any]:
    """Values of an injection moved along the skin, away from the midline and up."""
    if injection.at_mm is not None:
        x, y, z = injection.at_mm
        sign = -1.0 if injection.side == "right" else 1.0
        return {"at_mm": (x + sign * outwards_mm, y + up_mm, z)}
    lateral, up = injection.offset_mm or (0.0, 0.0)
    from endplate.plan.lookup import is_paired_landmark

    turned = not is_paired_landmark(injection.landmark) and injection.side == "right"
    sign = -1.0 if turned else 1.0
    return {"offset_mm": (lateral + sign * outwards_mm, up + up_mm)}


def _slides(today: Any, setup: Setup, needles: tuple[Needle, ...], steps: tuple[float, ...]) -> list[Way]:
    """A site given along a muscle moves along it, one way or the other, as far as the muscle goes."""
    lead, along = needles[0].placed, needles[0].injection.along
    shape = setup.face.muscle(
        lead.muscle, "right" if lead.skin_mm[0] < 0 and lead.side != "midline" else "left"
    )
    middle = shape.grid_mm[:, shape.grid_mm.shape[1] // 2]
    length = float(np.linalg.norm(np.diff(middle, axis=0), axis=1).sum())
    found = []
    for sign, end in ((1.0, "insertion"), (-1.0, "origin")):
        room = length * ((1.0 - along) if sign > 0 else along)
        own = tuple(mm for mm in steps if mm <= room)
        if own:
            found.append(
                Way(
                    "move",
                    "mm",
                    own,
                    lambda needle, mm, s=sign: {"along": needle.injection.along + s * mm / length},
                    lambda mm, e=end: f"{mm:g} mm towards the {e} of the muscle",
                    needles,
                    today,
                )
            )
    return found


def _depths(today: Any, needles: tuple[Needle, ...]) -> list[Way]:
    """Shallower down to the skin, and deeper."""
    lead = needles[0].placed
    if lead.compartment != "skin" or lead.frame != "head":
        return []
    found = []
    for sign, room, word in (
        (-1.0, min(needle.placed.depth_mm for needle in needles) - LEAST_DEPTH_MM, "shallower"),
        (1.0, min(DEEPER_MM, *(n.placed.bone_mm - n.placed.depth_mm for n in needles)), "deeper"),
    ):
        steps = tuple(float(s) for s in np.arange(STEP_MM, room + 1e-9, STEP_MM))
        if steps:
            found.append(
                Way(
                    "depth",
                    "mm",
                    steps,
                    lambda needle, mm, s=sign: {"depth_mm": needle.placed.depth_mm + s * mm, "layer": None},
                    lambda mm, s=sign, w=word: (
                        f"{mm:g} mm {w} ({lead.depth_mm + s * mm:.1f} mm below the skin)"
                    ),
                    needles,
                    today,
                )
            )
    return found


def _volumes(today: Any, needles: tuple[Needle, ...]) -> list[Way]:
    """The same units in less fluid, of a stronger solution; a liquid that comes ready for use has one strength."""
    volume = needles[0].injection.volume_ml
    if catalogue().product(needles[0].placed.product).concentration_u_per_ml is not None or volume <= 0.0:
        return []
    parts = np.arange(VOLUME_STEP, 1.0 - LEAST_VOLUME + 1e-9, VOLUME_STEP)
    return [
        Way(
            "volume",
            "mL",
            tuple(volume * float(part) for part in parts),
            lambda needle, ml: {"volume_ml": needle.injection.volume_ml - ml},
            lambda ml: f"the same units in {volume - ml:.3g} mL in place of {volume:.3g} mL",
            needles,
            today,
        )
    ]


def _units(today: Any, needles: tuple[Needle, ...]) -> list[Way]:
    """Less of the same solution, down to `LEAST_UNITS` of it."""
    units = needles[0].injection.units
    if units <= 0.0:
        return []
    parts = np.arange(UNITS_STEP, 1.0 - LEAST_UNITS + 1e-9, UNITS_STEP)
    return [
        Way(
            "units",
            "U",
            tuple(units * float(part) for part in parts),
            lambda needle, u: {
                "units": needle.injection.units - u,
                "volume_ml": needle.injection.volume_ml * (1.0 - u / needle.injection.units),
            },
            lambda u: f"{u:.3g} U less{_each(needles)} ({units - u:.3g} U in place of {units:.3g} U)",
            needles,
            today,
        )
    ]


def _each(needles: Sequence[Needle]) -> str:
    return " each" if len(needles) > 1 else ""


def _absences(today: Any, needles: tuple[Needle, ...]) -> list[Way]:
    """The plan without these needles, where others are left."""
    mine, units = {needle.injection.id for needle in needles}, needles[0].injection.units
    rest = [one for s in today.sessions for one in s.injections if one.id not in mine and one.units > 0.0]
    if units <= 0.0 or not rest:
        return []
    words = f"leave out ({units:.3g} U{_each(needles)})"
    return [Way(LEAVE_OUT, "U", (units,), lambda *_: {}, lambda _: words, needles, today)]


def left_out(plan: Any, sites: Sequence[str]) -> Any:
    """The plan without some injections; a session without any goes too."""
    sessions = []
    for session in plan.sessions:
        rest = tuple(one for one in session.injections if one.id not in sites)
        if len(rest) < len(session.injections):
            session = session.model_copy(update={"injections": rest, "pattern": (), "reconstitution": None})
        sessions += [session] if rest else []
    return plan.model_copy(update={"sessions": tuple(sessions)})


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
