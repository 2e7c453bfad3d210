"""Records of clinical evidence: studies with their arms, endpoints, published numbers, unwanted effects.

A number is kept as it was printed (a share 0-1, or a time in the unit of its endpoint). What an endpoint means stands
once, in `Endpoint`, so that a simulated trial and a published row are read by the same rule.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from endplate.catalogue.records import Flag, Id, Number, Positive, Record, Text

Count = Annotated[int, Field(strict=True, ge=0)]
Size = Annotated[int, Field(strict=True, gt=0)]
Score = Annotated[int, Field(strict=True, ge=0, le=5)]
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
Day = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]

Rater = Literal["investigator", "subject"]
Area = Literal["glabella", "forehead", "lateral_canthus", "platysma", "masseter", "eyelid"]
OtherArea = Literal[
    "upper_face",
    "half_face",
    "eye_muscles",
    "neck",
    "upper_limb",
    "lower_limb",
    "axilla",
    "salivary_glands",
    "head",
]
Tag = Literal["seen", "recall", "derived"]
Use = Literal["calibrate", "test", "sets_prior", "documented", "not_modelled"]

#: Arms that received no toxin, and arms whose product was not read (or was more than one).
PLACEBO, NOT_STATED = "placebo", "not_stated"
#: Areas whose reading the model gives; other areas stay on record only.
MODELLED_AREAS = ("glabella", "forehead", "lateral_canthus", "platysma", "masseter", "eyelid")


class Endpoint(Record):
    """What is counted, exactly. All `raters` must agree unless `require` says "any".

    Attributes:
        kind: "grade" reads the grades of one visit; "change" and "onset" compare a change the subject feels with a
            threshold (`cut`, a parameter of the model); "duration" is a time to an event over visits; "direct" reads a
            measured force.
        areas: where it applies, hence on which scale (`scale`).
        at_most: grades up to this count (grade), or grades above it end the effect (duration, rule "above").
        improved_by: at least so many grades better than the rater's own grade at entry.
        negated: the endpoint holds where its condition does not.
        among: the endpoint that must hold on `among_day` for a person to be counted, or "all" who were treated.
        from_day: earlier visits do not end a duration (before the effect has set in every grade is that of entry).
        rule: what ends a duration: "above" `at_most`, or "back" to the rater's own grade at entry or worse.
        statistic, unit: of what is reported; a share is in 1, a time in weeks or d.
    """

    id: Id
    name: Text
    definition: Text
    family: Literal["composite", "none_mild", "one_grade", "global", "onset", "duration", "direct"]
    kind: Literal["grade", "change", "onset", "duration", "direct"]
    areas: tuple[Area, ...]
    scale: Text
    raters: tuple[Rater, ...] = ()
    at_most: Score | None = None
    improved_by: Annotated[int, Field(strict=True, gt=0)] | None = None
    negated: Flag = False
    cut: Id | None = None
    among: Id | None = None
    among_day: Day | None = None
    from_day: Day | None = None
    rule: Literal["above", "back"] | None = None
    require: Literal["both", "any"] = "both"
    reads: Literal["closing_force"] | None = None
    statistic: Literal["share", "median", "mean_loss"]
    unit: Literal["1", "weeks", "d"]
    note: str = ""


class Treatment(Record):
    """Sites of a catalogue pattern, every dose times `scale`."""

    pattern: Id
    scale: Positive = 1.0


class Arm(Record):
    """One arm of a study.

    Attributes:
        product: a product of the catalogue, "placebo", or "not_stated" (not read, or several).
        pattern, scale: sites that come nearest to those of the arm, and the factor on their doses. None where no
            pattern fits; such an arm cannot be simulated.
        also: what was injected in the same session into further areas.
        units_total: units of the whole session as printed; None where the notes do not say.
        n: persons in the arm; None where the notes do not say.
    """

    id: Id
    product: Id
    pattern: Id | None = None
    scale: Positive = 1.0
    also: tuple[Treatment, ...] = ()
    units_total: Positive | None = None
    n: Size | None = None
    note: str = ""


class Study(Record):
    """A trial or series: who was treated and how. Trials that were printed as one pool stay one study.

    Attributes:
        rows: names of its rows in the reading notes.
        women_share, naive_share: of entrants. severe_share_*: of entrants whom the rater graded severe at entry.
        entry: the rule of entry, where it was read.
        visits_days: days for which a number was printed (the full grid was seldom read).
    """

    id: Id
    title: Text
    sources: tuple[Id, ...]
    rows: tuple[Text, ...]
    areas: tuple[Area | OtherArea, ...]
    women_share: Share | None = None
    mean_age: Positive | None = None
    naive_share: Share | None = None
    severe_share_investigator: Share | None = None
    severe_share_subject: Share | None = None
    entry: str = ""
    visits_days: tuple[Day, ...] = ()
    raters: tuple[Rater, ...] = ()
    note: str = ""
    arm: tuple[Arm, ...]

    def arm_of(self, name: str) -> Arm | None:
        """The arm of this name, or None."""
        return next((arm for arm in self.arm if arm.id == name), None)


class Result(Record):
    """One published number of one arm.

    Attributes:
        row: where it stands in the reading notes (C1, C10b, 3.2 ...).
        endpoint: an `Endpoint`; where none fits, `measure` says in words what was counted.
        day: days after treatment; None for times to an event and where the visit was not read.
        value: as printed, in `unit`; `bound` says where it is only a bound.
        n: persons it rests on; None where neither it nor the size of the arm was read.
        tag: "seen" was read at its source, "recall" quoted from memory, "derived" is arithmetic on such figures.
        use: "calibrate" is fitted; "test" is predicted and never fitted; "sets_prior" shaped a prior and counts as
            fitted; "documented" and "not_modelled" are neither.
        assumed: what the reading notes do not print and we took to be so (rater, statistic, set of persons).
        reason: why it is not modelled.
    """

    id: Id
    study: Id
    arm: Id
    kind: Literal["active", "placebo"]
    area: Area | OtherArea
    row: Text
    endpoint: Id | None = None
    measure: str = ""
    day: Day | None = None
    value: Number | None = None
    bound: Literal["at_least", "at_most"] | None = None
    unit: Text
    n: Size | None = None
    events: Count | None = None
    tag: Tag
    checked: Flag
    source: Id
    use: Use
    assumed: str = ""
    reason: str = ""
    note: str = ""


class UnwantedEffect(Record):
    """A reported rate of an unwanted effect under one product, with placebo where there was one.

    Attributes:
        units: units of a session; None where they differ between persons.
        definition: "all_cause" counts every case, "related" those called related to treatment.
        events, n: cases and persons (or sessions, see `per`); share: the printed rate where no count was read.
        placebo_*: the same of the placebo arm; `placebo_below` where only an upper bound was printed.
        mechanism: the effect follows from toxin in a muscle of the model, so that a simulation can predict it.
    """

    id: Id
    effect: Id
    product: Id
    area: Area | OtherArea
    units: Positive | None = None
    study: Id | None = None
    definition: Literal["all_cause", "related", "not_stated"]
    per: Literal["person", "session"] = "person"
    events: Count | None = None
    n: Size | None = None
    share: Share | None = None
    placebo_events: Count | None = None
    placebo_n: Size | None = None
    placebo_share: Share | None = None
    placebo_below: Share | None = None
    mechanism: Flag
    tag: Tag
    checked: Flag
    source: Id
    note: str = ""

    @property
    def rate(self) -> float | None:
        """Share under treatment, from the counts where there are any."""
        return _rate(self.events, self.n, self.share)

    @property
    def placebo_rate(self) -> float | None:
        """Share under placebo; None where there was none or only a bound."""
        return _rate(self.placebo_events, self.placebo_n, self.placebo_share)


def _rate(events: int | None, n: int | None, share: float | None) -> float | None:
    return events / n if events is not None and n else share
