"""The chain itself, for many draws at once: exposure, block, structural state, force.

One session of one product is a histogram of log-exposure against a response table; several sessions carry each
endplate's light chain, L = sum over sessions of E b(t - t_s). The table is the one-session shortcut of the second
and is tested against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.errors import ModelError
from endplate.model.backend import weighted_count
from endplate.model.junction import cleavage_gain, firing_share, mean_light_chain, quantal_course
from endplate.model.muscle import Responses, force_of, responses_of
from endplate.model.parameters import ParameterSet
from endplate.model.setup import PreparedSite, Setup
from endplate.model.spread import influence

Array = Any
TABLE_LOW, TABLE_HIGH = -8.0, 24.0  # ln(k_cat E / k_syn); below the first no fibre fails
FINE_STEP, COARSE_STEP = 0.125, 0.25  # bin width for a point estimate, and for many draws


@dataclass(frozen=True)
class Needle:
    """Where the tips really are: displacement (draw, site, 3) in mm, and whether each slipped behind the septum."""

    offset_mm: np.ndarray
    behind: np.ndarray

    @classmethod
    def exact(cls, draws: int, sites: int) -> Needle:
        return cls(np.zeros((draws, sites, 3)), np.zeros((draws, sites), dtype=bool))

    def chunk(self, start: int, stop: int) -> Needle:
        return Needle(self.offset_mm[start:stop], self.behind[start:stop])


def exposures(xp: Any, setup: Setup, parameters: ParameterSet, needle: Needle) -> list[Array]:
    """Exposure of every active endplate, per session, in U/mm^3 of that session's product; each (draw, q)."""
    totals = [xp.zeros((parameters.draws, len(setup.active))) for _ in setup.sessions]
    for i, site in enumerate(setup.sites):
        if site.units == 0.0:
            continue
        share = site.units * (1.0 - setup.neutralised_share)
        stays = xp.asarray(~needle.behind[:, i], dtype=float)[:, None]
        given = influence(xp, site.geometry, site.volume_ml, parameters, needle.offset_mm[:, i])
        totals[site.session] = _add(xp, totals[site.session], site.columns, share * stays * given)
        if needle.behind[:, i].any():
            totals[site.session] = _slip(xp, totals[site.session], site, share, parameters, needle, i)
    return totals


def _add(xp: Any, total: Array, columns: np.ndarray, value: Array) -> Array:
    if xp is np:
        total[:, columns] += value
        return total
    return total.at[:, columns].add(value)


def _slip(
    xp: Any, total: Array, site: PreparedSite, share: float, parameters: ParameterSet, needle: Needle, i: int
) -> Array:
    """Add what the draws whose tip slipped behind the septum bring."""
    # A slip is drawn only where one is possible.
    assert site.slipped is not None and site.slipped_columns is not None
    rows = np.flatnonzero(needle.behind[:, i])
    some = ParameterSet({name: np.asarray(value)[rows] for name, value in parameters.values.items()})
    given = share * influence(xp, site.slipped, site.volume_ml, some, needle.offset_mm[rows, i])
    full = np.ix_(rows, site.slipped_columns)
    if xp is np:
        total[full] += given
        return total
    return total.at[full].add(given)


def log_drive(xp: Any, setup: Setup, parameters: ParameterSet, session: int, exposure: Array) -> Array:
    """ln of k_cat E / k_syn for every active endplate, (draw, q); minus infinity where there is no toxin."""
    muscle = setup.muscle
    threshold = xp.asarray(parameters[f"threshold.{setup.sessions[session].product}"])[:, None]
    ease = xp.stack([xp.asarray(parameters[f"junction.sensitivity.{c}"]) for c in setup.classes], axis=1)
    if not bool((threshold > 0.0).all() & (ease > 0.0).all()):
        raise ModelError("A threshold or a sensitivity is not above zero.", "", "Correct the parameters.")
    out = xp.where(exposure > 0.0, xp.log(xp.maximum(exposure, 1e-300)), -xp.inf)
    out = out - xp.log(threshold) + xp.log(ease)[:, muscle]
    gain = xp.stack([_gain(xp, parameters, c) for c in setup.classes], axis=1)
    spread = xp.asarray(parameters["junction.sensitivity_sd"])[:, None] * setup.quantile_z[None]
    return out + spread + xp.log(gain)[:, muscle]


