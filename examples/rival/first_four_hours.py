"""Behaviour in the first four hours after an injection, re-run as a public example on paired twins.

usage: python examples/rival/first_four_hours.py [--people 10000] [--seed 0]

The design is that of the second AesthetiSIM study (journal uncertain: check before citing). Their parameters and
program are not published, so the design can be re-run and the numbers cannot be reproduced. Twins share every
parameter; one rests, the other does something that multiplies dispersion and uptake for four hours. What changes is
the radius of the circle about the needle's tip, as seen from the skin, that holds 95 % of all toxin taken up.
docs/rival-studies.md explains what comes out.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.model.backend import normal_cdf, normal_quantile
from endplate.model.junction.entry import lytic_rate_per_min, q10_factor
from endplate.model.spread import footprint_variances
from endplate.population.draws import prior_values, stratified, stream
from endplate.population.sensitivity import normal_scores
from endplate.population.sobol import Indices, sobol_indices

PATTERN, MUSCLE, SEX, AGE = "forehead_lines.onabotulinumtoxin_a", "frontalis", "female", 45
UPPER_FACE = ("glabellar_lines", "forehead_lines", "lateral_canthal_lines")
HOURS, SHARE, FACES = 4.0, 0.95, 12
POINT_ML = 1e-6
SPREAD = ("dispersion", "uptake_half_time", "fluid_fraction", "layer_slack", "fibre_stretch")
TISSUE = ("thickness", "volume", "in the plane", "in depth")
"""What varies beside the parameters of spread: thickness of the muscle, volume, and how far the needle strays."""
FACTORS = (2.0, 3.0, 5.0, 10.0, 30.0)
CHANGE_AT = 3.0


@dataclass(frozen=True)
class Behaviour:
    """Largest factors on dispersion and on uptake during the four hours, one pair for each thing that is done; a
    person's own factors lie anywhere between 1 and these (evenly in the logarithm). All declared (grade D)."""

    parts: tuple[tuple[float, float], ...]


def behaviours() -> dict[str, Behaviour]:
    """What the twin does; the ranges are ours, each tied to a number of the catalogue or of the evidence."""
    entry = catalogue().parameter("spread.dispersion")
    pumping = float(entry.high / entry.value)
    busy = lytic_rate_per_min(0.28) / lytic_rate_per_min(0.02)
    # Diffusion goes with temperature over viscosity: about 2 % a degree.
    alone = {
        "uses the muscle": (pumping, busy),
        "rubs": (pumping, 1.0),
        "is warm (up to +5 °C)": (1.02**5, q10_factor(40.0, 35.0)),
    }
    return {
        **{name: Behaviour((one,)) for name, one in alone.items()},
        "all three": Behaviour(tuple(alone.values())),
    }


@lru_cache(maxsize=2)
def thicknesses() -> np.ndarray:
    """Thickness of the frontalis under the label's sites over drawn faces, in order, mm."""
    from endplate.anatomy import place, sample_individual
    from endplate.plan import plan_from_dict

    product = catalogue().patterns[PATTERN].product
    session = {"date": "2026-01-05", "product": product, "pattern": PATTERN}
    patient = {"age": AGE, "sex": SEX}
    plan = plan_from_dict({"schema": "endplate/plan/1", "patient": patient, "sessions": [session]})
    faces = [sample_individual(SEX, AGE, number) for number in range(FACES)]
    found = [s.layer_thickness_mm for face in faces for s in place(plan, face) if s.muscle == MUSCLE]
    return np.sort(found)


def volumes() -> tuple[float, float]:
    """Smallest and largest volume of one site in the upper-face patterns of the catalogue, mL."""
    patterns = catalogue().patterns.values()
    found = [site.volume_ml for p in patterns if p.indication in UPPER_FACE for site in p.sites]
    return float(min(found)), float(max(found))


