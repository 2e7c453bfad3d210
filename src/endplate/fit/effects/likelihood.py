"""How likely the reported counts are, given what the model says of each, as a function of what the sums hold.

    count ~ beta-binomial(n, 1 - (1 - p)(1 - q))     p of the model, q what happens without toxin
    logit of a report's own rate has SD `report_sd`  injectors, raters and ways of asking differ; its prior is declared

q has the beta distribution that the placebo arms leave (Jeffreys), taken at some of its quantiles. Rows are read from
tables over the rate. The leading axes of what follows are (draw, spread between reports, chance of a run-off, chance of
a slip); thresholds follow.
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
    SLIP,
    grid,
    in_order,
    spread_between_reports,
)
from endplate.fit.effects.rates import Key, axes_of, rate_of
from endplate.fit.effects.rows import Row, Table

LEAST = 1e-4  # no rate is taken for less: some droop happens whatever the model says
BACKGROUNDS = 5
NODES = np.linspace(np.log(LEAST / (1.0 - LEAST)), -np.log(LEAST / (1.0 - LEAST)), 481)  # logits of rates
HEADS = 4  # leading axes
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
    """Chance of the event by toxin or without, (point, rate)."""
    kept = np.clip(rate, LEAST, 1.0 - LEAST)
    return np.asarray(1.0 - (1.0 - kept) * (1.0 - points[:, None]))


def beta_binomial(events: int, n: int, share: np.ndarray, logit_sd: np.ndarray) -> np.ndarray:
    """ln probability of a count whose chance varies between reports; the binomial coefficient is left out."""
    from scipy.special import betaln

    size = concentration(np, share, logit_sd)
    a, b = share * size, (1.0 - share) * size
    return np.asarray(betaln(a + events, b + n - events) - betaln(a, b))


def row_table(row: Row, whole: Table) -> np.ndarray:
    """ln likelihood of one row at `NODES`, what happens without toxin integrated, (spread, node)."""
    points = background_points(whole.background[row.background] if row.background else None)
    share = with_background(1.0 / (1.0 + np.exp(-NODES)), points)
    sd = spread_between_reports().value[:, None, None]
    found = beta_binomial(row.events or 0, row.n or 0, share[None], sd)
    top = found.max(axis=1)
    return np.asarray(top + np.log(np.exp(found - top[:, None]).mean(axis=1)))


def place_of(coefficient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where rates lie among `NODES`: node below and share of the way to the next, (draw, leak, slip, *node).

    Args:
        coefficient: (draw, coefficient, slip, *node).
    """
    leak = grid(LEAK).value.reshape(1, -1, *(1,) * (coefficient.ndim - 2))
    rate = rate_of(np.moveaxis(coefficient, 1, 0)[:, :, None], leak)
    kept = np.clip(rate, LEAST, 1.0 - LEAST)
    at = (np.log(kept / (1.0 - kept)) - NODES[0]) / (NODES[1] - NODES[0])
    low = np.clip(at.astype(np.intp), 0, len(NODES) - 2)
    return low, at - low


def tables_of(rows: Sequence[Row], whole: Table, coefficients: Mapping[Key, np.ndarray]) -> Tables:
    """ln likelihoods of rows added up by the thresholds that they depend on, (draw, spread, leak, slip, *node)."""
    found: Tables = {}
    for key in dict.fromkeys(row.key for row in rows):
        table = sum(row_table(row, whole) for row in rows if row.key == key)
        low, part = place_of(coefficients[key])
        one = np.stack([line[low] + part * (line[low + 1] - line[low]) for line in np.asarray(table)], axis=1)
        axes = axes_of(*key[1:])
        found[axes] = found[axes] + one if axes in found else one
    return found


@dataclass(frozen=True)
class Summed:
    """What the thresholds leave after they are summed over.

    Attributes:
        total: ln, with the priors of spread, run-off and slip, (draw, spread, leak, slip).
        eyes, lids, blur, alone: ln terms from which nodes are drawn, with the leading axes first.
    """

    total: np.ndarray
    eyes: np.ndarray
    lids: np.ndarray
    blur: np.ndarray
    alone: Mapping[str, np.ndarray]


def summed(tables: Tables, draws: int) -> Summed:
    """All thresholds summed over their grids."""
    shape = (draws, *(len(one.z) for one in (spread_between_reports(), grid(LEAK), grid(SLIP))))
    eyes = _prior(EYES) + _get(tables, EYES, shape)
    eyes = eyes + _get(tables, (EYES[0], EYES[2]), shape)[..., :, None, :]
    blur = _prior((BLUR,))[..., None] + _get(tables, (BLUR, LIDS[2]), shape)
    lids = _prior(LIDS) + in_order()
    lids = lids + _get(tables, LIDS[:1], shape)[..., :, None, None]
    lids = lids + _get(tables, LIDS[1:2], shape)[..., None, :, None]
    lids = lids + (_get(tables, LIDS[2:], shape) + log_sum(blur, (-2,)))[..., None, None, :]
    alone = {name: _prior((name,)) + _get(tables, (name,), shape) for name in ALONE}
    last = (-3, -2, -1)
    total = log_sum(eyes, last) + log_sum(lids, last) + sum(log_sum(one, (-1,)) for one in alone.values())
    total = total + spread_between_reports().log_weight[:, None, None]
    total = total + grid(LEAK).log_weight[:, None] + grid(SLIP).log_weight
    return Summed(total, eyes, lids, blur, alone)


def _get(tables: Tables, names: tuple[str, ...], shape: tuple[int, ...]) -> np.ndarray:
    """The table of some thresholds over all leading axes; nothing where no row depends on them."""
    found = tables.get(names)
    nodes = tuple(len(grid(name).z) for name in names)
    return (
        np.zeros((1,) * (len(shape) + len(nodes))) if found is None else np.broadcast_to(found, shape + nodes)
    )


def _prior(names: tuple[str, ...]) -> np.ndarray:
    """ln prior weights of some thresholds' nodes, with leading axes of one entry."""
    found = np.zeros((1,) * HEADS)
    for name in names:
        found = found[..., None] + grid(name).log_weight
    return found


def log_sum(terms: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """ln of the sum of exponentials over some axes."""
    top = terms.max(axis=axes, keepdims=True)
    return np.asarray(np.squeeze(top, axes) + np.log(np.exp(terms - top).sum(axis=axes)))


def log_marginal(
    rows: Sequence[Row], whole: Table, coefficients: Mapping[Key, np.ndarray], step: int = 32
) -> np.ndarray:
    """ln likelihood of each draw with everything on the grids summed over, (draw,)."""
    draws = len(next(iter(coefficients.values())))
    found = []
    for start in range(0, draws, step):
        some = {key: value[start : start + step] for key, value in coefficients.items()}
        count = min(step, draws - start)
        found.append(log_sum(summed(tables_of(rows, whole, some), count).total, (1, 2, 3)))
    return np.concatenate(found)
