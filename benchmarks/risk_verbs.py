"""Risk, why, replay and compare for the label's glabellar plan, warm in one process, against what users are promised.

Limits: risk 3 s, its relative standard error 20 % where the risk is 1 % or more; why 0.2 s once the risk is there;
replay of 200 faces 3 s. `cold_s` is the first call, which draws the faces; `again_s` the median of three that follow.
`replay_other` is another plan on the same faces, which has to be laid on them first. `why_change_s` is the search for
the smallest change that halves the risk; nothing is promised of it.

Prints one JSON object a line. The exit code is 1 when a limit is passed.

usage: python benchmarks/risk_verbs.py [--change]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from endplate.assess.causes import cause_of
from endplate.assess.relief import relief_of
from endplate.assess.risks import risk, risks
from endplate.plan import read_plan, scale_units
from endplate.population.replayed import replay_of

PLAN = Path(__file__).parents[1] / "examples" / "glabellar-lines.toml"
FACES = 200
LIMITS_S = {"risk": 3.0, "why": 0.2, "replay": 3.0}
MOST_ERROR, FROM_RISK = 0.20, 0.01


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    found = call()
    return found, time.perf_counter() - begun


def measured(name: str, call: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    """The answer, and a line with its times."""
    found, cold = timed(call)
    again = statistics.median(timed(call)[1] for _ in range(3))
    line: dict[str, Any] = {"what": name, "cold_s": round(cold, 3), "again_s": round(again, 3)}
    if name in LIMITS_S:
        line |= {"limit_s": LIMITS_S[name], "holds": again <= LIMITS_S[name]}
    return found, line


def main(arguments: list[str]) -> int:
    plan, lines = read_plan(PLAN), []
    found, line = measured("risk", lambda: risk(plan))
    common = {one.effect: one for one in found.seen() if one.probability >= FROM_RISK}
    line["mc_error"] = {name: round(one.mc_error or 0.0, 3) for name, one in common.items()}
    line["lid_holds"] = line["mc_error"].get("eyelid_ptosis", 0.0) <= MOST_ERROR
    lines.append(line)
    run = found.mechanism
    cause, line = measured("why", lambda: cause_of(plan, run, "eyelid_ptosis"))
    lines.append(line)
    _, line = measured("replay", lambda: replay_of(plan, faces=FACES))
    lines.append(line)
    _, took = timed(lambda: replay_of(scale_units(plan, 1.5), faces=FACES))
    lines.append({"what": "replay_other", "again_s": round(took, 3)})
    _, line = measured("compare", lambda: risks([plan, scale_units(plan, 2.0)]))
    lines.append(line)
    if "--change" in arguments:
        relief, took = timed(lambda: relief_of(plan, run, cause))
        lines.append(
            {"what": "why_change", "again_s": round(took, 1), "found": len(relief.changes if relief else ())}
        )
    for line in lines:
        print(json.dumps(line))
    return int(any(value is False for line in lines for value in line.values()))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
