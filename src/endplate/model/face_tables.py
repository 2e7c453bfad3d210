"""Tables that depend on the face alone, kept while the face lives: endplates and points that fill its muscles."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from endplate.model.spread import Targets, collect_endplates, volume_points

_KEPT: dict[tuple[str, int], Targets] = {}


def endplate_targets(face: Any) -> Targets:
    """Every endplate of a face."""
    return _once("endplates", face, lambda: Targets(collect_endplates(face), face.rim_mm))


def volume_targets(face: Any) -> Targets:
    """Points that fill every muscle of a face; weights are volumes in mm^3."""
    return _once("volume", face, lambda: Targets(volume_points(face.muscles), face.rim_mm))


def _once(name: str, face: Any, make: Callable[[], Targets]) -> Targets:
    # A face holds dictionaries and cannot be hashed; it is known by identity, and forgotten when it goes.
    key = (name, id(face))
    if key not in _KEPT:
        _KEPT[key] = make()
        weakref.finalize(face, _KEPT.pop, key, None)
    return _KEPT[key]
