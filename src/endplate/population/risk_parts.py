"""What the risk engine watches: muscles of both sides, parts of them, and muscles whose place is only declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from endplate.catalogue import catalogue
from endplate.catalogue.effects import DECLARED
from endplate.catalogue.face_balance import PARTS
from endplate.model.face.parts import within_part

DECLARED_CLASS = "neck"


@dataclass(frozen=True)
class Group:
    """A muscle of one side, or a part of it."""

    muscle: str
    side: str
    part: str = ""
    muscle_class: str = "mimic"

    @property
    def declared(self) -> bool:
        """Whether the atlas does not hold it."""
        return self.muscle in DECLARED


@lru_cache(maxsize=1)
def sided_names() -> tuple[tuple[str, str], ...]:
    """(muscle, side) of every muscle of the atlas, in the order of the faces."""
    from endplate.anatomy import default_face

    return tuple((shape.muscle, shape.side) for shape in default_face("female", 45).muscles)


def groups_of(muscles: Sequence[str]) -> tuple[Group, ...]:
    """Both sides of some muscles, whole and by part; declared ones last."""
    found, wanted = [], tuple(dict.fromkeys(muscles))
    for muscle in wanted:
        if muscle in DECLARED:
            continue
        kind = catalogue().muscle(muscle).muscle_class
        for name, side in sided_names():
            if name == muscle:
                found += [Group(muscle, side, part, kind) for part in ("", *PARTS.get(muscle, ()))]
    for muscle in DECLARED:
        if muscle in wanted:
            found += [Group(muscle, side, "", DECLARED_CLASS) for side in ("left", "right")]
    return tuple(found)


def part_of(face: Any, points: Any, group: Group) -> np.ndarray:
    """Which endplates make a part, (endplate,); 1 for the whole muscle."""
    if not group.part:
        return np.ones(len(points.weight))
    return within_part(face, group.muscle, group.part, points.points_mm).astype(float)
