"""Does the check say what a clinician needs, with its source, and nothing in silence?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from endplate.catalogue import catalogue, cite
from endplate.catalogue.labels import PLACES, all_labels, labels_of
from endplate.check import SEVERITIES, check
from endplate.errors import CatalogueError, PlanError
from endplate.plan import plan_from_dict

DAY = dt.date(2026, 3, 2)
GLABELLA = "glabellar_lines.onabotulinumtoxin_a"
LABELLED = [one for one in catalogue().patterns.values() if one.basis == "label"]


def planned(*sessions: dict[str, Any], **patient: Any):
    """A plan of these sessions on the same day, for a man of 45 unless told otherwise."""
    return plan_from_dict(
        {
            "schema": "endplate/plan/1",
            "title": "test",
            "patient": {"age": 45, "sex": "male", **patient},
            "sessions": [{"date": DAY.isoformat(), **one} for one in sessions],
        }
    )


def kinds(findings, severity: str | None = None) -> list[str]:
    return [one.kind for one in findings if severity in (None, one.severity)]


@pytest.mark.parametrize("pattern", LABELLED, ids=lambda one: one.id)
def test_a_label_pattern_passes_its_own_label(pattern) -> None:
    findings = check(planned({"pattern": pattern.id}), jurisdiction=pattern.jurisdiction)
    assert kinds(findings, "stop") == []
    assert "on_label" in kinds(findings)


@pytest.mark.parametrize("pattern", LABELLED, ids=lambda one: one.id)
def test_the_same_units_under_another_name_do_not_pass_in_silence(pattern) -> None:
    """Something is said besides what every plan is told, unless the other label's own doses hold these units too."""
    routine = {"on_label", "boxed", "reminder", "consent", "body_image"}
    for name, product in catalogue().products.items():
        for place in sorted({label.jurisdiction for label in labels_of(name) if name != pattern.product}):
            session = {
                "product": name,
                "indication": pattern.indication,
                "injections": [needle(site, product) for site in pattern.sites],
            }
            findings = check(planned(session), jurisdiction=place)
            assert any(product.name in one.found for one in findings)
            if all(one.kind in routine for one in findings):
                assert judged_by(name, place, pattern.indication)
                assert any("of this product alone" in one.says for one in findings)


def needle(site, product) -> dict[str, Any]:
    """A pattern's site as a free needle, in the volume that a liquid of this strength needs."""
    keys = ("muscle", "side", "landmark", "offset_mm", "along", "layer")
    held = {key: getattr(site, key) for key in keys if getattr(site, key) is not None}
    strength = product.concentration_u_per_ml
    return {**held, "units": site.units, "volume_ml": site.units / strength if strength else site.volume_ml}


def judged_by(product: str, place: str, indication: str) -> set[str]:
    """The rules of a product's labels here that measure the units of a use."""
    return {
        rule.id
        for label in labels_of(product)
        if label.jurisdiction == place
        for rule in label.rule
        if "dose" in rule.kind or rule.kind.endswith("_max")
        if indication in rule.indication and rule.unit == "U"
    }


def test_every_finding_cites_product_place_date_and_source() -> None:
    plan = planned(
        {"pattern": GLABELLA, "date": "2026-01-19", "given": True},
        {"pattern": GLABELLA},
        {"pattern": "lateral_canthal_lines.abobotulinumtoxin_a", "jurisdiction": "us"},
        age=17,
        allergies=["cow's milk", "moonlight"],
        conditions=["myasthenia gravis"],
        pregnancy=True,
    )
    findings = [one for place in PLACES for one in check(plan, jurisdiction=place)]
    assert len({one.kind for one in findings}) > 12
    for one in findings:
        assert one.product in catalogue().products
        assert one.jurisdiction in PLACES
        assert one.label_date
        assert one.label == "" or one.label in all_labels() or one.kind == "use_within"
        assert one.sources
        assert {source.id for source in cite([one.rule])} & set(one.sources) or one.rule.startswith("house.")
        assert all(name in catalogue().sources for name in one.sources)
        assert one.severity in SEVERITIES


def test_what_rests_on_memory_begins_with_a_warning() -> None:
    findings = check(planned({"pattern": GLABELLA}), jurisdiction="us")
    unread = [one for one in findings if not one.checked]
    assert unread and all(one.text.startswith("From memory, verify: ") for one in unread)
    assert not any(one.text.startswith("From memory") for one in findings if one.checked)


def test_stops_stand_first() -> None:
    findings = check(planned({"pattern": GLABELLA}, age=17))
    order = [SEVERITIES.index(one.severity) for one in findings]
    assert order == sorted(order) and order[0] == 0


