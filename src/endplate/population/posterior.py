"""Joint draws of everything a trial needs: the posterior of the fit where there is one, priors elsewhere.

The posterior is data (`data/posterior.npz`, with its recipe in `data/posterior.toml`), made by `endplate fit`. Its rows
are joint: a draw takes all fitted parameters from one row. What the fit held fixed stays at the value it was held at;
a product or an area without a row keeps its prior.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.model.parameters import point_parameters
from endplate.population.draws import prior_values, stratified, stream

DATA = Path(__file__).parent / "data"
REPORTED = ("person.", "outcome.")


@dataclass(frozen=True)
class Draws:
    """Parameter values, (draw,) each, and where each comes from: "posterior", "prior" or "held"."""

    values: Mapping[str, np.ndarray]
    basis: Mapping[str, str]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]

    @property
    def draws(self) -> int:
        return len(next(iter(self.values.values())))

    def taken(self, rows: np.ndarray) -> Draws:
        """Some of the draws, in this order; one may be taken more than once."""
        return Draws({name: value[rows] for name, value in self.values.items()}, self.basis)

    def one(self, row: int) -> dict[str, np.ndarray]:
        """One draw, as arrays of one value: a ParameterSet's values."""
        return {name: value[row : row + 1] for name, value in self.values.items()}


@dataclass(frozen=True)
class Posterior:
    """What the fit left: joint draws and how they were made.

    Attributes:
        names: catalogue ids; draws (chain, draw, name): in the parameter's own unit. recipe: how it was made.
    """

    names: tuple[str, ...]
    draws: np.ndarray
    recipe: Mapping[str, Any]

    @property
    def flat(self) -> np.ndarray:
        """All draws of all chains, (draw, name)."""
        return self.draws.reshape(-1, len(self.names))


@lru_cache(maxsize=4)
def stored_posterior(folder: Path = DATA) -> Posterior | None:
    """The posterior that was shipped; None before the first fit."""
    path = folder / "posterior.npz"
    if not path.exists():
        return None
    with np.load(path) as file:
        names = tuple(str(name) for name in file["names"])
        draws = np.asarray(file["draws"], dtype=float)
    return Posterior(names, draws, tomllib.loads((folder / "posterior.toml").read_text(encoding="utf-8")))


def outcome_parameter_ids() -> tuple[str, ...]:
    """Ids of the parameters about people and raters, in catalogue order."""
    return tuple(name for name in catalogue().parameters if name.startswith(REPORTED))


def draws_of(product: str | None, draws: int, seed: int, posterior: Posterior | None = None) -> Draws:
    """Joint draws for one product.

    Args:
        product: catalogue id, or None for a placebo.
        posterior: another one than the stored.

    Raises:
        ModelError: no draws asked for, or a product without a threshold.
    """
    if draws < 1:
        raise ModelError(f"{draws} draws were asked for.", "At least one is needed.", "Give more patients.")
    if product is not None and f"threshold.{product}" not in catalogue().parameters:
        raise ModelError(
            f"No dose of {catalogue().product(product).name} is published, so it has no potency prior.",
            "It is in the catalogue for reference only.",
            "Choose a product with a threshold: `endplate list parameters`.",
        )
    found = posterior or stored_posterior()
    values = {name: np.full(draws, float(v[0])) for name, v in point_parameters().values.items()}
    basis = dict.fromkeys(values, "held")
    for name in outcome_parameter_ids():
        values[name], basis[name] = np.full(draws, float(catalogue().parameter(name).value)), "held"
    fitted = _fitted(found, draws, seed)
    own = f"threshold.{product}"
    for name in values:
        if name in fitted:
            values[name], basis[name] = fitted[name], "posterior"
        elif name == own or name.startswith(REPORTED):
            entry = catalogue().parameter(name)
            if entry.drawn and entry.low < entry.high:
                values[name] = prior_values(entry, stratified(stream(seed, name), draws))
                basis[name] = "prior"
    return Draws(values, basis)


def _fitted(found: Posterior | None, draws: int, seed: int) -> dict[str, np.ndarray]:
    """Rows of the posterior, spread evenly over all of them and in random order."""
    if found is None:
        return {}
    flat = found.flat
    rows = np.floor((np.arange(draws) + 0.5) * len(flat) / draws).astype(int)
    rows = stream(seed, "rows of the posterior").permutation(rows)
    return {name: flat[rows, k] for k, name in enumerate(found.names)}
