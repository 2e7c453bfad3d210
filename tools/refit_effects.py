"""Calibrate the unwanted effects by mechanism again, and store joint draws for the risk engine and what pages print.

usage: python -m tools.refit_effects [--workers N] [--try]

Half an hour on two cores. --try makes a small run that stores nothing. Progress goes to stderr. Then run
`python docs/make_effects.py`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from endplate.fit.effects import store, summary
from endplate.fit.effects.joint import Joint, draws_given
from endplate.fit.effects.rounds import Calibration, calibrate
from endplate.fit.effects.rows import Row, plan_of, table
from endplate.population.posterior import DATA

TRY: dict[str, Any] = {"rounds": (128, 64), "faces": 6}


def main(arguments: list[str]) -> int:
    """Run it; 0 when everything is stored."""
    asked = argparse.ArgumentParser(prog="python -m tools.refit_effects", description=__doc__)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--try", dest="small", action="store_true", help="a small run that stores nothing")
    given = asked.parse_args(arguments)
    begun = time.perf_counter()
    found = calibrate(workers=given.workers, progress=told, **(TRY if given.small else {}))
    settings = found.whole.settings
    drawn = draws_given(
        found.emulators, np.ones(len(found.whole.fitted)), int(settings["keep"]), int(settings["seed"])
    )
    told(f"joint draws: R-hat at most {drawn.rhat:.3f}, {drawn.diverging} diverging")
    moved = summary.unknowns(drawn)
    if given.small:
        report(moved, summary.rows_inside(found.emulators, drawn, 0))
        return 0
    store.save(found, drawn, summary.moved_by(moved), DATA)
    content = content_of(found, drawn, moved) | {"shipped": shipped(given.workers, drawn.report_sd)}
    store.save_found(content | {"seconds": round(time.perf_counter() - begun)})
    report(moved, content["rows"])
    return 0


def content_of(found: Calibration, drawn: Joint, moved: list[dict[str, Any]]) -> dict[str, Any]:
    """What pages print."""
    seed, count = (int(found.whole.settings[name]) for name in ("seed", "left_out"))
    given = found.whole.settings["report_sd"]
    rows = summary.rows_inside(found.emulators, drawn, seed)
    told("rows without their treatment")
    left_out = summary.rows_left_out(found.emulators, count, seed)
    told("models that lack a mechanism")
    return {
        "inputs": store.inputs_hash(),
        "rhat": round(drawn.rhat, 4),
        "diverging": drawn.diverging,
        "unknowns": moved,
        "report_sd": {
            "prior": [given[name] for name in ("low", "value", "high")],
            "posterior": [float(f"{v:.4g}") for v in np.quantile(drawn.report_sd, summary.ENDS)],
        },
        "rows": rows,
        "left_out": left_out,
        "models": summary.models(found, count, seed),
        "carried": summary.carried(found),
        "emulators": summary.met(found),
    }


def shipped(workers: int, report_sd: np.ndarray) -> list[dict[str, Any]]:
    """Every row, counted or not, by the risk engine with the draws just stored: in fresh processes."""
    names = list(dict.fromkeys(row.condition for row in table().rows))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(workers, 1), mp_context=context) as crew:
        parts = list(crew.map(shipped_condition, names, [report_sd] * len(names)))
    told("rows by the risk engine")
    return [one for part in parts for one in part]


def shipped_condition(name: str, report_sd: np.ndarray) -> list[dict[str, Any]]:
    """Rows of one treatment by `risk_of`; `vertical_deviation` is no effect of its own there."""
    from endplate.population.risk import risk_of

    condition = table().conditions[name]
    rows = [row for row in table().rows if row.condition == name and row.effect != "vertical_deviation"]
    only = list(dict.fromkeys(row.effect for row in rows))
    risks = [risk_of(plan_of(condition, one), only=only) for one in condition.settings]
    return [_shipped_row(row, risks, report_sd) for row in rows]


def _shipped_row(row: Row, risks: list[Any], report_sd: np.ndarray) -> dict[str, Any]:
    """One row; intervals of the rate are those that the risk engine prints, means over the plans of a treatment."""
    lines = [one.of(row.effect, "either", row.level) for one in risks]
    by_draw = [one.run.rates(row.effect, row.level)[..., 2].mean(axis=1) for one in risks]
    rate = np.clip(np.mean(by_draw, axis=0), 0.0, 1.0)
    found = summary.predicted(row, rate, np.resize(report_sd, len(rate)), 0)
    ends = np.mean([line.interval90 for line in lines], axis=0)
    mean = float(np.mean([line.probability for line in lines]))
    return found | {"model": [float(f"{v:.4g}") for v in (mean, *ends)]}


def report(moved: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """A short table on stderr."""
    for one in moved:
        print(f"{one['id']:42s} {one['prior']} -> {one['posterior']}", file=sys.stderr)
    for one in rows:
        print(
            f"{one['id']:48s} {one['observed']:.4f} {one['model']} {one['printed90']} {one['inside']}",
            file=sys.stderr,
        )


def told(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
