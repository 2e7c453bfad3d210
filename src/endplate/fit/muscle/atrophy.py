"""Fit of the cross-section: on-rates of limb and jaw, recovery, and the loss that lasting block would bring.

The foot after 10 U gives the day of least section, two calves how it comes back after months (their dose was not found:
the block of the foot stands in, and hardly matters so late), a series of masseters how thin one becomes. Block comes
from the fit of the foot and, for the masseter, from its pattern in the catalogue at the centre of every prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.records import Observation
from endplate.fit.muscle.clinic import firing_course, one_rate, planned
from endplate.fit.muscle.foot import ONA, VOLUME_ML, firings, foot
from endplate.fit.muscle.free import Free
from endplate.fit.muscle.least import SmallFit, fit_rows
from endplate.model.muscle import cross_section
from endplate.model.parameters import ParameterSet

FREE = (
    Free("section.on_rate.limb", 0.002, 0.2, "log", "declared: no say"),
    Free("section.on_rate.jaw", 0.002, 0.2, "log", "declared: no say"),
    Free("section.recovery_half_life", 30.0, 600.0, "log", "declared: no say"),
    Free(
        "section.maximal_loss", 0.35, 0.85, "logit", "declared: above what a masseter lost, below all of it"
    ),
)
JAW_DAYS = 365
MASSETER = ("masseter", "left")


def rows() -> tuple[Observation, ...]:
    """Rows of cross-section that are fitted."""
    table = catalogue().evidence.values()
    return tuple(o for o in table if o.row in {"P6.9", "P6.10", "P6.11"} and o.use == "calibrate")


@dataclass(frozen=True)
class Block:
    """Share of fibres that fire by kept day, (node, needle), in the foot after 10 U and in a masseter."""

    foot_days: np.ndarray
    foot: np.ndarray
    jaw_days: np.ndarray
    jaw: np.ndarray


def block_of(parameters: ParameterSet, volume_ml: float = VOLUME_ML) -> Block:
    """Block of both muscles for one draw."""
    place = foot(ONA)
    jaw = planned("masseter.onabotulinumtoxin_a", MASSETER, JAW_DAYS)
    return Block(
        place.setup.nodes,
        firings(place, parameters, (10.0,), None, volume_ml)[10.0],
        np.arange(JAW_DAYS + 1),
        firing_course(jaw, parameters, one_rate()(parameters, JAW_DAYS)),
    )


def section_of(
    firing: np.ndarray, days: np.ndarray, on_rate: float, recovery: float, most: float
) -> np.ndarray:
    """Mean cross-section over needles, (node,)."""
    one = np.ones((1, 1))
    width = np.diff(days).astype(float)
    return cross_section(np, firing[:, None, :], width, on_rate * one, recovery * one, most * one)[:, 0].mean(
        axis=1
    )


def sections(block: Block, values: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Cross-section of foot and masseter at the kept days."""
    recovery, most = values["section.recovery_half_life"], values["section.maximal_loss"]
    return (
        section_of(block.foot, block.foot_days, values["section.on_rate.limb"], recovery, most),
        section_of(block.jaw, block.jaw_days, values["section.on_rate.jaw"], recovery, most),
    )


def thinnest_day(days: np.ndarray, section: np.ndarray) -> float:
    """Day of the least section, from the parabola through the least and its neighbours."""
    i = int(np.clip(section.argmin(), 1, len(days) - 2))
    square = np.polyfit(days[i - 1 : i + 2] - days[i], section[i - 1 : i + 2], 2)
    shift = -0.5 * square[1] / square[0] if square[0] > 0 else 0.0
    return float(np.clip(days[i] + shift, days[i - 1], days[i + 1]))


def predicted(block: Block, values: dict[str, float]) -> dict[str, float]:
    """What the model says for every row of cross-section."""
    limb, jaw = sections(block, values)
    early = float(np.interp(228, block.foot_days, limb))
    late = float(np.interp(365, block.foot_days, limb))
    return {
        "p6_9.thinnest": thinnest_day(block.foot_days, limb),
        "p6_10.first_month7": early,
        "p6_10.second_month7": early,
        "p6_10.first_month12": late,
        "p6_10.second_month12": late,
        "p6_11.month3": float(np.interp(90, block.jaw_days, jaw)),
        "p6_11.thinnest": thinnest_day(block.jaw_days, jaw),
    }


def fit(block: Block) -> SmallFit:
    """Least squares over the rows and the priors."""
    return fit_rows(FREE, rows(), lambda values: predicted(block, values))
