"""Every endpoint from the same people: what was sampled at the visits, and the chance of it over a visit's noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from endplate.model.outcome import (
    baseline_pairs,
    change_probability,
    end_cuts,
    end_probability,
    ended,
    holds,
    holds_probability,
    kept,
    onset_reached,
)
from endplate.trial.design import near_visit, visits_after
from endplate.trial.job import Job, Trial
from endplate.trial.people import People


def chance(trial: Trial, job: Job, record: Any, area: int, people: People, path: np.ndarray) -> np.ndarray:
    """Chance that a "grade" or "change" endpoint holds, given the person: path (n, day) -> (n, day)."""
    noise = job.noise
    if record.kind == "grade":
        base, lean = people.base[:, area], people.offset[:, area]
        return holds_probability(np, record, base, path, lean, trial.scales[area], noise)
    return change_probability(np, people.zero[:, area, None] - path, job[record.cut], noise[1])


def onset_chance(job: Job, record: Any, area: int, people: People, daily: np.ndarray) -> np.ndarray:
    """Chance that a diary has noted the beginning by each day from 1 on: daily (n, day) -> (n, day)."""
    fall = np.maximum.accumulate(people.zero[:, area, None] - daily, axis=1)
    return change_probability(np, fall, job[record.cut], job.noise[1])


def row_chances(
    trial: Trial, job: Job, people: People, path: np.ndarray, daily: np.ndarray | None
) -> np.ndarray:
    """Chance of every rate that is asked for: path (n, area, day), daily (n, area, day from 1) -> (n, row)."""
    columns = []
    for one in trial.asked:
        record, k = trial.endpoints[one.endpoint], trial.areas.index(one.area)
        if record.kind == "onset":
            assert daily is not None
            found = onset_chance(job, record, k, people, daily[:, k])[:, np.array(one.days) - 1]
        else:
            found = chance(
                trial, job, record, k, people, path[:, k][:, np.searchsorted(trial.days, one.days)]
            )
        columns.append(found)
    return np.concatenate(columns, axis=1) if columns else np.zeros((len(people), 0))


def row_hits(trial: Trial, job: Job, people: People, sampled: Any) -> np.ndarray:
    """Whether every endpoint held in what was sampled, (n, row)."""
    columns = []
    for one in trial.asked:
        record, k = trial.endpoints[one.endpoint], trial.areas.index(one.area)
        at = np.searchsorted(trial.days, one.days)
        if record.kind == "onset":
            fall = people.zero[:, k, None] - sampled.daily[:, k]
            found = onset_reached(fall, sampled.noted[:, k], job[record.cut])[:, np.array(one.days) - 1]
        elif record.kind == "grade":
            grade = np.moveaxis(sampled.grades[:, k][..., at], 1, 2)
            base = np.broadcast_to(people.base[:, k, None], grade.shape)
            found = holds(record, base, grade, trial.scales[k])
        else:
            fall = people.zero[:, k, None] - sampled.path[:, k][:, at] + sampled.felt[:, k][:, at]
            found = fall > job[record.cut]
        columns.append(found)
    return np.concatenate(columns, axis=1) if columns else np.zeros((len(people), 0), dtype=bool)


def following(trial: Trial, record: Any) -> tuple[int | None, list[int]]:
    """The visit on which a duration counts its people (None: all are), and the visits that may end it."""
    days = trial.days[list(trial.visits)].tolist()
    if record.among in (None, "all"):
        return None, visits_after(days, None, record)
    at = near_visit(days, record.among_day)
    assert at is not None  # held by the design
    return at, visits_after(days, at, record)


def lasting_chances(
    trial: Trial, job: Job, record: Any, area: int, people: People, path: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Chance of being counted, (n,), and of nothing having ended by each visit once counted, (n, visit).

    Args:
        path: (n, visit) of the area.
    """
    noise, scale = job.noise, trial.scales[area]
    start, after = following(trial, record)
    member = np.ones(len(people))
    if start is not None:
        among = trial.endpoints[record.among]
        member = chance(trial, job, among, area, people, path[:, start : start + 1])[:, 0]
    lasting = np.ones(path.shape)
    for pair, cuts in zip(baseline_pairs(scale), end_cuts(record, scale), strict=True):
        rows = np.flatnonzero((people.base[:, area] == pair).all(axis=1))
        lean = (people.offset[rows, area, 0], people.offset[rows, area, 1])
        both = record.require == "both"
        fires = end_probability(np, cuts, path[rows][:, after], lean, noise, both)
        lasting[rows[:, None], np.array(after)] = kept(np, fires)
    return member, lasting


def at_risk(
    record: Any,
    among: Any,
    following_visits: tuple[int | None, list[int]],
    scale: Any,
    base: np.ndarray,
    grade: np.ndarray,
    present: np.ndarray,
    until: np.ndarray,
    days: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """People at risk and those in whom it ended, at each visit, from sampled grades.

    Args:
        among: endpoint that must hold at the first of the visits. base (n, 2). grade (n, 2, visit).
        present (n, visit): still in the trial. until (n,): day of a repeated treatment; days (visit,): of the visits.
            Someone treated again is watched up to and including that visit.

    Returns:
        (visit,) each, zero at visits that do not count.
    """
    start, after = following_visits
    counted = np.ones(len(base), dtype=bool)
    if start is not None:
        counted = present[:, start] & holds(among, base, grade[..., start], scale)
    risk, events = np.zeros(grade.shape[-1]), np.zeros(grade.shape[-1])
    for v in after:
        counted = counted & present[:, v] & (days[v] <= until)
        over = counted & ended(record, base, grade[..., v], scale)
        risk[v], events[v] = counted.sum(), over.sum()
        counted = counted & ~over
    return risk, events
