"""The catalogue's potency priors reproduce the rows they were set from."""

from __future__ import annotations

import pytest

from endplate.catalogue import catalogue
from tools.potency_priors import priors

FOUND = priors()


@pytest.mark.parametrize("name", sorted(FOUND))
def test_the_centre_in_the_catalogue_is_the_one_the_tool_finds(name):
    assert catalogue().parameter(name).value == pytest.approx(FOUND[name], rel=0.03)
