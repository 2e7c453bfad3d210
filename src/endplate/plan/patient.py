"""Who is treated. Only age and sex are needed; the rest is used where a later room asks for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from endplate.plan.values import Date, Flag, Name, Names, Number, Positive, Share, Text
from endplate.plan.words import Area, Branch, GazeDistance, GradeState, Movement, PairedSide, Sex, Side

Grade = Annotated[int, Field(strict=True, ge=0, le=5)]
PrismDioptres = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-200, le=200)]


class Baseline(BaseModel, frozen=True, extra="forbid"):
    """Grade of one area before treatment, by one or both raters, on the scale named."""

    area: Area
    state: GradeState = "contraction"
    side: Side | None = None
    scale: Name | None = Field(
        default=None, description="name of the scale in full; absent: 0 none to 3 severe"
    )
    investigator: Grade | None = None
    subject: Grade | None = None


class Palsy(BaseModel, frozen=True, extra="forbid"):
    """Share of the nerve drive lost in one branch on one side: 0 none, 1 complete."""

    branch: Branch
    side: PairedSide
    severity: Share
    since: Date | None = None


class Synkinesis(BaseModel, frozen=True, extra="forbid"):
    """A muscle that is driven along with a movement or a branch it does not belong to."""

    movement: Movement | None = None
    branch: Branch | None = None
    muscle: Name
    side: PairedSide
    strength: Share = Field(description="share of that drive which reaches the muscle")


class Squint(BaseModel, frozen=True, extra="forbid"):
    """Deviation of the eyes in prism dioptres, looking far or near."""

    distance: GazeDistance = "far"
    horizontal_pd: PrismDioptres = Field(
        default=0.0, description="inward (eso) positive, outward (exo) negative"
    )
    vertical_pd: PrismDioptres = Field(
        default=0.0, description="right eye higher positive, left eye higher negative"
    )
    eye: PairedSide | None = Field(
        default=None, description="the deviating eye, if it is always the same one"
    )


class Spasm(BaseModel, frozen=True, extra="forbid"):
    """Involuntary drive of a muscle: 0 none, 1 as strong as full voluntary drive."""

    muscle: Name
    side: Side
    drive: Share


class Patient(BaseModel, frozen=True, extra="forbid"):
    """The person. `age` in years, 0 to 120: children can be written down, the atlas does not hold them."""

    age: Annotated[Number, Field(ge=0, le=120, description="years")]
    sex: Sex
    weight_kg: Annotated[Positive, Field(ge=0.3, le=500)] | None = None
    skin_type: Annotated[int, Field(strict=True, ge=1, le=6, description="Fitzpatrick 1-6")] | None = None
    conditions: Names = ()
    medicines: Names = ()
    allergies: Names = ()
    pregnancy: Flag | None = None
    lactation: Flag | None = None
    baseline: tuple[Baseline, ...] = ()
    palsy: tuple[Palsy, ...] = ()
    synkinesis: tuple[Synkinesis, ...] = ()
    squint: tuple[Squint, ...] = ()
    spasm: tuple[Spasm, ...] = ()
    note: Text | None = None
