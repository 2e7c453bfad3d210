"""What studies differ in beside their people: they widen the predictive interval and count in assurance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit

from endplate.trial import parse_design
from endplate.trial.prepare import EFFECTS, jobs_of, trial_of
from endplate.trial.run import run_trial
from endplate.trial.unit import run_unit

MIX = "[population]\nbaseline = { glabella = { moderate = 0.4, severe = 0.6 } }"
TWO_AREAS = """\
schema = "endplate/trial/1"
visits = [30]

[population]
baseline = { glabella = { moderate = 0.4, severe = 0.6 } }

[[arms]]
name = "active"
n = 50
pattern = "forehead_lines.onabotulinumtoxin_a"

[[arms]]
name = "placebo"
n = 50
product = "placebo"

[[endpoints]]
id = "investigator_none_mild"
area = ["glabella", "forehead"]
"""


def test_people_at_hand_stand_for_those_of_a_study_with_other_candidates(changed, monkeypatch) -> None:
    monkeypatch.setattr("endplate.trial.unit.MOST_SHOWN", 5000)
    design = changed()
    trial = trial_of(design, patients=2000, seed=1)
    jobs, _ = jobs_of(trial, design, patients=2000)
    shift = np.array([0.3])
    weighted, drawn, as_is = np.zeros(len(trial.rows)), np.zeros(len(trial.rows)), np.zeros(len(trial.rows))
    for job in jobs[:8]:
        one = replace(job, count=10_000, effects=np.zeros((1, 2)), starts=shift[None])
        mine = run_unit(trial, one)
        other = run_unit(trial, replace(one, means=one.means + shift, starts=np.zeros((1, 1))))
        weighted += mine.effects.sum(axis=0)[0] / mine.weight.sum() / 8
        as_is += mine.chance.sum(axis=0) / mine.count.sum() / 8
        drawn += other.chance.sum(axis=0) / other.count.sum() / 8
        assert mine.shown.sum() == 10_000
    assert weighted == pytest.approx(drawn, abs=0.01)
    early = trial.rows.index(next(row for row in trial.rows if row[1] == 28))
    assert abs(as_is[early] - drawn[early]) > 0.03


def test_studies_differ_in_candidates_where_the_design_gives_no_mix_and_arms_of_one_do_not() -> None:
    design = parse_design(TWO_AREAS)
    trial = trial_of(design, patients=4000, seed=1)
    jobs, draws = jobs_of(trial, design, patients=4000)
    number = draws["active"].draws
    starts = {
        name: np.array([job.starts for job in jobs if trial.arms[job.arm].name == name]) for name in draws
    }
    assert starts["active"].shape == (number, EFFECTS, 2)
    glabella, forehead = (starts["active"][..., trial.areas.index(name)] for name in ("glabella", "forehead"))
    assert not glabella.any()
    assert forehead.mean() == pytest.approx(0.0, abs=0.02)
    assert forehead.std() == pytest.approx(float(draws["active"]["outcome.study_sd.baseline"][0]), rel=0.05)
    assert (starts["active"] == starts["placebo"]).all()


def test_other_candidates_widen_the_predictive_interval_and_leave_the_models(changed, monkeypatch) -> None:
    def spread(found) -> float:
        return float(np.std([row.studied for row in found.arm("active").rates if row.day == 28]))

    monkeypatch.setattr("endplate.trial.run.spread_rates", lambda rates, sd, rng: rates[..., None])
    plain = run_trial(changed(), patients=1000, seed=1)
    mixed = run_trial(changed(("[population]", MIX)), patients=1000, seed=1)
    monkeypatch.setattr(
        "endplate.trial.prepare.start_effects",
        lambda trial, design, draws: np.zeros((draws.draws, EFFECTS, len(trial.areas))),
    )
    without = run_trial(changed(), patients=1000, seed=1)
    assert spread(plain) > spread(without)
    for one, other in zip(plain.arm("active").rates, without.arm("active").rates, strict=True):
        assert (one.rate, one.interval90) == (other.rate, other.interval90)
    again = run_trial(changed(("[population]", MIX)), patients=1000, seed=1)
    assert spread(mixed) == spread(again)  # its mix is given: nothing was taken away


def test_assurance_counts_what_single_rates_are_off_by(changed, monkeypatch) -> None:
    design = changed((TESTED, SAME), ("+", AGAIN))
    found = run_trial(design, patients=1000, seed=1)
    monkeypatch.setattr("endplate.trial.run.spread_rates", lambda rates, sd, rng: rates[..., None])
    without = run_trial(design, patients=1000, seed=1)
    spread, exact = found.powers[0], without.powers[0]
    assert exact.power == spread.power > 0.9
    assert spread.assurance < exact.assurance - 0.02


def test_what_a_single_rate_is_off_by_is_each_arms_own(small, monkeypatch) -> None:
    # Same draws and study effects in both arms: what is left beside them has nothing in common.
    mine, other = (
        small.arm(name).rate("investigator_none_mild", 28).studied for name in ("active", "placebo")
    )
    assert mine.shape == other.shape and mine.ndim == 3
    off = [logit(rates) - logit(rates).mean(axis=2, keepdims=True) for rates in (mine, other)]
    assert abs(np.corrcoef(off[0].ravel(), off[1].ravel())[0, 1]) < 0.25
    assert min(part.std() for part in off) > 0.1


TESTED = 'against = "placebo"\nendpoint = "investigator_none_mild"\nday = 28\n'
SAME = 'against = "same"\nendpoint = "investigator_none_mild"\nday = 28\nkind = "non_inferiority"\nmargin = 0.18\n'
AGAIN = '[[arms]]\nname = "same"\nn = 100\npattern = "glabellar_lines.onabotulinumtoxin_a"\n'
