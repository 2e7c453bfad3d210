"""Draws from the priors: parameters from their intervals, needles from the mixture of placement errors.

An interval low-high is read as the 5 % and 95 % points of a two-piece normal about the value (on the log scale where
the catalogue says so): the value stays the median, and an interval may be lopsided. Every draw comes from a
counter-based generator (Philox), one stream per parameter id, so that adding a parameter leaves the others' draws as
they were.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.model.backend import normal_quantile
from endplate.model.chain import Needle
from endplate.model.parameters import ParameterSet, model_parameter_ids
from endplate.model.setup import Setup
from endplate.model.spread.geometry import site_frame

Z95 = 1.6448536269514722


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of one named quantity."""
    return np.random.Generator(np.random.Philox(key=[seed, zlib.crc32(name.encode())]))


def stratified(rng: np.random.Generator, draws: int) -> np.ndarray:
    """`draws` standard normal values, one from each of `draws` equal strata, in random order (Latin hypercube)."""
    return normal_quantile((rng.permutation(draws) + rng.random(draws)) / draws)


def prior_values(entry: Any, z: np.ndarray) -> np.ndarray:
    """Values of one parameter at normal scores `z`, none beyond what makes sense (`least`, `most`)."""
    value, low, high = float(entry.value), float(entry.low), float(entry.high)
    if entry.scale == "log":
        centre, below, above = np.log(value), np.log(value / low), np.log(high / value)
        drawn = np.exp(centre + np.where(z < 0, below, above) * z / Z95)
    else:
        drawn = value + np.where(z < 0, value - low, high - value) * z / Z95
    return np.clip(drawn, entry.least, entry.most)


def draw_parameters(draws: int, seed: int) -> ParameterSet:
    """Independent draws of every model parameter, (draw,) each; fixed ones stay at their value."""
    table = catalogue().parameters
    values = {}
    for name in model_parameter_ids():
        entry = table[name]
        if entry.drawn and entry.low < entry.high:
            values[name] = prior_values(entry, stratified(stream(seed, name), draws))
        else:
            values[name] = np.full(draws, float(entry.value))
    return ParameterSet(values)


def draw_needles(
    setup: Setup, operators: list[tuple[str, str]], parameters: ParameterSet, seed: int
) -> Needle:
    """Placement of every needle in every draw.

    Args:
        operators: (experience, guidance) of each site's session; an unknown operator counts as an expert.
        parameters: holds `needle.*`, (draw,).

    Guidance narrows the error in the plane and in depth by a declared factor: only the order of the methods was read,
    and in limb muscles. A beginner's needle slips behind the septum more often.
    """
    draws, sites = parameters.draws, len(setup.sites)
    offset = np.zeros((draws, sites, 3))
    behind = np.zeros((draws, sites), dtype=bool)
    for i, site in enumerate(setup.sites):
        experience = "novice" if operators[i][0] == "novice" else "expert"
        rng = stream(seed, f"needle {i}")
        narrower = guided(operators[i][1], parameters)
        in_plane = narrower * parameters[f"needle.sd.{experience}"]
        deep = narrower * parameters["needle.depth_sd"]
        offset[:, i] = rng.standard_normal((draws, 3)) * np.stack([in_plane, in_plane, deep], axis=1)
        if site.slipped is not None:
            behind[:, i] = rng.random(draws) < slip_probability(experience, parameters)
            offset[behind[:, i], i] += deeper(setup, i, parameters)[behind[:, i]]
    return Needle(offset, behind)


def guided(guidance: str, parameters: ParameterSet) -> Any:
    """Placement error under guidance relative to by hand: 1, or (draw,)."""
    name = f"operator.guidance.{guidance}"
    return parameters[name] if name in parameters.values else 1.0


def slip_probability(experience: str, parameters: ParameterSet) -> np.ndarray:
    """Chance that a needle near the rim ends behind the septum, (draw,), by who holds it."""
    chance = parameters["needle.behind_septum_probability"]
    return np.minimum(chance * parameters["operator.novice.slip"], 0.5) if experience == "novice" else chance


def deeper(setup: Setup, site: int, parameters: ParameterSet) -> np.ndarray:
    """How much further back than the centre of its prior a slipped tip lies, in the axes of the site, (draw, 3)."""
    entry = catalogue().parameter("needle.behind_septum_depth")
    placed = setup.placed[site]
    backwards = site_frame(placed.normal, placed.fibre) @ np.array([0.0, 0.0, -1.0])
    return (parameters["needle.behind_septum_depth"] - float(entry.value))[:, None] * backwards
