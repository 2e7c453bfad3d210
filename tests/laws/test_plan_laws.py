"""Laws that every plan obeys, over random plans on the average adult face."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from endplate.anatomy import default_face
from endplate.model import chain
from endplate.model.parameters import point_parameters
from endplate.model.simulate import simulate_point
from endplate.plan import mirror_plan, plan_from_dict, plan_to_dict, scale_units
from endplate.population import draw_parameters
from tests.laws.plans import plan_of, plans
from tests.laws.tools import prepared

OTHER = {"left": "right", "right": "left", "midline": "midline"}


@given(plans(), st.floats(1.05, 3.0))
@settings(max_examples=30)
def test_more_units_at_the_same_sites_never_weaken_less(plan, factor):
    few, many = simulate_point(plan, days=200), simulate_point(scale_units(plan, factor), days=200)
    assert (many.force <= few.force + 1e-12).all()


@given(plans(most=2), st.integers(0, 10_000))
@settings(max_examples=12)
def test_more_units_never_weaken_less_for_any_draw_of_the_parameters(plan, seed):
    parameters = draw_parameters(8, seed)
    forces = []
    for factor in (1.0, 1.7):
        setup = prepared(scale_units(plan, factor), days=180)
        forces.append(chain.forces(np, setup, parameters, chain.Needle.exact(8, len(setup.sites))))
    assert (forces[1] <= forces[0] + 1e-12).all()


@given(plans())
@settings(max_examples=30)
def test_exposure_is_linear_in_units(plan):
    once, thrice = (prepared(p, days=5) for p in (plan, scale_units(plan, 3.0)))
    needle = chain.Needle.exact(1, len(once.sites))
    first, third = (chain.exposures(np, s, point_parameters(), needle)[0] for s in (once, thrice))
    np.testing.assert_allclose(third, 3.0 * first, rtol=1e-12)


@given(plans())
@settings(max_examples=25)
def test_a_mirrored_plan_has_the_mirrored_course(plan):
    one, two = simulate_point(plan, days=120), simulate_point(mirror_plan(plan), days=120)
    swapped = [two.row(muscle, OTHER[side]) for muscle, side in one.muscles]
    np.testing.assert_allclose(two.force[swapped], one.force, atol=1e-9)
    np.testing.assert_allclose(
        two.median_over_threshold[swapped], one.median_over_threshold, rtol=1e-7, atol=1e-12
    )


@given(plans())
@settings(max_examples=20)
def test_zero_units_change_no_force(plan):
    course = simulate_point(scale_units(plan, 0.0), days=60)
    assert (course.force == 1.0).all()
    assert (course.median_over_threshold == 0.0).all()


@given(plans(), plans(most=1))
@settings(max_examples=20)
def test_adding_a_site_with_zero_units_changes_nothing(plan, other):
    tree = plan_to_dict(plan)
    unnamed = mirror_plan(mirror_plan(other))  # a pattern site may stand only once in a session
    extra = plan_to_dict(scale_units(unnamed, 0.0))["sessions"][0]["injections"][0]
    tree["sessions"][0]["injections"].append({**extra, "id": "nothing"})
    with_nothing = simulate_point(plan_from_dict(tree), days=90)
    np.testing.assert_allclose(with_nothing.force, simulate_point(plan, days=90).force, atol=1e-12)


@given(plans())
@settings(max_examples=20)
def test_force_starts_at_rest_stays_within_bounds_and_never_falls_late(plan):
    course = simulate_point(plan, days=365)
    assert (course.force[:, 0] == 1.0).all()
    assert (course.force >= 0.0).all() and (course.force <= 1.0 + 1e-12).all()
    classes = [shape.muscle_class for shape in default_face("female", 45).muscles]
    for force, muscle_class in zip(course.force, classes, strict=True):
        after = force[int(force.argmin()) :]
        # In jaw, neck and limb muscles the structural state may still grow while fibres come back.
        allowed = 1e-9 if muscle_class in ("mimic", "eye", "levator", "smooth") else 1e-3
        assert (np.diff(after) >= -allowed).all()


EYE = plan_of([{"muscle": "medial_rectus", "along": 0.5, "side": "left", "units": 2.5, "volume_ml": 0.1}])


@given(plans(most=3))
@example(EYE)
@settings(max_examples=10)
def test_two_sessions_three_years_apart_equal_two_single_ones(plan):
    apart = 1096
    tree = plan_to_dict(plan)
    first = tree["sessions"][0]
    second = {**first, "date": str(plan.sessions[0].date + timedelta(days=apart))}
    second["injections"] = [{**i, "id": f"again-{n}"} for n, i in enumerate(first["injections"])]
    both = simulate_point(plan_from_dict({**tree, "sessions": [first, second]}), days=apart + 365)
    single = simulate_point(plan, days=apart + 365)
    for i, shape in enumerate(default_face("female", 45).muscles):
        if shape.muscle_class in ("mimic", "eye", "levator"):
            expected = np.concatenate([single.force[i, :apart], single.force[i, :366]])
            assert np.abs(both.force[i] - expected).max() <= 0.01, both.muscles[i]


@pytest.mark.parametrize("day", [40, 70, 110])
def test_twice_the_exposure_is_the_same_block_one_half_life_later(day):
    plan = plan_of(
        [{"pattern": "glabellar_lines.onabotulinumtoxin_a", "site": "procerus", "units": 4, "volume_ml": 0.1}]
    )
    point = point_parameters()
    off = {"junction__sprout_share": 0.0, "structural__on_rate__mimic": 0.0}
    parameters = point.replaced(**off)
    theta = float(point["junction.light_chain_half_life.a"][0])
    whole = round(theta)
    parameters = parameters.replaced(junction__light_chain_half_life__a=float(whole))
    block = []
    for factor in (1.0, 2.0):
        setup = prepared(scale_units(plan, factor), days=200)
        force = chain.forces(np, setup, parameters, chain.Needle.exact(1, len(setup.sites)))[0]
        row = [setup.endplates.names[i][0] for i in setup.active_muscles].index("procerus")
        block.append(1.0 - force[row])
    assert block[0][day] > 0.02
    assert block[1][day + whole] == pytest.approx(block[0][day], rel=0.02)
