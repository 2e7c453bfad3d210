"""Bacteriostatic saline on day 7 after treatment of the forehead, re-run as a public example.

usage: python examples/rival/saline_day_7.py [--people 30000] [--seed 0]

The design is that of Rahman et al., Toxins 2025;17(10):498 (their parameters and program are not published, so the
design can be re-run and the numbers cannot be reproduced). People: drawn faces, needles that stray, doses that are
drawn up with an error, and sensitivities that differ; parameters at the medians of their draws. Force is that of the
frontalis behind the forehead lines, 1 before treatment. docs/rival-studies.md explains what comes out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.model import chain
from endplate.model.junction.entry import FOUR_STEP_HUMAN, entry_course
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.simulate import prepared
from endplate.plan import plan_from_dict
from endplate.population.bank import Bank, make_bank
from endplate.population.draws import draw_needles, stream
from endplate.population.posterior import draws_of
from endplate.population.tables import STEP

PATTERN, AREA = "forehead_lines.onabotulinumtoxin_a", "forehead"
SEX, AGE, DAYS, SALINE_DAY = "female", 45, 365, 7
MOST_FACES, MOST_NEEDLES, BLOCK = 60, 50, 200
PUBLISHED = {"without": (42.0, 27.3, 4.9), "with": (35.5, 21.8, 5.3)}
"""Days to 80 % of force; days to 30 %, mean and SD: without and with saline, as printed."""
LEVELS = (0.8, 0.3)


@dataclass(frozen=True)
class People:
    """Who is treated: an entry of the bank (face and needles), a normal score of sensitivity and of lag, (n,) each."""

    bank: Bank
    entry: np.ndarray
    sensitivity: np.ndarray
    lag: np.ndarray


def plan(saline: bool = False) -> Any:
    """The label's forehead plan; with saline, 0 units in 0.1 mL at the same frontalis sites a week later."""
    pattern = catalogue().patterns[PATTERN]
    sessions: list[dict] = [{"date": "2026-01-05", "product": pattern.product, "pattern": PATTERN}]
    if saline:
        same = ("muscle", "side", "layer", "landmark", "offset_mm", "volume_ml")
        sites = [
            {key: getattr(site, key) for key in same} | {"id": site.id, "units": 0}
            for site in pattern.sites
            if site.muscle == "frontalis"
        ]
        later = {"date": "2026-01-12", "product": pattern.product, "indication": pattern.indication}
        sessions.append({**later, "injections": sites})
    patient = {"age": AGE, "sex": SEX}
    return plan_from_dict({"schema": "endplate/plan/1", "patient": patient, "sessions": sessions})


