"""dev.py: a half-made environment is never taken for ready; a refusal is one sentence and exit code 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from documents import ROOT

from tools import environment, words
from tools.environment import Environment
from tools.errors import DevError
from tools.hygiene import complaints

SMALL = Environment(".venv-of-a-test", ("core",))


@pytest.fixture
def elsewhere(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """A root with the real pyproject.toml and lock, where filling an environment is one file."""
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(environment, "ROOT", tmp_path)

    def fill(_environment, aside, _pinned) -> None:
        environment.python_in(aside).parent.mkdir(parents=True)
        environment.python_in(aside).write_text("")

    monkeypatch.setattr(environment, "_fill", fill)
    return tmp_path


def test_an_environment_is_made_once_and_then_used_again(elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    python = environment.ensure(SMALL)
    assert python.exists()
    monkeypatch.setattr(environment, "_fill", lambda *_: pytest.fail("made a second time"))
    assert environment.ensure(SMALL) == python


def test_a_changed_lock_makes_it_anew(elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    environment.ensure(SMALL)
    lock = elsewhere / "requirements.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace("rich==", "rich==0.", 1), encoding="utf-8")
    former = (elsewhere / SMALL.folder / environment.STAMP).read_text(encoding="utf-8")
    environment.ensure(SMALL)
    assert (elsewhere / SMALL.folder / environment.STAMP).read_text(encoding="utf-8") != former


def test_an_interrupted_one_leaves_nothing_that_looks_ready(
    elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = environment._fill

    def interrupted(*arguments) -> None:
        whole(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "_fill", interrupted)
    with pytest.raises(KeyboardInterrupt):
        environment.ensure(SMALL)
    assert [path.name for path in elsewhere.iterdir() if path.name.startswith(".venv")] == []


def test_a_folder_without_the_stamp_is_not_ready(elsewhere) -> None:
    environment.python_in(elsewhere / SMALL.folder).parent.mkdir(parents=True)
    environment.python_in(elsewhere / SMALL.folder).write_text("half made")
    environment.ensure(SMALL)
    assert "stamp" in json.loads((elsewhere / SMALL.folder / environment.STAMP).read_text(encoding="utf-8"))


def test_what_a_killed_run_left_behind_is_thrown_away(elsewhere) -> None:
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    left, busy = (elsewhere / f".venv.partial-{number}" for number in (dead.pid, os.getppid()))
    left.mkdir()
    busy.mkdir()
    environment.ensure(SMALL)
    assert busy.exists()
    assert not left.exists()


def test_a_python_without_venv_is_told_what_to_install(elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(DevError, match="apt install python3-venv"):
        environment.ensure(SMALL)


def test_an_unknown_word_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert words.main(["paint"]) == 2
    refusal = capsys.readouterr().err
    assert refusal.count("\n") == 1
    assert "demo, test, lint" in refusal


def test_the_menu_file_can_be_read_by_an_old_python() -> None:
    """It must parse before it can refuse: no syntax that came after Python 3.0."""
    import ast

    text = (ROOT / "dev.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 4))
    assert 'f"' not in text


def test_the_tree_names_no_machine_and_no_registry() -> None:
    assert complaints(ROOT) == []


def test_a_machine_path_is_found(tmp_path) -> None:
    (tmp_path / "page.md").write_text("see /" + "home/someone/notes and ./wo" + "rk/x", encoding="utf-8")
    assert [line.split(": ")[0] for line in complaints(tmp_path)] == ["page.md:1"]
