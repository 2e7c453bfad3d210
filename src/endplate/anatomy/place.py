"""From a plan to a face: every injection gets a point on the skin, a tip, and the tissue it lies in.

Everything is worked out on the left and mirrored for the right, so that a mirrored plan gives mirrored sites.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from endplate.anatomy import curves
from endplate.anatomy.bone import BEYOND_BELLY_MM, soft_tissue
from endplate.anatomy.face import Face
from endplate.anatomy.frames import MIRROR, Array, mirrored, unit
from endplate.anatomy.outline import Foot, foot_on
from endplate.anatomy.shape import MuscleShape
from endplate.catalogue import catalogue
from endplate.errors import PlaceError, unknown_name
from endplate.plan.lookup import outside_atlas

OFF_HEAD_MM = 8.0
"""A coordinate may miss the skin by this much: faces differ, and a tracker is no better."""

MIDLINE_MM = 5.0
"""Coordinates this near the midline may serve either side."""

DERMIS_MM = 1.0
"""Middle of the dermis: in vivo 0.8-1.4 mm thick with its epidermis on the face (clinical_check 3.5)."""

SUBMUSCULAR_MM = 0.5
"""How far below the muscle a submuscular tip lies; declared."""


@dataclass(frozen=True, eq=False)
class PlacedSite:
    """One injection on a face (mm; frame "head" or "foot").

    Attributes:
        session, injection: counted from 0. id: of the injection. product, units, volume_ml: as planned.
        muscle, side: the target. skin_mm: entry; tip_mm: needle tip; normal: outward; fibre: of the target there.
        bone_mm: soft tissue from the skin to bone (or what else stops a needle).
        layer_thickness_mm, layer, compartment: of the target muscle there.
        grade: the weaker one of the muscle's geometry and, if the site comes from one, of the catalogue pattern.
        outside_mm: how far, along the skin, the tip lies outside the outline of the target (0 over it).
    """

    session: int
    injection: int
    id: str
    product: str
    units: float
    volume_ml: float
    muscle: str
    side: str
    frame: str
    skin_mm: Array
    tip_mm: Array
    normal: Array
    fibre: Array
    depth_mm: float
    bone_mm: float
    layer_thickness_mm: float
    layer: int
    compartment: str
    grade: str
    outside_mm: float


@dataclass
class _Spot:
    """A site on the left half of the face while it is being placed; `flip` says it belongs on the right."""

    number: int
    session: int
    index: int
    product: str
    injection: Any
    shape: MuscleShape
    flip: bool
    skin: Array
    normal: Array


def place(plan: Any, face: Face) -> tuple[PlacedSite, ...]:
    """Put every injection of a plan on a face.

    Args:
        plan: a checked plan; each injection has a muscle, a side and exactly one of landmark, at_mm, along.
        face: from `default_face` or `sample_individual`.

    Returns:
        one site per injection, in the order of the plan.

    Raises:
        PlaceError: a coordinate off the head, a depth beyond bone, a form of site that the muscle does not take.
        CatalogueError: an unknown muscle or landmark, with the nearest names.
    """
    spots, number = [], 0
    for session, appointment in enumerate(plan.sessions):
        for index, injection in enumerate(appointment.injections):
            number += 1
            spots.append(_spot(face, number, session, index, appointment.product, injection))
    on_skin = [spot for spot in spots if spot.shape.compartment == "skin"]
    _land(face, on_skin)
    depths, stops = soft_tissue(face, np.array([s.skin for s in on_skin])) if on_skin else (np.empty(0), ())
    room = {
        spot.number: (float(depth), stop) for spot, depth, stop in zip(on_skin, depths, stops, strict=True)
    }
    return tuple(_placed(face, spot, room.get(spot.number)) for spot in spots)


def over_muscle(placed: PlacedSite, face: Face) -> float:
    """How far a site lies outside the outline of its target muscle, mm (0 over it; in the belly for eye muscles)."""
    shape = face.muscle(placed.muscle, _side_of(placed.side, placed.skin_mm[0]))
    return foot_on(shape, placed.tip_mm, placed.normal).outside_mm


def _side_of(side: str, x: float) -> str:
    """Side of the muscle for a site: its own, or for a midline site that of its coordinate (left at the midline)."""
    return side if side != "midline" else ("right" if x < 0 else "left")


def _spot(face: Face, number: int, session: int, index: int, product: str, injection: Any) -> _Spot:
    """The start point of a site, on the left half."""
    if outside_atlas(injection.muscle):
        raise PlaceError(
            f"Site {number}: {injection.muscle} lies outside the atlas.",
            "The atlas holds the muscles of face, lids, eyes, jaw and the front of the neck.",
            "Its dose and rules: `endplate check`.",
        )
    flip = injection.side == "right"
    skin = normal = np.zeros(3)
    shape = face.muscle(injection.muscle, "left")
    if injection.at_mm is not None and shape.frame == "foot":
        skin = np.asarray(injection.at_mm, dtype=float)
    elif injection.at_mm is not None:
        skin = np.asarray(injection.at_mm, dtype=float)
        _check_side(number, injection)
        flip = bool(skin[0] < 0)
    elif injection.landmark is not None:
        skin = _landmark(face, injection)
        offset = injection.offset_mm or (0.0, 0.0)
        if injection.side == "midline" and offset[0] < 0:
            flip = True
    elif injection.along is None:
        raise PlaceError(
            f"Site {number} has no place.", "Allowed: a landmark, at_mm, or along a muscle.", "Add one."
        )
    in_depth = shape.compartment == "orbit" or (shape.compartment == "foot" and injection.at_mm is None)
    if in_depth and injection.along is None:
        raise PlaceError(
            f"Site {number} ({injection.muscle}): this muscle has no skin over it to inject through.",
            "Muscles of the orbit and the foot are placed by `along`, 0 (origin) to 1 (insertion).",
            "Give muscle and along.",
        )
    return _Spot(
        number, session, index, product, injection, shape, flip, mirrored(skin) if flip else skin, normal
    )


def _check_side(number: int, injection: Any) -> None:
    """Left has x > 0; a coordinate near the midline may serve either side."""
    x = float(injection.at_mm[0])
    wrong = {"left": x < -MIDLINE_MM, "right": x > MIDLINE_MM, "midline": abs(x) > MIDLINE_MM}
    if wrong[injection.side]:
        raise PlaceError(
            f"Site {number} ({injection.side} {injection.muscle}): x = {x:g} mm lies on another side.",
            "The subject's left has x > 0, the right x < 0, the midline x = 0.",
            "Correct side or at_mm.",
        )


def _landmark(face: Face, injection: Any) -> Array:
    """A landmark's place; paired ones on the side of the injection, given as if on that side."""
    name = injection.landmark.removesuffix(".left").removesuffix(".right")
    known = face.skin.landmarks
    key = name if name in known else f"{name}.left"
    if key not in known:
        names = {other.removesuffix(".left").removesuffix(".right") for other in known}
        raise unknown_name("landmark", injection.landmark, sorted(names))
    at = np.asarray(known[key], dtype=float)
    return mirrored(at) if injection.side == "right" else at


