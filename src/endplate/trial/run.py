"""A virtual trial: design -> banks -> units of work -> sums by draw -> rates, durations, curves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from endplate.plan import session_dose
from endplate.population.draws import stream
from endplate.population.posterior import Draws
from endplate.trial.areas import area_names
from endplate.trial.design import Arm, Design
from endplate.trial.executor import executor_for
from endplate.trial.job import Job, Trial
from endplate.trial.limits import limits_of
from endplate.trial.power import powers_of
from endplate.trial.prepare import check_run, jobs_of, trial_of
from endplate.trial.rates import (
    by_half,
    interval,
    median_interval,
    medians,
    predictive,
    settled,
    spread_rates,
)
from endplate.trial.result import NOT_ASKED, ArmResult, Curve, Duration, Rate, TrialResult
from endplate.trial.sums import Sums, added
from endplate.trial.tally import ONSET_DAYS, Tally, curve_rows
from endplate.trial.unit import run_unit
from endplate.trial.unwanted import unwanted_of

Progress = Callable[[int, int], None]


def run_trial(
    design: Design,
    *,
    patients: int = 10_000,
    seed: int = 0,
    workers: int = 1,
    cluster: str | Any | None = None,
    progress: Progress | None = None,
    risk: bool = False,
) -> TrialResult:
    """Run a design.

    Args:
        patients: simulated in each arm, whatever the size of the real trial.
        seed: same design, patients and seed: same bits, with any number of workers and on any cluster.
        workers: threads. cluster: address of a Dask scheduler (or a client), used instead of threads.
        progress: called with (patients done, patients of all arms).
        risk: add risks of unwanted effects by mechanism, some seconds an arm (`trial.risks.with_risks`).

    Raises:
        ModelError: a number of patients or workers out of range, no cluster, or an entry rule that nobody satisfies.
        PlaceError: an arm's sites can be placed on no face.
    """
    check_run(patients, seed)
    with executor_for(workers, cluster) as executor:
        trial = trial_of(design, patients=patients, seed=seed)
        jobs, draws = jobs_of(trial, design, patients=patients)
        tallies = _counted(executor.run(run_unit, trial, jobs), jobs, progress)
        sums = added(trial, tallies, len({job.draw for job in jobs}), patients)
    found = _result(design, trial, sums, draws, patients, seed)
    if not risk:
        return found
    from endplate.trial.risks import with_risks

    return with_risks(found, design)


def _counted(tallies: Iterator[Tally], jobs: Sequence[Job], progress: Progress | None) -> Iterator[Tally]:
    done, total = 0, sum(job.count for job in jobs)
    for job, tally in zip(jobs, tallies, strict=True):
        done += job.count
        if progress is not None:
            progress(done, total)
        yield tally


def _result(
    design: Design, trial: Trial, sums: list[Sums], draws: dict[str, Draws], patients: int, seed: int
) -> TrialResult:
    failures = tuple(one for arm in sums for one in arm.failures)
    failed = sum(arm.failed for arm in sums)
    arms = tuple(
        _arm(design.arms[k], trial, design, sums[k], draws[design.arms[k].name], patients)
        for k in range(len(design.arms))
    )
    return TrialResult(
        title=design.title,
        design=design.to_dict(),
        arms=arms,
        powers=powers_of(design, arms),
        patients=patients,
        draws=sums[0].draws,
        seed=seed,
        failed=failed,
        failures=failures,
        kept=_kept(trial, sums, draws) if trial.keep else None,
        versions=versions(draws),
        limits=limits_of(design, trial, draws, failed),
    )


def versions(draws: dict[str, Draws]) -> dict[str, str]:
    """Versions of program, catalogue and posterior."""
    from endplate import __version__
    from endplate.catalogue import catalogue
    from endplate.population.posterior import stored_posterior

    found = stored_posterior()
    fitted = "none" if found is None else str(found.recipe["inputs"])
    return {"endplate": __version__, "catalogue": catalogue().version, "posterior": fitted}


def _arm(arm: Arm, trial: Trial, design: Design, sums: Sums, draws: Draws, patients: int) -> ArmResult:
    visits = trial.days[list(trial.visits)]
    again = sums.again / max(patients, 1)
    return ArmResult(
        name=arm.name,
        n=arm.n,
        patients=patients,
        product=arm.product,
        units=0.0 if arm.session is None else float(session_dose(arm.session).units),  # type: ignore[arg-type]
        rates=tuple(rates_of(arm, trial, design, sums, draws)),
        durations=tuple(durations_of(trial, sums)),
        curves=tuple(curves_of(trial, sums)),
        unwanted=unwanted_of(arm.product, design.areas, arm.n),
        basis=_basis(draws, arm, design.areas),
        retreated=tuple(
            (int(day), float(share)) for day, share in zip(visits, again, strict=True) if share > 0
        ),
        unsimulated=NOT_ASKED,
    )


def rates_of(arm: Arm, trial: Trial, design: Design, sums: Sums, draws: Draws) -> Iterator[Rate]:
    """Every rate of an arm with its intervals."""
    missing_fails = design.entry.dropout.missing == "failure"
    halves = by_half(sums.chance, sums.count)  # (draw, half, row)
    whole = settled(halves)
    studied = _under_effects(sums) + (whole - halves.mean(axis=1))[..., None]
    for row, (one, day) in enumerate(trial.rows):
        here = float(trial.retained[np.searchsorted(trial.days, day)])
        factor = here if missing_fails else 1.0
        seen = arm.n if missing_fails else max(round(arm.n * here), 1)
        counted = sums.count.sum() if missing_fails else sums.seen[row]
        own = np.clip(factor * whole[:, row], 0.0, 1.0)
        under = np.clip(factor * studied[:, row], 0.0, 1.0)
        rng = stream(trial.seed, f"printed {arm.name} {one.endpoint} {one.area} {day}")
        printed = spread_rates(under, draws["outcome.study_sd.endpoint"], rng)  # each arm's is off by its own
        yield Rate(
            endpoint=one.endpoint,
            area=one.area,
            day=day,
            rate=float(own.mean()),
            interval90=interval(own),
            predictive90=predictive(printed, seen),
            simulated=float(sums.hits[row] / counted) if counted else None,
            draws=own,
            studied=printed,
        )


def _under_effects(sums: Sums) -> np.ndarray:
    """Rates under each study effect, (draw, row, k): weighted means over the people of both halves."""
    both, weight = sums.effects.sum(axis=1, keepdims=True), sums.weight.sum(axis=1, keepdims=True)
    means = [by_half(both[:, :, k], weight[:, :, k])[:, 0] for k in range(both.shape[2])]
    return np.stack(means, axis=-1)


def durations_of(trial: Trial, sums: Sums) -> Iterator[Duration]:
    """Medians: each draw's from the mean chances of its people, had nobody been treated again.

    Whoever is due for another treatment is about to lose the effect: to stop watching them there would lengthen it.
    """
    days = trial.days[list(trial.visits)]
    for d, one in enumerate(trial.lasting):
        if trial.endpoints[one.duration].kind == "onset":
            weeks = medians(by_half(sums.onset[:, :, d], sums.shown), np.arange(1, ONSET_DAYS + 1))
        else:
            weeks = medians(by_half(sums.lasting[:, :, d], sums.member[:, :, d]), days)
        median, interval90, reached = median_interval(weeks)
        yield Duration(one.duration, one.area, median, interval90, reached)


def curves_of(trial: Trial, sums: Sums) -> Iterator[Curve]:
    """Responders by day with the model's band."""
    whole = np.clip(settled(by_half(sums.curve, sums.shown)), 0.0, 1.0)
    for c, (name, area) in enumerate(curve_rows(trial)):
        low, high = np.quantile(whole[:, c], (0.05, 0.95), axis=0)
        yield Curve(name, area, trial.curve_days, whole[:, c].mean(axis=0), low, high)


def _basis(draws: Draws, arm: Arm, areas: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Parameters by where their draws come from; those of other areas, and held ones that no trial row could move,
    are left out."""
    shown = ("person.", "outcome.", f"threshold.{arm.product}")
    out: dict[str, list[str]] = {"posterior": [], "prior": [], "held": []}
    others = tuple(f".{name}" for name in area_names() if name not in areas)
    for name, source in draws.basis.items():
        if name.startswith("outcome.") and name.endswith(others):
            continue
        if source != "held" or name.startswith(shown):
            out[source].append(name)
    return {source: tuple(names) for source, names in out.items()}


def _kept(trial: Trial, sums: list[Sums], draws: dict[str, Draws]) -> dict[str, np.ndarray]:
    """Grades of every patient, and the cuts of each draw by which a felt change is judged."""
    names = sums[0].kept[0].keys()
    found = {name: np.concatenate([part[name] for arm in sums for part in arm.kept]) for name in names}
    first = draws[trial.arms[0].name]
    cuts = [name for name in first.values if name.startswith("outcome.") and name.endswith("_cut")]
    return found | {f"cut.{name}": np.asarray(first[name]) for name in cuts}
