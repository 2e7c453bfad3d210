"""The risk of every unwanted effect of a plan, warm in one process, with the error that is printed beside it.

Warm means that faces and tables of a first plan are there; the plan that is timed is another one (its lateral sites lie
2 mm lower), so that no needle was seen before. `error` is the relative standard error of eyelid ptosis. Goals: 3 s and
20 % at a risk of 1 % or more.

Prints one JSON object a line. The exit code is 1 when a goal is missed.

usage: python benchmarks/risk.py [rounds]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

from endplate.plan import plan_from_dict
from endplate.population.risk import risk_of

GOAL_S, GOAL_ERROR = 3.0, 0.2
EFFECT = "eyelid_ptosis"
PATTERNS = (
    "glabellar_lines.onabotulinumtoxin_a",
    "blepharospasm.onabotulinumtoxin_a.site_2_5u",
    "strabismus.onabotulinumtoxin_a.esotropia_below_20pd_left",
)


def plan_of(pattern: str, lower_mm: float = 0.0) -> Any:
    """All sites of a pattern, those with a landmark walked `lower_mm` less upwards."""
    from endplate.catalogue import catalogue

    sites = []
    for site in catalogue().pattern(pattern).sites:
        entry = {key: value for key, value in site.model_dump(mode="json").items() if value is not None}
        if "offset_mm" in entry:
            entry["offset_mm"] = [entry["offset_mm"][0], entry["offset_mm"][1] - lower_mm]
        sites.append(entry)
    concentration = sites[0]["units"] / sites[0]["volume_ml"]
    session = {
        "date": "2026-01-05",
        "product": catalogue().pattern(pattern).product,
        "indication": catalogue().pattern(pattern).indication,
        "reconstitution": {"vial_units": 100, "diluent_ml": 100.0 / concentration},
        "injections": sites,
    }
    tree = {"schema": "endplate/plan/1", "title": pattern, "patient": {"age": 45, "sex": "female"}}
    return plan_from_dict({**tree, "sessions": [session]})


def measure(pattern: str, rounds: int) -> bool:
    """Time one pattern; whether it met its goals."""
    start = time.perf_counter()
    risk_of(plan_of(pattern))
    first = time.perf_counter() - start
    seconds = []
    for k in range(rounds):
        plan = plan_of(pattern, 0.25 * (k + 1))
        start = time.perf_counter()
        found = risk_of(plan)
        seconds.append(time.perf_counter() - start)
    one = found.of(EFFECT)
    warm = statistics.median(seconds)
    met = warm <= GOAL_S and (one.probability < 0.01 or (one.mc_error or 0.0) <= GOAL_ERROR)
    values = {"first_s": first, "warm_s": warm, "probability": one.probability, "error": one.mc_error}
    rounded = {name: None if value is None else float(f"{value:.3g}") for name, value in values.items()}
    print(json.dumps({"case": pattern, **rounded, "faces": found.faces, "draws": found.draws, "met": met}))
    return met


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    met = [measure(pattern, rounds) for pattern in PATTERNS]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
