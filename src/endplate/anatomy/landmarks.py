"""Named points of the face, and the distances between them that the literature measures.

Keys: the bare name on the midline ("nasion"), "name.left" / "name.right" for pairs. Left has x > 0 (frame "head").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from endplate.errors import unknown_name

Side = Literal["left", "right", "midline"]
Points = Mapping[str, NDArray[np.float64]]

MIDLINE = (
    "trichion", "glabella", "nasion", "sellion", "pronasale", "subnasale", "labrale_superius", "stomion",
    "labrale_inferius", "pogonion", "menton", "hyoid", "suprasternal_notch",
)  # fmt: skip
PAIRED = (
    "pupil", "medial_canthus", "lateral_canthus", "upper_lid_margin", "lower_lid_margin",
    "upper_lid_medial", "upper_lid_lateral", "lower_lid_medial", "lower_lid_lateral",
    "brow_medial", "brow_mid", "brow_lateral",
    "rim_superior", "rim_superior_medial", "rim_lateral", "rim_inferior", "rim_medial",
    "temporal_line", "brow_temporal_line", "alare", "cheilion", "modiolus", "zygion", "malar", "tragion",
    "gonion", "mastoid", "jaw_mid", "clavicle_medial",
)  # fmt: skip
OFF_SKIN = ("pupil",)  # the corneal apex; every other point lies on the skin


def landmark_names() -> tuple[str, ...]:
    """All keys, midline first, then left and right of each pair."""
    return MIDLINE + tuple(f"{name}.{side}" for name in PAIRED for side in ("left", "right"))


def landmark_key(name: str, side: str = "midline") -> str:
    """The key of a landmark on a side; a midline landmark has the same key whatever the side.

    >>> landmark_key("cheilion", "left"), landmark_key("nasion", "left")
    ('cheilion.left', 'nasion')

    Raises:
        CatalogueError: no such landmark, or a paired one without a side.
    """
    if name in MIDLINE:
        return name
    key = name if "." in name else f"{name}.{side}"
    if key.rpartition(".")[0] in PAIRED and key.endswith((".left", ".right")):
        return key
    raise unknown_name("landmark", key, landmark_names())


def mirrored_key(key: str) -> str:
    """The key across the midline."""
    swap = {"left": "right", "right": "left"}
    name, _, side = key.rpartition(".")
    return f"{name}.{swap[side]}" if side in swap else key


def side_of(key: str) -> Side:
    """left, right or midline."""
    if key.endswith(".left"):
        return "left"
    return "right" if key.endswith(".right") else "midline"


def _between(a: str, b: str) -> Callable[[Points], float]:
    return lambda points: float(np.linalg.norm(points[a] - points[b]))


def _across(name: str) -> Callable[[Points], float]:
    return lambda points: float(points[f"{name}.left"][0] - points[f"{name}.right"][0])


def _above(a: str, b: str) -> Callable[[Points], float]:
    return lambda points: float(
        np.mean([points[f"{a}.{s}"][1] - points[f"{b}.{s}"][1] for s in ("left", "right")])
    )


def _fissure(points: Points) -> float:
    sides = ("left", "right")
    gap = [points[f"medial_canthus.{s}"] - points[f"lateral_canthus.{s}"] for s in sides]
    return float(np.mean(np.linalg.norm(gap, axis=1)))


MEASURES: dict[str, Callable[[Points], float]] = {
    "interpupillary": _across("pupil"),
    "intercanthal": _across("medial_canthus"),
    "biocular": _across("lateral_canthus"),
    "fissure_length": _fissure,
    "fissure_height": _above("upper_lid_margin", "lower_lid_margin"),
    "margin_reflex": _above("upper_lid_margin", "pupil"),
    "brow_height": _above("brow_mid", "pupil"),
    "nose_width": _across("alare"),
    "mouth_width": _across("cheilion"),
    "face_width": _across("zygion"),
    "jaw_width": _across("gonion"),
    "face_height": _between("nasion", "menton"),
    "lower_face_height": _between("subnasale", "menton"),
    "forehead_height": _between("trichion", "nasion"),
}


def measure(points: Points) -> dict[str, float]:
    """The norm distances (mm) of a set of landmarks; keys as in norms.toml."""
    return {name: rule(points) for name, rule in MEASURES.items()}
