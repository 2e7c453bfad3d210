"""Measure the default spread engine against the reference engine on the bundled face, pattern by pattern.

Every distinct needle (place, volume) is solved once on the voxel head, in a box of tissue round its tip; mirror images
share a solution. Per pattern and muscle the exposures of all sites are summed (products never meet: a pattern has one)
and compared: ln(reference / default) of the median and of the mean over endplates.

usage: python -m tools.spread_errors [--h 0.6] [--only PATTERN ...] [--kept FILE] [--out PATH]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from endplate.anatomy import default_face
from endplate.anatomy.voxels import VoxelGrid, label_head
from endplate.catalogue import catalogue
from endplate.model import chain
from endplate.model.exposure import ExposureSummary
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import tip_geometry
from endplate.model.simulate import prepared
from endplate.model.spread import Targets, footprint_variances, influence
from endplate.model.spread.barrier import PROTECTED, FaceBarrier, FacePoints
from endplate.model.spread.tissue import NOMINAL_THICKNESS_MM, SpreadValues, sheet_resistance_mm
from endplate.plan import plan_from_dict
from tools.spread_reference import Reference, inputs_of

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "data" / "spread_errors.json"
RELEVANT = 0.01
"""A muscle counts when its median exposure is above this share of its threshold in either engine."""
LIMIT = 0.3
READ = ("threshold.", "junction.")


def plan_of_pattern(pattern: Any) -> Any:
    """One session of a pattern on the average woman of 45."""
    session = {
        "date": "2026-01-01",
        "product": pattern.product,
        "indication": pattern.indication,
        "pattern": pattern.id,
    }
    patient = {"age": 45, "sex": "female"}
    return plan_from_dict({"schema": "endplate/plan/1", "patient": patient, "sessions": [session]})


def rows_of(pattern: Any, reference: Reference, face: Any) -> list[dict[str, Any]]:
    """What one pattern gives each muscle that it names or reaches, in multiples of the threshold.

    Three engines: reference; default, as plans are computed; closed, the default without its table behind barriers.
    """
    setup, point = prepared(plan_of_pattern(pattern), face, 30), point_parameters()
    points, targets = setup.endplates, Targets(setup.endplates, face.rim_mm)
    strong = float(point[f"threshold.{pattern.product}"][0])
    ease = ease_of(face, point)
    closed = np.zeros(len(points.weight))
    solved = np.zeros(len(points.weight))
    for site in setup.placed:
        geometry = tip_geometry(site, targets)
        closed[geometry.index] += (
            site.units * influence(np, geometry, site.volume_ml, point, np.zeros((1, 3)))[0]
        )
        solved += site.units * reference.exposure(site.tip_mm, site.volume_ml)
    over = ease[points.muscle] / strong  # zero in smooth muscle
    default = ExposureSummary(setup, point).over
    fire = {
        "default": _weakest(setup, point, default / np.maximum(over, 1e-300)),
        "reference": _weakest(setup, point, solved),
    }
    engines = {"default": default, "closed": closed * over, "reference": solved * over}
    named = {(site.muscle, site.side) for site in setup.placed}
    rows = []
    for i, (muscle, side) in enumerate(points.names):
        own = points.muscle == i
        if ease[i] == 0.0 or face.muscles[i].frame != "head":
            continue
        middle = {name: weighted_median(v[own], points.weight[own]) for name, v in engines.items()}
        mean = {name: float(v[own] @ points.weight[own]) for name, v in engines.items()}
        role = _role(face.muscles[i], (muscle, side) in named)
        if role == "other" and max(middle["default"], middle["reference"]) < RELEVANT:
            continue
        if role == "protected" and max(mean.values()) < 1e-12:
            continue
        firing = {name: float(share[i]) for name, share in fire.items()}
        rows.append(
            {"muscle": muscle, "side": side, "role": role, "median": middle, "mean": mean, "firing": firing}
        )
    return rows


def _weakest(setup: Any, point: ParameterSet, exposure: np.ndarray) -> np.ndarray:
    """Share of each muscle's fibres that still fire on the weakest day, from exposures in U/mm3 (q,): (muscle,)."""
    given = np.where(np.isfinite(exposure), exposure, 0.0)[None, setup.active]
    drive = chain.log_drive(np, setup, point, 0, given)
    share = chain._by_table(np, setup, point, 0, drive).min(axis=0)[0]
    out = np.ones(len(setup.endplates.names))
    out[setup.active_muscles] = share
    return out


def table_errors(reference: Reference, face: Any, count: int = 40) -> dict[str, Any]:
    """The table behind the barriers against forward solutions at random tips round and in the left orbit.

    Tips lie within 8 mm of the bony rim, every second one in the orbit; volumes 0.04 to 0.2 mL. Compared are means
    over the endplates of a muscle, where they matter (above 1e-9 per mm3 and unit).
    """
    values, point = reference.values, point_parameters()
    points, barrier = reference.points, FaceBarrier.of(FacePoints.of(face))
    column = {
        name: point[f"spread.{name}"][:, None] for name in ("fluid_fraction", "layer_slack", "fibre_stretch")
    }
    found: dict[str, list[float]] = {"skin": [], "orbit": []}
    for number, (tip, inside) in enumerate(_random_tips(face, count)):
        volume_ml = (0.04, 0.1, 0.2)[number % 3]
        solved = reference.exposure(tip, volume_ml)
        axes = footprint_variances(np, volume_ml, NOMINAL_THICKNESS_MM, *column.values())
        behind = barrier.behind(tip, np.eye(3), "left", in_orbit=inside)
        if behind is None:
            continue
        once = (np.full((1, 1), values.reach2_mm2), np.full((1, 1), values.transmission))
        read = behind.exposure(np, np.zeros((1, 3)), axes, *once)[0]
        for row, muscle in enumerate(PROTECTED):
            own = points.muscle == points.names.index((muscle, "left"))
            table = read[row * barrier.table.groups + barrier.table.group[row]]
            pair = [float(v @ points.weight[own]) for v in (table, solved[own])]
            if max(pair) > 1e-9:
                found["orbit" if inside else "skin"].append(float(np.log(pair[0] / pair[1])))
    return {name: _spread_of(np.array(ratios)) for name, ratios in found.items()}


