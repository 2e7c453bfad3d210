"""The chain as tables, so that a sampler can call it some hundred thousand times.

Between a bank of exposures and the line force of a person stand the table of responses and a shift. The table is made
by the chain itself, once, on a grid of the light chain's half-life and of the endplates' spread; between grid points it is
interpolated by cubics (its error against the chain is tested). What a draw needs is then a few small products.

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
    """Where visits stand among the kept days, (reading,): day, first kept day, its column, days to the next, columns."""

    visit: np.ndarray
    first: np.ndarray
    column: np.ndarray
    gap: np.ndarray
    count: np.ndarray


def times_of(visits: Sequence[float], days: np.ndarray) -> Times:
    """Places of visits among the kept days of a table."""
    nodes = [nodes_of(visit) for visit in visits]
    first = np.array([n[0] for n in nodes], dtype=int)
    return Times(
        np.array(visits, dtype=float),
        first,
        np.searchsorted(days, first),
        np.array([n[1] - n[0] for n in nodes], dtype=int),
        np.array([len(n) for n in nodes], dtype=int),
    )


def signal_at(
    xp: Any,
    banks: Banks,
    table: Array,
    bank: np.ndarray,
    entry: np.ndarray,
    shift: Array,
    lag_d: Array,
    at: Times,
) -> Array:
    """Line force of people, (reading, n): cubic in the shift about the bank's base, linear between days.

    Args:
        table: of `shifted`. bank (reading,). entry (n,): of the bank. shift (reading, n). lag_d (n,).
    """
    first, weights = cubic_weights(xp, SHIFTS, xp.clip(shift, -SHIFT_REACH, SHIFT_REACH))
    time = (xp.clip(at.visit[:, None] - lag_d[None], 0.0, None) - at.first[:, None]) / at.gap[:, None]
    early = xp.clip(xp.floor(time).astype(int), 0, at.count[:, None] - 2)
    part = xp.clip(time - early, 0.0, 1.0)
    column, out = at.column[:, None] + early, 0.0
    for k in range(4):
        low = table[bank[:, None], entry[None], first + k, column]
        high = table[bank[:, None], entry[None], first + k, column + 1]
        out = out + weights[..., k] * (low + part * (high - low))
    return out


def spread_of(values: Mapping[str, Array]) -> tuple[Array, Array]:
    """Half-life and spread of a draw."""
    return values[HALF_LIFE], values[SPREAD]
