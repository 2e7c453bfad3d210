"""Reading the one lock file: which of its pinned, hashed entries does a set of groups need?

`requirements.lock` is universal: one file for every Python and platform, every group of the project, every
entry pinned with its hashes. Each entry says in a `# via` line who asked for it; following those lines from
the packages that `pyproject.toml` names for a group gives the part of the lock to install. Too much may be
taken (a package asked for only on another platform), never too little: the installer runs with
`--require-hashes` and refuses a dependency that is missing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.errors import DevError

PINNED = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==\S+")


@dataclass(frozen=True)
class Entry:
    """One pinned package as it stands in the lock: its text, and the packages that asked for it."""

    name: str
    text: str
    asked_by: frozenset[str]


def normal(name: str) -> str:
    """The one spelling of a package's name: lower case, hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    """The package in a requirement: `jax>=0.5; python_version < '3.12'` gives `jax`."""
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    if match is None:
        raise DevError(f"pyproject.toml names a requirement that cannot be read: {requirement!r}.")
    return normal(match.group(1))


def requirements(pyproject: Path) -> dict[str, list[str]]:
    """Group name to its requirements as written; the run-time dependencies are the group `core`."""
    data = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    project = data["project"]
    return {
        "core": project["dependencies"],
        **project.get("optional-dependencies", {}),
        **data.get("dependency-groups", {}),
    }


def read_lock(path: Path) -> list[Entry]:
    """Every entry of the lock, in its order; one package may stand there twice, for two ranges of Python."""
    if not path.is_file():
        raise DevError(f"{path.name} is missing: restore it, or make it with `python3 dev.py lock`.")
    blocks: list[list[str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if PINNED.match(line):
            blocks.append([line])
        elif blocks and line.strip():
            blocks[-1].append(line)
    return [_entry(block) for block in blocks]


def _entry(lines: list[str]) -> Entry:
    match = PINNED.match(lines[0])
    assert match is not None
    name, text = normal(match.group("name")), "\n".join(lines)
    if "--hash=sha256:" not in text:
        raise DevError(f"requirements.lock has no hash for {name}: make it again with `python3 dev.py lock`.")
    asked_by: set[str] = set()
    for line in lines[1:]:
        _, found, parents = line.partition("# via ")
        if found:
            asked_by.update(name_of(parent) for parent in parents.split(", "))
    return Entry(name, text, frozenset(asked_by))


def select(entries: list[Entry], names: Iterable[str]) -> str:
    """The part of the lock that `names` need, as a requirements file (every line pinned and hashed).

    Raises: DevError when a name is not in the lock (pyproject.toml was changed, the lock was not).
    """
    locked = {entry.name for entry in entries}
    wanted = {normal(name) for name in names}
    if missing := sorted(wanted - locked):
        raise DevError(
            f"requirements.lock has no {', '.join(missing)}: make it again with `python3 dev.py lock`."
        )
    while True:
        more = {entry.name for entry in entries if entry.asked_by & wanted} - wanted
        if not more:
            break
        wanted |= more
    return "\n".join(entry.text for entry in entries if entry.name in wanted) + "\n"
