"""A large pool of outer draws from the priors, without any calibration of unwanted effects: what proposals pick from.

Rows of the clinical posterior stay joint. The three thresholds of a fallen lid stand in order in every row kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.effects.grids import SLIP
from endplate.fit.effects.rows import table
from endplate.model.parameters import point_parameters
from endplate.population.draws import prior_values, stratified, stream
from endplate.population.posterior import draws_of, outcome_parameter_ids
from endplate.population.risk_draws import Outer, outer_draws, spread_shift

ORDER = ("effect.eyelid_ptosis.any", "effect.eyelid_ptosis.seen", "effect.eyelid_ptosis.marked")


@dataclass(frozen=True)
class Pool:
    """Rows of outer draws.

    Attributes:
        values: by parameter, (row,), those that vary. held: value of the others.
        basis: "posterior", "prior" or "held".
    """

    values: Mapping[str, np.ndarray]
    held: Mapping[str, float]
    basis: Mapping[str, str]

    @property
    def size(self) -> int:
        return len(next(iter(self.values.values())))

    def outer(self, rows: np.ndarray) -> Outer:
        """Some rows as the risk engine takes them."""
        values = {name: value[rows] for name, value in self.values.items()}
        values |= {name: np.full(len(rows), value) for name, value in self.held.items()}
        return Outer(values, self.basis, spread_shift(values))

    def features(self) -> np.ndarray:
        """What varies and tells on a rate, as logarithms on log scales, standardised over the pool, (row, name)."""
        columns = []
        for name in filter(tells, self.values):
            value = self.values[name]
            log = catalogue().parameter(name).scale == "log"
            column = np.log(np.maximum(value, 1e-300)) if log else value
            columns.append((column - column.mean()) / (float(column.std()) or 1.0))
        return np.stack(columns, axis=1)


TELLING = ("spread.", "needle.", "junction.", "threshold.", "effect.", "face.lid.", "face.brow.")
TELLING += ("person.sensitivity_sd", "outcome.capture.forehead", "outcome.capture.lateral_canthus")
SILENT = ("effect.throat.", "effect.slip.novice", "needle.sd.novice")


def tells(name: str) -> bool:
    """Whether rates may depend on a parameter of the proposals."""
    return name.startswith(TELLING) and not name.startswith(SILENT) and name not in table().grids


def products_of(conditions: Sequence[str] | None = None) -> tuple[str, ...]:
    """Products of some conditions, sorted; of all by default."""
    chosen = table().conditions if conditions is None else conditions
    return tuple(
        sorted({setting.product for name in chosen for setting in table().conditions[name].settings})
    )


def prior_pool(size: int, seed: int) -> Pool:
    """`size` rows or fewer: those with the thresholds of a fallen lid out of order are left out."""
    products = products_of()
    example = outer_draws(products, 8, seed)
    values: dict[str, np.ndarray] = {}
    held: dict[str, float] = {}
    basis: dict[str, str] = {}
    fitted = {product: draws_of(product, size, seed) for product in products}
    first = fitted[products[0]]
    for name in example.values:
        own = next((p for p in products if name == f"threshold.{p}"), None)
        given = fitted[own] if own else first
        if name in given.values and given.basis[name] != "held":
            values[name], basis[name] = given.values[name], given.basis[name]
            continue
        entry = catalogue().parameter(name)
        if name == SLIP:  # rates are worked out at its centre, see `rates`
            held[name], basis[name] = float(entry.value), "held"
        elif example.basis[name] in ("prior", "calibrated") and entry.drawn and entry.low < entry.high:
            z = stratified(stream(seed, f"pool {name}"), size)
            values[name], basis[name] = prior_values(entry, z), "prior"
        else:
            held[name], basis[name] = float(example.values[name][0]), "held"
    kept = in_order(values)
    return Pool({name: value[kept] for name, value in values.items()}, held, basis)


def in_order(values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rows whose thresholds of a fallen lid ascend, (row,) booleans."""
    steps = np.stack([values[name] for name in ORDER])
    return (np.diff(steps, axis=0) > 0.0).all(axis=0)


def constants() -> tuple[str, ...]:
    """Parameters that any draw may read: the hash of a calibration covers their entries."""
    return (*point_parameters().values, *outcome_parameter_ids())
