"""Parts of a muscle that can weaken apart: which endplates belong to which.

frontalis              medial or lateral of the line midway between the middle and the tail of the brow
orbicularis (orbital)  upper_medial and upper_lateral: above the medial canthus, inside or outside of the pupil

The brow tilts when its medial and its lateral elevator, or its lateral depressor, weaken by different amounts. Where
the parts meet is a judgement: no border was found, and fibres run across it.

A muscle with parts is run as cells (each part, and what belongs to none): the share of fibres that fire is a mean over
endplates, so that one run gives the muscle and its parts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from endplate.catalogue.face_balance import PARTS
from endplate.errors import CatalogueError
from endplate.model.setup import Setup

Key = tuple[str, str]


def part_names() -> tuple[tuple[str, str], ...]:
    """(muscle.part, side) of every part, in the order of `PARTS`, left before right."""
    return tuple(
        (f"{muscle}.{part}", side)
        for muscle, parts in PARTS.items()
        for part in parts
        for side in ("left", "right")
    )


def part_of(face: Any) -> np.ndarray:
    """Row of `part_names` of each endplate of a face, (q,); -1 for those of no part.

    Endplates stand in the order of the face's muscles, as everywhere in the model.
    """
    names = part_names()
    found = []
    for shape in face.muscles:
        row = np.full(len(shape.endplates_mm), -1)
        for part in PARTS.get(shape.muscle, ()):
            mine = within_part(face, shape.muscle, part, shape.endplates_mm)
            row[mine] = names.index((f"{shape.muscle}.{part}", shape.side))
        found.append(row)
    return np.concatenate(found)


def with_parts(setup: Setup) -> tuple[Setup, tuple[Key, ...]]:
    """The setup with further read-outs, the parts in reach, and their names (muscle.part, side).

    Muscles stay the first read-outs, in the order of `active_muscles` of the setup given.
    """
    part = part_of(setup.face)
    inside = part >= 0
    # Endplates out of reach keep their weight in the part: they are not blocked.
    whole = np.bincount(part[inside], weights=setup.endplates.weight[inside], minlength=len(part_names()))
    cells, cell = np.unique(np.stack([setup.muscle, part[setup.active]], axis=1), axis=0, return_inverse=True)
    reached = [int(row) for row in np.unique(cells[:, 1]) if row >= 0]
    muscles = len(setup.active_muscles)
    joined = np.zeros((muscles + len(reached), len(cells)))
    joined[cells[:, 0], np.arange(len(cells))] = 1.0
    for k, row in enumerate(reached):
        mine = cells[:, 1] == row
        joined[muscles + k, mine] = 1.0 / whole[row]
    classes = tuple(setup.classes[m] for m in cells[:, 0])
    of_part = [classes[int(np.flatnonzero(cells[:, 1] == row)[0])] for row in reached]
    wide = replace(
        setup,
        muscle=cell.reshape(-1),
        active_muscles=np.arange(len(cells)),
        classes=classes,
        joined=joined,
        row_classes=(*setup.classes, *of_part),
    )
    return wide, tuple(part_names()[row] for row in reached)


def within_part(face: Any, muscle: str, part: str, points_mm: np.ndarray) -> np.ndarray:
    """Whether points (q, 3) of a muscle of either side lie in a part of it, (q,) of bool.

    Raises:
        CatalogueError: a part that the muscle does not have.
    """
    if part not in PARTS.get(muscle, ()):
        raise CatalogueError(f"{muscle} has no part `{part}`.", f"Parts: {PARTS.get(muscle, ())}.")
    away = np.abs(points_mm[:, 0])
    if muscle == "frontalis":
        border = 0.5 * (face.points["brow_mid"][0] + face.points["brow_lateral"][0])
        return away <= border if part == "medial" else away > border
    above = points_mm[:, 1] > face.points["medial_canthus"][1]
    inside = away <= face.points["pupil"][0]
    return above & (inside if part == "upper_medial" else ~inside)
