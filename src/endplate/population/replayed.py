"""One plan on many individual faces: each is treated once, by one hand, with one draw of everything that is not known.

Where `risk` integrates, this counts: k of n faces, with the interval of a binomial share (Clopper and Pearson). Faces,
needles and parameters are drawn as there; the person's sensitivity and the slip of a needle are drawn too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.effects import UNIT, mechanism, mechanisms
from endplate.errors import ModelError
from endplate.population.draws import stream
from endplate.population.exposed import keep_faces
from endplate.population.replayed_faces import Treated, treated
from endplate.population.risk import limits_of
from endplate.population.risk_course import Material
from endplate.population.risk_laws import Losses, index_of
from endplate.population.risk_losses import cuts, peak_columns
from endplate.population.risk_parts import groups_of
from endplate.population.risk_run import Job, Size, all_sites, job_of
from endplate.population.risk_tables import PEAK_DAYS, SHIFTS, loss_tables

LEAST_FACES, MOST_FACES = 8, 1000
TAILS = (0.05, 0.95)
SEEN = "seen"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Counted:
    """How many faces get one effect, on either side; interval90 of the share."""

    effect: str
    count: int
    faces: int
    interval90: tuple[float, float]

    @property
    def share(self) -> float:
        return self.count / self.faces


@dataclass(frozen=True)
class TargetSpread:
    """Largest loss of force of one muscle aimed at, over the faces: share of its force before treatment, (face,)."""

    muscle: str
    side: str
    loss: np.ndarray

    @property
    def points(self) -> tuple[float, float, float]:
        """5 %, 50 % and 95 % points."""
        low, middle, high = np.quantile(self.loss, (TAILS[0], 0.5, TAILS[1]))
        return float(low), float(middle), float(high)


@dataclass(frozen=True)
class Replay:
    """One plan on many faces.

    Attributes:
        counted: every effect by mechanism. targets: every muscle aimed at. happened: by effect, (face,).
        slipped (face,): whether a needle slipped behind the septum. replaced: faces without room for the plan, for
            which others were drawn.
    """

    plan_title: str
    counted: tuple[Counted, ...]
    targets: tuple[TargetSpread, ...]
    happened: dict[str, np.ndarray]
    slipped: np.ndarray
    faces: int
    seed: int
    replaced: int
    limits: tuple[str, ...]


def replay_of(plan: Any, *, faces: int = 200, seed: int = 0, progress: Progress | None = None) -> Replay:
    """Treat drawn faces by a plan and count what happens.

    Args:
        faces: of the patient's sex and age; face i carries the i-th of as many draws of the parameters.
        seed: same plan, faces and seed, same numbers.
        progress: called with (faces done, faces).

    Raises:
        ModelError: a number of faces outside 8..1000, nothing planned.
        PlaceError: the plan cannot be placed on the faces.
    """
    check_faces(faces)
    keep_faces(faces)
    job = with_targets(job_of(plan, Size(2 * faces, faces, 2, seed), None), faces, seed)
    parts = _treated(job, faces, progress)
    losses = _losses(job, parts)
    person = _people(job, parts)
    happened = {one.id: _happens(job, losses, one.id, person) for one in job.chosen}
    return Replay(
        plan_title=plan.title,
        counted=tuple(_counted(name, found) for name, found in happened.items()),
        targets=_targets(job, losses, person),
        happened=happened,
        slipped=np.array([one.stratum == 1 or (one.stratum == 2 and not job.in_orbit) for one in parts]),
        faces=faces,
        seed=seed,
        replaced=sum(one.replaced for one in parts),
        limits=limits_of(job, parts),  # type: ignore[arg-type]
    )


def check_faces(faces: int) -> None:
    """Refuse a number of faces out of range."""
    if isinstance(faces, bool) or not isinstance(faces, int) or not LEAST_FACES <= faces <= MOST_FACES:
        raise ModelError(
            f"{faces} faces were asked for.",
            f"A plan is replayed on {LEAST_FACES} to {MOST_FACES} of them.",
            "Give --faces 200.",
        )


def with_targets(job: Job, draws: int, seed: int) -> Job:
    """A job that also watches the muscles aimed at."""
    muscles = [g.muscle for g in job.task.groups] + [site.muscle for site in all_sites(job.today)]
    blockable = [m for m in dict.fromkeys(muscles) if _blockable(m)]
    groups = groups_of(blockable)
    classes = tuple(sorted({group.muscle_class for group in groups}))
    products = tuple(sorted({session.product for session in job.today.sessions}))
    serotype = catalogue().product(products[0]).serotype.lower()
    tables = loss_tables(products, serotype, draws, seed, classes)
    return replace(job, task=replace(job.task, groups=groups, cut=cuts(groups, tables)), tables=tables)


def _blockable(muscle: str) -> bool:
    known = catalogue().muscles
    return muscle not in known or known[muscle].muscle_class != "smooth"


def _treated(job: Job, faces: int, progress: Progress | None) -> list[Treated]:
    """Every face under its own needles."""
    done = [0]

    def one(number: int) -> Treated:
        found = treated(job.task, number, faces)
        done[0] += 1
        if progress is not None:
            progress(done[0], faces)
        return found

    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        return list(pool.map(one, range(faces)))


def _losses(job: Job, parts: Sequence[Treated]) -> Losses:
    """Losses of every face at every sensitivity on the days of the largest loss, (group, face, 1, shift, day)."""
    reached = np.unique(np.concatenate([one.reached for one in parts]))
    cells = parts[0].share.shape[-1]
    share = np.zeros((len(parts), 1, 1, len(reached), cells), dtype=np.float32)
    for number, one in enumerate(parts):
        share[number, 0, 0, np.searchsorted(reached, one.reached)] = one.share
    groups = tuple(job.task.groups[k] for k in reached)
    material = Material(share, groups, job.tables, job.outer.values, job.aimed, job.palsy)
    return material.losses(share, np.arange(len(parts)), SHIFTS, peak_columns(PEAK_DAYS))


def _people(job: Job, parts: Sequence[Treated]) -> np.ndarray:
    """ln sensitivity of each person, (face,)."""
    z = np.array([stream(one.own, "sensitivity").standard_normal() for one in parts])
    return np.asarray(job.outer["person.sensitivity_sd"]) * z


def _at(values: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Values over sensitivities read at each person's own, (face, shift, ...) -> (face, ...)."""
    place = np.clip((person - SHIFTS[0]) / (SHIFTS[1] - SHIFTS[0]), 0.0, len(SHIFTS) - 1.0 - 1e-9)
    low = place.astype(int)
    upper = (place - low).reshape(-1, *(1,) * (values.ndim - 2))
    rows = np.arange(len(values))
    return (1.0 - upper) * values[rows, low] + upper * values[rows, low + 1]


