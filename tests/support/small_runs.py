"""Small runs of the risk engine that several tests share."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from endplate.plan import read_plan
from endplate.population.risk import Risk, risk_of

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = {"faces": 8, "draws": 64, "per_draw": 4, "seed": 3}


@lru_cache(maxsize=4)
def plan_of(name: str) -> Any:
    return read_plan(EXAMPLES / f"{name}.toml")


@lru_cache(maxsize=4)
def small_risk(name: str) -> Risk:
    return risk_of(plan_of(name), **SMALL)
