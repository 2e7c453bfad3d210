"""The tables and the pictures of docs/rival-studies.md from the results that `make_rival_studies.py` stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

THEIRS = {"0.8": ("42.0", "35.5"), "0.3": ("27.3 ± 4.9", "21.8 ± 5.3")}
WORDS = {
    "0.8": "80 % of the force before treatment",
    "0.3": "30 % of the force before treatment",
    "regained 0.8": "80 % of the own loss regained",
    "regained 0.3": "30 % of the own loss regained",
}
INPUTS = {
    "dispersion": "dispersion",
    "uptake_half_time": "half-time of uptake",
    "fluid_fraction": "share of tissue the fluid fills",
    "layer_slack": "loose planes beside the muscle",
    "fibre_stretch": "stretch along the fibres",
    "thickness": "thickness of the muscle",
    "volume": "volume",
    "in the plane": "needle, in the plane of the skin",
    "in depth": "needle, depth",
}
THEIR_INDICES = {"dispersion": 0.28, "uptake_half_time": 0.19, "in depth": 0.14}
THEIR_BEHAVIOURS = {"uses the muscle": "exercise 0.11 mm", "rubs": "rubbing 0.14 mm"}
THEIR_BEHAVIOURS |= {
    "is warm (up to +5 °C)": "heat 0.09 mm",
    "all three": "all, with bending 0.22 mm (95 % point 0.69)",
}
ROUNDING = 1e-12
OURS, CHANGE, OTHER = "#2c3e86", "#b4530f", "#5c6470"


def tables(data: dict) -> dict[str, str]:
    """The tables of the page by name, as Markdown."""
    first, second = data["saline"], data["twins"]
    return {
        "recovery": _recovery(first),
        "summary": _summary(first),
        "wash": _wash(first),
        "claim": _claim(first),
        "doses": _doses(first),
        "behaviours": _behaviours(second),
        "factors": _factors(second),
        "indices": _indices(second),
        "point": _point(second),
    }


def _recovery(d: dict) -> str:
    headings = ["day on which force is back at", "theirs, no saline", "theirs, saline", "ours, no saline"]
    headings += ["ours, saline", "our people who ever were below"]
    rows = []
    for name, words in WORDS.items():
        row = d["recovery"][name]
        ours = (
            "too few"
            if row["mean"] is None
            else f"{row['mean']:.1f} ± {row['sd']:.1f}, median {row['median']:.1f}"
        )
        theirs = THEIRS.get(name, ("not stated", "not stated"))
        again = "the same" if d["difference"] < ROUNDING else "differs"
        rows.append([words, *theirs, ours, again, f"{100 * row['share']:.1f} %"])
    return markdown(headings, rows)


def _summary(d: dict) -> str:
    drawn, low, high = d["drawn"], d["lowest"][0], d["lowest"][2]
    level, below = drawn["0.8"]["median"], [100 * v for v in drawn["0.3"]["share"]]
    names = [f"`{name}`" for name in drawn["drawn"]]
    what = " and ".join(names) if len(names) <= 3 else f"{len(names)} parameters"
    people = (
        f"{thousands(d['people'])} people: {d['faces']} drawn faces, {thousands(d['entries'])} sets of needles. Lowest "
        f"force of the median person {d['lowest'][1]:.2f} (5 % to 95 %: {low:.2f} to {high:.2f})."
    )
    over = (
        f"Over {d['draws']} draws of the parameters ({' and '.join(drawn['basis'])}: {what}; the rest held at their "
        f"centres) the median day of 80 % of the force is {level[1]:.0f} ({level[0]:.0f} to {level[2]:.0f}), and "
        f"{below[1]:.0f} % ({below[0]:.0f} to {below[2]:.0f} %) of people fall below 30 %."
    )
    saline = (
        "The largest change that saline on day 7 makes to any muscle of 200 people on any day, both plans run through "
        f"the whole chain, is {_tiny(d['difference'])}."
    )
    return bullets(people, over, saline)


def bullets(*lines: str) -> str:
    return "".join(f"- {line}\n" for line in lines)


def thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _tiny(value: float) -> str:
    return "0 to within rounding (below 10⁻¹²)" if value < ROUNDING else f"{value:.2g}"


def _wash(d: dict) -> str:
    headings = [
        "all free toxin taken away after",
        "still free, half-time 10 min",
        f"{d['half_time_min']:.0f} min (ours)",
    ]
    headings += ["240 min", "80 % of force, days earlier (ours)"]
    rows = [
        [_after(row["hours"]), *(_percent(v) for v in row["free"]), f"{abs(row['change']):.1f}"]
        for row in d["wash"]
    ]
    return markdown(headings, rows)


def _after(hours: float) -> str:
    if hours < 1.0:
        return f"{60 * hours:.0f} min"
    return f"{hours:.0f} h" if hours <= 24.0 else f"{hours / 24:.0f} days"


def _percent(share: float) -> str:
    return "none" if share < 1e-6 else f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def _claim(d: dict) -> str:
    human, store, wide = d["human_fit"], d["store"], d["dilution"]
    later = wide["twice"] - wide["once"]
    needed = (
        f"To bring the day of 80 % forward by their 6.5 days, {100 * d['needed']:.0f} % of the light chain would have "
        "to go. In the model nothing outside a nerve ending can do that."
    )
    inside = (
        f"The store inside the ending which still supplies light chain on day 7 is {_percent(store[1])} of all "
        f"({_percent(store[0])} to {_percent(store[2])} over the interval of `junction.supply_half_life`). A fluid "
        "outside cannot empty it."
    )
    outside = (
        "One published chain keeps toxin outside that long: with the supply rate that Lebeda 2008 fits to human muscle "
        f"(half-life 3.2 days; a fit and not a measurement) {100 * human['unbound']:.0f} % is unbound on day 7, and "
        f"taking all of it away would make the day of 80 % {-human['change']:.1f} days earlier. Whether theirs has "
        "such a pool we do not know."
    )
    wider = (
        "A fluid in the same minute spreads toxin rather than takes it away: the same units in twice the volume make "
        f"the lowest force {wide['twice lowest']:.2f} instead of {wide['once lowest']:.2f}, and the day of 80 % "
        f"{abs(later):.1f} days {'later' if later > 0 else 'earlier'}."
    )
    return bullets(needed, inside, outside, wider)


def _doses(d: dict) -> str:
    headings = [
        "label dose times",
        "lowest force",
        "people below 30 %",
        "day of 30 %, median",
        "day of 80 %, median",
    ]
    headings += ["days from 30 to 80 %"]
    rows = []
    for row in d["doses"]:
        days = (row["0.3"]["median"], row["0.8"]["median"], row["rise"])
        below = f"{100 * row['0.3']['share']:.0f} %"
        rows.append([f"{row['dose']:g}", f"{row['lowest']:.2f}", below, *(_day(day) for day in days)])
    rows.append(["theirs, dose unknown to us", "", "", "27.3 (mean)", "42.0", "14.7 (difference of the two)"])
    return markdown(headings, rows)


def _day(value: float | None) -> str:
    return "too few" if value is None else f"{value:.0f}"


def _behaviours(d: dict) -> str:
    headings = [
        "one twin",
        "factor on dispersion",
        "factor on uptake",
        "median change, mm",
        "5 % to 95 %, mm",
    ]
    headings += ["over 1 mm", "theirs, median"]
    rows = []
    for name, row in d["behaviours"].items():
        ends = [
            "1 to " + " × ".join(f"{part[k]:.2g}" for part in row["parts"] if part[k] > 1.0) for k in (0, 1)
        ]
        ends = [end if end != "1 to " else "1" for end in ends]
        rows.append([name, *ends, signed(row["median"]), f"{signed(row['low'])} to {signed(row['high'])}"])
        rows[-1] += [f"{100 * row['over']:.1f} %", THEIR_BEHAVIOURS[name]]
    return markdown(headings, rows)


def signed(value: float) -> str:
    return f"{value:+.2f}".replace("-0.00", "0.00").replace("+0.00", "0.00")


def _factors(d: dict) -> str:
    headings = ["dispersion for four hours times", "median change, mm", "95 % point, mm", "over 1 mm"]
    rows = [
        [f"{row['factor']:g}", f"{row['median']:.2f}", f"{row['high']:.2f}", f"{100 * row['over']:.1f} %"]
        for row in d["factors"]
    ]
    return markdown(headings, rows)


def _indices(d: dict) -> str:
    headings = [
        "first-order index",
        "theirs, radius",
        "ours, radius at rest",
        "any label volume",
        "about the planned point",
    ]
    headings += ["the change at factor 3", "radius without fluid"]
    columns = [("label", 0), ("any", 0), ("label", 1), ("label", 2), ("none", 0)]
    rows = []
    for k, name in enumerate(d["inputs"]):
        theirs = f"{THEIR_INDICES[name]:.2f}" if name in THEIR_INDICES else ""
        rows.append([INPUTS[name], theirs, *(_index(d["first"][volume][q][k]) for volume, q in columns)])
    return markdown(headings, rows)


def _index(found: Sequence[float]) -> str:
    middle, low, high = (max(v, 0.0) for v in found)
    return f"{middle:.2f}" if high < 0.005 else f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _point(d: dict) -> str:
    def band(ends: Sequence[float]) -> str:
        return f"{ends[1]:.1f} mm ({ends[0]:.1f} to {ends[2]:.1f}, 5 % to 95 %)"

    return (
        f"At rest the radius is {band(d['rest'])}. A point of toxin without fluid, with the same dispersion and "
        f"uptake, has {band(d['point'])}. Label volumes of the upper face are {d['volumes'][0]:g} to "
        f"{d['volumes'][1]:g} mL a site.\n"
    )


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, with an empty line after it."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def written(page: str, data: dict) -> str:
    """The page with the tables of these results."""
    for name, table in tables(data).items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, rest = page.split(begin)
        page = before + begin + table + rest[rest.index(end) :]
    return page


def recovery_picture(data: dict) -> bytes:
    """Force of the frontalis by day at two doses, and the printed points, as PNG."""
    from endplate.report.canvas import Canvas, Panel
    from endplate.report.palette import INK, SMALL_PT, SOFT, TEXT_PT, TITLE_PT

    canvas = Canvas(440.0, 282.0)
    canvas.text(40.0, 264.0, "Frontalis force after the forehead plan", TITLE_PT, weight="bold")
    canvas.text(
        40.0,
        250.0,
        "Share of the force before treatment. Saline on day 7 changes nothing in our model.",
        TEXT_PT,
        SOFT,
    )
    panel = Panel(40.0, 44.0, 290.0, 190.0, (0.0, 150.0))
    ticks, levels = (0, 30, 60, 90, 120, 150), (0.0, 0.3, 0.8, 1.0)
    panel.grid(canvas, ticks, levels)
    panel.x_labels(canvas, ticks, [str(t) for t in ticks])
    panel.y_labels(canvas, levels, ["0", "30 %", "80 %", "100 %"])
    canvas.text(185.0, 20.0, "days after injection", SMALL_PT, SOFT, "center")
    styles = (("1", OURS, "solid"), ("8", OTHER, (0, (3, 1.5))))
    for dose, colour, dash in styles:
        low, middle, high = (np.array(line) for line in data["saline"]["courses"][dose])
        days = np.arange(len(middle), dtype=float)
        if dose == "1":
            canvas.areas([panel.ring(days, low, high)], colour, 0.14)
        canvas.lines([panel.path(days, middle)], colour, 1.4, dash)
    for colour, pairs in ((INK, ((27.3, 0.3), (42.0, 0.8))), (CHANGE, ((21.8, 0.3), (35.5, 0.8)))):
        at = [(float(panel.x(day)), float(panel.y(level))) for day, level in pairs]
        canvas.lines([np.array(at)], colour, 1.0, (0, (1, 1.5)))
        canvas.dots(at, colour, 3.0)
    x, keys = 342.0, 226.0
    canvas.text(x, keys, "ours", TEXT_PT, INK, weight="bold")
    canvas.lines([np.array([[x, keys - 12.0], [x + 14.0, keys - 12.0]])], OURS, 1.4)
    canvas.text(x + 18.0, keys - 14.5, "label dose", TEXT_PT, SOFT)
    canvas.text(x + 18.0, keys - 24.0, "band: 90 % of people", SMALL_PT, SOFT)
    canvas.lines([np.array([[x, keys - 36.0], [x + 14.0, keys - 36.0]])], OTHER, 1.4, (0, (3, 1.5)))
    canvas.text(x + 18.0, keys - 38.5, "8 × label dose", TEXT_PT, SOFT)
    canvas.text(x, keys - 60.0, "theirs, as printed", TEXT_PT, INK, weight="bold")
    for k, (colour, words) in enumerate(((INK, "no saline"), (CHANGE, "saline on day 7"))):
        y = keys - 72.0 - 13.0 * k
        canvas.dots([(x + 7.0, y)], colour, 3.0)
        canvas.text(x + 18.0, y - 2.5, words, TEXT_PT, SOFT)
    canvas.text(x, keys - 102.0, "dots joined by us", SMALL_PT, SOFT)
    return canvas.png(130)


def index_picture(data: dict) -> bytes:
    """First-order indices of the radius and of its change, with theirs, as PNG."""
    from endplate.report.canvas import Canvas, Panel
    from endplate.report.palette import INK, SMALL_PT, SOFT, TEXT_PT, TITLE_PT

    found, names = data["twins"]["first"]["label"], data["twins"]["inputs"]
    canvas = Canvas(440.0, 300.0)
    canvas.text(14.0, 282.0, "What decides how far toxin is spread", TITLE_PT, weight="bold")
    canvas.text(
        14.0,
        268.0,
        "First-order Sobol index: share of the variance that one input explains alone",
        TEXT_PT,
        SOFT,
    )
    step, panel = 22.0, Panel(160.0, 44.0, 262.0, 198.0, (0.0, 0.7))
    ticks = (0.0, 0.2, 0.4, 0.6)
    panel.grid(canvas, ticks, ())
    panel.x_labels(canvas, ticks, ["0", "0.2", "0.4", "0.6"])
    styles = ((0, OURS, 3.5), (2, CHANGE, -3.5))
    for k, name in enumerate(names):
        y = panel.bottom + panel.height - step * (k + 0.5)
        canvas.text(152.0, y, INPUTS[name], TEXT_PT, INK, "right", vertical="center")
        for quantity, colour, up in styles:
            middle, low, high = (float(panel.x(max(v, 0.0))) for v in found[quantity][k])
            canvas.lines([np.array([[low, y + up], [high, y + up]])], colour, 1.4)
            canvas.dots([(middle, y + up)], colour, 2.6)
        if name in THEIR_INDICES:
            x = float(panel.x(THEIR_INDICES[name]))
            canvas.lines([np.array([[x, y - 8.0], [x, y + 8.0]])], INK, 2.0)
    keys: tuple[tuple[str, Any], ...] = (("ours: radius at rest", OURS), ("ours: its change", CHANGE))
    for k, (words, colour) in enumerate(keys):
        canvas.dots([(168.0 + 100.0 * k, 253.5)], colour, 2.6)
        canvas.text(174.0 + 100.0 * k, 251.0, words, TEXT_PT, SOFT)
    canvas.lines([np.array([[358.0, 249.0], [358.0, 258.0]])], INK, 2.0)
    canvas.text(363.0, 251.0, "theirs: radius", TEXT_PT, SOFT)
    canvas.text(
        160.0,
        20.0,
        "Lines: 95 % bootstrap intervals. Theirs has no interval in what we could read.",
        SMALL_PT,
        SOFT,
    )
    return canvas.png(130)
