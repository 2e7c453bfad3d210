"""Preparation: dilution, marks, vials and order, by numbers worked by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from prepare_plans import ABO, DAXI, EXAMPLES, ONA, RELA, RIMA, ml, needles, plan_of, sheet_of

from endplate.check.prepare import prepare
from endplate.check.prepare_records import Preparation
from endplate.check.prepare_syringe import to_mark
from endplate.errors import PlanError
from endplate.plan import read_plan


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
