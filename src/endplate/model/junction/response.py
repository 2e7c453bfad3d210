"""From light chain to fibres that still fire, for one endplate or a whole table of them.

With E the exposure over threshold (1 = half of the fibres of a median endplate fail at steady light chain):

    L(t)  = E b(t - lag),   b from supply (half-life t_s) and light-chain decay (half-life of the serotype)
    dS/dt = k_syn (1 - S) - k_cat L S                     intact SNARE, S = 1 at rest
    dQ/dt = (1 - S^n - Q) / delay,  dG/dt = (Q - G) / tau sprouts follow silence, after about three days
    m     = min(1, S^n + share G)                         quantal content over its resting value
    P     = Phi((ln SF + ln m) / sd)                     a fibre fires if m > 1 / SF, ln SF normal over fibres

k_cat is set so that E = 1 means what it says: k_cat = k_syn (SF^(1/n) - 1). Potency therefore lives in the
threshold alone, and n, SF and turnover change shapes only.

Each step of S is exact for a light chain held at its mean over the step, hence monotone in exposure.

Sources: chain after the mechanism evidence P5 (persistence, release law), P6 (sprouts), P7 (safety factor).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.model.backend import normal_cdf, scan
from endplate.model.parameters import ParameterSet

Array = Any
LN2 = math.log(2.0)
_GAUSS = 0.5 / math.sqrt(3.0)  # two-point Gauss rule for the mean over a step


def light_chain(xp: Any, time_d: Array, supply_half_life_d: Array, half_life_d: Array, lag_d: Array) -> Array:
    """Light chain per unit of exposure at `time_d` after the injection.

    b(t) = k_s (exp(-lambda t) - exp(-k_s t)) / (k_s - lambda), written so that equal rates do no harm.

    Args:
        time_d: days after the injection (negative: none yet), any shape that broadcasts with the rates.
    """
    k_s, decay = LN2 / supply_half_life_d, LN2 / half_life_d
    t = xp.maximum(time_d - lag_d, 0.0)
    gap = (k_s - decay) * t
    small = xp.abs(gap) < 1e-8
    safe = xp.where(small, 1.0, gap)
    ratio = xp.where(small, 1.0 - 0.5 * gap, -xp.expm1(-safe) / safe)
    return k_s * t * xp.exp(-decay * t) * ratio


def mean_light_chain(
    xp: Any, start_d: Array, step_d: float, supply: Array, half_life: Array, lag: Array
) -> Array:
    """Mean of `light_chain` over [start, start + step] (two-point Gauss rule)."""
    middle = start_d + 0.5 * step_d
    early = light_chain(xp, middle - _GAUSS * step_d, supply, half_life, lag)
    return 0.5 * (early + light_chain(xp, middle + _GAUSS * step_d, supply, half_life, lag))


def cleavage_gain(xp: Any, safety_factor: Array, power: Array) -> Array:
    """k_cat / k_syn that puts the half-block level of a median fibre at E = 1."""
    return safety_factor ** (1.0 / power) - 1.0


def quantal_course(
    xp: Any, drive: Array, parameters: ParameterSet, step_d: float = 1.0, *, sprouts: bool = True
) -> Array:
    """Relative quantal content over time.

    Args:
        drive: k_cat L / k_syn as mean over each step, (step, draw, point).
        parameters: the `junction.*` values, (draw,).
        sprouts: False switches the sprout term off.

    Returns:
        m at the end of each step, (step, draw, point), between 0 and 1.
    """

    def column(name: str) -> Array:
        return xp.asarray(parameters[f"junction.{name}"])[:, None]

    k_syn = LN2 / column("snare_turnover_half_life")
    power = column("release_power")
    follow = xp.exp(-step_d / column("sprout_delay"))
    retract = xp.exp(-step_d * LN2 / column("sprout_retraction_half_life"))
    share = column("sprout_share") if sprouts else 0.0

    def step(state: tuple[Array, Array, Array], load: Array) -> tuple[tuple[Array, Array, Array], Array]:
        intact, silence, grown = state
        settle = 1.0 / (1.0 + load)
        intact = settle + (intact - settle) * xp.exp(-k_syn * step_d * (1.0 + load))
        release = xp.exp(power * xp.log(intact))
        quiet = 1.0 - release
        silence = quiet + (silence - quiet) * follow
        grown = silence + (grown - silence) * retract
        return (intact, silence, grown), xp.minimum(1.0, release + share * grown)

    zero = xp.zeros(drive.shape[1:])
    return scan(xp, step, (zero + 1.0, zero, zero), drive)


def firing_share(xp: Any, quantal: Array, safety_factor: Array, safety_log_sd: Array) -> Array:
    """Share of fibres that fire at relative quantal content m, relative to the share at rest.

    P(m) = Phi((ln SF + ln m) / sd) / Phi(ln SF / sd).
    """
    margin = xp.log(safety_factor)
    firing = normal_cdf(xp, (margin + xp.log(xp.maximum(quantal, 1e-300))) / safety_log_sd)
    return firing / normal_cdf(xp, margin / safety_log_sd)


def response_days(days: int) -> np.ndarray:
    """Days at which a response is kept: every day early on, fewer later (the rest is interpolated)."""
    if days <= 40:
        return np.arange(days + 1)
    grid = np.concatenate(
        [np.arange(31), np.arange(33, 91, 3), np.arange(95, 186, 5), np.arange(192, days, 7)]
    )
    return np.unique(np.concatenate([grid[grid <= days], [days]])).astype(int)


@lru_cache(maxsize=32)
def interpolation_matrix(nodes_d: tuple[int, ...], days: int) -> np.ndarray:
    """Weights of four-point Lagrange interpolation from `nodes_d` to every day 0..days, (day, node)."""
    out = np.zeros((days + 1, len(nodes_d)))
    for day in range(days + 1):
        right = int(np.searchsorted(nodes_d, day))
        if nodes_d[min(right, len(nodes_d) - 1)] == day:
            out[day, right] = 1.0
            continue
        first = min(max(right - 2, 0), len(nodes_d) - 4)
        local = np.array(nodes_d[first : first + 4], dtype=float)
        for i in range(4):
            others = np.delete(local, i)
            out[day, first + i] = np.prod((day - others) / (local[i] - others))
    return out
