"""What a calibration found, for pages and tests: unknowns before and after, rows predicted against published, rows
predicted without their treatment, and what the rows say of models that lack a mechanism."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.effects.grids import LEAK, grid
from endplate.fit.effects.likelihood import background_points, log_marginal, with_background
from endplate.fit.effects.rates import Key
from endplate.fit.effects.resample import Calibration, effective_size, normalised
from endplate.fit.effects.rows import Row, Table
from endplate.fit.effects.sample import Sample, sample
from endplate.population.draws import prior_values, stratified, stream

ENDS = (0.05, 0.5, 0.95)
LITTLE = 0.15  # of a prior SD, or of its width
MODELS = {
    "all": "slips behind the septum, run-off in the orbit, and spread",
    "no_run_off": "slips and spread, no run-off",
    "no_slip": "run-off from needles aimed into the orbit, and spread; no slips",
    "spread_alone": "spread alone",
}


def unknowns(found: Calibration, drawn: Sample) -> list[dict[str, Any]]:
    """Each unknown before and after: 5 %, 50 % and 95 % points, how far its interval shrank, how far its centre moved.

    `moved` is in SDs of the prior, on the scale of the catalogue.
    """
    out = []
    for name in found.whole.names:
        entry, after = catalogue().parameter(name), drawn.values[name]
        before, after = _prior_draws(found, name), drawn.values[name]
        a, b = (np.log(v) if entry.scale == "log" else v for v in (before, after))
        out.append(
            {
                "id": name,
                "prior": _points(before),
                "posterior": _points(after),
                "shrunk": _short(1.0 - b.std() / a.std()),
                "moved": _short((b.mean() - a.mean()) / a.std()),
            }
        )
    return out


def _prior_draws(found: Calibration, name: str) -> np.ndarray:
    if name in found.pool.values:
        return found.pool.values[name]
    rng = stream(int(found.whole.settings["seed"]), f"prior {name}")
    return prior_values(catalogue().parameter(name), stratified(rng, 4000))


def _points(values: np.ndarray) -> list[float]:
    return [float(f"{v:.4g}") for v in np.quantile(values, ENDS)]


def predicted(row: Row, whole: Table, rate: np.ndarray, report_sd: np.ndarray, seed: int) -> dict[str, Any]:
    """A row beside what the model says of it.

    Args:
        rate, report_sd: of joint draws, (sample,).

    Returns:
        observed; model: mean of the rate by toxin and its 5 % and 95 % points; printed90: where 90 % of printed shares
        would lie, with what happens without toxin, the spread between reports, and sampling; inside.
    """
    from endplate.fit.clinic.sampler import concentration

    rng = stream(seed, f"printed {row.id} {row.fit}")
    points = background_points(whole.background[row.background] if row.background else None)
    share = with_background(rate, points)[rng.integers(len(points), size=len(rate)), np.arange(len(rate))]
    size = concentration(np, share, report_sd)
    own = rng.beta(np.maximum(share * size, 1e-9), (1.0 - share) * size)
    printed = rng.binomial(row.n, own) / row.n if row.n else own
    low, high = (float(v) for v in np.quantile(printed, (0.05, 0.95)))
    return {
        "id": row.id,
        "condition": row.condition,
        "effect": row.effect,
        "level": row.level,
        "fitted": row.fit,
        "events": row.events,
        "n": row.n,
        "observed": _short(row.rate),
        "model": [_short(float(rate.mean())), *(_short(float(v)) for v in np.quantile(rate, (0.05, 0.95)))],
        "printed90": [_short(low), _short(high)],
        "inside": bool(low - 1e-12 <= row.rate <= high + 1e-12),
    }


def _short(value: Any) -> float:
    return float(f"{float(value):.4g}")


def rows_inside(found: Calibration, drawn: Sample, seed: int) -> list[dict[str, Any]]:
    """Every fitted row, by all rows."""
    return [
        predicted(row, found.whole, drawn.rate(found, row.key), drawn.report_sd, seed)
        for row in found.whole.fitted
    ]


def rows_left_out(found: Calibration, count: int, seed: int) -> list[dict[str, Any]]:
    """Every fitted row, by the rows of other treatments alone; with the effective draws that this leaves."""
    out, rows = [], found.whole.fitted
    for name in dict.fromkeys(row.condition for row in rows):
        kept = [row for row in rows if row.condition != name]
        left = effective_size(found.weights(kept))
        drawn = sample(found, count, seed, kept)
        for row in rows:
            if row.condition == name:
                one = predicted(row, found.whole, drawn.rate(found, row.key), drawn.report_sd, seed)
                out.append(one | {"effective": round(left)})
    return out


def models(found: Calibration) -> list[dict[str, Any]]:
    """ln evidence of models that lack a mechanism, less that of the whole model; effective draws of each."""
    out = []
    base = 0.0
    for name, words in MODELS.items():
        some = {key: without(name, key, value) for key, value in found.coefficients.items()}
        log = log_marginal(found.whole.fitted, found.whole, some) - found.log_proposal
        evidence = float(log.max() + np.log(np.exp(log - log.max()).mean()))
        base = evidence if name == "all" else base
        out.append(
            {
                "id": name,
                "name": words,
                "log_evidence": round(evidence - base, 1),
                "effective": round(effective_size(normalised(log))),
            }
        )
    return out


def without(model: str, key: Key, coefficient: np.ndarray) -> np.ndarray:
    """Coefficients of a model that lacks a mechanism; see `rates`."""
    plain, dry, leak, alone = np.moveaxis(coefficient, 1, 0)
    none = np.zeros_like(plain)
    orbit = coefficient.shape[2] == 1  # needles aimed into it
    parts = {
        "all": (plain, dry, leak, alone),
        "no_run_off": (plain, dry, dry, alone),
        "no_slip": (plain, dry, leak, alone) if orbit else (alone, none, none, alone),
        "spread_alone": (none, dry, dry, alone) if orbit else (alone, none, none, alone),
    }[model]
    return np.stack(parts, axis=1)


def carried(found: Calibration, drawn: Sample) -> list[dict[str, Any]]:
    """By treatment and effect: the share of the rate that comes by slips or needles in the orbit, and by run-off."""
    out = []
    leak = grid(LEAK).value[drawn.node[LEAK]]
    for key in found.coefficients:
        plain, dry, wet, alone = drawn.coefficient(found, key)
        whole = float((plain + (1.0 - leak) * dry + leak * wet).mean())
        reached = float(((1.0 - leak) * dry + leak * wet).mean()) / max(whole, 1e-300)
        out.append(
            {
                "condition": key[0],
                "effect": key[1],
                "level": key[2],
                "by_slip": _short(reached),
                "by_run_off": _short(float((leak * wet).mean()) / max(whole, 1e-300)),
                "without_slips": _short(alone.mean()),
                "most_without_slips": _short(found.coefficients[key][:, 3].max()),
            }
        )
    return out


def unmoved(moved: Sequence[Mapping[str, Any]]) -> list[str]:
    """Unknowns that the rows left about where they were: neither centre nor width changed by much."""
    return [one["id"] for one in moved if abs(one["moved"]) < LITTLE and abs(one["shrunk"]) < LITTLE]
