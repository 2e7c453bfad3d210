"""Curves to draw: left and right of a muscle are one curve while they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from endplate.report.rows import MuscleRow

ALIKE = 0.005
"""Left and right that differ by less than this everywhere are drawn once."""


@dataclass(frozen=True)
class Curve:
    """One line: the row it stands for, the sides it shows ("both sides", "left", "", ...)."""

    row: MuscleRow
    sides: str


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
            return [Curve(group[0], "both sides")]
    return [Curve(row, "" if row.side == "midline" else row.side) for row in group]
