"""What people report: severity, two raters, grades, and every endpoint from the same latent path."""

from endplate.model.outcome.durations import (
    baseline_pairs,
    end_cuts,
    end_probability,
    ended,
    kept,
    median_weeks,
    pair_probability,
)
from endplate.model.outcome.endpoints import (
    Cuts,
    change_probability,
    cuts_of,
    entry_cuts,
    entry_grades,
    grade_limits,
    grade_probability,
    holds,
    holds_probability,
    onset_reached,
)
from endplate.model.outcome.raters import (
    NOISES,
    at_most,
    baseline_mean_for,
    entry_probability,
    grades_of,
    noise_of,
)
from endplate.model.outcome.severity import placebo_left, remodelled, severity

__all__ = [
    "NOISES",
    "Cuts",
    "at_most",
    "baseline_mean_for",
    "baseline_pairs",
    "change_probability",
    "cuts_of",
    "end_cuts",
    "end_probability",
    "ended",
    "entry_cuts",
    "entry_grades",
    "entry_probability",
    "grade_limits",
    "grade_probability",
    "grades_of",
    "holds",
    "holds_probability",
    "kept",
    "median_weeks",
    "noise_of",
    "onset_reached",
    "pair_probability",
    "placebo_left",
    "remodelled",
    "severity",
]