def conditions(z: Mapping[str, np.ndarray], volume: str = "label") -> dict[str, np.ndarray]:
    """Everything that a twin pair shares, from normal scores (n,) of `SPREAD` and `TISSUE`.

    Args:
        volume: "label", 0.1 mL with the error of drawing up; "any", the volumes of all upper-face labels, evenly in the
            logarithm; "none", a point without fluid.
    """
    table = catalogue().parameters
    out = {name: prior_values(table[f"spread.{name}"], z[name]) for name in SPREAD}
    known = thicknesses()
    out["thickness"] = np.interp(normal_cdf(np, z["thickness"]), np.linspace(0.0, 1.0, len(known)), known)
    low, high = volumes()
    cv = float(table["person.dose_cv"].value)
    label = next(site.volume_ml for site in catalogue().patterns[PATTERN].sites if site.muscle == MUSCLE)
    out["volume"] = {
        "label": label * (1.0 + cv * np.clip(z["volume"], -3.0, 3.0)),
        "any": low * (high / low) ** normal_cdf(np, z["volume"]),
        "none": np.full(len(z["volume"]), POINT_ML),
    }[volume]
    out["in the plane"] = float(table["needle.sd.expert"].value) * z["in the plane"]
    out["in depth"] = float(table["needle.depth_sd"].value) * z["in depth"]
    return out


def scores(count: int, seed: int) -> dict[str, np.ndarray]:
    """Normal scores of `count` twin pairs, evenly spread in each."""
    return {name: stratified(stream(seed, f"twins {name}"), count) for name in (*SPREAD, *TISSUE)}


def footprint(at: Mapping[str, Any]) -> tuple[Any, Any, Any, Any, Any, Any, Any]:
    """Variances of the fluid's footprint along, across and in depth (mm^2), dispersions likewise (mm^2/min), and rate
    of uptake (1/min)."""
    wide, narrow, deep = (
        v
        for v in footprint_variances(
            np, at["volume"], at["thickness"], at["fluid_fraction"], at["layer_slack"], at["fibre_stretch"]
        )
    )
    spread, stretch = 60.0 * at["dispersion"], at["fibre_stretch"] ** 0.5
    rate = np.log(2.0) / at["uptake_half_time"]
    return wide, narrow, deep, spread * stretch, spread / stretch, spread, rate


def radius(at: Mapping[str, Any], dispersion: Any = 1.0, uptake: Any = 1.0) -> np.ndarray:
    """Radius about the tip, seen from the skin, that holds 95 % of all toxin taken up, mm, (n,).

    A molecule taken up after the integral of uptake has reached s comes from a Gaussian whose variances have grown by
    2 D dt until then, and s is exponential: the share within r is a mean over s (Gauss-Legendre during the four hours,
    Gauss-Laguerre after them) and over directions of 1 - exp(-r^2 / 2 v).

    Args:
        dispersion, uptake: factors during the first four hours, (n,) or one number.
    """
    wide, narrow, _, along, across, _, rate = footprint(at)
    x, w = np.polynomial.legendre.leggauss(16)
    tail_x, tail_w = np.polynomial.laguerre.laggauss(8)
    minutes = 60.0 * HOURS
    during = (rate * uptake * minutes)[:, None]
    s = 0.5 * during * (x + 1.0)
    weight = [0.5 * during * w * np.exp(-s), np.exp(-during) * tail_w]
    # Minutes of resting dispersion that have passed when s is reached.
    busy = s / (rate * uptake)[:, None] * np.reshape(dispersion, (-1, 1))
    after = minutes * np.reshape(dispersion, (-1, 1)) + tail_x / rate[:, None]
    share, time = np.concatenate(weight, axis=1), np.concatenate([busy, after], axis=1)
    angle = (np.arange(8) + 0.5) * np.pi / 16.0
    v1 = (wide[:, None] + 2.0 * along[:, None] * time)[..., None]
    v2 = (narrow[:, None] + 2.0 * across[:, None] * time)[..., None]
    bend = np.cos(angle) ** 2 / v1 + np.sin(angle) ** 2 / v2
    part = share[..., None] / (bend * np.sqrt(v1 * v2)) / len(angle)
    part /= part.sum(axis=(1, 2), keepdims=True)
    # Newton on ln of the share outside, against r^2: nearly a straight line.
    square = -2.0 * np.log(1.0 - SHARE) * np.sqrt(wide * narrow)
    for _ in range(6):
        left = part * np.exp(-0.5 * square[:, None, None] * bend)
        outside, slope = left.sum(axis=(1, 2)), 0.5 * (left * bend).sum(axis=(1, 2))
        square = square + (np.log(outside) - np.log(1.0 - SHARE)) * outside / slope
    return np.sqrt(square)


