"""Calibration of spread: rabbits, rats, the human arm and leg skin, each in its own geometry, fitted together."""

from endplate.fit.spread.problem import PROGRAM, Prior, log_likelihood, predicted, priors, rows, values_of

__all__ = ["PROGRAM", "Prior", "log_likelihood", "predicted", "priors", "rows", "values_of"]
