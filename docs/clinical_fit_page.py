"""Tables, words and pictures of docs/clinical-fit.md, from a stored posterior."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

BLUE, RED, GREY = "#2b5c8a", "#b5482a", "#8b929c"
HELD = (
    ("junction.release_power", "only its product with the safety factor and the threshold moves a rate"),
    ("junction.safety_factor.mimic", "the same: a larger one acts as a larger threshold"),
    ("junction.snare_turnover_half_life", "days of visits cannot resolve it beside the lag"),
    ("junction.supply_half_life", "the same"),
    ("spread.uptake_half_time", "acts as a factor of every exposure, hence as the threshold"),
    ("outcome.capture.glabella", "sets the scale; the other areas are relative to it"),
    ("outcome.rater_offset_sd", "responder rates of two raters hardly tell it from noise and spread"),
    ("outcome.remodelling", "only with the slow share together does it move a rate"),
    ("person.lag_sd", "early rates hold the mean lag, not its spread"),
    ("outcome.subject_bias.glabella", "sets the zero of the raters' leniency"),
    ("outcome.study_sd.baseline", "a study has one start, so its spread and the mean hang together"),
)
EFFECTS = ("exposure", "severity", "baseline")
LEAST_TIE = 0.6


@dataclass(frozen=True)
class Stored:
    """What `endplate fit` left.

    Attributes:
        draws (chain, draw, name). effects (chain, draw, effect, study): in their units. expected (chain, draw, row).
    """

    names: tuple[str, ...]
    draws: np.ndarray
    studies: tuple[str, ...]
    effects: np.ndarray
    rows: tuple[str, ...]
    expected: np.ndarray
    recipe: dict[str, Any]


def load(folder: Path) -> Stored:
    """Posterior and recipe of a folder."""
    import tomllib

    with np.load(folder / "posterior.npz") as file:
        text = {key: tuple(str(v) for v in file[key]) for key in ("names", "studies", "rows")}
        numbers = {key: np.asarray(file[key], dtype=float) for key in ("draws", "effects", "expected")}
    recipe = tomllib.loads((folder / "posterior.toml").read_text(encoding="utf-8"))
    return Stored(**text, **numbers, recipe=recipe)


def ends(values: np.ndarray) -> tuple[float, float, float]:
    """Median, 5 % and 95 % points."""
    median, low, high = (float(v) for v in np.quantile(values, (0.5, 0.05, 0.95)))
    return median, low, high


def shown(triple: tuple[float, ...] | list[float]) -> str:
    return "{:.3g} ({:.3g} to {:.3g})".format(*triple)


def table(heads: list[str], lines: list[list[str]]) -> str:
    body = ["| " + " | ".join(line) + " |" for line in (heads, ["---"] * len(heads), *lines)]
    return "\n".join(body)


def study_rows(stored: Stored) -> str:
    """Fitted rows by study."""
    from endplate.catalogue import catalogue

    results = catalogue().results
    lines = []
    for study in stored.studies:
        mine = [results[row] for row in stored.rows if results[row].study == study]
        arms = catalogue().studies[study].arm
        products = sorted({_product(arm.product) for arm in arms if arm.product != "placebo"})
        kinds = Counter(catalogue().endpoints[r.endpoint].kind for r in mine)
        said = ", ".join(f"{kinds[k]} {name}" for k, name in KINDS.items() if kinds[k])
        read = sum(r.checked for r in mine)
        active = sum(r.kind != "placebo" for r in mine)
        lines.append([f"`{study}`", ", ".join(products), str(len(mine)), str(active), said, str(read)])
    total = f"{len(stored.rows)} numbers from {len(stored.studies)} studies."
    heads = ["study", "product", "numbers", "of active arms", "what they count", "source was read"]
    return table(heads, lines) + "\n\n" + total


KINDS = {"grade": "shares by grade", "change": "by global change", "onset": "by onset", "duration": "medians"}


def _product(name: str) -> str:
    return name.replace("toxin_a", "toxinA")


def held_table(stored: Stored) -> str:
    """Parameters that the fit leaves alone, and why."""
    from endplate.catalogue import catalogue

    lines = []
    for name, why in HELD:
        if name in stored.names:
            raise ValueError(f"{name} is fitted and yet on the list of those held.")
        entry = catalogue().parameter(name)
        unit = "" if entry.unit == "1" else f" {entry.unit}"
        lines.append([f"`{name}`", f"{entry.value:g}{unit}", entry.grade, why])
    return table(["parameter", "held at", "grade", "why the rows cannot tell"], lines)


def values(stored: Stored) -> list[dict[str, Any]]:
    """`summary.rows` of the stored draws."""
    from endplate.fit.clinic.summary import rows

    return rows(stored.names, stored.draws)


def values_table(stored: Stored) -> str:
    """Prior beside posterior."""
    lines = [
        [
            f"`{row['id']}`",
            "" if row["unit"] == "1" else row["unit"].replace("^3", "³"),
            shown(row["prior"]),
            shown(row["posterior"]),
            f"{100.0 * row['shrunk']:.0f} %",
            f"{row['rhat']:.3f}",
            f"{row['effective_draws']:.0f}",
        ]
        for row in values(stored)
    ]
    heads = ["parameter", "unit", "before", "after", "narrower by", "R-hat", "effective draws"]
    return table(heads, lines)


def learnt(stored: Stored) -> str:
    """One sentence each on what the rows told and what they did not."""
    found = sorted(values(stored), key=lambda row: -row["shrunk"])
    most = ", ".join(f"`{row['id']}` ({100 * row['shrunk']:.0f} %)" for row in found[:5])
    least = [row for row in found if row["shrunk"] < 0.2]
    text = f"Narrowed most: {most}."
    if least:
        named = ", ".join(f"`{row['id']}`" for row in least)
        text += f" Narrowed by less than a fifth, so that the prior still speaks: {named}."
    edge = [row for row in found if not row["prior"][1] <= row["posterior"][0] <= row["prior"][2]]
    if edge:
        named = ", ".join(f"`{row['id']}`" for row in edge)
        text += f" Median outside the prior's 5 to 95 %: {named}."
    return text


def tied_table(stored: Stored) -> str:
    """Pairs of parameters that the rows cannot tell apart."""
    from endplate.fit.clinic.summary import entangled

    pairs = entangled(stored.names, stored.draws, LEAST_TIE)
    if not pairs:
        return f"No two parameters correlate by {LEAST_TIE:g} or more."
    lines = [[f"`{one}`", f"`{other}`", f"{tie:+.2f}"] for one, other, tie in pairs]
    return table(["parameter", "and", "correlation of the draws"], lines)


def effects_table(stored: Stored) -> str:
    """Study effects with intervals."""
    lines = []
    for k, study in enumerate(stored.studies):
        cells = ["{:+.2f} ({:+.2f} to {:+.2f})".format(*ends(stored.effects[:, :, e, k])) for e in range(3)]
        lines.append([f"`{study}`", *cells])
    return table(["study", "exposure (ln)", "severity at follow-up (grades)", "start (grades)"], lines)


def observed(row: str) -> float:
    """Printed value: a share, or weeks."""
    from endplate.catalogue import catalogue

    result = catalogue().results[row]
    return float(result.value) / (7.0 if result.unit == "d" else 1.0)


def conflict_table(stored: Stored) -> str:
    """C3 beside C5 about week 24, both counting one grade or more."""
    from endplate.catalogue import catalogue

    rows = [
        row
        for row in stored.rows
        if row.startswith(("c3.", "c5.")) and catalogue().results[row].kind != "placebo"
    ]
    lines = []
    for row in rows:
        result = catalogue().results[row]
        mine = stored.expected[:, :, stored.rows.index(row)]
        timed = catalogue().endpoints[result.endpoint].kind == "duration"
        scale, unit = (1.0, " wk") if timed else (100.0, " %")
        median, low, high = (scale * v for v in ends(np.minimum(mine, 1e3)))
        fitted = f"{median:.1f} ({low:.1f} to {high:.1f}){unit}"
        when = "" if result.day is None else f"{result.day:g}"
        what = catalogue().endpoints[result.endpoint].name
        lines.append([result.row, result.arm, what, when, f"{scale * observed(row):.1f}{unit}", fitted])
    return table(["row", "arm", "what", "day", "printed", "fitted share or median"], lines)


def worst_table(stored: Stored, count: int = 8) -> str:
    """Shares that the fit, which has seen them, still misses most."""
    from endplate.catalogue import catalogue

    found = []
    for k, row in enumerate(stored.rows):
        result = catalogue().results[row]
        if catalogue().endpoints[result.endpoint].kind != "duration":
            median, low, high = (100.0 * v for v in ends(stored.expected[:, :, k]))
            found.append((100.0 * observed(row) - median, row, 100.0 * observed(row), median, low, high))
    found.sort(key=lambda line: -abs(line[0]))
    lines = [
        [f"`{row}`", f"{seen:.1f} %", f"{middle:.1f} ({low:.1f} to {high:.1f}) %", f"{error:+.1f}"]
        for error, row, seen, middle, low, high in found[:count]
    ]
    mean = np.mean([abs(line[0]) for line in found])
    heads = ["row", "printed", "fitted", "printed less fitted, points"]
    return (
        table(heads, lines) + f"\n\nOver all {len(found)} fitted shares the mean error is {mean:.1f} points."
    )


def diagnostics(stored: Stored) -> str:
    """Recipe and how the chains ran."""
    r = stored.recipe
    steps = r["chains"] * r["draws"]
    return (
        f"{r['chains']} chains of {r['warmup']} steps of warm-up and {r['draws']} draws, seed {r['seed']}, target rate "
        f"{r['accept']:g}; {r['mean_steps']:.0f} leapfrog steps a draw, {r['seconds'] / 60.0:.0f} minutes of one core "
        f"in all. {r['divergences']} of {steps} draws diverged. Largest R-hat {r['worst_rhat']:.3f}, least effective "
        f"draws {r['least_effective_draws']:.0f}. Hash of the inputs `{r['inputs']}`.\n\n{verdict(r)}"
    )


def verdict(recipe: dict[str, Any]) -> str:
    """Whether the chains can be relied on, in one sentence."""
    faults = []
    if recipe["worst_rhat"] > 1.05:
        faults.append("chains differ (R-hat above 1.05)")
    if recipe["least_effective_draws"] < 100:
        faults.append("ends of intervals are rough (fewer than 100 effective draws)")
    if recipe["divergences"] > 0.01 * recipe["chains"] * recipe["draws"]:
        faults.append("more than 1 % of the draws diverged")
    if not faults:
        marks = "R-hat at most 1.05, 100 effective draws, 1 % divergent"
        return f"By the usual marks ({marks}) the chains can be relied on."
    return f"**Not all of the usual marks are met:** {'; '.join(faults)}."


def half_life(stored: Stored) -> str:
    """The clock before and after, and the catalogue's own interval beside."""
    from endplate.catalogue import catalogue
    from endplate.fit.clinic.sampler import PRIORS

    (name, stand_in), *_ = PRIORS.items()
    own, prior = catalogue().parameter(name), catalogue().parameter(stand_in)
    after = ends(stored.draws[..., stored.names.index(name)])
    lines = [
        [f"`{name}`: the catalogue's own, not used here", shown((own.value, own.low, own.high)), own.where],
        [f"`{stand_in}`: the prior", shown((prior.value, prior.low, prior.high)), prior.note],
        ["posterior", shown(after), "all fitted rows"],
    ]
    return table(["half-life of the light chain, d", "median (5 to 95 %)", "rests on"], lines)


