"""Joint draws from a calibration: a draw of the proposals by its weight, then what the sums held, given that draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from endplate.fit.effects.grids import (
    ALONE,
    BLUR,
    EYES,
    LEAK,
    LIDS,
    SLIP,
    grid,
    spread_between_reports,
)
from endplate.fit.effects.likelihood import summed, tables_of
from endplate.fit.effects.pool import ORDER
from endplate.fit.effects.rates import Key, axes_of, rate_of
from endplate.fit.effects.resample import Calibration, systematic
from endplate.fit.effects.rows import Row
from endplate.population.draws import stream


@dataclass(frozen=True)
class Sample:
    """Equally weighted joint draws.

    Attributes:
        place (sample,): which of the calibration's draws each came from.
        node: of every unknown on a grid, (sample,). report_sd (sample,): between reports.
        values: of every unknown, (sample,).
    """

    place: np.ndarray
    node: Mapping[str, np.ndarray]
    report_sd: np.ndarray
    values: Mapping[str, np.ndarray]

    def rate(self, found: Calibration, key: Key) -> np.ndarray:
        """Rate of an effect in each joint draw, (sample,)."""
        return rate_of(self.coefficient(found, key), grid(LEAK).value[self.node[LEAK]])

    def coefficient(self, found: Calibration, key: Key) -> np.ndarray:
        """Coefficients of an effect in each joint draw, (coefficient, sample)."""
        whole = found.coefficients[key]
        slip = self.node[SLIP] if whole.shape[2] > 1 else np.zeros_like(self.place)
        at = (self.place, slice(None), slip, *(self.node[name] for name in axes_of(*key[1:])))
        return np.moveaxis(whole[at], 1, 0)  # with a slice between indices numpy puts the drawn axis first


def sample(found: Calibration, count: int, seed: int, used: Sequence[Row] | None = None) -> Sample:
    """Joint draws given all fitted rows, or some of them.

    Args:
        used: the rows that count.
    """
    rng = stream(seed, "joint draws of effects")
    rows = found.whole.fitted if used is None else used
    place = rng.permutation(systematic(found.weights(used), count, rng))
    nodes = {name: np.zeros(count, dtype=int) for name in found.whole.grids}
    report = np.zeros(count, dtype=int)
    for one in np.unique(place):
        mine = np.flatnonzero(place == one)
        some = {key: value[one : one + 1] for key, value in found.coefficients.items()}
        terms = summed(tables_of(rows, found.whole, some), 1)
        report[mine], nodes[LEAK][mine], nodes[SLIP][mine] = _drawn(terms.total[0], len(mine), rng)
        for k in mine:
            at = (0, report[k], nodes[LEAK][k], nodes[SLIP][k])
            _put(nodes, EYES, k, _drawn(_at(terms.eyes, at), 1, rng))
            lids = _drawn(_at(terms.lids, at), 1, rng)
            _put(nodes, LIDS, k, lids)
            _put(nodes, (BLUR,), k, _drawn(_at(terms.blur, at)[:, lids[2][0]], 1, rng))
            for name in ALONE:
                _put(nodes, (name,), k, _drawn(_at(terms.alone[name], at), 1, rng))
    values = {name: value[found.rows[place]] for name, value in found.pool.values.items()}
    for name in found.whole.grids:
        values[name] = grid(name).drawn(nodes[name], rng)
    steps = np.sort(np.stack([values[name] for name in ORDER]), axis=0)
    values |= dict(zip(ORDER, steps, strict=True))  # cells of neighbours may overlap
    kept = {name: values[name] for name in found.whole.names}
    return Sample(place, nodes, spread_between_reports().value[report], kept)


def _drawn(log_terms: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Indices by axis of `count` draws from a table of ln terms."""
    flat = np.exp(log_terms - log_terms.max()).ravel()
    found = np.searchsorted(np.cumsum(flat), rng.random(count) * flat.sum(), side="right")
    return tuple(np.unravel_index(np.minimum(found, flat.size - 1), log_terms.shape))


def _at(terms: np.ndarray, place: tuple[int, ...]) -> np.ndarray:
    """Terms at a place of the leading axes, of which those of one entry stand for all."""
    return np.asarray(terms[tuple(min(k, size - 1) for k, size in zip(place, terms.shape, strict=False))])


def _put(
    nodes: Mapping[str, np.ndarray], names: Sequence[str], k: int, drawn: tuple[np.ndarray, ...]
) -> None:
    for name, node in zip(names, drawn, strict=True):
        nodes[name][k] = node[0]
