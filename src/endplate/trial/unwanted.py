"""Unwanted effects of an arm as reported rates: `population.reported` pools published counts of its product and area.

Nothing here is simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from endplate.population.reported import (
    CAUSES,
    SEVERAL,
    adverse_rows,
    beta_interval,
    counts_of,
    pooled_rate,
)
from endplate.trial.result import Unwanted

LATER = "reported rate; mechanism not simulated yet"
__all__ = ["LATER", "beta_interval", "pooled_rate", "unwanted_of"]


def unwanted_of(product: str | None, areas: Sequence[str]) -> tuple[Unwanted, ...]:
    """Reported rates for one arm: of its product, or of the placebo arms where it is one."""
    wanted = [*areas, SEVERAL] if len(areas) > 1 else list(areas)
    rows = [
        row for row in adverse_rows() if row.area in wanted and (product is None or row.product == product)
    ]
    out = []
    for area in wanted:
        for effect in dict.fromkeys(row.effect for row in rows if row.area == area):
            counts = counts_of([r for r in rows if r.area == area and r.effect == effect], product is None)
            if counts:
                out.append(_pooled(effect, area, counts))
    return tuple(out)


def _pooled(effect: str, area: str, counts: Sequence[tuple[Any, float, int]]) -> Unwanted:
    events = np.array([e for _, e, _ in counts])
    people = np.array([n for *_, n in counts], dtype=float)
    mean, variance = pooled_rate(events, people)
    low, high = beta_interval(mean, variance)
    first = counts[0][0]
    each = "sessions" if first.per == "session" else "people"
    told = "; ".join(f"{row.id} ({events:.0f}/{n}, {row.tag})" for row, events, n in counts)
    basis = (
        f"reported in {len(counts)} source(s), {people.sum():.0f} {each}, {CAUSES[first.definition]}: {told}"
    )
    mechanism = any(row.mechanism for row, *_ in counts)
    if mechanism:
        basis = f"{LATER}; {basis}"
    return Unwanted(effect, area, mean, (low, high), basis, mechanism)
