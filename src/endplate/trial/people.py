"""Who is let in: candidates are drawn until enough of them satisfy the rule of entry; the screening grades stay.

Everything in which people differ is drawn in equal strata (Latin hypercube), so that few people already cover the
population. Streams are counter-based and named by arm, draw and block: who does the work does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from endplate.errors import ModelError
from endplate.model.outcome import grades_of
from endplate.population.draws import stratified
from endplate.trial.job import ArmWork, Job, Trial

MOST_ROUNDS = 400
ENOUGH, LEAST_SHARE = 200_000, 1e-4  # once so many are looked at, one in ten thousand must have been let in


@dataclass(frozen=True)
class People:
    """People, n of them, in one draw.

    Attributes:
        entry (n,): row of the tables (a face with needles). shift (n,): ln sensitivity less ln threshold. lag_d (n,).
        earlier (n,): came with an earlier treatment.
        start (n, area): severity without any toxin. offset (n, area, 2): lasting leniency of both raters.
        zero (n, area): severity on day 0. base (n, area, 2): grades at entry.
    """

    entry: np.ndarray
    shift: np.ndarray
    lag_d: np.ndarray
    earlier: np.ndarray
    start: np.ndarray
    offset: np.ndarray
    zero: np.ndarray
    base: np.ndarray

    def __len__(self) -> int:
        return len(self.shift)

    def at(self, rows: np.ndarray | slice) -> People:
        """Some of them."""
        return People(*(getattr(self, f.name)[rows] for f in fields(self)))


Before = Callable[["People", int], np.ndarray]


def entrants(
    trial: Trial,
    job: Job,
    arm: ArmWork,
    count: int,
    entries: list[np.ndarray],
    rng: np.random.Generator,
    before: Before,
) -> People:
    """`count` people who satisfy the rule of entry in every area.

    Args:
        entries: by cohort, the rows of the tables that its people are spread over.
        before: signal on day 0 of candidates in an area (position), (n,): what an earlier treatment left.

    Raises:
        ModelError: hardly any candidate is let in.
    """
    found: list[People] = []
    have, tried, wanted = 0, 0, int(count * 1.6) + 16
    for _ in range(MOST_ROUNDS):
        some = _candidates(trial, job, arm, wanted, entries, rng, before)
        let_in = np.flatnonzero(_satisfies(trial, some.base))
        found.append(some.at(let_in))
        have, tried = have + len(let_in), tried + wanted
        if have >= count:
            return _joined(found).at(slice(0, count))
        if tried >= ENOUGH and have < LEAST_SHARE * tried:
            break
        share = max(have / tried, 1e-3)
        wanted = min(int((count - have) / share * 1.1) + 16, 50_000)
    raise ModelError(
        f"Only {have} of {tried} candidates of arm {arm.name} satisfy the rule of entry.",
        "Both raters must see the entry grade in every area.",
        "Correct the baseline mix, or name fewer areas.",
    )


def _joined(parts: list[People]) -> People:
    if len(parts) == 1:
        return parts[0]
    return People(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(People)))


def _candidates(
    trial: Trial,
    job: Job,
    arm: ArmWork,
    count: int,
    entries: list[np.ndarray],
    rng: np.random.Generator,
    before: Before,
) -> People:
    areas = len(trial.areas)
    cohort = _spread(rng, np.array([one.share for one in arm.cohorts]), count)
    entry = np.zeros(count, dtype=np.int64)
    for k, rows in enumerate(entries):
        mine = np.flatnonzero(cohort == k)
        entry[mine] = rows[rng.permutation(np.arange(len(mine)) % len(rows))]
    shift = np.zeros(count)
    if arm.product is not None:
        shift = job["person.sensitivity_sd"] * stratified(rng, count) - np.log(
            job[f"threshold.{arm.product}"]
        )
    lag = job["junction.lag"] * np.exp(job["person.lag_sd"] * stratified(rng, count))
    earlier = _spread(rng, np.array([1.0 - arm.earlier_share, arm.earlier_share]), count) == 1
    sd = job["outcome.rater_offset_sd"]
    lean = np.stack([sd * stratified(rng, count), sd * stratified(rng, count)], axis=1)
    bias = np.array([[0.0, job[f"outcome.subject_bias.{name}"]] for name in trial.areas])
    start = np.stack(
        [job.means[k] + job["outcome.baseline_sd"] * stratified(rng, count) for k in range(areas)], axis=1
    )
    people = People(
        entry,
        shift,
        lag,
        earlier,
        start,
        lean[:, None, :] + bias,
        start,
        np.zeros((count, areas, 2), np.int8),
    )
    zero = start.copy()
    if arm.earlier_share > 0:
        for k, name in enumerate(trial.areas):
            zero[:, k] -= job[f"outcome.drop.{name}"] * (1.0 - before(people, k))
    noise = np.array(job.noise)
    seen = zero[..., None] + people.offset + noise * rng.standard_normal((count, areas, 2))
    base = np.stack([graded(seen[:, k], scale) for k, scale in enumerate(trial.scales)], axis=1)
    return People(entry, shift, lag, earlier, start, people.offset, zero, base)


def met_more_often(job: Job, people: People, shifted: np.ndarray) -> np.ndarray:
    """How many times as often such people are met where the candidates' mean severity is shifted, (n,).

    Who is let in depends on the start and on chance that knows nothing of the mean. So people of a study with other
    candidates are the people at hand, each weighted by the ratio of the densities of the start: exact for many people,
    and nobody is drawn again. Weights that are divided by their sum need no share of candidates who are let in.

    Args:
        shifted: (area,) by how much.
    """
    sd = job["outcome.baseline_sd"]
    z, along = shifted / sd, (people.start - job.means) / sd
    return np.exp((z * along - 0.5 * z**2).sum(axis=1))


def graded(seen: np.ndarray, scale: object) -> np.ndarray:
    """Grades; where a person's numbers failed, the lowest (the failure is counted elsewhere)."""
    return grades_of(np.nan_to_num(seen, nan=-9.0), scale)  # type: ignore[arg-type]


def _spread(rng: np.random.Generator, shares: np.ndarray, count: int) -> np.ndarray:
    """Which part each of `count` people belongs to, as near to the shares as whole people allow, in random order."""
    edges = np.cumsum(shares / shares.sum())
    place = (np.arange(count) + rng.random()) / count
    return rng.permutation(np.minimum(np.searchsorted(edges, place, side="right"), len(shares) - 1))


def _satisfies(trial: Trial, base: np.ndarray) -> np.ndarray:
    """Both raters see the entry grade or more in every area, and the investigator that or more as is asked for."""
    out = np.ones(len(base), dtype=bool)
    for k, (name, scale) in enumerate(zip(trial.areas, trial.scales, strict=True)):
        out &= (base[:, k] >= scale.entry).all(axis=1)
        if name in trial.only:
            out &= (base[:, k, 0] > scale.entry) == trial.only[name]
    return out
