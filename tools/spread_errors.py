"""Measure the default spread engine against the reference engine on the bundled face, pattern by pattern.

Every distinct needle (place, volume) is solved once on the voxel head, in a box of tissue round its tip; mirror images
share a solution. Per pattern and muscle the exposures of all sites are summed (products never meet: a pattern has one)
and compared: ln(reference / default) of the median and of the mean over endplates.

usage: python -m tools.spread_errors [--h 0.8] [--only PATTERN ...] [--out PATH]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from endplate.anatomy import default_face
from endplate.anatomy.frames import MIRROR
from endplate.anatomy.voxels import head_grid, label_head
from endplate.catalogue import catalogue
from endplate.model import chain
from endplate.model.exposure import ExposureSummary
from endplate.model.face_tables import endplate_targets
from endplate.model.parameters import ParameterSet, point_parameters
from endplate.model.setup import tip_geometry
from endplate.model.simulate import prepared
from endplate.model.spread import Targets, footprint_variances, influence
from endplate.model.spread.barrier import PROTECTED, FaceBarrier, FacePoints
from endplate.model.spread.tissue import (
    NOMINAL_THICKNESS_MM,
    SpreadValues,
    dispersion_tensor,
    fascia_factor,
    footprint_tensor,
    medium_of,
    sheet_resistance_mm,
)
from endplate.plan import plan_from_dict

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "data" / "spread_errors.json"
REACH_MM = 45.0
"""Tissue further than this from a tip is left out; the footprint's largest SD is under 11 mm."""
RELEVANT = 0.01
"""A muscle counts when its median exposure is above this share of its threshold in either engine."""
LIMIT = 0.3
READ = ("spread.", "threshold.", "junction.sensitivity.")


class Reference:
    """Forward solutions of the reference engine on the left half of a head, kept by needle."""

    def __init__(self, face: Any, h_mm: float, values: SpreadValues, labels: Any = None) -> None:
        self.labels = label_head(face, head_grid(face, h_mm)) if labels is None else labels
        self.values, self.h_mm = values, h_mm
        self.points = endplate_targets(face).points
        self.mirror = _partners(self.points.names, self.points.muscle)
        self.kept: dict[tuple[float, ...], np.ndarray] = {}

    def exposure(self, tip_mm: np.ndarray, volume_ml: float) -> np.ndarray:
        """Exposure per unit of every endplate of the face (q,), 1/mm^3."""
        flip = tip_mm[0] < 0.0
        at = tip_mm * MIRROR if flip else tip_mm
        key = (*np.round(at, 3).tolist(), volume_ml)
        if key not in self.kept:
            self.kept[key] = (
                self._even(self._solve(at, volume_ml)) if at[0] == 0.0 else self._solve(at, volume_ml)
            )
        return self.kept[key][self.mirror] if flip else self.kept[key]

    def _even(self, found: np.ndarray) -> np.ndarray:
        """For a needle in the midline: the right side, of which the grid holds only a strip, is the left one."""
        left = np.array([side == "left" for _, side in self.points.names])[self.points.muscle]
        return np.where(
            left, found, np.where(left[self.mirror], found[self.mirror], 0.5 * (found + found[self.mirror]))
        )

    def _solve(self, tip_mm: np.ndarray, volume_ml: float) -> np.ndarray:
        part, field = self.field(tip_mm, volume_ml)
        medium, out = medium_of(part), np.zeros(len(self.points.weight))
        reached = np.flatnonzero(medium.index_of(self.points.points_mm) >= 0)
        out[reached] = np.maximum(medium.sample(field, self.points.points_mm[reached]), 0.0)
        return out

    def field(self, tip_mm: np.ndarray, volume_ml: float) -> tuple[Any, np.ndarray]:
        """The tissue round a tip and the exposure per unit in it (n,), 1/mm^3."""
        from endplate.model.spread.voxel import flow, laplacian, uptake

        part = self.labels.part(tip_mm - REACH_MM, tip_mm + REACH_MM)
        medium, factor = medium_of(part), fascia_factor(self.values, self.h_mm)
        footprint = laplacian(medium, footprint_tensor(part, volume_ml, self.values), factor)
        deposit = flow(footprint, medium.spread_points(tip_mm[None]), 1e-13)
        return part, uptake(laplacian(medium, dispersion_tensor(part, self.values), factor), 1.0, deposit)