def draw_people(count: int, seed: int) -> People:
    """People with their own sensitivity and lag, spread evenly over drawn faces and needles."""
    faces = min(MOST_FACES, max(4, count // 10))
    needles = min(MOST_NEEDLES, max(1, count // faces))
    bank = make_bank(plan(), sex=SEX, age=AGE, areas=[AREA], faces=faces, needles=needles, seed=seed)
    entry = np.arange(count) * bank.entries // count
    scores = [stream(seed, f"{what} of a person").standard_normal(count) for what in ("sensitivity", "lag")]
    return People(bank, entry, *scores)


def centre() -> dict[str, np.ndarray]:
    """One value of each parameter: the median of its draws (posterior where there is one, else prior)."""
    drawn = draws_of(catalogue().patterns[PATTERN].product, 4001, 0)
    return {name: np.array([np.median(value)]) for name, value in drawn.values.items()}


def courses(people: People, parameters: Mapping[str, Any], factor: float = 1.0) -> Iterator[np.ndarray]:
    """Force by day from the end of the lag, (n, day), of some people at a time: memory does not grow with their number.

    Args:
        factor: of all doses, or the share of the toxin that was left to act.
    """
    bank = people.bank
    force_only = {**parameters, "outcome.lasting_share": np.zeros(1)}
    shift = float(parameters["person.sensitivity_sd"][0]) * people.sensitivity + np.log(factor)
    shift = shift - np.log(float(parameters[f"threshold.{bank.product}"][0]))
    grid = STEP * np.arange(np.floor(shift.min() / STEP), np.ceil(shift.max() / STEP) + 2)
    for first in range(0, bank.entries, BLOCK):
        part = replace(bank, share={AREA: bank.shares(AREA)[first : first + BLOCK]})
        mine = np.flatnonzero((people.entry >= first) & (people.entry < first + BLOCK))
        if not len(mine):
            continue
        table = part.signal(AREA, force_only, grid, DAYS)
        place = (shift[mine] - grid[0]) / STEP
        low = np.floor(place).astype(int)
        weight = (place - low)[:, None].astype(np.float32)
        row = people.entry[mine] - first
        yield (1.0 - weight) * table[row, low] + weight * table[row, low + 1]


def day_back(force: np.ndarray, level: np.ndarray | float) -> np.ndarray:
    """Last day on which force rises to a level, (n,): NaN where it never fell below, infinite where it stays below."""
    rows, level = np.arange(len(force)), np.broadcast_to(level, len(force))
    below = force < level[:, None]
    last = force.shape[1] - 1 - np.argmax(below[:, ::-1], axis=1)
    after = np.minimum(last + 1, force.shape[1] - 1)
    f0, f1 = force[rows, last], force[rows, after]
    day = last + (level - f0) / np.where(f1 > f0, f1 - f0, 1.0)
    return np.where(~below.any(axis=1), np.nan, np.where(last == force.shape[1] - 1, np.inf, day))


def recovery(people: People, parameters: Mapping[str, Any], factor: float = 1.0) -> dict[str, np.ndarray]:
    """Of each person: days from injection until force is back, and the lowest force, (n,) each.

    `0.8` and `0.3` are levels of the force before treatment; `regained 0.8` and `regained 0.3` shares of the person's
    own loss.
    """
    parts: list[dict[str, np.ndarray]] = []
    for force in courses(people, parameters, factor):
        lowest = force.min(axis=1)
        nadir = np.argmin(force, axis=1)
        since = np.where(np.arange(force.shape[1]) < nadir[:, None], lowest[:, None], force)
        found = {f"{level}": day_back(force, level) for level in LEVELS}
        found |= {f"regained {p}": day_back(since, lowest + p * (1.0 - lowest)) for p in LEVELS}
        parts.append({**found, "lowest": lowest})
    out = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    spread = float(parameters["person.lag_sd"][0])
    lag = float(parameters["junction.lag"][0]) * np.exp(spread * people.lag)
    return {name: value if name == "lowest" else value + lag for name, value in out.items()}


def summary(days: np.ndarray) -> dict[str, float]:
    """Share of people who ever fell below; among those mean, SD and median of the day they were back."""
    fell = days[~np.isnan(days)]
    back = fell[np.isfinite(fell)]
    if len(back) < 20:
        return {"share": len(fell) / len(days), "mean": np.nan, "sd": np.nan, "median": np.nan}
    # Those still below on the last day have no mean; the median counts them as later than all others.
    return {
        "share": len(fell) / len(days),
        "mean": float(back.mean()),
        "sd": float(back.std(ddof=1)),
        "median": float(np.sort(fell)[len(fell) // 2]),
    }


def saline_difference(count: int, seed: int, faces: int = 4) -> float:
    """Largest difference that saline on day 7 makes to the force of any muscle of `count` people on any day."""
    from endplate.anatomy import sample_individual

    largest, each = 0.0, max(1, count // faces)
    for number in range(faces):
        face = sample_individual(SEX, AGE, int(stream(seed, f"face {number}").integers(2**31)))
        z = stream(seed, f"sensitivity on face {number}").standard_normal(each)
        values = {name: np.repeat(value, each) for name, value in point_parameters().values.items()}
        sd = float(catalogue().parameter("person.sensitivity_sd").value)
        own = f"threshold.{catalogue().patterns[PATTERN].product}"
        parameters = ParameterSet({**values, own: values[own] * np.exp(-sd * z)})
        found = []
        for saline in (False, True):
            setup = prepared(plan(saline), face, 180)
            needle = draw_needles(setup, [("unknown", "none")] * len(setup.sites), parameters, seed + number)
            force = np.ones((each, len(setup.endplates.names), 181))
            force[:, setup.active_muscles] = chain.forces(np, setup, parameters, needle)
            found.append(force)
        largest = max(largest, float(np.abs(found[1] - found[0]).max()))
    return largest


def free_share(hours: float, half_time_min: float) -> float:
    """Share of the toxin still free in tissue so long after injection: the most that a second fluid can take away."""
    return float(0.5 ** (60.0 * hours / half_time_min))


def unbound_in_human_fit(days: float) -> float:
    """Share still unbound in the four-step chain with the supply rate that Lebeda 2008 fits to human muscle."""
    pools = entry_course(FOUR_STEP_HUMAN, [1440.0 * days])[0]
    return float(pools[list(FOUR_STEP_HUMAN.unbound)].sum())


def paired_change(before: np.ndarray, after: np.ndarray) -> float:
    """Median change of a day over the people who fell below the level untouched; those who then no longer do are back
    on day 0."""
    fell = np.isfinite(before)
    if fell.sum() < 20:
        return np.nan
    return float(np.median(np.where(np.isnan(after[fell]), 0.0, after[fell]) - before[fell]))


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--people", type=int, default=30_000)
    ask.add_argument("--seed", type=int, default=0)
    given = ask.parse_args()
    if given.people < 40:
        ask.error("give at least 40 people")
    parameters = centre()
    people = draw_people(given.people, given.seed)
    found = recovery(people, parameters)
    print(f"{given.people} people, seed {given.seed}; median lowest force {np.median(found['lowest']):.2f}\n")
    print("force back at        share that fell below   mean    SD  median   printed (without, with saline)")
    for k, level in enumerate(LEVELS):
        row = summary(found[f"{level}"])
        printed = ", ".join(f"{PUBLISHED[arm][k]:.1f}" for arm in ("without", "with"))
        figures = f"{100 * row['share']:19.1f} % {row['mean']:8.1f} {row['sd']:5.1f} {row['median']:7.1f}"
        print(f"{100 * level:3.0f} % of the force {figures}   {printed}")
    difference = saline_difference(min(given.people, 200), given.seed)
    print(f"\nSaline on day {SALINE_DAY} changes force by at most {difference:g} in our model.")
    half_time = float(parameters["spread.uptake_half_time"][0])
    print("If a fluid took away all toxin that is still free, day of 80 % force would come earlier:")
    for hours in (0.25, 1, 4, 24, 24 * SALINE_DAY):
        free = free_share(hours, half_time)
        change = paired_change(found["0.8"], recovery(people, parameters, 1.0 - free)["0.8"])
        print(f"  after {hours:6.2f} h  {100 * free:8.3g} % still free  {change:+7.2f} days")


if __name__ == "__main__":
    main()
