"""Draws that cannot give a trial's baseline mix: the mix rules them out, one of them does not stop the trial."""

from __future__ import annotations

import numpy as np

from endplate.population.posterior import Draws
from endplate.trial.prepare import _able


def test_draws_that_cannot_give_the_mix_are_replaced_by_those_that_can():
    means = np.array([[2.0, 1.0], [np.nan, 1.0], [2.5, 1.5], [2.1, np.nan], [np.nan, np.nan]])
    kept, rows = _able(means)
    assert rows.tolist() == [0, 0, 2, 2, 0]
    assert np.isfinite(kept).all() and (kept == means[rows]).all()
    whole, same = _able(means[[0, 2]])
    assert same.tolist() == [0, 1] and (whole == means[[0, 2]]).all()


def test_draws_taken_keep_their_rows_together():
    draws = Draws({"a": np.arange(3.0), "b": 10.0 * np.arange(3.0)}, {"a": "prior", "b": "held"})
    some = draws.taken(np.array([2, 2, 0]))
    assert some["a"].tolist() == [2.0, 2.0, 0.0] and some["b"].tolist() == [20.0, 20.0, 0.0]
    assert some.basis == draws.basis
