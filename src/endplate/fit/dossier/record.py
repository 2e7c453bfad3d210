"""What a dossier holds: a line for every printed number, and figures over groups of lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Pair = tuple[float, float]


@dataclass(frozen=True)
class Guess:
    """What a baseline says of a row. Errors and scores of shares are in points, of medians in weeks."""

    predicted: float
    interval90: Pair
    inside: bool
    error: float
    interval_score: float
    log_score: float


@dataclass(frozen=True)
class Line:
    """One predicted row. Values are shares (0 to 1) or weeks; errors, widths and scores are in points or weeks.

    Attributes:
        unit: "1" or "weeks". fitted: it belongs to the calibration and its study was left out for this prediction;
            False for rows kept aside. checked: its source was read. group: "a" where another fitted study has the
            product at the same family of endpoints, "b" where none has, None for placebo. same_area: such a study
            treated the same area.
        predicted, interval90: without its study. *_in_sample: with it.
        floor_*: of sampling and study-to-study spread alone. spread: the SD behind it (logit, or ln weeks).
        below: share of the predictive distribution below what was observed.
        covered: by nominal level, whether the interval of that level holds the observed value.
    """

    id: str
    study: str
    arm: str
    product: str
    units: float
    area: str
    endpoint: str
    family: str
    day: float | None
    kind: str
    use: str
    tag: str
    fitted: bool
    checked: bool
    group: str | None
    same_area: bool
    unit: str
    n: int
    observed: float
    predicted: float
    interval90: Pair
    inside: bool
    error: float
    width: float
    predicted_in_sample: float
    interval90_in_sample: Pair
    inside_in_sample: bool
    floor_error: float
    floor_width: float
    floor_interval90: Pair
    floor_error_strict: float
    floor_width_strict: float
    spread: float
    interval_score: float
    log_score: float
    below: float
    covered: Mapping[str, bool]
    baselines: Mapping[str, Guess]

    @property
    def median(self) -> bool:
        return self.unit == "weeks"

    @property
    def active(self) -> bool:
        return self.kind == "active"


@dataclass(frozen=True)
class Unpredicted:
    """A row that the clinical model does not predict, and why."""

    id: str
    study: str
    row: str
    kind: str
    use: str
    tag: str
    area: str
    what: str
    value: float | None
    unit: str
    reason: str


@dataclass(frozen=True)
class Dossier:
    """Every printed number with its prediction.

    Attributes:
        summary: figures by group of lines, see `summary.py`. stale: the inputs have changed since the fit.
    """

    lines: tuple[Line, ...]
    unpredicted: tuple[Unpredicted, ...]
    summary: Mapping[str, Mapping[str, Any]]
    floor: Mapping[str, Any]
    targets: tuple[Mapping[str, Any], ...]
    versions: Mapping[str, Any]
    inputs: str
    stale: bool
    recipe: Mapping[str, Any]
    draws: int
