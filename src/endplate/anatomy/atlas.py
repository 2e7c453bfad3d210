"""The atlas as data: what `data/atlas.toml` says of every muscle, read and checked, nothing computed.

The file gives the LEFT side only, by control points relative to landmarks, so that it moves with the face it is
built on. `shape.py` turns an entry into a grid of points on a given skin.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from endplate.errors import CatalogueError, unknown_name

KINDS = ("path", "sheet", "ring")
CLASSES = ("mimic", "eye", "levator", "jaw", "neck", "limb", "smooth")
COMPARTMENTS = ("skin", "orbit", "foot")
GRADES = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Figure:
    """One dimension: mean, spread between persons, how sure (grade) and who says so.

    `by_sex` holds other means for women or men where a source gives them. `sd` is None where no source gives one:
    the declared spread of the atlas is then used.
    """

    value: float
    sd: float | None
    grade: str
    source: str
    by_sex: tuple[tuple[str, float], ...] = ()

    def mean(self, sex: str) -> float:
        """The mean for one sex ("female" or "male")."""
        return dict(self.by_sex).get(sex, self.value)


@dataclass(frozen=True)
class Control:
    """A control point: a weighted blend of landmarks plus an offset (lateral, up, forward) in mm."""

    landmarks: tuple[tuple[str, float], ...]
    offset_mm: tuple[float, float, float]


@dataclass(frozen=True)
class Patch:
    """One Gaussian endplate patch in muscle coordinates: along the fibres and across, both 0 to 1."""

    along: float
    across: float
    sd_along: float
    sd_across: float
    weight: float


@dataclass(frozen=True)
class AtlasMuscle:
    """The geometry of one muscle as the file states it (left side; mm; cover is tissue above the muscle)."""

    id: str
    kind: str
    muscle_class: str
    midline: bool
    layer: int
    compartment: str
    rows: tuple[tuple[Control, ...], ...]
    across_at: tuple[float, ...]
    cover_mm: np.ndarray
    width_profile: tuple[float, ...]
    thickness_profile: tuple[float, ...]
    round_section: bool
    anchor: str
    row_length: tuple[float, ...]
    length: Figure | None
    width: Figure | None
    thickness: Figure
    patches: tuple[Patch, ...]
    grade: str
    source: str
    note: str


@dataclass(frozen=True)
class BonePrior:
    """Soft tissue from the skin to bone (or to what stops a needle there) at one place of the head."""

    at: Control
    depth_mm: float
    what: str


@dataclass(frozen=True)
class Atlas:
    """Everything in `atlas.toml`: muscles, helper points, orbital rim, soft-tissue depths, declared spreads."""

    anchors: dict[str, Control]
    muscles: dict[str, AtlasMuscle]
    rim: tuple[Control, ...]
    bone: tuple[BonePrior, ...]
    spread: dict[str, float]
    sources: dict[str, dict[str, str]]

    def muscle(self, muscle_id: str) -> AtlasMuscle:
        """The entry of one muscle; an unknown name is answered with the nearest ones."""
        if muscle_id not in self.muscles:
            raise unknown_name("muscle", muscle_id, self.muscles, "endplate list muscles")
        return self.muscles[muscle_id]


@lru_cache(maxsize=1)
def atlas() -> Atlas:
    """The atlas of the package, read once."""
    with files("endplate.anatomy").joinpath("data/atlas.toml").open("rb") as handle:
        raw = tomllib.load(handle)
    return Atlas(
        anchors={name: _control(text) for name, text in raw["anchor"].items()},
        muscles={name: _muscle(name, entry, raw["source"]) for name, entry in raw["muscle"].items()},
        rim=tuple(_control(text) for text in raw["rim"]["points"]),
        bone=tuple(BonePrior(_control(e["at"]), float(e["depth_mm"]), e["what"]) for e in raw["bone"]),
        spread={name: float(value) for name, value in raw["spread"].items() if name != "note"},
        sources=raw["source"],
    )


def _control(text: str) -> Control:
    """Read `landmark [lateral up forward]`; a blend is written `0.3*cheilion+0.7*malar`."""
    words = text.split()
    offset = tuple(float(word) for word in words[1:]) or (0.0, 0.0, 0.0)
    if len(offset) != 3:
        raise CatalogueError(f"Atlas point `{text}` has {len(offset)} offsets.", "Allowed: none or three.", "")
    blend = []
    for part in words[0].split("+"):
        share, _, name = part.rpartition("*")
        blend.append((name, float(share) if share else 1.0))
    if abs(sum(share for _, share in blend) - 1.0) > 1e-6:
        raise CatalogueError(f"Atlas point `{text}`: shares do not sum to 1.")
    return Control(tuple(blend), (offset[0], offset[1], offset[2]))


def _figure(entry: dict[str, Any] | None) -> Figure | None:
    if entry is None:
        return None
    by_sex = tuple((sex, float(entry[sex])) for sex in ("female", "male") if sex in entry)
    return Figure(float(entry["value"]), entry.get("sd"), entry["grade"], entry["source"], by_sex)


def _muscle(name: str, entry: dict[str, Any], sources: dict[str, Any]) -> AtlasMuscle:
    """One `[muscle.*]` table; every figure must name a source the file holds."""
    rows = tuple(tuple(_control(text) for text in row) for row in entry["rows"])
    thickness = _figure(entry["thickness"])
    assert thickness is not None
    muscle = AtlasMuscle(
        id=name, kind=entry["kind"], muscle_class=entry["class"], midline=entry.get("midline", False),
        layer=entry["layer"], compartment=entry["compartment"], rows=rows,
        across_at=tuple(entry.get("across_at", np.linspace(0.0, 1.0, len(rows)).tolist())),
        cover_mm=np.atleast_2d(np.asarray(entry.get("cover_mm", [0.0]), dtype=float)),
        width_profile=tuple(entry.get("width_profile", (1.0,))),
        thickness_profile=tuple(entry.get("thickness_profile", (1.0,))),
        round_section=entry.get("section", "flat") == "round", anchor=entry.get("anchor", "origin"),
        row_length=tuple(entry.get("row_length", ())),
        length=_figure(entry.get("length")), width=_figure(entry.get("width")), thickness=thickness,
        patches=tuple(Patch(**patch) for patch in entry["endplates"]),
        grade=entry["grade"], source=entry["source"], note=entry["note"],
    )
    _check(muscle, sources)
    return muscle


def _check(muscle: AtlasMuscle, sources: dict[str, Any]) -> None:
    """Refuse an entry that breaks the rules of the file."""
    figures = [figure for figure in (muscle.length, muscle.width, muscle.thickness) if figure is not None]
    named = {muscle.source, *(figure.source for figure in figures)}
    rules = (
        (muscle.kind in KINDS, f"kind `{muscle.kind}`"),
        (muscle.muscle_class in CLASSES, f"class `{muscle.muscle_class}`"),
        (muscle.compartment in COMPARTMENTS, f"compartment `{muscle.compartment}`"),
        ({muscle.grade, *(figure.grade for figure in figures)} <= set(GRADES), "a grade"),
        (named <= set(sources), f"source {sorted(named - set(sources))}"),
        (muscle.kind != "path" or (len(muscle.rows) == 1 and muscle.width is not None), "path without width"),
        (muscle.kind == "path" or len(muscle.rows) > 1, "sheet or ring with one row"),
        (len(muscle.across_at) == len(muscle.rows), "across_at"),
        (abs(sum(patch.weight for patch in muscle.patches) - 1.0) < 1e-9, "endplate weights"),
    )
    for holds, what in rules:
        if not holds:
            raise CatalogueError(f"Atlas entry `{muscle.id}` is wrong: {what}.")
