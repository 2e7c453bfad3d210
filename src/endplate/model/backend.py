"""The few primitives that the array API lacks, for NumPy and (lazily) JAX.

Equations of the model stand once and take their namespace as `xp`; only a loop over time, the normal
distribution and a weighted count differ between the two libraries, and those differences live here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

_HALF_ROOT = 2.0**-0.5
Array = Any
Carry = Any


def namespace(name: str = "numpy") -> tuple[Any, AbstractContextManager[Any]]:
    """The array namespace and a context in which it computes in 64 bits.

    Args:
        name: "numpy" or "jax".

    Raises:
        ModelError: an unknown name, or JAX that is not installed.
    """
    from endplate.errors import ModelError

    if name == "numpy":
        return np, nullcontext()
    if name != "jax":
        raise ModelError(f"Unknown engine `{name}`.", "The engines are numpy and jax.")
    try:
        import jax
        import jax.numpy as jnp
    except ImportError as error:
        raise ModelError(
            "The engine jax is not installed here.",
            "",
            "Use --engine numpy, or an environment with the extra `fit`.",
        ) from error
    scope: Any = getattr(jax, "enable_x64", None)
    if scope is None:  # older JAX keeps it elsewhere
        import jax.experimental

        scope = getattr(jax.experimental, "enable_x64")  # noqa: B009  (typed differently in each version)
    return jnp, scope(True)


def is_numpy(xp: Any) -> bool:
    return xp is np


def normal_cdf(xp: Any, x: Array) -> Array:
    """Standard normal distribution function."""
    if is_numpy(xp):
        from scipy.special import ndtr

        return ndtr(x)
    # Exact to rounding in absolute terms, which is what shares need, and three times as fast as JAX's own `ndtr`.
    from jax.scipy.special import erf

    return 0.5 + 0.5 * erf(x * _HALF_ROOT)


def normal_quantile(p: np.ndarray) -> np.ndarray:
    """Standard normal quantile (NumPy only: it prepares inputs)."""
    from scipy.special import ndtri

    return ndtri(p)


def scan(xp: Any, step: Callable[[Carry, Array], tuple[Carry, Array]], start: Carry, inputs: Array) -> Array:
    """Carry a state over the first axis of `inputs` and stack what each step gives.

    Args:
        step: (state, input) -> (state, output).
        inputs: array or tuple of arrays whose first axis is time.

    Returns:
        outputs stacked on a new first axis.
    """
    if not is_numpy(xp):
        import jax

        return jax.lax.scan(step, start, inputs)[1]
    many = isinstance(inputs, tuple)
    count = len(inputs[0]) if many else len(inputs)
    state, outputs = start, []
    for i in range(count):
        state, output = step(state, tuple(column[i] for column in inputs) if many else inputs[i])
        outputs.append(output)
    return np.stack(outputs)


def weighted_count(xp: Any, index: Array, weight: Array, size: int) -> Array:
    """Sum of `weight` falling on each integer `index`, as a vector of length `size`."""
    if is_numpy(xp):
        return np.bincount(index.ravel(), weights=weight.ravel(), minlength=size)
    return xp.zeros(size).at[index.ravel()].add(weight.ravel())
