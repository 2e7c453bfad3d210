"""Severity of lines in one face: the law of the clinic (`model.outcome.severity`), on the force of whole muscles.

s = start - drop (1 - G),  G = (1 - f) U + f W,  dW/dt = (U - W) / tau        U: use of the line, 1 untreated

U is the mean over the muscles under the line of force times what the nerve makes of the command that draws it up,
relative to a healthy nerve: 0 where a branch is cut, above 1 where a cross-drive adds to it. At contraction all of s
shows. At rest only what lasts can: a share of start - drop (1 - W), on the slow part alone; a spasm draws it up
towards the line at contraction. Placebo, raters and the endplates' own places are not in it: a trial reads those
(`model.outcome`, line weights).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.catalogue.face_balance import Expression, expression, expressions
from endplate.catalogue.lines import Area, area, areas
from endplate.model.backend import scan
from endplate.model.face.balance import SIDES, Forces, Side
from endplate.model.face.palsy import HEALTHY, NerveState, Palsy, activation

Array = Any
KINDS = ("contraction", "rest")


@lru_cache(maxsize=1)
def line_areas() -> tuple[str, ...]:
    """Areas whose line follows force; the bulk of the masseter follows its cross-section and is not a line."""
    return tuple(name for name, one in areas().items() if one.reads == "force")


@lru_cache(maxsize=8)
def drawn_by(name: str) -> Expression:
    """The expression that draws up the line of an area."""
    return next(one for one in expressions().values() if name in one.lines)


def share_driven(nerve: NerveState, muscle: str, name: str, asked: Expression) -> float:
    """Activation of a muscle in an expression relative to what a healthy nerve gives it for the line of an area."""
    return activation(nerve, muscle, asked) / drawn_by(name).drive[muscle]


def line_use(side: Side, name: str) -> Array | float:
    """Use of the line of an area on one side, U, (..., t)."""
    total: Array | float = 0.0
    for muscle, share in area(name).muscles.items():
        driven = share_driven(side.nerve, muscle, name, drawn_by(name))
        total = total + (share * driven) * side.forces(muscle, side.name)
    return total


def drawn_at_rest(nerve: NerveState, name: str) -> float:
    """How far a spasm draws up the line of an area of its side without a command, 0 to 1."""
    if nerve is HEALTHY:
        return 0.0
    muscles = area(name).muscles
    still = expression("rest")
    return min(1.0, sum(share * share_driven(nerve, m, name, still) for m, share in muscles.items()))


def untreated_use(palsy: Palsy, name: str) -> float:
    """Use of the line of an area before any toxin, mean of both sides: 1 for healthy nerves."""
    uses = [line_use(Side(side, Forces({}, None), {}, palsy.side(side)), name) for side in SIDES]
    return 0.5 * float(uses[0] + uses[1])


def line_severities(
    xp: Any,
    sides: Mapping[str, Side],
    values: Mapping[str, Array],
    days: np.ndarray,
    shape: tuple[int, ...],
    *,
    each_side: bool,
) -> dict[tuple[str, str], Array]:
    """`line_severity_contraction.<area>` and `line_severity_rest.<area>` by side, (..., t) each.

    "midline" is the mean use of both sides; a side alone has the grade that the line would have if both were like it.

    Args:
        sides: left and right. values: `outcome.*` and `face.line.rest_share`, (..., 1) each. days (t,), ascending.
        shape: (..., t). each_side: whether the sides are told apart.
    """
    rows: list[tuple[str, str, Array, float]] = []
    for name in line_areas():
        left, right = (line_use(sides[side], name) for side in SIDES)
        drawn = [drawn_at_rest(sides[side].nerve, name) for side in SIDES]
        rows.append((name, "midline", 0.5 * (left + right), 0.5 * (drawn[0] + drawn[1])))
        if each_side:
            rows += [(name, "left", left, drawn[0]), (name, "right", right, drawn[1])]
    use = xp.stack([xp.zeros(shape) + row[2] for row in rows])
    slow = slow_part(xp, use, days, values["outcome.remodelling"])
    out: dict[tuple[str, str], Array] = {}
    for k, (name, side, _, drawn_up) in enumerate(rows):
        moving, lasting = severities(xp, use[k], slow[k], area(name), values)
        out[f"line_severity_contraction.{name}", side] = moving
        out[f"line_severity_rest.{name}", side] = lasting + drawn_up * (moving - lasting)
    return out


def slow_part(xp: Any, use: Array, days: np.ndarray, tau_d: Array) -> Array:
    """What follows use slowly, W (..., t), from the value of the first day on.

    Each step is exact for a use held at its mean over the step.

    Args:
        use: (..., t) at `days` (t,), ascending. tau_d: (..., 1).
    """
    if len(days) < 2:
        return use
    by_day = xp.moveaxis(use, -1, 0)
    mean = 0.5 * (by_day[1:] + by_day[:-1])
    tau = xp.asarray(tau_d)[..., 0]
    width = np.diff(np.asarray(days, dtype=float)).reshape(-1, *[1] * tau.ndim)
    kept = xp.exp(-xp.asarray(width) / tau)

    def step(slow: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
        target, left = now
        slow = target + (slow - target) * left
        return slow, slow

    slow = scan(xp, step, by_day[0], (mean, kept))
    return xp.moveaxis(xp.concatenate([by_day[:1], slow]), 0, -1)


def severities(xp: Any, use: Array, slow: Array, one: Area, values: Any) -> tuple[Array, Array]:
    """Severity at contraction and what of it lasts at rest, (..., t) each, on the area's scale.

    Args:
        use, slow: U and W, (..., t). values: `outcome.*` and `face.line.rest_share`, (..., 1) each.
    """
    signal = use + values["outcome.lasting_share"] * (slow - use)
    start, drop = values[f"outcome.baseline_mean.{one.id}"], values[f"outcome.drop.{one.id}"]
    worst, least = float(one.highest), float(one.lowest)
    moving = xp.clip(start - drop * (1.0 - signal), least, worst)
    # A scale may begin at 1: the share is of what lies above its lowest grade.
    lasting = xp.clip(start - drop * (1.0 - slow), least, worst) - least
    return moving, least + values["face.line.rest_share"] * lasting
