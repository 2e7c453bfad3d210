"""The throat: strap and pharyngeal muscles, which the atlas does not hold, as points at declared depths below the skin.

They lie along lines between landmarks of the neck, and are reached in closed form from needles under the skin. Grade D
throughout: the number that follows says whether toxin may get there, and hardly how often.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.model.setup import reach_of
from endplate.model.spread import Endplates, Targets
from endplate.model.spread.geometry import SKIN, SiteGeometry, compartment_code, site_geometry
from endplate.population.draws import prior_values, stream

POINTS = 24  # of each muscle and side
NEAR_MM = 60.0  # of a tip from the hyoid: beyond, nothing is worked out
LAYERS = {"strap_muscles": 3, "pharyngeal_constrictors": 5}  # fasciae that lie over them
DEPTHS = {
    "strap_muscles": "effect.throat.strap_depth",
    "pharyngeal_constrictors": "effect.throat.pharynx_depth",
}
BONE_MM = 20.0  # of tissue behind a point: no wall that matters


def near(face: Any, placed: Any) -> bool:
    """Whether a site may reach the throat at all."""
    hyoid = face.points["hyoid"]
    return placed.compartment == "skin" and bool(np.linalg.norm(placed.tip_mm - hyoid) < NEAR_MM)


def throat_targets(face: Any, own_seed: int) -> Targets:
    """Points of both muscles on both sides; their depth is drawn once for a face.

    Strap muscles run from the hyoid to the notch, 10 mm beside the midline; the constrictors lie behind the line from
    the hyoid half-way to the angle of the jaw.
    """
    at = face.points
    share = (np.arange(POINTS) + 0.5)[:, None] / POINTS
    lines = {
        "strap_muscles": at["hyoid"] + share * (at["suprasternal_notch"] - at["hyoid"]) + [10.0, 0.0, 0.0],
        "pharyngeal_constrictors": at["hyoid"]
        + 0.5 * share * (at["gonion"] - at["hyoid"])
        + [14.0, 0.0, 0.0],
    }
    points, depths, layers = [], [], []
    for name, line in lines.items():
        skin, normal = face.skin.nearest(line)
        z = stream(own_seed, f"depth {name}").standard_normal(1)
        deep = prior_values(catalogue().parameter(DEPTHS[name]), z)[0]
        points.append(skin - deep * normal)
        depths.append(np.full(POINTS, deep))
        layers.append(np.full(POINTS, LAYERS[name]))
    left, depth, layer = np.concatenate(points), np.concatenate(depths), np.concatenate(layers)
    names = tuple((name, side) for side in ("left", "right") for name in lines)
    both = Endplates(
        points_mm=np.concatenate([left, left * np.array([-1.0, 1.0, 1.0])]),
        depth_mm=np.tile(depth, 2),
        bone_mm=np.tile(depth, 2) + BONE_MM,
        layer=np.tile(layer, 2),
        compartment=np.full(4 * POINTS, SKIN),
        weight=np.full(4 * POINTS, 1.0 / POINTS),
        quantile=np.full(4 * POINTS, 0.5),
        muscle=np.repeat(np.arange(4), POINTS),
        names=names,
    )
    return Targets(both, face.rim_mm)


def throat_geometry(targets: Targets, placed: Any) -> SiteGeometry:
    """One needle seen from the throat."""
    return site_geometry(
        targets,
        placed.tip_mm,
        placed.normal,
        placed.fibre,
        placed.depth_mm,
        placed.layer,
        compartment_code(placed.compartment, placed.side),
        placed.layer_thickness_mm,
        reach_of(placed),
        placed.bone_mm,
    )
