"""Write docs/validation.md and its pictures from the stored predictions, every row without its own study.

usage: python docs/make_dossier.py [--direct]

The predictions are made by `python3 dev.py refit` (hours); this only puts them beside the printed numbers. --direct
first makes the direct readings again from the stored posterior (a minute or two): do so after every refit.
A test compares the tables of the page with this script, and another the hash of the inputs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dossier_pictures import calibration_picture, counted, rows_picture, short_product, words_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "validation.md"
IMAGES = ROOT / "docs" / "images"
PICTURES = {"validation-rows.svg": rows_picture, "validation-calibration.svg": calibration_picture}
BASELINES = {"label_mean": "label mean", "emax": "Emax without space", "conversion": "fixed unit conversion"}
WORST = 6


def blocks(found: Any) -> dict[str, str]:
    """The made parts of the page by name, as Markdown."""
    return {
        "verdict": verdict(found),
        "targets": targets(found),
        "groups": groups(found),
        "baselines": baselines(found),
        "pictures": pictures(found),
        "wrong": wrong(found),
        "floor": floor(found),
        "studies": studies(found),
        "rows": rows(found),
        "kept_aside": kept_aside(found),
        "placebo": placebo(found),
        "direct": direct(found),
        "not_predicted": not_predicted(found),
        "recipe": recipe(found),
    }


def written(page: str, found: Any) -> str:
    """The page with its made parts taken from this dossier."""
    for name, text in blocks(found).items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, rest = page.split(begin)
        page = before + begin + text + rest[rest.index(end) :]
    return page


def verdict(found: Any) -> str:
    a = found.summary["a"]
    cover, shares, medians = a["coverage"], a["shares"], a["medians"]
    met = sum(t["met"] is True for t in found.targets)
    beaten = [words for name, words in BASELINES.items() if _beaten(shares["baselines"][name])]
    rest = [words for words in BASELINES.values() if words not in beaten]
    stale = "**Stale: the evidence, a prior or the model has changed since.** " if found.stale else ""
    text = (
        f"{stale}Counted are {a['rows']} rows of {a['studies']} studies. {percent(cover['share'])} of them lie inside "
        f"their 90 % interval ({percent(cover['low'])} to {percent(cover['high'])} over studies). The mean error of a "
        f"share is {number(shares['mean_error'])} points where sampling and study-to-study spread alone would give "
        f"{number(shares['floor_error'])}; the median 90 % interval is {number(shares['median_width'])} points wide, "
        f"the floor's {number(shares['floor_width'])}. "
    )
    if medians["rows"]:
        text += (
            f"The largest error of {medians['rows']} medians is {number(medians['largest_error'])} weeks. "
        )
    text += f"Of {len(found.targets)} targets {met} are met. "
    text += f"On both scores it does better than: {', '.join(beaten) or 'no baseline'}"
    return text + (f"; not than: {', '.join(rest)}.\n" if rest else ".\n")


def targets(found: Any) -> str:
    lines = [
        [t["what"].replace("_", " "), number(t["value"], 2), t["target"], yes(t["met"])]
        for t in found.targets
    ]
    return table(["target, over the counted rows", "is", "should be", "met"], lines)


def groups(found: Any) -> str:
    headings = [
        "rows",
        "which",
        "n",
        "studies",
        "inside (over studies)",
        "error, points",
        "floor",
        "width, points",
        "floor",
        "largest error, weeks",
        "inside, in sample",
    ]
    lines = []
    for name, one in found.summary.items():
        cover, shares = one["coverage"], one["shares"]
        inside = f"{percent(cover['share'])} ({percent(cover['low'])} to {percent(cover['high'])})"
        lines.append(
            [
                f"`{name}`",
                one["what"],
                str(one["rows"]),
                str(one["studies"]),
                inside if one["rows"] else "",
                number(shares["mean_error"]),
                number(shares["floor_error"]),
                number(shares["median_width"]),
                number(shares["floor_width"]),
                number(one["medians"]["largest_error"]),
                percent(one["in_sample"]["coverage"]),
            ]
        )
    return table(headings, lines)


def baselines(found: Any) -> str:
    shares = found.summary["a"]["shares"]
    headings = [
        "",
        "rows",
        "inside",
        "width",
        "error",
        "interval score",
        "log score",
        "ours less it (over studies)",
    ]
    cover = [r.inside for r in found.lines if counted(r) and not r.median]
    lines = [
        [
            "**this model**",
            str(shares["rows"]),
            percent(sum(cover) / len(cover) if cover else None),
            *(number(shares[k]) for k in ("median_width", "mean_error", "interval_score")),
            number(shares["log_score"], 2),
            "",
        ]
    ]
    for name, words in BASELINES.items():
        one = shares["baselines"][name]
        less = one["interval_score_difference"]
        lines.append(
            [
                words,
                str(one["rows"]),
                percent(one["coverage"]),
                *(number(one[k]) for k in ("median_width", "mean_error", "interval_score")),
                number(one["log_score"], 2),
                f"{number(less['mean'])} ({number(less['low'])} to {number(less['high'])})",
            ]
        )
    weeks = found.summary["a"]["medians"]
    parts = [f"this model {number(weeks['mean_error'])}"]
    parts += [
        f"{words} {number(weeks['baselines'][name]['mean_error'])}" for name, words in BASELINES.items()
    ]
    after = (
        f"\nMedians, mean error in weeks over {weeks['rows']} rows: {', '.join(parts)}.\n"
        if weeks["rows"]
        else ""
    )
    return table(headings, lines) + after


def pictures(found: Any) -> str:
    del found
    return (
        "![Every row with its 90 % interval and the printed value](images/validation-rows.svg)\n\n"
        "![Predicted against printed shares, coverage by level](images/validation-calibration.svg)\n"
    )


def wrong(found: Any) -> str:
    """What the counted rows say, from the numbers alone."""
    active = [r for r in found.lines if r.active]
    worst = sorted((r for r in active if not r.median), key=lambda r: -r.error)[:WORST]
    out = [r for r in active if not r.inside]
    lines = [
        f"Of all {len(active)} predicted active rows, counted or not, {len(out)} lie outside their 90 % interval"
        + (
            ": "
            + "; ".join(f"{name(r)} ({value(r, r.observed)}, predicted {value(r, r.predicted)})" for r in out)
            if out
            else ""
        )
        + ".",
        "The largest errors of shares: "
        + "; ".join(
            f"{name(r)} {value(r, r.observed)} against {value(r, r.predicted)}, {r.error:.0f} points"
            for r in worst
        )
        + ".",
        "Mean signed error (predicted less printed, points) of read and recalled active shares, by family: "
        + signed(active, "family")
        + "; by product: "
        + signed(active, "product")
        + ".",
    ]
    return "\n\n".join(lines) + "\n"


def signed(lines: Sequence[Any], key: str) -> str:
    parts = []
    for group in dict.fromkeys(getattr(r, key) for r in lines if not r.median):
        mine = [100 * (r.predicted - r.observed) for r in lines if getattr(r, key) == group and not r.median]
        words = short_product(group) if key == "product" else group.replace("_", " ")
        parts.append(f"{words} {sum(mine) / len(mine):+.1f} ({len(mine)})")
    return ", ".join(parts)


def floor(found: Any) -> str:
    f = found.floor
    shares = found.summary["a"]["shares"]
    text = (
        f"Over all fitted studies the spread is an SD of {f['logit_sd']:.2f} on the logit, from {len(f['groups'])} "
        "groups of repeated numbers. Taking only numbers printed for the very same day it is "
        f"{f['logit_sd_same_printed_day']:.2f}, taking only rows that were read {f['logit_sd_read_rows_alone']:.2f}. "
        "Against the floor of the same printed day the ratios of the counted rows are "
        f"{number(shares['width_ratio_strict'], 2)} (width) and {number(shares['error_ratio_strict'], 2)} (error). "
        f"The spread of medians is {f['ln_median_sd']:.2f} on their logarithm.\n\n"
    )
    lines = [
        [str(k + 1), ", ".join(f"`{n}`" for n in group)]
        for k, group in enumerate(f["groups"] + f["median_groups"])
    ]
    return text + table(["group", "rows"], lines)


def studies(found: Any) -> str:
    headings = ["study", "product", "rows", "counted", "inside", "error, points", "floor", "largest miss"]
    out = []
    for study in dict.fromkeys(r.study for r in found.lines if r.active):
        mine = [r for r in found.lines if r.study == study and r.active]
        shares = [r for r in mine if not r.median]
        worst = max(mine, key=lambda r: r.error / max(r.floor_error, 0.1))
        out.append(
            [
                f"`{study}`",
                short_product(mine[0].product),
                str(len(mine)),
                str(sum(counted(r) for r in mine)),
                f"{sum(r.inside for r in mine)} of {len(mine)}",
                number(sum(r.error for r in shares) / len(shares)) if shares else "",
                number(sum(r.floor_error for r in shares) / len(shares)) if shares else "",
                f"{words_of(worst)}: {value(worst, worst.observed)}, predicted {value(worst, worst.predicted)}",
            ]
        )
    return table(headings, out)


def rows(found: Any) -> str:
    return _rows([r for r in found.lines if r.active and r.fitted])


def kept_aside(found: Any) -> str:
    return _rows([r for r in found.lines if r.active and not r.fitted])


def placebo(found: Any) -> str:
    return _rows([r for r in found.lines if not r.active])


def _rows(lines: Sequence[Any]) -> str:
    headings = ["row", "n", "printed", "predicted (90 %)", "inside", "error", "floor", "in sample", "group"]
    out = [
        [
            f"`{r.id}`",
            str(r.n),
            value(r, r.observed),
            f"{value(r, r.predicted)} ({value(r, r.interval90[0])} to {value(r, r.interval90[1])})",
            yes(r.inside),
            f"{r.error:.1f}",
            f"{r.floor_error:.1f}",
            value(r, r.predicted_in_sample),
            ", ".join(part for part in (r.group or "", "" if r.checked else "recall") if part),
        ]
        for r in lines
    ]
    return table(headings, out)


def direct(found: Any) -> str:
    headings = [
        "row",
        "n",
        "reads",
        "printed",
        "predicted (90 %)",
        "inside",
        "error",
        "SD of persons",
        "set a prior",
    ]
    out = [
        [
            f"`{r.id}`",
            "not read" if r.n is None else str(r.n),
            r.reads.replace("_", " "),
            value(r, r.observed),
            f"{value(r, r.predicted)} ({value(r, r.interval90[0])} to {value(r, r.interval90[1])})",
            yes(r.inside),
            f"{r.error:.1f}",
            "" if r.persons_sd is None else f"{100 * r.persons_sd:.1f}",
            "yes" if r.fitted else "no",
        ]
        for r in found.direct
    ]
    stale = (
        "**Stale: the posterior, a prior or the model has changed since.**\n\n" if found.direct_stale else ""
    )
    return stale + table(headings, out)


def not_predicted(found: Any) -> str:
    by_reason: dict[str, list[Any]] = {}
    for row in found.unpredicted:
        by_reason.setdefault(row.reason, []).append(row)
    ordered = sorted(by_reason.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    lines = [
        [reason, str(len(rows)), ", ".join(dict.fromkeys(r.row for r in rows))] for reason, rows in ordered
    ]
    return table([f"reason ({len(found.unpredicted)} rows)", "rows", "in the reading notes"], lines)


def recipe(found: Any) -> str:
    given = {k: v for k, v in found.recipe.items() if not isinstance(v, dict)}
    settings = ", ".join(f"{k} {v}" for k, v in given.items() if k != "inputs")
    return (
        f"Inputs `{found.inputs}`; {found.draws} draws a row" + (f"; {settings}" if settings else "") + ".\n"
    )


def name(line: Any) -> str:
    return f"{line.study}, {words_of(line)}"


def value(line: Any, v: float) -> str:
    return f"{v:.1f} wk" if line.unit == "weeks" else f"{100 * v:.1f}"


def number(v: float | None, digits: int = 1) -> str:
    return "" if v is None else f"{v:.{digits}f}"


def percent(v: float | None) -> str:
    return "" if v is None else f"{100 * v:.0f} %"


def yes(flag: bool | None) -> str:
    return "" if flag is None else "yes" if flag else "**no**"


def _beaten(baseline: Any) -> bool:
    """Whether ours is better on both scores."""
    less = [baseline[f"{key}_difference"]["mean"] for key in ("interval_score", "log_score")]
    return all(v is not None and v < 0 for v in less)


def table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    body = [list(headings), ["---"] * len(headings), *lines]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in body) + "\n"


def told(what: str, done: int, of: int) -> None:
    if done == of:
        print(f"{what}: {of}", file=sys.stderr, flush=True)


def main() -> None:
    from endplate.fit.dossier import make_dossier

    if "--direct" in sys.argv[1:]:
        from endplate.fit.dossier.direct_made import make

        make(progress=told)
    found = make_dossier()
    PAGE.write_text(written(PAGE.read_text("utf-8"), found), "utf-8")
    IMAGES.mkdir(exist_ok=True)
    for picture, draw in PICTURES.items():
        (IMAGES / picture).write_text(draw(found), "utf-8")
    if found.stale:
        print("The stored predictions are stale.", file=sys.stderr)
    if found.direct_stale:
        print("The direct readings are stale: give --direct.", file=sys.stderr)


if __name__ == "__main__":
    main()