def _random_tips(face: Any, count: int) -> list[tuple[np.ndarray, bool]]:
    """Tips near the rim of the left orbit, in the tissue of a coarse voxel head, and whether they lie in the orbit."""
    from scipy.ndimage import binary_erosion

    rim = face.rim_mm["left"]
    low, high = rim.min(axis=0) - 10.0, rim.max(axis=0) + 10.0
    x, y, z = (float(v) for v in low)
    a, b, c = (int(v) for v in np.ceil((high - low) / 1.5))
    labels = label_head(face, VoxelGrid((x, y, z), 1.5, (a, b, c)))
    deep = binary_erosion(labels.tissue).ravel()[labels.cell]  # a finer head has tissue there too
    random, points = np.random.default_rng(15), labels.grid.centres(labels.cell)
    away = np.min(np.linalg.norm(points[:, None] - rim[None], axis=2), axis=1)
    near = np.flatnonzero((away < 8.0) & deep)
    tips = []
    for number in range(count):
        inside = number % 2 == 1
        row = random.choice(near[labels.in_orbit[near] == inside])
        tips.append((points[row], inside))
    return tips


def _spread_of(ratios: np.ndarray) -> dict[str, float]:
    return {
        "pairs": len(ratios),
        "rms": float(np.sqrt((ratios**2).mean())),
        "mean": float(ratios.mean()),
        "worst": float(np.abs(ratios).max()),
    }


def ease_of(face: Any, point: ParameterSet) -> np.ndarray:
    """Sensitivity of each muscle of a face by its class, 0 for smooth muscle (muscle,)."""
    classes = [shape.muscle_class for shape in face.muscles]
    return np.array([0.0 if c == "smooth" else point[f"junction.sensitivity.{c}"][0] for c in classes])


def _role(shape: Any, named: bool) -> str:
    if named:
        return "target"
    return "protected" if shape.compartment == "orbit" else "other"


def weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    """The value below which half of the weight lies."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    return float(values[order][min(int(np.searchsorted(reached, 0.5 * reached[-1] - 1e-9)), len(order) - 1)])


def patterns(names: Iterable[str] = ()) -> list[Any]:
    """The catalogue's patterns on the head, or those named."""
    chosen = set(names)
    return [
        p
        for p in catalogue().patterns.values()
        if (not chosen or p.id in chosen) and all(s.muscle != "extensor_digitorum_brevis" for s in p.sites)
    ]


def inputs_hash() -> str:
    """Of what the figures rest on: skin, muscles, parameters, patterns."""
    point = point_parameters()
    read = [f"{name} {value[0]:.9g}" for name, value in point.values.items() if name.startswith(READ)]
    sites = [(p.id, p.product, p.sites) for p in patterns()]
    return inputs_of(default_face("female", 45), repr((read, sites)).encode())


def measure(
    h_mm: float, names: Iterable[str] = (), labels: Any = None, kept: Path | None = None
) -> dict[str, Any]:
    """All rows by pattern, with what they rest on; `kept` is a file in which solved needles are kept."""
    face, values = default_face("female", 45), SpreadValues.of()
    started = time.perf_counter()
    reference = Reference(face, h_mm, values, labels)
    if kept is not None:
        reference.read(kept)
    found = {}
    for pattern in patterns(names):
        found[pattern.id] = rows_of(pattern, reference, face)
        worst = max(
            (abs(log_ratio(r["median"])) for r in found[pattern.id] if r["role"] == "target"), default=0
        )
        took = time.perf_counter() - started
        print(f"{pattern.id}: worst target {worst:.2f} ({took:.0f} s)", file=sys.stderr, flush=True)
    solves = len(reference.asked)
    behind = table_errors(reference, face)
    if kept is not None:
        reference.write(kept)
    return {
        "face": face.id,
        "h_mm": h_mm,
        "solves": solves,
        "sheet_resistance_mm": sheet_resistance_mm(values),
        "inputs": inputs_hash(),
        "table": behind,
        "patterns": found,
    }


def log_ratio(row: dict[str, float], engine: str = "default") -> float:
    """ln(reference / engine) of a row's medians or means."""
    return float(np.log(max(row["reference"], 1e-300) / max(row[engine], 1e-300)))


def main() -> None:
    """Measure and store."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--h", type=float, default=0.6)
    ask.add_argument("--only", nargs="*", default=())
    ask.add_argument("--kept", type=Path, help="file in which solved needles are kept between runs")
    ask.add_argument("--out", type=Path, default=RESULTS)
    given = ask.parse_args()
    result = measure(given.h, given.only, kept=given.kept)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(as_text(_rounded(result)), "utf-8")


def as_text(result: dict[str, Any]) -> str:
    """JSON with one line per row, so that a change shows where it is."""
    rows = result.pop("patterns")
    head = json.dumps(result, indent=1)[:-2]
    blocks = [
        f"  {json.dumps(name)}: [\n" + ",\n".join(f"   {json.dumps(row)}" for row in found) + "\n  ]"
        for name, found in rows.items()
    ]
    return head + ',\n "patterns": {\n' + ",\n".join(blocks) + "\n }\n}\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
