"""The tables and the picture of docs/repeated-sessions.md from the results that `make_sessions.py` stores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sessions_plan import CASES, FOLLOWED_D, INTERVALS_W, PICTURE_D, PICTURE_STEP_D, SESSIONS, SHARES, Case

COLOURS = {"one": "#5c6470", "four_12": "#2c3e86", "four_16": "#b4530f"}
WORDS = {"one": "one session", "four_12": "four, every 12 weeks", "four_16": "four, every 16 weeks"}
DASHES = {"one": "solid", "four_12": "solid", "four_16": (0, (3, 1.5))}
BEYOND = "beyond what was followed"
READ_OUTS = {"force": "force", "section": "cross-section"}


def tables(data: dict) -> dict[str, str]:
    """The tables of the page by name, as Markdown."""
    cases = data["cases"]
    return {
        "series": "\n".join(_series(cases, w) for w in INTERVALS_W),
        "fresh": _fresh(cases),
        "drawn": _drawn(cases),
        "c23": _c23(cases),
        "decides": _decides(cases),
        "antibodies": _antibodies(cases),
    }


def _series(cases: dict, weeks: int) -> str:
    headings = [
        f"every {weeks} weeks",
        "sessions",
        "lowest force",
        f"force at week {weeks}",
        "weak until day",
        "thinnest",
        f"cross-section at week {weeks}",
    ]
    rows = [
        [
            label(case) if count == 1 else "",
            str(count),
            f"{row['nadir']:.2f}",
            f"{row['before_next']:.2f}",
            until(row["duration_d"]),
            f"{row['thinnest']:.2f}",
            f"{row['section_before_next']:.2f}",
        ]
        for case in CASES
        for count, row in zip(SESSIONS, cases[case.name]["series"][str(weeks)], strict=True)
    ]
    return markdown(headings, rows)


def _fresh(cases: dict) -> str:
    headings = [
        "second session after 12 weeks",
        "lowest force, carried through",
        "fresh start",
        "weak until day, carried through",
        "fresh start",
        "difference, days",
    ]
    rows = []
    for case in CASES:
        first, second = cases[case.name]["series"]["12"][:2]
        rows.append(
            [
                label(case),
                f"{second['nadir']:.2f}",
                f"{first['nadir']:.2f}",
                until(second["duration_d"]),
                until(first["duration_d"]),
                difference(first["duration_d"], second["duration_d"]),
            ]
        )
    return markdown(headings, rows)


def _drawn(cases: dict) -> str:
    headings = [
        "over the draws",
        "interval",
        "first, days",
        "fourth, days",
        "change, days",
        "draws with a shorter fourth",
    ]
    rows = []
    for case in CASES:
        for weeks in INTERVALS_W:
            row = cases[case.name]["drawn"][str(weeks)]
            rows.append(
                [
                    label(case) if weeks == INTERVALS_W[0] else "",
                    f"{weeks} weeks",
                    band(row["first_d"]),
                    band(row["fourth_d"]),
                    band(row["change_d"], signed=True),
                    BEYOND if row["shorter"] is None else f"{100 * row['shorter']:.0f} %",
                ]
            )
    return markdown(headings, rows)


def _c23(cases: dict) -> str:
    from endplate.catalogue import catalogue

    rows = []
    for name, key in (("blepharospasm", "blepharospasm"), ("hemifacial spasm", "hemifacial")):
        early, late = (catalogue().evidence[f"c23.{key}_{when}"].value for when in ("early", "late"))
        rows.append([f"{name}, long series", *_weeks(early, late)])
    for weeks in INTERVALS_W:
        series = cases["orbicularis"]["series"][str(weeks)]
        pair = (series[0]["duration_d"], series[-1]["duration_d"])
        rows.append([f"model, orbicularis, every {weeks} weeks, same dose", *_weeks(*pair)])
    return markdown(["effect", "early or first, weeks", "late or fourth, weeks", "change"], rows)


def _weeks(first_d: float | None, last_d: float | None) -> list[str]:
    if first_d is None or last_d is None:
        return [until(first_d), until(last_d), BEYOND]
    change = f"{100 * (last_d / first_d - 1):+.0f} %".replace("+0 %", "0 %")
    return [f"{first_d / 7:.1f}", f"{last_d / 7:.1f}", change]


def _decides(cases: dict) -> str:
    names = list(cases[CASES[0].name]["decides"])
    rows = []
    for case in CASES:
        pairs = [cases[case.name]["decides"][name] for name in names]
        cells = [f"{until(a['duration_d'])} → {until(b['duration_d'])}" for a, b in pairs]
        rows.append([label(case), *cells])
    return markdown(["weak until day, first → fourth session, every 12 weeks", *names], rows)


def _antibodies(cases: dict) -> str:
    rows = []
    for case in CASES:
        for k, words in enumerate(("one session", "fourth session")):
            pairs = [pair[k] for pair in cases[case.name]["antibodies"]]
            cells = [f"{row['nadir']:.2f}, {until(row['duration_d'])}" for row in pairs]
            rows.append([f"{label(case)}, {words}", *cells])
    return markdown(["share removed", *(f"{100 * share:.0f} %" for share in SHARES)], rows)


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, with an empty line after it."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def label(case: Case) -> str:
    return f"{case.name} ({case.muscle_class})"


def until(day: float | None) -> str:
    """Day from which less than a tenth is missing; `never weak` and `>1092` at the ends."""
    if day is None:
        return f">{FOLLOWED_D}"
    return "never weak" if day == 0.0 else f"{day:.0f}"


def difference(first: float | None, later: float | None) -> str:
    if first is None or later is None:
        return BEYOND
    return f"{later - first:+.0f}"


def band(ends: list[float | None], *, signed: bool = False) -> str:
    """Median and 90 % band of days; a change (signed) has no bound where the end was not followed."""
    sign, beyond = ("+", BEYOND) if signed else ("", f">{FOLLOWED_D}")
    low, middle, high = (beyond if v is None else f"{v:{sign}.0f}" for v in ends)
    return f"{middle} ({low} to {high})"


def written(page: str, data: dict) -> str:
    """The page with the tables of these results."""
    for name, table in tables(data).items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, rest = page.split(begin)
        page = before + begin + table + rest[rest.index(end) :]
    return page


def picture(data: dict) -> bytes:
    """Force over 64 weeks and cross-section below it, one column a muscle, as PNG."""
    from endplate.report.canvas import Canvas, Panel
    from endplate.report.palette import HEAD_PT, SMALL_PT, SOFT, TEXT_PT, TITLE_PT

    width, height, gap, left = 128.0, 92.0, 14.0, 34.0
    canvas = Canvas(left + 4 * width + 3 * gap + 10.0, 318.0)
    canvas.text(
        left, 300.0, "One and four treatment sessions, state carried through", TITLE_PT, weight="bold"
    )
    for k, (name, words) in enumerate(WORDS.items()):
        x = left + 130.0 * k
        canvas.lines([np.array([[x, 286.0], [x + 16.0, 286.0]])], COLOURS[name], 1.4, DASHES[name])
        canvas.text(x + 20.0, 283.5, words, TEXT_PT, SOFT)
    weeks = np.arange(0, PICTURE_D + 1, PICTURE_STEP_D) / 7
    ticks = (0, 16, 32, 48, 64)
    for column, case in enumerate(CASES):
        at = left + column * (width + gap)
        canvas.text(at, 264.0, label(case), HEAD_PT, weight="bold")
        for bottom, key in ((162.0, "force"), (42.0, "section")):
            panel = Panel(at, bottom, width, height, (0.0, 64.0))
            panel.grid(canvas, ticks, (0.0, 0.5, 1.0))
            if column == 0:
                panel.y_labels(canvas, (0.0, 0.5, 1.0), ("0", "50 %", "100 %"))
                canvas.text(left, bottom + height + 2.5, READ_OUTS[key], SMALL_PT, SOFT)
            panel.x_labels(canvas, ticks, [str(t) for t in ticks])
            for name, course in data["cases"][case.name]["courses"].items():
                line = panel.path(weeks, np.array(course[key]))
                canvas.lines([line], COLOURS[name], 1.1, DASHES[name])
    canvas.text(
        left, 16.0, "Weeks after the first session. Share of the value before treatment.", SMALL_PT, SOFT
    )
    canvas.text(left, 6.0, "Every parameter at the centre of its prior; needles as planned.", SMALL_PT, SOFT)
    return canvas.png(110)
