"""The needles against the record: the side of a spasm or a synkinesis, the muscle that a squint asks for."""

from __future__ import annotations

from collections.abc import Iterator

from endplate.check.finding import Finding
from endplate.check.visit import Visit, joined, said

HORIZONTAL = {"eso": "medial_rectus", "exo": "lateral_rectus"}
"""Which muscle of an eye is weakened: the one that pulls it where it stands."""
LARGEST_PD = 50.0
"""The widest angle for which a label prints a dose."""


def record(visit: Visit) -> Iterator[Finding]:
    """Sides and muscles that do not fit what the record says."""
    yield from _side(visit)
    yield from _healthy_side(visit)
    yield from _squint(visit)


def _side(visit: Visit) -> Iterator[Finding]:
    """Spasm or synkinesis of one side, and every needle on the other."""
    patient = visit.plan.patient
    entries = {"hemifacial_spasm": patient.spasm, "synkinesis": patient.synkinesis}
    for name in visit.indications:
        sides = {one.side for one in entries.get(name, ())}
        given = {one.side for one in visit.injections} & {"left", "right"}
        if len(sides) == 1 and given and not given & sides:
            yield visit.of_house(
                "side_differs",
                f"The record has the {sides.pop()} side; every needle is on the {given.pop()}.",
            )


def _healthy_side(visit: Visit) -> Iterator[Finding]:
    """An uneven smile is balanced on the healthy side."""
    sides = {one.side for one in visit.plan.patient.palsy}
    given = {one.side for one in visit.injections} & {"left", "right"}
    if "smile_asymmetry" in visit.indications and len(sides) == 1 and given == sides:
        yield visit.of_house(
            "side_differs",
            f"The palsy is on the {sides.pop()}, and every needle too: a smile is balanced on the healthy side.",
        )


def _squint(visit: Visit) -> Iterator[Finding]:
    """The eye and the muscle by the direction of the squint, and its size."""
    if "strabismus" not in visit.indications:
        return
    for squint in visit.plan.patient.squint:
        angle = squint.horizontal_pd
        recti = [one for one in visit.injections if one.muscle in HORIZONTAL.values()]
        if angle == 0 or not recti:
            continue
        direction = "eso" if angle > 0 else "exo"
        wrong = tuple(one for one in recti if one.muscle != HORIZONTAL[direction])
        if wrong:
            yield visit.of_house(
                "muscle_differs",
                f"The record has an {direction}tropia; weakening the {joined(one.muscle for one in wrong)} makes it "
                "larger.",
                where=visit.where(wrong, wrong[0].muscle, wrong[0].side),
            )
        if squint.eye is not None and all(one.side != squint.eye for one in recti):
            yield visit.of_house(
                "side_differs", f"The deviating eye is the {squint.eye} one; the needles are in the other."
            )
        if abs(angle) > LARGEST_PD:
            yield visit.of_house(
                "angle_beyond",
                f"{said(abs(angle))} prism dioptres; labels print doses up to {said(LARGEST_PD)}.",
                measured=abs(angle),
                limit=LARGEST_PD,
                unit="PD",
            )
