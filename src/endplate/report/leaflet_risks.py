"""What the leaflet tells of each unwanted effect: a number, a word, or nothing; and in which of its lists.

A number needs a count: of studies of the same area, or of a model whose answer lies within a factor of ten and whose
threshold for the effect was set by counts. Anything else is told in words alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from endplate.catalogue.persistence import Effect, effects

if TYPE_CHECKING:
    from endplate.population.reported import Seen

MOST_ROWS, FEWEST_ROWS, MOST_WORDED, MOST_RARE = 5, 2, 6, 8
"""What the page has room for: lines of the table, fewer where effects told in words need theirs; and of these effects,
two to a line, those beyond are named alone; and of what stands below the table."""
LEAST = 0.005
"""Effects rarer than this stand in a line below the table, unless help is needed at once; a rate must exceed that
under placebo by as much to count as more."""
TRACE = 1e-4
"""Effects rarer than this go unsaid; those that need help at once stand in the box all the same."""
CAN_HAPPEN = 1e-3
"""An effect that no study counted is named when so many people may have it at the upper end of its interval."""
WIDEST = 10.0
"""Ends of an interval farther apart than this bear no number."""
ORDERS = (("Rarely", 0.0, 0.01), ("Now and then", 0.01, 0.1), ("Often", 0.1, 1.0))
"""Words for how often, from and to; one of them is said where both ends of the interval agree on it."""
NOT_KNOWN = "Can happen; how often is not well known"
PRESSING = {"at_once": 0, "call": 1}
#: Totals and findings that a patient cannot notice.
SILENT = frozenset({"any", "white_cells_raised"})
NEEDLE = ("injection_site_bruise", "injection_site_pain", "injection_site_redness", "headache")
"""What most people notice of any injection: always told, in a row of its own."""


@dataclass(frozen=True)
class Risk:
    """One effect as the leaflet needs it; shares of people, days after treatment, None where nothing is known.

    Attributes:
        probability, interval90: as simulated, or as reported (`basis`).
        seen: what studies of the area counted of a simulated effect.
        sure: whether the simulated number may stand on the page.
        aimed: a needle goes into a muscle that the effect comes from, so that it can happen whatever a model says.
    """

    effect: str
    probability: float | None
    interval90: tuple[float, float] | None
    onset_day: float | None
    resolution_day: float | None
    basis: str
    placebo: float | None
    seen: Seen | None = None
    sure: bool = False
    aimed: bool = False

    @property
    def share(self) -> float | None:
        """The number to tell; None where there is none that a patient could use."""
        if self.basis != "mechanism":
            return self.probability
        if self.seen is not None:
            return self.seen.rate
        return self.probability if self.sure else None

    @property
    def possible(self) -> bool:
        """Whether it is worth a word."""
        if self.basis != "mechanism":
            return self.probability is None or self.probability >= TRACE
        if self.aimed or self.seen is not None or (self.sure and (self.probability or 0.0) >= TRACE):
            return True
        top = self.interval90[1] if self.interval90 is not None else 0.0
        # The upper end for what never happened is a bound of the simulation's size, not a sign that it can.
        return (self.probability or 0.0) > 0.0 and max(top, self.probability or 0.0) >= CAN_HAPPEN


@dataclass(frozen=True)
class Told:
    """The lists of the page, each with the likeliest first.

    Attributes:
        rows: with a number, in the table. rare: with a number, for which it has no room.
        worded: (how often, risks) of those that are told in words.
        needle: those of `NEEDLE`. background: as frequent without the medicine. unknown: by name alone.
    """

    rows: tuple[Risk, ...]
    rare: tuple[Risk, ...]
    worded: tuple[tuple[str, tuple[Risk, ...]], ...]
    needle: tuple[Risk, ...]
    background: tuple[Risk, ...]
    unknown: tuple[Risk, ...]


def joined(
    records: Iterable[Any],
    seen: Mapping[str, Seen] | None = None,
    anchored: Collection[str] = (),
    aimed: Collection[str] = (),
) -> tuple[Risk, ...]:
    """One risk an effect: of its level "seen", for either side; where only single sides stand, the likeliest.

    Args:
        records: entries of `unwanted`, as mappings or as records with the same names.
        seen: what studies counted, by effect. anchored: effects whose thresholds were set by counts.
        aimed: effects of muscles that a needle goes into.
    """
    best: dict[str, tuple[tuple[bool, bool, float], Risk]] = {}
    for record in records:
        risk = _risk(record)
        rank = (
            _of(record, "level") in (None, "seen"),
            _of(record, "side") in (None, "either"),
            risk.probability or 0.0,
        )
        if risk.effect not in best or rank > best[risk.effect][0]:
            best[risk.effect] = (rank, risk)
    return tuple(
        replace(
            risk,
            seen=(seen or {}).get(risk.effect) if risk.basis == "mechanism" else None,
            sure=risk.effect in anchored and narrow(risk.interval90),
            aimed=risk.basis == "mechanism" and risk.effect in aimed,
        )
        for _, risk in best.values()
    )


def narrow(interval: tuple[float, float] | None) -> bool:
    """Whether the ends of an interval are close enough for a number.

    >>> narrow((0.01, 0.05)), narrow((0.001, 0.05)), narrow((0.0, 0.0)), narrow(None)
    (True, False, False, False)
    """
    return interval is not None and interval[0] > 0.0 and interval[1] <= WIDEST * interval[0]


def order(interval: tuple[float, float] | None) -> str:
    """How often in a word, where both ends of the interval agree on it.

    >>> order((0.0, 0.004)), order((0.02, 0.09)), order((0.3, 0.9)), order((0.002, 0.05)) == NOT_KNOWN
    ('Rarely', 'Now and then', 'Often', True)
    """
    if interval is not None:
        for word, low, high in ORDERS:
            if low <= interval[0] and interval[1] <= high:
                return word
    return NOT_KNOWN


def sorted_out(risks: Sequence[Risk]) -> Told:
    """Every effect in its list; what needs help at once has its place in the table first."""
    told = [risk for risk in risks if risk.effect not in SILENT and risk.possible]
    by_name = {risk.effect: risk for risk in told}
    needle = tuple(by_name.get(name) or _unnumbered(name) for name in NEEDLE)
    rest = [risk for risk in told if risk.effect not in NEEDLE]
    numbered = sorted((r for r in rest if r.share is not None), key=lambda r: -(r.share or 0.0))
    background = [r for r in numbered if r.placebo is not None and (r.share or 0.0) < r.placebo + LEAST]
    caused = [r for r in numbered if r not in background]
    unsure = _by_urgency([r for r in rest if r.share is None and r.basis == "mechanism"])
    worded = _worded(unsure[:MOST_WORDED])
    if len(worded) > 1:  # the page has room for one heading: the careful one
        worded = ((NOT_KNOWN, tuple(unsure[:MOST_WORDED])),)
    kept = _kept(caused, max(MOST_ROWS - sum(1 + (len(group) + 1) // 2 for _, group in worded), FEWEST_ROWS))
    others = [r for r in rest if r.share is None and r.basis != "mechanism"]
    return Told(
        rows=tuple(r for r in caused if r in kept),
        rare=tuple(r for r in caused if r not in kept)[:MOST_RARE],
        worded=worded,
        needle=needle,
        background=tuple(r for r in background if (r.share or 0.0) >= LEAST),
        unknown=(*unsure[MOST_WORDED:], *(r for r in others if urgency(r.effect) in ("wait", "tell"))),
    )


def _kept(caused: Sequence[Risk], room: int) -> list[Risk]:
    """Those that get a line: what needs help at once, then what one rings about, then the likeliest."""
    wanted = [r for r in caused if urgency(r.effect) in PRESSING or (r.share or 0.0) >= LEAST]
    return _by_urgency(sorted(wanted, key=lambda r: -(r.share or 0.0)))[:room]


def _by_urgency(risks: Sequence[Risk]) -> list[Risk]:
    """What needs help at once, what one rings about, the rest; within each as they came."""
    return sorted(risks, key=lambda r: PRESSING.get(urgency(r.effect), len(PRESSING)))


def _worded(risks: Sequence[Risk]) -> tuple[tuple[str, tuple[Risk, ...]], ...]:
    """Risks by the word for how often, the most frequent word first; within it as the catalogue has them."""
    words = [word for word, *_ in reversed(ORDERS)] + [NOT_KNOWN]
    groups = {word: tuple(r for r in risks if _word(r) == word) for word in words}
    return tuple((word, group) for word, group in groups.items() if group)


def _word(risk: Risk) -> str:
    """How often in a word. A model's "hardly ever" is not enough where a needle goes into the very muscle."""
    return NOT_KNOWN if risk.aimed else order(risk.interval90)


def _unnumbered(name: str) -> Risk:
    return Risk(name, None, None, None, None, "reported", None)


def _of(record: Any, *names: str) -> Any:
    """The first of these fields that a record has, as a mapping or by attribute; None where it has none."""
    for name in names:
        found = record.get(name, _MISSING) if isinstance(record, Mapping) else getattr(record, name, _MISSING)
        if found is not _MISSING:
            return found
    return None


_MISSING = object()


def _risk(record: Any) -> Risk:
    interval = _of(record, "interval90")
    return Risk(
        effect=_of(record, "effect"),
        probability=_of(record, "probability", "rate"),
        interval90=None if interval is None or interval[0] is None else (interval[0], interval[1]),
        onset_day=_of(record, "onset_day"),
        resolution_day=_of(record, "resolution_day"),
        basis=_of(record, "basis") or "mechanism",
        placebo=_of(record, "placebo", "placebo_rate"),
    )


def described(effect: str) -> Effect | None:
    return effects().get(effect)


def urgency(effect: str) -> str:
    one = described(effect)
    return "tell" if one is None else one.urgency
