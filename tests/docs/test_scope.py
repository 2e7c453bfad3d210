"""The scope page promises only what the program does: its commands run, its tests are there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import ROOT

SCOPE = ROOT / "docs" / "scope.md"
ROW = re.compile(r"^\|(?P<subject>[^|]+)\|(?P<command>[^|]+)\|(?P<test>[^|]+)\|(?P<status>[^|]+)\|$", re.M)
NOT_YET = "not modelled yet, because"


def rows() -> list[dict[str, str]]:
    """The rows of the table, heading and rule left out."""
    found = [
        {k: v.strip() for k, v in m.groupdict().items()}
        for m in ROW.finditer(SCOPE.read_text(encoding="utf-8"))
    ]
    return [row for row in found if row["subject"] != "subject" and not row["subject"].startswith("---")]


def quoted(cell: str) -> list[str]:
    """What stands between backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


COMMANDS = sorted({command for row in rows() for command in quoted(row["command"])})


def test_a_subject_has_a_command_and_a_test_or_says_why_not() -> None:
    assert len(rows()) >= 18
    for row in rows():
        assert row["status"], row
        if not row["status"].startswith(NOT_YET):
            assert quoted(row["command"]), f"no command answers: {row['subject']}"
            assert quoted(row["test"]), f"no test holds: {row['subject']}"


def test_the_tests_that_the_scope_names_are_there() -> None:
    named = {path for row in rows() for path in quoted(row["test"])}
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_scope_runs(command: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    program, *arguments = shlex.split(command)
    assert program == "endplate"
    run = subprocess.run(
        [sys.executable, "-m", "endplate", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.strip()
