"""From a design to what the units of work share, and the list of units."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.errors import ModelError
from endplate.model.backend import normal_cdf, normal_quantile
from endplate.model.outcome import NOISES, baseline_mean_for
from endplate.plan import Session
from endplate.population.draws import stratified, stream
from endplate.population.posterior import Draws, draws_of
from endplate.trial.areas import area
from endplate.trial.design import Arm, Design, endpoint_record
from endplate.trial.job import ArmWork, Cohort, Job, Trial
from endplate.trial.records import Ages, Dropout

BLOCK = 10_000
MOST_DRAWS, LEAST_DRAWS, PATIENTS_PER_DRAW = 100, 10, 200
EFFECTS = 4  # study effects that each draw is seen under
KEPT = 100_000  # patients whose grades are kept, over all arms
FACES, LEAST_FACES, NEEDLES = 24, 4, 16  # of an arm, of a sex and age, on each face
AGE_PARTS = 3  # ages that stand for a spread of ages
CURVE_DAYS = (
    *(1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 70, 84, 98, 112, 126, 140, 154, 168, 182, 196),
    *(224, 252, 280, 308, 336, 365, 455, 545, 635, 730),
)
BANK_SEED = 0  # every trial meets the same faces, so that arms differ by their arms alone
MOST_SEED = 2**63
Progress = Callable[[int, int], None]


def check_run(patients: int, seed: int) -> None:
    """Raises ModelError for a number of patients or a seed that makes no trial."""
    if not 20 <= patients <= 20_000_000:
        raise ModelError(
            f"{patients} patients were asked for.",
            "Allowed: 20 to 20,000,000 in each arm.",
            "Give --patients.",
        )
    if not 0 <= seed < MOST_SEED:
        raise ModelError(f"The seed is {seed}.", "It is a whole number from 0 on.", "Give --seed.")


def draws_for(patients: int) -> int:
    """Draws of the parameters that so many patients are spread over."""
    return int(np.clip(patients // PATIENTS_PER_DRAW, LEAST_DRAWS, MOST_DRAWS))


def trial_of(design: Design, *, patients: int, seed: int, progress: Progress | None = None) -> Trial:
    """What all units share; the banks are made here (or taken from an earlier trial of this process).

    Args:
        progress: called with (banks done, banks).
    """
    keep = patients * len(design.arms) <= KEPT
    days = np.array(design.days)
    last = int(days.max())
    entry = design.entry
    asked_for = {row.endpoint for row in design.asked} | {row.duration for row in design.lasting}
    records = {name: endpoint_record(name) for name in asked_for}
    among = {r.among for r in records.values() if r.among not in (None, "all")}
    return Trial(
        seed=seed,
        areas=design.areas,
        scales=tuple(area(name) for name in design.areas),
        arms=tuple(_arms(design, progress)),
        days=days,
        visits=tuple(int(v) for v in np.searchsorted(days, design.visits)),
        retained=np.array([retained(entry.dropout, design.visits, day) for day in days]),
        curve_days=np.array([day for day in CURVE_DAYS if day < last] + [last]),
        asked=design.asked,
        endpoints=records | {name: endpoint_record(name) for name in among},
        lasting=design.lasting,
        only=_only(design),
        retreat=None
        if entry.retreatment is None
        else (entry.retreatment.min_days, entry.retreatment.at_most),
        keep=keep,
    )


def retained(dropout: Dropout, visits: Iterable[int], day: int) -> float:
    """Share of people still in the trial on a day."""
    if dropout.share_per_30_days is not None:
        return float((1.0 - dropout.share_per_30_days) ** (day / 30.0))
    lost = dropout.by_visit or ()
    return float(np.prod([1.0 - share for visit, share in zip(visits, lost, strict=False) if visit <= day]))


def _only(design: Design) -> dict[str, bool]:
    """Areas whose mix is one-sided: whether the investigator sees more than the entry grade in all, or in nobody."""
    mixes = design.entry.population.baseline.items()
    return {
        name: mix.severe == 1.0 for name, mix in mixes if name in design.areas and mix.severe in (0.0, 1.0)
    }


def _arms(design: Design, progress: Progress | None) -> list[ArmWork]:
    people = design.entry.population
    earlier = people.previously_treated
    active = next((arm for arm in design.arms if arm.session is not None), None)
    if earlier is not None and earlier.arm is not None:
        active = design.arm(earlier.arm)
    ages = ages_of(people.age)
    wanted = []
    for arm in design.arms:
        source = arm if arm.session is not None else (active if earlier is not None else None)
        wanted.append((arm, source))
    total = sum(len(arm.sex) * len(ages) for arm, source in wanted if source is not None)
    done = 0
    out = []
    for arm, source in wanted:
        banks, cohorts = [], []
        for sex, share in arm.sex.items():
            for age in ages if source is not None else ():
                assert source is not None
                faces = max(LEAST_FACES, round(FACES * share / len(ages)))
                banks.append(_bank(design, source, sex, age, faces))
                first = sum(bank.entries for bank in banks[:-1])
                cohorts.append(Cohort(share / len(ages), first, banks[-1].entries))
                done += 1
                if progress is not None:
                    progress(done, total)
        out.append(
            ArmWork(
                name=arm.name,
                n=arm.n,
                product=None if source is None else source.product,
                treated=arm.session is not None,
                bank=joined(banks) if banks else None,
                cohorts=tuple(cohorts) or (Cohort(1.0),),
                earlier_share=0.0 if earlier is None else earlier.share,
                earlier_days=0 if earlier is None else earlier.days_ago,
            )
        )
    return out


def joined(banks: list[Any]) -> Any:
    """One bank of the entries of several of the same product, which share the start of their grid."""
    longest = max(banks, key=lambda bank: len(bank.grid))
    bins = len(longest.grid)
    share = {
        area: np.concatenate(
            [np.pad(bank.share[area], ((0, 0), (0, bins - len(bank.grid)))) for bank in banks]
        )
        for area in longest.areas
    }
    failed = tuple(text for bank in banks for text in bank.failed)
    return replace(longest, share=share, faces=sum(bank.faces for bank in banks), failed=failed)


def ages_of(age: Ages) -> tuple[float, ...]:
    """Whole years that stand for equal parts of the people: middles of the parts of a normal cut at both ends."""
    if age.sd == 0.0:
        return (float(round(age.mean)),)
    low, high = (float(normal_cdf(np, np.array((end - age.mean) / age.sd))) for end in (age.min, age.max))
    middles = low + (high - low) * (np.arange(AGE_PARTS) + 0.5) / AGE_PARTS
    years = np.clip(np.rint(age.mean + age.sd * normal_quantile(middles)), age.min, age.max)
    return tuple(float(year) for year in years)


def _bank(design: Design, arm: Arm, sex: str, age: float, faces: int) -> Any:
    operator = design.entry.population.operator
    assert arm.session is not None
    return bank_of(
        arm.session.model_copy(update={"note": None}),
        sex,
        age,
        design.areas,
        faces,
        NEEDLES,
        operator.experience,
        operator.needle_sd_mm,
    )


@lru_cache(maxsize=64)  # below a megabyte each
def bank_of(
    session: Session,
    sex: str,
    age: float,
    areas: tuple[str, ...],
    faces: int,
    needles: int,
    experience: str,
    needle_sd_mm: float | None,
) -> Any:
    """Bank of one treatment in people of one sex and age, kept for later trials."""
    from endplate.population.bank import make_bank

    plan = Arm("arm", 1, session.product, session, {}).plan(sex, age)
    return make_bank(
        plan,
        sex=sex,
        age=age,
        areas=areas,
        faces=faces,
        needles=needles,
        experience=experience,
        needle_sd_mm=needle_sd_mm,
        seed=BANK_SEED,
    )


def jobs_of(trial: Trial, design: Design, *, patients: int) -> tuple[list[Job], dict[str, Draws]]:
    """All units, in the order in which they are added up, and the draws behind each arm."""
    draws = draws_for(patients)
    by_arm: dict[str, Draws] = {}
    means: np.ndarray | None = None
    able = np.arange(draws)
    jobs: list[Job] = []
    for number, arm in enumerate(trial.arms):
        found = draws_of(arm.product, draws, trial.seed)
        # People and raters are the same in every arm of a draw: the arms differ by what was injected.
        if means is None:
            means, able = _able(_means(trial, design, found))
        found = by_arm[arm.name] = found.taken(able)
        effects = study_effects(found, trial.seed)
        starts = start_effects(trial, design, found)
        first = 0
        for draw in range(draws):
            own = patients // draws + (draw < patients % draws)
            for block, start in enumerate(range(0, own, BLOCK)):
                count = min(BLOCK, own - start)
                shared = (found.one(draw), means[draw], effects[draw], starts[draw])
                jobs.append(Job(number, draw, block, first, count, *shared))
                first += count
    return jobs, by_arm


def study_effects(draws: Draws, seed: int) -> np.ndarray:
    """Study effects of exposure and severity for every draw, (draw, k, 2); the same for all arms of a trial."""
    out = []
    for kind in ("exposure", "severity"):
        z = stratified(stream(seed, f"study {kind}"), draws.draws * EFFECTS).reshape(draws.draws, EFFECTS)
        out.append(z * draws[f"outcome.study_sd.{kind}"][:, None])
    return np.stack(out, axis=-1)


def start_effects(trial: Trial, design: Design, draws: Draws) -> np.ndarray:
    """Study effects of the candidates' mean severity for every draw, (draw, k, area); the same for all arms.

    Zero where the design gives the baseline mix: the mean is then solved for, whatever the study.
    """
    out = np.zeros((draws.draws, EFFECTS, len(trial.areas)))
    for k, name in enumerate(trial.areas):
        if name not in design.entry.population.baseline:
            z = stratified(stream(trial.seed, f"study baseline {name}"), draws.draws * EFFECTS)
            out[..., k] = z.reshape(draws.draws, EFFECTS) * draws["outcome.study_sd.baseline"][:, None]
    return out


@dataclass(frozen=True)
class _TwoSided:
    """A scale cut at the grade above that of entry: what lies higher counts as that grade."""

    lowest: int
    highest: int
    entry: int


def _able(means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of the draws that can give the design's mix, and which these are, (draw,), cycled over.

    A draw in which people differ too much cannot give a mild mix whatever their mean: the mix itself rules it out.
    """
    can = np.flatnonzero(np.isfinite(means).all(axis=1))
    rows = np.arange(len(means))
    rows[~np.isin(rows, can)] = can[np.arange(len(means) - len(can)) % len(can)]
    return means[rows], rows


