"""Numbers as people read them; what is not a number is a dash, never a zero."""

from __future__ import annotations

import math
import re

DASH = "\u2013"
THIN = "\u202f"
"""Narrow space that does not break: between a number and its sign wherever fonts are proportional."""


def percent(share: float) -> str:
    """Share of full force in per cent. A trace is `<1 %` and never 0; nearly all is `>99 %` and never 100.

    >>> percent(0.123), percent(0.004), percent(0.9975), percent(1.0), percent(0.0)
    ('12 %', '<1 %', '>99 %', '100 %', '0 %')
    """
    if not math.isfinite(share):
        return DASH
    if 0.0 < share < 0.01:
        return "<1 %"
    if 0.995 < share < 1.0 - 5e-7:
        return ">99 %"
    return f"{100.0 * share:.0f} %"


def band(low: float, high: float) -> str:
    """`2 to 20 %`, one figure where both ends read the same, or nothing when an end is missing.

    >>> band(0.02, 0.2), band(0.004, 1.0), band(1.0, 1.0)
    ('2 to 20 %', '<1 to 100 %', '100 %')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    bottom, top = percent(low), percent(high)
    return top if bottom == top else f"{bottom.removesuffix(' %')} to {top}"


def drawn(median: float, low: float, high: float) -> str:
    """The draws in short: median and 90 % band; nothing without draws.

    >>> drawn(0.46, 0.08, 0.9), drawn(1.0, 1.0, 1.0), drawn(math.nan, math.nan, math.nan)
    ('46 % (8 to 90 %)', '100 %', '')
    """
    between = band(low, high)
    if not between or not math.isfinite(median):
        return ""
    middle = percent(median)
    return middle if middle == between else f"{middle} ({between})"


def lasts(value: float, last_day: float) -> str:
    """Days of weakness: `>365` beyond the last day (infinite), a dash where the muscle never weakens (NaN).

    >>> lasts(118.4, 365), lasts(math.inf, 365), lasts(math.nan, 365) == DASH
    ('118', '>365', True)
    """
    return f">{last_day:.0f}" if value == math.inf else days(value)


def thin(text: str) -> str:
    """A narrow space before per cent and times signs, for pages and pictures.

    >>> thin("46 % (8 to 90 %), 2.0 \u00d7") == f"46{THIN}% (8 to 90{THIN}%), 2.0{THIN}\u00d7"
    True
    """
    return re.sub(r"(?<=\d) (?=[%\u00d7])", THIN, text)


def days(value: float) -> str:
    """Whole days; below ten with one decimal, so that an onset within hours is not day 0.

    >>> days(0.4), days(7.0), days(118.4), days(float("nan")) == DASH
    ('0.4', '7', '118', True)
    """
    if not math.isfinite(value):
        return DASH
    return f"{value:.0f}" if value >= 9.95 else f"{round(value, 1):g}"


def ratio(value: float) -> str:
    """Exposure over threshold with two digits.

    >>> ratio(12.3), ratio(0.0456), ratio(0.0), ratio(1e-9)
    ('12', '0.046', '0', '<0.0001')
    """
    if not math.isfinite(value):
        return DASH
    if value == 0.0:
        return "0"
    if value < 1e-4:
        return "<0.0001"
    if value >= 9.95:
        return f"{value:.0f}"
    decimals = 1 - math.floor(math.log10(value))
    return f"{value:.{decimals}f}"


def plain(value: float) -> str:
    """Up to four digits, no exponent between 0.001 and 9999, no trailing zeros.

    >>> plain(4.0), plain(0.1), plain(2.5), plain(1234.5), plain(3e-7)
    ('4', '0.1', '2.5', '1234', '3e-07')
    """
    return f"{value:.4g}" if math.isfinite(value) else DASH
