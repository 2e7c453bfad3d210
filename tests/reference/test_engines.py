"""Same plan, same seed: same bytes on NumPy, the same numbers on JAX."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from endplate.assess import simulate
from endplate.plan import read_plan

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_same_plan_and_seed_give_the_same_bytes_in_two_processes():
    command = [
        sys.executable,
        "-m",
        "endplate",
        "simulate",
        str(EXAMPLES / "glabellar-lines.toml"),
        "--json",
        "--samples",
        "40",
        "--seed",
        "7",
        "--days",
        "90",
    ]
    first, second = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert first == second
    assert json.loads(first)["schema"] == "endplate/course/1"


def test_another_seed_gives_other_bands_and_the_same_line():
    plan = read_plan(EXAMPLES / "glabellar-lines.toml")
    one, two = (simulate(plan, days=60, samples=20, seed=s) for s in (1, 2))
    assert (one.force == two.force).all()
    assert (one.force_low != two.force_low).any()


@pytest.mark.parametrize(("example", "samples"), [("glabellar-lines.toml", 2), ("repeated-sessions.toml", 0)])
def test_jax_agrees_with_numpy(example, samples):
    pytest.importorskip("jax")
    plan = read_plan(EXAMPLES / example)
    a, b = (simulate(plan, days=50, samples=samples, seed=3, engine=e) for e in ("numpy", "jax"))
    np.testing.assert_allclose(b.force, a.force, atol=1e-10, rtol=0)
    if samples:
        np.testing.assert_allclose(b.force_low, a.force_low, atol=1e-10, rtol=0)
        np.testing.assert_allclose(b.force_high, a.force_high, atol=1e-10, rtol=0)


def test_jax_agrees_with_numpy_when_a_needle_slips_behind_the_septum():
    pytest.importorskip("jax")
    from endplate.model import chain
    from endplate.model.backend import namespace
    from endplate.population import draw_parameters
    from tests.laws.tools import prepared

    setup = prepared(read_plan(EXAMPLES / "glabellar-lines.toml"), days=12)
    needle = chain.Needle.exact(2, len(setup.sites))
    needle.behind[1, 3] = True
    parameters = draw_parameters(2, 0)
    xp, scope = namespace("jax")
    with scope:
        found = np.asarray(chain.forces(xp, setup, parameters, needle))
    np.testing.assert_allclose(found, chain.forces(np, setup, parameters, needle), atol=1e-10, rtol=0)
