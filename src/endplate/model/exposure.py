"""What the point estimate says about exposure: histograms, medians, shares by site, captured units."""

from __future__ import annotations

import numpy as np

from endplate.model import chain
from endplate.model.parameters import ParameterSet
from endplate.model.setup import Setup, tip_geometry
from endplate.model.spread import volume_points

EDGES = np.arange(-4.0, 4.01, 0.25)


class ExposureSummary:
    """Exposure of every muscle of a face for one draw; muscles out of reach have none."""

    def __init__(self, setup: Setup, parameters: ParameterSet) -> None:
        self.setup, self.parameters = setup, parameters
        self.muscles = len(setup.endplates.names)
        self.by_site = np.zeros((len(setup.sites), len(setup.active)))
        for row, site in zip(self.by_site, setup.sites, strict=True):
            given = chain.influence(np, site.geometry, site.volume_ml, parameters, np.zeros((1, 3)))[0]
            row[site.columns] = site.units * (1.0 - setup.neutralised_share) * given
        # Sessions add as multiples of their own product's threshold; units never add across products.
        self.relative = np.zeros_like(self.by_site)
        for i, site in enumerate(setup.sites):
            log_over = chain.log_drive(
                np, setup, parameters, site.session, self.by_site[i : i + 1], own=False
            )
            self.relative[i] = np.exp(log_over[0])
        self.over = self.relative.sum(axis=0)

    def _sum(self, values: np.ndarray) -> np.ndarray:
        """Weighted mean over each muscle's endplates; muscles out of reach give 0."""
        rows = self.setup.active_muscles[self.setup.muscle]
        return np.bincount(rows, weights=values * self.setup.weight, minlength=self.muscles)

    def median_over_threshold(self) -> np.ndarray:
        out = np.zeros(self.muscles)
        for i, row in enumerate(self.setup.active_muscles):
            mine = self.setup.muscle == i
            order = np.argsort(self.over[mine])
            weight = self.setup.weight[mine][order]
            # What is out of reach counts as nothing, at the low end.
            reached = np.cumsum(weight) + (1.0 - weight.sum())
            at = int(np.searchsorted(reached, 0.5))
            out[row] = self.over[mine][order][min(at, len(order) - 1)] if weight.sum() >= 0.5 else 0.0
        return out

    def histogram(self) -> np.ndarray:
        out = np.zeros((self.muscles, len(EDGES) - 1))
        log_over = np.log10(np.maximum(self.over, 1e-300))
        bins = np.clip(np.searchsorted(EDGES, log_over, side="right") - 1, 0, len(EDGES) - 2)
        np.add.at(out, (self.setup.active_muscles[self.setup.muscle], bins), self.setup.weight)
        out[:, 0] += 1.0 - out.sum(axis=1)
        return out

    def shares(self) -> np.ndarray:
        mean = np.stack([self._sum(row) for row in self.relative], axis=1)
        total = mean.sum(axis=1, keepdims=True)
        return np.where(total > 0.0, mean / np.where(total > 0.0, total, 1.0), 0.0)

    def captured(self) -> dict[str, np.ndarray]:
        """Units of each product taken up inside each muscle, endplates or not; products stay apart."""
        setup = self.setup
        rows = setup.active_muscles
        if not len(rows):
            return {site.product: np.zeros(self.muscles) for site in setup.sites}
        filled = volume_points([setup.face.muscles[i] for i in rows])
        out: dict[str, np.ndarray] = {}
        for site, placed in zip(setup.sites, setup.placed, strict=True):
            geometry = tip_geometry(placed, setup.face, filled)
            given = site.units * (1.0 - setup.neutralised_share)
            given = (
                given * chain.influence(np, geometry, site.volume_ml, self.parameters, np.zeros((1, 3)))[0]
            )
            weight = filled.weight[geometry.index] * given
            units = out.setdefault(site.product, np.zeros(self.muscles))
            units[rows] += np.bincount(filled.muscle[geometry.index], weights=weight, minlength=len(rows))
        return out
