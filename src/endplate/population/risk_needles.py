"""Needles of the risk engine: where tips lie, how much they bring, and the rare ones that slip behind the septum.

A slip is rare and carries much of the risk, so each row is worked out in strata that are weighted by their chance:
0 no slip, 1 one needle slipped, 2 the same (or one aimed into the orbit) and its fluid ran off through the fat.

    chance of one needle   p ratio^(1 - d / 10 mm) exp(z / s) r

    d   from the needle's entry to the bony rim, seen from in front; 0 inside the opening
    z   how much deeper the tip lies than the muscle aimed at
    r   1 under the roof of the orbit, `effect.slip.beside_roof` beside and below it

p being the chance 10 mm above the roof's rim, mean over injectors (`needle.behind_septum_probability`), ratio how many
times more often at the rim (`effect.slip.at_rim_ratio`), s a depth (`effect.slip.depth_scale`). Which needle slips,
where one does, is a race of clocks, one a needle, that run as fast as its chance: a needle that brings nothing leaves
the others as they were. It leaves a share of its fluid behind the septum (`effect.slip.fluid_share`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.anatomy.outline import foot_on
from endplate.catalogue import catalogue
from endplate.model.parameters import ParameterSet
from endplate.model.setup import PreparedSite, Setup
from endplate.model.spread.geometry import site_frame
from endplate.population.draws import guided, stream
from endplate.population.exposed import DOSE_SDS
from endplate.population.risk_draws import Outer
from endplate.population.risk_parts import Group

MOST_SLIP = 0.5  # of the chance that one needle slips
REFERENCE_MM = 10.0  # above the rim: where the chance of a slip is that of its parameter
ROOF = (
    0.4,
    0.7,
)  # sine of the height, seen from the middle of the rim, where the roof begins and where it is reached


@dataclass(frozen=True)
class Rows:
    """What is drawn for the rows of one face.

    Attributes:
        draw (r,): outer draw of each. offset_mm (r, site, 3), dose (r, site): of the needles.
        weight (r, stratum): chance of each stratum, 1 in all.
        slipped (r,): the site that slips, -1 where none can. leaking (r,): the site whose fluid runs off, -1 likewise.
        deeper_mm (r,): how much further back than the plan's slipped tip.
    """

    draw: np.ndarray
    offset_mm: np.ndarray
    dose: np.ndarray
    weight: np.ndarray
    slipped: np.ndarray
    leaking: np.ndarray
    deeper_mm: np.ndarray


@dataclass(frozen=True)
class Task:
    """What all faces of a run share.

    Attributes:
        plan: with the sessions of one day alone. operators: (experience, guidance) of each site.
        groups: what is watched, (group,). cut (group,): ln drive below which nothing is lost in anybody.
    """

    plan: Any
    sex: str
    age: float
    seed: int
    operators: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    cut: np.ndarray
    outer: Outer


def drawn_rows(
    task: Task, setup: Setup, sites: Sequence[PreparedSite], own: int, draw: np.ndarray, turn: int
) -> Rows:
    """Needles, doses and slips; streams are named by site, so that a site keeps its draws in every plan."""
    outer, count = task.outer, len(draw)
    outer_rows = ParameterSet({n: v[draw] for n, v in outer.values.items() if n.startswith("operator.")})
    skill = stream(own, "injector").standard_normal(count)
    wide = np.exp(outer["effect.injector.needle_log_sd"][draw] * skill)
    offset, dose = np.zeros((count, len(sites), 3)), np.ones((count, len(sites)))
    cv = float(catalogue().parameter("person.dose_cv").value)
    for i in range(len(sites)):
        who, guidance = task.operators[i]
        narrower = guided(guidance, outer_rows)
        in_plane = narrower * wide * outer[f"needle.sd.{_hands(who)}"][draw]
        deep = narrower * outer["needle.depth_sd"][draw]
        placed = setup.placed[i]
        z = stream(own, f"needle {placed.id}").standard_normal((count, 3))
        # The axes of a right-hand site are the mirror image but for the second: a mirrored plan gets mirrored needles.
        turned = np.array([1.0, -1.0 if placed.skin_mm[0] < 0.0 else 1.0, 1.0])
        offset[:, i] = z * turned * np.stack([in_plane, in_plane, deep], axis=1)
        z = stream(own, f"dose {placed.id}").standard_normal(count)
        dose[:, i] = np.maximum(1.0 + cv * np.clip(z, -DOSE_SDS, DOSE_SDS), 0.0)
    entry = catalogue().parameter("needle.behind_septum_depth")
    deeper = outer["needle.behind_septum_depth"][draw] - float(entry.value)
    any_slip, slipped = _slips(task, setup, sites, own, offset, draw)
    return Rows(draw, offset, dose, *_strata(task, setup, any_slip, slipped, draw, turn), deeper)


def _strata(
    task: Task, setup: Setup, slip: np.ndarray, slipped: np.ndarray, draw: np.ndarray, turn: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weight of the strata (r, 3), the site that slips and the site whose fluid runs off, (r,) each.

    Args:
        slip: chance of any slip, (r,). slipped: the site that slips then, (r,).
    """
    runs = task.outer["effect.orbit.leak_probability"][draw]
    inside = np.array(
        [i for i, placed in enumerate(setup.placed) if placed.compartment == "orbit"], dtype=int
    )
    if not len(inside):
        return np.stack([1.0 - slip, slip * (1.0 - runs), slip * runs], axis=1), slipped, slipped
    any_ = 1.0 - (1.0 - runs) ** len(inside)
    leaking = inside[(np.arange(len(draw)) + turn) % len(inside)]
    # A slip beside a needle in an eye muscle is left out of the third stratum, and the other way round.
    weight = np.stack([(1.0 - any_) * (1.0 - slip), (1.0 - any_) * slip, any_], axis=1)
    return weight, slipped, leaking


