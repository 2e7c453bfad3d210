"""The calibration as a function: from normal scores to predicted rows and their log-likelihood.

Parameters are standard normal scores z, turned into values by the same two-piece normals that draw every prior of the
program. Rows are compared on the log scale: residual = ln(predicted / observed) over error / value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.special import log_ndtr

from endplate.catalogue import catalogue
from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Grade, Id, Number, Record, Text
from endplate.errors import CatalogueError
from endplate.fit.spread.limb_rows import biceps, longissimus, tibialis
from endplate.fit.spread.skin_rows import sweat
from endplate.population.draws import prior_values

PRIORS_FILE = Path(__file__).with_name("priors.toml")
PROGRAM = (
    "spread.fluid_fraction",
    "spread.layer_slack",
    "spread.fibre_stretch",
    "spread.dispersion",
    "spread.uptake_half_time",
    "spread.fascia_transmission",
)
BOUND = "borodic1994.reach_5u"
SAMPLED = "rabbit.sampled"


class Prior(Record):
    """One number of the fit before any row is seen; low-high is its 5-95 % interval.

    `row` names the rows that need it: "all" for the program's own numbers.
    """

    id: Id
    row: Text
    name: Text
    value: Number
    low: Number
    high: Number
    least: Number | None = None
    most: Number | None = None
    unit: Text
    scale: Literal["log"] = "log"
    grade: Grade
    note: Text


@dataclass(frozen=True)
class Row:
    """A row as the fit sees it: `value` on the log scale with `error`; a bound from below where `value` is None."""

    id: str
    log_value: float | None
    log_error: float


@lru_cache(maxsize=1)
def priors() -> dict[str, Prior]:
    """All numbers of the fit, the program's six first."""
    return read_table(PRIORS_FILE, "prior", Prior)


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """The rows on spread that the catalogue marks `calibrate`."""
    found = []
    for entry in catalogue().evidence.values():
        if entry.use != "calibrate" or not entry.row.startswith("spread"):
            continue
        middle = entry.value if entry.value is not None else entry.low
        if middle is None or entry.error is None:
            raise CatalogueError(f"Row {entry.id} has no value, bound or error.", "A fitted row has both.")
        log_value = None if entry.value is None else float(np.log(entry.value))
        found.append(Row(entry.id, log_value, entry.error / middle))
    return tuple(found)


def values_of(z: np.ndarray, fixed: Mapping[str, float] | None = None) -> dict[str, np.ndarray]:
    """Values of every number at normal scores (draw, number); some may be held `fixed`, whatever z says."""
    values = {name: prior_values(prior, z[:, i]) for i, (name, prior) in enumerate(priors().items())}
    return values | {name: np.full(len(z), value) for name, value in (fixed or {}).items()}


def predicted(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every calibration row as the model reads it, (draw,) each, in the unit of the row."""
    return {**biceps(values), **longissimus(values), **tibialis(values), **sweat(values)}


def residuals(of: tuple[Row, ...], values: dict[str, np.ndarray], read: dict[str, np.ndarray]) -> np.ndarray:
    """Predicted minus observed in units of the error, log scale, (draw, row).

    A bound counts from the distance out to which sections were looked at.
    """
    columns = []
    for row in of:
        goal = np.log(values[SAMPLED]) if row.log_value is None else row.log_value
        columns.append((np.log(np.maximum(read[row.id], 1e-9)) - goal) / row.log_error)
    return np.stack(columns, axis=1)


def log_likelihood(
    of: tuple[Row, ...], z: np.ndarray, fixed: Mapping[str, float] | None = None
) -> np.ndarray:
    """Log-likelihood at normal scores (draw, number), (draw,); the prior is -|z|^2 / 2.

    Args:
        fixed: values held whatever z says (a variant of the model).
    """
    values = values_of(z, fixed)
    scores = residuals(of, values, predicted(values))
    bound = np.array([row.log_value is None for row in of])
    total = np.where(bound, log_ndtr(scores), -0.5 * scores**2).sum(axis=1)
    return np.where(np.isfinite(total), total, -1e12)
