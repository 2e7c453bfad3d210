"""What preparation finds, as plain records. Volumes in mL and units are exact fractions of the numbers written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from endplate.catalogue.syringes import Syringe
from endplate.check.finding import Finding
from endplate.notice import BANNER

Order = Literal["face", "plan"]
OFF_LABEL = ("off_label", "trial")  # what stands in place of a jurisdiction where a use has no label


@dataclass(frozen=True)
class Dilution:
    """What is in the vial when it is drawn from.

    Attributes:
        basis: "plan" (its reconstitution), "label" (a dilution of the catalogue) or "liquid" (ready to use).
        vial_u, vial_ml: units in one vial, and the fluid in it.
        diluent: what is added; nothing for a liquid. note: what labels print, where the plan departs from it.
        use: what the label dilution is for. source, checked: of a label dilution or of a liquid's strength.
    """

    basis: Literal["plan", "label", "liquid"]
    vial_u: Fraction
    vial_ml: Fraction
    diluent: str = ""
    note: str = ""
    use: str = ""
    source: str = ""
    checked: bool = True

    @property
    def u_per_ml(self) -> Fraction:
        return self.vial_u / self.vial_ml

    @property
    def u_per_0_1_ml(self) -> Fraction:
        return self.u_per_ml / 10


@dataclass(frozen=True)
class Point:
    """One needle stick: planned, and as the marks allow it.

    Attributes:
        region: what part of the body it stands under; where: the place in words.
        units, volume_ml: as planned. holds_u: units in the planned volume at this dilution.
        pushed_ml, pushed_u: what goes in, mark to mark. syringe: counted from 1; 0 where nothing is pushed.
        from_ml, to_ml: the marks at which the plunger stands before and after.
        loud: the marks take it to nothing or change its units by more than the declared share.
    """

    id: str
    muscle: str
    side: str
    region: str
    where: str
    depth_mm: float | None
    layer: str | None
    units: Fraction
    volume_ml: Fraction
    holds_u: Fraction
    pushed_ml: Fraction
    pushed_u: Fraction
    loud: bool
    syringe: int = 0
    from_ml: Fraction = Fraction(0)
    to_ml: Fraction = Fraction(0)

    @property
    def difference_u(self) -> Fraction:
        return self.pushed_u - self.units

    @property
    def difference_share(self) -> Fraction:
        """Of the planned units."""
        return self.difference_u / self.units


@dataclass(frozen=True)
class Fill:
    """One filled syringe. Fluid taken from vials = injected + dead + drawing + rest, exactly.

    Attributes:
        draw_to_ml: mark to draw up to. ready_ml: mark at which the plunger stands once the air is out.
        injected_ml: all its points. dead_ml: stays in tip and needle. drawing_ml: goes away with the drawing needle.
        rest_ml: pushed out with the air, beyond what fills the fresh needle.
    """

    number: int
    draw_to_ml: Fraction
    ready_ml: Fraction
    injected_ml: Fraction
    dead_ml: Fraction
    drawing_ml: Fraction
    rest_ml: Fraction

    @property
    def taken_ml(self) -> Fraction:
        """Fluid that leaves the vials for this syringe."""
        return self.injected_ml + self.dead_ml + self.drawing_ml + self.rest_ml


@dataclass(frozen=True)
class Vials:
    """Vials and units of one sheet. prepared = injected + dead + drawing + rest + left, exactly.

    Attributes:
        needed: vials, with the fluid that stays in each. planned: vials that the plan names, None if it names none.
        opened: vials that the sheet opens: never more than the plan names.
        short_ml: what these do not give; short_heeded_ml: the same where care is taken. lacking: points without fluid.
        residue_ml: taken to stay in every vial that is emptied.
        dead_u, drawing_u, rest_u: in the syringes, as in `Fill`. left_u, left_ml: still in the vials at the end,
            below 0 where the vials hold less than all of it.
    """

    needed: int
    planned: int | None
    opened: int
    short_ml: Fraction
    short_heeded_ml: Fraction
    lacking: tuple[str, ...]
    residue_ml: Fraction
    taken_ml: Fraction
    prepared_u: Fraction
    planned_u: Fraction
    injected_u: Fraction
    dead_u: Fraction
    drawing_u: Fraction
    rest_u: Fraction
    left_u: Fraction
    left_ml: Fraction

    @property
    def drawn_u(self) -> Fraction:
        """Units that leave the vials."""
        return self.injected_u + self.dead_u + self.drawing_u + self.rest_u

    @property
    def total_share(self) -> Fraction:
        """How much more than planned all points together get, as a share of the plan."""
        return (self.injected_u - self.planned_u) / self.planned_u

    @property
    def wasted_u(self) -> Fraction:
        """Units made ready that no point gets."""
        return self.prepared_u - self.injected_u


@dataclass(frozen=True)
class UseBy:
    """How long the dissolved product may be used.

    Attributes:
        hours: what the newest text in force gives in this jurisdiction (elsewhere, where none is held: `own` False).
        dated: the date of that text, or "unknown". keep: how to keep it until then. note: what else the text says.
        made: time of dissolving, None where the plan has none. until: last moment, None unless the text is `own`.
    """

    hours: Fraction
    jurisdiction: str
    own: bool
    keep: str
    source: str
    checked: bool
    dated: str = "unknown"
    note: str = ""
    made: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class Sheet:
    """Everything to draw up and inject one session: one product alone.

    Attributes:
        session: counted from 1. plain: points without toxin, to be given from a syringe of its own.
        brand: the name on the box, as the plan says, else the product's only one, else empty.
        use_by: None for a ready-to-use liquid. storage: of the unopened vial, in words.
        loud: what must not be overlooked. notes: what should be known.
        sources: ids behind the sheet.
    """

    session: int
    product: str
    brand: str
    brands: tuple[str, ...]
    unit_name: str
    date: dt.date
    jurisdiction: str | None
    dilution: Dilution
    syringe: Syringe
    chosen: bool
    points: tuple[Point, ...]
    plain: tuple[Point, ...]
    fills: tuple[Fill, ...]
    vials: Vials
    use_by: UseBy | None
    storage: tuple[str, ...]
    lot: str | None
    expiry: dt.date | None
    loud: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Lowest:
    """Lowest force of one target muscle, as a share of that before treatment: as planned, and as pushed."""

    muscle: str
    side: str
    planned: float
    rounded: float

    @property
    def difference(self) -> float:
        return self.rounded - self.planned


@dataclass(frozen=True)
class Preparation:
    """A day's preparation: one sheet for each session, units of different products apart.

    Attributes:
        order: "face" (by region from above, from the midline outwards) or "plan".
        order_words: the order as it was really kept.
        lowest: target muscles simulated as planned and as the marks allow; empty where nothing was simulated.
        patient: what the plan tells of the person that the one who injects must know, in words.
        findings: what `check` says of these sessions by its rules, stops first. not_checked: why it says nothing.
        worse: stops of the plan as the marks allow it which the plan as written has not.
        remarks: about the day as a whole: in the past, several products, one vial for two sessions.
        not_simulated: why not; empty where it was. aside: targets that the simulation leaves out, in a sentence.
    """

    title: str
    date: dt.date
    order: Order
    order_words: str
    sheets: tuple[Sheet, ...]
    patient: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_checked: str = ""
    worse: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    lowest: tuple[Lowest, ...] = ()
    not_simulated: str = ""
    aside: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    banner: str = BANNER

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What `check` stops, of the plan as written, then of the plan as the marks allow it."""
        return (*(one for one in self.findings if one.severity == "stop"), *self.worse)

    @property
    def cautions(self) -> int:
        """How many cautions `check` has."""
        return sum(one.severity == "caution" for one in self.findings)

    @property
    def largest(self) -> Lowest | None:
        """The target whose lowest force the marks change most."""
        return max(self.lowest, key=lambda one: abs(one.difference), default=None)
