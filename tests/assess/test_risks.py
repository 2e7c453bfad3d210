"""Every unwanted effect of a plan in one list, each once; and plans side by side on the same people."""

from __future__ import annotations

import pytest
from small_runs import few_draws, plan_of

from endplate.assess import compare, risk
from endplate.assess.histograms import reached_of
from endplate.assess.risks import reported_for
from endplate.catalogue.effects import mechanisms
from endplate.catalogue.persistence import listed
from endplate.errors import CatalogueError, ModelError
from endplate.plan import scale_units
from endplate.report.risk_document import unwanted_of

GLABELLA = "glabellar-lines"


@pytest.fixture(scope="module")
def found():
    with few_draws():
        return risk(plan_of(GLABELLA), faces=8, seed=1)


def test_each_effect_stands_once_a_side_and_the_two_lists_share_none(found) -> None:
    entries = unwanted_of(found)
    keys = [(one["effect"], one["side"]) for one in entries]
    assert len(keys) == len(set(keys))
    by = {basis: {e["effect"] for e in entries if e["basis"] == basis} for basis in ("mechanism", "reported")}
    assert by["mechanism"] == set(mechanisms())
    assert not by["mechanism"] & by["reported"]
    assert by["reported"] <= {one.id for one in listed("reported")}
    assert [one["effect"] for one in entries if one["side"] == "either"] == list(mechanisms())


def test_other_definitions_of_an_effect_stand_in_its_entry(found) -> None:
    entry = next(e for e in unwanted_of(found) if (e["effect"], e["side"]) == ("eyelid_ptosis", "either"))
    levels = {name: one["probability"] for name, one in entry["levels"].items()}
    assert levels["any"] >= entry["probability"] >= levels["marked"] > 0.0
    assert entry["definition"] and entry["evidence"]["weakest_grade"] == "D"
    assert entry["interval90"][0] <= entry["probability"]


def test_one_effect_can_be_asked_for_alone() -> None:
    with few_draws():
        alone = risk(plan_of(GLABELLA), faces=8, seed=1, only=["eyelid_ptosis"])
    assert {one.effect for one in alone.mechanism.unwanted} == {"eyelid_ptosis"}
    assert alone.reported == ()


def test_the_report_of_the_product_that_reports_most_is_taken(found) -> None:
    names = [record.effect for _, record in reported_for(plan_of(GLABELLA))]
    assert len(names) == len(set(names)) and "headache" in names


def test_targets_are_reached_more_than_what_is_to_be_spared(found) -> None:
    curves = reached_of(found.mechanism)
    targets = [one for one in curves if one.role == "target"]
    spared = [one for one in curves if one.role == "at_risk"]
    assert {one.muscle for one in targets} == {"corrugator_supercilii", "procerus"}
    assert spared and min(t.at(1.0) for t in targets) > max(s.at(1.0) for s in spared)
    for one in curves:
        assert all(one.share[:-1] >= one.share[1:] - 1e-9) and 0.0 <= one.share[0] <= 1.0 + 1e-6


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"faces": 6}, ModelError, "a multiple of"),
        ({"faces": 0}, ModelError, "a multiple of"),
        ({"seed": -1}, ModelError, "Give --seed"),
        ({"only": ["eyelid_ptosys"]}, CatalogueError, "Did you mean `eyelid_ptosis`"),
    ],
)
def test_what_no_run_can_use_is_refused_first(options, kind, said) -> None:
    with pytest.raises(kind, match=said):
        risk(plan_of(GLABELLA), **options)


@pytest.fixture(scope="module")
def compared():
    plan = plan_of(GLABELLA)
    with few_draws():
        return compare([plan, scale_units(plan, 2.0), plan], faces=8, samples=0, days=120, seed=1)


def test_the_same_plan_does_not_differ_and_more_units_do_more(compared) -> None:
    by = {(one.effect, one.letter): one for one in compared.differences}
    for effect in mechanisms():
        same = by[effect, "C"]
        assert same.difference == 0.0 and same.interval90 == (0.0, 0.0) and not same.clear
    more = by["eyelid_ptosis", "B"]
    assert more.difference > 0.0 and more.clear and more.interval90[1] > 0.0
    risks = [next(o for o in plan.risk.seen() if o.effect == "eyelid_ptosis") for plan in compared.plans[:2]]
    assert more.difference == pytest.approx(risks[1].probability - risks[0].probability)
    own = [one.probability * (one.mc_error or 0.0) for one in risks]
    assert more.error < max(own)  # what common random numbers are for


def test_units_stay_with_their_product_and_targets_with_their_plan(compared) -> None:
    assert [plan.units for plan in compared.plans] == [
        {"onabotulinumtoxin_a": 20.0},
        {"onabotulinumtoxin_a": 40.0},
        {"onabotulinumtoxin_a": 20.0},
    ]
    assert all(one.aimed == (True, True, True) for one in compared.targets)
    for one in compared.targets:
        assert one.nadir[1][0] < one.nadir[0][0] == one.nadir[2][0]
    assert "eyelid_ptosis" in compared.effects and "dysphagia" not in compared.effects


@pytest.mark.parametrize("count", [0, 1, 6])
def test_two_to_five_plans_are_compared(count: int) -> None:
    with pytest.raises(ModelError, match="It takes 2 to 5"):
        compare([plan_of(GLABELLA)] * count)
