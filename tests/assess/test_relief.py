"""The smallest change that halves a risk: found, confirmed on all faces, with its cost; or said that there is none."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from small_runs import plan_of

from endplate.anatomy import place
from endplate.assess import relief
from endplate.assess.relief import Way, changed, injection_of, moved
from endplate.plan import plan_from_dict

GLABELLA = "glabellar-lines"


def made_up(monkeypatch: pytest.MonkeyPatch, law) -> SimpleNamespace:
    """`relief` with a risk that is a law of the changed injection s1.2, and the pieces to call it with."""

    def risk_of(plan, **_):
        value = law(injection_of(plan, "s1.2"))
        return SimpleNamespace(of=lambda *_: SimpleNamespace(probability=value))

    monkeypatch.setattr(relief, "risk_of", risk_of)
    plan = plan_of(GLABELLA)
    part = SimpleNamespace(site="s1.2", side="left", target="corrugator_supercilii", share=0.9)
    cause = SimpleNamespace(
        main=part,
        effect="eyelid_ptosis",
        level="seen",
        side="either",
        muscle=("levator_palpebrae_superioris", "left"),
        unwanted=SimpleNamespace(probability=law(injection_of(plan, "s1.2"))),
    )
    risk = SimpleNamespace(faces=8, seed=0, of=lambda *_: cause.unwanted)
    return SimpleNamespace(plan=plan, risk=risk, cause=cause)


def test_the_first_step_that_halves_is_found_for_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def law(one) -> float:
        up = (one.offset_mm or (0.0, 0.0))[1] - start[1]
        return 0.02 * (one.units / 4.0) ** 2 * 2.0 ** (-up / 3.0) * (one.volume_ml / 0.1) ** 0.1

    start = injection_of(plan_of(GLABELLA), "s1.2").offset_mm or (0.0, 0.0)
    world = made_up(monkeypatch, law)
    ticks: list[tuple[int, int]] = []
    found = relief.relief_of(world.plan, world.risk, world.cause, lambda *done: ticks.append(done))
    assert found is not None and found.site == "s1.2" and found.side == "left"
    by = {change.kind: change for change in found.changes}
    assert by["move"].amount == 3.0 and by["move"].words == "3 mm up"
    assert by["units"].amount == pytest.approx(1.2)  # (1 - x)^2.1 <= 1/2 first at 30 %
    assert {one.kind for one in found.short} == {"depth", "volume"}
    for change in found.changes:
        assert change.risk_after <= 0.5 * change.risk_before
        assert change.target == ("corrugator_supercilii", "left")
        assert 0.0 < change.force_before <= 1.0 and 0.0 < change.force_after <= 1.0
    assert by["units"].force_after > by["units"].force_before
    assert found.best is not None and found.best.cost == min(c.cost for c in found.changes)
    assert ticks[-1][0] == ticks[-1][1]
    assert [done for done, _ in ticks] == sorted(done for done, _ in ticks)


def test_where_nothing_helps_it_says_what_the_largest_step_does(monkeypatch: pytest.MonkeyPatch) -> None:
    world = made_up(monkeypatch, lambda one: 0.02 * (0.8 + 0.2 * one.units / 4.0))
    found = relief.relief_of(world.plan, world.risk, world.cause)
    assert found is not None and found.changes == () and found.best is None
    assert found.short[0].kind == "units"
    assert found.short[0].risk_after == pytest.approx(0.016)
    assert all(one.risk_after <= one.risk_before for one in found.short)


def test_without_events_nothing_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = made_up(monkeypatch, lambda one: 0.0)
    assert relief.relief_of(world.plan, world.risk, world.cause) is None


def test_a_site_moves_outwards_on_either_side() -> None:
    plan = plan_of(GLABELLA)
    for site in ("s1.2", "s1.3"):
        one = injection_of(plan, site)
        lateral, up = one.offset_mm or (0.0, 0.0)
        after = injection_of(moved(plan, one, 2.0, 1.0), site)
        assert after.offset_mm == (lateral + 2.0, up + 1.0)
        assert after.id == site and after.units == one.units
    # The changed plan is one that can be written and read again.
    again = moved(plan, injection_of(plan, "s1.2"), 2.0, 1.0)
    assert plan_from_dict(again.model_dump(mode="json", by_alias=True, exclude_none=True)) == again


def test_a_changed_injection_leaves_the_others_alone() -> None:
    plan = plan_of(GLABELLA)
    after = changed(plan, injection_of(plan, "s1.4"), units=1.0)
    assert [one.units for one in after.sessions[0].injections] == [4.0, 4.0, 4.0, 1.0, 4.0]
    assert plan.sessions[0].injections[3].units == 4.0


def test_ways_end_within_reach() -> None:
    from endplate.assess.course import prepared

    plan = plan_of(GLABELLA)
    setup = prepared(plan, None, 1)
    part = SimpleNamespace(site="s1.2")
    kinds: dict[str, list[Way]] = {}
    for ways in relief.ways_of(plan, setup, part):
        kinds[ways[0].kind] = ways
    assert list(kinds) == ["move", "depth", "volume", "units"]
    words = {way.words(way.steps[0]).split()[-1] for way in kinds["move"]}
    assert words <= {"up", "down", "outwards", "inwards"} and "outwards" in words
    for way in kinds["move"]:
        after = next(s for s in place(way.plan(way.steps[-1]), setup.face) if s.id == "s1.2")
        assert after.outside_mm <= relief.BESIDE_MM + 1e-9
    for ways in kinds.values():
        for way in ways:
            assert list(way.steps) == sorted(way.steps) and way.steps[0] > 0.0
            assert injection_of(way.plan(way.steps[-1]), "s1.2") != injection_of(plan, "s1.2")
    assert injection_of(kinds["units"][0].plan(4.0), "s1.2").units == 0.0
    assert injection_of(kinds["volume"][0].plan(kinds["volume"][0].steps[-1]), "s1.2").volume_ml > 0.0


def test_what_costs_the_target_less_comes_first() -> None:
    base = relief.Change("a", "move", "", 1.0, "mm", "left", 0.02, 0.01, ("frontalis", "left"), 0.1, 0.3)
    assert base.cost == pytest.approx(0.2)
    assert replace(base, force_after=0.15).cost < base.cost
