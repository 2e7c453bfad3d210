"""What the face does, as rows: how far each measure goes from what it is on day 0, and which do not change at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from endplate.report import numerals

if TYPE_CHECKING:
    from endplate.model.course import Course, FaceMeasure

#: measure -> name and what is meant, in the order in which people look at them.
WORDS: dict[str, tuple[str, str]] = {
    "brow_height_medial": ("Brow, medial end", "at rest, above the pupil"),
    "brow_height_mid": ("Brow, middle", "at rest, above the pupil"),
    "brow_height_lateral": ("Brow, lateral end", "at rest, above the pupil"),
    "mrd1": ("Upper lid margin (MRD1)", "at rest, above the pupil"),
    "lagophthalmos": ("Gap at gentle closure", "lagophthalmos"),
    "mouth_corner_excursion": ("Smile", "way of the mouth corner"),
    "frown_shift": ("Frown", "the brow’s skin is drawn in"),
    "brow_raise": ("Brows raised", "rise of the brow’s middle"),
    "fissure_height": ("Opening between the lids", "at rest"),
    "lagophthalmos_tight": ("Gap, eyes squeezed shut", "lagophthalmos"),
    "mouth_corner_angle": ("Direction of the smile", "above the level"),
    "lower_lip_show": ("Lower teeth shown", "fall of the lip"),
    "brow_asymmetry_mm": ("Brows, left against right", "at rest"),
    "lid_asymmetry_mm": ("Lids, left against right", "at rest"),
    "smile_asymmetry_mm": ("Smile, left against right", ""),
    "sunnybrook_composite": ("Sunnybrook composite", "0 to 100"),
    "sunnybrook_affected_side": (
        "Sunnybrook, affected side alone",
        "0 to 100, as if the healthy side were untreated",
    ),
}
LINES = {"line_severity_contraction": "at contraction", "line_severity_rest": "at rest"}
UNITS = {"mm": "mm", "deg": "°", "%": "%"}

ETCHED = (
    "Lines at rest follow the muscles: creases that stay in the skin once a muscle is still are not modelled."
)
"""The limit that stands wherever lines at rest are told."""

POINTS = "sunnybrook_"
GRADE = "house_brackmann"
"""A band of grades without a value: no row, told in words (`face_grades`)."""

LEAST = {"mm": 0.1, "°": 1.0, "%": 0.5, "points": 1.0, "": 0.1}
"""By printed unit: what changes by less is not shown as a change. For the eye, not a finding."""

GROUPS: dict[str, tuple[str, ...]] = {
    "the height of the brows": ("brow_height", "brow_asymmetry"),
    "the lids at rest": ("mrd1", "fissure_height", "lid_asymmetry"),
    "closing the eyes": ("lagophthalmos",),
    "raising the brows": ("brow_raise",),
    "the frown": ("frown_shift",),
    "the smile": ("mouth_corner", "smile_asymmetry"),
    "showing the lower teeth": ("lower_lip_show",),
    "the lines": ("line_severity",),
    "the strain of the skin": ("strain",),
    "the Sunnybrook scale": (POINTS,),
}
"""What to call measures together when none of them changes, by how their ids begin."""

ALIKE = 0.5
"""Left and right are one row while they differ by less than this share of the least change."""

ORDER = {"left": 0, "right": 1, "midline": 2, "both": 2}
SIDES = ("left", "right")


@dataclass(frozen=True, eq=False)
class Change:
    """One measure of one side, or of both where they agree.

    Attributes:
        name, what: in words; unit: as printed behind a number, empty for points.
        side: left, right, midline, or both.
        before: on day 0. value, low, high: on the day on which it is farthest from that; as planned, and the 90 % band.
        half_day: from when on it is back half-way; infinite where that lies beyond the last day.
        planned: whether it changes in the plan carried out exactly, and not only at an end of the band.
        rows: of the course, one a side.
    """

    measure: str
    side: str
    name: str
    what: str
    unit: str
    before: float
    value: float
    low: float
    high: float
    day: float
    half_day: float
    planned: bool
    last_day: float
    rows: tuple[FaceMeasure, ...]

    @property
    def label(self) -> str:
        """`Brow, middle, left`; without a side where both or none is meant."""
        alone = self.side == "both" and len(self.rows) == 1
        return f"{self.name}, {self.side}" if self.side in SIDES or alone else self.name

    @property
    def change(self) -> float:
        """Of the plan carried out exactly, on that day."""
        return self.value - self.before

    @property
    def half(self) -> str:
        """Day on which half of the change is gone."""
        return numerals.lasts(self.half_day, self.last_day) if self.planned else numerals.DASH

    def curve(self, name: str) -> np.ndarray:
        """`value`, `low` or `high` by day, (t,); of two sides the mean, the lowest and the highest."""
        over = {"value": np.mean, "low": np.min, "high": np.max}[name]
        return np.asarray(over([getattr(row, name) for row in self.rows], axis=0))


def changes(course: Course) -> list[Change]:
    """Every measure that changes, or might within its band; in the order in which people look at them."""
    found = [change for change in _all(course) if _moves(change)]
    return sorted(found, key=lambda c: (rank(c.measure), ORDER.get(c.side, 0)))


def largest(course: Course) -> list[Change]:
    """The same, the largest first: by how many least changes of its unit each goes; those of the band alone last."""
    return sorted(changes(course), key=lambda c: (not c.planned, -steps(c)))


def still(course: Course) -> list[str]:
    """What does not change, as planned and at either end of the band: whole groups in a word, else by name."""
    rows = _all(course)
    order = sorted(rows, key=lambda c: (rank(c.measure), ORDER.get(c.side, 0)))
    out: list[str] = []
    for word, starts in GROUPS.items():
        mine = [row for row in order if row.measure.startswith(starts)]
        kept = [row for row in mine if not _moves(row)]
        out += [word] if len(kept) == len(mine) > 0 else _named_alone(mine, kept)
    return out


def _named_alone(mine: Sequence[Change], kept: Sequence[Change]) -> list[str]:
    """Measures by name; lines that change neither at contraction nor at rest in a word."""
    out = []
    for row in kept:
        same = [r for r in mine if (r.name, r.side) == (row.name, row.side)]
        whole = row.measure.startswith("line_") and all(r in kept for r in same)
        out.append(_inside(row, when=not whole))
    return list(dict.fromkeys(out))


def _inside(row: Change, when: bool) -> str:
    """The label inside a sentence: `smile, left`; `frown lines at rest`."""
    at = f" {row.what.partition(',')[0]}" if when and row.measure.startswith("line_") else ""
    words = f"{row.name}{at}{row.label.removeprefix(row.name)}"
    return words[:1].lower() + words[1:]


def steps(change: Change) -> float:
    """A change in multiples of the least one of its unit."""
    return abs(change.change) / LEAST[change.unit]


def rank(measure: str) -> int:
    """Place of a measure: those of `WORDS`, lines, strain."""
    order = list(WORDS)
    if measure in order:
        return order.index(measure)
    starts = (*LINES, "strain")
    return len(order) + next((k for k, start in enumerate(starts) if measure.startswith(start)), len(starts))


def named(measure: str) -> tuple[str, str]:
    """Name of a measure, and what is meant by it."""
    if measure in WORDS:
        return WORDS[measure]
    kind, _, rest = measure.partition(".")
    grades = grades_of(measure)
    if grades is not None:
        from endplate.catalogue.lines import area

        return area(rest).name, f"{LINES[kind]}, grade {grades[0]} to {grades[1]}"
    if kind == "strain":
        region, _, way = rest.partition(".")
        return f"Strain of the {region}, {way}", "skin, over a maximum frown"
    return measure.replace("_", " ").capitalize(), ""


def grades_of(measure: str) -> tuple[int, int] | None:
    """Lowest and highest grade of the lines of a measure; None for others."""
    kind, _, name = measure.partition(".")
    if kind not in LINES:
        return None
    from endplate.catalogue.lines import area

    return area(name).lowest, area(name).highest


def figure(value: float, unit: str, sign: bool = False) -> str:
    """`15.8 mm`, `+0.4 mm`, `47°`: one decimal (whole degrees), a true minus, never a minus nought.

    >>> figure(-0.04, "mm"), figure(0.42, "mm", True), figure(47.2, "°"), figure(-8.0, "%", True)
    ('0.0 mm', '+0.4 mm', '47°', '\u22128.0 %')
    """
    digits = 0 if unit == UNITS["deg"] else 1
    rounded = round(value, digits) + 0.0
    text = f"{rounded:+.{digits}f}" if sign else f"{rounded:.{digits}f}"
    space = "" if unit in ("", UNITS["deg"]) else " "
    return f"{text}{space}{unit}".replace("-", "\u2212")


def band(change: Change) -> str:
    """`14.1 to 15.2 mm`, or one figure where both ends read the same."""
    low, high = figure(change.low, change.unit), figure(change.high, change.unit)
    return high if low == high else f"{low.removesuffix(change.unit).rstrip()} to {high}"


def _all(course: Course) -> list[Change]:
    """Every measure in words; shares in per cent of the same differences and grades are left out."""
    groups: dict[str, list[FaceMeasure]] = {}
    for one in course.face:
        if not one.measure.endswith("_percent") and one.measure != GRADE:
            groups.setdefault(one.measure, []).append(one)
    out = []
    for rows in groups.values():
        ordered = sorted(rows, key=lambda row: ORDER[row.side])
        out += [_change(same, len(rows)) for same in _sides(ordered)]
    return out


def _sides(rows: Sequence[FaceMeasure]) -> list[tuple[FaceMeasure, ...]]:
    """Left, right and both together as one while they agree."""
    out: list[tuple[FaceMeasure, ...]] = []
    for row in rows:
        if out and _far(out[-1][0].value, row.value) < ALIKE * LEAST[_unit(row)]:
            out[-1] = (*out[-1], row)
        else:
            out.append((row,))
    return out


def _unit(row: FaceMeasure) -> str:
    """As printed."""
    return "points" if row.measure.startswith(POINTS) else UNITS.get(row.unit, "")


def _far(one: np.ndarray, other: np.ndarray | float) -> float:
    return float(np.max(np.abs(one - other)))


def _change(rows: tuple[FaceMeasure, ...], count: int) -> Change:
    first, least = rows[0], LEAST[_unit(rows[0])]
    name, what = named(first.measure)
    side = "both" if len(rows) > 1 or (count > 1 and first.side == "midline") else first.side
    value = np.mean([row.value for row in rows], axis=0)
    low, high = np.min([row.low for row in rows], axis=0), np.max([row.high for row in rows], axis=0)
    away = np.abs(value - value[0])
    planned = bool(away.max() >= least)
    if not planned:
        away = np.maximum(np.abs(low - low[0]), np.abs(high - high[0]))
    at = int(away.argmax())
    back = np.flatnonzero(away[at:] <= 0.5 * away[at])
    return Change(
        measure=first.measure,
        side=side,
        name=name,
        what=what,
        unit=_unit(first),
        before=float(value[0]),
        value=float(value[at]),
        low=float(low[at]),
        high=float(high[at]),
        day=float(first.day[at]),
        half_day=float(first.day[at + back[0]]) if back.size else float("inf"),
        planned=planned,
        last_day=float(first.day[-1]),
        rows=rows,
    )


def spread(change: Change) -> float:
    """How far an end of the band goes from where it is on day 0."""
    ends = (change.curve("low"), change.curve("high"))
    return max(_far(end, float(end[0])) for end in ends)


def _moves(change: Change) -> bool:
    """Does it change by as much as shows, as planned or at an end of the band?"""
    return change.planned or spread(change) >= LEAST[change.unit]
