"""The committed viewer: whole, licensed, self-contained; its sources pinned without download addresses."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[2] / "frontend"


@pytest.fixture(scope="module")
def bundle() -> str:
    return files("endplate.report").joinpath("static/viewer.js").read_text("utf-8")


def test_the_bundle_fits_into_a_script_element(bundle: str) -> None:
    assert "</script" not in bundle.lower()
    assert "<!--" not in bundle
    assert len(bundle) < 700_000


def test_the_bundle_carries_the_licence_of_what_it_holds(bundle: str) -> None:
    assert "The MIT License" in bundle[:400]
    assert "three.js authors" in bundle[:400]


def test_the_bundle_names_no_address_but_those_of_namespaces(bundle: str) -> None:
    assert set(re.findall(r"https?://([\w.-]+)", bundle)) <= {"www.w3.org"}
    assert not re.search(
        r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon)\s*\(", bundle.split("*/", 1)[1]
    )


def test_the_lock_pins_every_package_by_hash_and_without_an_address() -> None:
    text = (FRONTEND / "package-lock.json").read_text("utf-8")
    assert "://" not in text
    lock = json.loads(text)
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all("resolved" not in entry and entry["integrity"] for entry in packages.values())
    named = json.loads((FRONTEND / "package.json").read_text("utf-8"))
    for name, version in (named["dependencies"] | named["devDependencies"]).items():
        assert packages[f"node_modules/{name}"]["version"] == version


@pytest.mark.slow
def test_the_sources_build_the_committed_bundle(bundle: str) -> None:
    npx = shutil.which("npx")
    if npx is None or not (FRONTEND / "node_modules").is_dir():
        pytest.skip("needs Node and `npm ci` in frontend/")
    subprocess.run(
        [npx, "vite", "build", "--logLevel", "error"], cwd=FRONTEND, check=True, capture_output=True
    )
    assert (FRONTEND / "dist" / "viewer.js").read_text("utf-8") == bundle
