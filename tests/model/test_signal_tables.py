"""Histogram against table: it is the chain's own answer, up to the width of a bin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from endplate.anatomy import place
from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.model import chain
from endplate.model.muscle import force_of, responses_of
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import PreparedSession, Setup, prepare
from endplate.plan import plan_from_dict
from endplate.population.bank import Bank, _grid
from endplate.population.draws import draw_needles
from endplate.population.exposed import drawn_face, face_seed, line_setup
from endplate.population.posterior import outcome_parameter_ids
from endplate.population.tables import STEP, blur, force_table, signal_table

ONA, DAYS = "onabotulinumtoxin_a", 150
PATTERNS = {
    "glabella": f"glabellar_lines.{ONA}",
    "lateral_canthus": f"lateral_canthal_lines.{ONA}",
    "forehead": f"forehead_lines.{ONA}",
    "masseter": f"masseter.{ONA}",
}
SHIFT = -np.log(point_parameters()[f"threshold.{ONA}"])


def values(**changes: float) -> dict[str, np.ndarray]:
    """Centres of all parameters; no lag and nothing that outlasts force, unless asked for."""
    names = {name: np.array([float(catalogue().parameter(name).value)]) for name in outcome_parameter_ids()}
    plain = {"junction__lag": 0.0, "outcome__lasting_share": 0.0}
    changed = {name.replace("__", "."): np.array([value]) for name, value in {**plain, **changes}.items()}
    return {**point_parameters().values, **names, **changed}


def line_of(area: str, number: int, days: tuple[int, ...]) -> Setup:
    """The endplates of a line on one drawn face as one muscle, treated on each of these days."""
    visit = {"date": date(2026, 1, 5), "pattern": [PATTERNS[area]]}
    patient = {"sex": "female", "age": 45}
    plan = plan_from_dict(
        {"schema": "endplate/plan/1", "title": area, "patient": patient, "sessions": [visit]}
    )
    face = drawn_face("female", 45.0, face_seed(0, number))
    setup, weights = line_setup(prepare(plan, face, place(plan, face), DAYS), (area,))
    sites = [replace(site, session=k) for k in range(len(days)) for site in setup.sites]
    sessions = tuple(PreparedSession(day, ONA, "a") for day in days)
    return replace(setup, sites=tuple(sites), sessions=sessions, weight=weights[area])


def needle_of(setup: Setup, seed: int) -> chain.Needle:
    """The same draw of needles at every session."""
    first = replace(setup, sites=setup.sites[: len(setup.sites) // len(setup.sessions)])
    one = draw_needles(first, [("expert", "none")] * len(first.sites), point_parameters(), seed)
    again = len(setup.sessions)
    return chain.Needle(np.tile(one.offset_mm, (1, again, 1)), np.tile(one.behind, (1, again)))


def bank_of(area: str, setup: Setup, needle: chain.Needle) -> Bank:
    """One entry: the exposures of the first session."""
    given = chain.exposures(np, setup, point_parameters(), needle)[0]
    log = np.where(given > 0.0, np.log(np.maximum(given, 1e-300)), -np.inf)
    grid = _grid(ONA)
    share = chain.histograms(np, setup, log, grid)[:, 0]
    return Bank((area,), grid, {area: share}, {area: setup.classes[0]}, ONA, 1, 1, "test")


def by_endplate(setup: Setup, parameters: dict[str, np.ndarray], needle: chain.Needle) -> np.ndarray:
    """Share of the line's fibres that fire by the chain, each endplate with the whole spread of sensitivities."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(31)
    own = ParameterSet(parameters)
    parts = [
        chain.firing(np, replace(setup, quantile_z=np.full(len(setup.active), z)), own, needle, table=False)
        for z in nodes
    ]
    return np.einsum("z,zt->t", weights / weights.sum(), np.array(parts)[:, :, 0, 0])


@pytest.mark.parametrize("days", [(0,), (0, 84)])
@pytest.mark.parametrize("area", ["glabella", "lateral_canthus", "forehead"])
def test_histogram_against_blurred_table_is_the_chain_endplate_by_endplate(area, days):
    setup, parameters = line_of(area, 1, days), values()
    needle = needle_of(setup, 5)
    found = signal_table(bank_of(area, setup, needle), area, parameters, SHIFT, DAYS, days)[0, 0]
    expected = by_endplate(setup, parameters, needle)
    assert np.ptp(expected) > 0.2
    assert np.abs(found - expected).max() < 0.0015


