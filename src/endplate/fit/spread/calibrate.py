"""The whole calibration: posterior, best point, each study alone, a variant of the layer, signs, and the summary.

The result is plain data (numbers, lists, text), stored as JSON beside the documentation by `tools/fit_spread.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from endplate.fit.spread.check import compare
from endplate.fit.spread.problem import (
    PROGRAM,
    Row,
    log_likelihood,
    predicted,
    priors,
    residuals,
    rows,
    values_of,
)
from endplate.fit.spread.sampler import chains_from, effective_draws, split_r_hat, tempered
from endplate.fit.spread.signs import signs
from endplate.model.spread import footprint_variances, spread_radius_mm

Result = dict[str, Any]
FIVE = (0.05, 0.5, 0.95)
SHEET_MM = 1.5
VARIANTS = {
    # Limb muscle by the rule for thin face muscles: the fluid fills the whole thickness, or a ball where that is less.
    "whole": {"limb.layer_ratio": 1e6},
    # The opened layer grows like the edge of a ball, from its value at 1 mL.
    "grows": {"limb.layer_power": 1.0 / 3.0},
}


@dataclass(frozen=True)
class Recipe:
    """How long the fit runs: about five minutes on one core as it stands."""

    particles: int = 2000
    chains: int = 24
    steps: int = 15000
    alone_particles: int = 2000
    seed: int = 20261122
    best: bool = True


def calibrate(recipe: Recipe, progress: Callable[[str], None] = lambda text: None) -> Result:
    """Fit all rows together and say what came of it."""
    of, numbers = rows(), len(priors())

    def level(z: np.ndarray) -> np.ndarray:
        return log_likelihood(of, z)

    cloud = tempered(level, numbers, recipe.particles, recipe.seed, progress=progress)
    chains = chains_from(level, cloud, recipe.chains, recipe.steps, recipe.seed, progress=progress)
    z = _with_signs(chains.flat[:: max(1, len(chains.flat) // 4000)], recipe.seed)
    moved = _moved()
    point = _best(of, chains.flat[np.argmax(chains.log_likelihood)]) if recipe.best else None
    progress("each study alone")
    return {
        "recipe": asdict(recipe),
        "inputs": input_hash(),
        "diagnostics": {
            "draws": int(chains.flat.shape[0]),
            "accepted": chains.accepted,
            "r_hat": float(split_r_hat(chains.z)[moved].max()),
            "effective": float(effective_draws(chains.z)[moved].min()),
            "temperatures": cloud.stages,
            "log_evidence": cloud.log_evidence,
        },
        "numbers": _numbers(z),
        "correlation": np.corrcoef(z[:, : len(PROGRAM)].T).round(3).tolist(),
        "rows": _rows(of, z, recipe.seed),
        "best": point,
        "alone": _alone(of, numbers, recipe),
        "variants": {name: _variant(of, numbers, recipe, fixed) for name, fixed in VARIANTS.items()},
        "signs": [sign.summary for sign in signs(values_of(z))],
        "face": _face(z, recipe.seed),
        "cylinder": compare(values_of(np.median(z, axis=0)[None])),
    }


def input_hash() -> str:
    """Hash of the numbers that the fit reads: its priors and its rows (words may change)."""
    bare = ("value", "low", "high", "least", "most")
    text = json.dumps([(name, *(getattr(prior, key) for key in bare)) for name, prior in priors().items()])
    text += json.dumps([asdict(row) for row in rows()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def point_predictions(values: dict[str, float]) -> dict[str, float]:
    """Every row at one set of values, for checks of stored results."""
    read = predicted({name: np.array([value]) for name, value in values.items()})
    return {name: float(value[0]) for name, value in read.items()}


def _moved() -> np.ndarray:
    """Indices of numbers that some calibration row reads."""
    return np.array([i for i, prior in enumerate(priors().values()) if prior.row != "signs"])


def _with_signs(z: np.ndarray, seed: int) -> np.ndarray:
    """Draws with the numbers of the signs, which no row moves, drawn afresh and independently."""
    fresh = np.random.default_rng(seed).standard_normal(z.shape)
    fresh[:, _moved()] = z[:, _moved()]
    return fresh


def _numbers(z: np.ndarray) -> list[dict[str, Any]]:
    """Prior and posterior of every number: quantiles, and shift and width in SDs of the prior."""
    values, found = values_of(z), []
    for i, (name, prior) in enumerate(priors().items()):
        low, middle, high = np.quantile(values[name], FIVE)
        found.append(
            {
                "id": name,
                "row": prior.row,
                "prior": [prior.low, prior.value, prior.high],
                "posterior": [float(low), float(middle), float(high)],
                "shift": float(np.median(z[:, i])),
                "width": float((np.quantile(z[:, i], 0.95) - np.quantile(z[:, i], 0.05)) / (2 * 1.6448536)),
            }
        )
    return found


def _face(z: np.ndarray, seed: int) -> list[dict[str, Any]]:
    """Radius that holds 90 % of a footprint in a face sheet of 1.5 mm, before and after the fit, and what decides it.

    `squared` is the squared correlation of the radius with each of the program's numbers (logarithms), after the fit.
    """
    before, after = values_of(np.random.default_rng(seed).standard_normal(z.shape)), values_of(z)
    found = []
    for volume_ml in (0.02, 0.05, 0.1):
        prior, fitted = (_radius(values, volume_ml) for values in (before, after))
        squared = [float(np.corrcoef(np.log(after[name]), np.log(fitted))[0, 1] ** 2) for name in PROGRAM]
        found.append(
            {
                "volume_ml": volume_ml,
                "prior": [float(x) for x in np.quantile(prior, FIVE)],
                "posterior": [float(x) for x in np.quantile(fitted, FIVE)],
                "squared": squared,
            }
        )
    return found


def _radius(values: dict[str, np.ndarray], volume_ml: float) -> np.ndarray:
    names = ("spread.fluid_fraction", "spread.layer_slack", "spread.fibre_stretch")
    return spread_radius_mm(np, footprint_variances(np, volume_ml, SHEET_MM, *(values[n] for n in names)))


def _rows(
    of: tuple[Row, ...], z: np.ndarray, seed: int, fixed: dict[str, float] | None = None
) -> list[dict[str, Any]]:
    """Observed beside fitted, for every row; `inside` without and with the error of the row itself."""
    values = values_of(z, fixed)
    read = predicted(values)
    scores = residuals(of, values, read)
    noise = np.random.default_rng(seed).standard_normal(len(z))
    found = []
    for i, row in enumerate(of):
        low, middle, high = np.quantile(read[row.id], FIVE)
        entry: dict[str, Any] = {
            "id": row.id,
            "fitted": [float(low), float(middle), float(high)],
            "residual": float(np.median(scores[:, i])),
        }
        if row.log_value is None:
            # A bound: inside when the model passes it at least once in twenty draws.
            entry["inside"] = entry["inside_with_error"] = bool((scores[:, i] > 0.0).mean() > 0.05)
        else:
            seen = np.exp(row.log_value)
            wide = np.quantile(read[row.id] * np.exp(row.log_error * noise), FIVE)
            entry["inside"] = bool(low <= seen <= high)
            entry["inside_with_error"] = bool(wide[0] <= seen <= wide[2])
        found.append(entry)
    return found


def _best(of: tuple[Row, ...], start: np.ndarray) -> dict[str, Any]:
    """The most probable point: values, chi-squared of the rows, prior's share."""
    from scipy.optimize import minimize

    def cost(z: np.ndarray) -> tuple[float, np.ndarray]:
        step = 1e-4
        around = np.concatenate([z[None], z + step * np.eye(len(z)), z - step * np.eye(len(z))])
        level = -log_likelihood(of, around) + 0.5 * (around**2).sum(axis=1)
        ahead, behind = np.split(level[1:], 2)
        return float(level[0]), (ahead - behind) / (2.0 * step)

    found = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 400})
    values = values_of(found.x[None])
    scores = residuals(of, values, predicted(values))[0]
    return {
        "values": {name: float(value[0]) for name, value in values.items()},
        "chi2": float(-2.0 * log_likelihood(of, found.x[None])[0]),
        "chi2_rows": float(sum(s**2 for s, row in zip(scores, of, strict=True) if row.log_value is not None)),
        "prior_chi2": float((found.x**2).sum()),
        "rows": len(of),
    }