def _gain(xp: Any, parameters: ParameterSet, muscle_class: str) -> Array:
    safety = xp.asarray(parameters[f"junction.safety_factor.{muscle_class}"])
    if not bool((safety > 1.0).all()):
        raise ModelError(
            f"The safety factor of {muscle_class} muscle is not above 1.", "", "Correct the parameters."
        )
    return cleavage_gain(xp, safety, xp.asarray(parameters["junction.release_power"]))


def light_chain_steps(xp: Any, setup: Setup, parameters: ParameterSet, session: int) -> Array:
    """Mean light chain per unit exposure over each day of the course, (day, draw)."""
    sent = setup.sessions[session]
    start = np.arange(setup.start, setup.days) - sent.day
    return mean_light_chain(
        xp,
        xp.asarray(start, dtype=float)[:, None],
        1.0,
        xp.asarray(parameters["junction.supply_half_life"])[None],
        xp.asarray(parameters[f"junction.light_chain_half_life.{sent.serotype}"])[None],
        xp.asarray(parameters["junction.lag"])[None],
    )


def firing(
    xp: Any, setup: Setup, parameters: ParameterSet, needle: Needle, *, table: bool | None = None
) -> Array:
    """Share of each active muscle's fibres that fire, relative to rest, (node, draw, muscle).

    Args:
        table: force (True) or forbid (False) the one-session response table; None chooses.
    """
    drives = [
        log_drive(xp, setup, parameters, s, exposure)
        for s, exposure in enumerate(exposures(xp, setup, parameters, needle))
    ]
    used = setup.used_sessions
    if not used or not len(setup.active):
        return xp.ones((len(setup.nodes), parameters.draws, len(setup.active_muscles)))
    if table is None:
        table = len(used) == 1
    if table:
        return _by_table(xp, setup, parameters, used[0], drives[used[0]])
    return _by_endplate(xp, setup, parameters, used, drives)


def _at_nodes(setup: Setup, quantal: Array, xp: Any) -> Array:
    """Quantal content at the kept days from the ends of the daily steps; rest before the first step."""
    rest = xp.ones((1, *quantal.shape[1:]))
    return xp.concatenate([rest, quantal])[setup.nodes - setup.start]


def _class_firing(
    xp: Any, setup: Setup, parameters: ParameterSet, quantal: Array, muscle_class: str
) -> Array:
    return firing_share(
        xp,
        quantal,
        xp.asarray(parameters[f"junction.safety_factor.{muscle_class}"])[None, :, None],
        xp.asarray(parameters["junction.safety_factor_log_sd"])[None, :, None],
    )


def table_grid(setup: Setup, drive: Array) -> np.ndarray:
    """Bins of log drive that a table needs for these endplates, (bin,): fine where every day is kept."""
    daily = len(setup.nodes) == setup.days - setup.start + 1
    step = FINE_STEP if daily else COARSE_STEP
    top = float(np.clip(np.max(np.asarray(drive)), TABLE_LOW, TABLE_HIGH))
    return TABLE_LOW + step * np.arange(int(np.ceil((top - TABLE_LOW) / step)) + 2)


def response_table(xp: Any, setup: Setup, parameters: ParameterSet, session: int, grid: np.ndarray) -> Array:
    """Quantal content against log drive and kept day, (node, draw, bin)."""
    steps = light_chain_steps(xp, setup, parameters, session)
    drive = steps[:, :, None] * xp.asarray(np.exp(grid))[None, None]
    return _at_nodes(setup, quantal_course(xp, drive, parameters), xp)


def histograms(xp: Any, setup: Setup, drive: Array, grid: np.ndarray) -> Array:
    """Share of each muscle's endplates by log drive, split between neighbouring bins, (draw, muscle, bin).

    Endplates below the grid have no block and are left out, so a muscle's shares may sum to less than 1.
    """
    draws, muscles, bins = drive.shape[0], len(setup.active_muscles), len(grid)
    place = (xp.clip(drive, grid[0] - 1.0, grid[-1]) - grid[0]) / (grid[1] - grid[0])
    low = xp.clip(xp.floor(place), 0, bins - 2)
    part = place - low
    row = (np.arange(draws)[:, None] * muscles + setup.muscle[None]) * bins
    index = xp.asarray(row + low, dtype=int)
    weight = xp.where(place >= 0.0, setup.weight[None], 0.0)
    size = draws * muscles * bins
    counted = weighted_count(xp, index, weight * (1.0 - part), size)
    counted = counted + weighted_count(xp, index + 1, weight * part, size)
    return counted.reshape(draws, muscles, bins)