def test_without_a_spread_of_sensitivities_only_the_width_of_the_bins_is_left():
    setup, parameters = line_of("glabella", 1, (0,)), values(junction__sensitivity_sd=1e-6)
    needle = needle_of(setup, 5)
    found = signal_table(bank_of("glabella", setup, needle), "glabella", parameters, SHIFT, DAYS)[0, 0]
    expected = chain.firing(np, setup, ParameterSet(parameters), needle, table=False)[:, 0, 0]
    assert np.abs(found - expected).max() < 0.004


def test_the_one_sensitivity_that_the_chain_gives_each_endplate_makes_a_small_difference():
    setup, parameters = line_of("glabella", 1, (0,)), values()
    needle = needle_of(setup, 5)
    found = signal_table(bank_of("glabella", setup, needle), "glabella", parameters, SHIFT, DAYS)[0, 0]
    own = chain.firing(np, setup, ParameterSet(parameters), needle, table=False)[:, 0, 0]
    assert 1e-4 < np.abs(found - own).max() < 0.02


def test_the_bulk_of_the_masseter_is_the_cross_section_of_the_chain():
    setup, parameters = line_of("masseter", 1, (0,)), values()
    needle = needle_of(setup, 5)
    found = signal_table(bank_of("masseter", setup, needle), "masseter", parameters, SHIFT, DAYS)[0, 0]
    firing = by_endplate(setup, parameters, needle)[:, None, None]
    section = responses_of(np, firing, np.ones(DAYS), ParameterSet(parameters), ("jaw",)).cross_section
    assert section.min() < 0.8
    assert np.abs(found - section[:, 0, 0]).max() < 0.001


def test_a_lasting_state_of_a_mimic_muscle_is_followed_closely():
    setup, parameters = line_of("glabella", 1, (0,)), values(structural__on_rate__mimic=5e-4)
    bank = bank_of("glabella", setup, needle_of(setup, 5))
    found = signal_table(bank, "glabella", parameters, SHIFT, DAYS)[0, 0]
    plain = signal_table(bank, "glabella", values(), SHIFT, DAYS)[0, 0]
    firing = plain.astype(float)[:, None, None]
    expected = force_of(np, firing, np.ones(DAYS), ParameterSet(parameters), ("mimic",))[:, 0, 0]
    assert np.abs(plain - expected).max() > 0.015
    assert np.abs(found - expected).max() < 0.004


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.7])
def test_straight_lines_between_shifts_are_good_enough(sigma):
    setup, parameters = line_of("glabella", 1, (0,)), values(junction__sensitivity_sd=sigma)
    bank = bank_of("glabella", setup, needle_of(setup, 5))
    shifts = SHIFT + STEP * np.arange(-12, 13)
    at = signal_table(bank, "glabella", parameters, shifts, DAYS)
    between = signal_table(bank, "glabella", parameters, shifts[:-1] + 0.5 * STEP, DAYS)
    assert np.abs(0.5 * (at[:, 1:] + at[:, :-1]) - between).max() < 0.003


def test_a_shift_of_a_whole_step_is_the_same_whatever_the_shifts_beside_it():
    setup, parameters = line_of("glabella", 1, (0,)), values()
    bank = bank_of("glabella", setup, needle_of(setup, 5))
    many = signal_table(bank, "glabella", parameters, SHIFT + STEP * np.array([-8, 0, 6]), 40)
    one = signal_table(bank, "glabella", parameters, SHIFT, 40)
    louder = signal_table(bank, "glabella", parameters, SHIFT - STEP, 40, sensitivity=np.exp(STEP))
    assert np.allclose(many[:, 1], one[:, 0], atol=1e-5)
    assert np.allclose(louder, one, atol=1e-5)
    assert (np.diff(many.min(axis=-1)) < -0.02).all()
    with pytest.raises(ModelError, match="between the cells"):
        signal_table(bank, "glabella", parameters, np.array([0.0, 0.1]), 40)


