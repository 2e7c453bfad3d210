"""Write the worked example of docs/trials.md: its picture and its tables.

usage: python docs/make_trials.py [--run]

The results lie in docs/data/trials.json; `--run` computes them anew (a minute), without it tables and picture are made
from what is stored. A test compares the page with this script, and the stored results with what they came from.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "trials.md"
DATA = ROOT / "docs" / "data" / "trials.json"
PICTURE = ROOT / "docs" / "images" / "trial.png"
DESIGN = ROOT / "examples" / "trials" / "pooled-ona-20u.toml"
PATIENTS, SEED, DOTS_PER_INCH = 10_000, 0, 200
ENDPOINT = "investigator_none_mild"
SHOWN = (
    (ENDPOINT, "glabella", "None or mild, investigator"),
    ("subject_global_moderate", "glabella", "At least moderate improvement, subject"),
)


def inputs() -> str:
    """Hash of what the results rest on: the design, its patterns, areas and endpoints, priors and posterior."""
    from endplate.catalogue import catalogue
    from endplate.catalogue.lines import areas
    from endplate.model.parameters import model_parameter_ids
    from endplate.population.posterior import outcome_parameter_ids, stored_posterior

    table, fitted = catalogue(), stored_posterior()
    priors = [
        (name, entry.value, entry.low, entry.high, entry.scale, entry.drawn)
        for name in sorted({*model_parameter_ids(), *outcome_parameter_ids()})
        for entry in (table.parameter(name),)
    ]
    design = DESIGN.read_text("utf-8")
    patterns = [p.model_dump(mode="json") for name, p in table.patterns.items() if f'"{name}"' in design]
    endpoints = [e.model_dump(mode="json") for name, e in table.endpoints.items() if f'"{name}"' in design]
    graded = [a.model_dump(mode="json") for name, a in areas().items() if f'"{name}"' in design]
    posterior = None if fitted is None else hashlib.sha256(fitted.draws.tobytes()).hexdigest()
    text = json.dumps([design, patterns, endpoints, graded, priors, posterior, PATIENTS, SEED], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run() -> dict[str, Any]:
    """The trial's published JSON, as far as the page shows it."""
    from endplate.trial import read_design
    from endplate.trial.run import run_trial

    found = run_trial(read_design(DESIGN), patients=PATIENTS, seed=SEED, workers=2).to_json_dict()
    kept = ("title", "arms", "comparisons", "patients", "draws", "seed", "design")
    arms = [
        {
            key: arm[key]
            for key in ("name", "n", "product", "units", "endpoints", "durations", "curves", "basis")
        }
        for arm in found["arms"]
    ]
    return {"inputs": inputs()} | {key: found[key] for key in kept} | {"arms": arms}


def load() -> dict[str, Any]:
    """The stored results."""
    return json.loads(DATA.read_text("utf-8"))


def as_result(data: dict[str, Any]) -> Any:
    """Stored results as a trial's result, as far as its pictures read one."""
    from endplate.trial.result import ArmResult, Curve, Rate, TrialResult

    none = np.zeros(0)

    def rate(one: dict[str, Any]) -> Rate:
        pairs = (tuple(one["interval90"]), tuple(one["predictive90"]))
        return Rate(
            one["endpoint"], one["area"], one["day"], one["rate"], *pairs, one["simulated"], none, none
        )

    def curve(one: dict[str, Any]) -> Curve:
        return Curve(
            one["endpoint"], one["area"], *(np.array(one[k]) for k in ("days", "rate", "low", "high"))
        )

    arms = tuple(
        ArmResult(
            arm["name"],
            arm["n"],
            data["patients"],
            arm["product"],
            arm["units"],
            rates=tuple(map(rate, arm["endpoints"])),
            durations=(),
            curves=tuple(map(curve, arm["curves"])),
            unwanted=(),
            basis=arm["basis"],
            retreated=(),
        )
        for arm in data["arms"]
    )
    sizes = (data["patients"], data["draws"], data["seed"])
    return TrialResult(data["title"], data["design"], arms, (), *sizes, 0, (), None, {}, ())


def tables(data: dict[str, Any]) -> dict[str, str]:
    """Parts of the page by name, as Markdown."""
    rows = [
        "| arm | day | none or mild, investigator | model, 90 % | arm of n, 90 % |",
        "|---|---|---|---|---|",
    ]
    for arm in data["arms"]:
        for one in arm["endpoints"]:
            if one["endpoint"] == ENDPOINT:
                spans = f"{_span(one['interval90'])} | {_span(one['predictive90'])}"
                rows.append(
                    f"| {arm['name']}, n = {arm['n']} | {one['day']} | {100 * one['rate']:.0f} % | {spans} |"
                )
    return {"rates": "\n".join(rows), "basis": "\n\n".join([_sentence(data), _basis(data)])}


def _span(pair: list[float]) -> str:
    return f"{100 * pair[0]:.0f} to {100 * pair[1]:.0f} %"


def _sentence(data: dict[str, Any]) -> str:
    lasting, power = data["arms"][0]["durations"][0], data["comparisons"][0]
    low, high = ("beyond the visits" if week is None else f"{week:.1f}" for week in lasting["interval90"])
    median = (
        "lies beyond the visits"
        if lasting["median_weeks"] is None
        else f"is {lasting['median_weeks']:.1f} weeks"
    )
    need = (
        "no size is enough" if power["n"] is None else f"{power['n'][0]} + {power['n'][1]} people are needed"
    )
    return (
        f"The median time to loss of none or mild by both raters {median} (90 %: {low} to {high}). For 90 % power "
        f"against placebo on day {power['day']}, {need}, if the mean rates are true."
    )


def _basis(data: dict[str, Any]) -> str:
    basis = data["arms"][0]["basis"]
    of = f"{data['patients']} simulated people an arm, {data['draws']} draws, seed {data['seed']}."
    if not basis.get("posterior"):
        return f"{of} Every parameter comes from its prior: nothing here has been fitted to trials."
    fitted, free = len(basis["posterior"]), len(basis["prior"])
    return f"{of} {fitted} parameters are fitted to published trials, {free} come from priors."


def written(page: str, data: dict[str, Any]) -> str:
    """The page with its parts filled in."""
    for name, text in tables(data).items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, rest = page.split(begin)
        page = f"{before}{begin}{text}\n{end}{rest.split(end)[1]}"
    return page


def main() -> None:
    """Make the page and its picture."""
    from endplate.report.trial_picture import sheet

    if "--run" in sys.argv[1:]:
        DATA.write_text(json.dumps(run(), separators=(",", ":")) + "\n", "utf-8")
    data = load()
    PICTURE.write_bytes(sheet(as_result(data), SHOWN).png(DOTS_PER_INCH))
    PAGE.write_text(written(PAGE.read_text("utf-8"), data), "utf-8")


if __name__ == "__main__":
    main()
