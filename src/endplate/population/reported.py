"""Unwanted effects by report: published counts of the same product and area, pooled with their spread.

    m    = (events + 1/2) / (people + 1) over the reports            mean rate
    tau2 = moment estimate of the variance of true rates between reports, 0 for a single one
    rate of another trial ~ Beta with mean m and variance m (1 - m) / (people + 2) + tau2

The interval is the 5 % and 95 % point of that beta. Nothing here is simulated. `seen_of` gives the counts of effects
that elsewhere are simulated, for a reader who asks what was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.clinical import NOT_STATED
from endplate.catalogue.persistence import Effect, labels, listed
from endplate.errors import CatalogueError

LEVELS = (0.05, 0.95)
APART = 0.05  # chance below which two arms are told apart
RATE_NOT_FOUND = "reported in labels, rate not found"
SEVERAL = "upper_face"
#: How sure a printed number is, best first, for `evidence` of a record.
GRADE_OF_TAG = {"seen": "A", "derived": "B", "recall": "B"}
AREAS_OF_USE = {
    "glabellar_lines": ("glabella",),
    "forehead_lines": ("forehead",),
    "lateral_canthal_lines": ("lateral_canthus",),
    "platysma_bands": ("platysma",),
    "neck_lines": ("platysma",),
    "masseter": ("masseter",),
    "bruxism": ("masseter",),
    "blepharospasm": ("eyelid",),
    "lid_opening_apraxia": ("eyelid",),
    "hemifacial_spasm": ("eyelid", "half_face"),
    "synkinesis": ("half_face",),
    "facial_palsy": ("half_face",),
    "smile_asymmetry": ("half_face",),
    "strabismus": ("eye_muscles",),
    "cervical_dystonia": ("neck",),
    "chronic_migraine": ("head",),
}


@dataclass(frozen=True)
class Reported:
    """One effect of the list "by report", for one product and the areas it goes into.

    Attributes:
        rate, interval90: share of people (or of sessions, see note); None where no rate was found. The interval is
            also None where a share was printed without the number of people.
        placebo_rate: of the placebo arms of the same reports; None where there was none.
        area: where the counted people were treated; None without a rate.
        onset, lasts: words of the catalogue, with their bounds and their median in days where they were printed.
        source: ids of sources behind rate, onset and duration, each once.
        grade: of the weakest number behind the rate; "D" without a rate.
    """

    effect: str
    name: str
    rate: float | None
    interval90: tuple[float, float] | None
    placebo_rate: float | None
    area: str | None
    onset: str
    onset_days: tuple[float, float] | None
    onset_median: float | None
    lasts: str
    lasts_days: tuple[float, float] | None
    lasts_median: float | None
    source: tuple[str, ...]
    note: str
    grade: str
    basis: str = "reported"

    def to_json_dict(self) -> dict[str, Any]:
        """As an entry of `unwanted`: the shape of the simulated risks, with what else is known of a reported one.

        `onset_day` is a printed median, or the only day there is; the day of resolution was never printed.
        """
        first, last = self.onset_days or (None, None)
        return {
            "effect": self.effect,
            "side": None,
            "probability": self.rate,
            "interval90": None if self.interval90 is None else list(self.interval90),
            "onset_day": first if first == last else self.onset_median,
            "resolution_day": None,
            "basis": self.basis,
            "evidence": {"weakest_grade": self.grade, "prior_share": 0.0 if self.rate is not None else None},
            "source": ", ".join(self.source),
            "placebo": self.placebo_rate,
            "onset": self.onset,
            "onset_days": None if self.onset_days is None else list(self.onset_days),
            "lasts": self.lasts,
            "lasts_days": None if self.lasts_days is None else list(self.lasts_days),
            "lasts_median": self.lasts_median,
            "note": self.note,
        }


def areas_of(plan: Any) -> tuple[str, ...]:
    """Areas of the catalogue's reports that a plan treats in the sessions still planned (all, where none is)."""
    sessions = [one for one in plan.sessions if not one.given] or list(plan.sessions)
    uses = [use for one in sessions for use in one.indication]
    return tuple(dict.fromkeys(area for use in uses for area in AREAS_OF_USE.get(use, ())))


