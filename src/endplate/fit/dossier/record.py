"""What a dossier holds: a line for every printed number, and figures over groups of lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from endplate.fit.dossier.floor import Floor

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
class Direct:
    """A row read through a force or a cross-section, predicted outside the clinical fit: listed, not counted.

    Values are shares, errors and widths in points, as in `Line`.

    Attributes:
        fitted: it set a prior of the model. reads: "closing_force" or "cross_section".
        n: None where it was not read; the interval then holds no sampling of persons.
        floor, floor_sd: where n is known. persons_sd: SD between persons that the model gives a mean over persons.
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
    reads: str
    n: int | None
    observed: float
    predicted: float
    interval90: Pair
    inside: bool
    interval_score: float
    log_score: float | None
    below: float
    floor: Floor | None
    floor_sd: float | None
    persons_sd: float | None
    group: None = None  # never among the counted rows
    unit: str = "1"

    @property
    def error(self) -> float:
        return 100.0 * abs(self.observed - self.predicted)

    @property
    def width(self) -> float:
        return 100.0 * (self.interval90[1] - self.interval90[0])

    @property
    def floor_error(self) -> float | None:
        return None if self.floor is None else 100.0 * self.floor.error

    @property
    def floor_width(self) -> float | None:
        return None if self.floor is None else 100.0 * self.floor.width


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
        direct: rows predicted outside the fit, in no group; direct_stale: their inputs have changed since.
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
    direct: tuple[Direct, ...] = ()
    direct_stale: bool = False
