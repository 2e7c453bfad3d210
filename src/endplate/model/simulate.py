"""The story of the program: a plan on a face becomes the course of every muscle.

    place    the sites of the plan lie on this face, at this depth
    spread   each needle's toxin reaches endplates: exposure, linear in units
    block    endplates lose intact SNARE, fibres stop firing, sprouts help a little
    muscle   force by day, with a structural state that outlasts the block in limb and jaw muscles

One person, one draw: bands come from `population`, findings and reports from the rooms above.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from endplate import __version__
from endplate.catalogue import catalogue
from endplate.model import chain
from endplate.model.backend import namespace
from endplate.model.course import Course, course_metrics
from endplate.model.exposure import EDGES, CapturedUnits, ExposureSummary
from endplate.model.face.parts import with_parts
from endplate.model.junction import interpolation_matrix
from endplate.model.limits import limits_of
from endplate.model.parameters import ParameterSet, model_parameter_ids, point_parameters
from endplate.model.setup import Setup, prepare


def simulate_point(
    plan: Any,
    face: Any = None,
    *,
    days: int = 365,
    parameters: ParameterSet | None = None,
    engine: str = "numpy",
    neutralised_share: float = 0.0,
) -> Course:
    """Point estimate: every parameter at the centre of its prior, every needle where the plan says.

    Args:
        plan: an `endplate.plan.Plan`.
        face: a Face; None takes the average adult of the patient's sex and age.
        days: last day, counted from the first planned session.
        parameters: one draw; None takes the centres.
        engine: "numpy" or "jax".
        neutralised_share: share of free toxin removed by antibodies.

    Raises:
        PlaceError: a site off the head, beyond bone, or a patient outside the atlas.
        ModelError: an unknown engine or a number of days outside 1..3650.
    """
    setup = prepared(plan, face, days, neutralised_share)
    return course_of(plan, setup, parameters or point_parameters(), engine)


def prepared(plan: Any, face: Any = None, days: int = 365, neutralised_share: float = 0.0) -> Setup:
    """The plan placed on a face (None: the average adult of the patient's sex and age), ready for draws."""
    from endplate.anatomy import default_face, place
    from endplate.plan.atlas import in_atlas

    plan = in_atlas(plan)
    if face is None:
        face = default_face(plan.patient.sex, plan.patient.age)
    return prepare(plan, face, place(plan, face), days, neutralised_share)


def course_of(plan: Any, setup: Setup, parameters: ParameterSet, engine: str = "numpy") -> Course:
    """The course of a prepared plan for one draw."""
    xp, scope = namespace(engine)
    wide, part_names = with_parts(setup)
    muscles = len(setup.active_muscles)
    with scope:
        found = chain.responses(xp, wide, parameters, chain.Needle.exact(1, len(setup.sites)))
        force, cmap, section = (
            whole_face(setup, np.asarray(x)[0, :muscles])
            for x in (found.force, found.cmap, found.cross_section)
        )
        parts = daily_force(setup, np.asarray(found.force)[0, muscles:])
    names = setup.endplates.names
    days = np.arange(setup.days + 1)
    spread = ExposureSummary(setup, parameters)
    return Course(
        plan_title=plan.title,
        days=days,
        muscles=names,
        force=force,
        cmap=cmap,
        cross_section=section,
        force_low=None,
        force_median=None,
        force_high=None,
        median_over_threshold=spread.median_over_threshold(),
        histogram_edges=EDGES,
        histogram=spread.histogram(),
        captured_by_product=CapturedUnits(spread),
        shares=spread.shares(),
        sites=setup.placed,
        targets=frozenset(pair for site in setup.placed for pair in _aimed_at(site, names)),
        metrics=course_metrics(days, force),
        prior_share=np.zeros(len(names)),
        grades=tuple(weakest_grade(shape.grade) for shape in setup.face.muscles),
        versions={
            "endplate": __version__,
            "catalogue": catalogue().version,
            "face": setup.face.id,
            "engine": engine,
        },
        limits=limits_of(plan, setup),
        parts=dict(zip(part_names, parts, strict=True)),
    )


def _aimed_at(site: Any, names: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Muscles that a site names: a midline needle in a paired muscle aims at both, any needle at a midline one."""
    exact = [(site.muscle, side) for side in (site.side, "midline") if (site.muscle, side) in names]
    return exact[:1] or [pair for pair in names if pair[0] == site.muscle]


def whole_face(setup: Setup, at_nodes: np.ndarray) -> np.ndarray:
    """A read-out of every muscle of the face on every day, (m, t): 1 for those that no toxin reaches."""
    out = np.ones((len(setup.endplates.names), setup.days + 1))
    out[setup.active_muscles] = daily_force(setup, at_nodes)
    return out


def daily_force(setup: Setup, at_nodes: np.ndarray) -> np.ndarray:
    """A read-out (force, CMAP, cross-section) on every day 0..days from the kept days, (..., node) -> (..., day)."""
    if len(setup.nodes) == setup.days - setup.start + 1:
        return at_nodes[..., -setup.start :]
    weights = interpolation_matrix(tuple(int(n - setup.start) for n in setup.nodes), setup.days - setup.start)
    return at_nodes @ weights[-setup.start :].T


def weakest_grade(geometry: str) -> str:
    """The weakest grade among what a muscle's force rests on: its geometry and the model's parameters."""
    table = catalogue().parameters
    return max(geometry, *(table[name].grade for name in model_parameter_ids()))
