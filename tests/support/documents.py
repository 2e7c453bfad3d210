"""Reading the pages that the tests run: which fenced blocks they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(
    r"^(?P<marks>`{3,})(?P<language>[\w{}-]*)[^\n]*\n(?P<body>.*?)^(?P=marks)[ \t]*$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line on which the text begins."""

    language: str
    text: str
    line: int


def pages() -> list[Path]:
    """README.md and every page under docs/ (built output left out)."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if page.is_file() and "_build" not in page.parts]


def blocks(page: Path, *languages: str) -> list[Block]:
    """The page's fenced blocks in the given languages, in order."""
    text = page.read_text(encoding="utf-8")
    found = [
        Block(match["language"].strip("{}"), match["body"], text.count("\n", 0, match.start("body")) + 1)
        for match in FENCE.finditer(text)
    ]
    return [block for block in found if block.language in languages]


def page_id(page: Path) -> str:
    """How a page is called in the tests' names."""
    return page.relative_to(ROOT).as_posix()