def test_a_line_lags_behind_its_force():
    setup = line_of("glabella", 1, (0,))
    bank = bank_of("glabella", setup, needle_of(setup, 5))
    force = signal_table(bank, "glabella", values(), SHIFT, DAYS)[0, 0]
    line = signal_table(bank, "glabella", values(outcome__lasting_share=0.5), SHIFT, DAYS)[0, 0]
    assert line[0] == 1.0
    assert line.min() > force.min() + 0.02
    assert line.argmin() > force.argmin()
    assert line[-1] < force[-1]


def test_a_force_table_falls_with_exposure_and_further_with_a_second_session():
    grid = np.arange(-9.0, 5.01, 0.5)
    once = force_table(np, values(), grid, 120, "mimic")
    twice = force_table(np, values(), grid, 120, "mimic", (0, 60))
    assert once.shape == (len(grid), 121)
    assert (once[:, 0] == 1.0).all()
    assert (np.diff(once, axis=0) <= 1e-12).all()
    assert once[0].min() > 0.999
    assert np.allclose(once[:, :61], twice[:, :61])
    assert (twice[10:20, 70] < once[10:20, 70] - 1e-3).all()


@pytest.mark.parametrize("sigma", [0.3, 1.0, 1.7])
def test_a_blurred_table_is_the_mean_over_sensitivities(sigma):
    x = np.arange(-14.0, 14.01, STEP)
    table = force_table(np, values(), x, 60, "mimic")
    nodes = np.linspace(-5.0, 5.0, 201)
    weights = np.exp(-0.5 * nodes**2)
    middle = slice(36, 76, 3)
    at = (x[middle, None] + sigma * nodes).ravel()
    fine = force_table(np, values(), at, 60, "mimic").reshape(-1, len(nodes), 61)
    expected = np.einsum("xzt,z->xt", fine, weights / weights.sum())
    assert np.abs(blur(np, table, STEP, sigma)[middle] - expected).max() < 2e-4


def test_a_blur_of_no_width_changes_nothing_and_the_ends_are_held():
    table = np.repeat(np.linspace(1.0, 0.2, 30)[:, None], 2, axis=1)
    assert np.allclose(blur(np, table, STEP, 0.0), table)
    assert np.allclose(blur(np, np.ones((30, 2)), STEP, 2.0), 1.0)
    assert blur(np, table, STEP, 1.0).max() < 1.0


@pytest.mark.parametrize("area", ["glabella", pytest.param("masseter", marks=pytest.mark.slow)])
def test_jax_gives_the_same_table(area):
    jax = pytest.importorskip("jax")
    bank, table = jax_table(area, jax.numpy)
    found = jax.jit(table)(jax.numpy.asarray(1.0), 1.0)
    expected = signal_table(bank, area, values(), SHIFT + STEP * np.arange(-2, 3), 30)
    assert np.abs(np.asarray(found) - expected).max() < 1e-4


@pytest.mark.slow
def test_jax_gives_the_slopes_of_the_table():
    jax = pytest.importorskip("jax")
    bank, table = jax_table("glabella", jax.numpy)
    slopes = jax.jit(jax.grad(lambda s, e: table(s, e)[0, 2, 30], argnums=(0, 1)))(1.0, 1.0)

    def at(sigma: float, shift: float) -> float:
        own = values(junction__sensitivity_sd=sigma)
        return float(signal_table(bank, "glabella", own, SHIFT + shift, 30)[0, 0, 30])

    expected = (at(1.02, 0.0) - at(0.98, 0.0)) / 0.04, (at(1.0, 0.02) - at(1.0, -0.02)) / 0.04
    assert np.asarray(slopes) == pytest.approx(expected, rel=0.03)


def jax_table(area: str, xp: Any) -> tuple[Bank, Any]:
    """A bank of one entry and its table as a function of the spread of sensitivities and of a factor of exposure."""
    setup = line_of(area, 1, (0,))
    bank = bank_of(area, setup, needle_of(setup, 5))

    def table(sigma: Any, sensitivity: Any) -> Any:
        own = {**values(), "junction.sensitivity_sd": xp.asarray(sigma)[None]}
        shifts = SHIFT + STEP * np.arange(-2, 3)
        return signal_table(bank, area, own, shifts, 30, sensitivity=sensitivity, xp=xp)

    return bank, table
