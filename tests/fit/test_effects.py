"""The calibration of unwanted effects: rows, sums over thresholds, weights, and the joint draws that ship."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from endplate.catalogue import catalogue
from endplate.fit.effects import grids, likelihood, rates, resample, store, summary
from endplate.fit.effects.emulator import drawn_up, fitted
from endplate.fit.effects.pool import ORDER, prior_pool
from endplate.fit.effects.rows import plan_of, table
from endplate.fit.effects.sample import sample
from endplate.population.posterior import DATA

LEAK, SLIP = grids.LEAK, grids.SLIP


@pytest.fixture(scope="module")
def whole():
    return table()


@pytest.fixture(scope="module")
def made_up(whole):
    """A calibration of eight made-up draws: rates rise from draw to draw and fall with the nodes of a threshold."""
    rng = np.random.default_rng(0)
    coefficients = {}
    for row in whole.fitted:
        nodes = tuple(len(grids.grid(name).z) for name in rates.axes_of(row.effect, row.level))
        slips = 1 if row.condition == "rectus" else len(grids.grid(SLIP).z)
        shape = (8, 4, slips, *nodes)
        coefficients[row.key] = 0.3 * rng.random(shape)
    pool = prior_pool(64, 1)
    found = resample.Calibration(
        whole, pool, np.arange(8), np.zeros(8, int), coefficients, np.zeros(8), np.zeros(8)
    )
    log = likelihood.log_marginal(whole.fitted, whole, coefficients)
    return replace(found, log_likelihood=log, effective=(8.0,), seconds=(0.0,), emulator_sd=(0.0,))


# --- Rows


def test_every_fitted_row_was_read_and_has_a_count(whole):
    assert len(whole.fitted) >= 25
    assert all(row.tag == "seen" and row.n and 0 <= row.events <= row.n for row in whole.fitted)


def test_no_patient_of_a_pool_counts_twice(whole):
    """The first pivotal trial is a part of the pool and a row of its own."""
    rows = {row.id: row for row in whole.fitted}
    first = rows["unwanted.ona_gl_trial_1.eyelid_ptosis"]
    rest = rows["unwanted.ona_gl_pool_90d.eyelid_ptosis"]
    pool = catalogue().unwanted("unwanted.ona_gl_pool_90d.eyelid_ptosis")
    assert (first.events + rest.events, first.n + rest.n) == (pool.events, pool.n)


def test_infants_are_left_out(whole):
    assert not any("infant" in row.id for row in whole.rows)


def test_rows_by_mechanism_that_no_plan_of_the_catalogue_stands_for_are_named_in_the_page(whole):
    page = (store.FILE.parents[5] / "docs" / "effects-calibration.md").read_text("utf-8")
    named = {row.id for row in whole.rows}
    left = [
        row.id
        for row in catalogue().adverse.values()
        if row.mechanism and row.id not in named and row.effect == "eyelid_ptosis"
    ]
    assert all(f"`{name.removeprefix('unwanted.')}`" in page for name in left), left


def test_every_condition_is_a_plan_with_the_units_of_its_reports(whole):
    units = {
        name: sum(site.units for site in plan_of(one, one.settings[0]).sessions[0].injections)
        for name, one in whole.conditions.items()
    }
    assert units["glabella_ona"] == 20 and units["three_areas_ona"] == 64
    assert units["lids_inco"] == pytest.approx(66.0, abs=0.1)


# --- Likelihood


def test_the_likelihood_of_a_row_is_highest_near_what_was_printed(whole):
    row = next(r for r in whole.fitted if r.id == "unwanted.spasm_989.eyelid_ptosis")
    best = likelihood.NODES[likelihood.row_table(row, whole).argmax(axis=1)]
    assert 1.0 / (1.0 + np.exp(-best)) == pytest.approx(np.full(len(best), row.rate), rel=0.1)


def test_a_wider_spread_between_reports_forgives_more(whole):
    row = next(r for r in whole.fitted if r.id == "unwanted.spasm_989.eyelid_ptosis")
    found = likelihood.row_table(row, whole)
    far = np.abs(likelihood.NODES).argmin()  # a rate of one half
    assert (np.diff(found[:, far] - found.max(axis=1)) > 0.0).all()


def test_placebo_droops_are_not_put_down_to_toxin(whole):
    row = next(r for r in whole.fitted if r.background == "droop_aesthetic" and r.events)
    alone = replace(row, background="")
    low = 0  # the smallest rate
    assert likelihood.row_table(row, whole)[0, low] > likelihood.row_table(alone, whole)[0, low]


def test_sums_over_thresholds_are_those_of_a_plain_loop(whole, made_up):
    """One draw, one effect: the sum over the grids by hand."""
    rows = [row for row in whole.fitted if row.effect == "dry_eye"]
    one = {key: value[:1] for key, value in made_up.coefficients.items()}
    found = likelihood.log_marginal(rows, whole, one)[0]
    name = "effect.dry_eye.loss"
    total = 0.0
    lids = np.exp(
        likelihood._prior(grids.LIDS) + grids.in_order()  # out of order weighs nothing
    ).sum()
    for a, spread in enumerate(grids.spread_between_reports().log_weight):
        for b, leak in enumerate(grids.grid(LEAK).log_weight):
            for c, slip in enumerate(grids.grid(SLIP).log_weight):
                for d, least in enumerate(grids.grid(name).log_weight):
                    log = spread + leak + slip + least
                    for row in rows:
                        rate = rates.rate_of(one[row.key][0, :, c, d], grids.grid(LEAK).value[b])
                        logit = np.log(rate / (1.0 - rate))
                        log += np.interp(logit, likelihood.NODES, likelihood.row_table(row, whole)[a])
                    total += np.exp(log)
    assert found == pytest.approx(np.log(total * lids), abs=1e-6)


def test_a_draw_that_fits_better_weighs_more(whole, made_up):
    weight = made_up.weights()
    assert weight.sum() == pytest.approx(1.0)
    assert np.argsort(weight).tolist() == np.argsort(made_up.log_likelihood).tolist()


def test_leaving_a_row_out_changes_its_weight_and_no_more_than_that(whole, made_up):
    kept = [row for row in whole.fitted if row.condition != "rectus"]
    again = likelihood.log_marginal(kept, whole, made_up.coefficients)
    assert made_up.weights(kept) == pytest.approx(resample.normalised(again))


# --- Draws


def test_joint_draws_keep_the_thresholds_of_a_fallen_lid_in_order(made_up):
    drawn = sample(made_up, 64, 3)
    steps = np.stack([drawn.values[name] for name in ORDER])
    assert (np.diff(steps, axis=0) >= 0.0).all()


def test_joint_draws_hold_every_unknown_and_repeat_with_their_seed(whole, made_up):
    first, second = sample(made_up, 16, 3), sample(made_up, 16, 3)
    assert tuple(first.values) == whole.names
    assert all((first.values[name] == second.values[name]).all() for name in whole.names)


def test_a_drawn_value_lies_in_the_cell_of_its_node():
    one = grids.grid("effect.brow_ptosis.seen")
    node = np.repeat(np.arange(1, len(one.z) - 1), 20)
    value = one.drawn(node, np.random.default_rng(0))
    assert (value > one.value[node - 1]).all() and (value < one.value[node + 1]).all()


def test_rates_of_joint_draws_are_those_of_their_nodes(made_up):
    drawn = sample(made_up, 8, 3)
    key = ("lids_series", "diplopia", "seen")
    found = drawn.rate(made_up, key)
    k = 5
    at = [drawn.node[name][k] for name in rates.axes_of("diplopia", "seen")]
    one = made_up.coefficients[key][(drawn.place[k], slice(None), drawn.node[SLIP][k], *at)]
    assert found[k] == pytest.approx(rates.rate_of(one, grids.grid(LEAK).value[drawn.node[LEAK][k]]))


def test_systematic_resampling_takes_each_as_often_as_its_weight_says():
    rng = np.random.default_rng(0)
    found = resample.systematic(np.array([0.1, 0.0, 0.6, 0.3]), 100, rng)
    assert np.bincount(found, minlength=4) == pytest.approx([10, 0, 60, 30], abs=1)


def test_an_emulator_finds_a_smooth_peak():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 6))
    y = -((x[:, 0] - 1.0) ** 2) - 0.5 * x[:, 1] * x[:, 0]
    emulator, error = fitted(x, y, np.ones(400))
    new = rng.standard_normal((200, 6))
    truth = -((new[:, 0] - 1.0) ** 2) - 0.5 * new[:, 1] * new[:, 0]
    near = truth > y.max() - 8.0
    assert np.abs(emulator(new) - drawn_up(np.append(truth, y.max()))[:-1])[near].mean() < 0.3
    assert error < 1.0


# --- Rates


@pytest.mark.slow
def test_rates_are_those_of_the_risk_engine(whole):
    """Same draws, same faces: the engine's own chances, at the centre of the chance of a slip."""
    from endplate.population.risk_course import Material
    from endplate.population.risk_run import Size, by_draw, chances_of, on_faces

    pool = prior_pool(64, 2)
    values = dict(pool.values)
    for name in whole.grids:  # thresholds at their centre, as a node of the grid
        if name in values:
            values[name] = np.full(pool.size, float(catalogue().parameter(name).value))
    outer = replace(pool, values=values).outer(np.arange(8))
    asked = rates.Asked(
        "lids_series", (("eyelid_ptosis", "seen"), ("diplopia", "seen"), ("blurred_vision", "seen"))
    )
    condition = whole.conditions["lids_series"]
    alone = replace(condition, settings=condition.settings[:1])
    found = rates._of_setting(alone, 0, asked, outer, 4, 2)
    size = Size(4, 8, 4, 2)
    job = rates.job_of(plan_of(condition, condition.settings[0]), asked, outer, 2)
    groups, share, weight, _ = by_draw(on_faces([job], size, None)[0], job.task.groups, size)
    material = Material(share, groups, job.tables, outer.values, job.aimed, job.palsy)
    wanted = chances_of(job, material, size)
    leak = outer[LEAK]
    for effect, level in asked.wanted:
        middle = [len(grids.grid(n).z) // 2 for n in rates.axes_of(effect, level)]
        at = (slice(None), slice(None), len(grids.grid(SLIP).z) // 2, *middle)
        mine = rates.rate_of(np.moveaxis(found[effect, level][at], 1, 0), leak)
        engine = (wanted[effect, level][..., 2] * weight).sum(axis=2).mean(axis=1)
        assert mine == pytest.approx(engine, rel=0.02, abs=1e-4)


# --- What ships


def test_the_stored_draws_are_of_todays_rows_priors_and_code():
    stored = store.stored_recipe()
    assert stored["inputs"] == store.inputs_hash(), "run `python3 dev.py refit-effects`"
    assert store.load_found()["inputs"] == stored["inputs"]


def test_the_stored_draws_rest_on_two_hundred_effective_ones():
    assert store.stored_recipe()["effective_draws"][-1] >= 200


def test_the_stored_draws_make_sense(whole):
    with np.load(DATA / "effects.npz") as file:
        names, draws = [str(name) for name in file["names"]], file["draws"]
    assert set(names) | set(store.stored_recipe()["priors_kept"]) == set(whole.names)
    assert np.isfinite(draws).all() and len(draws) >= 500
    for k, name in enumerate(names):
        entry = catalogue().parameter(name)
        assert entry.least <= draws[:, k].min() and draws[:, k].max() <= entry.most, name


def test_the_glabellar_label_site_gives_half_to_five_percent_droop():
    found = store.load_found()
    one = next(r for r in found["shipped"] if r["id"] == "unwanted.ona_gl_pool_90d.eyelid_ptosis")
    assert 0.005 <= one["model"][0] <= 0.05


def test_the_risk_engine_repeats_what_the_calibration_found():
    """Draws are recombined with what was not calibrated: no rate may move by more than a half."""
    found = store.load_found()
    inside = {one["id"]: one["model"] for one in found["rows"]}
    for one in found["shipped"]:
        if one["id"] in inside and inside[one["id"]][0] > 0.005:
            assert one["model"][0] == pytest.approx(inside[one["id"]][0], rel=0.5), one["id"]


def test_most_rows_lie_inside_also_without_their_treatment():
    found = store.load_found()
    for rows, least in ((found["rows"], 0.85), (found["left_out"], 0.7)):
        assert np.mean([one["inside"] for one in rows]) >= least


def test_summary_says_what_moved():
    moved = [
        {"id": "a", "moved": 0.01, "shrunk": -0.02},
        {"id": "b", "moved": 0.6, "shrunk": 0.0},
        {"id": "c", "moved": 0.0, "shrunk": 0.4},
    ]
    assert summary.unmoved(moved) == ["a"]


