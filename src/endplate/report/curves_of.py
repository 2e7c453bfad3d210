"""Curves to draw: left and right of a muscle are one curve while they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.report import numerals
from endplate.report.names import with_sides
from endplate.report.rows import MuscleRow

ALIKE = 0.005
"""Left and right that differ by less than this everywhere are drawn once."""


@dataclass(frozen=True)
class Curve:
    """One line: the rows it stands for, the first of them, the sides it shows ("both sides", "left", "", ...)."""

    row: MuscleRow
    sides: str
    rows: tuple[MuscleRow, ...]

    def values(self, table: np.ndarray, over: Any = np.mean) -> np.ndarray:
        """The table's row; where left and right are one line their mean, or what else `over` makes of them."""
        return over([table[row.index] for row in self.rows], axis=0)

    @property
    def drawn(self) -> str:
        """Weakest force over the draws: medians of both sides as a range, and the band that holds both bands."""
        medians, lows, highs = (
            [getattr(row, name) for row in self.rows] for name in ("median", "low", "high")
        )
        middle = numerals.band(min(medians), max(medians))
        between = numerals.band(min(lows), max(highs))
        return f"median {middle}, 90 % band {between}" if between else ""


def by_muscle(rows: Sequence[MuscleRow]) -> list[list[MuscleRow]]:
    """Rows of the same muscle and role together, in order of first appearance."""
    groups: dict[tuple[str, str], list[MuscleRow]] = {}
    for row in rows:
        groups.setdefault((row.muscle, row.role), []).append(row)
    return list(groups.values())


def curves(group: Sequence[MuscleRow], table: np.ndarray) -> list[Curve]:
    """One curve for both sides when `table` (rows of the course) holds the same for them, else one a side."""
    if len(group) == 2:
        left, right = (table[row.index] for row in group)
        if float(np.max(np.abs(left - right))) < ALIKE:
            return [Curve(group[0], "both sides", tuple(group))]
    return [Curve(row, "" if row.side == "midline" else row.side, (row,)) for row in group]


def named(group: Sequence[MuscleRow]) -> str:
    """The muscle with the side or sides that a group holds."""
    return with_sides(group[0].muscle, [row.side for row in group])
