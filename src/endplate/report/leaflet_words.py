"""Plain words of the leaflet: how often, when, where, and when to call."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
#: What needs help at once, with the effects of the catalogue that each line stands for. A lost sight and a sore eye (of
#: an open or dry lid) stand for no effect of their own; they must be seen the same day all the same.
SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Trouble breathing, swallowing or speaking", ("breathing_trouble", "dysphagia", "speech_trouble")),
    ("Swollen face or throat, itchy rash", ("allergy",)),
    ("You suddenly see badly or not at all", ()),
    ("An eye hurts, is red, or can not bear light", ()),
    ("Sudden pressure in the eye", ("retrobulbar_haemorrhage",)),
    ("Double vision", ("diplopia",)),
    ("Weak all over", ("general_weakness",)),
)
DAYS_OF_WEEK, DAYS_OF_MONTH = 7.0, 30.4
ONE_DAY = 6.5  # up to here a day is told as such, later as its week
NO_FIGURE = "no good figure"


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


def listing(words: Sequence[str]) -> str:
    """`a, b and c`.

    >>> listing(["nose"]), listing(["nose", "chin", "neck"])
    ('nose', 'nose, chin and neck')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def lasts_words(plain: str) -> str:
    """How long an effect lasts, as a sentence; nothing where no figure was found.

    >>> lasts_words("2 to 6 weeks"), lasts_words("it passes; no good figure"), lasts_words("no good figure")
    ('Lasts 2 to 6 weeks.', 'It passes.', '')
    """
    words = plain.removesuffix(NO_FIGURE).rstrip("; ")
    if not words:
        return ""
    own = words.startswith(("it ", "mostly ", "in a few "))
    return f"{words[0].upper()}{words[1:]}." if own else f"Lasts {words}."


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
    if day < ONE_DAY:
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