def reported_of(product: str, areas: Sequence[str]) -> tuple[Reported, ...]:
    """Every effect of the list "by report": its rate beside placebo, its onset and its duration, with sources.

    Several areas in one session take the reports of several areas; where there are none, the area with the highest
    rate. Rates are never added: those of all causes hold the same background in each.

    Args:
        product: id of the catalogue; areas: of its reports, as `areas_of` gives them.

    Raises:
        CatalogueError: an unknown product.
    """
    catalogue().product(product)
    wanted = _grouped(areas)
    found = []
    for one in listed("reported"):
        record = _with_rate(one, product, wanted)
        if record is None and one.only_areas and not set(one.only_areas) & set(areas):
            continue
        found.append(record or _without_rate(one, wanted))
    return tuple(found)


def _grouped(areas: Sequence[str]) -> tuple[str, ...]:
    """Areas to look in, best first. Reports of the forehead are of forehead with glabella."""
    if set(areas) == {"forehead", "glabella"}:
        return ("forehead", "glabella")
    several = len(set(areas) & {"glabella", "forehead", "lateral_canthus"}) > 1
    return (SEVERAL, *areas) if several else tuple(areas)


def _with_rate(one: Effect, product: str, wanted: Sequence[str]) -> Reported | None:
    """The record of an effect with a rate: of this product, else of reports that do not name theirs."""
    for made in (product, NOT_STATED):
        for effect in one.counted_as:
            rows = [row for row in adverse_rows() if row.effect == effect and row.product == made]
            by_area = [[row for row in rows if row.area == area] for area in wanted]
            pools = [pool for pool in map(_pool, by_area) if pool is not None]
            if pools:
                leads = wanted and pools[0].area in (SEVERAL, "forehead")
                best = pools[0] if leads else max(pools, key=lambda pool: pool.rate)
                return _record(one, best, made)
    return None


@dataclass(frozen=True)
class _Pool:
    """Reports of one effect in one area put together."""

    effect: str
    area: str
    rate: float
    interval90: tuple[float, float] | None
    placebo_rate: float | None
    rows: tuple[Any, ...]
    words: str


def _pool(rows: Sequence[Any]) -> _Pool | None:
    counts = counts_of(rows, placebo=False)
    if not counts:
        printed = sorted((row for row in rows if row.rate is not None), key=_how_read)
        if not printed:
            return None
        row = printed[0]
        words = f"printed share, number of people not read ({row.id})"
        return _Pool(row.effect, row.area, row.rate, None, row.placebo_rate, (row,), words)
    events, people = (np.array(column, dtype=float) for column in list(zip(*counts, strict=True))[1:])
    mean, variance = pooled_rate(events, people)
    used = [row for row, *_ in counts]
    beside = counts_of(used, placebo=True)
    placebo = None
    if beside:
        placebo = sum(e for _, e, _ in beside) / sum(n for *_, n in beside)
    first = used[0]
    each = "sessions" if first.per == "session" else "people"
    words = f"{events.sum():.0f} of {people.sum():.0f} {each} in {len(used)} report(s), {CAUSES[first.definition]}"
    return _Pool(first.effect, first.area, mean, beta_interval(mean, variance), placebo, tuple(used), words)


def _how_read(row: Any) -> int:
    """Order of rows without counts: the better a source was read, the earlier."""
    order = ("table", "label page", "abstract", "secondary copy")
    read = catalogue().source(row.source).read
    return order.index(read) if read in order else len(order)


CAUSES = {"all_cause": "all causes", "related": "called related", "not_stated": "cause not stated"}


def _record(one: Effect, pool: _Pool, made: str) -> Reported:
    words = [pool.words]
    if pool.effect != one.counted_as[0] or pool.effect != one.id:
        words.append(f"counted as {pool.effect.replace('_', ' ')}")
    if made == NOT_STATED:
        words.append("product not stated, or several")
    words.append(_beside_placebo(pool))
    grades = [GRADE_OF_TAG[row.tag] for row in pool.rows]
    return _finish(one, pool, (*words, one.note), max(grades), tuple(row.source for row in pool.rows))