def test_units_of_two_products_are_never_summed() -> None:
    plan = planned(
        {"pattern": GLABELLA}, {"pattern": "lateral_canthal_lines.abobotulinumtoxin_a", "jurisdiction": "us"}
    )
    findings = check(plan)
    second = [one for one in findings if "second product" in one.found]
    assert len(second) == 2 and all(one.severity == "caution" for one in second)
    assert all("20 U" in one.found and "60" in one.found and "80" not in one.found for one in second)
    assert all(one.measured is None or one.measured != 80 for one in findings)


def test_the_text_of_the_day_counts() -> None:
    platysma = planned({"pattern": "platysma_bands.onabotulinumtoxin_a.one_band_each"})
    assert "on_label" in kinds(check(platysma))
    assert "off_label" in kinds(check(platysma, on=dt.date(2023, 5, 1)))


def test_history_alone_is_no_plan() -> None:
    with pytest.raises(PlanError, match="nothing is planned"):
        check(planned({"pattern": GLABELLA, "given": True}))


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(CatalogueError, match="Unknown jurisdiction"):
        check(planned({"pattern": GLABELLA}), jurisdiction="atlantis")


def test_needles_without_toxin_are_nothing_to_judge() -> None:
    site = {"pattern": GLABELLA, "site": "procerus", "units": 0}
    plan = planned(
        {
            "product": "onabotulinumtoxin_a",
            "indication": "glabellar_lines",
            "jurisdiction": "us",
            "injections": [site],
        }
    )
    with pytest.raises(PlanError, match="nothing is planned"):
        check(plan)


def test_targets_outside_the_atlas_are_checked_and_not_simulated() -> None:
    gland = {"muscle": "parotid_gland", "side": "left", "units": 30, "volume_ml": 0.6}
    plan = planned(
        {
            "product": "incobotulinumtoxin_a",
            "indication": "sialorrhoea",
            "jurisdiction": "us",
            "injections": [gland, {**gland, "side": "right"}],
        }
    )
    found = check(plan)
    assert "not_simulated" in kinds(found) and "dose" in kinds(found, "note")
    from endplate.assess import simulate

    with pytest.raises(PlanError, match="nothing of this plan can be simulated: parotid_gland"):
        simulate(plan, samples=0)


def test_the_course_adds_spill_and_imbalance() -> None:
    from endplate.assess import simulate

    heavy = {"pattern": GLABELLA, "site": "corrugator_lateral_left", "units": 12}
    plan = planned(
        {
            "pattern": GLABELLA,
            "product": "onabotulinumtoxin_a",
            "indication": "glabellar_lines",
            "jurisdiction": "us",
            "injections": [heavy, {"pattern": GLABELLA, "site": "corrugator_lateral_right", "units": 0}],
        }
    )
    course = simulate(plan, samples=0)
    assert not {"spill", "simulated_imbalance"} & set(kinds(check(plan)))
    found = check(plan, course)
    assert {"spill", "simulated_imbalance", "uneven_sides"} <= set(kinds(found))
    assert all(one.severity == "note" for one in found if one.kind in ("spill", "simulated_imbalance"))
    sided = planned(
        {"pattern": GLABELLA}, spasm=[{"muscle": "corrugator_supercilii", "side": "left", "drive": 0.5}]
    )
    assert not {"uneven_sides", "simulated_imbalance"} & set(kinds(check(sided, simulate(sided, samples=0))))


def test_a_complaint_that_toxin_does_not_suit_is_told_before_the_plan() -> None:
    def of(*signs: str, use: str, **more: Any) -> list[Any]:
        tree = {
            "schema": "endplate/plan/1",
            "title": "test",
            "patient": {"age": 45, "sex": "male"},
            "complaint": [{"indication": use, "signs": list(signs), **more}],
            "sessions": [{"date": DAY.isoformat(), "pattern": GLABELLA}],
        }
        return [one for one in check(plan_from_dict(tree)) if one.kind in ("triage", "emergency")]

    (told,) = of("pupil_change", use="ptosis")
    assert told.severity == "stop" and told.found.startswith("EMERGENCY NOW") and "emergency" in told.do
    assert not of("lines_lessen_when_spread", use="glabellar_lines")
    (now,) = of("cannot_close_eye", use="facial_palsy", since="2026-03-01", asked="2026-03-02")
    assert now.kind == "emergency", "a palsy of yesterday is asked about today, not on the day of the session"
    (slow,) = of("none", use="stretch_marks")
    assert slow.severity == "caution" and "not supported" in slow.found


def test_a_use_counts_from_the_day_of_its_approval() -> None:
    site = {"muscle": "occipitalis", "side": "left", "units": 5, "volume_ml": 0.1}
    migraine = {
        "product": "onabotulinumtoxin_a",
        "indication": "chronic_migraine",
        "jurisdiction": "us",
        "injections": [site],
    }
    assert "off_label" in kinds(check(planned(migraine), on=dt.date(2010, 9, 30)))
    assert "on_label" in kinds(check(planned(migraine), on=dt.date(2010, 10, 1)))
