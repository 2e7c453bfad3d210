"""The space that the calibration moves in: every parameter that tells on a rate, as a normal score.

    z ~ N(0, 1)   of a parameter with a prior: its two-piece normal (`population.draws.prior_values`)
    z ~ N(0, C)   of one that the clinical fit left draws of: its place among them; C the correlation of these places

What the clinical fit left is thereby met as a Gaussian copula of its draws. Thresholds of effects, the chance of a slip
and that of a run-off stand at their centres where rates are worked out: those are functions of them, at the nodes of
`grids`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.effects.rows import table
from endplate.model.backend import normal_cdf, normal_quantile
from endplate.population.draws import prior_values, stratified, stream
from endplate.population.posterior import draws_of
from endplate.population.risk_draws import Outer, outer_draws, spread_shift

TELLING = ("spread.", "needle.", "junction.", "threshold.", "effect.", "face.lid.", "face.brow.")
TELLING += ("person.sensitivity_sd", "outcome.capture.forehead", "outcome.capture.lateral_canthus")
SILENT = ("effect.throat.", "effect.slip.novice", "needle.sd.novice", "effect.lateral_brow_peaking.")
SILENT += (
    "effect.smile_asymmetry.",
    "effect.lip_asymmetry.",
    "effect.oral_incompetence.",
    "effect.dysphagia.",
)
SILENT += ("effect.neck_weakness.", "effect.excessive_weakness.")
SILENT += tuple(
    f"junction.{kind}.{name}" for kind in ("safety_factor", "sensitivity") for name in ("limb", "jaw", "neck")
)
ROWS = 2000  # of the clinical posterior


@dataclass(frozen=True)
class Space:
    """What moves and what does not.

    Attributes:
        names: what moves, a column each: parameters of the clinical fit, those with priors, those on grids.
        known: sorted draws of the clinical fit, by name, in the order of `names`. root: Cholesky factor of their C.
        held: value of every other parameter. basis: where each comes from.
    """

    names: tuple[str, ...]
    known: Mapping[str, np.ndarray]
    root: np.ndarray
    held: Mapping[str, float]
    basis: Mapping[str, str]

    def column(self, name: str) -> int:
        return self.names.index(name)

    def scores(self, white: np.ndarray) -> np.ndarray:
        """Normal scores z from independent ones, (draw, column) both."""
        out = np.array(white, dtype=float)
        out[:, : len(self.known)] = out[:, : len(self.known)] @ self.root.T
        return out

    def values(self, z: np.ndarray, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Values of all columns or some, (draw,) each."""
        out = {}
        for name in self.names if names is None else names:
            score = z[:, self.column(name)]
            if name in self.known:
                kept = self.known[name]
                at = (np.arange(len(kept)) + 0.5) / len(kept)
                out[name] = np.interp(normal_cdf(np, score), at, kept)
            else:
                out[name] = prior_values(catalogue().parameter(name), score)
        return out

    def outer(self, z: np.ndarray) -> Outer:
        """Draws as the risk engine takes them."""
        moved = [name for name in self.names if name not in table().grids]
        values = {name: np.full(len(z), value) for name, value in self.held.items()} | self.values(z, moved)
        return Outer(values, self.basis, spread_shift(values))


def tells(name: str) -> bool:
    """Whether rates may depend on a parameter."""
    return name.startswith(TELLING) and not name.startswith(SILENT)


def products() -> tuple[str, ...]:
    """Products of all conditions, sorted."""
    return tuple(sorted({one.product for every in table().conditions.values() for one in every.settings}))


@lru_cache(maxsize=1)
def space() -> Space:
    """The space of today's catalogue, without any calibration of unwanted effects."""
    seed, grids = int(table().settings["seed"]), tuple(table().grids)
    example = outer_draws(products(), 8, seed)
    fitted = {product: draws_of(product, ROWS, seed) for product in products()}
    known: dict[str, np.ndarray] = {}
    drawn: list[str] = []
    held: dict[str, float] = {}
    for name in example.values:
        product = name.removeprefix("threshold.") if name.startswith("threshold.") else products()[0]
        own = fitted.get(product)  # a product that no treatment takes is held
        entry = catalogue().parameters.get(name)
        if own and tells(name) and own.basis.get(name) == "posterior":
            known[name] = own.values[name]
        elif own and tells(name) and name not in grids and entry and entry.drawn and entry.low < entry.high:
            drawn.append(name)
        elif name not in grids:
            held[name] = float(entry.value) if entry else float(np.median(example.values[name]))
    centre = {name: float(catalogue().parameter(name).value) for name in grids}
    basis = {name: "posterior" if name in known else "prior" for name in (*known, *drawn, *grids)}
    basis = dict.fromkeys(held, "held") | basis
    order = {name: np.sort(value) for name, value in known.items()}
    return Space((*known, *drawn, *grids), order, _root(list(known.values())), held | centre, basis)


def _root(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Cholesky factor of the correlation of ranks as normal scores."""
    rank = np.argsort(np.argsort(np.stack(columns), axis=1), axis=1)
    score = normal_quantile((rank + 0.5) / rank.shape[1])
    return np.linalg.cholesky(np.atleast_2d(np.corrcoef(score)) + 1e-9 * np.eye(len(columns)))


def first_scores(size: int) -> np.ndarray:
    """Draws of the first round: the prior, each column stratified, (draw, column)."""
    seed = int(table().settings["seed"])
    white = [stratified(stream(seed, f"first {name}"), size) for name in space().names]
    return space().scores(np.stack(white, axis=1))
