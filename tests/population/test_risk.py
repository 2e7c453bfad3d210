"""The risk of a plan."""

from __future__ import annotations

import numpy as np
import pytest
from risk_plans import SMALL, glabella, of_pattern, plan_of, site

from endplate.errors import CatalogueError, ModelError
from endplate.plan import mirror_plan, scale_units
from endplate.population.risk import risk_of, risks_of

LEVATOR = "levator_palpebrae_superioris"


@pytest.fixture(scope="module")
def label():
    return risk_of(glabella(), **SMALL)


def test_every_effect_gets_a_probability_with_an_interval_and_an_error(label):
    assert len({one.effect for one in label.unwanted}) == 13
    for one in label.unwanted:
        low, high = one.interval90
        assert 0.0 <= low <= high <= 1.0 and 0.0 <= one.probability <= 1.0
        assert (one.mc_error is None) == (one.probability == 0.0)
        assert one.basis == "mechanism" and one.evidence["weakest_grade"] == "D"
        share = one.evidence["prior_share"]
        assert (share is None and high > 0.0) if one.probability == 0.0 else 0.0 <= share <= 1.0
    assert label.of("eyelid_ptosis").probability > 0.002


def test_a_droop_begins_within_two_weeks_and_ends(label):
    one = label.of("eyelid_ptosis")
    assert 1 <= one.onset_day <= 14 and one.onset_day < one.resolution_day
    assert "travel" in one.definition and "2 mm" in one.definition


def test_a_harsher_definition_is_rarer(label):
    any_, seen, marked = (label.of("eyelid_ptosis", level=k).probability for k in ("any", "seen", "marked"))
    assert any_ > seen > marked > 0.0


def test_either_side_is_between_the_larger_side_and_the_sum(label):
    left, right, either = (
        label.of("eyelid_ptosis", side).probability for side in ("left", "right", "either")
    )
    assert max(left, right) <= either <= left + right + 1e-12


def test_same_seed_same_numbers_and_plans_share_their_people(label):
    first, second = risks_of([glabella(), glabella(0.0)], **SMALL)
    assert [one.probability for one in first.unwanted] == [one.probability for one in label.unwanted]
    assert (first.run.face == second.run.face).all()


def test_the_lateral_site_on_its_way_to_the_rim_never_lowers_the_risk():
    found = risks_of([glabella(up) for up in (10, 8, 6, 4, 2, 0)], only=["eyelid_ptosis"], **SMALL)
    risks = [one.of("eyelid_ptosis").probability for one in found]
    assert (np.diff(risks) >= 0.0).all() and risks[-1] - risks[0] >= 0.01


def test_a_mirrored_plan_has_the_mirrored_risk():
    plan = of_pattern("hemifacial_spasm.onabotulinumtoxin_a.left")
    one, other = risks_of([plan, mirror_plan(plan)], **SMALL)
    for found in one.unwanted:
        side = {"left": "right", "right": "left", "either": "either"}[found.side]
        assert found.probability == pytest.approx(
            other.of(found.effect, side, found.level).probability, rel=1e-9
        )
    assert one.of("dry_eye", "left").probability > 0.1


def test_no_toxin_no_risk():
    found = risk_of(scale_units(glabella(), 0.0), **SMALL)
    assert all(one.probability == 0.0 for one in found.unwanted)


def test_shares_of_the_exposure_add_to_one_and_the_named_needle_matters_most(label):
    shares = label.run.shares("eyelid_ptosis", LEVATOR, "left")
    assert shares.sum() == pytest.approx(1.0)
    named = {
        name: share for name, share in zip(label.run.sites, shares, strict=True) if name.endswith("_left")
    }
    assert sum(named.values()) == pytest.approx(1.0, abs=0.02)
    without = risks_of([glabella(**{name: 0.0}) for name in named], only=["eyelid_ptosis"], **SMALL)
    left = {name: r.of("eyelid_ptosis", "left").probability for name, r in zip(named, without, strict=True)}
    assert min(left, key=left.__getitem__) == max(named, key=named.__getitem__)


def test_injectors_differ_in_how_often_their_needles_slip(label):
    one = label.of("eyelid_ptosis")
    assert one.injectors90[0] < one.probability < one.injectors90[1]


def test_a_beginner_and_a_deep_needle_run_a_higher_risk():
    deep = [site(s, s, "corrugator_supercilii", "rim_superior", 10, depth_mm=7.0) for s in ("left", "right")]
    shallow = [one | {"depth_mm": 4.0} for one in deep]
    plans = [plan_of(shallow), plan_of(deep), plan_of(shallow, operator={"experience": "novice"})]
    risks = [one.of("eyelid_ptosis").probability for one in risks_of(plans, only=["eyelid_ptosis"], **SMALL)]
    assert risks[1] > risks[0] and risks[2] > risks[0]


def test_the_frontalis_lowers_the_brow():
    plan = of_pattern("forehead_lines.incobotulinumtoxin_a", diluent_ml=2.5)
    assert risk_of(plan, only=["brow_ptosis"], **SMALL).of("brow_ptosis").probability > 0.02


def test_a_low_site_of_the_crows_foot_reaches_the_smile():
    def plan(up):
        return plan_of([site("one", "left", "orbicularis_oculi_orbital", "rim_lateral", up)])

    high, low = risks_of([plan(5.0), plan(-25.0)], only=["smile_asymmetry"], **SMALL)
    assert low.of("smile_asymmetry", "left").probability > high.of("smile_asymmetry", "left").probability
    assert low.of("smile_asymmetry", "right").probability < low.of("smile_asymmetry", "left").probability


def test_a_rectus_injection_risks_the_lid_of_its_own_eye_alone():
    plan = of_pattern("strabismus.onabotulinumtoxin_a.esotropia_below_20pd_left")
    found = risk_of(plan, **SMALL)
    assert found.of("eyelid_ptosis", "left").probability > 0.02
    assert found.of("eyelid_ptosis", "right").probability == 0.0
    assert "medial_rectus" not in found.of("diplopia").by_muscle
    assert found.of("eyelid_ptosis").injectors90[0] == pytest.approx(found.of("eyelid_ptosis").probability)


def test_limits_are_told(label):
    assert any("gaze" in words for words in label.limits)


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ({"faces": 7}, ModelError),
        ({"draws": 2}, ModelError),
        ({"per_draw": 1}, ModelError),
        ({"only": ["ptosis"]}, CatalogueError),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(numbers, kind):
    with pytest.raises(kind):
        risk_of(glabella(), **{**SMALL, **numbers})


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_over_two_thousand_faces_the_rim_raises_the_risk_and_the_label_site_lies_where_it_was_seen(seed):
    plans = [glabella(up) for up in (10, 8, 6, 4, 2, 0)]
    found = risks_of(plans, faces=256, draws=512, per_draw=4, only=["eyelid_ptosis"], seed=seed)
    risks = [one.of("eyelid_ptosis").probability for one in found]
    assert (np.diff(risks) >= 0.0).all() and risks[-1] - risks[0] >= 0.01
    assert 0.005 <= risks[0] <= 0.05


@pytest.mark.slow
def test_the_printed_error_is_that_of_other_seeds():
    found = [risk_of(glabella(), seed=seed, only=["eyelid_ptosis"]).of("eyelid_ptosis") for seed in range(8)]
    values = np.array([one.probability for one in found])
    told = float(np.mean([one.mc_error for one in found]))
    assert told <= 0.2
    assert values.std(ddof=1) / values.mean() <= 2.0 * told
