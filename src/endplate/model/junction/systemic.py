"""Toxin in the blood, the junctions it reaches there, and what antitoxin at a given hour still saves.

    d site/dt  = - leaving * site                      (injected tissue, gut or wound; a share `escape` reaches blood)
    d blood/dt =   leaving * escape * site - (elimination + uptake_r + uptake_b) * blood
    d bound_j/dt = uptake_j * blood - internalisation * bound_j        j = respiratory, bulbar
    d internalised_j/dt = internalisation * bound_j - lytic * internalised_j,   d lytic_j/dt = lytic * internalised_j

The graph is linear in the amount given: pools are shares of it. Antitoxin takes a share of what is in the blood and
of what is bound, at once, and stays in the blood, so that toxin which arrives later is met too; it does not touch
what is internalised (row M1). No amount is called lethal or weakening here: the published human doses differ 13 to
21-fold (rows P10.1, P10.3), and the uptake by junctions was not found at all: see PRIORS.
Sources: rows P3.1, P3.4, P10.1-P10.14, M1. Not clinical advice on when to give antitoxin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from endplate.errors import ModelError
from endplate.model.junction.linear import propagator, states

POOLS = (
    "site", "lost_at_site", "blood", "eliminated", "neutralised",
    "bound_respiratory", "bound_bulbar", "internalised_respiratory", "internalised_bulbar",
    "lytic_respiratory", "lytic_bulbar",
)  # fmt: skip
_AT = {name: index for index, name in enumerate(POOLS)}


@dataclass(frozen=True)
class Prior:
    """A declared log-normal prior by its 5-95 % interval. Grade D: a guess with a width, no measurement of man."""

    value: float
    low: float
    high: float
    unit: str
    grade: str
    note: str

    def draw(self, rng: np.random.Generator) -> float:
        """One log-normal draw, kept within three of its standard deviations."""
        spread = math.log(self.high / self.low) / (2 * 1.6448536269514722)
        return self.value * math.exp(spread * float(np.clip(rng.standard_normal(), -3.0, 3.0)))


PRIORS = {
    "leaving_per_h": Prior(
        0.009, 0.002, 0.04, "1/h", "D", "the human 0.00015/min, itself a fit (P3.7), widened"
    ),
    "escape": Prior(0.1, 0.01, 0.5, "share", "D", "most stays at the site (P10.14); no share given"),
    "half_life_min": Prior(245.0, 230.0, 260.0, "min", "C", "mouse and rat (P10.6); no human figure"),
    "uptake_share": Prior(
        0.02, 0.001, 0.2, "share", "D", "of toxin in blood that ends at motor junctions: not found"
    ),
    "respiratory_share": Prior(
        0.5, 0.25, 0.75, "share", "D", "of that uptake, respiratory against bulbar: not found"
    ),
    "bound_reach": Prior(
        0.8, 0.4, 1.0, "share", "D", "of bound toxin that antitoxin reaches: qualitative only (M1)"
    ),
}


@dataclass(frozen=True)
class Systemic:
    """Parameters of the systemic graph; the defaults are the centres of PRIORS, the entry steps rows P3.1 and P3.4."""

    leaving_per_h: float = PRIORS["leaving_per_h"].value
    escape: float = PRIORS["escape"].value
    half_life_min: float = PRIORS["half_life_min"].value
    uptake_share: float = PRIORS["uptake_share"].value
    respiratory_share: float = PRIORS["respiratory_share"].value
    bound_reach: float = PRIORS["bound_reach"].value
    blood_reach: float = 1.0  # share of toxin in blood that antitoxin takes
    internalisation_per_min: float = 0.141
    lytic_per_min: float = 0.013

    def __post_init__(self) -> None:
        shares = (self.escape, self.uptake_share, self.respiratory_share, self.bound_reach, self.blood_reach)
        rates = (self.leaving_per_h, self.half_life_min, self.internalisation_per_min, self.lytic_per_min)
        if not all(0.0 <= share <= 1.0 for share in shares) or self.uptake_share >= 1.0:
            raise ModelError("A systemic share lies outside 0 to 1.", "", "Give shares; the uptake below 1.")
        if not all(math.isfinite(rate) and rate > 0 for rate in rates):
            raise ModelError("A systemic rate or half-life is not positive.", "", "Give positive numbers.")


def draw_systemic(rng: np.random.Generator) -> Systemic:
    """One draw of all PRIORS; shares are cut at 1 (uptake at 0.5)."""
    drawn = {name: prior.draw(rng) for name, prior in PRIORS.items()}
    limits = {"uptake_share": 0.5, "leaving_per_h": math.inf, "half_life_min": math.inf}
    return Systemic(**{name: min(value, limits.get(name, 1.0)) for name, value in drawn.items()})


def systemic_course(
    times_h: Sequence[float] | np.ndarray,
    parameters: Systemic | None = None,
    antitoxin_h: float | None = None,
    in_blood: float = 0.0,
) -> np.ndarray:
    """Pools as shares of the toxin given: (t,) hours -> (t, 11), columns POOLS; rows sum to one.

    Args:
        antitoxin_h: hour of antitoxin; None or inf for none. At that very hour the pools are those after it.
        in_blood: share of the toxin that is in the blood from the start; the rest is at the site.
    Keeps: the total, to 1e-10.   Order: exact (uniformisation).
    """
    parameters = parameters or Systemic()
    times = np.asarray(times_h, dtype=float)
    start = _start(in_blood)
    if antitoxin_h is None or antitoxin_h == math.inf:
        return states(_matrix(parameters, 0.0), start, times)
    if not (math.isfinite(antitoxin_h) and antitoxin_h >= 0):
        raise ModelError(
            f"Antitoxin at hour {antitoxin_h}.", "Hours count from the exposure.", "Give an hour from 0 on."
        )
    before = states(_matrix(parameters, 0.0), start, times[times < antitoxin_h])
    at_hour = _neutralise(propagator(_matrix(parameters, 0.0), antitoxin_h) @ start, parameters)
    after = states(
        _matrix(parameters, parameters.blood_reach), at_hour, times[times >= antitoxin_h] - antitoxin_h
    )
    return np.concatenate([before, after])


def internalised_share(course: np.ndarray, where: str) -> np.ndarray:
    """Toxin inside the terminals (internalised + lytic) of "respiratory" or "bulbar" junctions: (t, 11) -> (t,)."""
    if where not in ("respiratory", "bulbar"):
        raise ModelError(f"No junctions called `{where}`.", "They are respiratory and bulbar.", "")
    return course[:, _AT[f"internalised_{where}"]] + course[:, _AT[f"lytic_{where}"]]


def saved_by_antitoxin(
    antitoxin_h: Sequence[float] | np.ndarray,
    parameters: Systemic | None = None,
    in_blood: float = 0.0,
    horizon_h: float = 2400.0,
) -> np.ndarray:
    """Share of the toxin that would get into respiratory junctions that antitoxin at each hour keeps out: (h,) -> (h,).

    1 - (internalised with) / (internalised without), both at `horizon_h`. Never rises with the hour. It is a share of
    toxin, not of patients or of ventilator days.
    """
    parameters = parameters or Systemic()
    without = internalised_share(systemic_course([horizon_h], parameters, None, in_blood), "respiratory")[0]
    if without <= 0:
        raise ModelError(
            "Nothing reaches the junctions with these shares.", "", "Give an uptake and an escape above 0."
        )
    saved = []
    for hour in np.asarray(antitoxin_h, dtype=float):
        with_it = systemic_course([horizon_h], parameters, float(hour), in_blood)
        saved.append(1.0 - internalised_share(with_it, "respiratory")[0] / without)
    return np.array(saved)


def lethal_dose_range_ng(weight_kg: float = 70.0) -> tuple[float, float]:
    """Lowest and highest published human parenteral lethal dose of type A, ng: the gap, not a threshold.

    7 ng per adult (0.1 ng/kg, derived from the 2004 cases, P10.3; also the low end of P10.2) to 150 ng per 70 kg
    (P10.1, recalled). Those are 12.9 to 21.4 times apart; one cannot be preferred on this evidence.
    """
    if not (math.isfinite(weight_kg) and weight_kg > 0):
        raise ModelError(f"A weight of {weight_kg} kg.", "", "Give a positive weight.")
    return 7.0 * weight_kg / 70.0, 150.0 * weight_kg / 70.0


def lethal_dose_share(dose_u: float, pg_per_u: float, weight_kg: float = 70.0) -> tuple[float, float]:
    """A dose as (lowest, highest) share of the published lethal doses, by neurotoxin mass."""
    if not (dose_u >= 0 and pg_per_u > 0):
        raise ModelError("A dose or a mass per unit is not positive.", "", "Give positive numbers.")
    mass_ng = dose_u * pg_per_u * 1e-3
    low_ng, high_ng = lethal_dose_range_ng(weight_kg)
    return mass_ng / high_ng, mass_ng / low_ng


def _matrix(p: Systemic, neutralising: float) -> np.ndarray:
    """Rates per hour. With antitoxin present the share `neutralising` of what enters the blood is taken as it comes."""
    matrix = np.zeros((len(POOLS), len(POOLS)))

    def flow(source: str, target: str, rate_per_h: float) -> None:
        matrix[_AT[target], _AT[source]] += rate_per_h
        matrix[_AT[source], _AT[source]] -= rate_per_h

    elimination = math.log(2.0) * 60.0 / p.half_life_min
    uptake = elimination * p.uptake_share / (1.0 - p.uptake_share)
    flow("site", "lost_at_site", p.leaving_per_h * (1.0 - p.escape))
    flow("site", "blood", p.leaving_per_h * p.escape * (1.0 - neutralising))
    flow("site", "neutralised", p.leaving_per_h * p.escape * neutralising)
    flow("blood", "eliminated", elimination)
    for where, share in (("respiratory", p.respiratory_share), ("bulbar", 1.0 - p.respiratory_share)):
        flow("blood", f"bound_{where}", uptake * share)
        flow(f"bound_{where}", f"internalised_{where}", p.internalisation_per_min * 60.0)
        flow(f"internalised_{where}", f"lytic_{where}", p.lytic_per_min * 60.0)
    return matrix


def _neutralise(state: np.ndarray, p: Systemic) -> np.ndarray:
    taken = np.zeros(len(POOLS))
    taken[_AT["blood"]] = p.blood_reach
    taken[[_AT["bound_respiratory"], _AT["bound_bulbar"]]] = p.bound_reach
    after = state * (1.0 - taken)
    after[_AT["neutralised"]] += float(state @ taken)
    return after


def _start(in_blood: float) -> np.ndarray:
    if not 0.0 <= in_blood <= 1.0:
        raise ModelError(f"A share of {in_blood} in the blood.", "It lies between 0 and 1.", "")
    start = np.zeros(len(POOLS))
    start[_AT["site"]], start[_AT["blood"]] = 1.0 - in_blood, in_blood
    return start
