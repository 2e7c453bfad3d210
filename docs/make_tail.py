"""Write the table of the long tail into docs/model.md: what the model gives beside what was measured.

usage: python docs/make_tail.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "model.md"
BEGIN, END = "<!-- tail-table:begin -->\n", "<!-- tail-table:end -->"
DAYS = (14, 21, 49, 90, 120, 180, 365, 399)
TARGETS = (("corrugator_supercilii", "left"), ("procerus", "midline"))


def table() -> str:
    """The table as Markdown, with the measured figures of row V3 (`sloop1997`) below it.

    Every parameter at the centre of its prior, means over needles as experts place them.
    """
    sys.path.insert(0, str(ROOT))
    from endplate.model.simulate import prepared
    from endplate.plan import read_plan
    from tools.potency_priors import edb, mean_course

    foot = edb("onabotulinumtoxin_a", 8.75, DAYS[-1])
    face = prepared(read_plan(ROOT / "examples" / "glabellar-lines.toml"), None, DAYS[-1])
    cmap, force = mean_course(foot, "extensor_digitorum_brevis", "left")
    corrugator, procerus = (mean_course(face, *pair)[1] for pair in TARGETS)
    lines = [
        "| day | EDB 8.75 U: CMAP | EDB 8.75 U: force | glabella 20 U: corrugator force | procerus force |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {day} | {cmap[day]:.2f} | {force[day]:.2f} | {corrugator[day]:.2f} | {procerus[day]:.2f} |"
        for day in DAYS
    ]
    first = 1.0 - cmap[14]
    lines += [
        "",
        "| type A, 7.5 to 10 U in the EDB (`sloop1997`) | measured | model |",
        "|---|---|---|",
        f"| loss of CMAP at week 2 | 70 to 80 % | {100 * first:.0f} % |",
        f"| of that improved by week 7 | 6 % | {100 - 100 * (1.0 - cmap[49]) / first:.0f} % |",
        f"| of that left at week 57 | 22 % | {100 * (1.0 - cmap[399]) / first:.0f} % |",
        "",
    ]
    return "\n".join(lines)


def written(page: str) -> str:
    """The page with the table of this moment."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + table() + rest[rest.index(END) :]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
