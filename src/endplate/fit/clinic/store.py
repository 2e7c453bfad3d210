"""The shipped posterior and the left-out predictions: how they are written, and whether they are still those of today.

What a fit depends on is hashed: the clinical tables, the priors, the stored banks, the files whose equations it runs. A
test compares the hash; nothing is fitted again in the tests.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.clinic import banks
from endplate.fit.clinic.run import Fit, diagnostics, problem_of_catalogue
from endplate.fit.clinic.sampler import EFFECTS, PRIORS, Settings, effects_of, prior_of
from endplate.model.parameters import point_parameters
from endplate.population.draws import Z95
from endplate.population.posterior import DATA, outcome_parameter_ids

LEFT_OUT = Path(__file__).parents[1] / "dossier" / "data"
TABLES = ("studies.toml", "results.toml", "endpoints.toml", "lines.toml")
CODE = (
    "model/outcome/severity.py",
    "model/outcome/raters.py",
    "model/outcome/endpoints.py",
    "model/outcome/durations.py",
    "model/junction/response.py",
    "population/tables.py",
    "fit/clinic/build.py",
    "fit/clinic/keys.py",
    "fit/clinic/emulator.py",
    "fit/clinic/persons.py",
    "fit/clinic/predict.py",
    "fit/clinic/layout.py",
    "fit/clinic/problem.py",
    "fit/clinic/sampler.py",
)


def inputs_hash() -> str:
    """Fingerprint of all that a fit depends on, the same whatever the line endings."""
    digest = sha256()
    for name in TABLES:
        digest.update((catalogue().folder / name).read_bytes().replace(b"\r\n", b"\n"))
    for name in (*_priors(),):
        entry = catalogue().parameter(name)
        digest.update(f"{name} {entry.value} {entry.low} {entry.high} {entry.scale} {entry.drawn};".encode())
    digest.update(banks.stored_hash().encode())
    for name in CODE:
        digest.update(code_text(name).encode())
    return digest.hexdigest()[:16]


def code_text(name: str) -> str:
    """Source of a module without comments, blank lines and layout: only what it does counts."""
    import ast

    tree = ast.parse((files("endplate") / name).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        value = first.value if isinstance(first, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            value.value = ""
    return ast.dump(tree)


def _priors() -> list[str]:
    junction = [
        n for n in point_parameters().values if n.startswith(("junction.", "threshold.", "structural."))
    ]
    return [*junction, *outcome_parameter_ids(), *PRIORS.values()]


def save_posterior(fit: Fit, folder: Path = DATA) -> None:
    """Write `posterior.npz` (names, draws by chain, study effects) and its recipe `posterior.toml`."""
    folder.mkdir(parents=True, exist_ok=True)
    problem = problem_of_catalogue()
    effects = _effects(fit)
    np.savez_compressed(
        folder / "posterior.npz",
        names=np.array(fit.names),
        draws=fit.values.astype(np.float32),
        studies=np.array(fit.studies),
        effects=effects.astype(np.float32),
        rows=np.array(fit.rows),
        expected=fit.expected.astype(np.float32),
    )
    rhat, size = diagnostics(fit.values)
    lines = [
        "# How the posterior was made: `endplate fit`. Numbers stand in posterior.npz.",
        f'inputs = "{inputs_hash()}"',
        f"rows = {int(fit.used.sum())}",
        f"studies = {len(problem.studies)}",
        *(f"{name} = {json.dumps(value)}" for name, value in vars(fit.settings).items()),
        f"divergences = {int(fit.diverging.sum())}",
        f"mean_steps = {float(fit.steps.mean()):.0f}",
        f"seconds = {fit.seconds:.0f}",
        f"worst_rhat = {rhat.max():.4f}",
        f"least_effective_draws = {size.min():.0f}",
        "",
        "[rhat]",
        *(f'"{name}" = {value:.4f}' for name, value in zip(fit.names, rhat, strict=True)),
        "",
        "[effective_draws]",
        *(f'"{name}" = {value:.0f}' for name, value in zip(fit.names, size, strict=True)),
    ]
    (folder / "posterior.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _effects(fit: Fit) -> np.ndarray:
    """Study effects in their units, (chain, draw, effect, study)."""
    drawn_sd = {name: fit.values[..., k, None] for k, name in enumerate(fit.names) if ".study_sd." in name}
    held = {n: float(catalogue().parameter(n).value) for n in outcome_parameter_ids() if ".study_sd." in n}
    drawn = effects_of(held | drawn_sd, np.moveaxis(fit.effects, 2, 0))
    return np.stack([drawn[name] for name in ("exposure", "severity", "baseline")], axis=2)


def stored_fit(folder: Path = DATA) -> Fit:
    """The shipped posterior as a Fit, to start others from or to predict with; its scores follow from its values."""
    with np.load(folder / "posterior.npz") as file:
        part = {name: np.asarray(file[name]) for name in file.files}
    recipe = tomllib.loads((folder / "posterior.toml").read_text(encoding="utf-8"))
    names = tuple(str(name) for name in part["names"])
    values = part["draws"].astype(float)
    spread = {name: values[..., names.index(name)][..., None] for name in names if ".study_sd." in name}
    held = {name: float(catalogue().parameter(name).value) for name in outcome_parameter_ids()}
    size = effects_of(held | spread, np.ones(len(EFFECTS)))
    effects = np.stack([part["effects"][:, :, k] / size[name] for k, name in enumerate(EFFECTS)], axis=2)
    settings = Settings(**{f.name: recipe[f.name] for f in fields(Settings)})
    return Fit(
        names,
        tuple(str(name) for name in part["studies"]),
        tuple(str(name) for name in part["rows"]),
        np.ones(len(part["rows"]), dtype=bool),
        values,
        np.stack([scores_of(name, values[..., k]) for k, name in enumerate(names)], axis=-1),
        effects,
        part["expected"].astype(float),
        np.zeros(settings.chains),
        np.zeros(settings.chains),
        float(recipe["seconds"]),
        settings,
    )


def scores_of(name: str, value: np.ndarray) -> np.ndarray:
    """Normal scores of a parameter's values under its prior: the inverse of `sampler.values_of`."""
    entry = prior_of(name)
    if entry.scale == "log":
        off, below, above = (
            np.log(value / entry.value),
            np.log(entry.value / entry.low),
            np.log(entry.high / entry.value),
        )
    else:
        off, below, above = value - entry.value, entry.value - entry.low, entry.high - entry.value
    return Z95 * off / np.where(off < 0, below, above)


