"""A sensitivity analysis in words and as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from endplate.population.sobol import MOST
from endplate.report import numerals
from endplate.report.listing import Column, print_rows
from endplate.report.names import with_side

if TYPE_CHECKING:
    from endplate.population.sensitivity_record import InputShare, Interval, QuantityShares, Sensitivity

NAMES = {
    "nadir": "the lowest force",
    "duration": "the duration",
    "onset": "the onset",
    "exposure": "the exposure",
}
SHOWN = 0.01
"""Inputs with a smaller total share are counted under the table instead of listed."""

HARDLY = 0.95
"""A muscle whose lowest force stays above this in 95 % of the draws hardly weakens."""

COLUMNS = (
    Column("input", lambda row: row["id"]),
    Column("total", lambda row: row["total"], right=True),
    Column("alone", lambda row: row["first"], spare=1, right=True),
    Column("grade", lambda row: row["grade"]),
    Column("prior, 5–95 %", lambda row: row["prior"], spare=2, right=True),
    Column("source", lambda row: row["source"], spare=3),
    Column("what it is", lambda row: row["name"], wraps=True, spare=4),
)
LEGEND = (
    "Total: share of the variance that would be left if all other inputs were known.",
    "Alone: share that knowing this input would take away; the difference is what it does together with others.",
    "Shares with 95 % intervals of the estimate; totals add up to more than 100 % where inputs act together.",
)


def print_sensitivity(found: Sensitivity) -> None:
    """The inputs that decide, on standard output."""
    shares = found.asked
    listed = [row for row in shares.inputs if row.total[0] >= SHOWN]
    title = f"{with_side(found.muscle, found.side)}: what decides {NAMES[found.quantity]}"
    print_rows(title, [as_row(row) for row in listed], columns=COLUMNS)
    print()
    for line in (*sentences(found), *LEGEND):
        print(line)


def sentences(found: Sensitivity) -> list[str]:
    """What the analysis says, sentence by sentence, the answer first."""
    shares = found.asked
    out = [_spread(found, shares)]
    if shares.varies:
        resting = [_resting(shares)] if shares.settled else []
        out = [deciding(shares, found.samples), *resting, *out]
    out = [*hardly(found), *out]
    small = sum(row.total[0] < SHOWN for row in shares.inputs)
    if small and shares.settled:
        out.append(f"{small} further inputs have a total share below 1 % each.")
    out += _limits(found)
    out.append(
        f"{found.evaluations} draws ({found.samples} rows, seed {found.seed}), {found.days} days. Anatomy is not "
        "drawn: what the shape of the face adds is not in these shares."
    )
    return out


def deciding(shares: QuantityShares, samples: int) -> str:
    """`Needle placement (49 %) and threshold exposure (33 %) decide the lowest force.`, or that nothing is decided."""
    if not shares.settled:
        return _undecided(shares, samples)
    words = [f"{short_name(row)} ({numerals.percent(min(row.total[0], 1.0))})" for row in shares.leading]
    joined = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
    verb = "decides" if len(words) == 1 else "decide"
    return f"{joined[:1].upper()}{joined[1:]} {verb} {NAMES[shares.quantity]} (total shares of its variance)."


def _undecided(shares: QuantityShares, samples: int) -> str:
    """That the draws do not tell; where most of them weaken, or an exposure is asked, there are too few in all."""
    few = shares.weakened is not None and shares.weakened < 0.5
    which = " in which the muscle weakens" if few else ""
    more = "; give more --samples" if samples < MOST else ""
    return f"Too few draws{which}: nothing is decided here{more}."


def hardly(found: Sensitivity) -> list[str]:
    """`The muscle hardly weakens (97 to 100 %).` where that is so."""
    nadir = found.quantities["nadir"]
    _, low, high = nadir.drawn
    if low < HARDLY or not nadir.varies:
        return []
    return [f"The muscle hardly weakens ({numerals.band(low, high)})."]


def _resting(shares: QuantityShares) -> str:
    declared, both = shares.by_grade["D"], shares.by_grade["CD"]
    return (
        f"Of the variance {interval(declared)} rests on declared priors (grade D), needle placement among them, and "
        f"{interval(both)} on C and D together: so much would be left if every other input were known."
    )


def _spread(found: Sensitivity, shares: QuantityShares) -> str:
    middle, low, high = (value_of(found.quantity, v) for v in shares.drawn)
    if found.quantity == "onset":  # the fastest is the earliest
        low, high = high, low
    if not shares.varies:
        return f"Nothing decides {NAMES[shares.quantity]}: it is {middle} in every draw."
    return f"Over the draws it is {middle} (90 % band {low} to {high}); prior, not yet calibrated."


def _limits(found: Sensitivity) -> list[str]:
    out = []
    if found.quantity in ("duration", "onset") and found.never > 0.0:
        out.append(
            f"{numerals.percent(found.never)} of the draws never lack a tenth of the force; they count as "
            + ("0 days." if found.quantity == "duration" else "a speed of onset of 0.")
        )
    if found.quantity == "duration" and found.longer > 0.0:
        out.append(
            f"{numerals.percent(found.longer)} of the draws are still weak on day {found.days}; they count up to it."
        )
    if found.quantity == "onset":
        out.append(
            "Decomposed is the speed, one over the day of onset, so that draws without an onset count as 0."
        )
    return out


def value_of(quantity: str, value: float) -> str:
    """A value of a quantity as people read it."""
    if quantity == "nadir":
        return numerals.percent(value)
    if quantity == "duration":
        return f"{value:.0f} days"
    if quantity == "onset":
        return f"day {numerals.days(1.0 / value)}" if value > 0.0 else "never"
    return f"{numerals.ratio(10.0**value)} of the threshold"


def as_row(row: InputShare) -> Mapping[str, Any]:
    """An input as a record of texts."""
    return {
        "id": row.id,
        "name": row.name,
        "grade": row.grade,
        "source": row.source,
        "prior": prior(row),
        "first": interval(row.first),
        "total": interval(row.total),
    }


def prior(row: InputShare) -> str:
    """`0.000291–0.00262 U/mm^3`; a dash for the placement, whose size is drawn from priors of its own."""
    if row.low is None or row.high is None:
        return numerals.DASH
    unit = "" if row.unit in (None, "1") else f" {row.unit}"
    return f"{numerals.plain(row.low)}–{numerals.plain(row.high)}{unit}"


def interval(share: Interval) -> str:
    """`49 % (41–58)`: an estimated share with its interval."""
    middle, low, high = (f"{100.0 * value:.0f}".replace("-0", "0") for value in share)
    return f"{middle} % ({low}–{high})"


def short_name(row: InputShare) -> str:
    """An input by a name that fits a sentence or a bar."""
    return row.id if row.low is None else row.name.split(",")[0]
