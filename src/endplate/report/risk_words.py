"""Risks in words: chances, intervals, names of effects, and the sentences behind the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from endplate.catalogue.persistence import effects
from endplate.report import numerals
from endplate.report.names import product_name, readable, with_side, with_sides

if TYPE_CHECKING:
    from endplate.assess.causes import Cause
    from endplate.assess.relief import Change, Most, Relief
    from endplate.population.risk import Unwanted

LEAST = 1e-4  # below this a chance is only said to be smaller
LEAST_PART = 0.01  # of the events: what goes back to a slip is told from here on
BASES = {
    "posterior": "fitted to clinical results",
    "calibrated": "fitted to rates of effects",
    "prior": "prior",
    "held": "held",
}


def chance(share: float | None) -> str:
    """A chance in per cent with two figures; a trace is `<0.01 %`.

    >>> chance(0.0123), chance(0.35), chance(0.00004), chance(0.0), chance(None) == numerals.DASH
    ('1.2 %', '35 %', '<0.01 %', '0 %', True)
    """
    if share is None or share != share:
        return numerals.DASH
    if share == 0.0:
        return "0 %"
    if share < LEAST:
        return "<0.01 %"
    return f"{numerals.plain(float(f'{100.0 * share:.2g}'))} %"


def chances(low: float, high: float) -> str:
    """`0.2 to 4.1 %`.

    >>> chances(0.002, 0.041), chances(0.0, 0.00001)
    ('0.2 to 4.1 %', '0 to <0.01 %')
    """
    return f"{chance(low).removesuffix(' %')} to {chance(high)}"


def effect_name(effect: str) -> str:
    """Name of an effect, first letter large."""
    name = effects()[effect].name if effect in effects() else readable(effect)
    return name[:1].upper() + name[1:]


def sided(effect: str, side: str) -> str:
    """`Eyelid ptosis, left`; nothing is added for either side."""
    return effect_name(effect) if side == "either" else f"{effect_name(effect)}, {side}"


def when(one: Unwanted) -> str:
    """`day 3 to 54`; what the days do not tell is left open."""
    if one.onset_day is None:
        return numerals.DASH
    end = "beyond" if one.resolution_day is None else numerals.days(one.resolution_day)
    return f"{numerals.days(one.onset_day)} to {end}"


def error(one: Unwanted) -> str:
    """Relative standard error by Monte Carlo."""
    return numerals.DASH if one.mc_error is None else f"±{100.0 * one.mc_error:.0f} %"


# --- Why


def carried_words(cause: Cause) -> str:
    """`Levator palpebrae superioris, both sides, carries 100 % of the events.`"""
    both: dict[str, dict[str, float]] = {}
    for (muscle, side), share in cause.carried.items():
        both.setdefault(muscle, {})[side] = share
    ranked = sorted(both.items(), key=lambda item: -sum(item[1].values()))[:3]
    words = [
        f"{with_sides(muscle, sorted(sides))} ({numerals.percent(min(sum(sides.values()), 1.0))})"
        for muscle, sides in ranked
    ]
    return f"Carried by {', '.join(words)}." if words else ""


def slip_words(cause: Cause) -> str:
    """How many of the events go back to a needle behind the septum; nothing where slips do not bring any."""
    behind, ran = numerals.percent(cause.slipped), numerals.percent(cause.ran_off)
    fluid = "fluid that ran off through the fat of the orbit"
    if cause.slipped >= LEAST_PART:
        also = f", {ran} to {fluid}" if cause.ran_off >= LEAST_PART else ""
        return f"{behind} of the events go back to a needle that slipped behind the septum{also}."
    return f"{ran} of the events go back to {fluid}." if cause.ran_off >= LEAST_PART else ""


def rests_words(cause: Cause) -> str:
    """How much of what is uncertain no data hold, and what decides."""
    share = cause.unwanted.evidence.get("prior_share")
    words = []
    if share is not None:
        words.append(
            f"{numerals.percent(share)} of what is uncertain rests on priors, {numerals.percent(1.0 - share)} on data."
        )
    if cause.drivers:
        named = [
            f"{one.name[:1].lower()}{one.name[1:].split(',')[0]} ({numerals.percent(one.share)}, "
            f"{BASES.get(one.basis, one.basis)}, grade {one.grade}, {one.source})"
            for one in cause.drivers[:4]
        ]
        words.append(f"Most decided by {'; '.join(named)}.")
    return " ".join(words)


def change_words(change: Change) -> str:
    """What to do, what it does to the risk, what it costs."""
    muscle, side = change.target
    target = with_sides(muscle, ["left", "right"]) if change.paired else with_side(muscle, side)
    return (
        f"{change.site}: {change.words}. Risk{_of_side(change.side)} from {chance(change.risk_before)} to "
        f"{chance(change.risk_after)}; lowest force of {target[:1].lower()}{target[1:]} "
        f"{numerals.percent(change.force_before)} before, {numerals.percent(change.force_after)} after."
    )


def short_words(most: Most) -> str:
    """What a kind of change does that does not halve the risk."""
    return (
        f"{most.site}: {most.words} takes the risk{_of_side(most.side)} from {chance(most.risk_before)} to "
        f"{chance(most.risk_after)} only."
    )


def _of_side(side: str) -> str:
    return " per patient" if side == "either" else f" on the {side}"


def relief_words(relief: Relief | None) -> list[str]:
    """The smallest changes, sentence by sentence: those that halve the risk, those that do not, leaving out."""
    if relief is None:
        return []
    if relief.changes:
        words = ["Smallest single change of each kind that halves the risk:"]
    else:
        tried = "; ".join(relief.tried or (relief.site,))
        none = "No" if relief.best is None else "Short of leaving out, no"
        words = [f"{none} single change within reach halves the risk (looked at: {tried}):"]
    found = [*relief.changes, *relief.short, *([relief.without] if relief.without else [])]
    several = sum(_halves(one) for one in found) > 1
    for one in found:
        best = " Of these it costs the target least." if several and one is relief.best else ""
        words.append(f"  {_line(one)}{best}")
    if any(" and " in one.site for one in found):
        words.append("  Two needles that mirror each other are changed alike and count as one.")
    return words


def _halves(one: Change | Most) -> bool:
    return hasattr(one, "force_after")


def _line(one: Any) -> str:
    return change_words(one) if _halves(one) else short_words(one)


def dose_words(units: dict[str, float]) -> str:
    """`20 U onabotulinumtoxinA`; products side by side, never added."""
    return "; ".join(f"{u:g} U {product_name(product)}" for product, u in units.items())


def difference_words(difference: float, interval: tuple[float, float], clear: bool) -> str:
    """`+1.2 points (0.3 to 4.1)`, with a tilde where simulation cannot tell it from nothing."""
    low, high = (_points(v) for v in interval)
    return f"{'' if clear else '~'}{_points(difference)} points ({low} to {high})"


def _points(value: float) -> str:
    """Percentage points with their sign; 0 where less than a thousandth of one."""
    return f"{100.0 * value:+.2g}" if abs(value) >= 1e-5 else "0"
