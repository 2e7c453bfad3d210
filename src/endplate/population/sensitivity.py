"""Which parameters decide: Sobol indices of one muscle's course over the priors.

Inputs are the drawn parameters that the chain reads for this muscle and this plan, each on its own, and the placement
of all needles (offsets and slips) as one input. The rest is what stands behind the bands: the same priors, the same
needles, the same equations, for the endplates of one muscle only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.model import chain
from endplate.model.backend import normal_quantile
from endplate.model.course import course_metrics
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import Setup, sparse
from endplate.population.bands import MOST_WORK, TABLE_BINS, Progress, draw_forces
from endplate.population.draws import draw_needles, prior_values, stream
from endplate.population.narrow import only_muscle
from endplate.population.sobol import Evaluate, Indices, check_samples, sobol_indices

NEEDLE = "needle placement"
QUANTITIES = {
    "nadir": "lowest force",
    "duration": "days with a tenth or more of the force missing",
    "onset": "speed of onset (one over the first day with a tenth of the force missing)",
    "exposure": "logarithm to base 10 of the median exposure over threshold",
}
UNITS = {"nadir": "1", "duration": "d", "onset": "1/d", "exposure": "log10"}
GRADE_GROUPS = ("D", "CD")
EXPOSURE_FLOOR = 1e-6  # of the threshold, far below any effect: a muscle out of reach still has a logarithm
EARLIEST_ONSET_D = 0.25  # an onset before this counts as this: one that was there on day 0 has no speed
ReadOut = Callable[[Setup, ParameterSet, chain.Needle], np.ndarray]


@dataclass(frozen=True)
class Decomposition:
    """Sobol indices of the course of one muscle.

    Attributes:
        inputs: ids of the parameters, and `NEEDLE`: the first rows of `indices`. After them one row for each of
            `GRADE_GROUPS`: all inputs of grade D together, all of C and D together.
        indices: first and total indices, (row, quantity), quantities in the order of `QUANTITIES`.
        never, longer: share of draws that never lack a tenth of the force, and that still do on the last day.
        evaluations: how many draws the chain was run for.
    """

    inputs: tuple[str, ...]
    indices: Indices
    never: float
    longer: float
    evaluations: int


def decompose(
    setup: Setup,
    row: int,
    operators: list[tuple[str, str]],
    *,
    samples: int,
    seed: int,
    progress: Progress | None = None,
) -> Decomposition:
    """Indices of the course of one muscle over all priors.

    Args:
        setup: a prepared plan.
        row: row of the muscle in `setup.endplates.names`, one of `setup.active_muscles`.
        operators: (experience, guidance) of each site.
        samples: rows of each of the two samples, a power of two; the chain runs for (inputs + 4) times as many draws.
        progress: called with (draws done, draws).

    Raises:
        ModelError: `samples` is not a power of two, or makes more work than anyone would wait for.
    """
    check_samples(samples)
    setup = sparse(only_muscle(setup, row))
    inputs = inputs_of(setup, operators)
    graded = [frozenset(n for n in inputs if grade_of(n) in grades) for grades in GRADE_GROUPS]
    groups = [*(frozenset({name}) for name in inputs), *graded]
    total = samples * (len(groups) + 2)
    _check_work(setup, total)
    evaluate = _evaluation(setup, operators, inputs, samples, seed, total, progress)
    found = sobol_indices(evaluate, groups, samples, stream(seed, "rows of the bootstrap"))
    base = dict(zip(QUANTITIES, found.base, strict=True))
    weak = base["onset"] > 0.0
    ends = 1.0 / np.where(weak, base["onset"], 1.0) + base["duration"]
    longer = weak & (ends >= setup.days - 1e-6)
    return Decomposition(inputs, found, float((~weak).mean()), float(longer.mean()), total)


def grade_of(name: str) -> str:
    """Grade of an input; placement has that of the priors which say how far needles stray."""
    return "D" if name == NEEDLE else catalogue().parameter(name).grade


def inputs_of(
    setup: Setup, operators: list[tuple[str, str]], read_out: ReadOut | None = None
) -> tuple[str, ...]:
    """What may vary for this plan: the drawn parameters that a read-out and the needles read, and the placement.

    Args:
        read_out: what is computed from setup, parameters and needle; None stands for the force.
    """
    values = _Recorder({name: np.repeat(value, 2) for name, value in point_parameters().values.items()})
    parameters = ParameterSet(values)
    needle = draw_needles(setup, operators, parameters, 0)
    needle = replace(needle, behind=np.zeros_like(needle.behind))
    if read_out is None:
        chain.forces(np, setup, parameters, needle)
    else:
        read_out(setup, parameters, needle)
    table = catalogue().parameters
    drawn = (n for n in values if table[n].drawn and table[n].low < table[n].high)
    return (*(name for name in drawn if name in values.were_read), NEEDLE)


class _Recorder(dict[str, np.ndarray]):
    """Parameter values that remember which of them were read."""

    def __init__(self, values: dict[str, np.ndarray]) -> None:
        super().__init__(values)
        self.were_read: set[str] = set()

    def __getitem__(self, name: str) -> np.ndarray:
        self.were_read.add(name)
        return super().__getitem__(name)


def _check_work(setup: Setup, total: int) -> None:
    points = len(setup.active) if len(setup.used_sessions) > 1 else TABLE_BINS
    if (setup.days - setup.start) * points * total > MOST_WORK:
        raise ModelError(
            f"{total} draws over {setup.days - setup.start} days take very long.",
            "",
            "Give fewer --samples or --days.",
        )


def _evaluation(
    setup: Setup,
    operators: list[tuple[str, str]],
    inputs: tuple[str, ...],
    samples: int,
    seed: int,
    total: int,
    progress: Progress | None,
) -> Evaluate:
    """The chain on two samples A and B of the priors, and on mixtures of them."""
    table, done = catalogue().parameters, [0]
    scores = normal_scores([n for n in inputs if n != NEEDLE], samples, seed)
    # The streams of `draw_needles` do not depend on the parameters that scale them: a seed is a sample of placements.
    needle_seeds = (seed, int(stream(seed, f"{NEEDLE} B").integers(2**62)))
    fixed = {name: np.full(samples, value[0]) for name, value in point_parameters().values.items()}
    # Half of the inputs act after the toxin has been taken up: with the rest unchanged the exposure is known already.
    spreading = frozenset(inputs_of(setup, operators, median_over_threshold))
    exposed: dict[frozenset[str], np.ndarray] = {}

    def told(part: int, _of: int) -> None:
        if progress is not None:
            progress(done[0] + part, total)

    def evaluate(from_b: frozenset[str]) -> np.ndarray:
        drawn = {n: prior_values(table[n], scores[n][n in from_b]) for n in inputs if n != NEEDLE}
        parameters = ParameterSet({**fixed, **drawn})
        needle = draw_needles(setup, operators, parameters, needle_seeds[NEEDLE in from_b])
        force = draw_forces(setup, parameters, needle, progress=told)[:, 0]
        done[0] += samples
        key = from_b & spreading
        if key not in exposed:
            exposed[key] = median_over_threshold(setup, parameters, needle)
        return quantities(setup, force, exposed[key])

    return evaluate


def normal_scores(names: list[str], samples: int, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Normal scores of each name in the samples A and B: points of a Sobol sequence, shifted at random.

    The shift makes the points a sample; the sequence itself is the same in every release of scipy.
    """
    from scipy.stats import qmc

    columns = 2 * len(names)
    points = qmc.Sobol(columns, scramble=False).random(samples)
    shifted = (points + stream(seed, "shift of the Sobol points").random(columns)) % 1.0
    z = normal_quantile(np.clip(shifted, 1e-12, 1.0 - 1e-12))
    return {name: (z[:, i], z[:, len(names) + i]) for i, name in enumerate(names)}


