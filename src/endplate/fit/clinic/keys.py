"""Which exposures a published row needs: the sites of its arm, and the line that reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from endplate.catalogue import catalogue


@dataclass(frozen=True)
class BankKey:
    """Patterns with the factor on their doses, and an area."""

    patterns: tuple[tuple[str, float], ...]
    area: str

    @property
    def name(self) -> str:
        return "+".join(f"{p}*{s:g}" for p, s in self.patterns) + "@" + self.area


def bank_keys(results: Sequence[Any]) -> list[BankKey]:
    """The banks that these results need, in order of first use."""
    return list(dict.fromkeys(k for r in results if (k := bank_key(r)) is not None))


def bank_key(result: Any) -> BankKey | None:
    """The bank of one result; None for a placebo. The dose of a lone pattern is left to a shift (`dose_shift`)."""
    if result.kind == "placebo":
        return None
    arm = catalogue().studies[result.study].arm_of(result.arm)
    if not arm.also:  # type: ignore
        return BankKey(((_like(arm.pattern)[0], 1.0),), result.area)  # type: ignore
    return BankKey(
        ((arm.pattern, float(arm.scale)), *((t.pattern, float(t.scale)) for t in arm.also)),  # type: ignore
        result.area,
    )


def dose_shift(arm: Any) -> float:
    """ln of an arm's units over those of its bank's pattern; units of two products are only numbers here, since each
    is divided by a threshold in its own units."""
    return 0.0 if arm.also else math.log(arm.scale * _like(arm.pattern)[1])


@cache
def _like(pattern: str) -> tuple[str, float]:
    """The first pattern that puts the same volumes in the same places, and the factor on its doses."""
    own = catalogue().pattern(pattern)
    for name, other in catalogue().patterns.items():
        if _places(other) == _places(own):
            factors = {mine.units / theirs.units for mine, theirs in zip(own.sites, other.sites, strict=True)}
            if len(factors) == 1:
                return name, factors.pop()
    return pattern, 1.0


def _places(pattern: Any) -> list[Any]:
    hidden = {"id", "units"}
    return [site.model_dump(exclude=hidden) for site in pattern.sites]