def study_of(row: str) -> str:
    return row.split(".")[0]


def _alone(of: tuple[Row, ...], numbers: int, recipe: Recipe) -> list[dict[str, Any]]:
    """Shift and width of the program's six numbers when one study is fitted alone."""
    found = []
    for study in dict.fromkeys(study_of(row.id) for row in of):
        some = tuple(row for row in of if study_of(row.id) == study)
        cloud = tempered(
            lambda z, some=some: log_likelihood(some, z), numbers, recipe.alone_particles, recipe.seed
        )
        entries = _numbers(cloud.z)[: len(PROGRAM)]
        found.append(
            {"study": study, "shift": [e["shift"] for e in entries], "width": [e["width"] for e in entries]}
        )
    return found


def _variant(of: tuple[Row, ...], numbers: int, recipe: Recipe, fixed: dict[str, float]) -> dict[str, Any]:
    """The same fit with other physics in limb muscle: evidence and rows."""
    cloud = tempered(lambda z: log_likelihood(of, z, fixed), numbers, recipe.alone_particles, recipe.seed)
    entries = _rows(of, cloud.z, recipe.seed, fixed)
    return {
        "log_evidence": cloud.log_evidence,
        "rows": [{key: entry[key] for key in ("id", "fitted", "residual")} for entry in entries],
        "numbers": _numbers(cloud.z)[: len(PROGRAM)],
    }
