"""One appointment: what was or will be given, by whom, and where.

Each record comes twice: the `...Entry` is what a person writes (much may be left out), the record without
that ending is what the program works with (everything known). `resolve.py` leads from one to the other.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from endplate.plan.values import Date, Flag, Moment, Name, Names, NotNegative, Number, Positive, Share, Text
from endplate.plan.words import Diluent, Experience, Guidance, Layer, Side

Offset = tuple[
    Annotated[Number, Field(ge=-200, le=200)],
    Annotated[Number, Field(ge=-200, le=200)],
]
Coordinate = Annotated[Number, Field(ge=-1000, le=1000)]
Point = tuple[Coordinate, Coordinate, Coordinate]
LEAST_DILUENT_ML, MOST_DILUENT_ML = 0.001, 100.0
Volume = Annotated[Positive, Field(le=100, description="mL")]


class Reconstitution(BaseModel, frozen=True, extra="forbid"):
    """How the powder was dissolved. Concentration in U/mL = vial_units / diluent_ml."""

    vial_units: Annotated[Positive, Field(ge=0.1, description="units in one vial, as labelled")]
    vials: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    diluent_ml: Annotated[
        Positive, Field(ge=LEAST_DILUENT_ML, le=MOST_DILUENT_ML, description="mL added to each vial")
    ]
    diluent: Diluent = "saline"
    units_per_0_1_ml: Positive | None = Field(
        default=None, description="a check: must agree with the vial to 1 %"
    )


class Operator(BaseModel, frozen=True, extra="forbid"):
    """Who injects."""

    experience: Experience = "unknown"
    id: Name | None = None


class SiteForm(BaseModel, frozen=True, extra="forbid"):
    """Where the needle goes: exactly one of four forms, and how deep.

    Forms: `pattern` + `site` · `landmark` (+ `offset_mm`) · `at_mm` · `muscle` + `along`.
    """

    pattern: Name | None = None
    site: Name | None = None
    landmark: Name | None = None
    offset_mm: Offset | None = Field(
        default=None, description="walked along the skin: [away from the midline (from it: to the left), up]"
    )
    at_mm: Point | None = Field(
        default=None, description="entry of the needle: x to the subject's left, y up, z forward"
    )
    along: Share | None = Field(
        default=None, description="share of the muscle's length, 0 origin, 1 insertion"
    )
    depth_mm: Annotated[NotNegative, Field(le=100, description="needle tip below the skin")] | None = None
    layer: Layer | None = None


class InjectionEntry(SiteForm, frozen=True, extra="forbid"):
    """One needle stick as written."""

    id: Name | None = Field(default=None, description="unique in the plan; absent: s1.3, third of session 1")
    muscle: Name | None = Field(default=None, description="the muscle aimed at")
    side: Side | None = None
    units: NotNegative | None = Field(default=None, description="units of the session's product")
    volume_ml: Volume | None = None


class Injection(SiteForm, frozen=True, extra="forbid"):
    """One needle stick, everything known. Pattern sites carry their landmark or `along` as well."""

    id: Name
    muscle: Name
    side: Side
    units: NotNegative
    volume_ml: Volume


class Appointment(BaseModel, frozen=True, extra="forbid"):
    """What a session says apart from its product and injections."""

    date: Date
    given: Flag = Field(default=False, description="true: a treatment of the past")
    indication: Names = Field(default=(), description="one or several; absent: those of the patterns")
    jurisdiction: Name | None = None
    brand: Name | None = Field(default=None, description="of the product: whose label counts")
    pattern: Names = Field(default=(), description="all sites of these patterns that no injection names")
    reconstitution: Reconstitution | None = None
    lot: Name | None = None
    expiry: Date | None = None
    reconstituted_at: Moment | None = None
    operator: Operator = Operator()
    guidance: Guidance = "none"
    note: Text | None = None


class SessionEntry(Appointment, frozen=True, extra="forbid"):
    """One appointment as written: `pattern` stands for all its sites at label units and volumes."""

    product: Name | None = Field(default=None, description="one product; absent: the product of the pattern")
    injections: Annotated[tuple[InjectionEntry, ...], Field(max_length=500)] = ()


class Session(Appointment, frozen=True, extra="forbid"):
    """One appointment, everything known: `injections` hold every site, also those of `pattern`."""

    product: Name
    injections: Annotated[tuple[Injection, ...], Field(min_length=1, max_length=500)]
