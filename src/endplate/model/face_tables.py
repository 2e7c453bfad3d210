"""Tables that depend on the face alone, kept while the face lives: endplates and points that fill its muscles."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from endplate.anatomy.bone import tissue_grids
from endplate.model.spread import Endplates, Targets, collect_endplates, volume_points
from endplate.model.spread.barrier import FacePoints
from endplate.model.spread.target_table import FaceTargets

_KEPT: dict[tuple[str, int], Any] = {}


def tissue(face: Any) -> dict[tuple[str, str], np.ndarray]:
    """Depth of bone over the grid of each muscle, by (muscle, side)."""
    return _once("tissue", face, lambda: tissue_grids(face))


def endplate_targets(face: Any) -> Targets:
    """Every endplate of a face."""
    return _once(
        "endplates", face, lambda: _with_sheets(_targets(collect_endplates(face, tissue(face)), face), face)
    )


def volume_targets(face: Any) -> Targets:
    """Points that fill every muscle of a face; weights are volumes in mm^3."""
    return _once("volume", face, lambda: _targets(volume_points(face.muscles, tissue(face)), face))


def _targets(points: Endplates, face: Any) -> Targets:
    # Of the face itself nothing is kept, or it would never go.
    return Targets(points, face.rim_mm, FacePoints.of(face))


def _with_sheets(targets: Targets, face: Any) -> Targets:
    return replace(targets, sheets=FaceTargets(face.skin, FacePoints.of(face), targets.points, face.rim_mm))


def _once(name: str, face: Any, make: Callable[[], Any]) -> Any:
    # A face holds dictionaries and cannot be hashed; it is known by identity, and forgotten when it goes.
    key = (name, id(face))
    if key not in _KEPT:
        _KEPT[key] = make()
        weakref.finalize(face, _KEPT.pop, key, None)
    return _KEPT[key]
