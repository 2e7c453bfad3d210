"""A problem laid out as arrays: readings (an arm at a visit), and for every row which readings it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.clinic.emulator import Banks, Table, Times, times_of
from endplate.fit.clinic.persons import Persons
from endplate.fit.clinic.problem import Arm, Problem
from endplate.model.outcome import baseline_pairs, cuts_of, end_cuts, entry_cuts
from endplate.model.outcome.endpoints import FAR, Cuts


@dataclass(frozen=True)
class GradedRows:
    """Rows of "grade" endpoints: their reading, and the limits of `outcome.cuts_of`, padded to the widest scale."""

    rows: np.ndarray
    reading: np.ndarray
    limit: np.ndarray
    negated: np.ndarray


@dataclass(frozen=True)
class MedianRows:
    """Median durations, by row, pair of baseline grades, visit; short grids are padded with visits that end nothing.

    Attributes:
        rows (row,). days, readings, counts (row, visit): of the visits; counts is 0 for padding. began (row,): reading
        at which it began. base (row, pair, rater, 2), limit (row, pair, rater), ends (row, pair, rater): cuts, padded
        with pairs that nobody has. both (row,): whether both raters must see the end.
    """

    rows: np.ndarray
    days: np.ndarray
    readings: np.ndarray
    counts: np.ndarray
    began: np.ndarray
    base: np.ndarray
    limit: np.ndarray
    ends: np.ndarray
    both: np.ndarray


@dataclass(frozen=True)
class Layout:
    """Everything of a problem that draws leave alone.

    Attributes:
        study, area (reading,): rows of `Problem.studies` and of `areas`; day (reading,): of the visit.
        group (reading,): people of one study and area, who have one start; first (group,): a reading of each; base
            (group, grade, 2): cuts about the grades that let them in, padded to the widest scale.
        treated (t,): readings with toxin; bank, product, fixed_shift (t,): of these. times: their place in the table.
        changes: parameter of the cut, rows, readings.
    """

    STEMS: ClassVar = ("outcome.baseline_mean", "outcome.subject_bias", "outcome.drop", "outcome.capture")

    count: int
    areas: tuple[str, ...]
    products: tuple[str, ...]
    study: np.ndarray
    area: np.ndarray
    day: np.ndarray
    group: np.ndarray
    first: np.ndarray
    base: np.ndarray
    treated: np.ndarray
    bank: np.ndarray
    product: np.ndarray
    fixed_shift: np.ndarray
    times: Times
    graded: GradedRows
    changes: tuple[tuple[str, np.ndarray, np.ndarray], ...]
    medians: MedianRows
    banks: Banks
    table: Table
    people: Persons
    scales: tuple[Any, ...]


def lay_out(problem: Problem) -> Layout:
    """The arrays of a problem."""
    pairs = [(k, day) for k, arm in enumerate(problem.arms) for day in arm.visits]
    place = {pair: i for i, pair in enumerate(pairs)}
    arms = [problem.arms[k] for k, _ in pairs]
    areas = tuple(problem.scales)
    products = tuple(dict.fromkeys(a.product for a in problem.arms if a.product is not None))
    treated = np.array([i for i, a in enumerate(arms) if a.product is not None], dtype=int)
    with_toxin = [arms[i] for i in treated]
    banks = problem.banks
    groups = list(dict.fromkeys((a.study, a.area) for a in arms))
    group = np.array([groups.index((a.study, a.area)) for a in arms])
    first = np.array([int(np.flatnonzero(group == g)[0]) for g in range(len(groups))])
    return Layout(
        count=len(problem.rows),
        areas=areas,
        products=products,
        study=np.array([a.study for a in arms]),
        area=np.array([areas.index(a.area) for a in arms]),
        day=np.array([float(day) for _, day in pairs]),
        group=group,
        first=first,
        base=_base(problem, [arms[i].area for i in first]),
        treated=treated,
        bank=np.array([a.bank for a in with_toxin], dtype=int),
        product=np.array([products.index(str(a.product)) for a in with_toxin], dtype=int),
        fixed_shift=np.array([a.log_scale - banks.base[a.bank] for a in with_toxin]),
        times=times_of([pairs[i][1] for i in treated], problem.table.days),
        graded=_graded(problem, place),
        changes=_changes(problem, place),
        medians=_medians(problem, place),
        banks=banks,
        table=problem.table,
        people=problem.people,
        scales=tuple(problem.scales[a] for a in areas),
    )


def _graded(problem: Problem, place: dict[tuple[int, float], int]) -> GradedRows:
    mine = [(k, row) for k, row in enumerate(problem.rows) if row.endpoint.kind == "grade"]
    cuts = [cuts_of(row.endpoint, problem.scales[problem.arms[row.arm].area]) for _, row in mine]
    width = _widest(problem)
    return GradedRows(
        np.array([k for k, _ in mine], dtype=int),
        np.array([place[row.arm, float(row.day)] for _, row in mine], dtype=int),  # type: ignore
        np.stack([_wide(c.limit, width, axis=1) for c in cuts]) if cuts else np.zeros((0, 2, 1)),
        np.array([c.negated for c in cuts], dtype=bool),
    )


def _widest(problem: Problem) -> int:
    """Number of grades that let a person in, on the widest scale."""
    return max(scale.highest - scale.entry + 1 for scale in problem.scales.values())


def _base(problem: Problem, areas: Sequence[str]) -> np.ndarray:
    return np.stack([_wide(entry_cuts(problem.scales[a]), _widest(problem), axis=0) for a in areas])


def _wide(cuts: np.ndarray, width: int, axis: int) -> np.ndarray:
    """Pad with grades that nobody has: both ends of them lie equally far out."""
    shape = list(cuts.shape)
    shape[axis] = width - shape[axis]
    return np.concatenate([cuts, np.full(shape, FAR)], axis=axis)


def _changes(
    problem: Problem, place: dict[tuple[int, float], int]
) -> tuple[tuple[str, np.ndarray, np.ndarray], ...]:
    by_cut: dict[str, list[int]] = {}
    for k, row in enumerate(problem.rows):
        if row.endpoint.cut:
            by_cut.setdefault(row.endpoint.cut, []).append(k)
    return tuple(
        (
            cut,
            np.array(rows),
            np.array([place[problem.rows[k].arm, float(problem.rows[k].day)] for k in rows]),  # type: ignore
        )
        for cut, rows in by_cut.items()
    )


def _medians(problem: Problem, place: dict[tuple[int, float], int]) -> MedianRows:
    mine = [(k, row) for k, row in enumerate(problem.rows) if row.is_median]
    pairs = _widest(problem) ** 2
    visits = max((len(row.grid) for _, row in mine), default=1)
    out = MedianRows(
        np.array([k for k, _ in mine], dtype=int),
        np.zeros((len(mine), visits)),
        np.zeros((len(mine), visits), dtype=int),
        np.zeros((len(mine), visits)),
        np.zeros(len(mine), dtype=int),
        np.full((len(mine), pairs, 2, 2), FAR),
        np.full((len(mine), pairs, 2), FAR),
        np.full((len(mine), pairs, 2), FAR),
        np.array([row.endpoint.require == "both" for _, row in mine], dtype=bool),
    )
    for i, (_, row) in enumerate(mine):
        arm, duration = problem.arms[row.arm], row.endpoint
        scale = problem.scales[arm.area]
        after = [d for d in arm.visits if d in row.grid and d > (duration.among_day or 0)]
        last, count = len(after), len(baseline_pairs(scale))
        out.days[i] = np.concatenate([after, after[-1] + np.arange(1.0, visits - last + 1)])
        out.readings[i] = [place[row.arm, d] for d in [*after, *after[-1:] * (visits - last)]]
        out.counts[i, :last] = 1.0
        out.began[i] = (
            out.readings[i, 0] if duration.among == "all" else place[row.arm, float(duration.among_day)]
        )
        cuts = _among(arm, duration, scale)
        for j, pair in enumerate(baseline_pairs(scale)):
            for r in (0, 1):
                out.base[i, j, r] = cuts.base[pair[r] - scale.entry]
                out.limit[i, j, r] = cuts.limit[r, pair[r] - scale.entry]
        out.ends[i, :count] = end_cuts(duration, scale)
    return out


def _among(arm: Arm, duration: Any, scale: Any) -> Cuts:
    """Cuts of the endpoint that must hold where the duration begins; of none for all who were treated."""
    if duration.among != "all":
        return cuts_of(catalogue().endpoints[duration.among], scale)
    base = entry_cuts(scale)
    return Cuts(base, np.full((2, len(base)), FAR), False)
