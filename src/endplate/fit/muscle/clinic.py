"""What a law of persistence means in the face: four measures beside clinical rows that no law is fitted to.

Force of a muscle stands in for what raters and patients report (a proxy: lines, lids and scores are not modelled yet).
The same light-chain course is used in face, orbit and lid. Potency is set anew for each law, so that every law loses as
much force in the corrugator on day 21 as the calibration row of its threshold asks.

Sources: clinical rows C1, C3 (glabella), C23 (blepharospasm, hemifacial spasm, long series), courses of lid droop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.muscle.foot import ONA, blocked_table, day_steps, many, plan_of
from endplate.model import chain
from endplate.model.muscle import force_of
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import Setup
from endplate.model.simulate import prepared
from endplate.population import draw_needles
from endplate.population.draws import deeper

LOSS_DAY21 = 0.71  # corrugator, the row behind the threshold of onabotulinumtoxinA
EVERY_DAYS, TIMES = 84, 4
DAYS = EVERY_DAYS * (TIMES - 1) + 400
NEEDLES = 32
DROOP_PEAKS = {
    "mild": 0.3,
    "marked": 0.6,
}  # loss at the peak: what reaches the levator is set to it; declared
DROOP = 0.2  # a lid is taken to droop while its levator lacks a fifth of its force; declared
Steps = Callable[[ParameterSet, int], np.ndarray]


@dataclass(frozen=True)
class Target:
    """A muscle in a prepared plan: log exposure over needles, (needle, endplate), and what a table needs."""

    setup: Setup
    muscle: tuple[str, str]
    log_exposure: np.ndarray


def one_rate(half_life_d: float | None = None) -> Steps:
    """Light chain with one half-life (None: the one of the parameters)."""

    def steps(parameters: ParameterSet, days: int) -> np.ndarray:
        given = (
            parameters["junction.light_chain_half_life.a"] if half_life_d is None else np.array([half_life_d])
        )
        return day_steps(days, parameters, given)

    return steps


def two_rates(fast_d: float, slow_d: float, slow_share: float) -> Steps:
    """Light chain of which a share decays slowly."""

    def steps(parameters: ParameterSet, days: int) -> np.ndarray:
        return (1.0 - slow_share) * one_rate(fast_d)(parameters, days) + slow_share * one_rate(slow_d)(
            parameters, days
        )

    return steps


def repeated_steps(steps: np.ndarray, times: int, every: int) -> np.ndarray:
    """Light chain of equal treatments at the same sites, per unit of exposure of one of them, (day, 1)."""
    total = np.zeros_like(steps)
    for i in range(times):
        total[i * every :] += steps[: len(steps) - i * every]
    return total


def _setup(pattern: str, days: int) -> Setup:
    return prepared(plan_of(ONA, pattern=pattern), None, days)


@lru_cache(maxsize=8)
def planned(pattern: str, muscle: tuple[str, str], days: int = DAYS) -> Target:
    """A muscle under a pattern, over needles as experts place them, none behind the septum."""
    setup = _setup(pattern, days)
    repeated = many(point_parameters(), NEEDLES)
    needle = draw_needles(setup, [("expert", "none")] * len(setup.sites), repeated, 0)
    straight = chain.Needle(needle.offset_mm, np.zeros_like(needle.behind))
    return _target(setup, muscle, straight, repeated)


@lru_cache(maxsize=2)
def slipped(pattern: str, muscle: tuple[str, str], days: int = DAYS) -> Target:
    """The same where the last needle near the rim on that side went far behind the septum, the others as planned.

    Far: the upper end of the prior, where the levator's endplates come into reach.
    """
    setup = _setup(pattern, days)
    near = [
        i for i, s in enumerate(setup.placed) if setup.sites[i].slipped is not None and s.side == muscle[1]
    ]
    needle = chain.Needle.exact(1, len(setup.sites))
    needle.behind[:, near[-1]] = True
    depth = catalogue().parameter("needle.behind_septum_depth").high
    far = point_parameters().replaced(needle__behind_septum_depth=depth)
    needle.offset_mm[:, near[-1]] += deeper(setup, near[-1], far)
    return _target(setup, muscle, needle, point_parameters())


def _target(setup: Setup, muscle: tuple[str, str], needle: chain.Needle, repeated: ParameterSet) -> Target:
    row = [setup.endplates.names[i] for i in setup.active_muscles].index(muscle)
    mine = np.flatnonzero(setup.muscle == row)
    exposure = chain.exposures(np, setup, repeated, needle)[0][:, mine]
    only = replace(
        setup,
        active=setup.active[mine],
        muscle=np.zeros(len(mine), dtype=int),
        weight=setup.weight[mine],
        quantile_z=setup.quantile_z[mine],
        active_muscles=setup.active_muscles[[row]],
        classes=(setup.classes[row],),
    )
    return Target(only, muscle, np.log(np.maximum(exposure, 1e-300)))


def firing_course(at: Target, parameters: ParameterSet, steps: np.ndarray, doses: float = 1.0) -> np.ndarray:
    """Share of fibres that fire on every day with `doses` times the units of the pattern, (day + 1, needle)."""
    drive = chain.log_drive(np, at.setup, parameters, 0, np.exp(at.log_exposure)) + np.log(doses)
    grid = chain.table_grid(at.setup, drive)
    shares = chain.histograms(np, at.setup, drive, grid)[:, 0]
    return 1.0 - blocked_table(at.setup, parameters, at.setup.classes[0], steps, grid) @ shares.T


def force_course(at: Target, parameters: ParameterSet, steps: np.ndarray, doses: float = 1.0) -> np.ndarray:
    """Mean force over needles on every day with `doses` times the units of the pattern, (day + 1,)."""
    firing = firing_course(at, parameters, steps, doses)
    repeated = many(parameters, firing.shape[1])
    force = force_of(np, firing[:, :, None], np.ones(at.setup.days), repeated, at.setup.classes)
    return force[:, :, 0].mean(axis=1)


def with_potency(parameters: ParameterSet, steps: Steps) -> ParameterSet:
    """The parameters with the threshold at which this law loses 71 % of the corrugator's force on day 21."""
    at = planned(glabella(), ("corrugator_supercilii", "left"), 30)
    given = steps(parameters, 30)
    times = log_root(lambda x: 1.0 - float(force_course(at, parameters, given, np.exp(x))[21]) - LOSS_DAY21)
    threshold = float(parameters["threshold.onabotulinumtoxin_a"][0] / np.exp(times))
    return parameters.replaced(threshold__onabotulinumtoxin_a=threshold)


