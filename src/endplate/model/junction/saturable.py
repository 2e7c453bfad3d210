"""Entry with saturable, reversible binding, for in-vitro and systemic questions (the clinical range is linear).

    d bulk/dt         = - supply * bulk
    d free/dt         =   supply * bulk - kon * free * (Rtot - B) + koff * B
    d B/dt            =   kon * free * (Rtot - B) - koff * B - internalisation * B
    d internalised/dt =   internalisation * B - lytic * internalised
    d lytic/dt        =   lytic * internalised

All pools in nM of the bathing volume. A receptor is free again once its toxin is internalised (assumed: whether it
returns at once was not found). Rtot = 0.058 / 0.056 = 1.04 nM is an apparent value: the one with which the low-dose
limit binds at the measured 0.058 per minute. Row P2.7 (R = 8.6, unbound 0.69, bound 0.31 at Ttot = 1) does not
satisfy the paper's own Kd at equilibrium (0.69 * (8.6 - 0.31) / 0.31 = 18, Kd = 5.2 in the same units): not used.
Sources: rows P2.5, P2.6 (Lebeda 2008), P3.1, P3.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from endplate.errors import ModelError
from endplate.model.junction.entry import THREE_STEP, EntryRates

MOST_STEPS = 400_000


@dataclass(frozen=True)
class SaturableBinding:
    """Binding constants at 35 C (row P2.6) and the apparent receptor concentration."""

    on_per_nm_min: float = 0.056
    off_per_min: float = 0.029
    receptor_nm: float = 0.058 / 0.056

    def __post_init__(self) -> None:
        numbers = (self.on_per_nm_min, self.off_per_min, self.receptor_nm)
        if (
            not all(math.isfinite(n) and n >= 0 for n in numbers)
            or self.on_per_nm_min == 0
            or self.receptor_nm == 0
        ):
            raise ModelError(
                "A binding constant is negative, zero or not finite.", "", "Give positive constants."
            )

    @property
    def kd_nm(self) -> float:
        """koff / kon; 0.52 nM at the defaults (row P2.5)."""
        return self.off_per_min / self.on_per_nm_min


def saturable_course(
    times_min: Sequence[float] | np.ndarray,
    toxin_nm: float,
    binding: SaturableBinding | None = None,
    rates: EntryRates = THREE_STEP,
    antibody_share: float = 0.0,
    tolerance: float = 1e-8,
) -> np.ndarray:
    """Pools of entry with saturable binding: (t,) minutes -> (t, 5) nM: bulk, free, bound, internalised, lytic.

    Args:
        toxin_nm: toxin given, free (three-step rates) or in the bulk (four-step rates); `rates.binding_per_min`
            is not used.
        antibody_share: share of the toxin neutralised before it binds, 0..1.
        tolerance: largest step-doubling error allowed, as a share of `toxin_nm`.
    Raises:
        ModelError: a bad input, or more than 400,000 steps (days of a fast graph: take the linear chain).
    Order: 4 in time (classical Runge-Kutta, steps halved until the doubling error / 15 is within tolerance).
    Keeps: total toxin, to rounding.   Valid: minutes to days.
    """
    binding = binding or SaturableBinding()
    times = np.asarray(times_min, dtype=float)
    if times.ndim != 1 or not np.all(np.isfinite(times)) or np.any(np.diff(times, prepend=0.0) < 0):
        raise ModelError(
            "The times do not ascend from zero.", "", "Give finite times in ascending order, from 0 on."
        )
    if not (math.isfinite(toxin_nm) and toxin_nm >= 0 and 0 <= antibody_share <= 1):
        raise ModelError(
            f"Toxin {toxin_nm} nM, antibody share {antibody_share}.", "Not below 0; share up to 1.", ""
        )
    start = np.zeros(5)
    start[1 if rates.supply_per_min is None else 0] = toxin_nm * (1.0 - antibody_share)
    steady = (
        rates.supply_per_min or 0.0,
        rates.internalisation_per_min,
        rates.lytic_per_min,
        binding.off_per_min,
    )
    fastest = max(*steady, binding.on_per_nm_min * (binding.receptor_nm + toxin_nm))
    steps, coarse = [max(1, math.ceil(width * fastest)) for width in np.diff(times, prepend=0.0)], None
    while sum(steps) <= MOST_STEPS:
        fine = _runge_kutta(start, times, steps, binding, rates)
        if coarse is not None and np.max(np.abs(fine - coarse), initial=0.0) <= 15.0 * tolerance * toxin_nm:
            return fine
        coarse, steps = fine, [2 * count for count in steps]
    raise ModelError(
        f"Saturable binding over {times[-1]:.3g} min needs more than {MOST_STEPS} steps.",
        "",
        "Shorten the time, loosen the tolerance, or take the linear chain (`entry_course`).",
    )


def _runge_kutta(
    start: np.ndarray, times: np.ndarray, steps: list[int], binding: SaturableBinding, rates: EntryRates
) -> np.ndarray:
    """Fixed-step classical Runge-Kutta; steps[i] equal steps up to times[i]. Plain floats: five pools are too few
    for array arithmetic to pay."""
    on, off, receptors = binding.on_per_nm_min, binding.off_per_min, binding.receptor_nm
    supply, inward, lytic = rates.supply_per_min or 0.0, rates.internalisation_per_min, rates.lytic_per_min

    def slope(y: tuple[float, ...]) -> tuple[float, ...]:
        supplied, bound_net = supply * y[0], on * y[1] * (receptors - y[2]) - off * y[2]
        internalised, released = inward * y[2], lytic * y[3]
        return (-supplied, supplied - bound_net, bound_net - internalised, internalised - released, released)

    def ahead(y: tuple[float, ...], slope_: tuple[float, ...], step: float) -> tuple[float, ...]:
        return tuple(value + step * change for value, change in zip(y, slope_, strict=True))

    state, now, rows = tuple(float(value) for value in start), 0.0, []
    for time, count in zip(times, steps, strict=True):
        step = (float(time) - now) / count
        for _ in range(count if step > 0 else 0):
            first = slope(state)
            second = slope(ahead(state, first, step / 2))
            third = slope(ahead(state, second, step / 2))
            fourth = slope(ahead(state, third, step))
            mean = zip(first, second, third, fourth, strict=True)
            state = ahead(state, tuple((a + 2 * b + 2 * c + d) / 6 for a, b, c, d in mean), step)
        now = float(time)
        rows.append(state)
    return np.array(rows).reshape(len(rows), 5)
