"""The extensor digitorum brevis (EDB) of the calibration studies, through the chain itself, fast.

Exposure is linear in units, so it is tabulated once per product over needles as experts place them; each dose only
shifts its logarithm. The volume of the studies was not found and decides how much of the muscle is reached: the table
has an axis of volumes, so that it can be a nuisance of the fit. Endplates are then binned by drive and read off one
response table per serotype, which serves every dose. Light chain, SNARE, firing and structural state are the
functions of the model; nothing is fitted with a second copy of them. What was measured is the mean over people, each
with a needle of their own: so is the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.model import chain
from endplate.model.junction import firing_share, mean_light_chain, quantal_course
from endplate.model.muscle import Responses, responses_of
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import Setup
from endplate.model.simulate import prepared
from endplate.plan import plan_from_dict
from endplate.population import draw_needles

NEEDLES = 64
SEED = 0
MUSCLE = "extensor_digitorum_brevis"
ONA, RIMA = "onabotulinumtoxin_a", "rimabotulinumtoxin_b"
VOLUME_ML = (
    0.2  # not found in the sources: declared, both products alike (they were compared in opposite feet)
)
VOLUMES_ML = 0.05 * 2.0 ** (0.5 * np.arange(9))  # 0.05 to 0.8 mL
LAST_DAY = {ONA: 399, RIMA: 77}  # weeks 57 and 11
REFERENCE_U = {ONA: 10.0, RIMA: 400.0}  # of the prepared plans; exposure is linear in it
REFERENCE_ML = {ONA: 0.1, RIMA: 0.08}
GRID_STEP = 0.25
Steps = Callable[[ParameterSet, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Foot:
    """One product in the EDB, ready for any dose.

    Attributes:
        setup: the prepared plan, one injection, reduced to the EDB.
        log_exposure: ln of exposure per unit at VOLUMES_ML, (volume, needle, endplate), U/mm^3 per U.
    """

    setup: Setup
    log_exposure: np.ndarray

    def at(self, volume_ml: float) -> np.ndarray:
        """ln of exposure per unit at one volume, linear in ln volume between the tabulated ones, (needle, endplate)."""
        place = float(np.clip(2.0 * np.log2(volume_ml / VOLUMES_ML[0]), 0.0, len(VOLUMES_ML) - 1.0))
        low = min(int(place), len(VOLUMES_ML) - 2)
        part = place - low
        return (1.0 - part) * self.log_exposure[low] + part * self.log_exposure[low + 1]


def plan_of(product: str, sites: list[dict[str, Any]] | None = None, pattern: str | None = None) -> Any:
    """A plan of one day with these sites, or with a pattern of the catalogue."""
    indication = pattern.split(".")[0] if pattern else "edb_calibration"
    session: dict[str, Any] = {"date": "2026-01-01", "product": product, "indication": indication}
    session |= {"pattern": pattern} if pattern else {"injections": sites}
    head = {"schema": "endplate/plan/1", "patient": {"age": 45, "sex": "female"}}
    return plan_from_dict({**head, "sessions": [session]})


def many(parameters: ParameterSet, draws: int) -> ParameterSet:
    """The same draw `draws` times."""
    return ParameterSet({name: np.repeat(value, draws) for name, value in parameters.values.items()})


def kept_days(days: int) -> np.ndarray:
    """Every day for three weeks, then weeks: the days of the visits are among them."""
    return np.unique(np.concatenate([np.arange(min(22, days)), np.arange(21, days, 7), [days]]))


@lru_cache(maxsize=4)
def foot(product: str, days: int | None = None) -> Foot:
    """The EDB with an injection in the middle of the left muscle (place declared).

    Other parameters of spread and needles stand at the centre of their priors.
    """
    days = LAST_DAY[product] if days is None else days
    units = REFERENCE_U[product]
    site = {
        "muscle": MUSCLE,
        "along": 0.5,
        "side": "left",
        "units": units,
        "volume_ml": REFERENCE_ML[product],
    }
    whole = prepared(plan_of(product, [site]), None, days)
    repeated = many(point_parameters(), NEEDLES)
    needle = draw_needles(whole, [("expert", "none")], repeated, SEED)
    row = list(whole.classes).index("limb")
    mine = np.flatnonzero(whole.muscle == row)
    tables = []
    for volume in VOLUMES_ML:
        moved = replace(whole, sites=tuple(replace(s, volume_ml=float(volume)) for s in whole.sites))
        exposure = chain.exposures(np, moved, repeated, needle)[0][:, mine]
        tables.append(np.log(np.maximum(exposure, 1e-300)) - np.log(units))
    setup = replace(
        whole,
        nodes=kept_days(days),
        active=whole.active[mine],
        muscle=np.zeros(len(mine), dtype=int),
        weight=whole.weight[mine],
        quantile_z=whole.quantile_z[mine],
        active_muscles=whole.active_muscles[[row]],
        classes=("limb",),
    )
    return Foot(setup, np.stack(tables))


def usual_steps(setup: Setup, parameters: ParameterSet) -> np.ndarray:
    """Light chain per unit of exposure over each day, (day, 1): the model's own."""
    return chain.light_chain_steps(np, setup, parameters, 0)


