"""Sums of an arm by draw, from the tallies of its units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from endplate.trial.job import Trial
from endplate.trial.tally import Failure, Tally

NAMED = 1000  # failed patients of an arm whose names are kept; all are counted
BY_DRAW = ("count", "chance", "shown", "effects", "weight", "curve", "member", "lasting", "onset")
OVERALL = ("hits", "seen", "again")


@dataclass
class Sums:
    """What `Tally` holds, with a leading axis of draws where it is kept by draw (see there)."""

    draws: int
    count: np.ndarray
    chance: np.ndarray
    shown: np.ndarray
    effects: np.ndarray
    weight: np.ndarray
    curve: np.ndarray
    member: np.ndarray
    lasting: np.ndarray
    onset: np.ndarray
    hits: np.ndarray
    seen: np.ndarray
    again: np.ndarray
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)  # the first of them, by name
    kept: list[dict[str, np.ndarray]] = field(default_factory=list)


def added(trial: Trial, tallies: Iterable[Tally], draws: int, patients: int) -> list[Sums]:
    """Sums of every arm; tallies come in the order of the jobs, so that nothing depends on who was first."""
    arms: list[Sums | None] = [None] * len(trial.arms)
    for tally in tallies:
        into = arms[tally.arm]
        if into is None:
            into = arms[tally.arm] = Sums(
                draws,
                **{name: np.zeros((draws, *getattr(tally, name).shape)) for name in BY_DRAW},
                **{name: np.zeros_like(getattr(tally, name)) for name in OVERALL},
            )
        for name in BY_DRAW:
            getattr(into, name)[tally.draw] += getattr(tally, name)
        for name in OVERALL:
            setattr(into, name, getattr(into, name) + getattr(tally, name))
        into.failed += len(tally.failures)
        into.failures += tally.failures[: max(NAMED - len(into.failures), 0)]
        into.kept += tally.kept
    return [one for one in arms if one is not None]
