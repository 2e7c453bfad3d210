"""Which endplates stand behind a line."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from endplate.anatomy import Face, default_face, place, sample_individual
from endplate.catalogue import catalogue
from endplate.catalogue.lines import area, areas, check_area
from endplate.errors import CatalogueError
from endplate.model import chain
from endplate.model.face import line_weights
from endplate.model.face_tables import endplate_targets
from endplate.model.parameters import point_parameters
from endplate.model.setup import prepare
from endplate.plan import plan_from_dict


def faces() -> list[Face]:
    return [default_face("female", 45), sample_individual("male", 60, 3)]


def points_of(face: Face) -> Any:
    return endplate_targets(face).points


@pytest.mark.parametrize("name", areas())
def test_the_weights_of_a_line_sum_to_one_and_weigh_both_sides_alike(name):
    for face in faces():
        weight, points = line_weights(face, name), points_of(face)
        assert weight.shape == points.weight.shape
        assert weight.min() >= 0.0
        assert weight.sum() == pytest.approx(1.0)
        left = weight[points.points_mm[:, 0] > 0.0].sum()
        assert left == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("name", areas())
def test_each_muscle_has_its_declared_share_of_the_line_and_no_other_has_any(name):
    face = faces()[1]
    weight, points = line_weights(face, name), points_of(face)
    for row, (muscle, _) in enumerate(points.names):
        share = weight[points.muscle == row].sum()
        sides = sum(1 for other, _ in points.names if other == muscle)
        assert share == pytest.approx(area(name).muscles.get(muscle, 0.0) / sides)


def test_lateral_canthal_lines_read_the_outer_part_of_the_ring_alone():
    for face in faces():
        weight, points = line_weights(face, "lateral_canthus"), points_of(face)
        at = np.abs(points.points_mm[:, 0]) - face.points["lateral_canthus"][0]
        mine = points.muscle == points.names.index(("orbicularis_oculi_orbital", "left"))
        assert weight[at < 0.0].sum() == 0.0
        assert 0.25 < (weight[mine] > 0.0).mean() < 0.6


def test_forehead_lines_end_before_the_temporal_line():
    for face in faces():
        weight, points = line_weights(face, "forehead"), points_of(face)
        frontalis = points.muscle == points.names.index(("frontalis", "left"))
        outermost = np.flatnonzero(frontalis)[np.argsort(points.points_mm[frontalis, 0])]
        assert weight[outermost[-5:]].max() < 0.05 * weight.max()
        assert weight[outermost[:60]].min() > 0.0


@pytest.mark.parametrize(
    ("pattern", "name", "share"),
    [
        ("glabellar_lines.onabotulinumtoxin_a", "glabella", 0.7),
        ("lateral_canthal_lines.onabotulinumtoxin_a", "lateral_canthus", 0.7),
        ("forehead_lines.onabotulinumtoxin_a", "forehead", 0.4),
    ],
)
def test_label_sites_reach_a_fair_share_of_the_endplates_of_their_line(pattern, name, share):
    face = default_face("female", 45)
    day = {"date": date(2026, 1, 5), "pattern": [pattern]}
    patient = {"sex": "female", "age": 45}
    plan = plan_from_dict({"schema": "endplate/plan/1", "title": name, "patient": patient, "sessions": [day]})
    setup = prepare(plan, face, place(plan, face), 1)
    point = point_parameters()
    exposure = chain.exposures(np, setup, point, chain.Needle.exact(1, len(setup.sites)))[0][0]
    reached = exposure > point["threshold.onabotulinumtoxin_a"][0]
    assert line_weights(face, name)[setup.active][reached].sum() > share


def test_every_area_has_the_parameters_of_its_outcome():
    for name in areas():
        assert f"outcome.drop.{name}" in catalogue().parameters
        assert f"outcome.baseline_mean.{name}" in catalogue().parameters


def test_a_bulk_reads_the_cross_section_and_a_line_reads_force():
    assert {name: one.reads for name, one in areas().items() if one.reads != "force"} == {
        "masseter": "cross_section"
    }


def test_an_unknown_area_names_the_nearest():
    with pytest.raises(CatalogueError, match=r"Unknown area `glabela`\. Did you mean `glabella`\?"):
        area("glabela")
    with pytest.raises(CatalogueError, match="Unknown area"):
        line_weights(default_face("female", 45), "knee")


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("glabella", {"entry": 0}, "lowest < entry"),
        ("glabella", {"muscles": {"procerus": 0.4, "corrugator_supercilii": 0.4}}, "add up to 1"),
        ("glabella", {"muscles": {"procerus": 0.4, "masseter": 0.6}}, "of one class"),
        ("glabella", {"muscles": {"procerus": 0.4, "prokerus": 0.6}}, "Unknown muscle"),
        ("glabella", {"source": "nobody"}, "Unknown source"),
    ],
)
def test_an_area_that_contradicts_itself_is_refused(name, change, words):
    with pytest.raises(CatalogueError, match=words):
        check_area(area(name).model_copy(update=change))


def test_limits_that_do_not_ascend_and_landmarks_of_the_midline_are_refused():
    fan, edge = area("lateral_canthus").fan, area("forehead").edge
    assert fan is not None and edge is not None
    for change in ({"near_mm": (10.0, 5.0)}, {"full_deg": 90.0}, {"far_mm": (8.0, 45.0)}):
        with pytest.raises(CatalogueError, match="do not ascend"):
            check_area(area("lateral_canthus").model_copy(update={"fan": fan.model_copy(update=change)}))
    turned = edge.model_copy(update={"landmarks": ("glabella", "temporal_line")})
    with pytest.raises(CatalogueError, match="landmarks of both sides"):
        check_area(area("forehead").model_copy(update={"edge": turned}))
