"""The calibration of spread: its sampler, its laws of reading, a short run, and the stored result."""

import json
from pathlib import Path

import numpy as np
import pytest
from make_spread_calibration import PAGE, written

from endplate.catalogue import Parameter, catalogue
from endplate.catalogue.loader import read_table
from endplate.fit.spread import PROGRAM, log_likelihood, predicted, priors, rows, values_of
from endplate.fit.spread.calibrate import Recipe, calibrate, input_hash, point_predictions
from endplate.fit.spread.readouts import last_crossing
from endplate.fit.spread.sampler import chains_from, effective_draws, split_r_hat, tempered
from endplate.fit.spread.signs import edge_shrinks
from tools.fit_spread import proposal, write

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = ROOT / "src" / "endplate" / "catalogue" / "data" / "parameters.toml"
STORED = json.loads((ROOT / "docs" / "data" / "spread_calibration.json").read_text("utf-8"))


def at(**changes: float) -> dict[str, np.ndarray]:
    values = values_of(np.zeros((1, len(priors()))))
    return values | {name.replace("__", "."): np.array([value]) for name, value in changes.items()}


def test_sampler_finds_a_gaussian_posterior_and_its_evidence() -> None:
    # Prior N(0, 1), one observation of the first number, 2.0 with SD 0.5: posterior N(1.6, 0.2), evidence closed.
    def level(z: np.ndarray) -> np.ndarray:
        return -0.5 * ((z[:, 0] - 2.0) / 0.5) ** 2

    cloud = tempered(level, 3, 2000, seed=1)
    draws = chains_from(level, cloud, 16, 2000, seed=1)
    assert cloud.log_evidence == pytest.approx(-0.5 * np.log(1.25 / 0.25) - 0.5 * 4.0 / 1.25, abs=0.15)
    assert draws.flat[:, 0].mean() == pytest.approx(1.6, abs=0.05)
    assert draws.flat[:, 0].var() == pytest.approx(0.2, rel=0.12)
    assert draws.flat[:, 1].var() == pytest.approx(1.0, rel=0.12)
    assert split_r_hat(draws.z).max() < 1.03
    assert effective_draws(draws.z).min() > 300


def test_effective_draws_of_a_slow_chain_are_as_many_as_its_memory_leaves() -> None:
    # z' = 0.9 z + noise: the autocorrelation time is (1 + 0.9) / (1 - 0.9) = 19.
    rng = np.random.default_rng(0)
    z = [rng.standard_normal((16, 2))]
    for _ in range(3999):
        z.append(0.9 * z[-1] + np.sqrt(1.0 - 0.81) * rng.standard_normal((16, 2)))
    assert effective_draws(np.stack(z, axis=1)) == pytest.approx(16 * 4000 / 19, rel=0.2)


def test_last_crossing_is_where_a_gaussian_falls_below_a_level() -> None:
    x = np.linspace(0.0, 50.0, 201)
    found = last_crossing(np.exp(-(x[None] ** 2) / 200.0), np.array([0.1]), x)
    assert found[0] == pytest.approx(np.sqrt(200.0 * np.log(10.0)), abs=0.01)


def test_without_a_fascia_nothing_is_lost_and_a_tighter_one_costs_more() -> None:
    open_, half, tight = (
        predicted(at(spread__fascia_transmission=t))["shaari1991.fascia"][0] for t in (1.0, 0.5, 0.1)
    )
    assert open_ == pytest.approx(1.0)
    assert 1.0 > half > tight


def test_the_layer_on_the_image_is_thinner_and_longer_when_the_plane_is_thinner() -> None:
    thick, thin = (predicted(at(limb__layer_ratio=r)) for r in (3.0, 1.5))
    assert thin["elwischger2014.thickness_1ml"][0] < thick["elwischger2014.thickness_1ml"][0]
    assert thin["elwischger2014.length_1ml"][0] > thick["elwischger2014.length_1ml"][0]


def test_units_of_one_study_move_with_its_own_threshold_and_nothing_else() -> None:
    base, doubled = predicted(at()), predicted(at(skin__gland_threshold=6e-3))
    for name, value in base.items():
        factor = 2.0 if name.startswith("braune2001") else 1.0
        assert doubled[name][0] == pytest.approx(factor * value[0], rel=1e-4), name


def test_dry_area_shrinks_inwards_with_time_at_every_draw() -> None:
    values = values_of(np.random.default_rng(2).standard_normal((200, len(priors()))))
    assert (edge_shrinks(values) >= 0.0).all()


def test_only_rows_marked_for_the_fit_are_fitted() -> None:
    used = {row.id for row in rows()}
    marked = {
        name
        for name, e in catalogue().evidence.items()
        if e.use == "calibrate" and e.row.startswith("spread")
    }
    assert used == marked == {entry["id"] for entry in STORED["rows"]}
    assert set(predicted(at())) == used


def test_every_number_of_the_fit_is_declared_with_a_unit_and_a_reason() -> None:
    assert tuple(priors())[: len(PROGRAM)] == PROGRAM
    for prior in priors().values():
        assert prior.low < prior.value < prior.high and prior.note, prior.id


def test_likelihood_is_finite_wherever_the_prior_reaches() -> None:
    z = 2.0 * np.random.default_rng(3).standard_normal((500, len(priors())))
    assert np.isfinite(log_likelihood(rows(), z)).all()


def test_a_short_fit_runs_and_reports_every_part() -> None:
    result = calibrate(Recipe(particles=60, chains=4, steps=80, alone_particles=40, best=False))
    assert set(result) == set(STORED)
    assert len(result["numbers"]) == len(priors())


def test_stored_calibration_belongs_to_these_rows_and_priors() -> None:
    assert STORED["inputs"] == input_hash(), "run `python -m tools.fit_spread`"


def test_stored_calibration_was_computed_with_these_equations() -> None:
    best = STORED["best"]
    read = point_predictions(best["values"])
    chi2 = 0.0
    for row in rows():
        if row.log_value is not None:
            chi2 += ((np.log(read[row.id]) - row.log_value) / row.log_error) ** 2
    # The bound adds a little on top: -2 ln of a probability.
    assert chi2 <= best["chi2"] <= chi2 + 6.0
    assert best["chi2_rows"] == pytest.approx(chi2, rel=1e-3), "run `python -m tools.fit_spread`"


def test_writing_changes_the_proposed_numbers_and_no_others(tmp_path: Path) -> None:
    copy = tmp_path / "parameters.toml"
    copy.write_bytes(PARAMETERS.read_bytes())
    before, wanted = read_table(copy, "parameter", Parameter), proposal(STORED)
    write(wanted, copy)
    after = read_table(copy, "parameter", Parameter)
    assert {name for name in after if after[name] != before[name]} <= set(wanted)
    for name, numbers in wanted.items():
        assert (after[name].value, after[name].low, after[name].high) == numbers
        assert (after[name].unit, after[name].drawn) == (before[name].unit, before[name].drawn)


def test_catalogue_holds_what_the_calibration_proposes() -> None:
    for name, numbers in proposal(STORED).items():
        entry = catalogue().parameter(name)
        assert (entry.value, entry.low, entry.high) == numbers, "run `python -m tools.fit_spread --write`"


def test_stored_chains_have_mixed() -> None:
    assert STORED["diagnostics"]["r_hat"] < 1.06
    assert STORED["diagnostics"]["effective"] > 400


def test_page_on_spread_shows_the_stored_calibration() -> None:
    page = PAGE.read_text("utf-8")
    assert written(page, STORED) == page, "run `python docs/make_spread_calibration.py`"