def _beside_placebo(pool: _Pool) -> str:
    """Whether the counts of both arms can be told apart (Fisher's exact test, two-sided, 5 %)."""
    if pool.placebo_rate is None:
        return "no placebo"
    arms = [
        (sum(e for _, e, _ in counts), sum(n for *_, n in counts))
        for counts in (counts_of(pool.rows, placebo=False), counts_of(pool.rows, placebo=True))
    ]
    if not all(people for _, people in arms):
        return ""
    from scipy.stats import fisher_exact

    table = [[round(events), people - round(events)] for events, people in arms]
    chance = np.asarray(fisher_exact(table)[1]).item()
    if chance >= APART:
        return "not told apart from placebo"
    return (
        "more often than under placebo" if pool.rate > pool.placebo_rate else "less often than under placebo"
    )


def _without_rate(one: Effect, wanted: Sequence[str]) -> Reported:
    """An effect that labels name, or that was counted elsewhere: said so, with no number."""
    named = [label for label in labels().values() if set(label.names) & set(one.label_terms)]
    beside = sorted({row.area for row in adverse_rows() if row.effect in one.counted_as} - set(wanted))
    words = [RATE_NOT_FOUND if named else "rate not found"]
    if any(row.effect in one.counted_as and row.area in wanted for row in adverse_rows()):
        words.append("counted here under other products only")
    elif beside:
        words.append(f"counted elsewhere: {', '.join(area.replace('_', ' ') for area in beside)}")
    return _finish(one, None, (*words, one.note), "D", tuple(label.source for label in named))


def _finish(
    one: Effect, pool: _Pool | None, words: Iterable[str], grade: str, sources: tuple[str, ...]
) -> Reported:
    return Reported(
        effect=one.id,
        name=one.name,
        rate=None if pool is None else pool.rate,
        interval90=None if pool is None else pool.interval90,
        placebo_rate=None if pool is None else pool.placebo_rate,
        area=None if pool is None else pool.area,
        onset=one.onset,
        onset_days=one.onset_days,
        onset_median=one.onset_median,
        lasts=one.lasts,
        lasts_days=one.lasts_days,
        lasts_median=one.lasts_median,
        source=tuple(dict.fromkeys((*sources, *one.sources))),
        note="; ".join(word.rstrip(".") for word in words if word),
        grade=grade,
    )


@dataclass(frozen=True)
class Seen:
    """How often an effect that is simulated elsewhere was seen: what studies of one area counted, all that was read.

    Attributes:
        rate: cases by people (or sessions) of the reports of one definition, or a share that was printed alone.
        low, high: least and most of all reports, each study and dose once.
        events, people: behind `rate`; None where a share was printed alone.
        own: of the products asked for, or of reports that name none; else of other products of the serotype.
    """

    effect: str
    area: str
    rate: float
    low: float
    high: float
    events: int | None
    people: int | None
    own: bool
    source: tuple[str, ...]


def seen_of(products: Sequence[str], areas: Sequence[str]) -> dict[str, Seen]:
    """What studies counted of the effects by mechanism; an effect without a count read at its source has no entry.

    Reports of the products, or of none by name, come before those of others; areas as in `reported_of`.

    Raises:
        CatalogueError: an unknown product.
    """
    types = {catalogue().product(name).serotype for name in products}
    named = {name for name, one in catalogue().products.items() if one.serotype in types}
    tiers = ((True, {*products, NOT_STATED}), (False, named - set(products)))
    rows = [row for row in adverse_rows() if row.tag != "recall" and row.checked and row.rate is not None]
    found = {one.id: _seen(one, rows, tiers, _grouped(areas)) for one in listed("mechanism")}
    return {name: one for name, one in found.items() if one is not None}


