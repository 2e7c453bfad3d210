"""Small rules of the room that label cases do not look at: words, orders, refusals. Functions without arguments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any


def planned(pattern: str, day: str = "2026-03-02", **more: Any) -> Any:
    from endplate.plan import plan_from_dict

    session = {"date": day, "pattern": pattern, **more}
    return plan_from_dict(
        {
            "schema": "endplate/plan/1",
            "title": "t",
            "patient": {"age": 45, "sex": "male"},
            "sessions": [session],
        }
    )


GLABELLA = "glabellar_lines.onabotulinumtoxin_a"


def refused(ask: Any) -> str:
    from endplate.errors import EndplateError

    try:
        ask()
    except EndplateError as error:
        return f"{type(error).__name__} {error}"
    return ""


def test_long_lists_of_a_limb_are_told_as_the_limb() -> None:
    from endplate.catalogue.targets import targets
    from endplate.check.visit import LISTED, joined, targets_words

    of = {region: tuple(n for n, one in targets().items() if one.region == region) for region in
          ("upper_limb", "lower_limb", "neck")}  # fmt: skip
    assert LISTED == 6
    assert targets_words(of["upper_limb"]) == "the arms"
    assert targets_words(of["lower_limb"][:7]) == "the legs"
    assert targets_words(of["neck"][:7]) == "the neck"
    assert targets_words(of["upper_limb"][:6]) == joined(of["upper_limb"][:6])
    assert targets_words((*of["upper_limb"][:4], *of["neck"][:4])) == "8 named muscles"
    assert targets_words(("frontalis", "procerus", *of["neck"][:5])) == "7 named muscles"
    assert joined(["a_b", "c", "d"]) == "a b, c and d" and joined(["a", "a"]) == "a" and joined([]) == ""


def test_numbers_are_told_as_they_are_written() -> None:
    from endplate.check.visit import said

    assert (said(4.0), said(0.1), said(Decimal("1.2500")), said(100.0)) == ("4", "0.1", "1.25", "100")


def test_what_counts_as_a_dose_of_a_label() -> None:
    from endplate.check.use import DOSES

    assert {"dose", "site_max", "per_kg_dose", "side_per_kg_max", "period_max"} <= DOSES
    assert not {"sites", "site_volume", "site_volume_max"} & DOSES


def test_a_use_is_approved_from_its_day_on() -> None:
    from endplate.check.visit import visits

    (before,) = visits(planned(GLABELLA), "us", dt.date(2010, 9, 30))
    (on,) = visits(planned(GLABELLA), "us", dt.date(2010, 10, 1))
    for visit, held in ((before, False), (on, True)):
        uses = {one.indication for label in visit.in_force for one in visit.uses_of(label)}
        assert ("chronic_migraine" in uses) is held


def test_the_room_refuses_what_it_cannot_judge() -> None:
    from endplate.check.engine import check

    assert refused(lambda: check(planned(GLABELLA), jurisdiction="mars")).startswith(
        "CatalogueError Unknown jurisdiction"
    )
    assert refused(lambda: check(planned(GLABELLA, given=True))).startswith("PlanError nothing is planned")


def test_a_complaint_is_asked_about_and_an_emergency_stands_first() -> None:
    from endplate.check.engine import check
    from endplate.plan import plan_from_dict

    tree = {
        "schema": "endplate/plan/1",
        "patient": {"age": 17, "sex": "male"},
        "complaint": [{"indication": "ptosis", "signs": ["pupil_change", "double_vision"]}],
        "sessions": [{"date": "2026-03-02", "pattern": GLABELLA}],
    }
    assert [one.kind for one in check(plan_from_dict(tree))][:2] == ["emergency", "age_from"]


def test_of_notes_the_boxed_warning_comes_first_and_reminders_last() -> None:
    from endplate.check.engine import check

    notes = [one.kind for one in check(planned(GLABELLA)) if one.severity == "note"]
    assert notes[0] == "boxed"
    assert notes[-1] in ("on_label", "reminder", "consent", "body_image")


def test_a_place_that_no_label_holds_is_told_as_none() -> None:
    from endplate.check.visit import visits

    (visit,) = visits(planned("hemifacial_spasm.onabotulinumtoxin_a.left"))
    assert not visit.named and visit.jurisdiction == "us"


def test_the_course_is_told_by_shares_of_force() -> None:
    from types import SimpleNamespace

    import numpy as np

    from endplate.check.simulated import effects_of, of_course
    from endplate.check.visit import visits

    course = SimpleNamespace(
        targets={("corrugator_supercilii", "left"), ("corrugator_supercilii", "right"), ("procerus", "midline")},
        muscles=(("procerus", "midline"), ("corrugator_supercilii", "left"), ("corrugator_supercilii", "right"),
                 ("frontalis", "left"), ("frontalis", "right"), ("nasalis", "left")),
        force=np.array([[1, 0.2], [1, 0.123456], [1, 0.3], [1, 0.89], [1, 0.876543], [1, 0.95]]),
    )  # fmt: skip
    (visit,) = visits(planned(GLABELLA))
    spill, uneven = of_course(visit, course)  # type: ignore[arg-type]
    assert (spill.kind, spill.measured, spill.unit, spill.limit) == ("spill", 0.1235, "1", 0.1)
    assert "right 12%" in spill.found and "left 11%" in spill.found and spill.where.side == "right"
    assert (uneven.kind, uneven.measured, uneven.unit) == ("simulated_imbalance", 0.1765, "1")
    assert effects_of(SimpleNamespace(mechanism=3)) == 3 and effects_of(4) == 4
