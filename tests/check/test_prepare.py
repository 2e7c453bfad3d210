"""Preparation: dilution, marks, vials, times and order, by numbers worked by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from endplate.catalogue import catalogue
from endplate.catalogue.syringes import check_syringe, exact, facts, syringe, syringes
from endplate.check.engine import check
from endplate.check.keeping import keeps
from endplate.check.prepare import prepare
from endplate.check.prepare_again import as_pushed
from endplate.check.prepare_dilution import _label
from endplate.check.prepare_records import Preparation, Sheet
from endplate.check.prepare_syringe import to_mark, usable_ml
from endplate.errors import CatalogueError, EndplateError, ModelError, PlanError
from endplate.plan import Plan, plan_from_dict, read_plan, scale_volumes

EXAMPLES = Path(__file__).parents[2] / "examples"
ONA, ABO, DAXI = "onabotulinumtoxin_a", "abobotulinumtoxin_a", "daxibotulinumtoxin_a"
RELA, RIMA = "relabotulinumtoxin_a", "rimabotulinumtoxin_b"


def ml(text: str) -> Fraction:
    return Fraction(text)


def plan_of(*sessions: dict[str, Any], age: int = 40) -> Plan:
    made = [{"date": "2026-03-02", **one} for one in sessions]
    return plan_from_dict(
        {"schema": "endplate/plan/1", "patient": {"age": age, "sex": "female"}, "sessions": made}
    )


def needles(
    product: str, *amounts: tuple[float, float], muscle: str = "frontalis", **more: Any
) -> dict[str, Any]:
    """A session of needles in a row: units and mL each."""
    injections = [
        {
            "landmark": "brow_mid",
            "side": "left",
            "offset_mm": [0, 20 + count],
            "muscle": muscle,
            "units": u,
            "volume_ml": v,
        }
        for count, (u, v) in enumerate(amounts)
    ]
    return {"product": product, "indication": "forehead_lines", "injections": injections, **more}


def sheet_of(plan: Plan, **options: Any) -> Sheet:
    (sheet,) = prepare(plan, simulate=False, **options).sheets
    return sheet


@pytest.fixture(scope="module")
def glabella() -> Preparation:
    return prepare(read_plan(EXAMPLES / "glabellar-lines.toml"), at="2026-03-02T09:00")


# --- Worked by hand: 5 x 4 U, 100 U in 2.5 mL


def test_glabella_is_drawn_up_as_by_hand(glabella: Preparation) -> None:
    """100 U / 2.5 mL = 40 U/mL: 4 U are 0.1 mL, five are 0.5 mL; 0.002 mL x 40 U/mL = 0.08 U stay behind."""
    (sheet,) = glabella.sheets
    assert sheet.dilution.u_per_ml == 40 and sheet.dilution.u_per_0_1_ml == 4
    assert sheet.syringe.id == "low_dead_1"  # a barrel of 0.5 mL would be full to its last mark
    (fill,) = sheet.fills
    assert fill.draw_to_ml == fill.ready_ml == fill.injected_ml == ml("0.5")
    assert (fill.dead_ml, fill.drawing_ml, fill.rest_ml) == (ml("0.002"), 0, 0)
    assert fill.taken_ml == ml("0.502")
    assert [(p.from_ml, p.to_ml) for p in sheet.points] == [
        (ml("0.5"), ml("0.4")),
        (ml("0.4"), ml("0.3")),
        (ml("0.3"), ml("0.2")),
        (ml("0.2"), ml("0.1")),
        (ml("0.1"), 0),
    ]
    assert all(p.pushed_u == p.units == 4 and p.difference_u == 0 and not p.loud for p in sheet.points)
    v = sheet.vials
    assert (v.needed, v.planned) == (1, 1)
    assert (v.prepared_u, v.injected_u, v.dead_u) == (100, 20, ml("0.08"))
    assert (v.left_u, v.left_ml, v.wasted_u) == (ml("79.92"), ml("1.998"), 80)
    assert sheet.loud == ()


def test_glabella_is_used_within_a_day_and_the_marks_change_no_force(glabella: Preparation) -> None:
    (sheet,) = glabella.sheets
    assert sheet.use_by is not None
    assert (sheet.use_by.hours, sheet.use_by.until) == (24, dt.datetime(2026, 3, 3, 9, 0))
    assert glabella.not_simulated == ""
    assert {(one.muscle, one.side) for one in glabella.lowest} == {
        ("procerus", "midline"),
        ("corrugator_supercilii", "left"),
        ("corrugator_supercilii", "right"),
    }
    assert all(one.difference == 0 for one in glabella.lowest)


def test_points_come_from_the_midline_outwards_or_as_planned(glabella: Preparation) -> None:
    (sheet,) = glabella.sheets
    assert [p.id for p in sheet.points] == ["s1.1", "s1.3", "s1.2", "s1.5", "s1.4"]
    assert [p.side for p in sheet.points] == ["midline", "right", "left", "right", "left"]
    planned = prepare(read_plan(EXAMPLES / "glabellar-lines.toml"), order="plan", simulate=False)
    assert [p.id for p in planned.sheets[0].points] == [f"s1.{n}" for n in range(1, 6)]
    assert "midline outwards" in glabella.order_words and "as the plan lists" in planned.order_words


def test_regions_come_from_above() -> None:
    found = sheet_of(read_plan(EXAMPLES / "synkinesis.toml"))
    regions = list(dict.fromkeys(p.region for p in found.points))
    assert regions == ["forehead", "glabella", "eye", "cheek and mouth", "chin", "neck"]


# --- Marks


@pytest.mark.parametrize(
    ("volume", "mark", "found"),
    [
        ("0.1", "0.01", "0.1"),
        ("0.096", "0.01", "0.1"),
        ("0.025", "0.01", "0.02"),  # half way: the lower one
        ("0.0251", "0.01", "0.03"),
        ("0.0049", "0.01", "0"),
        ("0.005", "0.01", "0"),
        ("0.0375", "0.005", "0.035"),
        ("0.09", "0.02", "0.08"),
    ],
)
def test_a_volume_goes_to_the_nearest_mark(volume: str, mark: str, found: str) -> None:
    assert to_mark(ml(volume), ml(mark)) == ml(found)


def test_the_usual_choice_changes_no_point_of_the_platysma_and_a_coarse_one_says_so() -> None:
    plan = read_plan(EXAMPLES / "platysma.toml")  # 1 U in 0.025 mL and 2 U in 0.05 mL
    fine = sheet_of(plan)
    assert fine.syringe.id == "insulin_0_3_half" and len(fine.fills) == 3
    assert all(p.difference_u == 0 for p in fine.points) and fine.loud == ()
    coarse = sheet_of(plan, syringe="luer_1_30g")
    small = [p for p in coarse.points if p.units == 1]
    assert {(p.pushed_ml, p.pushed_u, p.difference_share) for p in small} == {
        (ml("0.02"), ml("0.8"), ml("-0.2"))
    }
    assert all(p.loud for p in small)
    said, total = coarse.loud
    assert "26 U are planned and 24 U given: \u22127.7 %" in total
    assert "10 of 18 points" in said and "10 %" in said and "\u221220 %" in said


def test_a_fresh_needle_is_filled_from_the_barrel() -> None:
    """0.6 mL to inject + 0.034 mL for the needle = 0.634, so 0.64 is drawn and 0.006 goes out with the air."""
    (fill,) = sheet_of(read_plan(EXAMPLES / "platysma.toml"), syringe="luer_1_30g").fills
    assert (fill.draw_to_ml, fill.ready_ml, fill.rest_ml) == (ml("0.64"), ml("0.6"), ml("0.006"))
    assert fill.taken_ml == ml("0.6") + ml("0.04") + ml("0.05") + ml("0.006")


def test_a_point_below_half_a_mark_is_said_loudly_and_never_given() -> None:
    plan = plan_of(needles(ONA, (4, 0.04), (0.4, 0.004), reconstitution={"vial_units": 100, "diluent_ml": 1}))
    found = prepare(plan, syringe="insulin_0_5")
    (sheet,) = found.sheets
    gone = next(p for p in sheet.points if p.id == "s1.2")
    assert (gone.pushed_ml, gone.pushed_u, gone.syringe, gone.loud) == (0, 0, 0, True)
    assert "nothing is given: point 1 (s1.2)" in sheet.loud[0]
    assert found.largest is not None and found.largest.difference > 0


def test_nothing_to_give_at_all_is_refused() -> None:
    plan = plan_of(needles(ONA, (0.4, 0.004), reconstitution={"vial_units": 100, "diluent_ml": 1}))
    with pytest.raises(PlanError, match="smaller than half a mark"):
        prepare(plan, syringe="insulin_0_5", simulate=False)


def test_points_that_do_not_fit_one_syringe_go_to_several_and_are_never_split() -> None:
    sheet = sheet_of(read_plan(EXAMPLES / "upper-face.toml"))  # 16 x 0.1 mL
    assert sheet.syringe.id == "low_dead_1"
    assert [f.injected_ml for f in sheet.fills] == [ml("0.9"), ml("0.7")]
    assert [p.syringe for p in sheet.points] == [1] * 9 + [2] * 7


def test_a_point_larger_than_the_syringe_is_refused() -> None:
    plan = read_plan(EXAMPLES / "edb.toml")  # one of 0.5 mL
    assert sheet_of(plan, syringe="insulin_1").fills[0].draw_to_ml == ml("0.5")
    with pytest.raises(PlanError, match=r"s1\.1 needs 0\.5 mL.*at most 0\.45 mL"):
        prepare(plan, syringe="insulin_0_5", simulate=False)
    huge = plan_of(needles(ONA, (100, 5.0), reconstitution={"vial_units": 100, "diluent_ml": 5, "vials": 2}))
    with pytest.raises(PlanError, match=r"needs 5 mL.*at most 2\.4 mL"):
        prepare(huge, simulate=False)


def test_equal_points_get_equal_amounts() -> None:
    for name in ("masseter", "platysma", "upper-face"):
        for one in ("insulin_0_3", "insulin_1", "luer_1_32g"):
            found = sheet_of(read_plan(EXAMPLES / f"{name}.toml"), syringe=one)
            given = {(p.units, p.volume_ml): p.pushed_ml for p in found.points}
            assert all(given[p.units, p.volume_ml] == p.pushed_ml for p in found.points)


# --- Dilution


def test_a_label_dilution_is_taken_where_the_plan_names_none() -> None:
    sheet = sheet_of(plan_of({"pattern": f"glabellar_lines.{ONA}"}))
    made = sheet.dilution
    assert (made.basis, made.vial_u, made.vial_ml, made.source) == (
        "label",
        50,
        ml("1.25"),
        "botox_cosmetic_leaflet",
    )
    assert sheet.vials.planned is None and sheet.vials.needed == 1


def test_the_vial_is_one_that_is_sold_there() -> None:
    in_us = sheet_of(plan_of({"pattern": f"glabellar_lines.{ABO}"}))
    in_uk = sheet_of(plan_of({"pattern": f"glabellar_lines.{ABO}.azzalure"}))
    assert (in_us.dilution.vial_u, in_us.dilution.u_per_0_1_ml) == (300, 20)
    assert (in_uk.dilution.vial_u, in_uk.dilution.u_per_ml) == (125, Fraction(12500, 63))
    assert in_uk.points[0].pushed_u == Fraction(12500, 63) / 20  # 9.92 U in 0.05 mL


def test_daxxify_prints_8_where_the_vial_makes_8_33() -> None:
    sheet = sheet_of(plan_of({"pattern": f"glabellar_lines.{DAXI}"}))
    assert sheet.dilution.u_per_0_1_ml == Fraction(25, 3)
    first = sheet.points[0]
    assert (first.units, first.volume_ml, first.pushed_ml) == (8, ml("0.1"), ml("0.1"))
    assert first.holds_u == first.pushed_u == Fraction(25, 3)
    assert first.difference_share == Fraction(1, 24) and not first.loud
    assert any("8.333 U, planned or printed as 8 U" in note for note in sheet.notes)


def test_daxxify_dissolved_by_the_plan_has_volumes_by_exact_division() -> None:
    made = {"vial_units": 100, "diluent_ml": 1.2}
    sheet = sheet_of(plan_of({"pattern": f"glabellar_lines.{DAXI}", "reconstitution": made}))
    assert {p.volume_ml for p in sheet.points} == {ml("0.096")}
    assert {p.holds_u for p in sheet.points} == {8}


@pytest.mark.parametrize(
    ("product", "pattern", "vial_u", "u_per_ml"),
    [
        (RELA, f"glabellar_lines.{RELA}", 150, 100),
        ("abobotulinumtoxin_a_solution", f"glabellar_lines.{ABO}_solution", 125, 200),
    ],
)
def test_a_liquid_needs_no_diluent(product: str, pattern: str, vial_u: int, u_per_ml: int) -> None:
    sheet = sheet_of(plan_of({"pattern": pattern}))
    assert (sheet.product, sheet.dilution.basis, sheet.dilution.diluent) == (product, "liquid", "")
    assert (sheet.dilution.vial_u, sheet.dilution.u_per_ml) == (vial_u, u_per_ml)
    assert sheet.use_by is None and sheet.vials.injected_u == 50


def test_a_liquid_takes_the_vial_that_leaves_least_over() -> None:
    def session(*amounts: tuple[float, float]) -> dict[str, Any]:
        return needles(RIMA, *amounts) | {"indication": "cervical_dystonia"}

    sizes = {units: sheet_of(plan_of(session((units, units / 5000)))) for units in (1500, 3000, 7500)}
    assert {u: (s.dilution.vial_u, s.vials.needed) for u, s in sizes.items()} == {
        1500: (2500, 1),
        3000: (5000, 1),
        7500: (10000, 1),
    }


@pytest.mark.parametrize("product", ["nivobotulinumtoxin_a", "trenibotulinumtoxin_e"])
def test_a_product_without_a_known_vial_is_refused(product: str) -> None:
    with pytest.raises(PlanError, match="session 1: no vial of"):
        prepare(plan_of(needles(product, (4, 0.1))), simulate=False)


def test_volumes_that_no_label_dilution_makes_are_refused_with_what_to_add() -> None:
    with pytest.raises(
        PlanError, match=r"3 U per 0\.1 mL\..*reconstitution = \{ vial_units = 200, diluent_ml"
    ):
        prepare(plan_of(needles(ONA, (3, 0.1))), simulate=False)


def test_another_diluent_than_the_labels_is_said() -> None:
    made = {"vial_units": 100, "diluent_ml": 2.5, "diluent": "preserved_saline"}
    sheet = sheet_of(plan_of({"pattern": f"glabellar_lines.{ONA}", "reconstitution": made}))
    assert sheet.dilution.diluent == "preserved saline"
    assert any("labels print saline" in said for said in sheet.loud)


def test_points_without_toxin_are_not_drawn_from_the_vial() -> None:
    made = {"vial_units": 100, "diluent_ml": 2.5}
    sheet = sheet_of(plan_of(needles(ONA, (4, 0.1), (0, 0.1), reconstitution=made)))
    assert [p.id for p in sheet.points] == ["s1.1"] and [p.id for p in sheet.plain] == ["s1.2"]
    assert sheet.vials.injected_u == 4
    with pytest.raises(PlanError, match="no injection holds toxin"):
        prepare(plan_of(needles(ONA, (0, 0.1), reconstitution=made)), simulate=False)


# --- Vials


def test_a_vial_that_does_not_suffice_is_said_and_no_other_is_opened() -> None:
    """100 U in 2.5 mL, all to be injected: 2.5 mL + dead volume do not come out of one vial."""
    made = {"vial_units": 100, "diluent_ml": 2.5}
    sheet = sheet_of(plan_of(needles(ONA, *[(10, 0.25)] * 10, reconstitution=made)))
    v = sheet.vials
    assert (v.planned, v.needed, v.opened, v.prepared_u) == (1, 2, 1, 100)
    assert v.short_ml == sum(f.taken_ml for f in sheet.fills) + ml("0.069") - ml("2.5")
    assert v.short_heeded_ml == v.short_ml - ml("0.034") and v.left_ml < 0
    assert v.lacking == (sheet.points[-1].id,)
    (said,) = sheet.loud
    assert f"are lacking, for point 10 ({sheet.points[-1].id}). It takes 2 vials" in said


def test_care_can_make_a_vial_suffice() -> None:
    """2.43 mL to inject: with 0.069 mL in the vial something lacks, with 0.035 mL nothing does."""
    made = {"vial_units": 100, "diluent_ml": 2.5}
    sheet = sheet_of(
        plan_of(needles(ONA, *[(8, 0.2)] * 12, (1.2, 0.03), reconstitution=made)), syringe="low_dead_1"
    )
    assert sheet.vials.short_ml > 0 == sheet.vials.short_heeded_ml
    assert any("Drawn up with care (0.035 mL stay) it suffices" in said for said in sheet.loud)


def test_several_vials_of_the_plan() -> None:
    made = {"vial_units": 50, "diluent_ml": 1.25, "vials": 2}
    sheet = sheet_of(plan_of({"pattern": f"forehead_lines.{ONA}", "reconstitution": made}))  # 1 mL to inject
    assert (sheet.vials.planned, sheet.vials.needed, sheet.loud) == (2, 1, ())


def test_a_vial_smaller_than_what_stays_in_it_is_refused() -> None:
    made = {"vial_units": 100, "diluent_ml": 0.05}
    with pytest.raises(PlanError, match="cannot be drawn up"):
        prepare(plan_of(needles(ONA, (20, 0.01), reconstitution=made)), simulate=False)


# --- Days and products


def test_two_products_on_one_day_have_sheets_of_their_own() -> None:
    plan = plan_of(
        {"pattern": f"glabellar_lines.{DAXI}"},
        {"pattern": f"lateral_canthal_lines.{RELA}"},
        {"date": "2026-07-02", "pattern": f"glabellar_lines.{ONA}"},
    )
    found = prepare(plan)
    assert [(s.session, s.product) for s in found.sheets] == [(1, DAXI), (2, RELA)]
    assert [s.vials.planned_u for s in found.sheets] == [40, 60]
    assert {one.muscle for one in found.lowest} == {
        "procerus",
        "corrugator_supercilii",
        "orbicularis_oculi_orbital",
    }
    later = prepare(plan, session=3)
    assert [(s.session, s.date) for s in later.sheets] == [(3, dt.date(2026, 7, 2))]
    assert len(later.lowest) == 3


def test_the_first_planned_day_is_after_what_was_given() -> None:
    found = prepare(read_plan(EXAMPLES / "repeated-sessions.toml"), simulate=False)
    assert [(s.session, str(s.date)) for s in found.sheets] == [(3, "2026-04-20")]


@pytest.mark.parametrize(
    ("number", "words"), [(0, "no session 0"), (4, "no session 4"), (1, "session 1 is given")]
)
def test_a_session_that_cannot_be_prepared(number: int, words: str) -> None:
    with pytest.raises(PlanError, match=words):
        prepare(read_plan(EXAMPLES / "repeated-sessions.toml"), session=number, simulate=False)


def test_a_plan_that_is_over_is_refused() -> None:
    with pytest.raises(PlanError, match="every session of this plan is given"):
        prepare(plan_of({"pattern": f"glabellar_lines.{ONA}", "given": True}))


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
