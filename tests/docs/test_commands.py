"""Every command of the program explains itself, and the documentation names it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from documents import ROOT, pages
from make_cli import commands, reference

COMMANDS = commands()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_all_its_options_have_help(name: str) -> None:
    command = COMMANDS[name]
    assert (command.help or "").strip(), f"`{name}` has no help"
    silent = [
        p.name for p in command.params if not (getattr(p, "help", "") or "").strip() and p.name != "help"
    ]
    assert not silent, f"`{name}` has parameters without help: {silent}"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_named_in_a_page_that_people_write(name: str) -> None:
    written = [page for page in pages() if page.name != "cli.md"]
    assert any(name in page.read_text(encoding="utf-8") for page in written), f"no page names `{name}`"


def test_the_command_reference_is_what_the_program_says() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == reference(), "docs/cli.md is out of date: run `python docs/make_cli.py`"


def test_help_ends_with_success() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "endplate", "--help"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert "simulate" in run.stdout
