"""What is built from the source holds every data file and names its licence."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from documents import ROOT

DATA = {".toml", ".csv", ".npz", ".js", ".html", ".css", ".json", ".py", ".md", ".typed"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and source archive, built with the hatchling that is installed (no network)."""
    folder = tmp_path_factory.mktemp("built")
    run = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return folder


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(built: Path) -> None:
    source = ROOT / "src"
    wanted = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.suffix in DATA}
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        held = set(wheel.namelist())
    assert {path for path in wanted if "__pycache__" not in path} - held == set()
    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert any(name.endswith("licenses/NOTICE") for name in held)


@pytest.mark.slow
def test_the_source_archive_can_build_and_test_itself(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "requirements.lock",
        "dev.py",
        "tools/words.py",
        "tests/conftest.py",
        "LICENSE",
    } <= held
    assert any(name.startswith("src/endplate/catalogue/data/") for name in held)
    assert not any("node_modules" in name or "_build" in name for name in held)
