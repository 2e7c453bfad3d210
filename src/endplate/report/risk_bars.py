"""Chances for a page: as so many people, and as a dot with its interval on a scale of powers of ten."""

from __future__ import annotations

import math
from collections.abc import Sequence

from endplate.report import numerals

LOW, HIGH = 1e-4, 1.0
TICKS = ((1e-4, "1 in 10,000"), (1e-3, ""), (1e-2, "1 in 100"), (1e-1, "1 in 10"), (1.0, "all"))
WIDTH, HEIGHT, INSET = 244.0, 20.0, 8.0


def people(share: float | None) -> str:
    """A share as so many people, always of the smallest round number that leaves whole ones.

    >>> people(0.0291), people(0.456), people(0.0042), people(0.00042), people(0.00001), people(0.0)
    ('3 in 100', '46 in 100', '4 in 1,000', '4 in 10,000', 'under 1 in 10,000', 'none')
    """
    if share is None:
        return numerals.DASH
    if share == 0.0:
        return "none"
    size = _of(share)
    if round(share * size) < 1:
        return f"under 1 in {size:,}"
    return f"{share * size:.0f} in {size:,}"


def across(interval: tuple[float, float], share: float) -> str:
    """The interval in the measure of the share: `0.2 to 11 in 100`.

    >>> across((0.0018, 0.1055), 0.0291), across((0.0, 0.00001), 0.0002), across((0.02, 0.02), 0.02)
    ('0.2 to 11 in 100', '0 to 0.1 in 10,000', '2 in 100')
    """
    size = _of(share)
    low, high = (_short(size * end) for end in interval)
    return f"{high} in {size:,}" if low == high else f"{low} to {high} in {size:,}"


def _of(share: float) -> int:
    return 100 if share >= 0.0095 else 1000 if share >= 0.00095 else 10_000


def _short(value: float) -> str:
    """Whole from 1 on, one decimal below."""
    return f"{value:.0f}" if value >= 0.95 or value < 0.05 else f"{value:.1f}"


def x_of(share: float) -> float:
    """Place of a share on the logarithmic axis; what lies beyond it stands at its end.

    >>> x_of(1.0) - x_of(0.0), x_of(0.00001) == x_of(LOW)
    (228.0, True)
    """
    level = math.log10(min(max(share, LOW), HIGH) / LOW) / math.log10(HIGH / LOW)
    return INSET + level * (WIDTH - 2.0 * INSET)


def bar(
    share: float, interval: tuple[float, float] | None, placebo: float | None, basis: str = "mechanism"
) -> str:
    """Probability and interval on the axis, as SVG; placebo, where there is one, as an upright line."""
    middle = 0.5 * HEIGHT
    grid = "".join(f'<path d="M{x_of(tick):.1f} 0V{HEIGHT:g}"/>' for tick, _ in TICKS)
    parts = [f'<g class="grid">{grid}</g>']
    if interval is not None:
        low, high = (x_of(end) for end in interval)
        parts.append(
            f'<rect class="band" x="{low:.1f}" y="{middle - 4:g}" width="{high - low:.1f}" height="8" rx="4"/>'
        )
    if placebo is not None:
        at = x_of(placebo)
        parts.append(f'<path class="placebo" d="M{at:.1f} {middle - 7:g}V{middle + 7:g}"/>')
    parts.append(f'<circle class="{basis}" cx="{x_of(share):.1f}" cy="{middle:g}" r="4.5"/>')
    return _svg("bar", HEIGHT, parts)


def axis() -> str:
    """The axis over the bars."""
    parts = []
    for number, (tick, words) in enumerate(TICKS):
        if not words:
            continue
        anchor = "start" if number == 0 else "end" if number == len(TICKS) - 1 else "middle"
        at = {"start": 0.0, "end": WIDTH}.get(anchor, x_of(tick))
        parts.append(f'<text x="{at:.1f}" y="10" text-anchor="{anchor}">{words}</text>')
    return _svg("axis", 14.0, parts)


def _svg(kind: str, height: float, parts: Sequence[str]) -> str:
    inside = "".join(parts)
    return f'<svg class="{kind}" viewBox="0 0 {WIDTH:g} {height:g}" aria-hidden="true" focusable="false">{inside}</svg>'
