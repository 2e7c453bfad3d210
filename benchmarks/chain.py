"""The chain: time of one plan and of a thousand draws, and two parts of it beside a general peer, with the error.

Floor of the thousand draws, before anything was made fast: 1,000 draws x about 100 bins x 365 steps x 2
transcendental calls = 73 million, about 0.2 s on two cores at 4e8 calls/s; exposures 1,000 draws x 5 sites x about
1,500 endplates x 6 nodes = 45 million exponentials, about 0.1 s. Memory traffic about doubles both.

Prints one JSON object a line. The exit code is 1 when a limit is passed.

usage: python benchmarks/chain.py [repeats]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from endplate.anatomy import default_face
from endplate.assess import operators_of, prepared
from endplate.model.junction import cleavage_gain, light_chain, mean_light_chain, quantal_course
from endplate.model.parameters import point_parameters
from endplate.model.simulate import simulate_point
from endplate.model.spread.matrix import kernel
from endplate.plan import read_plan
from endplate.population import force_bands

PLAN = Path(__file__).resolve().parents[1] / "examples" / "glabellar-lines.toml"
POINT_LIMIT_S, DRAWS_LIMIT_S = 0.050, 2.0


def best(call: Callable[[], Any], repeats: int) -> float:
    """Best wall time of `repeats` calls (s)."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def say(case: str, **values: float | str | None) -> None:
    print(json.dumps({"benchmark": "chain", "case": case, **values}), flush=True)


def speed(repeats: int) -> bool:
    """One plan, and a thousand draws of it."""
    plan = read_plan(PLAN)
    default_face(plan.patient.sex, plan.patient.age)
    simulate_point(plan)
    point_s = best(lambda: simulate_point(plan), 3 * repeats)
    say(
        "one plan, all muscles, 365 days, point estimate, warm",
        best_s=round(point_s, 4),
        limit_s=POINT_LIMIT_S,
    )
    setup = prepared(plan, None, 365)
    operators = operators_of(plan, setup)
    draws_s = best(lambda: force_bands(setup, operators, draws=1000), repeats)
    say("1,000 parameter draws with bands", best_s=round(draws_s, 3), limit_s=DRAWS_LIMIT_S)
    return point_s <= POINT_LIMIT_S and draws_s <= DRAWS_LIMIT_S


def junction_against_lsoda(repeats: int) -> None:
    """The response of one exposure over 365 days: our stepping against scipy's LSODA, error against a tight one."""
    from scipy.integrate import solve_ivp

    p = point_parameters()
    value = {name: float(v[0]) for name, v in p.values.items()}
    k_syn = np.log(2.0) / value["junction.snare_turnover_half_life"]
    power, delay = value["junction.release_power"], value["junction.sprout_delay"]
    retract = value["junction.sprout_retraction_half_life"] / np.log(2.0)
    rates = [value[f"junction.{n}"] for n in ("supply_half_life", "light_chain_half_life.a", "lag")]
    gain = float(cleavage_gain(np, value["junction.safety_factor.mimic"], power))
    exposures = np.exp(np.linspace(-2.0, 4.0, 97))

    def slope(t: float, y: np.ndarray, load: float) -> list[float]:
        chain = load * float(light_chain(np, np.float64(t), *rates))
        quiet = 1.0 - y[0] ** power
        return [k_syn * (1 - y[0] - chain * y[0]), (quiet - y[1]) / delay, (y[1] - y[2]) / retract]

    def peer(tolerance: float, some: np.ndarray) -> np.ndarray:
        days = np.arange(1, 366)
        out = []
        for exposure in some:
            y = solve_ivp(
                slope,
                (0, 365),
                [1.0, 0.0, 0.0],
                "LSODA",
                days,
                args=(gain * exposure,),
                rtol=tolerance,
                atol=tolerance * 1e-3,
                max_step=1.0,
            ).y
            out.append(np.minimum(1.0, y[0] ** power + value["junction.sprout_share"] * y[2]))
        return np.array(out)

    def ours(some: np.ndarray) -> np.ndarray:
        steps = mean_light_chain(np, np.arange(365.0), 1.0, *rates)
        return quantal_course(np, gain * steps[:, None, None] * some[None, None], p)[:, 0].T

    few = exposures[::16]
    exact = peer(1e-10, few)
    ours_s = best(lambda: ours(exposures), repeats)
    peer_s = best(lambda: peer(1e-6, few), 1) * len(exposures) / len(few)
    say(
        "97 endplate responses over 365 days against scipy LSODA (rtol 1e-6)",
        best_s=round(ours_s, 4),
        peer_s=round(peer_s, 3),
        ratio=round(peer_s / ours_s),
        error=float(f"{np.abs(ours(few) - exact)[:, 3:].max():.2g}"),
        peer_error=float(f"{np.abs(peer(1e-6, few) - exact)[:, 3:].max():.2g}"),
    )


def kernel_against_quad(repeats: int) -> None:
    """The time integral of uptake at 1,000 endplates: six nodes against scipy's adaptive quadrature."""
    from scipy.integrate import quad

    offset2 = np.random.default_rng(0).normal(0.0, [6.0, 4.0, 1.5], (1000, 3)) ** 2
    start, reach = np.array([30.0, 8.0, 1.2]), np.array([0.18, 0.09, 0.13])

    def ours() -> np.ndarray:
        columns = [tuple(np.array([[x]]) for x in values) for values in (start, reach)]
        unit = np.ones((1, 1))
        squares = ((unit, offset2[None, :, 0]), (unit, offset2[None, :, 1]), (unit, offset2[None, :, 2]))
        return kernel(np, squares, columns[0], columns[1])[0]

    def one(o2: np.ndarray) -> float:
        def uptake(s: float) -> float:
            v = start + 2.0 * s * reach
            return np.exp(-s - 0.5 * (o2 / v).sum()) / np.sqrt((2 * np.pi) ** 3 * v.prod())

        return quad(uptake, 0.0, 50.0, epsrel=1e-10, limit=200)[0]

    begun = time.perf_counter()
    exact = np.array([one(o2) for o2 in offset2[:100]])
    peer_s = 10 * (time.perf_counter() - begun)
    ours_s = best(ours, 3 * repeats)
    error = np.abs(ours()[:100] - exact).max() / exact.max()
    say(
        "uptake integral at 1,000 endplates against scipy quad",
        best_s=round(ours_s, 6),
        peer_s=round(peer_s, 3),
        ratio=round(peer_s / ours_s),
        error=float(f"{error:.2g}"),
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    in_time = speed(count)
    junction_against_lsoda(count)
    kernel_against_quad(count)
    sys.exit(0 if in_time else 1)
