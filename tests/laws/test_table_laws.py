"""What must hold for exposures that tables have a say in, in every draw of needles and parameters."""

from __future__ import annotations

import numpy as np
import pytest

from endplate.catalogue import catalogue
from endplate.model.parameters import point_parameters
from endplate.model.spread import footprint_variances, influence
from endplate.population import draw_needles, draw_parameters
from tests.laws.tools import prepared
from tools.spread_errors import plan_of_pattern

PATTERNS = (
    "platysma_bands.onabotulinumtoxin_a.two_bands_each",
    "blepharospasm.onabotulinumtoxin_a",
    "lateral_canthal_lines.onabotulinumtoxin_a",
    "glabellar_lines.onabotulinumtoxin_a",
)
MOST_OVER_PEAK = 8.0
"""Walls can stack a few images; nothing may stand far above the peak of the draw's own footprint."""


@pytest.mark.parametrize("name", PATTERNS)
def test_no_endplate_takes_up_far_more_than_the_peak_of_its_own_footprint(name: str) -> None:
    setup = prepared(plan_of_pattern(catalogue().pattern(name)), days=5)
    parameters = draw_parameters(100, seed=3)
    needle = draw_needles(setup, [("novice", "none")] * len(setup.sites), parameters, seed=3)
    spread = [parameters[f"spread.{key}"] for key in ("fluid_fraction", "layer_slack", "fibre_stretch")]
    for i, site in enumerate(setup.sites):
        found = influence(np, site.geometry, site.volume_ml, parameters, needle.offset_mm[:, i])
        v = footprint_variances(np, site.volume_ml, site.geometry.thickness_mm, *spread)
        peak = (2.0 * np.pi) ** -1.5 / np.sqrt(v[0] * v[1] * v[2])
        assert (found >= 0.0).all()
        assert (found.max(axis=1) < MOST_OVER_PEAK * peak).all()


@pytest.mark.parametrize("volume_ml", [0.001, 0.01, 0.1, 2.0])
def test_exposures_stay_finite_for_drops_and_for_floods(volume_ml: float) -> None:
    setup = prepared(plan_of_pattern(catalogue().pattern("blepharospasm.onabotulinumtoxin_a")), days=5)
    parameters = draw_parameters(100, seed=4)
    for site in setup.sites:
        found = influence(np, site.geometry, volume_ml, parameters, np.zeros((100, 3)))
        assert np.isfinite(found).all() and (found >= 0.0).all()
        assert found.max() < 1.0  # 1/mm^3: a thousand times what 0.02 mL gives at its peak


def test_a_needle_that_strays_changes_raised_exposures_without_a_step() -> None:
    setup = prepared(
        plan_of_pattern(catalogue().pattern("lateral_canthal_lines.onabotulinumtoxin_a")), days=5
    )
    site = setup.sites[0]
    assert site.geometry.gain is not None and len(site.geometry.gain.changed)
    still, moved = np.zeros((1, 3)), np.array([[1e-6, 0.0, 0.0]])
    at, near = (
        influence(np, site.geometry, site.volume_ml, point_parameters(), needle) for needle in (still, moved)
    )
    assert np.allclose(at, near, rtol=1e-4, atol=1e-12)