def _happens(job: Job, losses: Losses, effect: str, person: np.ndarray) -> np.ndarray:
    """Whether each face gets an effect on either side, (face,)."""
    one = mechanism(effect)
    index = index_of(one, losses)[:, 0].max(axis=(-1, -2))
    name = one.levels[SEEN]
    least = np.ones(len(person)) if name == UNIT else np.asarray(job.outer[name])
    return _at(np.asarray(index, dtype=float), person) >= least


def _targets(job: Job, losses: Losses, person: np.ndarray) -> tuple[TargetSpread, ...]:
    found = []
    for muscle, side in sorted(job.aimed):
        if (
            muscle not in catalogue().muscles
            or not _blockable(muscle)
            or (side == "midline") != _midline(muscle)
        ):
            continue
        own = losses.of(muscle, "left" if side == "midline" else side)[:, 0].max(axis=-1)
        found.append(TargetSpread(muscle, side, _at(np.asarray(own, dtype=float), person)))
    return tuple(found)


def _midline(muscle: str) -> bool:
    return catalogue().muscle(muscle).side_kind == "midline"


def _counted(effect: str, happened: np.ndarray) -> Counted:
    count = int(happened.sum())
    return Counted(effect, count, len(happened), clopper_pearson(count, len(happened)))


def clopper_pearson(count: int, of: int) -> tuple[float, float]:
    """Exact 90 % interval of a share of which `count` in `of` were seen."""
    from scipy.stats import beta

    low = 0.0 if count == 0 else float(beta.ppf(TAILS[0], count, of - count + 1))
    high = 1.0 if count == of else float(beta.ppf(TAILS[1], count + 1, of - count))
    return low, high


__all__ = ["Counted", "Replay", "TargetSpread", "clopper_pearson", "mechanisms", "replay_of"]
