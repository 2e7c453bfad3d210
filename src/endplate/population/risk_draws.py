"""Outer draws of the risk engine: what is not known of the model, one row each, kept while the program runs.

A row takes whole joint draws of the calibration of unwanted effects (`data/effects.npz`), which went on from what the
clinical fit left, for everything that told on its rows; what the clinical fit left (posterior) for the rest; and priors
for what neither knows: sensitivity of jaw and neck, other effects, other laws of the face. What the calibration hardly
moved still counts as a prior, though it is taken from its rows: it hangs together with what was moved.

The fit held the spread at its centre and found thresholds that go with it. A row with a wider or narrower spread gets
its thresholds moved so that corrugators and procerus under the label's glabellar plan are blocked as they are at the
centre: how far toxin spreads is then uncertain, what it does to the muscles aimed at is not uncertain twice.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.model import chain
from endplate.model.backend import normal_cdf
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.population.draws import prior_values, stratified, stream
from endplate.population.posterior import DATA, draws_of

FREE = ("spread.", "needle.", "operator.", "effect.", "face.")
FREE_OF_CLASS = ("junction.sensitivity.", "junction.safety_factor.")
LIKE_MIMIC = (
    "junction.sensitivity.mimic",
    "junction.safety_factor.mimic",
)  # what the fit's thresholds go with
REFERENCE_PATTERN = "glabellar_lines.onabotulinumtoxin_a"
REFERENCE_AREA = "glabella"


@dataclass(frozen=True)
class Outer:
    """Outer draws.

    Attributes:
        values: by parameter, (draw,). basis: "posterior", "calibrated", "prior" or "held".
        shift (draw,): added to ln exposure, what the spread of the row takes off the muscles of the reference.
    """

    values: Mapping[str, np.ndarray]
    basis: Mapping[str, str]
    shift: np.ndarray

    @property
    def draws(self) -> int:
        return len(self.shift)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]

    def spread_of(self, rows: np.ndarray) -> ParameterSet:
        """What the spread needs, for some rows (repeats allowed)."""
        return ParameterSet({name: v[rows] for name, v in self.values.items() if name.startswith("spread.")})


@lru_cache(maxsize=4)
def outer_draws(products: tuple[str, ...], draws: int, seed: int) -> Outer:
    """Outer draws for the products of one day; kept."""
    first = draws_of(products[0], draws, seed)
    values, basis = dict(first.values), dict(first.basis)
    for product in products[1:]:
        name, other = f"threshold.{product}", draws_of(product, draws, seed)
        values[name], basis[name] = other.values[name], other.basis[name]
    found = _calibrated(draws, seed)
    for name, entry in catalogue().parameters.items():
        if name in found:
            values[name], told = found[name]
            basis[name] = told or basis.get(name, "prior")
        elif basis.get(name) != "posterior" and _free(name):
            values[name] = np.full(draws, float(entry.value))
            basis.setdefault(name, "held")
            if entry.drawn and entry.low < entry.high:
                values[name], basis[name] = (
                    prior_values(entry, stratified(stream(seed, name), draws)),
                    "prior",
                )
    return Outer(values, basis, spread_shift(values))


def _free(name: str) -> bool:
    return name.startswith(FREE) or (name.startswith(FREE_OF_CLASS) and name not in LIKE_MIMIC)


def _calibrated(draws: int, seed: int) -> dict[str, tuple[np.ndarray, str]]:
    """Joint rows of `effects.npz`, spread evenly over all of them and in random order; nothing without the file.

    Returns:
        by parameter its values (draw,), and "calibrated" where the calibration moved it, else "".
    """
    path = DATA / "effects.npz"
    if not path.exists():
        return {}
    with np.load(path) as file:
        names, flat = [str(name) for name in file["names"]], np.asarray(file["draws"], dtype=float)
        moved = file["moved"] if "moved" in file else np.ones(len(names), dtype=bool)
    rows = np.floor((np.arange(draws) + 0.5) * len(flat) / draws).astype(int)
    rows = stream(seed, "rows of the effects").permutation(rows)
    return {name: (flat[rows, k], "calibrated" if moved[k] else "") for k, name in enumerate(names)}


def spread_shift(values: Mapping[str, np.ndarray]) -> np.ndarray:
    """What to add to ln exposure so that the reference muscles are blocked as they are at the centre, (draw,)."""
    setup, weight = _reference()
    spread = {name: v for name, v in values.items() if name.startswith("spread.")}
    draws = len(next(iter(spread.values())))
    centre = {name: point_parameters()[name] for name in spread}
    both = ParameterSet({name: np.concatenate([centre[name], v]) for name, v in spread.items()})
    given = chain.exposures(np, setup, both, chain.Needle.exact(draws + 1, len(setup.sites)))[0]
    log = np.log(np.maximum(given[:, weight > 0.0], 1e-300))
    weight = weight[weight > 0.0] / weight.sum()
    log_threshold = np.log(float(point_parameters()["threshold.onabotulinumtoxin_a"][0]))
    sd = np.asarray(values["junction.sensitivity_sd"])[:, None]

    def blocked(rows: np.ndarray, shift: np.ndarray) -> np.ndarray:
        return normal_cdf(np, (rows - log_threshold + shift[:, None]) / sd) @ weight

    goal = blocked(np.repeat(log[:1], draws, axis=0), np.zeros(draws))
    low, high = np.full(draws, -6.0), np.full(draws, 6.0)
    for _ in range(24):
        middle = 0.5 * (low + high)
        more = blocked(log[1:], middle) < goal
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return 0.5 * (low + high)


@lru_cache(maxsize=1)
def _reference() -> tuple[Any, np.ndarray]:
    """The label's glabellar plan on the average woman of 45, with the endplates behind that line and their weights."""
    from endplate.anatomy import default_face, place
    from endplate.model.setup import prepare
    from endplate.plan import plan_from_dict
    from endplate.population.exposed import line_setup

    session = {
        "date": "2026-01-05",
        "pattern": REFERENCE_PATTERN,
        "reconstitution": {"vial_units": 100, "diluent_ml": 2.5},
    }
    plan = plan_from_dict(
        {"schema": "endplate/plan/1", "title": "reference", "patient": {"age": 45, "sex": "female"}}
        | {"sessions": [session]}
    )
    face = default_face("female", 45)
    setup, weights = line_setup(prepare(plan, face, place(plan, face), 1), (REFERENCE_AREA,))
    return setup, weights[REFERENCE_AREA]


def row_seed(seed: int, name: str) -> int:
    """A seed of its own for a named part of a run."""
    return (seed * 1_000_003 + zlib.crc32(name.encode())) % 2**63
