"""A trial design as a person writes it: arms, people, visits, endpoints. What must hold between them: `design`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from endplate.plan.session import InjectionEntry, Reconstitution
from endplate.plan.values import Name, Names, NotNegative, Number, Positive, Share, Text
from endplate.plan.words import Experience, Sex

SCHEMA = "endplate/trial/1"
LAST_DAY = 730
MOST_PATIENTS = 20_000_000
Day = Annotated[int, Field(strict=True, le=LAST_DAY, description="days after the first injection")]
Days = Annotated[tuple[Day, ...], Field(max_length=366)]
Whole = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Age = Annotated[Number, Field(ge=18, le=100, description="years")]
PLACEBO = "placebo"


class Ages(BaseModel, frozen=True, extra="forbid"):
    """Age in years: a normal distribution cut at both ends."""

    mean: Age = 46.0
    sd: Annotated[NotNegative, Field(le=40)] = 0.0
    min: Age = 18.0
    max: Age = 100.0


class SexMix(BaseModel, frozen=True, extra="forbid"):
    """Shares of women and men; they add to 1."""

    female: Share = 0.0
    male: Share = 0.0


class BaselineMix(BaseModel, frozen=True, extra="forbid"):
    """Shares by the investigator's grade at entry; they add to 1. `moderate` is the entry grade, `severe` all above."""

    moderate: Share
    severe: Share


class Earlier(BaseModel, frozen=True, extra="forbid"):
    """People who come with an earlier treatment: that of their own arm, once."""

    share: Share
    days_ago: Annotated[int, Field(strict=True, ge=1, le=LAST_DAY)]
    arm: Name | None = Field(
        default=None,
        description="whose treatment people of a placebo arm had; absent: the first active arm's",
    )


class Operators(BaseModel, frozen=True, extra="forbid"):
    """Who injects: an experience of the catalogue, or the SD of the needle's place in the plane of the skin."""

    experience: Experience = "unknown"
    needle_sd_mm: Annotated[NotNegative, Field(le=20)] | None = None


class Population(BaseModel, frozen=True, extra="forbid"):
    """Who is let in."""

    sex: SexMix = SexMix(female=1.0)
    age: Ages = Ages()
    baseline: dict[Name, BaselineMix] = Field(
        default={}, description="by area; absent: as the model draws it"
    )
    previously_treated: Earlier | None = None
    operator: Operators = Operators()


class ArmEntry(BaseModel, frozen=True, extra="forbid"):
    """One arm: what is injected into how many people."""

    name: Name
    n: Whole = Field(description="people of this arm in the real trial")
    product: Name | None = Field(
        default=None, description="one product, or `placebo`; absent: the product of the pattern"
    )
    pattern: Names = Field(default=(), description="all sites of these patterns that no injection names")
    injections: Annotated[tuple[InjectionEntry, ...], Field(max_length=500)] = ()
    units_per_site: Annotated[Positive, Field(le=100_000)] | None = Field(
        default=None,
        description="replaces the units of every site; volumes stay, in a ready-made liquid they follow",
    )
    scale: Annotated[Positive, Field(le=1000)] | None = Field(
        default=None, description="multiplies the units of every site"
    )
    reconstitution: Reconstitution | None = None
    sex: Sex | None = Field(default=None, description="this arm has women or men only")


class EndpointEntry(BaseModel, frozen=True, extra="forbid"):
    """An endpoint of the catalogue at some days, in some areas."""

    id: Name
    area: Names = Field(default=(), description="absent: every area of the trial")
    days: Days = Field(default=(), description="absent: every visit")


class DurationEntry(BaseModel, frozen=True, extra="forbid"):
    """A duration of the catalogue on the grid of visits."""

    id: Name
    area: Names = Field(default=(), description="absent: every area of the trial")


class Dropout(BaseModel, frozen=True, extra="forbid"):
    """How many leave before the end, for reasons that have nothing to do with the effect."""

    share_per_30_days: Annotated[Share, Field(lt=1)] | None = None
    by_visit: Annotated[tuple[Share, ...], Field(max_length=60)] | None = Field(
        default=None, description="share of those still in who are lost before each visit"
    )
    missing: Literal["observed", "failure"] = Field(
        default="observed", description="rates among those seen, or with those not seen counted as failures"
    )


class Retreatment(BaseModel, frozen=True, extra="forbid"):
    """The arm's sites once more at a visit where the investigator's grade is again that of entry."""

    min_days: Annotated[int, Field(strict=True, ge=1, le=LAST_DAY)] = Field(
        description="least days since the last treatment"
    )
    at_most: Annotated[int, Field(strict=True, ge=1, le=4)] = 1


class Comparison(BaseModel, frozen=True, extra="forbid"):
    """A test between two arms: difference of responder rates, `arm` minus `against`."""

    arm: Name
    against: Name
    endpoint: Name
    day: Day
    area: Name | None = None
    kind: Literal["superiority", "non_inferiority"] = "superiority"
    margin: Share = Field(default=0.0, description="non-inferiority: the loss that is still accepted")
    alpha: Annotated[Number, Field(gt=0, lt=0.5)] = Field(default=0.025, description="one-sided")
    power: Annotated[Number, Field(gt=0, lt=1)] = Field(default=0.9, description="for the sample size")


class DesignEntry(BaseModel, frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True):
    """A design as it stands in a file."""

    schema_: Literal["endplate/trial/1"] = Field(
        default=SCHEMA, alias="schema", description="format and its version"
    )
    title: Name = "untitled"
    note: Text | None = None
    arms: Annotated[tuple[ArmEntry, ...], Field(min_length=1, max_length=20)]
    population: Population = Population()
    visits: Annotated[tuple[Day, ...], Field(min_length=1, max_length=60)]
    endpoints: Annotated[tuple[EndpointEntry, ...], Field(max_length=40)] = ()
    durations: Annotated[tuple[DurationEntry, ...], Field(max_length=20)] = ()
    dropout: Dropout = Dropout()
    retreatment: Retreatment | None = None
    comparisons: Annotated[tuple[Comparison, ...], Field(max_length=40)] = ()
