"""What `endplate dossier` does: put the stored predictions beside the printed numbers, then print or write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from endplate.app.cli import emit
from endplate.app.places import folder_of
from endplate.model.course import BANNER

FILES = ("dossier.json", "dossier.csv")
STALE = "STALE: the evidence, a prior or the model has changed since these predictions were made."


def dossier(*, out: str | None = None, as_json: bool = False) -> None:
    """Print the dossier, or write it to a folder as JSON and CSV."""
    from endplate.fit.dossier import make_dossier
    from endplate.fit.dossier.document import to_json_dict

    folder = folder_of(out, FILES)
    found = make_dossier()
    if folder is not None:
        write(found, folder)
    if as_json:
        emit(to_json_dict(found))
        return
    print_dossier(found)
    if folder is not None:
        print(f"Written: {folder / FILES[0]}, {folder / FILES[1]}")


def write(found: Any, folder: Path) -> None:
    """`dossier.json` and `dossier.csv`."""
    from endplate.fit.dossier.document import to_csv, to_json_dict
    from endplate.report.files import write_whole

    document = json.dumps(to_json_dict(found), ensure_ascii=False, separators=(",", ":")) + "\n"
    for name, text in zip(FILES, (document, to_csv(found)), strict=True):
        write_whole(folder / name, text.encode())


def print_dossier(found: Any) -> None:
    """Study by study, then the figures that are counted, then each target."""
    from endplate.report import print_rows

    studies = dict.fromkeys(line.study for line in found.lines if line.active)
    for name in studies:
        lines = [line for line in found.lines if line.study == name and line.active]
        print_rows(f"{name}: {lines[0].product.replace('_', ' ')}", [_row(line) for line in lines])
        print()
    if found.direct:
        print_rows("Read directly (listed, not counted)", [_direct(row) for row in found.direct])
        print()
    print_rows("Groups of rows", [_group(name, one) for name, one in found.summary.items() if one["rows"]])
    print()
    rows = [
        {"target": t["what"], "is": _number(t["value"]), "should be": t["target"], "met": _yes(t["met"])}
        for t in found.targets
    ]
    print_rows("Targets (group a)", rows)
    print()
    for sentence in sentences(found):
        print(sentence)


def _row(line: Any) -> dict[str, Any]:
    show = _weeks if line.median else _points
    return {
        "endpoint": line.endpoint + ("" if line.area == "glabella" else f", {line.area.replace('_', ' ')}"),
        "day": "" if line.day is None else f"{line.day:g}",
        "units": f"{line.units:g}",
        "observed": show(line.observed),
        "predicted": show(line.predicted),
        "90 %": f"{show(line.interval90[0])} to {show(line.interval90[1])}",
        "inside": _yes(line.inside),
        "error": f"{line.error:.1f}",
        "floor": f"{line.floor_error:.1f}",
        "group": (line.group or "") + ("" if line.checked else ", recall"),
    }


def _direct(row: Any) -> dict[str, Any]:
    return {
        "study": row.study,
        "reads": row.reads.replace("_", " "),
        "arm": row.arm,
        "day": "" if row.day is None else f"{row.day:g}",
        "units": f"{row.units:g}",
        "observed": _points(row.observed),
        "predicted": _points(row.predicted),
        "90 %": f"{_points(row.interval90[0])} to {_points(row.interval90[1])}",
        "inside": _yes(row.inside),
        "error": f"{row.error:.1f}",
    }


def _group(name: str, one: Any) -> dict[str, Any]:
    cover, shares, medians = one["coverage"], one["shares"], one["medians"]
    return {
        "group": name,
        "rows": one["rows"],
        "studies": one["studies"],
        "inside": f"{100 * cover['share']:.0f} % ({100 * cover['low']:.0f} to {100 * cover['high']:.0f})",
        "error, points": _number(shares["mean_error"]),
        "floor": _number(shares["floor_error"]),
        "width, points": _number(shares["median_width"]),
        "its floor": _number(shares["floor_width"]),
        "largest error, weeks": _number(medians["largest_error"]),
    }


def sentences(found: Any) -> list[str]:
    """What the tables leave open, sentence by sentence."""
    from endplate.fit.dossier.summary import GROUPS

    placebo = sum(not line.active for line in found.lines)
    floor = (
        "Floor: sampling and spread between studies alone "
        f"(SD of the logit {found.floor['logit_sd']:.2f}, by moments from repeated numbers)."
    )
    out = [
        "Every row is predicted without its own study. Shares in %, errors in points; medians in weeks.",
        floor,
        *(f"{name}: {what}." for name, (what, _) in GROUPS.items()),
        f"{placebo} rows of placebo arms and {len(found.unpredicted)} rows that are not predicted stand in --json.",
        BANNER,
    ]
    return [STALE, *out] if found.stale else out


def _points(value: float) -> str:
    return f"{100 * value:.1f}"


def _weeks(value: float) -> str:
    return f"{value:.1f} wk"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def _yes(flag: bool | None) -> str:
    return "" if flag is None else "yes" if flag else "no"
