"""One unit of work: some people of one arm under one draw, from entry to sums over them.

The people of a unit come in two halves that share nothing but the draw: what the halves have in common over many draws
is what the model is unsure of, what they do not is only that people were few (`rates.settled`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from endplate.model.outcome import placebo_left, severity
from endplate.population.draws import stream
from endplate.population.tables import signal_table
from endplate.trial.job import ArmWork, Job, Trial
from endplate.trial.people import Before, People, entrants, graded
from endplate.trial.signal import Table, halved, shifts_over
from endplate.trial.tally import ONSET_DAYS, Sampled, Tally, add_half, empty_tally, onset_days

REACH_SD = 4.0  # of the tables, in SD of sensitivity; people beyond are read at the edge
MOST_BYTES = 500_000_000  # of the tables that a unit keeps: one for each history of treatments
MOST_SHOWN = 500  # people of a half who are also seen under the study effects and on the days of the curves
History = tuple[int, ...]


@dataclass
class Faces:
    """Tables of one arm under one draw, made when first asked for; the oldest goes when they take too much memory.

    Attributes:
        bank: entries that the people of this unit are spread over.
        places: by half and cohort, their rows in the tables.
    """

    trial: Trial
    job: Job
    arm: ArmWork
    bank: Any
    places: tuple[list[np.ndarray], list[np.ndarray]]
    shifts: np.ndarray
    made: dict[tuple[int, History, int], Table] = field(default_factory=dict)

    def table(self, area: int, history: History, last: int) -> Table:
        """Table from the first session of a history to day `last` of the trial."""
        key = (area, history, last)
        if key not in self.made:
            values = signal_table(
                self.bank,
                self.trial.areas[area],
                self.job.values,
                self.shifts,
                max(last - history[0], 1),
                session_days=tuple(day - history[0] for day in history),
            )
            self.made[key] = Table(np.asarray(values), float(self.shifts[0]))
            while len(self.made) > 1 and sum(t.values.nbytes for t in self.made.values()) > MOST_BYTES:
                del self.made[next(iter(self.made))]
        return self.made[key]

    @property
    def last(self) -> int:
        """Last day on which anybody is looked at: one table then serves all."""
        diary = onset_days(self.trial)
        ends = [int(self.trial.days.max()), *([] if diary is None else [int(diary.max())])]
        if any(self.trial.endpoints[one.duration].kind == "onset" for one in self.trial.lasting):
            ends.append(ONSET_DAYS)
        return max(ends)

    def signal(
        self, people: People, area: int, past: Past, days: np.ndarray, exposure: float = 0.0
    ) -> np.ndarray:
        """Share of line force that is left, (n, day); NaN for a person whose numbers failed."""
        out = np.ones((len(people), len(days)))
        sound = np.isfinite(people.shift) & np.isfinite(people.lag_d)
        out[~sound] = np.nan
        last = max(int(days.max()), self.last)
        for number, history in enumerate(past.histories):
            if not history:
                continue
            rows = np.flatnonzero((past.of == number) & sound)
            if len(rows):
                time = (days - history[0])[None, :] - people.lag_d[rows, None]
                table = self.table(area, history, last)
                out[rows] = table.read(people.entry[rows], people.shift[rows] + exposure, time)
        return out

    def severity(
        self, people: People, past: Past, days: np.ndarray, exposure: float = 0.0, strictness: float = 0.0
    ) -> np.ndarray:
        """Latent severity, (n, area, day), of days after the treatment, under a study effect."""
        half_life = self.job["outcome.placebo_half_life"]
        placebo = placebo_left(np, self.job["outcome.placebo_shift"], past.since(days), half_life)
        path = [
            severity(
                people.start[:, k],
                self.signal(people, k, past, days, exposure),
                self.job[f"outcome.drop.{name}"],
                placebo + strictness,
            )
            for k, name in enumerate(self.trial.areas)
        ]
        return np.stack(path, axis=1)


@dataclass
class Past:
    """Days of every person's treatments, the trial's first on day 0: the histories there are, and whose is which."""

    histories: list[History]
    of: np.ndarray

    def again(self, rows: np.ndarray, day: int) -> None:
        """Those people are treated once more."""
        for number in np.unique(self.of[rows]):
            longer = (*self.histories[number], day)
            if longer not in self.histories:
                self.histories.append(longer)
            mine = rows[self.of[rows] == number]
            self.of[mine] = self.histories.index(longer)

    def since(self, days: np.ndarray) -> np.ndarray:
        """Days since the last injection of the trial, toxin or not, (n, day): day 0, or a later one."""
        own = np.array(
            [[_since(history, int(day)) for day in days] for history in self.histories], dtype=float
        )
        return own[self.of]

    def at(self, rows: slice) -> Past:
        return Past(self.histories, self.of[rows])


def _since(history: History, day: int) -> int:
    return day - max([0, *(given for given in history if 0 < given <= day)])


def run_unit(trial: Trial, job: Job) -> Tally:
    """Sums over the people of a unit. The same job gives the same bits, wherever it runs."""
    arm = trial.arms[job.arm]
    tally = empty_tally(trial, job)
    faces = _faces(trial, job, arm)
    first = job.first
    for half, count in enumerate((job.count - job.count // 2, job.count // 2)):
        if count:
            _half(faces, half, count, first, tally)
            first += count
    return tally


def _half(faces: Faces, half: int, count: int, first: int, tally: Tally) -> None:
    trial, job, arm = faces.trial, faces.job, faces.arm
    rng = stream(trial.seed, f"trial {arm.name} {job.draw} {job.block} {half}")
    people = entrants(trial, job, arm, count, faces.places[half], rng, _before(faces, arm))
    past = _past(arm, people)
    sampled = _visited(trial, job, faces, people, past, rng)
    add_half(trial, job, half, first, people, sampled, tally)
    shown = slice(0, MOST_SHOWN)
    tally.add_shown(trial, job, half, people.at(shown), faces, past.at(shown), sampled.sound[shown])


def _faces(trial: Trial, job: Job, arm: ArmWork) -> Faces:
    if arm.bank is None:
        nowhere = [np.zeros(1, dtype=np.int64) for _ in arm.cohorts]
        return Faces(trial, job, arm, None, (nowhere, nowhere), np.zeros(2))
    rng = stream(trial.seed, f"trial {arm.name} {job.draw} {job.block} entries")
    halves = [halved(rng, one.entries, int(job.count * one.share)) for one in arm.cohorts]
    rows = np.unique(np.concatenate([half for pair in halves for half in pair]))
    places = tuple([np.searchsorted(rows, pair[half]) for pair in halves] for half in (0, 1))
    bank = replace(arm.bank, share={area: share[rows] for area, share in arm.bank.share.items()})
    return Faces(trial, job, arm, bank, places, _shifts(job, arm))  # type: ignore[arg-type]


def _visited(
    trial: Trial, job: Job, faces: Faces, people: People, past: Past, rng: np.random.Generator
) -> Sampled:
    """Everyone's visits: severity, grades of both raters, change; treatments given again on the way."""
    shape = (len(people), len(trial.areas))
    stays = rng.random(len(people))
    noise = np.array(job.noise)
    reading = rng.standard_normal((*shape, 2, len(trial.days))) * noise[:, None]
    felt = rng.standard_normal((*shape, len(trial.days))) * noise[1]
    noted = rng.standard_normal(shape) * noise[1]
    present = stays[:, None] < trial.retained[None, :]
    again = np.full(
        len(people), np.iinfo(np.int32).max, dtype=np.int64
    )  # day of the first repeated treatment
    if trial.retreat is None or not faces.arm.treated:
        path = once = faces.severity(people, past, trial.days)
        grades = _grades(trial, people, path, reading)
    else:
        once = faces.severity(people, past, trial.days)  # before anybody is treated again
        path = np.empty((*shape, len(trial.days)))
        grades = np.empty((*shape, 2, len(trial.days)), dtype=np.int8)
        for t, day in enumerate(trial.days):
            path[..., t : t + 1] = faces.severity(people, past, trial.days[t : t + 1])
            grades[..., t : t + 1] = _grades(trial, people, path[..., t : t + 1], reading[..., t : t + 1])
            if t in trial.visits:
                rows = _due(trial, past, grades[..., t], present[:, t], int(day))
                again[rows] = np.minimum(again[rows], day)
                past.again(rows, int(day))
    onset = _onset_path(trial, faces, people, past)
    sound = np.asarray(np.isfinite(path).all(axis=(1, 2)))
    return Sampled(path, once, grades, felt, noted, onset, present, again, sound)


