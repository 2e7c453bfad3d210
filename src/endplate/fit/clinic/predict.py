"""Predicted value of every row for one draw: shares of people, medians in weeks.

The same functions of `model.outcome` that a trial uses; noise of screening and visits is integrated, people are a fixed
set. All readings, an arm at a visit each, are worked out together: a sampler compiles that in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from endplate.fit.clinic.emulator import response, shifted, signal_at, spread_of
from endplate.fit.clinic.layout import Layout, MedianRows
from endplate.model.outcome import (
    change_probability,
    end_probability,
    entry_grades,
    grade_probability,
    kept,
    median_weeks,
    noise_of,
    pair_probability,
)
from endplate.model.outcome.severity import placebo_left, severity

Array = Any


def predictions(xp: Any, layout: Layout, values: Mapping[str, Array], effects: Mapping[str, Array]) -> Array:
    """Every row's share or median, (row,).

    Args:
        values: of the fitted and the held parameters, numbers.
        effects: "exposure", "severity" and "baseline", (study,) each.
    """
    start, offset, fallen = readings(xp, layout, values, effects)
    noise = noise_of(values)
    first, group = layout.first, layout.group  # people of one study and area have one start
    graded = entry_grades(xp, layout.base, start[first], [lean[first] for lean in offset], noise)
    entry = graded[0].sum(axis=-2) * graded[1].sum(axis=-2)
    let_in = entry.sum(axis=-1)
    out = xp.zeros(layout.count)
    rows = layout.graded
    if len(rows.rows):
        at = rows.reading
        lean = [part[at] for part in offset]
        both = grade_probability(
            xp, [part[group[at]] for part in graded], rows.limit, fallen[at], lean, noise
        )
        share = both.sum(axis=-1) / let_in[group[at]]
        out = _put(xp, out, rows.rows, xp.where(rows.negated, 1.0 - share, share))
    for cut, number, at in layout.changes:
        said = change_probability(xp, start[at] - fallen[at], values[cut], noise[1])
        out = _put(xp, out, number, (entry[group[at]] * said).sum(axis=-1) / let_in[group[at]])
    if len(layout.medians.rows):
        out = _put(xp, out, layout.medians.rows, _medians(xp, layout.medians, start, offset, fallen, noise))
    return out


def _put(xp: Any, out: Array, rows: np.ndarray, value: Array) -> Array:
    if xp is np:
        out[rows] = value
        return out
    return out.at[rows].set(value)


def readings(
    xp: Any, layout: Layout, values: Mapping[str, Array], effects: Mapping[str, Array]
) -> tuple[Array, list[Array], Array]:
    """Start, both raters' offsets and severity of every reading, (reading, n) each."""
    who = layout.people
    area = {
        stem: xp.stack([xp.asarray(values[f"{stem}.{a}"]) for a in layout.areas]) for stem in layout.STEMS
    }
    mean = area["outcome.baseline_mean"][layout.area] + effects["baseline"][layout.study]
    start = mean[:, None] + values["outcome.baseline_sd"] * who.start[None]
    sd = values["outcome.rater_offset_sd"]
    bias = area["outcome.subject_bias"][layout.area][:, None]
    offset = [0.0 * bias + sd * who.investigator[None], bias + sd * who.subject[None]]
    signal = xp.ones(start.shape)
    if len(layout.treated):
        signal = _put(xp, signal, layout.treated, _signal(xp, layout, values, effects))
    drop = area["outcome.drop"][layout.area][:, None]
    placebo = placebo_left(
        xp, values["outcome.placebo_shift"], layout.day, values["outcome.placebo_half_life"]
    )
    shift = placebo + effects["severity"][layout.study]
    fallen = severity(start, signal[..., None], drop[..., None], shift[:, None, None])[..., 0]
    return start, offset, fallen


def _signal(xp: Any, layout: Layout, values: Mapping[str, Array], effects: Mapping[str, Array]) -> Array:
    """Line force of the treated readings, (treated, n)."""
    who = layout.people
    answer = response(xp, layout.table, *spread_of(values), values["outcome.lasting_share"])
    tables = shifted(xp, layout.banks, answer)
    threshold = xp.stack([xp.log(xp.asarray(values[f"threshold.{p}"])) for p in layout.products])
    capture = xp.stack([xp.log(xp.asarray(values[f"outcome.capture.{a}"])) for a in layout.areas])
    common = layout.fixed_shift - threshold[layout.product] + capture[layout.area[layout.treated]]
    common = common + effects["exposure"][layout.study[layout.treated]]
    shift = common[:, None] + values["person.sensitivity_sd"] * who.sensitivity[None]
    lag = values["junction.lag"] * xp.exp(values["person.lag_sd"] * who.lag)
    return signal_at(xp, tables, layout.bank, shift, lag, who.lag_of, layout.times)


def _medians(
    xp: Any, rows: MedianRows, start: Array, offset: list[Array], fallen: Array, noise: list[Array]
) -> Array:
    """Medians over those let in in whom the state began, over all pairs of baseline grades, (row,)."""
    at = rows.readings
    lean = [part[at[:, 0]][:, None] for part in offset]  # (row, 1, n), as what follows: row, pair, n, visit
    began, before = fallen[rows.began][:, None], start[at[:, 0]][:, None]
    weight = pair_probability(xp, rows.base, rows.limit, before, began, lean, noise)
    later = xp.moveaxis(fallen[at], 1, -1)[:, None]
    fires = end_probability(xp, rows.ends, later, lean, noise, rows.both[:, None, None, None])
    stays = kept(xp, fires * rows.counts[:, None, None])
    lasting = (weight[..., None] * stays).sum(axis=(1, 2)) / weight.sum(axis=(1, 2))[:, None]
    return median_weeks(xp, lasting, rows.days)