def tables(stored: Stored) -> dict[str, str]:
    """Every block of the page by its marker."""
    return {
        "studies": study_rows(stored),
        "held": held_table(stored),
        "clock": half_life(stored),
        "values": values_table(stored),
        "learnt": learnt(stored),
        "tied": tied_table(stored),
        "conflict": conflict_table(stored),
        "worst": worst_table(stored),
        "effects": effects_table(stored),
        "diagnostics": diagnostics(stored),
    }


def written(page: str, stored: Stored) -> str:
    """The page with the tables of a posterior."""
    for name, text in tables(stored).items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, rest = page.split(begin)
        page = before + begin + text + "\n" + rest[rest.index(end) :]
    return page


def draw_values(stored: Stored, path: Path) -> None:
    """Prior and posterior intervals, each on the scale of its prior: -1 and 1 are the prior's 5 % and 95 % points."""
    import matplotlib.pyplot as plt

    rows = values(stored)
    figure, axis = plt.subplots(figsize=(8.0, 0.27 * len(rows) + 1.0), layout="constrained")
    placed = [_on_prior(row) for row in rows]
    reach = max(1.2, 1.05 * float(np.abs(placed).max()))
    for k, at in enumerate(placed):
        axis.plot([-1, 1], [k, k], color=GREY, lw=6, alpha=0.35, solid_capstyle="butt")
        axis.plot(at[1:], [k, k], color=BLUE, lw=2.2)
        axis.plot(at[0], k, "o", color=BLUE, ms=4)
    axis.set_yticks(range(len(rows)), [row["id"] for row in rows], fontsize=7.5)
    axis.set(ylim=(len(rows) - 0.4, -0.6), xlim=(-reach, reach))
    axis.set_xticks([-1, 0, 1], ["5 %", "centre", "95 %"])
    axis.set_xlabel("on the scale of the prior; grey: prior, blue: posterior, median and 5 to 95 %")
    axis.axvline(0, color=GREY, lw=0.6, ls=":")
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(axis="y", length=0)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _on_prior(row: dict[str, Any]) -> np.ndarray:
    """Posterior points, 0 at the prior's centre, -1 and 1 at its ends; logarithms where the prior's are."""
    from endplate.fit.clinic.sampler import prior_of

    def scale(values: Any) -> np.ndarray:
        one = np.array(values, dtype=float)
        return np.log(one) if prior_of(row["id"]).scale == "log" else one

    centre, low, high = scale(row["prior"])
    away = scale(row["posterior"]) - centre
    return away / np.where(away < 0, centre - low, high - centre)


def draw_effects(stored: Stored, path: Path) -> None:
    """Study effects with intervals."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(9.6, 0.27 * len(stored.studies) + 1.0), sharey=True)
    for e, (axis, name) in enumerate(
        zip(axes, ("exposure (ln)", "severity at follow-up (grades)", "start (grades)"), strict=True)
    ):
        for k in range(len(stored.studies)):
            median, low, high = ends(stored.effects[:, :, e, k])
            axis.plot([low, high], [k, k], color=BLUE, lw=1.8)
            axis.plot(median, k, "o", color=BLUE, ms=4)
        axis.axvline(0, color=GREY, lw=0.8, ls=":")
        axis.set_xlabel(name)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(stored.studies)), stored.studies, fontsize=8)
    axes[0].set_ylim(len(stored.studies) - 0.4, -0.6)
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


PICTURES = {"clinical-fit-values.png": draw_values, "clinical-fit-studies.png": draw_effects}
