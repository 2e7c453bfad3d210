"""Sphinx settings. Build with `python3 dev.py docs`; a warning is an error."""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))

project = "endplate"
author = "the endplate authors"
project_copyright = f"2026, {author}"
_source = (HERE.parent / "src" / "endplate" / "__init__.py").read_text(encoding="utf-8")
_version = re.search(r'^__version__\s*=\s*"([^"]+)"', _source, re.M)
release = version = _version.group(1) if _version else "unknown"

extensions = ["myst_parser", "mathml"]
html_math_renderer = "mathml"
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_ext"]

html_theme = "furo"
html_title = "endplate"
html_copy_source = False
html_show_sphinx = False
