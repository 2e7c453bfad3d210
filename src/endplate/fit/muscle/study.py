"""The whole calibration of the muscle level as one record that can be stored, checked and drawn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.records import Observation
from endplate.fit.muscle import atrophy, rat
from endplate.fit.muscle.clinic import firing_course, lids, one_rate, planned
from endplate.fit.muscle.foot import NEEDLES, ONA, SEED, VOLUME_ML, courses, foot
from endplate.fit.muscle.free import (
    EASE,
    HELD,
    ON_RATE,
    RECOVERY,
    SIGMA,
    THETA_A,
    THETA_B,
    THRESHOLD_B,
    VOLUME,
    with_values,
)
from endplate.fit.muscle.least import SmallFit
from endplate.fit.muscle.posterior import STUDY_SD, Fit, fit, target
from endplate.fit.muscle.profile import profile
from endplate.fit.muscle.readouts import residual
from endplate.fit.muscle.sample import Draws, draw, quantile
from endplate.fit.muscle.variants import Variant, variants, with_ceiling, without_tail
from endplate.model.parameters import ParameterSet, model_parameter_ids, point_parameters

RECIPE = "endplate.fit.muscle, 2: structural law, between-study SD, importance draws"
DRAWS = 2000
POINT = (EASE, THRESHOLD_B, THETA_B, ON_RATE, RECOVERY)  # what is written; the rest is held at the catalogue
PROFILED = (SIGMA, THETA_A, ON_RATE, RECOVERY)
DECLARED = ("structural.on_rate.jaw", "structural.on_rate.neck")  # set beside the fitted limb value
WRITTEN = (*(f.name for f in POINT), *(f.name for f in atrophy.FREE), *DECLARED)
Say = Callable[[str], None]


def inputs_hash() -> str:
    """Fingerprint of what the fit reads: rows, and every parameter that it does not write itself.

    Its needles are an expert's, by hand: what a beginner or guidance changes is not read.
    """
    table = catalogue().parameters
    read = [n for n in model_parameter_ids() if n not in WRITTEN and not n.startswith("operator.")]
    held = {n: (table[n].value, table[n].low, table[n].high) for n in read}
    data = [
        o.model_dump(mode="json") for o in catalogue().evidence.values() if o.use == "calibrate" and _ours(o)
    ]
    text = json.dumps([RECIPE, NEEDLES, SEED, VOLUME_ML, held, data], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _ours(row: Observation) -> bool:
    return row.id.split(".")[0] in {"v1", "v2", "v3", "v22", "p6_9", "p6_10", "p6_11"}


def base_parameters() -> ParameterSet:
    """The centres of the catalogue: what the fit does not move stands there."""
    return point_parameters()


def point_fit(base: ParameterSet, study_sd: float) -> Fit:
    """What goes into the catalogue: the most probable values with everything else at its centre there.

    Half-life of type A and spread of sensitivity are held by other rows and stay; the volume is the declared one.
    """
    to = target(POINT, {VOLUME.name: VOLUME_ML}, base)
    return fit(to, study_sd=(study_sd,))


def run(say: Say = print, *, draws: int = DRAWS, points: int = 9) -> dict[str, Any]:
    """Everything, as plain data.

    Args:
        say: told what has been done.
        draws: from the posterior. points: of each profile.
    """
    base = base_parameters()
    whole = fit(target(base=base), study_sd=STUDY_SD)
    say(f"foot: chi2 {whole.chi2:.1f} ({whole.chi2_study:.1f} with the difference between studies)")
    point = point_fit(base, whole.study_sd)
    sampled = draw(whole, draws, SEED)
    say(f"draws: {sampled.effective:.0f} effective of {draws}")
    profiles = [profile(whole, f, points) for f in PROFILED]
    say("profiles: done")
    laws = variants(whole, base)
    ceiling, bare = with_ceiling(base), without_tail(base)
    say("laws of the tail: done")
    fitted = with_values(base, point.values)
    block = atrophy.block_of(fitted)
    section = atrophy.fit(block)
    rodent = rat.fit(fitted)
    return {
        "recipe": RECIPE,
        "seed": SEED,
        "needles": NEEDLES,
        "volume_ml": VOLUME_ML,
        "draws": draws,
        "effective_draws": sampled.effective,
        "inputs": inputs_hash(),
        "whole": _fit_record(whole, sampled),
        "point": {
            "values": point.values,
            "found": point.found,
            "chi2": point.chi2,
            "chi2_study": point.chi2_study,
        },
        "rows": _row_records(whole, sampled),
        "profiles": [
            {"name": p.name, "values": p.values.tolist(), "rise": p.rise.tolist(), "interval": p.interval()}
            for p in profiles
        ],
        "laws": [_law_record(v) for v in laws],
        "ceiling": {"unblockable": ceiling.values["ceiling.unblockable"], "chi2": ceiling.chi2},
        "bare": {"chi2": bare.chi2, "chi2_study": bare.chi2_study, "found": bare.found},
        "curves": _curve_records(sampled),
        "section": _section_record(section, block),
        "order": force_after_cmap(fitted),
        "atrophy": {kind: lid_atrophy(fitted, section.values, kind) for kind in ("mimic", "eye")},
        "rat": {
            "values": rodent.values,
            "intervals": {f.name: rodent.interval(f.name) for f in rat.FREE},
            "rows": _plain_rows(rat.rows(), rodent.found),
            "chi2": rodent.chi2,
        },
    }


def force_after_cmap(parameters: ParameterSet) -> float:
    """Days between half recovery of CMAP and of force in the foot after 10 U (row P6.12: force comes later)."""
    place = foot(ONA)
    found, days = courses(place, parameters, (10.0,))[10.0], place.setup.nodes

    def half(course: np.ndarray) -> float:
        low = int(course.argmin())
        return float(np.interp(0.5 * (course[low] + 1.0), course[low:], days[low:]))

    return half(found.force) - half(found.cmap)


def lid_atrophy(parameters: ParameterSet, values: dict[str, float], kind: str) -> float:
    """Largest loss of section in a lid muscle after a blepharospasm pattern, with the on-rate of a muscle class."""
    at = planned(lids(), ("orbicularis_oculi_palpebral", "left"))
    firing = firing_course(at, parameters, one_rate()(parameters, at.setup.days))
    rate = float(parameters[f"section.on_rate.{kind}"][0])
    recovery, most = values["section.recovery_half_life"], values["section.maximal_loss"]
    section = atrophy.section_of(firing, np.arange(at.setup.days + 1), rate, recovery, most)
    return float(1.0 - section.min())


def _fit_record(found: Fit, sampled: Draws) -> dict[str, Any]:
    sd = np.sqrt(np.diag(found.covariance))
    ends = quantile(sampled.z, sampled.weight)
    free = found.target.free
    return {
        "values": found.values,
        "intervals": {f.name: found.interval(f.name) for f in free},
        "sampled": {f.name: [f.back(float(z)) for z in ends[:, i]] for i, f in enumerate(free)},
        "priors": {f.name: [f.low, f.high, f.basis] for f in free},
        "names": [f.name for f in free],
        "correlation": (found.covariance / np.outer(sd, sd)).tolist(),
        "log_sd": sd.tolist(),
        "study_sd": found.study_sd,
        "study_sd_weight": dict(zip(map(str, STUDY_SD), found.study_sd_weight.tolist(), strict=True)),
        "chi2": found.chi2,
        "chi2_study": found.chi2_study,
        "found": found.found,
    }


def _row_records(found: Fit, sampled: Draws) -> list[dict[str, Any]]:
    """Observed, fitted, residual, 90 % interval of a new reading, inside or not; signs as well."""
    out = []
    extra = np.diag(found.rows_covariance)
    for i, row in enumerate(found.target.rows):
        spread = quantile(sampled.read[row.id], sampled.weight)
        mean = float(sampled.read[row.id] @ sampled.weight)
        inner = float(((sampled.read[row.id] - mean) ** 2) @ sampled.weight)
        reach = 1.645 * float(np.sqrt(inner + extra[i]))
        fitted = found.found[row.id]
        off = residual(row, fitted)
        out.append(
            {
                "id": row.id,
                "fitted": fitted,
                "fitted_interval": [float(spread[0]), float(spread[2])],
                "residual": off,
                "reading_interval": [fitted - reach, fitted + reach],
                "inside": bool(abs(off) <= reach),
            }
        )
    return out


def _plain_rows(rows: Sequence[Observation], found: dict[str, float]) -> list[dict[str, Any]]:
    """Rows without draws: inside means within 1.645 errors."""
    return [
        {
            "id": row.id,
            "fitted": found[row.id],
            "residual": residual(row, found[row.id]),
            "inside": bool(abs(residual(row, found[row.id])) <= 1.645 * float(row.error or 1.0)),
        }
        for row in rows
    ]


def _law_record(law: Variant) -> dict[str, Any]:
    return {
        "name": law.name,
        "added": list(law.added),
        "face": law.face,
        "values": law.fit.values,
        "intervals": {f.name: law.fit.interval(f.name) for f in law.fit.target.free},
        "chi2": law.fit.chi2,
        "chi2_study": law.fit.chi2_study,
        "objective": law.fit.objective,
        "week57": law.fit.found["v3.a_week57"],
        "b_week11": law.fit.found["v3.b_week11"],
        "clinic": {name: float(value) for name, value in law.clinic.items()},
    }


def _curve_records(sampled: Draws) -> dict[str, Any]:
    out = {}
    for name, (days, curves) in sampled.curves.items():
        low, middle, high = quantile(curves, sampled.weight)
        out[name] = {
            "days": days.tolist(),
            "low": low.tolist(),
            "median": middle.tolist(),
            "high": high.tolist(),
        }
    return out


def _section_record(found: SmallFit, block: atrophy.Block) -> dict[str, Any]:
    limb, jaw = atrophy.sections(block, found.values)
    return {
        "values": found.values,
        "intervals": {f.name: found.interval(f.name) for f in atrophy.FREE},
        "rows": _plain_rows(atrophy.rows(), found.found),
        "chi2": found.chi2,
        "limb": {"days": block.foot_days.tolist(), "section": limb.tolist()},
        "jaw": {"days": block.jaw_days.tolist(), "section": jaw.tolist()},
        "held": list(HELD),
    }
