"""The plain records of the catalogue: frozen, every field checked, nothing extra.

Numbers are strict (a quoted number or a true/false is refused). A record says nothing about other records: what
must hold between them stands in `rules`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True, min_length=1)]
Id = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")]
Grade = Literal["A", "B", "C", "D"]
Side = Literal["left", "right", "midline"]


class Record(BaseModel):
    """Base of all records: frozen, unknown fields refused, built on first use."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Source(Record):
    """Where numbers come from, in our own words.

    `read` tells how much of it was seen: a table, an abstract, a label page, a secondary copy; "recall" was quoted
    from memory and not seen, "derived" is arithmetic on other sources, "declared" is a judgement of this project.
    """

    id: Id
    citation: Text
    address: str = ""
    kind: Literal["label", "trial", "review", "study", "database", "guideline", "software", "project"]
    read: Literal["table", "abstract", "label page", "secondary copy", "recall", "derived", "declared"]


class Evidence(Record):
    """Backs one fact of a product: its source, and whether the fact was read there (`checked`)."""

    source: Id
    checked: Flag
    note: str = ""


class Fact(Record):
    """A measured number kept with its source: toxin mass per unit, insertions, volumes and the like."""

    value: Number
    unit: Text
    sd: Positive | None = None
    low: Number | None = None
    high: Number | None = None
    grade: Grade
    source: Id
    checked: Flag
    note: str = ""


class Ingredient(Record):
    """An excipient; `mg` per `per_u` units (per vial where `per_u` is empty), with a source of its own."""

    name: Text
    mg: Positive | None = None
    per_u: Positive | None = None
    amount_source: Id | None = None
    amount_checked: Flag = False


class Storage(Record):
    """Storage of the unopened product; temperatures in degrees Celsius."""

    low_c: Number | None = None
    high_c: Number | None = None
    months: Positive | None = None
    jurisdiction: Text
    source: Id
    checked: Flag
    note: str = ""


class UseWithin(Record):
    """Hours within which a reconstituted (or diluted) product is used, by jurisdiction and date."""

    hours: Positive
    jurisdiction: Text
    effective: date | Literal["unknown"]
    source: Id
    checked: Flag
    note: str = ""


class Dilution(Record):
    """A dilution a label or a trial prints: vial units and diluent in mL."""

    vial_u: Positive
    diluent_ml: Positive
    use: Text
    source: Id
    checked: Flag


class Product(Record):
    """A botulinum toxin product. Units belong to the product and are never converted.

    Attributes:
        vials_u: all vial sizes known, labelled units; empty with a note where none was found.
        concentration_u_per_ml: for ready-to-use liquids.
        toxin_pg_per_u: mass of the 150 kDa neurotoxin per labelled unit (a fact); never for conversion.
        complexing_proteins: true/false, or None where not found.
        evidence: source of each fact, by field name.
        missing: what was looked for and not found, by field name.
    """

    id: Id
    name: Text
    brands: tuple[Text, ...]
    serotype: Literal["A", "B", "E"]
    form: Literal["powder", "liquid"] | None = None
    unit_name: Text = "U"
    vials_u: tuple[Positive, ...] = ()
    concentration_u_per_ml: Positive | None = None
    stabilisers: tuple[Ingredient, ...] = ()
    allergens: tuple[Text, ...] = ()
    complexing_proteins: Flag | None = None
    toxin_pg_per_u: Fact | None = None
    storage: tuple[Storage, ...] = ()
    use_within: tuple[UseWithin, ...] = ()
    dilutions: tuple[Dilution, ...] = ()
    jurisdictions: tuple[Text, ...] = ()
    approved: dict[Text, date] = {}
    status: Text
    evidence: dict[str, Evidence]
    missing: dict[str, Text] = {}


class PatternSite(Record):
    """One injection of a pattern, written out for its side.

    Either `landmark` + `offset_mm` = (lateral, up), walked along the skin (lateral positive = away from the midline;
    from a midline landmark positive = to the subject's left), or `along` = fraction 0..1 of the muscle's length from
    origin to insertion (eye muscles, extensor digitorum brevis).
    """

    id: Id
    side: Side
    muscle: Id
    landmark: Text | None = None
    offset_mm: tuple[Number, Number] | None = None
    along: Annotated[float, Field(strict=True, ge=0, le=1)] | None = None
    depth_mm: Positive | None = None
    layer: Literal["dermis", "subcutis", "muscle", "submuscular"] | None = None
    units: Positive
    volume_ml: Positive