def _partners(names: tuple[tuple[str, str], ...], muscle: np.ndarray) -> np.ndarray:
    """For every endplate the one that is its mirror image (q,)."""
    first = np.searchsorted(muscle, np.arange(len(names) + 1))
    at = {name: i for i, name in enumerate(names)}
    out = np.empty(len(muscle), dtype=int)
    for i, (name, side) in enumerate(names):
        span = np.arange(first[i], first[i + 1])
        if side == "midline":
            out[span] = np.roll(span, len(span) // 2)
        else:
            out[span] = np.arange(first[j := at[name, "right" if side == "left" else "left"]], first[j + 1])
    return out


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


def table_errors(reference: Reference, face: Any, count: int = 20) -> dict[str, Any]:
    """The table behind the barriers against forward solutions at random tips round and in the left orbit.

    Tips lie within 12 mm of the bony rim, every second one in the orbit; volumes 0.04 to 0.2 mL. Compared are means
    over the endplates of a muscle, where they matter (above 1e-8 per mm3 and unit).
    """
    labels, values, point = reference.labels, reference.values, point_parameters()
    points, barrier = reference.points, FaceBarrier.of(FacePoints.of(face))
    column = {
        name: point[f"spread.{name}"][:, None] for name in ("fluid_fraction", "layer_slack", "fibre_stretch")
    }
    found: dict[str, list[float]] = {"skin": [], "orbit": []}
    for number, (tip, inside) in enumerate(_random_tips(labels, face, count)):
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
            if max(pair) > 1e-8:
                found["orbit" if inside else "skin"].append(float(np.log(pair[0] / pair[1])))
    return {name: _spread_of(np.array(ratios)) for name, ratios in found.items()}


def _random_tips(labels: Any, face: Any, count: int) -> list[tuple[np.ndarray, bool]]:
    random, points = np.random.default_rng(15), labels.grid.centres(labels.cell)
    rim = face.rim_mm["left"]
    near = np.flatnonzero((points[:, 0] > 0.0) & (np.abs(points - rim.mean(axis=0)) < 45.0).all(axis=1))
    away = np.min(np.linalg.norm(points[near][:, None] - rim[None], axis=2), axis=1)
    near = near[away < 12.0]
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
    """Of what the figures rest on: skin, muscles, sites and parameters; the code is watched by a solve in the tests."""
    face, point = default_face("female", 45), point_parameters()
    parts = [_bytes(face.skin.vertices_mm), *(_bytes(shape.endplates_mm) for shape in face.muscles)]
    parts += [_bytes(shape.thickness_mm) for shape in face.muscles]
    parts += [
        f"{name} {value[0]:.9g}".encode() for name, value in point.values.items() if name.startswith(READ)
    ]
    parts += [repr((p.id, p.product, p.sites)).encode() for p in patterns()]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def _bytes(values: np.ndarray) -> bytes:
    # A thousandth of a millimetre, off the ties: the last bits differ between machines.
    return np.floor(1000.0 * values + 0.37).astype(np.int64).tobytes()


def measure(h_mm: float, names: Iterable[str] = (), labels: Any = None) -> dict[str, Any]:
    """All rows by pattern, with what they rest on."""
    face, values = default_face("female", 45), SpreadValues.of()
    started = time.perf_counter()
    reference = Reference(face, h_mm, values, labels)
    print(f"labelled in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    found = {}
    for pattern in patterns(names):
        found[pattern.id] = rows_of(pattern, reference, face)
        worst = max(
            (abs(log_ratio(r["median"])) for r in found[pattern.id] if r["role"] == "target"), default=0
        )
        took = time.perf_counter() - started
        print(f"{pattern.id}: worst target {worst:.2f} ({took:.0f} s)", file=sys.stderr, flush=True)
    return {
        "face": face.id,
        "h_mm": h_mm,
        "solves": len(reference.kept),
        "sheet_resistance_mm": sheet_resistance_mm(values),
        "inputs": inputs_hash(),
        "table": table_errors(reference, face),
        "patterns": found,
    }


def log_ratio(row: dict[str, float], engine: str = "default") -> float:
    """ln(reference / engine) of a row's medians or means."""
    return float(np.log(max(row["reference"], 1e-300) / max(row[engine], 1e-300)))


def main() -> None:
    """Measure and store."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--h", type=float, default=0.8)
    ask.add_argument("--only", nargs="*", default=())
    ask.add_argument("--out", type=Path, default=RESULTS)
    given = ask.parse_args()
    result = measure(given.h, given.only)
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
