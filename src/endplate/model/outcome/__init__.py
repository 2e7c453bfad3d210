"""What people report: severity, two raters, grades, and every endpoint from the same latent path."""

from endplate.model.outcome.durations import back_probability, ended, kept, median_weeks
from endplate.model.outcome.endpoints import (
    change_probability,
    grade_limits,
    grade_probability,
    holds,
    holds_probability,
    onset_reached,
)
from endplate.model.outcome.raters import at_most, baseline_mean_for, entry_probability, grades_of
from endplate.model.outcome.severity import remodelled, severity

__all__ = [
    "at_most",
    "back_probability",
    "baseline_mean_for",
    "change_probability",
    "ended",
    "entry_probability",
    "grade_limits",
    "grade_probability",
    "grades_of",
    "holds",
    "holds_probability",
    "kept",
    "median_weeks",
    "onset_reached",
    "remodelled",
    "severity",
]
