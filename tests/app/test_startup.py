"""Starting must stay light: what is heavy is imported where it is used, never on the way in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("jax", "numpyro", "arviz", "weasyprint", "matplotlib", "sqlalchemy", "dask")

COMMAND = """
import json, sys
sys.argv = ["endplate", *json.loads(sys.argv[1])]
if len(sys.argv) > 1:
    from endplate.app.cli import main
    try:
        main()
    except SystemExit as ending:
        assert ending.code in (0, None), ending.code
else:
    import endplate
heavy = json.loads(sys.stdin.read())
print(json.dumps(sorted(set(heavy) & set(sys.modules))), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [[], ["--help"], ["simulate", "examples/glabellar-lines.toml", "--json", "--samples", "4"]],
    ids=["import", "help", "simulate"],
)
def test_starting_leaves_the_heavy_libraries_alone(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", COMMAND, json.dumps(arguments)],
        input=json.dumps(HEAVY),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert json.loads(run.stderr.splitlines()[-1]) == []
