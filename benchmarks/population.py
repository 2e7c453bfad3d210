"""Ten thousand persons with rates of their own over 180 days, beside libRoadRunner, diffrax and SciPy.

Chain: bulk > free > bound > internalised > lytic > gone, first order, five rates log-normal over persons with a
coefficient of variation of 40 %; asked for is the lytic pool of every day. Reference: the sum of exponentials with 40
decimal digits, for all persons.
Junction: the equations of `response` after one injection, nine parameters and the exposure log-normal over persons;
asked for is the quantal content of every day. Solved, not tabulated. Reference: scipy's DOP853 at 1e-11. Beside it what
a table costs and loses, for persons who differ in exposure alone.

Peers at rtol 1e-6, atol 1e-9, each the way that is fastest for it: libRoadRunner (CVODE) on the SBML that we write,
loaded once, values set and reset per person; diffrax vmapped and compiled, Kvaerno5 for the stiff chain and Tsit5
for the junction (Kvaerno5 takes 20 times as long there), from the end of the lag on, so that no jump falls inside;
LSODA with the Jacobian. They solve some of the persons; times are for 10,000, in proportion. Ours takes all of
them. In every round ours is timed before and after a peer (median of five); the ratio is the median over rounds.
`ratio_one_thread` is ours on one thread: the peers, XLA apart, use one. Everything is warm; `ready_s` is what
loading or compiling took.

Floors stand in `chain_population` (3 ms) and `solved_population` (0.1 s).

Prints one JSON object a line. The exit code is 1 when a ratio is below its goal, the chain is off by more than 1e-9, or
the junction by more than a peer on the same persons.

usage: python benchmarks/population.py [rounds]
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from endplate.model.junction import cleavage_gain, mean_light_chain, quantal_course
from endplate.model.junction.chain_population import chain_course
from endplate.model.junction.own_sbml import chain_sbml, junction_sbml
from endplate.model.junction.solved_population import solve_population
from endplate.model.parameters import ParameterSet, point_parameters

PERSONS, DAYS, MIN_PER_DAY = 10_000, 180, 1440.0
RTOL, ATOL = 1e-6, 1e-9
MOST_ERROR = 1e-9  # of the chain
POOLS = ("bulk", "free", "bound", "internalised", "lytic")
PER_MIN = np.array(
    [0.00015, 0.058, 0.141, 0.013, math.log(2.0) / (30 * MIN_PER_DAY)]
)  # entry, and a made-up way out
# Spread over persons (coefficient of variation): the size of the task, no claim about people.
SPREAD = {
    "supply_half_life": 0.4,
    "light_chain_half_life.a": 0.3,
    "lag": 0.3,
    "snare_turnover_half_life": 0.4,
    "release_power": 0.2,
    "safety_factor.mimic": 0.1,
    "sprout_delay": 0.3,
    "sprout_retraction_half_life": 0.3,
    "sprout_share": 0.3,
}
EXPOSURE, EXPOSURE_LOG_SD = 8.0, 1.0
IN_SBML = {
    "light_chain_half_life.a": "light_chain_half_life",
    "snare_turnover_half_life": "turnover_half_life",
}
IN_SBML |= {"release_power": "power", "safety_factor.mimic": "safety_factor"}
IN_SBML |= {"sprout_retraction_half_life": "retraction_half_life"}

Run = Callable[[], np.ndarray]


def lognormal(rng: np.random.Generator, median: Any, cv: float, *shape: int) -> np.ndarray:
    sd = math.sqrt(math.log1p(cv * cv))
    return median * np.exp(sd * rng.standard_normal(shape))


def say(case: str, **values: Any) -> None:
    print(json.dumps({"benchmark": "population", "case": case, **values}), flush=True)


def timed(call: Run) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def short(value: float) -> float:
    return float(f"{value:.3g}")


def against(
    case: str, ours: Callable[[int | None], np.ndarray], peer: Run, some: int, goal: float, rounds: int,
    errors: tuple[float, float], ready_s: float,
) -> bool:  # fmt: skip
    """Ours and a peer in turns; `some` is how many persons the peer solves. Whether the goal is met."""
    peer_s, ours_s, single_s, ratios, single = [], [], [], [], []
    for _ in range(rounds):
        before = statistics.median(timed(lambda: ours(None)) for _ in range(5))
        peer_s.append(timed(peer) * PERSONS / some)
        after = statistics.median(timed(lambda: ours(None)) for _ in range(5))
        single_s.append(statistics.median(timed(lambda: ours(1)) for _ in range(3)))
        ours_s.append(0.5 * (before + after))
        ratios.append(peer_s[-1] / ours_s[-1])
        single.append(peer_s[-1] / single_s[-1])
    ratio = statistics.median(ratios)
    say(
        case,
        ours_s=short(statistics.median(ours_s)),
        peer_s=short(statistics.median(peer_s)),
        peer_persons=some,
        ratio=round(ratio, 1),
        limit_ratio=goal,
        ratio_one_thread=round(statistics.median(single), 1),
        error=float(f"{errors[0]:.2g}"),
        peer_error=float(f"{errors[1]:.2g}"),
        ready_s=round(ready_s, 2),
    )
    return ratio >= goal


# The chain ------------------------------------------------------------------------------------------------------------


def exact_chain(rates: np.ndarray) -> np.ndarray:
    """Lytic pool per day with 40 decimal digits, (person, pool) per day -> (person, day)."""
    out = np.empty((len(rates), DAYS + 1))
    with localcontext() as context:
        context.prec = 40
        for i, row in enumerate(rates):
            k = [Decimal(float(rate)) for rate in row]
            decay = [(-rate).exp() for rate in k]
            terms = [math.prod(k[:-1]) / math.prod(b - a for b in k if b is not a) for a in k]
            for day in range(DAYS + 1):
                out[i, day] = float(sum(terms))
                terms = [term * factor for term, factor in zip(terms, decay, strict=True)]
    return out


def roadrunner(text: str, wanted: str, columns: dict[str, np.ndarray], end: float) -> Run:
    """Values (person,) by name in the document -> the wanted symbol, (person, day)."""
    import roadrunner as rr

    runner = rr.RoadRunner(text)
    runner.integrator.relative_tolerance, runner.integrator.absolute_tolerance = RTOL, ATOL
    runner.integrator.maximum_num_steps = 200_000
    runner.timeCourseSelections = [wanted]
    model = runner.getModel()
    names = list(model.getGlobalParameterIds())
    places, values = [names.index(name) for name in columns], np.stack(list(columns.values()), axis=1)

    def run() -> np.ndarray:
        out = np.empty((len(values), DAYS + 1))
        for i, row in enumerate(values):
            runner.reset()
            model.setGlobalParameterValues(places, row)
            out[i] = runner.simulate(0, end, DAYS + 1)[:, 0]
        return out

    return run


def diffrax_chain(rates: np.ndarray) -> Run:
    import diffrax as dfx
    import jax
    import jax.numpy as jnp

    def slope(_t: Any, y: Any, k: Any) -> Any:
        flow = k * y
        return jnp.concatenate([jnp.zeros(1), flow[:-1]]) - flow

    def one(k: Any) -> Any:
        return dfx.diffeqsolve(
            dfx.ODETerm(slope), dfx.Kvaerno5(), 0.0, float(DAYS), 1e-3, jnp.zeros(5).at[0].set(1.0), args=k,
            saveat=dfx.SaveAt(ts=jnp.arange(DAYS + 1.0)), max_steps=200_000,
            stepsize_controller=dfx.PIDController(rtol=RTOL, atol=ATOL),
        ).ys[:, 4]  # fmt: skip

    compiled, given = jax.jit(jax.vmap(one)), jnp.asarray(rates)
    return lambda: np.asarray(compiled(given).block_until_ready())


def lsoda_chain(rates: np.ndarray) -> Run:
    from scipy.integrate import solve_ivp

    start, days = np.eye(5)[0], np.arange(DAYS + 1.0)

    def one(k: np.ndarray) -> np.ndarray:
        a = np.diag(-k) + np.diag(k[:-1], -1)
        return solve_ivp(
            lambda _t, y: a @ y, (0, DAYS), start, "LSODA", days, rtol=RTOL, atol=ATOL, jac=lambda _t, _y: a
        ).y[4]

    return lambda: np.array([one(k) for k in rates])


def chain(rounds: int) -> bool:
    rates = lognormal(np.random.default_rng(1), PER_MIN, 0.4, PERSONS, 5)
    exact = exact_chain(rates * MIN_PER_DAY)

    def ours(threads: int | None) -> np.ndarray:
        return chain_course(rates, MIN_PER_DAY, DAYS, threads=threads)

    error, good = float(np.abs(ours(None) - exact).max()), True
    columns = {f"rate_{name}": rates[:, i] for i, name in enumerate(POOLS)}
    peers: list[tuple[str, int, float, Callable[[int], Run]]] = [
        (
            "libRoadRunner",
            500,
            300.0,
            lambda n: roadrunner(
                chain_sbml(POOLS, PER_MIN),
                "lytic",
                {k: v[:n] for k, v in columns.items()},
                DAYS * MIN_PER_DAY,
            ),
        ),
        ("diffrax Kvaerno5", 1000, 200.0, lambda n: diffrax_chain(rates[:n] * MIN_PER_DAY)),
        ("scipy LSODA", 30, 2000.0, lambda n: lsoda_chain(rates[:n] * MIN_PER_DAY)),
    ]
    for name, some, goal, make in peers:
        begun = time.perf_counter()
        peer = make(some)
        found = peer()
        ready_s = time.perf_counter() - begun
        errors = (error, float(np.abs(found - exact[:some]).max()))
        good &= against(
            f"chain, 10,000 persons x 180 days: {name}", ours, peer, some, goal, rounds, errors, ready_s
        )
    robust = float(np.abs(chain_course(rates, MIN_PER_DAY, DAYS, robust=True) - exact).max())
    robust_s = min(timed(lambda: chain_course(rates, MIN_PER_DAY, DAYS, robust=True)) for _ in range(3))
    equal = np.repeat(lognormal(np.random.default_rng(2), 0.1, 0.4, PERSONS, 1), 5, axis=1)
    load = equal[:, :1] * np.arange(DAYS + 1.0)
    equal_error = float(np.abs(chain_course(equal, 1.0, DAYS) - load**4 / 24.0 * np.exp(-load)).max())
    equal_s = min(timed(lambda: chain_course(equal, 1.0, DAYS)) for _ in range(3))
    say("chain, every person by uniformisation", best_s=short(robust_s), error=float(f"{robust:.2g}"))
    say("chain, all five rates equal", best_s=short(equal_s), error=float(f"{equal_error:.2g}"))
    return good and max(error, robust, equal_error) <= MOST_ERROR


# The junction ---------------------------------------------------------------------------------------------------------


def people(count: int) -> tuple[ParameterSet, np.ndarray]:
    rng = np.random.default_rng(3)
    values = {name: np.full(count, float(value[0])) for name, value in point_parameters().values.items()}
    for name, cv in SPREAD.items():
        values[f"junction.{name}"] = lognormal(rng, values[f"junction.{name}"], cv, count)
    values["junction.safety_factor.mimic"] = np.maximum(values["junction.safety_factor.mimic"], 1.1)
    return ParameterSet(values), EXPOSURE * np.exp(EXPOSURE_LOG_SD * rng.standard_normal(count))


def constants(p: ParameterSet, exposure: np.ndarray) -> np.ndarray:
    """What the equations need, (person, 9): four rates, power, delay, share, lag, depot."""
    values = {name: p[f"junction.{name}"] for name in SPREAD}
    half_lives = (
        "supply_half_life",
        "light_chain_half_life.a",
        "snare_turnover_half_life",
        "sprout_retraction_half_life",
    )
    gain = values["safety_factor.mimic"] ** (1.0 / values["release_power"]) - 1.0
    return np.stack(
        [math.log(2.0) / values[name] for name in half_lives]
        + [values[name] for name in ("release_power", "sprout_delay", "sprout_share", "lag")]
        + [gain * exposure],
        axis=1,
    )


def exact_junction(table: np.ndarray) -> np.ndarray:
    """(person, constant) -> (person, day) by DOP853 at 1e-11."""
    from scipy.integrate import solve_ivp

    def slope(_u: float, y: np.ndarray, *v: float) -> list[float]:
        supply, decay, turnover, retract, power, delay = v[:6]
        depot, load, intact, silence, grown = y.tolist()
        return [
            -supply * depot,
            supply * depot - decay * load,
            turnover * (1.0 - intact - load * intact),
            (1.0 - intact**power - silence) / delay,
            retract * (silence - grown),
        ]

    out = np.ones((len(table), DAYS + 1))
    for i, row in enumerate(table.tolist()):
        power, _, share, lag, depot = row[4:]
        since = np.arange(DAYS + 1.0) - lag
        after, start = since > 0.0, [depot, 0.0, 1.0, 0.0, 0.0]
        y = solve_ivp(
            slope, (0.0, since[-1]), start, "DOP853", since[after], args=row, rtol=1e-11, atol=1e-13
        ).y
        out[i, after] = np.minimum(1.0, y[2] ** power + share * y[4])
    return out


def diffrax_junction(table: np.ndarray) -> Run:
    import diffrax as dfx
    import jax
    import jax.numpy as jnp

    def slope(_u: Any, y: Any, v: Any) -> Any:
        supply, decay, turnover, retract, power, delay = v[:6]
        d, load, intact, silence, grown = y
        return jnp.array(
            [
                -supply * d,
                supply * d - decay * load,
                turnover * (1.0 - intact - load * intact),
                (1.0 - intact**power - silence) / delay,
                retract * (silence - grown),
            ]
        )

    def one(v: Any) -> Any:
        since = jnp.maximum(jnp.arange(DAYS + 1.0) - v[7], 0.0)
        y = dfx.diffeqsolve(
            dfx.ODETerm(slope), dfx.Tsit5(), 0.0, since[-1], None, jnp.array([0.0, 0.0, 1.0, 0.0, 0.0]).at[0].set(v[8]),
            args=v, saveat=dfx.SaveAt(ts=since), max_steps=100_000,
            stepsize_controller=dfx.PIDController(rtol=RTOL, atol=ATOL),
        ).ys  # fmt: skip
        return jnp.minimum(1.0, y[:, 2] ** v[4] + v[6] * y[:, 4])

    compiled, given = jax.jit(jax.vmap(one)), jnp.asarray(table)
    return lambda: np.asarray(compiled(given).block_until_ready())


def junction(rounds: int) -> bool:
    parameters, exposure = people(PERSONS)
    table, some = constants(parameters, exposure), 300
    exact = exact_junction(table[:some])

    def ours(threads: int | None) -> np.ndarray:
        return solve_population(parameters, exposure, DAYS, threads=threads)

    columns = {IN_SBML.get(name, name): parameters[f"junction.{name}"][:some] for name in SPREAD}
    columns["exposure"] = exposure[:some]
    peers: list[tuple[str, int, float, Callable[[], Run]]] = [
        (
            "libRoadRunner",
            some,
            10.0,
            lambda: roadrunner(junction_sbml(parameters, EXPOSURE), "quantal_content", columns, float(DAYS)),
        ),
        ("diffrax Tsit5", 1000, 5.0, lambda: diffrax_junction(table[:1000])),
    ]
    error, good = float(np.abs(ours(None).T[:some] - exact).max()), True
    for name, persons, goal, make in peers:
        begun = time.perf_counter()
        peer = make()
        found = peer()[:some]
        ready_s = time.perf_counter() - begun
        errors = (error, float(np.abs(found - exact).max()))
        good &= against(
            f"junction, 10,000 persons x 180 days: {name}", ours, peer, persons, goal, rounds, errors, ready_s
        )
        good &= error <= errors[1]
    return good


def table_route() -> None:
    """Persons who differ in exposure alone, from a table over the logarithm of exposure, and what that loses."""
    p, exposure = point_parameters(), people(PERSONS)[1]
    one = {name: np.full(PERSONS, float(value[0])) for name, value in p.values.items()}
    exact = solve_population(ParameterSet(one), exposure, DAYS, fineness=3)
    gain = float(cleavage_gain(np, p["junction.safety_factor.mimic"], p["junction.release_power"])[0])
    rates = [p[f"junction.{name}"] for name in ("supply_half_life", "light_chain_half_life.a", "lag")]

    def daily(grid: np.ndarray) -> np.ndarray:
        steps = mean_light_chain(np, np.arange(float(DAYS)), 1.0, *rates)
        course = quantal_course(np, gain * steps[:, None, None] * np.exp(grid)[None, None], p)[:, 0]
        return np.concatenate([np.ones((1, len(grid))), course])

    def finely(grid: np.ndarray) -> np.ndarray:
        same = ParameterSet({name: np.full(len(grid), float(value[0])) for name, value in p.values.items()})
        return solve_population(same, np.exp(grid), DAYS, fineness=3)

    def read(make: Callable[[np.ndarray], np.ndarray], step: float) -> np.ndarray:
        x = np.log(exposure)
        grid = np.arange(math.floor(x.min() / step), math.ceil(x.max() / step) + 2) * step
        place = (x - grid[0]) / step
        low = place.astype(int)
        table = make(grid)
        return table[:, low] + (place - low) * (table[:, low + 1] - table[:, low])

    solved_s = min(timed(lambda: solve_population(ParameterSet(one), exposure, DAYS)) for _ in range(3))
    for step in (0.125, 0.25):
        say(
            f"junction by a table, bins of {step} in ln exposure, persons differing in exposure alone",
            best_s=short(min(timed(lambda step=step: read(daily, step)) for _ in range(3))),
            solved_s=short(solved_s),
            interpolation_error=float(f"{np.abs(read(finely, step) - exact).max():.2g}"),
            error_with_daily_steps=float(f"{np.abs(read(daily, step) - exact).max():.2g}"),
        )


def main(rounds: int) -> int:
    import jax

    jax.config.update("jax_enable_x64", True)
    good = [chain(rounds), junction(rounds)]
    table_route()
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
