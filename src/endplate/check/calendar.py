"""Days, weeks and months as labels mean them: three months from 2 March are over on 2 June."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from math import floor

MONTHS_A_YEAR = 12


def after(day: date, value: float, unit: str) -> date:
    """The day so many days, weeks or months later; a month ends with its last day."""
    if unit == "months":
        return _months_later(day, floor(value))
    return day + timedelta(days=value * (7 if unit == "weeks" else 1))


def before(day: date, value: float, unit: str) -> date:
    """The day so many days, weeks or months earlier."""
    if unit == "months":
        return _months_later(day, -floor(value))
    return day - timedelta(days=value * (7 if unit == "weeks" else 1))


def _months_later(day: date, months: int) -> date:
    count = day.year * MONTHS_A_YEAR + day.month - 1 + months
    year, month = divmod(count, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def weeks_between(first: date, second: date) -> float:
    """Weeks from one day to another."""
    return (second - first).days / 7
