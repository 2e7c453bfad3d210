"""Which needle brings an effect: shares add up, and the needle named is the one that matters."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from small_runs import SMALL, plan_of, small_risk

from endplate.assess import causes
from endplate.assess.causes import EVENTS, Events, cause_of, drivers_of, events_of, slips
from endplate.assess.changes import left_out
from endplate.catalogue.effects import mechanism, mechanisms
from endplate.errors import CatalogueError, ModelError
from endplate.plan import scale_units
from endplate.plan.change import mirror_plan
from endplate.population.risk import risk_of
from endplate.population.risk_laws import Losses
from endplate.population.risk_parts import groups_of
from endplate.population.risk_tables import SHIFTS

GLABELLA = "glabellar-lines"


@pytest.mark.parametrize("effect", mechanisms())
def test_shares_add_to_one_where_anything_happens(effect: str) -> None:
    cause = cause_of(plan_of(GLABELLA), small_risk(GLABELLA), effect)
    total = sum(part.share for part in cause.parts)
    if cause.unwanted.probability > 0.0:
        assert total == pytest.approx(1.0, abs=1e-9)
        assert sum(cause.carried.values()) == pytest.approx(1.0, abs=0.05)
    else:
        assert total == 0.0 and cause.main is None and cause.muscle is None
    assert len(cause.parts) == 5
    assert all(part.share >= 0.0 for part in cause.parts)


@pytest.mark.parametrize(("effect", "side"), [("eyelid_ptosis", "left"), ("brow_ptosis", "right")])
def test_removing_the_named_needle_lowers_the_risk_most(effect: str, side: str) -> None:
    plan, risk = plan_of(GLABELLA), small_risk(GLABELLA)
    cause = cause_of(plan, risk, effect, side)
    own = [part for part in cause.parts if part.side == side]
    left = {}
    for part in own:
        without = left_out(plan, [part.site])
        left[part.site] = risk_of(without, only=[effect], **SMALL).of(effect, side).probability
    before = cause.unwanted
    error = before.probability * (before.mc_error or 0.0)
    assert cause.main is not None and cause.main.site in left
    assert all(value < before.probability for value in left.values())
    assert left[cause.main.site] <= min(left.values()) + error


def test_a_lid_droops_because_needles_slip_and_the_levator_carries_it() -> None:
    cause = cause_of(plan_of(GLABELLA), small_risk(GLABELLA), "eyelid_ptosis")
    assert cause.slipped > 0.9 and 0.0 < cause.ran_off <= cause.slipped
    assert {muscle for muscle, _ in cause.carried} == {"levator_palpebrae_superioris"}
    assert cause.main is not None and cause.main.target == "corrugator_supercilii"
    assert cause.parts[-1].target == "procerus"
    assert cause.drivers and cause.drivers[0].parameter == "needle.behind_septum_probability"
    assert all(driver.source and driver.grade in "ABCD" for driver in cause.drivers)


def test_a_mirrored_plan_has_mirrored_shares() -> None:
    plan = plan_of(GLABELLA)
    mirrored = risk_of(mirror_plan(plan), only=["eyelid_ptosis"], **SMALL)
    for side, other in (("left", "right"), ("right", "left")):
        own = cause_of(plan, small_risk(GLABELLA), "eyelid_ptosis", side)
        found = cause_of(mirror_plan(plan), mirrored, "eyelid_ptosis", other)
        assert found.unwanted.probability == pytest.approx(own.unwanted.probability, rel=1e-3)
        shares = {part.site: part.share for part in found.parts}
        few = 3 / EVENTS  # may lie across the border between two rows
        assert all(shares[part.site] == pytest.approx(part.share, abs=few) for part in own.parts)


def test_events_on_both_sides_count_once_half_for_each() -> None:
    index = np.array([[3.0, 1.0], [2.5, 2.1], [0.5, 2.0], [1.0, 1.5]])
    least = np.full(4, 2.0)
    on = causes._on_sides(index, least, "either")
    assert on.tolist() == [
        [1.0, 0.0],
        [0.5, 0.5],
        [0.0, 1.0],
        [0.0, 1.0],
    ]  # the last one is none: the worse side
    assert causes._on_sides(index, least, "right").tolist() == [[0.0, 1.0]] * 4
    found = events_of(small_risk(GLABELLA), mechanism("eyelid_ptosis"), "either", "seen")
    assert found is not None and found.sides.sum(axis=1) == pytest.approx(1.0)
    assert set(np.unique(found.sides)) <= {0.0, 0.5, 1.0}


def stand_in(chance: list[float], weight: list[float], of_hand: tuple[bool, ...]) -> Any:
    """A risk of one row: chance and weight by stratum."""
    three = np.repeat(np.array(chance)[:, None], 3, axis=1)[None, None]
    run = SimpleNamespace(chance={("x", "seen"): three}, weight=np.array(weight)[None, None], of_hand=of_hand)
    return SimpleNamespace(run=run)


@pytest.mark.parametrize(
    ("chance", "of_hand", "behind", "ran"),
    [
        ((0.0, 0.1, 0.5), (False, True, True), 1.0, 0.05 / 0.07),  # only after slips
        ((0.5, 0.5, 0.5), (False, True, True), 0.0, 0.0),  # as often without
        ((0.5, 0.4, 0.2), (False, True, True), 0.0, 0.0),  # rarer after slips
        (
            (0.1, 0.1, 0.3),
            (False, True, True),
            0.02 / 0.12,
            0.02 / 0.12,
        ),  # what a slip adds, not what it goes with
        ((0.0, 0.1, 0.5), (False, True, False), 0.02 / 0.07, 0.05 / 0.07),  # a needle aims into the orbit
        ((0.0, 0.0, 0.0), (False, True, True), 0.0, 0.0),
    ],
)
def test_slips_get_the_events_that_they_bring(
    chance: tuple[float, ...], of_hand: tuple[bool, ...], behind: float, ran: float
) -> None:
    found = slips(stand_in(list(chance), [0.7, 0.2, 0.1], of_hand), "x", "either", "seen")
    assert found == (pytest.approx(behind), pytest.approx(ran))


@pytest.mark.parametrize(
    ("loss", "shares"),
    [
        ((0.8, 0.3), (1.0, 0.0)),  # without the first the index falls
        ((0.8, 0.8), (0.5, 0.5)),  # neither is missed, each suffices
        ((0.8, 0.8, 0.2), (0.4 / 0.9, 0.4 / 0.9, 0.1 / 0.9)),  # a third one brings less alone
    ],
)
def test_where_no_muscle_is_missed_each_has_what_it_brings_alone(
    loss: tuple[float, ...], shares: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    muscles = ("medial_rectus", "lateral_rectus", "inferior_oblique")[: len(loss)]
    groups = tuple(g for g in groups_of(muscles) if not g.part and g.muscle in muscles)
    held = np.array([loss[muscles.index(g.muscle)] * (g.side == "left") for g in groups]).reshape(
        -1, 1, 1, 1, 1
    )
    losses = Losses({g: k for k, g in enumerate(groups)}, held, {})
    material = SimpleNamespace(share=np.zeros((1, 1, 1, len(groups), 4)), losses=lambda *_: losses)
    risk: Any = SimpleNamespace(run=SimpleNamespace(groups=groups, material=material))
    monkeypatch.setattr(
        causes, "index_of", lambda one, some: np.max([some.both(name) for name in one.muscles], axis=0)
    )
    one: Any = SimpleNamespace(muscles=muscles)
    zero = np.zeros(1, dtype=int)
    events = Events(zero, zero, zero, np.array([len(SHIFTS) // 2]), np.array([[1.0, 0.0]]))
    names, weight = causes.carried_by(risk, one, "seen", events)
    found = {muscle: weight[0, k] for k, (muscle, side) in enumerate(names) if side == "left"}
    assert [found[muscle] for muscle in muscles] == [pytest.approx(share) for share in shares]
    assert weight.sum() == pytest.approx(1.0)


def test_equal_values_share_a_rank() -> None:
    from scipy.stats import rankdata

    values = np.array([3.0, 1.0, 3.0, 2.0, 7.0, 1.0])
    own, theirs = causes._ranks(values), rankdata(values)
    assert own == pytest.approx((theirs - theirs.mean()) / theirs.std())


def test_without_toxin_nothing_happens_by_mechanism() -> None:
    plan = scale_units(plan_of(GLABELLA), 0.0)
    risk = risk_of(plan, **SMALL)
    assert all(one.probability == 0.0 for one in risk.unwanted)
    assert cause_of(plan, risk, "eyelid_ptosis").main is None
    assert drivers_of(risk, "eyelid_ptosis", "either", "seen") == ()


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        (("eyelid_ptosys", "either", "seen"), CatalogueError, "Did you mean `eyelid_ptosis`"),
        (("eyelid_ptosis", "middle", "seen"), ModelError, "is no side of eyelid_ptosis"),
        (("dysphagia", "left", "seen"), ModelError, "is no side of dysphagia"),
        (("eyelid_ptosis", "either", "sen"), ModelError, "is no definition of eyelid_ptosis"),
        (("headache", "either", "seen"), ModelError, "known by report only"),
    ],
)
def test_what_cannot_be_explained_is_refused(asked: tuple[str, str, str], kind: type, said: str) -> None:
    with pytest.raises(kind, match=said):
        cause_of(plan_of(GLABELLA), small_risk(GLABELLA), *asked)


@pytest.mark.slow
def test_an_answer_takes_a_fifth_of_a_second_once_the_risk_is_there() -> None:
    risk = small_risk(GLABELLA)
    cause_of(plan_of(GLABELLA), risk, "eyelid_ptosis")
    took = []
    for _ in range(5):
        begun = time.process_time()
        cause_of(plan_of(GLABELLA), risk, "eyelid_ptosis")
        took.append(time.process_time() - begun)
    assert np.min(took) < 0.4  # twice the 0.2 s of an idle machine
