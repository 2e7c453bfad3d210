"""What is fitted: published rates and medians, the arms they belong to, and everything that a draw leaves alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.fit.clinic.emulator import Banks, Table
from endplate.fit.clinic.persons import Persons

DEFAULT_GRID_D = tuple(range(28, 337, 28))
"""Visits where a study prints none: every four weeks."""


@dataclass(frozen=True)
class Arm:
    """One arm of a study in one area.

    Attributes:
        study: its row. product: catalogue id, None for placebo. bank: row of the banks, -1 without one.
        log_scale: logarithm of its dose over that of the bank. severe_share: of the investigator's grades, if printed.
        visits: days at which its severity is needed.
    """

    key: str
    study: int
    area: str
    product: str | None
    bank: int
    log_scale: float
    severe_share: float | None
    visits: tuple[float, ...]


@dataclass(frozen=True)
class Row:
    """One published number: `value` is a share (with `n` people behind it) or, for a duration, a median in weeks.

    `events` are the people in whom it held, where they were printed.
    """

    id: str
    study: int
    arm: int
    endpoint: Any
    day: float | None
    value: float
    n: int
    grid: tuple[float, ...] = ()
    events: int | None = None

    @property
    def is_median(self) -> bool:
        return self.endpoint.kind == "duration"


@dataclass(frozen=True)
class Problem:
    """Rows with their arms, the tables behind them and the people they are averaged over.

    Attributes:
        names: parameters that are fitted. held: the others that the prediction reads, by name.
        scales: by area.
    """

    studies: tuple[str, ...]
    arms: tuple[Arm, ...]
    rows: tuple[Row, ...]
    names: tuple[str, ...]
    held: dict[str, float]
    table: Table
    banks: Banks
    scales: dict[str, Any]
    people: Persons


def visits_of(rows: Sequence[Row]) -> tuple[float, ...]:
    """Every day at which these rows need the severity."""
    days: set[float] = set()
    for row in rows:
        if row.is_median:
            days |= {float(d) for d in row.grid}
            if row.endpoint.among_day is not None:
                days.add(float(row.endpoint.among_day))
        elif row.day is not None:
            days.add(float(row.day))
    return tuple(sorted(days))


def events_of(rows: Sequence[Row]) -> np.ndarray:
    """People in whom each endpoint held, (row,): as printed, else rounded from the printed share; 0 for medians."""
    return np.array([_events(row) for row in rows])


def _events(row: Row) -> int:
    if row.is_median:
        return 0
    return round(row.value * row.n) if row.events is None else row.events
