"""Which needle brings an unwanted effect: shares of exposure over the simulated events, and what the number rests on.

    event      a row of the run (needles, face, draw of the parameters) and a person in whom the effect occurs, drawn by
               how often it does; one of both sides counts once, half for each
    carried    which muscles carry an event: what its index loses when one of them is left as it was, over the sum;
               where no single one is missed (each of two suffices), the index that each brings alone
    share      of an injection: its part in the exposure of the muscle that carries the event, mean over events

A slip that is rare may bring most events; an average over all rows would hide it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.assess.course import prepared
from endplate.catalogue import catalogue
from endplate.catalogue.effects import UNIT, Mechanism, mechanism
from endplate.errors import ModelError
from endplate.model.setup import Setup
from endplate.population.draws import stream
from endplate.population.risk import Risk, Unwanted
from endplate.population.risk_course import drawn_shift, shifted
from endplate.population.risk_laws import Losses, index_of
from endplate.population.risk_losses import peak_columns
from endplate.population.risk_parts import Group
from endplate.population.risk_record import WHOSE
from endplate.population.risk_tables import PEAK_DAYS, SHIFTS

EVENTS = 384
LEAST_SHARE = 0.02  # of the variance: parameters below it are not named
MOST_DRIVERS = 6
NEAR_MM = 12.0  # of an arrow: endplates nearer than this count alike
TRACE = 0.005  # of the events: muscles that carry less are not named
SIDES = ("left", "right")
Pair = tuple[str, str]


@dataclass(frozen=True)
class Part:
    """One injection and its share of the exposure behind an effect; distance from needle tip to the carrying muscle."""

    site: str
    target: str
    side: str
    units: float
    product: str
    share: float
    distance_mm: float | None


@dataclass(frozen=True)
class Driver:
    """A parameter that decides the risk: share of the variance of its rank, and where its draws come from.

    Attributes:
        basis: "posterior" (fitted to clinical results), "calibrated" (to rates of this effect), "prior" or "held".
    """

    parameter: str
    name: str
    share: float
    basis: str
    grade: str
    source: str


@dataclass(frozen=True)
class Cause:
    """Where one effect comes from.

    Attributes:
        unwanted: the risk itself. side: "left", "right" or "either".
        carried: (muscle, side) -> share of the events that it carries, most first.
        parts: every injection, largest share first; shares add to 1, and are all 0 where nothing happens.
        slipped: share of the events that would not have happened had no needle slipped behind the septum. ran_off:
            had no fluid run off through the fat of an orbit (part of the slips, unless a needle aims into the orbit).
        drivers: parameters that decide most.
    """

    plan_title: str
    effect: str
    side: str
    level: str
    unwanted: Unwanted
    carried: Mapping[Pair, float]
    parts: tuple[Part, ...]
    slipped: float
    ran_off: float
    drivers: tuple[Driver, ...]
    faces: int
    seed: int
    limits: tuple[str, ...]

    @property
    def main(self) -> Part | None:
        """The injection that brings most; None where nothing happens."""
        return self.parts[0] if self.parts and self.parts[0].share > 0.0 else None

    @property
    def muscle(self) -> Pair | None:
        """The muscle and side that carry most events; None where nothing happens."""
        return next(iter(self.carried), None)


@dataclass(frozen=True)
class Events:
    """Events of one effect.

    Attributes:
        draw, r, stratum (n,): the row. shift (n,): step of the person's sensitivity.
        sides (n, 2): how much of an event is on the left and on the right; rows add to 1.
    """

    draw: np.ndarray
    r: np.ndarray
    stratum: np.ndarray
    shift: np.ndarray
    sides: np.ndarray


def cause_of(plan: Any, risk: Risk, effect: str, side: str = "either", level: str = "seen") -> Cause:
    """Where one effect of a risk comes from; nothing is simulated again.

    Raises:
        CatalogueError: an unknown effect, side or definition.
        ModelError: an effect that this risk does not hold, or one by report.
    """
    one = checked(effect, side, level)
    unwanted = risk.of(effect, side, level)
    events = events_of(risk, one, side, level)
    carried: dict[Pair, float] = {}
    share = np.zeros(len(risk.run.sites))
    if events is not None:
        names, weight = carried_by(risk, one, level, events)
        share = shares_of(risk, names, weight, events)
        mean = _over_sum(weight.sum(axis=0))
        order = sorted(range(len(names)), key=lambda k: (-mean[k], names[k]))
        carried = {names[k]: float(mean[k]) for k in order if mean[k] >= TRACE}
    setup = prepared(plan, None, 1)
    slipped, ran_off = slips(risk, effect, side, level)
    return Cause(
        plan_title=plan.title,
        effect=effect,
        side=side,
        level=level,
        unwanted=unwanted,
        carried=carried,
        parts=_parts(setup, risk.run.sites, share, carried),
        slipped=slipped,
        ran_off=ran_off,
        drivers=drivers_of(risk, effect, side, level),
        faces=risk.faces,
        seed=risk.seed,
        limits=risk.limits,
    )


def checked(effect: str, side: str, level: str) -> Mechanism:
    """The mechanism of an effect that has this side and this definition."""
    from endplate.catalogue.persistence import listed

    if effect in {one.id for one in listed("reported")}:
        raise ModelError(
            f"`{effect}` is known by report only.",
            "No muscle or needle stands behind its rate.",
            "Ask for an effect by mechanism, such as eyelid_ptosis.",
        )
    one = mechanism(effect)
    sides = (*SIDES, "either") if one.sides else ("either",)
    if side not in sides:
        raise ModelError(
            f"`{side[:60]}` is no side of {effect}.",
            f"Sides: {', '.join(sides)}.",
            "Give one of them with --side.",
        )
    if level not in one.levels:
        raise ModelError(
            f"`{level[:60]}` is no definition of {effect}.",
            f"Definitions: {', '.join(one.levels)}.",
            "Give one of them with --level.",
        )
    return one


# --- Events


def events_of(risk: Risk, one: Mechanism, side: str, level: str) -> Events | None:
    """Events drawn by how often they happen, evenly over all rows; None where there are none."""
    run, material = risk.run, _material(risk)
    chance = run.chance[one.id, level][..., WHOSE.index(side)] * run.weight
    flat = chance.ravel()
    if flat.sum() <= 0.0:
        return None
    # Not named by side: a mirrored plan has mirrored events.
    rng = stream(risk.seed, f"causes {one.id} {level}")
    place = (np.arange(EVENTS) + rng.random()) / EVENTS * flat.sum()
    cell = np.minimum(np.searchsorted(np.cumsum(flat), place), len(flat) - 1)
    draw, r, stratum = np.unravel_index(cell, chance.shape)
    losses = material.losses(_alone(material.share[draw, r, stratum]), draw, SHIFTS, peak_columns(PEAK_DAYS))
    worst = index_of(one, losses)[:, 0].max(axis=-1)
    asked = worst.max(axis=-1) if side == "either" else worst[..., SIDES.index(side)]
    name = one.levels[level]
    least = np.ones(EVENTS) if name == UNIT else material.values[name][draw]
    shift = drawn_shift(asked, least, np.asarray(material.values["person.sensitivity_sd"])[draw], rng)
    return Events(draw, r, stratum, shift, _on_sides(worst[np.arange(EVENTS), shift], least, side))


def _on_sides(index: np.ndarray, least: np.ndarray, side: str) -> np.ndarray:
    """How much of each event is on the left and on the right, (n, 2), by the index there, (n, 2)."""
    if side != "either":
        return np.tile([float(side == one) for one in SIDES], (len(index), 1))
    over = index >= least[:, None]
    worse = index == index.max(axis=1, keepdims=True)
    on = np.where(over.any(axis=1, keepdims=True), over, worse).astype(float)
    return on / on.sum(axis=1, keepdims=True)


def _material(risk: Risk) -> Any:
    if risk.run.material is None:
        raise ModelError("This risk was kept without its rows.", "", "Work it out again with `risk`.")
    return risk.run.material


def _alone(share: np.ndarray) -> np.ndarray:
    """Histograms (n, group, x) as rows of their own, (n, r, stratum, group, x)."""
    return share[:, None, None]


def carried_by(risk: Risk, one: Mechanism, level: str, events: Events) -> tuple[tuple[Pair, ...], np.ndarray]:
    """Muscles that the effect reads and the share of each event that each carries, (event, muscle).

    Rows add to 1; to 0 where neither a muscle is missed nor any suffices.
    """
    material = _material(risk)
    share = shifted(material.share[events.draw, events.r, events.stratum], events.shift)
    losses = material.losses(_alone(share), events.draw, np.zeros(1), peak_columns(PEAK_DAYS))
    every = tuple(dict.fromkeys((g.muscle, g.side) for g in risk.run.groups))
    names = tuple(pair for pair in every if pair[0] in one.muscles)

    def without(pairs: Sequence[Pair]) -> np.ndarray:
        """Index on the left and the right, (event, 2)."""
        return index_of(one, _without(losses, pairs))[:, 0, 0].max(axis=-1)

    whole, counts = without(()), events.sides > 0.0
    others = [pair for pair in every if pair not in names]
    if np.any((without(others) != whole) & counts):
        names = every  # the law reads more than the muscles that stand for the effect
    fall = np.stack([np.maximum(whole - without([pair]), 0.0) for pair in names], axis=-1)
    unmissed = fall.sum(axis=-1) <= 0.0
    if np.any(unmissed & counts):
        alone = [np.maximum(without([other for other in every if other != pair]), 0.0) for pair in names]
        fall = np.where(unmissed[..., None], np.stack(alone, axis=-1), fall)
    return names, _over_sum((events.sides[..., None] * _over_sum(fall)).sum(axis=1))


def _over_sum(values: np.ndarray) -> np.ndarray:
    """Values over their sum along the last axis; zeros stay zeros."""
    total = values.sum(axis=-1, keepdims=True)
    return np.where(total > 0.0, values / np.where(total > 0.0, total, 1.0), 0.0)


def _without(losses: Losses, pairs: Sequence[Pair]) -> Losses:
    """The same losses, some muscles with their parts left as they were."""
    kept = losses.loss.copy()
    for group, row in losses.groups.items():
        if (group.muscle, group.side) in pairs:
            kept[row] = 0.0
    return replace(losses, loss=kept)


def shares_of(risk: Risk, names: Sequence[Pair], weight: np.ndarray, events: Events) -> np.ndarray:
    """Share of each injection in the exposure of what carries the events, (site,)."""
    run = risk.run
    rows = {group: k for k, group in enumerate(run.groups)}
    brought = run.brought[events.draw, events.r, events.stratum]
    total = np.zeros((len(events.draw), len(run.sites)))
    for column, (muscle, side) in enumerate(names):
        total += weight[:, [column]] * _over_sum(brought[:, :, _whole(rows, muscle, side)].astype(float))
    return _over_sum(total.sum(axis=0))


def _whole(rows: Mapping[Group, int], muscle: str, side: str) -> int:
    """Column of a whole muscle."""
    return next(k for g, k in rows.items() if (g.muscle, g.side, g.part) == (muscle, side, ""))


def slips(risk: Risk, effect: str, side: str, level: str) -> tuple[float, float]:
    """Shares of the events that go back to a slip behind the septum, and to fluid that ran off in an orbit.

    sum w (c - c0) / sum w c over the strata with a slip (a run), at least 0: w their weights, c the chance of the event
    in them, c0 that of the same row without slip and run. That a needle had slipped does not make it the cause.
    """
    run = risk.run
    chance = run.chance[effect, level][..., WHOSE.index(side)]
    total = float((chance * run.weight).sum())
    if total <= 0.0:
        return 0.0, 0.0
    more = ((chance - chance[..., :1]) * run.weight).sum(axis=(0, 1)) / total
    behind = float(np.clip(more[list(run.of_hand)].sum(), 0.0, 1.0))
    most = behind if run.of_hand[-1] else 1.0
    return behind, float(np.clip(more[-1], 0.0, most))


# --- What the number rests on


def drivers_of(risk: Risk, effect: str, side: str, level: str) -> tuple[Driver, ...]:
    """Parameters whose rank goes with the rank of the risk over the outer draws; chance is taken off."""
    rates = risk.run.rates(effect, level)[..., ("left", "right", "either").index(side)].mean(axis=1)
    outer = risk.run.outer
    if np.ptp(rates) <= 0.0:
        return ()
    rank, table = _ranks(rates), catalogue().parameters
    names = [name for name, v in outer.values.items() if np.ptp(v) > 0.0 and name in table]
    columns = np.stack([_ranks(outer[name]) for name in names])
    explained = (columns @ rank / len(rank)) ** 2
    share = explained - (1.0 - explained) / (len(rank) - 2)
    order = sorted(range(len(names)), key=lambda k: (-share[k], names[k]))[:MOST_DRIVERS]
    return tuple(
        Driver(
            parameter=names[k],
            name=table[names[k]].name,
            share=float(share[k]),
            basis=outer.basis.get(names[k], "prior"),
            grade=table[names[k]].grade,
            source=table[names[k]].source,
        )
        for k in order
        if share[k] >= LEAST_SHARE
    )


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks with mean 0 and variance 1; equals get the same."""
    _, which, count = np.unique(values, return_inverse=True, return_counts=True)
    found = (np.cumsum(count) - 0.5 * (count - 1))[which]
    return (found - found.mean()) / max(float(found.std()), 1e-12)


