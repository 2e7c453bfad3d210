"""Drawn people and needles, kept as histograms of exposure."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from endplate.anatomy import place
from endplate.catalogue import catalogue
from endplate.errors import CatalogueError, ModelError, PlaceError
from endplate.model import chain
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import prepare
from endplate.plan import plan_from_dict, scale_units
from endplate.population import bank as banks
from endplate.population.bank import Bank, make_bank
from endplate.population.draws import draw_needles
from endplate.population.exposed import Person, drawn_face, exposures, face_seed, line_setup
from endplate.population.posterior import outcome_parameter_ids

LABEL = "glabellar_lines.onabotulinumtoxin_a"


def plan_of(*patterns: str) -> Any:
    days = [{"date": date(2026, 1 + k, 5), "pattern": [one]} for k, one in enumerate(patterns)]
    patient = {"sex": "female", "age": 45}
    return plan_from_dict({"schema": "endplate/plan/1", "title": "x", "patient": patient, "sessions": days})


def drawn(plan: Any = None, areas: tuple[str, ...] = ("glabella",), **changes: Any) -> Bank:
    asked = {"sex": "female", "age": 45, "faces": 2, "needles": 4, **changes}
    return make_bank(plan or plan_of(LABEL), areas=areas, **asked)


def values() -> dict[str, np.ndarray]:
    own = {name: np.array([float(catalogue().parameter(name).value)]) for name in outcome_parameter_ids()}
    return {**point_parameters().values, **own}


def shift_of(product: str) -> np.ndarray:
    return -np.log(point_parameters()[f"threshold.{product}"])


def test_a_bank_holds_one_histogram_for_each_face_and_needle():
    bank = drawn(areas=("glabella", "forehead"))
    assert bank.entries == 8
    assert np.allclose(np.diff(bank.grid), 0.25)
    for area in bank.areas:
        rows = bank.share[area]
        assert rows.shape == (8, len(bank.grid))
        assert rows.min() >= 0.0
        assert rows.sum(axis=1).max() <= 1.0 + 1e-12
    assert bank.share["glabella"].sum(axis=1).min() > 0.9
    assert bank.classes == {"glabella": "mimic", "forehead": "mimic"}


def test_the_same_question_gives_the_same_bank_and_another_seed_another():
    one, again, other = drawn(), drawn(), drawn(seed=1)
    assert one.key == again.key != other.key
    assert np.array_equal(one.share["glabella"], again.share["glabella"])
    assert not np.allclose(one.share["glabella"][:4, :30].sum(), other.share["glabella"][:4, :30].sum())


def test_a_face_keeps_its_draws_whatever_other_faces_and_areas_are_drawn():
    few, more = drawn(faces=1), drawn(areas=("forehead", "glabella"), faces=3)
    bins = min(len(few.grid), len(more.grid))
    assert few.grid[0] == more.grid[0]
    assert np.allclose(few.share["glabella"][:, :bins], more.share["glabella"][:4, :bins], atol=1e-12)


def test_two_times_the_units_move_every_histogram_by_the_log_of_two():
    one, two = drawn(), drawn(scale_units(plan_of(LABEL), 2.0))
    mean = [bank.share["glabella"] @ bank.grid for bank in (one, two)]
    both = [bank.share["glabella"].sum(axis=1) for bank in (one, two)]
    whole = np.minimum(both[0], both[1]) > 1.0 - 1e-9  # of the others, endplates rise from below the grid
    assert whole.sum() >= 4
    assert (mean[1] - mean[0])[whole] == pytest.approx(np.log(2.0), abs=1e-9)
    assert (both[1] >= both[0] - 1e-12).all()


def test_each_needle_carries_a_dose_of_its_own_within_three_sd():
    plan, own = plan_of(LABEL), face_seed(0, 0)
    face = drawn_face("female", 45.0, own)
    setup, _ = line_setup(prepare(plan, face, place(plan, face), 1), ("glabella",))
    many = ParameterSet({name: np.repeat(value, 200) for name, value in point_parameters().values.items()})
    one = chain.exposures(
        np, setup, many, draw_needles(setup, [("unknown", "none")] * len(setup.sites), many, own)
    )[0]
    ratio = exposures(setup, Person("female", 45.0, "unknown", None, 200, 0), own) / one
    cv = float(catalogue().parameter("person.dose_cv").value)
    assert np.abs(ratio - 1.0).max() <= 3.0 * cv + 1e-9
    assert ratio.max(axis=1).std() == pytest.approx(cv, rel=0.4)


def test_a_less_steady_hand_spreads_the_effect_more():
    spread = [
        drawn(faces=1, needles=24, needle_sd_mm=sd).share["glabella"].std(axis=0).sum() for sd in (0.5, 6.0)
    ]
    assert spread[1] > 1.5 * spread[0]
    novice, expert = drawn(experience="novice"), drawn(experience="expert")
    assert novice.key != expert.key
    assert np.array_equal(expert.share["glabella"], drawn(experience="unknown").share["glabella"])


def test_a_plan_far_from_a_line_leaves_it_as_it_was():
    bank = drawn(plan_of("masseter.onabotulinumtoxin_a"), ("forehead",), faces=1)
    assert bank.share["forehead"].sum() == 0.0
    assert (bank.signal("forehead", values(), shift_of(bank.product), 30) == 1.0).all()


def test_a_thinned_bank_keeps_the_mean_course_and_nearly_the_spread():
    bank = drawn(faces=4, needles=16)
    shifts = shift_of(bank.product) + 0.25 * np.arange(-4, 5)
    full = bank.signal("glabella", values(), shifts, 120)
    for entries in (10, 32):
        few = bank.thinned(entries)
        assert few.entries == entries
        assert few.key != bank.key
        part = few.signal("glabella", values(), shifts, 120)
        assert np.abs(part.mean(axis=0) - full.mean(axis=0)).max() < 1e-5
        assert np.abs(part.std(axis=0) - full.std(axis=0)).max() < 0.25 * full.std(axis=0).max()
    for entries in (0, 65):
        with pytest.raises(ModelError, match="were asked for"):
            bank.thinned(entries)


def test_a_bank_thinned_by_one_area_keeps_more_of_its_spread():
    bank = drawn(plan_of("forehead_lines.onabotulinumtoxin_a"), ("glabella", "forehead"), needles=16)
    at = shift_of(bank.product)
    kept = {
        by: bank.thinned(8, by).signal("forehead", values(), at, 60).std(axis=0).max()
        for by in (None, "forehead")
    }
    assert kept["forehead"] > kept[None]
    with pytest.raises(ModelError, match="does not hold `masseter`"):
        bank.thinned(8, "masseter")


def test_progress_counts_the_faces():
    seen: list[tuple[int, int]] = []
    drawn(progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_a_face_without_room_is_named_and_the_others_stay(monkeypatch: pytest.MonkeyPatch):
    exposed = banks.exposed

    def none_on_the_first(plan: Any, person: Any, number: int, *rest: Any) -> Any:
        if number == 0:
            raise PlaceError("Site 1: depth 9.0 mm is beyond bone.")
        return exposed(plan, person, number, *rest)

    monkeypatch.setattr(banks, "exposed", none_on_the_first)
    bank = drawn()
    assert bank.faces == 1 and bank.entries == 4
    assert bank.failed == ("face 0: Site 1: depth 9.0 mm is beyond bone.",)
    with pytest.raises(PlaceError, match="beyond bone"):
        drawn(faces=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"faces": 0}, "0 faces were asked for"),
        ({"needles": 0}, "0 needles were asked for"),
        ({"areas": ()}, "No area was asked for"),
    ],
)
def test_a_bank_of_nothing_is_refused(changes, words):
    with pytest.raises(ModelError, match=words):
        drawn(**changes)


def test_two_products_and_unknown_names_are_refused():
    with pytest.raises(ModelError, match="holds abobotulinumtoxin_a and onabotulinumtoxin_a"):
        drawn(plan_of(LABEL, "glabellar_lines.abobotulinumtoxin_a"))
    with pytest.raises(CatalogueError, match="Unknown area"):
        drawn(areas=("glabela",))
    with pytest.raises(CatalogueError, match="Unknown sex"):
        drawn(sex="other")
    with pytest.raises(ModelError, match="does not hold `masseter`"):
        drawn().signal("masseter", values(), np.zeros(1), 10)
