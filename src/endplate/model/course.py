"""The result of a simulation: force of every muscle by day, with what led to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from endplate.errors import unknown_name
from endplate.notice import BANNER

SCHEMA = "endplate/course/1"

BAND_NOTE = "Bands are prior, not yet calibrated."
LOSS = 0.10  # a muscle counts as weakened while it lacks a tenth of its force


@dataclass(frozen=True)
class FaceMeasure:
    """One thing that a clinician measures, by day.

    Attributes:
        measure: its id; side: left, right, or midline for both together. unit: mm, deg, % or 1 (grades).
        day, value (t,): the plan carried out exactly, every parameter at the centre of its prior.
        low, high (t,): 5 % and 95 % points of the draws; the value itself without draws.
    """

    measure: str
    side: str
    unit: str
    day: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Course:
    """Force of every muscle and side from day 0, relative to rest.

    Attributes:
        days (t,); muscles: (muscle, side) pairs, m of them.
        force (m, t): the plan carried out exactly, every parameter at the centre of its prior.
        cmap, cross_section (m, t): electrical response and cross-section of the same, relative to rest.
        force_low, force_median, force_high (m, t): 5 %, 50 % and 95 % points of the draws, which also hold errors of
            needle placement; None without draws.
        median_over_threshold (m,): median exposure of the muscle's endplates over its own threshold.
        histogram (m, b) and histogram_edges (b + 1,): share of endplates by log10 exposure over threshold; the first
            bin also holds all that lies below it.
        captured_by_product: units of each product taken up inside each muscle, (m,).
        shares (m, s): share of the muscle's exposure that each site brings (rows sum to 1, or 0 without exposure).
        metrics: onset_day, nadir, nadir_day, duration_days, each (m,); with draws also `<name>_low`, `_median`,
            `_high`. A draw that never weakens counts as duration 0, one still weak on the last day as longer than any
            (NaN where the quantile falls there).
        face: measures of the face, see `model.face`; empty for a course of forces alone.
        parts: force of the parts of muscles that weaken apart, (muscle.part, side) -> (t,), those in reach; what the
            face moves by, in no document.
        targets: muscles that a site names. prior_share (m,): share of the variance of the force at its nadir that
            does not come from A or B graded parameters.
    """

    plan_title: str
    days: np.ndarray
    muscles: tuple[tuple[str, str], ...]
    force: np.ndarray
    cmap: np.ndarray
    cross_section: np.ndarray
    force_low: np.ndarray | None
    force_median: np.ndarray | None
    force_high: np.ndarray | None
    median_over_threshold: np.ndarray
    histogram_edges: np.ndarray
    histogram: np.ndarray
    captured_by_product: Mapping[str, np.ndarray]
    shares: np.ndarray
    sites: tuple[Any, ...]
    targets: frozenset[tuple[str, str]]
    metrics: Mapping[str, np.ndarray]
    prior_share: np.ndarray
    grades: tuple[str, ...]
    versions: Mapping[str, Any]
    limits: tuple[str, ...]
    banner: str = BANNER
    band_note: str = BAND_NOTE
    face: tuple[FaceMeasure, ...] = ()
    parts: Mapping[tuple[str, str], np.ndarray] = field(default_factory=dict)

    def row(self, muscle: str, side: str) -> int:
        """Row of a muscle; raises CatalogueError with the nearest names."""
        if (muscle, side) in self.muscles:
            return self.muscles.index((muscle, side))
        names = sorted({name for name, _ in self.muscles})
        if muscle in names:
            sides = [s for m, s in self.muscles if m == muscle]
            raise unknown_name(f"side of {muscle}", side, sides, "endplate list muscles")
        raise unknown_name("muscle", muscle, names, "endplate list muscles")

    def measure(self, name: str, side: str) -> FaceMeasure:
        """One measure of the face; raises CatalogueError with the nearest names."""
        found = [one for one in self.face if (one.measure, one.side) == (name, side)]
        if found:
            return found[0]
        sides = [one.side for one in self.face if one.measure == name]
        if sides:
            raise unknown_name(f"side of {name}", side, sides)
        raise unknown_name("measure", name, sorted({one.measure for one in self.face}))

    @cached_property
    def at_risk(self) -> tuple[tuple[str, str], ...]:
        """Muscles that no site names but that weaken by a fiftieth, or might (lower band), and always the levator.

        Where one side qualifies the other is listed too, since draws are finite and a clinician looks at both; a side
        that no toxin reaches at all never is.
        """
        low = self.force if self.force_low is None else self.force_low
        worst = low.min(axis=1)
        named = {name for (name, _), least in zip(self.muscles, worst, strict=True) if least < 0.98}
        named.add("levator_palpebrae_superioris")
        order = [
            (min(least for (n, _), least in zip(self.muscles, worst, strict=True) if n == pair[0]), pair)
            for pair, share in zip(self.muscles, self.shares, strict=True)
            if pair[0] in named and pair not in self.targets and share.sum() > 0.0
        ]
        return tuple(pair for _, pair in sorted(order))

    @cached_property
    def dataset(self) -> Any:
        """The course as an xarray.Dataset with units and attributes (xarray is loaded here)."""
        from endplate.model.export import to_dataset

        return to_dataset(self)

    def to_json_dict(self) -> dict[str, Any]:
        """The published JSON form, `schema = "endplate/course/1"`."""
        from endplate.model.export import to_json_dict

        return to_json_dict(self)


def course_metrics(days: np.ndarray, force: np.ndarray) -> dict[str, np.ndarray]:
    """Onset, nadir and duration of each muscle.

    Onset is the first day on which a tenth of the force is missing, duration the days from then until less than a
    tenth is missing again (both interpolated); NaN where that never happens.

    Args:
        days (t,); force (..., t).

    Returns:
        onset_day, nadir, nadir_day, duration_days, each (...,).
    """
    low = force < 1.0 - LOSS
    ever = low.any(axis=-1)
    first = np.argmax(low, axis=-1)
    last = force.shape[-1] - 1 - np.argmax(low[..., ::-1], axis=-1)
    onset = _crossing(days, force, first - 1, first)
    # A muscle that is still weak on the last day has no duration yet.
    over = ever & (last < force.shape[-1] - 1)
    back = _crossing(days, force, last, np.minimum(last + 1, force.shape[-1] - 1))
    return {
        "onset_day": np.where(ever, onset, np.nan),
        "nadir": force.min(axis=-1),
        "nadir_day": days[force.argmin(axis=-1)].astype(float),
        "duration_days": np.where(over, back - onset, np.nan),
    }


def _crossing(days: np.ndarray, force: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    before = np.maximum(before, 0)
    f0 = np.take_along_axis(force, before[..., None], -1)[..., 0]
    f1 = np.take_along_axis(force, after[..., None], -1)[..., 0]
    gap = np.where(np.abs(f1 - f0) < 1e-12, 1.0, f1 - f0)
    part = np.clip((1.0 - LOSS - f0) / gap, 0.0, 1.0)
    return days[before] + part * (days[after] - days[before])
