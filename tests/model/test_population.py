"""Draws from the priors."""

from __future__ import annotations

import numpy as np
import pytest

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.model.parameters import ParameterSet, model_parameter_ids, point_parameters
from endplate.population.bands import prior_share
from endplate.population.draws import draw_parameters, prior_values, stratified, stream


def test_draws_have_the_median_and_the_ends_of_their_interval():
    draws = draw_parameters(4000, 1)
    for name in model_parameter_ids():
        entry = catalogue().parameter(name)
        if not entry.drawn or entry.low >= entry.high:
            assert (draws[name] == entry.value).all()
            continue
        low, middle, high = np.quantile(draws[name], [0.05, 0.5, 0.95])
        width = entry.high - entry.low
        assert low == pytest.approx(entry.low, abs=0.03 * width), name
        assert middle == pytest.approx(entry.value, abs=0.03 * width), name
        assert high == pytest.approx(entry.high, abs=0.05 * width), name


def test_a_stream_belongs_to_its_name_and_seed():
    assert stream(1, "a").random() == stream(1, "a").random()
    assert stream(1, "a").random() != stream(1, "b").random()
    assert stream(1, "a").random() != stream(2, "a").random()


def test_a_latin_hypercube_fills_every_stratum():
    from scipy.special import ndtr

    values = np.sort(ndtr(stratified(stream(0, "x"), 50)))
    assert (np.floor(values * 50).astype(int) == np.arange(50)).all()


def test_a_linear_prior_from_zero_is_never_negative():
    entry = catalogue().parameter("junction.sprout_share")
    assert prior_values(entry, np.linspace(-4, 4, 50)).min() >= 0.0


def test_unknown_parameter_is_one_sentence():
    with pytest.raises(ModelError, match=r"no parameter `junction\.nothing`"):
        point_parameters()["junction.nothing"]


def test_prior_share_is_one_minus_what_graded_parameters_explain():
    graded = next(
        n
        for n in model_parameter_ids()
        if catalogue().parameter(n).grade in "AB" and catalogue().parameter(n).drawn
    )
    rng = np.random.default_rng(0)
    value = np.exp(rng.standard_normal(500))
    parameters = ParameterSet({graded: value})
    known = np.log(value) if catalogue().parameter(graded).scale == "log" else value
    assert prior_share(known, parameters) == pytest.approx(0.0, abs=1e-6)
    assert prior_share(rng.standard_normal(500), parameters) > 0.95
    half = known / known.std() + rng.standard_normal(500)
    assert prior_share(half, parameters) == pytest.approx(0.5, abs=0.1)
