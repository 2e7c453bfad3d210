"""What a demonstration is: numbers of a simulation, what they say of a statement, and the lines of a small chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from endplate.catalogue.statements import Verdict
from endplate.errors import ModelError

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Value:
    """One number of a demonstration. key: how its judge calls it; name: how a reader does; unit: "" for a share."""

    key: str
    name: str
    value: float
    unit: str


@dataclass(frozen=True)
class Line:
    """One line of a chart; x and y (n,)."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Chart:
    """Lines over x, or bars (name, value); `level` is drawn across, with its words."""

    y_name: str
    x_name: str = ""
    lines: tuple[Line, ...] = ()
    bars: tuple[tuple[str, float], ...] = ()
    level: tuple[float, str] | None = None


@dataclass(frozen=True)
class Measured:
    """What a run gave."""

    values: tuple[Value, ...]
    chart: Chart

    @property
    def numbers(self) -> dict[str, float]:
        """The values by their keys."""
        return {one.key: one.value for one in self.values}


@dataclass(frozen=True)
class Demonstration:
    """A simulation that bears on a statement.

    Attributes:
        measure: runs the model; always the same numbers. Takes a second or two at most.
        judge: the verdict that the numbers alone give, None where they speak neither for it nor against it. No judge at
            all: an illustration, because what it shows was put in or does not bear on the whole statement.
        tell: a few words with the numbers.
        note: what the simulation takes for granted, and so does not show.
    """

    id: str
    title: str
    measure: Callable[[], Measured]
    judge: Callable[[Numbers], Verdict | None] | None
    tell: Callable[[Numbers], str]
    note: str


@dataclass(frozen=True)
class Shown:
    """A demonstration that was run.

    judges: whether its numbers could speak against the statement; if not it is an illustration.
    verdict: what its numbers say; None where they say nothing, and always for an illustration.
    """

    id: str
    title: str
    values: tuple[Value, ...]
    judges: bool
    verdict: Verdict | None
    sentence: str
    chart: Chart
    note: str


def run(one: Demonstration) -> Shown:
    """Run a demonstration.

    Raises:
        ModelError: the run gave a number that is not finite.
    """
    found = one.measure()
    numbers = found.numbers
    if not np.isfinite(list(numbers.values())).all():
        raise ModelError(
            f"The demonstration `{one.id}` gave a number that is not finite.",
            "",
            "Tell the project: this is a fault of the program.",
        )
    return Shown(
        one.id,
        one.title,
        found.values,
        one.judge is not None,
        None if one.judge is None else one.judge(numbers),
        one.tell(numbers),
        found.chart,
        one.note,
    )


def line(name: str, x: np.ndarray, y: np.ndarray, step: int = 1) -> Line:
    """Every `step`-th point of two arrays (n,) as a line."""
    return Line(name, tuple(float(v) for v in x[::step]), tuple(float(v) for v in y[::step]))


def percent(share: float) -> str:
    """A share as a reader has it.

    >>> percent(0.1153), percent(0.0053), percent(1.0)
    ('12 %', '0.5 %', '100 %')
    """
    value = 100.0 * share
    return f"{value:.1f} %" if 0.0 < value < 2.0 else f"{value:.0f} %"
