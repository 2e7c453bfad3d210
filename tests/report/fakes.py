"""A small course on a made-up head: what the report room needs of the rooms below it, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np

DAYS = np.arange(0, 366)

#: muscle, centre of the left one (mm), size along and across, depth of the dip, role
MUSCLES: tuple[tuple[str, tuple[float, float, float], float, float, float, str], ...] = (
    ("procerus", (0, 25, 92), 20, 12, 0.80, "target"),
    ("corrugator_supercilii", (22, 32, 84), 24, 8, 0.85, "target"),
    ("frontalis", (30, 62, 74), 45, 34, 0.30, "at_risk"),
    ("levator_palpebrae_superioris", (30, 14, 62), 30, 8, 0.02, "at_risk"),
    ("zygomaticus_major", (46, -40, 62), 40, 8, 0.0, "other"),
    ("masseter", (56, -55, 35), 50, 28, 0.0, "other"),
)
MIDLINE = {"procerus"}


@dataclass(frozen=True)
class FakeCourse:
    """The fields of a Course as the report reads them."""

    plan_title: str
    days: np.ndarray
    muscles: list[tuple[str, str]]
    force: np.ndarray
    cmap: np.ndarray
    cross_section: np.ndarray
    force_low: np.ndarray | None
    force_median: np.ndarray | None
    force_high: np.ndarray | None
    sites: tuple[Any, ...]
    shares: np.ndarray
    histogram_edges: np.ndarray
    histogram: np.ndarray
    median_over_threshold: np.ndarray
    metrics: dict[str, np.ndarray]
    captured_by_product: dict[str, np.ndarray]
    targets: frozenset[tuple[str, str]]
    at_risk: tuple[tuple[str, str], ...]
    versions: dict[str, str]
    limits: tuple[str, ...]
    prior_share: np.ndarray
    grades: tuple[str, ...]
    banner: str = "For research, teaching and trial design; not a medical device."
    band_note: str = "Bands are prior, not yet calibrated."
    face: tuple[Any, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def to_json_dict(self) -> dict[str, Any]:
        """A minimum of what the real course writes."""
        return {"schema": "endplate/course/1", "days": self.days.tolist(), "plan": self.plan_title}


def sphere(steps: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """A head-sized ellipsoid: vertices (V, 3) and outward triangles (T, 3)."""
    up, round_ = np.linspace(0.05, np.pi - 0.05, steps), np.linspace(0, 2 * np.pi, 2 * steps)
    p, q = np.meshgrid(up, round_, indexing="ij")
    at = np.stack([75 * np.sin(p) * np.sin(q), 110 * np.cos(p), 95 * np.sin(p) * np.cos(q)], axis=-1)
    index = np.arange(p.size).reshape(p.shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    triangles = np.concatenate([np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    return at.reshape(-1, 3), triangles


def patch(muscle: str, side: str, centre: tuple[float, float, float], along: float, across: float) -> Any:
    """A flat strap of muscle with its long side upward."""
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, 9), np.linspace(-0.5, 0.5, 5), indexing="ij")
    grid = np.stack([v * across, u * along, -0.01 * (u * along) ** 2], axis=-1) + np.asarray(
        centre, dtype=float
    )
    sign = -1.0 if side == "right" else 1.0
    grid = grid * np.array([sign, 1.0, 1.0])
    normal = np.broadcast_to([0.0, 0.0, 1.0], grid.shape)
    return SimpleNamespace(
        muscle=muscle,
        side=side,
        kind="path",
        frame="head",
        grid_mm=grid,
        normal=normal,
        thickness_mm=np.full(u.shape, 2.0),
        depth_mm=np.full(u.shape, 4.0),
        layer=1,
        grade="D",
        compartment="skin",
        muscle_class="mimic",
    )


def fake_face() -> Any:
    """An ellipsoid with eleven muscles."""
    vertices, triangles = sphere()
    landmarks = {"pupil.left": np.array([31.0, 0, 80]), "pupil.right": np.array([-31.0, 0, 80])}
    muscles = []
    for name, centre, along, across, _, _ in MUSCLES:
        for side in ("midline",) if name in MIDLINE else ("left", "right"):
            muscles.append(patch(name, side, centre, along, across))
    skin = SimpleNamespace(vertices_mm=vertices, triangles=triangles, landmarks=landmarks)
    return SimpleNamespace(id="average-female-45", sex="female", age=45, skin=skin, muscles=tuple(muscles))


def fake_sites(label: str = "corrugator.medial") -> tuple[Any, ...]:
    """Five sites of one session."""
    places = [
        ("procerus", "midline", (0, 25, 96)),
        ("corrugator_supercilii", "left", (15, 30, 92)),
        ("corrugator_supercilii", "left", (31, 34, 86)),
        ("corrugator_supercilii", "right", (-15, 30, 92)),
        ("corrugator_supercilii", "right", (-31, 34, 86)),
    ]
    return tuple(
        SimpleNamespace(
            session=0,
            injection=i,
            id=f"{label}.{i}",
            product="onabotulinumtoxin_a",
            units=4.0,
            volume_ml=0.1,
            muscle=muscle,
            side=side,
            frame="head",
            skin_mm=np.array(at, dtype=float),
            tip_mm=np.array(at, dtype=float) - [0, 0, 5],
            normal=np.array([0.0, 0, 1]),
            depth_mm=5.0,
            bone_mm=9.0,
            layer_thickness_mm=3.0,
            layer=2,
            compartment="skin",
            grade="C",
        )
        for i, (muscle, side, at) in enumerate(places)
    )


def course_of(days: np.ndarray, dip: float) -> np.ndarray:
    """Force (T,): falls by `dip` within a month, back over four."""
    t = np.asarray(days, dtype=float)
    return 1 - dip * (1 - np.exp(-t / 4)) / (1 + np.exp((t - 120) / 18))


def fake_course(title: str = "Glabellar lines, made up", bands: bool = True) -> FakeCourse:
    """A course of eleven muscles over a year."""
    face, sites = fake_face(), fake_sites()
    rows = {name: (dip, role) for name, _, _, _, dip, role in MUSCLES}
    muscles = [(m.muscle, m.side) for m in face.muscles]
    dips = np.array([rows[name][0] for name, _ in muscles])
    force = np.array([course_of(DAYS, dip) for dip in dips])
    edges = np.linspace(-4, 3, 71)
    middle = 0.5 * (edges[1:] + edges[:-1])
    centre = np.log10(np.maximum(dips, 1e-3) / np.maximum(1 - dips, 0.05)) * 1.6
    histogram = np.exp(-0.5 * ((middle - centre[:, None]) / 0.5) ** 2)
    histogram /= histogram.sum(axis=1, keepdims=True)
    shares = np.array([[float(s.muscle == m) + 0.1 for s in sites] for m, _ in muscles])
    weak = force.min(axis=1) < 0.99
    nothing = np.where(weak, 0.0, np.nan)
    return FakeCourse(
        plan_title=title,
        days=DAYS,
        muscles=muscles,
        force=force,
        cmap=force,
        cross_section=np.sqrt(force),
        force_low=np.clip(force - 0.4 * (1 - force), 0, 1) if bands else None,
        force_median=np.clip(force + 0.1 * (1 - force), 0, 1) if bands else None,
        force_high=np.clip(force + 0.3 * (1 - force), 0, 1) if bands else None,
        sites=sites,
        shares=shares / shares.sum(axis=1, keepdims=True),
        histogram_edges=edges,
        histogram=histogram,
        median_over_threshold=10**centre,
        metrics={
            "onset_day": nothing + 3.2,
            "nadir": force.min(axis=1),
            "nadir_day": DAYS[force.argmin(axis=1)].astype(float),
            "duration_days": nothing + 118.4,
        },
        captured_by_product={"onabotulinumtoxin_a": dips},
        targets=frozenset((m, s) for m, s in muscles if rows[m][1] == "target"),
        at_risk=tuple((m, s) for m, s in muscles if rows[m][1] == "at_risk"),
        versions={"endplate": "0.1.0", "catalogue": "2026-11-22", "seed": "1"},
        limits=("Bands come from declared priors and are not yet calibrated.",),
        prior_share=np.full(len(muscles), 0.9),
        grades=("D",) * len(muscles),
    )


def fake_plan() -> Any:
    """The plan of the fake course, as far as a report prints it."""
    session = SimpleNamespace(
        date=date(2026, 11, 22),
        given=False,
        indication=("glabellar_lines",),
        product="onabotulinumtoxin_a",
        jurisdiction="us",
        lot=None,
        expiry=None,
        guidance="none",
        operator=SimpleNamespace(experience="expert"),
        reconstitution=SimpleNamespace(vial_units=100.0, vials=1, diluent_ml=2.5, diluent="saline"),
        note=None,
        injections=tuple(SimpleNamespace(layer="muscle", depth_mm=5.0) for _ in range(5)),
    )
    return SimpleNamespace(
        title="Glabellar lines, made up", patient=SimpleNamespace(age=45, sex="female"), sessions=(session,)
    )


def blank_pictures(**more: Any) -> dict[str, Any]:
    """Pictures that a page cannot do without, with nothing in them."""
    svg = '<svg width="4pt" height="4pt" viewBox="0 0 4 4"></svg>'
    return {"force": svg, "exposure": svg, "sites": svg, **more}
