"""Write the tables of docs/muscle-calibration.md and its pictures from the stored fit (docs/data/muscle_fit.json).

The fit itself is made by `python -m tools.fit_muscle`; this only reads it and the rows of the catalogue.

usage: python docs/make_muscle_calibration.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "muscle-calibration.md"
STORE = ROOT / "docs" / "data" / "muscle_fit.json"
IMAGES = ROOT / "docs" / "images"
NAMES = {
    "foot.volume_ml": "volume injected, mL (not found)",
    "junction.sensitivity.limb": "`junction.sensitivity.limb`",
    "threshold.rimabotulinumtoxin_b": "`threshold.rimabotulinumtoxin_b`, U/mm³",
    "junction.light_chain_half_life.a": "`junction.light_chain_half_life.a` (θ), d",
    "junction.light_chain_half_life.b": "`junction.light_chain_half_life.b`, d",
    "junction.sensitivity_sd": "`junction.sensitivity_sd` (σ)",
    "structural.on_rate.limb": "`structural.on_rate.limb`, 1/d",
    "structural.recovery_half_life": "`structural.recovery_half_life`, d",
    "section.on_rate.limb": "`section.on_rate.limb`, 1/d",
    "section.on_rate.jaw": "`section.on_rate.jaw`, 1/d",
    "section.recovery_half_life": "`section.recovery_half_life`, d",
    "section.maximal_loss": "`section.maximal_loss`",
    "rat.clock": "clock of the rat against man",
    "rat.exposure.a": "exposure over threshold, type A 5 U",
    "rat.exposure.e": "exposure over threshold, type E 20 U",
    "rat.half_life.e": "half-life of type E in the rat, d",
    "rat.spread": "spread of exposure, SD of its logarithm",
}


def load() -> dict[str, Any]:
    return json.loads(STORE.read_text("utf-8"))


def evidence() -> dict[str, Any]:
    from endplate.catalogue import catalogue

    return dict(catalogue().evidence)


def number(x: float | None, digits: int = 3) -> str:
    if x is None:
        return "beyond"
    return f"{x:.{digits}g}" if abs(x) < 1000 else f"{x:.0f}"


def observed(row: Any) -> str:
    """The number of a row as printed: value, range or bound."""
    if row.value is not None:
        return f"{row.value:g}" + (
            f" ({row.low:g} to {row.high:g})" if row.low is not None and row.high is not None else ""
        )
    if row.low is not None and row.high is not None:
        return f"{row.low:g} to {row.high:g}"
    if row.low is not None:
        return f"≥ {row.low:g}"
    return f"≤ {row.high:g}" if row.high is not None else "none printed"


def what(row: Any) -> str:
    dose = f", {row.units:g} U" if row.units is not None else ""
    day = f", day {row.day:g}" if row.day is not None and not re.search("week|day", row.endpoint) else ""
    return f"{row.endpoint}{dose}{day}"


def inside(flag: bool) -> str:
    return "yes" if flag else "**no**"


def foot_table(found: dict[str, Any], rows: dict[str, Any]) -> str:
    lines = [
        "| row | what | observed | error (basis) | fitted (90 %) | residual | 90 % of a new reading | inside |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in found["rows"]:
        row = rows[r["id"]]
        fitted = f"{r['fitted']:.2f} ({r['fitted_interval'][0]:.2f} to {r['fitted_interval'][1]:.2f})"
        reading = f"{r['reading_interval'][0]:.2f} to {r['reading_interval'][1]:.2f}"
        lines.append(
            f"| {row.row} | {what(row)} | {observed(row)} | {row.error:g} ({row.error_basis}) | {fitted} "
            f"| {r['residual']:+.3f} | {reading} | {inside(r['inside'])} |"
        )
    whole = found["whole"]
    point, bare = found["point"], found["bare"]
    verdict = (
        f"χ² is {whole['chi2']:.1f} over {len(found['rows'])} rows against each row's own error, and "
        f"{whole['chi2_study']:.1f} once studies may differ; with the values of the catalogue {point['chi2']:.1f} and "
        f"{point['chi2_study']:.1f}. Without any cause of the tail it is {bare['chi2']:.0f} (week 57: "
        f"{100 * bare['found']['v3.a_week57']:.0f} % left). A share of fibres that no dose blocks, left free, becomes "
        f"{100 * found['ceiling']['unblockable']:.0f} % and changes χ² by "
        f"{found['ceiling']['chi2'] - whole['chi2']:+.1f}: the rows do not need it, and the model has none."
    )
    return "\n".join([*lines, "", verdict])


def values_table(found: dict[str, Any]) -> str:
    whole, point = found["whole"], found["point"]["values"]
    lines = ["| quantity | prior (90 %) | posterior median (90 %) | in the catalogue |", "|---|---|---|---|"]
    for name in whole["names"]:
        low, high, basis = whole["priors"][name]
        a, b, c = whole["sampled"][name]
        given = number(point[name]) if name in point else "held by other rows, not moved"
        given = f"{number(point[name])} mL, declared" if name == "foot.volume_ml" else given
        prior = f"{number(low)} to {number(high)}, {basis}"
        lines.append(f"| {NAMES[name]} | {prior} | {number(b)} ({number(a)} to {number(c)}) | {given} |")
    weights = {float(k): v for k, v in whole["study_sd_weight"].items()}
    likely = [sd for sd, w in weights.items() if w > 0.05]
    lines.append(
        f"| difference between studies, SD of ln potency | 0.1 to 1, declared | {whole['study_sd']:g} most probable, "
        f"{min(likely):g} to {max(likely):g} | not a parameter of the model |"
    )
    lines += [
        "",
        f"{found['draws']} draws about the most probable values, {found['effective_draws']:.0f} of them effective.",
    ]
    return "\n".join(lines)


def correlations(found: dict[str, Any]) -> str:
    whole = found["whole"]
    names, matrix = whole["names"], whole["correlation"]
    pairs = [
        (abs(matrix[i][j]), matrix[i][j], names[i], names[j]) for i in range(len(names)) for j in range(i)
    ]
    strong = [p for p in sorted(pairs, reverse=True) if p[0] >= 0.4]
    lines = ["| pair | correlation |", "|---|---|"]
    lines += [f"| {_short(a)} and {_short(b)} | {value:+.2f} |" for _, value, a, b in strong]
    return "\n".join(lines)


def _short(name: str) -> str:
    return "injected volume" if name == "foot.volume_ml" else f"`{name}`"


def profile_table(found: dict[str, Any]) -> str:
    lines = [
        "| quantity | range tried | 90 % interval from the rows alone | held by the rows? |",
        "|---|---|---|---|",
    ]
    for p in found["profiles"]:
        low, high = p["interval"]
        held = {(False, False): "no", (True, False): "from below only", (False, True): "from above only"}
        word = held.get((low is not None, high is not None), "yes")
        ends = (
            f"{number(low) if low is not None else 'open'} to {number(high) if high is not None else 'open'}"
        )
        lines.append(
            f"| {NAMES[p['name']]} | {number(p['values'][0])} to {number(p['values'][-1])} | {ends} | {word} |"
        )
    return "\n".join(lines)


def law_table(found: dict[str, Any]) -> str:
    heads = [law["name"] for law in found["laws"]]
    lines = ["| | measured | " + " | ".join(heads) + " |", "|---" * (len(heads) + 2) + "|"]

    def row(name: str, measured: str, cell: Any) -> None:
        lines.append(f"| {name} | {measured} | " + " | ".join(cell(law) for law in found["laws"]) + " |")

    def clinic(key: str, digits: int = 2, scale: float = 1.0) -> Any:
        def cell(law: dict[str, Any]) -> str:
            value = law["clinic"][key]
            return "beyond 250" if value is None else f"{scale * value:.{digits}f}"

        return cell

    row("light chain of type A in the face", "", lambda law: law["face"])
    row("beyond one rate known from the face", "", lambda law: ", ".join(law["added"]))
    row("χ² of the foot rows", "", lambda law: f"{law['chi2']:.1f}")
    row("the same, studies may differ", "", lambda law: f"{law['chi2_study']:.1f}")
    row("minus log posterior", "", lambda law: f"{law['objective']:.1f}")
    row("V3: left at week 57", "0.22", lambda law: f"{law['week57']:.2f}")
    row("V3: type B left at week 11", "0", lambda law: f"{law['b_week11']:.2f}")
    row("C1: left on day 60, of day 30", "0.88", clinic("left_d60"))
    row("C1: left on day 90, of day 30", "0.60", clinic("left_d90"))
    row("C1: left on day 120, of day 30", "0.31", clinic("left_d120"))
    row("C3: week 24, 20 U", "0.16", clinic("missing_d168_20u"))
    row("C3: week 24, 40 U", "0.32", clinic("missing_d168_40u"))
    row("C3: days gained per doubling", "about 14", clinic("days_per_doubling", 0))
    row("C23: weeks gained, 1st to 4th treatment", "-2.1, 0.0", clinic("fourth_minus_first_weeks", 1))
    row("lid droop, mild, days", "14 to 42, at most 84", clinic("droop_days_mild", 0))
    row("lid droop, marked, days", "at most 56 to 84", clinic("droop_days_marked", 0))
    return "\n".join(lines)


def plain_rows(records: list[dict[str, Any]], rows: dict[str, Any], digits: int = 2) -> list[str]:
    lines = [
        "| row | what | observed | error (basis) | fitted | residual | inside |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in records:
        row = rows[r["id"]]
        numbers = f"{r['fitted']:.{digits}f} | {r['residual']:+.{digits}f} | {inside(r['inside'])}"
        where = row.preparation.split(",")[0]
        lines.append(
            f"| {row.row} | {where}: {what(row)} | {observed(row)} | {row.error:g} ({row.error_basis}) | {numbers} |"
        )
    return lines


def interval_table(block: dict[str, Any]) -> list[str]:
    lines = ["", "| quantity | most probable (90 %) |", "|---|---|"]
    for name, value in block["values"].items():
        low, high = block["intervals"][name]
        lines.append(f"| {NAMES[name]} | {number(value)} ({number(low)} to {number(high)}) |")
    return lines


def section_table(found: dict[str, Any], rows: dict[str, Any]) -> str:
    return "\n".join(plain_rows(found["section"]["rows"], rows) + interval_table(found["section"]))


def rat_table(found: dict[str, Any], rows: dict[str, Any]) -> str:
    return "\n".join(plain_rows(found["rat"]["rows"], rows) + interval_table(found["rat"]))


def sign_table(found: dict[str, Any], rows: dict[str, Any]) -> str:
    said = found["whole"]["found"]
    lines = ["| row | what | expected | model | holds |", "|---|---|---|---|---|"]
    for name in ("v1.down_48h", "v2.log_dose"):
        row, value = rows[name], said[name]
        low = float("-inf") if row.low is None else row.low
        high = float("inf") if row.high is None else row.high
        lines.append(
            f"| {row.row} | {what(row)} | {observed(row)} | {value:.2f} | {inside(low < value <= high)} |"
        )
    lag = found["order"]
    lines.append(f"| P6.12 | day of half recovery, force minus CMAP | > 0 | {lag:.0f} | by construction |")
    for name, key in (("p6_7.no_change", "mimic"), ("p6_8.no_atrophy", "eye")):
        row, value = rows[name], found["atrophy"][key]
        name = f"{row.preparation}: {row.endpoint}"
        lines.append(f"| {row.row} | {name} | {observed(row)} | {value:.3f} | by construction |")
    return "\n".join(lines)


def documented_table(rows: dict[str, Any]) -> str:
    shown = ("V1", "V2", "V3", "V12", "V20", "V22", "V23", "V33")
    lines = ["| row | what | printed | use |", "|---|---|---|---|"]
    for row in rows.values():
        if row.use == "documented" and row.row.split(",")[0] in shown:
            printed = observed(row) + (f" {row.unit}" if row.unit != "1" and row.value is not None else "")
            lines.append(f"| {row.row} | {row.endpoint} | {printed} | {row.note} |")
    return "\n".join(lines)


def tables() -> dict[str, str]:
    found, rows = load(), evidence()
    return {
        "foot": foot_table(found, rows),
        "values": values_table(found),
        "correlations": correlations(found),
        "profiles": profile_table(found),
        "laws": law_table(found),
        "section": section_table(found, rows),
        "signs": sign_table(found, rows),
        "rat": rat_table(found, rows),
        "documented": documented_table(rows),
    }


def written(page: str) -> str:
    """The page with the tables of the stored fit."""
    for name, table in tables().items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, rest = page.split(begin)
        page = before + begin + table + "\n" + rest[rest.index(end) :]
    return page


TICKS = {
    "junction.sensitivity_sd": (0.5, 1.0, 2.0),
    "junction.light_chain_half_life.a": (15, 30, 60),
    "structural.on_rate.limb": (0.001, 0.01, 0.1),
    "structural.recovery_half_life": (30, 200, 1000),
}
BLUE, RED, GREY = "#2b5c8a", "#b5482a", "#6b6b6b"


def draw_foot(found: dict[str, Any]) -> None:
    """CMAP of the foot after types A and B with the readings."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.6), width_ratios=(1.5, 1), sharey=True)
    curves = found["curves"]
    for axis, name, colour, label in (
        (left, "a_8.75", BLUE, "type A 8.75 U"),
        (left, "a_10", GREY, "type A 10 U"),
        (right, "b_400", RED, "type B 400 U"),
    ):
        c = curves[name]
        if name != "a_10":
            axis.fill_between(
                c["days"], c["low"], c["high"], color=colour, alpha=0.18, lw=0, label="90 % of the fit"
            )
        axis.plot(
            c["days"], c["median"], color=colour, lw=1.6, ls="--" if name == "a_10" else "-", label=label
        )
    left.errorbar(
        [14], [0.25], yerr=[[0.05], [0.05]], fmt="o", color=BLUE, capsize=3, label="V3, 7.5 to 10 U"
    )
    left.plot([49, 399], [1 - 0.75 * 0.94, 1 - 0.75 * 0.22], "o", color=BLUE)
    left.errorbar([21], [0.36], yerr=[0.09], fmt="s", color=GREY, capsize=3, label="V1, 10 U")
    left.errorbar([6], [0.125], yerr=[0.025], fmt="^", color="k", capsize=3, label="V2, 15 to 20 U")
    right.errorbar([14], [0.375], yerr=[0.125], fmt="o", color=RED, capsize=3, label="V3, 320 to 480 U")
    right.plot([49, 77], [1 - 0.625 * 0.34, 1.0], "o", color=RED)
    for axis in (left, right):
        axis.set(xlabel="day", ylim=(0, 1.05))
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, fontsize=8, loc="lower right")
    left.set(ylabel="CMAP relative to before", xlim=(-5, 405))
    _save(figure, "muscle-foot.png")


