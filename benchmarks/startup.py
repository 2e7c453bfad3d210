"""How long a person waits for the program to answer, each time in a fresh interpreter.

Prints one JSON object a line: the case, the best time of the repeats (s), the limit (s), and how many times as long as
`import numpy` it took, which tells a slow machine from a slow program. The limits hold on 2
idle cores with a warm disk cache; on a busy machine the best of a few is the honest figure. The exit code is
1 when a limit is passed.

usage: python benchmarks/startup.py [repeats]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLAN = "examples/glabellar-lines.toml"
FOREHEAD = "examples/forehead-lines.toml"
CASE = "examples/triage/frown-lines.toml"

# case, arguments of the interpreter (OUT is a fresh folder), limit in seconds or None
CASES: list[tuple[str, list[str], float | None]] = [
    ("interpreter alone", ["-c", "pass"], None),
    ("import numpy", ["-c", "import numpy"], None),
    ("import endplate", ["-c", "import endplate"], None),
    ("endplate --help", ["-m", "endplate", "--help"], 0.3),
    ("cold check, rules only", ["-m", "endplate", "check", PLAN, "--rules-only"], 0.5),
    ("cold check, rules only, places measured", ["-m", "endplate", "check", FOREHEAD, "--rules-only"], None),
    ("cold check with course and risk", ["-m", "endplate", "check", PLAN], 4.0),
    ("cold triage", ["-m", "endplate", "triage", CASE], None),
    ("cold simulate --json, no pictures", ["-m", "endplate", "simulate", PLAN, "--json"], 1.5),
    ("cold simulate with report", ["-m", "endplate", "simulate", PLAN, "--out", "OUT"], 4.0),
]


def once(arguments: list[str]) -> float:
    """Wall time of one fresh interpreter (s). Raises: SystemExit when the command fails."""
    with tempfile.TemporaryDirectory() as folder:
        filled = [str(Path(folder) / "out") if word == "OUT" else word for word in arguments]
        started = time.perf_counter()
        run = subprocess.run([sys.executable, *filled], cwd=ROOT, capture_output=True, text=True)
        elapsed_s = time.perf_counter() - started
    if run.returncode:
        raise SystemExit(f"{' '.join(arguments)}: exit code {run.returncode}: {run.stderr[-300:]}")
    return elapsed_s


def main(repeats: int) -> int:
    late, peer_s = False, 0.0
    for case, arguments, limit_s in CASES:
        best_s = min(once(arguments) for _ in range(repeats))
        peer_s = best_s if case == "import numpy" else peer_s
        ratio = round(best_s / peer_s, 2) if peer_s else None
        line = {
            "benchmark": "startup",
            "case": case,
            "best_s": round(best_s, 3),
            "limit_s": limit_s,
            "numpys": ratio,
        }
        print(json.dumps(line), flush=True)
        late = late or (limit_s is not None and best_s > limit_s)
    return int(late)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
