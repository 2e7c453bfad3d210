"""The door: `endplate triage` prints, writes, refuses in one line, and loads nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from endplate.report.triage_document import triage_json_schema

CASES = Path(__file__).resolve().parents[2] / "examples" / "triage"
HEAVY = ("jax", "numpyro", "matplotlib")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "endplate", "triage", *words], capture_output=True, text=True, timeout=60
    )


def test_an_emergency_is_the_first_thing_printed() -> None:
    done = run(str(CASES / "palsy-today.toml"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == "EMERGENCY NOW"


def test_json_fits_the_published_schema(tmp_path: Path) -> None:
    done = run(str(CASES / "synkinesis.toml"), "--json", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(triage_json_schema()).validate(document)
    assert json.loads((tmp_path / "out" / "triage.json").read_text(encoding="utf-8")) == document
    assert (tmp_path / "out" / "triage.html").is_file()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "empty"),
        ("schema = 3", "schema"),
        ('schema = "endplate/plan/1"\npatient = { age = 3, sex = "male" }', "no complaint"),
        (
            'schema = "endplate/plan/1"\n[patient]\nage = 3\nsex = "male"\n[complaint]\nindication = "x"',
            "complaint 1",
        ),
    ],
)
def test_a_bad_case_is_refused_in_one_line(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(content, encoding="utf-8")
    done = run(str(path), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_nothing_heavy_is_loaded() -> None:
    script = (
        "import sys; from pathlib import Path; from endplate.app.triage import triage; "
        f"triage(Path({str(CASES / 'botulism.toml')!r}), out=None, as_json=True); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "[]", done.stderr
