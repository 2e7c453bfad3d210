"""The hierarchical model and its sampler (NumPyro, NUTS).

    parameter = prior quantile of z, z ~ N(0, 1)          priors: the intervals of the catalogue, two-piece normals
    study effects: exposure, severity, baseline ~ N(0, their SDs)
    responders ~ beta-binomial about the predicted share   its width: `outcome.study_sd.endpoint`, on the logit
    median duration ~ log-normal about the predicted one   its width: sampling and `outcome.study_sd.duration`

A row that is left out has weight 0: its study's effects are then drawn from their own spread, which is what a
prediction of that study needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.clinic.layout import Layout, lay_out
from endplate.fit.clinic.predict import predictions
from endplate.fit.clinic.problem import Problem, events_of
from endplate.population.draws import Z95

Array = Any
EFFECTS = ("exposure", "severity", "baseline")
SHARE_ERROR = 0.03
"""SD with which a printed share of severe people is met (declared)."""


@dataclass(frozen=True)
class Settings:
    """How long the sampler runs: steps of warm-up and draws of each chain, their number, the seed, the target rate,
    and the largest tree (2^depth steps)."""

    warmup: int = 400
    draws: int = 500
    chains: int = 4
    seed: int = 0
    accept: float = 0.85
    depth: int = 6


PRIORS = {"junction.light_chain_half_life.a": "clinic.light_chain_half_life.a"}
"""Parameters whose interval in the catalogue rests on rows that are fitted here, and the prior that stands in."""


def prior_of(name: str) -> Any:
    """The catalogue entry whose interval is the prior of a fitted parameter."""
    return catalogue().parameter(PRIORS.get(name, name))


def values_of(xp: Any, problem: Problem, z: Array) -> dict[str, Array]:
    """Parameters of one draw from their normal scores (name,), with the held ones."""
    out: dict[str, Array] = dict(problem.held)
    for k, name in enumerate(problem.names):
        entry = prior_of(name)
        value, low, high = float(entry.value), float(entry.low), float(entry.high)
        if entry.scale == "log":
            below, above = np.log(value / low) / Z95, np.log(high / value) / Z95
            drawn = value * xp.exp(xp.where(z[k] < 0, below, above) * z[k])
        else:
            drawn = value + xp.where(z[k] < 0, value - low, high - value) * z[k] / Z95
        out[name] = xp.clip(drawn, entry.least, entry.most)
    return out


def effects_of(values: Mapping[str, Array], raw: Array) -> dict[str, Array]:
    """Study effects from their normal scores, (effect, study)."""
    return {
        "exposure": values["outcome.study_sd.exposure"] * raw[0],
        "severity": values["outcome.study_sd.severity"] * raw[1],
        "baseline": values["outcome.study_sd.baseline"] * raw[2],
    }


def likelihood(xp: Any, problem: Problem, values: Mapping[str, Array], expected: Array) -> Array:
    """Per row the log density at the printed number, (row,): beta-binomial for shares, log-normal for medians."""
    from jax.scipy.special import betaln, gammaln

    rows = problem.rows
    n = xp.asarray(np.array([float(row.n) for row in rows]))
    events = xp.asarray(events_of(rows).astype(float))
    median = np.array([row.is_median for row in rows])
    share = xp.clip(xp.where(median, 0.5, expected), 1e-4, 1.0 - 1e-4)
    together = concentration(xp, share, values["outcome.study_sd.endpoint"])
    a, b = share * together, (1.0 - share) * together
    ways = gammaln(n + 1) - gammaln(events + 1) - gammaln(n - events + 1)
    counted = ways + betaln(events + a, n - events + b) - betaln(a, b)
    observed = xp.asarray(np.array([row.value if row.is_median else 1.0 for row in rows]))
    lasted = xp.where(median, xp.where(xp.isfinite(expected), expected, 200.0), 1.0)
    sd = median_sd(xp, n, values["outcome.study_sd.duration"])
    timed = -0.5 * (xp.log(observed / lasted) / sd) ** 2 - xp.log(sd * observed)
    return xp.where(median, timed, counted)


def concentration(xp: Any, share: Array, logit_sd: Array) -> Array:
    """Beta concentration that gives a share the spread of a logit SD."""
    return xp.maximum(1.0 / (share * (1.0 - share) * logit_sd**2) - 1.0, 2.0)


def median_sd(xp: Any, n: Array, spread: Array) -> Array:
    """SD of the logarithm of a printed median: sampling (about 0.9 / sqrt(n), a log-normal time) and spread."""
    return xp.sqrt(spread**2 + 0.81 / n)


def flat_size(problem: Problem) -> int:
    """Number of unknowns: effects of every study, then parameters."""
    return len(EFFECTS) * len(problem.studies) + len(problem.names)


def split(problem: Problem, flat: Array) -> tuple[Array, Array]:
    """Normal scores of the effects (..., effect, study) and of the parameters (..., name)."""
    at = len(EFFECTS) * len(problem.studies)
    return flat[..., :at].reshape(*flat.shape[:-1], len(EFFECTS), -1), flat[..., at:]


def expected_of(xp: Any, problem: Problem, layout: Layout, flat: Array) -> tuple[Array, dict, dict]:
    """Predictions of every row (row,), with the parameters and effects of one draw."""
    raw, z = split(problem, flat)
    values = values_of(xp, problem, z)
    effects = effects_of(values, raw)
    return predictions(xp, layout, values, effects), values, effects


def make_model(problem: Problem) -> Any:
    """The NumPyro model; its argument is the weight of each row, (row,).

    All unknowns are one vector of normal scores and nothing else is recorded: a model with more to it takes minutes to
    compile.
    """
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    layout, size = lay_out(problem), flat_size(problem)

    def model(weight: Array) -> None:
        flat = numpyro.sample("flat", dist.Normal(0.0, 1.0).expand([size]).to_event(1))
        expected, values, effects = expected_of(jnp, problem, layout, flat)
        terms = likelihood(jnp, problem, values, expected)
        numpyro.factor("rows", (weight * terms).sum() + baseline_mix(jnp, problem, values, effects))

    return model


def baseline_mix(
    xp: Any, problem: Problem, values: Mapping[str, Array], effects: Mapping[str, Array]
) -> Array:
    """Log density of the printed shares of severe people; an input of a trial, hence never left out."""
    from endplate.model.outcome import at_most, entry_probability, noise_of

    total, done = 0.0, set()
    for arm in problem.arms:
        if arm.severe_share is None or (arm.study, arm.area) in done:
            continue
        done.add((arm.study, arm.area))
        who, scale = problem.people, problem.scales[arm.area]
        noise, sd = noise_of(values), values["outcome.rater_offset_sd"]
        mean = values[f"outcome.baseline_mean.{arm.area}"] + effects["baseline"][arm.study]
        start = mean + values["outcome.baseline_sd"] * who.start
        own = start + sd * who.investigator
        other = start + sd * who.subject + values[f"outcome.subject_bias.{arm.area}"]
        let_in = entry_probability(xp, scale, other, noise[1])
        top = (let_in * (1.0 - at_most(xp, scale.highest - 1, scale, own, noise[0]))).sum()
        share = top / (let_in * entry_probability(xp, scale, own, noise[0])).sum()
        total = total - 0.5 * ((share - arm.severe_share) / SHARE_ERROR) ** 2
    return xp.asarray(total)


Metric = tuple[np.ndarray, np.ndarray]
"""A centre (unknown,) and a covariance (unknown, unknown)."""


@dataclass(frozen=True)
class Sampler:
    """A compiled sampler of one chain, which can be run again with other weights.

    Attributes:
        mode (unknown,): of all rows together. root: of the inverse curvature there. expect: flat -> (row,), compiled.
    """

    problem: Problem
    mcmc: Any
    mode: np.ndarray
    root: np.ndarray
    expect: Any


def make_sampler(problem: Problem, settings: Settings, start: Metric | None = None) -> Sampler:
    """Set up NUTS about a known centre and covariance, or about the mode and the inverse of its curvature.

    Without that start a chain spends nearly all its time on finding the scales of some eighty unknowns.
    """
    import jax
    import jax.numpy as jnp
    import numpyro
    from numpyro.infer import MCMC, NUTS

    numpyro.enable_x64()
    model, layout = make_model(problem), lay_out(problem)
    mode, inverse = start or laplace(model, problem)
    kernel = NUTS(
        model,
        dense_mass=[("flat",)],  # type: ignore
        inverse_mass_matrix={("flat",): inverse},
        target_accept_prob=settings.accept,
        max_tree_depth=settings.depth,
        adapt_mass_matrix=start is None,  # some hundred steps would only blur a metric that is known
    )
    mcmc = MCMC(
        kernel,
        num_warmup=settings.warmup,
        num_samples=settings.draws,
        progress_bar=False,
        jit_model_args=True,
    )
    expect = jax.jit(lambda flats: jax.lax.map(lambda x: expected_of(jnp, problem, layout, x)[0], flats))
    return Sampler(problem, mcmc, mode, np.linalg.cholesky(inverse), expect)


def laplace(model: Any, problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Mode of the whole posterior and the inverse of its curvature there."""
    import jax
    import jax.numpy as jnp
    from numpyro.infer.util import potential_energy
    from scipy.optimize import minimize

    weight = jnp.ones(len(problem.rows))
    both = jax.jit(jax.value_and_grad(lambda flat: potential_energy(model, (weight,), {}, {"flat": flat})))

    def at(flat: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = both(jnp.asarray(flat))
        return float(value), np.asarray(slope)

    start = np.zeros(flat_size(problem))
    found = minimize(at, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    steps = 1e-3 * np.eye(len(found.x))
    curvature = np.array([(at(found.x + d)[1] - at(found.x - d)[1]) / 2e-3 for d in steps])
    size, axes = np.linalg.eigh(0.5 * (curvature + curvature.T))
    # The prior alone has curvature 1: anything flatter is an artefact of the mode's surroundings.
    return found.x, (axes / np.maximum(size, 0.5)) @ axes.T


def run_again(sampler: Sampler, weight: np.ndarray, seed: int, chain: int) -> dict[str, np.ndarray]:
    """Run a chain with these weights of the rows; what it draws depends on seed and chain alone.

    Chains start around the mode, twice as far from it as a draw.

    Returns:
        "z", "raw", "expected", "diverging" and "num_steps", (draw, ...) each.
    """
    import jax
    import jax.numpy as jnp

    key = jax.random.fold_in(jax.random.PRNGKey(seed), chain)
    rng = np.random.Generator(np.random.Philox(key=[seed, chain]))
    start = sampler.mode + 2.0 * sampler.root @ rng.standard_normal(len(sampler.mode))
    extra = ("diverging", "num_steps")
    given = {"flat": jnp.asarray(start)}
    sampler.mcmc.run(key, jnp.asarray(weight, dtype=float), init_params=given, extra_fields=extra)
    flat = sampler.mcmc.get_samples()["flat"]
    raw, z = split(sampler.problem, np.asarray(flat))
    fields = sampler.mcmc.get_extra_fields()
    found = {"z": z, "raw": raw, "expected": np.asarray(sampler.expect(flat))}
    return found | {name: np.asarray(fields[name]) for name in extra}
