"""Sums over the people of a unit: small, whatever the number of people, and added in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.trial.job import Job, Trial
from endplate.trial.people import People, met_more_often
from endplate.trial.readings import (
    chance,
    lasting_chances,
    onset_chance,
    row_chances,
    row_hits,
)

if TYPE_CHECKING:
    from endplate.trial.unit import Faces, Past

ONSET_DAYS = 60  # of the daily grid on which a median onset is read


@dataclass(frozen=True)
class Sampled:
    """What happened to people, n of them, at the visits.

    Attributes:
        path (n, area, day): severity; once: the same had nobody been treated again. grades (n, area, rater, day).
        felt (n, area, day), noted (n, area): errors of the subject's change at a visit, and of the diary.
        daily: severity from day 1 on, where a diary is asked for.
        present (n, day): still in the trial. again (n,): day of the first repeated treatment, or far away.
        sound (n,): every number is finite.
    """

    path: np.ndarray
    once: np.ndarray
    grades: np.ndarray
    felt: np.ndarray
    noted: np.ndarray
    daily: np.ndarray | None
    present: np.ndarray
    again: np.ndarray
    sound: np.ndarray


@dataclass(frozen=True)
class Failure:
    """One patient who could not be simulated."""

    arm: str
    draw: int
    patient: int
    reason: str


@dataclass
class Tally:
    """Sums of one unit, by half.

    Attributes:
        count (half,): people. chance (half, row): sums of the chance of every rate.
        hits, seen (row,): people in whom it held, and who were there.
        shown (half,): people behind `curve` (half, endpoint, day), and behind `effects` (half, k, row), seen under
            each study effect and weighted there; weight (half, k): sums of these weights.
        member (half, duration), lasting (half, duration, visit): of durations, as chances.
        onset (half, duration, day): share without an onset. again (visit,): treated once more.
    """

    arm: int
    draw: int
    block: int
    count: np.ndarray
    chance: np.ndarray
    hits: np.ndarray
    seen: np.ndarray
    shown: np.ndarray
    effects: np.ndarray
    weight: np.ndarray
    curve: np.ndarray
    member: np.ndarray
    lasting: np.ndarray
    onset: np.ndarray
    again: np.ndarray
    failures: list[Failure] = field(default_factory=list)
    kept: list[dict[str, np.ndarray]] = field(default_factory=list)

    def add_shown(
        self, trial: Trial, job: Job, half: int, people: People, faces: Faces, past: Past, sound: np.ndarray
    ) -> None:
        """The same people under each study effect, and on the days of the curves."""
        self.shown[half] = sound.sum()
        daily = onset_days(trial)
        for k, (exposure, strictness) in enumerate(job.effects):
            weight = met_more_often(job, people, job.starts[k])[sound]
            self.weight[half, k] = weight.sum()
            path = faces.severity(people, past, trial.days, exposure, strictness)
            each = None
            if daily is not None:
                each = faces.severity(people, past, daily, exposure, strictness)
            found = row_chances(trial, job, people, path, each)[sound]
            # Not a product of matrices: its last bit may hang on the number of processors.
            self.effects[half, k] = (weight[:, None] * found).sum(axis=0)
        path = faces.severity(people, past, trial.curve_days)
        for c, (name, area) in enumerate(curve_rows(trial)):
            k = trial.areas.index(area)
            found = chance(trial, job, trial.endpoints[name], k, people, path[:, k])
            self.curve[half, c] = found[sound].sum(axis=0)
        for d, one in enumerate(trial.lasting):
            record = trial.endpoints[one.duration]
            if record.kind == "onset":
                k = trial.areas.index(one.area)
                each = faces.severity(people, past, np.arange(1, ONSET_DAYS + 1))[:, k]
                self.onset[half, d] = (1.0 - onset_chance(job, record, k, people, each))[sound].sum(axis=0)


def empty_tally(trial: Trial, job: Job) -> Tally:
    """Zeros of the right shapes."""
    rows, durations, visits = len(trial.rows), len(trial.lasting), len(trial.visits)
    return Tally(
        arm=job.arm,
        draw=job.draw,
        block=job.block,
        count=np.zeros(2),
        chance=np.zeros((2, rows)),
        hits=np.zeros(rows),
        seen=np.zeros(rows),
        shown=np.zeros(2),
        effects=np.zeros((2, len(job.effects), rows)),
        weight=np.zeros((2, len(job.effects))),
        curve=np.zeros((2, len(curve_rows(trial)), len(trial.curve_days))),
        member=np.zeros((2, durations)),
        lasting=np.zeros((2, durations, visits)),
        onset=np.zeros((2, durations, ONSET_DAYS)),
        again=np.zeros(visits),
    )


def curve_rows(trial: Trial) -> list[tuple[str, str]]:
    """Endpoints and areas that have a curve: those of one visit."""
    return [
        (one.endpoint, one.area)
        for one in trial.asked
        if trial.endpoints[one.endpoint].kind in ("grade", "change")
    ]


def onset_days(trial: Trial) -> np.ndarray | None:
    """Days from 1 to the last on which a diary is asked for; None where none is."""
    days = [day for one in trial.asked if trial.endpoints[one.endpoint].kind == "onset" for day in one.days]
    return np.arange(1, max(days) + 1) if days else None


def add_half(
    trial: Trial, job: Job, half: int, first: int, people: People, sampled: Sampled, tally: Tally
) -> None:
    """Sums over the people of one half; who failed is named and left out."""
    arm = trial.arms[job.arm]
    sound = sampled.sound
    for row in np.flatnonzero(~sound):
        tally.failures.append(Failure(arm.name, job.draw, first + int(row), _reason(people, int(row))))
    tally.count[half] = sound.sum()
    tally.chance[half] = row_chances(trial, job, people, sampled.path, sampled.daily)[sound].sum(axis=0)
    day_of_row = np.searchsorted(trial.days, [day for _, day in trial.rows])
    here = sampled.present[:, day_of_row] & sound[:, None]
    tally.seen += here.sum(axis=0)
    tally.hits += (row_hits(trial, job, people, sampled) & here).sum(axis=0)
    visits = list(trial.visits)
    for d, one in enumerate(trial.lasting):
        record = trial.endpoints[one.duration]
        if record.kind != "duration":
            continue
        k = trial.areas.index(one.area)
        member, lasting = lasting_chances(trial, job, record, k, people, sampled.once[:, k][:, visits])
        tally.member[half, d] = member[sound].sum()
        tally.lasting[half, d] = (member[:, None] * lasting)[sound].sum(axis=0)
    tally.again += (sampled.again[:, None] == trial.days[visits][None]).sum(axis=0)
    if trial.keep:
        tally.kept.append(_kept(job, half, first, people, sampled))


def _reason(people: People, row: int) -> str:
    """Which number of a person is not finite."""
    one: dict[str, Any] = {
        "sensitivity": people.shift[row],
        "lag": people.lag_d[row],
        "severity before treatment": people.start[row],
    }
    wrong = [name for name, value in one.items() if not np.isfinite(value).all()]
    return f"{wrong[0] if wrong else 'line force'} is not a finite number"


def _kept(job: Job, half: int, first: int, people: People, sampled: Sampled) -> dict[str, np.ndarray]:
    """What is needed to read other endpoints later, of everyone."""
    n = len(people)
    fall = people.zero[..., None] - sampled.path + sampled.felt
    return {
        "arm": np.full(n, job.arm, dtype=np.int16),
        "draw": np.full(n, job.draw, dtype=np.int32),
        "half": np.full(n, half, dtype=np.int8),
        "patient": np.arange(first, first + n, dtype=np.int32),
        "base": people.base,
        "grade": sampled.grades,
        "change": fall.astype(np.float32),
        "present": sampled.present,
        "again": np.minimum(sampled.again, np.iinfo(np.int32).max).astype(np.int32),
        "sound": sampled.sound,
    }