def _means(trial: Trial, design: Design, draws: Draws) -> np.ndarray:
    """Mean severity of candidates, (draw, area): as drawn, or so that those let in have the design's mix.

    A mix has two parts: the entry grade, and all above it (two grades of the platysma's scale). NaN in a draw that
    cannot give it.

    Raises:
        ModelError: more than half of the draws cannot give it.
    """
    out = np.empty((draws.draws, len(trial.areas)))
    for k, (name, scale) in enumerate(zip(trial.areas, trial.scales, strict=True)):
        mix = design.entry.population.baseline.get(name)
        out[:, k] = draws[f"outcome.baseline_mean.{name}"]
        if mix is None or name in trial.only:
            continue
        two = _TwoSided(scale.lowest, scale.entry + 1, scale.entry)
        refused: list[ModelError] = []
        for d in range(draws.draws):
            try:
                out[d, k] = _mean_for(mix.severe, two, draws, name, d)
            except ModelError as error:
                out[d, k] = np.nan
                refused.append(error)
        if 2 * len(refused) > draws.draws:
            raise refused[0]
    if not np.isfinite(out).all(axis=1).any():
        raise ModelError(
            "No draw of the model can give the baseline mix of every area.", "", "Correct the baseline mix."
        )
    return out


def _mean_for(severe: float, scale: Any, draws: Draws, area: str, draw: int) -> float:
    return baseline_mean_for(
        severe,
        scale,
        baseline_sd=float(draws["outcome.baseline_sd"][draw]),
        noise=[float(draws[name][draw]) for name in NOISES],
        offset_sd=float(draws["outcome.rater_offset_sd"][draw]),
        subject_bias=float(draws[f"outcome.subject_bias.{area}"][draw]),
    )
