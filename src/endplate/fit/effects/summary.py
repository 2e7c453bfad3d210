"""What a calibration found, for pages and tests: unknowns before and after, rows predicted against published, rows
predicted without their treatment, and what the rows say of models that lack a mechanism."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.clinic.sampler import concentration
from endplate.fit.effects.grids import LEAK, SLIP, grid
from endplate.fit.effects.joint import Emulators, Joint, counts_of, draws_given
from endplate.fit.effects.likelihood import log_terms, points_of, with_background
from endplate.fit.effects.rates import axes_of
from endplate.fit.effects.rounds import Calibration, learned, near
from endplate.fit.effects.rows import Row, table
from endplate.fit.effects.space import space
from endplate.population.draws import prior_values, stratified, stream

ENDS = (0.05, 0.5, 0.95)
LITTLE = 0.15  # of a prior SD, or of its width
MODELS = {
    "all": "slips behind the septum, run-off in the orbit, and spread",
    "no_run_off": "slips and spread, no run-off",
    "no_slip": "run-off from needles aimed into the orbit, and spread; no slips",
    "spread_alone": "spread alone",
}


def unknowns(drawn: Joint) -> list[dict[str, Any]]:
    """Everything that moves before and after: 5 %, 50 % and 95 % points, how far its interval shrank, its centre moved.

    What stands in `rows.toml` comes first.

    `moved` is in SDs of what was known before, on the scale of the catalogue.
    """
    out, here = [], space()
    values = drawn.values()
    for name in (*table().names, *(name for name in values if name not in table().names)):
        entry, after = catalogue().parameter(name), values[name]
        before = here.known[name] if name in here.known else _prior(name)
        a, b = (np.log(v) if entry.scale == "log" else v for v in (before, after))
        out.append(
            {
                "id": name,
                "from": "clinical fit" if name in here.known else "prior",
                "prior": _points(before),
                "posterior": _points(after),
                "shrunk": _short(1.0 - b.std() / a.std()),
                "moved": _short((b.mean() - a.mean()) / a.std()),
            }
        )
    return out


def _prior(name: str) -> np.ndarray:
    return prior_values(catalogue().parameter(name), stratified(stream(0, f"prior {name}"), 4000))


def _points(values: np.ndarray) -> list[float]:
    return [float(f"{v:.4g}") for v in np.quantile(values, ENDS)]


def predicted(row: Row, rate: np.ndarray, report_sd: np.ndarray, seed: int) -> dict[str, Any]:
    """A row beside what the model says of it.

    Args:
        rate, report_sd: of joint draws, (sample,).

    Returns:
        observed; model: mean of the rate by toxin and its 5 % and 95 % points; printed90: where 90 % of printed shares
        would lie, with what happens without toxin, the spread between reports, and sampling; inside.
    """
    rng = stream(seed, f"printed {row.id} {row.fit}")
    points = points_of([row], table())[0]
    share = with_background(rate, points)[np.arange(len(rate)), rng.integers(len(points), size=len(rate))]
    share = np.clip(share, 1e-6, 1.0 - 1e-6)
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


def rows_inside(emulators: Emulators, drawn: Joint, seed: int) -> list[dict[str, Any]]:
    """Every fitted row, by all rows."""
    return [predicted(row, drawn.rate(emulators, row.key), drawn.report_sd, seed) for row in table().fitted]


def rows_left_out(emulators: Emulators, count: int, seed: int) -> list[dict[str, Any]]:
    """Every fitted row, by the rows of other treatments alone."""
    out, rows = [], table().fitted
    for name in dict.fromkeys(row.condition for row in rows):
        kept = np.array([float(row.condition != name) for row in rows])
        drawn = draws_given(emulators, kept, count, seed)
        for row in rows:
            if row.condition == name:
                out.append(predicted(row, drawn.rate(emulators, row.key), drawn.report_sd, seed))
    return out


def models(found: Calibration, count: int, seed: int) -> list[dict[str, Any]]:
    """Models that lack a mechanism: how well each gives the rows back, and what that would be on rows like them.

    `fit`: mean ln likelihood of all rows over draws; `waic`: expected ln predictive density of rows alike, less that of
    the whole model; `error` of the latter, over rows; `inside`: rows inside.
    """
    out: list[dict[str, Any]] = []
    whole = np.zeros(0)
    for name, words in MODELS.items():
        some = {key: without(name, value) for key, value in found.coefficients.items()}
        emulators = found.emulators if name == "all" else learned(found.whole, found.z, some, seed)
        drawn = draws_given(emulators, np.ones(len(found.whole.fitted)), count, seed)
        terms = row_terms(emulators, drawn)
        each = pointwise(terms)
        whole = each if name == "all" else whole
        inside = [one["inside"] for one in rows_inside(emulators, drawn, seed)]
        out.append(
            {
                "id": name,
                "name": words,
                "fit": _short(terms.sum(axis=1).mean()),
                "waic": round(float((each - whole).sum()), 1),
                "error": round(float(np.sqrt(len(each)) * (each - whole).std()), 1),
                "inside": sum(inside),
                "rows": len(inside),
            }
        )
    return out


def row_terms(emulators: Emulators, drawn: Joint) -> np.ndarray:
    """ln probability of every fitted count in every draw, (draw, row)."""
    from scipy.special import betaln

    rows = table().fitted
    rate = np.stack([drawn.rate(emulators, row.key) for row in rows], axis=1)
    return np.asarray(
        log_terms(np, betaln, counts_of(rows), points_of(rows, table()), rate, drawn.report_sd[:, None])
    )


def pointwise(terms: np.ndarray) -> np.ndarray:
    """Widely applicable information criterion by row: ln mean density less its variance over draws, (row,)."""
    top = terms.max(axis=0)
    return np.asarray(top + np.log(np.exp(terms - top).mean(axis=0)) - terms.var(axis=0))


def without(model: str, coefficient: np.ndarray) -> np.ndarray:
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


def carried(found: Calibration) -> list[dict[str, Any]]:
    """By treatment and effect: the share of the rate that comes by slips or needles in the orbit, and by run-off.

    Over the draws of the last round, which are nearest to the joint draws.
    """
    out, last = [], found.chosen == found.chosen.max()
    z = found.z[last]
    for key, value in found.coefficients.items():
        nodes = {
            name: near(name, z, stream(0, "carried"), 1, 0.0)[:, 0]
            for name in (LEAK, SLIP, *axes_of(*key[1:]))
        }
        slip = nodes[SLIP] if value.shape[2] > 1 else np.zeros_like(nodes[SLIP])
        at = (np.arange(len(z)), slice(None), slip, *(nodes[name] for name in axes_of(*key[1:])))
        plain, dry, wet, alone = np.moveaxis(
            value[last][at], 1, 0
        )  # a slice between indices puts the drawn axis first
        leak = grid(LEAK).value[nodes[LEAK]]
        whole = max(float((plain + (1.0 - leak) * dry + leak * wet).mean()), 1e-300)
        out.append(
            {
                "condition": key[0],
                "effect": key[1],
                "level": key[2],
                "by_slip": _short(float(((1.0 - leak) * dry + leak * wet).mean()) / whole),
                "by_run_off": _short(float((leak * wet).mean()) / whole),
                "without_slips": _short(alone.mean()),
            }
        )
    return out


def met(found: Calibration) -> list[dict[str, Any]]:
    """How far the risk engine was from emulators that had not seen the draws of the last round, in logits."""
    return [
        {
            "condition": key[0],
            "effect": key[1],
            "level": key[2],
            "mean": _short(mean),
            "sd": _short(sd),
            "left_out": _short(found.emulators[key].error),
        }
        for key, (mean, sd) in found.met[-1].items()
    ]


def moved_by(some: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the rows moved: its centre, or its width.

    What they left is drawn with the rest, and does not pass for known.
    """
    return [one["id"] for one in some if abs(one["moved"]) >= LITTLE or abs(one["shrunk"]) >= LITTLE]
