"""Preparation: times, what the check says, brands, totals, needles and words of the sheet."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from prepare_plans import ABO, DAXI, EXAMPLES, ONA, RELA, ml, needles, plan_of, sheet_of

from endplate.catalogue import catalogue
from endplate.catalogue.syringes import check_syringe, exact, facts, syringe, syringes
from endplate.check.engine import check
from endplate.check.keeping import keeps
from endplate.check.prepare import prepare
from endplate.check.prepare_again import as_pushed
from endplate.check.prepare_dilution import _label
from endplate.check.prepare_records import Preparation
from endplate.check.prepare_syringe import usable_ml
from endplate.errors import CatalogueError, EndplateError, ModelError, PlanError
from endplate.plan import Plan, plan_from_dict, read_plan, scale_volumes


@pytest.fixture(scope="module")
def glabella() -> Preparation:
    return prepare(read_plan(EXAMPLES / "glabellar-lines.toml"), at="2026-03-02T09:00")


# --- Times


def session_made(**more: Any) -> Plan:
    return plan_of({"pattern": f"glabellar_lines.{ONA}", "jurisdiction": "us", **more})


def test_the_plan_says_when_it_was_dissolved_and_the_option_wins() -> None:
    plan = session_made(reconstituted_at="2026-03-02T08:30:00")
    assert sheet_of(plan).use_by.until == dt.datetime(2026, 3, 3, 8, 30)  # type: ignore[union-attr]
    later = sheet_of(plan, at=dt.datetime(2026, 3, 2, 12)).use_by
    assert later is not None and later.until == dt.datetime(2026, 3, 3, 12)
    hours_alone = sheet_of(session_made()).use_by
    assert hours_alone is not None and (hours_alone.hours, hours_alone.until) == (24, None)


def test_the_offset_from_utc_is_kept() -> None:
    until = sheet_of(session_made(reconstituted_at="2026-03-02T08:30:00+02:00")).use_by
    assert until is not None and until.until is not None
    assert until.until.isoformat() == "2026-03-03T08:30:00+02:00"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"expiry": "2026-03-01"}, "expires on 2026-03-01"),
        ({"reconstituted_at": "2026-02-28T09:00:00"}, "too old"),
        ({"reconstituted_at": "2026-03-03T09:00:00"}, "after the day of treatment"),
    ],
)
def test_wrong_dates_are_said_loudly(more: dict[str, Any], words: str) -> None:
    assert any(words in said for said in sheet_of(session_made(**more)).loud)


@pytest.mark.parametrize("more", [{"expiry": "2026-03-02"}, {"reconstituted_at": "2026-03-02T09:00:00"}])
def test_dates_that_just_hold_are_not(more: dict[str, Any]) -> None:
    assert sheet_of(session_made(**more)).loud == ()


def test_hours_that_end_on_the_day_are_said() -> None:
    (said,) = sheet_of(session_made(reconstituted_at="2026-03-01T09:00:00")).loud
    assert "on the day of treatment to be used only until 09:00" in said


def test_the_time_asked_for_never_replaces_the_plans_in_silence() -> None:
    plan = session_made(reconstituted_at="2026-03-01T08:00:00")
    (said,) = sheet_of(plan, at="2026-03-02T09:00").loud
    assert said == "Dissolved 2026-03-02 09:00 as asked for, instead of the plan's 2026-03-01 08:00."
    assert sheet_of(session_made(reconstituted_at="2026-03-02T09:00:00"), at="2026-03-02T09:00").loud == ()
    (unused,) = sheet_of(plan_of({"pattern": f"glabellar_lines.{RELA}"}), at="2026-03-02T09:00").loud
    assert "is not used" in unused


@pytest.mark.parametrize(
    ("day", "hours", "dated"), [("2026-03-02", 24, "2020-01-01"), ("2012-03-02", 4, "2009-04-01")]
)
def test_the_newest_text_in_force_counts_as_in_the_check(day: str, hours: int, dated: str) -> None:
    found = sheet_of(plan_of({"pattern": f"glabellar_lines.{ABO}", "jurisdiction": "us", "date": day})).use_by
    held = keeps(ABO, "us", dt.date.fromisoformat(day))
    assert found is not None and held is not None
    assert (found.hours, found.dated, found.own, found.checked) == (hours, dated, True, held.checked)
    assert "memory" not in found.keep + found.note


def test_a_time_borrowed_from_another_place_is_said_and_gives_no_last_moment() -> None:
    plan = plan_of(
        {"pattern": f"glabellar_lines.{ONA}", "jurisdiction": "uk", "reconstituted_at": "2026-03-02T09:00:00"}
    )
    sheet = sheet_of(plan)
    assert sheet.use_by is not None and not sheet.use_by.own and sheet.use_by.until is None
    assert any("No time of use is held for UK" in note for note in sheet.notes)
    old = plan_of(
        {"pattern": f"glabellar_lines.{ONA}", "jurisdiction": "uk", "reconstituted_at": "2026-02-27T09:00:00"}
    )
    assert any("by the US text, since none is held here: too old" in said for said in sheet_of(old).loud)


# --- What the check says


def milk(**more: Any) -> Plan:
    session = {"date": "2026-03-02", "pattern": f"glabellar_lines.{ABO}", "jurisdiction": "us"}
    patient = {"age": 40, "sex": "female", "allergies": ["cow's milk"], **more}
    return plan_from_dict({"schema": "endplate/plan/1", "patient": patient, "sessions": [session]})


def test_every_stop_of_the_check_is_on_the_sheet() -> None:
    plan = milk()
    found = prepare(plan, simulate=False)
    stops = [one for one in check(plan) if one.severity == "stop"]
    assert list(found.stops) == stops and len(stops) == 1
    assert found.cautions == sum(one.severity == "caution" for one in check(plan))
    assert "Allergies: cow's milk" in found.patient
    assert prepare(read_plan(EXAMPLES / "glabellar-lines.toml"), simulate=False).stops == ()


def test_stops_of_other_sessions_are_left_to_their_own_sheets() -> None:
    first = {"pattern": f"glabellar_lines.{ONA}", "jurisdiction": "us"}
    soon = {**first, "date": "2026-04-01"}
    plan = plan_of(first, soon)
    assert prepare(plan, simulate=False).stops == ()
    assert [one.kind for one in prepare(plan, session=2, simulate=False).stops] == ["interval_min"]


def test_who_is_treated_is_said() -> None:
    told = prepare(milk(weight_kg=61.5, pregnancy=True, conditions=["asthma"]), simulate=False).patient
    assert told[0] == "female, 40 years, 61.5 kg"
    assert told[2:] == ("Pregnant: YES", "Conditions: asthma")
    bare = prepare(plan_of({"pattern": f"glabellar_lines.{ONA}"}), simulate=False).patient
    assert bare == ("female, 40 years, weight not told", "Allergies: none told", "Pregnant: not told")


def test_a_stop_that_only_the_marks_bring_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from endplate.check import engine

    plan = plan_of({"pattern": f"glabellar_lines.{DAXI}"})
    (some, *_) = check(milk())
    monkeypatch.setattr(engine, "check", lambda asked: [] if asked == plan else [some])
    found = prepare(plan, simulate=False)
    assert found.findings == () and found.worse == found.stops == (some,)


def test_the_day_as_a_whole() -> None:
    glabella = {"pattern": f"glabellar_lines.{ONA}"}
    today = dt.date(2026, 3, 2)
    assert prepare(plan_of(glabella), simulate=False, today=today).remarks == ()
    (past,) = prepare(plan_of(glabella), simulate=False, today=dt.date(2026, 3, 3)).remarks
    assert past == "The day of treatment is past: 2026-03-02; today is 2026-03-03."
    lines = {"pattern": f"lateral_canthal_lines.{ONA}"}
    (one,) = prepare(plan_of(glabella, lines), simulate=False, today=today).remarks
    assert one.startswith("Sessions 1 and 2 draw the same product") and "one vial of 50 U would hold" in one
    (two,) = prepare(
        plan_of(glabella, {"pattern": f"lateral_canthal_lines.{RELA}"}), simulate=False, today=today
    ).remarks
    assert two.startswith("2 products on one day") and "Label every syringe" in two


# --- Totals and brands


def test_points_that_round_alike_get_the_fluid_that_would_not() -> None:
    """8 U of 100 U in 1.2 mL are 0.096 mL, pushed as 0.1; in 1.25 mL they are 0.1 mL."""
    made = {"vial_units": 100, "diluent_ml": 1.2}
    sheet = sheet_of(plan_of(needles(DAXI, *[(8, 0.096)] * 5, reconstitution=made)))
    assert sheet.vials.total_share == Fraction(1, 24) and sheet.loud == ()
    assert any("1.25 mL instead of 1.2 mL, all points would be whole marks" in note for note in sheet.notes)


def test_a_total_that_the_marks_change_is_worse_than_a_second_syringe() -> None:
    made = {"vial_units": 100, "diluent_ml": 3.3}
    plan = plan_of(needles(ONA, *[(1.7, 0.0561)] * 7, reconstitution=made))
    sheet = sheet_of(plan)
    assert (sheet.syringe.id, len(sheet.fills)) == ("insulin_0_3_half", 2)
    assert abs(sheet.vials.total_share) < Fraction(1, 20) and sheet.loud == ()
    coarse = sheet_of(plan, syringe="insulin_0_5")
    assert coarse.vials.total_share > Fraction(1, 20)
    assert any("11.9 U are planned and 12.73 U given: +7.0 %" in said for said in coarse.loud)


def test_the_brand_is_told_or_asked_for_and_its_vial_is_looked_at() -> None:
    made = {"vial_units": 125, "diluent_ml": 0.63}
    session = needles(ABO, (10, 0.0504), reconstitution=made, jurisdiction="uk")
    right, wrong = (sheet_of(plan_of({**session, "brand": name})) for name in ("Azzalure", "Dysport"))
    assert right.brand == "Azzalure" and not any("Look at the box" in said for said in right.loud)
    assert any("says Dysport, but the 125 U vial is Azzalure" in said for said in wrong.loud)
    unnamed = sheet_of(plan_of(session))
    assert unnamed.brand == "" and any("sold as Dysport, Azzalure" in note for note in unnamed.notes)


def test_what_is_too_small_for_every_syringe_is_not_called_too_large() -> None:
    made = {"vial_units": 100, "diluent_ml": 2.5}
    with pytest.raises(PlanError, match=r"smaller than half a mark.*Dissolve in more fluid"):
        prepare(plan_of(needles(ONA, (0.05, 0.00125), reconstitution=made)), simulate=False)


# --- Simulated again


def test_the_plan_by_the_marks_is_the_plan_where_nothing_changes() -> None:
    plan = read_plan(EXAMPLES / "upper-face.toml")
    assert as_pushed(plan, prepare(plan, simulate=False).sheets) == plan


def test_less_toxin_leaves_more_force_and_the_largest_difference_is_named() -> None:
    found = prepare(read_plan(EXAMPLES / "platysma.toml"), syringe="luer_1_30g")
    assert all(one.rounded > one.planned for one in found.lowest)
    assert found.largest is not None and 0.005 < found.largest.difference < 0.02
    changed = as_pushed(read_plan(EXAMPLES / "platysma.toml"), found.sheets)
    given = sorted({(i.units, i.volume_ml) for i in changed.sessions[0].injections})
    assert given == [(0.8, 0.02), (2.0, 0.05)]


def test_who_the_atlas_does_not_hold_is_prepared_and_not_simulated() -> None:
    found = prepare(plan_of({"pattern": f"glabellar_lines.{ONA}"}, age=9))
    assert found.lowest == () and found.not_simulated
    assert found.sheets[0].vials.injected_u == 20


def test_left_out_on_request() -> None:
    found = prepare(read_plan(EXAMPLES / "masseter.toml"), simulate=False)
    assert found.lowest == () and found.largest is None and "request" in found.not_simulated


# --- Options and data


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"syringe": "insulin_05"}, CatalogueError, "insulin_0_5"),
        ({"order": "sideways"}, ModelError, "face and plan"),
        ({"at": "noon"}, PlanError, "no time of dissolving"),
        ({"at": "2026-13-02T09:00"}, PlanError, "no time of dissolving"),
        ({"at": "1901-01-02T09:00"}, PlanError, "no time of dissolving"),
    ],
)
def test_options_that_nothing_can_follow(
    options: dict[str, Any], kind: type[EndplateError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        prepare(read_plan(EXAMPLES / "glabellar-lines.toml"), **options)


def test_every_syringe_and_fact_has_its_sources() -> None:
    for one in syringes().values():
        assert one.sources and usable_ml(one) > 0
        for name in one.sources:
            held = catalogue().source(name)
            if one.checked and name == one.source:
                assert held.read not in ("recall", "declared")
    for fact in facts().values():
        held = catalogue().source(fact.source)
        assert not (fact.checked and held.read in ("recall", "declared"))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"mark_ml": 0.03}, "whole number of marks"),
        ({"priming_ml": 0.01, "priming_source": "preparation_derived"}, "fixed needle"),
        ({"needle": "changed", "drawing_ml": 0.05}, "no source"),
        ({"dead_ml": 0.6}, "nothing beyond"),
        ({"dead_source": "nobody"}, "nobody"),
    ],
)
def test_a_broken_syringe_is_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        check_syringe(syringe("insulin_0_5").model_copy(update=more))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_is_prepared(path: Path) -> None:
    found = prepare(read_plan(path))
    for sheet in found.sheets:
        assert sheet.loud == () and all(p.difference_u == 0 for p in sheet.points)
        assert sum((p.pushed_u for p in sheet.points), Fraction(0)) == sheet.vials.planned_u
    assert found.lowest and not found.not_simulated


def test_exact_is_the_number_that_was_written() -> None:
    assert exact(0.1) == Fraction(1, 10) and 3 * exact(0.1) == exact(0.3)


def test_what_a_fixed_needle_does_not_reach_takes_another_syringe() -> None:
    guided = sheet_of(read_plan(EXAMPLES / "strabismus-medial-rectus.toml"))
    assert guided.syringe.any_length and any("must fit" in note for note in guided.notes)
    asked = sheet_of(read_plan(EXAMPLES / "strabismus-medial-rectus.toml"), syringe="insulin_0_3")
    assert any("does not suit" in said for said in asked.loud)
    made = {"vial_units": 100, "diluent_ml": 2.5}
    for depth, kind in ((12.7, "fixed"), (12.8, "changed")):
        tree = needles(ONA, (4, 0.1), reconstitution=made)
        tree["injections"][0]["depth_mm"] = depth
        assert sheet_of(plan_of(tree)).syringe.needle == kind


def outside(*amounts: tuple[float, float]) -> dict[str, Any]:
    made = {"vial_units": 100, "diluent_ml": 2, "vials": 4}
    tree = needles(ONA, *amounts, reconstitution=made)
    arm = {"muscle": "biceps_brachii", "side": "left", "units": 50, "volume_ml": 1.0}
    return tree | {"injections": [arm, *tree["injections"]]}


def test_targets_outside_the_atlas_are_prepared_and_not_simulated() -> None:
    alone = prepare(plan_of(outside()))
    assert alone.lowest == () and "outside the atlas" in alone.not_simulated
    assert alone.sheets[0].vials.injected_u == 50 and alone.sheets[0].syringe.needle == "changed"
    both = prepare(plan_of(outside((4, 0.08))))
    assert [p.region for p in both.sheets[0].points] == ["forehead", "upper limb"]
    assert [one.muscle for one in both.lowest] == ["frontalis"] and "biceps_brachii" in both.aside


def test_small_points_are_said_to_be_uncertain_by_hand() -> None:
    made = {"vial_units": 100, "diluent_ml": 2.5}
    for volume, said in ((0.025, True), (0.03, False)):
        sheet = sheet_of(plan_of(needles(ONA, (40 * volume, volume), reconstitution=made)))
        assert any("By hand" in note for note in sheet.notes) == said


def test_who_chose_the_syringe_is_known(glabella: Preparation) -> None:
    assert not glabella.sheets[0].chosen
    assert sheet_of(read_plan(EXAMPLES / "glabellar-lines.toml"), syringe="insulin_1").chosen


def test_the_remedy_of_a_refusal_fits_the_volumes() -> None:
    with pytest.raises(PlanError, match=r"vial_units = 200, diluent_ml = 6\.67 \}"):  # 3 U in 0.1 mL: 30 U/mL
        prepare(plan_of(needles(ONA, (3, 0.1))), simulate=False)
    plan_of(needles(ONA, (3, 0.1), reconstitution={"vial_units": 200, "diluent_ml": 6.67}))


def test_the_unopened_vial_is_kept_as_its_own_place_says() -> None:
    def kept(place: str) -> tuple[str, ...]:
        return sheet_of(plan_of({"pattern": f"glabellar_lines.{ONA}", "jurisdiction": place})).storage

    assert kept("us") == ("2 to 8 \u00b0C (us; from memory, verify)",)
    assert len(kept("uk")) == 1 and "5 days" in kept("uk")[0]
    assert len(kept("eu")) == 2


def test_columns_go_from_the_midline_outwards_and_each_from_above() -> None:
    places = [(0, 24), (0, 34), (-12, 24), (-12, 34)]  # mm from the middle of the brow, inwards is negative
    injections = [
        {
            "landmark": "brow_mid",
            "side": side,
            "offset_mm": [x, y],
            "muscle": "frontalis",
            "units": 4,
            "id": f"{side} {x} {y}",
        }
        for side in ("left", "right")
        for x, y in places
    ]
    made = {"vial_units": 100, "diluent_ml": 2.5}
    plan = plan_of(
        {"product": ONA, "indication": "forehead_lines", "injections": injections, "reconstitution": made}
    )
    assert [p.id for p in sheet_of(plan).points] == [
        f"{side} {x} {y}" for x in (-12, 0) for side in ("right", "left") for y in (34, 24)
    ]


def test_what_arithmetic_leaves_behind_is_no_rounding_of_a_label() -> None:
    plan = scale_volumes(read_plan(EXAMPLES / "glabellar-lines.toml"), 1.1)  # 0.11000000000000001 mL
    assert not any("planned or printed" in note for note in sheet_of(plan).notes)
    made = {"vial_units": 100, "diluent_ml": 2.5}
    off = sheet_of(plan_of(needles(ONA, (4, 0.1), (4, 0.101), reconstitution=made)))
    assert any(note.startswith("1 of 2 planned volumes") for note in off.notes)


def test_regions_outside_the_head_come_last_in_the_order_of_the_plan() -> None:
    tree = outside((4, 0.08))
    foot = {"muscle": "soleus", "side": "left", "units": 50, "volume_ml": 1.0}
    tree["injections"] = [tree["injections"][0], foot, tree["injections"][1]]
    assert [p.region for p in sheet_of(plan_of(tree)).points] == ["forehead", "upper limb", "lower limb"]
    tree["injections"] = [foot, tree["injections"][0]]
    assert [p.region for p in sheet_of(plan_of(tree)).points] == ["lower limb", "upper limb"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"landmark": "brow_mid", "offset_mm": [3, -4]}, "brow mid: 4 mm below, 3 mm outwards"),
        ({"landmark": "brow_mid", "offset_mm": [-3, 0]}, "brow mid: 3 mm inwards"),
        ({"landmark": "brow_mid"}, "on brow mid"),
        ({"landmark": "glabella", "offset_mm": [3, 4]}, "glabella: 4 mm above, 3 mm to the left"),
        (
            {"along": 0.4},
            "40 % along the muscle from its origin (average face: 38 mm from the midline, 43 mm higher than mid-brow)",
        ),
        (
            {"at_mm": [30, 50.5, 60]},
            "at 30, 50.5, 60 mm (average face: 34 mm from the midline, 38 mm higher than mid-brow)",
        ),
    ],
)
def test_a_place_in_words(written: dict[str, Any], words: str) -> None:
    one = {"muscle": "frontalis", "side": "left", "units": 4, **written}
    made = {"vial_units": 100, "diluent_ml": 2.5}
    plan = plan_of(
        {"product": ONA, "indication": "forehead_lines", "injections": [one], "reconstitution": made}
    )
    assert sheet_of(plan, order="plan").points[0].where == words


def test_only_what_the_marks_change_is_simulated_anew() -> None:
    made = {"vial_units": 100, "diluent_ml": 2.5}
    plan = plan_of(needles(ONA, (4, 0.1), (4.2, 0.105), reconstitution=made))
    changed = as_pushed(plan, prepare(plan, syringe="insulin_0_5", simulate=False).sheets)
    before, after = plan.sessions[0].injections, changed.sessions[0].injections
    assert after[0] == before[0]
    assert (after[1].units, after[1].volume_ml) == (4.0, 0.1)
    label = plan_of({"pattern": f"glabellar_lines.{DAXI}"})  # 8.33 U in the planned 0.1 mL
    given = as_pushed(label, prepare(label, simulate=False).sheets).sessions[0].injections
    assert {round(one.units, 4) for one in given} == {8.3333}


def test_every_powder_has_its_diluent_and_the_one_from_memory_is_said() -> None:
    for product in catalogue().products.values():
        assert (f"diluent.{product.id}" in facts()) == (product.form == "powder")
    daxi = sheet_of(plan_of({"pattern": f"glabellar_lines.{DAXI}"}))
    assert any("is from memory" in note for note in daxi.notes)
    ona = sheet_of(plan_of({"pattern": f"glabellar_lines.{ONA}"}))
    assert not any("is from memory" in note for note in ona.notes)
    assert "botox_reconstitution_copy" in ona.sources
    rela = sheet_of(plan_of({"pattern": f"glabellar_lines.{RELA}"}))
    assert not any("diluent" in name or "reconstitution" in name for name in rela.sources)


def test_a_volume_that_follows_from_a_pattern_is_worked_out_exactly() -> None:
    site = {"pattern": f"glabellar_lines.{ONA}", "site": "procerus", "units": 6}  # 0.1 mL x 6 / 4
    plan = plan_of({"product": ONA, "indication": "glabellar_lines", "injections": [site]})
    assert plan.sessions[0].injections[0].volume_ml != 0.15
    (point,) = sheet_of(plan).points
    assert (point.volume_ml, point.holds_u) == (ml("0.15"), 6)


def test_a_dilution_that_was_read_goes_before_one_from_memory() -> None:
    inco = "incobotulinumtoxin_a"
    sheet = sheet_of(plan_of(needles(inco, *[(4, 0.1)] * 16)))  # 64 U: 2 x 50 U read, 1 x 100 U recalled
    assert (sheet.dilution.vial_u, sheet.dilution.checked, sheet.vials.needed) == (50, True, 2)


def test_a_label_vial_counts_with_what_stays_in_it() -> None:
    sheet = sheet_of(plan_of({"pattern": f"masseter.{ONA}"}))  # 1.2 mL: more than one 1.25 mL vial gives
    assert (sheet.dilution.vial_u, sheet.vials.needed) == (100, 1)


def test_a_close_fit_goes_before_a_rounded_one() -> None:
    plan = plan_of(needles(DAXI, (8.1, 0.1)))
    product = catalogue().product(DAXI)
    near = product.dilutions[0].model_copy(update={"vial_u": 100.0, "diluent_ml": 1.24, "checked": False})
    changed = product.model_copy(update={"dilutions": (*product.dilutions, near)})
    assert _label(changed, plan.sessions[0]).vial_ml == ml("1.24")


def test_the_order_says_where_the_atlas_does_not_hold_a_place() -> None:
    found = prepare(plan_of(outside((4, 0.08))), simulate=False)
    assert "where the atlas holds the place" in found.order_words
    whole = prepare(read_plan(EXAMPLES / "glabellar-lines.toml"), simulate=False)
    assert "where the atlas" not in whole.order_words


def test_a_point_without_toxin_is_simulated_as_planned() -> None:
    made = {"vial_units": 100, "diluent_ml": 2.5}
    plan = plan_of(needles(ONA, (4.2, 0.105), (0, 0.1), reconstitution=made))
    changed = as_pushed(plan, prepare(plan, simulate=False, syringe="insulin_0_5").sheets)
    assert [(one.units, one.volume_ml) for one in changed.sessions[0].injections] == [(4.0, 0.1), (0.0, 0.1)]


def test_the_words_of_vials_and_of_a_vial_that_holds_only_what_stays() -> None:
    made = {"vial_units": 100, "diluent_ml": 0.069}
    with pytest.raises(PlanError, match=r"holds 0\.069 mL, of which 0\.069 mL"):
        prepare(plan_of(needles(ONA, (20, 0.0138), reconstitution=made)), simulate=False)
    two = {"vial_units": 50, "diluent_ml": 1.25, "vials": 2}
    sheet = sheet_of(plan_of(needles(ONA, *[(10, 0.25)] * 10, reconstitution=two)))
    assert any(said.startswith("The plan counts 2 vials;") for said in sheet.loud)
    one = sheet_of(plan_of(needles(ONA, *[(10, 0.25)] * 5, reconstitution={**two, "vials": 1})))
    assert any(said.startswith("The plan counts 1 vial;") for said in one.loud)


def test_a_refusal_names_every_dilution_known() -> None:
    with pytest.raises(PlanError, match=r"Known for it: 1\.25, 2\.5, 4, 5, 10 U per 0\.1 mL"):
        prepare(plan_of(needles(ONA, (3, 0.1))), simulate=False)
