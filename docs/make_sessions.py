"""Write docs/repeated-sessions.md: what one to four treatment sessions do to four muscles.

usage: python docs/make_sessions.py [--run]

The results lie in docs/data/sessions.json; `--run` computes them anew (some minutes on one core), without it the
tables and the picture are made from what is stored. A test compares the page with this script, and the stored results
with the parameters they came from.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sessions_page import picture, written
from sessions_plan import (
    CASES,
    DRAWS,
    FOLLOWED_D,
    INTERVALS_W,
    LOSS,
    PICTURE_D,
    PICTURE_STEP_D,
    SEED,
    SESSIONS,
    SHARES,
    THETA,
    Case,
)

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "repeated-sessions.md"
DATA = ROOT / "docs" / "data" / "sessions.json"
PICTURE = ROOT / "docs" / "images" / "sessions.png"


def inputs() -> str:
    """Hash of what the results rest on: priors of the model, the patterns, and the settings above."""
    from endplate.catalogue import catalogue
    from endplate.model.parameters import model_parameter_ids

    table = catalogue()
    priors = [
        (name, entry.value, entry.low, entry.high, entry.scale, entry.drawn)
        for name in sorted(model_parameter_ids())
        for entry in (table.parameter(name),)
        if not name.startswith("operator.")  # an expert by hand
    ]
    patterns = [table.patterns[case.pattern].model_dump(mode="json") for case in CASES]
    settings = [INTERVALS_W, SESSIONS, FOLLOWED_D, PICTURE_D, PICTURE_STEP_D, DRAWS, SEED, SHARES, LOSS]
    text = json.dumps([priors, patterns, settings], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=64)
def prepared_case(case: Case, count: int, interval_w: int) -> Any:
    """The plan of so many sessions, placed and narrowed to the muscle of the case."""
    from endplate.catalogue import catalogue
    from endplate.model.simulate import prepared
    from endplate.plan import plan_from_dict
    from endplate.population.narrow import only_muscle

    pattern = catalogue().patterns[case.pattern]
    first = date(2026, 1, 5)
    sessions = [
        {
            "date": str(first + timedelta(weeks=interval_w * k)),
            "product": pattern.product,
            "pattern": case.pattern,
        }
        for k in range(count)
    ]
    patient = {"age": 45, "sex": "female"}
    plan = plan_from_dict({"schema": "endplate/plan/1", "patient": patient, "sessions": sessions})
    setup = prepared(plan, None, last_session(count, interval_w) + FOLLOWED_D)
    row = setup.endplates.names.index((case.muscle, case.side or pattern.sites[0].side))
    return only_muscle(setup, row)


def last_session(count: int, interval_w: int) -> int:
    """Day of the last session."""
    return 7 * interval_w * (count - 1)


def responses(setup: Any, parameters: Any) -> tuple[np.ndarray, np.ndarray]:
    """Force and cross-section by day of the plan carried out exactly, (day,) each."""
    from endplate.model import chain

    found = chain.responses(np, setup, parameters, chain.Needle.exact(1, len(setup.sites)))
    return found.force[0, 0], found.cross_section[0, 0]


def point(**changes: float) -> Any:
    """The centres of the priors, with some values changed (dots written as two underscores)."""
    from endplate.model.parameters import point_parameters

    return point_parameters().replaced(**changes)


def after(force: np.ndarray, section: np.ndarray, days: np.ndarray, count: int, interval_w: int) -> dict:
    """What the last of several sessions does."""
    start = last_session(count, interval_w)
    later = days >= start
    return {
        "nadir": float(force[later].min()),
        "before_next": float(np.interp(start + 7 * interval_w, days, force)),
        "duration_d": float(weak_days(days[later] - start, force[None, later])[0]),
        "thinnest": float(section[later].min()),
        "section_before_next": float(np.interp(start + 7 * interval_w, days, section)),
    }


def weak_days(days: np.ndarray, force: np.ndarray) -> np.ndarray:
    """Days from the session until less than a tenth of the force is missing, (draw,).

    0 where a tenth is never missing, infinite where it still is on the last day.
    """
    low = force < 1.0 - LOSS
    last = force.shape[1] - 1 - np.argmax(low[:, ::-1], axis=1)
    beyond = np.minimum(last + 1, force.shape[1] - 1)
    rows = np.arange(len(force))
    f0, f1 = force[rows, last], force[rows, beyond]
    part = np.clip((1.0 - LOSS - f0) / np.where(f1 > f0, f1 - f0, 1.0), 0.0, 1.0)
    back = days[last] + part * (days[beyond] - days[last])
    return np.where(~low.any(axis=1), 0.0, np.where(last == force.shape[1] - 1, np.inf, back))


def one_row(case: Case, count: int, interval_w: int, share: float = 0.0, **changes: float) -> dict:
    """The last session of a series as planned, with some parameters changed."""
    from dataclasses import replace

    setup = replace(prepared_case(case, count, interval_w), neutralised_share=share)
    force, section = responses(setup, point(**changes))
    return after(force, section, setup.nodes, count, interval_w)


def drawn(case: Case, interval_w: int) -> dict:
    """Duration of the first and of the fourth session over draws of parameters and needles, and their difference."""
    from endplate.model.setup import sparse
    from endplate.population import draw_needles, draw_parameters
    from endplate.population.bands import draw_forces

    parameters = draw_parameters(DRAWS, SEED)
    found = {}
    for count in (1, SESSIONS[-1]):
        setup = sparse(prepared_case(case, count, interval_w))
        needle = draw_needles(setup, [("expert", "none")] * len(setup.sites), parameters, SEED)
        force = draw_forces(setup, parameters, needle)[:, 0]
        start = last_session(count, interval_w)
        later = setup.nodes >= start
        found[count] = (weak_days(setup.nodes[later] - start, force[:, later]), force[:, later].min(axis=1))
    (first, nadir), (fourth, last_nadir) = found[1], found[SESSIONS[-1]]
    both = np.isfinite(first) & np.isfinite(fourth)
    change = np.where(both, fourth - np.where(both, first, 0.0), np.where(np.isfinite(first), np.inf, np.nan))
    counting = change[~np.isnan(change)]
    return {
        "first_d": points(first),
        "fourth_d": points(fourth),
        "change_d": points(counting),
        "shorter": shorter(counting),
        "first_nadir": points(nadir),
        "fourth_nadir": points(last_nadir),
    }


def shorter(change: np.ndarray) -> float:
    """Share of draws whose fourth session lasts over a day less, of those whose change is known or beyond the end."""
    return float((change < -1.0).mean()) if len(change) else np.nan


def points(values: np.ndarray) -> list[float | None]:
    """5 %, 50 % and 95 % points of the draws; None beyond the days that were followed."""
    if not len(values):
        return [None, None, None]
    ordered = np.sort(values)
    at = [float(ordered[round(level * (len(ordered) - 1))]) for level in (0.05, 0.5, 0.95)]
    return [v if np.isfinite(v) else None for v in at]


def variants() -> dict[str, dict[str, float]]:
    """What is changed to see what decides: the light chain's half-life, then the structural state left out."""
    from endplate.catalogue import catalogue

    entry = catalogue().parameter(THETA)
    key = THETA.replace(".", "__")
    rates = {f"structural__on_rate__{c}": 0.0 for c in ("mimic", "jaw", "limb")}
    return {
        f"θ = {entry.low:g} d": {key: float(entry.low)},
        f"θ = {entry.value:g} d (centre)": {},
        f"θ = {entry.high:g} d": {key: float(entry.high)},
        "no structural state": rates,
    }


