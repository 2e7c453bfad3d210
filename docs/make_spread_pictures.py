"""The two pictures of docs/spread-calibration.md; `docs/make_spread_calibration.py` calls this."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from make_spread_calibration import between, evidence, number


def draw_all(stored: dict[str, Any], folder: Path) -> None:
    """Both pictures into a folder."""
    picture_numbers(stored, folder / "spread-calibration-numbers.png")
    picture_rows(stored, folder / "spread-calibration-rows.png")


def picture_numbers(stored: dict[str, Any], path: Path) -> None:
    """Prior and posterior interval of the six numbers, in SDs of the prior about its centre."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    six = [e for e in stored["numbers"] if e["row"] == "all"][::-1]
    figure, axes = plt.subplots(figsize=(7.2, 3.0), dpi=110)
    for y, entry in enumerate(six):
        centre = math.log(entry["prior"][1])

        def score(x: float, entry: dict[str, Any] = entry, centre: float = centre) -> float:
            end = entry["prior"][0] if math.log(x) < centre else entry["prior"][2]
            return 1.645 * (math.log(x) - centre) / abs(math.log(end) - centre)

        prior, after = ([score(x) for x in entry[kind]] for kind in ("prior", "posterior"))
        axes.plot(
            prior[::2],
            [y + 0.14] * 2,
            color="0.65",
            lw=5,
            solid_capstyle="butt",
            label="prior" if y == 0 else None,
        )
        axes.plot(
            after[::2],
            [y - 0.14] * 2,
            color="#1b5e8c",
            lw=5,
            solid_capstyle="butt",
            label="after the fit" if y == 0 else None,
        )
        axes.plot([after[1]], [y - 0.14], "o", color="white", ms=4)
        low, middle, high = entry["posterior"]
        axes.text(3.0, y, f"{number(middle)} ({between(low, high)})", va="center", fontsize=8)
    axes.axvline(0.0, color="0.8", lw=0.8, zorder=0)
    axes.set_yticks(range(len(six)), [e["id"].split(".")[1].replace("_", " ") for e in six], fontsize=9)
    axes.set_xlim(-2.8, 5.6)
    axes.set_xticks([-2, -1, 0, 1, 2])
    axes.set_xlabel("SDs of the prior from its centre (bars: 5-95 %)", fontsize=9)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=2, fontsize=8, frameon=False)
    _save(figure, path)


def picture_rows(stored: dict[str, Any], path: Path) -> None:
    """Fitted over observed for every row, log scale, with the row's own error."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    known, rows = evidence(), stored["rows"][::-1]
    figure, axes = plt.subplots(figsize=(7.2, 4.2), dpi=110)
    for y, entry in enumerate(rows):
        seen = known[entry["id"]]
        base = seen.value if seen.value is not None else seen.low
        spread = seen.error / base
        if seen.value is not None:
            axes.plot(
                [math.exp(-spread), math.exp(spread)],
                [y + 0.15] * 2,
                color="0.65",
                lw=4,
                label="observed, one SD" if y == 0 else None,
            )
        else:
            axes.annotate(
                "",
                xy=(1.8, y + 0.15),
                xytext=(1.0, y + 0.15),
                arrowprops={"arrowstyle": "->", "color": "0.5"},
            )
        low, middle, high = (x / base for x in entry["fitted"])
        axes.plot(
            [low, high], [y - 0.15] * 2, color="#1b5e8c", lw=2, label="fitted, 5-95 %" if y == 0 else None
        )
        axes.plot([middle], [y - 0.15], "o", color="#1b5e8c", ms=4)
    axes.axvline(1.0, color="0.8", lw=0.8, zorder=0)
    axes.set_xscale("log")
    axes.set_xticks([0.5, 0.7, 1.0, 1.5, 2.0], ["0.5", "0.7", "1", "1.5", "2"])
    axes.minorticks_off()
    axes.set_yticks(range(len(rows)), [e["id"].replace("_", " ") for e in rows], fontsize=8)
    axes.set_xlabel("over the observed value (arrow: a bound from below)", fontsize=9)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=2, fontsize=8, frameon=False)
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    for side in ("top", "right"):
        figure.axes[0].spines[side].set_visible(False)
    figure.tight_layout()
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Software": None})
