"""Write the tables of docs/effects-calibration.md: what the calibration of unwanted effects found, and what the model
gives beside published numbers of forces, faces and effects.

The calibration itself is `python3 dev.py refit-effects`; this reads what it stored. Readings of the face and of muscles
are simulated here (half a minute) and kept in the page; --stored leaves them as they stand.

usage: python docs/make_effects.py [--stored]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT / "docs") not in sys.path:
    sys.path.insert(0, str(ROOT / "docs"))

PAGE = ROOT / "docs" / "effects-calibration.md"
FACE = (
    "face.strain.glabella_horizontal_before",
    "face.strain.glabella_horizontal_after",
    "face.strain.glabella_vertical_before",
    "face.strain.glabella_vertical_after",
    "face.strain.forehead_horizontal_before",
    "face.strain.forehead_horizontal_after",
    "face.strain.forehead_vertical_before",
    "face.strain.forehead_vertical_after",
    "face.smile",
    "face.brow_raise",
    "face.brow_raise_central",
    "face.lid_movement",
)
EFFECTS = ("eyelid_ptosis", "diplopia", "vertical_deviation", "dysphagia")
DRAWS, DAY = 200, 21
EMG = ("corrugator_supercilii", 8.0, 0.78, 0.64), ("depressor_anguli_oris", 2.0, 0.54, 0.18)


def begin(name: str) -> str:
    return f"<!-- effects-{name}:begin -->\n"


def end(name: str) -> str:
    return f"<!-- effects-{name}:end -->"


def table(heads: list[str], lines: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in (heads, ["---"] * len(heads), *lines)) + "\n"


def percent(value: float) -> str:
    """A share in percent, short."""
    found = 100.0 * value
    return "0" if found == 0.0 else f"{found:.2g}" if found < 9.95 else f"{found:.0f}"


def span(pair: list[float]) -> str:
    return f"{percent(pair[0])} to {percent(pair[1])}"


def yes(flag: bool) -> str:
    return "yes" if flag else "no"


def triple(values: list[float]) -> str:
    low, middle, high = values
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


# --- What the calibration found


def conditions_table() -> str:
    from endplate.fit.effects.rows import plan_of
    from endplate.fit.effects.rows import table as all_rows

    lines = []
    for one in all_rows().conditions.values():
        plans = []
        for setting in one.settings:
            injections = plan_of(one, setting).sessions[0].injections
            units = sum(site.units for site in injections)
            plans.append(
                f"{' + '.join(f'`{name}`' for name in setting.patterns)}: {len(injections)} sites, {units:g} U"
            )
        lines.append([f"`{one.id}`", one.name, "; ".join(plans), one.note])
    return table(["id", "what was reported on", "stands for it", "note"], lines)


def unknowns_table(found: dict[str, Any]) -> str:
    from endplate.catalogue import catalogue
    from endplate.fit.effects.rows import table as rows
    from endplate.fit.effects.store import stored_recipe

    moved, here = stored_recipe()["moved"], set(rows().names)
    lines = []
    for one in found["unknowns"]:
        if one["id"] not in here and one["id"] not in moved:
            continue
        entry = catalogue().parameter(one["id"])
        unit = "" if entry.unit == "1" else f" {entry.unit}"
        lines.append(
            [
                f"`{one['id']}`",
                triple(one["prior"]) + unit,
                triple(one["posterior"]) + unit,
                f"{one['moved']:+.2f}",
                f"{100 * one['shrunk']:.0f} %",
                "yes" if one["id"] in moved else "no",
            ]
        )
    spread = found["report_sd"]
    lines.append(
        [
            "between reports, SD of log odds",
            triple(spread["prior"]),
            triple(spread["posterior"]),
            "",
            "",
            "not in the risk engine",
        ]
    )
    return table(["unknown", "before", "after", "moved, prior SDs", "narrower", "counts as known"], lines)


def rows_table(found: dict[str, Any]) -> str:
    """Every fitted row, by all rows and without the rows of its own treatment."""
    without = {one["id"]: one for one in found["left_out"]}
    lines = [
        [
            f"`{one['id'].removeprefix('unwanted.')}`",
            f"{one['condition']}: {one['effect']}, {one['level']}",
            f"{one['events']}/{one['n']} = {percent(one['observed'])}",
            f"{percent(one['model'][0])} ({span(one['model'][1:])})",
            span(one["printed90"]),
            yes(one["inside"]),
            f"{percent(other['model'][0])} ({span(other['model'][1:])})",
            yes(other["inside"]),
        ]
        for one in found["rows"]
        for other in [without[one["id"]]]
    ]
    heads = ["row", "taken for", "published, %", "model, %", "90 % of reports, %", "inside"]
    return table([*heads, "without this treatment's rows, %", "inside"], lines)


def listed_table(found: dict[str, Any]) -> str:
    """Rows that do not count, by the risk engine with the stored draws."""
    from endplate.fit.effects.rows import table as all_rows

    why = {row.id: (row.why, row.tag) for row in all_rows().rows}
    lines = [
        [
            f"`{one['id'].removeprefix('unwanted.')}`",
            f"{one['condition']}: {one['effect']}",
            percent(one["observed"]) + ("" if one["n"] is None else f" of {one['n']}"),
            f"{percent(one['model'][0])} ({span(one['model'][1:])})",
            span(one["printed90"]),
            yes(one["inside"]),
            why[one["id"]][1],
            why[one["id"]][0],
        ]
        for one in found["shipped"]
        if not one["fitted"]
    ]
    heads = [
        "row",
        "taken for",
        "published, %",
        "model, %",
        "90 % of reports, %",
        "inside",
        "read or recalled",
    ]
    return table([*heads, "why it does not count"], lines)


def models_table(found: dict[str, Any]) -> str:
    lines = [
        [
            one["name"],
            f"{one['fit']:.1f}",
            f"{one['waic']:+.1f} ± {one['error']:.1f}" if one["id"] != "all" else "0",
            f"{one['inside']} of {one['rows']}",
        ]
        for one in found["models"]
    ]
    return table(["model", "mean ln likelihood", "WAIC against the whole, ln density", "rows inside"], lines)


def emulators_table(found: dict[str, Any]) -> str:
    lines = [
        [
            one["condition"],
            f"{one['effect']}, {one['level']}",
            f"{one['mean']:+.2f}",
            f"{one['sd']:.2f}",
            f"{one['left_out']:.2f}",
        ]
        for one in found["emulators"]
    ]
    heads = ["treatment", "effect", "engine less stand-in, mean", "SD", "left-out SD of the last stand-in"]
    return table(heads, lines)


def carried_table(found: dict[str, Any]) -> str:
    lines = [
        [
            one["condition"],
            f"{one['effect']}, {one['level']}",
            percent(one["by_slip"]),
            percent(one["by_run_off"]),
            percent(one["without_slips"]),
        ]
        for one in found["carried"]
    ]
    heads = [
        "treatment",
        "effect",
        "by slips or needles in the orbit, % of the rate",
        "by run-off, % of the rate",
    ]
    return table([*heads, "rate without any slip, %"], lines)


def shipped_table(found: dict[str, Any]) -> str:
    """Fitted rows: the calibration beside the risk engine with the stored draws."""
    inside = {one["id"]: one for one in found["rows"]}
    lines = [
        [
            f"`{one['id'].removeprefix('unwanted.')}`",
            percent(inside[one["id"]]["model"][0]),
            f"{percent(one['model'][0])} ({span(one['model'][1:])})",
        ]
        for one in found["shipped"]
        if one["id"] in inside
    ]
    return table(["row", "calibration, %", "`endplate risk`, %"], lines)


# --- Beside published numbers


def face_lines() -> list[list[str]]:
    import make_face

    from endplate.catalogue import catalogue

    found = make_face.predictions()
    lines = []
    for name in FACE:
        row = catalogue().observation(name)
        model, inside, why = found[name]
        unit = "" if row.unit == "1" else f" {row.unit}"
        fitted = "sets a parameter" if why.startswith("sets") else "no"
        lines.append(
            [f"{row.preparation}: {row.endpoint}", model, make_face.observed(row) + unit, inside, fitted]
        )
    return lines


def emg_lines() -> list[list[str]]:
    """Loss of electrical response of a corrugator after 8 U and a depressor of the mouth corner after 2 U."""
    from endplate.assess import simulate
    from endplate.plan import plan_from_dict

    sites = {
        "corrugator_supercilii": [
            {"pattern": "glabellar_lines.onabotulinumtoxin_a", "site": f"corrugator_{place}_left"}
            for place in ("medial", "lateral")
        ],
        "depressor_anguli_oris": [
            {"muscle": "depressor_anguli_oris", "side": "left", "along": 0.5, "layer": "muscle"}
        ],
    }
    lines = []
    for muscle, units, unit_loss, most_loss in EMG:
        given = [one | {"units": units / len(sites[muscle]), "volume_ml": 0.1} for one in sites[muscle]]
        session = {"date": "2026-01-05", "product": "onabotulinumtoxin_a", "indication": "glabellar_lines"}
        head = {"schema": "endplate/plan/1", "title": muscle, "patient": {"age": 45, "sex": "female"}}
        course = simulate(
            plan_from_dict(head | {"sessions": [session | {"injections": given}]}), samples=DRAWS, days=30
        )
        row = course.row(muscle, "left")
        low, high = course.force_low, course.force_high
        assert low is not None and high is not None
        value = 1.0 - float(course.cmap[row, DAY])
        ends = sorted(1.0 - float(v[row, DAY]) for v in (low, high))
        within = ends[0] <= unit_loss <= ends[1] and ends[0] <= most_loss <= ends[1]
        name = muscle.replace("_", " ")
        lines.append(
            [
                f"EMG, {name} after {units:g} U, weeks 2 to 4: loss of motor-unit and of maximal amplitude",
                f"{100 * value:.0f} % ({100 * ends[0]:.0f} to {100 * ends[1]:.0f})",
                f"{100 * unit_loss:.0f} and {100 * most_loss:.0f} %",
                yes(within),
                "sets the centre of a prior" if units == 8.0 else "no",
            ]
        )
    return lines


def lid_lines() -> list[list[str]]:
    """Closing force of the lids, as the dossier reads it from the posterior."""
    from endplate.catalogue import catalogue
    from endplate.fit.dossier.direct import load_direct

    stored = load_direct()
    assert stored is not None, "run `python docs/make_dossier.py --direct`"
    lines = []
    for k, name in enumerate(stored.rows):
        result = catalogue().results[name]
        if result.study != "lid_force_ona" or result.value is None:
            continue
        low, middle, high = (float(v) for v in np.quantile(stored.expected[:, k], (0.05, 0.5, 0.95)))
        dose = result.arm.removeprefix("site_").replace("_", ".").removesuffix("u")
        lines.append(
            [
                f"closing force of the lids after {dose} U at each of six sites an eye: loss",
                f"{100 * middle:.0f} % ({100 * low:.0f} to {100 * high:.0f})",
                f"{100 * result.value:.0f} %",
                yes(low <= result.value <= high),
                "set a prior" if result.use == "sets_prior" else "no",
            ]
        )
    return lines


def effect_lines(found: dict[str, Any]) -> list[list[str]]:
    """Rows of four effects: fitted ones as the calibration gives them, others by the risk engine."""
    from endplate.fit.effects.rows import table as all_rows

    conditions = all_rows().conditions
    fitted = {one["id"]: one for one in found["rows"]}
    listed = [one for one in found["shipped"] if one["id"] not in fitted]
    lines = []
    for one in [*found["rows"], *listed]:
        if one["effect"] in EFFECTS:
            level = "" if one["level"] == "seen" else f" ({one['level']})"
            count = f" ({one['events']}/{one['n']})" if one["n"] else ""
            what = f"{one['effect'].replace('_', ' ')}{level} after {conditions[one['condition']].name}"
            lines.append(
                [
                    what,
                    f"{percent(one['model'][0])} % ({span(one['model'][1:])})",
                    f"{percent(one['observed'])} %{count}",
                    yes(one["inside"]),
                    yes(one["fitted"]),
                ]
            )
    return lines


def published_table(found: dict[str, Any]) -> str:
    heads = ["what", "predicted", "published", "inside", "fitted"]
    return table(heads, [*face_lines(), *emg_lines(), *lid_lines(), *effect_lines(found)])


# --- Slips, dose and volume

SLIPS = ("glabella_ona", "canthus_ona", "forehead_glabella_ona", "three_areas_ona", "lids_inco")
UNITS = (0.25, 0.5, 1.0, 2.0, 4.0)
VOLUMES = (0.25, 0.5, 1.0, 2.0, 4.0)


def slips_table() -> str:
    """How often any needle of a session slips behind the septum, in practised hands."""
    from endplate.fit.effects.rows import plan_of
    from endplate.fit.effects.rows import table as all_rows
    from endplate.population.risk import risk_of

    lines = []
    for name in SLIPS:
        one = all_rows().conditions[name]
        run = risk_of(plan_of(one, one.settings[0]), only=["eyelid_ptosis"]).run
        by_draw = (run.weight[..., 1] + run.weight[..., 2]).mean(axis=1)
        low, middle, high = (float(v) for v in np.quantile(by_draw, (0.05, 0.5, 0.95)))
        lines.append([one.name, f"{percent(middle)} ({percent(low)} to {percent(high)})"])
    return table(["treatment", "sessions in which a needle slips, %"], lines)


def dose_table() -> str:
    """Droop after the label's glabellar plan at other doses and volumes."""
    from endplate.plan import read_plan, scale_units, scale_volumes
    from endplate.population.risk import risks_of

    plan = read_plan(ROOT / "examples" / "glabellar-lines.toml")
    lines = []
    for what, factors, change in (("units", UNITS, scale_units), ("volume", VOLUMES, scale_volumes)):
        risks = risks_of([change(plan, factor) for factor in factors], only=["eyelid_ptosis"])
        for factor, risk in zip(factors, risks, strict=True):
            seen, marked = (risk.of("eyelid_ptosis", level=level) for level in ("seen", "marked"))
            end = "" if seen.resolution_day is None else f"{seen.resolution_day:.0f}"
            lines.append(
                [
                    f"{factor:g} x the {what}",
                    f"{percent(seen.probability)} ({percent(seen.interval90[0])} to {percent(seen.interval90[1])})",
                    percent(marked.probability),
                    end,
                ]
            )
    return table(["plan", "droop that is seen, %", "marked, %", "half are over by day"], lines)


# --- The page


def stored_tables() -> dict[str, str]:
    """Tables that follow from what the calibration stored."""
    from endplate.fit.effects.store import load_found

    found = load_found()
    return {
        "conditions": conditions_table(),
        "unknowns": unknowns_table(found),
        "rows": rows_table(found),
        "listed": listed_table(found),
        "emulators": emulators_table(found),
        "models": models_table(found),
        "carried": carried_table(found),
        "shipped": shipped_table(found),
    }


def written(page: str, tables: dict[str, str]) -> str:
    """The page with some tables renewed."""
    for name, text in tables.items():
        before, rest = page.split(begin(name))
        page = before + begin(name) + text + rest[rest.index(end(name)) :]
    return page


def main(arguments: list[str]) -> None:
    from endplate.fit.effects.store import load_found

    tables = stored_tables()
    if "--stored" not in arguments:
        tables |= {"published": published_table(load_found()), "slips": slips_table(), "dose": dose_table()}
    PAGE.write_text(written(PAGE.read_text("utf-8"), tables), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