def radius_about_plan(at: Mapping[str, Any], points: int = 1024) -> np.ndarray:
    """The same in space about the planned point, which the needle misses, mm, (n,): by points common to all."""
    from scipy.stats import qmc

    variances = footprint(at)
    place = (qmc.Sobol(4, scramble=False).random(points) + 0.5 / points) % 1.0
    s, z = -np.log(1.0 - place[:, 0]), normal_quantile(place[:, 1:])
    growth = 2.0 * s / variances[6][:, None]
    miss = (at["in the plane"], np.zeros_like(at["in the plane"]), at["in depth"])
    square = np.zeros((len(variances[6]), points))
    for k in range(3):
        sd = np.sqrt(variances[k][:, None] + growth * variances[3 + k][:, None])
        square += (miss[k][:, None] + sd * z[:, k]) ** 2
    return np.sqrt(np.quantile(square, SHARE, axis=1))


def factors(behaviour: Behaviour, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Each person's factors on dispersion and uptake, (n,) each."""
    out = [np.ones(count), np.ones(count)]
    for part, most in enumerate(behaviour.parts):
        for k in range(2):
            out[k] *= most[k] ** stream(seed, f"factor {part} {k}").random(count)
    return out[0], out[1]


def radii(at: Mapping[str, Any], dispersion: Any = 1.0, uptake: Any = 1.0, chunk: int = 500) -> np.ndarray:
    """`radius` of any number of people in a fixed amount of memory, mm, (n,)."""
    count = len(at["volume"])
    d, u = (np.broadcast_to(f, (count,)) for f in (dispersion, uptake))
    parts = [slice(a, a + chunk) for a in range(0, count, chunk)]
    return np.concatenate([radius({n: v[p] for n, v in at.items()}, d[p], u[p]) for p in parts])


def sobol(samples: int, seed: int, volume: str) -> Indices:
    """Indices of each input for the radius at rest about the tip, about the planned point, and for the change of the
    radius when dispersion is three times as fast for four hours: quantities in this order."""
    names = [*SPREAD, *TISSUE]
    both = normal_scores(names, samples, seed)

    def evaluate(from_b: frozenset[str]) -> np.ndarray:
        at = conditions({name: both[name][name in from_b] for name in names}, volume)
        rest = radii(at)
        return np.stack([rest, radius_about_plan(at), radii(at, CHANGE_AT) - rest])

    groups = [frozenset({name}) for name in names]
    return sobol_indices(evaluate, groups, samples, stream(seed, "rows of the bootstrap"))


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--people", type=int, default=10_000)
    ask.add_argument("--seed", type=int, default=0)
    given = ask.parse_args()
    if given.people < 20:
        ask.error("give at least 20 people")
    at = conditions(scores(given.people, given.seed))
    rest = radii(at)
    low, middle, high = np.quantile(rest, (0.05, 0.5, 0.95))
    print(
        f"{given.people} pairs, seed {given.seed}; 95 % radius at rest {middle:.1f} mm ({low:.1f} to {high:.1f})\n"
    )
    print(
        "one twin                 median change   95 % point   over 1 mm     (printed: 0.08-0.22 mm, at most 2.1 %)"
    )
    for name, behaviour in behaviours().items():
        change = radii(at, *factors(behaviour, given.people, given.seed)) - rest
        middle, end = np.quantile(change, (0.5, 0.95))
        print(f"{name:24} {middle:10.3f} mm {end:9.2f} mm {100 * np.mean(np.abs(change) > 1.0):9.1f} %")
    print("\nfirst-order index of     radius     radius      change")
    print("                         0.1 mL     any volume  0.1 mL")
    label, anything = (sobol(256, given.seed, volume).first for volume in ("label", "any"))
    for k, name in enumerate((*SPREAD, *TISSUE)):
        print(f"{name:20}" + "".join(f"{v:11.2f}" for v in (label[k, 0], anything[k, 0], label[k, 2])))


if __name__ == "__main__":
    main()
