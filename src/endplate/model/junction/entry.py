"""How toxin gets into a motor terminal: bulk -> free -> bound -> internalised -> lytic.

    d bulk/dt         = - supply * bulk                          (four-step chain only)
    d free/dt         =   supply * bulk - binding * free
    d bound/dt        =   binding * free - internalisation * bound
    d internalised/dt =   internalisation * bound - lytic * internalised
    d lytic/dt        =   lytic * internalised,                   tension = 1 - lytic

Rates per minute. Antitoxin reaches what is unbound or bound, not what is internalised. The linear chain has no
dose (any amount gives the same course), no reversal, no recovery: it is an onset benchmark, not the clinical engine.
Sources: Simpson 1980 (rows P2.1, P3.1, P3.4, M1), Lebeda 2008 (rows P3.5-P3.7, M2, M3, B1-B4).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.errors import ModelError
from endplate.model.junction.linear import accumulated, chain_matrix, propagator, states

POOLS_THREE_STEP = ("free", "bound", "internalised", "lytic")
POOLS_FOUR_STEP = ("bulk", *POOLS_THREE_STEP)
BINDING_Q10 = 1.6  # row P2.2
KD_SYNAPTOSOME_NM = 0.52  # row P2.5
TOXIN_KDA = 150.0
SUPPLY_PER_MIN = {"isolated_junction": 0.01, "mouse_muscle": 0.001, "human_muscle": 0.00015}  # row P3.7


@dataclass(frozen=True)
class EntryRates:
    """First-order rates of entry, per minute, rat diaphragm at 35 C and 0.01 Hz (rows P2.1, P3.1, P3.4).

    `supply_per_min` None is the three-step chain, which starts free; a number starts the toxin in the bulk.
    The human supply rate, 0.00015, is a fit and not a measurement: nothing measured supports a wait of 3.2 days.
    """

    supply_per_min: float | None = None
    binding_per_min: float = 0.058
    internalisation_per_min: float = 0.141
    lytic_per_min: float = 0.013

    def __post_init__(self) -> None:
        for rate in self.chain:
            if not (math.isfinite(rate) and rate > 0):
                raise ModelError(
                    f"An entry rate of {rate} per minute.", "Rates are finite and above zero.", ""
                )

    @property
    def chain(self) -> tuple[float, ...]:
        """The rates in the order of the steps."""
        first = () if self.supply_per_min is None else (self.supply_per_min,)
        return (*first, self.binding_per_min, self.internalisation_per_min, self.lytic_per_min)

    @property
    def pools(self) -> tuple[str, ...]:
        """Names of the pools, in the order of the columns of `entry_course`."""
        return POOLS_THREE_STEP if self.supply_per_min is None else POOLS_FOUR_STEP

    @property
    def unbound(self) -> tuple[int, ...]:
        """Columns of the pools that are not bound: free, and the bulk where there is one."""
        return tuple(range(len(self.pools) - 3))


THREE_STEP = EntryRates()
FOUR_STEP_HUMAN = EntryRates(supply_per_min=SUPPLY_PER_MIN["human_muscle"])


def entry_course(
    rates: EntryRates, times_min: Sequence[float] | np.ndarray, antibody_share: float = 0.0, xp: Any = np
) -> Any:
    """Pools over time, as shares of the toxin given: (t,) minutes -> (t, pools).

    Antibodies take `antibody_share` (0..1) of the toxin while it is free, before anything is bound: in a linear
    chain every pool is then (1 - share) of itself. How large the share is at a titre was not found; section P9 of
    the evidence counts patients with antibodies, not neutralised toxin.
    """
    return states(chain_matrix(rates.chain, xp), _start(rates, antibody_share), times_min, xp)


def tension(
    rates: EntryRates, times_min: Sequence[float] | np.ndarray, antibody_share: float = 0.0, xp: Any = np
) -> Any:
    """Twitch tension as a share of the start, 1 - lytic: the linear read-out of Lebeda 2008 (limit iv of row M3)."""
    return 1.0 - entry_course(rates, times_min, antibody_share, xp)[:, -1]


def time_to_tension_min(rates: EntryRates, level: float = 0.1) -> float:
    """Minutes until tension has fallen to `level`; 0.1 is the t10 of the benchmarks B1 and B2."""
    return _falls_to(rates, level, lambda state: 1.0 - state[-1])


def t10_min(rates: EntryRates) -> float:
    """Minutes until tension is 10 % (benchmarks B1, B2)."""
    return time_to_tension_min(rates, 0.1)


def t_inhib_min(rates: EntryRates, level: float = 0.1) -> float:
    """Minutes until unbound toxin (bulk + free) is down to `level`: an inhibitor of binding is then late (B4)."""
    return _falls_to(rates, level, lambda state: float(np.sum(state[list(rates.unbound)])))


def auc_unbound(
    rates: EntryRates, amount: float, until_min: float = math.inf, pools: Sequence[str] = ("bulk", "free")
) -> float:
    """Area under the unbound toxin, amount x minutes (B3). To infinity each pool gives amount / its rate."""
    chosen = [index for index in rates.unbound if rates.pools[index] in pools]
    if math.isinf(until_min):
        return amount * math.fsum(1.0 / rates.chain[index] for index in chosen)
    weights = [1.0 if index in chosen else 0.0 for index in range(len(rates.pools))]
    return amount * float(accumulated(chain_matrix(rates.chain), _start(rates, 0.0), weights, until_min))


def at_temperature(rates: EntryRates, temperature_c: float, measured_c: float = 35.0) -> EntryRates:
    """The chain with its binding step moved to another temperature by Q10 = 1.6 (row P2.2); other steps unchanged.

    Valid 4-37 C. The evidence gives a Q10 for binding only. (Rows P2.3-P2.6: 4 C to 35 C by this rule gives 0.059
    and 0.031, the paper's 0.056 and 0.029 are what a difference of 30 degrees gives.)
    """
    return replace(rates, binding_per_min=rates.binding_per_min * q10_factor(temperature_c, measured_c))


def q10_factor(temperature_c: float, measured_c: float, q10: float = BINDING_Q10) -> float:
    """Factor on a rate between two temperatures, q10**((T - T0)/10)."""
    if not all(math.isfinite(t) and 0 <= t <= 45 for t in (temperature_c, measured_c)):
        raise ModelError(
            f"Binding at {temperature_c} C.", "Temperatures of 0 to 45 C have a meaning here.", ""
        )
    return q10 ** ((temperature_c - measured_c) / 10.0)


def lytic_rate_per_min(frequency_hz: float) -> float:
    """Use dependence of the last step: frequency[Hz] = -0.54 + 43.25 * rate[1/min], solved for the rate (row P3.6).

    The paper prints +0.54. With it the rate 0.013 belongs to 1.10 Hz, which was not stimulated; with -0.54 the
    rates 0.013 and 0.019 belong to 0.02 and 0.28 Hz, the range of row P3.5. The intercept's standard error is 0.67.
    Valid: 0.01 to 0.28 Hz.
    """
    if not 0.0 <= frequency_hz <= 0.5:
        raise ModelError(
            f"Stimulation at {frequency_hz} Hz.",
            "The regression was made between 0.01 and 0.28 Hz (row P3.6).",
            "Give a frequency up to 0.5 Hz, or the lytic rate itself.",
        )
    return (frequency_hz + 0.54) / 43.25


def linearity_error(
    dose_u: float, volume_ml: float, pg_per_u: float, kd_nm: float = KD_SYNAPTOSOME_NM
) -> float:
    """First-order relative error of taking binding as linear: concentration / Kd, in the fluid as injected.

    Bound at equilibrium is R C / (Kd + C); linear is R C / Kd; their relative difference is C / Kd + O(C**2).
    Tissue dilutes the fluid, so this is an upper bound. 4 U of 9.0 pg/U (row P1.1) in 0.1 mL: 2.4 pM, 0.46 %.
    """
    if min(volume_ml, pg_per_u, kd_nm) <= 0 or dose_u < 0:
        raise ModelError("A dose, volume, mass or Kd is not positive.", "", "Give positive numbers.")
    concentration_nm = dose_u * pg_per_u / TOXIN_KDA / volume_ml * 1e-3
    return concentration_nm / kd_nm


def _start(rates: EntryRates, antibody_share: float) -> np.ndarray:
    if not 0.0 <= antibody_share <= 1.0:
        raise ModelError(f"An antibody share of {antibody_share}.", "It lies between 0 and 1.", "")
    start = np.zeros(len(rates.pools))
    start[0] = 1.0 - antibody_share
    return start


def _falls_to(rates: EntryRates, level: float, read: Callable[[np.ndarray], float]) -> float:
    """Bisection on a read-out that falls from 1 towards 0; relative width 1e-14."""
    if not 0.0 < level < 1.0:
        raise ModelError(f"A level of {level}.", "It lies between 0 and 1.", "")
    matrix, start = chain_matrix(rates.chain), _start(rates, 0.0)
    low, high = 0.0, 1.0 / max(rates.chain)
    while read(propagator(matrix, high) @ start) > level:
        low, high = high, 2.0 * high
    while high - low > 1e-14 * high and low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if read(propagator(matrix, middle) @ start) > level else (low, middle)
    return 0.5 * (low + high)
