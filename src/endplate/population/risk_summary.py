"""From chances in single rows to the risk of an effect: mean, intervals, error, and how much of it rests on data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.effects import UNIT, Mechanism
from endplate.catalogue.persistence import NOT_FOUND
from endplate.catalogue.persistence import effects as described
from endplate.model.face.lids import LAW
from endplate.population.draws import Z95
from endplate.population.risk_chance import settled, standard_error
from endplate.population.risk_course import Course
from endplate.population.risk_draws import Outer
from endplate.population.risk_record import WHOSE, Run, Unwanted

HELD_BY_DATA = ("posterior", "calibrated")
MOST_COLUMNS = 40  # of a regression over the outer draws


def unwanted_of(
    run: Run, one: Mechanism, level: str, side: str, ends: Mapping[str, Course], columns: Columns
) -> Unwanted:
    """One line of the answer."""
    cells = run.rates(one.id, level)[..., WHOSE.index(side)]
    mean, half = float(cells.mean()), cells.shape[1] // 2
    halves = np.stack([cells[:, :half].mean(axis=1), cells[:, half:].mean(axis=1)], axis=1)
    rates = settled(halves)
    error = standard_error(cells, run.face, left_over(cells.mean(axis=1), columns.strata))
    low, high = widened(mean, np.quantile(rates, (0.05, 0.95)), error, cells.size)
    course = ends.get(side)
    return Unwanted(
        effect=one.id,
        level=level,
        side=side,
        probability=mean,
        interval90=(low, high),
        mc_error=error / mean if mean > 0.0 else None,
        injectors90=_over_injectors(run, one.id, level, WHOSE.index(side)),
        onset_day=course.onset_day if course else None,
        resolution_day=course.resolution_day if course else None,
        basis="mechanism",
        evidence={"weakest_grade": _weakest(run.outer), "prior_share": prior_share(rates, columns.held)},
        source=one.source,
        definition=definition_of(one, level),
        lasts=described()[one.id].lasts if one.id in described() else NOT_FOUND,
        by_muscle=course.by_muscle if course else {},
    )


def widened(mean: float, ends: np.ndarray, error: float, rows: int) -> tuple[float, float]:
    """The 5 % and 95 % points of a rate with the standard error of its mean put in, on the log scale.

    Where it happens in no row the interval ends at the share that would still show in none of so many with a chance of
    one in twenty.

    >>> widened(0.0, np.zeros(2), 0.0, 1536)[1] > 0.0019
    True
    """
    if mean <= 0.0:
        return 0.0, 1.0 - 0.05 ** (1.0 / rows)
    least = 1e-12
    extra = Z95 * error / mean
    low = np.hypot(np.log(mean / np.clip(ends[0], least, mean)), extra)
    high = np.hypot(np.log(np.maximum(ends[1], mean) / mean), extra)
    return mean * float(np.exp(-low)), min(mean * float(np.exp(high)), 1.0)


def definition_of(one: Mechanism, level: str) -> str:
    """What counts as the effect, from which index on, and by which law."""
    words = [one.definition]
    name = one.levels[level]
    if name != UNIT:
        entry = catalogue().parameter(name)
        unit = f" {entry.unit}" if entry.unit != "1" else ""
        words.append(
            f"Counts from {entry.value:g}{unit} on ({entry.low:g} to {entry.high:g}, {entry.source})."
        )
    if one.law == "lid_margin":
        words.append(f"Law: {LAW}.")
    return " ".join(words)


def _over_injectors(run: Run, effect: str, level: str, whose: int) -> tuple[float, float]:
    """Mean risk where needles slip as rarely, and as often, as with the 5 % and the 95 % of injectors."""
    chance, hand = run.chance[effect, level][..., whose], np.array(run.of_hand)
    sd = run.outer["effect.injector.slip_log_sd"][:, None, None]
    found = []
    for z in (-Z95, Z95):
        weight = np.where(hand, run.weight * np.exp(sd * z - 0.5 * sd**2), run.weight)
        slips = np.where(hand, weight, 0.0)
        slips = slips / np.maximum(slips.sum(axis=-1, keepdims=True), 1.0)
        rest = np.where(hand, 0.0, run.weight)
        rest = rest / np.maximum(rest.sum(axis=-1, keepdims=True), 1e-300)
        mixed = slips + rest * (1.0 - slips.sum(axis=-1, keepdims=True))
        found.append(float((chance * mixed).sum(axis=-1).mean()))
    return found[0], found[1]


def _weakest(outer: Outer) -> str:
    table = catalogue().parameters
    return max(table[name].grade for name in outer.values if outer.basis.get(name) != "held")


def columns_of(outer: Outer, which: Callable[[str], bool]) -> np.ndarray:
    """Parameters that vary, as they are or as their log, standardised, (draw, column)."""
    table, found = catalogue().parameters, []
    for name, value in outer.values.items():
        if which(name) and np.ptp(value) > 0:
            column = np.log(value) if table[name].scale == "log" else value
            found.append((column - column.mean()) / column.std())
    return np.stack(found, axis=1) if found else np.zeros((outer.draws, 0))


def left_over(outcome: np.ndarray, columns: np.ndarray) -> float:
    """1 - adjusted R^2 of a linear regression on the columns that go with the outcome best, 0 to 1."""
    draws, variance = len(outcome), float(outcome.var())
    if variance <= 0.0 or not columns.shape[1]:
        return 1.0
    strength = np.abs(columns.T @ (outcome - outcome.mean()))
    best = np.argsort(strength)[::-1][: min(MOST_COLUMNS, draws // 5)]
    design = np.column_stack([np.ones(draws), columns[:, best]])
    moments = design.T @ design + 1e-9 * draws * np.eye(design.shape[1])
    residual = outcome - design @ np.linalg.solve(moments, design.T @ outcome)
    # All columns were looked at, so all count.
    freedom = (draws - 1) / max(draws - columns.shape[1] - 1, draws / 2)
    return float(np.clip(freedom * float((residual**2).mean()) / variance, 0.0, 1.0))


def prior_share(rates: np.ndarray, held: np.ndarray) -> float | None:
    """Share of the variance of the log rate that data do not hold; None for what never happens.

    What the columns that data hold do not explain counts as prior: the cautious side.
    """
    if not rates.any():
        return None
    log = np.log(np.maximum(rates, 1e-6))
    return left_over(log, held) if float(log.var()) > 1e-12 else 0.0


@dataclass(frozen=True)
class Columns:
    """Outer draws as columns of regressions, (draw, column).

    Attributes:
        held: fitted parameters and those of grade A or B.
        strata: drawn in equal strata, which settle the additive part of what they do.
    """

    held: np.ndarray
    strata: np.ndarray

    @classmethod
    def of(cls, outer: Outer) -> Columns:
        table = catalogue().parameters
        return cls(
            columns_of(
                outer, lambda name: outer.basis.get(name) in HELD_BY_DATA or table[name].grade in "AB"
            ),
            columns_of(outer, lambda name: outer.basis.get(name) == "prior"),
        )
