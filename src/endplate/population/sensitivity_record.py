"""What a sensitivity analysis says, as records: which inputs decide, with the grade and the source of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.population.sensitivity import (
    GRADE_GROUPS,
    NEEDLE,
    QUANTITIES,
    UNITS,
    Decomposition,
    grade_of,
)

Interval = tuple[float, float, float]
"""An estimate with the ends of its 95 % interval."""

MOST_NAMED, NEARLY = 3, 0.5
"""How many inputs lead at most, and from which part of the largest total share on."""

WEAK, FEWEST = 0.98, 20
"""Force below which a draw weakens, and with fewer such draws nothing is decided."""

WIDEST, LARGEST = 0.5, 1.2
"""A wider interval of a leading total share, or a larger share, is an estimate that has not settled."""


@dataclass(frozen=True)
class InputShare:
    """What one input does to the variance of a quantity.

    Attributes:
        id, name, grade, source: of the input; `NEEDLE` stands for where all the needles of the plan end up.
        unit, value, low, high: the prior with its 5 % and 95 % points; None for the placement.
        first: share of the variance that knowing this input alone would take away.
        total: share that would be left if all others were known; the difference is what it does together with others.
    """

    id: str
    name: str
    grade: str
    source: str
    unit: str | None
    value: float | None
    low: float | None
    high: float | None
    first: Interval
    total: Interval


@dataclass(frozen=True)
class QuantityShares:
    """The inputs behind one quantity, the most decisive first.

    Attributes:
        meaning: what the quantity is. unit: of `drawn`; "1" for a share of full force, "log10" for a logarithm.
        drawn: median, 5 % and 95 % points over the draws.
        varies: False where all draws agree; then every share is 0.
        weakened: share of draws in which the muscle weakens so far that they count; None for the exposure.
        settled: whether the shares are known well enough to say what decides.
        by_grade: "D" and "CD": total share of all inputs of these grades together, 0 to 1. It counts what they do
            with others: it is what would be left if every other input were known.
    """

    quantity: str
    meaning: str
    unit: str
    drawn: Interval
    varies: bool
    weakened: float | None
    settled: bool
    inputs: tuple[InputShare, ...]
    by_grade: Mapping[str, Interval]

    @property
    def leading(self) -> tuple[InputShare, ...]:
        """The inputs that decide, if any does: those near the largest total share."""
        return leading(self.inputs)


@dataclass(frozen=True)
class Sensitivity:
    """Which inputs decide the course of one muscle after a plan.

    Attributes:
        quantity: the quantity asked for; quantities: this and the others, which cost nothing more.
        never, longer: share of draws that never lack a tenth of the force, and that still do on the last day.
        samples: rows of each sample; evaluations: draws that the chain was run for.
    """

    plan_title: str
    muscle: str
    side: str
    quantity: str
    quantities: Mapping[str, QuantityShares]
    never: float
    longer: float
    days: int
    samples: int
    evaluations: int
    seed: int
    versions: Mapping[str, Any]
    limits: tuple[str, ...]

    @property
    def asked(self) -> QuantityShares:
        """The quantity asked for."""
        return self.quantities[self.quantity]


def shares_of(found: Decomposition) -> dict[str, QuantityShares]:
    """The records of a decomposition, by quantity."""
    return {name: _shares(found, k, name) for k, name in enumerate(QUANTITIES)}


def _shares(found: Decomposition, k: int, quantity: str) -> QuantityShares:
    base = found.indices.base[k]
    low, median, high = (float(v) for v in np.quantile(base, [0.05, 0.5, 0.95]))
    rows = [_input(name, *_intervals(found, i, k)) for i, name in enumerate(found.inputs)]
    rows.sort(key=lambda row: (-row.total[0], row.id))
    graded = {
        grades: _within(_intervals(found, len(found.inputs) + i, k)[1])
        for i, grades in enumerate(GRADE_GROUPS)
    }
    varies, weak = bool(np.ptp(base) > 0.0), _weak(quantity, base)
    return QuantityShares(
        quantity,
        QUANTITIES[quantity],
        UNITS[quantity],
        (median, low, high),
        varies,
        None if weak is None else float(weak.mean()),
        bool(varies and (weak is None or weak.sum() >= FEWEST) and _precise(rows, found.indices.total[:, k])),
        tuple(rows),
        graded,
    )


def leading(inputs: Sequence[InputShare]) -> tuple[InputShare, ...]:
    """The first inputs of a list in order: those with at least half of the largest total share, three at most."""
    least = NEARLY * inputs[0].total[0]
    return tuple(row for row in inputs if row.total[0] >= least)[:MOST_NAMED]


def _weak(quantity: str, base: np.ndarray) -> np.ndarray | None:
    """Which draws weaken, (draw,): without a tenth missing duration and onset are 0. An exposure needs no effect."""
    if quantity == "exposure":
        return None
    return base < WEAK if quantity == "nadir" else base > 0.0


def _precise(rows: Sequence[InputShare], totals: np.ndarray) -> bool:
    """Whether no total share, of inputs and groups, is beyond what a share can be and the leading ones are narrow."""
    widest = max(row.total[2] - row.total[1] for row in leading(rows))
    return bool(widest <= WIDEST and totals.max() <= LARGEST)


def _intervals(found: Decomposition, i: int, k: int) -> tuple[Interval, Interval]:
    n = found.indices
    first = (float(n.first[i, k]), float(n.first_low[i, k]), float(n.first_high[i, k]))
    return first, (float(n.total[i, k]), float(n.total_low[i, k]), float(n.total_high[i, k]))


def _within(share: Interval) -> Interval:
    """A share of a variance lies between 0 and 1; its estimate may stray."""
    middle, low, high = (min(max(value, 0.0), 1.0) for value in share)
    return middle, low, high


def _input(name: str, first: Interval, total: Interval) -> InputShare:
    if name == NEEDLE:
        words = "where the needles end up: displacement of every tip, slips behind the septum"
        return InputShare(name, words, grade_of(name), "declared", None, None, None, None, first, total)
    entry = catalogue().parameter(name)
    prior = (float(entry.value), float(entry.low), float(entry.high))
    return InputShare(name, entry.name, entry.grade, entry.source, entry.unit, *prior, first, total)