def day_steps(days: int, parameters: ParameterSet, half_life_d: np.ndarray) -> np.ndarray:
    """Light chain per unit of exposure over each day for a given half-life, (day, 1)."""
    start = np.arange(days, dtype=float)[:, None]
    supply, lag = parameters["junction.supply_half_life"][None], parameters["junction.lag"][None]
    return mean_light_chain(np, start, 1.0, supply, half_life_d[None], lag)


def blocked_table(
    setup: Setup, parameters: ParameterSet, muscle_class: str, steps: np.ndarray, grid: np.ndarray
) -> np.ndarray:
    """Share of fibres that fail by kept day and log drive, (node, bin).

    Args:
        parameters: one draw. steps: light chain per unit of exposure over each day, (day, 1).
    """
    quantal = quantal_course(np, steps[:, :, None] * np.exp(grid)[None, None], parameters)
    rest = np.ones((1, *quantal.shape[1:]))
    at_nodes = np.concatenate([rest, quantal])[setup.nodes - setup.start]
    safety = parameters[f"junction.safety_factor.{muscle_class}"][None, :, None]
    spread = parameters["junction.safety_factor_log_sd"][None, :, None]
    return 1.0 - firing_share(np, at_nodes, safety, spread)[:, 0]


def firings(
    place: Foot,
    parameters: ParameterSet,
    doses: tuple[float, ...],
    steps: np.ndarray | None = None,
    volume_ml: float = VOLUME_ML,
) -> dict[float, np.ndarray]:
    """Share of fibres that fire at the kept days after each dose, (node, needle).

    Args:
        parameters: one draw.
        doses: units of the product, each on its own.
        steps: light chain per unit of exposure over each day, (day, 1); None takes the model's.
        volume_ml: of each injection.
    """
    setup = place.setup
    drive = chain.log_drive(np, setup, parameters, 0, np.exp(place.at(volume_ml)))
    top = min(float(drive.max()) + float(np.log(max(doses))), chain.TABLE_HIGH)
    bins = max(int(np.ceil((top - chain.TABLE_LOW) / GRID_STEP)), 0) + 2
    grid = chain.TABLE_LOW + GRID_STEP * np.arange(bins)
    given = usual_steps(setup, parameters) if steps is None else steps
    blocked = blocked_table(setup, parameters, "limb", given, grid)
    return {
        dose: 1.0 - blocked @ chain.histograms(np, setup, drive + np.log(dose), grid)[:, 0].T
        for dose in doses
    }


def courses(
    place: Foot,
    parameters: ParameterSet,
    doses: tuple[float, ...],
    steps: np.ndarray | None = None,
    volume_ml: float = VOLUME_ML,
) -> dict[float, Responses]:
    """Mean force, CMAP and cross-section at the kept days after each dose, (node,) each; arguments as `firings`."""
    width = np.diff(place.setup.nodes).astype(float)
    repeated = many(parameters, place.log_exposure.shape[1])
    out = {}
    for dose, firing in firings(place, parameters, doses, steps, volume_ml).items():
        found = responses_of(np, firing[:, :, None], width, repeated, ("limb",))
        out[dose] = Responses(
            *(x[:, :, 0].mean(axis=1) for x in (found.force, found.cmap, found.cross_section))
        )
    return out