def quantities(setup: Setup, force: np.ndarray, over_threshold: np.ndarray) -> np.ndarray:
    """What is decomposed, (quantity, draw), in the order of `QUANTITIES`; all finite.

    A draw that never lacks a tenth of the force has a duration and a speed of onset of 0; one that still does on the
    last day counts up to that day.

    Args:
        force (draw, node): at the kept days. over_threshold (draw,): median exposure over threshold.
    """
    later = setup.nodes >= 0
    found = course_metrics(setup.nodes[later], force[:, later])
    never = np.isnan(found["onset_day"])
    onset = np.where(never, np.inf, np.maximum(found["onset_day"], EARLIEST_ONSET_D))
    to_the_end = np.where(never, 0.0, setup.days - onset)
    duration = np.where(np.isnan(found["duration_days"]), to_the_end, found["duration_days"])
    exposure = np.log10(np.maximum(over_threshold, EXPOSURE_FLOOR))
    return np.stack([found["nadir"], duration, 1.0 / onset, exposure])


def median_over_threshold(setup: Setup, parameters: ParameterSet, needle: chain.Needle) -> np.ndarray:
    """Median exposure of one muscle's endplates over its threshold, from the session(s) of day 0, (draw,)."""
    over = np.zeros((parameters.draws, len(setup.active)))
    for sent, exposure in zip(setup.sessions, chain.exposures(np, setup, parameters, needle), strict=True):
        if sent.day == 0:
            over += exposure / parameters[f"threshold.{sent.product}"][:, None]
    over *= parameters[f"junction.sensitivity.{setup.classes[0]}"][:, None]
    order = np.argsort(over, axis=1)
    # Endplates out of reach of every needle are not in the setup: they are the lowest.
    below = 1.0 - setup.weight.sum() + np.cumsum(setup.weight[order], axis=1)
    place = (below < 0.5 - 1e-9).sum(axis=1)
    middle = np.take_along_axis(over, np.take_along_axis(order, place[:, None], 1), 1)[:, 0]
    return np.where(1.0 - setup.weight.sum() >= 0.5 - 1e-9, 0.0, middle)
