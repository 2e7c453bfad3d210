"""Rounds: the risk engine on some draws, emulators from all of them, new draws where these find the counts likely.

    round 1     the prior
    later       draws given the counts, by the emulators so far, the counts taken less seriously at first (`powers`)
    last        joint draws by the emulators of all rounds

Each round meets emulators that have not seen it: how far they are off there is what the page prints of them. Each block
of draws meets faces and needles of its own, so that what the emulators learn is no single set of faces.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.fit.effects.emulator import Emulator, fitted, logit
from endplate.fit.effects.grids import LEAK, SLIP, grid
from endplate.fit.effects.joint import draws_given
from endplate.fit.effects.rates import Asked, Key, asked_of, axes_of, rate_of, rates
from endplate.fit.effects.rows import Table, table
from endplate.fit.effects.space import first_scores, space
from endplate.population.draws import stream
from endplate.population.risk_draws import Outer

BLOCK = 64  # draws at a time, with faces of their own
NODES, JITTER = 8, 0.7  # of a draw that teach an emulator, and their spread about the draw, in scores
Coefficients = dict[Key, np.ndarray]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Calibration:
    """What the rounds left.

    Attributes:
        z (draw, column): scores of all draws. chosen (draw,): round of each.
        coefficients: by (condition, effect, level), see `rates`.
        emulators: by key, from all rounds.
        met: for each round but the first, mean and SD of (engine - emulator before), logits, by key.
    """

    whole: Table
    z: np.ndarray
    chosen: np.ndarray
    coefficients: Coefficients
    emulators: Mapping[Key, Emulator]
    met: tuple[Mapping[Key, tuple[float, float]], ...] = ()
    seconds: tuple[float, ...] = ()


def calibrate(
    *,
    workers: int = 2,
    progress: Progress | None = None,
    rounds: Sequence[int] | None = None,
    faces: int | None = None,
) -> Calibration:
    """All rounds; sizes are those of `rows.toml` where none are given."""
    whole, tell = table(), progress or (lambda _: None)
    sizes = tuple(rounds or whole.settings["rounds"])
    powers = whole.settings["powers"]
    seed, count = int(whole.settings["seed"]), faces or int(whole.settings["faces"])
    asked = asked_of(whole.fitted)
    found: Calibration | None = None
    with crew_of(workers) as crew:
        for number, size in enumerate(sizes):
            begun = time.perf_counter()
            z = (
                first_scores(size)
                if found is None
                else _next(found, float(powers[number]), size, seed + number)
            )
            parts = run(asked, space().outer(z), count, seed + 1000 * number, crew, tell)
            found = _more(found, whole, z, parts, seed)
            found = replace(found, seconds=(*found.seconds, time.perf_counter() - begun))
            tell(f"round {number + 1}: {size} draws, {found.seconds[-1]:.0f} s; {_told(found)}")
    assert found is not None
    return found


def _next(found: Calibration, power: float, size: int, seed: int) -> np.ndarray:
    return draws_given(found.emulators, np.full(len(found.whole.fitted), power), size, seed).z


def _more(
    before: Calibration | None, whole: Table, z: np.ndarray, parts: Coefficients, seed: int
) -> Calibration:
    """One more round: its draws met by the emulators so far, then all learned again."""
    if before is None:
        return Calibration(whole, z, np.zeros(len(z), int), parts, learned(whole, z, parts, seed))
    met = {key: met_by(before.emulators[key], key, z, parts[key]) for key in parts}
    number = int(before.chosen.max()) + 1
    together = {key: np.concatenate([before.coefficients[key], value]) for key, value in parts.items()}
    every = np.concatenate([before.z, z])
    chosen = np.concatenate([before.chosen, np.full(len(z), number)])
    emulators = learned(whole, every, together, seed)
    return replace(
        before, z=every, chosen=chosen, coefficients=together, emulators=emulators, met=(*before.met, met)
    )


def learned(whole: Table, z: np.ndarray, coefficients: Coefficients, seed: int) -> dict[Key, Emulator]:
    """Emulators of all rates."""
    printed = {row.key: np.clip(row.rate, 0.005, 0.9) for row in whole.fitted}
    out = {}
    for key, value in coefficients.items():
        axes = axes_of(*key[1:])
        rng = stream(seed, "nodes " + " ".join(key))
        nodes = {name: near(name, z, rng, NODES, JITTER) for name in (LEAK, SLIP, *axes)}
        scores, y = at_nodes(key, z, value, nodes)
        group = np.repeat(np.arange(len(z)), NODES)
        counted = columns_of(key)
        own = np.array([space().column(name) for name in own_of(key, value)])
        goal = float(logit(np.asarray(printed[key])))
        out[key] = fitted(scores, y, group, goal, counted, own)
    return out


def own_of(key: Key, coefficient: np.ndarray) -> tuple[str, ...]:
    """Unknowns on grids that a rate depends on; no slip beside needles that aim into the orbit."""
    slips = (SLIP,) if coefficient.shape[2] > 1 else ()
    return (*slips, LEAK, *axes_of(*key[1:]))


def columns_of(key: Key) -> np.ndarray:
    """Columns that the rate of a treatment may depend on: no other product's, no other effect's."""
    product = {f"threshold.{one.product}" for one in table().conditions[key[0]].settings}
    axes = axes_of(*key[1:])
    kept = []
    for k, name in enumerate(space().names):
        if name.startswith("threshold."):
            counts = name in product
        elif name in table().grids:
            counts = name in axes or name in (LEAK, SLIP)
        else:
            counts = True
        if counts:
            kept.append(k)
    return np.array(kept)


def near(name: str, z: np.ndarray, rng: np.random.Generator, count: int, jitter: float) -> np.ndarray:
    """Nodes of one unknown near each draw's own score, (draw, count)."""
    own = z[:, space().column(name), None] + jitter * rng.standard_normal((len(z), count))
    nodes = grid(name).z
    return np.clip(np.rint((own - nodes[0]) / (nodes[1] - nodes[0])), 0, len(nodes) - 1).astype(int)


