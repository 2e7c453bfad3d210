"""Calibration of the muscle level: what the rows of the foot, of atrophy and of the rat say of its parameters."""

from endplate.fit.muscle.foot import Foot, courses, foot
from endplate.fit.muscle.posterior import Fit, Target, fit, target
from endplate.fit.muscle.readouts import predicted, rows
from endplate.fit.muscle.study import inputs_hash, run

__all__ = [
    "Fit",
    "Foot",
    "Target",
    "courses",
    "fit",
    "foot",
    "inputs_hash",
    "predicted",
    "rows",
    "run",
    "target",
]
