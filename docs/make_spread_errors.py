"""Write the tables and pictures of docs/spread-engines.md from what tools.spread_errors has measured.

usage: python docs/make_spread_errors.py [--pictures]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "spread-engines.md"
DATA = ROOT / "docs" / "data" / "spread_errors.json"
BEGIN, END = "<!-- errors-table:begin -->\n", "<!-- errors-table:end -->"
LEVATOR = "levator_palpebrae_superioris"
LIMIT = 0.3


def table() -> str:
    """Summary, one line per pattern, and the rows over the limit, as Markdown."""
    sys.path.insert(0, str(ROOT))
    from tools.spread_errors import log_ratio

    measured = json.loads(DATA.read_text("utf-8"))
    lines, over, named = list(HEADS), list(OVER_HEADS), []
    for name, rows in measured["patterns"].items():
        targets = [r for r in rows if r["role"] == "target"]
        named += targets
        lines.append("| " + " | ".join([f"`{name}`", *_cells(targets, rows)]) + " |")
        over += [
            _over(name, r) for r in targets if abs(log_ratio(r["median"])) > LIMIT and r["side"] != "right"
        ]
    many = [r for r in named if abs(log_ratio(r["median"])) > LIMIT]
    fire = max(abs(r["firing"]["default"] - r["firing"]["reference"]) for r in named)
    some = max(abs(r["firing"]["default"] - r["firing"]["reference"]) for r in many) if many else 0.0
    head = (
        f"Grid {measured['h_mm']:.2g} mm, a fascia like {measured['sheet_resistance_mm']:.2f} mm of tissue; "
        f"{measured['solves']} needles solved, {len(measured['patterns'])} patterns. "
        f"Of {len(named)} targets {len(many)} differ by more than {LIMIT} in the log of the median. The share of fibres"
        f" that fire on the weakest day differs by at most {fire:.2f} in any target, {some:.2f} in those."
    )
    after = (
        ["", "Over the limit (left sides and midline; the right ones mirror them):", "", *over]
        if many
        else []
    )
    return "\n".join([head, "", *lines, *after, "", _behind(measured["table"]), ""])


HEADS = (
    "| pattern | targets: median | worst target | worst other | levator: closed form, default, reference |",
    "|---|---|---|---|---|",
)
OVER_HEADS = (
    "| pattern | muscle | ln of medians | ln of means | median: default, reference | fire: default, reference |",
    "|---|---|---|---|---|---|",
)


def _behind(found: dict[str, dict[str, float]]) -> str:
    """What reading the table costs, against forward solutions at random tips."""
    parts = [
        f"{'under the skin' if name == 'skin' else 'inside the orbit'} rms {f['rms']:.2f} "
        f"(mean {f['mean']:+.2f}, worst {f['worst']:.2f}; {f['pairs']} pairs)"
        for name, f in found.items()
    ]
    return (
        "The table behind the barriers against forward solutions at 40 random tips within 8 mm of the rim, ln of the "
        f"mean over a muscle's endplates where it is above 1e-9 per mm³: {'; '.join(parts)}."
    )


def _cells(named: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[str]:
    from statistics import median

    from tools.spread_errors import log_ratio

    ratios = [log_ratio(r["median"]) for r in named]
    worst = max(named, key=lambda r: abs(log_ratio(r["median"])))
    others = [r for r in rows if r["role"] == "other"]
    beside = max(others, key=lambda r: abs(log_ratio(r["median"])), default=None)
    levator = [r["mean"] for r in rows if r["muscle"] == LEVATOR]
    strongest = max(levator, key=lambda m: m["closed"], default=None)
    return [
        f"{median(ratios):+.2f}",
        f"{_name(worst)} {log_ratio(worst['median']):+.2f}",
        "" if beside is None else f"{_name(beside)} {log_ratio(beside['median']):+.2f}",
        ""
        if strongest is None
        else ", ".join(_small(strongest[k]) for k in ("closed", "default", "reference")),
    ]


def _over(pattern: str, row: dict[str, Any]) -> str:
    from tools.spread_errors import log_ratio

    figures = (f"{log_ratio(row[k]):+.2f}" for k in ("median", "mean"))
    values = (", ".join(_small(row[k][e]) for e in ("default", "reference")) for k in ("median", "firing"))
    return "| " + " | ".join([f"`{pattern}`", _name(row), *figures, *values]) + " |"


def _name(row: dict[str, Any]) -> str:
    side = {"left": " l.", "right": " r.", "midline": ""}[row["side"]]
    return row["muscle"].replace("_", " ") + side


def _small(value: float) -> str:
    return "< 1e-9" if value < 1e-9 else f"{value:.2g}"


def written(page: str) -> str:
    """The page with the tables of the stored figures."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + table() + rest[rest.index(END) :]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
    if "--pictures" in sys.argv:
        import spread_pictures

        spread_pictures.draw_all(ROOT / "docs" / "images")
