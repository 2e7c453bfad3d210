"""How likely the reported counts are, given what the model says of each, as a function of what the sums hold.

    count ~ beta-binomial(n, 1 - (1 - p)(1 - q))     p of the model, q what happens without toxin
    logit of a report's own rate has SD `report_sd`  injectors, raters and ways of asking differ; its prior is declared

q has the beta distribution that the placebo arms leave (Jeffreys), taken at some of its quantiles. The leading axes of
all tables are (draw, spread between reports, chance of a run-off); thresholds follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from endplate.fit.clinic.sampler import concentration
from endplate.fit.effects.grids import (
    ALONE,
    BLUR,
    EYES,
    LEAK,
    LIDS,
    grid,
    in_order,
    spread_between_reports,
)
from endplate.fit.effects.rates import Key, axes_of, rate_of
from endplate.fit.effects.rows import Row, Table

LEAST = 1e-4  # no rate is taken for less: some droop happens whatever the model says
BACKGROUNDS = 3
Tables = dict[tuple[str, ...], np.ndarray]


def background_points(counts: tuple[int, int] | None) -> np.ndarray:
    """Rates without toxin, equally likely, (point,); 0 where none was told."""
    if counts is None:
        return np.zeros(1)
    from scipy.stats import beta

    events, n = counts
    at = (np.arange(BACKGROUNDS) + 0.5) / BACKGROUNDS
    return np.asarray(beta.ppf(at, events + 0.5, n - events + 0.5))


def with_background(rate: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Chance of the event by toxin or without, (point, ...)."""
    kept = np.clip(rate, LEAST, 1.0 - LEAST)
    return np.asarray(1.0 - (1.0 - kept) * (1.0 - points.reshape(-1, *(1,) * kept.ndim)))


def beta_binomial(events: int, n: int, share: np.ndarray, logit_sd: np.ndarray) -> np.ndarray:
    """ln probability of a count whose chance varies between reports; the binomial coefficient is left out."""
    from scipy.special import betaln

    size = concentration(np, share, logit_sd)
    a, b = share * size, (1.0 - share) * size
    return np.asarray(betaln(a + events, b + n - events) - betaln(a, b))


def row_table(row: Row, whole: Table, coefficient: np.ndarray) -> np.ndarray:
    """ln likelihood of one row, (draw, spread, leak, *node).

    Args:
        coefficient: (draw, coefficient, *node).
    """
    nodes = coefficient.ndim - 2
    leak = grid(LEAK).value.reshape(1, -1, *(1,) * nodes)
    rate = rate_of(np.moveaxis(coefficient, 1, 0)[:, :, None], leak)[:, None]
    sd = spread_between_reports().value.reshape(1, -1, 1, *(1,) * nodes)
    points = background_points(whole.background[row.background] if row.background else None)
    parts = [
        beta_binomial(row.events or 0, row.n or 0, share, sd) for share in with_background(rate, points)
    ]
    top = np.max(parts, axis=0)
    return np.asarray(top + np.log(np.mean([np.exp(part - top) for part in parts], axis=0)))


def tables_of(rows: Sequence[Row], whole: Table, coefficients: Mapping[Key, np.ndarray]) -> Tables:
    """ln likelihoods of rows added up by the thresholds that they depend on."""
    found: Tables = {}
    for row in rows:
        axes = axes_of(row.effect, row.level)
        one = row_table(row, whole, coefficients[row.key])
        found[axes] = found[axes] + one if axes in found else one
    return found


@dataclass(frozen=True)
class Summed:
    """What the thresholds leave after they are summed over, each (draw, spread, leak, ...): ln sums and ln terms.

    Attributes:
        total: with the priors of spread and run-off. eyes, lids, blur, alone: terms from which nodes are drawn.
    """

    total: np.ndarray
    eyes: np.ndarray
    lids: np.ndarray
    blur: np.ndarray
    alone: Mapping[str, np.ndarray]


def summed(tables: Tables, draws: int) -> Summed:
    """All thresholds summed over their grids."""
    shape = (draws, len(spread_between_reports().z), len(grid(LEAK).z))
    eyes = _prior(shape, EYES) + _get(tables, EYES, shape)
    eyes = eyes + _get(tables, (EYES[0], EYES[2]), shape)[..., :, None, :]
    blur = _prior(shape, (BLUR,))[..., None] + _get(tables, (BLUR, LIDS[2]), shape)
    lids = _prior(shape, LIDS) + in_order()
    lids = lids + _get(tables, LIDS[:1], shape)[..., :, None, None]
    lids = lids + _get(tables, LIDS[1:2], shape)[..., None, :, None]
    lids = lids + (_get(tables, LIDS[2:], shape) + log_sum(blur, 1, axis=-2))[..., None, None, :]
    alone = {name: _prior(shape, (name,)) + _get(tables, (name,), shape) for name in ALONE}
    total = log_sum(eyes, 3) + log_sum(lids, 3) + sum(log_sum(one, 1) for one in alone.values())
    total = total + spread_between_reports().log_weight[:, None] + grid(LEAK).log_weight
    return Summed(total, eyes, lids, blur, alone)


def _get(tables: Tables, names: tuple[str, ...], shape: tuple[int, ...]) -> np.ndarray:
    found = tables.get(names)
    return np.zeros((*shape, *(len(grid(name).z) for name in names))) if found is None else found


def _prior(shape: tuple[int, ...], names: tuple[str, ...]) -> np.ndarray:
    """ln prior weights of some thresholds' nodes, (1, 1, 1, *node)."""
    found = np.zeros((1,) * len(shape))
    for name in names:
        found = found[..., None] + grid(name).log_weight
    return found


def log_sum(terms: np.ndarray, last: int, axis: int | None = None) -> np.ndarray:
    """ln of the sum of exponentials over the last axes, or over one."""
    axes = tuple(range(terms.ndim - last, terms.ndim)) if axis is None else axis
    top = terms.max(axis=axes, keepdims=True)
    return np.asarray(np.squeeze(top, axes) + np.log(np.exp(terms - top).sum(axis=axes)))


def log_marginal(
    rows: Sequence[Row], whole: Table, coefficients: Mapping[Key, np.ndarray], step: int = 64
) -> np.ndarray:
    """ln likelihood of each draw with everything on the grids summed over, (draw,)."""
    draws = len(next(iter(coefficients.values())))
    found = []
    for start in range(0, draws, step):
        some = {key: value[start : start + step] for key, value in coefficients.items()}
        count = min(step, draws - start)
        found.append(log_sum(summed(tables_of(rows, whole, some), count).total, 2))
    return np.concatenate(found)
