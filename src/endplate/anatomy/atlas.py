"""The atlas as data: what `data/atlas.toml` says of every muscle, read and checked, nothing computed.

The file gives the LEFT side only, by control points relative to landmarks, so that it moves with the face it is
built on. `shape.py` turns an entry into a grid of points on a given skin. Lengths, widths and thicknesses stand in
the catalogue; the file may choose its own only where the catalogue has nothing but a class prior (grade D).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from endplate.catalogue import Dimension, MuscleRecord, catalogue
from endplate.errors import CatalogueError, unknown_name

KINDS = ("path", "sheet", "ring")
COMPARTMENTS = ("skin", "orbit", "foot")
GRADES = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Figure:
    """One dimension in mm: mean, SD between persons (None: the declared spread of the atlas), grade.

    `by_sex` holds the means of women and men where a source gives them apart.
    """

    value: float
    sd: float | None
    grade: str
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
    bounded: bool
    row_length: tuple[float, ...]
    length: Figure | None
    width: Figure | None
    thickness: Figure
    patches: tuple[Patch, ...]
    grade: str
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
        muscles={name: _muscle(name, entry) for name, entry in raw["muscle"].items()},
        rim=tuple(_control(text) for text in raw["rim"]["points"]),
        bone=tuple(_bone(entry) for entry in raw["bone"]),
        spread={name: float(value) for name, value in raw["spread"].items() if name != "note"},
    )


def _control(text: str) -> Control:
    """Read `landmark [lateral up forward]`; a blend is written `0.3*cheilion+0.7*malar`."""
    words = text.split()
    offset = tuple(float(word) for word in words[1:]) or (0.0, 0.0, 0.0)
    if len(offset) != 3:
        raise CatalogueError(
            f"Atlas point `{text}` has {len(offset)} offsets.", "Allowed: none or three.", ""
        )
    blend = []
    for part in words[0].split("+"):
        share, _, name = part.rpartition("*")
        blend.append((name, float(share) if share else 1.0))
    if abs(sum(share for _, share in blend) - 1.0) > 1e-6:
        raise CatalogueError(f"Atlas point `{text}`: shares do not sum to 1.")
    return Control(tuple(blend), (offset[0], offset[1], offset[2]))


def _bone(entry: dict[str, Any]) -> BonePrior:
    """A soft-tissue depth: by the name of a catalogue parameter or, where it has none, by a declared number."""
    depth = catalogue().parameter(entry["parameter"]).value if "parameter" in entry else entry["depth_mm"]
    return BonePrior(_control(entry["at"]), float(depth), entry["what"])


def _figure(name: str, entry: dict[str, Any], record: MuscleRecord) -> Figure:
    """A dimension from the catalogue, or the atlas's own choice inside the interval of a class prior."""
    known = record.dimensions[f"{name}_mm"]  # type: ignore[index]
    by_sex = tuple((sex, float(mean)) for sex, mean in entry.get(f"{name}_by_sex", {}).items())
    if f"{name}_mm" not in entry:
        return Figure(known.value, _spread(known), known.grade, by_sex)
    own = float(entry[f"{name}_mm"])
    if known.grade != "D" or not known.low <= own <= known.high:
        raise CatalogueError(
            f"Atlas entry `{record.id}`: {name} {own:g} mm.",
            f"The catalogue has {known.value:g} ({known.low:g} to {known.high:g}), grade {known.grade}.",
            "Only a class prior may be replaced, by a number inside its interval.",
        )
    return Figure(own, None, "D", by_sex)


def _spread(known: Dimension) -> float | None:
    """SD between persons: as published, or from the 5-95 % interval; a class prior says nothing about persons."""
    if known.sd is not None:
        return known.sd
    return None if known.grade == "D" else (known.high - known.low) / (2 * 1.645)


def _muscle(name: str, entry: dict[str, Any]) -> AtlasMuscle:
    """One `[muscle.*]` table with the dimensions that its shape is brought to (`fit`)."""
    record = catalogue().muscle(name)
    rows = tuple(tuple(_control(text) for text in row) for row in entry["rows"])
    fit = entry.get("fit", ())
    muscle = AtlasMuscle(
        id=name,
        kind=entry["kind"],
        muscle_class=record.muscle_class,
        midline=record.side_kind == "midline",
        layer=entry["layer"],
        compartment=entry["compartment"],
        rows=rows,
        across_at=tuple(entry.get("across_at", np.linspace(0.0, 1.0, len(rows)).tolist())),
        cover_mm=np.atleast_2d(np.asarray(entry.get("cover_mm", [0.0]), dtype=float)),
        width_profile=tuple(entry.get("width_profile", (1.0,))),
        thickness_profile=tuple(entry.get("thickness_profile", (1.0,))),
        round_section=entry.get("section", "flat") == "round",
        anchor=entry.get("anchor", "origin"),
        bounded=entry.get("bounded", False),
        row_length=tuple(entry.get("row_length", ())),
        length=_figure("length", entry, record) if "length" in fit else None,
        width=_figure("width", entry, record) if "width" in fit or entry["kind"] == "path" else None,
        thickness=_figure("thickness", entry, record),
        patches=tuple(Patch(*(float(number) for number in patch)) for patch in entry["endplates"]),
        grade=entry["grade"],
        note=entry["note"],
    )
    _check(muscle)
    return muscle


def _check(muscle: AtlasMuscle) -> None:
    """Refuse an entry that breaks the rules of the file."""
    rules = (
        (muscle.kind in KINDS, f"kind `{muscle.kind}`"),
        (muscle.compartment in COMPARTMENTS, f"compartment `{muscle.compartment}`"),
        (muscle.grade in GRADES, f"grade `{muscle.grade}`"),
        ((len(muscle.rows) == 1) == (muscle.kind == "path"), "a path has one row, a sheet or ring several"),
        (len(muscle.across_at) == len(muscle.rows), "across_at does not fit the rows"),
        (len(muscle.row_length) in (0, len(muscle.rows)), "row_length does not fit the rows"),
        (abs(sum(patch.weight for patch in muscle.patches) - 1.0) < 1e-9, "endplate weights do not sum to 1"),
    )
    for holds, what in rules:
        if not holds:
            raise CatalogueError(f"Atlas entry `{muscle.id}` is wrong: {what}.")