def _seen(
    one: Effect, rows: Sequence[Any], tiers: Sequence[tuple[bool, set[str]]], wanted: Sequence[str]
) -> Seen | None:
    for effect in one.counted_as:
        for own, products in tiers:
            held = [row for row in rows if row.effect == effect and row.product in products]
            by_area = [_seen_in(one.id, area, [r for r in held if r.area == area], own) for area in wanted]
            pools = [pool for pool in by_area if pool is not None]
            if pools:
                leads = pools[0].area in (SEVERAL, "forehead")
                return pools[0] if leads else max(pools, key=lambda pool: pool.rate)
    return None


def _seen_in(effect: str, area: str, rows: Sequence[Any], own: bool) -> Seen | None:
    """The reports of one area together; None without any."""
    if not rows:
        return None
    counts = counts_of(rows, placebo=False)
    events, people = sum(e for _, e, _ in counts), sum(n for *_, n in counts)
    each: dict[tuple[str, float | None], Any] = {}
    for row in sorted(rows, key=lambda row: (row.n or 0, row.rate)):
        each[row.study or row.source, row.units] = row
    rates = [row.rate for row in each.values()]
    return Seen(
        effect=effect,
        area=area,
        rate=events / people if people else min(rows, key=_how_read).rate,
        low=min(rates),
        high=max(rates),
        events=round(events) if people else None,
        people=people or None,
        own=own,
        source=tuple(dict.fromkeys(row.source for row in each.values())),
    )


def anchored() -> frozenset[str]:
    """Effects by mechanism whose thresholds a calibration has set by reported rates (`data/effects.npz`).

    The others rest on declared priors, whatever their intervals.
    """
    from endplate.population.posterior import DATA

    path = DATA / "effects.npz"
    if not path.exists():
        return frozenset()
    with np.load(path) as file:
        names = [str(name) for name in file["names"]]
    return frozenset(
        one.id for one in listed("mechanism") if any(name.startswith(f"effect.{one.id}.") for name in names)
    )


def adverse_rows() -> Iterable[Any]:
    """Rows of the table of reported rates; none where it cannot be read."""
    try:
        return catalogue().adverse.values()
    except CatalogueError:
        return ()


def counts_of(rows: Sequence[Any], placebo: bool) -> list[tuple[Any, float, int]]:
    """Reports with events and people, of one definition: the one that most people stand behind."""
    found = []
    for row in rows:
        people = row.placebo_n if placebo else row.n
        rate = row.placebo_rate if placebo else row.rate
        if people and rate is not None:
            found.append((row, rate * people, int(people)))
    groups: dict[tuple[str, str], list[tuple[Any, float, int]]] = {}
    for one in found:
        groups.setdefault((one[0].definition, one[0].per), []).append(one)
    best = max(groups.values(), key=lambda group: sum(people for *_, people in group), default=[])
    # One report a study and dose: a second one counts the same people over another time. Doses of a study share their
    # placebo arm; a source without a name of its study may hold several, told apart by their size.
    own: dict[tuple[str, float | None], tuple[Any, float, int]] = {}
    for one in best:
        key = (one[0].study or one[0].source, one[2] if placebo else one[0].units)
        if key not in own or (one[2], one[1]) > own[key][1:][::-1]:
            own[key] = one
    return list(own.values())


def pooled_rate(events: np.ndarray, people: np.ndarray) -> tuple[float, float]:
    """Mean rate of some reports, and the variance of the rate that another report may have."""
    total = people.sum()
    mean = float((events.sum() + 0.5) / (total + 1.0))
    spread = 0.0
    if len(people) > 1:
        # Moments: what rates vary beyond binomial chance, weighted by people.
        apart = float((people * (events / people - mean) ** 2).sum())
        chance = mean * (1.0 - mean) * (len(people) - 1)
        spread = max((apart - chance) / (total - (people**2).sum() / total), 0.0)
    return mean, mean * (1.0 - mean) / (total + 2.0) + spread


def beta_interval(mean: float, variance: float) -> tuple[float, float]:
    """5 % and 95 % points of the beta distribution of this mean and variance."""
    from scipy.special import betaincinv  # scipy.stats would take a second to load

    weight = max(mean * (1.0 - mean) / variance - 1.0, 1.0)
    low, high = betaincinv(mean * weight, (1.0 - mean) * weight, LEVELS)
    return float(low), float(high)
