"""Environments of dev.py: built aside, stamped, renamed when complete; used again without the network.

An environment is a folder at the root of the repository (`.venv` is the one that users' dependencies fill).
It is made under another name and renamed at the end, so a half-made one is never taken for ready. The stamp
inside is a hash of everything that went in; when it differs, the environment is made anew.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tools import installer, lockfile
from tools.errors import DevError

ROOT = Path(__file__).resolve().parents[1]
STAMP = "endplate-environment.json"
LAYOUT = 1  # raise it when the way of building changes
WINDOWS = os.name == "nt"
STALE_AFTER_S = 3600.0


@dataclass(frozen=True)
class Environment:
    """A folder name and the groups of pyproject.toml that it holds."""

    folder: str
    groups: tuple[str, ...]

    @property
    def path(self) -> Path:
        return ROOT / self.folder

    @property
    def python(self) -> Path:
        return python_in(self.path)


CORE = Environment(".venv", ("core",))
TEST = Environment(".venv-test", ("core", "fit", "cluster", "exchange", "test"))
LINT = Environment(".venv-lint", ("core", "fit", "cluster", "exchange", "lint"))
DOCS = Environment(".venv-docs", ("core", "docs"))
PEERS = Environment(".venv-peers", ("core", "exchange", "peers"))
INSTALLER = Environment(".venv-installer", ("installer",))


def python_in(folder: Path) -> Path:
    """The interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if WINDOWS else "bin/python")


def ensure(environment: Environment) -> Path:
    """The environment's interpreter, after building the environment if it is not there as it should be.

    Raises: DevError, in one sentence, when it cannot be built.
    """
    pinned = _pinned(environment)
    stamp = _stamp(environment, pinned)
    if _ready(environment, stamp):
        return environment.python
    _require_venv()
    _remove_leftovers()
    started = time.monotonic()
    say(f"making {environment.folder} ({' + '.join(environment.groups)}) ...")
    aside = ROOT / f"{environment.folder}.partial-{os.getpid()}"
    try:
        _fill(environment, aside, pinned)
        (aside / STAMP).write_text(json.dumps({"stamp": stamp}) + "\n", encoding="utf-8")
        _move(aside, environment.path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    took_s = time.monotonic() - started
    say(f"{environment.folder} is ready: {_size_mb(environment.path):.0f} MB, {took_s:.0f} s")
    return environment.python


def say(text: str) -> None:
    """A line on what is being done, on stderr: stdout belongs to the program that is run."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def _pinned(environment: Environment) -> str:
    groups = lockfile.requirements(ROOT / "pyproject.toml")
    names = [lockfile.name_of(line) for group in environment.groups for line in groups[group]]
    return lockfile.select(lockfile.read_lock(ROOT / "requirements.lock"), names)


def _stamp(environment: Environment, pinned: str) -> str:
    # The folder is an input too: scripts inside hold it, so a moved or copied repository builds anew.
    inputs = [
        LAYOUT,
        environment.groups,
        pinned,
        str(environment.path),
        sys.version,
        os.path.realpath(sys.executable),
    ]
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def _ready(environment: Environment, stamp: str) -> bool:
    try:
        found = json.loads((environment.path / STAMP).read_text(encoding="utf-8"))["stamp"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return found == stamp and environment.python.exists()


def _require_venv() -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise DevError(
            "this Python cannot make a virtual environment, because its venv or ensurepip module is missing: "
            "install it (Debian and Ubuntu: `apt install python3-venv`) and run the same command again."
        )


def _fill(environment: Environment, aside: Path, pinned: str) -> None:
    with_pip = environment == INSTALLER
    command = [sys.executable, "-m", "venv", "--prompt", "endplate", str(aside)]
    run = subprocess.run(command if with_pip else [*command, "--without-pip"], capture_output=True, text=True)
    if run.returncode:
        raise DevError(f"python -m venv failed: {installer.last_line(run)}")
    wanted = aside / "requirements.txt"
    wanted.write_text(pinned, encoding="utf-8")
    if with_pip:
        installer.with_pip(python_in(aside), python_in(aside), wanted)
    else:
        installer.install(ensure(INSTALLER), python_in(aside), wanted, say)
        _add_project(aside)
    _rewrite_scripts(aside, environment.path)


def _add_project(aside: Path) -> None:
    """Make the project importable, and its command callable, straight from src/ (nothing is downloaded)."""
    probe = "import sysconfig; print(sysconfig.get_path('purelib'))"
    python = python_in(aside)
    site = Path(subprocess.check_output([str(python), "-I", "-c", probe], text=True).strip())
    (site / "endplate-source.pth").write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    body = "import sys\n\nfrom endplate.app.cli import main\n\nsys.exit(main())\n"
    if WINDOWS:
        (python.parent / "endplate-script.py").write_text(body, encoding="utf-8")
        (python.parent / "endplate.cmd").write_text('@"%~dp0python.exe" "%~dp0endplate-script.py" %*\n')
    else:
        script = python.parent / "endplate"
        script.write_text(f"#!{python}\n{body}", encoding="utf-8")
        script.chmod(0o755)


def _rewrite_scripts(aside: Path, final: Path) -> None:
    """Scripts name the folder they were made in: give them the final one before the folder is renamed."""
    old, new = os.fsencode(str(aside)), os.fsencode(str(final))
    for script in [*python_in(aside).parent.iterdir(), aside / "pyvenv.cfg"]:
        if script.is_symlink() or not script.is_file() or script.stat().st_size > 100_000:
            continue
        content = script.read_bytes()
        if old in content and b"\0" not in content:
            mode = script.stat().st_mode
            script.unlink()  # the installer may have hard-linked it from its cache: never write through
            script.write_bytes(content.replace(old, new))
            script.chmod(mode)


def _move(aside: Path, final: Path) -> None:
    former = final.with_name(f"{final.name}.old-{os.getpid()}")
    if final.exists():
        final.rename(former)
    aside.rename(final)
    shutil.rmtree(former, ignore_errors=True)


def _remove_leftovers() -> None:
    """Throw away what a killed run left behind (not what another run is making now)."""
    for pattern in (".venv*.partial-*", ".venv*.old-*"):
        for folder in ROOT.glob(pattern):
            if not _maker_runs(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _maker_runs(folder: Path) -> bool:
    """Whether the process whose id ends the folder's name may still be at work on it."""
    process_id = folder.name.rpartition("-")[2]
    if WINDOWS or not process_id.isdecimal():  # on Windows a look at a process by os.kill would end it
        return time.time() - folder.stat().st_mtime < STALE_AFTER_S
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _size_mb(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6
