"""Unwanted effects: each stands in one of the two lists, with what is known of its course and a source for it."""

from __future__ import annotations

from collections import Counter

import pytest

from endplate.catalogue import catalogue
from endplate.catalogue.effects import mechanisms
from endplate.catalogue.persistence import (
    NOT_FOUND,
    Effect,
    check_effect,
    effect,
    effects,
    labels,
    listed,
)
from endplate.errors import CatalogueError
from endplate.population.reported import RATE_NOT_FOUND, areas_of, reported_of, seen_of

PROMISED = {
    "headache", "injection_site_pain", "injection_site_redness", "injection_site_bruise", "flushing", "nausea",
    "fatigue", "anxiety", "flu_like", "eyelid_oedema",
}  # fmt: skip
ONA = "onabotulinumtoxin_a"


def test_every_effect_of_the_table_of_rates_stands_in_exactly_one_list() -> None:
    held = Counter(name for one in effects().values() for name in one.counted_as)
    counted = {row.effect for row in catalogue().adverse.values()}
    assert counted == set(held)
    assert [name for name, times in held.items() if times > 1] == []


def test_every_effect_that_a_label_names_stands_in_exactly_one_list() -> None:
    held = Counter(term for one in effects().values() for term in one.label_terms)
    named = {name for label in labels().values() for name in label.names}
    assert named == set(held)
    assert [term for term, times in held.items() if times > 1] == []


def test_the_two_lists_are_those_that_were_promised() -> None:
    assert {one.id for one in listed("mechanism")} == set(mechanisms())
    assert {one.id for one in listed("reported")} >= PROMISED
    assert not {one.id for one in listed("mechanism")} & PROMISED


def test_rates_are_marked_by_the_list_that_their_effect_stands_in() -> None:
    mechanism = {name for one in listed("mechanism") for name in one.counted_as}
    wrong = [row.id for row in catalogue().adverse.values() if row.mechanism != (row.effect in mechanism)]
    assert wrong == []


def test_how_long_an_effect_lasts_is_told_with_a_source_or_said_to_be_not_found() -> None:
    silent = [
        one.id for one in effects().values() if one.lasts.startswith(NOT_FOUND) == bool(one.lasts_sources)
    ]
    assert silent == []
    assert effect("anxiety").lasts == NOT_FOUND
    assert effect("eyelid_oedema").lasts_days == (7, 85)


def test_silence_about_the_course_is_refused() -> None:
    headache = effect("headache")
    for change in (
        {"lasts_sources": ()},
        {"onset": NOT_FOUND},
        {"counted_as": ("rumour",)},
        {"lasts_days": (3, 0)},
        {"lasts_median": 9},
        {"lasts_areas": ("moon",)},
    ):
        with pytest.raises(CatalogueError, match="headache"):
            check_effect(Effect.model_validate(headache.model_dump() | change))


def test_an_unknown_effect_is_answered_with_near_names() -> None:
    with pytest.raises(CatalogueError, match="headache"):
        effect("headacke")


def test_a_reported_rate_stands_beside_placebo_with_interval_source_and_course() -> None:
    found = {one.effect: one for one in reported_of(ONA, ("glabella",))}
    assert set(found) >= PROMISED
    headache = found["headache"]
    assert headache.rate == pytest.approx(75.5 / 666)
    assert headache.placebo_rate == pytest.approx(27 / 236)
    assert headache.interval90 is not None and headache.rate is not None
    assert headache.interval90[0] < headache.rate < headache.interval90[1]
    assert {"ona_safety_pool", "headache_course"} <= set(headache.source)
    assert headache.basis == "reported"
    assert headache.lasts_days == (0, 3)


def test_onset_and_duration_leave_as_ranges_with_a_median_where_one_was_printed() -> None:
    found = {one.effect: one.to_json_dict() for one in reported_of(ONA, ("glabella",))}
    swollen, headache = found["eyelid_oedema"], found["headache"]
    assert (swollen["onset_day"], swollen["onset_days"]) == (5, [2, 106])
    assert (swollen["lasts_days"], swollen["lasts_median"]) == ([7, 85], 15)
    assert (headache["onset_day"], headache["onset_days"], headache["lasts_days"]) == (None, [0, 1], [0, 3])
    assert found["fainting"]["onset_day"] == 0


@pytest.mark.parametrize(
    ("product", "said"),
    [(ONA, "not told apart from placebo"), ("abobotulinumtoxin_a", "more often than under placebo")],
)
def test_the_comparison_with_placebo_is_that_of_the_row(product: str, said: str) -> None:
    found = {one.effect: one for one in reported_of(product, ("glabella",))}
    assert said in found["headache"].note
    assert said in found["cold"].note


def test_chewing_is_not_counted_among_weakness_beside_the_aim() -> None:
    assert "chewing_weakness" not in effect("excessive_weakness").counted_as
    found = {one.effect: one for one in reported_of(ONA, ("masseter",))}
    assert found["chewing_weakness"].rate == pytest.approx(611.5 / 2037)
    assert "excessive_weakness" not in seen_of((ONA,), ("masseter",))


def test_what_was_seen_of_a_simulated_effect_is_counted_by_area_and_product() -> None:
    lids = seen_of((ONA,), ("eyelid",))
    assert (lids["diplopia"].events, lids["diplopia"].people) == (5, 308)
    assert (lids["eyelid_ptosis"].low, lids["eyelid_ptosis"].high) == pytest.approx((26 / 308, 0.233))
    brow = seen_of((ONA,), ("glabella",))["brow_ptosis"]
    assert (brow.own, brow.rate) == (False, pytest.approx(0.005, abs=5e-4))
    assert seen_of((ONA,), ("half_face",)) == {}


@pytest.mark.parametrize("name", ["flushing", "fatigue", "anxiety"])
def test_an_effect_without_a_rate_is_listed_without_a_number(name: str) -> None:
    one = {found.effect: found for found in reported_of(ONA, ("glabella",))}[name]
    assert one.rate is None and one.interval90 is None and one.placebo_rate is None
    assert one.note.startswith(RATE_NOT_FOUND)
    assert one.to_json_dict()["probability"] is None


def test_several_areas_take_the_reports_of_several_areas_and_add_nothing() -> None:
    several = {one.effect: one for one in reported_of(ONA, ("forehead", "lateral_canthus"))}
    assert several["headache"].area == "upper_face"
    single = [
        {one.effect: one for one in reported_of(ONA, (area,))}["headache"].rate
        for area in ("forehead", "lateral_canthus")
    ]
    assert several["headache"].rate is not None and all(rate is not None for rate in single)
    assert several["headache"].rate < sum(rate or 0.0 for rate in single)


def test_a_share_printed_without_people_has_no_interval() -> None:
    found = {one.effect: one for one in reported_of("letibotulinumtoxin_a", ("glabella",))}
    assert found["headache"].rate == 0.017
    assert found["headache"].interval90 is None


def test_rates_of_an_unknown_product_are_refused_and_those_of_a_further_use_left_out() -> None:
    with pytest.raises(CatalogueError, match="product"):
        reported_of("toxin_x", ("glabella",))
    assert "bladder" not in {one.effect for one in reported_of(ONA, ("glabella",))}


def test_the_areas_of_a_plan_are_those_of_its_planned_sessions() -> None:
    from endplate.plan import read_plan

    assert areas_of(read_plan("examples/upper-face.toml")) == ("lateral_canthus", "forehead")
    assert areas_of(read_plan("examples/masseter.toml")) == ("masseter",)
