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
from endplate.model.junction import interpolation_matrix
from endplate.model.limits import limits_of
from endplate.model.parameters import ParameterSet, model_parameter_ids, point_parameters
from endplate.model.setup import Setup, prepare, tip_geometry
from endplate.model.spread import volume_points

EDGES = np.arange(-4.0, 4.01, 0.25)


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
    from endplate.anatomy import default_face, place

    if face is None:
        face = default_face(plan.patient.sex, plan.patient.age)
    setup = prepare(plan, face, place(plan, face), days, neutralised_share)
    return course_of(plan, setup, parameters or point_parameters(), engine)


def course_of(plan: Any, setup: Setup, parameters: ParameterSet, engine: str = "numpy") -> Course:
    """The course of a prepared plan for one draw."""
    xp, scope = namespace(engine)
    with scope:
        strength = np.asarray(chain.forces(xp, setup, parameters, chain.Needle.exact(1, len(setup.sites))))[0]
    daily = daily_force(setup, strength)
    names = setup.endplates.names
    force = np.ones((len(names), setup.days + 1))
    force[setup.active_muscles] = daily
    days = np.arange(setup.days + 1)
    spread = _Spread(setup, parameters)
    return Course(
        plan_title=plan.title if plan is not None else "",
        days=days,
        muscles=names,
        force=force,
        force_low=None,
        force_high=None,
        median_over_threshold=spread.median_over_threshold(),
        histogram_edges=EDGES,
        histogram=spread.histogram(),
        captured_by_product=spread.captured(),
        shares=spread.shares(),
        sites=setup.placed,
        targets=frozenset((s.muscle, s.side if (s.muscle, s.side) in names else "midline") for s in setup.placed),
        metrics=course_metrics(days, force),
        prior_share=np.zeros(len(names)),
        grades=tuple(weakest_grade(shape.grade) for shape in setup.face.muscles),
        versions={"endplate": __version__, "catalogue": catalogue().version, "face": setup.face.id, "engine": engine},
        limits=limits_of(plan, setup) if plan is not None else (),
    )


def daily_force(setup: Setup, at_nodes: np.ndarray) -> np.ndarray:
    """Force on every day 0..days from the kept days, (..., node) -> (..., day)."""
    weights = interpolation_matrix(tuple(int(n - setup.start) for n in setup.nodes), setup.days - setup.start)
    return at_nodes @ weights[-setup.start :].T if setup.start else at_nodes @ weights.T


def weakest_grade(geometry: str) -> str:
    """The weakest grade among what a muscle's force rests on: its geometry and the model's parameters."""
    table = catalogue().parameters
    return max([geometry, *(table[name].grade for name in model_parameter_ids())])


class _Spread:
    """What the point estimate says about exposure: histograms, medians, shares, captured units."""

    def __init__(self, setup: Setup, parameters: ParameterSet) -> None:
        self.setup, self.parameters = setup, parameters
        self.muscles = len(setup.endplates.names)
        self.by_site = np.zeros((len(setup.sites), len(setup.active)))
        for row, site in zip(self.by_site, setup.sites, strict=True):
            given = chain.influence(np, site.geometry, site.volume_ml, parameters, np.zeros((1, 3)))[0]
            row[site.columns] = site.units * (1.0 - setup.neutralised_share) * given
        # Sessions add as multiples of their own product's threshold; units never add across products.
        self.relative = np.zeros_like(self.by_site)
        for i, site in enumerate(setup.sites):
            log_over = chain.log_drive(np, setup, parameters, site.session, self.by_site[i : i + 1], own=False)
            self.relative[i] = np.exp(log_over[0])
        self.over = self.relative.sum(axis=0)

    def _sum(self, values: np.ndarray) -> np.ndarray:
        """Weighted mean over each muscle's endplates; muscles out of reach give 0."""
        rows = self.setup.active_muscles[self.setup.muscle]
        return np.bincount(rows, weights=values * self.setup.weight, minlength=self.muscles)

    def median_over_threshold(self) -> np.ndarray:
        out = np.zeros(self.muscles)
        for i, row in enumerate(self.setup.active_muscles):
            mine = self.setup.muscle == i
            order = np.argsort(self.over[mine])
            weight = self.setup.weight[mine][order]
            # What is out of reach counts as nothing, at the low end.
            reached = np.cumsum(weight) + (1.0 - weight.sum())
            at = int(np.searchsorted(reached, 0.5))
            out[row] = self.over[mine][order][min(at, len(order) - 1)] if weight.sum() >= 0.5 else 0.0
        return out

    def histogram(self) -> np.ndarray:
        out = np.zeros((self.muscles, len(EDGES) - 1))
        log_over = np.log10(np.maximum(self.over, 1e-300))
        bins = np.clip(np.searchsorted(EDGES, log_over, side="right") - 1, 0, len(EDGES) - 2)
        np.add.at(out, (self.setup.active_muscles[self.setup.muscle], bins), self.setup.weight)
        out[:, 0] += 1.0 - out.sum(axis=1)
        return out

    def shares(self) -> np.ndarray:
        mean = np.stack([self._sum(row) for row in self.relative], axis=1)
        total = mean.sum(axis=1, keepdims=True)
        return np.where(total > 0.0, mean / np.where(total > 0.0, total, 1.0), 0.0)

    def captured(self) -> dict[str, np.ndarray]:
        """Units of each product taken up inside each muscle, endplates or not; products stay apart."""
        setup = self.setup
        rows = setup.active_muscles
        if not len(rows):
            return {site.product: np.zeros(self.muscles) for site in setup.sites}
        filled = volume_points([setup.face.muscles[i] for i in rows])
        out: dict[str, np.ndarray] = {}
        for site, placed in zip(setup.sites, setup.placed, strict=True):
            geometry = tip_geometry(placed, setup.face, filled)
            given = site.units * (1.0 - setup.neutralised_share)
            given = given * chain.influence(np, geometry, site.volume_ml, self.parameters, np.zeros((1, 3)))[0]
            weight = filled.weight[geometry.index] * given
            units = out.setdefault(site.product, np.zeros(self.muscles))
            units[rows] += np.bincount(filled.muscle[geometry.index], weights=weight, minlength=len(rows))
        return out
