"""Chances integrated over people, and the errors that are told with them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from endplate.population.risk_chance import chance_above, settled, standard_error
from endplate.population.risk_tables import SHIFTS


def test_the_chance_of_a_straight_index_is_that_of_the_normal_distribution():
    sd = np.array([0.4, 0.9, 1.3])
    found = chance_above(np.broadcast_to(SHIFTS, (3, 2, len(SHIFTS))), np.full(3, 0.7), SHIFTS, sd)
    assert found == pytest.approx(np.repeat(1.0 - ndtr(0.7 / sd)[:, None], 2, axis=1), abs=1e-12)


def test_an_index_that_rises_and_falls_again_counts_between_its_crossings():
    index = 1.0 - np.abs(SHIFTS)[None, None]
    found = chance_above(index, np.array([0.25]), SHIFTS, np.array([1.0]))
    assert found[0, 0] == pytest.approx(ndtr(0.75) - ndtr(-0.75), abs=1e-12)


def test_never_and_always_are_exact():
    flat = np.zeros((1, 1, len(SHIFTS)))
    assert chance_above(flat, np.array([1.0]), SHIFTS, np.array([0.9]))[0, 0] == 0.0
    assert chance_above(flat, np.array([-1.0]), SHIFTS, np.array([0.9]))[0, 0] == pytest.approx(1.0)


def test_settling_takes_chance_out_of_the_spread_over_draws_and_keeps_the_mean():
    rng = np.random.default_rng(1)
    true = 0.02 * np.exp(0.8 * rng.standard_normal(4000) - 0.32)
    halves = rng.gamma(2.0, true[:, None] / 2.0, (4000, 2))
    found, raw = settled(halves), halves.mean(axis=1)
    assert found.mean() == pytest.approx(halves.mean())
    wanted = np.quantile(true, [0.05, 0.95])
    off = np.abs(np.log(np.quantile(found, [0.05, 0.95]) / wanted))
    assert (off < 0.25).all()
    assert (off < np.abs(np.log(np.quantile(raw, [0.05, 0.95]) / wanted))).all()


def test_the_standard_error_is_that_of_repeated_runs():
    rng = np.random.default_rng(2)
    draws, rows, faces = 64, 4, 16
    face = np.arange(draws)[:, None] % 4 + 4 * np.arange(rows)[None]
    means, told = [], []
    for _ in range(400):
        of_draw, of_face = 0.5 * rng.standard_normal(draws), 0.3 * rng.standard_normal(faces)
        cells = 1.0 + of_draw[:, None] + of_face[face] + 0.6 * rng.standard_normal((draws, rows))
        means.append(cells.mean())
        told.append(standard_error(cells, face))
    assert np.mean(told) == pytest.approx(np.std(means), rel=0.15)
