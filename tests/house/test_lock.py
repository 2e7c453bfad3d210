"""The lock holds what pyproject.toml asks for, pinned and hashed, and says nothing about where to get it."""

from __future__ import annotations

import re

import pytest
from documents import ROOT

from tools import lockfile
from tools.environment import CORE, DOCS, LINT, PEERS, TEST, Environment
from tools.errors import DevError

LOCK = ROOT / "requirements.lock"
GROUPS = lockfile.requirements(ROOT / "pyproject.toml")


def part(environment: Environment) -> str:
    names = [lockfile.name_of(line) for group in environment.groups for line in GROUPS[group]]
    return lockfile.select(lockfile.read_lock(LOCK), names)


def packages(text: str) -> set[str]:
    return {
        lockfile.normal(match) for match in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", text, re.M)
    }


def test_the_lock_holds_no_address() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("group", GROUPS)
def test_every_requirement_of_a_group_is_locked(group: str) -> None:
    assert lockfile.select(lockfile.read_lock(LOCK), map(lockfile.name_of, GROUPS[group])).strip()


def test_every_locked_package_is_reached_from_some_group() -> None:
    names = [lockfile.name_of(line) for lines in GROUPS.values() for line in lines]
    entries = lockfile.read_lock(LOCK)
    assert packages(lockfile.select(entries, names)) == {entry.name for entry in entries}


def test_the_core_is_spared_the_tools_and_the_heavy_libraries() -> None:
    core = packages(part(CORE))
    assert {"numpy", "scipy", "xarray", "pandas", "matplotlib", "pydantic-core"} <= core
    tools = {"pytest", "sphinx", "ruff", "uv", "basedpyright"}
    assert not core & (tools | {"jax", "jaxlib", "python-libsbml", "numba", "fipy", "py-pde"})


@pytest.mark.parametrize("environment", [TEST, LINT, DOCS, PEERS], ids=lambda environment: environment.folder)
def test_every_environment_holds_the_core_at_the_same_versions(environment: Environment) -> None:
    assert set(part(CORE).splitlines()) <= set(part(environment).splitlines())


def test_a_requirement_that_is_not_locked_is_refused_with_the_remedy() -> None:
    with pytest.raises(DevError, match=r"no left-pad: make it again with `python3 dev.py lock`"):
        lockfile.select(lockfile.read_lock(LOCK), ["left-pad"])


def test_an_entry_without_a_hash_is_refused(tmp_path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("rich==15.0.0\n    # via endplate (pyproject.toml)\n", encoding="utf-8")
    with pytest.raises(DevError, match="no hash for rich"):
        lockfile.read_lock(lock)
