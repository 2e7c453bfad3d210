"""A prepared plan narrowed to one muscle: the same numbers for that muscle, for a fraction of the work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from endplate.model.setup import PreparedSite, Setup


def only_muscle(setup: Setup, row: int) -> Setup:
    """The setup with the endplates of one muscle alone.

    Args:
        row: row of the muscle in `setup.endplates.names`, one of `setup.active_muscles`.
    """
    place = int(np.flatnonzero(setup.active_muscles == row)[0])
    keep = setup.muscle == place
    active = setup.active[keep]
    return replace(
        setup,
        sites=tuple(site_within(site, active) for site in setup.sites),
        active=active,
        muscle=np.zeros(len(active), dtype=setup.muscle.dtype),
        weight=setup.weight[keep],
        quantile_z=setup.quantile_z[keep],
        active_muscles=np.array([row]),
        classes=(setup.classes[place],),
    )


def site_within(site: PreparedSite, active: np.ndarray) -> PreparedSite:
    """A needle with the endplates in reach that are kept; one that reaches none of them stays, with no units."""
    geometry = site.geometry.only(np.isin(site.geometry.index, active))
    slipped = site.slipped
    if slipped is not None:
        slipped = slipped.only(np.isin(slipped.index, active))
    reaches = len(geometry.index) > 0 or (slipped is not None and len(slipped.index) > 0)
    return replace(
        site,
        units=site.units if reaches else 0.0,
        geometry=geometry,
        columns=np.searchsorted(active, geometry.index),
        slipped=slipped,
        slipped_columns=None if slipped is None else np.searchsorted(active, slipped.index),
    )