def save_left_out(
    whole: Fit,
    without: Mapping[str, Fit],
    others: Mapping[str, np.ndarray],
    folder: Path = LEFT_OUT,
    keep: int = 400,
) -> None:
    """Write the predictions of every row without its study.

    Args:
        whole: the fit of everything. without: by study. others: predictions (draw, row) of rows that are never fitted,
            under "rows", "expected" and the draws of both spreads under "rate_sd" and "time_sd".
        keep: draws of each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    problem = problem_of_catalogue()
    study = [problem.studies[row.study] for row in problem.rows]
    count = len(others["rows"])
    left = [_column(without[s], k, keep) for k, s in enumerate(study)]
    inside = [_column(whole, k, keep) for k in range(len(study))]
    arrays: dict[str, Any] = {
        "rows": np.array([*whole.rows, *others["rows"]]),
        "inputs": np.array(inputs_hash()),
    }
    for name, place in (("expected", 0), ("rate_sd", 1), ("time_sd", 2)):
        extra = [others[name][:keep, k] for k in range(count)]
        arrays[f"{name}_out"] = np.stack([c[place] for c in left] + extra, axis=1).astype(np.float32)
        arrays[f"{name}_in"] = np.stack([c[place] for c in inside] + extra, axis=1).astype(np.float32)
    np.savez_compressed(folder / "left_out.npz", **arrays)
    lines = [
        "# How the left-out predictions were made: `python3 dev.py refit`. Numbers stand in left_out.npz.",
        f'inputs = "{inputs_hash()}"',
        'method = "refit without each study"',
        *(
            f"{name} = {json.dumps(value)}"
            for name, value in vars(next(iter(without.values())).settings).items()
        ),
        f"seconds = {sum(one.seconds for one in without.values()):.0f}",
        "",
        "[worst_rhat]",
        *(f"{name} = {diagnostics(one.values)[0].max():.3f}" for name, one in without.items()),
        "",
        "[divergences]",
        *(f"{name} = {int(one.diverging.sum())}" for name, one in without.items()),
    ]
    (folder / "left_out.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _column(fit: Fit, row: int, keep: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predictions of one row and the two spreads, (draw,) each, evenly thinned to `keep` draws."""
    flat = fit.expected.reshape(-1, fit.expected.shape[-1])
    values = fit.values.reshape(-1, len(fit.names))
    chosen = np.linspace(0, len(flat) - 1, keep).astype(int)
    spread = [fit.names.index(f"outcome.study_sd.{name}") for name in ("endpoint", "duration")]
    return flat[chosen, row], values[chosen, spread[0]], values[chosen, spread[1]]


def predict_others(
    fit: Fit, uses: Sequence[str] = ("test", "sets_prior"), keep: int = 400
) -> dict[str, np.ndarray]:
    """Predictions of rows that are never fitted, in a study not seen before: rows, expected and both spreads."""
    from endplate.fit.clinic.build import build, predicted_results
    from endplate.fit.clinic.layout import lay_out
    from endplate.fit.clinic.predict import predictions

    problem = build(predicted_results(uses), banks.load())
    layout, values = lay_out(problem), fit.values.reshape(-1, len(fit.names))
    chosen = np.linspace(0, len(values) - 1, keep).astype(int)
    rng = np.random.Generator(np.random.Philox(key=[fit.settings.seed, 11]))
    raw = rng.standard_normal((keep, 3, len(problem.studies)))
    expected = np.empty((keep, len(problem.rows)))
    for i, row in enumerate(chosen):
        drawn = dict(zip(fit.names, values[row], strict=True))
        given = problem.held | {n: _unfitted(n, rng) for n in problem.names if n not in drawn} | drawn
        expected[i] = predictions(np, layout, given, effects_of(given, raw[i]))
    names = [fit.names.index(f"outcome.study_sd.{name}") for name in ("endpoint", "duration")]
    shape = (keep, len(problem.rows))
    return {
        "rows": np.array([row.id for row in problem.rows]),
        "expected": expected,
        "rate_sd": np.broadcast_to(values[chosen, names[0]][:, None], shape),
        "time_sd": np.broadcast_to(values[chosen, names[1]][:, None], shape),
    }


def _unfitted(name: str, rng: np.random.Generator) -> float:
    """One draw of the prior of a parameter that no fitted row informs."""
    from endplate.population.draws import prior_values

    return float(prior_values(catalogue().parameter(name), rng.standard_normal(1))[0])
