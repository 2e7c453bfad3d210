"""What the risk engine answers, and the run that it keeps for questions that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.errors import ModelError
from endplate.population.risk_course import Material
from endplate.population.risk_draws import Outer
from endplate.population.risk_parts import Group

WHOSE = ("left", "right", "either")


@dataclass(frozen=True)
class Unwanted:
    """The risk of one effect.

    Attributes:
        effect: id. level: which of its definitions. side: "left", "right" or "either" (per patient).
        probability: mean over outer draws. interval90: 5 % and 95 % points over them, widened by the standard error
            of the mean, which therefore lies inside; from 0 to an upper bound where nothing happens in any row.
        mc_error: relative standard error of the probability; None where nothing happens.
        injectors90: the mean risk in the hands of injectors whose needles slip rarely (5 %) and often (95 %).
        onset_day, resolution_day: medians over simulated events; None where there are none or they outlast the days.
        basis: "mechanism".
        evidence: weakest_grade; prior_share, the share of what is uncertain that no data hold (None where nothing
            happens).
        source: of the definition. definition: what counts, from which loss on, by which law.
        lasts: how long such an effect was seen to last; words of the catalogue.
        by_muscle: share of the events that each muscle carries, where the effect names them.
    """

    effect: str
    level: str
    side: str
    probability: float
    interval90: tuple[float, float]
    mc_error: float | None
    injectors90: tuple[float, float]
    onset_day: float | None
    resolution_day: float | None
    basis: str
    evidence: Mapping[str, Any]
    source: str
    definition: str
    lasts: str
    by_muscle: Mapping[str, float]

    def to_json_dict(self) -> dict[str, Any]:
        """As an entry of `unwanted`."""
        return {
            "effect": self.effect,
            "level": self.level,
            "side": self.side,
            "probability": self.probability,
            "interval90": list(self.interval90),
            "mc_error": self.mc_error,
            "injectors90": list(self.injectors90),
            "onset_day": self.onset_day,
            "resolution_day": self.resolution_day,
            "basis": self.basis,
            "evidence": dict(self.evidence),
            "source": self.source,
            "definition": self.definition,
            "lasts": self.lasts,
            "by_muscle": dict(self.by_muscle),
        }


@dataclass(frozen=True)
class Run:
    """What a run leaves for questions that follow (`why`, differences between plans).

    Attributes:
        chance: by (effect, level), chance of the event in each row, (draw, r, stratum, whose).
        weight (draw, r, stratum): chance of the strata (see `risk_needles`). face (draw, r): number of the face.
        of_hand (stratum,): whether a stratum is there because a needle slipped.
        brought (draw, r, stratum, site, group): mean exposure over threshold that each site brings.
        groups: of the last axis. sites: ids of the injections. outer: the outer draws.
        material: from what single rows can be worked out again.
    """

    chance: Mapping[tuple[str, str], np.ndarray]
    weight: np.ndarray
    face: np.ndarray
    of_hand: tuple[bool, ...]
    brought: np.ndarray
    groups: tuple[Group, ...]
    sites: tuple[str, ...]
    outer: Outer
    material: Material | None = None

    def rates(self, effect: str, level: str = "seen") -> np.ndarray:
        """Chance in each row with the strata taken together, (draw, r, whose)."""
        return (self.chance[effect, level] * self.weight[..., None]).sum(axis=2)

    def event_weight(self, effect: str, side: str = "either", level: str = "seen") -> np.ndarray:
        """Share of the events that each row and stratum carries, (draw, r, stratum); zeros without events."""
        weight = self.chance[effect, level][..., WHOSE.index(side)] * self.weight
        return weight / max(float(weight.sum()), 1e-300)

    def shares(self, effect: str, muscle: str, side: str, level: str = "seen") -> np.ndarray:
        """Share of a muscle's exposure that each injection brings, over the events of one side, (site,).

        The mean of the shares in single events: an event of much toxin counts no more than one of little.
        """
        column = self.groups.index(
            next(g for g in self.groups if (g.muscle, g.side, g.part) == (muscle, side, ""))
        )
        given = self.brought[..., column]
        total = given.sum(axis=-1, keepdims=True)
        share = np.where(total > 0.0, given / np.where(total > 0.0, total, 1.0), 0.0)
        return (share * self.event_weight(effect, side, level)[..., None]).sum(axis=(0, 1, 2))


@dataclass(frozen=True)
class Risk:
    """All effects of one plan, and the run behind them."""

    unwanted: tuple[Unwanted, ...]
    run: Run
    faces: int
    draws: int
    seed: int
    limits: tuple[str, ...] = ()

    def of(self, effect: str, side: str = "either", level: str = "seen") -> Unwanted:
        """One of them. Raises ModelError where it was not worked out."""
        for one in self.unwanted:
            if (one.effect, one.side, one.level) == (effect, side, level):
                return one
        known = ", ".join(dict.fromkeys(one.effect for one in self.unwanted))
        raise ModelError(f"No risk of `{effect}` ({side}, {level}) was worked out.", f"There is: {known}.")
