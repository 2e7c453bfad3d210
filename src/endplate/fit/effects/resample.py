"""Sampling, importance, resampling: draws from the prior, the risk engine on each, weights, better proposals, again.

    round 1     rows of the pool as they come                        the prior
    later       rows picked with g = (emulated likelihood)^power     a stand-in, fitted to all rounds before
    weight      likelihood / mixture of all proposals, each against the prior

The emulator only proposes: weights come from the risk engine. A power below 1 keeps proposals wider than their goal.
Thresholds, the chance of a run-off and the spread between reports are summed over (`likelihood`).
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from endplate.fit.effects.emulator import fitted
from endplate.fit.effects.likelihood import log_marginal
from endplate.fit.effects.pool import Pool, prior_pool
from endplate.fit.effects.rates import BLOCK, Asked, Key, asked_of, rates
from endplate.fit.effects.rows import Row, Table, table
from endplate.population.draws import stream
from endplate.population.risk_draws import Outer

POWER = 0.7
CHUNK = 4000  # rows of the pool that are emulated at a time
Coefficients = dict[Key, np.ndarray]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Calibration:
    """What is left of all rounds.

    Attributes:
        rows (draw,): of the pool. chosen (draw,): round of each.
        coefficients: by (condition, effect, level), see `rates`.
        log_likelihood (draw,): of all fitted rows. log_proposal (draw,): ln of the mixture.
        effective: effective draws after each round. seconds, emulator_sd: of each round.
    """

    whole: Table
    pool: Pool
    rows: np.ndarray
    chosen: np.ndarray
    coefficients: Coefficients
    log_likelihood: np.ndarray
    log_proposal: np.ndarray
    effective: tuple[float, ...] = ()
    seconds: tuple[float, ...] = ()
    emulator_sd: tuple[float, ...] = ()

    def weights(self, used: Sequence[Row] | None = None) -> np.ndarray:
        """Normalised weights by all fitted rows, or by some, (draw,)."""
        found = self.log_likelihood
        if used is not None:
            found = log_marginal(used, self.whole, self.coefficients)
        return normalised(found - self.log_proposal)


def normalised(log_weight: np.ndarray) -> np.ndarray:
    found = np.exp(log_weight - log_weight.max())
    return np.asarray(found / found.sum())


def effective_size(weight: np.ndarray) -> float:
    """Number of equal weights that say as much."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def systematic(weight: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Indices in order, each as often as its weight says up to one, (count,)."""
    at = (np.arange(count) + rng.random()) / count * weight.sum()
    return np.minimum(np.searchsorted(np.cumsum(weight), at), len(weight) - 1)


def calibrate(
    *,
    workers: int = 2,
    progress: Progress | None = None,
    rounds: Sequence[int] | None = None,
    faces: int | None = None,
    pool_size: int | None = None,
) -> Calibration:
    """All rounds; sizes are those of `rows.toml` where none are given."""
    whole, tell = table(), progress or (lambda _: None)
    sizes = tuple(rounds or whole.settings["rounds"])
    seed, count = int(whole.settings["seed"]), faces or int(whole.settings["faces"])
    pool = prior_pool(pool_size or int(whole.settings["pool"]), seed)
    features = pool.features().astype(np.float32)
    proposals = [np.ones(pool.size)]
    asked = asked_of(whole.fitted)
    with crew_of(workers) as crew:
        begun, rows, error = time.perf_counter(), np.arange(sizes[0]), 0.0
        found = _first(whole, pool, rows, run(asked, pool.outer(rows), count, seed, crew, tell))
        for number, size in enumerate(sizes):
            if number:
                begun = time.perf_counter()
                one, error = proposal(found, features)
                proposals.append(one)
                rows = systematic(one, size, stream(seed, f"round {number}"))
                parts = run(asked, pool.outer(rows), count, seed, crew, tell)
                found = _more(found, rows, parts, proposals, sizes)
            effective, spent = effective_size(found.weights()), time.perf_counter() - begun
            found = replace(
                found,
                effective=(*found.effective, effective),
                seconds=(*found.seconds, spent),
                emulator_sd=(*found.emulator_sd, error),
            )
            tell(f"round {number + 1}: {size} draws, effective {effective:.0f}, {spent:.0f} s")
    return found


def _first(whole: Table, pool: Pool, rows: np.ndarray, parts: Coefficients) -> Calibration:
    likely = log_marginal(whole.fitted, whole, parts)
    return Calibration(whole, pool, rows, np.zeros(len(rows), int), parts, likely, np.zeros(len(rows)))


def _more(
    before: Calibration,
    rows: np.ndarray,
    parts: Coefficients,
    proposals: Sequence[np.ndarray],
    sizes: Sequence[int],
) -> Calibration:
    """One more round; what was drawn before is weighed against the mixture of all proposals."""
    number, whole = len(proposals) - 1, before.whole
    own = np.full(len(rows), number)
    likely = log_marginal(whole.fitted, whole, parts)
    rows = np.concatenate([before.rows, rows])
    total = sum(sizes[: number + 1])
    mixture = np.zeros(len(rows))
    for size, one in zip(sizes, proposals, strict=False):
        mixture += size / total * one[rows] / one.mean()
    return replace(
        before,
        rows=rows,
        chosen=np.concatenate([before.chosen, own]),
        coefficients={k: np.concatenate([before.coefficients[k], v]) for k, v in parts.items()},
        log_likelihood=np.concatenate([before.log_likelihood, likely]),
        log_proposal=np.log(mixture),
    )


def proposal(found: Calibration, features: np.ndarray) -> tuple[np.ndarray, float]:
    """Weight of every row of the pool, (row,): the emulated likelihood to a power below 1; and the emulator's error."""
    weight = 1.0 + np.minimum(len(found.rows) * found.weights(), 4.0)
    known = features[found.rows].astype(float)
    emulator, error = fitted(known, found.log_likelihood, weight)
    starts = range(0, len(features), CHUNK)
    log = np.concatenate([emulator(features[start : start + CHUNK].astype(float)) for start in starts])
    return np.exp(POWER * (log - log.max())), error


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
    jobs: Sequence[tuple[Asked, int]],
    outer: Outer,
    faces: int,
    seed: int,
    crew: ProcessPoolExecutor | None,
) -> Iterator[Mapping[Key, np.ndarray]]:
    if crew is None:
        yield from (rates(one, _block(outer, start), faces, seed) for one, start in jobs)
        return
    waiting = [crew.submit(rates, one, _block(outer, start), faces, seed) for one, start in jobs]
    for task in waiting:
        yield task.result()


def _block(outer: Outer, start: int) -> Outer:
    part = slice(start, start + BLOCK)
    return Outer({n: v[part] for n, v in outer.values.items()}, outer.basis, outer.shift[part])
