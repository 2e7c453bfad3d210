"""The chain as tables, so that a sampler can call it some hundred thousand times.

Between a bank of exposures and the line force of a person stand the table of responses and a shift. The table is made
by the chain itself, once, on a grid of the light chain's half-life and of the endplates' spread; between grid points it
is interpolated by cubics (its error against the chain is tested). What a draw needs is then a few small products.

    T[theta, sigma, x, t]      force and slow force at log drive x, t days after the lag
    A[entry, shift, t] = 1 - sum over bins H[entry, bin] (1 - T[x(bin) + shift, t])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.model.outcome import remodelled
from endplate.model.parameters import point_parameters
from endplate.population.tables import blur, force_table

Array = Any
STEP = 0.25  # of the table and of the bank, in ln exposure
SHIFT_STEP, SHIFT_REACH = 0.5, 6.0
LOW, HIGH = -9.0, 15.0
HALF_LIVES_D = np.geomspace(9.0, 90.0, 12)
SPREADS = np.geomspace(0.35, 2.6, 9)
EARLY_D, LONGEST_LAG_D = 35, 6
HALF_LIFE, SPREAD = "junction.light_chain_half_life.a", "junction.sensitivity_sd"


@dataclass(frozen=True)
class Table:
    """Force and slow force, (half-life, spread, x, day, 2), on the kept days."""

    x: np.ndarray
    days: np.ndarray
    values: np.ndarray


def needed_days(visits: Sequence[float]) -> np.ndarray:
    """Days at which the table must be known so that a visit can be read at any lag."""
    kept: set[int] = set()
    for visit in visits:
        kept |= set(nodes_of(visit).tolist())
    return np.array(sorted(kept))


def nodes_of(visit: float) -> np.ndarray:
    """Days between which the reading of one visit is interpolated, by lag: daily early, far apart later."""
    last = int(np.ceil(visit))
    if last > EARLY_D:
        return np.array([last - LONGEST_LAG_D, last])
    return np.arange(max(last - LONGEST_LAG_D, 0), last + 1)


def make_table(visits: Sequence[float], tau_d: float, muscle_class: str = "mimic") -> Table:
    """The table by the chain itself; every other parameter at the centre of its prior."""
    x = np.arange(LOW, HIGH + 0.5 * STEP, STEP)
    days = needed_days(visits)
    centre = point_parameters()
    values = np.empty((len(HALF_LIVES_D), len(SPREADS), len(x), len(days), 2))
    for i, half_life in enumerate(HALF_LIVES_D):
        given = centre.replaced(junction__light_chain_half_life__a=float(half_life))
        sharp = np.asarray(force_table(np, given, x, int(days[-1]), muscle_class))
        for j, spread in enumerate(SPREADS):
            # Splitting endplates between neighbouring bins has already spread them by a sixth of a squared step.
            force = np.asarray(blur(np, sharp, STEP, float(np.sqrt(spread**2 - STEP**2 / 6.0))))
            slow = remodelled(np, force, 1.0, tau_d)
            values[i, j, :, :, 0], values[i, j, :, :, 1] = force[:, days], slow[:, days]
    return Table(x, days, values)


def cubic_weights(xp: Any, grid: np.ndarray, at: Array) -> tuple[Array, Array]:
    """First row and the four Lagrange weights of a value on an even grid; ends are held to the outer cubic."""
    place = (at - grid[0]) / (grid[1] - grid[0])
    first = xp.clip(xp.floor(place).astype(int) - 1, 0, len(grid) - 4)
    p = place - first
    weights = [
        -(p - 1) * (p - 2) * (p - 3) / 6,
        p * (p - 2) * (p - 3) / 2,
        -p * (p - 1) * (p - 3) / 2,
        p * (p - 1) * (p - 2) / 6,
    ]
    return first, xp.stack(weights, axis=-1)


def response(xp: Any, table: Table, half_life_d: Array, spread: Array, lasting_share: Array) -> Array:
    """Line force against log drive and kept day for one draw, (x, day)."""
    i, wi = cubic_weights(xp, np.log(HALF_LIVES_D), xp.log(half_life_d))
    j, wj = cubic_weights(xp, np.log(SPREADS), xp.log(spread))
    values = xp.asarray(table.values)
    rows = values[i + np.arange(4)[:, None], j + np.arange(4)[None]]
    both = xp.einsum("i,j,ijxdk->xdk", wi, wj, rows)
    return both[..., 0] + lasting_share * (both[..., 1] - both[..., 0])


@dataclass(frozen=True)
class Banks:
    """All banks, ready for shifts about a fixed one each.

    Attributes:
        share (bank, entry, bin), padded with empty bins. base (bank,): fixed shift from a bank's grid to the table's.
        rows (bank, shift, bin): rows of the table.
    """

    share: np.ndarray
    base: np.ndarray
    rows: np.ndarray


SHIFTS = np.arange(-SHIFT_REACH, SHIFT_REACH + 0.5 * SHIFT_STEP, SHIFT_STEP)


def lay_banks(banks: Sequence[tuple[np.ndarray, np.ndarray]], shifts: Sequence[float], table: Table) -> Banks:
    """Lay banks (entry, bin) with their grids on the table, for shifts within `SHIFT_REACH` of a fixed one each."""
    width = max(len(grid) for _, grid in banks)
    share = np.zeros((len(banks), banks[0][0].shape[0], width))
    base, rows = np.zeros(len(banks)), np.zeros((len(banks), len(SHIFTS), width), dtype=int)
    for k, ((own, grid), shift) in enumerate(zip(banks, shifts, strict=True)):
        share[k, :, : own.shape[1]] = own
        first = round((grid[0] + shift - table.x[0]) / STEP)
        base[k] = first * STEP + table.x[0] - grid[0]
        rows[k] = first + np.arange(width)[None] + np.rint(SHIFTS / STEP).astype(int)[:, None]
    return Banks(share, base, np.clip(rows, 0, len(table.x) - 1))


def shifted(xp: Any, banks: Banks, answer: Array) -> Array:
    """Line force of every entry at every shift, (bank, entry, shift, day), from the response of one draw (x, day)."""
    lost = (1.0 - answer)[banks.rows]
    return 1.0 - xp.einsum("akb,ambd->akmd", xp.asarray(banks.share), lost)


@dataclass(frozen=True)
class Times:
    """Where visits stand among the kept days, (reading,): the day itself; columns and days about it, (reading, node).

    Early visits have a node each day back to the longest lag; a visit with fewer nodes repeats its last.
    """

    visit: np.ndarray
    column: np.ndarray
    day: np.ndarray


def times_of(visits: Sequence[float], days: np.ndarray) -> Times:
    """Places of visits among the kept days of a table."""
    nodes = np.array([_padded(nodes_of(visit)) for visit in visits]).reshape(len(visits), -1)
    return Times(np.array(visits, dtype=float), np.searchsorted(days, nodes), nodes.astype(float))


def _padded(nodes: np.ndarray) -> np.ndarray:
    return np.concatenate([nodes, np.full(LONGEST_LAG_D + 1 - len(nodes), nodes[-1])])


def time_weights(xp: Any, at: Times, lag_d: Array) -> Array:
    """Weights of linear interpolation between the nodes of each visit at each lag, (reading, node, lag)."""
    first, last = at.day[:, :1], at.day.max(axis=1)[:, None]
    now = xp.clip(at.visit[:, None] - lag_d[None], first, last)[:, None, :]
    gap = (at.day[:, 1] - at.day[:, 0])[:, None, None]
    repeated = np.concatenate([np.zeros((len(at.day), 1)), np.diff(at.day, axis=1) == 0], axis=1)[..., None]
    return xp.where(repeated > 0, 0.0, xp.clip(1.0 - xp.abs(now - at.day[..., None]) / gap, 0.0, None))


def shift_weights(xp: Any, shift: Array) -> Array:
    """Weights of cubic convolution (Keys 1981) over the shifts of the tables, (..., shift)."""
    held = xp.clip(shift, SHIFTS[1], SHIFTS[-2])
    t = xp.abs(held[..., None] - SHIFTS) / SHIFT_STEP
    near = 1.0 + t * t * (1.5 * t - 2.5)
    far = 2.0 + t * (-4.0 + t * (2.5 - 0.5 * t))
    return xp.where(t < 1.0, near, xp.where(t < 2.0, far, 0.0))


def signal_at(
    xp: Any, table: Array, bank: np.ndarray, shift: Array, lag_d: Array, lag_of: np.ndarray, at: Times
) -> Array:
    """Line force of people, (reading, sensitivity * entry): every sensitivity on every entry.

    Dense products alone: indices that depend on a draw, and blocks picked from a table, would cost a gradient most of
    its time.

    Args:
        table: of `shifted`. bank (reading,). shift (reading, sensitivity): about the bank's base. lag_d (lag,).
        lag_of (sensitivity, entry): the lag of each person, as an index.
    """
    days = table.shape[-1]
    where, chosen = shift_weights(xp, shift), np.eye(int(lag_of.max()) + 1)[lag_of]
    parts, order = [], []
    for k in np.unique(bank):
        mine = np.flatnonzero(bank == k)
        order.append(mine)
        _, one, again = np.unique(at.visit[mine], return_index=True, return_inverse=True)
        few = Times(at.visit[mine][one], at.column[mine][one], at.day[mine][one])
        when = xp.einsum("unl,und->uld", time_weights(xp, few, lag_d), np.eye(days)[few.column])
        some = xp.einsum("kmd,uld->ulkm", table[k], when)[again]  # readings of one visit share it
        found = xp.einsum("rjm,rlkm->rljk", where[mine], some)
        parts.append(xp.einsum("rljk,jkl->rjk", found, chosen).reshape(len(mine), -1))
    return xp.concatenate(parts)[np.argsort(np.concatenate(order))]


def spread_of(values: Mapping[str, Array]) -> tuple[Array, Array]:
    """Half-life and spread of a draw."""
    return values[HALF_LIFE], values[SPREAD]
