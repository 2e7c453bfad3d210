"""What is left of a line's force in each person on each day: read from tables of entry, shift and day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

SHIFT_STEP = 0.25  # of the tables, in ln exposure; responses are smooth over the endplates' own spread
LEAST_ENTRIES = 8  # of a cohort, for either half


@dataclass(frozen=True)
class Table:
    """Line force by entry of a bank, shift and day since the first session, (entry, shift, day).

    Attributes:
        low: the first shift; steps are `SHIFT_STEP`.
    """

    values: np.ndarray
    low: float

    @cached_property
    def flat(self) -> np.ndarray:
        return np.ascontiguousarray(self.values).reshape(-1)

    def read(self, entry: np.ndarray, shift: np.ndarray, time_d: np.ndarray) -> np.ndarray:
        """Force of people at some times, linear between shifts and between days.

        Args:
            entry, shift (n,). time_d (n, t): since the first session, 1 is given before it.

        Returns:
            (n, t).
        """
        _, shifts, days = self.values.shape
        place = np.clip((shift - self.low) / SHIFT_STEP, 0.0, shifts - 1.000001)
        row = place.astype(np.int64)
        along = (place - row)[:, None]
        time = np.clip(time_d, 0.0, days - 1.000001)
        day = time.astype(np.int64)
        part = time - day
        at = ((entry * shifts + row) * days)[:, None] + day
        flat = self.flat
        below = flat[at] * (1.0 - part) + flat[at + 1] * part
        at += days
        above = flat[at] * (1.0 - part) + flat[at + 1] * part
        return below * (1.0 - along) + above * along


def shifts_over(low: float, high: float) -> np.ndarray:
    """Grid of shifts that covers low to high."""
    first = np.floor(low / SHIFT_STEP) * SHIFT_STEP
    return first + SHIFT_STEP * np.arange(max(int(np.ceil((high - first) / SHIFT_STEP)), 1) + 1)


def halved(rng: np.random.Generator, entries: np.ndarray, people: int) -> tuple[np.ndarray, np.ndarray]:
    """Entries for either half of some people: all for both, or where people are few, a part for each.

    Args:
        people: of both halves together.
    """
    each = max(LEAST_ENTRIES, people // 4)
    if 2 * each >= len(entries):
        return entries, entries
    mixed = rng.permutation(entries)
    return np.sort(mixed[:each]), np.sort(mixed[each : 2 * each])
