"""Whatever is drawn up: every millilitre and every unit is somewhere, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from endplate.catalogue.syringes import exact, syringes
from endplate.check import prepare as module
from endplate.check.prepare import prepare
from endplate.check.prepare_records import Sheet
from endplate.errors import PlanError
from endplate.plan import plan_from_dict


@pytest.fixture(autouse=True, scope="module")
def without_rules() -> Iterator[None]:
    """Only sums are asked about here: the rules of the check, which take longer, are left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "checked", lambda plan, numbers: ((), ""))
        patch.setattr(module, "worse_by_marks", lambda plan, sheets, findings: ((), ""))
        yield


ONA = "onabotulinumtoxin_a"
hundredths = some.integers(1, 2000).map(lambda n: n / 100)


@some.composite
def plans(draw: Any) -> dict[str, Any]:
    """One session of any number of needles at any dilution; volumes by the vial."""
    vial = draw(some.sampled_from([50, 100, 200]))
    diluent = draw(some.integers(20, 1000)) / 100
    units = draw(some.lists(hundredths, min_size=1, max_size=12))
    injections = [
        {"landmark": "brow_mid", "side": "left", "offset_mm": [0, 10 + n], "muscle": "frontalis", "units": u}
        for n, u in enumerate(units)
    ]
    made = {"vial_units": vial, "diluent_ml": diluent, "vials": 100}
    session = {
        "date": "2026-03-02",
        "product": ONA,
        "indication": "forehead_lines",
        "injections": injections,
        "reconstitution": made,
    }
    return {"schema": "endplate/plan/1", "patient": {"age": 40, "sex": "female"}, "sessions": [session]}


def prepared(tree: dict[str, Any], syringe: str | None) -> Sheet | None:
    """The sheet, or None where a point fits no syringe or nothing is left to give."""
    try:
        (sheet,) = prepare(plan_from_dict(tree), syringe=syringe, order="plan", simulate=False).sheets
    except PlanError:
        return None
    return sheet


@settings(max_examples=150, deadline=None)
@given(plans(), some.sampled_from([None, *syringes()]))
def test_every_sum_is_exact(tree: dict[str, Any], syringe: str | None) -> None:
    sheet = prepared(tree, syringe)
    if sheet is None:
        return
    made = tree["sessions"][0]["reconstitution"]
    strength = exact(made["vial_units"]) / exact(made["diluent_ml"])
    assert sheet.dilution.u_per_ml == strength
    v, points = sheet.vials, sheet.points
    written = [exact(one["units"]) for one in tree["sessions"][0]["injections"]]
    assert [p.units for p in points] == written
    assert all(p.volume_ml * strength == p.holds_u == p.units for p in points)
    assert all(p.pushed_ml * strength == p.pushed_u for p in points)
    total = sum((p.pushed_ml for p in points), Fraction(0))
    assert total == sum(f.injected_ml for f in sheet.fills)
    assert v.taken_ml == sum(f.taken_ml for f in sheet.fills)
    assert v.drawn_u == v.injected_u + v.dead_u + v.drawing_u + v.rest_u == v.taken_ml * strength
    assert v.prepared_u == v.drawn_u + v.left_u == v.opened * exact(made["vial_units"])
    assert v.prepared_u == v.injected_u + v.wasted_u
    assert v.left_ml >= v.opened * v.residue_ml - v.short_ml and (v.short_ml > 0) == (v.opened < v.needed)
    assert v.total_share == (v.injected_u - v.planned_u) / v.planned_u
    assert v.needed == 1 or v.taken_ml > (v.needed - 1) * (sheet.dilution.vial_ml - v.residue_ml)


@settings(max_examples=150, deadline=None)
@given(plans(), some.sampled_from([None, *syringes()]))
def test_every_push_goes_from_mark_to_mark(tree: dict[str, Any], syringe: str | None) -> None:
    sheet = prepared(tree, syringe)
    if sheet is None:
        return
    one = sheet.syringe
    mark = exact(one.mark_ml)
    for point in sheet.points:
        assert 2 * abs(point.pushed_ml - point.volume_ml) <= mark
        assert point.pushed_ml % mark == 0
    for fill in sheet.fills:
        assert fill.draw_to_ml % mark == 0 and fill.draw_to_ml <= exact(one.capacity_ml)
        assert fill.draw_to_ml == fill.injected_ml + fill.rest_ml + exact(one.priming_ml)
        assert 0 <= fill.rest_ml < mark
        stands = fill.ready_ml
        for point in (p for p in sheet.points if p.syringe == fill.number):
            assert point.from_ml == stands
            stands = point.to_ml
            assert point.from_ml - point.to_ml == point.pushed_ml
        assert stands == 0


@settings(max_examples=60, deadline=None)
@given(plans())
def test_the_chosen_syringe_is_never_worse_than_another(tree: dict[str, Any]) -> None:
    best = prepared(tree, None)
    for name in syringes():
        other = prepared(tree, name)
        if best is None:
            assert other is None
        elif other is not None:
            assert sum(p.loud for p in best.points) <= sum(p.loud for p in other.points)