def _grades(trial: Trial, people: People, path: np.ndarray, reading: np.ndarray) -> np.ndarray:
    seen = path[:, :, None, :] + people.offset[..., None] + reading
    return np.stack([graded(seen[:, k], scale) for k, scale in enumerate(trial.scales)], axis=1)


def _due(trial: Trial, past: Past, grade: np.ndarray, present: np.ndarray, day: int) -> np.ndarray:
    """People whose investigator sees the entry grade again in every area, long enough after the last treatment."""
    assert trial.retreat is not None
    least, most = trial.retreat
    # Earlier treatments lie before day 0; the first of the trial is not a repeated one.
    allowed = np.array(
        [day - history[-1] >= least and sum(d > 0 for d in history) < most for history in past.histories]
    )
    back = np.stack([grade[:, k, 0] >= scale.entry for k, scale in enumerate(trial.scales)]).all(axis=0)
    return np.flatnonzero(allowed[past.of] & back & present)


def _onset_path(trial: Trial, faces: Faces, people: People, past: Past) -> np.ndarray | None:
    """Daily severity to the last day of a diary, (n, area, day from 1); None where no diary is asked for."""
    days = onset_days(trial)
    return None if days is None else faces.severity(people, past, days)


def _past(arm: ArmWork, people: People) -> Past:
    now: History = (0,) if arm.treated else ()
    return Past([now, (-arm.earlier_days, *now)], people.earlier.astype(np.int64))


def _before(faces: Faces, arm: ArmWork) -> Before:
    """Signal on day 0 of candidates."""

    def signal(people: People, area: int) -> np.ndarray:
        past = Past([(), (-arm.earlier_days,)], people.earlier.astype(np.int64))
        return faces.signal(people, area, past, np.zeros(1, dtype=np.int64))[:, 0]

    return signal


def _shifts(job: Job, arm: ArmWork) -> np.ndarray:
    centre = -np.log(job[f"threshold.{arm.product}"])
    reach = REACH_SD * job["person.sensitivity_sd"]
    effects = job.effects[:, 0]
    return shifts_over(centre - reach + min(effects.min(), 0.0), centre + reach + max(effects.max(), 0.0))
