"""Write the tables and the picture of docs/sensitivity.md: what decides the course of a frown muscle.

usage: python docs/make_sensitivity.py [--run]

`--run` computes them anew (about 25 s of processor time) into docs/data/sensitivity.json; without it the tables are
made from what is stored. A test compares the page with the stored results, and these with the priors they came from.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "sensitivity.md"
DATA = ROOT / "docs" / "data" / "sensitivity.json"
PICTURE = ROOT / "docs" / "images" / "sensitivity.png"
PLAN = ROOT / "examples" / "glabellar-lines.toml"
MUSCLE = "corrugator_supercilii"
SHOWN, DOTS_PER_INCH = 6, 100


def inputs() -> str:
    """Hash of the priors and the plan behind the results."""
    from endplate.catalogue import catalogue
    from endplate.model.parameters import model_parameter_ids

    table = catalogue().parameters
    priors = [
        (n, table[n].value, table[n].low, table[n].high, table[n].scale, table[n].grade, table[n].drawn)
        for n in sorted(model_parameter_ids())
        if not n.startswith("operator.")  # an expert by hand
    ]
    text = json.dumps([priors, PLAN.read_text("utf-8"), MUSCLE], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run() -> None:
    """Compute, and store the published form and the picture."""
    from endplate import read_plan, sensitivity
    from endplate.report.sensitivity_document import to_json_dict
    from endplate.report.sensitivity_picture import sensitivity_figure

    found = sensitivity(read_plan(PLAN), MUSCLE)
    text = json.dumps({"inputs": inputs(), **to_json_dict(found)}, separators=(",", ":"), ensure_ascii=False)
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text(text + "\n", "utf-8")
    PICTURE.write_bytes(sensitivity_figure(found).png(DOTS_PER_INCH))


def load() -> dict:
    """The stored results."""
    return json.loads(DATA.read_text("utf-8"))


def table(stored: dict) -> str:
    """The inputs with the largest total shares, for each quantity."""
    lines = ["| quantity | input | total | alone | grade |", "|---|---|---|---|---|"]
    for found in stored["quantities"]:
        for k, row in enumerate(found["inputs"][:SHOWN]):
            name = found["quantity"] if k == 0 else ""
            lines.append(
                f"| {name} | `{row['id']}` | {share(row['total'])} | {share(row['first'])} | {row['grade']} |"
            )
    lines += ["", "| quantity | rests on D | rests on C and D |", "|---|---|---|"]
    for found in stored["quantities"]:
        by = found["total_by_grade"]
        lines.append(f"| {found['quantity']} | {share(by['D'])} | {share(by['CD'])} |")
    return "\n".join([*lines, ""])


def share(found: dict) -> str:
    """`49 % (41 to 56)`."""
    middle, low, high = (f"{100 * found[key]:.0f}".replace("-0", "0") for key in ("share", "low", "high"))
    return f"{middle} % ({low} to {high})"


def written(page: str, stored: dict) -> str:
    """The page with the tables of these results."""
    begin, end = "<!-- shares:begin -->\n", "<!-- shares:end -->"
    before, rest = page.split(begin)
    return before + begin + table(stored) + rest[rest.index(end) :]


if __name__ == "__main__":
    if "--run" in sys.argv[1:]:
        run()
    PAGE.write_text(written(PAGE.read_text("utf-8"), load()), "utf-8")
