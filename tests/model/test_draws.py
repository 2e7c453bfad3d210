"""Draws, slips and bands: what changes a result must change it, and in the right direction."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from endplate.assess import operators_of, simulate
from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.model import chain
from endplate.model.parameters import ParameterSet, model_parameter_ids, point_parameters
from endplate.model.simulate import simulate_point
from endplate.model.spread import SiteGeometry, influence
from endplate.plan import plan_from_dict, plan_to_dict, read_plan
from endplate.population import draw_needles, draw_parameters, force_bands
from endplate.population.bands import chunk_size, draw_forces
from endplate.population.draws import prior_values
from tests.laws.plans import plan_of
from tests.laws.tools import prepared

EXAMPLES = Path(__file__).parents[2] / "examples"
GLABELLA = read_plan(EXAMPLES / "glabellar-lines.toml")


@pytest.fixture(scope="module")
def setup():
    return prepared(GLABELLA, days=90)


def row(setup, muscle: str, side: str) -> int:
    return [setup.endplates.names[i] for i in setup.active_muscles].index((muscle, side))


def test_needles_scatter_as_their_parameter_says_and_a_novice_more(setup):
    parameters = draw_parameters(4000, 1)
    expert, novice = (
        draw_needles(setup, [(who, "none")] * len(setup.sites), parameters, 1) for who in ("expert", "novice")
    )
    for needle, name in ((expert, "expert"), (novice, "novice")):
        stays = ~needle.behind[:, 1]
        scatter = (
            needle.offset_mm[stays, 1]
            / np.stack([parameters[f"needle.sd.{name}"]] * 2 + [parameters["needle.depth_sd"]], axis=1)[stays]
        )
        np.testing.assert_allclose(scatter.std(axis=0), 1.0, atol=0.05)
    assert novice.offset_mm[..., :2].std() > 1.3 * expert.offset_mm[..., :2].std()


def test_guidance_narrows_the_scatter_and_a_novice_slips_more_often(setup):
    parameters = draw_parameters(4000, 1)

    def drawn(experience, guidance):
        return draw_needles(setup, [(experience, guidance)] * len(setup.sites), parameters, 1)

    by_hand = drawn("expert", "none")
    for guidance in ("ultrasound", "emg"):
        needle = drawn("expert", guidance)
        factor = parameters[f"operator.guidance.{guidance}"][:, None]
        np.testing.assert_allclose(needle.offset_mm[:, 0], factor * by_hand.offset_mm[:, 0])
    slips = [drawn(who, "none").behind[:, 1:].mean() for who in ("expert", "novice")]
    chance = parameters["needle.behind_septum_probability"]
    more = np.minimum(chance * parameters["operator.novice.slip"], 0.5).mean() / chance.mean()
    assert slips[1] / slips[0] == pytest.approx(more, rel=0.25)


def test_an_unknown_operator_counts_as_an_expert(setup):
    parameters = draw_parameters(10, 1)
    unknown, expert = (draw_needles(setup, [(w, "none")] * 5, parameters, 1) for w in ("unknown", "expert"))
    assert (unknown.offset_mm == expert.offset_mm).all()


def test_slips_happen_as_often_as_their_probability_and_only_near_the_rim(setup):
    parameters = draw_parameters(4000, 2)
    needle = draw_needles(setup, [("expert", "none")] * 5, parameters, 2)
    near = [site.slipped is not None for site in setup.sites]
    assert not near[0] and all(near[1:])  # the procerus site is far from both rims
    expected = parameters["needle.behind_septum_probability"].mean()
    assert needle.behind[:, 0].sum() == 0
    assert needle.behind[:, 1:].mean() == pytest.approx(expected, rel=0.25)


def test_a_slipped_needle_leaves_its_target_and_reaches_the_levator(setup):
    draws = draw_parameters(60, 3)
    stays = chain.Needle.exact(60, 5)
    slips = replace(stays, behind=np.zeros((60, 5), dtype=bool))
    slips.behind[:, 3] = True
    inside, outside = (chain.exposures(np, setup, draws, n)[0] for n in (slips, stays))
    levator = setup.muscle == row(setup, "levator_palpebrae_superioris", setup.placed[3].side)
    corrugator = setup.muscle == row(setup, "corrugator_supercilii", setup.placed[3].side)
    assert inside[:, levator].mean() > 100 * outside[:, levator].mean()
    assert inside[:, corrugator].mean() < 0.8 * outside[:, corrugator].mean()


def test_fasciae_transmit_their_share():
    geometry = SiteGeometry(
        index=np.arange(3),
        offset_mm=np.tile([2.0, 1.0, 0.5], (3, 1)),
        beyond_mm=np.zeros(3),
        isotropic=np.zeros(3, dtype=bool),
        through_opening=np.zeros(3, dtype=bool),
        crossings=np.array([0, 1, 2]),
        thickness_mm=1.5,
    )
    given = influence(np, geometry, 0.1, point_parameters(), np.zeros((1, 3)))[0]
    through = float(point_parameters()["spread.fascia_transmission"][0])
    np.testing.assert_allclose(given[1:] / given[:-1], through, rtol=1e-12)


def test_antibodies_remove_their_share_of_exposure_and_cost_effect():
    whole, half = (simulate_point(GLABELLA, days=60, neutralised_share=s) for s in (0.0, 0.5))
    np.testing.assert_allclose(half.median_over_threshold, 0.5 * whole.median_over_threshold, rtol=1e-12)
    target = whole.row("corrugator_supercilii", "left")
    assert half.force[target].min() > whole.force[target].min() + 0.05
    with pytest.raises(ModelError, match="share, 0 to 1"):
        simulate_point(GLABELLA, neutralised_share=1.5)


def test_a_session_of_the_past_weakens_day_0():
    tree = plan_to_dict(GLABELLA)
    earlier = {**tree["sessions"][0], "given": True, "date": "2026-01-20"}
    earlier["injections"] = [{**i, "id": f"past-{n}"} for n, i in enumerate(earlier["injections"])]
    both = simulate_point(plan_from_dict({**tree, "sessions": [earlier, *tree["sessions"]]}), days=60)
    once = simulate_point(GLABELLA, days=60)
    target = once.row("corrugator_supercilii", "left")
    assert once.force[target, 0] == 1.0
    assert both.force[target, 0] < 0.8
    assert (both.force <= once.force + 1e-9).all()
    np.testing.assert_allclose(both.median_over_threshold, once.median_over_threshold)  # of day 0 alone


def test_bands_are_the_quantiles_of_the_draws(setup):
    operators = operators_of(GLABELLA, setup)
    found = force_bands(setup, operators, draws=80, seed=5)
    parameters = draw_parameters(80, 5)
    forces = draw_forces(setup, parameters, draw_needles(setup, operators, parameters, 5))
    low, middle, high = np.quantile(forces[:, :, 30], [0.05, 0.5, 0.95], axis=0)
    np.testing.assert_allclose(found.force["low"][:, 30], low, atol=2e-3)
    np.testing.assert_allclose(found.force["median"][:, 30], middle, atol=2e-3)
    np.testing.assert_allclose(found.force["high"][:, 30], high, atol=2e-3)
    for name in ("nadir", "onset_day", "duration_days"):
        ends = [found.metrics[f"{name}_{end}"] for end in ("low", "median", "high")]
        for a, b in pairwise(ends):
            both = np.isfinite(a) & np.isfinite(b)
            assert both.any() and (a[both] <= b[both]).all()


def test_draws_still_weak_on_the_last_day_count_as_longer():
    short, long = (simulate(GLABELLA, days=d, samples=100, seed=1) for d in (100, 365))
    target = long.row("corrugator_supercilii", "left")
    assert np.isnan(short.metrics["duration_days_high"][target])
    assert long.metrics["duration_days_high"][target] > 120
    assert short.metrics["duration_days_low"][target] == pytest.approx(
        long.metrics["duration_days_low"][target], abs=1.0
    )


def test_results_do_not_depend_on_how_draws_are_cut(setup, monkeypatch):
    parameters = draw_parameters(23, 4)
    needle = draw_needles(setup, [("expert", "none")] * 5, parameters, 4)
    forces = []
    for size in (23, 11, 1):
        monkeypatch.setattr("endplate.population.bands.chunk_size", lambda *_, size=size: size)
        forces.append(draw_forces(setup, parameters, needle))
    np.testing.assert_allclose(forces[1], forces[0], atol=1e-12)
    np.testing.assert_allclose(
        forces[2], forces[0], atol=1e-12
    )  # bins are the same; only threads and chunks differ


@pytest.mark.parametrize("score", [-6.0, 6.0])
def test_the_furthest_draws_of_every_prior_make_sense(setup, score):
    table = catalogue().parameters
    extreme = {n: prior_values(table[n], np.array([score])) for n in model_parameter_ids()}
    for name, value in extreme.items():
        assert np.isfinite(value).all() and value[0] >= 0.0, name
        if "probability" in name or "fraction" in name or "transmission" in name or "share" in name:
            assert value[0] <= 1.0, name
    assert extreme["structural.force_exponent"][0] >= 1.0
    force = chain.forces(np, setup, ParameterSet(extreme), chain.Needle.exact(1, 5))
    assert np.isfinite(force).all() and force.min() >= 0.0 and force.max() <= 1.0 + 1e-9


@pytest.mark.parametrize("name", ["junction.safety_factor.mimic", "threshold.onabotulinumtoxin_a"])
def test_senseless_parameters_are_refused_not_hidden(setup, name):
    values = {**point_parameters().values, name: np.array([0.0])}
    with pytest.raises(ModelError):
        chain.forces(np, setup, ParameterSet(values), chain.Needle.exact(1, 5))


def test_prior_share_of_the_glabella_is_high_and_says_so():
    course = simulate(GLABELLA, days=60, samples=200, seed=3)
    shares = course.prior_share[[course.row("corrugator_supercilii", s) for s in ("left", "right")]]
    assert (shares > 0.5).all() and (shares <= 1.0).all()


def test_too_much_work_and_too_long_a_span_are_refused(setup):
    with pytest.raises(ModelError, match="take very long"):
        chunk_size(replace(setup, days=3650), 10**9)
    tree = plan_to_dict(GLABELLA)
    old = {**tree["sessions"][0], "given": True, "date": "1990-01-20"}
    old["injections"] = [{**i, "id": f"old-{n}"} for n, i in enumerate(old["injections"])]
    with pytest.raises(ModelError, match="At most 3650 days"):
        simulate_point(plan_from_dict({**tree, "sessions": [old, *tree["sessions"]]}))


@pytest.mark.parametrize(
    "wrong", [{"days": 1.5}, {"samples": 2.5}, {"seed": -1}, {"seed": 2**70}, {"samples": 1}]
)
def test_numbers_that_are_none_are_refused_in_a_sentence(wrong):
    with pytest.raises(ModelError):
        simulate(GLABELLA, **wrong)


def test_at_risk_holds_both_sides_and_no_side_without_toxin():
    strabismus = simulate(read_plan(EXAMPLES / "strabismus-medial-rectus.toml"), days=60, samples=20)
    assert all(side == "left" for _, side in strabismus.at_risk)
    glabella = simulate(GLABELLA, days=60, samples=20)
    assert {("levator_palpebrae_superioris", "left"), ("depressor_supercilii", "right")} <= set(
        glabella.at_risk
    )
    assert not set(glabella.at_risk) & glabella.targets


def test_another_product_and_a_man_obey_the_same_mirror():
    plan = plan_of(
        [
            {
                "pattern": "glabellar_lines.onabotulinumtoxin_a",
                "site": "procerus",
                "units": 4,
                "volume_ml": 0.1,
            }
        ],
        sex="male",
        age=60,
    )
    course = simulate_point(plan, days=40)
    for muscle, side in course.muscles:
        if side == "left":
            left, right = course.row(muscle, "left"), course.row(muscle, "right")
            np.testing.assert_allclose(course.force[left], course.force[right], atol=1e-9)