def _slips(
    task: Task, setup: Setup, sites: Sequence[PreparedSite], own: int, offset: np.ndarray, draw: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Chance that any needle slips, and the one that does then (-1 where none can), (r,) each."""
    near = [i for i, site in enumerate(sites) if site.slipped is not None and site.units > 0.0]
    if not near:
        return np.zeros(len(draw)), np.full(len(draw), -1)
    chance = np.stack([_slip_chance(task, setup, i, offset[:, i], draw) for i in near], axis=1)
    clocks = [stream(own, f"slip {setup.placed[i].id}").exponential(size=len(draw)) for i in near]
    first = (np.stack(clocks, axis=1) / np.maximum(chance, 1e-300)).argmin(axis=1)
    return 1.0 - np.prod(1.0 - chance, axis=1), np.array(near)[first]


def _slip_chance(task: Task, setup: Setup, i: int, offset: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Chance that one needle slips, by where it really enters and how deep it goes, (r,)."""
    placed, outer = setup.placed[i], task.outer
    shape = setup.face.muscle(placed.muscle, "right" if placed.skin_mm[0] < 0.0 else "left")
    deeper = placed.depth_mm - offset[:, 2] - foot_on(shape, placed.skin_mm, placed.normal).depth_mm
    in_plane = offset * np.array([1.0, 1.0, 0.0])
    entry = placed.skin_mm + in_plane @ site_frame(placed.normal, placed.fibre)
    rim = min(setup.face.rim_mm.values(), key=lambda one: np.linalg.norm(one - placed.skin_mm, axis=1).min())
    away, roof = rim_distance(entry, rim), under_roof(entry, rim)
    beside = outer["effect.slip.beside_roof"][draw]
    chance = outer["needle.behind_septum_probability"][draw] * (beside + (1.0 - beside) * roof)
    chance = chance * outer["effect.slip.at_rim_ratio"][draw] ** (1.0 - away / REFERENCE_MM)
    chance = chance * np.exp(deeper / outer["effect.slip.depth_scale"][draw])
    if _hands(task.operators[i][0]) == "novice":
        chance = chance * outer["operator.novice.slip"][draw]
    return np.minimum(chance, MOST_SLIP)


def under_roof(points: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """Whether points (r, 3) lie under the roof of an orbit, seen from the middle of its rim: 0 to 1, (r,)."""
    way = (points - rim.mean(axis=0))[:, :2]
    upright = way[:, 1] / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)
    return np.clip((upright - ROOF[0]) / (ROOF[1] - ROOF[0]), 0.0, 1.0)


def _hands(experience: str) -> str:
    """Who holds the needle; an unknown operator counts as an expert."""
    return "novice" if experience == "novice" else "expert"


def rim_distance(points: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """mm from points (r, 3) to the bony rim (n, 3), seen from in front; 0 inside the opening."""
    at, start = points[:, None, :2], rim[None, :, :2]
    way = np.roll(rim, -1, axis=0)[None, :, :2] - start
    along = np.clip(((at - start) * way).sum(axis=2) / np.maximum((way**2).sum(axis=2), 1e-12), 0.0, 1.0)
    away = np.sqrt(((at - start - along[..., None] * way) ** 2).sum(axis=2)).min(axis=1)
    rises = (start[..., 1] > at[..., 1]) != (start[..., 1] + way[..., 1] > at[..., 1])
    slope = way[..., 0] / np.where(way[..., 1] == 0.0, 1.0, way[..., 1])
    crossed = at[..., 0] < start[..., 0] + slope * (at[..., 1] - start[..., 1])
    inside = (rises & crossed).sum(axis=1) % 2 == 1
    return np.where(inside, 0.0, away)
