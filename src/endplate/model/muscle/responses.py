"""What a muscle shows once it is known which fibres fire: force, CMAP and cross-section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from endplate.model.muscle.force import cmap, force, structural_state
from endplate.model.muscle.section import cross_section
from endplate.model.parameters import ParameterSet

Array = Any


@dataclass(frozen=True)
class Responses:
    """Force, compound muscle action potential and cross-section relative to rest, (time, draw, muscle) each."""

    force: Array
    cmap: Array
    cross_section: Array


def by_class(xp: Any, parameters: ParameterSet, name: str, classes: Sequence[str]) -> Array:
    """A parameter that has a value for each muscle class, (draw, muscle)."""
    return xp.stack([xp.asarray(parameters[f"{name}.{c}"]) for c in classes], axis=1)


def structure_of(
    xp: Any, share: Array, step_d: Array, parameters: ParameterSet, classes: Sequence[str]
) -> Array:
    """Structural state behind force and CMAP, (time, draw, muscle)."""
    recovery = xp.asarray(parameters["structural.recovery_half_life"])[:, None]
    return structural_state(
        xp, share, step_d, by_class(xp, parameters, "structural.on_rate", classes), recovery
    )


def force_of(xp: Any, share: Array, step_d: Array, parameters: ParameterSet, classes: Sequence[str]) -> Array:
    """Force alone, for many draws, (time, draw, muscle)."""
    exponent = xp.asarray(parameters["structural.force_exponent"])[None, :, None]
    return force(share, structure_of(xp, share, step_d, parameters, classes), exponent)


def responses_of(
    xp: Any, share: Array, step_d: Array, parameters: ParameterSet, classes: Sequence[str]
) -> Responses:
    """All read-outs of the muscles.

    Args:
        share: fibres that fire, relative to rest, (time, draw, muscle).
        step_d: days between the times, (time - 1,).
        parameters: `structural.*` and `section.*`, (draw,).
        classes: muscle class of each muscle.
    """
    state = structure_of(xp, share, step_d, parameters, classes)
    section = cross_section(
        xp,
        share,
        step_d,
        by_class(xp, parameters, "section.on_rate", classes),
        xp.asarray(parameters["section.recovery_half_life"])[:, None],
        xp.asarray(parameters["section.maximal_loss"])[:, None],
    )
    exponent = xp.asarray(parameters["structural.force_exponent"])[None, :, None]
    return Responses(force(share, state, exponent), cmap(share, state), section)
