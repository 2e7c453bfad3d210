"""The fast chain against the whole model on one page."""

from __future__ import annotations

import numpy as np
import pytest

from endplate.model import chain
from endplate.model.onepage import force_of_one_muscle
from endplate.model.parameters import point_parameters
from tests.laws.plans import plan_of
from tests.laws.tools import prepared

CASES = {
    "procerus": {
        "pattern": "glabellar_lines.onabotulinumtoxin_a",
        "site": "procerus",
        "units": 4,
        "volume_ml": 0.1,
    },
    "extensor_digitorum_brevis": {
        "muscle": "extensor_digitorum_brevis",
        "along": 0.5,
        "side": "left",
        "units": 10,
        "volume_ml": 0.2,
    },
}


@pytest.mark.parametrize("muscle", CASES)
def test_the_fast_chain_agrees_with_the_one_page_model(muscle):
    setup = prepared(plan_of([CASES[muscle]]), days=365)
    parameters = point_parameters()
    row = [setup.endplates.names[i][0] for i in setup.active_muscles].index(muscle)
    fast = chain.forces(np, setup, parameters, chain.Needle.exact(1, 1))[0, row]
    site, geometry = setup.placed[0], setup.sites[0].geometry
    mine = setup.muscle[setup.sites[0].columns] == row
    assert mine.sum() == (setup.muscle == row).sum()  # the whole muscle is in reach
    plain = force_of_one_muscle(
        geometry.offset_mm[mine],
        setup.endplates.bone_mm[geometry.index[mine]],
        setup.weight[setup.muscle == row],
        setup.quantile_z[setup.muscle == row],
        site.units,
        site.volume_ml,
        site.depth_mm,
        site.bone_mm,
        site.layer_thickness_mm,
        site.product,
        "a",
        setup.classes[row],
        {name: float(value[0]) for name, value in parameters.values.items()},
    )
    assert plain.min() < 0.9
    assert np.abs(fast - plain)[4:].max() < 0.01
    assert np.abs(fast - plain)[30:].max() < 0.004
