"""Risks by mechanism of a trial's arms: the risk engine's own answers, mixed over the sexes, each plan once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from endplate.catalogue.effects import mechanisms
from endplate.errors import PlaceError
from endplate.population.risk import risk_of
from endplate.trial import Design
from endplate.trial import risks as trial_risks
from endplate.trial.limits import REPORTED_ONLY
from endplate.trial.result import NOT_ASKED, TrialResult
from endplate.trial.risks import mixed, with_risks

BOTH = (
    "sex = { female = 1.0 }",
    'sex = { female = 0.75, male = 0.25 }\noperator = { experience = "novice" }',
)
SECOND = """
[[arms]]
name = "the same again"
n = 20
pattern = "glabellar_lines.onabotulinumtoxin_a"
"""
pytestmark = pytest.mark.usefixtures("few_risk_faces")


@pytest.fixture(scope="module")
def found(small: TrialResult, small_design: Design, few_risk_faces: None) -> TrialResult:
    return with_risks(small, small_design)


def test_without_asking_there_are_reported_rates_alone(small: TrialResult) -> None:
    for arm in small.arms:
        assert not arm.by("mechanism") and arm.by("reported") == arm.unwanted
        assert arm.unsimulated == NOT_ASKED
    assert REPORTED_ONLY in small.limits


def test_an_arm_has_the_engines_own_risks_beside_the_reports(
    found: TrialResult, small: TrialResult, small_design: Design
) -> None:
    active = found.arm("active")
    own = risk_of(small_design.arms[0].plan("female", 46.0), faces=4, draws=16, seed=small.seed)
    assert {one.effect for one in active.by("mechanism")} == set(mechanisms())
    for one in active.by("mechanism"):
        engine = own.of(one.effect)
        assert one.record == engine
        assert (one.probability, one.interval90, one.source) == (
            engine.probability,
            engine.interval90,
            engine.source,
        )
        assert one.evidence == engine.evidence and one.area is None
        assert one.expected is not None
        assert one.expected.people == pytest.approx(active.n * one.probability)
        assert 0 <= one.expected.interval90[0] <= one.expected.interval90[1] <= active.n
    assert active.by("reported") == small.arm("active").unwanted
    assert active.unsimulated is None
    assert {one.effect for one in active.reported_as("eyelid_ptosis")} == {"eyelid_ptosis"}
    assert REPORTED_ONLY not in found.limits


def test_rates_durations_and_powers_stay_as_they_were(found: TrialResult, small: TrialResult) -> None:
    bare = [replace(arm, unwanted=(), unsimulated=None) for arm in found.arms]
    assert bare == [replace(arm, unwanted=(), unsimulated=None) for arm in small.arms]
    assert found.powers == small.powers and found.versions == small.versions


def test_a_placebo_says_why_it_has_no_risk(found: TrialResult, small: TrialResult) -> None:
    placebo = found.arm("placebo")
    assert placebo.unsimulated is not None and "no toxin" in placebo.unsimulated
    assert placebo.unwanted == small.arm("placebo").unwanted


def test_entries_have_the_keys_of_a_risk_and_name_their_basis(found: TrialResult) -> None:
    entries = found.to_json_dict()["arms"][0]["unwanted"]
    keys = {
        "effect",
        "side",
        "probability",
        "interval90",
        "onset_day",
        "resolution_day",
        "basis",
        "evidence",
        "source",
    }
    for one in entries:
        assert keys | {"area", "counts_as", "mechanism", "expected"} <= one.keys()
    simulated = [one for one in entries if one["basis"] == "mechanism"]
    assert entries[: len(simulated)] == simulated
    assert {one["basis"] for one in entries[len(simulated) :]} == {"reported"}
    ptosis = next(one for one in simulated if one["effect"] == "eyelid_ptosis")
    assert set(ptosis["levels"]) == set(mechanisms()["eyelid_ptosis"].levels) - {"seen"}
    assert len(ptosis["expected"]["interval90"]) == 2


def _engine_calls(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[..., Any]
) -> list[tuple[str, float, int, str]]:
    calls: list[tuple[str, float, int, str]] = []

    def asked(plan: Any, **options: Any) -> Any:
        who, session = plan.patient, plan.sessions[0]
        calls.append((who.sex, who.age, options["faces"], session.operator.experience))
        return answer(plan, **options)

    monkeypatch.setattr(trial_risks, "risk_of", asked)
    return calls


def test_equal_treatments_are_worked_out_once_and_the_faces_are_split_between_the_sexes(
    changed: Callable[..., Design], small: TrialResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_risks, "FACES", 16)
    calls = _engine_calls(monkeypatch, risk_of)
    wanted = changed(BOTH, ("+", SECOND))
    arms = (*small.arms, replace(small.arms[0], name="the same again", n=20))
    told: list[tuple[int, int]] = []
    found = with_risks(replace(small, arms=arms), wanted, progress=lambda done, of: told.append((done, of)))
    assert calls == [("female", 46.0, 12, "novice"), ("male", 46.0, 4, "novice")]
    assert told[-1] == (16, 16) and {of for _, of in told} == {16} and told == sorted(told)
    one, again = (found.arm(name).by("mechanism")[0] for name in ("active", "the same again"))
    assert one.probability == again.probability
    assert one.expected is not None and again.expected is not None
    assert one.expected.people == pytest.approx(5 * again.expected.people)


def test_a_mix_has_the_rates_of_its_parts_by_their_shares(small_design: Design) -> None:
    women, men = (
        risk_of(small_design.arms[0].plan(sex, 46.0), faces=4, draws=16, per_draw=visits)
        for sex, visits in (("female", 4), ("male", 2))
    )
    records, run = mixed([(0.75, women), (0.25, men)])
    for one in records:
        own = [risk.of(one.effect, "either", one.level).probability for risk in (women, men)]
        assert one.probability == pytest.approx(0.75 * own[0] + 0.25 * own[1], abs=1e-12)
        assert 0.0 <= one.interval90[0] <= one.interval90[1] <= 1.0
    assert all(((values >= 0.0) & (values <= 1.0 + 1e-9)).all() for values in run.chance.values())
    alone, _ = mixed([(1.0, women)])
    same, _ = mixed([(0.5, women), (0.5, women)])
    for one, other in zip(alone, same, strict=True):
        assert one.probability == pytest.approx(other.probability, abs=1e-15)
        assert one.interval90 == pytest.approx(other.interval90, abs=1e-12)
        assert np.allclose(one.injectors90, other.injectors90)
        assert (one.onset_day, one.by_muscle) == (other.onset_day, other.by_muscle)


def test_what_the_engine_refuses_is_told_in_one_sentence(
    small: TrialResult, small_design: Design, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(plan: Any, **_: Any) -> Any:
        raise PlaceError("site 1 lies outside every face.", "", "Move it.")

    _engine_calls(monkeypatch, refuse)
    found = with_risks(small, small_design)
    reason = found.arm("active").unsimulated
    assert reason == "No risk by mechanism could be worked out: site 1 lies outside every face."
    assert not found.arm("active").by("mechanism")
    assert found.limits == small.limits


def test_run_trial_adds_them_when_asked(small_design: Design) -> None:
    from endplate.trial.run import run_trial

    assert run_trial(small_design, patients=20, seed=1, risk=True).arm("active").by("mechanism")
