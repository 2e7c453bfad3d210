"""Unwanted effects of the arms by mechanism: the risk engine for every arm's treatment, beside the reported rates.

An arm's risk is that of one treatment of people of the trial's middle age, women and men by their shares:

    rate of an outer draw   sum over the sexes of share x rate; both meet the same draws of the parameters
    faces                   as many in all as one risk takes, and as many visits of a draw to them, split between the
                            sexes by their shares, as far as whole numbers go
    expected people         binomial at the rates of the outer draws

Onset, end and muscles are those of the sex that has most of the events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from endplate.catalogue.effects import mechanism
from endplate.errors import EndplateError
from endplate.plan import Session
from endplate.population.risk import DRAWS, FACES, PER_DRAW, Risk, risk_of
from endplate.population.risk_chance import settled
from endplate.population.risk_record import Run
from endplate.population.risk_record import Unwanted as Record
from endplate.population.risk_summary import Columns
from endplate.population.risk_summary import unwanted_of as summarised
from endplate.trial.design import Arm, Design
from endplate.trial.limits import REPORTED_ONLY
from endplate.trial.prepare import ages_of
from endplate.trial.result import ArmResult, TrialResult, Unwanted
from endplate.trial.unwanted import expected_of

SEEN, EITHER = "seen", "either"
OF_ONE_PATIENT = (
    "Risks hold for drawn people of the patient's"  # a limit of the engine that speaks of one patient
)
Progress = Callable[[int, int], None]
Answer = Risk | str


@dataclass(frozen=True)
class Asked:
    """One run of the risk engine: a treatment of people of one sex and age."""

    session: Session
    sex: str
    age: float
    faces: int
    per_draw: int

    def plan(self) -> object:
        """The treatment as the plan of one of these people."""
        return Arm("arm", 1, self.session.product, self.session, {}).plan(self.sex, self.age)


def with_risks(found: TrialResult, design: Design, *, progress: Progress | None = None) -> TrialResult:
    """The result with the risks by mechanism of every arm that can be given to the risk engine.

    Args:
        found: what `run_trial` gave for this design; its seed is that of the risks.
        progress: called with (faces done, faces).

    Equal treatments of equal people are worked out once. An arm without risks says why in `unsimulated`.
    """
    age = middle_age(design)
    wanted = {arm.name: _asked(arm, design, age) for arm in design.arms}
    each = list(dict.fromkeys(one for parts in wanted.values() for one, _ in parts))
    answers = _answers(each, found.seed, progress)
    arms = tuple(_arm(arm, wanted[arm.name], answers) for arm in found.arms)
    limits = _limits(found, design, age, [one for one in answers.values() if isinstance(one, Risk)])
    return replace(found, arms=arms, limits=limits)


def middle_age(design: Design) -> float:
    """The age that stands for the people's ages, years."""
    ages = ages_of(design.entry.population.age)
    return ages[len(ages) // 2]


def _asked(arm: Arm, design: Design, age: float) -> list[tuple[Asked, float]]:
    """Runs behind an arm with the share of each; none for an arm without toxin."""
    if arm.session is None or not any(site.units > 0.0 for site in arm.session.injections):
        return []
    operator = arm.session.operator.model_copy(
        update={"experience": design.entry.population.operator.experience}
    )
    session = arm.session.model_copy(update={"operator": operator, "note": None})
    return [(Asked(session, sex, age, *_faces(share)), share) for sex, share in arm.sex.items()]


def _faces(share: float) -> tuple[int, int]:
    """Faces of one sex, and those that each draw visits, an even number (`mixed`)."""
    per_draw = 2 * max(1, round(PER_DRAW * share / 2))
    return per_draw * max(1, round(FACES * share / per_draw)), per_draw


def _answers(each: Sequence[Asked], seed: int, progress: Progress | None) -> dict[Asked, Answer]:
    """The risk of every run, or why there is none."""
    total, done = sum(one.faces for one in each), 0
    out: dict[Asked, Answer] = {}
    for one in each:
        before = done

        def tick(now: int, _of: int, before: int = before) -> None:
            if progress is not None:
                progress(before + now, total)

        try:
            found = risk_of(
                one.plan(), faces=one.faces, draws=DRAWS, per_draw=one.per_draw, seed=seed, progress=tick
            )
            out[one] = replace(found, run=_lean(found.run))
        except EndplateError as error:
            out[one] = f"No risk by mechanism could be worked out: {error.found.rstrip('.')}."
        done += one.faces
        tick(one.faces, total)
    return out


def _lean(run: Run) -> Run:
    """The run without what only questions about single injections need: some 100 MB."""
    return replace(run, brought=np.zeros(0), material=None)


def _arm(arm: ArmResult, parts: Sequence[tuple[Asked, float]], answers: Mapping[Asked, Answer]) -> ArmResult:
    if not parts:
        return replace(arm, unsimulated="It brings no toxin, so nothing follows by mechanism.")
    risks: list[tuple[float, Risk]] = []
    for one, share in parts:
        answer = answers[one]
        if isinstance(answer, str):
            return replace(arm, unsimulated=answer)
        risks.append((share, answer))
    records, run = mixed(risks)
    rows = sorted((one for one in records if one.level == SEEN), key=lambda one: -one.probability)
    simulated = tuple(_unwanted(one, records, run, arm.n) for one in rows)
    return replace(arm, unwanted=(*simulated, *arm.by("reported")), unsimulated=None)


def mixed(parts: Sequence[tuple[float, Risk]]) -> tuple[tuple[Record, ...], Run]:
    """Records per patient, and the run behind them, of a mix of risks with the same outer draws.

    Args:
        parts: (share, risk) of each kind of people; shares add to 1.
    """
    first = parts[0][1]
    if len(parts) == 1:
        return tuple(one for one in first.unwanted if one.side == EITHER), first.run
    visits = max(risk.run.weight.shape[1] for _, risk in parts)
    shares = [(share * _visited(risk.run.weight, visits), risk) for share, risk in parts]
    weight = np.sum([share for share, _ in shares], axis=0)
    chance = {
        key: np.sum(
            [share[..., None] * _visited(risk.run.chance[key], visits) for share, risk in shares], axis=0
        )
        / np.maximum(weight, 1e-300)[..., None]
        for key in first.run.chance
    }
    run = replace(first.run, chance=chance, weight=weight)
    columns = Columns.of(run.outer)
    return tuple(_record(run, effect, level, parts, columns) for effect, level in chance), run


def _visited(values: np.ndarray, visits: int) -> np.ndarray:
    """Rows of a draw's faces, (draw, r, ...), each repeated to fill so many; each half keeps its own faces."""
    return np.repeat(values, visits // values.shape[1], axis=1)


def _record(
    run: Run, effect: str, level: str, parts: Sequence[tuple[float, Risk]], columns: Columns
) -> Record:
    own = [(share, risk.of(effect, EITHER, level)) for share, risk in parts]
    lead = max(own, key=lambda part: part[0] * part[1].probability)[1]
    whole = summarised(run, mechanism(effect), level, EITHER, {}, columns)
    # Kinds of people share their draws: their errors add at most.
    error = sum(share * one.probability * (one.mc_error or 0.0) for share, one in own)
    return replace(
        whole,
        mc_error=error / whole.probability if whole.probability > 0.0 else None,
        onset_day=lead.onset_day,
        resolution_day=lead.resolution_day,
        by_muscle=lead.by_muscle,
    )


def _unwanted(one: Record, records: Sequence[Record], run: Run, people: int) -> Unwanted:
    return Unwanted(
        effect=one.effect,
        area=None,
        probability=one.probability,
        interval90=one.interval90,
        note=one.definition,
        mechanism=True,
        basis=one.basis,
        counts_as=one.effect,
        source=one.source,
        evidence=one.evidence,
        expected=expected_of(_by_draw(run, one.effect), people),
        record=one,
        levels={
            other.level: other for other in records if other.effect == one.effect and other.level != SEEN
        },
    )


def _by_draw(run: Run, effect: str) -> np.ndarray:
    """Rates of the outer draws, brought together as the engine's interval is, (draw,)."""
    cells = run.rates(effect)[..., -1]
    half = cells.shape[1] // 2
    return settled(np.stack([cells[:, :half].mean(axis=1), cells[:, half:].mean(axis=1)], axis=1))


def _limits(found: TrialResult, design: Design, age: float, risks: Sequence[Risk]) -> tuple[str, ...]:
    """The trial's limits, and what the risks leave out."""
    if not risks:
        return found.limits
    size = f"{FACES} faces an arm, {DRAWS} draws, the trial's seed"
    left_out = "earlier and repeated treatments, and people who leave, are not counted"
    words = [f"Risks by mechanism: one treatment of people aged {age:g}, {size}; {left_out}."]
    if design.entry.population.operator.needle_sd_mm is not None:
        words.append(
            "Risks by mechanism take needles by the operator's experience, not the design's own needle SD."
        )
    words += [limit for one in risks for limit in one.limits if not limit.startswith(OF_ONE_PATIENT)]
    return tuple(dict.fromkeys([*(one for one in found.limits if one != REPORTED_ONLY), *words]))
