"""The whole chain for one muscle and one injection, plainly, on one page.

Read this first. It is slow and short on purpose: small time steps, no table, no matrix, nothing shared with the
fast code except the names of the parameters. The tests hold the fast code to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np


def force_of_one_muscle(
    offset_mm: np.ndarray,
    bone_mm: np.ndarray,
    weight: np.ndarray,
    score: np.ndarray,
    units: float,
    volume_ml: float,
    depth_mm: float,
    tissue_mm: float,
    thickness_mm: float,
    product: str,
    serotype: str,
    muscle_class: str,
    p: Mapping[str, float],
    days: int = 365,
    step_d: float = 0.05,
) -> np.ndarray:
    """Force of one muscle on day 0..days, relative to rest, after one injection on day 0.

    Args:
        offset_mm: endplates seen from the needle tip: along the fibres, across, outward; (q, 3).
        bone_mm: depth of bone below the skin over each endplate, (q,).
        weight: share of each endplate, sums to 1, (q,).
        score: normal score of each endplate's own sensitivity, (q,).
        units, volume_ml: what is injected; depth_mm: of the tip below the skin; tissue_mm: from skin to bone there;
            thickness_mm: of the muscle there.
        p: catalogue parameters by id.

    Returns:
        (days + 1,), force relative to rest.
    """
    # 1. Where the toxin goes. The fluid fills an ellipsoid that flattens in a thin layer and follows the fibres.
    filled_mm3 = 1000 * volume_ml / p["spread.fluid_fraction"]
    sphere_mm = (3 * filled_mm3 / (4 * math.pi)) ** (1 / 3)
    half_mm = min(sphere_mm, (thickness_mm + p["spread.layer_slack"]) / 2)
    plane_mm2 = 3 * filled_mm3 / (4 * math.pi * half_mm)
    stretch = p["spread.fibre_stretch"]
    start = np.array([plane_mm2 * stretch, plane_mm2 / stretch, half_mm**2]) / 5

    # Skin and bone are walls: behind each stands a mirror image of the source, and behind those further ones. Each is
    # further away than the source itself by so much in squared distance.
    skin, bone = depth_mm - offset_mm[:, 2], bone_mm - depth_mm + offset_mm[:, 2]  # endplate to skin, to bone
    further = [
        0.0,
        4 * depth_mm * skin,
        4 * (tissue_mm - depth_mm) * bone,
        4 * (tissue_mm * bone + depth_mm * bone_mm),
        4 * (bone_mm * (tissue_mm - depth_mm) + skin * tissue_mm),
    ]

    # Then it disperses while it is taken up; what counts is the time integral of uptake.
    k = math.log(2) / (60 * p["spread.uptake_half_time"])  # 1/s
    diffusion = p["spread.dispersion"] * np.array([math.sqrt(stretch), 1 / math.sqrt(stretch), 1])  # mm^2/s
    seconds = np.linspace(0, 25 / k, 4001)
    exposure = np.zeros(len(offset_mm))
    for t in seconds:
        variance = start + 2 * diffusion * t
        end = 0.5 if t in (seconds[0], seconds[-1]) else 1.0
        width = seconds[1] * end
        density = np.exp(-0.5 * (offset_mm**2 / variance).sum(axis=1))
        density = density * sum(np.exp(-0.5 * f / variance[2]) for f in further)
        density = density / np.sqrt((2 * math.pi) ** 3 * variance.prod())
        exposure += units * k * math.exp(-k * t) * density * width

    # 2. How much that is for these endplates: multiples of the threshold, each endplate with its own sensitivity.
    over = exposure / p[f"threshold.{product}"] * p[f"junction.sensitivity.{muscle_class}"]
    over = over * np.exp(p["junction.sensitivity_sd"] * score)

    # 3. What it does to a junction: light chain cuts SNARE, release falls, fibres stop firing, sprouts help a little.
    supply = math.log(2) / p["junction.supply_half_life"]
    decay = math.log(2) / p[f"junction.light_chain_half_life.{serotype}"]
    renew = math.log(2) / p["junction.snare_turnover_half_life"]
    power, safety = p["junction.release_power"], p[f"junction.safety_factor.{muscle_class}"]
    cut = renew * (safety ** (1 / power) - 1)
    normal = lambda x: 0.5 * (1 + math.erf(x / math.sqrt(2)))  # noqa: E731
    phi = np.vectorize(normal)
    sd = p["junction.safety_factor_log_sd"]
    at_rest = normal(math.log(safety) / sd)

    intact, silence, grown, structure = np.ones(len(over)), np.zeros(len(over)), np.zeros(len(over)), 0.0
    firing, force = 1.0, [1.0]
    steps = round(1 / step_d)
    for day in range(days):
        before = firing
        for i in range(steps):
            age = day + (i + 0.5) * step_d - p["junction.lag"]
            b = (
                supply * (math.exp(-decay * age) - math.exp(-supply * age)) / (supply - decay)
                if age > 0
                else 0.0
            )
            rate = renew + cut * over * b
            intact = renew / rate + (intact - renew / rate) * np.exp(-rate * step_d)
            quiet = 1 - intact**power
            silence += (quiet - silence) * (1 - math.exp(-step_d / p["junction.sprout_delay"]))
            fade = math.exp(-step_d * math.log(2) / p["junction.sprout_retraction_half_life"])
            grown = silence + (grown - silence) * fade
        quantal = np.minimum(1, intact**power + p["junction.sprout_share"] * grown)
        firing = float((weight * phi((math.log(safety) + np.log(quantal)) / sd)).sum()) / at_rest

        # 4. What the muscle does: a structural state follows the block, slowly, and takes force with it.
        on = p[f"structural.on_rate.{muscle_class}"] * (1 - 0.5 * (before + firing))
        off = math.log(2) / p["structural.recovery_half_life"]
        structure = on / (on + off) + (structure - on / (on + off)) * math.exp(-(on + off))
        force.append(firing * (1 - structure) ** p["structural.force_exponent"])
    return np.array(force)
