"""Small runs of the risk engine that several tests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from endplate.plan import read_plan
from endplate.population.risk import Risk, risk_of

DRAWS = 48
EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = {"faces": 8, "draws": 64, "per_draw": 4, "seed": 3}


@lru_cache(maxsize=4)
def plan_of(name: str) -> Any:
    return read_plan(EXAMPLES / f"{name}.toml")


@lru_cache(maxsize=4)
def small_risk(name: str) -> Risk:
    return risk_of(plan_of(name), **SMALL)


@contextmanager
def few_draws() -> Iterator[None]:
    """The verbs with few draws of the parameters: quick, and as repeatable."""
    with pytest.MonkeyPatch.context() as patch:
        for room in ("risks", "reasons", "relief"):
            patch.setattr(f"endplate.assess.{room}.DRAWS", DRAWS)
        yield
