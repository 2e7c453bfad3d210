"""From the evidence of the catalogue to a problem: which rows are predicted, by which arms, through which banks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.lines import areas
from endplate.fit.clinic.emulator import lay_banks, make_table
from endplate.fit.clinic.keys import BankKey, bank_key, bank_keys, dose_shift
from endplate.fit.clinic.persons import SENSITIVITIES, persons
from endplate.fit.clinic.problem import DEFAULT_GRID_D, Arm, Problem, Row, visits_of
from endplate.model.parameters import point_parameters
from endplate.population.posterior import outcome_parameter_ids

PREDICTED_USES = ("calibrate", "test", "sets_prior")
LINEAR_AREAS = ("glabella", "forehead", "lateral_canthus", "platysma")
"""Areas whose severity reads force, hence is linear in the histogram; the masseter's cross-section is not."""
ALWAYS = (
    "junction.light_chain_half_life.a",
    "junction.sensitivity_sd",
    "junction.lag",
    "person.sensitivity_sd",
)
HELD = ("person.lag_sd", "outcome.rater_offset_sd", "outcome.remodelling")
OF_AREA = ("outcome.drop", "outcome.baseline_mean", "outcome.subject_bias", "outcome.capture")


def can_predict(result: Any) -> bool:
    """Whether the clinical model reads this row: a modelled area, an endpoint it derives, a number, people."""
    if result.use not in PREDICTED_USES or result.area not in LINEAR_AREAS:
        return False
    if result.endpoint is None or result.value is None or result.bound is not None or not result.n:
        return False
    endpoint = catalogue().endpoints[result.endpoint]
    if endpoint.kind == "direct" or (endpoint.kind != "duration" and result.day is None):
        return False
    if endpoint.kind == "duration" and (endpoint.statistic != "median" or result.kind == "placebo"):
        return False
    arm = catalogue().studies[result.study].arm_of(result.arm)
    return result.kind == "placebo" or (arm is not None and arm.pattern is not None)


def predicted_results(uses: Iterable[str] = PREDICTED_USES) -> list[Any]:
    """Results that the clinical model can predict, in catalogue order."""
    return [r for r in catalogue().results.values() if r.use in set(uses) and can_predict(r)]


def build(
    results: Sequence[Any],
    banks: Mapping[str, tuple[np.ndarray, np.ndarray]],
    sensitivities: int = SENSITIVITIES,
) -> Problem:
    """A problem of these results.

    Args:
        banks: by `BankKey.name`: share (entry, bin) and grid (bin,), all with the same number of entries.
    """
    studies = tuple(dict.fromkeys(r.study for r in results))
    keys = bank_keys(results)
    names = {key.name: i for i, key in enumerate(keys)}
    rows, arms, index = [], [], {}
    for result in results:
        arm = _arm(result, studies, names)
        if arm.key not in index:
            index[arm.key] = len(arms)
            arms.append(arm)
        rows.append(_row(result, studies.index(result.study), index[arm.key]))
    arms = [replace(a, visits=visits_of([r for r in rows if r.arm == i])) for i, a in enumerate(arms)]
    visits = sorted({d for a in arms for d in a.visits})
    held = _held()
    table = make_table(visits, held["outcome.remodelling"])
    shifts = [-np.log(float(catalogue().parameter(f"threshold.{_product(key)}").value)) for key in keys]
    laid = lay_banks([banks[key.name] for key in keys], shifts, table)
    fitted = _fitted(arms, rows)
    return Problem(
        studies,
        tuple(arms),
        tuple(rows),
        fitted,
        {name: value for name, value in held.items() if name not in fitted},
        table,
        laid,
        {area: areas()[area] for area in dict.fromkeys(a.area for a in arms)},
        persons(laid.share.shape[1], sensitivities=sensitivities),
    )


def _product(key: BankKey) -> str:
    return catalogue().pattern(key.patterns[0][0]).product


def _held() -> dict[str, float]:
    values = {name: float(v[0]) for name, v in point_parameters().values.items()}
    return values | {name: float(catalogue().parameter(name).value) for name in outcome_parameter_ids()}


def _fitted(arms: Sequence[Arm], rows: Sequence[Row]) -> tuple[str, ...]:
    """Parameters that these rows can inform, in catalogue order; the others stay at the value they are held at."""
    area = {a.area for a in arms}
    wanted = set(ALWAYS) | {f"threshold.{a.product}" for a in arms if a.product}
    wanted |= {f"{stem}.{name}" for stem in OF_AREA for name in area}
    wanted |= {r.endpoint.cut for r in rows if r.endpoint.cut}
    wanted |= {
        name
        for name in outcome_parameter_ids()
        if name not in HELD
        and not name.startswith(OF_AREA)
        and not name.endswith("_cut")
        and name.startswith("outcome.")
    }
    table = catalogue().parameters
    return tuple(n for n in table if n in wanted and table[n].drawn and table[n].low < table[n].high)


def _arm(result: Any, studies: Sequence[str], names: Mapping[str, int]) -> Arm:
    study = catalogue().studies[result.study]
    arm, key = study.arm_of(result.arm), bank_key(result)
    active = key is not None
    return Arm(
        key=f"{result.study}/{result.arm}/{result.area}",
        study=studies.index(result.study),
        area=result.area,
        product=arm.product if active else None,  # type: ignore
        bank=names[key.name] if key is not None else -1,
        log_scale=dose_shift(arm) if active else 0.0,
        severe_share=study.severe_share_investigator,
        visits=(),
    )


def _row(result: Any, study: int, arm: int) -> Row:
    endpoint = catalogue().endpoints[result.endpoint]
    weeks = {"weeks": 1.0, "d": 1.0 / 7.0, "1": 1.0}[result.unit]
    grid = tuple(float(d) for d in DEFAULT_GRID_D) if endpoint.kind == "duration" else ()
    return Row(
        result.id,
        study,
        arm,
        endpoint,
        result.day,
        float(result.value) * weeks,
        int(result.n),
        grid,
        result.events,
    )
