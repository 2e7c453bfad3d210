"""What the point estimate says about exposure: histograms, medians, shares by site, captured units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise

import numpy as np

from endplate.model.face_tables import endplate_targets, volume_targets
from endplate.model.parameters import ParameterSet
from endplate.model.setup import PreparedSite, Setup, reach_of, tip_geometry
from endplate.model.spread import SiteGeometry, influence

EDGES = np.arange(-4.0, 4.01, 0.125)


class ExposureSummary:
    """Exposure of every endplate of a face for one draw, near or far, from the session(s) of day 0.

    Sessions months apart do not add up to one exposure, so those of other days are left out here; their effect is in
    the force.

    Args:
        parameters: one draw.

    Attributes:
        relative (site, endplate): exposure over the threshold of the endplate's muscle, each site in multiples of the
            threshold of its own product, so that units never add across products.
    """

    def __init__(self, setup: Setup, parameters: ParameterSet) -> None:
        self.setup, self.parameters = setup, parameters
        self.muscles = len(setup.endplates.names)
        targets = endplate_targets(setup.face)
        self.relative = np.zeros((len(setup.sites), len(setup.endplates.weight)))
        ease = self._ease()[setup.endplates.muscle]
        for row, site, placed in zip(self.relative, setup.sites, setup.placed, strict=True):
            geometry = tip_geometry(placed, targets)
            row[geometry.index] = self._given(site, geometry)
            row *= ease / float(parameters[f"threshold.{site.product}"][0])
        self.over = self.relative.sum(axis=0)

    def _ease(self) -> np.ndarray:
        """Sensitivity of each muscle by its class; smooth muscle has none."""
        classes = [shape.muscle_class for shape in self.setup.face.muscles]
        return np.array(
            [0.0 if c == "smooth" else self.parameters[f"junction.sensitivity.{c}"][0] for c in classes]
        )

    def _given(self, site: PreparedSite, geometry: SiteGeometry) -> np.ndarray:
        today = self.setup.sessions[site.session].day == 0
        units = site.units * (1.0 - self.setup.neutralised_share) * today
        return units * influence(np, geometry, site.volume_ml, self.parameters, np.zeros((1, 3)))[0]

    def _mean(self, values: np.ndarray) -> np.ndarray:
        """Weighted mean over each muscle's endplates, (muscle,)."""
        points = self.setup.endplates
        return np.bincount(points.muscle, weights=values * points.weight, minlength=self.muscles)

    def median_over_threshold(self) -> np.ndarray:
        """Median over each muscle's endplates, (muscle,)."""
        # The halves of a midline muscle weigh exactly one half each: rounding must not choose between two neighbours.
        points, out = self.setup.endplates, np.zeros(self.muscles)
        order = np.lexsort((self.over, points.muscle))
        muscle, over = points.muscle[order], self.over[order]
        first = np.searchsorted(muscle, np.arange(self.muscles + 1))
        reached = np.cumsum(points.weight[order])
        for i, (a, b) in enumerate(pairwise(first)):
            below = reached[a:b] - (reached[a - 1] if a else 0.0)
            out[i] = over[a + min(int(np.searchsorted(below, 0.5 - 1e-9)), b - a - 1)]
        return out

    def histogram(self) -> np.ndarray:
        """Share of each muscle's endplates by log10 of exposure over threshold, (muscle, bin)."""
        points, bins = self.setup.endplates, len(EDGES) - 1
        log_over = np.log10(np.maximum(self.over, 1e-300))
        place = np.clip(np.searchsorted(EDGES, log_over, side="right") - 1, 0, bins - 1)
        flat = np.bincount(points.muscle * bins + place, weights=points.weight, minlength=self.muscles * bins)
        return flat.reshape(self.muscles, bins)

    def shares(self) -> np.ndarray:
        """Share of each muscle's mean exposure that each site brings, (muscle, site)."""
        mean = np.stack([self._mean(row) for row in self.relative], axis=1)
        total = mean.sum(axis=1, keepdims=True)
        return np.where(total > 0.0, mean / np.where(total > 0.0, total, 1.0), 0.0)

    def captured(self) -> dict[str, np.ndarray]:
        """Units of each product taken up inside each muscle, endplates or not; products stay apart."""
        targets = volume_targets(self.setup.face)
        filled = targets.points
        out: dict[str, np.ndarray] = {}
        for site, placed in zip(self.setup.sites, self.setup.placed, strict=True):
            geometry = tip_geometry(placed, targets, reach_of(placed))
            taken = filled.weight[geometry.index] * self._given(site, geometry)
            units = out.setdefault(site.product, np.zeros(self.muscles))
            units += np.bincount(filled.muscle[geometry.index], weights=taken, minlength=self.muscles)
        return out


class CapturedUnits(Mapping[str, np.ndarray]):
    """Captured units by product, (muscle,) each; integrated when first asked for (a fine sum)."""

    def __init__(self, summary: ExposureSummary) -> None:
        self._summary = summary

    @cached_property
    def _units(self) -> dict[str, np.ndarray]:
        return self._summary.captured()

    def __getitem__(self, product: str) -> np.ndarray:
        return self._units[product]

    def __iter__(self) -> Iterator[str]:
        return iter(self._units)

    def __len__(self) -> int:
        return len(self._units)
