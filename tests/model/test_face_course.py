"""The face of a plan by day, with bands: what `simulate` adds to the forces."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from endplate.assess import simulate
from endplate.errors import CatalogueError
from endplate.model import chain
from endplate.model.face.parts import part_names, part_of, with_parts
from endplate.model.parameters import point_parameters
from endplate.model.schema import course_json_schema
from endplate.model.setup import sparse
from endplate.model.simulate import prepared
from endplate.plan import plan_from_dict
from endplate.population import draw_parameters
from endplate.population.face import face_values
from endplate.population.narrow import site_within


def plan(*sites: dict[str, Any], **patient: Any) -> Any:
    return plan_from_dict(
        {
            "schema": "endplate/plan/1",
            "patient": {"sex": "female", "age": 45, **patient},
            "sessions": [
                {
                    "date": date(2026, 1, 5),
                    "product": "onabotulinumtoxin_a",
                    "indication": "glabellar_lines",
                    "injections": list(sites),
                }
            ],
        }
    )


def site(muscle: str, side: str, landmark: str, offset: list[float], units: float) -> dict[str, Any]:
    return {
        "muscle": muscle,
        "side": side,
        "landmark": landmark,
        "offset_mm": offset,
        "units": units,
        "volume_ml": 0.1,
    }


def both(muscle: str, landmark: str, offset: list[float], units: float) -> list[dict[str, Any]]:
    return [site(muscle, side, landmark, offset, units) for side in ("left", "right")]


FOREHEAD = both("frontalis", "brow_mid", [0.0, 25.0], 10)
GLABELLA = [
    site("procerus", "midline", "glabella", [0.0, 0.0], 4),
    *both("corrugator_supercilii", "brow_medial", [0.0, 5.0], 4),
    *both("corrugator_supercilii", "rim_superior", [0.0, 12.0], 4),
]


def change(course: Any, measure: str, side: str, day: int = 14) -> float:
    one = course.measure(measure, side)
    return float(one.value[day] - one.value[0])


def test_frontalis_alone_lowers_the_brow_and_the_glabella_alone_does_not():
    lowered = simulate(plan(*FOREHEAD), samples=0, days=30)
    assert change(lowered, "brow_height_mid", "left") < -0.3
    assert change(lowered, "brow_raise", "left") < -1.0
    lifted = simulate(plan(*GLABELLA), samples=0, days=30)
    assert change(lifted, "brow_height_medial", "left") > 0.0
    assert change(lifted, "frown_shift", "left") < -2.0


def test_a_crows_foot_lifts_the_tail_of_the_brow_more_than_its_head():
    course = simulate(
        plan(*both("orbicularis_oculi_orbital", "lateral_canthus", [12.0, 10.0], 6)), samples=0, days=30
    )
    tail, head = (change(course, f"brow_height_{p}", "left") for p in ("lateral", "medial"))
    assert tail > 0.5 and tail > 3.0 * head


def test_a_mirrored_plan_gives_a_mirrored_face():
    one = simulate(plan(site("frontalis", "left", "brow_mid", [0.0, 20.0], 5)), samples=0, days=20)
    other = simulate(plan(site("frontalis", "right", "brow_mid", [0.0, 20.0], 5)), samples=0, days=20)
    for found in one.face:
        side = {"left": "right", "right": "left"}.get(found.side, found.side)
        np.testing.assert_allclose(found.value, other.measure(found.measure, side).value, atol=1e-9)


def test_bands_hold_the_value_and_are_in_the_json_and_its_schema():
    course = simulate(plan(*GLABELLA), samples=40, days=30)
    shift = course.measure("frown_shift", "left")
    assert (shift.low <= shift.value + 0.5).all() and (shift.value <= shift.high + 0.5).all()
    assert shift.low[14] < shift.high[14]
    position = course.measure("brow_height_mid", "left")
    assert position.low[0] == pytest.approx(position.high[0])
    document = course.to_json_dict()
    entry = next(x for x in document["face"] if (x["measure"], x["side"]) == ("frown_shift", "left"))
    assert entry["unit"] == "mm" and len(entry["day"]) == len(entry["value"]) == len(entry["low"]) == 31
    schema = course_json_schema()["properties"]["face"]["items"]
    assert set(entry) == set(schema["required"])
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(document, course_json_schema())


def test_the_same_seed_gives_the_same_bands():
    one, two = (simulate(plan(*GLABELLA), samples=20, days=20, seed=4) for _ in range(2))
    for a, b in zip(one.face, two.face, strict=True):
        np.testing.assert_array_equal(a.low, b.low)


def test_without_units_no_position_changes():
    none = [dict(entry, units=0.0) for entry in GLABELLA]
    course = simulate(plan(*none), samples=0, days=20)
    for one in course.face:
        assert (one.value == one.value[0]).all(), one.measure


def test_a_palsy_of_the_plan_is_an_input():
    ill = plan(*GLABELLA, palsy=[{"branch": "all", "side": "right", "severity": 1.0}])
    course = simulate(ill, samples=10, days=20)
    assert (course.measure("mouth_corner_excursion", "right").value == 0.0).all()
    assert (course.measure("mouth_corner_excursion", "right").high == 0.0).all()
    score = course.measure("sunnybrook_composite", "midline")
    assert score.unit == "1" and (score.high < 30.0).all()


def test_a_healthy_face_has_no_score_of_palsy():
    course = simulate(plan(*GLABELLA), samples=0, days=5)
    assert not [one for one in course.face if one.measure.startswith("sunnybrook")]


def test_grades_before_treatment_start_the_lines_where_the_plan_gives_them():
    graded = [
        {"area": "glabella", "investigator": 3, "subject": 2},
        {"area": "forehead", "state": "rest", "subject": 1},
    ]
    course = simulate(plan(*GLABELLA, baseline=graded), samples=0, days=5)
    assert course.measure("line_severity_contraction.glabella", "midline").value[0] == 2.5
    assert course.measure("line_severity_contraction.forehead", "midline").value[0] == 2.4


def test_an_unknown_measure_names_the_nearest():
    course = simulate(plan(*GLABELLA), samples=0, days=5)
    with pytest.raises(CatalogueError, match="Did you mean `mrd1`"):
        course.measure("mrd", "left")
    with pytest.raises(CatalogueError, match="side of mrd1"):
        course.measure("mrd1", "midline")


def test_parts_hold_their_share_of_the_toxin_of_their_muscle():
    setup = sparse(prepared(plan(*FOREHEAD), None, 20))
    wide, names = with_parts(setup)
    assert ("frontalis.medial", "left") in names and len(wide.read_classes) == len(wide.joined)
    whole = wide.joined @ np.bincount(wide.muscle, weights=wide.weight)
    assert (whole <= 1.0 + 1e-9).all() and whole.max() == pytest.approx(1.0)
    needle = chain.Needle.exact(3, len(setup.sites))
    many = draw_parameters(3, 5)
    alone, together = (chain.forces(np, one, many, needle) for one in (setup, wide))
    np.testing.assert_allclose(together[:, : alone.shape[1]], alone, atol=1e-12)


def test_a_part_has_the_force_of_its_own_endplates_run_alone():
    setup = prepared(plan(*FOREHEAD), None, 20)
    wide, names = with_parts(setup)
    part = part_of(setup.face)[setup.active]
    found = chain.forces(np, wide, point_parameters(), chain.Needle.exact(1, len(setup.sites)))[0]
    for k, name in enumerate(names):
        keep = part == part_names().index(name)
        inside = part_of(setup.face) == part_names().index(name)
        alone = replace(
            setup,
            sites=tuple(site_within(site, setup.active[keep]) for site in setup.sites),
            active=setup.active[keep],
            muscle=np.zeros(keep.sum(), dtype=int),
            weight=setup.weight[keep] / setup.endplates.weight[inside].sum(),
            quantile_z=setup.quantile_z[keep],
            active_muscles=np.zeros(1, dtype=int),
            classes=("mimic",),
        )
        expected = chain.forces(np, alone, point_parameters(), chain.Needle.exact(1, len(setup.sites)))[0, 0]
        np.testing.assert_allclose(found[len(setup.classes) + k], expected, atol=1e-9)


def test_a_course_keeps_the_parts_that_its_face_moves_by_and_no_document_shows_them():
    course = simulate(plan(*FOREHEAD), samples=0, days=20)
    medial = course.parts["frontalis.medial", "left"]
    assert medial.shape == course.days.shape
    rise = course.measure("brow_raise", "left").value
    np.testing.assert_allclose(rise, 10.57 * medial)
    assert "parts" not in course.to_json_dict()


def test_lines_of_a_palsied_side_are_its_own_and_a_healthy_patient_has_one_number_for_both():
    flaccid = [{"branch": "all", "side": "left", "severity": 1.0}]
    course = simulate(plan(*FOREHEAD, palsy=flaccid), samples=10, days=20)
    left, right, both_ = (
        course.measure("line_severity_contraction.forehead", side).value
        for side in ("left", "right", "midline")
    )
    assert left[0] < 0.5 and right[0] == 2.4 and left[0] < both_[0] < right[0]
    assert (left == left[0]).all(), "toxin does nothing to a line that no nerve draws up"
    assert right[14] < right[0] - 0.5
    rest = course.measure("line_severity_rest.forehead", "left")
    assert rest.value[0] < course.measure("line_severity_rest.forehead", "right").value[0]
    assert (rest.low <= rest.high).all()
    plain = simulate(plan(*FOREHEAD), samples=0, days=20)
    assert {one.side for one in plain.face if one.measure.startswith("line_")} == {"midline"}


def test_a_grade_before_treatment_is_that_of_the_palsied_patient():
    graded = [{"area": "forehead", "investigator": 1, "subject": 1}]
    flaccid = [{"branch": "all", "side": "left", "severity": 1.0}]
    course = simulate(plan(*FOREHEAD, palsy=flaccid, baseline=graded), samples=0, days=5)
    found = {
        s: course.measure("line_severity_contraction.forehead", s).value[0]
        for s in ("left", "right", "midline")
    }
    assert found["midline"] == pytest.approx(1.0)
    assert found["left"] < 1.0 < found["right"]


def test_draws_of_one_parameter_do_not_depend_on_the_others_and_keep_their_centre():
    values = face_values(400, 7)
    assert np.median(values["face.mouth.smile_travel"]) == pytest.approx(9.28, rel=0.02)
    assert np.quantile(values["face.lid.levator_travel"], 0.05) == pytest.approx(6.9, rel=0.05)
