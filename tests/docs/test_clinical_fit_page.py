"""The page on the clinical fit is what the shipped posterior says."""

from __future__ import annotations

from dataclasses import replace

import clinical_fit_page as parts
import make_clinical_fit as page
import numpy as np
import pytest

from endplate.population.posterior import DATA


@pytest.fixture(scope="module")
def stored():
    assert (DATA / "posterior.npz").exists(), "run `python3 dev.py refit`"
    return parts.load(DATA)


def made_up() -> parts.Stored:
    """Three parameters of which two are tied, in two studies."""
    rng = np.random.default_rng(0)
    first = np.exp(0.3 * rng.standard_normal((4, 200)))
    draws = np.stack([30.0 * first, 0.001 / first, 0.4 + 0.01 * rng.standard_normal((4, 200))], axis=-1)
    recipe = {"chains": 4, "warmup": 10, "draws": 200, "seed": 0, "accept": 0.85, "mean_steps": 15}
    recipe |= {"seconds": 120, "divergences": 0, "worst_rhat": 1.01, "least_effective_draws": 400}
    rows = ("c3.investigator_1_grade.d168.u20", "c5.investigator_1_grade.d168.u50")
    return parts.Stored(
        ("junction.light_chain_half_life.a", "threshold.onabotulinumtoxin_a", "outcome.visit_noise.subject"),
        draws,
        ("gl_ona_high_dose", "gl_abo_dose"),
        0.2 * rng.standard_normal((4, 200, 3, 2)),
        rows,
        0.3 + 0.01 * rng.standard_normal((4, 200, 2)),
        recipe | {"inputs": "none"},
    )


def test_the_tables_of_the_page_are_those_of_the_shipped_posterior(stored):
    text = page.PAGE.read_text("utf-8")
    assert text == parts.written(text, stored), "run `python docs/make_clinical_fit.py`"


def test_every_fitted_parameter_and_study_stands_in_the_page(stored):
    found = parts.tables(stored)
    assert all(f"`{name}`" in found["values"] for name in stored.names)
    assert all(
        f"`{study}`" in found["studies"] and f"`{study}`" in found["effects"] for study in stored.studies
    )


def test_the_pictures_of_the_page_exist_and_are_small():
    for name in parts.PICTURES:
        assert 5_000 < (page.IMAGES / name).stat().st_size < 150_000


def test_the_page_has_a_place_for_every_table_and_no_other():
    text = page.PAGE.read_text("utf-8")
    names = list(parts.tables(made_up()))
    assert all(
        text.count(f"<!-- {name}:begin -->") == text.count(f"<!-- {name}:end -->") == 1 for name in names
    )
    assert text.count(":begin -->") == len(names)


def test_tied_parameters_and_conflicting_rows_are_named():
    found = parts.tables(made_up())
    assert found["tied"].count("\n|") == 2 and "-1.00" in found["tied"]
    assert "16.0 %" in found["conflict"] and "52.5 %" in found["conflict"]
    assert "`c5.investigator_1_grade.d168.u50` | 52.5 %" in found["worst"]


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ({"worst_rhat": 1.2}, "differ"),
        ({"least_effective_draws": 30}, "rough"),
        ({"divergences": 50}, "diverged"),
    ],
)
def test_chains_that_went_wrong_are_called_so(fault, word):
    good = made_up()
    assert "can be relied on" in parts.diagnostics(good)
    told = parts.diagnostics(replace(good, recipe=good.recipe | fault))
    assert word in told and "**Not all" in told and "relied on" not in told


def test_nothing_fitted_is_called_held():
    good = made_up()
    with pytest.raises(ValueError, match="fitted and yet"):
        parts.held_table(replace(good, names=(*good.names, "outcome.remodelling")))


def test_a_posterior_as_wide_as_its_prior_is_drawn_from_end_to_end():
    row = {"id": "outcome.visit_noise.subject", "prior": [0.4, 0.2, 0.8], "posterior": [0.4, 0.2, 0.8]}
    assert np.allclose(parts._on_prior(row), [0.0, -1.0, 1.0])
