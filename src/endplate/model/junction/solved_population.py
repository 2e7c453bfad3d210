"""The junction solved for a whole population: every person with rates of their own, no table.

The equations of `response` for one injection, with u = t - lag and the light chain over k_syn / k_cat:

    dD/du = -k_s D,   dL/du = k_s D - lambda L        depot and light chain; D = gain x exposure and L = 0 at u = 0
    dS/dv = sigma - S,   dv/du = k_syn (1 + L),   sigma = 1 / (1 + L)
    dQ/du = (1 - S^n - Q) / delay,   dG/du = (Q - G) / tau,   m = min(1, S^n + share G)

A step carries D, L and v exactly. In v, a clock that runs at the speed of SNARE turnover, sigma is taken as a parabola
through both ends and the middle of the step; S then has a closed form and settles where turnover is fast. Q and G take
the parabola through 1 - S^n at the same three places, their exponentials exact. Steps are a day, parts of one early on.

Floor, per 10,000 persons x 180 days: 270 steps of 75 array operations and 6 transcendental calls are 2.2e8 operations,
0.1 s at the 2 to 3 GB/s x 8 bytes that NumPy moves within a core's cache; the result itself, 14 MB, is 1 ms.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from endplate.errors import ModelError
from endplate.model.junction.response import LN2, cleavage_gain, light_chain
from endplate.model.parameters import ParameterSet

PART = 2500  # persons solved at once: some 60 vectors of 8 bytes, 1.2 MB
GRADING = (
    (3, 24),
    (6, 8),
    (12, 4),
    (22, 2),
)  # (before this day, steps a day); then one a day; the same for everybody
_AT, _WEIGHT = (np.polynomial.legendre.leggauss(8)[0] + 1.0) / 2, np.polynomial.legendre.leggauss(8)[1] / 2
# Parabolas that are 1 at the start, the middle, the end of a step and 0 at the other two, times the weights.
_PARABOLAS = _WEIGHT * np.array([(1 - _AT) * (1 - 2 * _AT), 4 * _AT * (1 - _AT), _AT * (2 * _AT - 1)])
MOST_LOAD = 1e12  # of the light chain: more changes nothing, and this much can still be squared
_TINY = 1e-30  # keeps the clock's increments above 0 in a step of no length (a person whose lag is not over)


def solve_population(
    parameters: ParameterSet,
    exposure: np.ndarray,
    days: int,
    *,
    serotype: str = "a",
    muscle_class: str = "mimic",
    fineness: int = 1,
    threads: int | None = None,
) -> np.ndarray:
    """Quantal content of one endplate of each person, relative to rest, on day 0..days after one injection.

    Args:
        parameters: `junction.*`, (person,).
        exposure: exposure over threshold, (person,), not negative.
        fineness: multiplies the number of steps; the error falls with its fourth power.
        threads: parts solved at a time; None takes the processors there are, eight at most.
    Returns:
        (days + 1, person), between 0 and 1.
    Raises:
        ModelError: an exposure that is negative, not finite or not one a person; fineness below 1.
    Order: 4; a person's course does not depend on who else is solved, nor on the threads.
    Keeps: 0 < S <= 1 at any exposure.   Valid: lag up to 3 days, SNARE half-life up to 100 days (rounding); equal rates
    and any exposure. Error 1e-6 at catalogue values, 1e-5 where half-lives are a tenth of a day or exposures over 100.
    """
    exposure = np.asarray(exposure, dtype=float)
    persons = parameters.draws
    if exposure.shape != (persons,) or not np.isfinite(exposure).all() or (exposure < 0).any():
        raise ModelError(
            "An exposure is negative, not finite or missing.",
            f"There is one for each of {persons} persons.",
            "Check the exposures.",
        )
    if fineness < 1 or days < 0:
        raise ModelError(f"{days} days at fineness {fineness}.", "Not below 0 and 1.", "")
    out = np.empty((days + 1, persons))
    parts = [slice(start, start + PART) for start in range(0, persons, PART)]

    def solve(part: slice) -> None:
        rates = _Rates.of(parameters.chunk(part.start, part.stop), serotype, muscle_class)
        _solve(rates, exposure[part], fineness, out[:, part])

    if (threads := threads or min(8, os.cpu_count() or 1)) == 1 or len(parts) < 2:
        for part in parts:
            solve(part)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(solve, parts))
    return out


@dataclass(frozen=True)
class _Rates:
    """Rates per day and the other constants, (person,) each."""

    supply: np.ndarray
    decay: np.ndarray
    lag: np.ndarray
    turnover: np.ndarray
    power: np.ndarray
    follow: np.ndarray
    retract: np.ndarray
    share: np.ndarray
    gain: np.ndarray

    @classmethod
    def of(cls, p: ParameterSet, serotype: str, muscle_class: str) -> _Rates:
        power = p["junction.release_power"]
        return cls(
            LN2 / p["junction.supply_half_life"],
            LN2 / p[f"junction.light_chain_half_life.{serotype}"],
            p["junction.lag"],
            LN2 / p["junction.snare_turnover_half_life"],
            power,
            1.0 / p["junction.sprout_delay"],
            LN2 / p["junction.sprout_retraction_half_life"],
            p["junction.sprout_share"],
            cleavage_gain(np, p[f"junction.safety_factor.{muscle_class}"], power),
        )


class _Step:
    """Weights of a step of h days (person,): what each state at its start adds to each at its middle and end."""

    def __init__(self, r: _Rates, h: np.ndarray) -> None:
        self.depot = np.exp(-r.supply * h)
        self.middle = self._light_chain(r, 0.5 * h, _TINY)
        self.end = self._light_chain(r, h, 2.0 * _TINY)
        left = (1.0 - _AT)[:, None] * h  # days from a node to the end of the step
        self.silence = np.exp(-r.follow * h)
        self.silence_fed = _PARABOLAS @ np.exp(-r.follow * left) * (r.follow * h)
        self.grown = np.exp(-r.retract * h)
        self.grown_by_silence = _passed_on(h, r.follow, r.retract) * r.retract / r.follow
        self.grown_fed = _PARABOLAS @ _passed_on(left, r.follow, r.retract) * (r.retract * h)

    @staticmethod
    def _light_chain(r: _Rates, h: np.ndarray, least: float) -> tuple[np.ndarray, ...]:
        """Of the light chain: kept, supplied; of the clock: its own, by light chain, by depot."""
        inside = _AT[:, None] * h
        pace = np.maximum(r.turnover * h, least)
        by_chain = _WEIGHT @ np.exp(-r.decay * inside) * pace
        by_depot = _WEIGHT @ _passed_on(inside, r.supply, r.decay) * pace
        return np.exp(-r.decay * h), _passed_on(h, r.supply, r.decay), pace, by_chain, by_depot


def _passed_on(time_d: np.ndarray, rate: np.ndarray, next_rate: np.ndarray) -> np.ndarray:
    """What a pool that drained at `rate` has left, after `time_d`, in one that drains at `next_rate`."""
    return light_chain(np, time_d, LN2 / rate, LN2 / next_rate, 0.0)


def _power(base: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    return np.exp(exponent * np.log(base))


def _solve(r: _Rates, exposure: np.ndarray, fineness: int, out: np.ndarray) -> None:
    depot = np.minimum(exposure * r.gain, MOST_LOAD)
    load, silence, grown, quiet = (np.zeros_like(depot) for _ in range(4))
    intact = sigma = release = np.ones_like(depot)
    last_lag, known, step = float(r.lag.max()), 0, _Step(r, np.zeros_like(depot))
    out[0] = 1.0
    for day in range(len(out) - 1):
        count = fineness * next((n for until, n in GRADING if day < until), 1)
        if count != known or day <= last_lag + 1.0:  # later a step is as long for everybody
            step, known = _Step(r, np.clip(day + 1.0 - r.lag, 0.0, 1.0) / count), count
        for _ in range(count):
            kept, supplied, own, by_chain, by_depot = step.middle
            clock_m = own + by_chain * load + by_depot * depot
            sigma_m = 1.0 / (1.0 + kept * load + supplied * depot)
            kept, supplied, own, by_chain, by_depot = step.end
            clock = own + by_chain * load + by_depot * depot
            load = kept * load + supplied * depot
            depot = step.depot * depot
            sigma_1 = 1.0 / (1.0 + load)
            part = clock_m / clock
            rest = 1.0 - part
            # Height of the parabola's control point. Above 0, so is S; smooth courses never touch the bounds.
            control = (sigma_m - rest * rest * sigma - part * part * sigma_1) / (2.0 * part * rest)
            control = np.minimum(np.maximum(control, 0.5 * np.minimum(sigma, sigma_1)), 1.0)
            bend = (sigma - 2.0 * control + sigma_1) / (clock * clock)
            slope = 2.0 * (control - sigma) / clock - 2.0 * bend
            base = sigma - slope
            away = intact - base
            intact_m = base + clock_m * (slope + bend * clock_m) + away * np.exp(-clock_m)
            intact = base + clock * (slope + bend * clock) + away * np.exp(-clock)
            release = _power(intact, r.power)
            quiet_m, quiet_1 = 1.0 - _power(intact_m, r.power), 1.0 - release
            start, middle, end = step.grown_fed
            grown = (
                step.grown * grown
                + step.grown_by_silence * silence
                + start * quiet
                + middle * quiet_m
                + end * quiet_1
            )
            start, middle, end = step.silence_fed
            silence = step.silence * silence + start * quiet + middle * quiet_m + end * quiet_1
            sigma, quiet = sigma_1, quiet_1
        np.minimum(1.0, release + r.share * grown, out=out[day + 1])
