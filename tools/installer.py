"""Installing pinned, hashed wheels into an environment from outside it: uv first, plain pip if uv fails.

Both refuse a file whose hash is not in the lock, and both take wheels only: nothing is compiled and no
build tool is downloaded unchecked.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from tools.errors import DevError

STRICT = ["--require-hashes", "--only-binary", ":all:"]
PIP_TO_UV = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}


def install(tool_python: Path, target_python: Path, wanted: Path, say: Callable[[str], None]) -> None:
    """Install the requirements file `wanted` for `target_python` with the tools of `tool_python`.

    Raises: DevError when neither tool could do it.
    """
    command = [
        str(tool_python),
        "-m",
        "uv",
        "pip",
        "install",
        "--python",
        str(target_python),
        *STRICT,
        "-r",
        str(wanted),
    ]
    run = subprocess.run(
        [*command, "--no-progress"], capture_output=True, text=True, env=uv_settings(tool_python)
    )
    if run.returncode == 0:
        return
    if _hash_refused(run):
        raise DevError(
            f"a downloaded package does not have the hash that requirements.lock asks for: {last_line(run)}"
        )
    say(f"uv could not do it ({last_line(run)}); trying pip, which is slower ...")
    with_pip(tool_python, target_python, wanted)


def with_pip(tool_python: Path, target_python: Path, wanted: Path) -> None:
    """Install with the pip of `tool_python`."""
    command = [str(tool_python), "-m", "pip", "--python", str(target_python), "--disable-pip-version-check"]
    run = subprocess.run(
        [*command, "install", "--quiet", "--no-compile", *STRICT, "-r", str(wanted)],
        capture_output=True,
        text=True,
    )
    if run.returncode == 0:
        return
    if _hash_refused(run):
        raise DevError(
            f"a downloaded package does not have the hash that requirements.lock asks for: {last_line(run)}"
        )
    raise DevError(f"packages could not be installed (is the network reachable?): {last_line(run)}")


def last_line(run: subprocess.CompletedProcess[str]) -> str:
    """The most telling line of a failed tool: the last that speaks of an error, else the last."""
    lines = [line.strip(" ×╰─▶├│") for line in (run.stderr or run.stdout or "").splitlines() if line.strip()]
    telling = [
        line for line in lines if re.search(r"error|fail|mismatch|no module|cannot|could not", line, re.I)
    ]
    return (telling or lines or ["it said nothing"])[-1][:300]


def _hash_refused(run: subprocess.CompletedProcess[str]) -> bool:
    return bool(re.search(r"hash mismatch|do not match the hashes", run.stderr or "", re.I))


def uv_settings(tool_python: Path) -> dict[str, str]:
    """The environment for uv, which does not read pip's settings: hand over the index and the certificate."""
    settings = dict(os.environ)
    listed = subprocess.run(
        [str(tool_python), "-m", "pip", "--disable-pip-version-check", "config", "list"],
        capture_output=True,
        text=True,
    )
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        name = PIP_TO_UV.get(key.rpartition(".")[2])
        if name and name not in settings:
            settings[name] = ast.literal_eval(value)
    return settings
