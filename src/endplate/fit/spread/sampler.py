"""Posterior draws under a standard normal prior: tempered particles first, then long chains started from them.

Both move by the same proposal, which leaves a Gaussian N(m, S) unchanged (m, S from the particles):

    z' = m + sqrt(1 - b^2) (z - m) + b xi,   xi ~ N(0, S)

so the acceptance depends only on how far the target is from that Gaussian, not on the number of dimensions
(Neal 1998; Cotter and others 2013, with a fitted reference). Tempering: Del Moral and others 2006.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
LogLikelihood = Callable[[Array], Array]
WIDER = 1.2  # the reference covariance is inflated, so that the target's tails are proposed often enough
STEPS = (0.15, 0.4, 0.8)  # b, one at random for each proposal
FEW = 0.25  # share of proposals that change a few numbers only


@dataclass(frozen=True)
class Cloud:
    """Particles at temperature one.

    Attributes:
        z: (particle, number) normal scores; log_likelihood: (particle,).
        log_evidence: of the data under the prior, up to the constant of the likelihood. stages: temperatures passed.
    """

    z: Array
    log_likelihood: Array
    log_evidence: float
    stages: int


@dataclass(frozen=True)
class Chains:
    """Draws of the chains.

    Attributes:
        z: (chain, kept, number) normal scores; log_likelihood: (chain, kept). accepted: share of proposals.
    """

    z: Array
    log_likelihood: Array
    accepted: float

    @property
    def flat(self) -> Array:
        """All draws together, (draw, number)."""
        return self.z.reshape(-1, self.z.shape[-1])


def _silent(text: str) -> None:
    """Tell nobody."""


def tempered(
    log_likelihood: LogLikelihood,
    numbers: int,
    particles: int,
    seed: int,
    moves: int = 6,
    progress: Callable[[str], None] = _silent,
) -> Cloud:
    """Particles from exp(log_likelihood) times a standard normal prior, by tempering from the prior.

    Args:
        log_likelihood: (draw, number) to (draw,).
        moves: proposals for each particle at each temperature. progress: told one line at each.
    """
    rng = np.random.Generator(np.random.Philox(key=[seed, 0x5EAD]))
    z = rng.standard_normal((particles, numbers))
    level = log_likelihood(z)
    beta, evidence, stages = 0.0, 0.0, 0
    while beta < 1.0:
        step = _next(level, 1.0 - beta)
        weight = np.exp(step * (level - level.max()))
        evidence += step * level.max() + np.log(weight.mean())
        chosen = _systematic(rng, weight / weight.sum())
        z, level, beta, stages = z[chosen], level[chosen], beta + step, stages + 1
        about, moved = reference(z), 0.0
        for _ in range(moves):
            z, level, moved = _move(rng, log_likelihood, z, level, beta, about)
        progress(f"temperature {beta:.4f}, accepted {moved:.2f}")
    return Cloud(z, level, float(evidence), stages)


def chains_from(
    log_likelihood: LogLikelihood,
    cloud: Cloud,
    chains: int,
    steps: int,
    seed: int,
    keep_every: int = 10,
    progress: Callable[[str], None] = _silent,
) -> Chains:
    """Chains started from particles; the first fifth is dropped, of the rest every `keep_every`-th is kept."""
    rng = np.random.Generator(np.random.Philox(key=[seed, 0xC4A1]))
    about = reference(cloud.z)
    start = rng.choice(len(cloud.z), chains, replace=len(cloud.z) < chains)
    z, level = cloud.z[start], cloud.log_likelihood[start]
    kept, kept_level, accepted = [], [], 0.0
    for i in range(steps):
        z, level, moved = _move(rng, log_likelihood, z, level, 1.0, about)
        accepted += moved / steps
        if i >= steps // 5 and i % keep_every == 0:
            kept.append(z)
            kept_level.append(level)
        if i % 500 == 0:
            progress(f"step {i} of {steps}")
    return Chains(np.stack(kept, axis=1), np.stack(kept_level, axis=1), accepted)


def reference(z: Array) -> tuple[Array, Array]:
    """Mean and Cholesky factor of the inflated covariance of particles."""
    spread = np.cov(z.T) + 1e-6 * np.eye(z.shape[1])
    shrunk = 0.95 * spread + 0.05 * np.diag(np.diag(spread))
    return z.mean(axis=0), np.linalg.cholesky(WIDER * shrunk)


def _next(level: Array, most: float) -> float:
    """The step in temperature that leaves half of the effective particles (bisection)."""

    def effective(step: float) -> float:
        w = np.exp(step * (level - level.max()))
        return float(w.sum() ** 2 / (w**2).sum())

    if effective(most) > 0.5 * len(level):
        return most
    low, high = 0.0, most
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) > 0.5 * len(level) else (low, middle)
    return max(low, 1e-12)


def _systematic(rng: np.random.Generator, weight: Array) -> Array:
    at = (np.arange(len(weight)) + rng.random()) / len(weight)
    return np.minimum(np.searchsorted(np.cumsum(weight), at), len(weight) - 1)


def _move(
    rng: np.random.Generator,
    log_likelihood: LogLikelihood,
    z: Array,
    level: Array,
    beta: float,
    about: tuple[Array, Array],
) -> tuple[Array, Array, float]:
    """One proposal for each row of z: all numbers at once about the reference, or a few of them about the prior."""
    fresh, log_ratio = _few(rng, z) if rng.random() < FEW else _all(rng, z, about)
    fresh_level = log_likelihood(fresh)
    yes = np.log(rng.random(len(z))) < beta * (fresh_level - level) + log_ratio
    return np.where(yes[:, None], fresh, z), np.where(yes, fresh_level, level), float(yes.mean())


def _all(rng: np.random.Generator, z: Array, about: tuple[Array, Array]) -> tuple[Array, Array]:
    """A proposal that keeps the reference Gaussian, and the log ratio of prior over reference."""
    mean, factor = about
    b = rng.choice(STEPS, size=len(z))[:, None]
    fresh = mean + np.sqrt(1.0 - b**2) * (z - mean) + b * (rng.standard_normal(z.shape) @ factor.T)

    def over(at: Array) -> Array:
        scaled = np.linalg.solve(factor, (at - mean).T)
        return 0.5 * (scaled**2).sum(axis=0) - 0.5 * (at**2).sum(axis=1)

    return fresh, over(fresh) - over(z)


def _few(rng: np.random.Generator, z: Array) -> tuple[Array, Array]:
    """A proposal that changes about a tenth of the numbers and keeps the prior."""
    b = np.where(rng.random(z.shape) < 0.1, rng.choice(STEPS, size=len(z))[:, None], 0.0)
    return np.sqrt(1.0 - b**2) * z + b * rng.standard_normal(z.shape), np.zeros(len(z))


def split_r_hat(draws: Array) -> Array:
    """Split R-hat of each number over chains, (number,) (Gelman and others, BDA3 section 11.4)."""
    half = draws.shape[1] // 2
    parts = np.concatenate([draws[:, :half], draws[:, half : 2 * half]])
    within = parts.var(axis=1, ddof=1).mean(axis=0)
    between = half * parts.mean(axis=1).var(axis=0, ddof=1)
    return np.sqrt(((half - 1) / half * within + between / half) / within)


def effective_draws(draws: Array) -> Array:
    """Effective number of draws of each number, chains together, (number,): initial positive sequence (Geyer 1992)."""
    chains, kept, numbers = draws.shape
    centred = draws - draws.mean(axis=(0, 1))
    size = 2 * kept
    power = np.abs(np.fft.rfft(centred, n=size, axis=1)) ** 2
    covariance = np.fft.irfft(power, n=size, axis=1)[:, :kept].mean(axis=0) / kept
    correlation = covariance / covariance[0]
    effective = np.empty(numbers)
    for i in range(numbers):
        pairs = correlation[0 : kept - kept % 2 : 2, i] + correlation[1:kept:2, i]
        stop = int(np.argmax(pairs <= 0.0)) if (pairs <= 0.0).any() else len(pairs)
        effective[i] = chains * kept / max(2.0 * pairs[:stop].sum() - 1.0, 1.0)
    return effective
