"""Joint draws given the reported counts: NUTS on the emulators.

    z (column,), one more score for the spread between reports ~ N(0, 1)
    rows: `likelihood.log_terms` of the emulated rates, each with a weight (0: left out; below 1: a wider goal)

The three thresholds of a fallen lid are kept in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.effects.emulator import WIDEST, Emulator
from endplate.fit.effects.grids import LIDS
from endplate.fit.effects.likelihood import log_terms, points_of, report_sd_of
from endplate.fit.effects.rates import Key
from endplate.fit.effects.rows import Row, table
from endplate.fit.effects.space import Space, space
from endplate.population.draws import Z95

WARMUP, CHAINS = 300, 2
STEEP = 400.0  # of the wall that keeps thresholds in order, per squared score
Emulators = Mapping[Key, Emulator]


@dataclass(frozen=True)
class Joint:
    """Equally weighted joint draws.

    Attributes:
        z (draw, column): normal scores. report_sd (draw,): between reports.
        rhat: the largest over all unknowns. diverging: number of draws.
    """

    z: np.ndarray
    report_sd: np.ndarray
    rhat: float
    diverging: int

    def rate(self, emulators: Emulators, key: Key) -> np.ndarray:
        """Emulated rate of an effect, (draw,)."""
        return 1.0 / (1.0 + np.exp(-emulators[key].logit(self.z)))

    def values(self) -> dict[str, np.ndarray]:
        """Of everything that moves, (draw,) each; the wall leans, so the steps of a fallen lid are put in order."""
        found = space().values(self.z)
        steps = np.sort(np.stack([found[name] for name in LIDS]), axis=0)
        return found | dict(zip(LIDS, steps, strict=True))


def draws_given(
    emulators: Emulators, weight: np.ndarray, count: int, seed: int, warmup: int = WARMUP
) -> Joint:
    """Joint draws of all chains, `count` in all.

    Args:
        weight: of each fitted row, (row,).
    """
    import jax
    from numpyro.diagnostics import split_gelman_rubin

    mcmc = _sampler(warmup, -(-count // CHAINS))
    keys = list(emulators)
    stacked = (
        np.array([emulators[key].constant for key in keys]),
        np.stack([emulators[key].linear for key in keys]),
        np.stack([emulators[key].square for key in keys]),
    )
    of_row = np.array([keys.index(row.key) for row in table().fitted])
    mcmc.run(jax.random.PRNGKey(seed), weight, of_row, *stacked, extra_fields=("diverging",))
    flat = np.asarray(mcmc.get_samples(group_by_chain=True)["flat"])
    rhat = float(np.max(split_gelman_rubin(flat)))
    flat = flat.transpose(1, 0, 2).reshape(-1, flat.shape[-1])[:count]
    sd = np.asarray(report_sd_of(np, flat[:, -1]))
    return Joint(
        space().scores(flat[:, :-1]), sd, rhat, int(np.asarray(mcmc.get_extra_fields()["diverging"]).sum())
    )


@lru_cache(maxsize=4)
def _sampler(warmup: int, draws: int) -> Any:
    """A compiled sampler; emulators and weights are its arguments, so that it serves every round."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax.scipy.special import betaln
    from numpyro.infer import MCMC, NUTS, init_to_value

    numpyro.enable_x64()
    whole, here = table(), space()
    rows, size = whole.fitted, len(here.names) + 1
    counts, points = jnp.asarray(counts_of(rows)), jnp.asarray(points_of(rows, whole))
    root, known = jnp.asarray(here.root), len(here.known)

    def model(weight: Any, of_row: Any, constant: Any, linear: Any, square: Any) -> None:
        flat = numpyro.sample("flat", dist.Normal(0.0, 1.0).expand([size]).to_event(1))
        z = jnp.concatenate([root @ flat[:known], flat[known:-1]])  # type: ignore
        kept = jnp.clip(z, -WIDEST, WIDEST)
        logits = constant + linear @ kept + jnp.einsum("kij,i,j->k", square, kept, kept)
        rate = 1.0 / (1.0 + jnp.exp(-logits))[of_row]
        terms = log_terms(jnp, betaln, counts, points, rate, report_sd_of(jnp, flat[-1]))  # type: ignore
        numpyro.factor("rows", (weight * terms).sum())
        numpyro.factor("order", wall(jnp, here, z))

    kernel = NUTS(
        model,
        target_accept_prob=0.9,
        max_tree_depth=7,
        init_strategy=init_to_value(values={"flat": jnp.zeros(size)}),
    )
    return MCMC(
        kernel,
        num_warmup=warmup,
        num_samples=draws,
        num_chains=CHAINS,
        chain_method="sequential",
        progress_bar=False,
        jit_model_args=True,
    )


def counts_of(rows: Sequence[Row]) -> np.ndarray:
    """Events and numbers treated, (2, row)."""
    return np.array([[float(row.events or 0), float(row.n or 0)] for row in rows]).T


def wall(xp: Any, here: Space, z: Any) -> Any:
    """ln weight of thresholds of a fallen lid out of order: falls steeply."""
    steps = [_linear(xp, name, z[here.column(name)]) for name in LIDS]
    return -STEEP * sum(xp.maximum(low - high + 0.05, 0.0) ** 2 for low, high in pairwise(steps))


def _linear(xp: Any, name: str, score: Any) -> Any:
    """A threshold in mm from its score; these priors are two-piece normals of the threshold itself."""
    entry = catalogue().parameter(name)
    value, low, high = float(entry.value), float(entry.low), float(entry.high)
    return value + xp.where(score < 0, value - low, high - value) * score / Z95
