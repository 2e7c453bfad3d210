"""The engine against the chain, and what its needles do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from risk_plans import glabella, plan_of, site

from endplate.anatomy import default_face
from endplate.model import chain
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.simulate import prepared
from endplate.population.exposed import drawn_face, face_seed
from endplate.population.risk_draws import outer_draws, spread_shift
from endplate.population.risk_faces import on_face
from endplate.population.risk_losses import losses_of
from endplate.population.risk_needles import Task, rim_distance, under_roof
from endplate.population.risk_parts import groups_of
from endplate.population.risk_tables import LOW, days_kept, grid, loss_tables

PRODUCT = ("onabotulinumtoxin_a",)
DRAWS = 16


@pytest.fixture(scope="module")
def task():
    """A plan with exact needles and doses near enough, every parameter as drawn."""
    plan, outer = glabella(), outer_draws(PRODUCT, DRAWS, 3)
    still = {
        name: np.full(DRAWS, 1e-9) for name in ("needle.sd.expert", "needle.sd.novice", "needle.depth_sd")
    }
    outer = replace(outer, values={**outer.values, **still})
    groups = groups_of(["corrugator_supercilii", "procerus", "levator_palpebrae_superioris"])
    return Task(plan, "female", 45.0, 3, (("expert", "none"),) * 5, groups, np.full(len(groups), LOW), outer)


def test_losses_are_those_of_the_chain(task):
    found = on_face(task, 0, np.arange(DRAWS))
    groups = tuple(task.groups[k] for k in found.reached)
    tables = loss_tables(PRODUCT, "a", DRAWS, 3, ("levator", "mimic"))
    column = np.array([int(np.abs(days_kept() - 24).argmin())])
    share = found.share[0][:, None, None]
    lost = losses_of(share, groups, tables, np.arange(DRAWS), np.zeros(1), column)[:, :, 0, 0, 0]
    setup = prepared(task.plan, drawn_face("female", 45.0, face_seed(3, 0)), 24)
    values = {name: task.outer[name] for name in point_parameters().values if name in task.outer.values}
    shifted = values["threshold.onabotulinumtoxin_a"] / np.exp(task.outer.shift)
    values["threshold.onabotulinumtoxin_a"] = shifted
    force = chain.forces(np, setup, ParameterSet(values), chain.Needle.exact(DRAWS, 5))[:, :, -1]
    for k, group in enumerate(groups):
        row = [setup.endplates.names[m] for m in setup.active_muscles].index((group.muscle, group.side))
        # Doses drawn up differ by a twentieth, and the chain gives each endplate one sensitivity of its own.
        assert lost[k] == pytest.approx(1.0 - force[:, row], abs=0.06)
        assert lost[k].mean() == pytest.approx((1.0 - force[:, row]).mean(), abs=0.02)


def test_tables_begin_at_nothing_and_grow_with_exposure():
    table = loss_tables(PRODUCT, "a", DRAWS, 3, ("levator", "mimic"))["mimic"]
    assert table.shape == (DRAWS, len(grid()), len(days_kept()))
    assert np.abs(table[:, 0]).max() < 1e-3 and np.abs(table[:, :, 0]).max() < 1e-6
    # Sensitivities are blurred over a grid that ends: half a thousandth may be lost at its edge.
    assert (np.diff(table, axis=1) > -1e-3).all() and table.max() <= 1.0 + 1e-6


def test_strata_weigh_one_and_any_site_near_the_rim_may_slip(task):
    found = [on_face(task, k, np.arange(DRAWS), k) for k in range(2)]
    for one in found:
        assert (one.rows.weight >= 0.0).all()
        assert one.rows.weight.sum(axis=1) == pytest.approx(np.ones(DRAWS))
    which = np.stack([one.rows.slipped for one in found])
    assert set(which.ravel()) == {1, 2, 3, 4}  # the procerus lies too far from the rim
    assert (which[0] != which[1]).any()


def test_what_sites_bring_adds_up_to_the_mean_exposure_of_a_muscle(task):
    found = on_face(task, 0, np.arange(DRAWS))
    assert found.brought.shape == (3, DRAWS, 5, len(found.reached))
    slipped = found.rows.slipped
    rows = np.arange(DRAWS)
    for r in rows:
        same = [i for i in range(5) if i != slipped[r]]
        assert found.brought[1, r, same] == pytest.approx(found.brought[0, r, same])
    assert (found.brought[2] >= found.brought[1] - 1e-9).all()


def test_a_wider_spread_moves_thresholds_so_that_the_target_stays_blocked():
    outer = outer_draws(PRODUCT, DRAWS, 3)
    centre = {name: point_parameters()[name] for name in outer.values if name.startswith("spread.")}
    point = spread_shift({**centre, "junction.sensitivity_sd": np.array([1.2])})
    assert point == pytest.approx([0.0], abs=1e-5)
    assert np.ptp(outer.shift) > 0.2


def test_the_opening_of_the_orbit_is_inside_its_rim():
    face = default_face()
    rim, centre = face.rim_mm["left"], face.rim_mm["left"].mean(axis=0)
    points = np.stack(
        [centre, rim[0], centre + np.array([0.0, 60.0, 0.0]), centre + np.array([40.0, 0.0, 0.0])]
    )
    away = rim_distance(points, rim)
    assert away[0] == 0.0 and away[1] == pytest.approx(0.0, abs=1e-9) and away[2] > 30.0
    assert under_roof(points, rim)[[2, 3]].tolist() == [1.0, 0.0]


def test_a_needle_that_brings_nothing_leaves_the_others_as_they_were(task):
    one = site("one", "left", "corrugator_supercilii", "rim_superior", 10.0)
    none = site("none", "left", "frontalis", "rim_superior", 14.0, units=0.0)
    found = []
    for sites in ([one], [one, none]):
        own = replace(task, plan=plan_of(sites), operators=(("expert", "none"),) * len(sites))
        found.append(on_face(own, 0, np.arange(DRAWS)))
    assert (found[0].rows.slipped == found[1].rows.slipped).all()
    assert found[0].rows.weight == pytest.approx(found[1].rows.weight)
    assert found[0].share == pytest.approx(found[1].share)


def test_of_a_needle_that_slips_only_a_share_of_the_fluid_lies_behind_the_septum(task):
    """All of it, some, none: the muscle aimed at loses what the levator gets."""
    aimed, lid, levator = [], [], "levator_palpebrae_superioris"
    for share in (1.0, 0.3, 0.0):
        values = {**task.outer.values, "effect.slip.fluid_share": np.full(DRAWS, share)}
        found = on_face(replace(task, outer=replace(task.outer, values=values)), 0, np.arange(DRAWS))
        names = [task.groups[k].muscle for k in found.reached]
        brought = found.brought[2].sum(axis=1).mean(axis=0)
        lid.append(sum(b for b, name in zip(brought, names, strict=True) if name == levator))
        brought = found.brought[1].sum(axis=1).mean(axis=0)
        aimed.append(
            sum(b for b, name in zip(brought, names, strict=True) if name == "corrugator_supercilii")
        )
    assert lid[0] > lid[1] > lid[2] and lid[1] - lid[2] == pytest.approx(0.3 * (lid[0] - lid[2]), rel=1e-3)
    assert aimed[0] < aimed[1] < aimed[2]
