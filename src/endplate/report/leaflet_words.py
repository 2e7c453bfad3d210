"""Plain words of the leaflet: how often, when, where."""

from __future__ import annotations

import math

WHERE = {
    "corrugator_supercilii": "between the brows",
    "procerus": "between the brows",
    "depressor_supercilii": "between the brows",
    "frontalis": "forehead",
    "orbicularis_oculi_orbital": "beside the eyes",
    "orbicularis_oculi_palpebral": "eyelids",
    "levator_palpebrae_superioris": "upper eyelid",
    "nasalis": "nose",
    "levator_labii_superioris": "upper lip",
    "levator_labii_superioris_alaeque_nasi": "nose",
    "zygomaticus_major": "cheek",
    "zygomaticus_minor": "cheek",
    "risorius": "cheek",
    "orbicularis_oris": "lips",
    "depressor_anguli_oris": "corner of the mouth",
    "depressor_labii_inferioris": "lower lip",
    "mentalis": "chin",
    "masseter": "jaw",
    "temporalis": "temple",
    "platysma": "neck",
    "medial_rectus": "eye muscles",
    "lateral_rectus": "eye muscles",
    "superior_rectus": "eye muscles",
    "inferior_rectus": "eye muscles",
    "superior_oblique": "eye muscles",
    "inferior_oblique": "eye muscles",
    "extensor_digitorum_brevis": "foot",
}
DAYS_OF_WEEK, DAYS_OF_MONTH = 7.0, 30.4


def frequency(share: float) -> str:
    """How many people, as one says it.

    >>> frequency(0.021), frequency(0.004), frequency(0.00002), frequency(0.45)
    ('about 2 in 100', 'about 4 in 1,000', 'fewer than 1 in 1,000', 'about 45 in 100')
    """
    if share < 0.0005:
        return "fewer than 1 in 1,000"
    return f"about {in_hundred(share)}"


def in_hundred(share: float) -> str:
    """A share of people without `about`: in 100, or in 1,000 below one in a hundred.

    >>> in_hundred(0.114), in_hundred(0.0085), in_hundred(0.0098), in_hundred(0.0)
    ('11 in 100', '8 in 1,000', '1 in 100', '0 in 100')
    """
    if share >= 0.0095 or share < 0.0005:
        return f"{round(100.0 * share)} in 100"
    return f"{round(1000.0 * share)} in 1,000"


def beside(share: float) -> str:
    """The share without the medicine, always of a hundred.

    >>> beside(0.114), beside(0.004)
    ('11 in 100', 'under 1 in 100')
    """
    return f"{round(100.0 * share)} in 100" if share >= 0.005 else "under 1 in 100"


def across(interval: tuple[float, float]) -> str:
    """The interval in the measure of its upper end.

    >>> across((0.008, 0.052)), across((0.0004, 0.006)), across((0.02, 0.021))
    ('1 to 5 in 100', '0 to 6 in 1,000', '2 in 100')
    """
    low, high = interval
    scale, words = (100.0, "100") if high >= 0.0095 else (1000.0, "1,000")
    bottom, top = round(scale * low), round(scale * high)
    return f"{top} in {words}" if bottom == top else f"{bottom} to {top} in {words}"


def days_words(day: float) -> str:
    """A day after treatment, coarser as it lies farther off.

    >>> days_words(0.3), days_words(5.4), days_words(33.0), days_words(130.0), days_words(float("inf"))
    ('the first day', 'day 5', 'week 5', 'month 4', 'later than we looked')
    """
    if not math.isfinite(day):
        return "later than we looked"
    if day < 0.75:
        return "the first day"
    if day < 12.5:
        return f"day {round(day)}"
    if day < 84.0:
        return f"week {round(day / DAYS_OF_WEEK)}"
    return f"month {round(day / DAYS_OF_MONTH)}"


def span_words(low: float, high: float, last_day: float) -> str:
    """From one day to another, both in the same measure; open where the later one was not reached.

    >>> span_words(2.0, 4.0, 365.0), span_words(90.0, 150.0, 365.0), span_words(100.0, float("inf"), 365.0)
    ('day 2 to 4', 'month 3 to 5', 'month 3 or later')
    """
    if not math.isfinite(low):
        return f"later than {days_words(last_day)}"
    first = days_words(low)
    if not math.isfinite(high):
        return f"{first} or later"
    if high >= 84.0 and low >= 45.0:
        first = f"month {round(low / DAYS_OF_MONTH)}"
    unit = first.split(" ")[0]
    size = {"day": 1.0, "week": DAYS_OF_WEEK, "month": DAYS_OF_MONTH}.get(unit, 1.0)
    second = round(high / size)
    if unit == "the":
        return first if high < 0.75 else f"day 0 to {max(second, 1)}"
    return first if f"{unit} {second}" == first else f"{first} to {second}"