def _by_table(xp: Any, setup: Setup, parameters: ParameterSet, session: int, drive: Array) -> Array:
    grid = table_grid(setup, drive)
    quantal = response_table(xp, setup, parameters, session, grid)
    shares = histograms(xp, setup, drive, grid)
    out: list[Array] = [None] * len(setup.classes)
    for muscle_class in sorted(set(setup.classes)):
        rows = [i for i, c in enumerate(setup.classes) if c == muscle_class]
        chosen = shares[:, np.array(rows)]
        if not bool((chosen > 0.0).any()):
            failing = xp.zeros((len(setup.nodes), parameters.draws, len(rows)))
        else:
            blocked = 1.0 - _class_firing(xp, setup, parameters, quantal, muscle_class)
            failing = xp.moveaxis(xp.matmul(chosen, xp.moveaxis(blocked, 0, -1)), -1, 0)
        for k, i in enumerate(rows):
            out[i] = 1.0 - failing[:, :, k]
    return xp.stack(out, axis=2)


def _by_endplate(
    xp: Any, setup: Setup, parameters: ParameterSet, used: list[int], drives: list[Array]
) -> Array:
    # Endplates that no session of any draw reaches are unblocked, as below the table.
    highest = np.max([np.asarray(drives[s]).max(axis=0) for s in used], axis=0)
    reached = np.flatnonzero(highest > TABLE_LOW)
    load = 0.0
    for session in used:
        steps = light_chain_steps(xp, setup, parameters, session)
        load = load + steps[:, :, None] * xp.exp(drives[session][:, reached])[None]
    quantal = _at_nodes(setup, quantal_course(xp, load, parameters), xp)
    muscle, weight = setup.muscle[reached], setup.weight[reached]
    out = []
    for i, muscle_class in enumerate(setup.classes):
        mine = np.flatnonzero(muscle == i)
        share = _class_firing(xp, setup, parameters, quantal[:, :, mine], muscle_class)
        out.append(1.0 - ((1.0 - share) * weight[mine]).sum(axis=-1))
    return xp.stack(out, axis=2)


def _joined(xp: Any, setup: Setup, share: Array) -> Array:
    """Firing share of each read-out from that of the cells it is made of, (node, draw, row)."""
    if setup.joined is None:
        return share
    return 1.0 - xp.matmul(1.0 - share, xp.asarray(setup.joined.T))


def forces(
    xp: Any, setup: Setup, parameters: ParameterSet, needle: Needle, *, table: bool | None = None
) -> Array:
    """Force of each active muscle (or read-out) relative to rest at the kept days, (draw, muscle, node)."""
    share = _joined(xp, setup, firing(xp, setup, parameters, needle, table=table))
    if not setup.classes:
        return xp.ones((parameters.draws, 0, len(setup.nodes)))
    width = xp.asarray(np.diff(setup.nodes), dtype=float)
    return xp.moveaxis(force_of(xp, share, width, parameters, setup.read_classes), 0, -1)


def responses(
    xp: Any, setup: Setup, parameters: ParameterSet, needle: Needle, *, table: bool | None = None
) -> Responses:
    """Force, CMAP and cross-section of each active muscle at the kept days, (draw, muscle, node) each."""
    share = _joined(xp, setup, firing(xp, setup, parameters, needle, table=table))
    if not setup.classes:
        none = xp.ones((parameters.draws, 0, len(setup.nodes)))
        return Responses(none, none, none)
    width = xp.asarray(np.diff(setup.nodes), dtype=float)
    found = responses_of(xp, share, width, parameters, setup.read_classes)
    return Responses(*(xp.moveaxis(x, 0, -1) for x in (found.force, found.cmap, found.cross_section)))