def _land(face: Face, spots: Sequence[_Spot]) -> None:
    """Lay the sites on the skin: coordinates snap, landmarks are walked from, `along` points are looked up."""
    for spot in spots:
        injection = spot.injection
        if injection.at_mm is not None:
            found = face.skin.nearest(spot.skin[None])[0][0]
            _check_on_head(spot, float(np.linalg.norm(found - spot.skin)), face)
            spot.skin = found
        elif injection.landmark is None:
            middle = _belly(spot.shape, injection.along)
            spot.skin = face.skin.nearest(middle[0][None])[0][0]
    _walk(face, [spot for spot in spots if spot.injection.landmark is not None])
    if spots:
        points, normals = face.skin.nearest(np.array([spot.skin for spot in spots]))
        for spot, point, normal in zip(spots, points, normals, strict=True):
            spot.skin, spot.normal = point, normal


def _walk(face: Face, spots: Sequence[_Spot]) -> None:
    """Walk from the landmarks. Ways of equal length go together, mirror images once; no site moves another."""
    ways: dict[tuple[float, ...], list[_Spot]] = {}
    for spot in spots:
        lateral, up = spot.injection.offset_mm or (0.0, 0.0)
        # From a midline landmark lateral is towards the subject's left, so it turns when the site is flipped.
        lateral = -lateral if spot.flip and spot.injection.landmark in face.skin.landmarks else lateral
        ways.setdefault((*spot.skin.tolist(), float(lateral), float(up)), []).append(spot)
    groups: dict[int, list[tuple[float, ...]]] = {}
    for way in ways:
        groups.setdefault(int(np.ceil(np.hypot(way[3], way[4]))), []).append(way)
    for group in groups.values():
        table = np.array(group)
        ends = face.skin.walk(table[:, :3], table[:, 3], table[:, 4], "left")
        for way, end in zip(group, ends, strict=True):
            for spot in ways[way]:
                spot.skin = end


def _check_on_head(spot: _Spot, away_mm: float, face: Face, what: str = "head") -> None:
    if away_mm > OFF_HEAD_MM:
        x, y, z = (float(value) for value in spot.injection.at_mm)
        raise PlaceError(
            f"{_name(spot)}: ({x:g}, {y:g}, {z:g}) mm is {away_mm:.1f} mm off the {what} (face `{face.id}`).",
            f"A coordinate may lie up to {OFF_HEAD_MM:g} mm from it.",
            "Give at_mm on the skin, or a landmark with offset_mm.",
        )


def _belly(shape: MuscleShape, along: float) -> tuple[Array, Array, Array, float]:
    """Middle of a muscle at a share of its length: point, fibre, normal, thickness."""
    u, v = np.array([along]), np.array([0.5])
    fields = (shape.grid_mm, shape.fibre, shape.normal, shape.thickness_mm)
    point, fibre, normal, thickness = (curves.on_grid(field, u, v)[0] for field in fields)
    return point, unit(fibre), unit(normal), float(thickness)


