"""Set the centres of the potency priors from their calibration rows; prints what belongs in the catalogue.

- onabotulinumtoxinA threshold: 8 U in one corrugator lower motor-unit and maximal amplitude by 78 % and 64 % at two to
  four weeks (spread evidence 4.2): the mean, 71 %, on day 21.
- limb muscle's sensitivity and the rimabotulinumtoxinB threshold come from the fit of the foot: tools/fit_muscle.py.
- the other products have no such row: their centre is where their own glabellar label dose gives the corrugator the
  same median exposure over threshold as the onabotulinumtoxinA label does at the same sites (grade D). That is a
  centre of a prior, never a conversion: no unit of one product is turned into a unit of another.

Losses are means over needles as experts place them, all other parameters at the centre of their prior.

usage: python -m tools.potency_priors [--write]
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.model import chain
from endplate.model.muscle import cmap, force, structural_state
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import Setup
from endplate.model.simulate import course_of, prepared
from endplate.plan import plan_from_dict
from endplate.population import draw_needles

CORRUGATOR_LOSS = 0.71
ONA = "onabotulinumtoxin_a"
NEEDLES = 64
EDB_VOLUME_ML = 0.2


def plan_of(product: str, injections: list[dict[str, Any]] | None = None, pattern: str | None = None) -> Any:
    session: dict[str, Any] = {"date": "2026-01-01", "product": product, "indication": "edb_calibration"}
    if injections is not None:
        session["injections"] = injections
    if pattern is not None:
        session["pattern"] = pattern
    head = {"schema": "endplate/plan/1", "patient": {"age": 45, "sex": "female"}}
    return plan_from_dict({**head, "sessions": [session]})


def mean_course(
    setup: Setup, muscle: str, side: str, parameters: ParameterSet | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """CMAP and force of one muscle by day, means over needles as experts place them.

    What was measured in people was measured after real needles. All other parameters stand as given (one draw; None:
    the centre of every prior).
    """
    row = [setup.endplates.names[i] for i in setup.active_muscles].index((muscle, side))
    given = parameters or point_parameters()
    many = ParameterSet({name: np.repeat(value, NEEDLES) for name, value in given.values.items()})
    needle = draw_needles(setup, [("expert", "none")] * len(setup.sites), many, seed=0)
    share = chain.firing(np, setup, many, needle)[:, :, [row]]
    on_rate = many[f"structural.on_rate.{setup.classes[row]}"][:, None]
    recovery = many["structural.recovery_half_life"][:, None]
    state = structural_state(np, share, np.diff(setup.nodes).astype(float), on_rate, recovery)
    strength = force(share, state, many["structural.force_exponent"][None, :, None])
    return cmap(share, state)[:, :, 0].mean(axis=1), strength[:, :, 0].mean(axis=1)


def electrical_loss(setup: Setup, parameters: ParameterSet, muscle: str, side: str, day: int) -> float:
    """Mean loss of CMAP of one muscle on one day."""
    return 1.0 - float(mean_course(setup, muscle, side, parameters)[0][list(setup.nodes).index(day)])


def solve(loss: Callable[[float], float], wanted: float, start: float) -> float:
    """The positive value at which a monotone loss is `wanted` (bisection on the log scale)."""
    low, high = math.log(start) - 7.0, math.log(start) + 7.0
    rising = loss(math.exp(high)) > loss(math.exp(low))
    for _ in range(30):
        middle = 0.5 * (low + high)
        if (loss(math.exp(middle)) < wanted) == rising:
            low = middle
        else:
            high = middle
    return math.exp(0.5 * (low + high))


def edb(product: str, units: float, days: int, volume_ml: float = EDB_VOLUME_ML) -> Setup:
    """One injection in the middle of the left muscle; no source gives its volume: 0.2 mL is declared."""
    site = {
        "muscle": "extensor_digitorum_brevis",
        "along": 0.5,
        "side": "left",
        "units": units,
        "volume_ml": volume_ml,
    }
    return prepared(plan_of(product, [site]), None, days)


def label_patterns() -> dict[str, str]:
    """The first glabellar pattern of each product."""
    found: dict[str, str] = {}
    for pattern in catalogue().patterns.values():
        if pattern.indication == "glabellar_lines":
            found.setdefault(pattern.product, pattern.id)
    return found


def priors() -> dict[str, float]:
    """Centre of each potency prior by parameter id."""
    point = point_parameters()
    label = prepared(plan_of(ONA, pattern=label_patterns()[ONA]), None, 21)
    found = {}

    def corrugator(threshold: float) -> float:
        changed = point.replaced(threshold__onabotulinumtoxin_a=threshold)
        return electrical_loss(label, changed, "corrugator_supercilii", "left", 21)

    found[f"threshold.{ONA}"] = solve(corrugator, CORRUGATOR_LOSS, 2e-4)
    point = point.replaced(threshold__onabotulinumtoxin_a=found[f"threshold.{ONA}"])
    wanted = median(ONA, point)
    for product in label_patterns():
        if product != ONA:
            found[f"threshold.{product}"] = (
                float(point[f"threshold.{product}"][0]) * median(product, point) / wanted
            )
    return found


def median(product: str, point: ParameterSet) -> float:
    """Median exposure of the corrugator over threshold after the product's glabellar label dose.

    Every product is put at the sites of the onabotulinumtoxinA label with its own units and volume per site, so that
    differences between printed maps do not pass for potency.
    """
    own = catalogue().pattern(label_patterns()[product]).sites[0]
    sites = [
        {
            "muscle": site.muscle,
            "side": site.side,
            "landmark": site.landmark,
            "offset_mm": site.offset_mm,
            "layer": site.layer,
            "units": own.units,
            "volume_ml": own.volume_ml,
        }
        for site in catalogue().pattern(label_patterns()[ONA]).sites
    ]
    plan = plan_of(product, sites)
    course = course_of(plan, prepared(plan, None, 5), point)
    return float(course.median_over_threshold[course.row("corrugator_supercilii", "left")])


def write(found: dict[str, float]) -> None:
    """Put the centres into the catalogue, with an interval of a factor of three either way."""
    path = Path(__file__).resolve().parents[1] / "src" / "endplate" / "catalogue" / "data" / "parameters.toml"
    text = path.read_text("utf-8")
    for name, value in found.items():
        lines = "".join(
            f"{key} = {x:.3g}\n" for key, x in (("value", value), ("low", value / 3), ("high", value * 3))
        )
        pattern = rf'(id = "{re.escape(name)}"\nname = [^\n]*\n)value = [^\n]*\nlow = [^\n]*\nhigh = [^\n]*\n'
        text, count = re.subn(pattern, lambda m, lines=lines: m.group(1) + lines, text)
        if count != 1:
            raise SystemExit(f"{name} stands {count} times in the catalogue")
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    centres = priors()
    for name, value in centres.items():
        print(f"{name} = {value:.3g}")
    if "--write" in sys.argv:
        write(centres)
