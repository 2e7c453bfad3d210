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
from endplate.model.outcome.raters import at_most, baseline_mean_for, entry_probability, grades_of
from endplate.model.outcome.severity import remodelled, severity

__all__ = [
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
    "onset_reached",
    "pair_probability",
    "remodelled",
    "severity",
]