def _placed(face: Face, spot: _Spot, room: tuple[float, str] | None) -> PlacedSite:
    if room is None and spot.injection.along is not None:
        return _finished(spot, *_in_belly(face, spot))
    bone, stop = room or _land_on_foot(spot, face)
    foot = foot_on(spot.shape, spot.skin, spot.normal)
    depth = _depth(spot, foot)
    if spot.injection.depth_mm is None:
        depth = min(depth, bone)
    if depth > bone:
        raise PlaceError(
            f"{_name(spot)}: depth {depth:.1f} mm is beyond {stop}; tissue there is {bone:.1f} mm (face `{face.id}`).",
            "",
            f"Give depth_mm <= {np.floor(bone * 10) / 10:.1f} or move the site.",
        )
    fibre = _along_skin(foot.fibre, spot.normal, spot.skin[0] == 0.0)
    return _finished(
        spot, spot.skin - depth * spot.normal, fibre, foot.thickness_mm, depth, bone, foot.outside_mm
    )


def _land_on_foot(spot: _Spot, face: Face) -> tuple[float, str]:
    """A coordinate in the flat frame of the foot: lay it on the skin z = 0 and say how deep the tissue is."""
    _check_on_head(spot, abs(float(spot.skin[2])), face, "skin of the foot")
    spot.skin, spot.normal = spot.skin * np.array([1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
    foot = foot_on(spot.shape, spot.skin, spot.normal)
    _check_on_head(spot, foot.outside_mm, face, "foot muscle")
    return foot.depth_mm + 0.5 * float(spot.shape.thickness_mm.max()) + BEYOND_BELLY_MM, "bone"


def _in_belly(face: Face, spot: _Spot) -> tuple[Array, Array, float, float, float, float]:
    """An eye muscle or the foot muscle: the tip lies in the middle of the belly."""
    tip, fibre, spot.normal, thickness = _belly(spot.shape, spot.injection.along)
    if spot.shape.frame == "foot":
        spot.skin = tip * np.array([1.0, 1.0, 0.0])
    else:
        spot.skin = face.skin.nearest(tip[None])[0][0]
    depth = float(np.linalg.norm(tip - spot.skin))
    return tip, fibre, thickness, depth, depth + 0.5 * thickness + BEYOND_BELLY_MM, 0.0


def _depth(spot: _Spot, foot: Foot) -> float:
    """Depth of the tip: as planned, else by layer, else the middle of the target muscle."""
    injection = spot.injection
    if injection.depth_mm is not None:
        return float(injection.depth_mm)
    cover = max(foot.depth_mm - 0.5 * foot.thickness_mm, 0.2)
    by_layer = {
        "dermis": min(DERMIS_MM, cover),
        "subcutis": 0.5 * (min(DERMIS_MM, cover) + cover),
        "submuscular": foot.depth_mm + 0.5 * foot.thickness_mm + SUBMUSCULAR_MM,
    }
    return float(by_layer.get(injection.layer, foot.depth_mm))


def _along_skin(fibre: Array, normal: Array, at_midline: bool) -> Array:
    """Fibre direction along the skin; at the midline the part that both sides share."""
    if at_midline:
        fibre = fibre * np.array([0.0, 1.0, 1.0])
    flat = fibre - (fibre @ normal) * normal
    return unit(flat) if np.linalg.norm(flat) > 1e-6 else unit(np.cross(normal, np.array([1.0, 0.0, 0.0])))


def _finished(
    spot: _Spot, tip: Array, fibre: Array, thickness: float, depth: float, bone: float, outside: float
) -> PlacedSite:
    turn = MIRROR if spot.flip else np.ones(3)
    injection, shape = spot.injection, spot.shape
    return PlacedSite(
        session=spot.session,
        injection=spot.index,
        id=injection.id,
        product=spot.product,
        units=float(injection.units),
        volume_ml=float(injection.volume_ml),
        muscle=shape.muscle,
        side=injection.side,
        frame=shape.frame,
        skin_mm=spot.skin * turn,
        tip_mm=tip * turn,
        normal=spot.normal * turn,
        fibre=fibre * turn,
        depth_mm=depth,
        bone_mm=bone,
        layer_thickness_mm=thickness,
        layer=shape.layer,
        compartment=shape.compartment,
        grade=_grade(shape, getattr(injection, "pattern", None)),
        outside_mm=outside,
    )


def _grade(shape: MuscleShape, pattern: str | None) -> str:
    """A site is no better known than its muscle, nor than the pattern that puts it there (A best, D weakest)."""
    return shape.grade if pattern is None else max(shape.grade, catalogue().pattern(pattern).grade)


def _name(spot: _Spot) -> str:
    side = "" if spot.injection.side == "midline" else f"{spot.injection.side} "
    return f"Site {spot.number} ({side}{spot.shape.muscle})"