def draw_profiles(found: dict[str, Any]) -> None:
    """Profile likelihood of the four quantities."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 4, figsize=(10.4, 2.9), sharey=True)
    for axis, p in zip(axes, found["profiles"], strict=True):
        low, high, _ = found["whole"]["priors"][p["name"]]
        axis.axvspan(low, high, color=GREY, alpha=0.12, lw=0)
        axis.plot(p["values"], p["rise"], color=BLUE, marker="o", ms=3)
        axis.axhline(1.35, color=RED, lw=0.9, ls="--")
        axis.set(xscale="log", ylim=(0, 5), xlabel=p["name"].split(".", 1)[1])
        axis.set_xticks(TICKS[p["name"]], [f"{tick:g}" for tick in TICKS[p["name"]]])
        axis.minorticks_off()
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("rise of -log likelihood")
    _save(figure, "muscle-profiles.png")


def draw_section(found: dict[str, Any]) -> None:
    """Cross-section of limb and jaw with the readings."""
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(6.4, 3.6))
    block = found["section"]
    axis.plot(block["limb"]["days"], block["limb"]["section"], color=BLUE, label="foot after 10 U of type A")
    axis.plot(block["jaw"]["days"], block["jaw"]["section"], color=RED, label="masseter, 24 U")
    cmap = found["curves"]["a_10"]
    axis.plot(cmap["days"], cmap["median"], color=GREY, lw=1, ls=":", label="CMAP of the foot")
    axis.plot([228, 228, 365, 365], [0.73, 0.62, 0.88, 0.78], "o", color=BLUE, label="two calves (P6.10)")
    axis.errorbar([90], [0.674], yerr=[0.05], fmt="s", color=RED, capsize=3, label="eight masseters (P6.11)")
    axis.axvspan(
        42, 400, ymax=0.03, color=BLUE, alpha=0.35, lw=0, label="foot: least on day 42 or later (P6.9)"
    )
    axis.set(xlabel="day", ylabel="cross-section relative to before", xlim=(0, 400), ylim=(0.2, 1.02))
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=7.5, loc="lower right", ncols=2)
    _save(figure, "muscle-section.png")


def _save(figure: Any, name: str) -> None:
    import matplotlib.pyplot as plt

    figure.tight_layout()
    figure.savefig(IMAGES / name, dpi=110, metadata={"Software": None})
    plt.close(figure)


def main() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
    found = load()
    for draw in (draw_foot, draw_profiles, draw_section):
        draw(found)


if __name__ == "__main__":
    main()
