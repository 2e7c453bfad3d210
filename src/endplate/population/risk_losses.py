"""Histograms against response tables: what every watched muscle has lost, for some sensitivities and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from endplate.population.risk_parts import Group
from endplate.population.risk_tables import LOW, SHIFTS, STEP, days_kept

LEAST = 0.01  # a muscle that never loses more, in whatever person, is left out


def peak_columns(days: Sequence[int]) -> np.ndarray:
    """Columns of the table nearest to some days."""
    return np.array([int(np.abs(days_kept() - day).argmin()) for day in days])


def cuts(groups: Sequence[Group], tables: Mapping[str, np.ndarray]) -> np.ndarray:
    """ln drive below which a group loses less than `LEAST` in the most sensitive person of any draw, (group,)."""
    found = {}
    for name, table in tables.items():
        most = table.max(axis=(0, 2))
        first = int(np.argmax(most > LEAST)) if (most > LEAST).any() else len(most)
        found[name] = LOW + STEP * (first - 1) - float(SHIFTS[-1])
    return np.array([found[group.muscle_class] for group in groups])


def losses_of(
    share: np.ndarray,
    groups: Sequence[Group],
    tables: Mapping[str, np.ndarray],
    part: slice | np.ndarray,
    shifts: np.ndarray,
    columns: np.ndarray,
) -> np.ndarray:
    """Loss of the groups, (group, draw, r x stratum, shift, day).

    Args:
        share: (draw, r, stratum, group, x) of some draws; part: which these are, in the tables.
        shifts: of ln sensitivity, whole cells. columns: days of the tables.
    """
    draws, cells = len(share), share.shape[-1]
    rows = share.shape[1] * share.shape[2]
    flat = share.reshape(draws, rows, *share.shape[3:])
    steps = np.rint(shifts / STEP).astype(int)
    at = np.clip(np.arange(cells)[:, None] + steps[None], 0, cells - 1)
    out = np.zeros((len(groups), draws, rows, len(shifts), len(columns)), dtype=np.float32)
    for name, table in tables.items():
        mine = [k for k, group in enumerate(groups) if group.muscle_class == name]
        if mine:
            window = table[part][:, :, columns][:, at].reshape(draws, cells, -1)
            found = np.matmul(flat[:, :, mine].reshape(draws, -1, cells), window)
            out[mine] = np.moveaxis(found.reshape(draws, rows, len(mine), len(shifts), len(columns)), 2, 0)
    return out
