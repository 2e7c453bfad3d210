"""The smallest change that halves a risk: found, confirmed on all faces, with its cost; or said that there is none."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from small_runs import SMALL, plan_of, small_risk

from endplate.anatomy import place
from endplate.assess import changes, relief
from endplate.assess.causes import cause_of
from endplate.assess.changes import LEAVE_OUT, Needle, Way, changed, injection_of, left_out, mirrored, moved
from endplate.assess.course import prepared
from endplate.plan import plan_from_dict
from endplate.plan.change import mirror_plan
from endplate.population.risk import risk_of

GLABELLA = "glabellar-lines"
START = {one.id: one for one in plan_of(GLABELLA).sessions[0].injections}
Law = Callable[[Any], float]


def up(one: Any) -> float:
    """mm that an injection of the plan was moved up."""
    return (one.offset_mm or (0.0, 0.0))[1] - (START[one.id].offset_mm or (0.0, 0.0))[1]


def made_up(monkeypatch: pytest.MonkeyPatch, law: Law, side: str = "left", share: Any = None) -> Any:
    """`relief` with a risk that is a law of the injections, added up, and the pieces to call it with."""
    asked: list[Any] = []

    def risk_of(plan: Any, **size: Any) -> Any:
        asked.append((plan, size))
        value = sum(law(one) for session in plan.sessions for one in session.injections)
        return SimpleNamespace(of=lambda *_: SimpleNamespace(probability=value))

    monkeypatch.setattr(relief, "risk_of", risk_of)
    plan = plan_of(GLABELLA)
    share = share or {"s1.2": 0.9, "s1.1": 0.1}
    parts = tuple(SimpleNamespace(site=site, share=value) for site, value in share.items())
    cause = SimpleNamespace(
        main=parts[0],
        parts=parts,
        effect="eyelid_ptosis",
        level="seen",
        side=side,
        unwanted=SimpleNamespace(probability=sum(law(one) for one in START.values())),
    )
    run = SimpleNamespace(weight=np.ones((32, 4, 3)))
    risk = SimpleNamespace(faces=16, draws=32, seed=5, run=run)
    return SimpleNamespace(plan=plan, risk=risk, cause=cause, asked=asked)


def of_one(law: Law, site: str = "s1.2") -> Law:
    return lambda one: law(one) if one.id == site else 0.0


def test_the_first_step_that_halves_is_found_for_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def law(one: Any) -> float:
        return 0.02 * (one.units / 4.0) ** 2 * 2.0 ** (-up(one) / 3.0) * (one.volume_ml / 0.1) ** 0.1

    world = made_up(monkeypatch, of_one(law))
    ticks: list[tuple[int, int]] = []
    found = relief.relief_of(world.plan, world.risk, world.cause, lambda *done: ticks.append(done))
    assert found is not None and found.site == "s1.2" and found.side == "left" and found.tried == ("s1.2",)
    by = {change.kind: change for change in found.changes}
    assert list(by) == ["move", "units"]
    assert by["move"].amount == 3.0 and by["move"].words == "3 mm up"
    assert by["units"].amount == pytest.approx(1.2)  # (1 - x)^2.1 <= 1/2 first at 30 %
    assert [one.kind for one in found.short] == ["volume"]  # no depth does anything
    for change in found.changes:
        assert change.risk_after <= 0.5 * change.risk_before
        assert change.target == ("corrugator_supercilii", "left")
        assert 0.0 < change.force_before <= 1.0 and 0.0 < change.force_after <= 1.0
    assert by["units"].force_after > by["units"].force_before
    assert ticks[-1][0] == ticks[-1][1]
    assert [done for done, _ in ticks] == sorted(done for done, _ in ticks)


def test_runs_are_of_the_size_of_the_risk_and_half_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    world = made_up(monkeypatch, of_one(lambda one: 0.02 * (one.units / 4.0) ** 2))
    relief.relief_of(world.plan, world.risk, world.cause)
    sizes = {(size["faces"], size["draws"], size["per_draw"], size["seed"]) for _, size in world.asked}
    assert sizes == {(16, 32, 4, 5), (8, 16, 4, 5)}


def test_fewer_units_end_at_half_and_leaving_out_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    world = made_up(monkeypatch, of_one(lambda one: 0.02 * (one.units / 4.0) ** 0.5))
    found = relief.relief_of(world.plan, world.risk, world.cause)
    assert found is not None and found.changes == ()
    assert [(one.kind, one.amount) for one in found.short] == [("units", 2.0)]
    assert isinstance(found.without, relief.Change) and found.best is found.without
    assert (found.without.kind, found.without.words) == (LEAVE_OUT, "leave out (4 U)")
    assert found.without.risk_after == 0.0 and found.without.force_after > found.without.force_before


def test_the_best_costs_the_target_least_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    law = of_one(lambda one: 0.02 * (one.units / 4.0) ** 2 * 2.0 ** (-up(one) / 3.0))
    world = made_up(monkeypatch, law)
    force = {"units": 0.3, "move": 0.2, LEAVE_OUT: 0.9}

    def lowest(plan: Any, _: Any) -> float:
        here = {one.id: one for one in plan.sessions[0].injections}.get("s1.2")
        if here is None:
            return force[LEAVE_OUT]
        return 0.1 if here == START["s1.2"] else force["units" if here.units < 4.0 else "move"]

    monkeypatch.setattr(relief, "lowest", lowest)
    for kind, other in (("move", "units"), ("units", "move")):
        force[kind], force[other] = 0.2, 0.3
        found = relief.relief_of(world.plan, world.risk, world.cause)
        assert found is not None and found.best is not None
        assert [one.kind for one in found.changes] == ["move", "units"]  # the order is that of the kinds
        assert found.best.kind == kind and found.best.cost == pytest.approx(0.1)


def test_a_direction_that_does_less_at_its_end_may_need_less(monkeypatch: pytest.MonkeyPatch) -> None:
    def law(one: Any) -> float:
        if up(one) > 0.0:  # a little helps, more adds nothing
            return 0.02 * (0.45 if up(one) >= 1.0 else 0.9)
        return 0.02 * (1.0 + up(one) / 6.0)  # the whole way down brings it to nothing

    found = relief.relief_of(*_pieces(made_up(monkeypatch, of_one(law))))
    assert found is not None
    assert [(one.words, one.risk_after) for one in found.changes] == [("1 mm up", pytest.approx(0.009))]


def test_a_site_with_less_of_the_share_may_need_less(monkeypatch: pytest.MonkeyPatch) -> None:
    def law(one: Any) -> float:
        return {"s1.2": 0.012, "s1.4": 0.011}.get(one.id, 0.0) * max(
            1.0 - up(one) / (12.0 if one.id == "s1.2" else 1.0), 0.0
        )

    share = {"s1.2": 0.52, "s1.4": 0.48}
    found = relief.relief_of(*_pieces(made_up(monkeypatch, law, share=share)))
    assert found is not None and found.site == "s1.2" and found.tried == ("s1.2", "s1.4")
    assert found.changes == ()  # 0.011 of 0.023 is left over by either
    most = next(one for one in found.short if one.kind == "move")
    assert most.site == "s1.2" or most.risk_after == pytest.approx(0.012)
    found = relief.relief_of(
        *_pieces(made_up(monkeypatch, lambda one: law(one) * (0.9 if one.id == "s1.2" else 1.0), share=share))
    )
    assert found is not None
    assert [(one.site, one.words) for one in found.changes] == [("s1.4", "1 mm up")]


def test_half_of_the_faces_may_promise_too_much_or_too_little(monkeypatch: pytest.MonkeyPatch) -> None:
    for bias, expected in ((0.8, 3.0), (1.2, 3.0), (1.0, 3.0)):
        world = made_up(monkeypatch, of_one(lambda one: 0.02 * 2.0 ** (-up(one) / 3.0)))
        true = relief.risk_of

        def biased(plan: Any, bias: float = bias, true: Any = true, **size: Any) -> Any:
            value = true(plan, **size).of().probability
            if size["faces"] == 8 and plan != plan_of(GLABELLA):
                value *= bias
            return SimpleNamespace(of=lambda *_: SimpleNamespace(probability=value))

        monkeypatch.setattr(relief, "risk_of", biased)
        found = relief.relief_of(world.plan, world.risk, world.cause)
        assert found is not None
        assert [(one.kind, one.amount) for one in found.changes] == [("move", expected)]


def test_per_patient_a_mirrored_pair_is_changed_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    law = {"s1.2": 1.0, "s1.3": 1.0, "s1.4": 0.1, "s1.5": 0.1}
    share = {"s1.2": 0.45, "s1.3": 0.45, "s1.4": 0.05, "s1.5": 0.05}

    def of_all(one: Any) -> float:
        return 0.01 * law.get(one.id, 0.0) * (one.units / 4.0) ** 2

    found = relief.relief_of(*_pieces(made_up(monkeypatch, of_all, "either", share)))
    assert found is not None and found.side == "either" and found.tried == ("s1.2 and s1.3",)
    change = next(one for one in found.changes if one.kind == "units")
    assert change.site == "s1.2 and s1.3" and change.paired and change.amount == pytest.approx(1.4)
    assert "each" in change.words
    assert change.risk_before == pytest.approx(0.022) and change.risk_after <= 0.011
    one_side = relief.relief_of(*_pieces(made_up(monkeypatch, of_all, "left", share)))
    assert one_side is not None and one_side.changes == ()  # one needle of two


def _pieces(world: Any) -> tuple[Any, Any, Any]:
    return world.plan, world.risk, world.cause


def test_where_nothing_helps_it_says_what_the_largest_step_does(monkeypatch: pytest.MonkeyPatch) -> None:
    world = made_up(monkeypatch, of_one(lambda one: 0.02 * (0.8 + 0.2 * one.units / 4.0)))
    monkeypatch.setattr(relief, "LEAVE_OUT", "nothing")
    found = relief.relief_of(world.plan, world.risk, world.cause)
    assert found is not None and found.changes == () and found.best is None and found.without is None
    assert [(one.kind, one.risk_after) for one in found.short] == [("units", pytest.approx(0.018))]


def test_without_events_nothing_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = made_up(monkeypatch, lambda one: 0.0)
    assert relief.relief_of(world.plan, world.risk, world.cause) is None


@pytest.mark.slow
def test_on_the_real_engine_a_change_does_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "STEP_MM", 2.0)
    plan, risk = plan_of(GLABELLA), small_risk(GLABELLA)
    cause = cause_of(plan, risk, "brow_ptosis")
    found = relief.relief_of(plan, risk, cause)
    assert found is not None and cause.main is not None and found.site == cause.main.site
    told = [*found.changes, *found.short, *([found.without] if found.without else [])]
    assert told and all(one.side == "either" for one in told)
    assert all(one.risk_before == cause.unwanted.probability for one in told)
    setup = prepared(plan, None, 1)
    for change in told:
        if not isinstance(change, relief.Change):
            assert change.risk_after > 0.5 * change.risk_before
            continue
        ways = _ways(plan, setup, change.site.split(" and "))
        way = next(
            one for one in ways if one.kind == change.kind and one.words(change.amount) == change.words
        )
        step = list(way.steps).index(change.amount)
        again = [_again(way.plan(way.steps[k])) for k in range(max(step - 1, 0), step + 1)]
        assert again[-1] == pytest.approx(change.risk_after) and again[-1] <= 0.5 * change.risk_before
        assert all(less > 0.5 * change.risk_before for less in again[:-1])


def _again(plan: Any) -> float:
    return risk_of(plan, only=["brow_ptosis"], **SMALL).of("brow_ptosis").probability


def _needles(plan: Any, setup: Any, sites: list[str]) -> tuple[Needle, ...]:
    by_id = {site.id: site for site in setup.placed}
    return tuple(Needle(injection_of(plan, site), by_id[site]) for site in sites)


def _ways(plan: Any, setup: Any, sites: list[str]) -> list[Way]:
    return changes.ways_of(plan, setup, _needles(plan, setup, sites))


# --- Ways to change a plan


def test_pairs_are_found_by_place_units_and_fluid() -> None:
    plan = plan_of(GLABELLA)
    setup = prepared(plan, None, 1)
    one, other = _needles(plan, setup, ["s1.2", "s1.3"])
    assert mirrored(one, other) and mirrored(other, one) and not mirrored(one, one)
    assert not mirrored(one, _needles(plan, setup, ["s1.5"])[0])
    fewer = changed(plan, injection_of(plan, "s1.3"), units=3.0)
    assert not mirrored(one, _needles(fewer, prepared(fewer, None, 1), ["s1.3"])[0])
    aside = changed(plan, injection_of(plan, "s1.3"), **moved(injection_of(plan, "s1.3"), 3.0, 0.0))
    assert not mirrored(one, _needles(aside, prepared(aside, None, 1), ["s1.3"])[0])


def test_a_changed_pair_stays_a_pair() -> None:
    plan = plan_of(GLABELLA)
    setup = prepared(plan, None, 1)
    for way in _ways(plan, setup, ["s1.2", "s1.3"]):
        if way.kind != LEAVE_OUT:
            after = way.plan(way.steps[0])
            assert mirrored(*_needles(after, prepared(after, None, 1), ["s1.2", "s1.3"])), way.kind


def test_a_site_moves_outwards_on_either_side() -> None:
    plan = plan_of(GLABELLA)
    for site in ("s1.2", "s1.3"):
        one = injection_of(plan, site)
        lateral, height = one.offset_mm or (0.0, 0.0)
        after = injection_of(changed(plan, one, **moved(one, 2.0, 1.0)), site)
        assert after.offset_mm == (lateral + 2.0, height + 1.0)
        assert after.id == site and after.units == one.units
    # The changed plan is one that can be written and read again.
    one = injection_of(plan, "s1.2")
    again = changed(plan, one, **moved(one, 2.0, 1.0))
    assert plan_from_dict(again.model_dump(mode="json", by_alias=True, exclude_none=True)) == again
    assert moved(injection_of(mirror_plan(plan), "s1.2"), 2.0, 1.0).keys() == {"offset_mm"}


def test_a_changed_injection_leaves_the_others_alone() -> None:
    plan = plan_of(GLABELLA)
    after = changed(plan, injection_of(plan, "s1.4"), units=1.0)
    assert [one.units for one in after.sessions[0].injections] == [4.0, 4.0, 4.0, 1.0, 4.0]
    assert plan.sessions[0].injections[3].units == 4.0


def test_what_is_left_out_is_gone_and_the_rest_keeps_its_name() -> None:
    plan = plan_of(GLABELLA)
    after = left_out(plan, ["s1.2", "s1.3"])
    assert [one.id for one in after.sessions[0].injections] == ["s1.1", "s1.4", "s1.5"]
    assert plan_from_dict(after.model_dump(mode="json", by_alias=True, exclude_none=True)) == after
    assert left_out(plan, list(START)).sessions == ()
    assert [way.kind for way in _ways(left_out(plan, [*START][1:]), prepared(plan, None, 1), ["s1.1"])][
        -1
    ] == "units"  # the only needle is not left out


def test_ways_end_within_reach() -> None:
    plan = plan_of(GLABELLA)
    setup = prepared(plan, None, 1)
    kinds: dict[str, list[Way]] = {}
    for way in _ways(plan, setup, ["s1.2"]):
        kinds.setdefault(way.kind, []).append(way)
    assert list(kinds) == [*changes.KINDS, LEAVE_OUT]
    words = {way.words(way.steps[0]).split()[-1] for way in kinds["move"]}
    assert words <= {"up", "down", "outwards", "inwards"} and "outwards" in words
    for way in kinds["move"]:
        after = next(s for s in place(way.plan(way.steps[-1]), setup.face) if s.id == "s1.2")
        assert after.outside_mm <= changes.BESIDE_MM + 1e-9
    for way in (way for kind in changes.KINDS for way in kinds[kind]):
        assert list(way.steps) == sorted(way.steps) and way.steps[0] > 0.0
        assert injection_of(way.plan(way.steps[-1]), "s1.2") != injection_of(plan, "s1.2")
    assert injection_of(kinds["units"][0].plan(kinds["units"][0].steps[-1]), "s1.2").units == 2.0
    assert injection_of(kinds["volume"][0].plan(kinds["volume"][0].steps[-1]), "s1.2").volume_ml > 0.0


def test_a_liquid_that_comes_ready_for_use_has_no_stronger_solution() -> None:
    plan = plan_of(GLABELLA)
    sessions = tuple(
        s.model_copy(update={"product": "relabotulinumtoxin_a", "reconstitution": None})
        for s in plan.sessions
    )
    ready = plan.model_copy(update={"sessions": sessions})
    assert {way.kind for way in _ways(ready, prepared(ready, None, 1), ["s1.2"])} == {
        "move",
        "depth",
        "units",
        LEAVE_OUT,
    }
