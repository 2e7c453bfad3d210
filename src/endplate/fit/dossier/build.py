"""From the stored predictions and the catalogue to a dossier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.fit.dossier.baselines import NAMES, Baselines, predictive_of, value_of
from endplate.fit.dossier.direct import NAME as DIRECT
from endplate.fit.dossier.direct import direct_rows, load_direct
from endplate.fit.dossier.facts import FITTED_USES, Fact, facts_of, group_of, remaining
from endplate.fit.dossier.floor import Floor, Spread, floor_of, spread_of
from endplate.fit.dossier.predictive import (
    Predictive,
    beta_binomial_counts,
    interval_score,
    median_times,
)
from endplate.fit.dossier.reasons import unpredicted
from endplate.fit.dossier.record import Dossier, Guess, Line
from endplate.fit.dossier.stored import LEFT_OUT, REMEDY, LeftOut, load
from endplate.fit.dossier.summary import LEVELS, summarise, targets_of

STRICT = 0.0
"""Share of a day by which visits may differ in the strict floor: not at all."""


def make_dossier(path: Path = LEFT_OUT, inputs: str | None = None) -> Dossier:
    """The dossier of stored predictions; takes a second or two.

    Args:
        path: where the predictions are; direct readings are read beside them. inputs: hash of the present inputs;
            None works it out.
    """
    if inputs is None:
        from endplate.fit.clinic.store import inputs_hash

        inputs = inputs_hash()
    stored = load(path)
    gone = [name for name in stored.rows if name not in catalogue().results]
    if gone:
        raise ModelError(f"The stored predictions hold `{gone[0]}`, which is no result any more.", "", REMEDY)
    facts = facts_of(stored.rows)
    lines = lines_of(stored, facts)
    summary = summarise(lines)
    direct = load_direct(path.with_name(DIRECT))
    return Dossier(
        lines=tuple(lines),
        unpredicted=tuple(unpredicted({*stored.rows, *(direct.rows if direct else ())})),
        summary=summary,
        floor=floor_facts(facts),
        targets=tuple(targets_of(summary)),
        versions=_versions(),
        inputs=stored.inputs,
        stale=stored.inputs != inputs,
        recipe=stored.recipe,
        draws=stored.draws,
        direct=tuple(direct_rows(direct, facts)) if direct else (),
        direct_stale=direct is not None and direct.inputs != _direct_inputs(),
    )


def lines_of(stored: LeftOut, facts: Sequence[Fact]) -> list[Line]:
    """A line for every fact, in the order of the stored rows."""

    @cache
    def spread(study: str) -> Spread:
        return spread_of(remaining(facts, study))

    @cache
    def strict(study: str) -> Spread:
        return spread_of(remaining(facts, study), STRICT)

    baselines = Baselines(facts, spread)
    return [
        _line(
            stored,
            k,
            fact,
            facts,
            floor_of(fact, spread(fact.study)),
            floor_of(fact, strict(fact.study)),
            baselines,
        )
        for k, fact in enumerate(facts)
    ]


def _line(
    stored: LeftOut,
    k: int,
    fact: Fact,
    facts: Sequence[Fact],
    floor: Floor,
    strict: Floor,
    baselines: Baselines,
) -> Line:
    out = predictive(fact, stored.expected_out[:, k], stored.rate_sd_out[:, k], stored.time_sd_out[:, k])
    seen = predictive(fact, stored.expected_in[:, k], stored.rate_sd_in[:, k], stored.time_sd_in[:, k])
    scale = 1.0 if fact.median else 100.0
    ends = out.interval()
    group, same_area = group_of(fact, remaining(facts, fact.study))
    centre = float(np.median(stored.expected_out[:, k]))
    return Line(
        id=fact.id,
        study=fact.study,
        arm=fact.arm,
        product=fact.product,
        units=fact.units,
        area=fact.area,
        endpoint=fact.endpoint,
        family=fact.family,
        day=fact.day,
        kind=fact.kind,
        use=fact.use,
        tag=fact.tag,
        fitted=fact.use in FITTED_USES,
        checked=fact.tag == "seen",
        group=group,
        same_area=same_area,
        unit="weeks" if fact.median else "1",
        n=fact.n,
        observed=fact.value,
        predicted=centre,
        interval90=ends,
        inside=out.contains(),
        error=scale * abs(fact.value - centre),
        width=scale * (ends[1] - ends[0]),
        predicted_in_sample=float(np.median(stored.expected_in[:, k])),
        interval90_in_sample=seen.interval(),
        inside_in_sample=seen.contains(),
        floor_error=scale * floor.error,
        floor_width=scale * floor.width,
        floor_interval90=floor.interval,
        floor_error_strict=scale * strict.error,
        floor_width_strict=scale * strict.width,
        spread=floor.sd,
        interval_score=scale * interval_score(ends, _compared(fact)),
        log_score=out.surprise(),
        below=out.below(),
        covered={f"{100 * level:g}": out.contains(level) for level in LEVELS},
        baselines={name: guess for name in NAMES if (guess := _guess(baselines, name, fact)) is not None},
    )


def predictive(fact: Fact, expected: np.ndarray, rate_sd: np.ndarray, time_sd: np.ndarray) -> Predictive:
    """What the printed number may be: expected (draw,) with the spread of one printed rate or median, and sampling."""
    if fact.median:
        return median_times(fact.n, fact.value, expected, time_sd)
    return beta_binomial_counts(fact.n, fact.events, expected, rate_sd)


def _compared(fact: Fact) -> float:
    """What an interval is held against: the share of a whole count of people, or the weeks."""
    return fact.value if fact.median else fact.events / fact.n


def _guess(baselines: Baselines, name: str, fact: Fact) -> Guess | None:
    point = baselines.predict(name, fact) if fact.active else None
    if point is None:
        return None
    scale = 1.0 if fact.median else 100.0
    found, value = predictive_of(fact, point), value_of(fact, point)
    ends = found.interval()
    return Guess(
        predicted=value,
        interval90=ends,
        inside=found.contains(),
        error=scale * abs(fact.value - value),
        interval_score=scale * interval_score(ends, _compared(fact)),
        log_score=found.surprise(),
    )


def floor_facts(facts: Sequence[Fact]) -> dict[str, Any]:
    """What the floor's spread rests on, over all fitted studies, with the readings beside it."""
    fitted = [f for f in facts if f.use == "calibrate"]
    whole, strict = spread_of(fitted), spread_of(fitted, STRICT)
    read = spread_of([f for f in fitted if f.tag == "seen"])
    return {
        "logit_sd": whole.rate,
        "logit_sd_same_printed_day": strict.rate,
        "logit_sd_read_rows_alone": read.rate,
        "ln_median_sd": whole.time,
        "groups": [list(group) for group in whole.rate_groups],
        "median_groups": [list(group) for group in whole.time_groups],
    }


def _direct_inputs() -> str:
    from endplate.fit.dossier.direct_made import inputs_hash

    return inputs_hash()


def _versions() -> dict[str, Any]:
    from endplate import __version__

    return {"endplate": __version__, "catalogue": catalogue().version}
