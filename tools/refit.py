"""Make the posterior and the left-out predictions again: a fit of everything, then one without each study.

usage: python -m tools.refit [--banks] [--whole-only] [--draws N] [--warmup N]

--banks makes the stored exposures again first (a minute). Progress goes to stderr. On two cores the fit takes some
minutes and the left-out fits less than an hour.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from endplate.catalogue import catalogue
from endplate.fit.clinic import banks
from endplate.fit.clinic.build import predicted_results
from endplate.fit.clinic.keys import bank_keys
from endplate.fit.clinic.run import Fit, fit, metric_of, problem_of_catalogue
from endplate.fit.clinic.sampler import Settings
from endplate.fit.clinic.store import predict_others, save_left_out, save_posterior, stored_fit
from endplate.fit.clinic.summary import rows


def main(arguments: list[str]) -> int:
    """Run it; 0 when everything is stored."""
    asked = argparse.ArgumentParser(prog="python -m tools.refit", description=__doc__)
    asked.add_argument("--banks", action="store_true", help="make the stored exposures again first")
    asked.add_argument("--whole-only", action="store_true", help="leave out no study")
    asked.add_argument("--left-out-only", action="store_true", help="start from the stored posterior")
    asked.add_argument("--left-out-draws", type=int, default=150)
    asked.add_argument("--left-out-warmup", type=int, default=60)
    asked.add_argument("--draws", type=int, default=400)
    asked.add_argument("--warmup", type=int, default=100)
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args(arguments)
    if given.banks:
        make_banks()
    elif banks.stored_hash() != banks.inputs_hash():
        print("The stored exposures are older than what they were made from: give --banks.", file=sys.stderr)
        return 2
    begun = time.perf_counter()
    whole = stored_fit() if given.left_out_only else fit_whole(given)
    if given.whole_only:
        return 0
    studies = problem_of_catalogue().studies
    settings = Settings(given.left_out_warmup, given.left_out_draws, 2, seed=1)
    start = metric_of(whole)
    without = fit(settings, left_out=studies, workers=given.workers, progress=told, start=start)
    save_left_out(whole, without, predict_others(whole))
    print(f"left-out predictions stored after {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return 0


def fit_whole(given: argparse.Namespace) -> Fit:
    """Fit everything, store the posterior, print it."""
    found = fit(Settings(given.warmup, given.draws, 4), workers=given.workers, progress=told)[""]
    save_posterior(found)
    for row in rows(found.names, found.values):
        print(row["id"], *row["posterior"], row["rhat"], row["effective_draws"], file=sys.stderr)
    return found


def make_banks() -> None:
    """Exposures of every row that can be predicted."""
    keys = bank_keys(predicted_results())
    made: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for k, key in enumerate(keys, 1):
        made[key.name] = banks.make(key)
        print(f"bank {k} of {len(keys)}", file=sys.stderr)
    banks.save(made)


def told(done: int, of: int) -> None:
    print(f"chain {done} of {of} ({catalogue().version})", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
