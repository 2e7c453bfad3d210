"""The statistics of the dossier on small made-up tables whose answers are known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from endplate.catalogue import catalogue
from endplate.fit.dossier import baselines, emax, floor, predictive, summary
from endplate.fit.dossier.facts import Fact, dose_of, facts_of, group_of, remaining
from endplate.fit.dossier.floor import Spread, floor_of, pooled_variance, repeated, spread_of


def fact(study: str, share: float = 0.5, **changes) -> Fact:
    """A made-up share of 100 people under 20 U of onabotulinumtoxinA at day 30."""
    n = changes.pop("n", 100)
    given = {
        "id": f"{study}.{share}",
        "study": study,
        "arm": "active",
        "product": "onabotulinumtoxin_a",
        "area": "glabella",
        "endpoint": "composite_2_grades",
        "family": "composite",
        "kind": "active",
        "use": "calibrate",
        "tag": "seen",
        "negated": False,
        "median": False,
        "day": 30.0,
        "units": 20.0,
        "multiple": 1.0,
        "value": share,
        "n": n,
        "events": round(share * n),
    }
    return Fact(**(given | changes))


def weeks(study: str, value: float, **changes) -> Fact:
    given = {
        "median": True,
        "day": None,
        "events": 0,
        "endpoint": "loss_of_none_mild_both",
        "family": "duration",
    }
    return fact(study, value, **(given | changes))


# --- The floor


def test_the_spread_between_studies_is_the_variance_of_logits_less_that_of_sampling():
    pair = [fact("one", 0.4), fact("two", 0.7)]
    third = [fact(s, v, endpoint="other") for s, v in (("one", 0.2), ("two", 0.5), ("three", 0.3))]
    total, freedom = 0.0, 0
    for group in (pair, third):
        y = np.array([math.log((f.events + 0.5) / (100 - f.events + 0.5)) for f in group])
        v = np.array([1 / (f.events + 0.5) + 1 / (100 - f.events + 0.5) for f in group])
        total += (len(y) - 1) * (y.var(ddof=1) - v.mean())
        freedom += len(y) - 1
    assert spread_of([*pair, *third]).rate == pytest.approx(math.sqrt(total / freedom))


def test_studies_that_differ_less_than_sampling_allows_have_no_spread():
    assert pooled_variance([[fact("one", 0.5), fact("two", 0.51)]]) == 0.0
    assert spread_of([fact("one", 0.5)]) == Spread(0.0, 0.0, (), ())


def test_week_4_is_one_visit_and_days_2_and_3_are_two():
    assert len(repeated([fact("one", day=28.0), fact("two", day=30.0)], False)) == 1
    assert not repeated([fact("one", day=2.0), fact("two", day=3.0)], False)
    assert not repeated([fact("one", day=28.0), fact("two", day=30.0)], False, 0.0)


def test_two_rows_of_one_study_another_dose_product_or_area_are_no_repeated_number():
    first = fact("one")
    for other in (
        fact("one", 0.6),
        fact("two", multiple=2.0),
        fact("two", product="abobotulinumtoxin_a"),
        fact("two", area="forehead"),
        fact("two", kind="placebo"),
    ):
        assert not repeated([first, other], False)


def test_at_one_half_and_100_people_and_a_spread_of_0_30_the_floor_is_7_points_and_29_wide():
    found = floor_of(fact("one", 0.5), Spread(0.30, 0.0, (), ()))
    assert 100 * found.error == pytest.approx(7.0, abs=0.3)
    assert 100 * found.width == pytest.approx(29.0, abs=1.1)


def test_without_spread_the_floor_is_the_binomial():
    one = fact("one", 0.3, n=50)
    found = floor_of(one, Spread(0.0, 0.0, (), ()))
    rate = 15.5 / 51
    law = stats.binom(50, rate)
    assert found.interval == (law.ppf(0.05) / 50, law.ppf(0.95) / 50)
    assert found.error == pytest.approx(law.expect(lambda k: abs(k / 50 - rate)))


def test_the_floor_of_a_median_is_log_normal():
    found = floor_of(weeks("one", 24.0, n=81), Spread(0.0, 0.0, (), ()))
    assert found.interval == pytest.approx(tuple(24.0 * np.exp(0.1 * stats.norm.ppf([0.05, 0.95]))))
    z = np.random.default_rng(0).standard_normal(200_000)
    assert found.error == pytest.approx(np.abs(24.0 * np.exp(0.1 * z) - 24.0).mean(), rel=0.01)


def test_the_floor_of_a_study_is_made_without_it():
    facts = [fact("one", 0.2), fact("two", 0.8), fact("three", 0.5)]
    without = spread_of(remaining(facts, "one"))
    assert without.rate < spread_of(facts).rate
    assert all(not name.startswith("one") for group in without.rate_groups for name in group)


def test_rows_that_are_never_fitted_are_no_ground_of_a_prediction():
    assert remaining([fact("one", use="test"), fact("two")], "three") == [fact("two")]


# --- Predictive distributions and scores


def test_one_draw_is_a_beta_binomial():
    from endplate.fit.clinic.sampler import concentration

    found = predictive.beta_binomial_counts(40, 12, np.array([0.3]), np.array([0.4]))
    together = concentration(np, 0.3, 0.4)
    law = stats.betabinom(40, 0.3 * together, 0.7 * together)
    assert found.probability == pytest.approx(law.pmf(np.arange(41)), abs=1e-12)
    assert found.surprise() == pytest.approx(-law.logpmf(12))
    assert found.below() == pytest.approx(law.cdf(11) + 0.5 * law.pmf(12))


def test_several_draws_are_their_mixture():
    share, sd = np.array([0.2, 0.7]), np.array([0.3, 0.3])
    both = predictive.beta_binomial_counts(20, 5, share, sd).probability
    parts = [
        predictive.beta_binomial_counts(20, 5, share[k : k + 1], sd[k : k + 1]).probability for k in (0, 1)
    ]
    assert both == pytest.approx(0.5 * (parts[0] + parts[1]))
    assert both.sum() == pytest.approx(1.0)


def test_the_ends_of_an_interval_belong_to_it():
    law = stats.binom(20, 0.5)
    found = predictive.logit_normal_counts(20, 6, 0.0, 0.0)
    assert found.ends(0.9) == (law.ppf(0.05), law.ppf(0.95)) == (6, 14)
    assert found.contains()
    assert not replace(found, events=5).contains()
    assert replace(found, events=14).contains() and not replace(found, events=15).contains()


def test_a_wider_spread_between_studies_widens_an_interval():
    narrow, wide = (predictive.logit_normal_counts(200, 100, 0.0, sd).interval() for sd in (0.1, 0.5))
    assert wide[0] < narrow[0] < 0.5 < narrow[1] < wide[1]


def test_a_median_without_model_uncertainty_is_one_log_normal():
    found = predictive.median_times(90, 26.0, np.array([24.0]), np.array([0.2]))
    sd = math.sqrt(0.2**2 + 0.81 / 90)
    law = stats.lognorm(sd, scale=24.0)
    assert found.interval() == pytest.approx(tuple(law.ppf([0.05, 0.95])), rel=1e-6)
    assert found.surprise() == pytest.approx(-law.logpdf(26.0))
    assert found.below() == pytest.approx(law.cdf(26.0))
    assert found.contains() and not replace(found, observed=50.0).contains()


def test_an_interval_score_is_the_width_and_20_times_the_miss():
    assert predictive.interval_score((0.2, 0.6), 0.4) == pytest.approx(0.4)
    assert predictive.interval_score((0.2, 0.6), 0.7) == pytest.approx(0.4 + 20 * 0.1)
    assert predictive.interval_score((0.2, 0.6), 0.1) == pytest.approx(0.4 + 20 * 0.1)


# --- Groups


def test_a_product_is_seen_where_another_fitted_study_has_it_at_the_same_family():
    mine = fact("one")
    assert group_of(mine, [fact("two", 0.4, endpoint="investigator_2_grades")]) == ("a", True)
    assert group_of(mine, [fact("two", area="forehead")]) == ("a", False)
    assert group_of(mine, [fact("two", family="onset"), fact("three", product="other")]) == ("b", False)
    assert group_of(mine, [fact("two", kind="placebo", product="placebo")]) == ("b", False)
    assert group_of(fact("one", kind="placebo"), [fact("two")]) == (None, False)


def test_the_dose_of_an_area_is_that_of_its_own_pattern():
    arm = catalogue().studies["lcl_gl_ona_japan"].arm_of("u12")
    assert dose_of(arm, "lateral_canthus") == (12.0, 0.5)
    assert dose_of(arm, "glabella") == (20.0, 1.0)


def test_a_relapse_counts_those_who_lost_the_effect():
    found = facts_of(["c2.relapse_investigator.d120.u20"])[0]
    assert found.negated and found.events == 7
    assert found.success == pytest.approx(1 - 7.5 / 21)
    assert found.score > 0 > math.log(7.5 / 13.5)


# --- Baselines


def share_of(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_the_label_mean_is_the_mean_of_the_same_number_weighted_with_n():
    rest = [
        fact("two", 0.4, n=100),
        fact("three", 0.7, n=300),
        fact("four", 0.1, product="abobotulinumtoxin_a"),
    ]
    expected = (100 * 40.5 / 101 + 300 * 210.5 / 301) / 400
    assert share_of(baselines.label_mean(fact("one"), rest)) == pytest.approx(expected)


def test_the_label_mean_turns_to_the_family_where_the_product_has_no_such_number():
    rest = [
        fact("two", 0.3, endpoint="investigator_2_grades", product="abobotulinumtoxin_a"),
        fact("three", 0.9, family="none_mild"),
    ]
    assert share_of(baselines.label_mean(fact("one"), rest)) == pytest.approx(30.5 / 101)
    assert baselines.label_mean(fact("one"), rest[1:]) is None


def test_the_label_mean_takes_a_visit_near_by_before_the_same_endpoint_at_another_time():
    rest = [fact("two", 0.8, day=30.0), fact("three", 0.25, day=112.0, product="abobotulinumtoxin_a")]
    assert share_of(baselines.label_mean(fact("one", day=120.0), rest)) == pytest.approx(25.5 / 101)
    assert share_of(baselines.label_mean(fact("one", day=120.0), rest[:1])) == pytest.approx(80.5 / 101)


def test_the_label_mean_prefers_label_doses_and_the_same_area():
    rest = [fact("two", 0.9, multiple=2.0), fact("three", 0.5), fact("four", 0.2, area="forehead")]
    assert share_of(baselines.label_mean(fact("one"), rest)) == pytest.approx(0.5)


def test_a_median_by_the_label_mean_is_the_geometric_mean():
    rest = [weeks("two", 20.0), weeks("three", 25.0)]
    assert math.exp(baselines.label_mean(weeks("one", 9.0), rest)) == pytest.approx(math.sqrt(500.0))


def test_the_curve_finds_a_dose_response_it_was_made_from():
    truth = np.array([-3.5, 6.0, math.log(0.4), math.log(4.0), math.log(120.0)])
    made = []
    for m in (0.0, 0.5, 1.0, 2.0, 4.0):
        for day in (3.0, 10.0, 30.0, 90.0, 180.0):
            share = share_of(float(emax.course(truth, np.array([m]), np.array([day]))[0]))
            kind = "placebo" if m == 0 else "active"
            made.append(fact(f"s{m}", share, n=100_000, multiple=m, day=day, kind=kind))
    curve = emax.fit_curve(made, False, baselines.label_doses, 0.0)
    for f in made:
        assert share_of(curve.at(f)) == pytest.approx(f.value, abs=0.01)
    assert curve.residual_sd < 0.05


def test_the_course_is_at_its_base_without_dose_or_time_and_peaks_at_its_top():
    p = np.array([-3.0, 5.0, math.log(1.0), math.log(3.0), math.log(90.0)])
    assert emax.course(p, np.array([0.0, 1.0]), np.array([30.0, 0.0])) == pytest.approx([-3.0, -3.0])
    highest = emax.course(p, np.full(4000, 1.0), np.linspace(0.0, 100.0, 4000)).max()
    assert highest == pytest.approx(-3.0 + 5.0 / 2, abs=1e-3)


def test_by_the_habit_50_units_of_abo_are_20_of_ona_and_an_unlisted_product_has_no_dose():
    abo = fact("one", product="abobotulinumtoxin_a", units=50.0)
    assert baselines.converted(abo) == baselines.converted(fact("two", units=20.0)) == 1.0
    assert baselines.converted(fact("one", product="daxibotulinumtoxin_a", units=40.0)) == 1.0
    assert baselines.converted(fact("one", product="rimabotulinumtoxin_b", units=2500.0)) is None
    assert baselines.converted(fact("one", kind="placebo", product="placebo", units=0.0)) == 0.0


def test_no_baseline_sees_the_study_it_predicts():
    others = [
        fact("two", 0.5),
        fact("three", 0.55),
        fact("p", 0.02, kind="placebo", product="placebo", multiple=0.0),
    ]
    low, high = fact("one", 0.1), fact("one", 0.9)
    for name in baselines.NAMES:
        found = [
            baselines.Baselines([own, *others], lambda _: Spread(0.2, 0.1, (), ())).predict(name, own)
            for own in (low, high)
        ]
        assert found[0] == found[1] is not None


def test_a_baseline_is_as_uncertain_as_the_floor_or_as_its_own_misses():
    steady = [fact(s, 0.5) for s in ("one", "two", "three")]
    split = [fact("one", 0.5), fact("two", 0.1), fact("three", 0.9), fact("four", 0.1), fact("five", 0.9)]
    spread = Spread(0.2, 0.1, (), ())
    calm = baselines.Baselines(steady, lambda _: spread).predict("label_mean", steady[0])
    wild = baselines.Baselines(split, lambda _: spread).predict("label_mean", split[0])
    assert calm.sd == 0.2
    assert wild.sd > 1.0


def test_the_point_of_a_baseline_is_turned_round_where_the_loss_is_counted():
    lost = fact("one", 0.3, negated=True)
    point = baselines.Point(math.log(4.0), 0.0)
    assert baselines.value_of(lost, point) == pytest.approx(0.2)
    mean = (baselines.predictive_of(lost, point).probability * np.arange(101)).sum() / 100
    assert mean == pytest.approx(0.2)


# --- Figures


def test_the_interval_of_a_coverage_counts_studies_and_not_rows():
    studies = [f"s{k}" for k in range(10)]
    one = summary.by_study(studies, [True] * 8 + [False] * 2)
    many = summary.by_study([s for s in studies for _ in range(20)], [True] * 160 + [False] * 40)
    assert one == pytest.approx(many)
    assert one[0] < 0.8 < one[1]


def test_where_all_rows_lie_inside_the_interval_is_that_of_as_many_trials_as_studies():
    low, high = summary.by_study(["one", "one", "two", "three"], [True] * 4)
    assert (low, high) == (pytest.approx(0.05 ** (1 / 3)), 1.0)
    assert summary.by_study(["one", "two"], [False, False]) == (0.0, pytest.approx(1 - 0.05**0.5))


def test_a_floor_of_nothing_has_no_figures():
    found = summary.figures([])
    assert found["rows"] == 0
    assert found["coverage"]["share"] is None and found["shares"]["width_ratio"] is None


def test_a_target_without_a_figure_is_neither_met_nor_missed():
    empty = {"a": summary.figures([])}
    assert {t["met"] for t in summary.targets_of(empty)} == {None}


def test_the_same_visit_is_a_share_of_the_day():
    assert pytest.approx(0.1) == floor.SAME_VISIT