# --- Injections


def _parts(
    setup: Setup, sites: Sequence[str], share: np.ndarray, carried: Mapping[Pair, float]
) -> tuple[Part, ...]:
    by_id = {site.id: site for site in setup.placed}
    middles = {pair: middle_of(setup, pair) for pair in list(carried)[:2]}
    found = []
    for name, value in zip(sites, share, strict=True):
        site = by_id[name]
        away = [float(np.linalg.norm(m - site.tip_mm)) for m in middles.values() if m is not None]
        found.append(
            Part(
                name,
                site.muscle,
                site.side,
                float(site.units),
                site.product,
                float(value),
                min(away, default=None),
            )
        )
    return tuple(sorted(found, key=lambda part: (-part.share, part.site)))


def middle_of(setup: Setup, pair: Pair) -> np.ndarray | None:
    """Middle of the endplates of a muscle on the face of a setup, mm; None for one that the atlas does not hold."""
    names = setup.endplates.names
    if pair not in names:
        return None
    mine = setup.endplates.muscle == names.index(pair)
    weight = setup.endplates.weight[mine, None]
    return (setup.endplates.points_mm[mine] * weight).sum(axis=0) / weight.sum()


def nearest_of(setup: Setup, pair: Pair, tip_mm: np.ndarray) -> np.ndarray | None:
    """Where toxin from a tip meets a muscle: the middle of its endplates, near ones counting most; None as above."""
    names = setup.endplates.names
    if pair not in names:
        return None
    mine = setup.endplates.muscle == names.index(pair)
    points = setup.endplates.points_mm[mine]
    weight = setup.endplates.weight[mine] / (((points - tip_mm) ** 2).sum(axis=1) + NEAR_MM**2) ** 1.5
    return (points * weight[:, None]).sum(axis=0) / weight.sum()
