"""Write the tables of docs/clinical-fit.md and its pictures from the shipped posterior.

The fit itself is `endplate fit` or `python3 dev.py refit`; this only reads what it stored, and the catalogue.

usage: python docs/make_clinical_fit.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT / "docs") not in sys.path:
    sys.path.insert(0, str(ROOT / "docs"))

from clinical_fit_page import PICTURES, load, written  # noqa: E402

from endplate.population.posterior import DATA  # noqa: E402

PAGE = ROOT / "docs" / "clinical-fit.md"
IMAGES = ROOT / "docs" / "images"


def main() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    stored = load(DATA)
    PAGE.write_text(written(PAGE.read_text("utf-8"), stored), "utf-8")
    for name, draw in PICTURES.items():
        draw(stored, IMAGES / name)


if __name__ == "__main__":
    main()
