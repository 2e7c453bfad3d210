"""The face: time of a plan with it, and three parts of it beside a plainer or a general way, with the error.

Plan: glabella of 20 U, all muscles and measures of 365 days. Floor: the chain alone (`benchmarks/chain.py`), to which
the face adds some 40 measures of 366 days, 15,000 numbers of a few operations each: under a millisecond of arithmetic.
Parts: muscles that weaken in parts, from the same run as the muscles, beside a run of the parts' own endplates.
Lids: both lids under one drive, closed form, beside scipy's `root` for the two falls that keep each other in balance.
Reference: the same equations with 40 decimal digits.
Lines: what follows force slowly, four areas under 200 draws by day, beside scipy's LSODA (rtol 1e-6) on force that goes
in a straight line from day to day. Reference: LSODA at 1e-11.

A peer takes some of the cases; its time is for all, in proportion. Prints one JSON object a line. The exit code is 1
when a plan takes longer than its limit.

usage: python benchmarks/face.py [repeats]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np

from endplate.anatomy import default_face
from endplate.assess import simulate
from endplate.model import chain
from endplate.model.face import eyelid, point_values
from endplate.model.face.parts import part_names, part_of, with_parts
from endplate.model.face.severity import slow_part
from endplate.model.parameters import point_parameters
from endplate.model.setup import Setup
from endplate.model.simulate import prepared, simulate_point
from endplate.plan import read_plan
from endplate.population.narrow import site_within

PLAN = Path(__file__).resolve().parents[1] / "examples" / "glabellar-lines.toml"
POINT_LIMIT_S = 0.100
DRAWS, DAYS = 200, 366
LIDS = 100_000


def best(call: Callable[[], Any], repeats: int) -> float:
    """Best wall time of `repeats` calls (s)."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def say(case: str, **values: float | str | None) -> None:
    print(json.dumps({"benchmark": "face", "case": case, **values}), flush=True)


def short(value: float) -> float:
    return float(f"{value:.2g}")


def speed(repeats: int) -> bool:
    """One plan with its face, alone and with bands."""
    plan = read_plan(PLAN)
    default_face(plan.patient.sex, plan.patient.age)
    simulate(plan, samples=0)
    with_face_s = best(lambda: simulate(plan, samples=0), 5 * repeats)
    chain_s = best(lambda: simulate_point(plan), 5 * repeats)
    say(
        "glabella plan with face, 365 days, point estimate, warm",
        best_s=round(with_face_s, 4),
        limit_s=POINT_LIMIT_S,
        of_which_face_s=round(max(with_face_s - chain_s, 0.0), 4),
    )
    bands_s = best(lambda: simulate(plan, samples=DRAWS), repeats)
    say(f"the same with the bands of {DRAWS} draws", best_s=round(bands_s, 3))
    return with_face_s <= POINT_LIMIT_S


def of_parts_alone(setup: Setup) -> Setup:
    """A setup of the endplates of parts alone, a row for each part in reach."""
    part = part_of(setup.face)
    weights = setup.endplates.weight
    whole = np.bincount(part[part >= 0], weights=weights[part >= 0], minlength=len(part_names()))
    keep = part[setup.active] >= 0
    active = setup.active[keep]
    rows, row = np.unique(part[active], return_inverse=True)
    return replace(
        setup,
        sites=tuple(site_within(site, active) for site in setup.sites),
        active=active,
        muscle=row,
        weight=setup.weight[keep] / whole[rows][row],
        quantile_z=setup.quantile_z[keep],
        active_muscles=np.arange(len(rows)),
        classes=tuple(setup.face.muscle(*_muscle_of(r)).muscle_class for r in rows),
    )


def _muscle_of(row: int) -> tuple[str, str]:
    name, side = part_names()[row]
    return name.split(".")[0], side


def parts_in_the_same_run(repeats: int) -> None:
    """Parts beside their muscles: one run of cells against a run of the muscles and another of the parts."""
    setup = prepared(read_plan(PLAN), None, DAYS - 1)
    parameters, needle = point_parameters(), chain.Needle.exact(1, len(setup.sites))

    def ours() -> np.ndarray:
        wide, _ = with_parts(setup)
        return np.asarray(chain.forces(np, wide, parameters, needle))[0, len(setup.classes) :]

    def peer() -> np.ndarray:
        chain.forces(np, setup, parameters, needle)
        return np.asarray(chain.forces(np, of_parts_alone(setup), parameters, needle))[0]

    error = np.abs(ours() - peer()).max()
    ours_s, peer_s = best(ours, 5 * repeats), best(peer, 5 * repeats)
    say(
        "force of muscles and their parts, 365 days, against a run for each",
        best_s=round(ours_s, 4),
        peer_s=round(peer_s, 4),
        ratio=round(peer_s / ours_s, 1),
        difference=short(error),
    )


