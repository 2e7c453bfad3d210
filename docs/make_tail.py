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


def table() -> str:
    """The table as Markdown, with the measured figures of row V3 below it."""
    sys.path.insert(0, str(ROOT))
    from endplate.model.parameters import point_parameters
    from endplate.model.simulate import course_of, simulate_point
    from endplate.plan import read_plan
    from tools.potency_priors import edb, electrical_loss

    point = point_parameters()
    foot = edb("onabotulinumtoxin_a", 8.75, DAYS[-1])
    edb_course = course_of(None, foot, point)
    face = simulate_point(read_plan(ROOT / "examples" / "glabellar-lines.toml"), days=DAYS[-1])
    muscle = edb_course.row("extensor_digitorum_brevis", "left")
    corrugator, procerus = (
        face.row(*pair) for pair in (("corrugator_supercilii", "left"), ("procerus", "midline"))
    )
    loss = {day: electrical_loss(foot, point, "extensor_digitorum_brevis", "left", day) for day in DAYS}
    lines = [
        "| day | EDB 8.75 U: CMAP | EDB 8.75 U: force | glabella 20 U: corrugator force | procerus force |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {day} | {1 - loss[day]:.2f} | {edb_course.force[muscle, day]:.2f} | {face.force[corrugator, day]:.2f} "
        f"| {face.force[procerus, day]:.2f} |"
        for day in DAYS
    ]
    improved, left = 1.0 - loss[49] / loss[14], loss[399] / loss[14]
    lines += [
        "",
        "| row V3, type A 7.5 to 10 U in the EDB | measured | model |",
        "|---|---|---|",
        f"| loss of CMAP at week 2 | 70 to 80 % | {loss[14]:.0%} |",
        f"| of that improved by week 7 | 6 % | {improved:.0%} |",
        f"| of that left at week 57 | 22 % | {left:.0%} |",
        "",
    ]
    return "\n".join(lines)


def written(page: str) -> str:
    """The page with the table of this moment."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + table() + rest[rest.index(END) :]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
