"""What must not stand in the tree: paths of one machine, and addresses of package registries."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

TEXT = {".py", ".md", ".toml", ".csv", ".json", ".js", ".ts", ".html", ".css", ".txt", ".lock", ".cfg", ""}
# Written so that this file does not trip over itself.
MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:work|root|home|opt|tmp|Users|mnt|srv)/\w")
REGISTRY = re.compile(
    r"\b(?:files\.)?(?:py" r"pi|python" r"hosted|npm" r"js|deb" r"ian)\.(?:org|com|net)\b", re.I
)


def complaints(root: Path) -> list[str]:
    """One line per finding: file, line number, what was found."""
    found: list[str] = []
    for path in _files(root):
        if path.suffix not in TEXT or not path.is_file():
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            for kind, pattern in (("machine path", MACHINE_PATH), ("registry address", REGISTRY)):
                if match := pattern.search(line):
                    found.append(f"{path.relative_to(root)}:{number}: {kind} {match.group(0)!r}")
    return found


def _files(root: Path) -> list[Path]:
    """The files of the tree: what git would commit, or, without git, everything outside dot folders."""
    listed = (
        subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if (root / ".git").exists()
        else None
    )
    if listed is not None and listed.returncode == 0:
        return [root / name for name in listed.stdout.split("\0") if name]
    ignored = {"__pycache__", "node_modules", "_build", "build", "dist", "endplate-demo", "endplate-out"}
    return [
        path
        for path in root.rglob("*")
        if not any(
            (p.startswith(".") and p != ".ci") or p in ignored for p in path.relative_to(root).parts[:-1]
        )
    ]