def lids_against_root(repeats: int) -> None:
    """Both lids for 100,000 pairs of forces."""
    from scipy.optimize import root

    rng = np.random.default_rng(0)
    levator = rng.random((LIDS, 2, 1))
    lift = rng.uniform(-1.0, 1.0, (LIDS, 2, 1))
    values = point_values()
    travel, gain = values["face.lid.levator_travel"], values["face.lid.hering_gain"]
    few = 500

    def balance(fall: np.ndarray, f: np.ndarray, e: np.ndarray) -> np.ndarray:
        drive = 1.0 + gain * fall.mean() / travel
        return travel * (1.0 - drive * f) - e - fall

    def peer() -> np.ndarray:
        return np.array(
            [
                root(balance, np.zeros(2), (f[:, 0], e[:, 0])).x
                for f, e in zip(levator[:few], lift[:few], strict=True)
            ]
        )

    exact = np.array([_exact_lids(levator[k, :, 0], lift[k, :, 0], travel, gain) for k in range(few)])
    found = eyelid(np, levator, lift, values)[..., 0]
    ours_s = best(lambda: eyelid(np, levator, lift, values), 3 * repeats)
    peer_s = best(peer, 1) * LIDS / few
    say(
        "fall of both lids under one drive, 100,000 pairs, against scipy root",
        best_s=short(ours_s),
        peer_s=short(peer_s),
        ratio=round(peer_s / ours_s),
        error_mm=short(np.abs(found[:few] - exact).max()),
        peer_error_mm=short(np.abs(peer() - exact).max()),
    )


def _exact_lids(levator: np.ndarray, lift: np.ndarray, travel: float, gain: float) -> list[float]:
    """Falls of both lids with 40 digits, from the two linear equations by Cramer's rule."""
    with localcontext() as context:
        context.prec = 40
        t, g = Decimal(travel), Decimal(gain)
        f, e = [Decimal(float(x)) for x in levator], [Decimal(float(x)) for x in lift]
        half = [g * x / 2 for x in f]
        right = [t * (1 - x) - y for x, y in zip(f, e, strict=True)]
        whole = 1 + half[0] + half[1]
        left = (right[0] * (1 + half[1]) - right[1] * half[0]) / whole
        other = (right[1] * (1 + half[0]) - right[0] * half[1]) / whole
        return [float(left), float(other)]


def lines_against_lsoda(repeats: int) -> None:
    """The slow part of four lines under 200 draws, 365 days."""
    from scipy.integrate import solve_ivp

    rng = np.random.default_rng(0)
    days = np.arange(DAYS, dtype=float)
    dip = np.exp(-(((days - 30.0) / rng.uniform(30.0, 60.0, (4, DRAWS, 1))) ** 2))
    force = 1.0 - rng.uniform(0.2, 1.0, (4, DRAWS, 1)) * dip
    tau = rng.uniform(10.0, 60.0, (DRAWS, 1))
    few = 8

    def peer(tolerance: float) -> np.ndarray:
        out = []
        for k in range(few):
            one, slow_d = force[0, k], float(tau[k, 0])

            def slope(t: float, y: np.ndarray, one: np.ndarray = one, slow_d: float = slow_d) -> list[float]:
                return [(np.interp(t, days, one) - y[0]) / slow_d]

            solved = solve_ivp(
                slope,
                (0.0, days[-1]),
                one[:1],
                "LSODA",
                days,
                rtol=tolerance,
                atol=tolerance * 1e-3,
                max_step=1.0,
            )
            out.append(solved.y[0])
        return np.array(out)

    exact = peer(1e-11)
    ours_s = best(lambda: slow_part(np, force, days, tau), 3 * repeats)
    peer_s = best(lambda: peer(1e-6), 1) * 4 * DRAWS / few
    say(
        "slow part of four lines, 200 draws, 365 days, against scipy LSODA (rtol 1e-6)",
        best_s=round(ours_s, 4),
        peer_s=round(peer_s, 2),
        ratio=round(peer_s / ours_s),
        error=short(np.abs(slow_part(np, force, days, tau)[0, :few] - exact).max()),
        peer_error=short(np.abs(peer(1e-6) - exact).max()),
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    in_time = speed(count)
    parts_in_the_same_run(count)
    lids_against_root(count)
    lines_against_lsoda(count)
    sys.exit(0 if in_time else 1)
