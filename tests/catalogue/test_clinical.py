"""Is the clinical evidence sound and complete? Every row of the notes is there, and what is fitted can be fitted."""

from __future__ import annotations

from collections import Counter

import pytest

from endplate.catalogue import MODELLED_AREAS, PLACEBO, catalogue, cite, rows

C_ROWS = [f"C{k}" for k in range(1, 36)] + ("C1b C1c C4b C4c C5b C5c C6b C6c C10b C19b C19c".split())
PRINTED = {
    "c1.investigator_none_mild.d30.active": (0.80, 405),
    "c1.investigator_none_mild.d120.active": (0.25, 403),
    "c1b.subject_global_moderate.d30.placebo": (0.07, 132),
    "c3.investigator_1_grade.d168.u40": (0.32, 56),
    "c4.gl3.composite_2_grades.d30.active": (0.60, 200),
    "c4b.gl2.subject_onset.d3.placebo": (0.13, 71),
    "c5.composite_2_grades.d28.u100": (0.90, 80),
    "c5.investigator_1_grade.d168.u50": (0.525, 80),
    "c7.composite_2_grades.d30.active": (0.675, 246),
    "c8.sakura1.loss_of_none_mild_both.active": (24.0, 201),
    "c9.bless3.composite_2_grades.d28.active": (0.65, 266),
    "c10b.subject_1_grade.d180.placebo": (0.224, 74),
    "c13.subject_none_mild.d30.active": (0.581, 222),
    "c19.masseter_grade_3.d180.u48": (0.566, 53),
    "c20.eyelid_force_loss.site_2_5u": (0.696, None),
    "japan.glabella.investigator_none_mild.d30.u12": (0.981, 53),
}


@pytest.mark.parametrize("row", C_ROWS)
def test_every_row_of_the_notes_stands_in_the_results(row: str) -> None:
    assert [result.id for result in catalogue().results.values() if result.row == row]


@pytest.mark.parametrize("name", PRINTED)
def test_a_number_is_the_printed_one(name: str) -> None:
    result = catalogue().result(name)
    assert (result.value, result.n) == PRINTED[name]


def test_every_placebo_number_belongs_to_an_arm_without_toxin() -> None:
    book = catalogue()
    placebo = [result for result in book.results.values() if result.kind == "placebo"]
    assert len(placebo) > 50
    for result in placebo:
        arm = book.study(result.study).arm_of(result.arm)
        assert arm is not None and arm.product == PLACEBO and arm.pattern is None


def test_fitted_rows_come_from_at_least_twelve_studies_and_seven_products() -> None:
    book = catalogue()
    fitted = [r for r in book.results.values() if r.use == "calibrate" and r.kind == "active"]
    arms = [book.study(r.study).arm_of(r.arm) for r in fitted]
    assert len({r.study for r in fitted}) >= 12
    assert len({arm.product for arm in arms if arm is not None}) == 7
    assert {r.area for r in fitted} <= set(MODELLED_AREAS)


def test_what_is_only_tested_says_what_was_assumed_or_why_it_is_not_fitted() -> None:
    for result in catalogue().results.values():
        if result.use == "test":
            assert result.note or result.assumed, result.id


def test_a_row_that_set_a_prior_says_which() -> None:
    found = [r for r in catalogue().results.values() if r.use == "sets_prior"]
    assert {r.row for r in found} == {"C6c", "C20"}
    assert all("prior" in r.note and "counts as fitted" in r.note for r in found)


def test_the_conflicting_rows_of_one_endpoint_are_both_fitted() -> None:
    """C3 and C5, both 1 grade or more at week 24: a spread between studies, not an error of one."""
    book = catalogue()
    for name in ("c3.investigator_1_grade.d168.u20", "c5.investigator_1_grade.d168.u50"):
        assert book.result(name).use == "calibrate"


def test_the_sizes_of_the_bless_arms_add_up_to_those_randomised() -> None:
    sizes: Counter[str] = Counter()
    for study in catalogue().studies.values():
        if study.id.startswith("gl_leti_bless"):
            sizes.update({arm.id: arm.n or 0 for arm in study.arm})
    assert sizes == {"active": 957, "placebo": 319}


def test_every_endpoint_is_defined_in_one_sentence_and_is_used() -> None:
    used = {result.endpoint for result in catalogue().results.values()}
    among = {endpoint.among for endpoint in catalogue().endpoints.values()}
    spare = {"subject_2_grades", "investigator_2_grades"}  # trials ask for them; no number of them was read
    for endpoint in catalogue().endpoints.values():
        assert endpoint.definition.endswith(".") and ". " not in endpoint.definition, endpoint.id
        assert endpoint.id in used | among | spare, endpoint.id


def test_no_duration_shares_its_rule_with_another() -> None:
    rules = [
        (e.raters, e.at_most, e.among, e.among_day, e.rule, e.require)
        for e in catalogue().endpoints.values()
        if e.kind == "duration"
    ]
    assert len(rules) == len(set(rules)) == 5


def test_the_composite_asks_both_raters_for_two_grades() -> None:
    endpoint = catalogue().endpoint("composite_2_grades")
    assert endpoint.raters == ("investigator", "subject")
    assert (endpoint.at_most, endpoint.improved_by) == (1, 2)


def test_a_rate_of_an_unwanted_effect_comes_from_its_counts() -> None:
    droop = catalogue().unwanted("unwanted.ona_gl_pool_90d.eyelid_ptosis")
    assert droop.mechanism and droop.rate == 16 / 665 and droop.placebo_rate == 0
    bound = catalogue().unwanted("unwanted.abo_gl_label.eyelid_ptosis")
    assert bound.rate == 0.02 and bound.placebo_rate is None and bound.placebo_below == 0.01


def test_lid_droop_is_reported_for_every_glabellar_product_but_two() -> None:
    found = {
        u.product
        for u in catalogue().adverse.values()
        if u.effect == "eyelid_ptosis" and u.area == "glabella"
    }
    named = {name.split("botulinumtoxin")[0] for name in found}
    assert named == {"ona", "abo", "pra", "daxi", "leti"}  # inco and rela: no figure of the glabella was read


def test_the_two_definitions_of_a_rate_are_kept_apart() -> None:
    book = catalogue()
    assert book.unwanted("unwanted.cd_inco_label.dysphagia").definition == "all_cause"
    assert book.unwanted("unwanted.cd_inco_table.dysphagia").definition == "related"


def test_a_listed_result_says_what_the_arm_received() -> None:
    row = next(row for row in rows("results") if row["id"] == "c3.investigator_1_grade.d168.u40")
    assert (row["product"], row["units_total"]) == ("onabotulinumtoxin_a", 40)


def test_a_study_a_result_and_an_unwanted_effect_can_be_cited() -> None:
    assert "botox_cosmetic_leaflet" in {source.id for source in cite(["gl_ona_pivotal"])}
    assert [source.id for source in cite(["c7.composite_2_grades.d30.active"])] == ["prabo_trial"]
    assert [source.id for source in cite(["unwanted.inco_ufl.eyelid_ptosis"])] == ["inco_ufl_trial"]
    assert cite(["composite_2_grades"]) == []