class Pattern(Record):
    """An injection pattern: what a label, trial or series gives, site by site.

    Attributes:
        basis: what kind of document gives the doses.
        effective: date of the label text, or "unknown".
        read_on: day the entry was written from the reading notes; the page itself was read on or before that day.
        source, checked: of the doses. geometry_source, geometry_checked, grade: of where the sites lie.
        label_total_u: total printed by the source (None where it prints none); the sites must add up to it.
        site_range_u: lowest and highest dose of one site that the source allows.
    """

    id: Id
    title: Text
    indication: Id
    product: Id
    jurisdiction: Text
    basis: Literal["label", "trial", "series", "calibration"]
    effective: date | Literal["unknown"]
    read_on: date
    source: Id
    checked: Flag
    geometry_source: Id
    geometry_checked: Flag
    grade: Grade
    label_total_u: Positive | None = None
    site_range_u: tuple[Positive, Positive] | None = None
    note: str = ""
    sites: tuple[PatternSite, ...]

    @property
    def total_u(self) -> float:
        """Units of all sites together."""
        return sum(site.units for site in self.sites)


class Parameter(Record):
    """A number of the model or of the literature; `low`-`high` is its 5-95 % interval.

    `grade`: A measured in man and read, B in man but secondary or derived, C animal, in vitro or indirect, D declared.
    `drawn`: whether uncertainty bands draw it (documentation rows are not drawn).
    `least`, `most`: beyond these the number makes no sense whatever its interval (a share above 1); draws stop there.
    """

    id: Id
    name: Text
    unit: Text
    value: Number
    low: Number
    high: Number
    least: Number | None = None
    most: Number | None = None
    scale: Literal["log", "linear"]
    grade: Grade
    source: Id
    where: Text
    checked: Flag
    species: Text
    drawn: Flag
    note: str = ""


class Dimension(Record):
    """A length of a muscle, mm; `prior` names the class prior (a parameter) when the muscle's own was not found."""

    value: Positive
    sd: Positive | None = None
    low: Positive
    high: Positive
    grade: Grade
    source: Id
    checked: Flag
    prior: Id | None = None
    note: str = ""


class MuscleRecord(Record):
    """What is known of one muscle; its shape in space belongs to the atlas."""

    id: Id
    name: Text
    group: Literal["face", "lid", "eye", "jaw", "neck", "calibration"]
    muscle_class: Literal["mimic", "eye", "levator", "jaw", "neck", "limb", "smooth"]
    side_kind: Literal["paired", "midline"]
    nerve: Text
    nerve_branch: str = ""
    action_units: tuple[Text, ...] = ()
    antagonists: tuple[Id, ...] = ()
    origin: Text
    insertion: Text
    at_risk: str = ""
    source: Id
    checked: Flag
    dimensions: dict[Literal["length_mm", "width_mm", "thickness_mm", "depth_mm"], Dimension]
    facts: dict[Id, Fact] = {}
    smooth: Flag = False
    note: str = ""


class Observation(Record):
    """One published number that a fit uses, a sign it must give, or a row kept for the record.

    Attributes:
        row: where it stands in the reading notes (V1, P6.9, spread 1.3 ...).
        value, low, high: the number and, where printed, its interval; a bound has only one end.
        error: SD that a fit takes, in `unit`; `error_basis` says whether it was printed, derived or declared.
        use: "calibrate" is fitted; "sign" is checked for its direction after the fit; "documented" is neither.
    """

    id: Id
    row: Text
    source: Id
    species: Text
    preparation: Text
    n: Annotated[int, Field(strict=True, gt=0)] | None = None
    product: Id | None = None
    units: Positive | None = None
    volume_ml: Positive | None = None
    endpoint: Text
    day: Number | None = None
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    unit: Text
    error: Positive | None = None
    error_basis: Literal["printed", "declared", "derived"] | None = None
    use: Literal["calibrate", "sign", "documented"]
    checked: Flag
    note: str = ""
