"""How the face is balanced: which muscle pulls which landmark, and which muscles an expression asks for."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from endplate.catalogue.lines import area
from endplate.catalogue.loader import read_table
from endplate.catalogue.records import Grade, Id, Number, Positive, Record, Text
from endplate.catalogue.table import DATA, catalogue
from endplate.errors import CatalogueError, unknown_name

Landmark = Literal[
    "brow_medial",
    "brow_mid",
    "brow_lateral",
    "brow_shift",
    "upper_lid",
    "lower_lid",
    "mouth_corner",
    "upper_lip",
    "lower_lip",
]
Share = Annotated[float, Field(strict=True, gt=0, le=1)]
Sign = Annotated[int, Field(strict=True, ge=-1, le=1)]
#: Muscles cut into parts that can weaken apart; see `model.face.parts`.
PARTS = {
    "frontalis": ("medial", "lateral"),
    "orbicularis_oculi_orbital": ("upper_medial", "upper_lateral"),
}
FACIAL = ("temporal", "zygomatic", "buccal", "marginal_mandibular", "cervical")
BRANCHES = (*FACIAL, "oculomotor")


class Pull(Record):
    """One muscle on one landmark, along the landmark's own direction.

    Directions that count as above zero: brows and upper lip up, brow_shift towards the midline, upper and lower lid
    apart (a wider fissure), lower lip down. The mouth corner moves in the plane of the face and has `angle_deg`.

    Attributes:
        sign: 1 pulls the landmark in its direction, -1 against it (1 for the mouth corner).
        angle_deg: of the pull on a mouth corner, from outwards through upwards.
        part: the part of the muscle that pulls, where it has parts; None for all of it.
        travel, travel_share: parameter (mm) and the share of it that the landmark moves from rest to full activation
            at full force; None where a contraction does not move it.
        hold, hold_share: parameter (mm) and the share of it that the landmark gives way when the muscle, toned at
            rest, goes slack; None where it has no hold.
    """

    id: Id
    landmark: Landmark
    muscle: Id
    part: Text | None = None
    sign: Sign
    angle_deg: Number | None = None
    travel: Id | None = None
    travel_share: Share | None = None
    hold: Id | None = None
    hold_share: Share | None = None
    source: Id
    grade: Grade
    note: str = ""


class Expression(Record):
    """What a person is asked to do.

    Attributes:
        action_units: the action units of the Facial Action Coding System it is made of.
        drive: activation above rest that it asks of each muscle, 1 = all that the muscle has.
        lines: areas whose lines it draws up, and which are graded while it is held.
    """

    id: Id
    name: Text
    action_units: tuple[Text, ...]
    drive: dict[Id, Positive]
    lines: tuple[Id, ...] = ()
    source: Id
    grade: Grade
    note: str = ""


@lru_cache(maxsize=1)
def pulls() -> dict[str, Pull]:
    """All pulls by id, in the order of `face_balance.toml`.

    Raises:
        CatalogueError: an entry that breaks its record or names what the catalogue does not hold.
    """
    found = read_table(DATA / "face_balance.toml", "pull", Pull)
    for one in found.values():
        check_pull(one)
    return found


@lru_cache(maxsize=16)
def pulls_on(landmark: str) -> tuple[Pull, ...]:
    """The pulls on one landmark, in the order of the file."""
    return tuple(one for one in pulls().values() if one.landmark == landmark)


@lru_cache(maxsize=1)
def expressions() -> dict[str, Expression]:
    """All expressions by id, in the order of `face_expressions.toml`.

    Raises:
        CatalogueError: an entry that breaks its record or names what the catalogue does not hold.
    """
    found = read_table(DATA / "face_expressions.toml", "expression", Expression)
    for one in found.values():
        check_expression(one)
    return found


def expression(name: str) -> Expression:
    """One expression; CatalogueError with the nearest names when there is none of this name."""
    if name not in expressions():
        raise unknown_name("expression", name, expressions())
    return expressions()[name]


@lru_cache(maxsize=1)
def face_parameter_ids() -> tuple[str, ...]:
    """Ids of the parameters of the face, in catalogue order."""
    return tuple(name for name in catalogue().parameters if name.startswith("face."))


@lru_cache(maxsize=64)
def branches_of(muscle: str) -> tuple[str, ...]:
    """Nerve branches that a muscle hangs on, as its record names them; none for nerves that a palsy cannot name."""
    record = catalogue().muscle(muscle)
    if record.nerve.startswith("oculomotor"):
        return ("oculomotor",)
    if not record.nerve.startswith("facial"):
        return ()
    return tuple(branch for branch in FACIAL if branch.split("_")[0] in record.nerve_branch)


def check_pull(one: Pull) -> None:
    """Raises CatalogueError where a pull contradicts itself or the rest of the catalogue."""
    catalogue().source(one.source)
    catalogue().muscle(one.muscle)
    at_corner = one.landmark == "mouth_corner"
    parameters = [name for name in (one.travel, one.hold) if name is not None]
    faults = {
        "it neither moves nor holds its landmark": not parameters,
        "a travel and its share go together": (one.travel is None) != (one.travel_share is None),
        "a hold and its share go together": (one.hold is None) != (one.hold_share is None),
        "a pull on a mouth corner has an angle, and no other has": at_corner != (one.angle_deg is not None),
        "its sign is not 1 or -1": one.sign == 0 or (at_corner and one.sign < 0),
        "the muscle has no such part": one.part is not None and one.part not in PARTS.get(one.muscle, ()),
    }
    for name in parameters:
        faults[f"`{name}` is no length of the face"] = not (
            name.startswith("face.") and catalogue().parameter(name).unit == "mm"
        )
    for fault, found in faults.items():
        if found:
            raise CatalogueError(f"face_balance.toml, pull `{one.id}`: {fault}.")


def check_expression(one: Expression) -> None:
    """Raises CatalogueError where an expression contradicts itself or the rest of the catalogue."""
    catalogue().source(one.source)
    for name in one.lines:
        for muscle in area(name).muscles:
            if muscle not in one.drive:
                raise CatalogueError(
                    f"face_expressions.toml, expression `{one.id}`: it does not drive {muscle} of the area {name}."
                )
    for muscle, drive in one.drive.items():
        record = catalogue().muscle(muscle)
        if drive > 1.0:
            raise CatalogueError(
                f"face_expressions.toml, expression `{one.id}`: {muscle} is driven beyond 1."
            )
        if record.action_units and not set(record.action_units) & set(one.action_units):
            raise CatalogueError(
                f"face_expressions.toml, expression `{one.id}`: {muscle} belongs to none of its action units."
            )