def at_nodes(
    key: Key, z: np.ndarray, coefficient: np.ndarray, nodes: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Scores with the nodes put in, (draw x node, column), and logits of the engine's rates there, (draw x node,)."""
    axes = axes_of(*key[1:])
    place = np.arange(len(z))[:, None]
    slip = nodes[SLIP] if coefficient.shape[2] > 1 else np.zeros_like(nodes[SLIP])
    parts = [coefficient[(place, k, slip, *(nodes[name] for name in axes))] for k in range(4)]
    rate = rate_of(np.stack(parts), grid(LEAK).value[nodes[LEAK]])
    scores = np.repeat(z, rate.shape[1], axis=0)
    for name, node in nodes.items():
        scores[:, space().column(name)] = grid(name).z[node].ravel()
    return scores, logit(rate).ravel()


def met_by(emulator: Emulator, key: Key, z: np.ndarray, coefficient: np.ndarray) -> tuple[float, float]:
    """Mean and SD of engine less emulator, logits, at the nodes nearest to each draw."""
    rng = stream(0, "met")
    nodes = {name: near(name, z, rng, 1, 0.0) for name in (LEAK, SLIP, *axes_of(*key[1:]))}
    scores, y = at_nodes(key, z, coefficient, nodes)
    off = y - emulator.logit(scores)
    return float(off.mean()), float(off.std())


def _told(found: Calibration) -> str:
    errors = [one.error for one in found.emulators.values()]
    text = f"left-out SD of logits {np.median(errors):.2f} (most {max(errors):.2f})"
    if found.met:
        means = [abs(one[0]) for one in found.met[-1].values()]
        text += f"; off by {np.median(means):.2f} (most {max(means):.2f}) on draws not seen"
    return text


# --- The risk engine, in processes


class crew_of:
    """Processes that work out rates; None for one worker, which is this process."""

    def __init__(self, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(workers, mp_context=context) if workers > 1 else None

    def __enter__(self) -> ProcessPoolExecutor | None:
        return self.pool

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.shutdown()


def run(
    asked: Sequence[Asked],
    outer: Outer,
    faces: int,
    seed: int,
    crew: ProcessPoolExecutor | None,
    tell: Progress,
) -> Coefficients:
    """Coefficients of all conditions; blocks of draws go to processes."""
    starts = range(0, outer.draws, BLOCK)
    jobs = [(one, start) for start in starts for one in asked]
    done: dict[tuple[str, int], Mapping[Key, np.ndarray]] = {}
    for (one, start), result in zip(jobs, _results(jobs, outer, faces, seed, crew), strict=True):
        done[one.condition, start] = result
        tell(f"{len(done)} of {len(jobs)} parts")
    return {
        key: np.concatenate([done[one.condition, start][key] for start in starts])
        for one in asked
        for key in done[one.condition, 0]
    }


def _results(
    jobs: Sequence[tuple[Asked, int]], outer: Outer, faces: int, seed: int, crew: Any
) -> Iterator[Mapping[Key, np.ndarray]]:
    given = [(one, _block(outer, start), faces, seed + start // BLOCK) for one, start in jobs]
    if crew is None:
        yield from (rates(*some) for some in given)
        return
    waiting = [crew.submit(rates, *some) for some in given]
    for task in waiting:
        yield task.result()


def _block(outer: Outer, start: int) -> Outer:
    part = slice(start, start + BLOCK)
    return Outer({n: v[part] for n, v in outer.values.items()}, outer.basis, outer.shift[part])
