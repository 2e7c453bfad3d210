"""Write the tables and pictures of docs/spread-calibration.md from the stored result of tools/fit_spread.py.

usage: python docs/make_spread_calibration.py
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "spread-calibration.md"
STORED = ROOT / "docs" / "data" / "spread_calibration.json"
PICTURES = ROOT / "docs" / "images"
LAWS = {
    "elwischger2014": (
        "fluid shows where its share of the volume passes a level; box with walls at the sides",
        "level of the image, width of the muscle; stretch and layer of spastic muscle for its own two rows",
    ),
    "borodic1994": (
        "a fibre is thin where the end plate it belongs to was reached; ends where the share of thin fibres is small",
        "threshold, volume, width, thickness, length of a fibre, last share counted, distance sampled",
    ),
    "shaari1993": (
        "share of fibres whose end plate, in a band across the muscle, was reached",
        "volume, dose over threshold, size of the muscle, width of the band",
    ),
    "shaari1991": (
        "the same share, toxin in the plane outside the muscle, mean over doses from 0.2 to 10 U",
        "volume laid on, threshold",
    ),
    "braune2001": (
        "a gland is silent where its threshold is passed: area (iodine), share under the capsule (sweat test)",
        "threshold of glands and its spread, area called visible, capsule, volume, spacing, depths; days per doubling",
    ),
}


def parts(stored: dict[str, Any]) -> dict[str, str]:
    """Every generated part of the page by its name."""
    return {
        "rows": rows_table(stored),
        "laws": laws_table(stored),
        "numbers": numbers_table(stored),
        "nuisances": nuisances_table(stored),
        "alone": alone_table(stored),
        "variants": variants_table(stored),
        "signs": signs_table(stored),
        "cylinder": cylinder_table(stored),
        "face": face_table(stored),
        "facts": facts(stored),
    }


def number(value: float) -> str:
    """Three significant digits without an exponent where that is short."""
    if value == 0.0:
        return "0"
    if abs(value) < 1e-3:
        mantissa, power = f"{value:.1e}".split("e")
        return f"{float(mantissa):g}e{int(power)}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def table(head: list[str], lines: list[list[str]]) -> str:
    return "\n".join(
        ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        + ["| " + " | ".join(line) + " |" for line in lines]
    )


def evidence() -> dict[str, Any]:
    from endplate.catalogue import catalogue

    return {name: entry for name, entry in catalogue().evidence.items() if entry.row.startswith("spread")}


def priors() -> dict[str, Any]:
    from endplate.fit.spread import priors

    return priors()


def between(low: float, high: float) -> str:
    return f"{number(low)} to {number(high)}"


def rows_table(stored: dict[str, Any]) -> str:
    known, lines = evidence(), []
    for entry in stored["rows"]:
        seen = known[entry["id"]]
        low, middle, high = entry["fitted"]
        observed = number(seen.value) if seen.value is not None else f"above {number(seen.low)}"
        lines.append(
            [
                f"`{entry['id']}`",
                f"{seen.endpoint}, {seen.unit}" if seen.unit != "1" else seen.endpoint,
                observed,
                f"{number(seen.error)} ({seen.error_basis})",
                number(middle),
                between(low, high),
                f"{entry['residual']:+.1f}",
                "yes" if entry["inside"] else "no",
                "yes" if entry["inside_with_error"] else "no",
            ]
        )
    head = [
        "row",
        "what",
        "observed",
        "one SD",
        "fitted",
        "5-95 %",
        "residual, SD",
        "inside",
        "with its error",
    ]
    return table(head, lines)


def laws_table(stored: dict[str, Any]) -> str:
    studies = dict.fromkeys(entry["id"].split(".")[0] for entry in stored["rows"])
    return table(["study", "law of reading", "numbers it adds"], [[f"`{s}`", *LAWS[s]] for s in studies])


def numbers_table(stored: dict[str, Any], program: bool = True) -> str:
    lines, known = [], priors()
    for entry in stored["numbers"]:
        if (entry["row"] == "all") != program or entry["row"] == "signs":
            continue
        prior, after = entry["prior"], entry["posterior"]
        lines.append(
            [
                f"`{entry['id']}`" if program else known[entry["id"]].name,
                known[entry["id"]].unit if program else f"{entry['row']}, {known[entry['id']].unit}",
                f"{number(prior[1])} ({between(prior[0], prior[2])})",
                f"{number(after[1])} ({between(after[0], after[2])})",
                f"{entry['shift']:+.2f}",
                f"{entry['width']:.2f}",
            ]
        )
    first = ["number", "unit"] if program else ["number", "rows, unit"]
    return table([*first, "prior", "after the fit", "shift", "width"], lines)


def nuisances_table(stored: dict[str, Any]) -> str:
    return numbers_table(stored, program=False)


def alone_table(stored: dict[str, Any]) -> str:
    names = [entry["id"] for entry in stored["numbers"] if entry["row"] == "all"]
    lines = []
    for entry in stored["alone"]:
        cells = [f"{s:+.1f} / {w:.2f}" for s, w in zip(entry["shift"], entry["width"], strict=True)]
        lines.append([f"`{entry['study']}`", *cells])
    return table(["study alone", *(f"`{name.split('.')[1]}`" for name in names)], lines)


def variants_table(stored: dict[str, Any]) -> str:
    words = {
        "whole": "the fluid fills the whole thickness of a limb muscle (the program's rule for thin face muscles)",
        "grows": "the opened layer grows with the cube root of the volume",
    }
    base = stored["diagnostics"]["log_evidence"]
    wanted = ("elwischger2014.thickness_1ml", "elwischger2014.length_2ml", "elwischger2014.thickness_2ml")
    slack = [e["id"] for e in stored["numbers"]].index("spread.layer_slack")
    first = [e for e in stored["rows"] if e["id"] in wanted]
    lines = [_variant("as fitted", 0.0, first, stored["numbers"][slack])]
    for name, entry in stored["variants"].items():
        some = [e for e in entry["rows"] if e["id"] in wanted]
        lines.append(_variant(words[name], entry["log_evidence"] - base, some, entry["numbers"][slack]))
    head = [
        "in limb muscle",
        "ln evidence",
        "1 mL: thickness",
        "2 mL: length",
        "2 mL: thickness",
        "`layer_slack`",
    ]
    return table(head, lines)


def _variant(
    words: str, evidence_gain: float, rows: list[dict[str, Any]], slack: dict[str, Any]
) -> list[str]:
    by_name = {row["id"].split(".")[1]: row["fitted"][1] for row in rows}
    order = ("thickness_1ml", "length_2ml", "thickness_2ml")
    low, middle, high = slack["posterior"]
    return [
        words,
        f"{evidence_gain:+.1f}",
        *(number(by_name[name]) for name in order),
        f"{number(middle)} ({between(low, high)})",
    ]


def verdict(entry: dict[str, Any]) -> str:
    """Whether the model gives what the study found, by the median of the effect."""
    if entry["id"] == "birklein2002.dose_ratio":
        seen = evidence()[entry["id"]].value
        inside = entry["low"] <= math.log(seen) <= entry["high"]
        return f"{'pass' if inside else 'fail'}: {number(seen)} seen, {number(math.exp(entry['median']))} predicted"
    if entry["seen"]:
        large = entry["detectable"] is None or entry["median"] > entry["detectable"]
        return "pass" if entry["median"] > 0.0 and large else "fail"
    return "pass" if abs(entry["median"]) < entry["detectable"] else "fail"


def signs_table(stored: dict[str, Any]) -> str:
    known, lines = evidence(), []
    for entry in stored["signs"]:
        least, needed = entry["detectable"], entry["needed"]
        size = known[entry["id"]].n
        lines.append(
            [
                f"`{entry['id']}`" + (f", {entry['case']}" if entry["case"] else ""),
                "an effect" if entry["seen"] else "none",
                f"{entry['median']:+.2f} ({entry['low']:+.2f} to {entry['high']:+.2f}), {entry['unit']}",
                f"{100 * entry['share_positive']:.0f} %",
                "" if least is None else f"{least:.2f} (n {entry['n']}{'' if size else ' assumed'})",
                "" if needed is None else (f"{max(2, math.ceil(needed))}" if needed < 1000 else "over 1000"),
                verdict(entry),
            ]
        )
    lines.append(
        [
            "`carli2009.products`",
            "none",
            "0: the kernel has no product in it",
            "",
            "",
            "",
            "pass, by construction",
        ]
    )
    head = [
        "row",
        "study saw",
        "model: median (5-95 %)",
        "sign as expected",
        "could be seen",
        "n needed",
        "result",
    ]
    return table(head, lines)


def cylinder_table(stored: dict[str, Any]) -> str:
    lines = [
        [
            f"`{name}`",
            number(entry["box"]),
            number(entry["cylinder"]),
            f"{100 * (entry['box'] / entry['cylinder'] - 1):+.1f} %",
        ]
        for name, entry in stored["cylinder"].items()
    ]
    return table(["read-out at the median point", "box", "cylinder, voxels", "difference"], lines)


def face_table(stored: dict[str, Any]) -> str:
    lines = []
    for entry in stored["face"]:
        before, after = entry["prior"], entry["posterior"]
        shares = [f"{100 * entry['squared'][i]:.0f} %" for i in (0, 1)]
        lines.append(
            [
                f"{entry['volume_ml']:g} mL",
                f"{number(before[1])} ({between(before[0], before[2])})",
                f"{number(after[1])} ({between(after[0], after[2])})",
                *shares,
            ]
        )
    head = ["volume", "radius before, mm", "radius after, mm", "from `fluid_fraction`", "from `layer_slack`"]
    return table(head, lines)


def facts(stored: dict[str, Any]) -> str:
    found, best, recipe = stored["diagnostics"], stored["best"], stored["recipe"]
    sentences = [
        f"{len(stored['rows'])} rows, {sum(e['row'] != 'signs' for e in stored['numbers'])} numbers.",
        f"{recipe['chains']} chains of {recipe['steps']} steps (seed {recipe['seed']}), started from",
        f"{recipe['particles']} particles tempered from the prior in {found['temperatures']} stages;",
        f"largest R-hat {found['r_hat']:.2f}, smallest effective number of draws {found['effective']:.0f}.",
        f"At the most probable point chi-squared is {best['chi2_rows']:.1f} over the rows that have a value, and",
        f"{best['prior_chi2']:.1f} over the priors. With more numbers than rows, a small chi-squared says only",
        "that the rows do not contradict one another.",
    ]
    return "\n".join(sentences)


def written(page: str, stored: dict[str, Any]) -> str:
    """The page with every generated part renewed."""
    for name, text in parts(stored).items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, rest = page.split(begin)
        page = before + begin + text + "\n" + rest[rest.index(end) :]
    return page


if __name__ == "__main__":
    from make_spread_pictures import draw_all

    result = json.loads(STORED.read_text("utf-8"))
    PAGE.write_text(written(PAGE.read_text("utf-8"), result), "utf-8")
    draw_all(result, PICTURES)
