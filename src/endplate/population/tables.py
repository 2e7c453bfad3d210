"""Response tables: what a line does on every day, against the exposure of the endplates under it.

force_table    share of fibres that fire, for endplates of one exposure
blur           the same for endplates whose own sensitivities spread
signal_table   histogram x blurred table, for every entry of a bank and every shift of ln exposure

The chain gives every endplate of the face one sensitivity, the same one on every face; here the endplates of each bin
hold the whole spread. A person's sensitivity, a product's threshold and a study's effect only shift ln exposure, so one
table serves them all: a shift by whole cells is a change of index. Times are counted from the end of the lag.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.lines import area as area_of
from endplate.errors import ModelError
from endplate.model.backend import normal_cdf
from endplate.model.chain import TABLE_LOW
from endplate.model.junction import cleavage_gain, firing_share, mean_light_chain, quantal_course
from endplate.model.muscle import cross_section, force, structural_state
from endplate.model.outcome import remodelled

if TYPE_CHECKING:
    from endplate.population.bank import Bank

Array = Any
STEP = 0.25  # of ln exposure
MARGIN = 32  # cells beyond each end of a table: four SD of a sensitivity that spreads by 2


def force_table(
    xp: Any,
    parameters: Any,
    grid: Array,
    days: int,
    muscle_class: str,
    session_days: Sequence[int] = (0,),
    serotype: str = "a",
) -> Array:
    """Share of fibres that fire, relative to rest, on days 0 to `days`.

    Args:
        parameters: one draw, (1,) each: a ParameterSet or a mapping.
        grid: ln of exposure over threshold, (x,).
        session_days: days of equal sessions, whose light chain adds up at the same endplates.

    Returns:
        (x, days + 1).
    """

    def value(name: str) -> Array:
        return xp.asarray(parameters[f"junction.{name}"])

    rates = (value("supply_half_life"), value(f"light_chain_half_life.{serotype}"), xp.zeros(1))
    starts = [np.arange(days, dtype=float)[:, None] - day for day in session_days]
    chain = xp.stack([mean_light_chain(xp, xp.asarray(start), 1.0, *rates) for start in starts])
    drive = chain.sum(axis=0)[:, :, None] * xp.exp(xp.asarray(grid) + _log_ease(xp, parameters, muscle_class))
    quantal = quantal_course(xp, drive, parameters)
    safety = value(f"safety_factor.{muscle_class}")
    firing = firing_share(xp, quantal, safety, value("safety_factor_log_sd"))[:, 0]
    return xp.concatenate([xp.ones((1, firing.shape[1])), firing]).T


def _log_ease(xp: Any, parameters: Any, muscle_class: str) -> Array:
    """ln of the drive (k_cat E / k_syn) of a muscle class at the threshold, (1,)."""
    safety = xp.asarray(parameters[f"junction.safety_factor.{muscle_class}"])
    gain = cleavage_gain(xp, safety, xp.asarray(parameters["junction.release_power"]))
    return xp.log(gain * xp.asarray(parameters[f"junction.sensitivity.{muscle_class}"]))


def blur(xp: Any, table: Array, step: float, sigma: Array) -> Array:
    """Mean of a table (x, day) over a normal spread of ln exposure with SD `sigma`; its ends are held.

    Cells share out the normal distribution by its integral over each cell; what that adds to the variance is taken off.
    """
    cells = np.arange(table.shape[0])
    sd = xp.sqrt(xp.maximum(sigma**2 - step**2 / 12.0, 1e-8))
    edges = (cells[None, :-1] + 0.5 - cells[:, None]) * step
    below = normal_cdf(xp, xp.asarray(edges) / sd)
    zero, one = xp.zeros((len(cells), 1)), xp.ones((len(cells), 1))
    return (xp.concatenate([below, one], axis=1) - xp.concatenate([zero, below], axis=1)) @ table


def signal_table(
    bank: Bank,
    area: str,
    parameters: Any,
    shifts: np.ndarray,
    days: int,
    session_days: Sequence[int] = (0,),
    sensitivity: Any = 1.0,
    xp: Any = np,
) -> Array:
    """What severity reads in an area, for every entry of a bank: 1 before treatment.

    Args:
        parameters: one draw, (1,) each; `junction.*`, `structural.*`, `section.*`, `outcome.*`.
        shifts: added to ln exposure, (s,): minus ln threshold, a person's and a study's part. Whole steps of the
            bank's grid apart; read between them by straight lines.
        session_days: days of equal sessions at the same endplates.
        sensitivity: factor of all exposures, besides `outcome.capture` of the area.

    Returns:
        (entry, s, days + 1), float32: of lines the remodelled force, of a bulk the cross-section.

    Raises:
        ModelError: an area that the bank does not hold, or shifts off the grid.
    """
    offset, lowest = _offsets(np.asarray(shifts, dtype=float), STEP)
    share = bank.shares(area)
    muscle_class, cells = bank.classes[area], len(bank.grid) + int(offset.max())
    serotype = catalogue().product(bank.product).serotype.lower()
    capture = xp.asarray(parameters[f"outcome.capture.{area}"])[0] * sensitivity
    at = bank.grid[0] + lowest + STEP * np.arange(-MARGIN, cells + MARGIN) + xp.log(capture)
    wide = _from_low(xp, parameters, at, days, muscle_class, session_days, serotype)
    # Splitting endplates between neighbouring bins has already spread them by a sixth of a squared step.
    spread = xp.asarray(parameters["junction.sensitivity_sd"])[0]
    spread = xp.sqrt(xp.maximum(spread**2 - STEP**2 / 6.0, 0.0))
    table = blur(xp, wide, STEP, spread)[MARGIN:-MARGIN]
    bulk = area_of(area).reads == "cross_section"
    if not bulk:
        table = _line(xp, table, parameters, muscle_class)
    firing = _mixed(xp, share, 1.0 - table, offset)
    return _section(xp, firing, parameters, muscle_class) if bulk else firing


def _offsets(shifts: np.ndarray, step: float) -> tuple[np.ndarray, float]:
    """Shifts as whole steps above the lowest, and the lowest."""
    lowest = float(shifts.min())
    steps = (shifts - lowest) / step
    if np.abs(steps - np.rint(steps)).max() > 1e-6:
        raise ModelError("Shifts of ln exposure lie between the cells.", f"They lie {step:g} apart.")
    return np.rint(steps).astype(int), lowest


def _from_low(
    xp: Any,
    parameters: Any,
    at: Array,
    days: int,
    muscle_class: str,
    session_days: Sequence[int],
    serotype: str,
) -> Array:
    """The force table; cells that are too low for any block are not worked out (where values are known)."""
    skip = 0
    if xp is np:
        skip = int(np.searchsorted(at + _log_ease(np, parameters, muscle_class), TABLE_LOW))
        skip = min(skip, len(at) - 1)
    table = force_table(xp, parameters, at[skip:], days, muscle_class, session_days, serotype)
    return xp.concatenate([xp.ones((skip, days + 1)), table]) if skip else table


def _line(xp: Any, firing: Array, parameters: Any, muscle_class: str) -> Array:
    """Line force (x, day): what outlasts the block in the muscle, then what the skin keeps."""
    on_rate = xp.asarray(parameters[f"structural.on_rate.{muscle_class}"])[0]
    if xp is not np or on_rate > 0.0:
        daily = firing.T[:, None, :]
        recovery = xp.asarray(parameters["structural.recovery_half_life"])[0]
        state = structural_state(xp, daily, xp.ones(len(daily) - 1), on_rate, recovery)
        exponent = xp.asarray(parameters["structural.force_exponent"])[0]
        firing = force(daily, state, exponent)[:, 0].T
    share = xp.asarray(parameters["outcome.lasting_share"])[0]
    return remodelled(xp, firing, share, float(parameters["outcome.remodelling"][0]))


def _mixed(xp: Any, share: np.ndarray, lost: Array, offset: np.ndarray) -> Array:
    """1 - histogram x loss for every shift: share (entry, bin), lost (x, day) -> (entry, shift, day)."""
    index = np.arange(share.shape[1])[:, None] + offset[None]
    columns = xp.asarray(lost, dtype=np.float32)[index]
    flat = xp.asarray(share, dtype=np.float32) @ columns.reshape(len(index), -1)
    flat = np.subtract(np.float32(1.0), flat, out=flat) if xp is np else 1.0 - flat
    return flat.reshape(len(share), *columns.shape[1:])


def _section(xp: Any, firing: Array, parameters: Any, muscle_class: str) -> Array:
    """Cross-section of a bulk whose fibres fire so, (entry, shift, day)."""
    on_rate, recovery, most = (
        xp.asarray(parameters[name], dtype=np.float32)[0]
        for name in (f"section.on_rate.{muscle_class}", "section.recovery_half_life", "section.maximal_loss")
    )
    daily = xp.moveaxis(firing, -1, 0)
    step = xp.ones(len(daily) - 1, dtype=np.float32)
    return xp.moveaxis(cross_section(xp, daily, step, on_rate, recovery, most), 0, -1)
