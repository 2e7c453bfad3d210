"""How far the endplates of muscles aimed at, and of muscles to be spared, are reached: over faces, hands and draws.

A point (x, share) of a curve says: on average over people so large a share of the muscle's endplates gets x times its
threshold or more. A slip that is rare shows as a faint tail, which the average face does not have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endplate.population.risk import Risk
from endplate.population.risk_tables import grid, log_ease

MOST_SPARED = 4
FAINTEST = 1e-9
TAIL_AT, TAIL = 1.0, 1e-3  # a muscle to be spared is shown where this share of it gets its threshold
LEVELS = np.exp(np.linspace(np.log(0.05), np.log(200.0), 120))


@dataclass(frozen=True)
class Reached:
    """One muscle, sides taken together.

    Attributes:
        role: "target" or "at_risk". over (x,): multiples of the threshold. share (x,): of the endplates.
    """

    muscle: str
    role: str
    over: np.ndarray
    share: np.ndarray

    def at(self, level: float) -> float:
        """Share of the endplates that get so many thresholds or more."""
        return float(np.interp(np.log(level), np.log(self.over), self.share))


def reached_of(risk: Risk) -> tuple[Reached, ...]:
    """Curves of the muscles aimed at, then of those to be spared that are reached most."""
    material = risk.run.material
    if material is None or not risk.run.groups:
        return ()
    aimed = {muscle for muscle, _ in material.aimed}
    curves: dict[str, list[np.ndarray]] = {}
    for k, group in enumerate(risk.run.groups):
        if not group.part:
            curves.setdefault(group.muscle, []).append(_curve(risk, k, group.muscle_class))
    found = [
        Reached(muscle, "target" if muscle in aimed else "at_risk", LEVELS, np.mean(sides, axis=0))
        for muscle, sides in curves.items()
    ]
    targets = [one for one in found if one.role == "target"]
    spared = sorted((one for one in found if one.role == "at_risk"), key=lambda one: -one.at(TAIL_AT))
    return (*targets, *[one for one in spared if one.at(TAIL_AT) >= TAIL][:MOST_SPARED])


def _curve(risk: Risk, column: int, muscle_class: str) -> np.ndarray:
    """Share of one group's endplates above each level, mean over draws and rows, (x,)."""
    from scipy.interpolate import PchipInterpolator

    run = risk.run
    share = np.asarray(run.material.share[:, :, :, column], dtype=float)  # type: ignore[union-attr]
    weight = run.weight / run.weight.sum(axis=2, keepdims=True)
    by_draw = (share * weight[..., None]).sum(axis=2).mean(axis=1)
    above = np.cumsum(by_draw[:, ::-1], axis=1)[:, ::-1]
    # A cell stands for what lies around it: half of it lies above its middle. Between cells logs are smooth and fall.
    logs = np.log(np.maximum(above - 0.5 * by_draw, FAINTEST))
    smooth = PchipInterpolator(grid(), logs, axis=1)
    ease, levels = log_ease(run.outer.values, muscle_class), np.log(LEVELS)
    # Draws differ little in what a threshold needs: rows are read at the mean, then moved by their own difference.
    mean = float(np.mean(ease))
    rows = np.exp(smooth(levels + mean))
    moved = [np.interp(levels + (e - mean), levels, row) for e, row in zip(ease, rows, strict=True)]
    return np.mean(moved, axis=0)
