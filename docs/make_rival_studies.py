"""Write docs/rival-studies.md: two published virtual studies re-run with this model, figures side by side.

usage: python docs/make_rival_studies.py [--run]

The studies themselves are examples/rival/*.py. `--run` computes them anew (about two minutes on two cores) into
docs/data/rival-studies.json; without it the tables and the pictures are made from what is stored. A test compares the
page with the stored results, and these with the inputs they came from.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT / "examples" / "rival") not in sys.path:
    sys.path.insert(0, str(ROOT / "examples" / "rival"))

import first_four_hours as twins  # noqa: E402
import saline_day_7 as saline  # noqa: E402
from rival_studies import index_picture, recovery_picture, written  # noqa: E402

PAGE = ROOT / "docs" / "rival-studies.md"
DATA = ROOT / "docs" / "data" / "rival-studies.json"
PICTURES = {
    ROOT / "docs" / "images" / "rival-recovery.png": recovery_picture,
    ROOT / "docs" / "images" / "rival-radius.png": index_picture,
}
PEOPLE, PAIRS, SAMPLES, SEED = 30_000, 10_000, 1024, 0
DRAWS, EACH, EVERY = 200, 300, 6
"""Draws of parameters, people under each; and every which of the people is asked in what-ifs."""
HOURS = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 24.0 * saline.SALINE_DAY)
DOSES = (1.0, 2.0, 4.0, 8.0)
LOSSES = (0.05, 0.1, 0.15, 0.2, 0.3)
EARLIER_D = saline.PUBLISHED["without"][0] - saline.PUBLISHED["with"][0]
PICTURE_DAYS = 150


def inputs() -> str:
    """Hash of what the results rest on: priors, posterior, pattern, lines, and the settings above."""
    from endplate.catalogue import catalogue
    from endplate.catalogue.lines import area
    from endplate.model.parameters import model_parameter_ids
    from endplate.population.posterior import stored_posterior

    table = catalogue()
    names = sorted({*model_parameter_ids(), *(n for n in table.parameters if n.startswith("person."))})
    priors = [
        (name, entry.value, entry.low, entry.high, entry.scale, entry.drawn)
        for name in names
        for entry in (table.parameter(name),)
    ]
    found = stored_posterior()
    fitted = (
        None if found is None else hashlib.sha256(np.ascontiguousarray(found.draws).tobytes()).hexdigest()
    )
    pattern = table.patterns[saline.PATTERN].model_dump(mode="json")
    settings = [PEOPLE, PAIRS, SAMPLES, SEED, DRAWS, EACH, EVERY, HOURS, DOSES, LOSSES, twins.FACTORS]
    settings += [saline.MOST_FACES, saline.MOST_NEEDLES, repr(twins.behaviours()), twins.volumes()]
    settings += [twins.FACES, twins.HOURS, twins.SHARE, twins.CHANGE_AT, twins.POINT_ML, saline.DAYS]
    told = [priors, fitted, pattern, area(saline.AREA).model_dump(mode="json"), settings]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def some(people: saline.People, every: int) -> saline.People:
    """Each `every`th of the people."""
    return saline.People(people.bank, people.entry[::every], people.sensitivity[::every], people.lag[::every])


def saline_study() -> dict[str, Any]:
    """Everything about the first study."""
    from endplate.catalogue import catalogue

    people, parameters = saline.draw_people(PEOPLE, SEED), saline.centre()
    found = saline.recovery(people, parameters)
    few = some(people, EVERY)
    before = {name: value[::EVERY] for name, value in found.items()}

    def change(factor: float) -> float:
        """Median change of the day of 80 % of the force when only this share of the toxin was left to act."""
        return saline.paired_change(before["0.8"], saline.recovery(few, parameters, factor)["0.8"])

    half = catalogue().parameter("spread.uptake_half_time")
    supply = catalogue().parameter("junction.supply_half_life")
    half_time = float(parameters["spread.uptake_half_time"][0])
    unbound = saline.unbound_in_human_fit(saline.SALINE_DAY)
    lost = [{"share": share, "change": change(1.0 - share)} for share in LOSSES]
    return {
        "people": PEOPLE,
        "entries": people.bank.entries,
        "faces": people.bank.faces,
        "lowest": [float(v) for v in np.quantile(found["lowest"], (0.05, 0.5, 0.95))],
        "recovery": {name: saline.summary(v) for name, v in found.items() if name != "lowest"},
        "drawn": over_draws(people),
        "draws": DRAWS,
        "difference": saline.saline_difference(200, SEED),
        "half_time_min": half_time,
        "wash": [
            {
                "hours": h,
                "free": [saline.free_share(h, m) for m in (float(half.low), half_time, float(half.high))],
                "change": change(1.0 - saline.free_share(h, half_time)),
            }
            for h in HOURS
        ],
        "dilution": diluted(few),
        "human_fit": {"unbound": unbound, "change": change(1.0 - unbound)},
        "store": [float(0.5 ** (saline.SALINE_DAY / t)) for t in (supply.low, supply.value, supply.high)],
        "lost": lost,
        "needed": float(np.interp(EARLIER_D, [0.0, *(-row["change"] for row in lost)], [0.0, *LOSSES])),
        "doses": [one_dose(few, parameters, dose) for dose in DOSES],
        "courses": {f"{dose:g}": course(few, parameters, dose) for dose in (DOSES[0], DOSES[-1])},
    }


def one_dose(people: saline.People, parameters: Any, dose: float) -> dict[str, Any]:
    """Recovery at a multiple of the dose, and the days from 30 to 80 % of those who fell below both."""
    found = saline.recovery(people, parameters, dose)
    rise = found["0.8"] - found["0.3"]
    rise = rise[np.isfinite(rise)]
    return {
        "dose": dose,
        "lowest": float(np.median(found["lowest"])),
        "rise": float(np.median(rise)) if len(rise) >= 20 else np.nan,
        **{f"{level}": saline.summary(found[f"{level}"]) for level in saline.LEVELS},
    }


def course(people: saline.People, parameters: Any, dose: float) -> list[list[float]]:
    """5 %, 50 % and 95 % points of the force over people, by day from the injection at the middle lag."""
    force = np.concatenate(list(saline.courses(people, parameters, dose)))[:, : PICTURE_DAYS + 1]
    days = np.arange(PICTURE_DAYS + 1.0)
    # Courses begin at the end of the lag.
    lines = np.quantile(force, (0.05, 0.5, 0.95), axis=0)
    late = [np.interp(days - float(parameters["junction.lag"][0]), days, line) for line in lines]
    return [[round(float(v), 4) for v in line] for line in late]


def diluted(people: saline.People) -> dict[str, float]:
    """Median of the day of 80 % force, and lowest force, in 0.1 mL a site and in 0.2 mL: saline in the same minute."""
    out = {}
    for name, factor in (("once", 1.0), ("twice", 2.0)):
        original = saline.plan()
        session = original.sessions[0]
        sites = tuple(s.model_copy(update={"volume_ml": factor * s.volume_ml}) for s in session.injections)
        wider = original.model_copy(update={"sessions": (session.model_copy(update={"injections": sites}),)})
        bank = saline.make_bank(
            wider, sex=saline.SEX, age=saline.AGE, areas=[saline.AREA], faces=24, needles=16, seed=SEED
        )
        entry = np.arange(len(people.entry)) * bank.entries // len(people.entry)
        found = saline.recovery(replace(people, bank=bank, entry=entry), saline.centre())
        out[name] = saline.summary(found["0.8"])["median"]
        out[f"{name} lowest"] = float(np.median(found["lowest"]))
    return out


def over_draws(people: saline.People) -> dict[str, Any]:
    """5 %, 50 % and 95 % points over draws of the parameters of what a population would show."""
    rows = np.linspace(0, people.bank.entries - 1, EACH).astype(int)
    bank = replace(people.bank, share={saline.AREA: people.bank.shares(saline.AREA)[rows]})
    scores = [
        saline.stream(SEED, f"{what} over draws").standard_normal(EACH) for what in ("sensitivity", "lag")
    ]
    few = saline.People(bank, np.arange(EACH), *scores)
    drawn = saline.draws_of(bank.product, DRAWS, SEED)
    parts = [saline.recovery(few, drawn.one(row)) for row in range(DRAWS)]
    out: dict[str, Any] = {"basis": sorted(set(drawn.basis.values()) - {"held"})}
    out["drawn"] = [n for n, b in drawn.basis.items() if b != "held" and not n.startswith("outcome.")]
    for level in saline.LEVELS:
        rows_of = [saline.summary(part[f"{level}"]) for part in parts]
        out[f"{level}"] = {key: points([row[key] for row in rows_of]) for key in ("share", "median")}
    out["lowest"] = points([float(np.median(part["lowest"])) for part in parts])
    return out


def points(values: list[float]) -> list[float]:
    """5 %, 50 % and 95 % points of those that are numbers, and the share that are."""
    known = np.array([v for v in values if np.isfinite(v)])
    ends = [float(v) for v in np.quantile(known, (0.05, 0.5, 0.95))] if len(known) else [np.nan] * 3
    return [*ends, len(known) / len(values)]


def twin_study() -> dict[str, Any]:
    """Everything about the second study."""
    at = twins.conditions(twins.scores(PAIRS, SEED))
    rest = twins.radii(at)

    def told(change: np.ndarray) -> dict[str, float]:
        low, middle, high = (float(v) for v in np.quantile(change, (0.05, 0.5, 0.95)))
        return {"low": low, "median": middle, "high": high, "over": float(np.mean(np.abs(change) > 1.0))}

    point = twins.radii(twins.conditions(twins.scores(PAIRS, SEED), "none"))
    indices = {}
    for volume in ("label", "any", "none"):
        found = twins.sobol(SAMPLES, SEED, volume)
        indices[volume] = [
            [
                [float(part[k, q]) for part in (found.first, found.first_low, found.first_high)]
                for k in range(9)
            ]
            for q in range(3)
        ]
    return {
        "pairs": PAIRS,
        "rest": [float(v) for v in np.quantile(rest, (0.05, 0.5, 0.95))],
        "point": [float(v) for v in np.quantile(point, (0.05, 0.5, 0.95))],
        "behaviours": {
            name: {
                "parts": [list(part) for part in one.parts],
                **told(twins.radii(at, *twins.factors(one, PAIRS, SEED)) - rest),
            }
            for name, one in twins.behaviours().items()
        },
        "factors": [{"factor": f, **told(twins.radii(at, f) - rest)} for f in twins.FACTORS],
        "volumes": list(twins.volumes()),
        "inputs": [*twins.SPREAD, *twins.TISSUE],
        "first": indices,
    }


def run() -> dict[str, Any]:
    """All results, with the recipe and the hash of their inputs."""
    recipe = "python docs/make_rival_studies.py --run"
    found = {
        "inputs": inputs(),
        "recipe": recipe,
        "seed": SEED,
        "saline": saline_study(),
        "twins": twin_study(),
    }
    return rounded(found)


def rounded(value: Any) -> Any:
    """Numbers to six digits and what is not finite as None, so that the file is plain JSON."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return value


def load() -> dict[str, Any]:
    """The stored results."""
    return json.loads(DATA.read_text("utf-8"))


if __name__ == "__main__":
    if "--run" in sys.argv[1:]:
        DATA.parent.mkdir(exist_ok=True)
        DATA.write_text(json.dumps(run(), separators=(",", ":"), allow_nan=False) + "\n", "utf-8")
    PAGE.write_text(written(PAGE.read_text("utf-8"), load()), "utf-8")
    for path, draw in PICTURES.items():
        path.write_bytes(draw(load()))
