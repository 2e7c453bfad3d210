"""Every Python example of the README and the documentation runs, as printed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import ROOT, blocks, page_id, pages

PAGES = [page for page in pages() if blocks(page, "python")]


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_the_examples_of_a_page_run_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    """The blocks of one page share their names, as a reader who types them in would have it."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    lines: list[str] = []
    for block in blocks(page, "python"):
        lines += [""] * (block.line - 1 - len(lines)) + block.text.splitlines()
    script = tmp_path / f"{page.stem}.py"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")  # line numbers are the page's own
    run = subprocess.run(
        [sys.executable, "-W", "error", script.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "MPLBACKEND": "agg"},
    )
    assert run.returncode == 0, f"{page_id(page)}\n{run.stderr[-3000:]}"


def test_the_readme_has_an_example() -> None:
    assert ROOT / "README.md" in PAGES