def compute(case: Case) -> dict:
    """Everything about one case."""
    weeks = INTERVALS_W[0]
    series = {str(w): [one_row(case, n, w) for n in SESSIONS] for w in INTERVALS_W}
    decides = {
        name: [one_row(case, n, weeks, **changes) for n in (1, SESSIONS[-1])]
        for name, changes in variants().items()
    }
    antibodies = [[one_row(case, n, weeks, share) for n in (1, SESSIONS[-1])] for share in SHARES]
    courses = {}
    for name, count, w in (("one", 1, weeks), *((f"four_{w}", SESSIONS[-1], w) for w in INTERVALS_W)):
        setup = prepared_case(case, count, w)
        force, section = responses(setup, point())
        keep = (setup.nodes <= PICTURE_D) & (setup.nodes % PICTURE_STEP_D == 0)
        courses[name] = {"force": short(force[keep]), "section": short(section[keep])}
    return {
        "series": series,
        "decides": decides,
        "antibodies": antibodies,
        "drawn": {str(w): drawn(case, w) for w in INTERVALS_W},
        "courses": courses,
    }


def short(values: np.ndarray) -> list[float]:
    return [round(float(v), 4) for v in values]


def run() -> dict:
    """All results, stored with the hash of their inputs."""
    import time

    found: dict[str, Any] = {"inputs": inputs(), "cases": {}}
    for case in CASES:
        begun = time.perf_counter()
        found["cases"][case.name] = compute(case)
        prepared_case.cache_clear()
        print(f"{case.name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return rounded(found)


def rounded(value: Any) -> Any:
    """Numbers to six digits and what is not finite as None, so that the file is plain JSON."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return value


def load() -> dict:
    """The stored results."""
    return json.loads(DATA.read_text("utf-8"))


if __name__ == "__main__":
    if "--run" in sys.argv[1:]:
        DATA.parent.mkdir(exist_ok=True)
        DATA.write_text(json.dumps(run(), separators=(",", ":"), allow_nan=False) + "\n", "utf-8")
    PAGE.write_text(written(PAGE.read_text("utf-8"), load()), "utf-8")
    PICTURE.write_bytes(picture(load()))
