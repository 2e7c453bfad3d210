"""Virtual trials: 10,000 patients and a million of one glabellar plan over 180 days, time and memory.

One arm, 20 U of onabotulinumtoxinA, seven visits, four endpoints, a diary of onset, a median duration, responder
curves; parameter draws from the shipped posterior; two threads. The small trial is timed warm: the faces and
needles of the plan are ready from a first run in the same process (`ready_s`, all that a first run does). The large
one runs in a fresh interpreter, whose start and first faces count, and whose peak memory is read at the end.

Floor of 10,000: 50 draws, one per 200 patients, each with force tables of the entries its people are spread over,
at most 25 ms: 1.3 s on one core, 0.6 s on two; 10,000 people x 100 normal numbers and table look-ups are 0.02 s.
Floor of a million: 100 draws x 25 ms, and 1e6 x 100 numbers and look-ups at 1e8/s = 1 s: 2 s on two cores; memory,
one block of 10,000 people with 200 numbers of 8 bytes and one table (22 MB) a thread: 80 MB beside the
interpreter's libraries.

Prints one JSON object a line. The exit code is 1 when a limit is passed.

usage: python benchmarks/trial.py [rounds]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

from endplate.trial import Design, parse_design

WORKERS = 2
SMALL, SMALL_LIMIT_S = 10_000, 2.0
LARGE, LARGE_LIMIT_S, LARGE_LIMIT_GB = 1_000_000, 60.0, 1.0
DESIGN = """
schema = "endplate/trial/1"
title = "One glabellar plan over 180 days"
visits = [7, 30, 60, 90, 120, 150, 180]
[population]
sex = { female = 0.85, male = 0.15 }
age = { mean = 46, sd = 10, min = 18, max = 75 }
[[arms]]
name = "20 U"
n = 400
pattern = "glabellar_lines.onabotulinumtoxin_a"
[[endpoints]]
id = "investigator_none_mild"
area = "glabella"
[[endpoints]]
id = "subject_global_moderate"
area = "glabella"
[[endpoints]]
id = "composite_2_grades"
area = "glabella"
[[endpoints]]
id = "subject_onset"
area = "glabella"
days = [1, 3, 7]
[[durations]]
id = "loss_of_none_mild_both"
area = "glabella"
"""


def design() -> Design:
    return parse_design(DESIGN)


def run(patients: int, seed: int) -> Any:
    from endplate.trial.run import run_trial

    return run_trial(design(), patients=patients, seed=seed, workers=WORKERS)


def peak_gb() -> float | None:
    """Most memory that this process has held; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (1e9 if sys.platform == "darwin" else 1e6 / 1.024)


def say(case: str, **values: Any) -> None:
    print(json.dumps({"benchmark": "trial", "case": case, **values}), flush=True)


def rate(found: Any) -> float:
    """Share with none or mild lines by the investigator at day 30."""
    rows = found.arms[0].rates
    return round(next(r.rate for r in rows if r.endpoint == "investigator_none_mild" and r.day == 30), 4)


def small(rounds: int) -> bool:
    times, found = [], None
    for seed in range(rounds + 1):  # another seed: nothing but faces and needles is known already
        begun = time.perf_counter()
        found = run(SMALL, seed)
        times.append(time.perf_counter() - begun)
    took_s = statistics.median(times[1:])
    say(
        "10,000 patients x one glabellar plan x 180 days, warm",
        median_s=round(took_s, 2),
        limit_s=SMALL_LIMIT_S,
        ready_s=round(times[0], 2),
        draws=found.draws if found else None,
        none_or_mild_day_30=rate(found),
    )
    return took_s <= SMALL_LIMIT_S


def large() -> bool:
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, __file__, "alone"], capture_output=True, text=True)
    took_s = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"the large trial failed:\n{done.stderr}")
    told = json.loads(done.stdout)
    say(
        "1,000,000 patients x one glabellar plan x 180 days, fresh interpreter",
        took_s=round(took_s, 1),
        limit_s=LARGE_LIMIT_S,
        peak_gb=told["peak_gb"],
        limit_gb=LARGE_LIMIT_GB,
        none_or_mild_day_30=told["rate"],
    )
    return took_s <= LARGE_LIMIT_S and (told["peak_gb"] or 0.0) <= LARGE_LIMIT_GB


def alone() -> int:
    found, peak = run(LARGE, 0), peak_gb()
    print(json.dumps({"rate": rate(found), "peak_gb": peak and round(peak, 2)}))
    return 0


def main(words: list[str]) -> int:
    if words == ["alone"]:
        return alone()
    good = [small(int(words[0]) if words else 3), large()]
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
