"""Power, sample size and assurance of a comparison of two rates."""

from __future__ import annotations

import numpy as np
import pytest

from endplate.trial.power import power_of, size_for
from endplate.trial.run import run_trial


@pytest.mark.parametrize(
    ("kind", "p", "q", "margin"),
    [("superiority", 0.6, 0.45, 0.0), ("non_inferiority", 0.7, 0.72, 0.1), ("superiority", 0.5, 0.5, 0.0)],
)
def test_the_closed_form_is_what_many_trials_show(kind: str, p: float, q: float, margin: float) -> None:
    n, m, trials = 160, 120, 40_000
    rng = np.random.default_rng(1)
    x, y = rng.binomial(n, p, trials) / n, rng.binomial(m, q, trials) / m
    spread = np.sqrt(x * (1 - x) / n + y * (1 - y) / m)
    if kind == "superiority":
        pooled = (n * x + m * y) / (n + m)
        spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    seen = ((x - y + margin) / spread > 1.959964).mean()
    assert power_of(p, q, (n, m), kind=kind, margin=margin) == pytest.approx(seen, abs=0.012)


def test_a_textbook_sample_size() -> None:
    # 0.5 against 0.3, two-sided 5 %, power 90 %: 124 in each arm with the pooled test (Fleiss, without correction)
    assert size_for(0.5, 0.3, proportion=1.0, wanted=0.9, kind="superiority") == (124, 124)


@pytest.mark.parametrize("proportion", [1.0, 2.0, 0.5])
def test_a_sample_size_is_the_least_that_reaches_the_power(proportion: float) -> None:
    rule = {"kind": "non_inferiority", "margin": 0.1}
    n, m = size_for(0.6, 0.6, proportion=proportion, wanted=0.8, **rule)
    assert n == pytest.approx(m * proportion, abs=1)
    assert power_of(0.6, 0.6, (n, m), **rule) >= 0.8
    assert power_of(0.6, 0.6, (round((m - 1) * proportion), m - 1), **rule) < 0.8


def test_no_size_is_enough_where_there_is_no_difference() -> None:
    assert size_for(0.4, 0.5, proportion=1.0, wanted=0.9, kind="superiority") is None
    unsure = np.array([0.3, 0.7])  # a coin decides whether there is one: assurance ends at one half
    assert size_for(unsure, np.array([0.5, 0.5]), proportion=1.0, wanted=0.9, kind="superiority") is None


def test_a_trial_reports_both_and_the_sizes(small) -> None:
    one = small.powers[0]
    active, placebo = (small.arm(name).rate("investigator_none_mild", 28) for name in ("active", "placebo"))
    assert one.difference == pytest.approx(active.rate - placebo.rate)
    assert one.difference90[0] < one.difference < one.difference90[1]
    assert one.n is not None and one.n[0] == pytest.approx(
        2 * one.n[1], abs=1
    )  # the design has 100 against 50
    assert one.n_assured is None or one.n_assured[0] >= one.n[0]


def test_people_who_are_lost_do_not_count_in_a_test_among_those_seen(changed) -> None:
    hard = ('against = "placebo"\nendpoint = "investigator_none_mild"\nday = 28', HARD)
    lost = "\n[dropout]\nby_visit = [0.0, 0.5, 0.0, 0.0]\n"
    whole, seen, failed = (
        run_trial(changed(hard, ("+", text)), patients=400, seed=1).powers[0]
        for text in ("", lost, lost + 'missing = "failure"\n')
    )
    assert seen.power < whole.power and failed.power != seen.power
    assert whole.n is not None and seen.n == (2 * whole.n[0], 2 * whole.n[1])


HARD = 'against = "placebo"\nendpoint = "investigator_none_mild"\nday = 140\nkind = "non_inferiority"\nmargin = 0.01'