def log_root(rising: Callable[[float], float], low: float = -12.0, high: float = 24.0) -> float:
    """Where a rising function of a logarithm is zero (bisection)."""
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if rising(middle) < 0.0 else (low, middle)
    return 0.5 * (low + high)


def glabella() -> str:
    """The first glabellar pattern of onabotulinumtoxinA."""
    return next(
        p.id for p in catalogue().patterns.values() if p.indication == "glabellar_lines" and p.product == ONA
    )


def lids() -> str:
    """The higher label pattern of onabotulinumtoxinA for blepharospasm."""
    return "blepharospasm.onabotulinumtoxin_a.site_2_5u"


def days_below(loss: np.ndarray, level: float, start: int = 0) -> float:
    """Days from `start` until the loss falls below `level` for good (linear between days); nan if it does not."""
    over = np.flatnonzero(loss[start:] >= level)
    if not len(over):
        return 0.0
    last = start + int(over[-1])
    if last + 1 >= len(loss):
        return float("nan")
    return last - start + (loss[last] - level) / (loss[last] - loss[last + 1])


def measures(law: Steps, parameters: ParameterSet | None = None) -> dict[str, float]:
    """The four measures of one law.

    Returns:
        share of the loss of day 30 that is left on days 60, 90, 120 and 168; days gained per doubling at half of the
        peak loss; force missing on day 168 after 20 and 40 U; weeks of effect gained from the first to the fourth
        treatment every twelve weeks; days that a lid droops after one bolus behind the septum.
    """
    given = with_potency(parameters or point_parameters(), law)
    steps = law(given, DAYS)
    brow = planned(glabella(), ("corrugator_supercilii", "left"))
    loss = 1.0 - force_course(brow, given, steps)
    double = 1.0 - force_course(brow, given, steps, 2.0)
    level = 0.5 * float(loss.max())
    lid = planned(lids(), ("orbicularis_oculi_palpebral", "left"))
    first = 1.0 - force_course(lid, given, steps)
    fourth = 1.0 - force_course(lid, given, repeated_steps(steps, TIMES, EVERY_DAYS))
    half = 0.5 * float(first.max())
    behind = slipped(glabella(), ("levator_palpebrae_superioris", "left"), 250)
    short = steps[:250]
    droop = {}
    for name, peak in DROOP_PEAKS.items():
        reach = log_root(
            lambda x, p=peak: 1.0 - float(force_course(behind, given, short, np.exp(x)).min()) - p
        )
        droop[name] = days_below(1.0 - force_course(behind, given, short, np.exp(reach)), DROOP)
    return {
        "left_d60": float(loss[60] / loss[30]),
        "left_d90": float(loss[90] / loss[30]),
        "left_d120": float(loss[120] / loss[30]),
        "missing_d168_20u": float(loss[168]),
        "missing_d168_40u": float(double[168]),
        "days_per_doubling": days_below(double, level) - days_below(loss, level),
        "fourth_minus_first_weeks": (
            days_below(fourth, half, EVERY_DAYS * (TIMES - 1)) - days_below(first, half)
        )
        / 7,
        "first_weeks": days_below(first, half) / 7,
        **{f"droop_days_{name}": value for name, value in droop.items()},
    }
