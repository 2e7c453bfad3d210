"""Where it goes: from the needle to the exposure of every endplate, linear in units."""

from endplate.model.spread.capture import volume_points
from endplate.model.spread.footprint import footprint_variances, spread_radius_mm
from endplate.model.spread.geometry import (
    Endplates,
    SiteGeometry,
    Targets,
    collect_endplates,
    site_geometry,
)
from endplate.model.spread.matrix import influence, kernel

__all__ = [
    "Endplates",
    "SiteGeometry",
    "Targets",
    "collect_endplates",
    "footprint_variances",
    "influence",
    "kernel",
    "site_geometry",
    "spread_radius_mm",
    "volume_points",
]
